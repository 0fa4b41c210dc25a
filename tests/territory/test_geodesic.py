"""Distances on the ellipsoid, beside PROJ's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from territory.geodesic import (
    FAR_KM,
    couples_km,
    distances_km,
    earth_vectors,
    from_point_km,
    line_m,
)

GEOD = Geod(ellps="WGS84")
#: Kilometres apart → millimetres of error that the module promises.
PROMISED = {1e-5: 0.001, 1.0: 0.001, 30.0: 0.001, 100.0: 0.001, 300.0: 0.1, FAR_KM: 1.0}
LATITUDES = [-21.1, -12.8, 0.0, 4.9, 16.2, 42.0, 51.0, 89.5]

longitudes = st.floats(-180, 180)
latitudes = st.floats(-90, 90)


def proj_km(lon: float, lat: float, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    count = len(lons)
    return np.asarray(GEOD.inv(np.full(count, lon), np.full(count, lat), lons, lats)[2]) / 1000


@pytest.mark.parametrize("km", PROMISED)
@pytest.mark.parametrize("latitude", LATITUDES)
def test_every_azimuth_is_as_near_to_the_geodesic_as_promised(latitude: float, km: float) -> None:
    azimuths = np.linspace(0, 360, 721)
    count = len(azimuths)
    lons, lats, _ = GEOD.fwd(np.full(count, 2.0), np.full(count, latitude), azimuths,
                             np.full(count, 1000 * km * (1 - 1e-9)))
    found = from_point_km(2.0, latitude, lons, lats)
    # PROJ itself is exact to some nanometres.
    assert 1e6 * np.abs(found - km * (1 - 1e-9)).max() < PROMISED[km]


@given(longitudes, latitudes, st.lists(st.tuples(longitudes, latitudes), min_size=1, max_size=30))
def test_anywhere_on_earth(lon: float, lat: float, others: list[tuple[float, float]]) -> None:
    lons, lats = np.array(others).T
    found = from_point_km(lon, lat, lons, lats)
    assert 1e6 * np.abs(found - proj_km(lon, lat, lons, lats)).max() < 1
    origins = np.tile([lon, lat], (len(lons), 1))
    assert (distances_km(origins, np.column_stack([lons, lats])) == found).all()


def test_the_same_place_the_antipode_and_the_poles() -> None:
    lons = np.array([5.0, -175.0, 5.0, 5.0, 5.0 + 1e-9])
    lats = np.array([45.0, -45.0, 90.0, -90.0, 45.0])
    found = from_point_km(5.0, 45.0, lons, lats)
    assert found[0] == 0
    assert 1e6 * np.abs(found - proj_km(5.0, 45.0, lons, lats)).max() < 1


@given(longitudes, latitudes, st.floats(0, 360), st.floats(0.0001, 1000))
def test_the_line_is_never_longer_than_what_is_looked_for(
    lon: float, lat: float, azimuth: float, km: float
) -> None:
    to_lon, to_lat, _ = GEOD.fwd(lon, lat, azimuth, km * 1000)
    here, there = earth_vectors([lon, to_lon], [lat, to_lat])
    assert np.linalg.norm(here - there) <= line_m(km)
    # A tree is useless when every point is a candidate.
    assert line_m(km) <= 1000 * km + 0.01


def test_couples_are_those_of_the_points() -> None:
    draw = np.random.default_rng(1)
    lons, lats = draw.uniform(-5, 9, 300), draw.uniform(42, 51, 300)
    rows, columns = draw.integers(0, 300, (2, 20_000))
    vectors = earth_vectors(lons, lats)
    found = couples_km(vectors, vectors, rows, columns)
    _, _, metres = GEOD.inv(lons[rows], lats[rows], lons[columns], lats[columns])
    exact = np.asarray(metres) / 1000
    near = exact <= FAR_KM - 0.001
    assert np.isinf(found[exact > FAR_KM + 0.001]).all()
    assert 1e6 * np.abs(found[near] - exact[near]).max() < 1


def test_nothing_to_measure() -> None:
    assert from_point_km(5.0, 45.0, np.zeros(0), np.zeros(0)).shape == (0,)
    assert distances_km(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0,)
