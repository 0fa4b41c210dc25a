"""The map alone in a real Chromium: gestures, reading, failures. Invented points, real tiles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import Geod
from shapely import Polygon

from layers.bivariate import CROSSING
from territory import communes, effectifs, filieres
from territory.perimeter import Perimeter as PythonPerimeter
from territory.suppliers import SupplierIndex
from tests.browser.conftest import serve
from tests.carte_essai.tables import ABSENT, CROWD, HOSTILE, ROMANS, crossing, structures

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "captures"
TRIAL = "tests/carte_essai/app.py"
OUTSIDE = re.compile(r"^https?://(?!localhost|127\.0\.0\.1)")
POINTS = 250_000
GEOD = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve(TRIAL, tmp_path_factory.mktemp("essai") / "essai.log")


@pytest.fixture(scope="module")
def big_server(
    tmp_path_factory: pytest.TempPathFactory, server: str
) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESSAI_POINTS", str(POINTS))
        yield from serve(TRIAL, tmp_path_factory.mktemp("essai") / "grand.log")


@dataclass
class Screen:
    """A page with the map on it."""

    page: Any
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def scene(self) -> dict[str, float]:
        return self.page.locator(".pm-scene").bounding_box()

    def state(self) -> dict[str, Any]:
        return json.loads(self.page.locator("[data-testid=stCode] code").inner_text())

    def runs(self) -> int:
        return int(self.state()["passages"])

    def wait_runs(self, count: int) -> None:
        self.page.wait_for_function(
            "n => JSON.parse(document.querySelector('[data-testid=stCode] code').innerText)"
            ".passages >= n",
            arg=count,
        )
        self.page.wait_for_timeout(900)  # a second run, if there were one, would show by now
        assert self.runs() == count

    def coloured(self) -> None:
        self.page.wait_for_function(
            "performance.getEntriesByName('perimetre:couleurs').length > 0", timeout=60_000
        )

    def label(self) -> str:
        return self.page.locator(".pm-etiquette").inner_text()

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place is on the screen."""
        p = self.page.evaluate(
            "p => { const c = document.querySelector('.pm').carte.map.project(p);"
            " return [c.x, c.y] }",
            [lon, lat],
        )
        return self.scene["x"] + p[0], self.scene["y"] + p[1]

    def look(self, lon: float, lat: float, zoom: float) -> None:
        """Move the map as a user's pan would, and wait for it."""
        self.page.evaluate(
            "([c, z]) => new Promise(done => { const m = document.querySelector('.pm').carte.map;"
            " m.once('idle', () => done()); m.jumpTo({center: c, zoom: z}) })",
            [[lon, lat], zoom],
        )

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], *, drop: bool = True
    ) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for i in range(1, 11):
            mouse.move(
                start[0] + (end[0] - start[0]) * i / 10, start[1] + (end[1] - start[1]) * i / 10
            )
            self.page.wait_for_timeout(20)
        if drop:
            mouse.up()

    def handle(self, name: str) -> tuple[float, float]:
        box = self.page.locator(f".pm-poignee--{name}").bounding_box()
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def draw(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.get_by_role("button", name="Tracer un rayon").click()
        self.drag(start, end)

    def vertices(self) -> int:
        return self.page.evaluate("document.querySelector('.pm').carte.zone.vertices.length")

    def said(self, words: str) -> None:
        """Wait until the live region says so."""
        self.page.wait_for_function(
            "w => document.querySelector('.pm > [aria-live]').textContent.includes(w)", arg=words
        )

    def click(self, *places: tuple[float, float]) -> None:
        """Click places one by one, too slowly for a double click."""
        for place in places:
            self.page.mouse.click(*self.at(*place))
            self.page.wait_for_timeout(60)


Opener = Callable[..., Screen]


@pytest.fixture
def open_map(server: str, chromium: Any) -> Iterator[Opener]:
    contexts: list[Any] = []

    def opener(
        path: str = "/",
        *,
        base: str = server,
        setup: Callable[[Any], None] | None = None,
        coloured: bool = True,
        width: int = 1300,
        height: int = 1000,
        **options: Any,
    ) -> Screen:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", **options
        )
        contexts.append(context)
        page = context.new_page()
        screen = Screen(page)

        def refuse(route: Any) -> None:
            screen.outside.append(route.request.url)
            route.abort()

        page.route(OUTSIDE, refuse)
        page.on("pageerror", lambda error: screen.errors.append(str(error)))
        page.on("dialog", lambda dialog: screen.errors.append(dialog.message))
        if setup:
            setup(page)
        page.goto(base + path)
        page.wait_for_selector(".pm", timeout=60_000)
        if coloured:
            screen.coloured()
        return screen

    yield opener
    for context in contexts:
        context.close()


