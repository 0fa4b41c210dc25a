"""French text: folding for searches, numbers and dates for sentences."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

#: No-break spaces of French typography: thousands and before a unit or a double mark.
NNBSP = "\u202f"
NBSP = "\u00a0"

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)


def fold(text: str) -> str:
    """Fold a name for comparison: no accent, no case, no punctuation, ``St`` as ``Saint``.

    ``L’Haÿ-les-Roses`` → ``l hay les roses``; ``ST-ETIENNE`` → ``saint etienne``.
    """
    text = text.casefold().replace("œ", "oe").replace("æ", "ae")
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = re.sub(r"[^a-z0-9]+", " ", text).split()
    full = {"st": "saint", "ste": "sainte"}
    return " ".join(full.get(word, word) for word in words)


def number(value: float, decimals: int = 0) -> str:
    """Write a number the French way: ``12 345,6`` with narrow no-break spaces."""
    text = f"{value:,.{decimals}f}"
    return text.replace(",", NNBSP).replace(".", ",")


def trimmed(value: float, decimals: int = 1) -> str:
    """Write a number without useless decimals: ``30`` rather than ``30,0``, else ``12,4``."""
    text = number(value, decimals)
    return text.rstrip("0").rstrip(",") if "," in text else text


def excerpt(text: object, length: int = 60) -> str:
    """Beginning of what a person typed, on one line, to be quoted in a message."""
    line = " ".join(str(text).split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def unbreakable(text: str) -> str:
    """Keep a double mark on the line of its word: no-break spaces before ``: ; ? ! »``."""
    return re.sub(r" (?=[:;?!»])", NBSP, text).replace("« ", f"«{NBSP}")


def capital(text: str) -> str:
    """Write the first letter of a text as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def plural(count: int, singular: str, many: str | None = None) -> str:
    """Write a count and its noun: ``0 structure``, ``1 structure``, ``12 structures``."""
    noun = singular if abs(count) < 2 else (many or f"{singular}s")
    return f"{number(count)}{NBSP}{noun}"


def date(value: dt.date) -> str:
    """Write a date: ``22 novembre 2026``, ``1er mai 2026``."""
    day = "1er" if value.day == 1 else str(value.day)
    return f"{day} {_MONTHS[value.month - 1]} {value.year}"


_WRITTEN_DAY = re.compile(rf"\b([0-9]{{1,2}})(?:er)? ({'|'.join(_MONTHS)}) ([0-9]{{4}})$")


def written_day(text: str) -> dt.date | None:
    """Read the date a text ends with, as :func:`date` writes it; None when it ends with none.

    ``Sirene, 1er mai 2026`` → 1 May 2026.
    """
    found = _WRITTEN_DAY.search(text)
    if found is None:
        return None
    try:
        return dt.date(int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1]))
    except ValueError:
        return None


def month(period: str) -> str:
    """Write a month given as ``2021-07``: ``juillet 2021``."""
    return f"{_MONTHS[int(period[5:7]) - 1]} {period[:4]}"


def join(items: Sequence[str], last: str = "et") -> str:
    """Join names in a sentence: ``a``, ``a et b``, ``a, b et c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def first_of(names: Sequence[str], most: int) -> str:
    """Write the first names and how many others there are: ``a, b et 3 de plus``."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" et {number(more)} de plus" if more > 0 else "")
