"""Facts about poles, one a line, each with its proof and its source: the second form of a file.

The table of poles says a few things of each; these say the rest, and correct it: an origin, a
number of members, the answer to a criterion of the grid.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory.ptce import sheet
from territory.ptce.criteria import CRITERIA
from territory.ptce.sheet import Row, Sheet
from territory.ptce.vocabulary import GROUPING, LISTS, MEMBERS, SEVERAL
from territory.text import fold

COLUMNS: Final = ("nom_court", "champ", "valeur", "preuve", "source_titre", "source_url",
                  "source_date")
REQUIRED: Final = ("nom_court", "champ", "valeur", "preuve", "source_titre")

_COUNT: Final = re.compile(r"(?:(au moins|environ) )?([0-9]{1,5})")
DATE: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
)
URL: Final = re.compile(r"https?://[^\s<>\"']+")
YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")

#: Fields that change a column of the table of poles.
TABLE_FIELDS: Final = ("origine", "structure", "fonctions", "filiere",
                       "structure_porteuse", "annee_creation", "situation", "situation_annee",
                       "code_epci", "code_departement")
_NATURES: Final = (GROUPING, *(c.id for c in CRITERIA if c.group == "exclusion"))
_ANSWERS: Final = tuple(f"critere_{c.id}" for c in CRITERIA if c.declarable)
_COUNTS: Final = ("membres", *(f"membres_{kind}" for kind in MEMBERS), "emplois")

#: Every field, and what its value must be, in French.
FIELDS: Final[dict[str, str]] = {
    "origine": f"un mot parmi {', '.join(LISTS['origine'])}",
    "structure": f"un mot parmi {', '.join(LISTS['structure'])}",
    "fonctions": f"un ou plusieurs mots parmi {', '.join(LISTS['fonctions'])}",
    "situation": f"un mot parmi {', '.join(LISTS['situation'])}",
    "situation_annee": "une année",
    "annee_creation": "une année",
    "filiere": "un texte",
    "structure_porteuse": "un texte",
    "autre_nom": "un texte",
    "note": "un texte",
    "code_epci": "un SIREN d’EPCI, neuf chiffres",
    "code_departement": "un code de département",
    "nature": f"un mot parmi {', '.join(_NATURES)}",
    **dict.fromkeys(_COUNTS, "un nombre, seul ou après « au moins » ou « environ »"),
    **dict.fromkeys(_ANSWERS, "oui ou non"),
}


@dataclass(frozen=True)
class Count:
    """A number as a source says it: exact, ``au moins`` or ``environ``."""

    value: int
    bound: str = ""

    @property
    def at_least(self) -> int:
        """Number that is certain; one said roughly is halved, out of prudence."""
        return self.value // 2 if self.bound == "environ" else self.value

    @property
    def at_most(self) -> int | None:
        """Upper bound, None unless the number is exact."""
        return None if self.bound else self.value

    def sentence(self) -> str:
        """Say it: ``au moins 20``."""
        return f"{self.bound} {self.value}".strip()


def count_of(text: str) -> Count | None:
    """Read a number as people write it; None when it is none."""
    found = _COUNT.fullmatch(" ".join(text.lower().split()))
    return None if found is None else Count(int(found[2]), found[1] or "")


def read(name: str, content: bytes) -> Sheet:
    """Read and check a file of facts; what is wrong is in ``problems``.

    Raises
    ------
    InvalidInputError
        See :func:`territory.ptce.sheet.read`.
    """
    found = sheet.read(name, content, COLUMNS, REQUIRED)
    seen: dict[tuple[str, str], int] = {}
    for row in found.rows:
        _check(found, row)
        key = (fold(row.cells.get("nom_court", "")), row.cells.get("champ", ""))
        # A pole may bear several names and several notes.
        if key in seen and key[1] not in {"autre_nom", "note"}:
            found.blame(row.line, "champ", key[1],
                        f"un seul fait de ce champ par pôle (voir la ligne {seen[key]})")
        seen.setdefault(key, row.line)
    return found


def _check(found: Sheet, row: Row) -> None:
    cells = row.cells
    for column in REQUIRED:
        if column in found.headers and not cells.get(column):
            found.blame(row.line, column, "", "une valeur")
    field, value = cells.get("champ", ""), cells.get("valeur", "")
    if field and field not in FIELDS:
        found.blame(row.line, "champ", field, f"un champ parmi {', '.join(FIELDS)}")
    elif field and value and not _is_value(field, value):
        found.blame(row.line, "valeur", value, FIELDS[field])
    check_source(found, row, several=False)


def check_source(found: Sheet, row: Row, *, several: bool) -> None:
    """Check the addresses and the dates of the sources of a row."""
    for column, form, expected in (
        ("source_url", URL, "une adresse qui commence par http:// ou https://"),
        ("source_date", DATE, "une date AAAA, AAAA-MM ou AAAA-MM-JJ"),
    ):
        text = row.cells.get(column, "")
        for part in text.split(";") if several else [text]:
            if part and form.fullmatch(part) is None:
                found.blame(row.line, column, part, expected)


def _is_value(field: str, value: str) -> bool:
    if field in LISTS:
        parts = value.split(";") if field in SEVERAL else [value]
        return all(part in LISTS[field] for part in parts)
    if field in _COUNTS:
        return count_of(value) is not None
    if field in _ANSWERS:
        return value in {"oui", "non"}
    forms = {"nature": "|".join(_NATURES), "code_epci": r"[0-9]{9}",
             "code_departement": r"[0-9]{2}|2[AB]|97[0-9]"}
    if field in {"annee_creation", "situation_annee"}:
        return YEAR.fullmatch(value) is not None
    return field not in forms or re.fullmatch(forms[field], value) is not None


def table(found: Sheet) -> pd.DataFrame:
    """Write the facts of a sound file as a table, columns of ``schemas.PTCE_FACTS``."""
    rows = [[row.cells.get(column, "") for column in COLUMNS] for row in found.rows]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def unknown_poles(found: Sheet, names: Collection[str]) -> None:
    """Blame the lines about a pole that the table does not hold."""
    held = {fold(name) for name in names}
    for row in found.rows:
        name = row.cells.get("nom_court", "")
        if name and fold(name) not in held:
            found.blame(row.line, "nom_court", name, "le nom court d’un pôle de la table")


def model() -> bytes:
    """Make the CSV to fill: headers and no row, as French Excel reads it."""
    return ("\ufeff" + ";".join(COLUMNS) + "\r\n").encode()
