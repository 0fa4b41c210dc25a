"""Lengths of geodesics on the WGS 84 ellipsoid, fast enough to follow a hand.

The straight line between two points of the ellipsoid is known from their geocentric coordinates
alone. The arc it subtends is that of a circle whose curvature is the one of the normal section at
the middle (Euler's formula: ``k = cos²α / M + sin²α / N``, M and N the radii of curvature of the
meridian and of the prime vertical): its length ``(2/k) asin(k c / 2)`` is within 0.001 mm of
Karney's geodesic, as PROJ computes it, up to 100 km, 0.1 mm up to 300 km and 1 mm up to
:data:`FAR_KM`. It needs no trigonometry, an eighth of the time. Beyond, PROJ answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

Array = npt.NDArray[np.float64]

GEOD: Final = Geod(ellps="WGS84")

#: Longest distance the formula is trusted for.
FAR_KM: Final = 500.0
#: Couples at a time: the intermediate arrays stay in the processor's cache.
_BLOCK: Final = 8_192
#: ``1 / (1 - e²)²``, the second eccentricity squared, ``(1 / 2a)²``.
_FLATTER: Final = (1 - GEOD.es) ** -2
_SECOND_ES: Final = GEOD.es / (1 - GEOD.es)
_HALF_CURVES: Final = 1 / (4 * GEOD.a ** 2)
#: Last coefficient of the arc sine, in kilometres as the others.
_LAST: Final = 15e-3 / 336
#: Added to the nothing that a point is from itself, which divides.
_TINY: Final = 1e-300


def earth_vectors(longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> Array:
    """Geocentric coordinates of points of the WGS 84 ellipsoid, metres, shape (n, 3).

    The straight line between two points is never longer than the geodesic: a tree of these finds
    whatever may be within a radius (:func:`line_m`), and the nearest by that line is so by
    geodesic, to a metre at 300 km.
    """
    angles = np.radians(np.array([longitudes, latitudes], dtype=float))
    (sin_lon, sin_lat), (cos_lon, cos_lat) = np.sin(angles), np.cos(angles)
    normal = GEOD.a / np.sqrt(1 - GEOD.es * sin_lat * sin_lat)
    plane = normal * cos_lat
    vectors = np.empty((len(plane), 3))
    vectors[:, 0] = plane * cos_lon
    vectors[:, 1] = plane * sin_lon
    vectors[:, 2] = normal * (1 - GEOD.es) * sin_lat
    return vectors


def line_m(radius_km: npt.ArrayLike) -> Array:
    """Length of line, metres, that the two ends of a geodesic are at most apart, rounding apart."""
    return 1000 * np.asarray(radius_km, dtype=float) + 1e-3


def couples_km(
    here: Array, there: Array, rows: npt.ArrayLike | None, columns: npt.ArrayLike
) -> Array:
    """Distances of couples of points, at most :data:`FAR_KM` apart.

    Parameters
    ----------
    here, there
        Geocentric coordinates (:func:`earth_vectors`), shapes (m, 3) and (n, 3).
    rows, columns
        Which of each, shape (k,); rows are None for couples of the only ``here``.

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (k,); infinite beyond :data:`FAR_KM`.
    """
    second = np.asarray(columns)
    first = None if rows is None else np.asarray(rows)

    def measured(block: slice) -> Array:
        # ``take`` is three times faster than brackets for a few rows.
        ends = there.take(second[block], axis=0)
        return _arcs_km(here if first is None else here.take(first[block], axis=0), ends)

    return _by_block(len(second), measured)


def from_point_km(longitude: float, latitude: float, longitudes: Array, latitudes: Array) -> Array:
    """Distances from one point.

    Parameters
    ----------
    longitude, latitude
        Origin, degrees.
    longitudes, latitudes
        Destinations, degrees, all finite, both shape (n,).

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (n,).
    """
    origin = earth_vectors([longitude], [latitude])
    found = _by_block(
        len(longitudes),
        lambda block: _arcs_km(origin, earth_vectors(longitudes[block], latitudes[block])),
    )
    far = np.flatnonzero(np.isinf(found))
    if len(far):
        origins = np.full(len(far), longitude), np.full(len(far), latitude)
        found[far] = _karney_km(*origins, longitudes[far], latitudes[far])
    return found


def distances_km(origins: Array, destinations: Array) -> Array:
    """Geodesic distances of points taken two by two.

    Parameters
    ----------
    origins, destinations
        Longitudes and latitudes, degrees, both shape (n, 2), all finite.

    Returns
    -------
    numpy.ndarray
        Kilometres, shape (n,).
    """
    found = _by_block(
        len(origins),
        lambda block: _arcs_km(
            earth_vectors(*origins[block].T), earth_vectors(*destinations[block].T)
        ),
    )
    far = np.flatnonzero(np.isinf(found))
    if len(far):
        found[far] = _karney_km(*origins[far].T, *destinations[far].T)
    return found


def _by_block(count: int, measured: Callable[[slice], Array]) -> Array:
    if count <= _BLOCK:
        return measured(slice(count))
    found = np.empty(count)
    for start in range(0, count, _BLOCK):
        block = slice(start, start + _BLOCK)
        found[block] = measured(block)
    return found


def _karney_km(lons: Array, lats: Array, to_lons: Array, to_lats: Array) -> Array:
    _, _, metres = GEOD.inv(lons, lats, to_lons, to_lats)
    return np.asarray(metres, dtype=float) / 1000


def _arcs_km(starts: Array, ends: Array) -> Array:
    """Arcs of vectors two by two, or from one to many; infinite beyond :data:`FAR_KM`."""
    line, x, y, z = ends - starts, *(ends + starts).T
    squared = np.einsum("ij,ij->i", line, line)
    # Cosine of the latitude in the middle, squared: tan φ = z / ((1 - e²) √(x² + y²)).
    plane = x * x + y * y
    cosine = plane / (plane + z * z * _FLATTER)
    # Euler's formula with M and N at that latitude: k = √w (1 + e'² cos²φ cos²α) / a. What the line
    # rises by, along the meridian, is cos φ cos α of its length.
    rise = line[:, 2]
    along = rise * rise / (squared + _TINY)
    k = 1 + _SECOND_ES * along
    u = (_HALF_CURVES * (1 - GEOD.es) + _HALF_CURVES * GEOD.es * cosine) * k * k * squared
    kilometres: Array = np.sqrt(squared) * (1e-3 + u * (1e-3 / 6 + u * (3e-3 / 40 + u * _LAST)))
    kilometres[~(kilometres <= FAR_KM)] = np.inf
    return kilometres
