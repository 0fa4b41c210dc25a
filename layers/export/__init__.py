"""File formats: a table and what it says of itself → bytes in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from layers.export import csv, geodata, xlsx
from layers.export.metadata import ExportContext

Writer = Callable[[pd.DataFrame, ExportContext], bytes]


@dataclass(frozen=True)
class Format:
    """A file format.

    Attributes
    ----------
    id, label, extension, media_type
        ``xlsx``, ``Excel (XLSX)``, ``xlsx``, MIME type.
    write
        Table (a GeoDataFrame in EPSG:4326, or a table with ``longitude`` and ``latitude``) and
        context → bytes. Every row is kept, with or without coordinates.
    geographic
        Whether the format carries geometries.
    """

    id: str
    label: str
    extension: str
    media_type: str
    write: Writer
    geographic: bool = False


#: Format id → format, the most asked for first.
FORMATS: dict[str, Format] = {
    f.id: f
    for f in (
        Format(
            "xlsx", "Excel (XLSX)", "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.write,
        ),
        Format("csv_excel", "CSV pour Excel français", "csv", "text/csv", csv.excel),
        Format("csv", "CSV (machines)", "csv", "text/csv", csv.machine),
        Format("geojson", "GeoJSON", "geojson", "application/geo+json", geodata.geojson,
               geographic=True),
        Format("gpkg", "GeoPackage (QGIS)", "gpkg", "application/geopackage+sqlite3",
               geodata.geopackage, geographic=True),
        Format("geoparquet", "GeoParquet", "parquet", "application/vnd.apache.parquet",
               geodata.geoparquet, geographic=True),
    )
}
