"""The sources of counters from the command line, against the doubles, to the local store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from territory import directory, settings, supply
from territory.cli import main
from territory.sources import recherche
from tests.doubles.server import Double
from tests.doubles.world import World
from tests.territory.french import is_french_sentence


@pytest.fixture
def double(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    monkeypatch.setattr(recherche, "PER_SECOND", 2000.0)
    monkeypatch.setattr("tests.doubles.server.PER_SECOND", 10_000)
    world = World.small()
    for rank, code in enumerate(("26281", "26281", "26057")):
        world._unit(code, name=f"Banque fictive {rank}", naf="64.19Z", section="K", ess=False)
    with Double(world) as double:
        for name, value in double.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
        yield double


def fetch(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["fetch", *arguments, "--format", "json"]) == 0, capsys.readouterr().err
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["fetch", *arguments]) == 2
    said = capsys.readouterr().err.strip().removeprefix("Erreur : ")
    assert is_french_sentence(said)
    return said


def test_the_post_comes_whole_or_by_departement(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = fetch(capsys, "poste")
    assert whole["source"] == "poste"
    assert whole["lignes"] == 8
    assert len(whole["departements"]) == 101
    assert sum(whole["guichets"].values()) == 8
    assert directory.fetched(settings.load())["poste"].rows == 8
    one = fetch(capsys, "poste", "--departement", "38")
    assert (one["lignes"], one["departements"]) == (1, ["38"])
    known = supply.counters(settings.load(), "banque_ou_bureau", source="poste")
    assert known is not None


def test_banks_are_asked_by_commune_and_added(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    first = fetch(capsys, "banques", "--commune", "26281")
    assert first["guichets"]["banque"] >= 2
    assert first["communes_couvertes"] == 1
    second = fetch(capsys, "banques", "--commune", "26057")
    assert second["communes_couvertes"] == 2
    assert second["lignes"] > first["lignes"]
    around = fetch(capsys, "banques", "--autour", "26281", "--rayon-km", "8")
    assert around["communes_couvertes"] > 5
    known = supply.counters(settings.load(), source="banques")
    assert known is not None
    assert known.counts["26281"] >= 2
    assert double.refused() == []


def test_banks_are_not_asked_by_departement(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    for area in (("--departement", "26"), ("--france",)):
        assert "fetch bpe" in refused(capsys, "banques", *area)
    assert "50" in refused(capsys, "banques", "--autour", "26281", "--rayon-km", "51")
    assert "--commune" in refused(capsys, "banques")
    assert double.log == []


def test_banks_that_stop_on_the_way_are_kept_and_said(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    double.faults.dead_from = 3
    assert main(["fetch", "banques", "--autour", "26281", "--rayon-km", "8", "--format",
                 "json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["communes_couvertes"] >= 1
    assert is_french_sentence(printed.err.strip().removeprefix("Erreur : "))
    assert supply.counters(settings.load(), source="banques") is not None


@pytest.mark.parametrize("area", [
    ("--commune", "26281"), ("--departement", "26"), ("--france",),
    ("--autour", "5.0517,45.0464", "--rayon-km", "10"),
])
def test_cash_machines_take_every_area(
    area: tuple[str, ...], double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    double.overpass.elements = [
        {"type": "node", "id": 1, "lon": 5.0517, "lat": 45.0464, "tags": {"amenity": "atm"}}]
    said = fetch(capsys, "dab_osm", *area)
    assert said["guichets"] == {"dab": 1}
    assert said["departements"] == []
    assert any("bénévoles" in sentence for sentence in said["incomplet"])
    assert ("area" in double.overpass.queries[0]) is (area == ("--france",))


def test_an_area_is_needed_or_not_taken(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--france" in refused(capsys, "dab_osm")
    assert "--departement" in refused(capsys, "poste", "--commune", "26281")
    assert "99" in refused(capsys, "poste", "--departement", "99")
    assert double.log == []


def test_a_cut_answer_leaves_the_former_table(
    double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fetch(capsys, "dab_osm", "--france")
    double.overpass.remark = "runtime error: Query timed out"
    assert main(["fetch", "dab_osm", "--france"]) == 1
    assert "coupé" in capsys.readouterr().err
    assert directory.fetched(settings.load())["dab_osm"].rows == before["lignes"]


@pytest.mark.parametrize("source", ["banques", "poste", "dab_osm"])
def test_a_count_made_by_hand_is_a_source_too(
    source: str, tmp_path: Path, double: Double, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "releve.csv"
    file.write_text("code_insee;nombre;nom\n26281;2;=1+1\n1004;1;\n", encoding="utf-8")
    said = fetch(capsys, source, "--fichier", str(file))
    assert (said["lignes"], said["departements"]) == (2, [])
    whole = fetch(capsys, source, "--fichier", str(file), "--departement", "26")
    assert (whole["lignes"], whole["departements"]) == (1, ["26"])
    assert len(fetch(capsys, source, "--fichier", str(file), "--france")["departements"]) == 101
    assert double.log == []
    assert main(["fetch", source, "--fichier", str(tmp_path / "absent.csv")]) == 1
    assert "introuvable" in capsys.readouterr().err


def test_the_text_form_is_french(double: Double, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "poste"]) == 0
    printed = capsys.readouterr().out
    assert "bureau_poste : 2" in printed
    assert "incomplet                aucun" in printed
    assert main(["fetch", "dab_osm", "--france"]) == 0
    assert "bénévoles" in (printed := capsys.readouterr().out)
    assert ".," not in printed
