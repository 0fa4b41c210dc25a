"""Portraits of territories drawn at random: ``python -m benchmarks.portrait``.

The median and the longest time, in seconds, of the figures, of the page of HTML and of the PDF
together, tables warm. By default, with what the local store holds; with
``--essai N``, with N employers and counters invented in a folder of its own.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import national
from benchmarks.releve import memory_mb, say
from layers.portrait import portrait_html, portrait_pdf
from territory import communes, exclusion, portrait, settings, supply, territoires
from territory.fiche import Atlas
from tests.territory import counters

#: Overseas départements are always among those measured.
OVERSEAS = ("971", "974", "976")


def drawn(seed: int) -> dict[str, list[str]]:
    """Codes to measure, by level: 50 communes, 10 EPCI, 5 départements, 2 régions."""
    draw = np.random.default_rng(seed)
    mainland = [c for c in communes.units("departement").index if not str(c).startswith("97")]
    return {
        "communes": [str(c) for c in draw.choice(communes.units("commune").index, 50, False)],
        "EPCI": [str(c) for c in draw.choice(communes.units("epci").index, 10, False)],
        "départements": [*OVERSEAS, *(str(c) for c in draw.choice(mainland, 2, False))],
        "régions": ["R84", "R75"],
    }


def measure(codes: list[str], known: Atlas, current: settings.Settings) -> np.ndarray:
    """Seconds of the figures, the HTML and the PDF, shape (n, 3)."""
    times = []
    for code in codes:
        place = territoires.of_code(code)
        marks = [time.perf_counter()]
        made = portrait.make(place, known, current)
        marks.append(time.perf_counter())
        portrait_html(made)
        marks.append(time.perf_counter())
        portrait_pdf(made)
        marks.append(time.perf_counter())
        times.append(np.diff(marks))
    return np.array(times)


def report(seed: int) -> None:
    current = settings.load()
    began = time.perf_counter()
    known = Atlas(exclusion.measure(current, supply.usual(current)) or exclusion.unsupplied())
    measure(["26281", "200040459", "26", "R84"], known, current)
    say("portraits : tables chaudes", time.perf_counter() - began, "s", "une fois")
    for level, codes in drawn(seed).items():
        times = measure(codes, known, current)
        whole = times.sum(axis=1)
        parts = ", ".join(f"{name} {np.median(column):.2f}" for name, column
                          in zip(("chiffres", "HTML", "PDF"), times.T, strict=True))
        for name, value in (("médiane", np.median(whole)), ("le plus long", whole.max())):
            say(f"portrait, {len(codes)} {level}, {name}", float(value), "s",
                f"médianes : {parts}")
    say("portraits : mémoire la plus haute", memory_mb(), "Mo", "pages résidentes")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--essai", type=int, metavar="N", help="Nombre d’employeurs inventés.")
    parser.add_argument("--graine", type=int, default=26, help="Du tirage des territoires (26).")
    asked = parser.parse_args()
    if asked.essai is None:
        report(asked.graine)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TERRITORY_DATA_DIR"] = folder
        counters.kept(settings.load(), "2018")
        counters.kept(settings.load(), "2024")
        national.write(Path(folder), asked.essai)
        report(asked.graine)


if __name__ == "__main__":
    main()
