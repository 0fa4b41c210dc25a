"""The command ``charte`` and the marks of ``suppliers --charte``, called in process."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layers.export import csv
from layers.export.metadata import ExportContext
from territory import charter, cli, communes, directory, dossier
from territory.charter import declaration
from territory.charter.assessment import READING, REMINDER
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence
from tests.territory.test_charter_reading import OWN


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "ma-charte.json"
    path.write_text(json.dumps(OWN, ensure_ascii=False), encoding="utf-8")
    return path


def run(*argv: object) -> int:
    return cli.main([str(word) for word in argv])


def suppliers(capsys: pytest.CaptureFixture[str], *argv: object) -> pd.DataFrame:
    assert run("suppliers", "--autour", "26281", "--rayon-km", "30", *argv) == 0
    return pd.read_csv(io.StringIO(capsys.readouterr().out), dtype={"code_insee": str})


def test_the_text_asks_every_question_and_cites_every_text(capsys) -> None:
    assert run("charte") == 0
    out = capsys.readouterr().out
    ours = charter.default()
    assert is_french_sentence(out.splitlines()[0])
    for criterion in ours.criteria:
        assert f"- {criterion.id} (poids 1" in out
        assert criterion.question in out
    for reference in ours.references:
        assert reference.sentence() in out


def test_the_json_can_be_taken_up_again(capsys, tmp_path: Path) -> None:
    assert run("charte", "--format", "json") == 0
    path = tmp_path / "reprise.json"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    assert charter.read(path.name, path.read_bytes()) == charter.default()
    assert run("charte", "--verifier", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Cette charte est valable.", charter.default().sentence()]


def test_an_own_charter_is_checked_and_compared(own: Path, capsys) -> None:
    assert run("charte", "--verifier", own) == 0
    lines = capsys.readouterr().out.replace("\u00a0", " ").splitlines()
    assert lines[2:] == [
        "Critères ajoutés : employeur, voisin.",
        "Critères retirés : handicap, gaspillage.",
        "Critères d’un autre poids : ess (1 → 3), siae (1 → 0,5).",
    ]


@pytest.mark.parametrize("argv", [
    ("charte", "--format", "xlsx"),
    ("charte", "--verifier", "rien.json"),
    ("suppliers", "--autour", "26281", "--total"),
    ("suppliers", "--autour", "26281", "--charte", "rien.json"),
    ("suppliers", "--autour", "26281", "--preuves", "rien.json"),
    ("suppliers", "--autour", "26281", "--charte", "--preuves", "rien.json"),
])
def test_what_is_asked_wrongly_is_one_french_sentence(
    argv: tuple[str, ...], capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if "rien.json" in argv and "--verifier" in argv:
        Path("rien.json").write_bytes(b'{"format": "charte"}' + b" " * 600_000)
    assert run(*argv) in {1, 2}
    (line,) = capsys.readouterr().err.splitlines()
    assert is_french_sentence(line.removeprefix("Erreur : "))


def test_marks_are_added_to_the_same_suppliers_in_the_same_order(capsys) -> None:
    plain, marked = suppliers(capsys), suppliers(capsys, "--charte")
    pd.testing.assert_frame_equal(plain, marked[plain.columns])
    added = list(marked.columns[len(plain.columns):])
    assert added[-1] == "pourquoi"
    assert added[:-1] == [f"{what}_{axis.id}" for axis in charter.default().axes
                          for what in ("note", "connu")]
    assert (marked["note_utilite_sociale"].notna() == (plain["est_ess"] != "inconnu")).all()
    assert marked["note_transparence"].isna().all()
    assert (marked["connu_transparence"] == 0).all()
    assert all(is_french_sentence(text) for text in marked["pourquoi"])


def test_a_total_and_a_rank_come_only_when_asked(capsys, own: Path) -> None:
    marked = suppliers(capsys, "--charte", own, "--total")
    assert {"note_totale", "connu_total", "rang_charte"} < set(marked.columns)
    assert marked["rang_charte"].is_monotonic_increasing
    assert set(marked["note_emploi"].dropna()) <= {0.0, 100.0}
    assert marked["pourquoi"].str.startswith("Rang ").all()


def test_the_spreadsheet_says_how_to_read_the_marks(tmp_path: Path) -> None:
    path = tmp_path / "romans.xlsx"
    assert run("suppliers", "--autour", "26281", "--charte", "--format", "xlsx",
               "--sortie", path) == 0
    book = openpyxl.load_workbook(path)
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {READING, REMINDER} < cells
    assert any(charter.default().digest() in cell for cell in cells)
    assert "Note\u00a0: Proximité" in cells


def test_nobody_found_is_an_answer(capsys) -> None:
    assert run("suppliers", "--autour", "-54.0,2.5", "--rayon-km", "1", "--charte", "--total") == 0
    (header,) = capsys.readouterr().out.splitlines()
    assert header.endswith("rang_charte,pourquoi")


@pytest.fixture
def search(own: Path, tmp_path: Path) -> Path:
    """File of a search with another charter than ours, and evidence entered by hand."""
    evidence = [
        {"nom": "Groupe Archer", "code_insee": "26281", "critere": "siae", "etat": "non",
         "preuve": "visite", "date": "2026-03-03", "role": "acheteuse"},
        {"nom": "Groupe Archer", "code_insee": "26281", "critere": "intermediaires_utiles",
         "etat": "oui", "preuve": "devis lu", "date": "2026-03-04", "role": "acheteuse"},
    ]
    perimeter = Perimeter.around_commune(communes.get("26281"), 30)
    result = directory.search(perimeter, Criteria(), directory.extract())
    path = tmp_path / "recherche.json"
    kept = dossier.of(result, charter.read(own.name, own.read_bytes()),
                      declaration.from_json(evidence))
    path.write_bytes(kept.to_bytes())
    return path


def marks_of(search: Path, chosen: charter.Charter) -> pd.DataFrame:
    """Marks as the page makes them, read from the CSV they would be written in."""
    kept = dossier.read(search.read_bytes())
    found = directory.search(kept.perimeter, kept.criteria, directory.extract()).found
    table = charter.assess(found, chosen, kept.declared).table(found, total=False)
    content = csv.machine(table.reset_index(drop=True), ExportContext("", ()))
    return pd.read_csv(io.BytesIO(content), dtype={"code_insee": str})


def test_evidence_of_a_search_gives_the_marks_of_the_page(capsys, search: Path, own: Path) -> None:
    kept = dossier.read(search.read_bytes())
    assert len(kept.declared) == 2
    marked = suppliers(capsys, "--charte", "--preuves", search)
    pd.testing.assert_frame_equal(marked, marks_of(search, kept.charter)[list(marked.columns)])
    why = marked.set_index("nom").loc["Groupe Archer", "pourquoi"]
    assert "acheteuse" in str(why)
    assert not suppliers(capsys, "--charte", own).equals(marked), "the evidence counts"


def test_evidence_is_cited_in_the_file_and_what_answers_nothing_is_counted(
    search: Path, own: Path, tmp_path: Path
) -> None:
    path = tmp_path / "loin.xlsx"
    for place, unused in (("26281", False), ("75056", True)):
        assert run("suppliers", "--autour", place, "--charte", "--preuves", search, "--format",
                   "xlsx", "--sortie", path) == 0
        book = openpyxl.load_workbook(path)
        cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
        assert "Preuve saisie\u00a0: déclaration (acheteuse), devis lu." in cells
        (said,) = [c for c in cells if c.startswith("Preuves saisies sans effet")] or [""]
        assert bool(said) == unused
        assert not said or is_french_sentence(said)


def test_evidence_of_a_search_is_read_with_another_charter(
    capsys, search: Path, tmp_path: Path
) -> None:
    ours = tmp_path / "la-notre.json"
    ours.write_text(json.dumps(charter.default().to_json()), encoding="utf-8")
    marked = suppliers(capsys, "--charte", ours, "--preuves", search)
    pd.testing.assert_frame_equal(
        marked, marks_of(search, charter.default())[list(marked.columns)])


def test_a_search_kept_with_marks_keeps_their_charter_and_evidence(
    capsys, search: Path, tmp_path: Path
) -> None:
    again = tmp_path / "encore.json"
    suppliers(capsys, "--charte", "--preuves", search, "--dossier", again)
    before, after = (dossier.read(path.read_bytes()) for path in (search, again))
    assert (after.charter, after.declared) == (before.charter, before.declared)
    suppliers(capsys, "--dossier", again)
    assert dossier.read(again.read_bytes()).charter == charter.default()
