"""How well a ranking finds places that are hidden from it: lift, intervals and tests by chance.

Nothing here knows PTCE. A ranking is read through the *membership* of each place in its first part:
1 when it is surely there, 0 when it is surely not, and the chance of a fair draw when its score is
tied with others at the limit. So ties, frequent in a short list, favour nobody.

All draws come from one seeded generator: the same tables give the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from territory.errors import InvalidInputError
from territory.geo import Array

Truth = npt.NDArray[np.bool_]

DRAWS: Final = 9999
SEED: Final = 20_261_128
#: Level of the intervals.
LEVEL: Final = 0.95

#: Two sums of the same numbers in another order differ by less.
_EPSILON: Final = 1e-9
#: Draws made at once: bounds the memory.
_BATCH: Final = 1000


@dataclass(frozen=True)
class Chance:
    """A ranking against chance.

    Attributes
    ----------
    share
        Part of the places that is looked at, 0 to 1.
    places, first
        Places ranked, and how many of them are in that part.
    hidden
        Hidden places among those ranked.
    hits
        Hidden places expected in the first part; not an integer when scores are tied.
    lift
        ``(hits / hidden) / (first / places)``; 1 is chance, NaN when nothing is hidden.
    interval
        Percentile bootstrap of the lift over the hidden places.
    p
        One-sided permutation test: the hidden places are drawn anew within each stratum.
    """

    share: float
    places: int
    first: int
    hidden: int
    hits: float
    lift: float
    interval: tuple[float, float]
    p: float


@dataclass(frozen=True)
class Versus:
    """A ranking against another one, over the same places.

    Attributes
    ----------
    hits
        Hidden places expected in the first part of the other one.
    lift
        Hits of the ranking over those of the other one; 1 when they find as many, infinite when
        only the other one finds none, NaN when neither finds any.
    interval
        Percentile bootstrap of that ratio; NaN when more than half of the draws have none.
    p
        One-sided swap test: under the null hypothesis the two rankings are exchangeable at each
        hidden place.
    """

    hits: float
    lift: float
    interval: tuple[float, float]
    p: float


def membership(scores: npt.ArrayLike, share: float) -> Array:
    """Chance of each place to be in the first part of a ranking, shape (n,).

    Parameters
    ----------
    scores
        Higher is better, shape (n,); ``-inf`` for what is put last. No NaN.
    share
        Part looked at; the number of places is rounded up.

    Raises
    ------
    InvalidInputError
        The share is not between 0 and 1, or a score is missing.
    """
    values = np.asarray(scores, dtype=float)
    if not 0 < share <= 1:
        raise InvalidInputError("La part regardée doit être comprise entre 0 et 1.")
    if np.isnan(values).any():
        raise InvalidInputError("Un score manque : retirez le lieu du classement, ou dites-le.")
    if not len(values):
        return values
    first = first_places(len(values), share)
    limit = np.sort(values)[-first]
    above, tied = values > limit, values == limit
    return np.asarray(above + tied * ((first - above.sum()) / tied.sum()), dtype=float)


def first_places(places: int, share: float) -> int:
    """Count the places of a share, rounded up."""
    return int(np.ceil(share * places - _EPSILON))


def chance(
    scores: npt.ArrayLike, truth: Truth, share: float, strata: npt.ArrayLike | None = None,
    *, draws: int = DRAWS, seed: int = SEED,
) -> Chance:
    """Measure how a ranking does against chance.

    Parameters
    ----------
    scores
        See :func:`membership`.
    truth
        Hidden places, shape (n,).
    share
        Part looked at.
    strata
        Group of each place, shape (n,): draws keep the number of hidden places of each, so that a
        region both well listed and rich in hidden places does not pass for a finding.
    draws, seed
        Of the bootstrap and of the test.
    """
    member = membership(scores, share)
    places, hidden = len(member), int(truth.sum())
    first = first_places(places, share)
    hits = float(member[truth].sum())
    expected = hidden * first / places if places else np.nan
    rng = np.random.default_rng(seed)
    resampled = _resampled(member[truth][:, None], rng, draws)[:, 0]
    return Chance(
        share, places, first, hidden, hits,
        hits / expected if hidden else np.nan,
        _interval(resampled / expected) if hidden else (np.nan, np.nan),
        permutation_p(member, truth, strata, draws=draws, seed=seed),
    )


def permutation_p(
    member: Array, truth: Truth, strata: npt.ArrayLike | None = None,
    *, draws: int = DRAWS, seed: int = SEED,
) -> float:
    """Chance of finding as many hidden places when they are put at random within each stratum.

    ``(1 + draws that do as well) / (1 + draws)``; NaN when nothing is hidden.
    """
    if not truth.any():
        return np.nan
    groups = np.zeros(len(member), dtype=int)
    if strata is not None:
        _, groups = np.unique(np.asarray(strata).astype(str), return_inverse=True)
    rng = np.random.default_rng(seed)
    found = np.zeros(draws)
    for group in np.unique(groups[truth]):
        inside = member[groups == group]
        count = int(truth[groups == group].sum())
        for start in range(0, draws, _BATCH):
            stop = min(start + _BATCH, draws)
            keys = rng.random((stop - start, len(inside)))
            drawn = np.argpartition(keys, count - 1, axis=1)[:, :count]
            found[start:stop] += inside[drawn].sum(axis=1)
    return _p(found, float(member[truth].sum()))


def versus(
    scores: npt.ArrayLike, other: npt.ArrayLike, truth: Truth, share: float,
    *, draws: int = DRAWS, seed: int = SEED,
) -> Versus:
    """Compare a ranking with another one; parameters of :func:`chance`."""
    both = np.column_stack([membership(scores, share)[truth], membership(other, share)[truth]])
    hits, others = both.sum(axis=0)
    if not len(both):
        return Versus(0.0, np.nan, (np.nan, np.nan), np.nan)
    rng = np.random.default_rng(seed)
    sums = _resampled(both, rng, draws)
    signs = rng.choice([-1.0, 1.0], size=(draws, len(both)))
    gap = both[:, 0] - both[:, 1]
    return Versus(
        float(others), float(_ratio(hits, others)),
        _interval(_ratio(sums[:, 0], sums[:, 1])), _p(signs @ gap, float(gap.sum())),
    )


def _ratio(top: npt.ArrayLike, bottom: npt.ArrayLike) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(top, bottom), dtype=float)


def _resampled(values: Array, rng: np.random.Generator, draws: int) -> Array:
    """Sum the columns over rows drawn with replacement, shape (draws, columns)."""
    rows = len(values)
    if not rows:
        return np.zeros((draws, values.shape[1]))
    weights = rng.multinomial(rows, np.full(rows, 1 / rows), size=draws)
    return np.asarray(weights @ values, dtype=float)


def _interval(values: Array) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if len(known) * 2 < len(values):
        return np.nan, np.nan
    tail = (1 - LEVEL) / 2
    # Without interpolation: a ratio may be infinite.
    low, high = np.quantile(known, [tail, 1 - tail], method="inverted_cdf")
    return float(low), float(high)


def _p(drawn: Array, seen: float) -> float:
    return float((1 + (drawn >= seen - _EPSILON).sum()) / (1 + len(drawn)))
