"""Areas of real France for property tests, in every territory of the base."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import strategies as st

from territory import communes, geo
from territory.perimeter import MODES, Isochrone, Perimeter

#: Towns of the mainland, Corse, La Réunion, Guyane, Mayotte, Guadeloupe and Martinique.
TOWNS = ["26281", "75056", "69123", "2A004", "2B096", "97411", "97302", "97311", "97611", "97105",
         "97209", "29155", "66136", "59350"]
CODES = [*TOWNS, "75101", "69381", "26", "07", "2A", "974", "973", "976", "R84", "R94", "200068781"]
RADII = st.floats(0.1, 300)


@st.composite
def discs(draw: st.DrawFn) -> Perimeter:
    radius = draw(st.one_of(st.floats(0.1, 40), RADII))
    home = communes.get(draw(st.sampled_from(TOWNS)))
    if draw(st.booleans()):
        return Perimeter.around_commune(home, radius)
    shift = st.floats(-0.2, 0.2)
    return Perimeter.around_point(
        home.longitude + draw(shift), home.latitude + draw(shift), radius
    )


@st.composite
def drawn(draw: st.DrawFn) -> Perimeter:
    home = communes.get(draw(st.sampled_from(TOWNS)))
    size = st.floats(0.01, 1.5)
    box = shapely.box(
        home.longitude - draw(size), home.latitude - draw(size),
        home.longitude + draw(size), home.latitude + draw(size),
    )
    shape = shapely.difference(box, box.centroid.buffer(draw(st.floats(0.001, 0.01)))) if (
        draw(st.booleans())
    ) else box
    assert shape.centroid.x < 180
    return Perimeter.of_shape(shape, draw(st.sampled_from(["", "Vallée", "Zone d’étude n° 2"])))


def star(longitude: float, latitude: float, reach_km: float) -> shapely.Polygon:
    """What a routing service may draw: far along some roads, near between them."""
    azimuths = np.arange(360, 0, -15.0)
    metres = 1000 * reach_km * np.where(np.arange(len(azimuths)) % 2, 1.0, 0.4)
    lons, lats, _ = geo.GEOD.fwd(
        np.full(len(azimuths), longitude), np.full(len(azimuths), latitude), azimuths, metres
    )
    return shapely.Polygon(np.column_stack([lons, lats]))


@st.composite
def isochrones(draw: st.DrawFn) -> Perimeter:
    home = communes.get(draw(st.sampled_from(TOWNS)))
    code = home.code_insee if draw(st.booleans()) else None
    lon, lat = home.longitude, home.latitude
    if code is None:
        shift = st.floats(-0.2, 0.2)
        lon, lat = round(lon + draw(shift), 6), round(lat + draw(shift), 6)
    minutes, mode = draw(st.integers(1, 120)), draw(st.sampled_from(sorted(MODES)))
    estimate = Isochrone.estimate(lon, lat, minutes, mode, code_commune=code)
    if draw(st.booleans()):
        return Perimeter.of_isochrone(estimate)
    shape = star(lon, lat, 0.9 * estimate.radius_km)
    drawn = Isochrone(lon, lat, minutes, mode, "service", ((tuple(shape.exterior.coords),),), code,
                      "2026-11-28", "bdtopo-valhalla 2026-11-01")
    return Perimeter.of_isochrone(drawn)


units = st.lists(st.sampled_from(CODES), min_size=1, max_size=3).map(
    lambda codes: Perimeter.of_units(*codes)
)
leaves = st.one_of(discs(), drawn(), isochrones(), units)


def _combined(inner: st.SearchStrategy[Perimeter]) -> st.SearchStrategy[Perimeter]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] | p[1]), pairs.map(lambda p: p[0] & p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        st.tuples(inner, st.floats(0.1, 30)).map(lambda p: p[0].tampon(p[1])),
    )


perimeters = st.recursive(leaves, _combined, max_leaves=4)

assert set(geo.TERRITORIES) >= {"Guyane", "La Réunion", "Mayotte"}
