"""The command line, called in process."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from territory import catalog, cli, communes, indicators, settings, store, suppliers
from territory.errors import DataError, SourceError
from territory.perimeter import Perimeter
from territory.schemas import SUPPLIERS
from tests.doubles.server import Double
from tests.territory.french import is_french_sentence


class Run:
    """What a command answered."""

    def __init__(self, code: int, out: bytes, err: str) -> None:
        self.code, self.raw, self.out, self.err = code, out, out.decode(errors="replace"), err

    @property
    def json(self):
        return json.loads(self.out)

    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]):
    def call(*argv: str) -> Run:
        try:
            code = cli.main(list(argv))
        except SystemExit as stop:  # argparse prints the help then leaves
            code = int(stop.code or 0)
        out, err = capfdbinary.readouterr()
        return Run(code, out, err.decode())

    return call


def is_one_french_error(err: str) -> bool:
    """One line, one sentence; argparse's own faults are followed by where to read the help."""
    (line,) = err.splitlines()
    sentence, _, _ = line.partition(" Aide : ")
    return line.startswith("Erreur : ") and is_french_sentence(
        sentence.removeprefix("Erreur : ").capitalize()
    )


# --- Help and faults -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv", [[], ["suppliers"], ["communes"], ["indicators"], ["sources"], ["settings"],
             ["build-embedded"]]
)
def test_help_is_french(run, argv: list[str]) -> None:
    found = run(*argv, "--help")
    assert found.code == 0
    assert found.out.startswith("Usage : python -m territory")
    assert "Affiche cette aide." in found.out
    for english in ("usage:", "optional", "positional", "show this", "arguments:"):
        assert english not in found.out


def test_no_command_prints_the_help_and_fails(run) -> None:
    found = run()
    assert found.code == 2
    assert found.out == ""
    assert "Commandes" in found.err


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["licornes"], "choix inconnu"),
        (["communes"], "il manque"),
        (["communes", "romans", "--limite", "x"], "nombre entier attendu"),
        (["communes", "romans", "--limite", "0"], "au moins 1"),
        (["communes", "romans", "--format", "xml"], "choix possibles : texte, json"),
        (["communes", "Atlantide"], "Aucune commune trouvée"),
        (["sources", "--format", "csv"], "choix possibles"),
        (["settings", "--licorne"], "argument inconnu"),
        (["suppliers"], "soit --autour, soit --perimetre"),
        (["suppliers", "--autour", "26281", "--perimetre", "x.json"], "soit --autour"),
        (["suppliers", "--autour"], "une valeur est attendue"),
        (["suppliers", "--autour", "26281", "--siae=3"], "aucune valeur n’est attendue"),
        (["suppliers", "--autour", "Atlantide"], "Aucune commune trouvée"),
        (["suppliers", "--autour", "saint-denis"], "Plusieurs communes"),
        (["suppliers", "--autour", "-30,45"], "hors de France"),
        (["suppliers", "--autour", "nan,nan"], "hors de France"),
        (["suppliers", "--autour", "26281", "--rayon-km", "loin"], "n’est pas un nombre"),
        (["suppliers", "--autour", "26281", "--rayon-km", "301"], "compris entre"),
        (["suppliers", "--autour", "26281", "--rayon-km", "-5"], "compris entre"),
        (["suppliers", "--autour", "26281", "--minutes", "20", "--rayon-km", "30"],
         "soit --minutes, soit --rayon-km"),
        (["suppliers", "--perimetre", "x.json", "--minutes", "20"], "soit --minutes"),
        (["suppliers", "--autour", "26281", "--mode", "pied"], "--minutes avec --mode"),
        (["suppliers", "--autour", "26281", "--minutes", "20", "--mode", "trot"], "choix inconnu"),
        (["suppliers", "--autour", "26281", "--minutes", "0"], "de 1 à 120"),
        (["suppliers", "--autour", "26281", "--minutes", "-5"], "de 1 à 120"),
        (["suppliers", "--autour", "26281", "--minutes", "vingt"], "n’est pas un nombre"),
        (["suppliers", "--autour", "-30,45", "--minutes", "20"], "hors de France"),
        (["suppliers", "--autour", "Atlantide", "--minutes", "20"], "Aucune commune trouvée"),
        (["suppliers", "--autour", "26281", "--filiere", "licornes"], "n’existe pas"),
        (["suppliers", "--autour", "26281", "--famille", "tribu"], "n’existe pas"),
        (["suppliers", "--autour", "26281", "--format", "pdf"], "choix possibles"),
        (["indicators", "--niveau", "canton"], "choix possibles : commune, epci"),
        (["indicators", "--niveau", "departement", "--territoire", "999"], "Aucune unité"),
        (["indicators", "--format", "pdf"], "choix possibles"),
    ],
)
def test_what_is_asked_wrongly_exits_2_with_one_french_sentence(
    run, argv: list[str], words: str
) -> None:
    found = run(*argv)
    assert found.code == 2
    assert found.out == ""
    assert words in found.err
    assert is_one_french_error(found.err)


