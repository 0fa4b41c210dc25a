"""The whole job in a real Chromium: mouse, keyboard, link, narrow screen; nothing asked outside."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Download, Page, expect

from tests.browser.traffic import Traffic

pytestmark = pytest.mark.browser

CAPTURES = Path(__file__).parents[2] / "captures"
FIRST_ANSWER_MS = 30_000


def capture(page: Page, name: str) -> None:
    CAPTURES.mkdir(exist_ok=True)
    page.screenshot(path=CAPTURES / f"{name}.png")


def opened(page: Page, application: str, query: str = "") -> None:
    page.goto(f"{application}/{query}")
    expect(page.get_by_role("textbox", name="Commune")).to_be_visible(timeout=FIRST_ANSWER_MS)


def map_ready(page: Page) -> None:
    expect(page.get_by_role("button", name="Tracer un rayon")).to_be_visible(
        timeout=FIRST_ANSWER_MS
    )
    page.wait_for_function("document.querySelector('.perimetre-carte')?.dataset.pret === 'oui'")


def count(page: Page) -> int:
    text = page.locator(".perimetre-compte").inner_text()
    found = re.match(r"([\d\s\u202f]+)", text)
    assert found, text
    return int(re.sub(r"\D", "", found[1]))


def search(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Commune")
    field.fill(text)
    field.press("Enter")


def workbook(download: Download) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(Path(download.path()).read_bytes()))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(
            start[0] + (end[0] - start[0]) * step / 8, start[1] + (end[1] - start[1]) * step / 8
        )
    page.mouse.up()


def test_the_job_with_the_mouse(page: Page, application: str, traffic: Traffic) -> None:
    opened(page, application)
    map_ready(page)
    capture(page, "premier-ecran")

    search(page, "romans sur isere")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures", timeout=10_000)
    expect(page.get_by_role("textbox", name="Commune")).to_have_value(
        "Romans-sur-Isère (26, Drôme)"
    )
    page.wait_for_timeout(2000)
    before = count(page)
    assert before > 0

    # Draw another circle by hand in the middle of the map.
    box = page.locator(".perimetre-carte canvas").first.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] * 0.55, box["y"] + box["height"] * 0.5)
    page.get_by_role("button", name="Tracer un rayon").click()
    sent = traffic.reruns
    drag(page, middle, (middle[0] + 120, middle[1]))
    expect(page.get_by_role("textbox", name="Commune")).to_have_value("", timeout=5_000)
    expect(page.get_by_role("textbox", name="Rayon (km)")).not_to_have_value("30")
    page.wait_for_timeout(800)
    assert traffic.reruns == sent + 1, "one gesture is one run of the script"
    drawn = count(page)
    assert drawn != before
    capture(page, "rayon-trace")

    # Resize it by its edge: the list follows, the view does not move.
    sent = traffic.reruns
    radius = page.get_by_role("textbox", name="Rayon (km)").input_value()
    drag(page, (middle[0] + 120, middle[1]), (middle[0] + 220, middle[1]))
    expect(page.get_by_role("textbox", name="Rayon (km)")).not_to_have_value(radius, timeout=5_000)
    page.wait_for_timeout(800)
    assert traffic.reruns == sent + 1
    resized = count(page)
    assert resized > drawn

    # Panning and zooming ask nothing of Python.
    sent = traffic.reruns
    page.get_by_role("button", name="Zoomer", exact=True).click()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(1500)
    assert traffic.reruns == sent, "pan and zoom run nothing"

    # Filter, then leave with the spreadsheet.
    page.get_by_role("button", name="Structures d’insertion (SIAE)").click()
    page.wait_for_timeout(1500)
    filtered = count(page)
    assert filtered < resized
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel (XLSX)").click()
    book = workbook(download.value)
    assert book.sheetnames == ["Fournisseurs", "Lisez-moi"]
    assert book["Fournisseurs"].max_row - 1 == filtered
    said = {row[0].value: row[1].value for row in book["Lisez-moi"].iter_rows(max_row=3)}
    assert "vol d’oiseau" in said["Périmètre"]
    capture(page, "filtre")

    # The link to share is the page's own, and opens the same result elsewhere.
    page.get_by_role("button", name="Partager").click()
    link = page.locator("[data-testid=stCode]").inner_text().strip()
    assert parse_qs(urlsplit(link).query) == parse_qs(urlsplit(page.url).query)
    assert "statut=siae" in link
    other = page.context.browser.new_context(locale="fr-FR").new_page()
    other.goto(link)
    expect(other.locator(".perimetre-compte")).to_contain_text("structure", timeout=FIRST_ANSWER_MS)
    assert count(other) == filtered
    other.context.close()
    assert traffic.outside == []


def test_the_job_with_the_keyboard_only(
    page: Page, application: str, traffic: Traffic
) -> None:
    opened(page, application)
    map_ready(page)
    tab_to(page, "Commune")
    page.keyboard.type("romans sur isere")
    page.keyboard.press("Enter")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures", timeout=10_000)
    before = count(page)
    # One Tab stop for the group, then the arrows.
    tab_to(page, "Structures d’insertion (SIAE)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator(".perimetre-phrase").first).to_contain_text("employeurs", timeout=5_000)
    assert 0 < count(page) < before
    page.keyboard.press("Space")
    expect(page.locator(".perimetre-phrase").first).not_to_contain_text("employeurs",
                                                                        timeout=5_000)
    assert count(page) == before
    tab_to(page, "Rayon (km)")
    page.keyboard.press("Control+a")
    page.keyboard.type("12,5")
    page.keyboard.press("Enter")
    expect(page.locator(".perimetre-phrase").first).to_contain_text("12,5", timeout=5_000)
    assert 0 < count(page) < before
    with page.expect_download() as download:
        tab_to(page, "Excel (XLSX)")
        page.keyboard.press("Enter")
    assert workbook(download.value)["Fournisseurs"].max_row - 1 == count(page)
    assert traffic.outside == []


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus bears this name."""
    script = """() => { const e = document.activeElement;
        const name = e.getAttribute('aria-label') || e.innerText;
        return e.matches('a, button, input, canvas') ? name.trim() : '' }"""
    for _ in range(90):
        if name in page.evaluate(script):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"« {name} » cannot be reached with the Tab key")


