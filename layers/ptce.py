"""PTCE as layers: points where the commune is known, territories elsewhere."""

from __future__ import annotations

import geopandas as gpd

from layers.base import Layer
from layers.export.geodata import with_geometry
from layers.style import PTCE_MARKER
from territory import catalog, communes, ptce

_SAID = (
    "« A été nommé ou retenu comme PTCE » d’après les sources citées ; relevé non exhaustif."
)


def points() -> Layer:
    """PTCE whose commune is known, at its reference point."""
    rows = ptce.table()
    placed = rows[(rows["niveau"] == "commune") & rows["longitude"].notna()]
    return Layer(
        id="ptce",
        title="PTCE",
        kind="points",
        table=with_geometry(placed),
        key="nom_court",
        name="nom",
        markers={"": PTCE_MARKER},
        details={"commune": "Commune", "filiere": "Filière", "statut_libelle": "Statut"},
        attribution=catalog.attribution(["ptce"]),
        vintage=catalog.SOURCES["ptce"].vintage,
        sentence=_SAID,
    )


def areas() -> Layer:
    """Units that hold PTCE known only at their scale, with the names of these PTCE."""
    rows = ptce.table()
    wide = rows[rows["niveau"].notna() & (rows["niveau"] != "commune")]
    groups = wide.groupby(["niveau", "code"])["nom"].agg(", ".join).reset_index()
    shapes = [
        communes.simplified_contours(level)[code]
        for level, code in zip(groups["niveau"], groups["code"], strict=True)
    ]
    names = [
        communes.units(level).loc[code, "nom"]
        for level, code in zip(groups["niveau"], groups["code"], strict=True)
    ]
    table = gpd.GeoDataFrame(
        groups.rename(columns={"nom": "poles"}).assign(nom=names), geometry=shapes, crs=4326
    )
    return Layer(
        id="ptce_zones",
        title="PTCE connus à l’échelle d’un territoire",
        kind="areas",
        table=table,
        key="code",
        name="nom",
        markers={"": PTCE_MARKER},
        details={"poles": "PTCE"},
        attribution=catalog.attribution(["ptce", "communes"]),
        vintage=catalog.SOURCES["ptce"].vintage,
        sentence=_SAID,
    )
