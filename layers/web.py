"""What the live map fetches or is told, made from the same layers as the documents.

Texts are raw: the map writes them with ``textContent``, never as HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.base import Layer, LayerError
from layers.choropleth import national_classes
from layers.style import ABSENT_COLOUR, ABSENT_LABEL, Categories, Classes, Marker
from territory.communes import Level

#: Decimals of a coordinate: about 10 cm.
_COORDINATE_DECIMALS = 6


def classify(indicator_id: str, level: Level, values: pd.Series) -> npt.NDArray[np.int8]:
    """Class of each value of an embedded indicator, shape (n,); −1 where it is missing.

    Raises
    ------
    InvalidInputError
        Unknown indicator.
    """
    return national_classes(indicator_id, level).index(values)


def values_json(layer: Layer) -> bytes:
    """Write ``{"codes", "classes", "valeurs"}``, three lists of the same order, as UTF-8 JSON.

    Raises
    ------
    LayerError
        The layer has no classes, hence no values.
    """
    style = _classes(layer)
    values = layer.table[style.column]
    return to_json(
        {
            "codes": layer.table["code"].to_list(),
            "classes": style.index(values).tolist(),
            "valeurs": numbers(values, style.decimals),
        }
    )


def choropleth_data(layer: Layer) -> dict[str, Any]:
    """Return title, unit, classes (colour and limits) and the sign of a missing value.

    Raises
    ------
    LayerError
        The layer has no classes.
    """
    style = _classes(layer)
    return {
        "id": layer.id,
        "titre": layer.title,
        "titre_court": layer.labels[style.column],
        "unite": style.unit,
        "decimales": style.decimals,
        "classes": class_data(style),
        "absente": {"couleur": ABSENT_COLOUR, "libelle": ABSENT_LABEL},
    }


def class_data(classes: Classes) -> list[dict[str, str]]:
    """Return colour and limits of each class, from the lowest."""
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


def point_columns(layer: Layer, columns: Mapping[str, str]) -> dict[str, list[Any]]:
    """Return the points of a layer, column-wise: ``lon``, ``lat`` and the columns asked for.

    Parameters
    ----------
    layer : Layer
        Rows in the order of its table; a row without coordinates has None for both.
    columns : mapping of str to str
        Name in the answer → column of the table.
    """
    table = layer.table
    columns_out: dict[str, list[Any]] = {
        "lon": numbers(table["longitude"], _COORDINATE_DECIMALS),
        "lat": numbers(table["latitude"], _COORDINATE_DECIMALS),
    }
    for name, column in columns.items():
        series = table[column]
        is_number = pd.api.types.is_numeric_dtype(series)
        columns_out[name] = (series if is_number else series.fillna("").astype(str)).to_list()
    return columns_out


def structures_json(layer: Layer) -> bytes:
    """Write the structures as column-wise JSON, rows in the order of the table."""
    columns = {
        "id": "id",
        "nom": "nom",
        "famille": "famille_ess",
        "commune": "commune",
        "filiere": "filiere",
        "precision": "precision_geo",
    }
    return to_json(point_columns(layer, columns))


def ptce_json(points: Layer, areas: Layer) -> bytes:
    """Write the PTCE: column-wise points, and ``zones`` with the names known in each territory."""
    columns = {"nom": "nom", "commune": "commune", "filiere": "filiere"}
    zones = [
        {"niveau": level, "code": code, "noms": names.split(" ; ")}
        for level, code, names in areas.table[["niveau", "code", "noms"]].itertuples(index=False)
    ]
    return to_json({**point_columns(points, columns), "zones": zones})


def numbers(series: pd.Series, decimals: int) -> list[float | None]:
    """Round numbers; None where missing, for JSON knows no NaN."""
    values = series.astype(float).round(decimals).to_list()
    return [None if np.isnan(value) else value for value in values]


def to_json(content: Mapping[str, Sequence[Any]]) -> bytes:
    """Write compact UTF-8 JSON."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _classes(layer: Layer) -> Classes:
    if not isinstance(layer.style, Classes):
        msg = f"La couche « {layer.title} » n’a pas de valeurs à colorer."
        raise LayerError(msg)
    return layer.style
