"""Other classes, circles and another vintage, on all France, in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_parcours import capture, map_ready, opened

pytestmark = pytest.mark.browser

INDICATOR = "part_aides_logement_2022"


def colour(page: Page, code: str) -> str:
    """Colour the map gives to a commune."""
    return page.evaluate(
        """code => document.querySelector('.perimetre-carte').carte.map.getFeatureState(
             {source: 'territoires', sourceLayer: 'communes', id: code}).k""",
        code,
    )


def test_classes_circles_and_vintages(page: Page, application: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, application, f"?indicateur={INDICATOR}&methode=jenks&classes=7&cercles=population")
    map_ready(page)
    legend = page.get_by_role("group", name="Légende")
    expect(legend).to_contain_text("plus de 27,6\u00a0%")
    expect(legend).to_contain_text("Habitants (2023)")
    page.wait_for_function(
        "document.querySelector('.perimetre-carte').carte.map.getLayer('cercles')"
    )
    page.wait_for_timeout(1500)
    capture(page, "classes-et-cercles")
    before = colour(page, "59512")
    asked.clear()

    page.get_by_text("Réglages de la carte").click()
    expect(page.get_by_text("Classes : Seuils naturels")).to_be_visible()
    page.get_by_role("radio", name="4", exact=True).click()
    expect(page.get_by_text("(Fisher-Jenks), 4\u00a0classes")).to_be_visible()
    page.get_by_role("combobox", name="Méthode").click()
    page.get_by_role("option", name="Limites choisies").click()
    field = page.get_by_role("textbox", name="Limites (%)")
    field.fill("10 ; 5")
    field.press("Enter")
    expect(page.get_by_text("Les limites doivent aller en croissant")).to_be_visible()
    field.fill("5 ; 12,5 ; 40")
    field.press("Enter")
    expect(legend).to_contain_text("plus de 12,5 à 40\u00a0%")
    expect(page).to_have_url(re.compile("limites=5%2C12.5%2C40"))
    page.wait_for_timeout(500)
    assert colour(page, "59512") != before
    # Neither contours nor values are asked again: only limits travelled.
    assert not [url for url in asked if "/tuiles/" in url or "/valeurs/" in url]

    page.get_by_role("combobox", name="Comparer à").click()
    page.get_by_role("option", name="2020").click()
    curtain = page.get_by_role("slider", name="Rideau entre 2020")
    expect(curtain).to_be_visible()
    expect(legend).to_contain_text("plus de 12,5 à 40\u00a0%")
    page.wait_for_timeout(1000)
    capture(page, "rideau")
    beside = """() => getComputedStyle(document.querySelector('.pm-rideau')).clipPath"""
    before = page.evaluate(beside)
    curtain.press("ArrowRight")
    assert page.evaluate(beside) != before
    leader, follower = page.evaluate(
        """() => {
             const {map, curtain} = document.querySelector('.perimetre-carte').carte;
             map.jumpTo({center: [5, 45], zoom: 8});
             return [map, curtain.map].map(one => [one.getCenter().lng, one.getZoom()]);
           }"""
    )
    assert leader == follower
    # The values of the other vintage, and nothing else, came with it.
    assert len([url for url in asked if "/valeurs/" in url]) == 1

    page.get_by_role("button", name="Revenir aux classes d’origine").click()
    expect(legend).to_contain_text("plus de 12\u00a0%")
    expect(page).not_to_have_url(re.compile("methode"))
    expect(page).to_have_url(re.compile("comparer=2020"))