def _inside(lon: float, lat: float, km: float, count: int = 0) -> int:
    points = structures(count)
    n = len(points)
    _, _, metres = GEOD.inv(
        np.full(n, lon), np.full(n, lat), points["longitude"], points["latitude"]
    )
    return int((np.asarray(metres) <= km * 1000).sum())


def test_draw_move_resize_cancel_delete(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(5.0, 45.0, 8)
    x, y = screen.at(*ROMANS)
    page.get_by_role("button", name="Tracer un rayon").click()
    screen.drag((x, y), (x + 90, y + 20), drop=False)
    page.wait_for_timeout(100)
    assert re.fullmatch(r"\d+,\d\xa0km · 30[01]\xa0structures", screen.label())
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "carte_trace.png")
    page.mouse.up()
    screen.wait_runs(2)
    first = screen.state()
    assert first["kind"] == "drawn"
    assert first["longitude"] == pytest.approx(ROMANS[0], abs=0.01)
    assert first["latitude"] == pytest.approx(ROMANS[1], abs=0.01)
    count = _inside(first["longitude"], first["latitude"], first["radius_km"])
    assert screen.label().endswith(f"{count}\xa0structures")
    contour = page.evaluate("document.querySelector('.pm').carte.data.perimetre.contour.length")
    assert contour >= 128  # Python's outline took the place of ours
    view = page.evaluate("document.querySelector('.pm').carte.map.getBounds().toArray()")

    screen.drag(screen.handle("bord"), (x + 180, y + 30))
    screen.wait_runs(3)
    wider = screen.state()
    assert wider["radius_km"] > first["radius_km"] * 1.5
    assert (wider["longitude"], wider["latitude"]) == (first["longitude"], first["latitude"])

    screen.drag(screen.handle("centre"), (x - 60, y - 40))
    screen.wait_runs(4)
    moved = screen.state()
    assert moved["radius_km"] == wider["radius_km"]
    assert moved["longitude"] < wider["longitude"]
    assert moved["latitude"] > wider["latitude"]
    assert view == page.evaluate("document.querySelector('.pm').carte.map.getBounds().toArray()")

    before = screen.label()
    screen.drag(screen.handle("centre"), (x + 120, y), drop=False)
    assert screen.label() != before
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(900)
    assert screen.label() == before
    assert screen.runs() == 4

    page.get_by_role("button", name="Supprimer le périmètre").click()
    screen.wait_runs(5)
    assert screen.state()["kind"] == "deleted"
    assert not page.locator(".pm-etiquette").is_visible()
    assert screen.outside == []
    assert screen.errors == []


def test_a_gesture_is_sent_before_its_end_is_drawn(open_map: Opener) -> None:
    """A frame of the page drawn first would keep the server waiting."""
    screen = open_map()
    page = screen.page
    screen.look(5.0, 45.0, 8)
    x, y = screen.at(*ROMANS)
    page.evaluate("""() => {
        globalThis.order = [];
        const { overlay } = document.querySelector(".pm").carte;
        const { draw } = overlay, { send } = WebSocket.prototype;
        const note = (what, then) => function (...given) {
            order.push(what);
            return then.apply(this, given);
        };
        overlay.draw = note("dessin", draw);
        WebSocket.prototype.send = note("envoi", send);
        document.addEventListener("pointerup", () => order.push("fin"), { capture: true });
    }""")
    page.get_by_role("button", name="Tracer un rayon").click()
    screen.drag((x, y), (x + 90, y + 20))
    screen.wait_runs(2)
    order = page.evaluate("order")
    end = len(order) - order[::-1].index("fin")
    assert order[end:end + 2] == ["envoi", "dessin"]


def test_click_is_enough(open_map: Opener) -> None:
    screen = open_map()
    screen.look(5.0, 45.0, 8)
    screen.page.get_by_role("button", name="Tracer un rayon").click()
    screen.page.mouse.click(*screen.at(4.9, 44.9))
    screen.wait_runs(2)
    assert screen.state()["radius_km"] == 10


def test_pan_zoom_and_jump_run_nothing(open_map: Opener) -> None:
    screen = open_map()
    box = screen.scene
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.drag(middle, (middle[0] + 120, middle[1] + 40))
    screen.page.mouse.wheel(0, -400)
    for place in ("La Réunion", "Guyane", "Métropole"):
        screen.page.get_by_role("button", name=place).click()
        screen.page.wait_for_timeout(600)
    screen.page.get_by_role("button", name="Zoomer", exact=True).click()
    screen.page.wait_for_timeout(900)
    assert screen.runs() == 1
    assert screen.outside == []


