"""The perimeter object."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from territory import communes, geo
from territory.errors import InvalidInputError
from territory.perimeter import Disc, Perimeter, check_point, check_radius
from territory.text import NBSP
from tests.territory.french import is_french_sentence

ROMANS = communes.get("26281")


def romans(radius: object = 30) -> Perimeter:
    return Perimeter.around_commune(ROMANS, radius)


# --- Bounds ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "radius"),
    [("30", 30.0), ("12,4", 12.4), (" 0.1 ", 0.1), ("300", 300.0), ("30 km", 30.0), ("30km", 30.0),
     (f"12,4{NBSP}km", 12.4), (5, 5.0), (0.1, 0.1), (12.34567, 12.346), ("3e1", 30.0)],
)
def test_radius(typed: object, radius: float) -> None:
    assert check_radius(typed) == radius


@pytest.mark.parametrize(
    "typed",
    ["", " ", "abc", "0", "0.09", "300.1", "-5", "nan", "NaN", "inf", "-inf", "1e999", math.nan,
     math.inf, -math.inf, None, True, [], {}, "30;31", "30 31", "12,4,5", "km", "<b>30</b>"],
)
def test_bad_radius_gets_a_french_sentence(typed: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_radius(typed)
    assert is_french_sentence(caught.value.user_message)


def test_out_of_bounds_says_the_bounds() -> None:
    with pytest.raises(InvalidInputError, match=f"entre 0,1 et 300{NBSP}km"):
        check_radius("301")
    with pytest.raises(InvalidInputError, match="« beaucoup » n’est pas un nombre"):
        check_radius("beaucoup")


@given(st.floats(0.1, 300))
def test_a_radius_once_accepted_always_is(radius: float) -> None:
    once = check_radius(radius)
    assert check_radius(once) == once
    assert abs(once - radius) <= 0.0005000001


def test_point_is_rounded_to_ten_centimetres() -> None:
    assert check_point("5.12345678", 45) == (5.123457, 45.0)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("nan", "45"), ("5", "inf"), (math.nan, 45), ("", ""), ("a", "b"), (None, None), (True, 1),
     (0, 0), (-30, 45), (13.4, 52.5), (48.85, 2.35), (500, 500), (1e308, -1e308), ([5], 45),
     ("5,1", "45")],
)
def test_bad_point_gets_a_french_sentence(lon: object, lat: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_point(lon, lat)
    assert is_french_sentence(caught.value.user_message)


def test_abroad_says_where_the_base_knows() -> None:
    with pytest.raises(InvalidInputError, match="hors de France") as caught:
        check_point(-30, 45)
    assert "Mayotte" in caught.value.user_message


@given(st.sampled_from(sorted(geo.TERRITORIES)), st.sampled_from([0, 2]), st.sampled_from([1, 3]),
       st.floats(-1e-6, 1e-6), st.floats(-1e-6, 1e-6))
def test_a_point_once_accepted_always_is_even_on_the_edge(
    name: str, side: int, end: int, east: float, north: float
) -> None:
    box = geo.TERRITORIES[name]
    lon = box[side] + (0.3 if side else -0.3) + east
    lat = box[end] + (0.3 if end == 3 else -0.3) + north
    try:
        once = check_point(lon, lat)
    except InvalidInputError:
        return
    assert check_point(*once) == once


# --- The object ------------------------------------------------------------------------------


def test_a_perimeter_cannot_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        romans().discs = ()  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        romans().discs[0].radius_km = 3  # type: ignore[misc]
    assert hash(romans()) == hash(romans())


def test_a_perimeter_has_a_centre() -> None:
    with pytest.raises(InvalidInputError):
        Perimeter(())


def test_a_disc_is_checked_at_construction() -> None:
    with pytest.raises(InvalidInputError):
        Disc(5, 45, 400)
    with pytest.raises(InvalidInputError):
        Disc(-30, 45, 4)


def test_around_a_commune() -> None:
    (disc,) = romans("12,5").discs
    assert (disc.longitude, disc.latitude) == (ROMANS.longitude, ROMANS.latitude)
    assert disc.radius_km == 12.5
    assert disc.code_commune == "26281"
    assert disc.center_label == "mairie de Romans-sur-Isère"
    assert disc.whole_communes == ("26281",)


def test_paris_counts_with_its_arrondissements() -> None:
    (disc,) = Perimeter.around_commune(communes.get("75056"), 5).discs
    assert disc.whole_communes[0] == "75056"
    assert set(disc.whole_communes[1:]) == {f"751{n:02d}" for n in range(1, 21)}


def test_around_a_point() -> None:
    (disc,) = Perimeter.around_point("5.05", "45.04", 10).discs
    assert disc.code_commune is None
    assert disc.whole_communes == ()
    assert disc.center_label == "point choisi à Bourg-de-Péage (5,0500 ; 45,0400)"
    at_sea = Perimeter.around_point(-5, 47.5, 10).discs[0]
    assert at_sea.center_label == "point choisi, en mer ou à l’étranger (-5,0000 ; 47,5000)"


def test_another_radius_keeps_the_centres() -> None:
    wider = romans(10).with_radius("40")
    assert wider == romans(40)
    with pytest.raises(InvalidInputError):
        romans(10).with_radius(0)


def test_sentences() -> None:
    assert romans().sentence() == (
        f"à 30{NBSP}km à vol d’oiseau autour de Romans-sur-Isère (Drôme), commune entière comprise"
    )
    assert Perimeter.around_point(5.05, 45.04, 12.4).sentence() == (
        f"à 12,4{NBSP}km à vol d’oiseau autour du point choisi à Bourg-de-Péage "
        "(5,0500 ; 45,0400)"
    )
    both = Perimeter((*romans().discs, *Perimeter.around_point(5, 45, 1).discs))
    assert " ou à 1" in both.sentence()


def test_outlines() -> None:
    assert len(romans().outline().exterior.coords) == 181
    assert len(romans().outline(256).exterior.coords) == 257
    apart = Perimeter(
        (*romans(5).discs, *Perimeter.around_commune(communes.get("97411"), 5).discs)
    )
    assert apart.outline().geom_type == "MultiPolygon"
    near = Perimeter((*romans(5).discs, *romans(9).discs))
    assert near.outline().geom_type == "Polygon"
    assert near.outline().covers(shapely.Point(ROMANS.longitude, ROMANS.latitude))


# --- JSON ------------------------------------------------------------------------------------

radii = st.floats(0.1, 300)
points = st.sampled_from(sorted(geo.TERRITORIES)).flatmap(
    lambda name: st.tuples(
        st.floats(geo.TERRITORIES[name][0], geo.TERRITORIES[name][2]),
        st.floats(geo.TERRITORIES[name][1], geo.TERRITORIES[name][3]),
    )
)
codes = st.sampled_from(["26281", "75056", "69123", "13055", "2A004", "97411", "97302", "29155"])
perimeters = st.lists(
    st.one_of(
        st.builds(lambda code, r: Perimeter.around_commune(communes.get(code), r), codes, radii),
        st.builds(lambda p, r: Perimeter.around_point(*p, r), points, radii),
    ),
    min_size=1, max_size=4,
).map(lambda ones: Perimeter(tuple(disc for one in ones for disc in one.discs)))


@given(perimeters)
def test_json_round_trip(perimeter: Perimeter) -> None:
    back = Perimeter.from_json(json.loads(json.dumps(perimeter.to_json())))
    assert back == perimeter
    assert back.digest() == perimeter.digest()


def test_the_json_form_is_readable() -> None:
    assert romans().to_json() == {
        "format": "perimetre",
        "version": 1,
        "disques": [
            {"longitude": ROMANS.longitude, "latitude": ROMANS.latitude, "radius_km": 30.0,
             "code_commune": "26281"}
        ],
    }


def test_the_digest_is_the_same_on_every_machine() -> None:
    # Computed once; a change of this value breaks saved links between a file and its perimeter.
    assert Perimeter.around_point(5, 45, 30).digest() == "41fdfdbc2e22a88d"
    assert Perimeter.around_point(5, 45, 30).digest() == (
        Perimeter.around_point("5.0000001", "45", "30,0").digest()
    )
    assert Perimeter.around_point(5, 45, 30).digest() != Perimeter.around_point(5, 45, 31).digest()


def good() -> dict[str, object]:
    return romans().to_json()


def disc(**changes: object) -> dict[str, object]:
    first = {"longitude": 5.05, "latitude": 45.04, "radius_km": 10, "code_commune": None}
    return {**good(), "disques": [{**first, **changes}]}


@pytest.mark.parametrize(
    "content",
    [
        None, [], "perimetre", 3, {}, {"format": "autre"}, {**good(), "version": 2},
        {**good(), "version": None}, {**good(), "disques": None}, {**good(), "disques": []},
        {**good(), "disques": {}}, {**good(), "disques": [None]}, {**good(), "disques": [[]]},
        {**good(), "disques": [{}]}, {**good(), "disques": [disc()["disques"][0]] * 101},
        disc(longitude=None), disc(longitude="x"), disc(longitude=[5]), disc(latitude=math.nan),
        disc(longitude=-30), disc(radius_km=0), disc(radius_km=None), disc(radius_km="loin"),
        disc(radius_km=1e400), disc(code_commune="99999"), disc(code_commune=26281.5),
        disc(code_commune=["26281"]), disc(code_commune={}), disc(code_commune="\ud800"),
        disc(code_commune="<script>"), disc(code_commune=""),
    ],
)
def test_a_wrong_file_gets_a_french_sentence(content: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.from_json(content)
    assert is_french_sentence(caught.value.user_message)


def test_a_file_cannot_lie_about_its_centre() -> None:
    # A disc « of Romans » drawn over Brest would list Brest's suppliers as Romans'.
    moved = disc(longitude=-4.49, latitude=48.39, code_commune="26281")
    assert Perimeter.from_json(moved) == romans(10)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["perimetre", "26281", "30", 5.05, 45.04, 1]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["format", "version", "disques", "longitude", "latitude", "radius_km",
                         "code_commune"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)


@given(
    st.one_of(
        json_values,
        st.fixed_dictionaries(
            {"format": st.just("perimetre"), "version": st.just(1),
             "disques": st.lists(
                 st.fixed_dictionaries(
                     {"longitude": json_values, "latitude": json_values,
                      "radius_km": json_values, "code_commune": json_values}
                 ), max_size=3)}
        ),
    )
)
def test_no_json_breaks_the_reading(content: object) -> None:
    try:
        perimeter = Perimeter.from_json(content)
    except InvalidInputError as error:
        assert error.user_message.endswith(".")  # noqa: PT017
    else:
        assert Perimeter.from_json(perimeter.to_json()) == perimeter
