"""Road time by car between points, by the routing of the Géoplateforme (IGN, OSRM on BD TOPO)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from territory.errors import InvalidInputError, SourceError, SourceRefusedError
from territory.progress import Quiet, Watch
from territory.settings import Settings
from territory.sources._http import Client, json_number
from territory.text import plural

PATH: Final = "/navigation/itineraire"
_UNITS: Final = {"timeUnit": "minute", "distanceUnit": "kilometer"}
_ASKED: Final = {
    "resource": "bdtopo-osrm", "profile": "car", "optimization": "fastest", "getSteps": "false",
    **_UNITS,
}

Point = tuple[float, float]


@dataclass(frozen=True)
class Route:
    """The fastest of several ways.

    Attributes
    ----------
    minutes, km
        By car, without traffic.
    rank
        Position, from 0, of the place it leads to among those asked.
    day
        When it was asked (ISO).
    """

    minutes: float
    km: float
    rank: int
    day: str


def fastest(
    origin: Point, places: Sequence[Point], settings: Settings, watch: Watch | None = None
) -> Route | None:
    """Route to each place and keep the fastest; the first of those of the same time.

    Parameters
    ----------
    origin, places
        Longitudes and latitudes, degrees (EPSG:4326). One request a place: give the few nearest as
        the crow flies.
    settings
        Address of the Géoplateforme.
    watch
        Told of the places done; may stop the work.

    Returns
    -------
    Route or None
        None when no road leads to any of the places.

    Raises
    ------
    InvalidInputError
        A point has no coordinates.
    SourceError, OfflineError, StoppedError
        The service refuses, stays silent or changed its form; the setting forbids the call;
        somebody asked to stop.
    """
    watch = watch or Watch()
    service = Client("le calcul d’itinéraire de la Géoplateforme", settings.geoplateforme_url,
                     offline=settings.offline, watch=Quiet(watch))
    start, day = _written(origin), dt.date.today().isoformat()
    found = []
    for rank, place in enumerate(places):
        watch.tell(rank, len(places), f"Itinéraires vers {plural(len(places), 'lieu', 'lieux')}")
        try:
            answer = service.get_json(PATH, {**_ASKED, "start": start, "end": _written(place)})
        except SourceRefusedError as error:
            if error.status != 404:
                raise
            continue  # no road leads there
        minutes, km = _measured(answer)
        found.append(Route(minutes, km, rank, day))
    return min(found, key=lambda route: (route.minutes, route.rank), default=None)


def _written(point: Point) -> str:
    longitude, latitude = point
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        msg = "Un itinéraire demande deux points dont les coordonnées sont connues."
        raise InvalidInputError(msg)
    return f"{longitude:.6f},{latitude:.6f}"


def _measured(answer: object) -> tuple[float, float]:
    """Minutes and kilometres of an answer, once its units are checked."""
    if isinstance(answer, Mapping) and all(answer.get(k, v) == v for k, v in _UNITS.items()):
        minutes, km = json_number(answer.get("duration")), json_number(answer.get("distance"))
        if minutes >= 0 and km >= 0:
            return minutes, km
    msg = (
        "Le calcul d’itinéraire de la Géoplateforme a changé de forme : sa réponse n’est pas "
        "lisible."
    )
    raise SourceError(msg)