def test_keyboard_alone(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(*ROMANS, 9)
    page.get_by_role("button", name="Mayotte").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "maplibregl-canvas"
    page.keyboard.press("r")
    assert screen.label() == "10,0\xa0km · 300\xa0structures"
    for _ in range(3):
        page.keyboard.press("]")
    page.keyboard.press("[")
    assert screen.label().startswith("12,0\xa0km")
    screen.wait_runs(2)  # R and four changes: one run
    assert screen.state()["radius_km"] == 12
    page.keyboard.press("PageUp")
    page.keyboard.press("Escape")
    page.wait_for_timeout(900)
    assert screen.label().startswith("12,0\xa0km")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('.pm [aria-live]').textContent.startsWith('Au centre de la carte')"
    )
    assert screen.runs() == 2
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    screen.wait_runs(3)
    assert screen.state()["radius_km"] == 13
    page.keyboard.press("Delete")
    screen.wait_runs(4)
    assert screen.state()["kind"] == "deleted"


CORNERS = [(4.8, 44.8), (5.2, 44.8), (5.2, 45.1), (4.8, 45.1)]


def test_draw_a_zone_by_clicks(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(5.0, 45.0, 8)
    page.get_by_role("button", name="Dessiner une zone").click()
    screen.click(*CORNERS[:2], (5.4, 44.9))
    page.keyboard.press("Backspace")
    screen.said("il en reste 2")
    # The map moves as always meanwhile: by the hand, by the wheel.
    x, y = screen.at(5.0, 45.0)
    screen.drag((x, y), (x - 60, y + 30))
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(500)
    screen.look(5.02, 44.98, 8.4)
    assert screen.vertices() == 2
    screen.click(*CORNERS[2:])
    page.mouse.move(*screen.at(4.65, 44.95))
    page.wait_for_timeout(100)
    assert page.locator(".pm-esquisse__ligne").get_attribute("d").count("L") == 3
    assert page.locator(".pm-esquisse__suite").get_attribute("d").count("L") == 2
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "carte_zone.png")
    page.wait_for_timeout(500)
    assert screen.runs() == 1

    page.mouse.dblclick(*screen.at(*CORNERS[0]))  # the second click must not read or zoom
    assert screen.label().startswith("Zone ")
    screen.wait_runs(2)
    event = screen.state()
    assert event["kind"] == "shape"
    np.testing.assert_allclose(event["ring"], CORNERS, atol=0.005)
    assert screen.label().startswith("Zone reçue")
    assert screen.label().endswith(str(event["sequence"]))
    assert page.evaluate("document.querySelector('.pm').carte.map.getZoom()") == 8.4
    assert not page.locator(".pm-esquisse").is_visible()
    assert not page.locator(".pm-poignee").first.is_visible()

    # An answer older than the zone changes nothing; one tool puts the other down.
    page.evaluate("document.querySelector('.pm').carte.gesture.update(null, 1)")
    assert page.locator(".pm-etiquette").is_visible()
    page.get_by_role("button", name="Dessiner une zone").click()
    screen.click((4.9, 45.0))
    screen.draw(screen.at(5.0, 45.0), screen.at(5.2, 45.0))
    screen.wait_runs(3)
    assert screen.state()["kind"] == "drawn"
    assert screen.state()["sequence"] > event["sequence"]
    assert screen.vertices() == 0
    assert screen.errors == []


