"""Places, sites of supply and population: the shapes accessibility is computed from.

- *places*: indexed by code, ``longitude`` and ``latitude`` (degrees, EPSG:4326), all finite;
- *sites*: one row a place of supply, ``longitude``, ``latitude`` and ``guichets``, the number of
  counters there (several at one address stay several; NaN: unknown number; no such column: one a
  row). :func:`at_reference_points` makes them from counts by commune;
- *population*: Series of inhabitants by place, NaN where unknown.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from territory.errors import InvalidInputError
from territory.geo import Array
from territory.geodesic import couples_km, earth_vectors, line_m

_COLUMNS = ["longitude", "latitude", "guichets"]


def at_reference_points(places: pd.DataFrame, counts: pd.Series) -> pd.DataFrame:
    """Sites of the commune convention: every counter stands at its commune's reference point.

    A commune with a counter is then at distance 0 of it, as in the yearly report of the Banque de
    France on access to cash; this hides how large a commune is.

    Parameters
    ----------
    counts
        Counters by code. A place absent from it is unknown, not without counters.

    Returns
    -------
    pandas.DataFrame
        Sites, indexed by code: the places with counters and those where their number is unknown.
    """
    known = floats(counts.reindex(places.index))
    sites = places[["longitude", "latitude"]].assign(guichets=known)
    return sites[sites["guichets"] != 0]


def pairs(
    places: pd.DataFrame, sites: pd.DataFrame, radius_km: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Array]:
    """Row of the place, row of the site and kilometres of every couple within a radius.

    The radius is at most :data:`territory.geodesic.FAR_KM`.
    """
    here, there = lonlat(places), lonlat(sites)
    starts, ends = earth_vectors(*here.T), earth_vectors(*there.T)
    near = cKDTree(starts).sparse_distance_matrix(
        cKDTree(ends), float(line_m(radius_km)), output_type="ndarray"
    )
    rows, columns = near["i"], near["j"]
    km = couples_km(starts, ends, rows, columns)
    kept = km <= radius_km
    return rows[kept], columns[kept], km[kept]


def checked(sites: pd.DataFrame) -> pd.DataFrame:
    """Sites with their number of counters as float64, refusing what cannot be one."""
    if "guichets" not in sites:
        sites = sites.assign(guichets=1.0)
    sites = sites[_COLUMNS].astype("Float64").astype(float)
    counters = sites["guichets"]
    if ((counters < 0) | (counters % 1 != 0) & counters.notna()).any():
        msg = "Un nombre de guichets est un entier positif, nul ou inconnu."
        raise InvalidInputError(msg)
    return sites[counters != 0]


def lonlat(table: pd.DataFrame) -> Array:
    """Longitudes and latitudes, shape (n, 2)."""
    points = table[["longitude", "latitude"]].to_numpy(dtype=float)
    missing = int((~np.isfinite(points).all(axis=1)).sum())
    if missing:
        # Left out, a counter would be a zero; it can be placed in its commune, or set aside aloud.
        msg = (
            f"Des lieux n’ont pas de coordonnées ({missing}) : placez-les à leur commune, ou "
            "retirez-les."
        )
        raise InvalidInputError(msg)
    return points


def people_of(population: pd.Series, index: pd.Index) -> Array:
    """Inhabitants of each place, NaN where unknown; shape (n,)."""
    return floats(population.reindex(index))


def floats(values: pd.Series) -> Array:
    """Numbers of a Series, NaN where missing; shape (n,)."""
    return np.asarray(
        values.astype("Float64").to_numpy(dtype=float, na_value=np.nan), dtype=float
    )


def sums(groups: npt.NDArray[np.int64], values: Array, count: int) -> Array:
    """Sum of values by group, NaN as soon as one is; shape (count,)."""
    total: Array = np.bincount(groups, values, minlength=count).astype(float)
    return total


def ratio(top: Array, bottom: Array) -> Array:
    """Ratio term by term, NaN where the denominator is not positive."""
    answer: Array = np.asarray(top / np.where(bottom > 0, bottom, np.nan), dtype=float)
    return answer


def positive(value: float, what: str) -> None:
    """Refuse a setting that is not a positive number, named in French."""
    if not (np.isfinite(value) and value > 0):
        msg = f"{what} doit être un nombre positif."
        raise InvalidInputError(msg)
