"""The fact tables: an unknown never becomes a no, nothing is invented."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from territory import filieres, schemas
from territory.sources import faits

HEADER = (
    "nom,forme,famille_ess,est_siae,commune,code_insee,code_departement,adresse,activite,filiere,"
    "effectif_source,site_web,source_url,source_titre,source_date,verifie"
)
AURA_HEADER = (
    "nom,famille_ess,adresse,commune,code_insee,latitude,longitude,activite,source,date_maj"
)
MAIN = """\
Ferme A,association,association,non,Romans,26281,26,,légumes,Agriculture et alimentation,\
12 salariés,,https://a.example,Page A,2020,nom+commune
ESAT B,esat,association,inconnu,Romans,26281,26,,blanchisserie,Textile et artisanat,,,\
https://b.example,Page B,,nom
Atelier C,inconnue,association,oui,Lyon,69123,69,,menuiserie,Habitat,30 places,,\
https://www.Hosmoz.fr/c,Page C,,nom
Menuiserie D,scop,cooperative,oui,Lyon,69123,69,1 rue D,bois,Habitat,5 ETP,,https://d.example,\
Page D,,d'après le nom
Centre E,association,inconnue,inconnu,Romans,26281,26,,social,Action sociale,2 bénévoles,,\
https://e.example,Page E,,nom
"""
AURA = """\
CENTRE  é,association,2 place E,Romans,26281,45.05,5.06,médiation numérique,Hinaura,2021-05-12
Centre F,inconnue,3 rue F,Romans,26281,45.06,5.07,médiation numérique,Hinaura,2022-01-01
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    (tmp_path / "ess_structures.csv").write_text(f"{HEADER}\n{MAIN}", encoding="utf-8")
    (tmp_path / "ess_structures_aura.csv").write_text(f"{AURA_HEADER}\n{AURA}", encoding="utf-8")
    return tmp_path


@pytest.fixture
def built(toy: Path, communes: pd.DataFrame) -> pd.DataFrame:
    return faits.structures(toy, communes).set_index("nom")


# --- Toy tables ------------------------------------------------------------------------------


def test_a_no_read_on_a_page_is_not_a_no(built: pd.DataFrame) -> None:
    assert built.loc["Ferme A", "est_siae"] == "inconnu"
    assert built.loc["Menuiserie D", "est_siae"] == "oui"


def test_esat_are_shown_as_such(built: pd.DataFrame) -> None:
    for name in ("ESAT B", "Atelier C"):  # by its form, by its directory
        assert built.loc[name, "famille_ess"] == "esat_ea"
        assert built.loc[name, "est_ess"] == "inconnu"
    assert built.loc["Ferme A", "est_ess"] == "oui"
    assert built.loc["Centre E", "est_ess"] == "inconnu"


def test_employers_are_known_by_what_the_source_says(built: pd.DataFrame) -> None:
    assert built["est_employeur"].to_dict() == {
        "Ferme A": "oui", "ESAT B": "inconnu", "Atelier C": "inconnu", "Menuiserie D": "oui",
        "Centre E": "inconnu", "Centre F": "inconnu",
    }


def test_a_trade_read_from_the_name_is_not_declared(built: pd.DataFrame) -> None:
    assert built.loc["Menuiserie D", "filiere_origine"] == "inconnue"
    assert built.loc["Ferme A", "filiere_origine"] == "declaree"


def test_one_structure_in_two_files_is_one(built: pd.DataFrame) -> None:
    assert len(built) == 6
    both = built.loc["Centre E"]
    # Placed by the more precise file, described by the other.
    assert (both["longitude"], both["latitude"], both["precision_geo"]) == (5.06, 45.05, "adresse")
    assert both["adresse"] == "2 place E"
    assert both["source"] == "Page E"


def test_a_place_known_by_its_commune_says_so(
    built: pd.DataFrame, communes: pd.DataFrame
) -> None:
    farm, home = built.loc["Ferme A"], communes.loc["26281"]
    assert (farm["longitude"], farm["latitude"]) == (home["longitude"], home["latitude"])
    assert farm["precision_geo"] == "commune"
    assert built.loc["Menuiserie D", "precision_geo"] == "commune"
    assert farm["code_postal"] == "26100"
    # Lyon has several postcodes: which one applies is unknown.
    assert built.loc["Menuiserie D", "code_postal"] == ""