def test_draw_a_zone_by_keyboard(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(5.0, 45.0, 9)
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("z")
    screen.said("Mode zone")
    page.keyboard.press("Space")
    screen.said("Sommet 1 posé")
    page.keyboard.press("Space")
    screen.said("déjà posé")
    page.keyboard.press("Enter")
    screen.said("au moins trois sommets")
    for arrow in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(arrow)
        screen.said("Au centre de la carte")
        page.keyboard.press("Space")
        screen.said("posé.")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Delete")
    screen.said("il en reste 3")
    page.keyboard.press("Space")
    page.wait_for_timeout(100)
    page.screenshot(path=SHOTS / "carte_zone_clavier.png")
    page.keyboard.press("Enter")
    screen.said("Zone de 4 sommets")
    screen.wait_runs(2)
    (a, b, c, d) = screen.state()["ring"]
    assert a == [5.0, 45.0]
    assert b[0] == pytest.approx(c[0], abs=1e-5)
    assert c[1] == pytest.approx(d[1], abs=1e-5)
    assert d[0] == pytest.approx(a[0] - (b[0] - a[0]) / 10, abs=1e-4)  # a tenth of an arrow
    page.keyboard.press("z")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    screen.said("Zone abandonnée")
    page.wait_for_timeout(600)
    assert screen.label().startswith("Zone reçue")
    assert screen.runs() == 2


def test_an_outline_that_crosses_itself_stays_in_the_hand(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(5.0, 45.0, 8)
    page.get_by_role("button", name="Dessiner une zone").click()
    a, b, c, d = CORNERS
    screen.click(a, c, b, d)
    page.keyboard.press("Enter")
    refusal = page.locator(".pm-consigne--refus")
    assert "se croise" in refusal.inner_text()
    screen.said("se croise")
    page.screenshot(path=SHOTS / "carte_zone_croisee.png")
    assert screen.vertices() == 4
    page.get_by_role("button", name="Retirer le dernier sommet").click()
    assert refusal.count() == 0
    page.mouse.dblclick(*screen.at(5.0, 44.7))  # adds a vertex and closes
    screen.wait_runs(2)
    assert len(screen.state()["ring"]) == 4

    # Few distinct places: vertices and edges that touch, edges that go back, no area.
    draw = np.random.default_rng(5)
    units = [draw.integers(0, 6, (n, 2)) for n in draw.integers(3, 7, 700)]
    # No vertex twice in a row: the map never places one.
    units = [ring for ring in units if (ring != np.roll(ring, 1, axis=0)).any(axis=1).all()]
    rings = [(ring / 1e6 + [5, 45]).round(6).tolist() for ring in units]
    refused = page.evaluate(
        """async rings => {
          const base = document.querySelector('.pm').carte.base;
          const { crossesItself } = await import(base + 'polygon.js');
          return rings.map(crossesItself);
        }""",
        rings,
    )
    assert refused == [not Polygon(ring).is_valid for ring in units]
    assert 100 < sum(refused) < len(refused) - 100


def test_an_area_is_shown_and_has_no_handle(open_map: Opener) -> None:
    screen = open_map("/?surface=1")
    page = screen.page
    screen.look(5.1, 44.9, 8.6)
    assert screen.label() == "Surface d’essai"
    line = page.locator(".pm-trace__ligne").first
    assert line.get_attribute("d").count("M") == 3
    filled = line.evaluate(
        """(path, places) => {
          const { map } = document.querySelector('.pm').carte;
          return places.map(place => {
            const p = path.ownerSVGElement.createSVGPoint();
            ({ x: p.x, y: p.y } = map.project(place));
            return path.isPointInFill(p);
          });
        }""",
        [[4.75, 44.9], [4.9, 44.9], [5.2, 44.9], [5.4, 44.95]],
    )
    assert filled == [True, False, False, True]
    assert page.locator(".pm-poignee:visible, .pm-trace__rayon:visible").count() == 0
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / "carte_surface.png")
    page.locator(".maplibregl-canvas").focus()
    for key in ("]", "[", "PageUp", "PageDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_timeout(900)
    assert screen.runs() == 1
    assert screen.label() == "Surface d’essai"
    page.keyboard.press("Delete")
    screen.wait_runs(2)
    assert screen.state()["kind"] == "deleted"
    assert not page.locator(".pm-etiquette").is_visible()
    assert screen.errors == []


def test_draw_a_zone_by_touch_at_360_pixels(open_map: Opener) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    screen = open_map("/?surface=1", width=360, height=740, has_touch=True, is_mobile=True)
    page = screen.page
    page.wait_for_timeout(800)
    page.screenshot(path=SHOTS / "carte_zone_360_avant.png")
    tops = {b.bounding_box()["y"] for b in page.locator(".pm-barre__tracer button:visible").all()}
    assert len(tops) == 1  # on one line
    page.get_by_role("button", name="Dessiner une zone").tap()
    box = screen.scene
    for x, y in ((80, 90), (250, 110), (230, 260), (90, 240)):
        page.touchscreen.tap(box["x"] + x, box["y"] + y)
        page.wait_for_timeout(60)
    page.screenshot(path=SHOTS / "carte_zone_360.png")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for button in page.locator(".pm button:visible").all():
        size = button.bounding_box()
        assert min(size["width"], size["height"]) >= 36, button.inner_text()
    found = axe.run(page, context=".pm").response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []
    page.get_by_role("button", name="Retirer le dernier sommet").tap()
    assert screen.vertices() == 3
    page.touchscreen.tap(box["x"] + 92, box["y"] + 100)  # a finger aims roughly
    screen.wait_runs(2)
    assert len(screen.state()["ring"]) == 3
    assert screen.errors == []


def test_reading_and_hostile_names(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    screen.look(4.90, 44.91, 12)
    page.wait_for_timeout(1500)
    page.mouse.move(*screen.at(4.90, 44.90))
    page.wait_for_function("document.querySelector('.pm-bulle').innerText.includes('onerror')")
    assert HOSTILE in page.locator(".pm-bulle").inner_text()
    page.mouse.move(*screen.at(4.93, 44.92))
    page.wait_for_function("/Essai\u00a0: \\d/.test(document.querySelector('.pm-bulle').innerText)")

    screen.look(*ROMANS, 12)
    page.wait_for_timeout(1200)
    page.mouse.click(*screen.at(*ROMANS))
    panel = page.get_by_role("dialog", name="Structures à cet endroit")
    assert panel.get_by_role("heading").inner_text() == f"{CROWD}\xa0structures"
    panel.get_by_text(f"{HOSTILE} 0", exact=True).wait_for()
    assert page.locator(".pm img").count() == 0
    page.screenshot(path=SHOTS / "carte_liste.png")
    items = panel.locator("li")
    shown = items.count()
    panel.locator("ul").evaluate("list => list.scrollTo(0, list.scrollHeight)")
    items.nth(CROWD - 1).wait_for()
    assert shown < items.count() == CROWD
    page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert page.evaluate("document.activeElement.className") == "maplibregl-canvas"
    assert screen.errors == []


def test_missing_value_is_said(open_map: Opener) -> None:
    screen = open_map()
    screen.look(*ROMANS, 11)
    screen.page.wait_for_timeout(800)
    screen.page.mouse.move(*screen.at(5.08, 45.05))
    screen.page.wait_for_function(
        "document.querySelector('.pm-bulle').innerText.includes('donnée absente')"
    )


def test_changing_the_indicator_asks_for_values_only(open_map: Opener) -> None:
    screen = open_map()
    screen.page.wait_for_timeout(1500)
    asked: list[str] = []
    screen.page.on("request", lambda request: asked.append(request.url))
    screen.page.get_by_text("essai_b").click()
    screen.wait_runs(2)
    assert [u for u in asked if "/tuiles/" in u or "/points/" in u or "/carte/" in u] == []
    assert len([u for u in asked if u.endswith("/commune/essai_b.json")]) == 1
    assert "Indicateur B" in screen.page.locator(".pm-legende").inner_text()


def test_view_moves_only_when_asked(open_map: Opener) -> None:
    screen = open_map()
    zoom = "document.querySelector('.pm').carte.map.getZoom()"
    screen.page.get_by_role("button", name="Voir la France").click()
    screen.page.wait_for_function(f"{zoom} < 6")
    screen.look(*ROMANS, 8)
    screen.page.get_by_text("essai_b").click()
    screen.wait_runs(3)
    assert screen.page.evaluate(zoom) == 8


@pytest.mark.parametrize("width", [1300, 360])
def test_a_crossing_computed_at_run_time(open_map: Opener, width: int) -> None:
    heard: list[str] = []

    def setup(page: Any) -> None:
        page.on("console", lambda m: heard.append(m.text) if m.type == "error" else None)

    screen = open_map("/?croisement=1", setup=setup, width=width)
    page = screen.page
    table = page.get_by_role("table", name="Éloignement et fragilité")
    assert table.get_by_role("columnheader").all_text_contents() == [
        "Fragilité des habitants\xa0→", "moins fragile", "de fragilité moyenne", "plus fragile",
    ]
    assert table.get_by_role("rowheader").all_text_contents() == [
        "Éloignement des guichets\xa0→", "d’accès plus difficile", "d’accès moyen",
        "d’accès plus facile",
    ]
    cells = table.locator("tbody td")
    assert cells.count() == 9
    worst = "d’accès plus difficile et plus fragile (exclusion bancaire)"
    assert cells.nth(2).text_content() == worst
    assert cells.nth(6).text_content() == "d’accès plus facile et moins fragile"
    colours = cells.evaluate_all("all => all.map(c => getComputedStyle(c).backgroundColor)")
    assert len(set(colours)) == 9
    legend = page.locator(".pm-legende")
    assert "donnée absente sur un axe au moins" in legend.inner_text()
    box = table.bounding_box()
    assert max(box["width"], box["height"]) <= 170
    assert legend.bounding_box()["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") == width

    screen.look(*ROMANS, 11)
    page.wait_for_timeout(1000)
    classes, reasons = crossing()
    page.mouse.move(*screen.at(5.08, 45.05))
    page.wait_for_function("document.querySelector('.pm-bulle').innerText.includes('absente')")
    assert page.locator(".pm-bulle").inner_text().splitlines() == [
        "Romans-sur-Isère", f"Situation\xa0: {CROSSING.absent}", reasons[ABSENT],
    ]
    page.mouse.move(*screen.at(5.02, 45.015))
    page.wait_for_function("!document.querySelector('.pm-bulle').innerText.includes('absente')")
    words = CROSSING.written(classes["26084"])
    assert page.locator(".pm-bulle").inner_text().splitlines() == [
        "Châteauneuf-sur-Isère", f"Situation\xa0: {words}",
    ]
    page.locator(".maplibregl-canvas").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "document.querySelector('.pm > [aria-live]').textContent.includes('Situation')"
    )
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"carte_croisement_{width}.png", full_page=True)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, context=".pm").response["violations"]
    assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []
    assert page.locator(".pm img").count() == 0
    assert screen.outside == []
    assert screen.errors == []
    assert heard == []


