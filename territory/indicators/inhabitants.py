"""Means over inhabitants: what a figure by commune becomes for any set of communes."""

from __future__ import annotations

import pandas as pd

from territory.indicators.fragility import MIN_COVERAGE
from territory.indicators.sites import people_of


def mean_by(values: pd.DataFrame, population: pd.Series, groups: pd.Series) -> pd.DataFrame:
    """Mean of each column over the inhabitants of each group: ``Σ P_i x_i / Σ P_i``.

    Parameters
    ----------
    values
        Indexed by commune; NaN where unknown.
    population
        Inhabitants by commune.
    groups
        Unit of each commune, indexed by code; missing is in none.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit, float64; over the inhabitants whose value is known, missing when they are
        less than half of the unit's.
    """
    people = pd.Series(people_of(population, values.index), index=values.index).fillna(0.0)
    unit = groups.reindex(values.index)
    whole = people.groupby(unit).sum()
    numbers = values.astype("Float64").astype(float)
    known = numbers.notna().mul(people, axis=0).groupby(unit).sum()
    sums = numbers.mul(people, axis=0).where(numbers.notna(), 0.0).groupby(unit).sum()
    enough = known.ge(MIN_COVERAGE * whole, axis=0) & (known > 0)
    return (sums / known.where(known > 0)).where(enough)
