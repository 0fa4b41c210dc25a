"""The live map: one Python seam around our ``st.components.v2`` component.

A page describes what the map shows with a :class:`MapView`, mounts it with :func:`carte`, and
learns of a completed gesture with :func:`gesture` *before* it computes the view, so that one
gesture is one run of the script::

    event = gesture(key="carte")        # what the user last drew or deleted
    ...                                 # update the perimeter, search, build the view
    carte(view, key="carte", height=600)

Panning, zooming and an abandoned gesture never run the script. The map is never rebuilt while its
key stays the same; its viewpoint moves only when ``vue.sequence`` changes.
"""

from __future__ import annotations

from ui.carte.composant import MapEvent, carte, gesture
from ui.carte.vue import (
    Choropleth,
    Circles,
    Curtain,
    Grid,
    LegendClass,
    MapView,
    MarkerStyle,
    Outlines,
    Perimeter,
    Ptce,
    Structures,
    Viewpoint,
    bitset,
)

__all__ = [
    "Choropleth",
    "Circles",
    "Curtain",
    "Grid",
    "LegendClass",
    "MapEvent",
    "MapView",
    "MarkerStyle",
    "Outlines",
    "Perimeter",
    "Ptce",
    "Structures",
    "Viewpoint",
    "bitset",
    "carte",
    "gesture",
]
