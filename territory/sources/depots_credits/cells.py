"""Cells of a French table of amounts: numbers, marks of absence, units, months."""

from __future__ import annotations

import math
import re
from typing import Final, Literal

from territory.errors import InvalidInputError
from territory.text import excerpt, fold

#: Folded marks of a value nobody publishes; punctuation (« – », « … ») folds to nothing.
MISSING_MARKS: Final = frozenset(
    {"", "s", "c", "nd", "n d", "nc", "n c", "na", "n a", "secret", "secret statistique",
     "confidentiel", "non disponible", "non communique", "non publie", "ns", "n s"}
)
#: Thousands in groups of three behind spaces, decimal comma or point; nothing else is guessed.
_NUMBER: Final = re.compile(r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d{1,15}(?:[.,]\d+)?", re.ASCII)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009]+")
_MONTHS: Final = {
    "janv": 1, "fevr": 2, "fev": 2, "mars": 3, "avr": 4, "mai": 5, "juin": 6, "juil": 7,
    "aout": 8, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}
_MONTH_WORD: Final = re.compile(
    r"\b(janv|fevr|fev|mars|avr|mai|juin|juil|aout|sept|oct|nov|dec)[a-z]* ((?:19|20)\d{2})\b"
)
_ISO: Final = re.compile(r"((?:19|20)\d{2}) (0[1-9]|1[0-2])(?: \d{2})?")
_DAY: Final = re.compile(r"\d{1,2} (0?[1-9]|1[0-2]) ((?:19|20)\d{2})")
_MONTH: Final = re.compile(r"(0?[1-9]|1[0-2]) ((?:19|20)\d{2})")


def amount(cell: str) -> float:
    """Read an amount.

    Returns
    -------
    float
        NaN for an empty cell or a mark of secrecy: never zero.

    Raises
    ------
    InvalidInputError
        Negative, or no number; the message is the end of a sentence.
    """
    text = _SPACES.sub(" ", cell).strip()
    if re.match(r"[-−–]\s*\d", text):
        msg = f"le montant « {excerpt(text, 30)} » est négatif"
        raise InvalidInputError(msg)
    if _NUMBER.fullmatch(text):
        return float(text.replace(" ", "").replace(",", "."))
    if fold(text) in MISSING_MARKS and not text.startswith(("=", "+", "@")):
        return math.nan
    msg = f"le montant « {excerpt(text, 30)} » n’est pas un nombre"
    raise InvalidInputError(msg)


def unit_said(text: str) -> Literal["millions", "milliards"] | None:
    """Read the unit of a header, a title or a cell; None when it says none or two."""
    bare = fold(text.replace("€", " euros "))
    words = set(bare.split())
    millions = bool(words & {"million", "millions", "mio", "meur", "m"})
    milliards = bool(words & {"milliard", "milliards", "md", "mds", "mrd", "mdeur"})
    if millions == milliards:
        return None
    return "millions" if millions else "milliards"


def month_said(cell: str) -> str:
    """Month of a cell that is a date (``2021-07``), empty when it is none."""
    text = fold(cell)
    iso = _ISO.fullmatch(text)
    if iso:
        return f"{iso[1]}-{iso[2]}"
    number = _DAY.fullmatch(text) or _MONTH.fullmatch(text)
    if number:
        return f"{number[2]}-{int(number[1]):02d}"
    return month_written(cell)


def month_written(text: str) -> str:
    """Month that a header or a title writes in letters or as a whole day, empty without one.

    « 3 2021 » in a title may be the number of a table: it is not read as a month.
    """
    folded = fold(text)
    word = _MONTH_WORD.search(folded)
    if word:
        return f"{word[2]}-{_MONTHS[word[1]]:02d}"
    day = re.search(rf"\b{_DAY.pattern}\b", folded)
    return f"{day[2]}-{int(day[1]):02d}" if day else ""