@pytest.mark.parametrize("error", [DataError, SourceError])
def test_what_could_not_be_done_exits_1(
    run, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*_: object) -> None:
        raise error("Le fichier communes.parquet est endommagé.")

    monkeypatch.setattr(cli.communes, "find", fail)
    found = run("communes", "romans")
    assert (found.code, found.err) == (1, "Erreur : Le fichier communes.parquet est endommagé.\n")


def test_a_missing_file_exits_1_in_french(run, tmp_path: Path) -> None:
    found = run("suppliers", "--perimetre", str(tmp_path / "rien.json"))
    assert found.code == 1
    assert "rien.json est introuvable" in found.err
    assert is_one_french_error(found.err)


def test_a_folder_cannot_be_written_over(run, tmp_path: Path) -> None:
    (tmp_path / "sortie.csv").mkdir()
    found = run("suppliers", "--autour", "26281", "--sortie", str(tmp_path / "sortie.csv"))
    assert found.code == 1
    assert "sortie.csv ne peut pas être" in found.err
    assert is_one_french_error(found.err)
    assert [p.name for p in tmp_path.iterdir()] == ["sortie.csv"]


def test_a_reader_that_leaves_early_is_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leave(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(cli, "_print", leave)
    monkeypatch.setattr(cli.sys, "stdout", io.StringIO())
    assert cli.main(["settings"]) == 0


# --- sources, settings, communes -------------------------------------------------------------


def test_sources(run) -> None:
    found = run("sources")
    assert found.code == 0
    lines = found.out.splitlines()
    assert [line.split()[0] for line in lines] == list(catalog.SOURCES)
    assert "embarquée" in lines[0]
    assert "34920" in lines[0]


def test_sources_json(run) -> None:
    rows = {row["id"]: row for row in run("sources", "--format", "json").json}
    assert list(rows) == list(catalog.SOURCES)
    assert rows["communes"]["lignes"] == 34920
    assert rows["communes"]["etat"] == "embarquée"
    assert rows["sirene"]["etat"] == "absente"
    assert rows["sirene"]["lignes"] is None
    assert all(row["licence"] and row["attribution"] and row["manque"] for row in rows.values())


def test_settings(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_OFFLINE", "1")
    rows = {row["variable"]: row for row in run("settings", "--format", "json").json}
    assert list(rows) == [s.variable for s in settings.SETTINGS]
    assert rows["TERRITORY_OFFLINE"]["valeur"] == "1"
    assert "TERRITORY_OFFLINE=1" in run("settings").out


def test_a_wrong_environment_is_one_sentence(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_OFFLINE", "peut-être")
    found = run("settings")
    assert found.code == 2
    assert is_one_french_error(found.err)


def test_communes(run) -> None:
    found = run("communes", "romans sur isere")
    assert found.code == 0
    (line,) = found.out.splitlines()
    assert line.startswith("26281  Romans-sur-Isère (26, Drôme)  26100  ")


def test_communes_json(run) -> None:
    rows = run("communes", "saint denis", "--format", "json", "--limite", "3").json
    assert [row["code_insee"] for row in rows][:2] in (["97411", "93066"], ["93066", "97411"])
    assert len(rows) == 3
    assert rows[0]["codes_postaux"]
    assert run("communes", "Atlantide", "--format", "json").json == []


# --- suppliers -------------------------------------------------------------------------------


def test_suppliers_csv_is_for_machines(run) -> None:
    found = run("suppliers", "--autour", "26281", "--rayon-km", "30")
    assert found.code == 0
    assert not found.raw.startswith(b"\xef\xbb\xbf")
    rows = found.rows()
    expected = suppliers.search(Perimeter.around_commune(communes.get("26281"), 30))
    assert [row["nom"] for row in rows] == expected["nom"].tolist()
    assert list(rows[0])[: len(SUPPLIERS.names)] == SUPPLIERS.names
    assert [float(row["distance_km"]) for row in rows] == expected["distance_km"].tolist()


@pytest.mark.parametrize("place", ["romans sur isere", "26281", " 26281 "])
def test_suppliers_around_a_name_or_code(run, place: str) -> None:
    found = run("suppliers", "--autour", place, "--rayon-km", "5,5")
    assert {row["distance_depuis"] for row in found.rows()} == {"mairie de Romans-sur-Isère"}


def test_suppliers_around_a_point_west_of_greenwich(run) -> None:
    # « -4.49,48.39 » begins like an option; it is Brest.
    found = run("suppliers", "--autour", "-4.4861,48.3904", "--rayon-km", "150")
    assert found.code == 0
    assert all("Brest" in row["distance_depuis"] for row in found.rows())
    expected = suppliers.search(Perimeter.around_point(-4.4861, 48.3904, 150))
    assert len(found.rows()) == len(expected) > 0


def test_suppliers_by_travel_time_say_that_the_service_drew_the_zone(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Double() as double:
        for name, value in double.environment.items():
            monkeypatch.setenv(name, value)
        found = run("suppliers", "--autour", "26281", "--minutes", "20")
        assert [entry.path for entry in double.log] == ["/geo/navigation/isochrone"]
        content = run("suppliers", "--autour", "5.05,45.04", "--minutes", "40", "--mode", "pied",
                      "--format", "geojson").json
    assert found.code == 0
    assert "selon la Géoplateforme le" in found.err
    assert is_french_sentence(found.err.strip())
    assert {row["distance_depuis"] for row in found.rows()} == {"mairie de Romans-sur-Isère"}
    assert "isochrone (BD TOPO)" in json.dumps(content, ensure_ascii=False)
    assert "minutes à pied du point choisi" in json.dumps(content, ensure_ascii=False)


def test_suppliers_by_travel_time_say_that_it_is_an_estimate(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERRITORY_OFFLINE", "1")
    found = run("suppliers", "--autour", "Romans-sur-Isère", "--minutes", "20")
    assert found.code == 0
    assert "TERRITORY_OFFLINE" in found.err
    assert "estimation d’après la distance" in found.err
    assert is_french_sentence(found.err.strip())
    # 45 km/h and a detour of 1.3: a little more than 11.5 km.
    assert all(float(row["distance_km"]) < 11.6 for row in found.rows() if row["distance_km"])
    walk = run("suppliers", "--autour", "26281", "--minutes", "60", "--mode", "pied")
    assert 0 < len(walk.rows()) < len(found.rows())
    content = json.dumps(run("suppliers", "--autour", "26281", "--minutes", "20", "--format",
                             "geojson").json, ensure_ascii=False)
    assert "selon une estimation d’après la distance" in content
    assert "isochrone (BD TOPO)" not in content


def test_suppliers_filters(run) -> None:
    every = run("suppliers", "--autour", "26281").rows()
    trade = run("suppliers", "--autour", "26281", "--filiere", "restauration",
                "--filiere", "textile et artisanat").rows()
    assert 0 < len(trade) < len(every)
    assert {row["filiere"] for row in trade} <= {"Restauration", "Textile et artisanat"}
    siae = run("suppliers", "--autour", "26281", "--siae").rows()
    assert {row["est_siae"] for row in siae} == {"oui"}
    employers = run("suppliers", "--autour", "26281", "--employeurs-seulement").rows()
    assert {row["est_employeur"] for row in employers} == {"oui"}
    family = run("suppliers", "--autour", "26281", "--famille", "association").rows()
    assert {row["famille_ess"] for row in family} == {"association"}


def test_suppliers_geojson(run) -> None:
    content = run("suppliers", "--autour", "26281", "--format", "geojson").json
    assert content["type"] == "FeatureCollection"
    expected = suppliers.search(Perimeter.around_commune(communes.get("26281"), 30))
    assert len(content["features"]) == len(expected)
    first = content["features"][0]
    assert first["geometry"]["coordinates"] == expected.loc[0, ["longitude", "latitude"]].tolist()


def test_suppliers_of_a_perimeter_file(run, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    perimeter = Perimeter.around_commune(communes.get("26281"), 12)
    path.write_text(json.dumps(perimeter.to_json()), encoding="utf-8")
    rows = run("suppliers", "--perimetre", str(path)).rows()
    assert [row["nom"] for row in rows] == suppliers.search(perimeter)["nom"].tolist()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe\x00", b"[]", b"{}", b"[" * 100_000, b"9" * 5000,
     b'{"format": "perimetre", "version": 1, "disques": [{"longitude": NaN}]}',
     (b'{"format": "perimetre", "version": 1, "disques": [{"code_commune": "\\ud800", '
      b'"longitude": 5, "latitude": 45, "radius_km": 10}]}')],
)
def test_a_wrong_perimeter_file_exits_2(run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    found = run("suppliers", "--perimetre", str(path))
    assert found.code == 2
    assert is_one_french_error(found.err)


def test_sortie_writes_the_file_and_says_so(run, tmp_path: Path) -> None:
    path = tmp_path / "nouveau" / "f.csv"
    shown = run("suppliers", "--autour", "26281")
    found = run("suppliers", "--autour", "26281", "--sortie", str(path))
    assert found.code == 0
    assert found.out == ""
    assert path.read_bytes() == shown.raw
    assert f"{len(shown.rows())} lignes écrites dans" in found.err


def test_an_empty_answer_is_an_answer(run) -> None:
    found = run("suppliers", "--autour", "-54.0,2.5", "--rayon-km", "1")
    assert found.code == 0
    assert found.rows() == []
    assert found.out.startswith("siret,")


# --- indicators ------------------------------------------------------------------------------


def test_indicators_by_region(run) -> None:
    rows = run("indicators", "--niveau", "region").rows()
    assert len(rows) == 18
    assert set(indicators.INDICATORS) <= set(rows[0])
    expected = indicators.values(indicators.DEFAULT_INDICATOR, "region")
    for row in rows:
        assert float(row[indicators.DEFAULT_INDICATOR]) == pytest.approx(expected[row["code"]])


def test_indicators_of_the_communes_of_an_epci(run) -> None:
    rows = run("indicators", "--territoire", "200068781").rows()
    assert {row["code_epci"] for row in rows} == {"200068781"}
    assert "26281" in {row["code"] for row in rows}


def test_indicators_of_a_departement(run) -> None:
    rows = run("indicators", "--territoire", "26").rows()
    assert len(rows) == 362
    assert {row["code"][:2] for row in rows} == {"26"}
    # A zero-padded code stays a text.
    ain = run("indicators", "--territoire", "01").rows()
    assert ain[0]["code"] == "01001"
    assert {row["code"][:2] for row in ain} == {"01"}, "Guadeloupe is région 01, not département"


def test_a_region_is_not_taken_for_the_departement_of_the_same_code(run) -> None:
    vaucluse = run("indicators", "--territoire", "84").rows()
    assert {row["code_departement"] for row in vaucluse} == {"84"}
    rows = run("indicators", "--niveau", "departement", "--territoire", "R84").rows()
    assert {row["code"] for row in rows} >= {"01", "26", "38", "69"}
    assert len(rows) == 12


def test_a_missing_figure_is_an_empty_cell(run) -> None:
    rows = {row["code"]: row for row in run("indicators", "--niveau", "departement").rows()}
    assert rows["976"]["part_65p_2021"] == ""
    assert rows["976"]["part_aides_logement_2022"] != ""


def test_indicators_geojson_has_contours(run, tmp_path: Path) -> None:
    path = tmp_path / "r.geojson"
    run("indicators", "--niveau", "region", "--format", "geojson", "--sortie", str(path))
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert len(features) == 18
    assert {f["geometry"]["type"] for f in features} <= {"Polygon", "MultiPolygon"}


@pytest.mark.parametrize("form", ["csv", "csv_excel", "xlsx", "geojson", "gpkg", "geoparquet"])
def test_every_format_can_be_written(run, tmp_path: Path, form: str) -> None:
    path = tmp_path / "f"
    found = run("suppliers", "--autour", "26281", "--format", form, "--sortie", str(path))
    assert (found.code, found.out) == (0, "")
    assert path.stat().st_size > 500


# --- build-embedded --------------------------------------------------------------------------


def test_build_embedded_hands_over_and_reports(
    run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from territory import build

    seen: list[object] = []

    def fake(target: store.Store, folder: Path, tiles: object, progress: object) -> build.Report:
        seen.extend([target.folder, folder])
        return build.Report(counts={"communes": 3}, differences=pd.DataFrame())

    monkeypatch.setattr(build, "build_embedded", fake)
    found = run("build-embedded", "--paquets", str(tmp_path))
    assert found.out == "      3  communes\n"
    assert seen == [settings.EMBEDDED_DIR, tmp_path]
    assert run("build-embedded", "--paquets", str(tmp_path), "--format", "json").json == {
        "communes": 3
    }
    assert run("build-embedded", "--format", "xml").code == 2
