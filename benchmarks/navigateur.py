"""The browser of the measures: one page, what it receives, and the scripts of plain maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from playwright.sync_api import Page, Route, sync_playwright

from layers.assets import leaflet_css, leaflet_js
from tests.browser.conftest import CHROMIUM, FLAGS

#: Makes Chromium take the processor for a graphics card, which composes the whole page.
EMULATED_CARD = ("--use-angle=swiftshader", "--ignore-gpu-blocklist",
                 "--disable-gpu-rasterization")


@contextmanager
def opened(flags: Sequence[str] = ()) -> Iterator[Page]:
    """Open a page in a Chromium of its own, without a graphics card."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield chromium.new_context(viewport={"width": 1300, "height": 900}).new_page()
        chromium.close()


def received(page: Page) -> list[float]:
    """Bytes of the answers and of the WebSocket of a page, as they come."""
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    session.on("Network.webSocketFrameReceived",
               lambda e: sizes.append(len(e["response"]["payloadData"]) * 3 / 4))
    return sizes


def serve_leaflet(page: Page, more: Mapping[str, bytes] | None = None) -> None:
    """Give the plain maps from memory what their pages ask of content networks.

    Parameters
    ----------
    more
        Other files by name; the rest is empty.
    """
    files = {"leaflet.js": leaflet_js(), "leaflet.css": leaflet_css(), **(more or {})}

    def fulfil(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        kind = "text/css" if name.endswith("css") else "text/javascript"
        route.fulfill(body=files.get(name, b""), content_type=kind)

    page.route(lambda url: url.startswith("http") and "127.0.0.1" not in url, fulfil)
