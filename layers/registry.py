"""The layers by name."""

from __future__ import annotations

from collections.abc import Callable

from layers import choropleth, points, ptce
from layers.base import Layer
from territory import indicators

#: Layer id → builder.
LAYERS: dict[str, Callable[[], Layer]] = {
    "structures": points.structures,
    "ptce": ptce.points,
    "ptce_zones": ptce.areas,
    **{i: (lambda i=i: choropleth.choropleth(i)) for i in indicators.INDICATORS},
}
