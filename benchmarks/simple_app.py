"""The plain application that the documentation of streamlit-folium shows: draw, then ``within``.

Run by :mod:`benchmarks.trace`; the list is the one its ``LISTE`` environment variable names.
"""

from __future__ import annotations

import os

import folium
import geopandas as gpd
import pandas as pd
import shapely
import streamlit as st
from folium.plugins import Draw
from streamlit_folium import st_folium


@st.cache_data
def suppliers() -> gpd.GeoDataFrame:
    table = pd.read_parquet(os.environ["LISTE"])
    points = gpd.points_from_xy(table["longitude"], table["latitude"], crs=4326)
    return gpd.GeoDataFrame(table, geometry=points)


drawn = folium.Map((45.05, 5.05), zoom_start=9, tiles=None)
Draw(export=False).add_to(drawn)
answer = st_folium(drawn, width=700, height=500, key="carte")
every = suppliers()
outline = (answer or {}).get("last_circle_polygon")
if outline:
    zone = shapely.geometry.shape(outline)
    found = every[every.within(zone)]
    st.subheader(f"{len(found)} structures")
    st.dataframe(found.drop(columns="geometry"))
