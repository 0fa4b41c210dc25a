"""Access to banks in a real Chromium: the crossing on the map, sheets, questions, rankings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from territory import settings
from tests.browser.conftest import Served, serve
from tests.browser.test_fournisseurs import settled
from tests.browser.test_parcours import capture, map_ready, opened, workbook
from tests.browser.traffic import Traffic
from tests.doubles.server import Double, Faults
from tests.doubles.world import World
from tests.territory import counters

pytestmark = pytest.mark.browser

FIRST_ANSWER_MS = 45_000
PAGES = [
    ("banques?territoire=97411", "banques-commune"), ("banques", "banques-vide"),
    ("evolution?territoire=26", "evolution"), ("epargne", "epargne"),
    ("", "explorer-croisement"), ("circuit?commune=26281&rayon=30", "circuit"),
]


@pytest.fixture(scope="module")
def equipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The whole application with two years of made-up counters, calling doubles."""
    folder = tmp_path_factory.mktemp("equipe")
    current = settings.load({"TERRITORY_DATA_DIR": str(folder / "donnees")})
    counters.kept(current, "2018")
    counters.kept(current, "2024")
    with Double(World({"26281": 30}, seed=3, networks=0)) as services:
        environment = {**services.environment, "TERRITORY_DATA_DIR": str(current.data_dir)}
        for url in serve("app.py", folder / "app.log", environment):
            yield Served(url, services)


def sheet(page: Page, url: str, code: str) -> None:
    page.goto(f"{url}/banques?territoire={code}")
    expect(page.get_by_role("tab", name="Fiche")).to_be_visible(timeout=FIRST_ANSWER_MS)
    settled(page)


def test_the_first_map_crosses_both_axes_and_says_so_in_words(
    page: Page, equipped: Served, traffic: Traffic
) -> None:
    opened(page, equipped.url)
    map_ready(page)
    table = page.get_by_role("table", name="Exclusion bancaire")
    expect(table.locator("tbody td")).to_have_count(9, timeout=FIRST_ANSWER_MS)
    assert "indicateur=" not in page.url
    page.get_by_text("Légende en texte").click()
    said = page.get_by_text("(exclusion bancaire)").last
    expect(said).to_be_visible(timeout=10_000)
    capture(page, "croisement")
    page.get_by_role("combobox", name="Indicateur").click()
    page.get_by_role("option", name="Temps estimé jusqu’au guichet le plus proche").click()
    legend = page.locator(".pm-legende")
    expect(legend).to_contain_text("Temps estimé jusqu’au guichet", timeout=15_000)
    settled(page)
    assert "indicateur=minutes" in page.url
    page.goto(page.url)
    map_ready(page)
    expect(page.locator(".pm-legende")).to_contain_text("Temps estimé", timeout=FIRST_ANSWER_MS)
    assert traffic.outside == []


def test_a_link_to_the_crossing_says_what_is_missing(page: Page, application: str) -> None:
    opened(page, application, "?indicateur=exclusion_bancaire")
    said = page.get_by_role("alert").filter(has_text="aucune table de guichets n’est récupérée")
    expect(said).to_be_visible(timeout=FIRST_ANSWER_MS)
    expect(page.locator(".pm-legende")).to_contain_text("aide au logement", timeout=20_000)


def test_a_page_opened_first_has_its_navigation(page: Page, tmp_path: Path) -> None:
    environment = {"TERRITORY_DATA_DIR": str(tmp_path / "donnees")}
    for url in serve("app.py", tmp_path / "app.log", environment):
        page.goto(f"{url}/donnees")
        expect(page.get_by_role("heading", name="Données et méthodes")).to_be_visible(
            timeout=FIRST_ANSWER_MS
        )
        expect(page.get_by_role("link", name="Explorer")).to_be_visible()
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)


def test_the_sheet_of_a_commune_compares_ranks_and_asks_the_road(
    page: Page, equipped: Served, traffic: Traffic
) -> None:
    sheet(page, equipped.url, "26001")
    expect(page.get_by_role("heading", name="Solaure en Diois")).to_be_visible()
    table = page.get_by_role("region", name="Éloignement des guichets").locator("table")
    heads = table.locator("thead th").all_text_contents()
    assert heads[0] == "Indicateur"
    assert "Drôme (26)" in heads
    assert heads[-1] == "Rang, France"
    row = table.get_by_role("row").filter(has_text="Temps estimé au guichet le plus proche")
    assert re.search(r"\d+e.* sur 34", row.text_content() or "")
    expect(page.get_by_text("Points privés de retrait")).to_be_visible()
    page.get_by_role("button", name="Demander le temps réel par la route").click()
    expect(page.get_by_text("Par la route, sans circulation")).to_be_visible(timeout=20_000)
    asked = [one for one in equipped.services.log if "itineraire" in one.path]
    assert len(asked) == 3
    capture(page, "fiche-route")
    assert traffic.outside == []


