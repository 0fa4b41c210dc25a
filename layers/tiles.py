"""Vector tiles of the French administrative units: ``tuiles.pmtiles``.

One archive holds five layers (``communes``, ``arrondissements``, ``epci``, ``departements``,
``regions``) at zooms 4 to 10; the live map stretches zoom 10 beyond.

How borders stay shared: for each zoom the communes are simplified *together* as a coverage, and
EPCI, départements and régions are the unions of these very communes. Nothing is simplified on its
own, so no sliver, gap or doubled line can appear. The same tables always give the same bytes: the
archive holds no date, and nothing depends on the order in which threads finish.
"""

from __future__ import annotations

import functools
import gzip
import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from layers.mvt import encode_layer

MIN_ZOOM: Final = 4
MAX_ZOOM: Final = 10

#: Layer name → properties carried by its features, in tile order.
LAYER_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "communes": ("code", "nom", "dep"),
    "arrondissements": ("code", "nom"),
    "epci": ("code", "nom"),
    "departements": ("code", "nom"),
    "regions": ("code", "nom"),
}
ATTRIBUTION: Final = "Contours : IGN, ADMIN EXPRESS COG (Licence Ouverte 2.0)"

WEB_MERCATOR: Final = 3857
WORLD_WIDTH_M: Final = 40_075_016.685578488

_TILE_PIXELS: Final = 512
_BUFFER_PIXELS: Final = 4
#: Tolerance of the simplification, in screen pixels; the last zoom keeps every vertex.
_SIMPLIFY_PIXELS: Final = 0.75

_Tile = tuple[int, int, int]


def build(communes: pd.DataFrame, contours: gpd.GeoDataFrame) -> bytes:
    """Build the PMTiles archive.

    Parameters
    ----------
    communes : DataFrame
        Table ``communes``: ``code_insee``, ``nom``, ``type`` (``COM`` or ``ARM``) and the codes and
        names of département, région and EPCI (EPCI may be missing).
    contours : GeoDataFrame
        Table ``contours`` in EPSG:4326: ``code_insee`` and a polygon per commune and per
        arrondissement, each of the two forming a valid coverage.

    Returns
    -------
    bytes
        A PMTiles version 3 archive of gzipped MVT tiles.
    """
    units = contours[["code_insee", "geometry"]].merge(communes, on="code_insee")
    units = units.to_crs(WEB_MERCATOR).sort_values("code_insee", ignore_index=True)
    tiles: dict[_Tile, list[bytes]] = defaultdict(list)
    for zoom in range(MIN_ZOOM, MAX_ZOOM + 1):
        for name, layer in _layers_at(units, zoom).items():
            for tile, content in _cut(name, layer, zoom):
                tiles[tile].append(content)
    return _archive(tiles, contours.total_bounds)


def _layers_at(units: gpd.GeoDataFrame, zoom: int) -> dict[str, gpd.GeoDataFrame]:
    """Return every layer of one zoom, simplified with its borders shared (EPSG:3857)."""
    communes = _simplified(units[units["type"] == "COM"], zoom)
    departements = _union(communes, "departement", "region")
    layers = {
        "communes": communes.assign(code=communes["code_insee"], dep=communes["code_departement"]),
        "arrondissements": _simplified(
            units[units["type"] == "ARM"].assign(code=units["code_insee"]), zoom
        ),
        "epci": _union(communes.dropna(subset=["code_epci"]), "epci"),
        "departements": departements,
        "regions": _union(departements, "region"),
    }
    return {name: layers[name] for name in LAYER_FIELDS if not layers[name].empty}


def _simplified(coverage: gpd.GeoDataFrame, zoom: int) -> gpd.GeoDataFrame:
    """Simplify polygons together, to less than a screen pixel."""
    if zoom == MAX_ZOOM or coverage.empty:
        return coverage
    tolerance_m = _SIMPLIFY_PIXELS * WORLD_WIDTH_M / (_TILE_PIXELS << zoom)
    simplified = shapely.coverage_simplify(coverage.geometry.to_numpy(), tolerance_m)
    return coverage.set_geometry(simplified, crs=WEB_MERCATOR)


