"""XLSX: the table, and a « Lisez-moi » sheet that says where it comes from."""

from __future__ import annotations

import datetime as dt
import io
import math

import pandas as pd
import xlsxwriter

from layers.export.cells import is_number
from layers.export.metadata import ExportContext

_WIDTHS = {"nom": 38, "activite": 46, "adresse": 34, "source": 40, "filiere": 26,
           "distance_depuis": 30, "definition": 60}
_MAX_CELL = 32_767


def write(table: pd.DataFrame, context: ExportContext) -> bytes:
    """Write the workbook.

    Texts are written as texts, never as formulas or links, so that ``=HYPERLINK(…)`` in a name
    stays a name and ``01004`` keeps its zero.
    """
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
         "strings_to_numbers": False},
    ) as book:
        midnight = dt.datetime.combine(context.generated, dt.time())
        book.set_properties(
            {"title": context.title[:250], "comments": "Périmètre", "created": midnight}
        )
        _table_sheet(book, table, context)
        _readme_sheet(book, table, context)
    return buffer.getvalue()


def _table_sheet(book: xlsxwriter.Workbook, table: pd.DataFrame, context: ExportContext) -> None:
    head = book.add_format(
        {"bold": True, "bg_color": "#0B5A63", "font_color": "#FFFFFF", "text_wrap": True,
         "valign": "top"}
    )
    # The prefix keeps « =… » a text even after someone edits the cell.
    text = book.add_format({"num_format": "@", "valign": "top", "quote_prefix": True})
    decimal = book.add_format({"num_format": "#,##0.0##", "valign": "top"})
    whole = book.add_format({"num_format": "#,##0", "valign": "top"})
    name = "Fournisseurs" if "siret" in table.columns else "Données"
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    for position, column in enumerate(context.columns(table.columns)):
        sheet.write_string(0, position, column.label, head)
        sheet.set_column(position, position, _WIDTHS.get(column.name, max(12, len(column.label))))
        values = table[column.name]
        if is_number(values):
            style = whole if pd.api.types.is_integer_dtype(values) else decimal
            for row, value in enumerate(values, start=1):
                if not pd.isna(value) and math.isfinite(value):
                    sheet.write_number(row, position, value, style)
        else:
            for row, value in enumerate(values, start=1):
                if not pd.isna(value) and value != "":
                    sheet.write_string(row, position, str(value)[:_MAX_CELL], text)
    if len(table.columns):
        sheet.autofilter(0, 0, max(len(table), 1), len(table.columns) - 1)


def _readme_sheet(book: xlsxwriter.Workbook, table: pd.DataFrame, context: ExportContext) -> None:
    label = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet = book.add_worksheet("Lisez-moi")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    row = 0
    for title, value in [*context.lines(), ("Nombre de lignes", str(len(table)))]:
        sheet.write_string(row, 0, title, label)
        sheet.write_string(row, 1, value, wrap)
        row += 1
    row += 1
    sheet.write_string(row, 0, "Colonne", label)
    sheet.write_string(row, 1, "Ce qu’elle contient", label)
    for column in context.columns(table.columns):
        row += 1
        sheet.write_string(row, 0, column.label, wrap)
        unit = f" ({column.unit})" if column.unit else ""
        states = " oui, non ou inconnu." if column.kind == "oui_non_inconnu" else ""
        sheet.write_string(row, 1, f"{column.name}{unit}. {column.definition}{states}", wrap)