def test_a_silent_road_service_is_said_and_loses_nothing(
    page: Page, served: Served, tmp_path: Path
) -> None:
    counters.kept(settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")}))
    served.services.faults = Faults(service="/geo/", dead_from=1)
    sheet(page, served.url, "26001")
    page.get_by_role("button", name="Demander le temps réel par la route").click()
    expect(page.get_by_text("ne répond pas comme prévu")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("region", name="Fragilité des habitants")).to_be_visible()
    expect(page.get_by_role("button", name="Demander le temps réel par la route")).to_be_enabled()


def test_questions_leave_as_a_page_that_prints(page: Page, equipped: Served) -> None:
    sheet(page, equipped.url, "48")
    page.get_by_role("tab", name="Questions aux banques").click()
    expect(page.get_by_text("À plus de 15").first).to_be_visible(timeout=10_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Note à imprimer (HTML)").click()
    note = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Questions à poser aux banques : Lozère (48)" in note
    page.set_content(note)
    assert page.locator("ol > li").count() >= 4
    capture(page, "note-questions")


def test_moving_a_weight_ranks_again_and_the_file_follows(page: Page, equipped: Served) -> None:
    sheet(page, equipped.url, "26")
    page.get_by_role("tab", name="Classement").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Classement complet (XLSX)").click()
    before = [row[0] for row in workbook(download.value).worksheets[0].iter_rows(values_only=True)]
    page.get_by_text("Poids des deux axes").click()
    slider = page.get_by_role("slider", name="65 ans et plus")
    slider.focus()
    for _ in range(16):
        slider.press("ArrowRight")
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Classement complet (XLSX)").click()
    book = workbook(download.value)
    after = [row[0] for row in book.worksheets[0].iter_rows(values_only=True)]
    assert sorted(map(str, after)) == sorted(map(str, before))
    assert after != before
    said = " ".join(str(c) for r in book["Lisez-moi"].iter_rows(values_only=True) for c in r if c)
    assert "65 ans et plus 100" in said
    page.get_by_text("Communes", exact=True).click()
    settled(page)
    page.get_by_role("button", name="Mesurer la stabilité").click()
    expect(page.get_by_role("button", name="Arrêter")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Arrêter")).to_have_count(0, timeout=60_000)
    settled(page)
    expect(page.get_by_role("button", name="Mesurer la stabilité")).to_have_count(0)
    capture(page, "classement-stabilite")


def test_the_settings_change_the_sheet_and_can_be_undone(page: Page, equipped: Served) -> None:
    sheet(page, equipped.url, "26001")
    page.get_by_text("Réglages du calcul").click()
    page.get_by_text("Banques et tous les points postaux").click()
    said = "Guichets comptés : guichets bancaires, bureaux de poste"
    expect(page.get_by_text(said)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Revenir aux réglages d’origine").click()
    expect(page.get_by_text("Guichets comptés : guichets bancaires, sans")).to_be_visible(
        timeout=20_000
    )


def test_the_perimeter_in_force_has_its_sheet(page: Page, equipped: Served) -> None:
    opened(page, equipped.url, "?commune=26281&rayon=20")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures",
                                                              timeout=FIRST_ANSWER_MS)
    page.get_by_role("link", name="Accès aux banques").click()
    expect(page.get_by_role("heading", name="Romans-sur-Isère")).to_be_visible(
        timeout=FIRST_ANSWER_MS
    )
    page.get_by_text("Mon périmètre", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Périmètre de 20"))).to_be_visible(
        timeout=20_000
    )


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_axe_finds_nothing_serious_and_nothing_overflows(
    page: Page, equipped: Served, path: str, name: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.goto(f"{equipped.url}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=FIRST_ANSWER_MS)
    page.wait_for_timeout(1000)
    for width in (1300, 360):
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        page.wait_for_timeout(700)
        capture(page, f"{name}-{width}")
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), f"nothing overflows sideways at {width} px"
        grave = [
            f"{width} px, {v['id']}: {v['help']} — {[n['html'][:160] for n in v['nodes'][:3]]}"
            for v in Axe().run(page).response["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
        assert grave == []
