"""The ground an area covers: its geometry, its buffer, its share of each commune.

Geometries are EPSG:4326. Those of discs and buffers have straight sides where the circle is round
(a disc 3 m inside at 300 km; the edge of a buffer is true to 0.2 % of its width or 5 m, whichever
is the larger); membership does not rest on them, but on distances.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Proj
from scipy.spatial import cKDTree

from territory import communes, geo
from territory.codes import commune_of
from territory.geodesic import distances_km, earth_vectors
from territory.perimeter.disc import Disc
from territory.perimeter.operations import (
    Area,
    Difference,
    Intersection,
    Tampon,
    Union,
)
from territory.perimeter.rings import Outlined
from territory.perimeter.units import Unites, finest

_CIRCLE_POINTS: Final = 720
_KM_PER_DEGREE: Final = 111.32
#: How far a chord of the border may stand from it, seen from a place at the edge of a buffer.
_SAGITTA_KM: Final = 0.001
#: Points of a border; only that of a whole country would need more (then 2 m at 0.1 km).
_MAX_BORDER_POINTS: Final = 200_000
#: Length of border widened in one projection: distances in it are true to 1e-4.
_PIECE_DEG: Final = 0.5
_PIECE_VERTICES: Final = 40
_MAX_ARC_SEGMENTS: Final = 64

_Geometries = Any


@functools.lru_cache(maxsize=256)
def geometry(area: Area) -> Any:
    """Ground of an area, EPSG:4326: a MultiPolygon, empty where nothing is left.

    A disc centred on a commune comes with the whole of it. Units are the contours of their
    communes. A buffer is drawn piece of border by piece of border, each in an azimuthal
    equidistant projection of its own, and so needs no CRS of a territory.
    """
    shape = _surfaces(_geometry(area))
    shapely.prepare(shape)
    return shape


def _geometry(area: Area) -> Any:
    if isinstance(area, Disc):
        # The arrondissements a disc may list cover the ground of their commune.
        home = contours_of(area.whole_communes[:1])
        return shapely.union_all([area.outline(_CIRCLE_POINTS), *home])
    if isinstance(area, Outlined):
        return area.shape
    if isinstance(area, Unites):
        # Contours are a valid coverage, of which arrondissements are another.
        whole = [code for code in area.communes if commune_of(code) == code]
        parts = [code for code in area.communes if commune_of(code) != code]
        joined = [shapely.coverage_union_all(contours_of(c)) for c in (whole, parts) if c]
        return shapely.union_all(joined)
    if isinstance(area, Union):
        return shapely.union_all([geometry(zone) for zone in area.zones])
    if isinstance(area, Intersection):
        return functools.reduce(shapely.intersection, map(geometry, area.zones))
    if isinstance(area, Difference):
        return shapely.difference(geometry(area.zone), geometry(area.sauf))
    return widened(geometry(area.zone), area.distance_km)


def contours_of(codes: Iterable[str]) -> _Geometries:
    """Contours of communes or arrondissements, in the order given, shape (n,)."""
    return np.asarray(communes.contours().loc[list(codes)], dtype=object)


def _surfaces(shape: Any) -> Any:
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def bounds(area: Area) -> tuple[float, float, float, float]:
    """Box that surely holds the points of an area: west, south, east, north, degrees.

    NaN when the area is empty: nothing compares with it.
    """
    if isinstance(area, Tampon) and not geometry(area.zone).is_empty:
        # The drawn edge stands a little inside the true one.
        inner = shapely.box(*shapely.bounds(geometry(area.zone)))
        west, south, east, north = shapely.bounds(widened(inner, area.distance_km * 1.01 + 0.05))
    else:
        west, south, east, north = shapely.bounds(geometry(area))
    return float(west), float(south), float(east), float(north)


def widened(shape: Any, distance_km: float) -> Any:
    """Draw a buffer on the ellipsoid.

    Parameters
    ----------
    shape
        Surfaces, EPSG:4326.
    distance_km
        Kilometres; may exceed those of a :class:`Tampon` by a margin.

    Returns
    -------
    shapely.Geometry
        EPSG:4326.
    """
    if shape.is_empty or distance_km <= 0:
        return shape
    # Details far smaller than the buffer do not show on its edge (0.2 % of its width).
    tolerance = distance_km * 0.002 / _KM_PER_DEGREE
    rings = shapely.get_parts(shapely.boundary(shapely.simplify(shape, tolerance)))
    pieces = [piece for ring in rings for piece in _pieces(ring)]
    return shapely.union_all([shape, *(_around(piece, distance_km) for piece in pieces)])


def _pieces(ring: Any) -> list[npt.NDArray[np.float64]]:
    """Cut a ring in runs of at most about :data:`_PIECE_DEG`, each from the end of the last."""
    xy = shapely.get_coordinates(shapely.segmentize(ring, _PIECE_DEG / 8))
    run = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    # Offsets of vertices cross each other: the work grows as the square of their number.
    stretch, rank = run // _PIECE_DEG, np.arange(len(xy)) // _PIECE_VERTICES
    changes = (np.diff(stretch) != 0) | (np.diff(rank) != 0)
    starts = [0, *(np.flatnonzero(changes) + 1), len(xy) - 1]
    return [xy[a : b + 1] for a, b in itertools.pairwise(starts) if b > a]


def _around(piece: npt.NDArray[np.float64], distance_km: float) -> Any:
    lon, lat = (piece.min(axis=0) + piece.max(axis=0)) / 2
    local = Proj(proj="aeqd", lon_0=lon, lat_0=lat, ellps="WGS84")
    metres = np.column_stack(local(piece[:, 0], piece[:, 1]))
    # Sides a metre at most from the arc, while 64 to a quarter turn are enough for that.
    segments = int(np.clip(np.ceil(np.sqrt(310 * distance_km)), 8, _MAX_ARC_SEGMENTS))
    wide = shapely.buffer(shapely.linestrings(metres), distance_km * 1000, quad_segs=segments)

    def back(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(local(xy[:, 0], xy[:, 1], inverse=True))

    return shapely.transform(wide, back)


def near_border(
    area: Area, distance_km: float, longitudes: geo.Array, latitudes: geo.Array
) -> npt.NDArray[np.bool_]:
    """Tell which points are at most some kilometres from the border of an area.

    The border is sampled finely enough for the distance to be true to a metre; the nearest sample
    is measured by geodesic (WGS 84).
    """
    step = max(np.sqrt(8 * distance_km * _SAGITTA_KM), 0.01)
    tree, lons, lats = _border(area, round(float(step) / _KM_PER_DEGREE, 9))
    near = np.zeros(len(longitudes), dtype=bool)
    if tree is None or not len(longitudes):
        return near
    _, found = tree.query(
        earth_vectors(longitudes, latitudes), distance_upper_bound=distance_km * 1000 + 1
    )
    rows = np.flatnonzero(found < len(lons))
    found = found[rows]
    origins = np.column_stack([longitudes[rows], latitudes[rows]])
    near[rows] = distances_km(origins, np.column_stack([lons[found], lats[found]])) <= (
        distance_km
    )
    return near


@functools.lru_cache(maxsize=16)
def _border(area: Area, step_deg: float) -> tuple[cKDTree | None, geo.Array, geo.Array]:
    line = shapely.boundary(geometry(area))
    if line.is_empty:
        return None, np.zeros(0), np.zeros(0)
    step = max(step_deg, line.length / _MAX_BORDER_POINTS)
    lons, lats = shapely.get_coordinates(shapely.segmentize(line, step)).T
    return cKDTree(earth_vectors(lons, lats)), lons, lats


def areas_km2(shapes: _Geometries) -> geo.Array:
    """Geodesic areas of surfaces whose sides are straight in degrees, km², shape (n,).

    A geodesic leaves such a side by 2 m over 10 km, by 8 cm over the 2 km it is cut in here.
    """
    # A cut may leave a line or a point, which PROJ would close and give an area to.
    surfaces = np.array([_surfaces(shape) for shape in shapes], dtype=object)
    areas = np.zeros(len(surfaces))
    some = ~shapely.is_empty(surfaces)
    areas[some] = geo.area_km2(shapely.segmentize(surfaces[some], 0.02))
    return areas


def clipped(area: Area, codes: npt.NDArray[np.object_], contours: _Geometries) -> _Geometries:
    """Part of each commune that is in an area.

    The expression is worked out commune by commune, so that a unit gives or takes a commune whole
    and no large contour is ever cut.

    Parameters
    ----------
    codes, contours
        Whole communes, shape (n,).

    Returns
    -------
    numpy.ndarray of shapely.Geometry
        Shape (n,); the very contour, same object, where all of it is in and no cut was needed.
    """
    if isinstance(area, Disc):
        return np.where(
            np.isin(codes, area.whole_communes), contours, _cut(geometry(area), contours)
        )
    if isinstance(area, Unites):
        parts = np.full(len(codes), shapely.MultiPolygon(), dtype=object)
        whole = np.isin(codes, area.communes)
        parts[whole] = contours[whole]
        for position in np.flatnonzero(np.isin(codes, list(area.split_communes))):
            inside = [c for c in area.communes if commune_of(c) == codes[position]]
            parts[position] = shapely.intersection(
                contours[position], shapely.coverage_union_all(contours_of(inside))
            )
        return parts
    if isinstance(area, Union):
        each = [clipped(zone, codes, contours) for zone in area.zones]
        return functools.reduce(lambda a, b: _joined(a, b, contours), each)
    if isinstance(area, Intersection):
        # What one leaves out need not be cut by the others.
        return functools.reduce(lambda parts, zone: _both(parts, zone, codes, contours),
                                area.zones[1:], clipped(area.zones[0], codes, contours))
    if isinstance(area, Difference):
        parts = clipped(area.zone, codes, contours).copy()
        removed = clipped(area.sauf, codes, contours)
        touched = ~shapely.is_empty(removed) & ~shapely.is_empty(parts)
        parts[touched] = shapely.difference(parts[touched], removed[touched])
        return parts
    return _cut(geometry(area), contours)


def _joined(first: _Geometries, second: _Geometries, contours: _Geometries) -> _Geometries:
    parts: _Geometries = np.where(shapely.is_empty(first), second, first)
    both = ~shapely.is_empty(first) & ~shapely.is_empty(second)
    whole = _same(first, contours) | _same(second, contours)
    parts[both] = np.where(
        whole[both], contours[both], shapely.union(first[both], second[both])
    )
    return parts


def _both(
    parts: _Geometries, zone: Area, codes: npt.NDArray[np.object_], contours: _Geometries
) -> _Geometries:
    parts = parts.copy()
    left = np.flatnonzero(~shapely.is_empty(parts))
    other = clipped(zone, codes[left], contours[left])
    mine, theirs = _same(parts[left], contours[left]), _same(other, contours[left])
    cut = ~mine & ~theirs
    result: _Geometries = np.where(mine, other, parts[left])
    result[cut] = shapely.intersection(parts[left][cut], other[cut])
    parts[left] = result
    return parts


def _same(parts: _Geometries, contours: _Geometries) -> npt.NDArray[np.bool_]:
    return np.array([a is b for a, b in zip(parts, contours, strict=True)], dtype=bool)


def _cut(shape: Any, contours: _Geometries) -> _Geometries:
    parts = contours.copy()
    crossed = ~shapely.covers(shape, contours)
    parts[crossed] = shapely.intersection(shape, contours[crossed])
    return parts


# A page asks it several times a run; a wide one names half a megabyte of communes.
@functools.lru_cache(maxsize=16)
def possible_communes(area: Area, margin_km: float = 0.0) -> frozenset[str]:
    """Codes of every commune that may hold a place of an area; arrondissements for three of them.

    A few may hold none: an intersection keeps the communes that all its areas touch.

    Parameters
    ----------
    margin_km
        Widens discs, drawn areas, travel-time zones and buffers, for contours are simplified.
    """
    if isinstance(area, Unites):
        return finest(area.communes)
    if isinstance(area, Disc):
        touched = communes.touching(area.outline(margin_km=margin_km))
        return finest([*touched, *area.whole_communes])
    if isinstance(area, Union):
        return frozenset().union(*(possible_communes(zone, margin_km) for zone in area.zones))
    if isinstance(area, Intersection):
        each = [possible_communes(zone, margin_km) for zone in area.zones]
        return functools.reduce(frozenset.intersection, each)
    if isinstance(area, Difference):
        return possible_communes(area.zone, margin_km) - _surely_whole(area.sauf)
    return finest(communes.touching(widened(geometry(area), margin_km)))


def _surely_whole(area: Area) -> frozenset[str]:
    """Communes and arrondissements all of whose places are in an area, known by their codes."""
    if isinstance(area, Unites):
        return finest(area.communes)
    if isinstance(area, Disc):
        return finest(area.whole_communes)
    if isinstance(area, Union):
        return frozenset().union(*map(_surely_whole, area.zones))
    if isinstance(area, Intersection):
        return functools.reduce(frozenset.intersection, map(_surely_whole, area.zones))
    if isinstance(area, Tampon):
        return _surely_whole(area.zone)
    if isinstance(area, Difference):
        return _surely_whole(area.zone) - possible_communes(area.sauf)
    return frozenset()
