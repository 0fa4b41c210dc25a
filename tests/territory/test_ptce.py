"""PTCE: the checks of the facts table, and what a perimeter meets."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from territory import communes as communes_module
from territory import ptce as module
from territory import schemas, store
from territory.errors import DataError, InvalidInputError
from territory.perimeter import Perimeter
from territory.sources import faits, poles
from tests.territory.french import is_french_sentence


@pytest.fixture(scope="module")
def source(facts) -> pd.DataFrame:
    return faits.read(facts, "ptce")


def test_the_stored_table_is_the_source_s(source: pd.DataFrame, ptce: pd.DataFrame) -> None:
    schemas.PTCE.validate(ptce)
    assert sorted(ptce["nom"]) == sorted(source["nom"])


def test_the_stored_tables_are_what_the_facts_give(facts, communes: pd.DataFrame) -> None:
    made = poles.table(facts, communes)[schemas.PTCE.names]
    assert store.to_parquet_bytes(made) == store.path("ptce.parquet").read_bytes()
    told = poles.complements(facts)
    schemas.PTCE_FACTS.validate(told)
    assert store.to_parquet_bytes(told) == store.path("ptce_faits.parquet").read_bytes()


def test_a_contribution_kept_in_the_facts_reaches_the_table(
    facts, communes: pd.DataFrame, tmp_path
) -> None:
    for name in ("ptce", "ptce_complements", "ptce_contributions"):
        shutil.copy(facts / f"{name}.csv", tmp_path)
    sent = tmp_path / "ptce_contributions.csv"
    sent.write_text(
        "nom;nom_court;commune;code_insee;precision;region;statut;source_titre;filiere;situation\n"
        "Pôle d’essai;Essai;Ajaccio;2A004;commune;Corse;ptce_cite_par_cress;CRESS;;\n"
        "JADES;;;;;;;CRESS Réunion;emploi;actif\n", encoding="utf-8")
    made = poles.table(tmp_path, communes)[schemas.PTCE.names]
    schemas.PTCE.validate(made)
    made = made.set_index("nom")
    assert made.loc["Pôle d’essai", ["code_insee", "code_region", "resolution"]].tolist() == [
        "2A004", "94", "commune"]
    assert made.loc["JADES", ["filiere", "situation", "situation_source"]].tolist() == [
        "emploi", "actif", "CRESS Réunion"]
    sent.write_text("nom;source_titre;statut\nJADES;CRESS;faux\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        poles.table(tmp_path, communes)
    assert is_french_sentence(caught.value.user_message)
    assert "Ligne 2" in caught.value.user_message


def test_every_status_has_its_year_or_none(ptce: pd.DataFrame) -> None:
    for codes, years in ptce[["statut", "annees_statut"]].itertuples(index=False):
        assert codes.count(";") == years.count(";")
    years = set(ptce["annees_statut"].str.split(";").explode())
    assert years <= {"", "2011-2012", *(str(year) for year in range(2012, 2027))}
    bretagne = ptce[ptce["nom_court"] == "Mady&co"]
    assert bretagne["annees_statut"].tolist() == ["2025"]


def test_the_way_an_area_was_found_is_said(ptce: pd.DataFrame) -> None:
    levels = {"commune": "commune", "epci_nom": "epci", "epci_releve": "epci",
              "departement_nom": "departement", "departement_releve": "departement",
              "region": "region"}
    drawn = module.table()
    assert (drawn["resolution"].map(levels) == drawn["niveau"]).all()
    proved = set(ptce.loc[ptce["resolution"].str.endswith("_releve"), "nom_court"])
    told = module.facts()
    assert proved == set(told.loc[told["champ"].str.startswith("code_"), "nom_court"])


def test_a_pole_is_found_by_any_of_its_names() -> None:
    for name in ("Pôle Sud Archer", "pole sud rhone-alpes", "POLE SUD ARCHER"):
        assert module.get(name)["code_insee"] == "26281"
    for name in ("zzz", "", "pôle"):
        with pytest.raises(InvalidInputError) as caught:
            module.get(name)
        assert is_french_sentence(caught.value.user_message)


def test_codes_are_current_communes_under_their_name(
    source: pd.DataFrame, communes: pd.DataFrame
) -> None:
    known = source[source["code_insee"] != ""]
    assert len(known) > 40
    home = communes.loc[known["code_insee"]]
    assert (home["type"] == "COM").all()
    assert home["nom"].tolist() == known["commune"].tolist()
    assert home["nom_region"].tolist() == known["region"].tolist()


def test_commune_code_and_precision_agree(source: pd.DataFrame) -> None:
    exact = source["precision"] == "commune"
    assert ((source["code_insee"] != "") == exact).all()
    assert ((source["commune"] != "") == exact).all()
    assert set(source["precision"]) == set(module.SCALES)


@pytest.mark.parametrize("column", ["nom", "nom_court"])
def test_no_duplicates(source: pd.DataFrame, column: str) -> None:
    assert source[column].is_unique
    assert (source[column].str.strip() == source[column]).all()
    assert (source[column] != "").all()


def test_lists_are_aligned(source: pd.DataFrame, ptce: pd.DataFrame) -> None:
    for table in (source, ptce):
        counts = table[["source_url", "source_titre", "source_date"]].map(
            lambda text: len(text.split(";"))
        )
        assert (counts["source_url"] == counts["source_titre"]).all()
        # No page of the row is dated: one empty text instead of empty slots.
        dated = table["source_date"] != ""
        assert (counts["source_url"] == counts["source_date"])[dated].all()


def test_every_row_cites_a_source(ptce: pd.DataFrame) -> None:
    assert (ptce["source_titre"].str.strip() != "").all()
    urls = ptce["source_url"].str.split(";").explode()
    assert urls[urls != ""].str.match(r"https?://[^\s<>\"']+$").all()
    # An address is missing only where the founding text is cited by its title.
    titles = ptce["source_titre"].str.split(";").explode()
    assert titles[(urls == "").to_numpy()].str.contains("Propositions").all()


def test_regions_exist(ptce: pd.DataFrame, communes: pd.DataFrame) -> None:
    regions = communes.drop_duplicates("code_region").set_index("code_region")["nom_region"]
    assert ptce["code_region"].map(regions).tolist() == ptce["region"].tolist()


def test_statuses_have_words(ptce: pd.DataFrame) -> None:
    used = set(ptce["statut"].str.split(";").explode())
    assert used == set(module.STATUSES)


def test_years_are_years(ptce: pd.DataFrame) -> None:
    assert ptce["annee_creation"].dropna().between(1980, 2026).all()


def test_no_point_where_the_commune_is_unknown(
    ptce: pd.DataFrame, communes: pd.DataFrame
) -> None:
    exact = ptce["precision"] == "commune"
    for column in ("code_insee", "commune", "longitude", "latitude"):
        assert (ptce[column].notna() == exact).all()
    home = communes.loc[ptce.loc[exact, "code_insee"]]
    assert home["longitude"].tolist() == ptce.loc[exact, "longitude"].tolist()
    assert home["latitude"].tolist() == ptce.loc[exact, "latitude"].tolist()


def test_each_pole_is_drawn_at_the_narrowest_known_unit() -> None:
    table = module.table()
    assert table["niveau"].notna().all()
    assert table["code"].notna().all()
    allowed = {
        "commune": {"commune"},
        "intercommunalite": {"epci", "departement", "region"},
        "departement": {"departement"},
        "region": {"region"},
    }
    for precision, rows in table.groupby("precision"):
        assert set(rows["niveau"]) <= allowed[str(precision)]
    for level, rows in table.groupby("niveau"):
        assert set(rows["code"]) <= set(communes_module.units(level).index)


def test_labels_are_words_and_not_codes() -> None:
    labels = module.table()["statut_libelle"]
    assert not labels.str.contains("_").any()
    assert not labels.str.contains(";").any()


def test_epci_are_recognised_by_their_name_only(
    facts, communes: pd.DataFrame
) -> None:
    table = poles.table(facts, communes).set_index("nom_court")
    epci = communes.drop_duplicates("code_epci").set_index("code_epci")["nom_epci"]
    resolved = table[table["resolution"] == "epci_nom"]
    assert (resolved["precision"] == "intercommunalite").all()
    for area, name in zip(resolved["territoire"], resolved["code_epci"].map(epci), strict=True):
        assert area in name
    assert "Eurométropole de Strasbourg" in set(resolved["territoire"])
    assert "Hénin-Carvin" in set(resolved["territoire"])
    # A pays or a bassin d'emploi is no EPCI: none is guessed.
    assert "agglomération grenobloise" not in set(resolved["territoire"])


def test_a_perimeter_meets_its_poles() -> None:
    romans = Perimeter.around_commune(communes_module.get("26281"), 10)
    found = module.within(romans)
    archer = found[found["nom"] == "Pôle Sud Archer"]
    assert archer["distance_km"].tolist() == [0.0]
    points = found[found["niveau"] == "commune"]
    assert (points["distance_km"] <= 10).all()
    assert points["distance_km"].is_monotonic_increasing
    # Wide ones follow, without an invented distance.
    wide = found[found["niveau"] != "commune"]
    assert found["niveau"].tolist() == ["commune"] * len(points) + wide["niveau"].tolist()
    assert wide["distance_km"].isna().all()
    assert set(wide.loc[wide["niveau"] == "region", "code"]) == {"84"}
    order = ["epci", "departement", "region"]
    assert wide["niveau"].map(order.index).is_monotonic_increasing


@pytest.mark.parametrize("code", ["26281", "69123", "75056", "97411", "59350"])
@pytest.mark.parametrize("radius", [1, 25, 80, 200])
def test_points_are_those_within_the_geodesic_distance(
    code: str, radius: int, ptce: pd.DataFrame
) -> None:
    centre = communes_module.get(code)
    placed = ptce[ptce["precision"] == "commune"]
    n = len(placed)
    metres = Geod(ellps="WGS84").inv(
        [centre.longitude] * n, [centre.latitude] * n, placed["longitude"], placed["latitude"]
    )[2]
    # A pole of the centre commune is at its reference point, hence at 0 km.
    expected = set(placed["nom"][np.asarray(metres) <= radius * 1000])
    found = module.within(Perimeter.around_commune(centre, radius))
    assert set(found.loc[found["niveau"] == "commune", "nom"]) == expected


def test_areas_are_those_the_circle_touches() -> None:
    perimeter = Perimeter.around_commune(communes_module.get("67482"), 20)  # Strasbourg
    found = module.within(perimeter)
    table = module.table()
    for level in ("epci", "departement", "region"):
        shapes = communes_module.simplified_contours(level)
        touched = set(shapes.index[shapes.intersects(perimeter.outline())])
        rows = table[(table["niveau"] == level) & table["code"].isin(touched)]
        assert set(found.loc[found["niveau"] == level, "nom"]) == set(rows["nom"])
    assert "PTCE Stras Eco Renov" in set(found["nom"])


def test_a_wider_perimeter_meets_at_least_as_many() -> None:
    smaller: set[str] = set()
    for radius in (0.1, 20, 100, 300):
        around = Perimeter.around_commune(communes_module.get("69123"), radius)
        names = set(module.within(around)["nom"])
        assert smaller <= names
        smaller = names
    assert len(smaller) > 20


def test_the_réunion_meets_only_its_own() -> None:
    found = module.within(Perimeter.around_commune(communes_module.get("97411"), 100))
    assert set(found["code_region"]) == {"04"}
    assert len(found) == 5


def test_nothing_stored_is_an_object_the_page_cannot_write(ptce: pd.DataFrame) -> None:
    json.dumps(json.loads(ptce.to_json(orient="records")))
    assert len(store.read("ptce")) == len(ptce)
