"""What the live map fetches or is told, as JSON-able columns, from the styles of the documents.

Texts are raw: the map writes them with ``textContent``, never as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from layers import packed
from layers.choropleth import national_classes
from layers.style import Bivariate, Categories, Classes, Marker
from territory import filieres, indicators, stocks
from territory.communes import Level

#: Decimals of a coordinate: about 10 cm.
_COORDINATE_DECIMALS: Final = 6
_CIRCLE_DECIMALS: Final = 3

_STRUCTURE: Final = {
    "nom": "nom",
    "adresse": "adresse",
    "famille": "famille_ess",
    "commune": "commune",
    "filiere": "filiere",
    "precision": "precision_geo",
}
_PTCE: Final = {"nom": "nom", "commune": "commune", "filiere": "filiere"}

Columns = dict[str, list[Any]]


def indicator_values(indicator_id: str, level: Level) -> Columns:
    """Values of an embedded indicator: ``codes``, ``classes`` (−1 where missing), ``valeurs``.

    Three lists of the same order; the classes are those of the legend.

    Raises
    ------
    InvalidInputError
        Unknown indicator.
    """
    values = indicators.values(indicator_id, level)
    return {
        "codes": values.index.to_list(),
        "classes": national_classes(indicator_id, level).index(values).tolist(),
        "valeurs": _numbers(values, indicators.get(indicator_id).decimals),
    }


def stock_columns(stock_id: str, level: Level) -> Columns:
    """Circles of a stock: ``codes``, ``lon``, ``lat`` and ``valeurs`` above zero, largest first.

    Coordinates are to about 100 m, finer than the smallest circle that can be read.

    Raises
    ------
    KeyError
        Unknown stock.
    """
    values = stocks.values(stock_id, level)
    known = values[values > 0].sort_values(ascending=False, kind="stable")
    places = stocks.places(level).reindex(known.index)
    return {
        "codes": known.index.to_list(),
        "lon": _numbers(places["longitude"], _CIRCLE_DECIMALS),
        "lat": _numbers(places["latitude"], _CIRCLE_DECIMALS),
        "valeurs": known.astype(int).to_list(),
    }


def computed_values(
    values: pd.Series,
    classes: Classes | Bivariate,
    decimals: int = 0,
    reasons: pd.Series | None = None,
) -> dict[str, Any]:
    """Values computed at run time, as :func:`indicator_values` gives those of the embedded base.

    Parameters
    ----------
    values : Series indexed by code, shape (n,)
        Numbers, or classes ``a-f`` with a :class:`Bivariate`.
    classes : Classes or Bivariate
        Those of the legend.
    decimals : int
        Decimals kept.
    reasons : Series of text, indexed by code, optional
        Why a place is grey, in French.

    Returns
    -------
    dict
        ``codes``, ``classes`` (−1 where missing) and ``valeurs``, of the same order; ``valeurs``
        is None everywhere for classes ``a-f``, which are no quantities. With reasons, ``raisons``
        by code, of the grey places only.
    """
    ranks = classes.index(values)
    crossed = isinstance(classes, Bivariate)
    answer: dict[str, Any] = {
        "codes": values.index.to_list(),
        "classes": ranks.tolist(),
        "valeurs": [None] * len(values) if crossed else _numbers(values, decimals),
    }
    if reasons is not None:
        said = reasons.reindex(values.index[ranks == -1]).fillna("")
        answer["raisons"] = said[said != ""].to_dict()
    return answer


def grid_data(style: Bivariate) -> dict[str, Any]:
    """Return the axes of a crossing and the words of their thirds, fields of ``ui.carte.Grid``."""
    up, across = style.steps
    return {
        "vertical": style.up, "horizontal": style.across,
        "paliers_verticaux": up, "paliers_horizontaux": across, "coin": style.corner,
    }


def class_data(classes: Classes | Bivariate) -> list[dict[str, str]]:
    """Return colour and words of each class, from the lowest; a crossing row by row."""
    return [
        {"couleur": colour, "libelle": label}
        for colour, label in zip(classes.colours, classes.labels, strict=True)
    ]


def marker_data(style: Categories) -> dict[str, dict[str, str]]:
    """Return colour, shape and label by value; the key "" serves the values not listed."""

    def described(marker: Marker) -> dict[str, str]:
        return {"couleur": marker.colour, "forme": marker.shape, "libelle": marker.label}

    return {
        **{value: described(marker) for value, marker in style.markers.items()},
        "": described(style.fallback),
    }


def structure_columns(table: pd.DataFrame) -> Columns:
    """Structures of one person column-wise, in the order of the table, to which a mask refers.

    What :func:`layers.packed.packed` says of a public list, and :func:`structure_lines` of its
    rows, at once: ``effectif`` is the fewest employees (None when unknown), ``code`` the commune.
    """
    return {
        **_points(table, {**_STRUCTURE, "code": "code_insee"}),
        "effectif": list(packed.fewest(table["tranche_effectif"])),
        "filieres": [list(filieres.split(cell)) for cell in table["filiere"]],
    }


def structure_lines(table: pd.DataFrame) -> Columns:
    """Name, address and the like of structures, column-wise: what the map says of open ones."""
    return _texts(table, _STRUCTURE)


def ptce_columns(table: pd.DataFrame) -> Columns:
    """PTCE of :func:`territory.ptce.table`: points where the commune is known, else territories.

    ``zones`` lists the territories, the narrowest whose code is known, with the names of their
    PTCE; one without any code is in neither, only in the list beside the map.
    """
    placed = table[(table["niveau"] == "commune") & table["longitude"].notna()]
    wide = table[table["niveau"] != "commune"].dropna(subset=["niveau", "code"])
    zones = wide.groupby(["niveau", "code"], as_index=False).agg(noms=("nom", list))
    return {
        "id": placed.index.to_list(),
        **_points(placed, _PTCE),
        "zones": zones.to_dict("records"),
    }


def town_columns(table: pd.DataFrame, count: int) -> Columns:
    """Names and places of the ``count`` most populated communes, in that order."""
    read = ["nom", "population", "longitude", "latitude"]
    largest = table.loc[table["type"] == "COM", read].nlargest(count, "population")
    return _points(largest, {"nom": "nom"})


def _points(table: pd.DataFrame, columns: Mapping[str, str]) -> Columns:
    """Coordinates and columns (name in the answer → column); None for missing coordinates."""
    return {
        "lon": _numbers(table["longitude"], _COORDINATE_DECIMALS),
        "lat": _numbers(table["latitude"], _COORDINATE_DECIMALS),
        **_texts(table, columns),
    }


def _texts(table: pd.DataFrame, columns: Mapping[str, str]) -> Columns:
    """Columns (name in the answer → column); numbers stay numbers, a missing text is empty."""
    answer: Columns = {}
    for name, column in columns.items():
        series = table[column]
        is_number = pd.api.types.is_numeric_dtype(series)
        answer[name] = (series if is_number else series.fillna("").astype(str)).to_list()
    return answer


def _numbers(series: pd.Series, decimals: int) -> list[float | None]:
    """Round numbers; None where missing, for JSON knows no NaN."""
    values = series.astype(float).round(decimals).to_list()
    return [None if np.isnan(value) else value for value in values]
