"""Whole units: communes, EPCI, départements, régions, given by their codes.

A place is in by the code of its commune, wherever its point is: the code is what the registers
state, the point what a geocoder made of an address.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes
from territory.codes import ARRONDISSEMENTS, commune_of
from territory.communes import Level
from territory.errors import InvalidInputError, UnknownPlaceError
from territory.text import excerpt

#: More codes than communes of any région; beyond, larger units say the same.
MAX_CODES: Final = 5_000

_LEVELS: Final[tuple[Level, ...]] = ("commune", "epci", "departement", "region")


@dataclass(frozen=True)
class Unites:
    """Whole communes, named one by one or by the units they make.

    Attributes
    ----------
    codes
        ``26281`` (commune, or arrondissement of Paris, Lyon or Marseille), ``200068781`` (EPCI),
        ``26`` (département), ``R84`` (région, for 84 is also the Vaucluse); sorted, each once.
    """

    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", _checked(self.codes))

    @property
    def communes(self) -> tuple[str, ...]:
        """Codes of the whole communes, then of the arrondissements taken alone; each sorted."""
        return _communes(self.codes)

    @property
    def place_codes(self) -> frozenset[str]:
        """Codes a place of these units may bear: communes and all their arrondissements."""
        return _place_codes(self.codes)

    @property
    def split_communes(self) -> frozenset[str]:
        """Paris, Lyon, Marseille where only some arrondissements are in: the code does not tell."""
        return frozenset(commune_of(code) for code in self.communes) - self.place_codes

    def names(self, level: Level) -> list[str]:
        """Names of its units of a level, in the order of their codes."""
        return [name for of, name in map(_units().__getitem__, self.codes) if of == level]


@functools.cache
def _units() -> Mapping[str, tuple[Level, str]]:
    """Level and French name of every code."""
    table = communes.table()
    known: dict[str, tuple[Level, str]] = {}
    for code, name, departement in zip(
        table.index, table["nom"], table["nom_departement"], strict=True
    ):
        known[str(code)] = ("commune", f"{name} ({departement})".replace("'", "’"))
    for level in _LEVELS[1:]:
        prefix = "R" if level == "region" else ""
        for code, name in communes.units(level)["nom"].items():
            known[f"{prefix}{code}"] = (level, str(name).replace("'", "’"))
    return known


def _checked(codes: Sequence[object]) -> tuple[str, ...]:
    if not isinstance(codes, list | tuple) or not codes:
        msg = "Il faut au moins un code de commune, d’EPCI, de département ou de région."
        raise InvalidInputError(msg)
    if len(codes) > MAX_CODES:
        msg = "Trop de codes à la fois : nommez les départements ou les régions."
        raise InvalidInputError(msg)
    return tuple(sorted({_code(code) for code in codes}))


def _code(text: object) -> str:
    code = text.strip().upper() if isinstance(text, str) else ""
    if code in _units():
        return code
    current = communes.passage().get(code)
    if current is not None and current in _units():
        msg = (
            f"La commune {code} n’existe plus : elle fait partie de {_units()[current][1]}, dont "
            f"le code est {current}."
        )
        raise UnknownPlaceError(msg)
    shown = "".join(c for c in excerpt(text) if c.isprintable()) if isinstance(text, str) else "?"
    msg = (
        f"Aucune commune, aucun EPCI, département ou région n’a le code « {shown} » "
        "(une région s’écrit R84)."
    )
    raise UnknownPlaceError(msg)


@functools.lru_cache(maxsize=256)
def _members(codes: tuple[str, ...]) -> pd.DataFrame:
    """Rows of the commune table, arrondissements included."""
    table = communes.table()
    wanted: dict[Level, set[str]] = {level: set() for level in _LEVELS}
    for code in codes:
        level = _units()[code][0]
        wanted[level].add(code.removeprefix("R") if level == "region" else code)
    keep = table.index.isin(wanted["commune"])
    for level in _LEVELS[1:]:
        keep |= table[f"code_{level}"].isin(wanted[level]).to_numpy()
    keep |= table["code_parent"].isin(wanted["commune"]).to_numpy()
    members: pd.DataFrame = table[keep]
    return members


@functools.lru_cache(maxsize=256)
def _place_codes(codes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_members(codes).index)


@functools.lru_cache(maxsize=256)
def _communes(codes: tuple[str, ...]) -> tuple[str, ...]:
    inside = _place_codes(codes)
    whole = sorted(c for c in inside if commune_of(c) == c)
    parts = sorted(c for c in inside if commune_of(c) != c and commune_of(c) not in inside)
    return (*whole, *parts)


def finest(codes: Sequence[str] | frozenset[str] | set[str]) -> frozenset[str]:
    """Replace Paris, Lyon and Marseille by their arrondissements."""
    return frozenset(part for code in codes for part in ARRONDISSEMENTS.get(code, (code,)))
