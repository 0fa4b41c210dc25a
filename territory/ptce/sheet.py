"""A CSV that nobody vouches for, read cell by cell: what is wrong is told with its place."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, fold

MAX_BYTES: Final = 2_000_000
MAX_ROWS: Final = 5_000
MAX_CELL: Final = 2_000
_MAX_COLUMNS: Final = 60
_MAX_PROBLEMS: Final = 500

#: A spreadsheet runs a cell that begins so, full-width signs included.
_FORMULA: Final = re.compile(r"[=+\-@\t\r＝＋－＠]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Problem:
    """One thing to mend.

    Attributes
    ----------
    line
        Line of the file, 1 for the headers.
    column
        Header; empty when the whole line is at fault.
    read
        What was read, shortened.
    expected
        What is expected, a French phrase without its full stop.
    """

    line: int
    column: str
    read: str
    expected: str

    def sentence(self) -> str:
        """Say it in French, on one line."""
        where = f"Ligne {self.line}"
        if self.column:
            where += f", colonne «{NBSP}{_plain(self.column)}{NBSP}»"
        read = f"lu «{NBSP}{_plain(self.read)}{NBSP}»" if self.read else "cellule vide"
        return f"{where}{NBSP}: {read}, attendu{NBSP}: {self.expected}."


def _plain(text: str) -> str:
    """Quote what was read: no control character reaches a terminal, nor a second line."""
    return excerpt(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))


@dataclass
class Row:
    """A line of the file: its number and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """A file as it was read, and what is wrong with it so far."""

    name: str
    headers: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def blame(self, line: int, column: str, read: str, expected: str) -> None:
        """Note a problem; beyond some hundreds the file is not worth more."""
        # A refused cell is left empty: that it is empty is no second problem.
        again = not read and any(p.line == line and p.column == column for p in self.problems)
        if len(self.problems) < _MAX_PROBLEMS and not again:
            self.problems.append(Problem(line, column, read, expected))


def headers(name: str, content: bytes) -> tuple[str, ...]:
    """Read the headers of a file, folded to the names of columns: ``Code INSEE``, ``code_insee``.

    Raises
    ------
    InvalidInputError
        As :func:`read`.
    """
    first = next(_lines(name, content), (1, []))[1]
    return tuple(_folded(cell) for cell in first)


def read(
    name: str,
    content: bytes,
    known: Sequence[str],
    required: Collection[str],
    aliases: Mapping[str, str] = MappingProxyType({}),
) -> Sheet:
    """Read a CSV: comma, semicolon or tabulation; UTF-8 with or without BOM, UTF-16 or Windows.

    Parameters
    ----------
    name, content
        Of the file.
    known, required
        Columns the form has, and those it cannot go without.
    aliases
        Other header, folded → column; empty for a column that is read over.

    Raises
    ------
    InvalidInputError
        Too large, empty or no text: nothing of it can be told line by line.
    """
    lines = _lines(name, content)
    first, cells = next(lines, (1, []))
    folded = [_folded(cell) for cell in cells]
    found = Sheet(name, tuple(aliases.get(header, header) for header in folded))
    if not any(found.headers):
        msg = f"Le fichier {excerpt(name)} est vide."
        raise InvalidInputError(msg)
    if len(found.headers) > _MAX_COLUMNS:
        msg = f"Le fichier {excerpt(name)} a plus de {_MAX_COLUMNS} colonnes."
        raise InvalidInputError(msg)
    for header, cell in zip(found.headers, cells, strict=True):
        if not header and cell.strip():
            continue
        if header not in known:
            found.blame(first, cell, cell, f"une colonne parmi {', '.join(known)}")
        elif found.headers.count(header) > 1:
            found.blame(first, cell, cell, "une seule colonne de ce nom")
    for column in required:
        if column not in found.headers:
            found.blame(first, column, "", "cette colonne, qui manque")
    for line, texts in lines:
        if not any(text.strip() for text in texts):
            continue
        if len(found.rows) >= MAX_ROWS:
            msg = f"Le fichier {excerpt(name)} a plus de {MAX_ROWS} lignes."
            raise InvalidInputError(msg)
        found.rows.append(_row(found, line, texts))
    return found


def _row(sheet: Sheet, line: int, texts: list[str]) -> Row:
    extra = [text for text in texts[len(sheet.headers):] if text.strip()]
    if extra:
        sheet.blame(line, "", extra[0], f"{len(sheet.headers)} cellules, autant que d’en-têtes")
    row = Row(line, {})
    for column, text in zip(sheet.headers, texts, strict=False):
        if not column:
            continue
        # Outer spaces first: « " =1+1" » runs as « =1+1 » does.
        cell = text.strip(" \u00a0")
        if _FORMULA.match(cell):
            sheet.blame(line, column, cell, "un texte, et non une formule de tableur")
            cell = ""
        elif len(cell) > MAX_CELL:
            sheet.blame(line, column, cell, f"{MAX_CELL} caractères au plus")
            cell = ""
        elif _CONTROL.search(cell):
            sheet.blame(line, column, cell, "un texte d’une ligne, sans caractère de commande")
            cell = ""
        row.cells[column] = cell
    return row


def _folded(cell: str) -> str:
    return fold(cell[:MAX_CELL]).replace(" ", "_")


def _lines(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Cells by line, with the line each begins at."""
    if len(content) > MAX_BYTES:
        msg = f"Le fichier {excerpt(name)} dépasse {MAX_BYTES // 1_000_000} Mo."
        raise InvalidInputError(msg)
    text = _decoded(name, content)
    top = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";,\t", key=top.count)
    # A cell too long is told with its line and column (_row), whatever others set the limit to.
    csv.field_size_limit(MAX_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        begins = 1
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        msg = f"Le fichier {excerpt(name)} n’est pas un CSV lisible (ligne {reader.line_num})."
        raise InvalidInputError(msg) from error


def _decoded(name: str, content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        msg = f"Le fichier {excerpt(name)} est un classeur : enregistrez-le d’abord en CSV."
        raise InvalidInputError(msg)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ("utf-16",) if wide else () if b"\x00" in content else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding)
    msg = f"Le fichier {excerpt(name)} n’est pas un texte : un CSV en UTF-8 est attendu."
    raise InvalidInputError(msg)
