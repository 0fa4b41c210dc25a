"""The command ``portrait``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from territory import communes, exclusion
from territory.cli import main
from territory.perimeter import Perimeter
from tests.territory import portraits
from tests.territory.french import is_french_sentence


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))
    # Measured once: the command would measure all France at each call.
    monkeypatch.setattr(exclusion, "unsupplied", lambda: portraits.fragility_only().measured)


def test_it_prints_text_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portrait", "26281"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Romans-sur-Isère (26, Drôme)\nRomans-sur-Isère compte ")
    assert "Ce que l’on ne sait pas" in text
    assert main(["portrait", "974", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["territoire"]["code"] == "974"


def test_it_writes_three_forms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for end, start in (("pdf", b"%PDF"), ("html", b"<!doctype html>"), ("json", b"{")):
        out = tmp_path / f"portrait.{end}"
        assert main(["portrait", "26001", "--sortie", str(out)]) == 0
        assert out.read_bytes().startswith(start)
    assert capsys.readouterr().out == ""


def test_it_takes_a_perimeter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "perimetre.json"
    file.write_text(json.dumps(Perimeter.around_commune(communes.get("26281"), 5).to_json()))
    assert main(["portrait", "--perimetre", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["territoire"]["niveau"] == "perimetre"


@pytest.mark.parametrize("asked", [
    [], ["99999"], ["R99"], ["26", "--format", "xml"], ["26", "--sortie", "portrait.docx"],
    ["26", "--perimetre", "perimetre.json"], ["<script>"],
])
def test_what_is_asked_wrongly_is_refused(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["portrait", *asked]) == 2
    said = capsys.readouterr().err.removeprefix("Erreur : ").strip()
    assert is_french_sentence(said)


def test_a_file_that_is_absent_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["portrait", "--perimetre", "absent.json"]) == 1
    assert "introuvable" in capsys.readouterr().err


def test_territories_are_set_side_by_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["comparer", "26281", "26362", "26"]) == 0
    text = capsys.readouterr().out
    assert "Valence (26, Drôme) : 64" in text
    assert "Le plus grand écart" in text
    assert "Échelons différents" in text
    out = tmp_path / "comparaison.json"
    assert main(["comparer", "26281", "26", "--format", "json", "--sortie", str(out)]) == 0
    content = json.loads(out.read_text(encoding="utf-8"))
    assert [one["code"] for one in content["territoires"]] == ["26281", "26"]
    assert main(["comparer", "26281", "26", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("theme,indicateur,unite,26281,26,")


def test_places_that_look_alike_come_with_the_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["semblables", "26281", "--nombre", "3"]) == 0
    assert capsys.readouterr().out.startswith("Parmi 34")
    assert main(["semblables", "26", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert len(content["territoires"]) == 10
    assert is_french_sentence(content["regle"])
    assert main(["semblables", "26", "--format", "csv", "--nombre", "2"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3


@pytest.mark.parametrize("asked", [
    ["comparer", "26281"], ["comparer", "26281", "26281"], ["comparer", "26281", "99999"],
    ["comparer", "26281", "26", "--format", "pdf"], ["comparer", *["26"] * 6],
    ["semblables", "R84"], ["semblables", "FR"], ["semblables", "26", "--nombre", "0"],
    ["semblables", "26", "--format", "gpkg"],
])
def test_a_comparison_asked_wrongly_is_refused(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(asked) == 2
    assert is_french_sentence(capsys.readouterr().err.removeprefix("Erreur : ").strip())
