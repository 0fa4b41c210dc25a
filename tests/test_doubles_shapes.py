"""The double of the search answers in the shape of real answers, and the product reads no more."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from territory.sources import ess_rows
from territory.sources.ess import Batch
from tests.doubles.recherche import Recherche
from tests.doubles.world import World
from tests.territory.real import real_file

Shape = dict[str, set[str]]


def shapes(units: Iterable[Mapping[str, Any]]) -> dict[str, Shape]:
    """Part of an answer → key → types of its values."""
    found: dict[str, Shape] = {"unit": {}, "siege": {}, "match": {}, "complements": {}}
    for unit in units:
        parts = [("unit", unit), ("siege", unit["siege"]), ("complements", unit["complements"]),
                 *(("match", match) for match in unit["matching_etablissements"])]
        for part, content in parts:
            for key, value in content.items():
                found[part].setdefault(key, set()).add(type(value).__name__)
    return found


@pytest.fixture(scope="module")
def real() -> dict[str, Shape]:
    samples = json.loads(real_file("ess_api_exemples.json").read_text(encoding="utf-8"))
    return shapes(unit for name, answer in samples.items() if name.startswith("recherche_")
                  for unit in answer.get("results", ()))


@functools.cache
def units() -> list[dict[str, Any]]:
    """What the double answers of a whole world."""
    world = World.small()
    asked = {"code_commune": ",".join(world.codes), "per_page": "25",
             "limite_matching_etablissements": "100"}
    service = Recherche(world)
    pages = [service.search({**asked, "page": str(page)})["results"] for page in range(1, 20)]
    assert pages[-1] == []
    return [unit for page in pages for unit in page]


@functools.cache
def answered() -> dict[str, Shape]:
    return shapes(units())


def test_answers_have_the_keys_of_real_ones(real: dict[str, Shape]) -> None:
    for part, shape in answered().items():
        assert set(shape) - set(real[part]) == set()
        # What public callers do not get.
        lacking = {"immatriculation", "admin"} if part == "unit" else set()
        assert set(real[part]) - set(shape) == lacking


def test_answers_have_the_types_of_real_ones(real: dict[str, Shape]) -> None:
    never_null = set()
    for part, shape in answered().items():
        for key, types in shape.items():
            # A few lists are null in every sample of one part and filled in the other.
            known = real[part][key] | (real["siege"].get(key, set()) if part == "match" else set())
            assert types - {"NoneType"} <= known, (part, key)
            if "NoneType" in types - known:
                never_null.add(key)
    # The reference says that sizes and the employer's mark may be unknown; nobody reads the others.
    assert never_null == {"tranche_effectif_salarie", "caractere_employeur", "libelle_voie",
                          "date_mise_a_jour_insee"}


class Watched(dict[str, Any]):
    """A JSON object that notes the keys it is asked for."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_every_key_the_product_reads_is_in_real_answers(real: dict[str, Shape]) -> None:
    batch = Batch(("26281",))
    read = json.loads(json.dumps(units()), object_hook=Watched)
    for unit in read:
        batch.add(unit)
    ess_rows.rows(batch, dt.date(2026, 11, 23))
    asked = {
        "unit": set().union(*(unit.asked for unit in read)),
        "complements": set().union(*(unit["complements"].asked for unit in read)),
        "match": set().union(*(m.asked for unit in read for m in unit["matching_etablissements"])),
    }
    assert all(len(keys) > 5 for keys in asked.values())
    for part, keys in asked.items():
        assert keys - set(real[part]) == set()
        assert keys - set(answered()[part]) == set()
