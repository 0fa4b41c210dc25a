"""The layer: one object drawn on a map, described in a legend and written to a file.

A layer never travels half-built: whatever is wrong with it is said at construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.style import Bivariate, Categories, Classes, Stroke, Style
from territory.errors import TerritoryError
from territory.text import excerpt

WGS84 = "EPSG:4326"


class LayerError(TerritoryError, ValueError):
    """A layer cannot be built, or cannot be drawn where it was asked to be."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A table, what its rows mean and how they look.

    Attributes
    ----------
    id
        Short name: ``structures``, ``ptce``, ``part_aides_logement_2022``…
    title
        French title, heading of the legend.
    sentence
        One French sentence: what is shown, where, and what it is not.
    table
        One row a thing shown. Polygons are in ``geometry`` (EPSG:4326); points may be given by
        ``longitude`` and ``latitude`` instead, missing where the place is unknown. A layer of
        values by code may have neither: the live map then takes its contours from the tiles.
    style
        How rows are drawn, and which column decides it.
    labels
        Column → French label, the columns shown under the pointer, in order.
    attribution, vintage
        Producers and licences; date of the figures.

    Raises
    ------
    LayerError
        A text is empty, a column is missing, coordinates are outside the globe or not in EPSG:4326.
    """

    id: str
    title: str
    sentence: str
    table: pd.DataFrame
    style: Style
    labels: Mapping[str, str]
    attribution: str
    vintage: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))
        for name in ("id", "title", "sentence", "attribution"):
            if not getattr(self, name).strip():
                self._refuse(f"le champ « {name} » est vide")
        needed = [*self.labels, *([] if isinstance(self.style, Stroke) else [self.style.column])]
        missing = [column for column in needed if column not in self.table.columns]
        if missing:
            self._refuse(f"il manque les colonnes {', '.join(missing)}")
        if isinstance(self.table, gpd.GeoDataFrame):
            if self.table.crs is None or self.table.crs.to_epsg() != 4326:
                self._refuse("ses coordonnées ne sont pas en WGS 84 (EPSG:4326)")
        elif isinstance(self.style, Categories):
            self._check_points()
        if isinstance(self.style, Classes) and not pd.api.types.is_numeric_dtype(
            self.table[self.style.column]
        ):
            self._refuse(f"la colonne « {self.style.column} » n’est pas numérique")
        if isinstance(self.style, Bivariate):
            self._check_crossing(self.style)

    def _check_crossing(self, style: Bivariate) -> None:
        if style.reason and style.reason not in self.table.columns:
            self._refuse(f"il manque la colonne {style.reason}")
        values = self.table[style.column]
        strange = values[(style.index(values) == -1) & values.notna()]
        if len(strange):
            self._refuse(
                f"la classe « {excerpt(strange.iloc[0])} » n’est pas l’une des neuf du croisement"
            )

    def _check_points(self) -> None:
        for column, bound in (("longitude", 180.0), ("latitude", 90.0)):
            if column not in self.table.columns:
                self._refuse(f"il manque la colonne {column}")
            degrees = self.table[column].to_numpy(dtype=float)
            if (np.abs(degrees[~np.isnan(degrees)]) > bound).any():
                self._refuse(f"la colonne {column} sort de l’intervalle ±{bound:g}°")

    def _refuse(self, reason: str) -> None:
        msg = f"La couche « {self.title or self.id} » ne peut pas être construite : {reason}."
        raise LayerError(msg)


def geometries(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a table with geometries in EPSG:4326, rows kept in number and order.

    Points are made from ``longitude`` and ``latitude``; a row lacking either, or a table without
    these columns, has no geometry and is still there.
    """
    if isinstance(table, gpd.GeoDataFrame):
        return table.to_crs(WGS84)
    points = np.full(len(table), None, dtype=object)
    if {"longitude", "latitude"} <= set(table.columns):
        places = table[["longitude", "latitude"]].to_numpy(dtype=float)
        known = np.isfinite(places).all(axis=1)
        points[known] = shapely.points(places[known])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(points, index=table.index, crs=WGS84))
