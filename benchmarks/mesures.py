"""Measure the budgets of the application on this machine: ``python -m benchmarks.mesures``.

Each figure is printed with how it was taken. Points for scale are drawn around communes in
proportion to their population; the application never shows them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, expect, sync_playwright

from benchmarks.points import structures
from benchmarks.releve import say, timed
from territory import communes, store
from territory.perimeter import Perimeter
from territory.suppliers import SupplierIndex, search
from tests.browser.conftest import CHROMIUM, FLAGS, serve

SCALE = 250_000
GESTURES = 20
SESSIONS = 5


def main() -> None:
    """Run every measure."""
    tables()
    query()
    browser()


def tables() -> None:
    start = time.perf_counter()
    from territory import indicators, ptce, suppliers

    communes.find("romans sur isere")
    suppliers.embedded()
    ptce.table()
    indicators.values(indicators.DEFAULT_INDICATOR)
    from layers.choropleth import national_classes

    national_classes(indicators.DEFAULT_INDICATOR)
    say("tables du premier écran", 1000 * (time.perf_counter() - start), "ms",
        "une lecture, sans rien en mémoire")
    total = sum(f.stat().st_size for f in store.path("").rglob("*") if f.is_file())
    say("base embarquée", total / 1e6, "Mo", "somme des fichiers de data/")


def query() -> None:
    index = SupplierIndex(structures(SCALE))
    for place in ("26281", "97411", "75056"):
        perimeter = Perimeter.around_commune(communes.get(place), 30)
        found = len(search(perimeter, index=index))


        def whole(perimeter: Perimeter = perimeter) -> object:
            # What the index remembers of a perimeter already asked for would be no search.
            index._remembered.cache_clear()
            return search(perimeter, index=index)

        within, _ = timed(lambda p=perimeter: index._within(p), 30)
        table, _ = timed(whole, 30)
        name = communes.get(place).nom
        say(f"appartenance et distances, 250 000 points, 30 km, {name}", within, "ms",
            f"médiane de 30, {found} trouvées")
        say(f"les mêmes avec la table entière écrite, {name}", table, "ms", "médiane de 30")


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


@contextmanager
def application(
    script: str = "app.py", environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """Run a Streamlit script; give its address and the number of its process."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(serve(script, Path(folder) / "app.log", environment)) as served,
    ):
        address = next(served)
        yield address, _pid_listening(int(address.rsplit(":", 1)[1]))


def _pid_listening(port: int) -> int:
    hexadecimal = f"{port:04X}"
    inode = next(
        line.split()[9]
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{hexadecimal}") and line.split()[3] == "0A"
    )
    for process in Path("/proc").glob("[0-9]*"):
        for link in process.glob("fd/*"):
            try:
                if link.readlink().name == f"socket:[{inode}]":
                    return int(process.name)
            except OSError:
                continue
    msg = f"no process listens on {port}"
    raise RuntimeError(msg)


def browser() -> None:
    with application() as (address, pid), sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for label in ("première visite après le démarrage", "visite suivante"):
            page = chromium.new_context(viewport={"width": 1300, "height": 900}).new_page()
            start = time.perf_counter()
            page.goto(address)
            page.get_by_role("textbox", name="Commune").wait_for(timeout=60_000)
            say(f"de l’adresse aux champs, {label}",
                1000 * (time.perf_counter() - start), "ms", "Streamlit démarré")
            page.wait_for_function(
                "document.querySelector('.perimetre-carte')?.dataset.pret === 'oui'",
                timeout=60_000,
            )
            say(f"de l’adresse à la France colorée et vive, {label}",
                1000 * (time.perf_counter() - start), "ms", "WebGL par logiciel")
        say("mémoire du serveur, deux séances", memory_mb(pid), "Mo",
            "pages résidentes, extrait seul")
        gestures(page)
        indicator(page)
        classes(page)
        before = memory_mb(pid)
        for _ in range(SESSIONS):
            other = chromium.new_context().new_page()
            other.goto(f"{address}/?commune=26281&rayon=30")
            expect(other.locator(".perimetre-compte")).to_contain_text("structure", timeout=60_000)
        say("mémoire d’une séance de plus", (memory_mb(pid) - before) / SESSIONS, "Mo",
            f"moyenne de {SESSIONS}")
        chromium.close()


