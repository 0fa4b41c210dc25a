"""The geodesic disc: a centre and a radius.

Membership is a geodesic distance on the WGS 84 ellipsoid; where a disc is centred on a commune,
every place of that commune is in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from territory import communes, geo
from territory.codes import ARRONDISSEMENTS
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, number, trimmed

RADIUS_MIN_KM: Final = 0.1
RADIUS_MAX_KM: Final = 300.0
DEFAULT_RADIUS_KM: Final = 30.0


def check_radius(radius_km: object) -> float:
    """Return a radius as a float, rounded to the metre.

    Raises
    ------
    InvalidInputError
        Not a number, or outside 0.1 to 300 km.
    """
    try:
        value = float(str(radius_km).strip().replace(",", ".").removesuffix("km").strip())
    except ValueError as error:
        msg = f"Le rayon « {excerpt(radius_km)} » n’est pas un nombre de kilomètres."
        raise InvalidInputError(msg) from error
    if not math.isfinite(value) or not RADIUS_MIN_KM <= value <= RADIUS_MAX_KM:
        msg = (
            f"Le rayon doit être compris entre {trimmed(RADIUS_MIN_KM)} et "
            f"{trimmed(RADIUS_MAX_KM)}{NBSP}km."
        )
        raise InvalidInputError(msg)
    return round(value, 3)


def check_point(longitude: object, latitude: object) -> tuple[float, float]:
    """Return a point as degrees rounded to 6 decimals (about 10 cm).

    Raises
    ------
    InvalidInputError
        Not numbers, or farther than 0.3° from every territory the base knows.
    """
    try:
        # Rounded before the check, so that a point once accepted always is.
        lon, lat = round(float(str(longitude)), 6), round(float(str(latitude)), 6)
    except ValueError as error:
        msg = (
            f"« {excerpt(longitude)}, {excerpt(latitude)} » ne donne pas une longitude et une "
            "latitude."
        )
        raise InvalidInputError(msg) from error
    if not (math.isfinite(lon) and math.isfinite(lat)) or geo.territory_at(lon, lat) is None:
        msg = (
            f"Le point ({number(lon, 3)} ; {number(lat, 3)}) est hors de France (métropole, "
            "Guadeloupe, Martinique, Guyane, La Réunion, Mayotte)."
        )
        raise InvalidInputError(msg)
    return lon, lat


class Placed:
    """What distances may be measured from: a point, and the commune it stands for if any."""

    longitude: float
    latitude: float
    code_commune: str | None

    @property
    def home_code(self) -> str | None:
        """Code of the commune that holds the centre; None at sea or abroad."""
        if self.code_commune is not None:
            return self.code_commune
        place = communes.at(self.longitude, self.latitude)
        return None if place is None else place.code_insee

    @property
    def center_label(self) -> str:
        """What distances are measured from, in French."""
        if self.code_commune is not None:
            return communes.get(self.code_commune).reference_label
        place = communes.at(self.longitude, self.latitude)
        where = f" à {place.nom}" if place is not None else ", en mer ou à l’étranger"
        return (
            f"point choisi{where} ({number(self.longitude, 4)} ; {number(self.latitude, 4)})"
        )


@dataclass(frozen=True)
class Disc(Placed):
    """A geodesic disc.

    Attributes
    ----------
    longitude, latitude
        Centre, degrees (EPSG:4326).
    radius_km
        Radius, kilometres, 0.1 to 300.
    code_commune
        Commune the disc is centred on, None for a point chosen on the map.
    """

    longitude: float
    latitude: float
    radius_km: float
    code_commune: str | None = None

    def __post_init__(self) -> None:
        lon, lat = check_point(self.longitude, self.latitude)
        object.__setattr__(self, "longitude", lon)
        object.__setattr__(self, "latitude", lat)
        object.__setattr__(self, "radius_km", check_radius(self.radius_km))

    def outline(self, points: int = 180, margin_km: float = 0.0) -> Any:
        """Geodesic circle as a polygon, EPSG:4326, wider by a margin."""
        return geo.circle(self.longitude, self.latitude, self.radius_km + margin_km, points)

    @property
    def whole_communes(self) -> tuple[str, ...]:
        """Codes whose places are in whatever their distance: the centre commune's own.

        Paris, Lyon and Marseille count with their arrondissements.
        """
        if self.code_commune is None:
            return ()
        return (self.code_commune, *ARRONDISSEMENTS.get(self.code_commune, ()))
