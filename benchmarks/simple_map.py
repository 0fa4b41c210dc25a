"""All communes by ``folium.GeoJson``, on a bare page or in Streamlit by ``st_folium``.

Drawn for :mod:`benchmarks.ecran`, and run by it as a Streamlit script.
"""

from __future__ import annotations

import folium
import geopandas as gpd
from streamlit_folium import st_folium

from layers.choropleth import national_classes
from territory import communes, indicators

INDICATOR = indicators.DEFAULT_INDICATOR


def country() -> gpd.GeoDataFrame:
    """Contours and values of the communes that the map of the application colours."""
    values = indicators.values(INDICATOR)
    shapes = communes.contours()
    shapes = shapes[shapes.index.isin(communes.whole().index)]
    table = gpd.GeoDataFrame({"valeur": values.reindex(shapes.index)}, geometry=shapes, crs=4326)
    return table.reset_index()


def plain_map() -> folium.Map:
    """Map of the country in the colours of the application."""
    table = country()
    colours = national_classes(INDICATOR).colour(table["valeur"])
    colour = dict(zip(table["code_insee"], map(str, colours), strict=True))
    drawn = folium.Map((46.6, 2.5), zoom_start=5, tiles=None)
    folium.GeoJson(
        table,
        style_function=lambda f: {
            "fillColor": colour[f["properties"]["code_insee"]], "color": "#888", "weight": 0.3,
            "fillOpacity": 0.9,
        },
        tooltip=folium.GeoJsonTooltip(["code_insee", "valeur"]),
    ).add_to(drawn)
    return drawn


if __name__ == "__main__":
    st_folium(plain_map(), width=700, height=560, returned_objects=[])
