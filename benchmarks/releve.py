"""A measure in a process of its own, one JSON line each: what it took, and a check of its result.

Every benchmark is a module with ``WAYS`` (name → function of the arguments that yields records)
and calls :func:`main`; without ``--voie`` it runs each way in a new process, so that none pays for
the memory or the caches of another.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

#: A record: ``mesure``, ``ms`` (median), ``fois``, ``resultat`` (digest or count), ``memoire_mo``.
Record = dict[str, Any]
Way = Callable[[argparse.Namespace], Iterable[Record]]


def timed(action: Callable[[], Any], times: int) -> tuple[float, Any]:
    """Median of some runs, milliseconds, and the last answer."""
    taken = []
    answer = None
    for _ in range(times):
        start = time.perf_counter()
        answer = action()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), answer


def digest(rows: Iterable[int]) -> str:
    """Digest of a set of rows, to compare answers."""
    ordered = np.sort(np.asarray(list(rows), dtype=np.int64))
    return hashlib.sha256(ordered.tobytes()).hexdigest()[:12]


def say(what: str, value: float, unit: str, how: str) -> None:
    """Print a figure that nothing is compared with."""
    print(json.dumps({"mesure": what, "valeur": round(value, 2), "unite": unit, "comment": how},
                     ensure_ascii=False), flush=True)


def memory_mb() -> float:
    """Most memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(
    module: str, ways: Mapping[str, Way],
    declare: Callable[[argparse.ArgumentParser], None] = lambda _: None,
) -> None:
    """Run one way here, or each in a process of its own."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--voie", choices=ways)
    declare(parser)
    arguments = parser.parse_args()
    if arguments.voie is not None:
        for record in ways[arguments.voie](arguments):
            print(json.dumps({"voie": arguments.voie, **record}, ensure_ascii=False), flush=True)
        return
    print(json.dumps({"charge_machine": round(os.getloadavg()[0], 1)}), flush=True)
    for name in ways:
        done = subprocess.run(
            [sys.executable, "-m", module, *sys.argv[1:], "--voie", name],
            check=False, capture_output=True, text=True,
        )
        print(done.stdout, end="", flush=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["arrêté"])[-1]
            print(json.dumps({"voie": name, "echec": last}, ensure_ascii=False), flush=True)
