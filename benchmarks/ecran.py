"""All communes of France on screen, coloured: ours beside folium and ``GeoDataFrame.explore``.

``python -m benchmarks.ecran``. The same contours, indicator and classes, in the same Chromium
without a GPU. Ours runs whole: Streamlit, the page, the map. folium is taken where a reader of its
documentation would put it, in a Streamlit page by ``st_folium``, and, with ``explore``, given an
advantage: a bare page. Scripts of these come from memory, and their time has that of writing the
map, which a visitor waits for.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from playwright.sync_api import Frame, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from benchmarks.mesures import application, memory_mb
from benchmarks.navigateur import opened, received, serve_leaflet
from benchmarks.releve import Record, main
from benchmarks.releve import memory_mb as own_memory_mb
from benchmarks.simple_map import country, plain_map
from tests.browser.conftest import ROOT

PATIENCE_MS = 180_000
#: Communes with a contour: fewer paths than that is not all of France.
ALL = 34_000
_EVERY_PATH = f"document.querySelectorAll('path.leaflet-interactive').length > {ALL}"
#: Visits of our application: its median is that of those who come to a server that runs.
VISITS = 5
#: How often a page is asked whether it shows everything; at each frame would make frames.
_OFTEN_MS = 50
#: Streamlit's own limit; ours is lower, and would refuse such a page.
_LARGEST_MB = "200"


def ours(_: argparse.Namespace) -> Iterable[Record]:
    with application() as (address, pid):
        taken, sizes = zip(*(_visit(address) for _ in range(1 + VISITS)), strict=True)
        yield {"mesure": "première visite après le démarrage", "ms": taken[0]}
        yield {"mesure": "affichage", "ms": statistics.median(taken[1:]),
               "octets": int(statistics.median(sizes[1:])), "memoire_mo": memory_mb(pid),
               "fois": VISITS}


def _visit(address: str) -> tuple[float, float]:
    """Milliseconds and bytes of a visit by a browser that has never come."""
    with opened() as page:
        sizes = received(page)
        start = 1000 * time.time()
        page.goto(address, wait_until="commit")
        page.wait_for_function(
            "document.querySelector('.perimetre-carte')?.dataset.pret === 'oui'",
            timeout=PATIENCE_MS, polling=_OFTEN_MS,
        )
        # Noted by the page: the frames that asking at each of them makes are part of no visit.
        end = page.evaluate(
            "performance.timeOrigin"
            " + performance.getEntriesByName('perimetre:couleurs')[0].startTime"
        )
        return end - start, sum(sizes)


def in_streamlit(_: argparse.Namespace) -> Iterable[Record]:
    environment = {"PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_MAX_MESSAGE_SIZE": _LARGEST_MB}
    with application("benchmarks/simple_map.py", environment) as (address, pid), opened() as page:
        sizes = received(page)
        serve_leaflet(page)
        start = time.perf_counter()
        page.goto(address, wait_until="commit")
        frame = page.wait_for_selector("iframe[title*=folium]", timeout=PATIENCE_MS)
        assert frame is not None
        within = frame.content_frame()
        assert within is not None
        yield from _painted(
            page, within, start,
            lambda: {"octets": int(sum(sizes)), "memoire_mo": memory_mb(pid)},
        )


def _painted(
    page: Page, frame: Frame, start: float, more: Callable[[], Record]
) -> Iterable[Record]:
    """Wait for every commune of a map of Leaflet, and for the frame that shows them."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        frame.wait_for_function(_EVERY_PATH, timeout=PATIENCE_MS, polling=_OFTEN_MS)
    except PlaywrightTimeoutError:
        why = "; ".join(errors) or f"rien en {PATIENCE_MS // 1000} s"
        yield {"mesure": "affichage", "echec": f"la France n’est pas montrée ({why})"}
        return
    frame.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")
    yield {"mesure": "affichage", "ms": 1000 * (time.perf_counter() - start), **more()}


def _bare(write: Callable[[Path], None]) -> Iterable[Record]:
    with tempfile.TemporaryDirectory() as folder, opened() as page:
        file = Path(folder) / "carte.html"
        start = time.perf_counter()
        write(file)
        size = file.stat().st_size
        yield {"mesure": "page écrite", "ms": 1000 * (time.perf_counter() - start), "octets": size}
        serve_leaflet(page)
        page.goto(file.as_uri(), wait_until="commit")
        yield from _painted(page, page.main_frame, start,
                            lambda: {"octets": size, "memoire_mo": own_memory_mb()})


def folium_geojson(_: argparse.Namespace) -> Iterable[Record]:
    yield from _bare(lambda file: plain_map().save(str(file)))


def explore(_: argparse.Namespace) -> Iterable[Record]:
    yield from _bare(lambda file: country().explore("valeur", tiles=None).save(str(file)))


WAYS = {
    "Périmètre": ours, "folium.GeoJson dans Streamlit": in_streamlit,
    "folium.GeoJson, page nue": folium_geojson, "GeoDataFrame.explore, page nue": explore,
}

if __name__ == "__main__":
    main("benchmarks.ecran", WAYS)
