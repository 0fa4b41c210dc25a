"""Groups drawn by hand, and against every group of at most twelve suppliers."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from territory import communes, groupement
from territory.errors import InvalidInputError
from territory.groupement import best, find
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence
from tests.territory.offre import index

ROMANS = communes.get("26281")
AROUND = Perimeter.around_commune(ROMANS, 30)
#: Grenoble, some 55 km away.
FAR = {"code_insee": "38185"}
FOOD, PRINT, GREEN = "Restauration", "Communication et impression", "Espaces verts et nature"


def names(found: groupement.Group) -> list[str]:
    return list(found.members["nom"])


def check_words(found: groupement.Group) -> None:
    for text in (found.sentence(), *found.notes()):
        assert is_french_sentence(text), text


def test_one_supplier_of_both_trades_wins_over_two_nearer_ones() -> None:
    found = find(AROUND, [FOOD, PRINT], index(
        {"km": 1, "filiere": FOOD}, {"km": 1, "filiere": PRINT},
        {"km": 20, "filiere": f"{FOOD} ; {PRINT}"},
    ))
    assert names(found) == ["S2"]
    assert found.members["filieres_couvertes"].tolist() == [f"{FOOD} ; {PRINT}"]
    assert (found.exact, found.fewest, found.candidates) == (True, 1, 3)
    check_words(found)


def test_among_pairs_the_farthest_member_is_the_nearest_then_the_sum() -> None:
    # Pairs: S0 + S1 reaches 12 km; S2 + S3 reaches 10; S2 + S4 too, with a smaller sum.
    found = find(AROUND, [FOOD, PRINT, GREEN], index(
        {"km": 1, "filiere": FOOD}, {"km": 12, "filiere": f"{PRINT} ; {GREEN}"},
        {"km": 10, "filiere": f"{FOOD} ; {PRINT}"}, {"km": 9, "filiere": GREEN},
        {"km": 5, "filiere": GREEN},
    ))
    assert names(found) == ["S4", "S2"]
    assert found.span_km == pytest.approx(5, abs=0.01)
    check_words(found)


def test_a_trade_that_nobody_has_is_named_and_the_rest_is_covered() -> None:
    found = find(AROUND, [FOOD, PRINT], index({"filiere": FOOD}, {**FAR, "filiere": PRINT}))
    assert found.missing == (PRINT,)
    assert names(found) == ["S0"]
    assert found.sentence().startswith(f"Pour «\u00a0{PRINT}\u00a0», personne n’est connu")
    check_words(found)


def test_nobody_at_all_is_said() -> None:
    found = find(AROUND, [FOOD, PRINT], index(FAR))
    assert found.members.empty
    assert found.missing == (FOOD, PRINT)
    check_words(found)


def test_unknown_and_presumed_trades_are_told() -> None:
    found = find(AROUND, [FOOD], index(
        {"filiere_origine": "presumee_naf"}, {"filiere": "inconnue"}, {"filiere": PRINT},
    ))
    assert found.untraded == 1
    assert any("présumée" in note for note in found.notes())
    check_words(found)
    assert find(AROUND, [FOOD], index({"filiere_origine": "presumee_naf"}),
                Criteria(include_presumed=False)).missing == (FOOD,)


def test_a_place_without_coordinates_comes_after_every_other() -> None:
    found = find(AROUND, [FOOD], index({"latitude": np.nan}, {"km": 29}))
    assert names(found) == ["S1"]
    alone = find(AROUND, [FOOD, FOOD], index({"latitude": np.nan}))
    assert names(alone) == ["S0"]
    assert np.isnan(alone.span_km)


@pytest.mark.parametrize("trades", [[], ["inconnue"]])
def test_nothing_to_cover_is_refused(trades: list[str]) -> None:
    with pytest.raises(InvalidInputError) as fault:
        find(AROUND, trades, index({}))
    assert is_french_sentence(fault.value.user_message)


# --- Oracle ----------------------------------------------------------------------------------


def value(group: tuple[int, ...], km: np.ndarray) -> tuple[int, float, float]:
    return len(group), max(km[list(group)]), round(float(km[list(group)].sum()), 6)


def exhaustive(covers: np.ndarray, km: np.ndarray) -> tuple[int, float, float]:
    every = range(covers.shape[1])
    return min(
        value(group, km)
        for size in range(1, covers.shape[0] + 1)
        for group in itertools.combinations(every, size)
        if covers[:, group].any(axis=1).all()
    )


def test_groups_equal_exhaustive_search_up_to_twelve_suppliers() -> None:
    rng = np.random.default_rng(20_261_128)
    sizes = set()
    for _ in range(150):
        trades, count = int(rng.integers(1, 6)), int(rng.integers(1, 13))
        covers = rng.random((trades, count)) < rng.uniform(0.15, 0.6)
        covers[~covers.any(axis=1), rng.integers(count)] = True
        # Few different distances, so that ties are many.
        km = rng.integers(1, 8, count).astype(float) if rng.random() < 0.5 else np.round(
            rng.uniform(0, 30, count), 3)
        chosen, exact, fewest, kept = best(covers, km)
        assert exact
        assert covers[:, chosen].any(axis=1).all()
        assert value(tuple(chosen), km) == exhaustive(covers, km)
        assert fewest == len(chosen)
        assert kept <= count
        sizes.add(len(chosen))
    assert sizes >= {1, 2, 3, 4}


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.5])
def test_a_large_case_is_covered_in_time_and_tells_what_is_proven(limit: float) -> None:
    rng = np.random.default_rng(1)
    covers = rng.random((60, 400)) < 0.08
    covers[~covers.any(axis=1), 0] = True
    start = time.monotonic()
    chosen, exact, fewest, _ = best(covers, rng.uniform(0, 30, 400), time_limit=limit)
    assert time.monotonic() - start < limit + 5
    assert covers[:, chosen].any(axis=1).all()
    assert 1 <= fewest <= len(chosen)
    if not limit:
        assert not exact


def test_a_bound_not_proven_is_said_in_french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groupement, "best", lambda *_: ([0], False, 1, 1))
    found = find(AROUND, [FOOD], index({}))
    assert any("limite de temps" in note for note in found.notes())
    check_words(found)
