"""What the map is told, and what it is believed of what the browser sends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.carte import MapEvent, MapView, Perimeter
from ui.carte.composant import read_gesture

SQUARE = ((4.7, 44.7), (5.1, 44.7), (5.1, 45.1), (4.7, 45.1))
HOLE = ((4.8, 44.8), (4.8, 45.0), (5.0, 45.0))
TRIANGLE = [[4.7, 44.7], [5.1, 44.7], [5.1, 45.1]]


def sent(perimeter: Perimeter | None) -> Any:
    data = MapView("Essai", "", perimetre=perimeter).to_data()["perimetre"]
    return json.loads(json.dumps(data, allow_nan=False))


# --- What the map is told --------------------------------------------------------------------


def test_a_disc_has_no_zone() -> None:
    assert sent(Perimeter(5.05, 45.04, 12.4, "12,4 km", ((5.1234567, 45.0),))) == {
        "lon": 5.05, "lat": 45.04, "rayon_km": 12.4, "libelle": "12,4 km",
        "contour": [[5.123457, 45.0]], "zones": [], "communes": [],
    }
    assert sent(None) is None


def test_an_area_keeps_its_holes_and_nothing_of_a_disc() -> None:
    precise = ((4.12345678, 44.0), (5.0, 44.0), (5.0, 45.0))
    area = Perimeter(libelle="Deux EPCI", zones=((SQUARE, HOLE), (precise,)))
    assert sent(area) == {
        "lon": None, "lat": None, "rayon_km": None, "libelle": "Deux EPCI", "contour": [],
        "communes": [],
        "zones": [
            [[list(p) for p in SQUARE], [list(p) for p in HOLE]],
            [[[4.123457, 44.0], [5.0, 44.0], [5.0, 45.0]]],
        ],
    }


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"lon": 5.0, "lat": 45.0},
        {"rayon_km": 10.0},
        {"lon": 5.0, "lat": 45.0, "rayon_km": 10.0, "zones": ((SQUARE,),)},
        {"lon": 0.0, "zones": ((SQUARE,),)},
    ],
)
def test_a_perimeter_is_a_disc_or_an_area(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"un disque .* ou une surface"):
        Perimeter(**fields)


# --- What the browser sends ------------------------------------------------------------------


def disc(**changes: object) -> dict[str, object]:
    return {"type": "trace", "lon": 5, "lat": 45.0, "rayon_km": 10, "sequence": 7, **changes}


def zone(ring: object = TRIANGLE, **changes: object) -> dict[str, object]:
    return {"type": "zone", "anneau": ring, "sequence": 8, **changes}


def test_gestures_that_make_sense() -> None:
    assert read_gesture(disc()) == MapEvent("drawn", 5.0, 45.0, 10.0, 7)
    assert read_gesture({"type": "supprime", "sequence": 9.0}) == MapEvent("deleted", sequence=9)
    event = read_gesture(zone())
    assert event == MapEvent("shape", sequence=8, ring=((4.7, 44.7), (5.1, 44.7), (5.1, 45.1)))
    assert (event.longitude, event.latitude, event.radius_km) == (None, None, None)
    longest = [[i / 10, 45] for i in range(200)]
    assert len(read_gesture(zone(longest)).ring) == 200
    edges = read_gesture(zone([(-180, -90), (180, 90), (0, 0)]))
    assert edges.ring == ((-180.0, -90.0), (180.0, 90.0), (0.0, 0.0))


@pytest.mark.parametrize(
    "ring",
    [
        None, "abc", 3, {}, [], TRIANGLE[:2], [[0, 0]] * 201,
        {"0": [4, 44], "1": [5, 44], "2": [5, 45]},
        *([*TRIANGLE, bad] for bad in (
            None, "45", 5, [], [5], [5, 45, 0], [5, None], [True, 45], [5, False], ["5", "45"],
            [float("nan"), 45], [5, float("inf")], [180.1, 45], [5, -90.1], [10**400, 45],
            {"0": 5, "1": 45},
        )),
    ],
)
def test_a_zone_that_makes_no_sense(ring: object) -> None:
    assert read_gesture(zone(ring)) == MapEvent()


@pytest.mark.parametrize("sequence", [None, 0, -1, True, "8", float("nan"), float("inf"), 10**400])
def test_a_number_that_makes_no_sense(sequence: object) -> None:
    assert read_gesture(zone(sequence=sequence)) == MapEvent()
    assert read_gesture(disc(sequence=sequence)) == MapEvent()


@pytest.mark.parametrize(
    "changes",
    [
        {"lon": None}, {"lat": True}, {"lon": 181}, {"lat": -91}, {"rayon_km": 0.05},
        {"rayon_km": 301}, {"rayon_km": float("nan")}, {"rayon_km": "10"}, {"type": "carre"},
        {"type": None}, {"type": ["zone"]}, {"lon": 10**400},
    ],
)
def test_a_disc_that_makes_no_sense(changes: dict[str, object]) -> None:
    assert read_gesture(disc(**changes)) == MapEvent()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(st.sampled_from(["zone", "trace", "supprime"]) | anything, anything, anything)
def test_nothing_from_the_browser_raises(kind: object, ring: object, sequence: object) -> None:
    message = {"type": kind, "anneau": ring, "lon": ring, "lat": ring, "sequence": sequence}
    assert read_gesture(message).kind in {"none", "deleted", "shape"}
    assert read_gesture(ring) == MapEvent() or isinstance(ring, dict)
