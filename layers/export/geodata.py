"""Geographic files: GeoJSON, GeoPackage, GeoParquet, all in EPSG:4326."""

from __future__ import annotations

import io
import json
import math
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from layers.base import geometries
from layers.export.metadata import ExportContext

#: Decimals of a degree in GeoJSON, about 1 cm (RFC 7946, section 11.2).
_DECIMALS = 7


def geojson(table: pd.DataFrame, context: ExportContext) -> bytes:
    """GeoJSON (RFC 7946) with the sources in a foreign member ``metadonnees``."""
    frame = geometries(table)
    features = []
    attributes = frame.drop(columns=frame.geometry.name)
    for values, geometry in zip(attributes.to_dict("records"), frame.geometry, strict=True):
        shape = None
        if geometry is not None and not geometry.is_empty:
            shape = _rounded(shapely.geometry.mapping(shapely.orient_polygons(geometry)))
        properties = {str(name): _plain(value) for name, value in values.items()}
        features.append({"type": "Feature", "geometry": shape, "properties": properties})
    content = {
        "type": "FeatureCollection",
        "metadonnees": [{"champ": label, "texte": text} for label, text in context.lines()],
        "features": features,
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False).encode("utf-8")


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _rounded(mapping: Any) -> Any:
    if isinstance(mapping, dict):
        return {key: _rounded(value) for key, value in mapping.items()}
    if isinstance(mapping, list | tuple):
        return [_rounded(value) for value in mapping]
    return round(mapping, _DECIMALS) if isinstance(mapping, float) else mapping


def geopackage(table: pd.DataFrame, context: ExportContext) -> bytes:
    """GeoPackage of one layer, its sources in the layer's description."""
    frame = geometries(table)
    name = "fournisseurs" if "siret" in frame.columns else "donnees"
    # GeoPackage keeps « fid » for its own key; nothing of ours is called so.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.gpkg"
        import pyogrio  # GDAL is heavy in memory, and for this alone

        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            driver="GPKG",
            geometry_type=_geometry_type(frame),
            layer_options={"IDENTIFIER": context.title[:200],
                           "DESCRIPTION": context.description()},
        )
        return path.read_bytes()


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geom_type.dropna())
    if not kinds:
        return "Point"
    if kinds <= {"Polygon", "MultiPolygon"}:
        return "MultiPolygon"
    return kinds.pop() if len(kinds) == 1 else "Unknown"


def geoparquet(table: pd.DataFrame, context: ExportContext) -> bytes:
    """GeoParquet 1.1 with a covering box per row, so that readers can filter by extent."""
    buffer = io.BytesIO()
    geometries(table).to_parquet(
        buffer, index=False, compression="zstd", schema_version="1.1.0", write_covering_bbox=True
    )
    return buffer.getvalue()
