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
import pytest

from territory import charter, communes, directory, dossier
from territory.charter import Declaration
from territory.cli import main
from territory.directory import Result
from territory.dossier import GONE, NEW, OUTSIDE, UNMET
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.suppliers import Criteria, SupplierIndex
from tests.conftest import ROOT
from tests.territory.french import is_french_sentence

DAY = dt.date(2026, 11, 28)


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
    jsonschema.validate(kept().to_json(), schema)


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
    assert not found.same_data
    assert "la liste n’est plus celle du dossier" in found.sentence()


def _joined(one: Any, other: Any) -> Any:
    import pandas as pd

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
    b'{"format": "dossier-perimetre", "version": 2}', b"x" * 21_000_000,
    b'{"format": "dossier-perimetre", "version": true}',
])
def test_another_file_is_refused_in_french(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as refused:
        dossier.read(content)
    assert is_french_sentence(refused.value.user_message)


VALUES: list[Any] = [
    None, True, -1, 0, 1e308, float("nan"), float("inf"), "", "x" * 5_000, "=1+1", "<script>",
    "\u0000", [], {}, [[]], {"a": 1}, "2026-13-45", 10**400, ["26281"] * 3,
]


def test_five_hundred_spoilt_files_are_read_or_refused_in_french() -> None:
    draw = random.Random(11)
    whole = kept().to_json()
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
    assert main(["dossier", str(file)]) == 0
    assert "même résultat" in capsys.readouterr().out
    assert main(["dossier", str(tmp_path / "absent.json")]) == 1
    (tmp_path / "faux.json").write_text("{}", encoding="utf-8")
    assert main(["dossier", str(tmp_path / "faux.json")]) == 2
