"""Cut a set of blocks into the fewest parts that each keep enough common suppliers.

The suppliers of a part are those common to all its blocks: a part of a good part is good too.
Hence covering the blocks is cutting them, and the fewest parts obey, over sets S of blocks,

    f(∅) = 0,  f(S) = 1 + min f(S − T)  over good T ⊆ S that hold the first block of S,

which compares every cut (dynamic programming over subsets, 3ⁿ steps). Both second objectives are
bottlenecks, so the best bound is found by bisection: the fewest parts under « every part has at
least t common suppliers », or « no part weighs more than w », must not grow.

Beyond :data:`EXACT_BLOCKS` blocks, first fit in several orders within a time limit, with a proven
lower bound: blocks no two of which may go together each need a part of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

#: Blocks up to which every cut is compared.
EXACT_BLOCKS: Final = 12
TIME_LIMIT_S: Final = 5.0
#: Random orders tried by first fit for each bound, when time allows.
_ORDERS: Final = 100
#: Largest weights tried for the second objective, when they cannot all be.
_LEVELS: Final = 64
#: Share of the time limit for the lower bound, then for each bound tried.
_LEAST_SHARE: Final = 0.25
_CUT_SHARE: Final = 0.1
_SEED: Final = 20_261_128

Parts = list[list[int]]
#: Cuts the blocks under a least count of common suppliers and a largest weight.
Cutter = Callable[[int, float], Parts | None]


@dataclass(frozen=True)
class Solution:
    """A cut: blocks of each part, whether it is proven the best, least number of parts proven."""

    parts: tuple[tuple[int, ...], ...]
    exact: bool
    fewest: int


def solve(
    able: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64], wanted: int, *,
    objective: Literal["concurrence", "equilibre"], time_limit: float = TIME_LIMIT_S,
) -> Solution:
    """Cut blocks into the fewest parts, then for the second objective.

    Parameters
    ----------
    able
        Shape (blocks, suppliers); every block alone has at least ``wanted``.
    weights
        Shape (blocks,).
    wanted
        Common suppliers every part must have.
    objective
        ``concurrence``: the part with the fewest common suppliers has the most possible;
        ``equilibre``: the heaviest part is the lightest possible.
    time_limit
        Seconds, beyond :data:`EXACT_BLOCKS` blocks; one cut is tried whatever it is.
    """
    if len(weights) == 0:
        return Solution((), exact=True, fewest=0)
    # Suppliers as the bits of an integer: an intersection is one operation.
    common = [int.from_bytes(np.packbits(row).tobytes(), "big") for row in able]
    exact = len(weights) <= EXACT_BLOCKS
    start = time.monotonic()
    deadline = np.inf if exact else start + time_limit
    # Before the search, which takes all the time it may.
    apart = 0 if exact else _incompatible(common, wanted, start + _LEAST_SHARE * time_limit)
    cut = (
        _exhaustive(common, weights) if exact
        else _first_fit(common, weights, _CUT_SHARE * time_limit)
    )
    best = cut(wanted, np.inf)
    if best is None:
        msg = "every block alone must have enough suppliers"
        raise ValueError(msg)
    least = len(best)
    if objective == "concurrence":
        # Fewest bits of a part, from what is had to what the poorest block has.
        low = min(_shared(common, part).bit_count() for part in best)
        high = min(one.bit_count() for one in common)
        while low < high and time.monotonic() < deadline:
            middle = (low + high + 1) // 2
            tried = cut(middle, np.inf)
            if tried is not None and len(tried) <= least:
                best, low = tried, middle
            else:
                high = middle - 1
    else:
        # The heaviest part weighs what some set of blocks does, at least the mean of the parts.
        mean, now = float(weights.sum()) / least, max(_weight(weights, part) for part in best)
        levels = _weights(weights) if exact else np.linspace(mean, now, _LEVELS)
        levels = levels[(levels >= mean * (1 - 1e-9)) & (levels <= now * (1 + 1e-9))]
        first, last = 0, len(levels) - 1
        while first < last and time.monotonic() < deadline:
            rank = (first + last) // 2
            tried = cut(wanted, float(levels[rank]))
            if tried is not None and len(tried) <= least:
                best, last = tried, rank
            else:
                first = rank + 1
    parts = sorted(tuple(sorted(part)) for part in best)
    return Solution(tuple(parts), exact, least if exact else apart)


def _weights(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weights of all sets of blocks, growing; rounded up a little, for sums in another order."""
    sums = np.zeros(1)
    for one in weights:
        sums = np.concatenate([sums, sums + one])
    return np.unique(sums) * (1 + 1e-12)


