"""Trades (filières): their list, how a person names one, and what a NAF code lets presume."""

from __future__ import annotations

import functools
from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import store
from territory.codes import naf_nomenclature
from territory.errors import InvalidInputError
from territory.text import excerpt, fold

UNKNOWN = "inconnue"
#: What the table calls an activity that is no trade.
OUT_OF_FIELD = "hors champ"
#: Between the trades of one supplier.
SEPARATOR = " ; "

#: Origin of a filière → French label.
ORIGINS = {
    "declaree": "déclarée dans la source",
    "presumee_naf": "présumée d’après le code NAF",
    "inconnue": "origine inconnue",
}


@functools.cache
def names() -> tuple[str, ...]:
    """Filières known to the table, sorted; ``hors champ`` left out."""
    table = store.read("naf_filieres")
    return tuple(sorted(set(table["filiere"]) - {OUT_OF_FIELD}, key=fold))


def resolve(text: str) -> str:
    """Return the filière a text stands for, whatever its case and accents.

    Raises
    ------
    InvalidInputError
        No filière bears this name.
    """
    for name in (*names(), UNKNOWN):
        if fold(name) == fold(text):
            return name
    msg = f"La filière « {excerpt(text)} » n’existe pas. Filières connues : {', '.join(names())}."
    raise InvalidInputError(msg)


def split(filiere: str) -> tuple[str, ...]:
    """Trades of a cell: a supplier may declare several, written with « ; »."""
    return tuple(part.strip() for part in filiere.split(SEPARATOR.strip()) if part.strip())


def matches(column: pd.Series, wanted: Collection[str]) -> npt.NDArray[np.bool_]:
    """Boolean array, shape (n,): the cells that hold at least one of the wanted trades."""
    kept = {cell for cell in column.unique() if not set(split(cell)).isdisjoint(wanted)}
    return column.isin(kept).to_numpy(dtype=bool)


def of_establishments(naf: pd.Series, *, bio: pd.Series, rge: pd.Series) -> pd.DataFrame:
    """Trade of establishments known by Sirene and by two registers of labels.

    Agence Bio's operators declare farm or food; holders of the label RGE declare works of
    insulation or renewable energy. Others are presumed from their activity code, with the
    certainty of the table.

    Parameters
    ----------
    naf
        NAF code with its dot, empty when unknown, shape (n,); only rév. 2 presumes a trade.
    bio, rge
        Whether a register holds the establishment.

    Returns
    -------
    pandas.DataFrame
        Same index: ``filiere``, ``filiere_origine``, ``filiere_source``, ``filiere_certitude``.
    """
    guesses = {
        code: _guess(code) if naf_nomenclature(code) == "NAF rév. 2" else (UNKNOWN, "")
        for code in naf.unique()
    }
    trade = naf.map(lambda code: guesses[code][0])
    known = trade != UNKNOWN
    declared = bio | rge
    register = np.where(bio, "Agence Bio, par l’API Recherche d’entreprises",
                        "label RGE, par l’API Recherche d’entreprises")
    return pd.DataFrame(
        {
            "filiere": np.where(bio, "Agriculture et alimentation",
                                np.where(rge, "Ecoconstruction", trade)),
            "filiere_origine": np.where(
                declared, "declaree", np.where(known, "presumee_naf", "inconnue")
            ),
            "filiere_source": np.where(
                declared, register, np.where(known, "code NAF rév. 2, table de ce projet", "")
            ),
            "filiere_certitude": np.where(
                declared, "", naf.map(lambda code: guesses[code][1])
            ),
        },
        index=naf.index,
    )


def presumed(naf: str) -> str:
    """Filière a NAF rev. 2 code lets presume: the longest prefix of the table wins."""
    return _guess(naf.strip())[0]


def _guess(naf: str) -> tuple[str, str]:
    """Trade and certainty; an activity out of the field (unions, public bodies) has no trade."""
    table = _prefixes()
    for length in range(len(naf), 1, -1):
        if naf[:length] in table:
            trade, certainty = table[naf[:length]]
            return (UNKNOWN, "") if trade == OUT_OF_FIELD else (trade, certainty)
    return UNKNOWN, ""


@functools.cache
def _prefixes() -> dict[str, tuple[str, str]]:
    table = store.read("naf_filieres")
    return {
        prefix: (trade, certainty)
        for prefix, trade, certainty in zip(
            table["naf_prefixe"], table["filiere"], table["certitude"], strict=True
        )
    }
