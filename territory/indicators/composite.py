"""Two axes, access and fragility, their 3 × 3 crossing, and an optional composite that is argued.

No source fixes weights: both axes are always shown, the composite only when it is asked for, its
weights visible and its stability said. « Exclusion bancaire » is the crossing of both, never one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory.errors import InvalidInputError
from territory.geo import Array
from territory.indicators.sites import floats, people_of
from territory.progress import Watch
from territory.text import number

#: Below this part of the weight, an axis is not told (reference, formula f).
KNOWN_WEIGHT: Final = 0.6
#: This project's own default weights; the higher the rank the worse.
ACCESS_WEIGHTS: Final[Mapping[str, float]] = {
    "minutes": 40.0, "minutes_postal": 20.0, "e2sfca": 25.0, "evolution": 15.0,
}
FRAGILITY_WEIGHTS: Final[Mapping[str, float]] = {
    "part_aides_logement": 35.0, "revenu_imposable_par_hab": 20.0, "part_65p": 20.0,
    "part_qpv": 15.0, "surendettement": 10.0,
}
#: Indicators of which more is better.
BETTER_HIGH: Final = frozenset({"e2sfca", "evolution", "revenu_imposable_par_hab"})

Mean = Literal["geometrique", "arithmetique"]


def percentile_rank(
    values: pd.Series, population: pd.Series, *, better_high: bool = False
) -> pd.Series:
    """Rank among inhabitants, 0 the best and 100 the worst: ``100 × (B + T / 2) / P``.

    ``B`` is the people of the places that are better, ``T`` of those that are equal, ``P`` of
    all the places whose value is known. Ranks and not a scale from least to most: distances have
    long tails.

    Returns
    -------
    pandas.Series
        float64, same index; NaN where the value is missing. A place of unknown population is
        ranked, and weighs nothing in the rank of others.
    """
    worse = floats(values) * (-1.0 if better_high else 1.0)
    known = ~np.isnan(worse)
    people = np.nan_to_num(people_of(population, values.index))[known]
    rank = np.full(len(worse), np.nan)
    total = people.sum()
    if total > 0:
        _, place = np.unique(worse[known], return_inverse=True)
        tied = np.bincount(place, people)
        rank[known] = (100 * (np.cumsum(tied) - tied / 2) / total)[place]
    return pd.Series(rank, index=values.index)


@dataclass(frozen=True, eq=False)
class Axis:
    """One axis of the crossing.

    Attributes
    ----------
    score
        0 the best, 100 the worst; NaN below :data:`KNOWN_WEIGHT`.
    known
        Part of the weight that is known, 0 to 1.
    """

    score: pd.Series
    known: pd.Series

    def reasons(self) -> pd.Series:
        """Say in French why a place is grey; empty where it is not."""
        share = (100 * self.known).round().map(lambda part: f"{number(part)} %")
        return ("données connues pour " + share + " du poids seulement").where(
            self.score.isna(), ""
        )


def axis(ranks: pd.DataFrame, weights: Mapping[str, float]) -> Axis:
    """Combine ranks into an axis: their weighted mean over those that are known.

    Parameters
    ----------
    ranks
        One column an indicator, see :func:`percentile_rank`; a weight without column is unknown
        everywhere.
    weights
        Indicator → weight, not negative; their sum counts.

    Raises
    ------
    InvalidInputError
        A weight is negative or no number, or all are zero.
    """
    given = np.array(list(weights.values()), dtype=float)
    if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
        msg = "Les poids sont des nombres positifs ou nuls, et l’un d’eux au moins n’est pas nul."
        raise InvalidInputError(msg)
    table = ranks.reindex(columns=list(weights)).to_numpy(dtype=float)
    score, known = _combined(table, given)
    return Axis(pd.Series(score, index=ranks.index), pd.Series(known, index=ranks.index))


def _combined(table: Array, weights: Array) -> tuple[Array, Array]:
    present = np.where(np.isnan(table), 0.0, weights)
    held = present.sum(axis=1)
    known = held / weights.sum()
    top = (np.nan_to_num(table) * weights).sum(axis=1)
    # A hair of tolerance: 0.6 of a weight is not always 0.6 in binary.
    told = known >= KNOWN_WEIGHT - 1e-12
    score = np.where(told, top / np.where(held > 0, held, np.nan), np.nan)
    return score, known


def crossing(access: pd.Series, fragility: pd.Series, population: pd.Series) -> pd.Series:
    """Bivariate class of each place, ``a-f`` with terciles of inhabitants 1 (best) to 3 (worst).

    ``3-3`` is the worst third on both: the only place where « exclusion bancaire » may be said.

    Returns
    -------
    pandas.Series
        Text, missing where an axis is.
    """
    thirds = [_third(percentile_rank(one, population)) for one in (access, fragility)]
    text = thirds[0].astype("string") + "-" + thirds[1].astype("string")
    return text.where(thirds[0].notna() & thirds[1].notna())


def _third(rank: pd.Series) -> pd.Series:
    third = np.select([rank < 100 / 3, rank < 200 / 3], [1, 2], 3)
    return pd.Series(third, index=rank.index, dtype="Int64").mask(rank.isna())


def composite(access: pd.Series, fragility: pd.Series, mean: Mean = "geometrique") -> pd.Series:
    """One figure of both axes: ``√(A × F)``, which needs both high, or ``(A + F) / 2``."""
    if mean == "arithmetique":
        return (access + fragility) / 2
    return (access * fragility) ** 0.5


def stability(
    access: pd.DataFrame,
    fragility: pd.DataFrame,
    access_weights: Mapping[str, float],
    fragility_weights: Mapping[str, float],
    population: pd.Series,
    *,
    mean: Mean = "geometrique",
    draws: int = 200,
    spread: float = 0.5,
    seed: int = 0,
    watch: Watch | None = None,
) -> pd.DataFrame:
    """Range of the rank and of the class when each weight is drawn again within ± ``spread``.

    Parameters
    ----------
    access, fragility
        Ranks, see :func:`axis`.
    access_weights, fragility_weights
        Centres of the draws, uniform and independent.
    population
        Inhabitants by place.
    seed
        Same seed, same answer on any machine.
    watch
        Told of progress; may stop the work.

    Returns
    -------
    pandas.DataFrame
        Same index: ``rang_min`` and ``rang_max`` (percentile rank of the composite, 100 the
        worst), ``part_meme_classe`` (share of the draws that keep the class of the centre), and
        ``robuste`` (boolean: in 90 % of the draws at least); missing where the composite is.
    """
    draw = np.random.default_rng(seed)
    tables = [
        (ranks.reindex(columns=list(weights)).to_numpy(dtype=float),
         np.array(list(weights.values()), dtype=float))
        for ranks, weights in ((access, access_weights), (fragility, fragility_weights))
    ]
    index = access.index

    def judged(factors: list[npt.NDArray[np.float64]]) -> tuple[pd.Series, pd.Series]:
        scores = [
            pd.Series(_combined(table, weights * factor)[0], index=index)
            for (table, weights), factor in zip(tables, factors, strict=True)
        ]
        rank = percentile_rank(composite(scores[0], scores[1], mean), population)
        return rank, crossing(scores[0], scores[1], population)

    rank, usual = judged([np.ones(len(weights)) for _, weights in tables])
    lowest = highest = rank.to_numpy(dtype=float)
    same = np.zeros(len(index))
    for rank_of_draw in range(draws):
        if watch is not None:
            watch.tell(rank_of_draw, draws, "Tirage des poids")
            watch.check()
        again, classes = judged(
            [draw.uniform(1 - spread, 1 + spread, len(weights)) for _, weights in tables]
        )
        moved = again.to_numpy(dtype=float)
        lowest, highest = np.fmin(lowest, moved), np.fmax(highest, moved)
        same += (classes == usual).fillna(False).to_numpy(dtype=bool)
    share = pd.Series(same / draws, index=index).where(usual.notna())
    return pd.DataFrame(
        {
            "rang_min": np.where(rank.notna(), lowest, np.nan),
            "rang_max": np.where(rank.notna(), highest, np.nan),
            "part_meme_classe": share,
            "robuste": (share >= 0.9).astype("boolean").mask(share.isna()),
        },
        index=index,
    )
