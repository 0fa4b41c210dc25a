"""The travel-time zone: what an estimate is, what a service may have drawn, files and words."""

from __future__ import annotations

import dataclasses
import json
import math
import random
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from territory import communes, geo, reach, suppliers
from territory.errors import InvalidInputError
from territory.indicators import accessibility
from territory.perimeter import (
    MAX_VERTICES,
    Isochrone,
    Perimeter,
    check_minutes,
    check_mode,
)
from territory.perimeter.isochrone import SPEEDS_KMH
from territory.text import NBSP
from tests.conftest import ROOT
from tests.territory.areas import star
from tests.territory.french import is_french_sentence
from tests.territory.test_perimeter_form import mutated

ROMANS = communes.get("26281")
VALID = Draft202012Validator(
    json.loads((ROOT / "docs/schema/perimetre.schema.json").read_text(encoding="utf-8"))
)


def estimate(minutes: object = 20, mode: object = "voiture", code: str = "26281") -> Isochrone:
    return Isochrone.estimate(None, None, minutes, mode, code_commune=code)


def rings(shape: shapely.Polygon) -> Any:
    return ((tuple(shape.exterior.coords), *(tuple(r.coords) for r in shape.interiors)),)


def drawn(shape: shapely.Polygon | None = None, **fields: Any) -> Isochrone:
    shape = star(ROMANS.longitude, ROMANS.latitude, 15) if shape is None else shape
    told = {"longitude": ROMANS.longitude, "latitude": ROMANS.latitude, "minutes": 20,
            "mode": "voiture", "origine": "service", "coordonnees": rings(shape),
            "code_commune": "26281", "jour": "2026-11-28",
            "ressource": "bdtopo-valhalla 2026-11-01"}
    return Isochrone(**{**told, **fields})


# --- Estimates -------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["26281", "97411", "97302", "97611", "2A004", "97105"])
@pytest.mark.parametrize("mode", ["voiture", "pied"])
@pytest.mark.parametrize("minutes", [1, 20, 120])
def test_an_estimate_is_the_geodesic_disc_of_what_is_travelled(
    code: str, mode: str, minutes: int
) -> None:
    home, zone = communes.get(code), estimate(minutes, mode, code)
    lons, lats = shapely.get_coordinates(zone.shape).T
    far = geo.distance_km(home.longitude, home.latitude, lons, lats)
    radius = SPEEDS_KMH[zone.mode] * minutes / 60 / accessibility.DETOUR
    # Vertices are kept to ten centimetres.
    np.testing.assert_allclose(far, radius, atol=2e-4)
    back = accessibility.travel_minutes(far.max(), speed_kmh=SPEEDS_KMH[zone.mode])
    assert back == pytest.approx(minutes, abs=0.01)
    assert zone.estimated
    assert zone.radius_km == pytest.approx(radius)
    assert (zone.longitude, zone.latitude) == (home.longitude, home.latitude)


