"""The layers by name, and the set of them that makes a document."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely

from layers.base import Layer
from layers.breaks import USUAL, Cut
from layers.choropleth import choropleth, national_classes
from layers.folium_map import MAX_POLYGONS
from layers.perimeter import ground
from layers.points import structures
from layers.ptce import ptce_areas, ptce_points
from territory import communes, indicators, ptce, store
from territory.communes import Level
from territory.indicators import INDICATORS
from territory.perimeter import Perimeter
from territory.suppliers import EXTRACT_SOURCES

_WIDE: tuple[Level, ...] = ("epci", "departement", "region")


def indicator_layer(
    indicator_id: str,
    level: Level = "commune",
    *,
    area: shapely.Geometry | None = None,
    cut: Cut = USUAL,
) -> Layer:
    """Layer of an embedded indicator, its classes those of the whole country.

    Parameters
    ----------
    indicator_id : str
        Key of ``INDICATORS``.
    level : Level
        What is coloured.
    area : Geometry in EPSG:4326, optional
        Keep only the units that touch it, at full precision for communes. All by default.
    cut : Cut
        How the classes are cut.

    Raises
    ------
    InvalidInputError
        Unknown indicator.
    """
    return choropleth(
        indicators.get(indicator_id),
        indicators.values(indicator_id, level),
        level,
        classes=national_classes(indicator_id, level, cut),
        contours=fitted_contours(level, area),
    )


def fitted_contours(level: Level, area: shapely.Geometry | None = None) -> gpd.GeoSeries:
    """Contours of a level for a document: of the units that touch an area, else all simplified.

    Parameters
    ----------
    area : Geometry in EPSG:4326, optional
        Communes that touch it are at full precision.
    """
    contours = communes.simplified_contours(level)
    if area is None:
        return contours
    touched = contours.sindex.query(area, predicate="intersects", sort=True)
    kept = contours.iloc[touched]
    return cast("gpd.GeoSeries", communes.contours().reindex(kept.index) if level == "commune"
                else kept)


def ptce_areas_layer() -> Layer:
    """Layer of the territories of the PTCE whose commune is not known, with their contours."""
    contours = {level: communes.simplified_contours(level) for level in _WIDE}
    return ptce_areas(ptce.table(), contours)


#: Layer id → builder of the layer over the whole embedded base.
LAYERS: dict[str, Callable[[], Layer]] = {
    "fond": lambda: ground(communes.simplified_contours("departement")),
    "ptce_territoires": ptce_areas_layer,
    **{name: functools.partial(indicator_layer, name) for name in INDICATORS},
    "structures": lambda: structures(store.read("ess_structures")),
    "ptce": lambda: ptce_points(ptce.table()),
}


def document_layers(
    perimeter: Perimeter,
    suppliers: pd.DataFrame,
    *,
    sentence: str,
    source_ids: tuple[str, ...] = EXTRACT_SOURCES,
    coloured: Callable[[Level, shapely.Geometry], Layer] | None = None,
    with_ptce: bool = True,
) -> list[Layer]:
    """Layers of a document about a perimeter, from the ground up, the outline left to the map.

    Parameters
    ----------
    perimeter : Perimeter
        Where.
    suppliers : DataFrame
        Result of ``territory.suppliers.search``.
    sentence : str
        What was searched, in French.
    source_ids : tuple of str
        Sources of the suppliers, keys of ``catalog.SOURCES``.
    coloured : function of a level and an area to a Layer, optional
        What colours the territories (see :func:`indicator_layer`): communes while a document can
        hold them, else the narrowest level that fits.
    with_ptce : bool
        Show the PTCE that the perimeter meets.
    """
    chosen = [LAYERS["fond"]()]
    if coloured is not None:
        chosen.append(_fitting(coloured, perimeter.outline()))
    if with_ptce:
        met = ptce.within(perimeter)
        contours = {level: communes.simplified_contours(level) for level in _WIDE}
        # A région would cover everything: it is named in the list beside the map, not drawn.
        narrow = met[met["niveau"] != "region"]
        chosen.append(ptce_areas(narrow, contours))
    chosen.append(structures(suppliers, sentence=sentence, source_ids=source_ids))
    if with_ptce:
        chosen.append(ptce_points(met))
    return [layer for layer in chosen if len(layer.table)]


def _fitting(
    coloured: Callable[[Level, shapely.Geometry], Layer], area: shapely.Geometry
) -> Layer:
    levels: tuple[Level, ...] = ("commune", *_WIDE)
    layers = (coloured(level, area) for level in levels)
    ground_polygons = len(communes.simplified_contours("departement"))
    return next(layer for layer in layers if len(layer.table) + ground_polygons <= MAX_POLYGONS)
