"""Access of all France beside PySAL ``access``: ``python -m benchmarks.banking [--calcul NOM]``.

Counts are drawn at random with the shape of the real ones (a sixth of the communes equipped, about
one counter for 2 000 inhabitants); each computation runs in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

from territory import communes
from territory.indicators import accessibility, banking
from territory.indicators.decay import RINGS
from territory.indicators.sites import at_reference_points, pairs


def country() -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    table = communes.table()
    whole = table[(table["type"] == "COM") & table["population"].notna()]
    people = whole["population"].astype(float)
    draw = np.random.default_rng(1)
    expected = people / 2_000
    equipped = draw.random(len(whole)) < np.minimum(expected, 1.0)
    counts = pd.Series(np.where(equipped, np.maximum(1, expected.round()), 0), index=whole.index)
    return whole[["longitude", "latitude"]], people, counts


def ours() -> pd.Series:
    places, people, counts = country()
    return accessibility.e2sfca(places, people, at_reference_points(places, counts))


def everything() -> pd.Series:
    return banking.by_commune(*country())["e2sfca"]


def pysal() -> pd.Series:
    from access import fca, weights

    places, people, counts = country()
    # The distances it asks for are ours: only its own work differs.
    rows, columns, km = pairs(places, places, RINGS.radius_km)
    costs = pd.DataFrame({"origin": places.index[rows], "dest": places.index[columns], "cost": km})
    step = weights.step_fn(dict(zip(RINGS.limits_km, RINGS.weights, strict=True)))
    return 1e4 * fca.two_stage_fca(
        people.rename("demand").to_frame(), counts.rename("supply").to_frame(), costs,
        max_cost=RINGS.radius_km, demand_index=True, supply_index=True, weight_fn=step,
    )


CALCULS = {"e2sfca": ours, "tous les indicateurs": everything, "PySAL access": pysal}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calcul", choices=CALCULS)
    asked = parser.parse_args().calcul
    if asked is None:
        for name in CALCULS:
            subprocess.run([sys.executable, "-m", "benchmarks.banking", "--calcul", name],
                           check=True)
        return
    country()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    score = CALCULS[asked]()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{asked} : {len(score)} communes, {seconds:.2f} s, {peak:.0f} Mo au plus "
          f"(dont {before:.0f} avant), somme {score.sum():.3f}")


if __name__ == "__main__":
    main()
