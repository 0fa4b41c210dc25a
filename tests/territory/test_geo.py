"""Geodesy on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from territory import geo

WGS84 = Geod(ellps="WGS84")

PLACES = {
    "Paris": (2.3522, 48.8566),
    "Brest": (-4.4861, 48.3904),
    "La Réunion": (55.4481, -20.8789),
    "Guyane": (-52.3261, 4.9372),
    "Mayotte": (45.2278, -12.7806),
    "Guadeloupe": (-61.7261, 15.9985),
}

longitudes = st.floats(-62, 56)
latitudes = st.floats(-22, 52)


@given(longitudes, latitudes, longitudes, latitudes)
def test_distance_is_the_geodesic(lon: float, lat: float, to_lon: float, to_lat: float) -> None:
    expected = WGS84.inv(lon, lat, to_lon, to_lat)[2] / 1000
    assert geo.distance_km(lon, lat, [to_lon], [to_lat])[0] == pytest.approx(expected, abs=1e-7)


def test_a_distance_everyone_can_check() -> None:
    # One degree along the equator: 6378.137 km × π / 180.
    assert geo.distance_km(0, 0, [1], [0])[0] == pytest.approx(111.319491, abs=1e-6)
    # The meridian quadrant of WGS 84.
    assert geo.distance_km(0, 0, [0], [90])[0] == pytest.approx(10001.965729, abs=1e-6)


def test_unknown_places_have_no_distance() -> None:
    found = geo.distance_km(2, 48, [2, np.nan, 2, np.inf], [48, 48, np.nan, 48])
    assert found[0] == 0
    assert np.isnan(found[1:]).all()
    assert geo.distance_km(2, 48, [], []).shape == (0,)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("radius", [0.1, 30.0, 300.0])
def test_every_vertex_lies_at_the_radius_to_one_millimetre(place: str, radius: float) -> None:
    lon, lat = PLACES[place]
    ring = shapely.get_coordinates(geo.circle(lon, lat, radius))
    metres = WGS84.inv(
        np.full(len(ring), lon), np.full(len(ring), lat), ring[:, 0], ring[:, 1]
    )[2]
    assert np.abs(np.asarray(metres) - radius * 1000).max() < 0.001


@pytest.mark.parametrize("place", PLACES)
def test_a_circle_is_one_closed_counter_clockwise_ring(place: str) -> None:
    lon, lat = PLACES[place]
    circle = geo.circle(lon, lat, 30)
    assert circle.is_valid
    assert circle.exterior.is_ccw
    assert circle.exterior.is_closed
    # 180 distinct vertices, and the first repeated.
    assert len(circle.exterior.coords) == 181
    assert len(set(circle.exterior.coords)) == 180
    assert circle.covers(shapely.Point(lon, lat))


def test_a_circle_has_the_area_of_a_disc() -> None:
    # A regular 180-gon holds 99.98 % of its disc.
    area = geo.area_km2([geo.circle(2.35, 48.85, 30)])[0]
    assert area == pytest.approx(np.pi * 30**2, rel=5e-4)


def test_areas() -> None:
    cell = shapely.box(0, 0, 1, 1)
    hole = shapely.box(0.25, 0.25, 0.75, 0.75)
    full, small, ring = geo.area_km2([cell, hole, cell - hole])
    # 111.32 km by 110.57 km.
    assert full == pytest.approx(111.32 * 110.57, rel=1e-3)
    assert ring == pytest.approx(full - small, rel=1e-9)
    assert geo.area_km2([cell.reverse()])[0] == pytest.approx(full)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("75056", "RGF93 v1 / Lambert-93"),
        ("2A004", "RGF93 v1 / Lambert-93"),
        ("97105", "RGAF09 / UTM zone 20N"),
        ("97209", "RGAF09 / UTM zone 20N"),
        ("97302", "RGFG95 / UTM zone 22N"),
        ("97411", "RGR92 / UTM zone 40S"),
        ("97608", "RGM04 / UTM zone 38S"),
        ("974", "RGR92 / UTM zone 40S"),
        ("26", "RGF93 v1 / Lambert-93"),
    ],
)
def test_legal_crs(code: str, name: str) -> None:
    assert CRS.from_epsg(geo.legal_epsg(code)).name == name


def test_every_commune_lies_in_the_area_of_its_legal_crs(communes: pd.DataFrame) -> None:
    epsg = communes["code_insee"].map(geo.legal_epsg)
    for code, group in communes.groupby(epsg):
        west, south, east, north = CRS.from_epsg(code).area_of_use.bounds
        # The decree gives all of Guyane one zone, though its west crosses 54°W.
        assert group["longitude"].between(west - 0.6, east).all()
        assert group["latitude"].between(south, north).all()


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [(2.35, 48.85, "Métropole"), (9.45, 42.7, "Métropole"), (-5.1, 48.46, "Métropole"),
     (-61.73, 16.0, "Guadeloupe"), (-61.07, 14.6, "Martinique"), (-52.33, 4.93, "Guyane"),
     (55.45, -20.88, "La Réunion"), (45.23, -12.78, "Mayotte"),
     (0, 0, None), (-0.12, 51.5, None), (4.35, 50.85, "Métropole"), (13.4, 52.5, None),
     (48.85, 2.35, None)],
)
def test_territory_at(lon: float, lat: float, name: str | None) -> None:
    assert geo.territory_at(lon, lat) == name


def test_every_commune_has_a_territory(communes: pd.DataFrame) -> None:
    overseas = {"971": "Guadeloupe", "972": "Martinique", "973": "Guyane", "974": "La Réunion",
                "976": "Mayotte"}
    for code, group in communes.groupby("code_departement"):
        box = geo.TERRITORIES[overseas.get(str(code), "Métropole")]
        assert group["longitude"].between(box[0], box[2]).all()
        assert group["latitude"].between(box[1], box[3]).all()