def test_computed_values_that_fail_are_tried_again(open_map: Opener) -> None:
    broken = [True]

    def setup(page: Any) -> None:
        page.context.route(
            re.compile("/calculs/"),
            lambda route: route.abort() if broken[0] else route.continue_(),
        )

    screen = open_map("/?croisement=1", setup=setup, coloured=False)
    alert = screen.page.locator(".pm-alerte")
    alert.first.wait_for(timeout=30_000)
    assert "valeurs" in alert.first.inner_text()
    broken[0] = False
    screen.page.get_by_role("button", name="Réessayer").click()
    screen.coloured()
    screen.page.wait_for_function("document.querySelectorAll('.pm-alerte').length === 0")


def test_all_france_is_coloured(open_map: Opener) -> None:
    screen = open_map("/?france=1")
    names = screen.page.evaluate(
        "document.querySelector('.pm').carte.map.queryRenderedFeatures({layers: ['fond-commune']})"
        ".filter(f => f.state.k !== undefined).length"
    )
    assert names > 30_000
    transparent = screen.page.evaluate(
        "document.querySelector('.maplibregl-canvas').getContext('webgl2')"
        ".getContextAttributes().alpha"
    )
    assert not transparent, "nothing behind the map is drawn for nothing"
    screen.page.wait_for_timeout(1500)
    SHOTS.mkdir(exist_ok=True)
    screen.page.screenshot(path=SHOTS / "carte_france.png")
    assert screen.outside == []