@given(st.integers(1, 120), st.integers(1, 120))
def test_more_time_reaches_all_that_less_does(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert estimate(more).shape.covers(estimate(less).shape)


def test_other_assumptions_are_kept_and_said() -> None:
    zone = Isochrone.estimate(5.05, 45.04, 30, vitesse_kmh=60, detour=1.25)
    assert zone.radius_km == pytest.approx(24)
    assert f"60{NBSP}km/h, détour de 1,25" in zone.note()
    read = Perimeter.from_json(Perimeter.of_isochrone(zone).to_json())
    assert read.isochrones == (zone,)
    # What was drawn for 30 minutes does not survive another duration.
    longer = dataclasses.replace(zone, minutes=60)
    assert longer == Isochrone.estimate(5.05, 45.04, 60, vitesse_kmh=60, detour=1.25)


@pytest.mark.parametrize("minutes", [0, "0", -5, 121, 20.5, "", "vingt", None, True, math.nan,
                                     math.inf, "1e999", [], 10**400, "20 h"])
def test_a_bad_duration_gets_a_french_sentence(minutes: object) -> None:
    for call in (check_minutes, estimate):
        with pytest.raises(InvalidInputError) as caught:
            call(minutes)
        assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("minutes", [20, 20.0, "20", " 20 min", "20,0", f"20{NBSP}min"])
def test_a_duration_is_read_as_it_is_typed(minutes: object) -> None:
    assert check_minutes(minutes) == 20


@pytest.mark.parametrize("mode", ["vélo", "", None, 3, ["pied"], "PIED"])
def test_a_bad_mode_gets_a_french_sentence(mode: object) -> None:
    for call in (check_mode, lambda one: estimate(20, one)):
        with pytest.raises(InvalidInputError, match="voiture, pied") as caught:
            call(mode)
        assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("fields", [
    {"vitesse_kmh": 0.5}, {"vitesse_kmh": 131}, {"vitesse_kmh": math.nan}, {"vitesse_kmh": True},
    {"detour": 0.9}, {"detour": 3.1}, {"detour": "1,3"}, {"code_commune": "99999"},
    {"code_commune": 26281}, {"longitude": -30}, {"latitude": math.nan},
])
def test_a_bad_estimate_gets_a_french_sentence(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Isochrone.estimate(**{"longitude": 5.05, "latitude": 45.04, "minutes": 20, **fields})
    assert is_french_sentence(caught.value.user_message)


# --- What a service drew ----------------------------------------------------------------------


@pytest.mark.parametrize("fields", [
    {"coordonnees": ()}, {"coordonnees": [[[5, 45]]]}, {"jour": ""}, {"jour": "hier"},
    {"jour": "2026-13-01"}, {"jour": None}, {"ressource": "<b>"}, {"ressource": "a" * 121},
    {"ressource": None}, {"origine": "oracle"}, {"origine": None}, {"origine": ["service"]},
    {"vitesse_kmh": 45.0}, {"detour": 1.3}, {"minutes": 0}, {"mode": "vélo"},
    {"origine": "estimation"}, {"code_commune": "97411"},
])
def test_a_zone_of_no_use_gets_a_french_sentence(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        drawn(**fields)
    assert is_french_sentence(caught.value.user_message)


def test_an_outline_of_another_place_or_time_is_refused() -> None:
    lon, lat = ROMANS.longitude, ROMANS.latitude
    # 43 km in 20 minutes is the limit of motorways, and a road may be 5 km away.
    assert drawn(star(lon, lat, 48)).vertices == 24
    with pytest.raises(InvalidInputError, match=f"49{NBSP}km de son départ") as caught:
        drawn(star(lon, lat, 49))
    assert is_french_sentence(caught.value.user_message)
    with pytest.raises(InvalidInputError, match=f"20{NBSP}minutes à pied"):
        drawn(star(lon, lat, 10), mode="pied")
    assert drawn(shapely.box(lon + 0.06, lat - 0.01, lon + 0.1, lat + 0.01))
    with pytest.raises(InvalidInputError, match="ce n’est pas la sienne") as caught:
        drawn(shapely.box(lon + 0.07, lat - 0.01, lon + 0.1, lat + 0.01))
    assert is_french_sentence(caught.value.user_message)


def test_places_are_judged_as_in_a_drawn_area() -> None:
    lon, lat = ROMANS.longitude, ROMANS.latitude
    ring = shapely.Polygon(
        star(lon, lat, 15).exterior.coords, [shapely.box(lon, lat, lon + 0.01, lat + 0.01).
                                             exterior.coords])
    perimeter, same = Perimeter.of_isochrone(drawn(ring)), Perimeter.of_shape(ring)
    table = communes.table()
    places = (table["longitude"], table["latitude"], table["code_insee"])
    np.testing.assert_array_equal(perimeter.contains(*places), same.contains(*places))
    # The commune of departure has no rule of its own: a place of it out of the outline is out.
    assert not perimeter.contains([lon + 0.005], [lat + 0.005], ["26281"]).any()
    assert perimeter.contains([np.nan], [np.nan], ["26281"]).all()
    assert perimeter.area_km2() == pytest.approx(same.area_km2())
    assert perimeter.communes_touched().equals(same.communes_touched())


def test_distances_are_from_the_departure() -> None:
    perimeter = Perimeter.of_isochrone(drawn())
    assert perimeter.centers == perimeter.isochrones
    found = suppliers.search(perimeter)
    assert set(found["distance_depuis"]) == {"mairie de Romans-sur-Isère"}
    both = perimeter | Perimeter.around_commune(communes.get("97411"), 10)
    assert [center.home_code for center in both.centers] == ["97411", "26281"]
    measured = both.measured([5.06], [45.05], ["26281"])
    assert measured.ranks.tolist() == [1]
    assert measured.distances_km[0] < 2
    without = Perimeter.of_units("26") - perimeter
    assert without.isochrones == ()
    assert without.centers[0].home_code != "26281"
    lyon = Perimeter.around_point(4.85, 45.75, 1)
    assert (lyon | Perimeter.of_isochrone(estimate())).only_discs is False


def test_who_delivers_is_asked_for_the_departure() -> None:
    declared = ["5 km", "40 km", "zones : 26281", "zones : 97411", "zones : 26", ""]
    table = suppliers.embedded().table.head(60)
    table = table.assign(portee=[declared[rank % 6] for rank in range(60)])
    expected = reach.served(table, Perimeter.around_commune(ROMANS, 10))
    assert reach.served(table, Perimeter.of_isochrone(drawn())).tolist() == expected.tolist()
    assert set(expected) == {"oui", "non", "inconnu"}


def test_vertices_count_in_the_size_of_a_perimeter() -> None:
    lon, lat = ROMANS.longitude, ROMANS.latitude
    half = shapely.Point(lon, lat).buffer(0.1, quad_segs=MAX_VERTICES // 8 + 10)
    one = Perimeter.of_isochrone(drawn(half))
    with pytest.raises(InvalidInputError, match="sommets") as caught:
        one | Perimeter.of_isochrone(drawn(half, minutes=21))
    assert is_french_sentence(caught.value.user_message)


def test_what_a_perimeter_rests_on_is_said() -> None:
    assert Perimeter.of_isochrone(drawn()).source_ids == ("isochrones",)
    assert Perimeter.of_isochrone(estimate()).source_ids == ()
    assert Perimeter.of_units("26").notes() == ()
    both = Perimeter.of_units("26") - Perimeter.of_isochrone(drawn())
    assert both.source_ids == ("isochrones",)
    assert len(both.notes()) == 1


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "words", "note"),
    [
        (drawn(),
         (f"à 20{NBSP}minutes en voiture de Romans-sur-Isère (Drôme) selon la Géoplateforme le "
         "28 novembre 2026"),
         (f"Départ : mairie de Romans-sur-Isère ; 20{NBSP}minutes en voiture selon la "
         "Géoplateforme le 28 novembre 2026, par les routes et sans circulation ; données : "
         "bdtopo-valhalla 2026-11-01.")),
        (estimate(),
         (f"à environ 20{NBSP}minutes en voiture de Romans-sur-Isère (Drôme) selon une estimation "
         f"d’après la distance (45{NBSP}km/h, détour de 1,3)"),
         (f"Départ : mairie de Romans-sur-Isère ; 20{NBSP}minutes en voiture selon une estimation "
         f"d’après la distance (45{NBSP}km/h, détour de 1,3), soit un cercle de 11,54{NBSP}km à "
         "vol d’oiseau, où ni les routes ni le relief ne comptent.")),
        (Isochrone.estimate(5.05, 45.04, 1, "pied"),
         (f"à environ 1{NBSP}minute à pied du point choisi à Bourg-de-Péage (5,0500 ; 45,0400) "
         f"selon une estimation d’après la distance (4{NBSP}km/h, détour de 1,3)"), None),
        (estimate(30, "pied", "76351"),
         (f"à environ 30{NBSP}minutes à pied du Havre (Seine-Maritime) selon une estimation "
         f"d’après la distance (4{NBSP}km/h, détour de 1,3)"), None),
    ],
)
def test_sentences(zone: Isochrone, words: str, note: str | None) -> None:
    assert Perimeter.of_isochrone(zone).sentence() == words
    assert is_french_sentence(zone.note())
    assert note is None or zone.note() == note


def test_sentences_of_combinations() -> None:
    rest = Perimeter.of_units("26") - Perimeter.of_isochrone(estimate())
    assert "Drôme, sauf à environ 20" in rest.sentence()
    many = Perimeter.of_units("26")
    for minutes in range(1, 40):
        many |= Perimeter.of_isochrone(estimate(minutes))
    assert f"39{NBSP}zones de trajet" in many.sentence()


# --- Files ------------------------------------------------------------------------------------


def test_the_file_is_readable() -> None:
    square = shapely.box(5.0, 45.0, 5.1, 45.1)
    assert Perimeter.of_isochrone(drawn(square)).to_json()["zone"] == {
        "type": "isochrone", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude,
        "code_commune": "26281", "minutes": 20, "mode": "voiture", "origine": "service",
        "jour": "2026-11-28", "ressource": "bdtopo-valhalla 2026-11-01",
        "coordonnees": [[[[5.0, 45.0], [5.1, 45.0], [5.1, 45.1], [5.0, 45.1], [5.0, 45.0]]]],
    }
    assert Perimeter.of_isochrone(estimate()).to_json()["zone"] == {
        "type": "isochrone", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude,
        "code_commune": "26281", "minutes": 20, "mode": "voiture", "origine": "estimation",
        "vitesse_kmh": 45.0, "detour": 1.3,
    }


def test_the_digest_is_the_same_on_every_machine() -> None:
    # Computed once; a change of this value breaks saved links between a file and its perimeter.
    assert Perimeter.of_isochrone(estimate()).digest() == "6544edf3cc670f27"


GUESS = Perimeter.of_isochrone(estimate()).to_json()
DRAWN = Perimeter.of_isochrone(drawn()).to_json()


def changed(content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    zone = {k: v for k, v in {**content["zone"], **fields}.items() if v is not ...}
    return {**content, "zone": zone}


@pytest.mark.parametrize(
    "content",
    [
        changed(GUESS, minutes="20"), changed(GUESS, minutes=True), changed(GUESS, minutes=0),
        changed(GUESS, minutes=10**400), changed(GUESS, minutes=...), changed(GUESS, mode=...),
        changed(GUESS, mode=["pied"]), changed(GUESS, origine=...), changed(GUESS, origine=[]),
        changed(GUESS, origine="service"), changed(GUESS, vitesse_kmh=...),
        changed(GUESS, vitesse_kmh=0), changed(GUESS, vitesse_kmh=None), changed(GUESS, detour=9),
        changed(GUESS, coordonnees=DRAWN["zone"]["coordonnees"]), changed(GUESS, jour="2026-11-28"),
        changed(GUESS, longitude="5"), changed(GUESS, code_commune="99999"),
        changed(GUESS, code_commune=26281), changed(GUESS, nom="x"), changed(GUESS, radius_km=3),
        changed(DRAWN, origine="estimation"), changed(DRAWN, vitesse_kmh=45),
        changed(DRAWN, jour=...), changed(DRAWN, jour="28/11/2026"), changed(DRAWN, jour=20261128),
        changed(DRAWN, ressource=...), changed(DRAWN, ressource="<script>"),
        changed(DRAWN, coordonnees=...), changed(DRAWN, coordonnees=[]),
        changed(DRAWN, minutes=1), changed(DRAWN, code_commune="97411"),
        changed(DRAWN, code_commune=None, longitude=4.0), changed(DRAWN, mode="pied"),
    ],
)
def test_a_wrong_file_gets_a_french_sentence(content: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.from_json(content)
    assert is_french_sentence(caught.value.user_message)
    assert len(caught.value.user_message) < 400


def test_a_file_may_leave_out_the_commune() -> None:
    content = changed(GUESS, code_commune=...)
    assert not list(VALID.iter_errors(content))
    assert Perimeter.from_json(content).isochrones[0].code_commune is None


@pytest.mark.parametrize("seed", range(6))
def test_mutated_files_are_refused_with_a_sentence_or_read(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        content = mutated(chance.choice([GUESS, DRAWN]), chance)
        try:
            perimeter = Perimeter.from_json(content)
        except InvalidInputError as error:
            assert is_french_sentence(error.user_message), error.user_message  # noqa: PT017
            error.user_message.encode()
            continue
        assert Perimeter.from_json(json.loads(json.dumps(perimeter.to_json()))) == perimeter
        perimeter.sentence().encode()
