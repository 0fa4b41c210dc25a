"""The command ``epargne``, called in process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from territory import cli
from territory.epargne import LIMITS
from territory.sources.depots_credits import mainland
from tests.territory.french import is_french_sentence


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "depots.csv"
    rows = [f"{code};2;{0.4 if code == '48' else 1.5};31/07/2021"
            for code in mainland("departement")]
    path.write_text("\n".join(["Code;Dépôts;Crédits;Date", *rows]), encoding="utf-8")
    return path


def run(*argv: object) -> int:
    return cli.main(["epargne", *map(str, argv)])


def test_text_gives_the_sentence_the_question_and_the_limits(file: Path, capsys) -> None:
    assert run("--fichier", file, "--unite", "milliards") == 0
    out = capsys.readouterr().out
    assert is_french_sentence(out.splitlines()[0])
    assert out.splitlines()[2].startswith("48")
    assert "Question" in out
    for limit in LIMITS:
        assert limit in out


def test_json_and_csv_hold_the_same_figures(file: Path, capsys, tmp_path: Path) -> None:
    assert run("--fichier", file, "--unite", "milliards", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["territoires"]) == 96
    assert said["territoires"][0]["question"] == "oui"
    assert said["periode"] == "2021-07"
    written = tmp_path / "epargne.csv"
    assert run("--fichier", file, "--unite", "milliards", "--format", "csv",
               "--sortie", written) == 0
    lines = written.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 97
    assert lines[1].startswith("48,Lozère,0.2,")


def test_regions_and_the_other_reference(file: Path, capsys) -> None:
    assert run("--fichier", file, "--unite", "millions", "--niveau", "region",
               "--reference", "hors_idf", "--format", "json") == 0
    said = json.loads(capsys.readouterr().out)
    assert len(said["territoires"]) == 13
    assert "sans l’Île-de-France" in said["phrase"]


def test_the_model_is_given(capsys) -> None:
    assert run("--modele") == 0
    assert "01;Ain;;;" in capsys.readouterr().out


@pytest.mark.parametrize("argv", [[], ["--unite", "millions"], ["--fichier", "{file}"],
                                  ["--fichier", "{file}", "--unite", "milliers"],
                                  ["--fichier", "{file}", "--unite", "millions", "--format", "x"]])
def test_faults_are_one_french_sentence_and_code_two(argv, file: Path, capsys) -> None:
    assert run(*(a.replace("{file}", str(file)) for a in argv)) == 2
    error = capsys.readouterr().err
    assert error.startswith("Erreur : ")
    assert len(error.splitlines()) == 1
