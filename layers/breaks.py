"""Where to cut a distribution into classes: quantiles, rounded until one can read them."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.style import MAX_CLASSES, PALETTES, Classes


def classes_of(
    values: pd.Series,
    *,
    column: str,
    unit: str = "",
    decimals: int = 0,
    palette: str = "YlGnBu",
    dark_is_low: bool = False,
    note: str = "",
) -> Classes:
    """Cut a distribution into at most five classes of like size, with limits one can read.

    Quantiles, as ``mapclassify.Quantiles`` gives them (it is the oracle of the tests; importing it
    takes longer than the whole first screen may). A lowest value that fills a class by itself,
    often zero, is a class of its own.

    Parameters
    ----------
    values : Series of float, shape (n,)
        NaN is a missing value and counts for nothing.
    column : str
        Column of the layer that holds the values.
    unit, decimals : str, int
        How values are written; limits are never finer than ``decimals``.
    palette : str
        Key of :data:`PALETTES`.
    dark_is_low : bool
        Give the dark end to the low values.
    note : str
        French sentence on how to read the colours.
    """
    known = np.sort(np.asarray(values, dtype=float))
    known = known[~np.isnan(known)]
    breaks = _readable(_quantiles(known, MAX_CLASSES), known, decimals)
    colours = _shades(palette, len(breaks) + 1)
    return Classes(
        column,
        breaks,
        colours[::-1] if dark_is_low else colours,
        unit,
        decimals,
        float(known[0]) if known.size else None,
        note,
    )


def _quantiles(known: npt.NDArray[np.float64], count: int) -> list[float]:
    """Inner quantiles of sorted values, the crowd at the minimum set apart."""
    if known.size == 0 or known[0] == known[-1]:
        return []
    crowd = np.searchsorted(known, known[0], side="right")
    if crowd * count < known.size:
        return [float(q) for q in np.quantile(known, np.arange(1, count) / count)]
    rest = known[crowd:]
    return [float(known[0]), *map(float, np.quantile(rest, np.arange(1, count - 1) / (count - 1)))]


def _readable(
    limits: list[float], known: npt.NDArray[np.float64], decimals: int
) -> tuple[float, ...]:
    """Round limits to the coarsest of 1, 2, 5 × 10ⁿ that keeps them well apart."""
    distinct = sorted(set(limits))
    if not distinct:
        return ()
    gaps = np.diff([*distinct, known[-1]])
    finest = 10.0**-decimals
    room = max(float(gaps[gaps > 0].min(initial=math.inf)) / 2, finest)
    magnitude = 10.0 ** math.floor(math.log10(room) + 1e-9)
    step = max((m * magnitude for m in (1, 2, 5) if m * magnitude <= room + 1e-12), default=finest)
    rounded = {round(round(limit / step) * step, 10) for limit in distinct}
    if distinct[0] == known[0]:
        rounded = {limit for limit in rounded if limit > known[0]} | {distinct[0]}
    edges = np.array(sorted(rounded))
    below = np.searchsorted(known, edges, side="right")
    # A limit that separates nobody from the limit before it, or from the end, is no limit.
    useful = (np.diff(below, prepend=0) > 0) & (below < known.size)
    return tuple(edges[useful].tolist())


def _shades(palette: str, count: int) -> tuple[str, ...]:
    """Colours of a palette, spread over its whole length."""
    colours = PALETTES[palette]
    if count == 1:
        return (colours[len(colours) // 2],)
    return tuple(colours[round(i)] for i in np.linspace(0, len(colours) - 1, count))
