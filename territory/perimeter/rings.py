"""Rings of polygons that come from outside: read, repaired, put in one canonical form.

What is drawn, what a file holds and what a service answers pass here before any geometry is made of
them. Each message names the area it is about.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import shapely

from territory import geo
from territory.errors import InvalidInputError
from territory.text import number

Ring = tuple[tuple[float, float], ...]
#: Rings of each polygon, the outer one first; a ring ends on the vertex it starts from.
Coordinates = tuple[tuple[Ring, ...], ...]

#: Decimals of a degree kept (about 10 cm).
DECIMALS: Final = 6
MAX_VERTICES: Final = 10_000
#: A shape that crosses itself is repaired up to this many vertices.
MAX_REPAIRED: Final = 500
#: A hand may draw wide of a coast; a disc or a buffer of 300 km reaches no farther.
_MARGIN_DEG: Final = 5.0
#: About 20 000 km: longer than the coast and the borders of France as the base draws them.
_MAX_LENGTH_DEG: Final = 200.0


def canonical(content: object, zone: str) -> Coordinates:
    """Check the coordinates of a MultiPolygon, degrees (EPSG:4326), and put them in one form.

    6 decimals, outer rings counter-clockwise and holes clockwise (RFC 7946), each from its smallest
    vertex, sorted. A shape that crosses itself is repaired: its lobes become polygons.

    Parameters
    ----------
    content
        Lists or tuples of polygons, of rings, of pairs.
    zone
        What it is, a French feminine noun for the messages: ``zone dessinée``.

    Raises
    ------
    InvalidInputError
        Another form, no surface, too many vertices, or too far from France.
    """
    return _canonical(_repaired(_read(content, zone), zone))


def of_shape(shape: object, zone: str) -> Coordinates:
    """Coordinates of a shapely Polygon or MultiPolygon, as they are.

    Raises
    ------
    InvalidInputError
        Another type.
    """
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
        raise _of_no_form(zone)
    return _coordinates(shape)


class Outlined:
    """What an area given by its outline is: polygons on the ground."""

    coordonnees: Coordinates

    @property
    def vertices(self) -> int:
        """Number of vertices, the last of each ring left out."""
        return sum(len(ring) - 1 for polygon in self.coordonnees for ring in polygon)

    @property
    def shape(self) -> shapely.MultiPolygon:
        """The polygons, EPSG:4326."""
        return _shape_of(self.coordonnees)


@functools.lru_cache(maxsize=128)
def _shape_of(coordinates: Coordinates) -> shapely.MultiPolygon:
    """Make the polygons, EPSG:4326."""
    shape = shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in coordinates])
    shapely.prepare(shape)
    return shape


def _of_no_form(zone: str) -> InvalidInputError:
    return InvalidInputError(
        f"La {zone} doit être une liste de polygones, chacun fait d’anneaux de couples "
        "longitude, latitude en degrés."
    )


def _flat(zone: str) -> InvalidInputError:
    return InvalidInputError(f"La {zone} n’a pas de surface : il lui faut au moins trois sommets.")


def _read(content: object, zone: str) -> shapely.MultiPolygon:
    """Check types and bounds before any geometry is made of them."""
    left = MAX_VERTICES
    polygons = []
    for polygon in _sequence(content, zone):
        rings = []
        for ring in _sequence(polygon, zone):
            points = _sequence(ring, zone)
            left -= len(points) - 1
            if left < 0:
                msg = (
                    f"La {zone} a trop de sommets (au plus {number(MAX_VERTICES)}) : "
                    "simplifiez-la."
                )
                raise InvalidInputError(msg)
            rings.append([_vertex(point, zone) for point in points])
            if len(set(rings[-1])) < 3:
                raise _flat(zone)
        polygons.append((rings[0], rings[1:]))
    return shapely.MultiPolygon(polygons)


def _sequence(content: object, zone: str) -> list[Any] | tuple[Any, ...]:
    if not isinstance(content, list | tuple) or not content:
        raise _of_no_form(zone)
    return content


def _vertex(point: object, zone: str) -> tuple[float, float]:
    if (
        not isinstance(point, list | tuple)
        or len(point) != 2
        or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
        or not all(abs(v) <= 360 for v in point)  # also refuses NaN
    ):
        raise _of_no_form(zone)
    # Adding zero makes 0.0 of -0.0, which a file would write otherwise.
    lon, lat = (round(float(v), DECIMALS) + 0.0 for v in point)
    if geo.territory_at(lon, lat, _MARGIN_DEG) is None:
        msg = (
            f"Le sommet ({number(lon, 3)} ; {number(lat, 3)}) de la {zone} est trop loin de la "
            "France."
        )
        raise InvalidInputError(msg)
    return lon, lat


def _repaired(shape: shapely.MultiPolygon, zone: str) -> shapely.MultiPolygon:
    too_long = f"Le contour de la {zone} est trop long : simplifiez-la."
    crossed = f"La {zone} se recoupe sans qu’on puisse la réparer : il faut la refaire."
    if shape.length > _MAX_LENGTH_DEG:
        raise InvalidInputError(too_long)
    if not shape.is_valid:
        # Edges cross by pairs: repairing thousands of them could take minutes and gigabytes.
        if shapely.get_num_coordinates(shape) > MAX_REPAIRED:
            raise InvalidInputError(crossed)
        whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        # Crossings fall between the decimals kept: the grid makes them vertices of it.
        shape = _rounded(_surfaces(shapely.set_precision(whole, 10.0**-DECIMALS)))
    if shape.is_empty or not shape.area > 0:
        raise _flat(zone)
    if not shape.is_valid:
        raise InvalidInputError(crossed)
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        raise InvalidInputError(too_long)
    boxes = [
        shapely.box(w - 0.3, s - 0.3, e + 0.3, n + 0.3) for w, s, e, n in geo.TERRITORIES.values()
    ]
    if not shapely.intersects(shape, boxes).any():
        msg = f"La {zone} ne touche aucun territoire français connu."
        raise InvalidInputError(msg)
    return shape


def _surfaces(shape: Any) -> list[shapely.Polygon]:
    return [
        part for part in shapely.get_parts(shapely.get_parts(shape))
        if isinstance(part, shapely.Polygon) and part.area > 0
    ]


def _rounded(polygons: Iterable[shapely.Polygon]) -> shapely.MultiPolygon:
    rounded = [
        (np.round(p.exterior.coords, DECIMALS), [np.round(r.coords, DECIMALS) for r in p.interiors])
        for p in polygons
    ]
    return shapely.MultiPolygon(rounded)


def _coordinates(shape: shapely.Polygon | shapely.MultiPolygon) -> Coordinates:
    parts = [p for p in shapely.get_parts(shape) if not p.is_empty]
    return tuple(
        tuple(tuple((x, y) for x, y, *_ in ring.coords) for ring in (p.exterior, *p.interiors))
        for p in parts
    )


def _canonical(shape: shapely.MultiPolygon) -> Coordinates:
    """Order that does not depend on the hand, nor on the version of a library."""
    return tuple(
        sorted(
            (_ring(polygon[0], outer=True), *sorted(_ring(r, outer=False) for r in polygon[1:]))
            for polygon in _coordinates(shape)
        )
    )


def _ring(ring: Ring, *, outer: bool) -> Ring:
    points = [p for p, following in itertools.pairwise(ring) if p != following]
    start = points.index(min(points))
    points = points[start:] + points[:start]
    origin = points[0]
    # Shoelace formula, from the first vertex so that large degrees do not eat the decimals.
    doubled = math.fsum(
        (a[0] - origin[0]) * (b[1] - origin[1]) - (b[0] - origin[0]) * (a[1] - origin[1])
        for a, b in itertools.pairwise(points)
    )
    if (doubled > 0) != outer:
        points = [points[0], *reversed(points[1:])]
    return (*points, points[0])
