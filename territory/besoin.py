"""The need of a buyer: places, trades and, when known, quantities; read from a file or typed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final

import numpy as np
import pandas as pd

from territory import communes, filieres
from territory.codes import carry_to_cog
from territory.communes import Commune
from territory.errors import InvalidInputError
from territory.supplier_file import RawFile
from territory.text import NBSP, excerpt, fold, number

MAX_LINES: Final = 500

#: Place, name of its commune, trade, quantity.
_Line = tuple[str, str, str, float]


def model() -> bytes:
    """Write an example of the file of a need (CSV)."""
    return (
        b"lieu,filiere,quantite\n26281,Restauration,1200\n26362,Restauration,800\n"
        b"26281,Espaces verts et nature,\n"
    )


def read(raw: RawFile) -> pd.DataFrame:
    """Read the lines of a file.

    Parameters
    ----------
    raw
        Columns ``lieu`` (commune code), ``filiere`` and, if known, ``quantite``, whatever their
        order, case and accents.

    Returns
    -------
    pandas.DataFrame
        ``lieu`` (current code), ``commune``, ``filiere``, ``quantite`` (NaN when unknown); the
        same place and trade written twice is added up.

    Raises
    ------
    InvalidInputError
        A column lacks, or a line cannot be read; the sentence gives its number.
    """
    table = raw.table.rename(columns={name: fold(name) for name in raw.table.columns})
    for column in ("lieu", "filiere"):
        if column not in table.columns:
            msg = f"Le fichier du besoin n’a pas de colonne «{NBSP}{column}{NBSP}»."
            raise InvalidInputError(msg)
    _check_length(table)
    if "quantite" not in table.columns:
        table["quantite"] = ""
    # A spreadsheet drops the first zero of a code: 1004 was 01004.
    codes = carry_to_cog(
        table["lieu"].str.upper().str.zfill(5), communes.passage(), set(communes.table().index)
    )
    return _gathered(
        _line(line, _of_code(line, code, place), trade, quantity)
        for line, code, place, trade, quantity in zip(
            table.index, codes, table["lieu"], table["filiere"], table["quantite"], strict=True
        )
    )


def typed(table: pd.DataFrame) -> pd.DataFrame:
    """Read lines typed by a person.

    Parameters
    ----------
    table
        ``commune`` (what :func:`communes.resolve` reads), ``filiere`` and ``quantite``, empty or
        missing when unknown; the index is the number of the line.

    Returns
    -------
    pandas.DataFrame
        As :func:`read`.

    Raises
    ------
    InvalidInputError
        A line cannot be read; the sentence gives its number.
    """
    _check_length(table)
    cells = table[["commune", "filiere", "quantite"]].astype(object)
    cells = cells.where(cells.notna(), "").map(lambda cell: str(cell).strip())
    return _gathered(
        _line(line, _of_name(line, place), trade, quantity)
        for line, place, trade, quantity in cells.itertuples()
    )


def _check_length(table: pd.DataFrame) -> None:
    if len(table) > MAX_LINES:
        msg = f"Le besoin dépasse {number(MAX_LINES)} lignes."
        raise InvalidInputError(msg)


def _gathered(lines: Iterable[_Line]) -> pd.DataFrame:
    table = pd.DataFrame(list(lines), columns=["lieu", "commune", "filiere", "quantite"])
    same = table.groupby(["lieu", "commune", "filiere"], sort=False)["quantite"]
    return same.agg(lambda values: values.sum(skipna=False)).reset_index()


def _refusal(line: Hashable, said: str) -> InvalidInputError:
    return InvalidInputError(f"Ligne {line} du besoin{NBSP}: {said}")


def _of_code(line: Hashable, code: object, place: str) -> Commune:
    if not isinstance(code, str):
        raise _refusal(line, f"«{NBSP}{excerpt(place)}{NBSP}» n’est pas un code Insee de commune.")
    return communes.get(code)


def _of_name(line: Hashable, place: str) -> Commune:
    try:
        return communes.resolve(place)
    except InvalidInputError as error:
        raise _refusal(line, _continued(error)) from error


def _line(line: Hashable, commune: Commune, trade: str, quantity: str) -> _Line:
    """Read a line, or refuse it with its number."""
    try:
        name = filieres.resolve(trade)
    except InvalidInputError as error:
        raise _refusal(line, _continued(error)) from error
    if name == filieres.UNKNOWN:
        raise _refusal(line, "la filière est à préciser.")
    return commune.code_insee, commune.nom, name, _amount(line, quantity)


def _continued(error: InvalidInputError) -> str:
    """Its sentence, after a colon."""
    return f"{error.user_message[:1].lower()}{error.user_message[1:]}"


def _amount(line: Hashable, text: str) -> float:
    """Read a quantity; NaN when the cell is empty."""
    if not text:
        return np.nan
    try:
        amount = float("".join(text.split()).replace(",", "."))
    except ValueError:
        amount = np.nan
    if not 0 < amount < np.inf:
        raise _refusal(
            line, f"la quantité «{NBSP}{excerpt(text)}{NBSP}» n’est pas un nombre plus grand que "
            "zéro."
        )
    return amount
