"""A person's suppliers: each row placed, corrected or refused, and answered for."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from layers.export.csv import excel_bytes
from territory import communes, directory, employers, settings, supplier_import
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import geocodage, recherche
from territory.supplier_file import RawFile, guess_columns, read_file
from territory.supplier_rows import Imported, cleaned, siret_of, suppliers
from territory.suppliers import Criteria
from tests.doubles.server import Double
from tests.doubles.world import World, luhn_key
from tests.territory.french import is_french_sentence

DAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as fast as the machine can."""
    monkeypatch.setattr(recherche, "PER_SECOND", 2000.0)
    monkeypatch.setattr("tests.doubles.server.PER_SECOND", 10_000)
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)


def file(*rows: str, header: str = "Nom;SIRET;Adresse;CP;Commune;Insee;Lat;Lon;Filière;Portée;ESS"
         ) -> tuple[RawFile, dict[str, str]]:
    raw = read_file("mes-fournisseurs.csv", "\n".join([header, *rows]).encode())
    return raw, guess_columns(raw.table)


def placed(*rows: str, **options: object) -> Imported:
    raw, mapping = file(*rows)
    return suppliers(raw, mapping, day=DAY, **options)


def told(made: Imported) -> list[tuple[str, str]]:
    return list(zip(made.report["etat"], made.report["detail"], strict=True))


def settings_for(double: Double, folder: Path, **others: str) -> Settings:
    return settings.load({**double.environment, "TERRITORY_DATA_DIR": str(folder), **others})


def test_each_kind_of_place_is_taken_and_said() -> None:
    made = placed(
        "A;;;;;;45.0441;5.0511;;;",
        "B;;;;;01004;;;;;",
        "C;;;;;1004;;;;;",
        "D;;;20167;Ajaccio;;;;;;",
        "E;;;1000;bourg en bresse;;;;;;",
    )
    assert made.table["code_insee"].tolist() == ["26281", "01004", "01004", "2A004", "01053"]
    assert made.table["precision_geo"].tolist() == ["adresse"] + ["commune"] * 4
    assert made.table["code_postal"].tolist() == ["", "", "", "20167", "01000"]
    home = communes.get("01004")
    assert made.table.loc[1, ["longitude", "latitude"]].tolist() == [home.longitude, home.latitude]
    assert [state for state, _ in told(made)] == ["gardée", "gardée", "corrigée", "gardée",
                                                  "corrigée"]
    assert "zéro de tête du code Insee remis" in told(made)[2][1]
    assert set(made.table["source_date"]) == {"2026-11-24"}
    ETABLISSEMENTS.validate(made.table)


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        ("5,0511", "45,0441", "étaient inversées"),
        ("6440000", "862000", "Lambert 93"),
        ("48.0", "-12.0", "hors de France"),
        ("nan", "nan", "hors de France"),
        ("ici", "là", "coordonnées illisibles"),
    ],
)
def test_wrong_coordinates_are_corrected_or_refused(lat: str, lon: str, said: str) -> None:
    made = placed(f"A;;;26100;Romans-sur-Isère;;{lat};{lon};;;")
    assert said in told(made)[0][1]
    if len(made.table):
        assert made.table.loc[0, "code_departement"] == "26"


def test_coordinates_win_over_the_commune_and_it_is_said() -> None:
    made = placed("A;;;26000;Valence;;45.0441;5.0511;;;")
    assert made.table.loc[0, "code_insee"] == "26281"
    (state, why), = told(made)
    assert state == "corrigée"
    assert "Romans-sur-Isère (26, Drôme), et non à Valence" in why


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (";;;;;26281;;;;;", "pas de nom"),
        ("A;;;;;;;;;;", "aucun lieu reconnu"),
        ("A;;;26300;;;;;;;", "plusieurs communes possibles : "),
        ("A;;;;Saint-Denis;;;;;;", "plusieurs communes possibles : "),
        ("A;;;;Nulle-Part-sur-Rien;;;;;;", "aucun lieu reconnu"),
    ],
)
def test_what_has_no_place_or_no_name_is_refused(row: str, said: str) -> None:
    made = placed(row)
    assert made.table.empty
    assert told(made)[0][0] == "refusée"
    assert said in told(made)[0][1]


def test_a_supplier_comes_once() -> None:
    siret = "30000001" + luhn_key("30000001") + "0001"
    siret += luhn_key(siret)
    made = placed(f"A;{siret};;;;26281;;;;;", f"Autre nom;{siret};;;;26281;;;;;",
                  "B;;1 rue fictive;;;26281;;;;;", "b;;1, RUE FICTIVE;;;26281;;;;;",
                  "B;;2 rue fictive;;;26281;;;;;")
    assert [state for state, _ in told(made)] == ["gardée", "refusée", "gardée", "refusée",
                                                  "gardée"]
    assert "ligne 2" in told(made)[1][1]


@pytest.mark.parametrize(
    ("written", "read"),
    [("30000001600012", ""), ("", ""), ("abc", ""), ("123", ""), ("0" * 15, "")],
)
def test_a_wrong_siret_is_none(written: str, read: str) -> None:
    assert siret_of(written) == read


