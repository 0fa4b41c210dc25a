"""The drawn area: polygons a person traced on a map, or read from a file.

Edges are straight in longitude and latitude, as in GeoJSON (RFC 7946, section 3.1.1). A place is
in when its point is in or on the border; one known by its commune only is judged by the reference
point of that commune.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import shapely

from territory import communes
from territory.errors import InvalidInputError
from territory.perimeter import rings
from territory.perimeter.rings import Coordinates, Outlined
from territory.text import NBSP, excerpt, plural

_MAX_NAME: Final = 80
# A name travels into pages, sentences and files: nothing that any of them could read as markup.
_NAME = re.compile(r"[\w ’'().,:;–/&°+«»!?-]*")
_ZONE: Final = "zone dessinée"


@dataclass(frozen=True)
class Polygone(Outlined):
    """Polygons drawn on the map.

    Attributes
    ----------
    coordonnees
        Coordinates of a GeoJSON MultiPolygon, degrees (EPSG:4326), in the canonical form of
        :func:`territory.perimeter.rings.canonical`.
    nom
        What the person calls it; may be empty.
    """

    coordonnees: Coordinates
    nom: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "nom", _name(self.nom))
        object.__setattr__(self, "coordonnees", rings.canonical(self.coordonnees, _ZONE))

    @classmethod
    def of(cls, shape: Any, nom: str = "") -> Polygone:
        """Make an area from a shapely Polygon or MultiPolygon, EPSG:4326.

        Raises
        ------
        InvalidInputError
            Another type, no surface, too many vertices or too far from France.
        """
        return cls(rings.of_shape(shape, _ZONE), nom)

    @property
    def label(self) -> str:
        """Name in French, with a guillemet; else where it lies."""
        if self.nom:
            return f"zone dessinée «{NBSP}{self.nom}{NBSP}»"
        inside = shapely.point_on_surface(self.shape)
        place = communes.at(inside.x, inside.y)
        where = f"vers {place.nom} ({place.nom_departement})" if place else "en mer ou à l’étranger"
        return f"zone dessinée {where}, {plural(self.vertices, 'sommet')}"


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
