"""Trades (filières): their list, how a person names one, and what a NAF code lets presume."""

from __future__ import annotations

import functools

from territory import store
from territory.errors import InvalidInputError
from territory.text import excerpt, fold

UNKNOWN = "inconnue"

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
    return tuple(sorted(set(table["filiere"]) - {"hors champ"}, key=fold))


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


def presumed(naf: str) -> str:
    """Filière a NAF rev. 2 code lets presume: the longest prefix of the table wins."""
    table = _prefixes()
    code = naf.strip()
    for length in range(len(code), 1, -1):
        if code[:length] in table:
            return table[code[:length]]
    return UNKNOWN


@functools.cache
def _prefixes() -> dict[str, str]:
    table = store.read("naf_filieres")
    return dict(zip(table["naf_prefixe"], table["filiere"], strict=True))
