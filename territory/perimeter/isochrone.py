"""The travel-time zone: places reached in some minutes from a point, by car or on foot.

It comes from a routing service, which drew it along the roads on some day, or from an estimate,
which knows straight distances only: a geodesic disc of radius ``speed × minutes / detour``, the
inverse of :func:`territory.indicators.accessibility.travel_minutes`. Each says which it is. Places
are judged as in a drawn area, and the commune of departure is not wholly in for that.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import shapely

from territory import communes, geo
from territory.errors import InvalidInputError
from territory.indicators.accessibility import DETOUR, SPEED_KMH
from territory.perimeter import rings
from territory.perimeter.disc import Placed, check_point
from territory.perimeter.rings import Coordinates, Outlined
from territory.text import NBSP, date, excerpt, number, plural, trimmed

Mode = Literal["voiture", "pied"]
Origin = Literal["service", "estimation"]

ORIGINS: Final[tuple[Origin, ...]] = ("service", "estimation")
MINUTES_MIN: Final = 1
MINUTES_MAX: Final = 120
#: Mode → how it is said.
MODES: Final[Mapping[Mode, str]] = {"voiture": "en voiture", "pied": "à pied"}
#: What the Géoplateforme itself walks at, on any way but a motorway (IGN, « Calcul
#: d’isochrone/isodistance », Vitesse piéton): the estimate stands in for it.
WALKING_KMH: Final = 4.0
#: Mode → speed of an estimate, kilometres an hour.
SPEEDS_KMH: Final[Mapping[Mode, float]] = {"voiture": SPEED_KMH, "pied": WALKING_KMH}
#: Speeds and detours an estimate may be made with.
_SPEED_BOUNDS: Final = (1.0, 130.0)
_DETOUR_BOUNDS: Final = (1.0, 3.0)
#: Mode → speed nobody keeps up: an outline beyond is of another place or another time. The limit
#: on motorways (code de la route, R413-2), and three times the pace of the service.
_FASTEST_KMH: Final[Mapping[Mode, float]] = {"voiture": 130.0, "pied": 3 * WALKING_KMH}
#: How far from its departure a zone may lie: a service starts from the nearest road.
NEAR_KM: Final = 5.0
#: The chord of a circle so drawn stands 0.015 % inside it.
_CIRCLE_POINTS: Final = 180
_RESOURCE = re.compile(r"[\w ’.,:/()-]{0,120}")
_ZONE: Final = "zone de trajet"


def check_minutes(minutes: object) -> int:
    """Return a duration as a whole number of minutes.

    Raises
    ------
    InvalidInputError
        Not a whole number, or outside 1 to 120.
    """
    try:
        value = float(str(minutes).strip().replace(",", ".").removesuffix("min").strip())
    except ValueError as error:
        msg = f"La durée « {excerpt(minutes)} » n’est pas un nombre de minutes."
        raise InvalidInputError(msg) from error
    if not (MINUTES_MIN <= value <= MINUTES_MAX and value.is_integer()):
        msg = (
            "La durée du trajet doit être un nombre entier de minutes, de "
            f"{MINUTES_MIN} à {MINUTES_MAX}."
        )
        raise InvalidInputError(msg)
    return int(value)


def check_mode(mode: object) -> Mode:
    """Return a mode of travel.

    Raises
    ------
    InvalidInputError
        Neither ``voiture`` nor ``pied``.
    """
    for known in MODES:
        if isinstance(mode, str) and mode == known:
            return known
    msg = f"Le mode de trajet « {excerpt(mode)} » n’existe pas (modes : {', '.join(MODES)})."
    raise InvalidInputError(msg)


@dataclass(frozen=True)
class Isochrone(Placed, Outlined):
    """Places reached in some minutes.

    Attributes
    ----------
    longitude, latitude
        Departure, degrees (EPSG:4326); of a commune, its reference point whatever is given.
    minutes
        Whole minutes, 1 to 120.
    mode
        ``voiture`` or ``pied``.
    origine
        ``service``: drawn along the roads by the Géoplateforme; ``estimation``: a disc.
    coordonnees
        Coordinates of a GeoJSON MultiPolygon, degrees (EPSG:4326), in the canonical form of
        :func:`territory.perimeter.rings.canonical`; those of an estimate are worked out again
        whatever is given.
    code_commune
        Commune of departure, None for a point chosen on the map.
    jour
        When the service answered (ISO); empty for an estimate.
    ressource
        What the service says of its data, and how far its outline was simplified; empty for an
        estimate.
    vitesse_kmh, detour
        What an estimate rests on: speed, and length of the way over the straight line; those of
        the project by default. None for a service.
    """

    longitude: float
    latitude: float
    minutes: int
    mode: Mode
    origine: Origin
    coordonnees: Coordinates = ()
    code_commune: str | None = None
    jour: str = ""
    ressource: str = ""
    vitesse_kmh: float | None = None
    detour: float | None = None

    def __post_init__(self) -> None:
        lon, lat = _departure(self.longitude, self.latitude, self.code_commune)
        mode, minutes = check_mode(self.mode), check_minutes(self.minutes)
        checked: dict[str, object]
        if _origin(self.origine) == "service":
            checked = {
                "coordonnees": rings.canonical(self.coordonnees, _ZONE),
                "jour": _day(self.jour), "ressource": _resource(self.ressource),
            }
            stray = self.vitesse_kmh is not None or self.detour is not None
        else:
            speed, detour = self.vitesse_kmh, self.detour
            speed = SPEEDS_KMH[mode] if speed is None else _bounded(
                speed, _SPEED_BOUNDS, "La vitesse", f"{NBSP}km/h")
            detour = DETOUR if detour is None else _bounded(
                detour, _DETOUR_BOUNDS, "Le coefficient de détour", "")
            radius = _radius_km(minutes, speed, detour)
            checked = {
                "vitesse_kmh": speed, "detour": detour, "coordonnees": _disc(lon, lat, radius),
            }
            stray = bool(self.jour or self.ressource)
        if stray:
            msg = (
                "Une zone de trajet est soit calculée par un service, un certain jour, soit "
                "estimée avec une vitesse et un détour."
            )
            raise InvalidInputError(msg)
        checked |= {"longitude": lon, "latitude": lat, "minutes": minutes, "mode": mode}
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.origine == "service":
            self._check_reach()

    @classmethod
    def estimate(
        cls, longitude: object, latitude: object, minutes: object, mode: object = "voiture", *,
        code_commune: str | None = None, vitesse_kmh: float | None = None,
        detour: float | None = None,
    ) -> Isochrone:
        """Estimate a zone from distance: the disc of radius ``speed × minutes / detour``.

        Parameters
        ----------
        longitude, latitude
            Departure, degrees; replaced by the reference point of the commune if one is given.
        minutes
            1 to 120.
        mode
            ``voiture`` or ``pied``.
        code_commune
            Commune of departure.
        vitesse_kmh, detour
            Assumptions other than those of the project: 1 to 130 km/h, 1 to 3.

        Raises
        ------
        InvalidInputError
            A value out of bounds, another mode, an unknown commune, or a point out of France.
        """
        return cls(
            *_departure(longitude, latitude, code_commune), check_minutes(minutes),
            check_mode(mode), "estimation", code_commune=code_commune, vitesse_kmh=vitesse_kmh,
            detour=detour,
        )

    @property
    def estimated(self) -> bool:
        """Whether it is an estimate from distance."""
        return self.origine == "estimation"

    @property
    def radius_km(self) -> float | None:
        """Radius of the disc of an estimate, kilometres; None for a service."""
        if self.vitesse_kmh is None or self.detour is None:
            return None
        return _radius_km(self.minutes, self.vitesse_kmh, self.detour)

    @property
    def duration(self) -> str:
        """``20 minutes en voiture``."""
        return f"{plural(self.minutes, 'minute')} {MODES[self.mode]}"

    @property
    def basis(self) -> str:
        """What it rests on, after « selon »: the service and the day, or the estimate."""
        if self.vitesse_kmh is None or self.detour is None:
            return f"la Géoplateforme le {date(dt.date.fromisoformat(self.jour))}"
        return (
            f"une estimation d’après la distance ({trimmed(self.vitesse_kmh)}{NBSP}km/h, détour "
            f"de {trimmed(self.detour, 2)})"
        )

    def note(self) -> str:
        """Say in one French sentence what it rests on and what it leaves out."""
        head = f"Départ : {self.center_label} ; {self.duration} selon {self.basis}"
        radius = self.radius_km
        if radius is None:
            data = f" ; données : {self.ressource}" if self.ressource else ""
            return f"{head}, par les routes et sans circulation{data}."
        return (
            f"{head}, soit un cercle de {trimmed(radius, 2)}{NBSP}km à vol d’oiseau, où ni les "
            "routes ni le relief ne comptent."
        )

    def _check_reach(self) -> None:
        """Refuse an outline that cannot be that of this departure."""
        lons, lats = shapely.get_coordinates(self.shape).T
        farthest = float(geo.distance_km(self.longitude, self.latitude, lons, lats).max())
        if farthest > _FASTEST_KMH[self.mode] * self.minutes / 60 + NEAR_KM:
            msg = (
                f"La zone de trajet va à {number(farthest)}{NBSP}km de son départ : c’est plus "
                f"qu’on ne peut faire en {self.duration}."
            )
            raise InvalidInputError(msg)
        line = shapely.shortest_line(shapely.Point(self.longitude, self.latitude), self.shape)
        (_, _), (x, y) = shapely.get_coordinates(line)
        gap = float(geo.distance_km(self.longitude, self.latitude, [x], [y])[0])
        if gap > NEAR_KM:
            msg = (
                f"La zone de trajet est à {number(gap)}{NBSP}km de son départ, au plus "
                f"{trimmed(NEAR_KM)}{NBSP}km : ce n’est pas la sienne."
            )
            raise InvalidInputError(msg)


def _origin(origin: object) -> Origin:
    for known in ORIGINS:
        if isinstance(origin, str) and origin == known:
            return known
    msg = f"L’origine « {excerpt(origin)} » d’une zone de trajet n’existe pas."
    raise InvalidInputError(msg)


def _departure(longitude: object, latitude: object, code: object) -> tuple[float, float]:
    if code is None:
        return check_point(longitude, latitude)
    if not isinstance(code, str):
        msg = "Le code de la commune de départ doit être un texte."
        raise InvalidInputError(msg)
    # A commune has one reference point: another one would make the sentences lie.
    home = communes.get(code)
    return home.longitude, home.latitude


def _radius_km(minutes: int, speed_kmh: float, detour: float) -> float:
    return speed_kmh * minutes / 60 / detour


@functools.lru_cache(maxsize=256)
def _disc(longitude: float, latitude: float, radius_km: float) -> Coordinates:
    circle = geo.circle(longitude, latitude, radius_km, _CIRCLE_POINTS)
    return rings.canonical(rings.of_shape(circle, _ZONE), _ZONE)


def _bounded(value: object, bounds: tuple[float, float], what: str, unit: str) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    number_ = float(value) if known else math.nan  # type: ignore[arg-type]
    if not bounds[0] <= number_ <= bounds[1]:
        msg = (
            f"{what} d’une estimation doit être entre {trimmed(bounds[0])} et "
            f"{trimmed(bounds[1])}{unit}."
        )
        raise InvalidInputError(msg)
    return number_


def _day(text: object) -> str:
    try:
        return dt.date.fromisoformat(text if isinstance(text, str) else "").isoformat()
    except ValueError as error:
        msg = "La date d’une zone de trajet doit s’écrire 2026-11-28."
        raise InvalidInputError(msg) from error


def _resource(text: object) -> str:
    line = " ".join(text.split()) if isinstance(text, str) else None
    if line is None or not _RESOURCE.fullmatch(line):
        msg = (
            "La source d’une zone de trajet doit être un texte d’au plus 120 lettres, chiffres et "
            "signes de ponctuation."
        )
        raise InvalidInputError(msg)
    return line
