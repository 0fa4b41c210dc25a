"""People at once on one server: ``python -m benchmarks.charge --personnes 50``.

Each person opens a link to 30 km around a town of their own, changes the radius, a filter and the
indicator, reading for some fifteen seconds in between, through the real WebSocket protocol of
Streamlit (:mod:`benchmarks.seance`) and with a synthetic national list. Times are those of a
whole run of the page, from the message sent to the end of the script, queueing included.
``--seances`` opens sessions and keeps them, to weigh them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
from websockets.exceptions import ConnectionClosed

from benchmarks import national
from benchmarks.mesures import _pid_listening, memory_mb
from benchmarks.releve import say
from benchmarks.seance import Run, Session
from territory import communes, store
from tests.browser.conftest import serve

#: Places of the smallest and the largest answers, beside those drawn by population.
_ALWAYS = ("26281", "75056", "97411")
_RADIUS = "Rayon (km)"
_FILTER = "Filière"
_INDICATOR = "Indicateur"


@dataclass
class Journal:
    """What the people lived."""

    runs: dict[str, list[Run]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    async def keep(self, action: str, run: Awaitable[Run]) -> None:
        """Time an action and note its errors."""
        done = await run
        self.runs[action].append(done)
        self.failures += [f"{action} : {error}" for error in done.errors]

    def print(self, page: str) -> None:
        """Write what each action took."""
        for action, runs in self.runs.items():
            times = 1000 * np.array([run.seconds for run in runs])
            for name, rank in (("médiane", 50), ("95e centile", 95), ("pire", 100)):
                say(f"{page} : {action}, {name}", float(np.percentile(times, rank)), "ms",
                    f"{len(runs)} fois, {np.mean([run.bytes for run in runs]) / 1000:.0f} Ko reçus")
        say(f"{page} : erreurs", len(self.failures), "", "; ".join(self.failures[:3]) or "aucune")


async def person(
    address: str, page: str, town: str, journal: Journal, pause: float, draw: random.Random
) -> None:
    """Do the benchmark job once."""
    async def read() -> None:
        await asyncio.sleep(draw.uniform(0.5, 1.5) * pause)

    await asyncio.sleep(draw.uniform(0, 2 * pause))
    try:
        async with Session(address, page, {"commune": town, "rayon": "30"}) as one:
            await journal.keep("ouverture d’un lien", one.open())
            for radius in ("25", "35", "30,5"):
                await read()
                await journal.keep("changement de rayon", one.put(_RADIUS, radius))
            await read()
            await journal.keep("filtre posé", one.put(_FILTER, ["Restauration"]))
            await read()
            await journal.keep("filtre enlevé", one.put(_FILTER, []))
            if not page:
                for choice in one.options(_INDICATOR)[1:3]:
                    await read()
                    await journal.keep("changement d’indicateur", one.put(_INDICATOR, choice))
    except (OSError, KeyError, TimeoutError, ConnectionClosed) as error:
        journal.failures.append(f"{type(error).__name__} : {error}")


async def crowd(address: str, page: str, count: int, pause: float) -> Journal:
    """Send people at once, each to a town of their own."""
    draw = random.Random(0)
    journal = Journal()
    await asyncio.gather(*(
        person(address, page, town, journal, pause, random.Random(rank))
        for rank, town in enumerate(towns(count, draw))
    ))
    return journal


def towns(count: int, draw: random.Random) -> list[str]:
    """Codes of communes drawn by population, the extreme ones first."""
    known = communes.whole()
    weights = known["population"].astype(float).fillna(0)
    others = draw.choices(list(known.index), list(weights), k=count)
    return [*_ALWAYS, *others][:count]


async def weigh(address: str, pid: int, counts: list[int]) -> None:
    """Open sessions, keep them, and tell the memory of the server at each count."""
    kept: list[Session] = []
    places = towns(max(counts), random.Random(1))
    before, already = memory_mb(pid), 0
    say("mémoire du serveur au départ, liste nationale", before, "Mo", "pages résidentes")
    for wanted in counts:
        for town in places[len(kept) : wanted]:
            one = Session(address, "", {"commune": town, "rayon": "30"})
            run = await one.open()
            assert not run.errors, run.errors
            kept.append(one)
        now = memory_mb(pid)
        say(f"mémoire à {wanted} séances ouvertes", now, "Mo",
            f"{(now - before) / (wanted - already):.1f} Mo de plus par séance")
        before, already = now, wanted
    for one in kept:
        await one.close()


class Peak:
    """Highest memory of a process while it is watched, MB."""

    def __init__(self, pid: int) -> None:
        self.pid, self.mb = pid, 0.0

    async def watch(self) -> None:
        """Look at it twice a second."""
        while True:
            self.mb = max(self.mb, memory_mb(self.pid))
            await asyncio.sleep(0.5)


async def load(address: str, pid: int, page: str, count: int, pause: float) -> None:
    """Print what a crowd lived on a page."""
    peak = Peak(pid)
    watching = asyncio.create_task(peak.watch())
    before, start = _cpu_s(pid), time.perf_counter()
    journal = await crowd(address, page, count, pause)
    elapsed = time.perf_counter() - start
    watching.cancel()
    named = {"": "Explorer", "circuit": "Circuit court"}.get(page, page)
    journal.print(named)
    say(f"{named} : durée", elapsed, "s",
        f"{count} personnes, {pause:g} s de lecture en moyenne entre deux gestes")
    say(f"{named} : processeur du serveur", _cpu_s(pid) - before, "s", "pendant cette durée")
    say(f"{named} : mémoire la plus haute", peak.mb, "Mo", "pages résidentes")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def application(rows: int, data: Path | None) -> Iterator[tuple[str, int]]:
    """Serve the whole application with a synthetic national list; address and process."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if data is None:
            data = folder / "donnees"
            national.write(data, rows)
        served = serve("app.py", folder / "app.log", {"TERRITORY_DATA_DIR": str(data)})
        address = next(served)
        try:
            _settle(address)
            yield address, _pid_listening(int(address.rsplit(":", 1)[1]))
        finally:
            served.close()
            log = (folder / "app.log").read_text(errors="replace")
            faults = log.count("Traceback")
            say("traces d’erreur dans le journal du serveur", faults, "", "")
            if faults:
                print(log[log.index("Traceback"):][:3000], file=sys.stderr)


