"""Geodesy: distances and circles on the WGS 84 ellipsoid, and the legal CRS of each territory.

Coordinates are longitudes and latitudes in degrees (EPSG:4326), in that order; distances are
kilometres.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer

from territory.codes import departement_of
from territory.geodesic import GEOD, from_point_km

Array = npt.NDArray[np.float64]

#: Bounding boxes (west, south, east, north) of the places the embedded base knows.
TERRITORIES: dict[str, tuple[float, float, float, float]] = {
    "Métropole": (-5.2, 41.3, 9.6, 51.15),
    "Guadeloupe": (-61.85, 15.78, -60.97, 16.55),
    "Martinique": (-61.26, 14.36, -60.78, 14.91),
    "Guyane": (-54.65, 2.08, -51.55, 5.82),
    "La Réunion": (55.18, -21.42, 55.87, -20.84),
    "Mayotte": (44.98, -13.04, 45.33, -12.61),
}

_LEGAL_EPSG = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "975": 4467, "976": 4471}


def legal_epsg(code_insee: str) -> int:
    """EPSG code of the legal projected CRS of the territory of a commune or département code.

    Source: décret n° 2019-165 (RGF93 / Lambert-93 2154, RGAF09 / UTM 20N 5490,
    RGFG95 / UTM 22N 2972, RGR92 / UTM 40S 2975, RGSPM06 / UTM 21N 4467, RGM04 / UTM 38S 4471).
    """
    return _LEGAL_EPSG.get(departement_of(code_insee), 2154)


def distance_km(
    longitude: float, latitude: float, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike
) -> Array:
    """Geodesic distances from one point to many.

    Parameters
    ----------
    longitude, latitude
        Origin, degrees.
    longitudes, latitudes
        Destinations, degrees, shape (n,).

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (n,); NaN where a destination has no coordinates.
        WGS 84, within a millimetre of Karney's solution: see :mod:`territory.geodesic`.
    """
    lons = np.asarray(longitudes, dtype=float)
    lats = np.asarray(latitudes, dtype=float)
    result = np.full(lons.shape, np.nan)
    known = np.isfinite(lons) & np.isfinite(lats)
    result[known] = from_point_km(longitude, latitude, lons[known], lats[known])
    return result


def circle(longitude: float, latitude: float, radius_km: float, points: int = 180) -> Any:
    """Geodesic circle: every vertex lies exactly at the radius, on the ellipsoid.

    Parameters
    ----------
    points
        Number of vertices, at least 128 so that a 300 km circle still looks round.

    Returns
    -------
    shapely.Polygon
        EPSG:4326, counter-clockwise (RFC 7946).
    """
    azimuths = np.linspace(360, 0, points, endpoint=False)
    lons, lats, _ = GEOD.fwd(
        np.full(points, longitude),
        np.full(points, latitude),
        azimuths,
        np.full(points, radius_km * 1000),
    )
    return shapely.polygons(np.column_stack([lons, lats]))


def area_km2(geometries: npt.ArrayLike) -> Array:
    """Geodesic areas of polygons in EPSG:4326, square kilometres, shape (n,)."""
    shapes = np.asarray(geometries, dtype=object)
    return np.array([abs(GEOD.geometry_area_perimeter(g)[0]) / 1e6 for g in shapes])


def territory_at(longitude: float, latitude: float, margin_deg: float = 0.3) -> str | None:
    """Name of the territory whose box (widened by a margin in degrees) holds the point, if any."""
    for name, (west, south, east, north) in TERRITORIES.items():
        if (
            west - margin_deg <= longitude <= east + margin_deg
            and south - margin_deg <= latitude <= north + margin_deg
        ):
            return name
    return None


def from_lambert93(x: float, y: float) -> tuple[float, float] | None:
    """Longitude and latitude of Lambert-93 coordinates (EPSG:2154, metres).

    None when they are not in mainland France: a file may hold any pair of numbers.
    """
    if not (50_000 <= x <= 1_300_000 and 6_000_000 <= y <= 7_200_000):
        return None
    longitude, latitude = _from_lambert93().transform(x, y)
    inside = territory_at(longitude, latitude) == "Métropole"
    return (float(longitude), float(latitude)) if inside else None


@functools.cache
def _from_lambert93() -> Transformer:
    return Transformer.from_crs(2154, 4326, always_xy=True)
