"""A perimeter composed in a real Chromium: by fields, by hand, part by part, from a file."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from territory.cli import main
from territory.perimeter import Perimeter
from tests.browser.test_fournisseurs import settled
from tests.browser.test_parcours import capture, count, map_ready, opened
from tests.browser.traffic import Traffic

pytestmark = pytest.mark.browser


def phrase(page: Page) -> str:
    # The run that the last gesture asks for may not have begun yet.
    page.wait_for_timeout(500)
    settled(page)
    return page.locator(".perimetre-phrase").first.inner_text()


def choose(page: Page, place: str) -> str:
    field = page.get_by_role("textbox", name="Nom ou code de la commune")
    field.fill(place)
    field.press("Enter")
    return phrase(page)


def test_a_perimeter_is_composed_measured_kept_and_opened_again(
    page: Page, application: str, traffic: Traffic, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page.set_viewport_size({"width": 1300, "height": 1500})
    opened(page, application, "?commune=26281&rayon=20")
    map_ready(page)
    page.get_by_text("Composer, mesurer ou garder").click()
    phrase(page)
    assert "ou dans la commune de Valence (Drôme)" in choose(page, "Valence 26")
    assert "Précisez avec le département" in (
        choose(page, "tain") and page.get_by_role("alert").inner_text()
    )

    page.get_by_role("radio", name="S’enlève").click()
    phrase(page)
    before, runs = count(page), traffic.reruns
    page.get_by_role("button", name="Dessiner une zone").click()
    canvas = page.locator(".perimetre-carte canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-40, -60), (80, -60), (80, 20), (-40, 20), (-40, -60)):
        page.mouse.click(x + dx, y + dy)
        page.wait_for_timeout(200)
    assert "sauf la zone dessinée vers Romans-sur-Isère" in phrase(page)
    assert traffic.reruns == runs + 1
    assert count(page) < before
    expect(page.get_by_text("Superficie")).to_be_visible()
    page.get_by_text("Voir les communes touchées").click()
    phrase(page)
    capture(page, "perimetre-compose")

    with page.expect_download() as download:
        page.get_by_role("button", name="Périmètre (JSON)").click()
    file = tmp_path / "perimetre.json"
    download.value.save_as(file)
    assert len(Perimeter.from_bytes(file.read_bytes()).parts()) == 3
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    found = tmp_path / "fournisseurs.csv"
    assert main(["suppliers", "--perimetre", str(file), "--sortie", str(found)]) == 0
    assert len(pd.read_csv(found, dtype=str)) == count(page)

    link = page.url
    page.get_by_role("button", name="Retirer").nth(1).click()
    assert "Valence" not in phrase(page)
    page.get_by_role("button", name="Revenir au périmètre d’avant").click()
    assert "Valence" in phrase(page)
    page.get_by_role("radio", name="Remplace").click()
    phrase(page)
    assert "Die" in choose(page, "26113")
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.locator(".perimetre-phrase").first).to_contain_text("zone dessinée", timeout=15_000)

    other = page.context.new_page()
    other.goto(link)
    expect(other.locator(".perimetre-phrase").first).to_contain_text(
        re.compile("zone dessinée"), timeout=30_000
    )
    assert count(other) == count(page)
    assert traffic.outside == []
