"""Accessibility: against brute force, against PySAL, and never a zero for an unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from territory.errors import InvalidInputError
from territory.indicators import accessibility
from territory.indicators.decay import RINGS, Gaussian, Rings
from territory.indicators.sites import at_reference_points
from tests.territory.french import is_french_sentence
from tests.territory.real import real_file

GEOD = Geod(ellps="WGS84")
#: Corners to draw places in: Drôme, La Réunion, Guyane.
CORNERS = [(4.9, 44.8), (55.3, -21.2), (-53.0, 4.0)]


def drawn(seed: int, count: int, corner: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    lon, lat = CORNERS[corner]
    return pd.DataFrame(
        {"longitude": lon + draw.uniform(0, 0.5, count),
         "latitude": lat + draw.uniform(0, 0.4, count)},
        index=[f"c{i:03d}" for i in range(count)],
    )


def km(places: pd.DataFrame, sites: pd.DataFrame) -> np.ndarray:
    """Every distance, one by one, shape (n, m)."""
    return np.array([
        [GEOD.inv(a.longitude, a.latitude, b.longitude, b.latitude)[2] / 1000
         for b in sites.itertuples()] for a in places.itertuples()
    ])


@pytest.mark.parametrize("corner", range(len(CORNERS)))
@pytest.mark.parametrize("k", [1, 2, 4])
def test_nearest_equals_brute_force(corner: int, k: int) -> None:
    places, sites = drawn(1, 40, corner), drawn(2, 15, corner)
    sites["guichets"] = [1, 3] * 7 + [2]
    every = np.repeat(km(places, sites), sites["guichets"], axis=1)
    found = accessibility.nearest(places, sites, k)
    np.testing.assert_allclose(found.to_numpy(), np.sort(every, axis=1)[:, :k], rtol=0, atol=1e-9)


def test_fewer_counters_than_asked_are_infinitely_far() -> None:
    places = drawn(3, 4)
    found = accessibility.nearest(places, places.iloc[:1], 2)
    assert np.isfinite(found[1]).all()
    assert np.isinf(found[2]).all()
    assert np.isinf(accessibility.nearest(places, places.iloc[:0], 1)[1]).all()


def test_an_unknown_count_hides_what_it_could_change() -> None:
    places = pd.DataFrame({"longitude": [5.0, 5.12, 5.2, 5.3], "latitude": 45.0},
                          index=list("abcd"))
    sites = at_reference_points(places, pd.Series({"a": 1, "b": None, "c": 0, "d": 1}))
    found = accessibility.nearest(places, sites, 2)
    assert found[1].isna().tolist() == [False, True, True, False]
    assert found[2].isna().tolist() == [True, True, True, True]
    assert found.loc["a", 1] == found.loc["d", 1] == 0


@pytest.mark.parametrize("decay", [RINGS, Gaussian(15.0), Rings((3.0, 8.0), (1.0, 0.5))])
def test_e2sfca_equals_its_formula_and_conserves_supply(decay: Rings | Gaussian) -> None:
    places = drawn(4, 60)
    draw = np.random.default_rng(5)
    people = pd.Series(draw.integers(50, 5000, 60).astype(float), index=places.index)
    counts = pd.Series(draw.integers(0, 3, 60), index=places.index)
    sites = at_reference_points(places, counts)
    distances = km(places, sites)
    weights = decay(distances)
    demand = (people.to_numpy()[:, None] * weights).sum(axis=0)
    expected = 1e4 * (weights * (sites["guichets"].to_numpy() / demand)).sum(axis=1)
    found = accessibility.e2sfca(places, people, sites, decay)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert (found * people).sum() / 1e4 == pytest.approx(counts.sum(), rel=1e-12)


def pysal(places: pd.DataFrame, people: pd.Series, counts: pd.Series) -> pd.Series:
    from access import fca, weights

    distances = km(places, places)
    rows, columns = np.nonzero(distances <= RINGS.radius_km)
    costs = pd.DataFrame({"origin": places.index[rows], "dest": places.index[columns],
                          "cost": distances[rows, columns]})
    step = weights.step_fn(dict(zip(RINGS.limits_km, RINGS.weights, strict=True)))
    return fca.two_stage_fca(
        people.rename("demand").to_frame(), counts.rename("supply").to_frame(), costs,
        max_cost=RINGS.radius_km, demand_index=True, supply_index=True, weight_fn=step,
    )


def test_e2sfca_equals_pysal_access_on_a_real_departement(whole_communes: pd.DataFrame) -> None:
    raw = pd.read_csv(real_file("bpe_banques_poste_communes_2009_2013.csv"), dtype={"depcom": str})
    drome = whole_communes[whole_communes["code_departement"] == "26"]
    counts = raw.set_index("depcom")["banques_2013"].reindex(drome.index).fillna(0)
    people = drome["population"].astype(float)
    found = accessibility.e2sfca(drome, people, at_reference_points(drome, counts))
    oracle = pysal(drome, people, counts).reindex(drome.index).fillna(0) * 1e4
    assert len(drome) > 350
    np.testing.assert_allclose(found, oracle, rtol=0, atol=1e-9)
    assert (found * people).sum() / 1e4 == pytest.approx(counts.sum(), rel=1e-12)


def test_floating_density_is_a_ratio_of_sums_within_the_radius() -> None:
    places = drawn(6, 50)
    people = pd.Series(np.arange(50) + 10.0, index=places.index)
    counts = pd.Series([0, 1] * 25, index=places.index)
    within = km(places, places) <= 10
    expected = 1e4 * (within @ counts.to_numpy()) / (within @ people.to_numpy())
    found = accessibility.floating_density(places, people, at_reference_points(places, counts))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_times_and_densities_are_their_formulas() -> None:
    assert accessibility.travel_minutes(pd.Series([0.0, 9.0])).tolist() == [0.0, 60 * 1.3 * 9 / 45]
    density = accessibility.density(pd.Series([1, 2, 0, None]), pd.Series([500, 0, 300, 100]))
    assert density.fillna(-1).tolist() == [20, -1, 0, -1]


def test_a_share_says_whom_it_leaves_out() -> None:
    minutes = pd.Series([0.0, 4.0, 12.0, None, 20.0], index=list("abcde"))
    people = pd.Series([100, 200, 100, 50, None], index=list("abcde"))
    share = accessibility.share_beyond(minutes, people, 10)
    assert share.percent == 25
    assert (share.people, share.people_unknown, share.places_unknown) == (400, 50, 1)
    mostly_unknown = accessibility.share_beyond(minutes.iloc[2:4], people * [1, 1, 1, 9, 1], 10)
    assert np.isnan(mostly_unknown.percent)


def test_a_margin_takes_the_neighbours_and_a_wrong_code_is_said() -> None:
    places = drawn(7, 80)
    codes = places.index[:3]
    around = accessibility.with_margin(places, codes, 12.0)
    near = (km(places, places.loc[codes]) <= 12.0).any(axis=1)
    assert around.tolist() == places.index[near].tolist()
    assert accessibility.margin_of() == 40, "twice the catchment"
    for wrong in ([], ["zz"]):
        with pytest.raises(InvalidInputError) as caught:
            accessibility.with_margin(places, wrong)
        assert is_french_sentence(caught.value.user_message)


@given(st.data())
def test_what_is_deleted_only_turns_grey_or_changes_nothing(data: st.DataObject) -> None:
    """Missing counts and populations: every figure by place is missing or what it was."""
    places = drawn(data.draw(st.integers(10, 40)), 25)
    draw = np.random.default_rng(data.draw(st.integers(0, 99)))
    people = pd.Series(draw.integers(10, 900, 25).astype(float), index=places.index)
    counts = pd.Series(draw.integers(0, 3, 25).astype(float), index=places.index)
    holes = data.draw(st.sets(st.integers(0, 24), max_size=6))
    fewer = counts.copy()
    fewer.iloc[list(holes)] = np.nan
    unpeopled = people.copy()
    unpeopled.iloc[list(data.draw(st.sets(st.integers(0, 24), max_size=4)))] = np.nan

    def figures(people: pd.Series, counts: pd.Series) -> pd.DataFrame:
        sites = at_reference_points(places, counts)
        return pd.concat(
            [accessibility.nearest(places, sites, 2), accessibility.density(counts, people),
             accessibility.floating_density(places, people, sites),
             accessibility.e2sfca(places, people, sites)], axis=1)

    before, after = figures(people, counts), figures(unpeopled, fewer)
    kept = after.notna().to_numpy()
    np.testing.assert_allclose(after.to_numpy()[kept], before.to_numpy()[kept], rtol=1e-9)


@pytest.mark.parametrize(
    "wrong", [lambda: Rings((5.0, 3.0), (1.0, 0.5)), lambda: Rings((5.0,), (1.0, 0.5)),
              lambda: Rings((5.0, 9.0), (0.5, 1.0)), lambda: Gaussian(0.0),
              lambda: accessibility.travel_minutes(pd.Series([1.0]), 1.3, 0.0),
              lambda: accessibility.nearest(drawn(1, 2), drawn(1, 2).assign(guichets=-1.0)),
              lambda: accessibility.nearest(drawn(1, 2).assign(latitude=np.nan), drawn(1, 2))],
)
def test_what_makes_no_sense_is_refused_in_french(wrong) -> None:
    with pytest.raises(InvalidInputError) as caught:
        wrong()
    assert is_french_sentence(caught.value.user_message)