def test_touch_at_360_pixels(open_map: Opener) -> None:
    screen = open_map(width=360, height=740, has_touch=True, is_mobile=True)
    page = screen.page
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    for button in page.locator(".pm button:visible").all():
        box = button.bounding_box()
        assert min(box["width"], box["height"]) >= 36, button.inner_text()
    page.get_by_role("button", name="Tracer un rayon").tap()
    box = screen.scene
    x, y = box["x"] + 180, box["y"] + 200
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": px, "y": py} for px, py in points]},
        )

    finger("touchStart", (x, y))
    for i in range(8):
        finger("touchMove", (x + 6 * i, y + 3 * i))
        page.wait_for_timeout(30)
    page.screenshot(path=SHOTS / "carte_360.png")
    label = page.locator(".pm-etiquette").bounding_box()
    assert label["x"] >= box["x"]
    assert label["x"] + label["width"] <= box["x"] + box["width"]
    finger("touchEnd")
    screen.wait_runs(2)
    drawn = screen.state()
    finger("touchStart", (60, box["y"] + 60))
    for i in range(8):
        finger("touchMove", (60, box["y"] + 60 - 15 * i))
        page.wait_for_timeout(30)
    finger("touchEnd")
    page.wait_for_timeout(400)
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") > 0
    assert screen.state() == drawn  # one finger scrolls the page, it neither pans nor draws
    assert page.locator(".maplibregl-cooperative-gesture-screen").inner_text() != ""


def test_read_only(open_map: Opener) -> None:
    screen = open_map("/?lecture=1")
    assert not screen.page.get_by_role("button", name="Tracer un rayon").is_visible()
    screen.page.locator(".maplibregl-canvas").focus()
    screen.page.keyboard.press("r")
    screen.page.wait_for_timeout(1200)
    assert screen.runs() == 1


def test_outside_ground_is_asked_only_when_chosen(open_map: Opener) -> None:
    screen = open_map("/?fond=plan_ign", coloured=False)
    screen.page.wait_for_selector(".pm-alerte")
    assert "Plan IGN ne répond pas" in screen.page.locator(".pm-alerte").inner_text()
    assert "IGN – Géoplateforme" in screen.page.locator(".pm-attribution").inner_text()
    assert {u.split("/")[2] for u in screen.outside} == {"data.geopf.fr"}


