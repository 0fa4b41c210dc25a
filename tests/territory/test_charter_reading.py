"""Charter files: ours against their schema, a collectivité's own, and three hundred spoilt ones."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import charter, store, suppliers
from territory.charter import Charter, Declaration, declaration
from territory.charter.reading import MAX_BYTES
from territory.charter.rules import FACTS, KINDS, MENTIONS
from territory.errors import DataError, InvalidInputError
from tests.territory.french import is_french_sentence

FILES = ("charte/commune.json", "charte/filieres.json")

OWN: dict[str, Any] = {
    "format": "charte", "version": 1, "nom": "Charte inventée", "auteur": "Commune inventée",
    "reprend": True,
    "retire": ["handicap", "gaspillage"],
    "poids": {"ess": 3, "siae": 0.5},
    "axes": [{"id": "emploi", "libelle": "Emploi local"}],
    "textes": [{"id": "deliberation", "titre": "Délibération inventée", "auteur": "Conseil",
                "date": "2026", "adresse": "https://exemple.fr/deliberation"}],
    "criteres": [
        {"id": "employeur", "axe": "emploi", "libelle": "employeur", "question": "Emploie-t-il ?",
         "preuve": "Sirene.", "regles": [{"colonne": "est_employeur", "regle": "oui_non"}],
         "textes": ["deliberation"]},
        {"id": "voisin", "axe": "proximite", "libelle": "à 12 km", "question": "Est-il voisin ?",
         "preuve": "La distance.", "declaration": False, "poids": 2,
         "regles": [{"colonne": "distance_km", "regle": "au_plus", "limite": 12.5},
                    {"colonne": "labels", "regle": "parmi", "valeurs": ["RGE", "EA"]}],
         "textes": ["deliberation", "labo_2012"], "filieres": ["Restauration", "Habitat"]},
    ],
}


@pytest.fixture(scope="module")
def schema(root: Path) -> jsonschema.Draft202012Validator:
    content = json.loads((root / "docs/schema/charte.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(content)
    return jsonschema.Draft202012Validator(content)


# --- Ours ----------------------------------------------------------------------------------------


def test_our_files_follow_the_published_schema(schema: jsonschema.Draft202012Validator) -> None:
    for name in FILES:
        schema.validate(json.loads(store.document(name)))
    schema.validate(charter.default().to_json())
    schema.validate(OWN)


def test_the_schema_lists_what_the_rules_know(schema: jsonschema.Draft202012Validator) -> None:
    shapes = [shape["properties"] for shape in schema.schema["$defs"]["regle"]["oneOf"]]
    values = {column: set(shape.get("valeurs", {}).get("items", {}).get("enum", []))
              for shape in shapes for column in said(shape["colonne"])}
    kinds = {column: set(said(shape["regle"]))
             for shape in shapes for column in said(shape["colonne"])}
    assert kinds == {column: set(fact.kinds) for column, fact in FACTS.items()}
    assert set.union(*kinds.values()) == set(KINDS)
    assert values["labels"] == set(MENTIONS)
    assert values["famille_ess"] == set(suppliers.FAMILIES) - {"inconnue"}


def said(part: dict[str, Any]) -> list[str]:
    return part["enum"] if "enum" in part else [part["const"]]


def test_every_criterion_has_a_text_an_axis_and_a_way_to_be_answered() -> None:
    ours = charter.default()
    texts = {reference.id: reference for reference in ours.references}
    for criterion in ours.criteria:
        assert criterion.references
        for one in criterion.references:
            assert texts[one].title
            assert texts[one].author
            assert texts[one].date
        assert criterion.rules or criterion.declarable
        assert criterion.question.endswith("\u00a0?")
        assert is_french_sentence(criterion.evidence)
    assert {c.axis for c in ours.criteria if not c.filieres} == {a.id for a in ours.axes}
    assert is_french_sentence(ours.sentence())


def test_ours_is_read_back_as_it_was() -> None:
    ours = charter.default()
    again = charter.from_json(json.loads(json.dumps(ours.to_json())))
    assert again == ours
    assert again.digest() == ours.digest()
    assert ours.reweighted({"ess": 2}).digest() != ours.digest()
    assert ours.reweighted({"ess": 1}) == ours


def test_a_missing_file_of_the_base_is_said() -> None:
    with pytest.raises(DataError) as caught:
        store.document("charte/absente.json")
    assert is_french_sentence(caught.value.user_message)


# --- A collectivité's own ------------------------------------------------------------------------


def read(content: object) -> Charter:
    return charter.read("charte.json", json.dumps(content, ensure_ascii=False).encode())


def test_an_own_charter_adds_removes_and_weighs() -> None:
    ours, own = charter.default(), read(OWN)
    before, after = ({c.id: c for c in one.criteria} for one in (ours, own))
    assert set(before) - set(after) == {"handicap", "gaspillage"}
    assert list(after)[-2:] == ["employeur", "voisin"]
    assert (after["ess"].weight, after["siae"].weight, after["voisin"].weight) == (3, 0.5, 2)
    unmoved = set(before) & set(after) - {"ess", "siae"}
    assert all(before[one] == after[one] for one in unmoved)
    assert own.axes[-1].label == "Emploi local"
    assert charter.from_json(own.to_json()) == own


def test_an_own_charter_may_say_everything_itself() -> None:
    alone = {key: value for key, value in OWN.items() if key not in {"reprend", "retire", "poids"}}
    alone["criteres"] = OWN["criteres"][:1]
    assert [c.id for c in read(alone).criteria] == ["employeur"]
    replaced = {**OWN, "retire": ["ess"], "poids": {},
                "criteres": [{**OWN["criteres"][0], "id": "ess"}]}
    assert read(replaced).criterion("ess").axis == "emploi"


def spoilt(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(OWN), **changes}


def with_criterion(**changes: Any) -> dict[str, Any]:
    return spoilt(criteres=[{**OWN["criteres"][0], **changes}])


def with_rule(**rule: Any) -> dict[str, Any]:
    return with_criterion(regles=[rule])


@pytest.mark.parametrize("content", [
    None, [], "charte", 3, {}, {"format": "perimetre"}, spoilt(version=2), spoilt(version=True),
    spoilt(version="1"), spoilt(nom=""), spoilt(nom=" x"), spoilt(nom="a\nb"),
    spoilt(nom="\ud800"), spoilt(nom="x" * 81), spoilt(nom="\u202egauche"), spoilt(secret=1),
    spoilt(reprend="oui"), spoilt(reprend=False), spoilt(retire=["inexistant"]),
    spoilt(poids={"inexistant": 1}), spoilt(poids={"ess": "3"}), spoilt(poids={"ess": -1}),
    spoilt(poids={"ess": 1e400}), spoilt(poids=[1]), spoilt(axes={}), spoilt(axes=[1]),
    spoilt(axes=[{"id": "proximite", "libelle": "encore"}]),
    spoilt(axes=[{"id": "total", "libelle": "T"}],
           criteres=[{**OWN["criteres"][0], "axe": "total"}]),
    spoilt(criteres=[OWN["criteres"][0]] * 2), spoilt(criteres=[{}] * 201), spoilt(textes=[]),
    with_criterion(id="ess"), with_criterion(id="É"), with_criterion(id="../x"),
    with_criterion(axe="beaute"), with_criterion(textes=[]), with_criterion(textes=["rien"]),
    with_criterion(regles=[]), with_criterion(poids=True), with_criterion(poids=10**400),
    with_criterion(poids=float("nan")), with_criterion(filieres=["Armement"]),
    with_criterion(filieres="Habitat"), with_criterion(question=["?"]), with_criterion(piege=1),
    with_rule(colonne="nom", regle="oui_non"), with_rule(colonne="est_ess", regle="eval"),
    with_rule(colonne="labels", regle="parmi", valeurs=[]),
    with_rule(colonne="labels", regle="parmi", valeurs=["AOP"]),
    with_rule(colonne="distance_km", regle="au_plus", limite=0),
    with_rule(colonne="distance_km", regle="au_plus", limite=None),
    with_rule(colonne="est_ess", regle="oui", limite=3), with_rule(colonne=[], regle={}),
    spoilt(textes=[{**OWN["textes"][0], "adresse": "javascript:alert(1)"}]),
], ids=str)
def test_what_is_no_charter_is_refused_in_one_french_sentence(content: object) -> None:
    raw = json.dumps(content).encode()
    with pytest.raises(InvalidInputError) as caught:
        charter.read("charte.json", raw)
    assert is_french_sentence(caught.value.user_message)
    assert len(caught.value.user_message) < 500
    caught.value.user_message.encode()


@pytest.mark.parametrize("raw", [
    b"", b"{", b"\xff\xfe\x00", b"[" * 100_000, b"9" * 5000, b"{}" * 2, b" " * (MAX_BYTES + 1),
    b'{"format": "charte", "version": ' + b"9" * 4000 + b"}",
], ids=range(8))
def test_what_is_no_json_is_refused_too(raw: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        charter.read("\ud800piège\n.json", raw)
    assert is_french_sentence(caught.value.user_message)
    caught.value.user_message.encode()


JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 3.5, 1e308, float("nan"), float("inf"), 10**30, "", " ", "é" * 900,
    "oui", "=1+1", "<script>", "\u0000", "\ud83d", "../..", [], {}, [[]], [None], {"id": "x"},
    ["ess"], "ess", "proximite", "est_ess", "parmi", {"ess": 2},
)


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(
        node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def mutated(source: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Spoil a charter in one to three places."""
    content = copy.deepcopy(source)
    for _ in range(rng.randint(1, 3)):
        spots = list(places(content))
        if not spots:
            break
        *above, last = rng.choice(spots)
        node: Any = content
        for key in above:
            node = node[key]
        act = rng.choice(("replace", "drop", "rename", "repeat"))
        if act == "replace" or (act == "repeat" and not isinstance(node, list)):
            node[last] = rng.choice(JUNK)
        elif act == "drop":
            del node[last]
        elif act == "repeat":
            node.extend([copy.deepcopy(node[last])] * rng.choice((1, 60)))
        elif isinstance(node, dict):
            node[rng.choice(("id", "poids", "inattendu", "regles"))] = node.pop(last)
    return content