def test_an_unknown_commune_stops_the_build(toy: Path, communes: pd.DataFrame) -> None:
    path = toy / "ess_structures.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("26281,26,,légumes", "99999,26,,lég"))
    with pytest.raises(KeyError, match="99999"):
        faits.structures(toy, communes)


def test_empty_cells_stay_empty_texts(toy: Path) -> None:
    assert faits.read(toy, "ess_structures")["adresse"].tolist() == ["", "", "", "1 rue D", ""]


# --- The real extract ------------------------------------------------------------------------


def test_the_stored_extract_is_what_the_facts_give(
    facts: Path, communes: pd.DataFrame, structures: pd.DataFrame
) -> None:
    again = faits.structures(facts, communes)[schemas.STRUCTURES.names]
    pd.testing.assert_frame_equal(again, structures, check_dtype=False)


def test_the_extract_keeps_its_schema(structures: pd.DataFrame) -> None:
    schemas.STRUCTURES.validate(structures)
    assert structures["id"].tolist() == list(range(len(structures)))


def test_no_real_esat_is_called_ess(structures: pd.DataFrame, facts: Path) -> None:
    shown = structures[structures["famille_ess"] == "esat_ea"]
    assert len(shown) > 5
    assert not (shown["est_ess"] == "oui").any()
    raw = faits.read(facts, "ess_structures")
    names = set(raw.loc[raw["forme"].isin(["esat", "ea"]), "nom"])
    assert not (structures.loc[structures["nom"].isin(names), "est_ess"] == "oui").any()


def test_siae_is_never_denied(structures: pd.DataFrame) -> None:
    assert set(structures["est_siae"]) == {"oui", "inconnu"}
    assert set(structures["est_ess"]) <= {"oui", "inconnu"}
    assert set(structures["est_employeur"]) <= {"oui", "inconnu"}
    assert set(structures["est_esus"]) == {"inconnu"}


def test_every_row_has_a_source(structures: pd.DataFrame) -> None:
    assert (structures["source"].str.strip() != "").all()
    sourced = structures["source_url"].str.match(r"https?://[^\s<>\"']+$")
    hinaura = structures["source"].str.contains("Hinaura")
    assert (sourced | hinaura).all()
    sites = structures["site_web"]
    assert sites[sites != ""].str.match(r"https?://[^\s<>\"']+$").all()


def test_no_number_is_invented(structures: pd.DataFrame, facts: Path) -> None:
    # No source table holds a SIRET, a SIREN, a NAF code or a delivery range.
    for column in ("siret", "siren", "naf", "portee", "tranche_effectif"):
        assert set(structures[column]) == {""}
    for name in ("ess_structures", "ess_structures_aura"):
        assert not {"siret", "siren", "naf"} & set(faits.read(facts, name).columns)


def test_communes_of_structures_exist_under_their_official_name(
    structures: pd.DataFrame, communes: pd.DataFrame
) -> None:
    home = communes.loc[structures["code_insee"]]
    assert home["nom"].tolist() == structures["commune"].tolist()
    assert home["code_departement"].tolist() == structures["code_departement"].tolist()


def test_addresses_lie_near_their_commune(
    structures: pd.DataFrame, contours: pd.Series
) -> None:
    import shapely

    points = shapely.points(structures["longitude"], structures["latitude"])
    away = shapely.distance(contours.reindex(structures["code_insee"]).to_numpy(), points)
    # Degrees: some 2 km for a geocoded address on the other side of a simplified border.
    assert structures.loc[away > 0.02, ["nom", "commune"]].to_numpy().tolist() == []


def test_trades_are_those_of_the_table(structures: pd.DataFrame) -> None:
    assert set(structures["filiere"]) <= {*filieres.names(), filieres.UNKNOWN}


def test_no_structure_twice(structures: pd.DataFrame) -> None:
    from territory.text import fold

    keys = [fold(n) + c for n, c in zip(structures["nom"], structures["code_insee"], strict=True)]
    assert len(set(keys)) == len(keys)
