"""A perimeter as a layer: its geodesic outline."""

from __future__ import annotations

import geopandas as gpd

from layers.base import Layer
from territory.perimeter import Perimeter


def outline(perimeter: Perimeter) -> Layer:
    """Build the layer of a perimeter, EPSG:4326."""
    table = gpd.GeoDataFrame(
        {"code": [perimeter.digest()], "nom": [f"Périmètre {perimeter.sentence()}"]},
        geometry=[perimeter.outline()],
        crs=4326,
    )
    return Layer(
        id="perimetre",
        title="Périmètre",
        kind="perimeter",
        table=table,
        key="code",
        name="nom",
        attribution="Périmètre choisi par l’utilisateur",
        vintage="",
        sentence=f"Périmètre {perimeter.sentence()}.",
    )
