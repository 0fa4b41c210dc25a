"""Fragility of the inhabitants: ratios of counts, by commune and by larger unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Below this share of the population with known data, a unit's figure is missing.
MIN_COVERAGE = 0.5


@dataclass(frozen=True)
class FragilityMeasure:
    """A ratio: ``factor × numerator ÷ denominator``, both columns of the fragility table."""

    numerator: str
    denominator: str
    factor: float


def ratio(table: pd.DataFrame, measure: FragilityMeasure) -> pd.Series:
    """Ratio of each row.

    Parameters
    ----------
    table
        Columns named by the measure; indexed by commune.

    Returns
    -------
    pandas.Series
        float64, same index; NaN where a term is missing or the denominator is zero (a commune
        without inhabitants has no share).
    """
    top = table[measure.numerator].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    bottom = table[measure.denominator].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    bottom = np.where(bottom > 0, bottom, np.nan)
    return pd.Series(measure.factor * top / bottom, index=table.index)


def ratio_by(
    table: pd.DataFrame, measure: FragilityMeasure, groups: pd.Series, population: pd.Series
) -> pd.Series:
    """Ratio of sums over groups of communes.

    Only communes where both terms are known enter the sums; a group where they hold less than
    :data:`MIN_COVERAGE` of the population is missing.

    Parameters
    ----------
    table
        Indexed by commune.
    groups
        Unit code of each commune, same index; missing means in no unit.
    population
        Inhabitants of each commune, same index.

    Returns
    -------
    pandas.Series
        float64 indexed by unit code.
    """
    known = table[measure.numerator].notna() & table[measure.denominator].notna()
    terms = table[[measure.numerator, measure.denominator]].astype("Float64").where(known)
    inhabitants = population.astype("Float64").fillna(0)
    frame = terms.assign(known=inhabitants.where(known, 0), all=inhabitants, group=groups)
    sums = frame.dropna(subset=["group"]).groupby("group").sum(min_count=1)
    covered = (sums["known"] / sums["all"].where(sums["all"] > 0)).fillna(0) >= MIN_COVERAGE
    return ratio(sums, measure).where(covered.to_numpy(dtype=bool))