def test_without_webgl(open_map: Opener) -> None:
    def setup(page: Any) -> None:
        page.add_init_script(
            "const get = HTMLCanvasElement.prototype.getContext;"
            "HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {"
            " return /webgl/.test(kind) ? null : get.call(this, kind, ...rest) }"
        )

    screen = open_map(setup=setup, coloured=False)
    alert = screen.page.locator(".pm-alerte")
    alert.wait_for()
    assert "WebGL" in alert.inner_text()
    assert "carte HTML" in alert.inner_text()
    assert screen.page.get_by_role("button", name="Tracer un rayon").is_disabled()
    assert screen.errors == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("/tuiles/", "contours"), ("/commune/", "valeurs"), ("/points/structures", "points")],
)
def test_what_fails_is_said_and_tried_again(open_map: Opener, pattern: str, message: str) -> None:
    broken = [True]

    def setup(page: Any) -> None:
        page.context.route(
            re.compile(pattern),
            lambda route: route.abort() if broken[0] else route.continue_(),
        )

    screen = open_map(setup=setup, coloured=False)
    alert = screen.page.locator(".pm-alerte")
    alert.first.wait_for(timeout=30_000)
    assert message in alert.first.inner_text()
    broken[0] = False
    screen.page.get_by_role("button", name="Réessayer").click()
    screen.coloured()
    screen.page.wait_for_function("document.querySelectorAll('.pm-alerte').length === 0")


def test_engine_that_fails_is_tried_again(open_map: Opener) -> None:
    broken = [True]

    def setup(page: Any) -> None:
        page.context.route(
            re.compile("maplibre-gl.js"),
            lambda route: route.abort() if broken[0] else route.continue_(),
        )

    screen = open_map(setup=setup, coloured=False)
    screen.page.locator(".pm-alerte").wait_for(timeout=30_000)
    broken[0] = False
    screen.page.get_by_role("button", name="Réessayer").click()
    screen.coloured()


def test_geodesy_equals_pyproj(open_map: Opener) -> None:
    screen = open_map(coloured=False)
    draw = np.random.default_rng(3)
    rows = []
    places = [(2.35, 48.85), (55.5, -21.1), (-52, 4), (-4.5, 48.4), (-61, 16), (45.2, -12.8)]
    for lon, lat in places:
        azimuths, kms = draw.uniform(-180, 180, 100), draw.uniform(0.05, 300, 100)
        x, y, _ = GEOD.fwd(np.full(100, lon), np.full(100, lat), azimuths, kms * 1000)
        rows += [[lon, lat, *map(float, r)] for r in zip(x, y, kms, azimuths, strict=True)]
    worst = screen.page.evaluate(
        """async rows => {
          const base = document.querySelector('.pm').carte.base;
          const g = await import(base + 'geodesy.js');
          return rows.reduce(([inverse, direct, quick], [a, b, c, d, km, az]) => {
            const [x, y] = g.destination(a, b, az, km);
            const rough = Math.sqrt(g.quickSquared(c - a, d - b, (b + d) / 2));
            return [
              Math.max(inverse, Math.abs(g.distance(a, b, c, d) - km)),
              Math.max(direct, g.distance(x, y, c, d)),
              Math.max(quick, Math.abs(rough / km - 1)),
            ];
          }, [0, 0, 0]);
        }""",
        rows,
    )
    assert worst[0] < 1e-6  # a millimetre
    assert worst[1] < 1e-6
    assert worst[2] < 0.0005  # half of the margin that is measured exactly


def loaded(page: Any) -> None:
    page.wait_for_function(
        "document.querySelector('.pm').carte.content.structures.drawn !== undefined",
        timeout=60_000,
    )


def test_250_000_points_follow_the_hand(open_map: Opener, big_server: str) -> None:
    screen = open_map(base=big_server)
    page = screen.page
    loaded(page)
    screen.look(2.5, 46.5, 6)
    screen.draw(screen.at(2.5, 46.5), screen.at(5.0, 47.2))
    screen.wait_runs(2)
    drawn = screen.state()
    inside = _inside(drawn["longitude"], drawn["latitude"], drawn["radius_km"], POINTS)
    assert inside > 10_000
    assert f"{inside:,}".replace(",", "\u202f") in screen.label()
    samples = page.evaluate("document.querySelector('.pm').carte.gesture.samples")
    # The first move pays for the compiler.
    assert float(np.median(samples)) <= 50


