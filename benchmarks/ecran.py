"""All communes of France on screen, coloured: ours beside folium and ``GeoDataFrame.explore``.

``python -m benchmarks.ecran``. The same contours, indicator and classes, in the same Chromium
without a GPU. Ours runs whole: Streamlit, the page, the map. The two others are given an advantage:
a bare page, its scripts served from memory. Their time is that of writing the page, which a visitor
waits for, then of showing it; their bytes are those of the page.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from benchmarks.mesures import application, memory_mb
from benchmarks.navigateur import opened, received, serve_leaflet
from benchmarks.releve import Record, main
from benchmarks.releve import memory_mb as own_memory_mb
from layers.choropleth import national_classes
from territory import communes, indicators

INDICATOR = indicators.DEFAULT_INDICATOR
PATIENCE_MS = 180_000
#: Communes with a contour: fewer paths than that is not all of France.
ALL = 34_000


def ours(_: argparse.Namespace) -> Iterable[Record]:
    with application() as (address, pid), opened() as page:
        sizes = received(page)
        start = time.perf_counter()
        page.goto(address)
        page.wait_for_function(
            "document.querySelector('.perimetre-carte')?.dataset.pret === 'oui'",
            timeout=PATIENCE_MS,
        )
        yield {"mesure": "affichage", "ms": 1000 * (time.perf_counter() - start),
               "octets": int(sum(sizes)), "memoire_mo": memory_mb(pid)}


def _country() -> gpd.GeoDataFrame:
    values = indicators.values(INDICATOR)
    shapes = communes.contours()
    shapes = shapes[shapes.index.isin(communes.whole().index)]
    return gpd.GeoDataFrame({"valeur": values.reindex(shapes.index)}, geometry=shapes, crs=4326)


def _shown(write: object) -> Iterable[Record]:
    with tempfile.TemporaryDirectory() as folder, opened() as page:
        file, errors = Path(folder) / "carte.html", []
        start = time.perf_counter()
        write(file)  # type: ignore[operator]
        written = time.perf_counter() - start
        serve_leaflet(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri(), wait_until="commit")
        yield {"mesure": "page écrite", "ms": 1000 * written, "octets": file.stat().st_size}
        try:
            page.wait_for_function(
                f"document.querySelectorAll('path.leaflet-interactive').length > {ALL}",
                timeout=PATIENCE_MS,
            )
        except PlaywrightTimeoutError:
            why = "; ".join(errors) or f"rien en {PATIENCE_MS // 1000} s"
            yield {"mesure": "affichage", "echec": f"la France n’est pas montrée ({why})"}
            return
        page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )
        yield {"mesure": "affichage", "ms": 1000 * (time.perf_counter() - start),
               "octets": file.stat().st_size, "memoire_mo": own_memory_mb()}


def folium_geojson(_: argparse.Namespace) -> Iterable[Record]:
    import folium

    def write(file: Path) -> None:
        country = _country().reset_index()
        colours = national_classes(INDICATOR).colour(country["valeur"])
        colour = dict(zip(country["code_insee"], map(str, colours), strict=True))
        drawn = folium.Map((46.6, 2.5), zoom_start=6, tiles=None)
        folium.GeoJson(
            country,
            style_function=lambda f: {
                "fillColor": colour[f["properties"]["code_insee"]], "color": "#888", "weight": 0.3,
                "fillOpacity": 0.9,
            },
            tooltip=folium.GeoJsonTooltip(["code_insee", "valeur"]),
        ).add_to(drawn)
        drawn.save(str(file))

    yield from _shown(write)


def explore(_: argparse.Namespace) -> Iterable[Record]:
    def write(file: Path) -> None:
        _country().reset_index().explore("valeur", tiles=None).save(str(file))

    yield from _shown(write)


WAYS = {"Périmètre": ours, "folium.GeoJson": folium_geojson, "GeoDataFrame.explore": explore}

if __name__ == "__main__":
    main("benchmarks.ecran", WAYS)
