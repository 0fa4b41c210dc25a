"""PTCE as two layers: points where the commune is known, territories for all the others.

A pole known only by its intercommunalité, département or région is never put at an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from layers.base import WGS84, Layer
from layers.style import PTCE_AREA, PTCE_MARKER, Categories
from territory import catalog
from territory.communes import LEVELS, Level

_SENTENCE = (
    "Pôles territoriaux de coopération économique nommés ou retenus comme tels dans des sources "
    "publiques : un relevé non exhaustif, qui ne dit pas lesquels sont actifs aujourd’hui."
)
_POINT_LABELS = {
    "nom": "PTCE",
    "commune": "Commune",
    "filiere": "Filière",
    "statut_libelle": "Statut",
}


def ptce_points(table: pd.DataFrame) -> Layer:
    """Make the layer of the PTCE whose commune is known.

    Parameters
    ----------
    table : DataFrame
        Rows of :func:`territory.ptce.table`; ``niveau`` and ``code`` say how each is known.

    Raises
    ------
    LayerError
        A column is missing.
    """
    placed = table[table["niveau"] == "commune"].reset_index(drop=True)
    return Layer(
        id="ptce",
        title="PTCE dont la commune est connue",
        sentence=_SENTENCE,
        table=placed,
        style=Categories("niveau", {"commune": PTCE_MARKER}, PTCE_MARKER),
        labels={name: label for name, label in _POINT_LABELS.items() if name in placed.columns},
        attribution=catalog.attribution(["ptce"]),
        vintage=catalog.SOURCES["ptce"].vintage,
    )


def ptce_areas(
    table: pd.DataFrame, contours: Mapping[Level, gpd.GeoSeries] | None = None
) -> Layer:
    """Make the layer of the territories of the PTCE whose commune is not known.

    Parameters
    ----------
    table : DataFrame
        Rows of :func:`territory.ptce.table`.
    contours : mapping of level to GeoSeries in EPSG:4326 indexed by code, optional
        Contours of the EPCI, départements and régions; needed to draw and to write files.

    Returns
    -------
    Layer
        One row a territory: ``niveau``, ``code``, ``echelon``, ``noms`` (joined by « ; »),
        ``nombre`` and, with contours, ``geometry``.

    Raises
    ------
    LayerError
        A column is missing.
    """
    wide = table[table["niveau"] != "commune"].dropna(subset=["niveau", "code"])
    areas = (
        wide.groupby(["niveau", "code"], as_index=False)
        .agg(noms=("nom", " ; ".join), nombre=("nom", "size"))
        .astype({"noms": "str"})
    )
    areas["echelon"] = areas["niveau"].map(LEVELS)
    if contours is not None:
        shapes: list[Any] = [
            contours[level].get(code)
            for level, code in areas[["niveau", "code"]].itertuples(index=False)
        ]
        areas = gpd.GeoDataFrame(areas, geometry=gpd.GeoSeries(shapes, crs=WGS84))
    return Layer(
        id="ptce_territoires",
        title="Territoires des autres PTCE",
        sentence="Territoire le plus étroit où chaque PTCE est connu ; son siège ne l’est pas.",
        table=areas,
        style=PTCE_AREA,
        labels={"noms": "PTCE", "echelon": "Connu à l’échelle"},
        attribution=catalog.attribution(["ptce", "communes"]),
        vintage=catalog.SOURCES["ptce"].vintage,
    )
