"""The statistics of a back-test, on tables whose answer is drawn by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from territory import retrotest
from territory.errors import InvalidInputError
from tests.territory.french import is_french_sentence

DRAWS = 1999


def test_the_first_half_of_four_places_is_the_two_best() -> None:
    assert retrotest.membership([4, 1, 3, 2], 0.5).tolist() == [1, 0, 1, 0]


def test_ties_at_the_limit_share_what_is_left() -> None:
    # Two places to take: the 9, and one of the three 5.
    found = retrotest.membership([5, 9, 5, 5, 1], 0.4)
    assert found == pytest.approx([1 / 3, 1, 1 / 3, 1 / 3, 0])


def test_places_put_last_are_drawn_only_when_the_others_are_all_taken() -> None:
    found = retrotest.membership([1, 2, -np.inf, -np.inf], 0.75)
    assert found == pytest.approx([1, 1, 0.5, 0.5])


@pytest.mark.parametrize(("scores", "share"), [([1, np.nan], 0.5), ([1, 2], 0), ([1, 2], 1.5)])
def test_what_cannot_be_ranked_is_refused_in_french(scores: list[float], share: float) -> None:
    with pytest.raises(InvalidInputError) as error:
        retrotest.membership(scores, share)
    assert is_french_sentence(error.value.user_message)


def test_lift_by_hand() -> None:
    # Ten places, the first two looked at; of four hidden places one is there: (1/4) / (2/10).
    scores = np.arange(10)
    truth = np.isin(scores, [9, 4, 3, 0])
    found = retrotest.chance(scores, truth, 0.2, draws=DRAWS)
    assert (found.places, found.first, found.hidden, found.hits) == (10, 2, 4, 1)
    assert found.lift == pytest.approx(1.25)
    # Hits of the bootstrap are binomial (4, 1/4).
    law = binom(4, 0.25)
    assert found.interval == pytest.approx([1.25 * law.ppf(0.025), 1.25 * law.ppf(0.975)])


def test_the_permutation_test_finds_the_hypergeometric_law() -> None:
    scores = np.arange(40)
    truth = np.isin(scores, [39, 38, 36, 33, 10, 5])
    found = retrotest.chance(scores, truth, 0.2, draws=9999)
    exact = hypergeom(40, 6, 8).sf(found.hits - 1)
    assert found.p == pytest.approx(exact, abs=4 * math.sqrt(exact / 9999))


def test_strata_take_away_what_a_region_explains() -> None:
    # One region holds all the first places and all the hidden ones, at random within it.
    scores = np.concatenate([np.full(10, 5.0), np.zeros(90)])
    truth = np.zeros(100, dtype=bool)
    truth[:5] = True
    region = np.repeat(["A", "B"], [10, 90])
    assert retrotest.chance(scores, truth, 0.1, draws=DRAWS).p < 0.001
    assert retrotest.chance(scores, truth, 0.1, region, draws=DRAWS).p == 1


def test_two_rankings_by_hand() -> None:
    # Eight places, two looked at. The hidden ones are 7, 6 and 0: the score finds two, the other 0.
    scores, other = np.arange(8), -np.arange(8)
    truth = np.isin(scores, [7, 6, 0])
    found = retrotest.versus(scores, other, truth, 0.25, draws=9999)
    assert (found.hits, found.lift) == (1, 2)
    # Gaps +1, +1, −1: a sum of 1 or more has 4 chances in 8.
    assert found.p == pytest.approx(0.5, abs=0.02)


def test_a_ranking_against_itself_says_nothing() -> None:
    truth = np.arange(30) % 3 == 0
    found = retrotest.versus(np.arange(30), np.arange(30), truth, 0.2, draws=DRAWS)
    assert (found.lift, found.interval, found.p) == (1, (1, 1), 1)


def test_a_reference_that_finds_nothing_gives_no_finite_lift() -> None:
    truth = np.arange(10) == 9
    found = retrotest.versus(np.arange(10), -np.arange(10), truth, 0.1, draws=DRAWS)
    assert found.lift == math.inf
    nobody = retrotest.versus(np.zeros(10), np.zeros(10), np.zeros(10, dtype=bool), 0.1)
    assert math.isnan(nobody.lift)
    assert math.isnan(retrotest.chance(np.zeros(10), np.zeros(10, dtype=bool), 0.1).p)


@settings(max_examples=60, deadline=None)
@given(st.integers(10, 120), st.data())
def test_a_score_equal_to_the_truth_has_the_largest_lift_there_is(
    places: int, data: st.DataObject
) -> None:
    hidden = data.draw(st.integers(1, places))
    share = data.draw(st.sampled_from([0.05, 0.1, 0.2, 0.5]))
    truth = np.zeros(places, dtype=bool)
    truth[data.draw(st.permutations(range(places)))[:hidden]] = True
    best = retrotest.chance(truth.astype(float), truth, share, draws=99)
    assert best.hits == pytest.approx(min(hidden, best.first))
    assert best.lift == pytest.approx(min(places / best.first, places / hidden))
    other = np.asarray(data.draw(st.lists(st.integers(0, 5), min_size=places, max_size=places)))
    assert retrotest.chance(other, truth, share, draws=99).lift <= best.lift + 1e-9


def test_a_score_at_random_has_a_p_about_uniform() -> None:
    rng = np.random.default_rng(1)
    truth = np.zeros(300, dtype=bool)
    truth[:80] = True
    p = np.array([
        retrotest.chance(rng.random(300), truth, 0.3, draws=299, seed=seed).p
        for seed in range(400)
    ])
    for level in (0.05, 0.1, 0.25, 0.5, 0.75):
        # Never more often than the level says, and little less: counts are whole.
        spread = 3 * math.sqrt(level * (1 - level) / len(p))
        assert level - 0.12 - spread < (p <= level).mean() < level + spread


def test_a_swap_at_random_has_a_p_about_uniform() -> None:
    rng = np.random.default_rng(2)
    truth = np.ones(120, dtype=bool)
    p = np.array([
        retrotest.versus(rng.random(120), rng.random(120), truth, 0.4, draws=99).p
        for _ in range(5)
    ])
    # Every place is hidden: both find as many, whatever they are.
    assert (p > 0.4).all()
    truth[60:] = False
    p = np.array([
        retrotest.versus(rng.random(120), rng.random(120), truth, 0.4, draws=299, seed=seed).p
        for seed in range(300)
    ])
    for level in (0.05, 0.25, 0.5):
        spread = 3 * math.sqrt(level * (1 - level) / len(p))
        assert level - 0.12 - spread < (p <= level).mean() < level + spread


def test_the_same_tables_give_the_same_figures() -> None:
    rng = np.random.default_rng(3)
    scores, truth = rng.random(80), rng.random(80) < 0.2
    assert retrotest.chance(scores, truth, 0.1, draws=DRAWS) == retrotest.chance(
        scores, truth, 0.1, draws=DRAWS
    )