def test_three_hundred_spoilt_charters_are_read_or_refused_and_nothing_else(
    schema: jsonschema.Draft202012Validator,
) -> None:
    rng = random.Random(20261128)
    sources = [OWN, *(json.loads(store.document(name)) for name in FILES)]
    accepted, refusals = 0, []
    for rank in range(300):
        content = mutated(sources[rank % 3] if rank % 2 else OWN, rng)
        raw = json.dumps(content).encode()
        if rank % 5 == 0:
            spot = rng.randrange(len(raw))
            raw = raw[:spot] + rng.choice((b"", b"\x00", b'"', b"}", b"\xff")) + raw[spot + 1:]
        try:
            found = charter.read("charte.json", raw)
        except InvalidInputError as error:
            refusals.append(error.user_message)
        else:
            accepted += 1
            # What is read is never wider than what is published.
            schema.validate(json.loads(raw))
            assert charter.from_json(found.to_json()) == found
    for message in refusals:
        assert is_french_sentence(message), message
        message.encode()
    assert len(refusals) > 150
    assert accepted > 10


# --- Declarations --------------------------------------------------------------------------------

SIRETS = ("30000001600018", "30000002400012")
lines = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40)


@given(st.lists(st.builds(
    Declaration,
    criterion=st.sampled_from(["ess", "prix_juste"]), state=st.sampled_from(["oui", "non"]),
    evidence=lines, role=lines,
    day=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), name=lines,
    commune=st.sampled_from(["26281", "2A004", "97411", "75101"]),
), max_size=5))
def test_declarations_are_read_back_as_they_were(declared: list[Declaration]) -> None:
    text = json.dumps([one.to_json() for one in declared])
    assert declaration.from_json(json.loads(text)) == tuple(declared)