def test_the_map_gesture_with_the_keyboard(page: Page, application: str) -> None:
    opened(page, application, "?commune=26281&rayon=30")
    map_ready(page)
    page.locator(".perimetre-carte canvas").first.focus()
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Rayon (km)")).to_have_value("10", timeout=5_000)
    page.keyboard.press("]")
    expect(page.get_by_role("textbox", name="Rayon (km)")).not_to_have_value("10", timeout=5_000)
    page.keyboard.press("Delete")
    expect(page.locator(".perimetre-compte")).to_contain_text("territoire proche", timeout=5_000)
    page.get_by_role("button", name="Rétablir").click()
    expect(page.locator(".perimetre-compte")).to_contain_text("structure", timeout=5_000)


def test_overseas_is_measured_as_in_paris(page: Page, application: str) -> None:
    opened(page, application, "?commune=97411&rayon=50")
    expect(page.locator(".perimetre-phrase").first).to_contain_text("Saint-Denis (La Réunion)",
                                                                    timeout=FIRST_ANSWER_MS)
    map_ready(page)
    page.wait_for_timeout(2500)
    capture(page, "reunion")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?rayon=9999&commune=26281", "Le rayon doit être compris"),
        ("?lon=abc&lat=45", "ne donne pas une longitude et une latitude"),
        ("?lon=-30&lat=45&rayon=20", "hors de France"),
        ("?commune=99999", "Aucune commune"),
        ("?commune=saint-denis", "Plusieurs communes répondent"),
        ("?indicateur=zzz", "n’existe pas"),
    ],
)
def test_a_wrong_link_is_said_and_ignored(
    page: Page, application: str, query: str, sentence: str
) -> None:
    opened(page, application, query)
    expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible(timeout=10_000)


