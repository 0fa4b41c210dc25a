"""An indicator as a layer: one colour a territory."""

from __future__ import annotations

import functools
from typing import Protocol

import geopandas as gpd
import pandas as pd

from layers.base import WGS84, Layer
from layers.breaks import USUAL, Cut, classes_of
from layers.style import NOTE_OF_USE, PALETTE_OF_USE, Classes
from territory import catalog, communes, indicators
from territory.communes import Level

#: Level → French plural.
UNITS: dict[Level, str] = {
    "commune": "communes",
    "epci": "intercommunalités (EPCI)",
    "departement": "départements",
    "region": "régions",
}


class Described(Protocol):
    """What a map says of a figure: an embedded ``Indicator``, or one computed at run time."""

    @property
    def id(self) -> str:
        """Short stable name."""

    @property
    def label(self) -> str:
        """French title."""

    @property
    def short_label(self) -> str:
        """Shorter title, for a legend."""

    @property
    def unit(self) -> str:
        """``%``, ``min``… or nothing."""

    @property
    def decimals(self) -> int:
        """Decimals shown."""

    @property
    def higher_is_worse(self) -> bool:
        """Whether the dark end is the high one."""

    @property
    def source_id(self) -> str:
        """Key of ``catalog.SOURCES``."""

    @property
    def vintage(self) -> str:
        """Date of the figure."""

    @property
    def definition(self) -> str:
        """Formula and reading, in French."""

    @property
    def palette(self) -> str:
        """Key of :data:`layers.style.PALETTE_OF_USE`."""


def choropleth(
    indicator: Described,
    values: pd.Series,
    level: Level,
    *,
    classes: Classes | None = None,
    contours: gpd.GeoSeries | None = None,
) -> Layer:
    """Make the layer of an indicator.

    Parameters
    ----------
    indicator : Described
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
    source = catalog.SOURCES[indicator.source_id]
    return Layer(
        id=indicator.id,
        title=indicator.label,
        sentence=f"{indicator.label}, par {communes.LEVELS[level]}. {indicator.definition}",
        table=unit_table(values.to_frame("valeur"), level, contours),
        style=classes or indicator_classes(indicator, values),
        labels={"nom": level_title(level), "valeur": indicator.short_label},
        attribution=catalog.attribution([indicator.source_id, "communes"]),
        vintage=f"{indicator.vintage} ({source.producer})",
    )


def unit_table(
    columns: pd.DataFrame, level: Level, contours: gpd.GeoSeries | None
) -> pd.DataFrame:
    """Put ``code`` and ``nom`` before columns indexed by code and, with contours, ``geometry``.

    Only the units that have a contour are kept, in the order of the contours.
    """
    if contours is not None:
        columns = columns.reindex(contours.index)
    names = communes.units(level)["nom"].reindex(columns.index).fillna("")
    table = pd.DataFrame({"code": columns.index, "nom": names.array})
    table = table.assign(**{name: columns[name].array for name in columns.columns})
    if contours is None:
        return table
    return gpd.GeoDataFrame(table, geometry=contours.array, crs=contours.crs or WGS84)


def level_title(level: Level) -> str:
    """Return the name of a level with a capital, the heading of its units."""
    name = communes.LEVELS[level]
    return name[0].upper() + name[1:]


def indicator_classes(indicator: Described, values: pd.Series, cut: Cut = USUAL) -> Classes:
    """Cut the classes of an indicator; the dark end is always the worse one."""
    return classes_of(
        values,
        column="valeur",
        unit=indicator.unit,
        decimals=indicator.decimals,
        palette=PALETTE_OF_USE[indicator.palette],
        dark_is_low=not indicator.higher_is_worse,
        note=NOTE_OF_USE[indicator.palette],
        cut=cut,
    )


# Bounded: limits are typed by anyone.
@functools.lru_cache(maxsize=256)
def national_classes(
    indicator_id: str, level: Level = "commune", cut: Cut = USUAL
) -> Classes:
    """Class limits of an embedded indicator, cut once on all units of the level.

    Raises
    ------
    InvalidInputError
        Unknown indicator.
    """
    values = indicators.values(indicator_id, level)
    return indicator_classes(indicators.get(indicator_id), values, cut)
