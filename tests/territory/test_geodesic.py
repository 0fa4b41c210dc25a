"""Distances from one point, beside PROJ's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from territory.geodesic import from_point_km

GEOD = Geod(ellps="WGS84")
#: A tenth of a millimetre.
CLOSE_KM = 1e-7


def proj_km(lon: float, lat: float, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    count = len(lons)
    return np.asarray(GEOD.inv(np.full(count, lon), np.full(count, lat), lons, lats)[2]) / 1000


@pytest.mark.parametrize("place", [(2.35, 48.86), (55.5, -21.1), (-52.3, 4.9), (0.0, 0.0)])
@pytest.mark.parametrize("spread", [1e-5, 0.05, 3.0, 20.0])
def test_near_points_are_within_a_tenth_of_a_millimetre(
    place: tuple[float, float], spread: float
) -> None:
    draw = np.random.default_rng(1)
    lons = place[0] + draw.uniform(-spread, spread, 20_000)
    lats = place[1] + draw.uniform(-spread, spread, 20_000)
    found = from_point_km(*place, lons, lats)
    assert np.abs(found - proj_km(*place, lons, lats)).max() < CLOSE_KM


@given(
    st.floats(-180, 180), st.floats(-90, 90),
    st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=30),
)
def test_anywhere_on_earth(lon: float, lat: float, others: list[tuple[float, float]]) -> None:
    lons, lats = np.array(others).T
    found = from_point_km(lon, lat, lons, lats)
    assert np.abs(found - proj_km(lon, lat, lons, lats)).max() < CLOSE_KM


def test_the_same_place_the_antipode_and_the_poles() -> None:
    lons = np.array([5.0, -175.0, 5.0, 5.0, 5.0 + 1e-9])
    lats = np.array([45.0, -45.0, 90.0, -90.0, 45.0])
    found = from_point_km(5.0, 45.0, lons, lats)
    assert found[0] == 0
    assert np.abs(found - proj_km(5.0, 45.0, lons, lats)).max() < CLOSE_KM


def test_nothing_to_measure() -> None:
    assert from_point_km(5.0, 45.0, np.zeros(0), np.zeros(0)).shape == (0,)
