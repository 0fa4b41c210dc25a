"""The drawn area: polygons a person traced on a map, or read from a file.

Edges are straight in longitude and latitude, as in GeoJSON (RFC 7946, section 3.1.1). A place is
in when its point is in or on the border; one known by its commune only is judged by the reference
point of that commune.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from territory import communes, geo
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, number, plural

Ring = tuple[tuple[float, float], ...]
#: Rings of each polygon, the outer one first; a ring ends on the vertex it starts from.
Coordinates = tuple[tuple[Ring, ...], ...]

#: Decimals of a degree kept (about 10 cm).
DECIMALS: Final = 6
MAX_VERTICES: Final = 10_000
#: A hand may draw wide of a coast; a disc or a buffer of 300 km reaches no farther.
_MARGIN_DEG: Final = 5.0
#: About 20 000 km: longer than the coast and the borders of France as the base draws them.
_MAX_LENGTH_DEG: Final = 200.0
_MAX_REPAIRED: Final = 500
_MAX_NAME: Final = 80
# A name travels into pages, sentences and files: nothing that any of them could read as markup.
_NAME = re.compile(r"[\w ’'().,:;–/&°+«»!?-]*")

_FORM: Final = (
    "La zone dessinée doit être une liste de polygones, chacun fait d’anneaux de couples "
    "longitude, latitude en degrés."
)


@dataclass(frozen=True)
class Polygone:
    """Polygons drawn on the map.

    Attributes
    ----------
    coordonnees
        Coordinates of a GeoJSON MultiPolygon, degrees (EPSG:4326). Kept in one canonical form:
        6 decimals, outer rings counter-clockwise and holes clockwise (RFC 7946), each from its
        smallest vertex, sorted. A shape that crosses itself is repaired: its lobes become
        polygons.
    nom
        What the person calls it; may be empty.
    """

    coordonnees: Coordinates
    nom: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nom", _name(self.nom))
        object.__setattr__(self, "coordonnees", _canonical(_repaired(_read(self.coordonnees))))

    @classmethod
    def of(cls, shape: Any, nom: str = "") -> Polygone:
        """Make an area from a shapely Polygon or MultiPolygon, EPSG:4326.

        Raises
        ------
        InvalidInputError
            Another type, no surface, too many vertices or too far from France.
        """
        if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon):
            raise InvalidInputError(_FORM)
        return cls(_coordinates(shape), nom)

    @property
    def vertices(self) -> int:
        """Number of vertices, the last of each ring left out."""
        return sum(len(ring) - 1 for polygon in self.coordonnees for ring in polygon)

    @property
    def shape(self) -> shapely.MultiPolygon:
        """The polygons, EPSG:4326."""
        return _shape(self.coordonnees)

    @property
    def label(self) -> str:
        """Name in French, with a guillemet; else where it lies."""
        if self.nom:
            return f"zone dessinée «{NBSP}{self.nom}{NBSP}»"
        inside = shapely.point_on_surface(self.shape)
        place = communes.at(inside.x, inside.y)
        where = f"vers {place.nom} ({place.nom_departement})" if place else "en mer ou à l’étranger"
        return f"zone dessinée {where}, {plural(self.vertices, 'sommet')}"


@functools.lru_cache(maxsize=128)
def _shape(coordinates: Coordinates) -> shapely.MultiPolygon:
    shape = shapely.MultiPolygon([(polygon[0], polygon[1:]) for polygon in coordinates])
    shapely.prepare(shape)
    return shape


def _name(text: object) -> str:
    line = " ".join(text.split()) if isinstance(text, str) else None
    if line is None or len(line) > _MAX_NAME or not _NAME.fullmatch(line):
        msg = (
            f"Le nom de la zone « {_quoted(text)} » n’est pas accepté : au plus {_MAX_NAME} "
            "lettres, chiffres et signes de ponctuation."
        )
        raise InvalidInputError(msg)
    return line


def _quoted(text: object) -> str:
    """Beginning of a text, what cannot be printed left out."""
    return "".join(c for c in excerpt(text) if c.isprintable()) if isinstance(text, str) else "?"


def _read(content: object) -> shapely.MultiPolygon:
    """Check types and bounds before any geometry is made of them."""
    left = MAX_VERTICES
    polygons = []
    for polygon in _sequence(content):
        rings = []
        for ring in _sequence(polygon):
            points = _sequence(ring)
            left -= len(points) - 1
            if left < 0:
                msg = (
                    f"La zone dessinée a trop de sommets (au plus {number(MAX_VERTICES)}) : "
                    "simplifiez-la."
                )
                raise InvalidInputError(msg)
            rings.append([_vertex(point) for point in points])
            if len(set(rings[-1])) < 3:
                raise InvalidInputError(_NO_SURFACE)
        polygons.append((rings[0], rings[1:]))
    return shapely.MultiPolygon(polygons)


_TOO_LONG: Final = "Le contour de la zone dessinée est trop long : simplifiez-la."
_CROSSED: Final = (
    "La zone dessinée se recoupe sans qu’on puisse la réparer : dessinez-la de nouveau."
)
_NO_SURFACE: Final = "La zone dessinée n’a pas de surface : il lui faut au moins trois sommets."


def _sequence(content: object) -> list[Any] | tuple[Any, ...]:
    if not isinstance(content, list | tuple) or not content:
        raise InvalidInputError(_FORM)
    return content


def _vertex(point: object) -> tuple[float, float]:
    if (
        not isinstance(point, list | tuple)
        or len(point) != 2
        or not all(isinstance(v, int | float) and not isinstance(v, bool) for v in point)
        or not all(abs(v) <= 360 for v in point)  # also refuses NaN
    ):
        raise InvalidInputError(_FORM)
    # Adding zero makes 0.0 of -0.0, which a file would write otherwise.
    lon, lat = (round(float(v), DECIMALS) + 0.0 for v in point)
    if geo.territory_at(lon, lat, _MARGIN_DEG) is None:
        msg = (
            f"Le sommet ({number(lon, 3)} ; {number(lat, 3)}) de la zone dessinée est trop loin "
            "de la France."
        )
        raise InvalidInputError(msg)
    return lon, lat


def _repaired(shape: shapely.MultiPolygon) -> shapely.MultiPolygon:
    if shape.length > _MAX_LENGTH_DEG:
        raise InvalidInputError(_TOO_LONG)
    if not shape.is_valid:
        # Edges cross by pairs: repairing thousands of them could take minutes and gigabytes.
        if shapely.get_num_coordinates(shape) > _MAX_REPAIRED:
            raise InvalidInputError(_CROSSED)
        whole = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        # Crossings fall between the decimals kept: the grid makes them vertices of it.
        shape = _rounded(_surfaces(shapely.set_precision(whole, 10.0**-DECIMALS)))
    if shape.is_empty or not shape.area > 0:
        raise InvalidInputError(_NO_SURFACE)
    if not shape.is_valid:
        raise InvalidInputError(_CROSSED)
    if shapely.get_num_coordinates(shape) > MAX_VERTICES:
        raise InvalidInputError(_TOO_LONG)
    boxes = [
        shapely.box(w - 0.3, s - 0.3, e + 0.3, n + 0.3) for w, s, e, n in geo.TERRITORIES.values()
    ]
    if not shapely.intersects(shape, boxes).any():
        msg = "La zone dessinée ne touche aucun territoire français connu."
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
