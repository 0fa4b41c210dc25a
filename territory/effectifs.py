"""Sizes of establishments: INSEE's bands read as intervals, and what they answer to a threshold.

A band is all that Sirene publishes: « 20 à 49 salariés » is neither 20 nor 49, and an establishment
without a band is of unknown size, never of none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]

#: INSEE size code (``trancheEffectifsEtablissement``) → fewest and most employees; the last band
#: is open. « NN » is left out: INSEE says of it that it may hold unknown sizes.
BANDS: Final[dict[str, tuple[float, float]]] = {
    "00": (0, 0), "01": (1, 2), "02": (3, 5), "03": (6, 9), "11": (10, 19), "12": (20, 49),
    "21": (50, 99), "22": (100, 199), "31": (200, 249), "32": (250, 499), "41": (500, 999),
    "42": (1_000, 1_999), "51": (2_000, 4_999), "52": (5_000, 9_999), "53": (10_000, np.inf),
}
_UNKNOWN: Final = (np.nan, np.nan)


def intervals(codes: pd.Series) -> tuple[Array, Array]:
    """Fewest and most employees of each size code.

    Parameters
    ----------
    codes
        Keys of :data:`BANDS`, shape (n,); anything else is unknown.

    Returns
    -------
    low, high
        Employees, shape (n,); NaN when unknown, infinite in ``high`` for the open band.
    """
    # Each code is read once, however many structures have it; a missing one takes the last row.
    ranks, different = pd.factorize(codes)
    read = np.array([*(BANDS.get(code, _UNKNOWN) for code in different), _UNKNOWN], dtype=float)
    return read[ranks, 0], read[ranks, 1]


def at_least(codes: pd.Series, threshold: int) -> npt.NDArray[np.object_]:
    """Tell which establishments have at least so many employees: ``oui``, ``non``, ``inconnu``.

    A band astride the threshold (« 20 à 49 » for 30) does not answer: it is ``inconnu`` too.
    """
    low, high = intervals(codes)
    return np.where(low >= threshold, "oui", np.where(high < threshold, "non", "inconnu")).astype(
        object
    )