def _settle(address: str) -> None:
    """Wait for the tables read at start, as a server put in service does."""
    asyncio.run(_visit(address))
    path = f"/valeurs/{store.version()}/points/structures.bin"
    with urlopen(Request(address + path, headers={"Accept-Encoding": "gzip"})) as answer:
        answer.read()


async def _visit(address: str) -> None:
    async with Session(address, "", {"commune": "26281", "rayon": "5"}) as one:
        run = await one.open()
        say("première visite d’un serveur qui vient de démarrer", 1000 * run.seconds, "ms",
            "liste nationale en lecture")


def main() -> None:
    """Run the load, then the weighing of sessions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--personnes", type=int, default=50)
    parser.add_argument("--pause", type=float, default=15.0, help="secondes entre deux gestes")
    parser.add_argument("--lignes", type=int, default=250_000)
    parser.add_argument("--pages", nargs="*", default=["", "circuit"])
    parser.add_argument("--seances", type=int, nargs="*", default=[10, 100])
    parser.add_argument("--donnees", type=Path, help="réserve locale déjà écrite")
    asked = parser.parse_args()
    with application(asked.lignes, asked.donnees) as (address, pid):
        if asked.seances:
            asyncio.run(weigh(address, pid, asked.seances))
        for page in asked.pages:
            asyncio.run(load(address, pid, page, asked.personnes, asked.pause))


if __name__ == "__main__":
    main()
