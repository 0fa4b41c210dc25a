"""An indicator as a layer: one colour a territory."""

from __future__ import annotations

import functools

import geopandas as gpd
import pandas as pd

from layers.base import WGS84, Layer
from layers.style import PALETTE_OF_USE, Classes, classes_of
from territory import catalog, communes, indicators
from territory.communes import Level
from territory.indicators import Indicator

_DARK_IS_FRAGILE = "Plus la teinte est foncée, plus la situation est fragile."

#: Level → French plural.
UNITS: dict[Level, str] = {
    "commune": "communes",
    "epci": "intercommunalités (EPCI)",
    "departement": "départements",
    "region": "régions",
}


def choropleth(
    indicator: Indicator,
    values: pd.Series,
    level: Level,
    *,
    classes: Classes | None = None,
    contours: gpd.GeoSeries | None = None,
) -> Layer:
    """Make the layer of an indicator.

    Parameters
    ----------
    indicator : Indicator
        What the values are.
    values : Series of float, indexed by the code of the unit, shape (n,)
        NaN is a missing value.
    level : Level
        What the units are.
    classes : Classes, optional
        Class limits; cut from ``values`` by default. Pass those of the whole country with the
        values of one territory, so that a colour means the same everywhere.
    contours : GeoSeries of polygons in EPSG:4326, indexed by code, optional
        Needed by documents and geographic files; the live map has them in its tiles. Only the
        units that have a contour are kept.

    Returns
    -------
    Layer
        Table: ``code``, ``nom``, ``valeur`` and, with contours, ``geometry``.

    Raises
    ------
    LayerError
        The values are not numbers, or the contours not in EPSG:4326.
    """
    if contours is not None:
        values = values.reindex(contours.index)
    names = communes.units(level)["nom"].reindex(values.index).fillna("")
    table = pd.DataFrame({"code": values.index, "nom": names.array, "valeur": values.array})
    if contours is not None:
        table = gpd.GeoDataFrame(table, geometry=contours.array, crs=contours.crs or WGS84)
    source = catalog.SOURCES[indicator.source_id]
    return Layer(
        id=indicator.id,
        title=indicator.label,
        sentence=f"{indicator.label}, par {communes.LEVELS[level]}. {indicator.definition}",
        table=table,
        style=classes or indicator_classes(indicator, values),
        labels={"nom": _capital(communes.LEVELS[level]), "valeur": indicator.short_label},
        attribution=catalog.attribution([indicator.source_id, "communes"]),
        vintage=f"{indicator.vintage} ({source.producer})",
    )


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def indicator_classes(indicator: Indicator, values: pd.Series) -> Classes:
    """Cut the classes of an indicator; the dark end is always the fragile one."""
    return classes_of(
        values,
        column="valeur",
        unit=indicator.unit,
        decimals=indicator.decimals,
        palette=PALETTE_OF_USE[indicator.palette],
        dark_is_low=not indicator.higher_is_worse,
        note=_DARK_IS_FRAGILE if indicator.palette == "fragilite" else "",
    )


@functools.cache
def national_classes(indicator_id: str, level: Level = "commune") -> Classes:
    """Class limits of an embedded indicator, cut once on all units of the level.

    Raises
    ------
    InvalidInputError
        Unknown indicator.
    """
    return indicator_classes(indicators.get(indicator_id), indicators.values(indicator_id, level))
