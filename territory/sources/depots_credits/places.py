"""Which territory a row of the table names."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from territory import communes
from territory.errors import InvalidInputError
from territory.text import excerpt, fold

Level = Literal["departement", "region"]
#: A territory, the whole métropole, or a total that does not say of what.
Kind = Literal["departement", "region", "metropole", "total"]

#: Overseas départements have no row in this table: the IEDOM reports on them.
OVERSEAS: Final = ("971", "972", "973", "974", "976")
_OVERSEAS_REGIONS: Final = ("01", "02", "03", "04", "06")
_MAINLAND: Final = ("france metropolitaine", "metropole", "total france metropolitaine",
                    "total metropole", "france metropolitaine total")
_TOTALS: Final = ("total", "total general", "ensemble", "total france", "france",
                  "total departements", "total des departements")


@functools.cache
def mainland(level: Level) -> Mapping[str, str]:
    """Code → name of the units of the métropole."""
    names = communes.units(level)["nom"]
    overseas = _OVERSEAS_REGIONS if level == "region" else OVERSEAS
    return {str(code): str(name) for code, name in names.items() if code not in overseas}


@functools.cache
def overseas() -> Mapping[str, str]:
    """Code → name of the overseas départements."""
    names = communes.units("departement")["nom"]
    return {code: str(names[code]) for code in OVERSEAS}


@functools.cache
def _names() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Folded name → code, of départements (overseas too) and of régions of the métropole."""
    departements = {fold(str(n)): str(c) for c, n in communes.units("departement")["nom"].items()}
    return departements, {fold(name): code for code, name in mainland("region").items()}


def place(named: Sequence[str]) -> tuple[Kind, str]:
    """Tell which territory the cells of a row name.

    Raises
    ------
    InvalidInputError
        None, or two; the message is the end of a sentence.
    """
    found = {one for one in map(named_by, filter(None, named)) if one is not None}
    if len(found) > 1:
        msg = f"{excerpt(' et '.join(filter(None, named)))} désignent deux territoires"
        raise InvalidInputError(msg)
    if not found:
        msg = f"« {excerpt(' '.join(filter(None, named)), 40)} » n’est pas un département"
        raise InvalidInputError(msg)
    return found.pop()


def named_by(cell: str) -> tuple[Kind, str] | None:
    """Territory that one cell names by its code, its name or both; None when it names none."""
    departements, regions = _names()
    codes = set(departements.values())
    text = fold(cell)
    if text in _MAINLAND:
        return "metropole", ""
    if text in _TOTALS:
        return "total", ""
    if text in departements:
        return "departement", departements[text]
    if text in regions:
        return "region", regions[text]
    # « 1 », « 01 », « 2a », « 01 - Ain », « Ain (01) ».
    match = (re.fullmatch(r"(\d{1,3}|2[ab])(?: (.+))?", text)
             or re.fullmatch(r"(?P<n>.+?) (?P<c>\d{2,3}|2[ab])", text))
    if match is None:
        return None
    code, name = ((match["c"], match["n"]) if "c" in match.groupdict()
                  else (match[1], match[2]))
    code = code.upper().zfill(2)
    if code not in codes or (name and departements.get(name) != code):
        return None
    return "departement", code
