"""The perimeter file, version 2: what is written, and what is refused."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from layers.folium_map import folium_map
from layers.perimeter import perimeter_outline
from layers.registry import document_layers
from territory import communes, suppliers
from territory.cli import main
from territory.errors import InvalidInputError
from territory.perimeter import MAX_DEPTH, MAX_FILE_BYTES, Perimeter
from tests.conftest import ROOT
from tests.territory import areas
from tests.territory.french import is_french_sentence

SCHEMA = json.loads((ROOT / "docs/schema/perimetre.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)
ROMANS = communes.get("26281")

RICH = (
    (Perimeter.around_commune(ROMANS, 40) & Perimeter.of_units("26", "R84"))
    | Perimeter.of_shape(
        shapely.difference(shapely.box(4.8, 44.8, 5.0, 45.0), shapely.box(4.85, 44.85, 4.9, 44.9)),
        "Vallée",
    ).tampon(2.5)
) - Perimeter.around_point(5.0, 45.0, 3) - Perimeter.of_units("26362")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@given(areas.perimeters)
@settings(max_examples=60)
def test_files_follow_the_schema_and_read_back(perimeter: Perimeter) -> None:
    content = json.loads(json.dumps(perimeter.to_json()))
    assert list(VALID.iter_errors(content)) == []
    back = Perimeter.from_json(content)
    if not perimeter.only_discs or len(perimeter.discs) == 1:
        assert content["version"] == (1 if perimeter.only_discs else 2)
    assert back == perimeter
    assert back.digest() == perimeter.digest()
    assert back.to_json() == content


def test_the_file_is_readable() -> None:
    ring = [[5.0, 45.0], [5.1, 45.0], [5.1, 45.1], [5.0, 45.1], [5.0, 45.0]]
    perimeter = (
        Perimeter.of_shape(shapely.Polygon(ring[::-1]), "Vallée") | Perimeter.of_units("r84", "26")
    ) - Perimeter.around_point(5, 45, 2)
    assert perimeter.to_json() == {
        "format": "perimetre",
        "version": 2,
        "phrase": perimeter.sentence(),
        "zone": {
            "type": "difference",
            "zone": {
                "type": "union",
                "zones": [
                    {"type": "unites", "codes": ["26", "R84"]},
                    {"type": "polygone", "nom": "Vallée", "coordonnees": [[ring]]},
                ],
            },
            "sauf": {"type": "disque", "longitude": 5.0, "latitude": 45.0, "radius_km": 2.0,
                     "code_commune": None},
        },
    }


def test_the_digest_is_the_same_on_every_machine_and_without_the_sentence() -> None:
    # Computed once; a change of this value breaks saved links between a file and its perimeter.
    assert RICH.digest() == "3fa4ab97167e2a6b"
    other = {**RICH.to_json(), "phrase": "Autre chose."}
    assert Perimeter.from_json(other).digest() == RICH.digest()


def test_members_may_be_written_in_any_order() -> None:
    content = RICH.to_json()
    turned = json.loads(json.dumps(content))
    turned["zone"]["zone"]["zones"].reverse()
    turned["zone"]["sauf"]["zones"].reverse()
    assert turned != content
    assert Perimeter.from_json(turned).digest() == RICH.digest()


def test_discs_alone_are_read_from_version_2_and_written_in_version_1() -> None:
    zone = {"type": "disque", "longitude": 5, "latitude": 45, "radius_km": 30}
    read = Perimeter.from_json({"format": "perimetre", "version": 2, "zone": zone})
    assert read == Perimeter.around_point(5, 45, 30)
    assert read.to_json()["version"] == 1
    assert read.digest() == "41fdfdbc2e22a88d"


def zone(**content: Any) -> dict[str, Any]:
    return {"format": "perimetre", "version": 2, "zone": content}


UNITS = {"type": "unites", "codes": ["26"]}
SQUARE = [[[[5.0, 45.0], [5.1, 45.0], [5.1, 45.1], [5.0, 45.0]]]]


def nested(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = UNITS
    for _ in range(levels):
        inner = {"type": "tampon", "distance_km": 1, "zone": inner}
    return zone(**inner)


@pytest.mark.parametrize(
    "content",
    [
        {"format": "perimetre", "version": 2}, {"format": "perimetre", "version": 2.0},
        {"format": "perimetre", "version": 3}, {"format": "perimetre", "version": "\ud800"},
        {"format": "perimetre", "version": 2, "zone": []}, zone(), zone(type="cercle"),
        zone(type=["unites"]), zone(type=None), {**zone(**UNITS), "filtres": {}},
        zone(**UNITS, nom="x"), zone(type="unites"), zone(type="unites", codes="26"),
        zone(type="unites", codes={"26": 1}), zone(type="unites", codes=[26]),
        zone(type="unites", codes=["26"] * 5001), zone(type="union", zones=[]),
        zone(type="union", zones=UNITS), zone(type="union", zones=[UNITS] * 101),
        zone(type="union", zones=[UNITS, None]), zone(type="difference", zone=UNITS),
        zone(type="difference", zone=UNITS, sauf=UNITS, sauff=UNITS),
        zone(type="tampon", zone=UNITS), zone(type="tampon", zone=UNITS, distance_km="5"),
        zone(type="tampon", zone=UNITS, distance_km=True),
        zone(type="tampon", zone=UNITS, distance_km=301),
        zone(type="tampon", zone=UNITS, distance_km=float("nan")),
        zone(type="disque", longitude="5", latitude=45, radius_km=3),
        zone(type="disque", longitude=5, latitude=45, radius_km=10**400),
        zone(type="disque", longitude=5, latitude=45, radius_km=3, code_commune=26281),
        zone(type="disque", longitude=5, latitude=45, radius_km=3, code_commune="99999"),
        zone(type="polygone"), zone(type="polygone", coordonnees=SQUARE[0]),
        zone(type="polygone", coordonnees=[[[[5, 45, 0], [5, 46, 0], [6, 46, 0]]]]),
        zone(type="polygone", coordonnees=[[[[5, 45], [5, 46], [6, float("inf")]]]]),
        zone(type="polygone", coordonnees=[[[[5, 45], [5, 46], [6, 10**400]]]]),
        zone(type="polygone", coordonnees=[[[[5, 45], [5, 46], [True, 45]]]]),
        zone(type="polygone", coordonnees=[[[[5, 45], [5, 46], ["6", 45]]]]),
        zone(type="polygone", coordonnees=[[[[5, 45], [5, 46]]]]),
        zone(type="polygone", coordonnees=[[[]]]), zone(type="polygone", coordonnees=[]),
        zone(type="polygone", coordonnees=SQUARE, nom=3),
        zone(type="polygone", coordonnees=SQUARE, nom="<script>"),
        zone(type="polygone", coordonnees=[[[[5, 45 + n / 1e5] for n in range(10_002)]]]),
        nested(MAX_DEPTH), nested(900),
        zone(type="union", zones=[
            {"type": "union", "zones": [{"type": "unites", "codes": [c]} for c in
                                        communes.table().index[n : n + 11]]}
            for n in range(0, 110, 11)
        ]),
    ],
)
def test_a_wrong_file_gets_a_french_sentence(content: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.from_json(content)
    assert is_french_sentence(caught.value.user_message)
    assert len(caught.value.user_message) < 400


def test_the_bounds_themselves_are_accepted() -> None:
    assert Perimeter.from_json(nested(MAX_DEPTH - 1)).sentence()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[" * 100_000, b" " * (MAX_FILE_BYTES + 1), b"1" * 5000, b"null",
     b'{"format": "perimetre", "version": NaN}'],
)
def test_bytes_that_are_no_file_get_a_french_sentence(content: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.from_bytes(content)
    assert is_french_sentence(caught.value.user_message)


def test_bytes_read_back(tmp_path: Path) -> None:
    path = tmp_path / "perimetre.json"
    path.write_text(json.dumps(RICH.to_json(), ensure_ascii=False, indent=1), encoding="utf-8-sig")
    assert Perimeter.from_bytes(path.read_bytes()) == RICH


# --- Mutated files ----------------------------------------------------------------------------

_VALUES: list[Any] = [
    None, True, False, 0, -1, 1e308, -0.0, 10**30, float("nan"), float("inf"), "", "26", "26281",
    "R84", "\ud800", "\x00", "<img src=x onerror=alert(1)>", "__import__('os')", "../../etc", [],
    {}, [[]], [[[[5, 45]]]], {"type": "unites", "codes": ["26"]}, {"type": "tampon"}, "disque",
    "union", "polygone", 5.05, 45.04, 300, 300.1, 0.1, 360, "a" * 10_000, [0] * 200,
]


def _paths(content: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = content.keys() if isinstance(content, dict) else range(
        len(content) if isinstance(content, list) else 0
    )
    return [here, *(path for key in keys for path in _paths(content[key], (*here, key)))]


def mutated(content: Any, chance: random.Random) -> Any:
    result = copy.deepcopy(content)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice(_paths(result))
        if not path:
            continue
        parent = result
        for key in path[:-1]:
            parent = parent[key]
        key = path[-1]
        action = chance.randrange(5)
        if action == 0:
            parent[key] = copy.deepcopy(chance.choice(_VALUES))
        elif action == 1:
            del parent[key]
        elif action == 2 and isinstance(parent, dict):
            parent[chance.choice(["type", "zone", "sauf", "zones", "codes", "x", "nom"])] = (
                copy.deepcopy(chance.choice([parent[key], *_VALUES]))
            )
        elif action == 3 and isinstance(parent, list):
            parent.insert(chance.randint(0, len(parent)), copy.deepcopy(chance.choice(
                [parent[key], *_VALUES]
            )))
        elif isinstance(parent[key], int | float) and not isinstance(parent[key], bool):
            parent[key] *= chance.choice([-1, 0, 0.5, 1.01, 1e6])
        else:
            other = result
            for step in chance.choice(_paths(result)):
                other = other[step]
            parent[key] = copy.deepcopy(other)
    return result


@pytest.mark.parametrize("seed", range(10))
def test_mutated_files_are_refused_with_a_sentence_or_read(seed: int) -> None:
    """Fifty mutations a seed, five hundred in all."""
    chance = random.Random(seed)
    models = [RICH.to_json(), Perimeter.around_commune(ROMANS, 30).to_json()]
    read = 0
    for _ in range(50):
        content = mutated(chance.choice(models), chance)
        try:
            perimeter = Perimeter.from_json(content)
        except InvalidInputError as error:
            assert is_french_sentence(error.user_message), error.user_message  # noqa: PT017
            error.user_message.encode()
            continue
        read += 1
        assert Perimeter.from_json(json.loads(json.dumps(perimeter.to_json()))) == perimeter
        perimeter.sentence().encode()
        assert perimeter.contains([5.0, 5.05], [45.0, 45.04], ["26004", "26281"]).shape == (2,)
    assert read < 50


@pytest.mark.parametrize("seed", range(5))
def test_cut_and_spoiled_bytes_are_refused_with_a_sentence_or_read(seed: int) -> None:
    chance = random.Random(seed)
    whole = json.dumps(RICH.to_json()).encode()
    for _ in range(40):
        spoiled = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            spoiled[chance.randrange(len(spoiled))] = chance.randrange(256)
        content = bytes(spoiled[: chance.choice([len(spoiled), chance.randrange(len(spoiled))])])
        try:
            Perimeter.from_bytes(content)
        except InvalidInputError as error:
            assert is_french_sentence(error.user_message), error.user_message  # noqa: PT017


def test_the_command_line_opens_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "perimetre.json"
    path.write_text(json.dumps(RICH.to_json()), encoding="utf-8")
    target = tmp_path / "liste.csv"
    assert main(["suppliers", "--perimetre", str(path), "--sortie", str(target)]) == 0
    found = pd.read_csv(target, dtype=str)
    assert len(found) == len(suppliers.search(RICH)) > 0
    assert set(found["distance_depuis"]) == {"mairie de Romans-sur-Isère"}
    path.write_bytes(b" " * (MAX_FILE_BYTES + 1))
    assert main(["suppliers", "--perimetre", str(path)]) != 0
    assert "trop gros" in capsys.readouterr().err


def test_the_map_of_a_document_shows_any_perimeter() -> None:
    layer = perimeter_outline(RICH)
    assert layer.table.geometry.is_valid.all()
    layers = document_layers(RICH, suppliers.search(RICH), sentence="Essai.")
    drawn = folium_map(layers, RICH).get_root().render()
    west, south, east, north = RICH.outline().bounds
    assert f"{south}, {west}" in drawn
    assert f"{north}, {east}" in drawn
