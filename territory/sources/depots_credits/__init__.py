"""The table « Dépôts et crédits » of the Banque de France, as a person brings it.

CSV or XLSX, one row a département (or région), whatever the headers. Nothing is fetched: the table
is published by Stat Info, and an export of WebStat is known by keys whose meaning this project
could not read, so it is refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from territory.errors import InvalidInputError
from territory.sources.depots_credits.balances import Balances, assembled, rows_of
from territory.sources.depots_credits.layout import (
    FORMS,
    Layout,
    Unit,
    open_file,
    period_of,
    recognise,
    unit_of,
)
from territory.sources.depots_credits.places import OVERSEAS, Level, mainland, overseas
from territory.supplier_file import RawFile
from territory.text import excerpt, plural

__all__ = [
    "FORMS", "OVERSEAS", "UNITS", "Balances", "Layout", "Level", "Unit", "mainland", "model",
    "open_file", "overseas", "read", "recognise",
]

#: Millions of euros in a unit.
UNITS: Final[Mapping[Unit, float]] = {"millions": 1.0, "milliards": 1000.0}
_LISTED: Final = 5


def read(raw: RawFile, unit: Unit | None = None) -> Balances:
    """Read the balances of a file.

    Parameters
    ----------
    raw
        See :func:`open_file`.
    unit
        What the amounts are in, when the file does not say.

    Raises
    ------
    InvalidInputError
        The unit is not known, or lines cannot be read; the sentence gives them.
    """
    layout = recognise(raw)
    factors = {role: UNITS[unit_of(layout, role, unit)] for role in layout.amounts}
    rows, faults = rows_of(layout, factors)
    if faults:
        told = " ; ".join(faults[:_LISTED])
        more = "" if len(faults) <= _LISTED else f" ; et {len(faults) - _LISTED} autres"
        msg = (f"Le fichier {excerpt(raw.name)} n’est pas importé, "
               f"{plural(len(faults), 'faute')} : {told}{more}.")
        raise InvalidInputError(msg)
    period = period_of(layout)
    return assembled(raw.name, rows, period)


def model() -> bytes:
    """Make a CSV to fill: one row a département of the métropole, in millions of euros."""
    units = mainland("departement")
    lines = ["Code département;Département;Dépôts (M€);Crédits (M€);Date"]
    lines += [f"{code};{name};;;" for code, name in units.items()]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()