GOOD = {"nom": "Ferme inventée", "code_insee": "26281", "critere": "bio", "etat": "oui",
        "preuve": "Certificat inventé", "date": "2026-11-02", "role": "acheteuse"}


@pytest.mark.parametrize("content", [
    None, {}, "x", [None], [[]], [{}], [GOOD] * 10_001,
    *([{**GOOD, **change}] for change in (
        {"siret": "12345678901234"}, {"siret": 1}, {"nom": ""}, {"code_insee": "26"},
        {"code_insee": "Romans"}, {"critere": "É"}, {"etat": "inconnu"}, {"etat": ""},
        {"preuve": " "}, {"preuve": "a\nb"}, {"preuve": "x" * 1001}, {"role": ""},
        {"role": "\ud800"}, {"date": ""}, {"date": "2026-02-30"}, {"date": "02/11/2026"},
        {"date": "2026-11-02T10:00"}, {"date": "\ud800"}, {"piege": "x"}, {"date": "٢٠٢٦-11-02"},
    )),
], ids=range(27))
def test_a_declaration_that_is_none_is_refused(content: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        declaration.from_json(content)
    assert is_french_sentence(caught.value.user_message)
    caught.value.user_message.encode()


def test_a_declaration_by_siret_needs_no_name() -> None:
    content = {key: text for key, text in GOOD.items() if key not in {"nom", "code_insee"}}
    (found,) = declaration.from_json([{**content, "siret": SIRETS[0]}])
    assert (found.siret, found.name, found.commune) == (SIRETS[0], "", "")
    assert declaration.from_json([found.to_json()]) == (found,)