def _exhaustive(common: list[int], weights: npt.NDArray[np.float64]) -> Cutter:
    """Compare every cut."""
    size = 1 << len(common)
    shared, weight = [-1] * size, [0.0] * size
    for mask in range(1, size):
        first = (mask & -mask).bit_length() - 1
        shared[mask] = shared[mask & (mask - 1)] & common[first]
        weight[mask] = weight[mask & (mask - 1)] + float(weights[first])
    counts = [0, *(bits.bit_count() for bits in shared[1:])]

    def cut(least: int, heaviest: float) -> Parts | None:
        good = [n >= least and w <= heaviest for n, w in zip(counts, weight, strict=True)]
        parts, last = [0] * size, [0] * size
        for mask in range(1, size):
            first = mask & -mask
            rest = others = mask ^ first
            fewest = len(common) + 1
            # Every subset of the others, with the first block.
            while True:
                if good[others | first] and parts[rest ^ others] + 1 < fewest:
                    fewest, last[mask] = parts[rest ^ others] + 1, others | first
                if not others:
                    break
                others = (others - 1) & rest
            parts[mask] = fewest
        if parts[-1] > len(common):
            return None
        made, left = [], size - 1
        while left:
            made.append([b for b in range(len(common)) if last[left] >> b & 1])
            left ^= last[left]
        return made

    return cut


def _first_fit(
    common: list[int], weights: npt.NDArray[np.float64], seconds: float
) -> Cutter:
    """Put each block in the part where it leaves the most suppliers; keep the best of the orders.

    The first orders are from the least supplied and from the heaviest; the others are drawn from a
    fixed seed.
    """
    def cut(least: int, heaviest: float) -> Parts | None:
        deadline = time.monotonic() + seconds
        rng = np.random.default_rng(_SEED)
        blocks = np.arange(len(common))
        orders = [
            np.argsort([one.bit_count() for one in common], kind="stable"),
            np.argsort(-weights, kind="stable"),
        ]
        best: Parts | None = None
        for rank in range(_ORDERS):
            if rank >= len(orders) and time.monotonic() > deadline:
                break
            order = orders[rank] if rank < len(orders) else rng.permutation(blocks)
            made = _fit(common, weights, order.tolist(), least, heaviest)
            if made is not None and (best is None or len(made) < len(best)):
                best = made
        return best

    return cut


def _fit(
    common: list[int], weights: npt.NDArray[np.float64], order: list[int], least: int,
    heaviest: float,
) -> Parts | None:
    parts: Parts = []
    shared: list[int] = []
    loads: list[float] = []
    for block in order:
        own = float(weights[block])
        if common[block].bit_count() < least or own > heaviest:
            return None
        fits = [
            ((shared[p] & common[block]).bit_count(), -loads[p], p) for p in range(len(parts))
            if loads[p] + own <= heaviest and (shared[p] & common[block]).bit_count() >= least
        ]
        if fits:
            where = max(fits)[2]
            parts[where].append(block)
            shared[where] &= common[block]
            loads[where] += own
        else:
            parts.append([block])
            shared.append(common[block])
            loads.append(own)
    return parts


def _incompatible(common: list[int], wanted: int, deadline: float) -> int:
    """Size of a set of blocks no two of which may share a part, grown from each block in time."""
    best = 1
    order = sorted(range(len(common)), key=lambda b: common[b].bit_count())
    for rank, start in enumerate(order):
        if rank and (best == len(common) or time.monotonic() > deadline):
            break
        alone = [start]
        for block in order:
            if all((common[block] & common[other]).bit_count() < wanted for other in alone):
                alone.append(block)
        best = max(best, len(alone))
    return best


def _shared(common: list[int], part: list[int]) -> int:
    bits = common[part[0]]
    for block in part[1:]:
        bits &= common[block]
    return bits


def _weight(weights: npt.NDArray[np.float64], part: list[int]) -> float:
    return float(weights[part].sum())
