"""Counters listed in a file by whoever counted them: the model form, common to several sources.

A CSV whose headers are ``type`` (may lack), ``code_insee`` or ``longitude`` and ``latitude``,
``nombre`` (1 when it lacks) and ``nom`` (may lack), whatever their order, case and accents.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from territory import communes
from territory.codes import carry_to_cog, departement_of, is_commune
from territory.errors import InvalidInputError
from territory.sources import guichets
from territory.sources.guichets import Supply
from territory.text import excerpt, fold

MAX_BYTES: Final = 50_000_000
MAX_ROWS: Final = 2_000_000
#: Characters of a cell.
_MAX_CELL: Final = 10_000

#: Reasons a row is left out.
WRONG_LENGTH: Final = "plus de cellules que de colonnes"
WRONG_KIND: Final = "type de guichet inconnu"
WRONG_COUNT: Final = "nombre illisible"
NOWHERE: Final = "ni code de commune ni coordonnées lisibles"
ELSEWHERE: Final = "hors du département demandé"

_COUNT: Final = re.compile(r"([0-9]{1,5})(?:[.,]0+)?")
#: Longest name kept.
_NAME: Final = 200


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table as it was written.

    Attributes
    ----------
    name
        Of the file.
    day
        Of its last change (ISO).
    table
        Texts; the headers are folded (``code insee``).
    left_out
        French reason → rows left out.
    """

    name: str
    day: str
    table: pd.DataFrame
    left_out: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope:
    """Where a person says that a list is whole.

    Attributes
    ----------
    departement
        Code: the list holds every counter of it, and the others are not wanted.
    france
        The list holds every counter of France.
    """

    departement: str | None = None
    france: bool = False

    def departements(self) -> tuple[str, ...]:
        """Départements covered."""
        if self.departement is not None:
            return (self.departement,)
        return every_departement() if self.france else ()


def every_departement() -> tuple[str, ...]:
    """Codes of all départements, sorted."""
    return tuple(sorted(communes.table()["code_departement"].unique()))


def content(path: Path) -> tuple[bytes, str]:
    """Bytes of a file somebody brought, and the day of its last change (ISO).

    Raises
    ------
    InvalidInputError
        It is larger than :data:`MAX_BYTES`.
    """
    with path.open("rb") as stream:
        read = stream.read(MAX_BYTES + 1)
    if len(read) > MAX_BYTES:
        msg = f"Le fichier {path.name} est trop gros : {MAX_BYTES // 1_000_000} Mo au plus."
        raise InvalidInputError(msg)
    return read, dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date().isoformat()


def sheet(path: Path) -> Sheet:
    """Read a CSV: comma, semicolon or tabulation, UTF-8 or Windows-1252.

    Raises
    ------
    InvalidInputError
        It is too large, no text, or has the same header twice.
    """
    read, day = content(path)
    try:
        lines = list(itertools.islice(_lines(read, path.name), MAX_ROWS + 2))
    except csv.Error as error:
        msg = f"Le fichier {path.name} n’est pas un CSV lisible."
        raise InvalidInputError(msg) from error
    # Checked here: the limit of the csv module is one for the whole process.
    if any(len(cell) > _MAX_CELL for line in lines for cell in line):
        msg = f"Le fichier {path.name} n’est pas un CSV lisible."
        raise InvalidInputError(msg)
    headers = [fold(cell) for cell in lines[0]] if lines else []
    named = [header for header in headers if header]
    if not named or len(set(named)) < len(named):
        msg = f"Le fichier {path.name} n’a pas une première ligne d’en-têtes, tous différents."
        raise InvalidInputError(msg)
    if len(lines) > MAX_ROWS + 1:
        msg = f"Le fichier {path.name} a trop de lignes : deux millions au plus."
        raise InvalidInputError(msg)
    width = len(headers)
    filled = [line for line in lines[1:] if any(cell.strip() for cell in line)]
    fitting = [[*line[:width], *[""] * (width - len(line))] for line in filled
               if not any(cell.strip() for cell in line[width:])]
    table = pd.DataFrame(fitting, columns=headers, dtype=str)[named]
    wrong = len(filled) - len(fitting)
    return Sheet(path.name, day, table, {WRONG_LENGTH: wrong} if wrong else {})


def _lines(read: bytes, name: str) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = read.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        msg = f"Le fichier {name} n’est pas un texte lisible."
        raise InvalidInputError(msg)
    if "\0" in text:
        msg = f"Le fichier {name} n’est pas un texte lisible."
        raise InvalidInputError(msg)
    first = text.partition("\n")[0]
    return csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=first.count))


