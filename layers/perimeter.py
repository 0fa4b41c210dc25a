"""Outlines as layers: the perimeter, and the territories that give a map its ground."""

from __future__ import annotations

import geopandas as gpd

from layers.base import WGS84, Layer
from layers.style import OUTLINE, PERIMETER_STROKE
from territory import catalog
from territory.perimeter import Perimeter


def perimeter_outline(perimeter: Perimeter) -> Layer:
    """Make the layer of a perimeter: its geodesic outline, one row."""
    sentence = perimeter.sentence()
    outline = gpd.GeoDataFrame(
        {"phrase": [sentence]}, geometry=[perimeter.outline()], crs=WGS84
    )
    return Layer(
        id="perimetre",
        title="Périmètre",
        sentence=f"Périmètre : {sentence}.",
        table=outline,
        style=PERIMETER_STROKE,
        labels={},
        attribution="Périmètre choisi par l’utilisateur",
    )


def ground(contours: gpd.GeoSeries) -> Layer:
    """Make the ground of a document from the contours of the départements (EPSG:4326)."""
    return Layer(
        id="fond",
        title="Départements",
        sentence="Contours des départements.",
        table=gpd.GeoDataFrame({"code": contours.index}, geometry=contours.array, crs=WGS84),
        style=OUTLINE,
        labels={},
        attribution=catalog.attribution(["communes"]),
        vintage=catalog.SOURCES["communes"].vintage,
    )