def _union(parts: gpd.GeoDataFrame, level: str, *above: str) -> gpd.GeoDataFrame:
    """Merge the polygons of one unit of ``level``; keep the codes and names of levels above."""
    columns = [f"{column}_{name}" for name in (level, *above) for column in ("code", "nom")]
    merged = parts[[*columns, "geometry"]].dissolve(by=f"code_{level}", method="coverage")
    return merged.reset_index().assign(code=merged.index, nom=merged[f"nom_{level}"].to_numpy())


def _cut(name: str, layer: gpd.GeoDataFrame, zoom: int) -> Iterator[tuple[_Tile, bytes]]:
    """Yield (tile, MVT bytes) for each tile that a layer touches at one zoom."""
    # Two grid steps a pixel are enough where a finer zoom exists; the last one is stretched.
    extent = 2048 if zoom == MAX_ZOOM else 1024
    buffer = _BUFFER_PIXELS * extent // _TILE_PIXELS
    polygons = _on_grid(layer.geometry.to_numpy(), extent << zoom)
    fields = {field: layer[field].to_numpy() for field in LAYER_FIELDS[name]}
    west, north, east, south = (shapely.total_bounds(polygons) // extent).astype(int)
    xs, ys = np.meshgrid(np.arange(west, east + 1), np.arange(north, south + 1))
    corners = np.column_stack([xs.ravel(), ys.ravel()]) * extent
    windows = np.hstack([corners - buffer, corners + extent + buffer])
    rank, touched = shapely.STRtree(polygons).query(shapely.box(*windows.T))
    for tile in np.unique(rank):
        inside = np.sort(touched[rank == tile])
        clipped = shapely.clip_by_rect(polygons[inside], *windows[tile])
        in_tile = shapely.transform(clipped, functools.partial(np.add, -corners[tile]))
        properties = {field: column[inside].tolist() for field, column in fields.items()}
        content = encode_layer(name, in_tile, properties, extent)
        if content:
            x, y = corners[tile] // extent
            yield (zoom, int(x), int(y)), content


def _on_grid(polygons: npt.NDArray[np.object_], world: int) -> npt.NDArray[np.object_]:
    """Move polygons from EPSG:3857 to a grid of ``world`` steps, y downwards from the north.

    A polygon that rounding would wipe out becomes one step of the grid: half a pixel, so that the
    smallest commune is in the tiles of every zoom.
    """
    step = world / WORLD_WIDTH_M
    scaled = shapely.transform(polygons, lambda metres: metres * (step, -step) + world / 2)
    vanished = np.flatnonzero(shapely.area(shapely.transform(scaled, np.rint)) == 0)
    corner = np.floor(shapely.get_coordinates(shapely.centroid(scaled[vanished])))
    scaled[vanished] = shapely.box(*corner.T, *(corner + 1).T)
    return scaled


def _archive(tiles: dict[_Tile, list[bytes]], bounds: npt.NDArray[np.float64]) -> bytes:
    """Assemble the tiles: the layers of one tile are concatenated, as protobuf allows."""
    archive = io.BytesIO()
    writer: Any = Writer(archive)  # type: ignore[no-untyped-call]
    for tile in sorted(tiles, key=lambda tile: zxy_to_tileid(*tile)):
        content = gzip.compress(b"".join(tiles[tile]), 9, mtime=0)
        writer.write_tile(zxy_to_tileid(*tile), content)
    west, south, east, north = (round(degrees * 1e7) for degrees in bounds)
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": 5,
        "center_lon_e7": round(2.5e7),
        "center_lat_e7": round(46.6e7),
    }
    metadata = {
        "name": "Communes, EPCI, départements et régions de France",
        "attribution": ATTRIBUTION,
        "vector_layers": [
            {
                "id": name,
                "minzoom": MIN_ZOOM,
                "maxzoom": MAX_ZOOM,
                "fields": dict.fromkeys(fields, "String"),
            }
            for name, fields in LAYER_FIELDS.items()
        ],
    }
    writer.finalize(header, metadata)
    return archive.getvalue()
