"""The perimeter: what the user draws or types, as one frozen object.

A perimeter is a union of discs. Membership is a geodesic distance on the WGS 84 ellipsoid; where
a disc is centred on a commune, every place of that commune is in.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from territory import communes, geo
from territory.codes import ARRONDISSEMENTS
from territory.communes import Commune
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, join, number, trimmed

RADIUS_MIN_KM: Final = 0.1
RADIUS_MAX_KM: Final = 300.0
DEFAULT_RADIUS_KM: Final = 30.0

#: Version of the JSON form.
FORMAT_VERSION: Final = 1


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


@dataclass(frozen=True)
class Disc:
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

    @property
    def home_code(self) -> str | None:
        """Code of the commune that holds the centre; None at sea or abroad."""
        if self.code_commune is not None:
            return self.code_commune
        place = communes.at(self.longitude, self.latitude)
        return None if place is None else place.code_insee

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


@dataclass(frozen=True)
class Perimeter:
    """A union of discs, at least one."""

    discs: tuple[Disc, ...]

    def __post_init__(self) -> None:
        if not self.discs:
            msg = "Un périmètre a au moins un centre."
            raise InvalidInputError(msg)

    @classmethod
    def around_commune(cls, commune: Commune, radius_km: object) -> Perimeter:
        """Disc centred on the reference point of a commune, which is wholly in."""
        return cls(
            (Disc(commune.longitude, commune.latitude, check_radius(radius_km),
                  commune.code_insee),)
        )

    @classmethod
    def around_point(cls, longitude: object, latitude: object, radius_km: object) -> Perimeter:
        """Disc centred on a point, degrees."""
        lon, lat = check_point(longitude, latitude)
        return cls((Disc(lon, lat, check_radius(radius_km)),))

    def with_radius(self, radius_km: object) -> Perimeter:
        """Return the same centres with another radius."""
        radius = check_radius(radius_km)
        return Perimeter(tuple(replace(disc, radius_km=radius) for disc in self.discs))

    def sentence(self) -> str:
        """Say the perimeter in French, for screens and files."""
        parts = []
        for disc in self.discs:
            radius = f"{trimmed(disc.radius_km, 3)}{NBSP}km"
            if disc.code_commune is not None:
                commune = communes.get(disc.code_commune)
                parts.append(
                    f"à {radius} à vol d’oiseau autour de {commune.nom} "
                    f"({commune.nom_departement}), commune entière comprise"
                )
            else:
                parts.append(f"à {radius} à vol d’oiseau autour du {disc.center_label}")
        return join(parts, "ou")

    def distances_km(
        self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, codes: pd.Series | pd.Index
    ) -> tuple[npt.NDArray[np.bool_], geo.Array]:
        """Tell which places are in, and how far from the nearest centre that holds them.

        Parameters
        ----------
        longitudes, latitudes
            Degrees, shape (n,); NaN where a place is known by its commune only.
        codes
            Commune code of each place, shape (n,).

        Returns
        -------
        inside, distances
            Shape (n,); kilometres, infinite outside or without coordinates.
        """
        distances = np.full(len(codes), np.inf)
        inside = np.zeros(len(codes), dtype=bool)
        for disc in self.discs:
            to = geo.distance_km(disc.longitude, disc.latitude, longitudes, latitudes)
            within = (to <= disc.radius_km) | np.asarray(codes.isin(disc.whole_communes))
            inside |= within
            distances = np.where(within, np.fmin(distances, to), distances)
        return inside, distances

    def outline(self, points: int = 180, margin_km: float = 0.0) -> Any:
        """Outline as a polygon or multipolygon, EPSG:4326, each disc wider by a margin.

        It shows the discs; a centre commune that juts out is in too.
        """
        return shapely.union_all([disc.outline(points, margin_km) for disc in self.discs])

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form: sorted, complete, readable."""
        return {
            "format": "perimetre",
            "version": FORMAT_VERSION,
            "disques": [asdict(disc) for disc in self.discs],
        }

    @classmethod
    def from_json(cls, content: object) -> Perimeter:
        """Read the JSON form; a file by someone else is untrusted.

        Raises
        ------
        InvalidInputError
            The form, version, types, bounds or commune codes are wrong.
        """
        form = "Ce fichier n’est pas un périmètre de ce logiciel."
        if not isinstance(content, dict) or content.get("format") != "perimetre":
            raise InvalidInputError(form)
        if content.get("version") != FORMAT_VERSION:
            msg = f"Ce fichier est d’une version inconnue ({content.get('version')!r})."
            raise InvalidInputError(msg)
        discs = content.get("disques")
        if not isinstance(discs, list) or not 1 <= len(discs) <= 100:
            raise InvalidInputError(form)
        built = []
        for disc in discs:
            if not isinstance(disc, dict):
                raise InvalidInputError(form)
            lon, lat = check_point(disc.get("longitude"), disc.get("latitude"))
            code = disc.get("code_commune")
            if code is not None:
                # A commune has one reference point: another one would make the labels lie.
                home = communes.get(str(code))
                code, lon, lat = home.code_insee, home.longitude, home.latitude
            built.append(Disc(lon, lat, check_radius(disc.get("radius_km")), code))
        return cls(tuple(built))

    def digest(self) -> str:
        """Short digest of the JSON form, the same on any machine."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]
