"""A real Chromium opens a document from the disk: it draws, asks for nothing, runs no name."""

from __future__ import annotations

import pytest

from layers import registry
from layers.folium_map import standalone_html
from territory import communes, suppliers
from territory.perimeter import Perimeter

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """The document of Romans-sur-Isère, one of its structures bearing a hostile name."""
    perimeter = Perimeter.around_commune(communes.get("26281"), 30)
    found = suppliers.search(perimeter)
    found.loc[0, "nom"] = "<img src=x onerror='window.pirate = 1'>"
    layers = registry.document_layers(
        perimeter, found, sentence="Essai.",
        coloured=lambda level, area: registry.indicator_layer(
            "part_aides_logement_2022", level, area=area
        ),
    )
    path = tmp_path_factory.mktemp("document") / "carte.html"
    path.write_bytes(
        standalone_html(layers, title="Autour de Romans", sentence="Essai.", perimeter=perimeter)
    )
    return path, layers


@pytest.mark.parametrize("width", [1280, 360])
def test_document_draws_alone(chromium, document, width):
    path, layers = document
    counts = {layer.id: len(layer.table) for layer in layers}
    page = chromium.new_page(viewport={"width": width, "height": 800})
    requests, errors = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(path.as_uri())
    page.wait_for_selector(".leaflet-marker-icon")
    polygons = page.locator("path.leaflet-interactive")
    assert polygons.count() >= counts["part_aides_logement_2022"]
    assert page.locator(".leaflet-marker-icon").count() == counts["structures"] + counts["ptce"]
    for index in range(counts["structures"]):
        page.locator(".leaflet-marker-icon").nth(index).dispatch_event("mouseover")
    assert page.evaluate("window.pirate") is None
    assert page.locator(".leaflet-tooltip").count() > 0
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == 1
    assert errors == []
    page.close()


def test_document_has_no_serious_accessibility_fault(chromium, document):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = chromium.new_page()
    page.goto(document[0].as_uri())
    page.wait_for_selector(".leaflet-marker-icon")
    found = axe.Axe().run(page)
    serious = [v for v in found.response["violations"] if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], v["nodes"][0]["html"]) for v in serious] == []
    page.close()
