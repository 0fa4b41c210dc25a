"""Travel-time zones drawn along the roads by the Géoplateforme (IGN, Valhalla on BD TOPO)."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import shapely

from territory.errors import InvalidInputError, SourceError
from territory.perimeter.isochrone import SPEEDS_KMH, Isochrone, Mode
from territory.perimeter.rings import MAX_REPAIRED, MAX_VERTICES
from territory.progress import Quiet, Watch
from territory.settings import Settings
from territory.sources._http import Client, json_number
from territory.text import number

PATH: Final = "/navigation/isochrone"
RESOURCE: Final = "bdtopo-valhalla"
_PROFILES: Final[Mapping[Mode, str]] = {"voiture": "car", "pied": "pedestrian"}
_ASKED: Final = {
    "resource": RESOURCE, "costType": "time", "timeUnit": "minute", "direction": "departure",
    "crs": "EPSG:4326",
}
#: Vertices kept: a perimeter may hold four such zones.
MAX_OUTLINE: Final = MAX_VERTICES // 4
#: Largest geometry read, characters: some seventy thousand vertices.
_MAX_TEXT: Final = 3_000_000
#: Simplifications, metres; none is coarser than what is travelled in this many minutes.
_TOLERANCES_M: Final = (0, 5, 10, 20, 40, 80, 160, 320)
_COARSEST_MINUTES: Final = 0.5
#: A degree of latitude is nowhere shorter, nor one of longitude longer.
_M_PER_DEGREE: Final = 111_320.0

_CHANGED: Final = (
    "Le calcul d’isochrone de la Géoplateforme a changé de forme : sa réponse n’est pas lisible."
)


def around(
    longitude: object, latitude: object, minutes: object, mode: object, settings: Settings, *,
    code_commune: str | None = None, watch: Watch | None = None,
) -> Isochrone:
    """Ask which places are reached in some minutes; one request.

    Parameters
    ----------
    longitude, latitude
        Departure, degrees (EPSG:4326), all that leaves this machine with the duration and mode.
    minutes
        1 to 120.
    mode
        ``voiture`` or ``pied``.
    settings
        Address of the Géoplateforme.
    code_commune
        Commune whose reference point the departure is, if it is one.
    watch
        May stop the work.

    Returns
    -------
    Isochrone
        Of origin ``service``. Beyond 2 500 vertices its outline is simplified, by at most what is
        travelled in half a minute at the speed of the estimates; its ``ressource`` says by how
        much.

    Raises
    ------
    InvalidInputError
        The point, the duration or the mode is out of bounds.
    SourceError, OfflineError, StoppedError
        The service refuses, stays silent, or answers something that is not this zone; the setting
        forbids the call; somebody asked to stop.
    """
    # The departure as the zone will know it: a commune has one reference point.
    start = Isochrone.estimate(longitude, latitude, minutes, mode, code_commune=code_commune)
    asked = {
        **_ASKED, "profile": _PROFILES[start.mode], "costValue": str(start.minutes),
        "point": f"{start.longitude:.6f},{start.latitude:.6f}",
    }
    service = Client("le calcul d’isochrone de la Géoplateforme", settings.geoplateforme_url,
                     offline=settings.offline, timeout_s=20, attempts=3,
                     watch=Quiet(watch or Watch()))
    answer = service.get_json(PATH, {**asked, "geometryFormat": "geojson"})
    return _zone(start, _geometry(answer, asked), _version(answer))


def _geometry(answer: object, asked: Mapping[str, str]) -> Any:
    """Surface of an answer, once it is checked that it is the one asked for."""
    told = {"resource", *_ASKED, "profile"}
    if (
        not isinstance(answer, Mapping)
        or any(answer.get(key, asked[key]) != asked[key] for key in told)
        or json_number(answer.get("costValue", float(asked["costValue"])))
        != float(asked["costValue"])
        or not isinstance(answer.get("geometry"), Mapping)
        or answer["geometry"].get("type") not in ("Polygon", "MultiPolygon")
    ):
        raise SourceError(_CHANGED)
    try:
        text = json.dumps(answer["geometry"])
        if len(text) > _MAX_TEXT:
            msg = "Le calcul d’isochrone de la Géoplateforme a répondu par un contour démesuré."
            raise SourceError(msg)
        shape = shapely.force_2d(shapely.from_geojson(text))
    except (shapely.GEOSException, ValueError, RecursionError) as error:
        raise SourceError(_CHANGED) from error
    return shape


def _zone(start: Isochrone, shape: Any, version: str) -> Isochrone:
    """Make the zone of the finest outline that is small enough, and whole once rounded."""
    refused: InvalidInputError | None = None
    coarsest = SPEEDS_KMH[start.mode] * 1000 / 60 * _COARSEST_MINUTES
    # A shape that crosses itself is repaired if it is small.
    most = MAX_OUTLINE if shape.is_valid else MAX_REPAIRED
    for tolerance in (one for one in _TOLERANCES_M if one <= coarsest):
        kept = _simplified(shape, tolerance / _M_PER_DEGREE) if tolerance else shape
        if shapely.get_num_coordinates(kept) > most:
            continue
        coarse = f", contour simplifié à {number(tolerance)} m" if tolerance else ""
        try:
            return _drawn(start, kept, f"{version}{coarse}")
        except InvalidInputError as error:
            refused = error
    msg = "Le calcul d’isochrone de la Géoplateforme a répondu par un contour inutilisable."
    if refused is not None:
        msg = f"{msg[:-1]}. {refused.user_message}"
    raise SourceError(msg) from refused


def _simplified(shape: Any, tolerance_deg: float) -> Any:
    """Simplify a shape; of one that crosses itself, the rings, for its surface would be repaired.

    That repair may take minutes and gigabytes.
    """
    if shape.is_valid:
        return shapely.simplify(shape, tolerance_deg)
    polygons = []
    for polygon in shapely.get_parts(shape):
        lines = [
            shapely.simplify(shapely.LineString(ring), tolerance_deg, preserve_topology=False)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        outer, *holes = [line.coords if len(line.coords) > 3 else None for line in lines]
        if outer is not None:
            polygons.append((outer, [hole for hole in holes if hole is not None]))
    return shapely.MultiPolygon(polygons)


def _drawn(start: Isochrone, shape: Any, resource: str) -> Isochrone:
    rings = [
        [polygon.exterior, *polygon.interiors]
        for polygon in shapely.get_parts(shape) if not polygon.is_empty
    ]
    return Isochrone(
        start.longitude, start.latitude, start.minutes, start.mode, "service",
        tuple(tuple(tuple(ring.coords) for ring in polygon) for polygon in rings),
        start.code_commune, dt.date.today().isoformat(), resource,
    )


def _version(answer: Mapping[str, Any]) -> str:
    """Name the data and their version; the version is left out when it is no plain word."""
    version = answer.get("resourceVersion")
    plain = isinstance(version, str) and re.fullmatch(r"[\w.:-]{1,40}", version)
    return f"{RESOURCE} {version}" if plain else RESOURCE
