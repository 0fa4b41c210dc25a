"""Accessibility of places to a supply: nearest, density, and floating catchment areas.

Nothing here knows banks. The shapes of *places*, *sites* and *population* are those of
:mod:`territory.indicators.sites`.

Distances are geodesic, in kilometres: no projection, so one formula serves every territory. A tree
proposes candidates by the straight line, never longer than the geodesic, and what is kept is
measured on the ellipsoid.

An unknown is never a zero. A figure that an unknown count or population could change is NaN, and
:func:`share_beyond`, which averages over people, says whom it left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from territory.errors import InvalidInputError
from territory.geo import Array
from territory.geodesic import distances_km, earth_vectors, line_m
from territory.indicators.decay import RINGS, Decay
from territory.indicators.fragility import MIN_COVERAGE
from territory.indicators.sites import (
    checked,
    floats,
    lonlat,
    pairs,
    people_of,
    positive,
    ratio,
    sums,
)

#: Default margin around a territory, kilometres.
MARGIN_KM: Final = 30.0
#: Roads are longer than straight lines by about this factor, and driven at about this speed:
#: assumptions, checked against the shares of the Banque de France (within 2 points).
DETOUR: Final = 1.3
SPEED_KMH: Final = 45.0
#: Rates are per this many inhabitants.
PER: Final = 10_000.0


def nearest(places: pd.DataFrame, sites: pd.DataFrame, k: int = 2) -> pd.DataFrame:
    """Distances to the k nearest counters: ``d_i = min_j dist(x_i, y_j)`` and the next ones.

    With :func:`at_reference_points` this is the commune convention of the Banque de France, with
    located counters the point version. Several counters at one place count as several: the second
    nearest may be as near as the first.

    Returns
    -------
    pandas.DataFrame
        Kilometres, columns 1 to k, indexed by place, shape (n, k). NaN where a site with an
        unknown number of counters is nearer than the distance found; infinite where the sites hold
        fewer than k counters in all.
    """
    sites = checked(sites)
    found = _kth_distances(lonlat(places), sites[sites["guichets"] > 0], k)
    unknown = sites[sites["guichets"].isna()].assign(guichets=1.0)
    doubt = _kth_distances(lonlat(places), unknown, 1)
    found[doubt < found] = np.nan
    return pd.DataFrame(found, index=places.index, columns=range(1, k + 1))


def _kth_distances(origins: Array, sites: pd.DataFrame, k: int) -> Array:
    """Distances to the k nearest counters of sites with at least one each, shape (n, k)."""
    found = np.full((len(origins), k), np.inf)
    if sites.empty or not len(origins):
        return found
    targets = lonlat(sites)
    tree = cKDTree(earth_vectors(*targets.T))
    vectors = earth_vectors(*origins.T)
    few = min(k, len(sites))
    # k sites hold at least k counters: the farthest of them bounds what can be among the nearest.
    _, ranked = tree.query(vectors, few)
    ranked = np.asarray(ranked).reshape(len(origins), few)
    measured = distances_km(np.repeat(origins, few, axis=0), targets[ranked.ravel()])
    bound = measured.reshape(ranked.shape).max(axis=1)
    near = tree.query_ball_point(vectors, line_m(bound))
    rows = np.repeat(np.arange(len(origins)), [len(one) for one in near])
    columns = np.concatenate([np.asarray(one, dtype=int) for one in near])
    km = distances_km(origins[rows], targets[columns])
    order = np.lexsort((km, rows))
    # Each site as many times as it has counters, up to k.
    several = np.minimum(sites["guichets"].to_numpy()[columns[order]], k).astype(int)
    rows, km = np.repeat(rows[order], several), np.repeat(km[order], several)
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = rank < k
    found[rows[kept], rank[kept]] = km[kept]
    return found


def travel_minutes(
    km: pd.Series, detour: float = DETOUR, speed_kmh: float = SPEED_KMH
) -> pd.Series:
    """Estimated driving time: ``t = 60 × detour × d / speed``, minutes, same index.

    Straight lines ignore relief, ferries and motorways: an island is as near as the line says.
    """
    positive(detour, "Le coefficient de détour")
    positive(speed_kmh, "La vitesse")
    return 60 * detour * km / speed_kmh


def density(counts: pd.Series, population: pd.Series) -> pd.Series:
    """Counters per 10 000 inhabitants, ``10 000 × N_i / P_i``; NaN without inhabitants.

    Not to be coloured below 2 000 inhabitants: one counter in a village of 300 gives 33.
    """
    people = people_of(population, counts.index)
    return pd.Series(PER * ratio(floats(counts), people), index=counts.index)


def floating_density(
    places: pd.DataFrame, population: pd.Series, sites: pd.DataFrame, radius_km: float = 10.0
) -> pd.Series:
    """Counters per 10 000 inhabitants within a radius: ``10 000 × Σ N_j / Σ P_j, d_ij ≤ r``.

    Returns
    -------
    pandas.Series
        float64 by place; NaN where any count or population within the radius is unknown, and
        where nobody lives within it.
    """
    positive(radius_km, "Le rayon")
    sites = checked(sites)
    rows, columns, _ = pairs(places, sites, radius_km)
    counters = sums(rows, sites["guichets"].to_numpy()[columns], len(places))
    rows, columns, _ = pairs(places, places, radius_km)
    people = sums(rows, people_of(population, places.index)[columns], len(places))
    return pd.Series(PER * ratio(counters, people), index=places.index)


def e2sfca(
    places: pd.DataFrame, population: pd.Series, sites: pd.DataFrame, decay: Decay = RINGS
) -> pd.Series:
    """Enhanced two-step floating catchment area, counters per 10 000 inhabitants.

    ``R_j = N_j / Σ_k P_k W(d_kj)``, then ``A_i = 10 000 × Σ_j R_j W(d_ij)`` (Luo and Qi 2009).
    Supply is conserved: ``Σ A_i P_i / 10 000`` is the number of counters that have somebody in
    reach. To be exact on a territory, both steps must be within it: see :func:`margin_of`.

    Returns
    -------
    pandas.Series
        float64 by place; 0 where every count in reach is known and none is there. NaN where a
        count in reach is unknown, where the population around a counter in reach is, or where
        a counter in reach has nobody around.
    """
    sites = checked(sites)
    people = people_of(population, places.index)
    rows, columns, km = pairs(places, sites, decay.radius_km)
    weights = decay(km)
    reach = weights > 0
    rows, columns, weights = rows[reach], columns[reach], weights[reach]
    demand = sums(columns, people[rows] * weights, len(sites))
    supply = ratio(sites["guichets"].to_numpy(), demand)
    score = sums(rows, supply[columns] * weights, len(places))
    return pd.Series(PER * score, index=places.index)


@dataclass(frozen=True)
class Share:
    """A share of the inhabitants, and whom it leaves out.

    Attributes
    ----------
    percent
        NaN when less than half of the counted inhabitants have a known time.
    people
        Inhabitants with a known time: the denominator.
    people_unknown
        Inhabitants whose time is unknown, left out.
    places_unknown
        Places of unknown population, left out.
    """

    percent: float
    people: float
    people_unknown: float
    places_unknown: int


def share_beyond(minutes: pd.Series, population: pd.Series, threshold: float) -> Share:
    """Share of people farther than a time: ``S(T) = 100 × Σ P_i [t_i > T] / Σ P_i``.

    Unlike the figures by place, a share may change when data are missing, for it is taken over
    the people whose time is known; the rest is counted in the answer.
    """
    people = people_of(population, minutes.index)
    counted = np.where(np.isnan(people), 0.0, people)
    known = minutes.notna().to_numpy()
    total, base = float(counted.sum()), float(counted[known].sum())
    beyond = float(counted[(minutes > threshold).to_numpy()].sum())
    covered = base > 0 and base >= MIN_COVERAGE * total
    return Share(
        100 * beyond / base if covered else float("nan"),
        base, total - base, int(np.isnan(people).sum()),
    )


def margin_of(decay: Decay = RINGS, margin_km: float = MARGIN_KM) -> float:
    """Margin to compute with, kilometres: twice the catchment radius, at least the margin asked.

    A counter one radius outside serves people of the territory, and shares itself with people one
    radius further: a single radius would leave its denominator short.
    """
    return max(margin_km, 2 * decay.radius_km)


def with_margin(
    places: pd.DataFrame, codes: Iterable[str], margin_km: float = MARGIN_KM
) -> pd.Index:
    """Codes of a territory and of every place within a margin of one of its places.

    Cutting at a border makes counters across it disappear: compute with these places, then crop
    with ``.loc[codes]``. Places abroad are in no table of ours and stay missing.

    Returns
    -------
    pandas.Index
        In the order of ``places``.

    Raises
    ------
    InvalidInputError
        A code is not among the places, or there is none.
    """
    wanted = pd.Index(codes)
    strangers = wanted.difference(places.index)
    if wanted.empty or len(strangers):
        named = f" : {', '.join(map(str, strangers[:5]))}" if len(strangers) else ""
        msg = f"Le territoire n’est pas fait de communes connues{named}."
        raise InvalidInputError(msg)
    home = places.loc[wanted, ["longitude", "latitude"]]
    around = nearest(places, home, k=1)[1].to_numpy() <= margin_km
    return places.index[around]
