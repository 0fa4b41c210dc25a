"""The rows of a layer as French text: under the pointer, in lists and for screen readers."""

from __future__ import annotations

import pandas as pd

from layers.base import Layer
from layers.style import Bivariate, Categories, Classes
from territory.text import trimmed

UNKNOWN = "–"


def rows_as_text(layer: Layer) -> pd.DataFrame:
    """Write the shown columns of a layer.

    Returns
    -------
    DataFrame of str, shape (n, len(layer.labels))
        Headed by the French labels, rows in the order of the layer. Raw text: escape it before
        it becomes HTML.
    """
    columns = {name: _written(layer, name) for name in layer.labels}
    return pd.DataFrame(columns, index=layer.table.index).rename(columns=dict(layer.labels))


def _written(layer: Layer, name: str) -> pd.Series:
    values, style = layer.table[name], layer.style
    if isinstance(style, Classes) and name == style.column:
        return values.map(style.written)
    if isinstance(style, Bivariate) and name == style.column:
        reasons = layer.table[style.reason] if style.reason else [""] * len(values)
        return pd.Series(map(style.written, values, reasons), values.index, dtype=object)
    if isinstance(style, Categories) and name == style.column:
        return values.map(lambda value: style.marker(value).label)
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda value: UNKNOWN if pd.isna(value) else trimmed(value))
    return values.astype(object).where(values.notna() & (values != ""), UNKNOWN).astype(str)
