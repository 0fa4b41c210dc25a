"""Outlines of the départements on one sheet: the métropole, Paris enlarged, overseas in a row.

A drawing, not a map to measure on: plane coordinates in kilometres, insets at scales of their own.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any, Final, cast

import geopandas as gpd
import shapely
from shapely.affinity import affine_transform

from territory import communes, geo

#: Simplification of the sheet: invisible under about 1 000 pixels.
_TOLERANCE_KM: Final = 3.0
_OVERSEAS: Final = ("971", "972", "973", "974", "976")
#: Too small to be seen at the scale of the country.
_PARIS: Final = ("75", "92", "93", "94")
_BOX_KM: Final = 130.0
_GAP_KM: Final = 62.0
_LAMBERT93: Final = 2154


@dataclass(frozen=True)
class Outline:
    """A shape of the sheet.

    Attributes
    ----------
    code
        Département; those of the Paris inset come twice.
    geometry
        GeoJSON, kilometres, y upwards.
    """

    code: str
    geometry: dict[str, Any]


@dataclass(frozen=True)
class Label:
    """A name under an inset, kilometres; ``short`` fits a narrow screen."""

    text: str
    short: str
    x: float
    y: float


@functools.cache
def sheet() -> tuple[tuple[Outline, ...], tuple[Label, ...]]:
    """Outlines and labels of the sheet; not to be changed."""
    every = communes.simplified_contours("departement")
    mainland = _kilometres(_among(every, _OVERSEAS, inside=False), _LAMBERT93)
    simple = _simplified(mainland, _TOLERANCE_KM)
    west, south, _, _ = map(float, simple.total_bounds)
    outlines = [Outline(str(code), _geojson(shape)) for code, shape in simple.items()]
    labels = []
    names = communes.units("departement")["nom"]
    insets = [("Paris et ses voisins", "Paris", _among(mainland, _PARIS))] + [
        (str(names[code]), code, _kilometres(_among(every, (code,)), geo.legal_epsg(code)))
        for code in _OVERSEAS
    ]
    top = south - _GAP_KM / 2
    for rank, (name, short, shapes) in enumerate(insets):
        left = west + rank * (_BOX_KM + _GAP_KM)
        outlines += [Outline(str(code), _geojson(shape))
                     for code, shape in _fitted(shapes, left, top - _BOX_KM).items()]
        labels.append(Label(name, short, left + _BOX_KM / 2, top - _BOX_KM - 35))
    return tuple(outlines), tuple(labels)


def _among(
    shapes: gpd.GeoSeries, codes: tuple[str, ...], *, inside: bool = True
) -> gpd.GeoSeries:
    """Shapes whose code is, or is not, among some."""
    # The stubs forget that a selection of geometries is one of geometries.
    return cast("gpd.GeoSeries", shapes[shapes.index.isin(codes) == inside])


def _kilometres(shapes: gpd.GeoSeries, epsg: int) -> gpd.GeoSeries:
    """Project contours (EPSG:4326) to a plane, kilometres."""
    plane = shapes.to_crs(epsg)
    scaled = shapely.transform(plane.to_numpy(), lambda xy: xy / 1000)
    return gpd.GeoSeries(scaled, index=plane.index)


def _simplified(shapes: gpd.GeoSeries, tolerance: float) -> gpd.GeoSeries:
    """Simplify neighbours together, so that they still fit."""
    return gpd.GeoSeries(
        shapely.coverage_simplify(shapes.to_numpy(), tolerance), index=shapes.index
    )


def _fitted(shapes: gpd.GeoSeries, left: float, bottom: float) -> gpd.GeoSeries:
    """Scale and move shapes into the box whose lower left corner is given, centred in it."""
    west, south, east, north = map(float, shapes.total_bounds)
    scale = _BOX_KM / max(east - west, north - south)
    dx = left + (_BOX_KM - scale * (east - west)) / 2 - scale * west
    dy = bottom + (_BOX_KM - scale * (north - south)) / 2 - scale * south
    moved = [affine_transform(shape, [scale, 0, 0, scale, dx, dy]) for shape in shapes]
    return _simplified(gpd.GeoSeries(moved, index=shapes.index), _BOX_KM / 60)


def _geojson(shape: Any) -> dict[str, Any]:
    # A hundred metres is finer than a pixel; islands under four square kilometres are not seen.
    parts = [part for part in shapely.get_parts(shape) if part.area > 4]
    kept = shapely.multipolygons(parts) if parts else shape
    made: dict[str, Any] = json.loads(
        shapely.to_geojson(shapely.transform(kept, lambda xy: xy.round(1)))
    )
    return made
