"""Quantities one may add up: inhabitants, beneficiaries, structures; and where to put their sign.

A share is coloured, a quantity is drawn as a circle of that surface: colouring a quantity would
only show which territories are large.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from territory import codes, communes, indicators, store
from territory.communes import Level
from territory.suppliers import EXTRACT_SOURCES

#: A unit whose communes without data hold more than this share of its inhabitants has no total.
_MOST_UNKNOWN: Final = 0.01
#: EASE-Grid 2.0, of all the world: areas compare, overseas too.
_EQUAL_AREA: Final = "EPSG:6933"


@dataclass(frozen=True)
class Stock:
    """What a quantity is.

    Attributes
    ----------
    id
        Short stable name, the ``cercles`` URL parameter.
    label
        French title, with its year.
    short_label
        Shorter title, for the label under the pointer.
    source_ids
        Keys of ``catalog.SOURCES``.
    column
        Column of the table ``fragilite``; empty for what is counted elsewhere.
    """

    id: str
    label: str
    short_label: str
    source_ids: tuple[str, ...]
    column: str = ""


#: Stock id → stock.
STOCKS: Final[Mapping[str, Stock]] = {
    stock.id: stock
    for stock in (
        Stock("population", "Habitants (2023)", "Habitants", ("communes",)),
        Stock("aides_logement", "Personnes couvertes par une aide au logement (2022)",
              "Couverts par une aide au logement", ("dgcl",), "benef_aides_logement_2022"),
        Stock("plus_65", "Habitants de 65 ans et plus (2021)", "65 ans et plus",
              ("recensement",), "pop_65p_2021"),
        Stock("qpv", "Habitants en quartier prioritaire (2022)", "En quartier prioritaire",
              ("dgcl",), "pop_qpv_2022"),
        Stock("structures", "Structures de l’ESS de l’extrait embarqué", "Structures (extrait)",
              EXTRACT_SOURCES),
    )
}


@functools.cache
def values(stock_id: str, level: Level = "commune") -> pd.Series:
    """Total of each unit, float64 indexed by code.

    NaN is unknown: a commune without data, a larger unit where such communes hold more than 1 % of
    the inhabitants, and every unit the extract of structures does not name, which is no zero.

    Raises
    ------
    KeyError
        Unknown stock.
    """
    stock = STOCKS[stock_id]
    whole = communes.whole()
    people = whole["population"].astype(float)
    if stock_id == "population":
        counted = people
    elif stock.column:
        figures = indicators.figures()[stock.column]
        counted = figures.astype("Float64").reindex(whole.index).astype(float)
    else:
        held = store.read("ess_structures")["code_insee"].dropna().map(codes.commune_of)
        counted = held.value_counts().reindex(whole.index).astype(float)
    if level == "commune":
        return counted.rename(stock_id)
    groups = whole[f"code_{level}"]
    totals = counted.groupby(groups).sum(min_count=1)
    if stock_id != "structures":
        unknown = people.where(counted.isna(), 0.0).groupby(groups).sum()
        totals = totals.where(unknown <= _MOST_UNKNOWN * people.groupby(groups).sum())
    return totals.rename(stock_id).rename_axis("code")


@functools.cache
def places(level: Level = "commune") -> pd.DataFrame:
    """Where the sign of each unit stands: the town hall of a commune, else a point well inside.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``longitude``, ``latitude``, degrees (EPSG:4326).
    """
    if level == "commune":
        return communes.whole()[["longitude", "latitude"]].astype(float)
    contours = communes.simplified_contours(level)
    # Of the largest piece: the middle of a région and of its islands may be in the sea.
    pieces = contours.explode().to_crs(_EQUAL_AREA)
    largest = pieces.iloc[np.argsort(-pieces.area.to_numpy(), kind="stable")]
    main = largest[~largest.index.duplicated()].reindex(contours.index)
    points = cast("gpd.GeoSeries", main).representative_point().to_crs("EPSG:4326")
    return pd.DataFrame({"longitude": points.x.round(6), "latitude": points.y.round(6)})
