"""CSV: one for machines, one for French Excel."""

from __future__ import annotations

import pandas as pd

from layers.export.cells import neutralised
from layers.export.metadata import ExportContext


def machine(table: pd.DataFrame, context: ExportContext) -> bytes:
    """Comma, UTF-8 without BOM, decimal point, field names as headers."""
    return neutralised(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def excel(table: pd.DataFrame, context: ExportContext) -> bytes:
    """Semicolon, UTF-8 with BOM, decimal comma, French labels as headers.

    Codes keep their leading zeros in the file; Excel itself drops them when it opens a CSV by a
    double click, which is why XLSX comes first in the list of formats.
    """
    labels = {c.name: c.label for c in context.columns(table.columns)}
    return excel_bytes(table.rename(columns=labels))


def excel_bytes(table: pd.DataFrame) -> bytes:
    """Write a table as French Excel reads it, headers as they are."""
    text = neutralised(table).to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    return text.encode("utf-8-sig")
