"""The file of a search: same digest anywhere, changes told, hostile files refused in French."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pandas as pd
import pytest

from territory import charter, communes, directory, dossier, provenance, settings, sourcing
from territory.charter import Declaration
from territory.cli import main
from territory.directory import Result
from territory.dossier import GONE, NEW, OUTSIDE, UNMET
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.store import Store, rows_digest
from territory.suppliers import Criteria, SupplierIndex
from tests.conftest import ROOT
from tests.territory.dossier_v1 import FILE
from tests.territory.french import is_french_sentence
from tests.territory.test_directory import CRITERIA, HERE, A, B, keep, put, rows

DAY = dt.date(2026, 11, 28)
LISTED = "la liste des structures des communes interrogées"


def searched(radius: float = 30, **asked: Any) -> Result:
    perimeter = Perimeter.around_commune(communes.get("26281"), radius)
    return directory.search(perimeter, Criteria(**asked), directory.extract())


def kept(result: Result | None = None) -> dossier.Dossier:
    evidence = Declaration(
        criterion="intermediaires", state="oui", evidence="visite du 3 mars", day=DAY,
        role="acheteuse", name="Groupe Archer", commune="26281",
    )
    return dossier.of(result or searched(), charter.default(), (evidence,), author="Une commune",
                      note="Restauration\nscolaire", today=DAY)


def test_a_file_gives_the_same_search_back() -> None:
    one = kept(searched(filieres=("Restauration", "Numérique"), familles=("association",)))
    again = dossier.read(one.to_bytes())
    assert again == one
    assert again.to_bytes() == one.to_bytes()
    assert again.digest == one.digest


def test_the_form_is_the_published_one() -> None:
    schema = json.loads((ROOT / "docs/schema/dossier.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    content = kept().to_json()
    jsonschema.validate(content, schema)
    jsonschema.validate(json.loads(FILE), schema)
    for version in (1, 3):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**content, "version": version}, schema)
    del content["donnees"]["tables"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(content, schema)


def test_a_file_of_version_1_still_opens_and_is_written_as_it_was() -> None:
    one = dossier.read(FILE.encode())
    assert [s.nom for s in one.suppliers][2] == "Bâti Nature"
    assert (one.tables, one.digest) == ((), "b91411032e250799")
    assert one.to_json() == json.loads(FILE)
    result = directory.search(one.perimeter, one.criteria, directory.extract())
    same = dataclasses.replace(one, list_key=result.directory.key)
    assert dossier.compare(same, result).same_data
    found = dossier.compare(dataclasses.replace(one, list_key="autre"), result)
    assert not found.same_data
    assert "la liste n’est plus celle du dossier" in found.sentence()
    assert is_french_sentence(found.sentence())


def test_every_table_the_extract_rests_on_is_said_with_its_published_digest() -> None:
    manifest = json.loads((ROOT / "data/manifest.json").read_text(encoding="utf-8"))["tables"]
    said = {one["table"]: one for one in kept().to_json()["donnees"]["tables"]}
    assert set(said) == {"ess_structures", "communes", "contours"}
    for name, one in said.items():
        assert one["sha256"] == manifest[name]["sha256"][:16]
        assert one["millesime"]
    assert "COG 2025" in said["contours"]["millesime"]


def test_the_same_search_has_the_same_digest_and_says_so() -> None:
    found = dossier.compare(kept(), searched())
    assert found.digest == kept().digest
    assert found.same_data
    assert found.entered.empty
    assert found.left.empty
    assert "même résultat" in found.sentence()
    assert is_french_sentence(found.sentence())


def test_who_entered_who_left_and_why() -> None:
    wide = searched(40)
    table = wide.directory.index.table
    gone, moved, changed = wide.found["id"].iloc[[0, 1, 2]]
    now = table[table["id"] != gone].copy()
    now.loc[now["id"] == moved, ["longitude", "latitude", "code_insee"]] = [2.35, 48.85, "75056"]
    now.loc[now["id"] == changed, "est_siae"] = "inconnu"
    before = searched(40)
    new = table[table["id"] == gone].assign(nom="Nouvelle structure d’essai", id=10**6)
    later = dataclasses.replace(
        before.directory, index=SupplierIndex(_joined(now, new)), key="autre"
    )
    result = directory.search(before.perimeter, before.criteria, later)
    found = dossier.compare(kept(before), result)
    names = before.found.set_index("id")["nom"]
    why = dict(zip(found.left["nom"], found.left["pourquoi"], strict=True))
    assert why[names[gone]] == GONE
    # A structure without SIRET is known by its name and commune: elsewhere, it is another one.
    assert why[names[moved]] in {GONE, OUTSIDE}
    assert dict(zip(found.entered["nom"], found.entered["pourquoi"], strict=True)) == {
        "Nouvelle structure d’essai": NEW}


def _joined(one: Any, other: Any) -> Any:
    return pd.concat([one, other], ignore_index=True)


def test_a_supplier_that_no_more_meets_the_filters_is_told_so() -> None:
    before = searched(40, siae_only=True)
    assert len(before.found) > 1
    table = before.directory.index.table.copy()
    first = before.found["id"].iloc[0]
    table.loc[table["id"] == first, "est_siae"] = "inconnu"
    later = dataclasses.replace(before.directory, index=SupplierIndex(table), key="autre")
    found = dossier.compare(kept(before), directory.search(before.perimeter, before.criteria,
                                                           later))
    assert found.left["pourquoi"].tolist() == [UNMET]


def test_a_smaller_perimeter_leaves_those_outside_of_it() -> None:
    one = kept(searched(30))
    found = dossier.compare(one, searched(20))
    assert set(found.left["pourquoi"]) == {OUTSIDE}
    assert len(found.left) == len(searched(30).found) - len(searched(20).found)


def test_a_result_changed_by_hand_is_found_out() -> None:
    content = kept().to_json()
    content["resultat"]["fournisseurs"][0]["distance_km"] = 1.5
    with pytest.raises(InvalidInputError, match="modifié"):
        dossier.read(json.dumps(content).encode())


@pytest.mark.parametrize("content", [
    b"", b"\xff\xfe", b"[]", b"null", b'{"format": "perimetre"}', b"[" * 100_000,
    b'{"format": "dossier-perimetre", "version": 3}', b"x" * 21_000_000,
    b'{"format": "dossier-perimetre", "version": true}',
])
def test_another_file_is_refused_in_french(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as refused:
        dossier.read(content)
    assert is_french_sentence(refused.value.user_message)


@pytest.mark.parametrize("tables", [
    None, [], "x", [[]], [{}], [{"table": "", "millesime": "", "sha256": "0" * 16}],
    [{"table": "a", "millesime": "", "sha256": "0" * 15}],
    [{"table": "a", "millesime": "", "sha256": "0" * 16 + "\n"}],
    [{"table": "a", "millesime": "", "sha256": "A" * 16}],
    [{"table": "a", "millesime": "\x1b[31m", "sha256": "0" * 16}],
    [{"table": "a" * 201, "millesime": "", "sha256": "0" * 16}],
    [{"table": "a", "millesime": "", "sha256": "0" * 16}] * 2,
    [{"table": f"a{n}", "millesime": "", "sha256": "0" * 16} for n in range(201)],
])
def test_hostile_tables_are_refused_in_french(tables: Any) -> None:
    content = kept().to_json()
    content["donnees"]["tables"] = tables
    with pytest.raises(InvalidInputError) as refused:
        dossier.read(json.dumps(content).encode())
    assert is_french_sentence(refused.value.user_message)


VALUES: list[Any] = [
    None, True, -1, 0, 1e308, float("nan"), float("inf"), "", "x" * 5_000, "=1+1", "<script>",
    "\u0000", [], {}, [[]], {"a": 1}, "2026-13-45", 10**400, ["26281"] * 3,
]


@pytest.mark.parametrize("version", [1, 2])
def test_five_hundred_spoilt_files_are_read_or_refused_in_french(version: int) -> None:
    draw = random.Random(11)
    whole = kept().to_json() if version == 2 else json.loads(FILE)
    assert whole["version"] == version
    read = 0
    refusals = set()
    for _ in range(500):
        content = copy.deepcopy(whole)
        for _ in range(draw.randint(1, 3)):
            _spoil(content, draw)
        try:
            found = dossier.read(json.dumps(content).encode())
        except InvalidInputError as error:
            refusals.add(error.user_message)
        else:
            read += 1
            assert dossier.read(found.to_bytes()) == found
    assert read < 250
    assert [said for said in refusals if not is_french_sentence(said)] == []


def _spoil(content: Any, draw: random.Random) -> None:
    """Change, drop or add one thing somewhere in a JSON."""
    place = content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = draw.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and draw.random() < 0.75:
            place = inner
            continue
        if draw.random() < 0.2:
            del place[key]
        else:
            place[key] = draw.choice(VALUES)
        return


def test_the_command_keeps_and_opens_a_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    file = tmp_path / "romans.json"
    assert main(["suppliers", "--autour", "26281", "--rayon-km", "30", "--dossier", str(file),
                 "--sortie", str(tmp_path / "romans.csv")]) == 0
    capsys.readouterr()
    assert main(["dossier", str(file), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["empreinte"] == said["empreinte_aujourdhui"] == kept().digest
    assert said["entrent"] == said["sortent"] == []
    assert [row["table"] for row in said["donnees"]] == ["ess_structures", "communes", "contours"]
    assert all(row["avant"] == row["maintenant"] for row in said["donnees"])
    assert main(["dossier", str(file)]) == 0
    assert "même résultat" in capsys.readouterr().out
    assert main(["dossier", str(tmp_path / "absent.json")]) == 1
    (tmp_path / "faux.json").write_text("{}", encoding="utf-8")
    assert main(["dossier", str(tmp_path / "faux.json")]) == 2


def from_store(folder: Path, name: str = "Structure") -> tuple[settings.Settings, Result]:
    """Search communes asked one by one, with the lists that are joined to them."""
    current = settings.load({"TERRITORY_DATA_DIR": str(folder)})
    keep(current, rows({A: name}), 20)
    put(current, "esus", pd.DataFrame({"siren": [A[:9]]}), 12)
    return current, directory.search(HERE, CRITERIA, directory.of(HERE, current))


def test_two_machines_with_the_same_data_write_the_same_hashes(tmp_path: Path) -> None:
    _, here = from_store(tmp_path / "ici")
    (tmp_path / "là-bas").mkdir()
    _, there = from_store(tmp_path / "là-bas")
    assert [one.id for one in here.tables] == ["ess", "esus", "communes", "contours"]
    assert [one.vintage for one in here.tables][:2] == ["2026-11-20", "2026-11-12"]
    assert here.tables == there.tables
    assert kept(here).to_bytes() == kept(there).to_bytes()
    _, other = from_store(tmp_path / "autre", "Autre nom")
    assert [a.id for a, b in zip(here.tables, other.tables, strict=True) if a != b] == ["ess"]


def test_the_tables_that_changed_are_named_with_their_days(tmp_path: Path) -> None:
    current, before = from_store(tmp_path)
    one = kept(before)
    assert dossier.compare(one, before).same_data
    keep(current, rows({A: "Structure", B: "Venue depuis"}), 24)
    after = directory.search(HERE, CRITERIA, directory.of(HERE, current))
    found = dossier.compare(one, after)
    assert not found.same_data
    assert found.changes == (
        f"{LISTED} n’est plus la même\u00a0: 20 novembre 2026 → 24 novembre 2026",
    )
    assert found.changes[0] in found.sentence()
    put(current, "esus", pd.DataFrame({"siren": [B[:9]]}), 12)
    put(current, directory.NATIONAL, rows({A: "Structure"}), 28)
    bulk = directory.search(HERE, CRITERIA, directory.of(HERE, current))
    assert [t.id for t in bulk.tables] == [directory.NATIONAL, "esus", "communes", "contours"]
    found = dossier.compare(one, bulk)
    assert found.changes == (
        f"{LISTED} ne sert plus",
        "la liste des agréments ESUS n’est plus la même\u00a0: 12 novembre 2026, autre contenu",
        "la liste des structures de la base Sirene sert désormais (28 novembre 2026)",
    )
    assert is_french_sentence(found.sentence())


def test_the_same_result_of_other_tables_is_said_to_be_so(tmp_path: Path) -> None:
    current, before = from_store(tmp_path)
    put(current, "esus", pd.DataFrame({"siren": [B[:9]]}), 26)
    found = dossier.compare(kept(before),
                            directory.search(HERE, CRITERIA, directory.of(HERE, current)))
    assert found.digest == found.dossier.digest
    assert "et pourtant la liste des agréments ESUS n’est plus la même" in found.sentence()
    assert is_french_sentence(found.sentence())


def test_a_person_s_own_file_is_one_of_the_tables(tmp_path: Path) -> None:
    current, plain = from_store(tmp_path)
    own = rows({B: "Le mien"})
    brought = directory.search(HERE, CRITERIA, directory.of(HERE, current), own)
    assert [one.id for one in brought.tables][-1] == provenance.IMPORTED
    found = dossier.compare(kept(brought), plain)
    assert found.changes == ("le fichier de fournisseurs importé ne sert plus",)
    assert found.left["pourquoi"].tolist() == [GONE]


def test_the_digest_of_rows_follows_what_they_say_and_nothing_else() -> None:
    table = rows({A: "Un", B: "Deux"})
    turned = table.iloc[::-1, ::-1].reset_index(drop=True)
    assert rows_digest(turned) == rows_digest(table)
    assert rows_digest(table.assign(nom=["Un", "deux"])) != rows_digest(table)
    assert rows_digest(table, [["26281", True]]) != rows_digest(table)
    assert rows_digest(table.assign(longitude=float("nan"))) != rows_digest(table)
    # A cell never flows into the next one.
    one, other = (pd.DataFrame({"a": [a], "b": [b]}) for a, b in (('x", "y', "z"), ("x", 'y", "z')))
    assert rows_digest(one) != rows_digest(other)
    assert len(rows_digest(table.iloc[:0])) == 64


def test_a_store_written_before_still_says_its_digests(tmp_path: Path) -> None:
    _, before = from_store(tmp_path)
    file = tmp_path / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    del manifest["tables"]["esus"]["lignes_sha256"]
    file.write_text(json.dumps(manifest), encoding="utf-8")
    assert provenance.fetched(Store(tmp_path), ["esus"]) == before.tables[1:2]


def test_many_changes_are_counted() -> None:
    before = [TableVersion(f"etablissements_ess_{n:02}", "2026-09-01", "0" * 16) for n in range(9)]
    now = [dataclasses.replace(one, sha256="1" * 16) for one in before]
    said = provenance.told(provenance.changes(before, now))
    assert said.endswith(" ; et 6\u00a0autres changements")
    assert "base Sirene (00)" in said
    assert provenance.changes(before, before) == ()
    odd = TableVersion("<b>table</b>", "un\u202fjour/2026-01-01", "0" * 16)
    (clause,) = provenance.changes([odd], [dataclasses.replace(odd, sha256="2" * 16)])
    assert clause.startswith("la table « <b>table</b> » n’est plus la même")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """File of a search, with an empty store."""
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    path = tmp_path / "romans.json"
    path.write_bytes(kept().to_bytes())
    return path


def test_the_command_writes_the_note_and_the_list_of_an_opened_search(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note, listed = file.with_suffix(".md"), file.with_suffix(".xlsx")
    assert main(["dossier", str(file), "--note", str(note), "--liste", str(listed)]) == 0
    said = capsys.readouterr()
    text = note.read_text(encoding="utf-8")
    expected = sourcing.of(searched(), charter.default(), kept().declared, 3, dt.date.today(),
                           settings.load())
    sentence = dossier.compare(kept(), searched()).sentence()
    assert said.out.splitlines()[1] == sentence
    assert [line for line in text.splitlines() if line not in expected.markdown().splitlines()] == [
        f"- {sentence}"]
    (sheet, *_) = openpyxl.load_workbook(listed).worksheets
    assert sheet.max_row == len(searched().found) + 1
    assert main(["dossier", str(file), "--note", str(file.with_suffix(".PDF"))]) == 0
    assert file.with_suffix(".PDF").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("argv", [
    ["--note", "note.docx"], ["--note", "note"], ["--liste", "liste.ods"], ["--nombre", "0"],
    ["--format", "xlsx"],
])
def test_what_is_asked_wrongly_of_a_file_is_refused(
    argv: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dossier", str(file), *argv]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert is_french_sentence(line.removeprefix("Erreur : "))