def test_a_link_of_somebody_else_puts_nothing_in_the_page(
    page: Page, application: str, traffic: Traffic
) -> None:
    hostile = "![x](https://exemple.invalid/a.png) <img src=https://exemple.invalid/b.png>"
    opened(page, application, f"?commune={quote(hostile)}")
    said = page.get_by_role("alert").filter(has_text="Aucune commune trouvée")
    expect(said).to_contain_text("![x](https://exemple.invalid/a.png)", timeout=10_000)
    search(page, "![x](https://exemple.invalid/c.png)")
    expect(page.get_by_role("alert").filter(has_text="c.png")).to_be_visible(timeout=5_000)
    assert page.locator("[role=alert] img").count() == 0
    assert traffic.outside == []


def test_no_page_around_ours_may_drive_it(page: Page, application: str) -> None:
    """Streamlit's page obeys what holds it in a frame, from the origins that it is told here."""
    told = page.request.get(f"{application}/_stcore/host-config").json()
    assert told["allowedOrigins"] == []


def test_wrong_fields_lose_nothing(page: Page, application: str) -> None:
    opened(page, application, "?commune=26281&rayon=30")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures",
                                                              timeout=FIRST_ANSWER_MS)
    before = count(page)
    radius = page.get_by_role("textbox", name="Rayon (km)")
    for wrong in ("0", "301", "douze", "1e999", "-5"):
        radius.fill(wrong)
        radius.press("Enter")
        expect(page.get_by_role("alert").filter(has_text="gardés")).to_be_visible(timeout=5_000)
        expect(radius).to_have_value("30")
        assert count(page) == before
    search(page, "nulle part ailleurs")
    expect(page.get_by_role("alert").filter(has_text="Aucune commune trouvée")).to_be_visible()
    assert count(page) == before
    search(page, "saint denis")
    page.get_by_text("communes répondent : laquelle").wait_for()
    assert count(page) == before


def test_the_job_at_360_px(browser_context_of, application: str) -> None:
    page = browser_context_of(360, 780).new_page()
    opened(page, application)
    map_ready(page)
    capture(page, "etroit-premier-ecran")
    search(page, "romans sur isere")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures", timeout=10_000)
    page.wait_for_timeout(2000)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    ), "nothing overflows sideways"
    capture(page, "etroit-resultat")
    page.locator(".perimetre-compte").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    capture(page, "etroit-liste")
    with page.expect_download() as download:
        page.get_by_role("button", name="Excel (XLSX)").click()
    assert workbook(download.value)["Fournisseurs"].max_row - 1 == count(page)


@pytest.mark.parametrize(
    ("path", "name"),
    [("", "explorer"), ("?commune=26281&rayon=30", "explorer-resultat"), ("donnees", "donnees"),
     ("guide", "guide")],
)
def test_axe_finds_nothing_serious(page: Page, application: str, path: str, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page.goto(f"{application}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=FIRST_ANSWER_MS)
    page.wait_for_timeout(3000)
    assert page.locator("html").get_attribute("lang") == "fr"
    capture(page, f"page-{name}")
    violations = Axe().run(page).response["violations"]
    grave = [
        f"{v['id']}: {v['help']} — {[n['html'][:160] for n in v['nodes'][:3]]}"
        for v in violations
        if v["impact"] in {"serious", "critical"}
    ]
    assert grave == []


def test_an_answer_that_is_late_is_said_by_a_bar(
    application: str, browser_context_of: Callable[[int, int], BrowserContext]
) -> None:
    page = browser_context_of(1300, 900).new_page()
    page.goto(application)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(1500)
    bar = page.locator(".perimetre-attente")
    state = "s => { document.querySelector('[data-testid=stApp]').dataset.testScriptState = s; }"
    # A quick answer shows nothing, a late one does, and its end hides it.
    page.evaluate(state, "running")
    page.wait_for_timeout(200)
    page.evaluate(state, "notRunning")
    page.wait_for_timeout(800)
    expect(bar).to_be_hidden()
    page.evaluate(state, "running")
    expect(bar).to_be_visible()
    page.evaluate(state, "notRunning")
    expect(bar).to_be_hidden()
