"""The two axes: ranks among inhabitants, what is missing, the crossing, and its stability."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.errors import InvalidInputError
from territory.indicators import composite
from tests.territory.french import is_french_sentence

ABCD = list("abcd")


def test_ranks_are_among_inhabitants_and_ties_share_the_middle() -> None:
    values = pd.Series([5.0, 1.0, 5.0, None], index=ABCD)
    people = pd.Series([20, 60, 20, 1000], index=ABCD)
    assert composite.percentile_rank(values, people).fillna(-1).tolist() == [80, 30, 80, -1]
    best_high = composite.percentile_rank(values, people, better_high=True)
    assert best_high.fillna(-1).tolist() == [20, 70, 20, -1]
    assert composite.percentile_rank(values, people * 0).isna().all()


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 50)), min_size=1, max_size=30))
def test_ranks_equal_brute_force(rows: list[tuple[int, int]]) -> None:
    values = pd.Series([float(v) for v, _ in rows])
    people = pd.Series([float(p) for _, p in rows])
    expected = [
        100 * (people[values < v].sum() + people[values == v].sum() / 2) / people.sum()
        for v in values
    ]
    np.testing.assert_allclose(composite.percentile_rank(values, people), expected, rtol=1e-12)


def test_an_axis_is_a_mean_over_what_is_known_and_grey_below_sixty_percent() -> None:
    ranks = pd.DataFrame({"x": [10.0, None, 10.0, None], "y": [40.0, 40.0, None, None]}, index=ABCD)
    told = composite.axis(ranks, {"x": 60.0, "y": 40.0})
    assert told.score.fillna(-1).tolist() == pytest.approx([22.0, -1, 10.0, -1])
    assert told.known.tolist() == pytest.approx([1.0, 0.4, 0.6, 0.0])
    assert told.reasons().tolist() == [
        "", "données connues pour 40 % du poids seulement", "",
        "données connues pour 0 % du poids seulement"]


def test_a_weight_without_data_is_unknown_and_a_weight_of_zero_changes_nothing() -> None:
    ranks = pd.DataFrame({"x": [10.0, 90.0]})
    assert composite.axis(ranks, {"x": 50.0, "absent": 50.0}).score.isna().all()
    assert composite.axis(ranks, {"x": 50.0, "absent": 0.0}).score.tolist() == [10, 90]


@pytest.mark.parametrize("weights", [{}, {"x": 0.0}, {"x": -1.0}, {"x": float("nan")}])
def test_weights_that_make_no_sense_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        composite.axis(pd.DataFrame({"x": [1.0]}), weights)
    assert is_french_sentence(caught.value.user_message)


def test_the_crossing_cuts_inhabitants_in_thirds() -> None:
    index = range(9)
    access = pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8, None], index=index)
    fragility = pd.Series([8.0, 7, 6, 5, 4, 3, 2, 1, 1], index=index)
    people = pd.Series(1.0, index=index)
    assert composite.crossing(access, fragility, people).fillna("").tolist() == [
        "1-3", "1-3", "1-3", "2-2", "2-2", "3-2", "3-1", "3-1", ""]
    # One town with most of the people takes the whole middle.
    people[3] = 100
    assert composite.crossing(access, fragility, people)[3] == "2-2"
    assert composite.crossing(access, fragility, people)[0] == "1-3"


def test_the_composite_needs_both_or_averages_them() -> None:
    access, fragility = pd.Series([0.0, 50.0, 100.0]), pd.Series([100.0, 50.0, 100.0])
    assert composite.composite(access, fragility).tolist() == [0, 50, 100]
    assert composite.composite(access, fragility, "arithmetique").tolist() == [50, 50, 100]


def drawn(count: int = 60) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    draw = np.random.default_rng(2)
    people = pd.Series(draw.integers(50, 900, count).astype(float))
    access = pd.DataFrame(draw.uniform(0, 100, (count, 2)), columns=["minutes", "e2sfca"])
    fragility = pd.DataFrame(draw.uniform(0, 100, (count, 2)), columns=["aides", "age"])
    return access, fragility, people


def test_stability_brackets_the_rank_and_is_the_same_on_any_machine() -> None:
    access, fragility, people = drawn()
    access.loc[0] = np.nan
    weights = ({"minutes": 60.0, "e2sfca": 40.0}, {"aides": 70.0, "age": 30.0})
    one, again = (composite.stability(access, fragility, *weights, people, draws=40)
                  for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    centre = composite.percentile_rank(
        composite.composite(composite.axis(access, weights[0]).score,
                            composite.axis(fragility, weights[1]).score), people)
    known = centre.notna()
    assert (one["rang_min"][known] <= centre[known]).all()
    assert (one["rang_max"][known] >= centre[known]).all()
    assert (one["rang_max"] > one["rang_min"])[known].any()
    assert one.loc[0].isna().all()
    assert one["robuste"][known].astype(bool).nunique() == 2


def test_one_indicator_an_axis_cannot_be_moved_by_weights() -> None:
    access, fragility, people = drawn()
    told = composite.stability(access[["minutes"]], fragility[["aides"]], {"minutes": 1.0},
                               {"aides": 1.0}, people, draws=20)
    assert told["robuste"].all()
    np.testing.assert_allclose(told["rang_min"], told["rang_max"])


@given(st.data())
def test_a_deleted_cell_is_grey_or_told_over_the_rest(data: st.DataObject) -> None:
    """Never as a zero: the axis stays between the ranks that remain."""
    access, _, _ = drawn(12)
    holes = data.draw(st.sets(st.tuples(st.integers(0, 11), st.integers(0, 1)), max_size=8))
    for row, column in holes:
        access.iloc[row, column] = np.nan
    told = composite.axis(access, {"minutes": 65.0, "e2sfca": 35.0})
    for row in range(12):
        left = access.iloc[row].dropna()
        if np.isnan(told.score[row]):
            assert told.known[row] < composite.KNOWN_WEIGHT
        else:
            assert left.min() - 1e-9 <= told.score[row] <= left.max() + 1e-9