def read(
    given: Sheet,
    source: str,
    kinds: Sequence[str],
    scope: Scope,
    kind_of: Callable[[str], str | None] | None = None,
) -> Supply:
    """Read a table of the model form.

    Parameters
    ----------
    given
        See :func:`sheet`.
    source
        Key of ``catalog.SOURCES``.
    kinds
        Kinds the source may hold; the first is that of a row which says none.
    scope
        Where the list is whole. Elsewhere a commune without row is unknown; a row whose number is
        0 covers its commune for its kind.
    kind_of
        Reads other names of the kinds; None for one it does not know.

    Raises
    ------
    InvalidInputError
        The table has neither a code nor coordinates, or no row that can be used.
    """
    table = given.table
    if "code insee" not in table and not {"longitude", "latitude"} <= set(table):
        msg = (
            f"Le fichier {given.name} n’a pas les en-têtes attendus : code_insee, ou longitude et "
            "latitude ; type, nombre et nom peuvent manquer."
        )
        raise InvalidInputError(msg)
    left_out = Counter(given.left_out)
    rows = pd.DataFrame({
        "type": _kinds(table, kinds, kind_of),
        "code": table["code insee"].map(code) if "code insee" in table else "",
        "nombre": _numbers(table),
        "nom": table["nom"].map(name) if "nom" in table else "",
        "longitude": degrees(table, "longitude", 180),
        "latitude": degrees(table, "latitude", 90),
        "precision_geo": "adresse",
    }, index=table.index)
    doubts = _doubts(rows, kinds)
    somewhere = (rows["code"] != "") | (rows["longitude"].notna() & rows["latitude"].notna())
    for why, good in ((WRONG_KIND, rows["type"].notna()), (WRONG_COUNT, rows["nombre"].notna()),
                      (NOWHERE, somewhere)):
        kept = good.reindex(rows.index)
        left_out[why] += int((~kept).sum())
        rows = rows[kept]
    said = {"millesime": "", "source": f"Relevé fourni par fichier ({excerpt(given.name)})",
            "source_date": given.day}
    placed = guichets.place(rows, said)
    left_out.update(placed.left_out)
    found = placed.table
    if scope.departement is not None:
        inside = found["code_insee"].map(departement_of) == scope.departement
        left_out[ELSEWHERE] += int((~inside).sum())
        found = found[inside].reset_index(drop=True)
    if found.empty:
        msg = f"Le fichier {given.name} n’a aucune ligne utilisable{_because(left_out)}."
        raise InvalidInputError(msg)
    covered = scope.departements()
    nil = found[found["nombre"] == 0]
    held = found[found["nombre"] > 0].reset_index(drop=True)
    remarks = placed.remarks()
    if not covered:
        remarks.append(
            "Relevé donné par fichier : une commune sans ligne est inconnue. S’il est entier pour "
            "un département ou pour la France, dites-le par --departement ou --france."
        )
    listed = tuple(kind for kind in kinds if kind in set(found["type"]))
    return Supply(
        source, held, listed, "", given.day, covered,
        communes=dict.fromkeys(sorted(nil["code_insee"].unique()), given.day),
        unknown=_either(_unsaid(found, nil, kinds, covered), doubts),
        left_out={why: n for why, n in left_out.items() if n}, incomplete=tuple(remarks),
    )


def _doubts(rows: pd.DataFrame, kinds: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Kinds that a refused row makes unknown in its commune, which is then no zero."""
    refused = rows[(rows["code"] != "") & (rows["type"].isna() | rows["nombre"].isna())]
    today = carry_to_cog(refused["code"], communes.passage(), set(communes.table().index))
    found: dict[str, set[str]] = {}
    for insee, kind in zip(today, refused["type"], strict=True):
        if isinstance(insee, str):
            found.setdefault(insee, set()).update([kind] if isinstance(kind, str) else kinds)
    return {insee: tuple(sorted(told)) for insee, told in sorted(found.items())}


def _unsaid(
    found: pd.DataFrame, nil: pd.DataFrame, kinds: Sequence[str], covered: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Kinds that a commune known by a zero alone says nothing of."""
    unsaid = {}
    for insee in sorted(nil["code_insee"].unique()):
        told = set(found.loc[found["code_insee"] == insee, "type"])
        missing = tuple(kind for kind in kinds if kind not in told)
        if missing and departement_of(insee) not in covered:
            unsaid[insee] = missing
    return unsaid


def _either(*known: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Commune → kinds that are in any of several such tables."""
    every = sorted({insee for table in known for insee in table})
    return {insee: tuple(sorted({kind for table in known for kind in table.get(insee, ())}))
            for insee in every}


def _because(left_out: Mapping[str, int]) -> str:
    reasons = [f"{n} : {why}" for why, n in left_out.items() if n]
    return f" ({', '.join(reasons)})" if reasons else ""


def _kinds(
    table: pd.DataFrame, kinds: Sequence[str], kind_of: Callable[[str], str | None] | None
) -> pd.Series:
    """Kinds of the rows, missing where unknown."""
    if "type" not in table:
        return pd.Series(kinds[0], index=table.index, dtype=object)
    known: dict[str, str] = {fold(kind): kind for kind in kinds}

    def kind(text: str) -> str | None:
        folded = fold(text)
        if not folded:
            return kinds[0]
        found = known.get(folded)
        return kind_of(text) if found is None and kind_of is not None else found

    answers: Mapping[str, str | None] = {text: kind(text) for text in table["type"].unique()}
    return table["type"].map(answers).astype(object)


def _numbers(table: pd.DataFrame) -> pd.Series:
    """Read counts: NaN where unreadable; 1 where nothing is written."""
    if "nombre" not in table:
        return pd.Series(1.0, index=table.index)
    texts = table["nombre"].str.strip()
    counts = texts.map(lambda text: float(m[1]) if (m := _COUNT.fullmatch(text)) else np.nan)
    return counts.astype(float).mask(texts == "", 1.0)


def code(text: str) -> str:
    """Code of a commune as text, ``1004`` of a spreadsheet included; empty when it is none."""
    written = text.strip().upper()
    if re.fullmatch(r"[0-9]{4,5}(?:\.0+)?", written):
        written = written.partition(".")[0].zfill(5)
    return written if is_commune(written) else ""


def name(text: str) -> str:
    """Name on one line, cut short."""
    return excerpt(text, _NAME)


def degrees(table: pd.DataFrame, axis: str, limit: float) -> pd.Series:
    """Coordinates of a column, NaN where it lacks or is beyond ``limit`` degrees."""
    if axis not in table:
        return pd.Series(np.nan, index=table.index)
    values = pd.to_numeric(table[axis].str.strip().str.replace(",", "."), errors="coerce")
    return values.astype(float).where(values.abs() <= limit)
