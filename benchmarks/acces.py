"""Nearest counter and E2SFCA of all France: ours beside geopandas and PySAL ``access``.

``python -m benchmarks.acces``. Counts are drawn at random with the shape of the real ones (a sixth
of the communes equipped, about one counter for 2 000 inhabitants). Everybody starts from the same
coordinates. ``access`` can measure the distances itself, every commune to every equipped one: 190
million pairs for France, more than this machine holds, so that it is asked for one région; for
France it is given the pairs of a spatial join, as its documentation advises.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.releve import Record, main, memory_mb, timed
from territory import communes
from territory.indicators import accessibility, banking
from territory.indicators.decay import RINGS
from territory.indicators.sites import at_reference_points, pairs

Country = tuple[pd.DataFrame, pd.Series, pd.Series]

TIMES = 5
#: Largest région whose pairs ``access`` can hold with the rest.
REGION = "84"
NEAREST = "guichet le plus proche, France"
E2SFCA = "E2SFCA, France"
E2SFCA_REGION = "E2SFCA, Auvergne-Rhône-Alpes"


def country(region: str | None = None) -> Country:
    """Places (degrees), inhabitants and counters of the communes."""
    table = communes.table()
    whole = table[(table["type"] == "COM") & table["population"].notna()]
    # The planar ways have one projection: mainland France alone.
    whole = whole[~whole["code_departement"].str.startswith("97")]
    people = whole["population"].astype(float)
    draw = np.random.default_rng(1)
    expected = people / 2_000
    equipped = draw.random(len(whole)) < np.minimum(expected, 1.0)
    counts = pd.Series(np.where(equipped, np.maximum(1, expected.round()), 0), index=whole.index)
    kept = slice(None) if region is None else (whole["code_region"] == region).to_numpy()
    return whole.loc[kept, ["longitude", "latitude"]], people[kept], counts[kept]


def _projected(places: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = gpd.points_from_xy(places["longitude"], places["latitude"], crs=4326)
    return gpd.GeoDataFrame(index=places.index, geometry=shapes).to_crs(2154)


def _record(what: str, action: Callable[[], pd.Series], times: int = TIMES) -> Record:
    ms, found = timed(action, times)
    return {"mesure": what, "ms": ms, "fois": times, "resultat": round(float(found.sum()), 1)}


def ours(_: argparse.Namespace) -> Iterable[Record]:
    places, people, counts = country()
    yield _record(NEAREST, lambda: accessibility.nearest(
        places, at_reference_points(places, counts), 1)[1])
    yield _record(E2SFCA, lambda: accessibility.e2sfca(
        places, people, at_reference_points(places, counts)))
    some, there, held = country(REGION)
    yield _record(E2SFCA_REGION, lambda: accessibility.e2sfca(
        some, there, at_reference_points(some, held)))
    yield _record("tous les indicateurs bancaires, France",
                  lambda: banking.by_commune(places, people, counts)["e2sfca"])
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def geopandas_nearest(_: argparse.Namespace) -> Iterable[Record]:
    places, _, counts = country()

    def nearest() -> pd.Series:
        shapes = _projected(places)
        found = shapes.sjoin_nearest(shapes[counts > 0], distance_col="m")
        return found.groupby(level=0)["m"].first() / 1000

    yield _record(NEAREST, nearest)
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def _access(demand: Any, supply: Any, costs: pd.DataFrame | None) -> Any:
    from access import Access

    given = costs if costs is not None else pd.DataFrame({"origin": [], "dest": [], "cost": []})
    return Access(
        demand_df=demand, demand_value="people", supply_df=supply, supply_value="counters",
        cost_df=given, cost_origin="origin", cost_dest="dest", cost_name="cost",
    )


def _catchment(prepared: Any, name: str) -> pd.Series:
    from access import weights

    step = weights.step_fn(
        {1000 * km: weight for km, weight in zip(RINGS.limits_km, RINGS.weights, strict=True)}
    )
    found = prepared.enhanced_two_stage_fca(
        name="a", cost=name, max_cost=1000 * RINGS.radius_km, weight_fn=step
    )
    return 1e4 * found["a_counters"]


def access_joined(_: argparse.Namespace) -> Iterable[Record]:
    places, people, counts = country()

    def score() -> pd.Series:
        demand = _projected(places).assign(people=people)
        supply = _projected(places).assign(counters=counts)[counts > 0]
        reach = supply[["geometry"]].set_geometry(supply.buffer(1000 * RINGS.radius_km))
        joined = demand[["geometry"]].sjoin(reach.rename_axis("dest"), predicate="within")
        metres = joined.geometry.distance(supply.geometry.loc[joined["dest"]], align=False)
        costs = pd.DataFrame({"origin": joined.index, "dest": joined["dest"], "cost": metres})
        return _catchment(_access(demand, supply, costs.reset_index(drop=True)), "cost")

    yield _record(E2SFCA, score, 1)
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def access_alone(_: argparse.Namespace) -> Iterable[Record]:
    places, people, counts = country(REGION)

    def score() -> pd.Series:
        demand = _projected(places).assign(people=people)
        supply = _projected(places).assign(counters=counts)[counts > 0]
        prepared = _access(demand, supply, None)
        prepared.create_euclidean_distance("m", threshold=1000 * RINGS.radius_km)
        return _catchment(prepared, "m")

    yield _record(E2SFCA_REGION, score, 1)
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def access_given(_: argparse.Namespace) -> Iterable[Record]:
    """Only its own work, on our distances: the check that both compute the same thing."""
    from access import fca, weights

    places, people, counts = country()
    rows, columns, km = pairs(places, places, RINGS.radius_km)
    costs = pd.DataFrame({"origin": places.index[rows], "dest": places.index[columns], "cost": km})
    step = weights.step_fn(dict(zip(RINGS.limits_km, RINGS.weights, strict=True)))
    yield _record(E2SFCA, lambda: 1e4 * fca.two_stage_fca(
        people.rename("demand").to_frame(), counts.rename("supply").to_frame(), costs,
        max_cost=RINGS.radius_km, demand_index=True, supply_index=True, weight_fn=step,
    ), 1)


WAYS = {
    "Périmètre": ours, "geopandas, sjoin_nearest": geopandas_nearest,
    "access, paires d’une jointure": access_joined, "access seul": access_alone,
    "access, nos distances données": access_given,
}

if __name__ == "__main__":
    main("benchmarks.acces", WAYS)
