"""The commands ``echelle``, ``sensibilite``, ``groupement`` and ``lots``, called in process."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from territory import besoin, cli, directory, settings
from territory.directory import EXTRACT_NOTE, Directory
from territory.suppliers import embedded
from tests.territory.french import is_french_sentence

LADDER = ["echelle", "--autour", "26281", "--filiere", "restauration", "--nombre", "3"]
EDGE = ["sensibilite", "--autour", "26281", "--rayon-km", "50"]
GROUP = ["groupement", "--autour", "26281", "--rayon-km", "50", "--filiere", "Restauration",
         "--filiere", "Numérique"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "besoins.csv"
    path.write_bytes(besoin.model())
    return path


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))


def cut(file: Path) -> list[str]:
    return ["lots", "--fichier", str(file), "--par-lot", "1", "--par", "ligne"]


def test_text_begins_with_the_answer_and_ends_with_the_limits_of_the_list(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for argv in (LADDER, EDGE, GROUP, cut(file)):
        assert cli.main(argv) == 0
        lines = capsys.readouterr().out.splitlines()
        assert is_french_sentence(lines[0])
        assert lines[-1] == EXTRACT_NOTE


def test_json_and_csv_tell_the_same(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"echelle": "echelons", "sensibilite": "courbe", "groupement": "membres",
            "lots": "lignes"}
    for argv in (LADDER, EDGE, GROUP, cut(file)):
        assert cli.main([*argv, "--format", "json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert cli.main([*argv, "--format", "csv"]) == 0
        table = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert is_french_sentence(said["phrase"])
        assert said["remarques"][-1] == EXTRACT_NOTE
        told = said[rows[argv[0]]]
        assert len(told) == len(table) > 0
        assert list(told[0]) == list(table[0])


def test_the_ladder_takes_own_steps_and_tells_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*LADDER, "--pas", "15,40", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [e["code"] for e in said["echelons"] if e["type_echelon"] == "distance"] == ["15", "40"]
    assert said["echelon_suffisant"] in {e["echelon"] for e in said["echelons"] if e["suffit"]}
    names = [n for e in said["echelons"] for n in e["noms_ajoutes"].split(" ; ") if n]
    assert names == [s["nom"] for s in said["fournisseurs"]]


def test_an_answer_may_go_to_a_file(tmp_path: Path) -> None:
    for form in ("texte", "json", "csv"):
        out = tmp_path / f"echelle.{form}"
        assert cli.main([*LADDER, "--format", form, "--sortie", str(out)]) == 0
        assert out.stat().st_size > 100


def test_the_model_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lots", "--modele"]) == 0
    assert capsys.readouterr().out.encode() == besoin.model()


@pytest.mark.parametrize("kind", ["perimetre", "france"])
def test_a_list_that_stops_before_france_says_so(
    kind, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = Directory(kind, embedded(), ("ess",), "k", departements=("26",))
    monkeypatch.setattr(directory, "of", lambda *_: listed)
    assert cli.main(LADDER) == 0
    assert "ne comptent que ce qu’elle en contient." in capsys.readouterr().out


def test_the_edge_is_looked_for_in_a_list_that_reaches_it(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    whole = directory.of
    monkeypatch.setattr(directory, "of", lambda p, s: asked.append(p) or whole(p, s))
    assert cli.main([*EDGE, "--marge", "20"]) == 0
    assert asked[0].discs[0].radius_km == 60
    assert settings.load().data_dir.name == "vide"


@pytest.mark.parametrize(
    "argv",
    [[*LADDER[:-1], "0"], [*LADDER, "--pas", "dix"], [*LADDER, "--format", "xlsx"],
     ["echelle", "--autour", "5.0,45.0", "--nombre", "1"], [*LADDER, "--effectif-min", "0"],
     ["echelle", "--autour", "26281"], [*EDGE, "--marge", "80"], [*EDGE, "--rayon-km", "300"],
     GROUP[:5], [*GROUP, "--filiere", "x"], ["lots"], ["lots", "--fichier", "absent.csv"],
     ["lots", "--fichier", "{file}", "--par-lot", "0"],
     ["lots", "--fichier", "{file}", "--rayon-km", "0"],
     ["lots", "--fichier", "{file}", "--par", "canton"]],
)
def test_faults_are_one_french_sentence(
    argv: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([a.replace("{file}", str(file)) for a in argv]) in {1, 2}
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    sentence, _, _ = line.removeprefix("Erreur : ").partition(" Aide : ")
    assert is_french_sentence(sentence[:1].upper() + sentence[1:])
