"""Layers as folium: maps for notebooks, and documents that open without any network.

This is the only module that knows folium. Leaflet is inlined from its installed package; nothing
comes from a CDN, and the document's own policy forbids every request. Texts are escaped here,
once: Leaflet writes tooltips and layer names as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import folium
import geopandas as gpd
import numpy as np
import shapely
from branca.element import Element, MacroElement
from folium.utilities import JsCode
from jinja2 import Template

from layers import symbols
from layers.assets import leaflet_css, leaflet_js
from layers.base import Layer, LayerError, geometries
from layers.legend import legend, to_html
from layers.page import HATCHING, STYLE, page
from layers.perimeter import perimeter_outline
from layers.reading import rows_as_text
from layers.style import ABSENT_COLOUR, Bivariate, Categories, Classes, Marker, Stroke
from territory.perimeter import Perimeter
from territory.text import NBSP, number

MAX_POLYGONS: Final = 1_500
MAX_POINTS: Final = 2_000
MAX_BYTES: Final = 5_000_000

#: West, south, east, north of the métropole and Corse.
METROPOLE: Final = (-5.2, 41.3, 9.6, 51.15)
_WIDEST_VIEW_DEGREES: Final = 40.0

#: Decimals of a degree kept in a document, about one metre.
_DECIMALS: Final = 5
_SIGN_SIZE_PX: Final = 18


class DocumentTooLargeError(LayerError):
    """More than a document can hold while it still opens quickly."""


def folium_map(layers: Sequence[Layer], perimeter: Perimeter | None = None) -> folium.Map:
    """Draw layers as a folium map that works without network, in a notebook for instance.

    Parameters
    ----------
    layers : sequence of Layer
        From the ground up. Polygons need a ``geometry``; rows without a place are not drawn.
    perimeter : Perimeter, optional
        Drawn above the areas; the view then fits it.

    Raises
    ------
    DocumentTooLargeError
        More than 1 500 polygons or 2 000 points.
    LayerError
        A layer has nothing to draw.
    """
    drawn = _map(layers, perimeter)
    root: Any = drawn.get_root()
    legends = "".join(to_html(legend(layer)) for layer in layers if layer.labels)
    root.header.add_child(Element(f"<style>{leaflet_css()}{STYLE}</style>"))
    root.header.add_child(Element(f"<script>{leaflet_js()}</script>"))
    root.html.add_child(Element(f'{HATCHING}<aside class="volante">{legends}</aside>'))
    return drawn


def standalone_html(
    layers: Sequence[Layer],
    *,
    title: str,
    sentence: str,
    perimeter: Perimeter | None = None,
) -> bytes:
    """Write a page with the map, its legends and its lists, in one file without any request.

    Parameters
    ----------
    layers : sequence of Layer
        From the ground up.
    title, sentence : str
        Heading of the page, and what it shows; raw text.
    perimeter : Perimeter, optional
        Drawn above the areas; the view then fits it.

    Returns
    -------
    bytes
        UTF-8 HTML, at most 5 MB.

    Raises
    ------
    DocumentTooLargeError
        Too many polygons, points or bytes.
    LayerError
        A layer has nothing to draw.
    """
    drawn: Any = _map(layers, perimeter)
    drawn.render()
    root = drawn.get_root()
    content = page(
        layers, title=title, sentence=sentence, map_html=root.html.render(),
        styles=leaflet_css(), scripts=(leaflet_js(), root.script.render()),
    ).encode()
    if len(content) > MAX_BYTES:
        msg = (
            f"Cette carte pèserait {number(len(content) / 1e6, 1)}{NBSP}Mo, plus que les "
            f"{number(MAX_BYTES / 1e6)}{NBSP}Mo d’un document. Choisissez un périmètre plus petit."
        )
        raise DocumentTooLargeError(msg)
    return content


class _OfflineMap(folium.Map):
    """A folium map that links to nothing: no CDN script, no CDN style sheet."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js, self.default_css = [], []


class _FrenchControls(MacroElement):
    """Zoom, metric scale, layers and attribution in French; folium's own speak English."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        {% set map = this._parent.get_name() %}
        L.control.zoom({zoomInTitle: "Agrandir", zoomOutTitle: "Réduire"}).addTo({{ map }});
        L.control.scale({imperial: false}).addTo({{ map }});
        L.control.attribution({prefix: false})
            .addAttribution("Contours : IGN · sources dans la légende").addTo({{ map }});
        {{ map }}.getContainer().querySelectorAll(".leaflet-control-layers-toggle")
            .forEach(toggle => { toggle.title = "Couches"; });
        {% endmacro %}
        """
    )


def _map(layers: Sequence[Layer], perimeter: Perimeter | None) -> folium.Map:
    shown = [*layers, *([perimeter_outline(perimeter)] if perimeter else [])]
    _check_budget(shown)
    drawn = _OfflineMap(
        location=(46.6, 2.5), zoom_start=6, tiles=None, zoom_control=False,
        attributionControl=False, minZoom=3, maxZoom=17, zoomSnap=0.25,
    )
    for rank, layer in enumerate(shown):
        _add(drawn, layer, z_index=410 + rank)
    if len(shown) > 1:
        folium.LayerControl().add_to(drawn)
    drawn.add_child(_FrenchControls())  # type: ignore[no-untyped-call]
    west, south, east, north = _extent(shown)
    folium.FitBounds([[south, west], [north, east]], padding=(16, 16)).add_to(drawn)
    return drawn