def gestures(page: Page) -> None:
    """From the release of the hand to the new count on the page."""
    field = page.get_by_role("textbox", name="Commune")
    field.fill("romans sur isere")
    field.press("Enter")
    expect(page.locator(".perimetre-compte")).to_contain_text("structures", timeout=30_000)
    page.wait_for_timeout(3000)
    box = page.locator(".perimetre-carte canvas").first.bounding_box()
    assert box is not None
    times = []
    for turn in range(GESTURES):
        x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.45
        length = 60 + 7 * turn
        page.get_by_role("button", name="Tracer un rayon").click()
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + length / 2, y)
        page.mouse.move(x + length, y)
        before = page.get_by_role("textbox", name="Rayon (km)").input_value()
        start = time.perf_counter()
        page.mouse.up()
        expect(page.get_by_role("textbox", name="Rayon (km)")).not_to_have_value(before)
        times.append(1000 * (time.perf_counter() - start))
        page.wait_for_timeout(400)
    say("du relâchement aux nouveaux champs, médiane", statistics.median(times), "ms",
        f"{GESTURES} gestes, extrait seul")
    say("du relâchement aux nouveaux champs, 95e centile", float(np.percentile(times, 95)), "ms",
        f"{GESTURES} gestes, extrait seul")


def indicator(page: Page) -> None:
    """From the choice of another indicator to the colours of all France."""
    received: list[int] = []
    page.on("response", lambda r: received.append(int(r.headers.get("content-length", 0)))
            if "/valeurs/" in r.url else None)
    page.evaluate("performance.clearMarks('perimetre:couleurs')")
    choice = page.get_by_role("combobox", name="Indicateur")
    choice.scroll_into_view_if_needed()
    # A list that opens while the page scrolls closes again.
    page.wait_for_timeout(800)
    choice.click()
    option = page.get_by_role("option", name="Revenu imposable par habitant (2022)")
    option.wait_for()
    start = time.perf_counter()
    option.click()
    page.wait_for_function("performance.getEntriesByName('perimetre:couleurs').length > 0",
                           timeout=20_000)
    say("autre indicateur, toute la France", 1000 * (time.perf_counter() - start), "ms",
        f"{sum(received) / 1000:.0f} Ko reçus, aucun contour")


def classes(page: Page) -> None:
    """From the choice of another method or number of classes to the colours of all France."""
    page.get_by_text("Réglages de la carte").click()
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url)
            if "/valeurs/" in r.url or "/tuiles/" in r.url else None)
    for method in ("Seuils naturels", "Amplitudes égales", "Moyenne et écarts-types",
                   "Moyennes emboîtées", "Quantiles"):
        choice = page.get_by_role("combobox", name="Méthode")
        choice.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
        choice.click()
        option = page.get_by_role("option", name=method)
        option.wait_for()
        _coloured_after(page, option, f"autre méthode de classes : {method}")
    for number in ("7", "9"):
        one = page.get_by_role("radio", name=number, exact=True)
        _coloured_after(page, one, f"autre nombre de classes : {number}")
    say("demandes de valeurs ou de contours pendant ces choix", len(asked), "",
        "aucune n’est attendue")


def _coloured_after(page: Page, control: Locator, what: str) -> None:
    """Click, and wait until the map has drawn its new colours."""
    page.wait_for_timeout(1500)
    page.evaluate("""() => {
        const {carte} = document.querySelector('.perimetre-carte');
        const legend = carte.legend.key;
        globalThis.coloured = new Promise((resolve) => carte.map.on('idle', () => {
            if (carte.legend.key !== legend) resolve(performance.now());
        }));
        document.addEventListener('click', () => { globalThis.chosen = performance.now(); },
                                  {capture: true, once: true});
    }""")
    control.click()
    taken = page.evaluate("globalThis.coloured.then((end) => end - globalThis.chosen)")
    say(what, taken, "ms", "du clic à l’image, communes de France, WebGL par logiciel")


if __name__ == "__main__":
    main()
