"""Texts made safe for spreadsheets.

A spreadsheet runs a cell that begins like a formula, and every name comes from outside: an
apostrophe in front makes it text (OWASP, CSV injection). Numbers are written as numbers and need
no such care.
"""

from __future__ import annotations

import pandas as pd

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: object) -> object:
    """Put an apostrophe before a text that a spreadsheet would run; leave the rest as it is."""
    if isinstance(text, str) and text.lstrip(" ").startswith(_DANGEROUS):
        return f"'{text}"
    return text


def is_number(column: pd.Series) -> bool:
    """Tell whether a column holds numbers (booleans are not)."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def neutralised(table: pd.DataFrame) -> pd.DataFrame:
    """Copy of a table whose text cells are safe; numbers, codes and missing cells unchanged."""
    return table.assign(
        **{c: table[c].map(neutral) for c in table.columns if not is_number(table[c])}
    )
