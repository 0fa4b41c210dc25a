"""From the release of the hand to the list: ours beside a plain application.

``python -m benchmarks.trace``. The same 250 000 points, the same machine, the same Chromium, the
same radii drawn with the mouse. The other way is what the documentation of streamlit-folium shows
(:mod:`benchmarks.simple_app`): a map, the drawing tools of Leaflet, ``GeoDataFrame.within``. It
computes no distance. Both are timed until the page says the new count and rests, by the page
itself: to ask it again and again from outside would take its processor from what is measured.
``--carte-emulee`` takes the same with a Chromium that composes the page as on a graphics card,
emulated by the processor.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import FrameLocator, Page, expect

from benchmarks import national
from benchmarks.mesures import application, memory_mb
from benchmarks.navigateur import EMULATED_CARD, opened, received, serve_leaflet
from benchmarks.releve import Record, Way, main
from territory.sources.packages import Package, fetch

#: Drawing tools of the plain application, that its page would fetch from a content network.
DRAW = Package(
    "leaflet-draw", "1.0.4", "npm", "leaflet-draw-1.0.4.tgz",
    "b3ec161a931ad88b3f008283b824ceac5af98b5ec603877f294834d1edcc3aa6",
)
GESTURES = 15
#: Servers started anew, of which the median is told: the memory of the plain one settles at 0.9 or
#: at 2.6 GB, nobody knows which, and its time with it.
ROUNDS = 3
WAIT_MS = 60_000
#: A radius is drawn in this many moves, that long each: a third of a second, as a hand does.
MOVES = 10
MOVE_MS = 30
#: Waits after a gesture, during which nothing is asked of the page.
REST_MS = 2_500


@contextmanager
def _page(
    script: str, environment: dict[str, str], arguments: argparse.Namespace
) -> Iterator[tuple[Page, str, int]]:
    flags = EMULATED_CARD if arguments.carte_emulee else ()
    with application(script, environment) as (address, pid), opened(flags) as page:
        yield page, address, pid


#: Keeps what the label in the hand says and when: from the release to the count the page gives.
_WATCH = """() => {
    globalThis.said = [];
    const label = document.querySelector('.pm-etiquette');
    new MutationObserver(() => said.push([performance.now(), label.textContent]))
        .observe(label, {childList: true, characterData: true, subtree: true});
    document.addEventListener('pointerup', () => { globalThis.released = performance.now(); },
                              {capture: true});
    globalThis.inHand = () => {
        const count = (text) => text.split('·').at(-1).trim();
        const last = count(label.textContent);
        const [first] = said.find(([, text]) => count(text) === last);
        said.length = 0;
        return Math.max(0, first - released);
    };
}"""


#: Notes when the page says another count and its script rests: from then on it is the list.
_LISTED = """(selector) => {
    const app = document.querySelector('[data-testid=stApp]');
    const count = () => [...document.querySelectorAll(selector)].map((e) => e.textContent).join('');
    let said = count(), waiting = false;
    globalThis.listed = [];
    new MutationObserver(() => {
        if (count() !== said) {
            said = count();
            waiting = true;
        }
        if (waiting && app.dataset.testScriptState === 'notRunning') {
            waiting = false;
            listed.push(performance.timeOrigin + performance.now());
        }
    }).observe(document.body, {
        subtree: true, childList: true, characterData: true,
        attributes: true, attributeFilter: ['data-test-script-state'],
    });
}"""


def _rested(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]",
                           timeout=WAIT_MS)


def _times(
    page: Page, begin: Callable[[], None], count: str, box: dict[str, float],
    after: Callable[[], None] = lambda: None,
) -> list[float]:
    """Draw radii of growing length from the middle of the map; ``count`` selects where it is."""
    taken = []
    page.evaluate(_LISTED, count)
    for turn in range(GESTURES):
        x, y = box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5
        length = 40 + 8 * turn
        begin()
        page.mouse.move(x, y)
        page.mouse.down()
        for move in range(1, MOVES + 1):
            page.mouse.move(x + length * move / MOVES, y)
            page.wait_for_timeout(MOVE_MS)
        start = 1000 * time.time()
        page.mouse.up()
        page.wait_for_timeout(REST_MS)
        page.wait_for_function("since => listed.some((at) => at > since)", arg=start,
                               polling=500, timeout=WAIT_MS)
        taken.append(page.evaluate("since => listed.find((at) => at > since)", start) - start)
        after()
    return taken


def _records(
    page: Page, begin: Callable[[], None], count: str, box: dict[str, float], pid: int,
    after: Callable[[], None] = lambda: None,
) -> Iterable[Record]:
    times = _times(page, begin, count, box, after)
    # The same again, of which the bytes are counted: to see each message go by takes time too.
    sizes = received(page)
    _times(page, begin, count, box)
    for name, rank in (("médiane", 50), ("95e centile", 95)):
        yield {"mesure": f"du relâchement à la liste, {name}",
               "ms": float(np.percentile(times, rank)), "fois": len(times)}
    yield {"mesure": "mémoire du serveur", "memoire_mo": memory_mb(pid)}
    yield {"mesure": "reçu par tracé", "octets": int(sum(sizes) / GESTURES)}


def _rounds(way: Way, arguments: argparse.Namespace) -> Iterable[Record]:
    """Take the records of a way on several servers; give the medians."""
    for same in zip(*(list(way(arguments)) for _ in range(ROUNDS)), strict=True):
        measured = same[0].keys() & {"ms", "memoire_mo", "octets"}
        medians = {name: statistics.median(record[name] for record in same) for name in measured}
        times = {"fois": ROUNDS * same[0]["fois"]} if "fois" in same[0] else {}
        yield {**same[0], **medians, **times}


def ours(arguments: argparse.Namespace) -> Iterable[Record]:
    with tempfile.TemporaryDirectory() as folder:
        national.write(Path(folder), arguments.points)
        environment = {"TERRITORY_DATA_DIR": folder, "TERRITORY_OFFLINE": "1"}
        with _page("app.py", environment, arguments) as (page, address, pid):
            page.goto(f"{address}/?commune=26281&rayon=30")
            expect(page.locator(".perimetre-compte")).to_contain_text("structure", timeout=WAIT_MS)
            page.wait_for_function(
                "document.querySelector('.perimetre-carte')?.dataset.pret === 'oui'",
                timeout=WAIT_MS,
            )
            page.wait_for_timeout(5_000)
            box = page.locator(".perimetre-carte canvas").first.bounding_box()
            assert box is not None
            page.evaluate(_WATCH)
            in_hand: list[float] = []
            yield from _records(
                page, lambda: page.get_by_role("button", name="Tracer un rayon").click(),
                ".perimetre-compte", dict(box), pid,
                lambda: in_hand.append(page.evaluate("inHand()")),
            )
            yield {"mesure": "du relâchement au compte exact sur la carte, 95e centile",
                   "ms": float(np.percentile(in_hand, 95)), "fois": len(in_hand)}


def plain(arguments: argparse.Namespace) -> Iterable[Record]:
    with tempfile.TemporaryDirectory() as folder:
        national.employers(arguments.points).to_parquet(Path(folder) / "liste.parquet")
        tools = _drawing_tools(Path(folder))

        environment = {"LISTE": str(Path(folder) / "liste.parquet")}
        with _page("benchmarks/simple_app.py", environment, arguments) as (page, address, pid):
            serve_leaflet(page, tools)
            page.goto(address)
            frame: FrameLocator = page.frame_locator("iframe[title*=folium]")
            tool = frame.locator("a.leaflet-draw-draw-circle")
            tool.wait_for(timeout=WAIT_MS)
            _rested(page)
            page.wait_for_timeout(5_000)
            box = frame.locator("#map_div").bounding_box()
            assert box is not None
            yield from _records(page, tool.click, "h3", dict(box), pid)


def _drawing_tools(folder: Path) -> dict[str, bytes]:
    archive = fetch(DRAW, folder)
    with tarfile.open(archive) as packed:
        return {
            Path(member.name).name: file.read() for member in packed
            if "/dist/" in member.name and (file := packed.extractfile(member)) is not None
        }


WAYS = {
    "Périmètre": functools.partial(_rounds, ours),
    "st_folium, Draw et within": functools.partial(_rounds, plain),
}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--points", type=int, default=250_000)
    parser.add_argument("--carte-emulee", action="store_true")


if __name__ == "__main__":
    main("benchmarks.trace", WAYS, _options)
