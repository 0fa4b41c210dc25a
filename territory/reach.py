"""Both reaches: the supplier in the buyer's perimeter, the buyer in the supplier's declared range.

They are two questions and stay two answers: a supplier next door may not deliver, a far one may
deliver everywhere. Places are compared by distance and by code, never by name.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import geo, portee
from territory.perimeter import Perimeter

#: Columns that :func:`served` reads.
SERVED_BY: Final = ("portee", "longitude", "latitude")


def reach(table: pd.DataFrame, perimeter: Perimeter) -> pd.DataFrame:
    """Answer both reaches for suppliers, in the perimeter or not.

    Parameters
    ----------
    table
        ``longitude``, ``latitude`` (degrees, EPSG:4326, NaN when unknown), ``code_insee`` and
        ``portee``, the declared range as it is stored.
    perimeter
        The buyer's; each of its centres is a place to be served.

    Returns
    -------
    pandas.DataFrame
        Same index, each ``oui``, ``non`` or ``inconnu``: ``dans_perimetre``, unknown for a
        supplier without coordinates whose commune is no centre of the perimeter; ``dessert``, see
        :func:`served`; ``les_deux``, unknown only when neither is a « non ».
    """
    inside, _ = perimeter.distances_km(
        table["longitude"].to_numpy(dtype=float), table["latitude"].to_numpy(dtype=float),
        table["code_insee"],
    )
    placed = np.isfinite(table[["longitude", "latitude"]].to_numpy(dtype=float)).all(axis=1)
    within = np.where(inside, "oui", np.where(placed, "non", "inconnu")).astype(object)
    delivers = served(table, perimeter)
    return pd.DataFrame(
        {"dans_perimetre": within, "dessert": delivers, "les_deux": both(within, delivers)},
        index=table.index,
    )


def served(table: pd.DataFrame, perimeter: Perimeter) -> npt.NDArray[np.object_]:
    """Tell which suppliers say that they deliver to a centre of the perimeter, shape (n,).

    ``oui`` for one centre at least, ``non`` when every centre is out of the declared range,
    ``inconnu`` otherwise, and where no range is declared. Same table as :func:`reach`.
    """
    answers = np.full(len(table), "inconnu", dtype=object)
    declared = np.flatnonzero((table["portee"] != "").to_numpy(dtype=bool))
    if not len(declared):
        return answers
    own = table.iloc[declared]
    each = np.array([
        portee.serves_each(own["portee"], center.home_code, geo.distance_km(
            center.longitude, center.latitude,
            own["longitude"].to_numpy(dtype=float), own["latitude"].to_numpy(dtype=float),
        ))
        for center in perimeter.centers
    ])
    answers[declared] = np.where(
        (each == "oui").any(axis=0), "oui",
        np.where((each == "non").all(axis=0), "non", "inconnu"),
    )
    return answers


def both(
    first: npt.NDArray[np.object_], second: npt.NDArray[np.object_]
) -> npt.NDArray[np.object_]:
    """Answer « both of them »: a « non » decides, two « oui » do, anything else is unknown."""
    no = (first == "non") | (second == "non")
    yes = (first == "oui") & (second == "oui")
    return np.where(no, "non", np.where(yes, "oui", "inconnu")).astype(object)
