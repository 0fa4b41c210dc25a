"""Lots drawn by hand, and against every cut of small needs."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from territory import besoin, lots, partition
from territory.errors import InvalidInputError
from territory.supplier_file import RawFile, read_file
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence
from tests.territory.offre import index

FOOD, GREEN = "Restauration", "Espaces verts et nature"
# Romans, Valence (16 km), Montélimar (43 km from Valence, 60 from Romans), Grenoble.
ROMANS, VALENCE, MONTELIMAR, GRENOBLE = "26281", "26362", "26198", "38185"


def raw(text: str) -> RawFile:
    return read_file("besoins.csv", text.encode())


def need(*lines: tuple[object, ...]) -> pd.DataFrame:
    rows = [",".join(map(str, (*line, *[""] * (3 - len(line))))) for line in lines]
    return besoin.read(raw("\n".join(["lieu,filiere,quantite", *rows])))


def shape(found: lots.Split) -> list[tuple[str, ...]]:
    return [lot.places for lot in found.lots]


def check_words(found: lots.Split) -> None:
    for text in (found.sentence(), *found.notes()):
        assert is_french_sentence(text), text


def test_places_that_share_suppliers_go_together() -> None:
    wanted = need((ROMANS, FOOD), (VALENCE, FOOD), (MONTELIMAR, FOOD))
    supply = index(*[{"code_insee": VALENCE}] * 2, *[{"code_insee": MONTELIMAR}] * 2)
    two = lots.split(wanted, supply, 2, reach_km=30)
    assert shape(two) == [("Romans-sur-Isère", "Valence"), ("Montélimar",)]
    assert [len(lot.able) for lot in two.lots] == [2, 2]
    assert (two.exact, two.fewest) == (True, 2)
    # At 50 km Valence's two reach all three places only from Valence itself.
    one = lots.split(wanted, supply, 2, reach_km=50)
    assert shape(one) == [("Romans-sur-Isère", "Valence", "Montélimar")]
    assert set(one.lots[0].able["nom"]) == {"S0", "S1"}
    for found in (one, two):
        check_words(found)


def test_a_part_that_too_few_can_answer_is_in_no_lot_and_is_named() -> None:
    found = lots.split(need((ROMANS, FOOD), (GRENOBLE, FOOD)), index({}, {}), 2, reach_km=10)
    assert shape(found) == [("Romans-sur-Isère",)]
    (short,) = found.short
    assert short.places == ("Grenoble",)
    assert any("Grenoble" in note and "0\u00a0fournisseur" in note for note in found.notes())
    table = found.table()
    assert table["lot"].tolist() == [1, pd.NA]
    check_words(found)


def test_nothing_possible_is_said() -> None:
    found = lots.split(need((ROMANS, FOOD), (ROMANS, GREEN)), index({}), 2)
    assert found.lots == ()
    check_words(found)


def test_what_is_kept_whole_is_chosen() -> None:
    wanted = need((ROMANS, FOOD), (ROMANS, GREEN), (VALENCE, FOOD))
    supply = index({}, {"filiere": GREEN})
    assert [lot.trades for lot in lots.split(wanted, supply, 1, by="filiere").lots] == [
        (FOOD,), (GREEN,)
    ]
    by_place = lots.split(wanted, supply, 1, by="lieu")
    assert shape(by_place) == [("Valence",)]
    assert any("plus fine" in note for note in by_place.notes())
    by_line = lots.split(wanted, supply, 1, by="ligne")
    assert [len(lot.lines) for lot in by_line.lots] == [2, 1]
    both = index({"filiere": f"{FOOD} ; {GREEN}"})
    assert len(lots.split(wanted, both, 1, by="lieu").lots) == 1


def test_balance_weighs_quantities_or_lines() -> None:
    # Three trades held by two suppliers: two lots; the heavy one stays alone.
    wanted = need((ROMANS, FOOD, 100), (ROMANS, GREEN, 10), (ROMANS, "Numérique", 10))
    supply = index({"filiere": f"{FOOD} ; {GREEN}"}, {"filiere": f"{GREEN} ; Numérique"})
    found = lots.split(wanted, supply, 1, by="filiere", objective="equilibre")
    assert found.weighed
    assert sorted(lot.quantity for lot in found.lots) == [20, 100]
    unknown = need((ROMANS, FOOD, 100), (ROMANS, GREEN), (ROMANS, "Numérique", 10))
    found = lots.split(unknown, supply, 1, by="filiere", objective="equilibre")
    assert not found.weighed
    assert any("lignes" in note for note in found.notes())
    check_words(found)


def test_the_filters_of_a_search_count_but_for_its_trades() -> None:
    supply = index({"est_siae": "oui"}, {}, {"est_siae": "oui", "filiere": GREEN})
    asked = Criteria(filieres=(GREEN,), siae_only=True)
    (lot,) = lots.split(need((ROMANS, FOOD)), supply, 1, criteria=asked).lots
    assert list(lot.able["nom"]) == ["S0"]


def test_the_columns_of_the_table_are_declared() -> None:
    table = lots.split(need((ROMANS, FOOD)), index({}), 1).table()
    assert {column.name for column in lots.columns()} <= set(table.columns)


def test_unknown_sizes_are_said() -> None:
    supply = index({"tranche_effectif": "12"}, {"tranche_effectif": ""})
    (lot,) = lots.split(need((ROMANS, FOOD)), supply, 2).lots
    assert lot.unsized == 1


@pytest.mark.parametrize(("wanted", "reach"), [(0, 10), (1001, 10), (1, 0), (1, "x")])
def test_numbers_out_of_bounds_are_refused(wanted: int, reach: object) -> None:
    with pytest.raises(InvalidInputError) as fault:
        lots.split(need((ROMANS, FOOD)), index({}), wanted, reach_km=reach)
    assert is_french_sentence(fault.value.user_message)
    with pytest.raises(InvalidInputError):
        lots.split(need((ROMANS, FOOD)).iloc[:0], index({}), 1)


# --- Oracle ----------------------------------------------------------------------------------


def cuts(items: list[int]) -> Iterator[list[list[int]]]:
    """Every partition of a set."""
    if not items:
        yield []
        return
    first, *rest = items
    for size in range(len(rest) + 1):
        for friends in itertools.combinations(rest, size):
            for others in cuts([i for i in rest if i not in friends]):
                yield [[first, *friends], *others]


def value(parts, able, weights, objective: str) -> tuple[int, float]:
    if objective == "concurrence":
        return len(parts), -min(int(able[list(p)].all(axis=0).sum()) for p in parts)
    return len(parts), round(max(float(weights[list(p)].sum()) for p in parts), 9)


def drawn(rng: np.random.Generator, blocks: int, count: int, wanted: int):
    able = rng.random((blocks, count)) < rng.uniform(0.3, 0.9)
    for row in able:
        row[rng.permutation(count)[:wanted]] = True
    return able, np.round(rng.uniform(1, 50, blocks), 1)


@pytest.mark.parametrize("objective", ["concurrence", "equilibre"])
def test_lots_equal_every_cut_up_to_twelve_suppliers(objective) -> None:
    rng = np.random.default_rng(20_261_128)
    seen = set()
    for _ in range(80):
        blocks, count = int(rng.integers(1, 8)), int(rng.integers(1, 13))
        wanted = int(rng.integers(1, min(count, 4) + 1))
        able, weights = drawn(rng, blocks, count, wanted)
        good = [
            parts for parts in cuts(list(range(blocks)))
            if all(able[p].all(axis=0).sum() >= wanted for p in parts)
        ]
        expected = min(value(parts, able, weights, objective) for parts in good)
        found = partition.solve(able, weights, wanted, objective=objective)
        assert found.exact
        assert sorted(b for p in found.parts for b in p) == list(range(blocks))
        assert all(able[list(p)].all(axis=0).sum() >= wanted for p in found.parts)
        assert value(found.parts, able, weights, objective) == expected
        assert found.fewest == len(found.parts)
        seen.add(len(found.parts))
    assert seen >= {1, 2, 3}


@pytest.mark.parametrize("objective", ["concurrence", "equilibre"])
def test_the_heuristic_keeps_the_constraints_and_its_bound(
    objective, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    for _ in range(15):
        able, weights = drawn(rng, 9, 12, 2)
        exact = partition.solve(able, weights, 2, objective=objective)
        with monkeypatch.context() as patch:
            patch.setattr(partition, "EXACT_BLOCKS", 0)
            near = partition.solve(able, weights, 2, objective=objective, time_limit=1)
        assert not near.exact
        assert sorted(b for p in near.parts for b in p) == list(range(9))
        assert all(able[list(p)].all(axis=0).sum() >= 2 for p in near.parts)
        assert value(near.parts, able, weights, objective) >= value(
            exact.parts, able, weights, objective
        )
        assert near.fewest <= len(exact.parts)


def test_a_large_need_answers_in_time_and_says_it_is_approached() -> None:
    able, weights = drawn(np.random.default_rng(7), 40, 60, 3)
    found = partition.solve(able, weights, 3, objective="equilibre", time_limit=0.5)
    assert not found.exact
    assert 1 <= found.fewest <= len(found.parts)


def test_the_largest_need_is_bounded_in_time() -> None:
    # 500 parts that share nobody: the lower bound alone could take minutes.
    able = np.kron(np.eye(500, dtype=bool), np.ones((1, 3), dtype=bool))
    begun = time.monotonic()
    found = partition.solve(able, np.ones(500), 3, objective="concurrence", time_limit=0.2)
    assert time.monotonic() - begun < 5
    assert len(found.parts) == found.fewest == 500


def test_a_need_of_more_than_twelve_places_is_told_as_approached(communes: pd.DataFrame) -> None:
    drome = communes.index[communes["code_departement"] == "26"][:14]
    wanted = need(*[(code, FOOD) for code in drome])
    found = lots.split(wanted, index({}, {"code_insee": VALENCE}), 1, reach_km=100)
    assert not found.exact
    assert found.fewest == len(found.lots)
    assert any("aucune coupe n’a moins de lots" in note for note in found.notes())
    check_words(found)
    looser = dataclasses.replace(found, fewest=0)
    assert any("au moins dans toute coupe" in note for note in looser.notes())
    check_words(looser)
