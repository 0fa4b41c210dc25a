"""Areas of real France for property tests, in every territory of the base."""

from __future__ import annotations

import shapely
from hypothesis import strategies as st

from territory import communes, geo
from territory.perimeter import Perimeter

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


units = st.lists(st.sampled_from(CODES), min_size=1, max_size=3).map(
    lambda codes: Perimeter.of_units(*codes)
)
leaves = st.one_of(discs(), drawn(), units)


def _combined(inner: st.SearchStrategy[Perimeter]) -> st.SearchStrategy[Perimeter]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] | p[1]), pairs.map(lambda p: p[0] & p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        st.tuples(inner, st.floats(0.1, 30)).map(lambda p: p[0].tampon(p[1])),
    )


perimeters = st.recursive(leaves, _combined, max_leaves=4)

assert set(geo.TERRITORIES) >= {"Guyane", "La Réunion", "Mayotte"}