def test_counts_of_250_000_points_are_those_of_python(open_map: Opener, big_server: str) -> None:
    screen = open_map("/?commune=75056&france=1", base=big_server)
    page = screen.page
    loaded(page)
    table = structures(POINTS)
    index = SupplierIndex(table)
    whole = [communes.get(code) for code in ("75056", "26281", "97411", "97302")]
    asked = [PythonPerimeter.around_commune(home, km) for home in whole for km in (0.1, 12.4, 80)]
    asked.append(PythonPerimeter.around_point(2.0, 46.5, 300))
    told = page.evaluate(
        """discs => discs.map(([lon, lat, km, communes]) => document.querySelector('.pm').carte
             .content.structures.tally(lon, lat, km, communes))""",
        [[p.disc.longitude, p.disc.latitude, p.disc.radius_km, list(p.disc.whole_communes)]
         for p in asked],
    )
    for perimeter, tally in zip(asked, told, strict=True):
        found = table.iloc[index.within(perimeter)[0]]
        low, _ = effectifs.intervals(found["tranche_effectif"])
        trades = found["filiere"].map(filieres.split).explode().value_counts().to_dict()
        assert tally["total"] == len(found)
        assert tally["unknown"] == int(np.isnan(low).sum())
        assert tally["staff"] == int(np.nansum(low))
        assert dict(tally["trades"]) == trades

    # The label holds the whole commune too, and says what the count is made of.
    disc = PythonPerimeter.around_commune(whole[0], 10)
    first = f"{len(index.within(disc)[0]):,}".replace(",", "\u202f")
    assert screen.label() == f"10,0\xa0km · {first}\xa0structures"
    page.locator(".pm-poignee--bord").focus()
    page.keyboard.press("ArrowUp")
    wider = f"{len(index.within(disc.with_radius(11))[0]):,}".replace(",", "\u202f")
    assert screen.label() == f"11,0\xa0km · {wider}\xa0structures"
    assert "Essai\xa0: " in (lines := page.locator(".pm-bilan").inner_text())
    assert "au moins " in lines
    assert "effectif inconnu\xa0: " in lines

    # Few marks whatever the scale, and each point in one of them.
    for place in [(2.5, 46.5, 5), (2.35, 48.86, 9), (2.35, 48.86, 12.5), (55.5, -21.1, 10)]:
        screen.look(*place)
        marks = page.evaluate(
            """async () => {
              const { map, content: { structures } } = document.querySelector('.pm').carte;
              const { features } = await map.getSource('structures').getData();
              const { west, south, east, north } = structures.area.box;
              return [features.map(f => f.properties.n), [west, south, east, north]];
            }"""
        )
        counts, (west, south, east, north) = marks
        inside = table["longitude"].between(west, east) & table["latitude"].between(south, north)
        assert abs(sum(counts) - int(inside.sum())) <= 1  # a place rounded across the border
        assert 3 < len(counts) <= 1500
    # Signs of PTCE lie on the groups, but never on their counts.
    order = page.evaluate("document.querySelector('.pm').carte.map.getLayersOrder()")
    assert order.index("structures") < order.index("ptce") < order.index("nombres")
    assert screen.runs() == 2
    assert screen.errors == []


def test_the_instance_survives_and_is_removed(open_map: Opener) -> None:
    screen = open_map()
    page = screen.page
    page.evaluate("document.querySelector('.pm').marque = 1")
    page.get_by_text("essai_b").click()
    screen.wait_runs(2)
    assert page.evaluate("document.querySelector('.pm').marque") == 1
    assert page.locator(".pm").count() == 1


def test_axe_finds_nothing_serious(open_map: Opener) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    screen = open_map()
    screen.look(*ROMANS, 9)
    screen.draw(screen.at(*ROMANS), screen.at(5.3, 45.05))
    screen.wait_runs(2)
    found = axe.run(screen.page, context=".pm").response["violations"]
    serious = [v for v in found if v["impact"] in {"serious", "critical"}]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious] == []
    assert screen.page.evaluate("document.documentElement.lang") == "fr"


def test_a_tile_that_does_not_come_hides_no_other(open_map: Opener) -> None:
    """The first picture waits for its tiles, not for ever."""
    held: list[Any] = []

    def setup(page: Any) -> None:
        page.context.route(
            re.compile("/tuiles/"),
            lambda route: route.continue_() if held else held.append(route),
        )

    screen = open_map(setup=setup, coloured=False)
    screen.page.wait_for_function("Boolean(document.querySelector('.pm').carte.map)")
    drawn_without_it = """() => new Promise((done) => {
        const {map} = document.querySelector('.pm').carte;
        map.once('render', () => done(!map.areTilesLoaded()));
        map.triggerRepaint();
    })"""
    screen.page.wait_for_timeout(1500)
    assert held
    assert screen.page.evaluate(drawn_without_it)
    held[0].continue_()
    screen.coloured()
    screen.page.wait_for_timeout(500)
    # From then on nothing is held: the method is MapLibre's own again.
    assert not screen.page.evaluate(
        "Object.hasOwn(document.querySelector('.pm').carte.map, 'triggerRepaint')"
    )
    assert screen.errors == []
