"""What the live map shows, as frozen values that become the JSON sent to the component.

Longitudes and latitudes are degrees (EPSG:4326), radii kilometres. Every label is French text
ready for the screen; texts are raw, the component writes them with ``textContent`` only.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from layers import style
from ui.carte.adresses import (
    lines_url,
    points_url,
    stock_url,
    structures_url,
    tiles_url,
    towns_url,
    values_url,
)
from ui.carte.fonds import GROUNDS

Level = Literal["commune", "epci", "departement", "region"]
Ground = Literal["contours", "plan_ign", "osm"]

#: Vertices (longitude, latitude); the first one may be repeated at the end.
Ring = tuple[tuple[float, float], ...]
#: Outer ring, then holes.
Polygon = tuple[Ring, ...]


@dataclass(frozen=True)
class LegendClass:
    """One class of the choropleth: a colour ("#rrggbb") and its limits in words."""

    couleur: str
    libelle: str


@dataclass(frozen=True)
class Grid:
    """The two axes of a crossing, three thirds each (:func:`layers.web.grid_data`).

    Attributes
    ----------
    vertical, horizontal
        Titles of the axes; the classes of the choropleth go row by row along the second one.
    paliers_verticaux, paliers_horizontaux
        Words of the thirds, from the best to the worst.
    coin
        Name of the last class, if it has one.
    """

    vertical: str
    horizontal: str
    paliers_verticaux: tuple[str, str, str]
    paliers_horizontaux: tuple[str, str, str]
    coin: str = ""


@dataclass(frozen=True)
class Choropleth:
    """An indicator coloured by class.

    Attributes
    ----------
    id
        Indicator of :data:`territory.indicators.INDICATORS`; its values come from the route
        ``/valeurs/{version}/{niveau}/{id}.json``. Any name with an ``adresse``.
    titre, titre_court
        Title of the legend; short form for the label under the pointer.
    unite, decimales
        "%", "€"…; number of decimals shown.
    classes
        From the lowest to the highest, at most nine.
    absente
        Words for a missing value; its hatching is the map's own.
    grille
        Axes of a crossing, whose nine classes are then read as words; None for one figure.
    adresse
        Address of values computed at run time (:func:`ui.carte.adresses.computed_url`).
    limites
        Upper limits of every class but the last, by which the map classes the values it already
        has; None: by the classes that came with them.
    """

    id: str
    titre: str
    titre_court: str
    unite: str
    decimales: int
    classes: tuple[LegendClass, ...]
    absente: str = style.ABSENT_LABEL
    grille: Grid | None = None
    adresse: str | None = None
    limites: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if self.grille is not None and len(self.classes) != 9:
            msg = f"une grille a neuf classes, et non {len(self.classes)}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Curtain:
    """Another vintage of the choropleth, on the same classes, on one side of the map.

    Attributes
    ----------
    id
        Indicator of :data:`territory.indicators.INDICATORS`.
    gauche, droite
        Vintage on each side.
    autre
        Side on which it is; the choropleth is on the other one.
    """

    id: str
    gauche: str
    droite: str
    autre: Literal["gauche", "droite"]


@dataclass(frozen=True)
class Circles:
    """A quantity drawn as circles of that surface, one a territory.

    Attributes
    ----------
    id
        Stock of :data:`territory.stocks.STOCKS`.
    titre, titre_court
        Title of their legend; short form for the label under the pointer.
    """

    id: str
    titre: str
    titre_court: str


@dataclass(frozen=True)
class MarkerStyle:
    """Colour and shape of a marker.

    ``forme`` is one of rond, carre, losange, triangle, triangle_bas, pentagone, hexagone, etoile,
    croix; anything else is drawn as a disc.
    """

    couleur: str
    forme: str
    libelle: str


@dataclass(frozen=True)
class Structures:
    """The ESS structures.

    Attributes
    ----------
    styles
        By value of the column ``famille``; the key "" serves the families not listed.
    masque
        Rows shown, see :func:`bitset`, those of ``ajouts`` last; None shows them all.
    annuaire
        Key of a published directory (:func:`ui.carte.annuaires.publish`); None for the embedded
        extract.
    couverture
        Disc (longitude, latitude, kilometres) inside which the directory is whole, so that the
        map counts in it; None: everywhere.
    ajouts
        Rows only this person has, columns of :func:`layers.web.structure_columns`; sent with the
        page, never through a route.
    """

    styles: Mapping[str, MarkerStyle]
    masque: str | None = None
    annuaire: str | None = None
    couverture: tuple[float, float, float] | None = None
    ajouts: Mapping[str, Sequence[Any]] | None = None

    def to_data(self) -> dict[str, Any]:
        """JSON-able description, address of the points included."""
        covered = self.couverture
        return {
            "url": structures_url(self.annuaire),
            "lignes": lines_url(self.annuaire),
            "masque": self.masque,
            "styles": {name: vars(s) for name, s in self.styles.items()},
            "couverture": covered and dict(zip(("lon", "lat", "rayon_km"), covered, strict=True)),
            "ajouts": self.ajouts,
        }


@dataclass(frozen=True)
class Ptce:
    """The PTCE layer: points where the commune is known, hatched territories elsewhere."""

    style: MarkerStyle = MarkerStyle(
        style.PTCE_MARKER.colour, style.PTCE_MARKER.shape, style.PTCE_MARKER.label
    )


@dataclass(frozen=True)
class Outlines:
    """Outlines drawn; those of the communes only show from zoom 8."""

    communes: bool = True
    epci: bool = False
    departements: bool = True
    regions: bool = True


@dataclass(frozen=True)
class Perimeter:
    """The perimeter in force, as Python computed it: a disc or an area, never both.

    Attributes
    ----------
    lon, lat, rayon_km
        The disc that the handles of the map take hold of; all None for an area.
    libelle
        Written beside the line, e.g. "12,4 km · 37 structures"; empty: the map writes its own for
        a disc, nothing for an area, which it does not count.
    contour
        Geodesic outline of the disc, at least 128 vertices (lon, lat); empty: the map draws its
        own.
    zones
        Polygons of an area of any shape (communes, a drawn zone, a composition): shown and
        deleted as a whole, it has no handle. They do not overlap; empty for a disc.
    communes
        Codes whose structures the disc holds whatever their distance
        (:attr:`territory.perimeter.Disc.whole_communes`): the map counts them too, as long as the
        centre stays where it is.

    Raises
    ------
    ValueError
        Neither a whole disc nor an area, or both.
    """

    lon: float | None = None
    lat: float | None = None
    rayon_km: float | None = None
    libelle: str = ""
    contour: Ring = ()
    zones: tuple[Polygon, ...] = ()
    communes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        given = [number is not None for number in (self.lon, self.lat, self.rayon_km)]
        if any(given) if self.zones else not all(given):
            msg = "un périmètre est un disque (lon, lat et rayon_km) ou une surface (zones)"
            raise ValueError(msg)

    def to_data(self) -> dict[str, Any]:
        """JSON-able description."""
        return {
            "lon": self.lon,
            "lat": self.lat,
            "rayon_km": self.rayon_km,
            "libelle": self.libelle,
            "contour": _rounded(self.contour),
            "zones": [[_rounded(ring) for ring in polygon] for polygon in self.zones],
            "communes": list(self.communes),
        }


def _rounded(ring: Ring) -> list[list[float]]:
    """Return the vertices to 6 decimals, about ten centimetres."""
    return [[round(x, 6), round(y, 6)] for x, y in ring]


@dataclass(frozen=True)
class Viewpoint:
    """Where to look: bounds (west, south, east, north), obeyed once per sequence number."""

    bornes: tuple[float, float, float, float] = (-5.2, 41.3, 9.6, 51.15)
    sequence: int = 0


@dataclass(frozen=True)
class MapView:
    """Everything the map shows.

    Attributes
    ----------
    titre
        Accessible name of the map, a full French title.
    attribution
        Producers, licences and vintages of what is shown, one short text.
    niveau
        Territories that are coloured and named under the pointer.
    rideau
        Another vintage beside the choropleth, whose classes then have ``limites``.
    fond
        "contours" calls no other host; "plan_ign" and "osm" do, and the page must say so.
    reperes
        Names of the main towns.
    """

    titre: str
    attribution: str
    niveau: Level = "commune"
    choroplethe: Choropleth | None = None
    rideau: Curtain | None = None
    cercles: Circles | None = None
    contours: Outlines = field(default_factory=Outlines)
    structures: Structures | None = None
    ptce: Ptce | None = None
    perimetre: Perimeter | None = None
    vue: Viewpoint = field(default_factory=Viewpoint)
    fond: Ground = "contours"
    reperes: bool = True
    lecture_seule: bool = False

    def to_data(self) -> dict[str, Any]:
        """JSON-able description sent to the component, addresses included."""
        return {
            "titre": self.titre,
            "attribution": self.attribution,
            "tuiles": tiles_url(),
            "niveau": self.niveau,
            "choroplethe": self._choropleth(),
            "rideau": self.rideau
            and {**vars(self.rideau), "url": values_url(self.niveau, self.rideau.id)},
            "cercles": self.cercles
            and {**vars(self.cercles), "url": stock_url(self.niveau, self.cercles.id)},
            "contours": vars(self.contours),
            "structures": self.structures and self.structures.to_data(),
            "ptce": self.ptce
            and {
                "url": points_url("ptce"),
                "style": vars(self.ptce.style),
                "zone": style.PTCE_AREA.label,
            },
            "perimetre": self.perimetre and self.perimetre.to_data(),
            "vue": {"bornes": list(self.vue.bornes), "sequence": self.vue.sequence},
            "fond": GROUNDS[self.fond].to_data() if self.fond != "contours" else None,
            "reperes": {"url": towns_url()} if self.reperes else None,
            "lecture_seule": self.lecture_seule,
            "couleurs": {
                "mer": style.SEA,
                "terre": style.LAND,
                "trait": style.LINE,
                "perimetre": style.PERIMETER_STROKE.colour,
            },
        }

    def _choropleth(self) -> dict[str, Any] | None:
        shown = self.choroplethe
        if shown is None:
            return None
        return {
            "id": shown.id,
            "url": shown.adresse or values_url(self.niveau, shown.id),
            "titre": shown.titre,
            "titre_court": shown.titre_court,
            "unite": shown.unite,
            "decimales": shown.decimales,
            "classes": [vars(c) for c in shown.classes],
            "absente": {"libelle": shown.absente},
            "grille": shown.grille and vars(shown.grille),
            "limites": shown.limites,
        }


def bitset(visible: Sequence[bool] | npt.NDArray[np.bool_]) -> str:
    """Visible rows of a table as base64 of a bitset, bit i for row i, least significant first.

    Parameters
    ----------
    visible
        Shape (n,), in the row order of the points served by the route.
    """
    bits = np.packbits(np.asarray(visible, dtype=bool), bitorder="little")
    return base64.b64encode(bits.tobytes()).decode("ascii")
