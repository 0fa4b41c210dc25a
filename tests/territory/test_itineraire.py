"""Road times: the fastest of the places asked, no path, units and hostile values."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from territory import geo, settings
from territory.errors import InvalidInputError, OfflineError, SourceError, StoppedError
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import itineraire
from tests.doubles.geoplateforme import SPEED
from tests.doubles.server import Double
from tests.territory.french import is_french_sentence

ROMANS = (5.0517, 45.0464)
PLACES = ((4.8924, 44.9333), (5.0300, 45.0600), (5.2000, 45.1000))


@pytest.fixture
def double(navigation: Double) -> Double:
    return navigation


@pytest.fixture
def current(routed: Settings) -> Settings:
    return routed


def test_each_place_is_asked_and_the_fastest_kept(double: Double, current: Settings) -> None:
    found = itineraire.fastest(ROMANS, PLACES, current)
    assert found is not None
    assert found.rank == 1
    straight = float(geo.distance_km(*ROMANS, [5.03], [45.06])[0])
    assert found.km == pytest.approx(straight * 4 / 3)
    assert found.minutes == pytest.approx(found.km / SPEED * 60)
    assert found.day == dt.date.today().isoformat()
    assert [entry.params["end"] for entry in double.log] == [
        "4.892400,44.933300", "5.030000,45.060000", "5.200000,45.100000"]
    assert double.log[0].params | {"end": ""} == {
        "resource": "bdtopo-osrm", "start": "5.051700,45.046400", "end": "", "profile": "car",
        "optimization": "fastest", "getSteps": "false", "timeUnit": "minute",
        "distanceUnit": "kilometer"}


def test_no_road_is_no_error(double: Double, current: Settings) -> None:
    double.geoplateforme.islands = {"5.030000,45.060000"}
    found = itineraire.fastest(ROMANS, PLACES, current)
    assert found is not None
    assert found.rank == 2
    double.geoplateforme.islands = {"5.051700,45.046400"}
    assert itineraire.fastest(ROMANS, PLACES, current) is None
    assert itineraire.fastest(ROMANS, (), current) is None


def test_where_one_already_is_takes_no_time(current: Settings) -> None:
    found = itineraire.fastest(ROMANS, [ROMANS, ROMANS], current)
    assert found is not None
    assert (found.minutes, found.km, found.rank) == (0, 0, 0)


@pytest.mark.parametrize("route", [
    {"duration": -1}, {"duration": "12"}, {"duration": None}, {"distance": float("nan")},
    {"distance": float("inf")}, {"duration": True}, {"duration": 10**400},
    {"timeUnit": "second"}, {"distanceUnit": "meter"},
])
def test_values_of_another_form_or_unit_are_refused(
    route: dict[str, Any], double: Double, current: Settings
) -> None:
    double.geoplateforme.route = route
    with pytest.raises(SourceError, match="changé de forme") as caught:
        itineraire.fastest(ROMANS, PLACES, current)
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("kind", ["429", "html", "500", "cut"])
def test_a_bad_day_is_waited_out(kind: str, double: Double, current: Settings) -> None:
    double.faults.at = {2: kind}
    found = itineraire.fastest(ROMANS, PLACES, current)
    assert found is not None
    assert found.rank == 1


def test_a_refusal_is_an_error(double: Double, current: Settings) -> None:
    double.faults.dead_from = 1
    with pytest.raises(SourceError) as caught:
        itineraire.fastest(ROMANS, PLACES, current)
    assert is_french_sentence(caught.value.user_message)


def test_offline_nothing_leaves(double: Double) -> None:
    with pytest.raises(OfflineError):
        itineraire.fastest(ROMANS, PLACES,
                           settings.load({**double.environment, "TERRITORY_OFFLINE": "1"}))
    assert double.log == []


def test_a_stop_is_heard(current: Settings) -> None:
    class Stopped(Watch):
        @property
        def stopped(self) -> bool:
            return True

    with pytest.raises(StoppedError):
        itineraire.fastest(ROMANS, PLACES, current, Stopped())


@pytest.mark.parametrize("point", [(float("nan"), 45.0), (5.0, float("inf")), (200.0, 45.0)])
def test_a_point_without_coordinates_is_refused(
    point: tuple[float, float], current: Settings
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        itineraire.fastest(ROMANS, [point], current)
    assert is_french_sentence(caught.value.user_message)