def test_a_siret_keeps_or_finds_its_zeros() -> None:
    base = "0056201" + "40"
    siret = base + "0001"
    siret += luhn_key(siret)
    assert siret_of(siret) == siret
    assert siret_of(siret.lstrip("0")) == siret
    assert siret_of(f"{siret[:3]} {siret[3:6]} {siret[6:9]}\u00a0{siret[9:]}") == siret


def test_trades_ranges_and_flags_are_read_and_the_rest_is_unknown() -> None:
    made = placed(
        "A;;;;;26281;;;restauration | Numérique;30 km;oui",
        "B;;;;;26281;;;cirque;26;non",
        "C;;;;;26281;;;;;peut-être",
    )
    table = made.table
    assert table["filiere"].tolist() == ["Restauration ; Numérique", "inconnue", "inconnue"]
    assert table["filiere_origine"].tolist() == ["declaree", "inconnue", "inconnue"]
    assert table["activite"].tolist() == ["", "cirque", ""]
    assert table["portee"].tolist() == ["30 km", "", ""], "a bare number could be both"
    assert table["est_ess"].tolist() == ["oui", "non", "inconnu"]
    assert table["est_ess_source"].tolist() == ["Fichier importé", "Fichier importé", ""]
    assert set(table["est_siae"]) == {"inconnu"}
    assert "non comprise" in told(made)[1][1]


def test_a_file_without_names_nor_siret_is_refused() -> None:
    raw = read_file("a.csv", b"12;34\n56;78\n")
    with pytest.raises(InvalidInputError) as caught:
        suppliers(raw, {}, day=DAY)
    assert is_french_sentence(caught.value.user_message)


def test_a_list_of_siret_alone_is_completed_by_the_service(tmp_path: Path) -> None:
    world = World.small()
    wanted = [e for u in world.units for e in u.establishments
              if u.ess and u.state == e.state == "A" and u.diffusion == e.diffusion == "O"
              and u.category != "1000"][:12]
    hidden = next(e for u in world.units for e in u.establishments if e.diffusion == "P")
    closed = next(e for u in world.units for e in u.establishments
                  if e.state == "F" and u.state == "A" and u.diffusion == "O")
    unknown = "39999999" + luhn_key("39999999") + "0001"
    unknown += luhn_key(unknown)
    listed = [e.siret for e in wanted] + [hidden.siret, closed.siret, unknown]
    raw, mapping = file(*listed, header="siret")
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        asked = supplier_import.needs(raw, mapping, current)
        assert set(asked.sirets) == set(listed)
        assert "15\u00a0SIRET à l’API" in asked.sentence()
        made = supplier_import.bring(raw, mapping, current, ask=True)
        assert double.refused() == []
        assert {entry.params["q"] for entry in double.searches()} == set(listed)
    assert made.failure == ""
    assert made.table["siret"].tolist() == [e.siret for e in wanted]
    for row, e in zip(made.table.itertuples(), wanted, strict=True):
        unit = world.by_siren[e.siren]
        assert row.nom == unit.name
        assert row.code_insee == e.commune
        assert row.est_ess == "oui"
        assert row.est_siae == ("oui" if unit.siae else "inconnu")
        assert row.est_employeur == ("oui" if e.siret in world.employers([e.commune]) else
                                     row.est_employeur)
    said = dict(zip(made.report["nom"], made.report["detail"], strict=True))
    assert "non diffusible" in said[hidden.siret]
    assert "fermé" in said[closed.siret]
    assert "inconnu de l’API" in said[unknown]
    assert "[NON-DIFFUSIBLE]" not in made.table.to_csv() + made.report.to_csv()


def test_what_this_machine_knows_is_not_asked(tmp_path: Path) -> None:
    world = World.small()
    codes = employers.communes_of(Perimeter.around_commune(communes.get("26281"), 3))
    siret = sorted(world.employers(["26281"]))[0]
    raw, mapping = file(f"Mon nom à moi;{siret};;;;;;;Restauration;;", header=(
        "Nom;SIRET;Adresse;CP;Commune;Insee;Lat;Lon;Filière;Portée;ESS"))
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
        double.log.clear()
        assert not supplier_import.needs(raw, mapping, current)
        made = supplier_import.bring(raw, mapping, current, ask=True)
        assert double.log == []
    row = made.table.iloc[0]
    assert (row["nom"], row["code_insee"], row["est_ess"]) == ("Mon nom à moi", "26281", "oui")
    assert (row["filiere"], row["filiere_origine"]) == ("Restauration", "declaree")
    assert "API Recherche d’entreprises" in row["est_ess_source"]
    assert "placé d’après son SIRET" in told(made)[0][1]