def _check_budget(layers: Sequence[Layer]) -> None:
    areas = sum(len(layer.table) for layer in layers if not isinstance(layer.style, Categories))
    points = sum(len(layer.table) for layer in layers if isinstance(layer.style, Categories))
    for count, most, noun in (
        (areas, MAX_POLYGONS, "territoires"), (points, MAX_POINTS, "points"),
    ):
        if count > most:
            msg = (
                f"Une carte en un seul fichier montre au plus {number(most)} {noun}, et celle-ci "
                f"en aurait {number(count)}. Choisissez un périmètre plus petit ou un échelon "
                "plus large (EPCI, département)."
            )
            raise DocumentTooLargeError(msg)


def _extent(layers: Sequence[Layer]) -> tuple[float, float, float, float]:
    """Box to show: the perimeter (always last) when there is one, else everything.

    A map of the whole country opens on the métropole: with the overseas territories in one view,
    nothing could be read.
    """
    chosen = layers[-1:] if layers and layers[-1].id == "perimetre" else layers
    shapes = np.concatenate([geometries(layer.table).geometry.to_numpy() for layer in chosen])
    west, south, east, north = shapely.total_bounds(shapes)
    if np.isnan(west):
        msg = "Cette carte n’a rien à dessiner : aucune ligne n’a de lieu connu."
        raise LayerError(msg)
    if east - west > _WIDEST_VIEW_DEGREES:
        return METROPOLE
    return float(west), float(south), float(east), float(north)


def _add(drawn: folium.Map, layer: Layer, z_index: int) -> None:
    """Add a layer on a pane of its own, so that hiding and showing keeps the order."""
    pane = f"couche-{z_index}"
    folium.map.CustomPane(pane, z_index=z_index).add_to(drawn)
    texts = rows_as_text(layer)
    fields = [str(rank) for rank in range(texts.shape[1])]
    options: dict[str, Any] = {"pane": pane, "interactive": bool(fields)}
    styles: list[dict[str, Any]] | list[int]
    if isinstance(layer.style, Categories):
        markers = list(dict.fromkeys([*layer.style.markers.values(), layer.style.fallback]))
        styles = [markers.index(layer.style.marker(v)) for v in layer.table[layer.style.column]]
        options["pointToLayer"] = _point_to_layer(markers, pane)
    else:
        styles = _path_styles(layer)
    features = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": {"style": style, **dict(zip(fields, map(escape, row), strict=True))},
        }
        for shape, style, row in zip(
            _shapes(layer), styles, texts.itertuples(index=False, name=None), strict=True
        )
        if shape is not None
    ]
    if not features:
        return
    tooltip = None
    if fields:
        tooltip = folium.GeoJsonTooltip(fields, [escape(label) for label in texts.columns])
    folium.GeoJson(
        {"type": "FeatureCollection", "features": features},
        # Smoothing each outline by itself would part neighbours.
        smooth_factor=0,
        name=escape(layer.title),
        tooltip=tooltip,
        control=layer.id != "fond",
        **options,
    ).add_to(drawn)


def _shapes(layer: Layer) -> list[dict[str, Any] | None]:
    """GeoJSON geometries of the rows, None where the place is unknown."""
    if not isinstance(layer.style, Categories) and not isinstance(layer.table, gpd.GeoDataFrame):
        msg = f"La couche « {layer.title} » n’a pas de contours : elle ne peut pas être dessinée."
        raise LayerError(msg)
    placed = geometries(layer.table).geometry.to_numpy()
    rounded = shapely.transform(placed, lambda degrees: degrees.round(_DECIMALS))
    return [
        None if shape is None or shape.is_empty else shapely.geometry.mapping(shape)
        for shape in rounded
    ]


def _path_styles(layer: Layer) -> list[dict[str, Any]]:
    """Leaflet path options of each row."""
    style = layer.style
    if isinstance(style, Stroke):
        path = {
            "color": style.colour,
            "weight": style.width_px,
            "dashArray": style.dashes or None,
            "fill": bool(style.fill_colour),
            "fillColor": style.fill_colour,
            "fillOpacity": style.fill_opacity,
        }
        return [path] * len(layer.table)
    if not isinstance(style, Classes | Bivariate):
        msg = f"La couche « {layer.title} » est faite de points."
        raise LayerError(msg)
    colours = style.colour(layer.table[style.column])
    line = {"color": "#ffffff", "weight": 0.6, "fillOpacity": 0.85}
    return [
        {**line, "fillColor": "url(#hachures)" if colour == ABSENT_COLOUR else str(colour)}
        for colour in colours
    ]


def _point_to_layer(markers: Sequence[Marker], pane: str) -> JsCode:
    """JavaScript that draws a point; its only data are our own drawings."""
    drawings = [symbols.marker_svg(marker, _SIGN_SIZE_PX) for marker in markers]
    icon = f'{{className: "signe", iconSize: [{_SIGN_SIZE_PX}, {_SIGN_SIZE_PX}], html: drawing}}'
    return JsCode(
        f"(feature, place) => {{ const drawing = {drawings!r}[feature.properties.style];"
        f' return L.marker(place, {{pane: "{pane}", keyboard: false, icon: L.divIcon({icon})}}); }}'
    )
