"""Zones drawn by a service: what is asked, what is believed, and the estimate when it is silent."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import Any

import numpy as np
import pytest
import shapely

from territory import communes, geo, trajet
from territory.errors import InvalidInputError, OfflineError, SourceError, StoppedError
from territory.perimeter import Isochrone, Perimeter
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import isochrone
from tests.doubles.geoplateforme import PACES
from tests.doubles.server import Double
from tests.territory.french import is_french_sentence

ROMANS = communes.get("26281")
HERE = (ROMANS.longitude, ROMANS.latitude)


@pytest.fixture
def double(navigation: Double) -> Double:
    return navigation


@pytest.fixture
def current(routed: Settings) -> Settings:
    return routed


@pytest.fixture
def offline(current: Settings) -> Settings:
    return dataclasses.replace(current, offline=True)


def ask(current: Settings, minutes: object = 20, mode: object = "voiture") -> Isochrone:
    return isochrone.around(*HERE, minutes, mode, current, code_commune="26281")


# --- A good answer ---------------------------------------------------------------------------


def test_one_request_says_what_is_wanted(double: Double, current: Settings) -> None:
    zone = ask(current)
    (request,) = double.log
    assert request.path.endswith("/navigation/isochrone")
    assert request.params == {
        "resource": "bdtopo-valhalla", "point": f"{HERE[0]:.6f},{HERE[1]:.6f}", "profile": "car",
        "costType": "time", "costValue": "20", "timeUnit": "minute", "direction": "departure",
        "crs": "EPSG:4326", "geometryFormat": "geojson"}
    assert (zone.origine, zone.minutes, zone.mode) == ("service", 20, "voiture")
    assert (zone.code_commune, zone.ressource) == ("26281", "bdtopo-valhalla 2026-11-01")
    assert zone.jour == dt.date.today().isoformat()
    assert zone.vertices == 144
    (polygon,) = shapely.get_parts(zone.shape)
    assert len(polygon.interiors) == 1


@pytest.mark.parametrize("code", ["26281", "97411", "97302", "97611", "97105", "97209", "2A004"])
@pytest.mark.parametrize(("mode", "profile"), [("voiture", "car"), ("pied", "pedestrian")])
def test_every_territory_and_mode(
    code: str, mode: str, profile: str, double: Double, current: Settings
) -> None:
    home = communes.get(code)
    zone = isochrone.around(home.longitude, home.latitude, 30, mode, current, code_commune=code)
    assert double.log[0].params["profile"] == profile
    lons, lats = shapely.get_coordinates(zone.shape).T
    far = geo.distance_km(home.longitude, home.latitude, lons, lats).max()
    assert far == pytest.approx(PACES[profile] / 2 * 3 / 4, abs=1e-3)
    perimeter = Perimeter.of_isochrone(zone)
    assert perimeter.centers[0].home_code == code
    assert code in perimeter.possible_communes()
    assert Perimeter.from_json(perimeter.to_json()) == perimeter


def test_a_point_chosen_on_the_map_is_asked_as_it_is(double: Double, current: Settings) -> None:
    zone = isochrone.around(5.05, 45.04, 10, "pied", current)
    assert double.log[0].params["point"] == "5.050000,45.040000"
    assert zone.code_commune is None


def test_several_polygons_are_kept(double: Double, current: Settings) -> None:
    x, y = HERE
    boxes = [shapely.box(x, y, x + 0.02, y + 0.02), shapely.box(x + 0.03, y, x + 0.04, y + 0.01)]
    double.geoplateforme.isochrone = {
        "geometry": shapely.MultiPolygon(boxes).__geo_interface__}
    assert len(ask(current).coordonnees) == 2


# --- Answers that are too fine, or badly made -------------------------------------------------


def _wavy(points: int, amplitude: float = 0.0001) -> shapely.Polygon:
    """A circle of 10 km whose edge trembles; not valid when it trembles across itself."""
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = 0.1 + amplitude * np.sin(angles * points / 7)
    x, y = HERE
    return shapely.Polygon(
        np.column_stack([x + radius * np.cos(angles) * 1.4, y + radius * np.sin(angles)]))


def test_an_outline_too_fine_is_simplified_and_says_so(double: Double, current: Settings) -> None:
    fine = _wavy(30_000)
    double.geoplateforme.isochrone = {"geometry": fine.__geo_interface__}
    zone = ask(current)
    assert zone.vertices <= isochrone.MAX_OUTLINE
    said = zone.ressource.split("simplifié à ")[1]
    tolerance = int(said.removesuffix(" m"))
    assert f"contour simplifié à {tolerance} m" in zone.note()
    moved = shapely.hausdorff_distance(zone.shape.boundary, fine.exterior, densify=0.5)
    assert 0 < moved * 111_320 < tolerance + 1


def test_a_walk_is_not_simplified_beyond_half_a_minute(double: Double, current: Settings) -> None:
    angles = np.linspace(0, 2 * np.pi, 30_000, endpoint=False)
    radius = 0.01 + 0.002 * np.sin(angles * 3_000)
    shape = shapely.Polygon(np.column_stack(
        [HERE[0] + radius * np.cos(angles), HERE[1] + radius * np.sin(angles)]))
    double.geoplateforme.isochrone = {"geometry": shape.__geo_interface__}
    with pytest.raises(SourceError, match="inutilisable") as caught:
        ask(current, 20, "pied")
    assert is_french_sentence(caught.value.user_message)


def test_an_outline_that_crosses_itself_is_repaired(double: Double, current: Settings) -> None:
    x, y = HERE
    bow = [[x, y], [x + 0.05, y + 0.05], [x + 0.05, y], [x, y + 0.05], [x, y]]
    double.geoplateforme.isochrone = {"geometry": {"type": "Polygon", "coordinates": [bow]}}
    zone = ask(current)
    assert zone.shape.is_valid
    assert "simplifié" not in zone.ressource
    # Many vertices, and one crossing: simplified first.
    many = [list(p) for p in _wavy(2_000, 0.0).exterior.coords]
    many[100], many[103] = many[103], many[100]
    double.geoplateforme.isochrone = {"geometry": {"type": "Polygon", "coordinates": [many]}}
    zone = ask(current)
    assert zone.shape.is_valid
    assert "simplifié" in zone.ressource


def test_a_tangle_is_refused_soon(double: Double, current: Settings) -> None:
    rng = np.random.default_rng(1)
    tangle = np.column_stack([HERE[0] + rng.uniform(-0.1, 0.1, 20_000),
                              HERE[1] + rng.uniform(-0.1, 0.1, 20_000)]).tolist()
    double.geoplateforme.isochrone = {
        "geometry": {"type": "Polygon", "coordinates": [[*tangle, tangle[0]]]}}
    start = time.perf_counter()
    with pytest.raises(SourceError) as caught:
        ask(current)
    assert is_french_sentence(caught.value.user_message)
    assert time.perf_counter() - start < 10


SQUARE = [[[5.0, 45.0], [5.1, 45.0], [5.1, 45.1], [5.0, 45.1], [5.0, 45.0]]]


@pytest.mark.parametrize("answer", [
    {"geometry": None}, {"geometry": "x"}, {"geometry": []}, {"geometry": {}},
    {"geometry": {"type": "Point", "coordinates": [5.05, 45.04]}},
    {"geometry": {"type": "LineString", "coordinates": SQUARE[0]}},
    {"geometry": {"type": "GeometryCollection", "geometries": []}},
    {"geometry": {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": SQUARE}}},
    {"geometry": {"type": "Polygon", "coordinates": []}},
    {"geometry": {"type": "Polygon", "coordinates": None}},
    {"geometry": {"type": "Polygon", "coordinates": [[]]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[5, 45], [6, 45]]]}},
    {"geometry": {"type": "Polygon", "coordinates": [[["5", "45"]] * 4]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[float("nan"), 45]] * 4]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[1e308, 45]] * 4]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[45.0, 5.0], [45.1, 5.0], [45.1, 5.1]]]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[5.0, 45.0]] * 4]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[8.0, 45.0], [8.1, 45.0], [8.1, 45.1],
                                                      [8.0, 45.0]]]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[4.0, 44.0], [6.1, 44.0], [6.1, 46.1],
                                                      [4.0, 44.0]]]}},
    {"geometry": {"type": "Polygon", "coordinates": [[[5.0, 45.0]] * 400_000]}},
    {"costValue": 1200}, {"costValue": "20"}, {"costValue": None}, {"timeUnit": "second"},
    {"profile": "pedestrian"}, {"direction": "arrival"}, {"crs": "EPSG:2154"},
    {"costType": "distance"}, {"resource": "bdtopo-pgr"},
], ids=range(29))
def test_another_form_another_place_or_another_question_is_refused(
    answer: dict[str, Any], double: Double, current: Settings
) -> None:
    double.geoplateforme.isochrone = answer
    with pytest.raises(SourceError) as caught:
        ask(current)
    assert is_french_sentence(caught.value.user_message)
    assert len(caught.value.user_message) < 400


@pytest.mark.parametrize("version", [None, 3, "", "<b>", "a" * 41, ["2026"]])
def test_a_version_that_is_no_word_is_left_out(
    version: object, double: Double, current: Settings
) -> None:
    double.geoplateforme.isochrone = {"resourceVersion": version}
    assert ask(current).ressource == "bdtopo-valhalla"


def test_points_have_an_altitude_sometimes(double: Double, current: Settings) -> None:
    high = [[[*point, 200.0] for point in SQUARE[0]]]
    double.geoplateforme.isochrone = {"geometry": {"type": "Polygon", "coordinates": high}}
    assert ask(current).vertices == 4


# --- Bad days --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["429", "429_bare", "html", "500", "cut", "empty", "reset"])
def test_a_bad_moment_is_waited_out(kind: str, double: Double, current: Settings) -> None:
    double.faults.at = {1: kind}
    assert ask(current).origine == "service"
    assert len(double.log) == 2


@pytest.mark.parametrize("kind", ["429_bare", "html", "500", "empty"])
def test_a_bad_day_gives_the_estimate_and_says_why(
    kind: str, double: Double, current: Settings
) -> None:
    double.faults.probability = {kind: 1.0}
    with pytest.raises(SourceError) as caught:
        ask(current)
    assert is_french_sentence(caught.value.user_message)
    found = trajet.zone(*HERE, 20, "voiture", current, code_commune="26281")
    assert found.isochrone == Isochrone.estimate(*HERE, 20, code_commune="26281")
    assert "ne répond pas comme prévu" in found.reason
    assert "Une estimation remplace sa réponse." in found.sentence()
    assert "estimation d’après la distance" in found.sentence()
    assert is_french_sentence(found.sentence())


def test_silence_gives_the_estimate(
    double: Double, current: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = isochrone.Client
    monkeypatch.setattr(isochrone, "Client", lambda *args, **options: client(
        *args, **{**options, "timeout_s": 0.05, "attempts": 2}))
    double.faults.probability, double.faults.delay_s = {"slow": 1.0}, 0.5
    found = trajet.zone(*HERE, 20, "voiture", current)
    assert found.isochrone.estimated
    assert "réponse trop lente" in found.reason


def test_a_good_day_needs_no_reason(current: Settings) -> None:
    found = trajet.zone(*HERE, 20, "voiture", current, code_commune="26281")
    assert found.reason == ""
    assert not found.isochrone.estimated
    assert found.sentence() == found.isochrone.note()


def test_where_no_road_leads_the_estimate_says_so(double: Double, current: Settings) -> None:
    double.geoplateforme.islands = {f"{HERE[0]:.6f},{HERE[1]:.6f}"}
    found = trajet.zone(*HERE, 20, "voiture", current)
    assert "code 404" in found.reason
    assert is_french_sentence(found.sentence())


def test_offline_nothing_leaves(double: Double, offline: Settings) -> None:
    with pytest.raises(OfflineError):
        ask(offline)
    found = trajet.zone(*HERE, 20, "pied", offline)
    assert found.isochrone.estimated
    assert "TERRITORY_OFFLINE" in found.reason
    assert is_french_sentence(found.sentence())
    assert double.log == []


def test_a_stop_is_heard_and_is_no_reason_to_estimate(current: Settings) -> None:
    class Stopped(Watch):
        @property
        def stopped(self) -> bool:
            return True

    with pytest.raises(StoppedError):
        trajet.zone(*HERE, 20, "voiture", current, watch=Stopped())


@pytest.mark.parametrize("asked", [
    (5.05, 45.04, 0, "voiture"), (5.05, 45.04, 121, "voiture"), (5.05, 45.04, 20, "vélo"),
    (-30.0, 45.0, 20, "voiture"), (float("nan"), 45.0, 20, "voiture"),
])
def test_a_question_out_of_bounds_is_not_asked(
    asked: tuple[Any, ...], double: Double, current: Settings
) -> None:
    for call in (isochrone.around, trajet.zone):
        with pytest.raises(InvalidInputError) as caught:
            call(*asked, current)
        assert is_french_sentence(caught.value.user_message)
    assert double.log == []