ADDRESSES = ("A;;12 rue fictive;26100;Romans-sur-Isère;;;;;;",
             "B;;place fictive;26000;Valence;;;;;;",
             "C;;1 rue introuvable;26100;Romans-sur-Isère;;;;;;",
             "D;;\"4 rue \"\"fictive\"\"; bât. B\";26100;Romans-sur-Isère;;;;;;",
             "E;;9 rue fictive;;;;45.0441;5.0511;;;", "F;;;26100;Romans-sur-Isère;;;;;;")


def test_addresses_are_geocoded_in_chunks_and_only_they_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geocodage, "CHUNK", 2)
    heard: list[tuple[int, int | None]] = []

    class Heard(Watch):
        def tell(self, done: int, total: int | None, label: str) -> None:
            heard.append((done, total))

    raw, mapping = file(*ADDRESSES)
    with Double(World.small()) as double:
        current = settings_for(double, tmp_path)
        asked = supplier_import.needs(raw, mapping, current)
        assert asked.addresses.index.tolist() == [2, 3, 4, 5]
        made = supplier_import.bring(raw, mapping, current, ask=True, watch=Heard())
        assert [entry.path for entry in double.log] == ["/geo/geocodage/search/csv"] * 2
    assert made.table["precision_geo"].tolist() == ["adresse", "commune", "commune", "adresse",
                                                    "adresse", "commune"]
    home = communes.get("26281")
    assert made.table.loc[0, "longitude"] == pytest.approx(home.longitude + 0.004, abs=1e-5)
    assert "trop incertaine (note 0,32)" in told(made)[2][1]
    assert heard == [(0, 4), (2, 4), (4, 4)]


def test_a_geocoder_that_fails_leaves_the_commune_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.doubles.geoplateforme.Geoplateforme.answer",
                        lambda *_: (b"<html>maintenance</html>", "text/html"))
    raw, mapping = file(*ADDRESSES)
    with Double(World.small()) as double:
        made = supplier_import.bring(raw, mapping, settings_for(double, tmp_path), ask=True)
    assert "Géoplateforme" in made.failure
    assert is_french_sentence(made.failure)
    assert made.table["precision_geo"].tolist() == ["commune"] * 4 + ["adresse", "commune"]


@pytest.mark.parametrize(
    "answer", [b"", b"rang\n0\n", b"\xff\xfe\x00", b"rang,longitude\n0,5\n1,5\n2,5\n3,5\n"]
)
def test_an_answer_of_another_form_is_said(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.doubles.geoplateforme.Geoplateforme.answer",
                        lambda *_: (answer, "text/csv"))
    raw, mapping = file(*ADDRESSES)
    with Double(World.small()) as double:
        made = supplier_import.bring(raw, mapping, settings_for(double, tmp_path), ask=True)
    assert is_french_sentence(made.failure)
    assert len(made.table) == 6


def test_offline_and_stopped_imports_keep_what_they_can(tmp_path: Path) -> None:
    class Stopped(Watch):
        @property
        def stopped(self) -> bool:
            return True

    raw, mapping = file(*ADDRESSES)
    with Double(World.small()) as double:
        offline = settings_for(double, tmp_path, TERRITORY_OFFLINE="1")
        made = supplier_import.bring(raw, mapping, offline, ask=True)
        assert "TERRITORY_OFFLINE" in made.failure
        stopped = supplier_import.bring(raw, mapping, settings_for(double, tmp_path), ask=True,
                                        watch=Stopped())
        assert double.log == []
    assert "Arrêté" in stopped.failure
    assert len(made.table) == len(stopped.table) == 6


def test_saved_at_home_and_read_back_it_is_the_same(tmp_path: Path) -> None:
    raw, mapping = file(*ADDRESSES, "=G;;;;;2A004;;;Restauration | Numérique;zones : 26, R84;oui")
    with Double(World.small()) as double:
        current = settings_for(double, tmp_path)
        made = supplier_import.bring(raw, mapping, current, ask=True)
        double.log.clear()
        saved = read_file("mes-fournisseurs.csv", excel_bytes(cleaned(made)))
        again = supplier_import.bring(saved, guess_columns(saved.table), current)
        assert double.log == []
    assert again.count("refusée") == 0
    same = ["siret", "adresse", "code_insee", "longitude", "latitude", "filiere", "portee",
            "est_ess", "est_siae", "activite"]
    pd.testing.assert_frame_equal(again.table[same], made.table[same])
    assert again.table["nom"].tolist()[:-1] == made.table["nom"].tolist()[:-1]
    assert again.table["nom"].iloc[-1].endswith("=G"), "neutralised for the spreadsheet"


def test_own_suppliers_join_the_search() -> None:
    here = Perimeter.around_commune(communes.get("26281"), 10)
    before = directory.search(here, Criteria(), directory.extract())
    made = placed("A;;;;;26281;;;Restauration;30 km;", "B;;;;;75056;;;;;")
    after = directory.search(here, Criteria(), directory.extract(), made.table)
    assert len(after.found) == len(before.found) + 1
    assert after.own == 1
    row = after.found[after.found["nom"] == "A"].iloc[0]
    assert row["dessert_le_centre"] == "oui"
    assert "1 fournisseur vient d’un fichier importé" in after.note().replace("\u00a0", " ")
