"""The table of poles corrected by those who know: a CSV checked line by line, then laid over it.

An empty cell changes nothing; « inconnu » empties the cell of the table. A pole is recognised by
its name or its short name. The sources of a line join those of the pole: a correction never makes
the table forget where the rest was read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from territory import communes
from territory.codes import is_commune
from territory.ptce import evidence, sheet
from territory.ptce.sheet import Problem, Row, Sheet
from territory.ptce.vocabulary import ADDED, LISTS, RECEIVED, SEVERAL
from territory.schemas import PTCE, columns_of
from territory.text import NBSP, excerpt, fold, plural

COLUMNS: Final = (*RECEIVED, *(c for c in ADDED if c != "situation_source"))
REQUIRED: Final = ("nom", "source_titre")
#: What a new pole cannot go without.
_NEEDED: Final = ("nom", "nom_court", "precision", "region", "statut", "source_titre")
#: Cells « inconnu » may empty.
_ERASABLE: Final = ("commune", "code_insee", "territoire", "filiere", "structure_porteuse",
                    "annee_creation", "site_web", "situation_annee", "extrait_court")
ERASE: Final = "inconnu"
_SOURCES: Final = ("source_titre", "source_url", "source_date")
_MAX_SUMMARY: Final = 300


@dataclass(frozen=True)
class Change:
    """What a line would change: a cell, or the whole pole when it is new."""

    pole: str
    column: str = ""
    before: str = ""
    after: str = ""

    def sentence(self) -> str:
        """Say it in French, on one line."""
        if not self.column:
            return f"Nouveau pôle{NBSP}: {excerpt(self.pole)}."
        former = f"«{NBSP}{excerpt(self.before)}{NBSP}»" if self.before else "vide"
        new = f"«{NBSP}{excerpt(self.after)}{NBSP}»" if self.after else "vide"
        return f"Pôle {excerpt(self.pole)}, {self.column}{NBSP}: {former} deviendrait {new}."


@dataclass(frozen=True)
class Checked:
    """A file checked against the table.

    Attributes
    ----------
    name
        Of the file.
    rows
        Lines that hold something.
    problems
        What is to be mended, in the order of the lines.
    changes
        What it would change; empty as long as there are problems.
    """

    name: str
    rows: int
    problems: tuple[Problem, ...] = ()
    changes: tuple[Change, ...] = ()
    sheet: Sheet = field(default_factory=lambda: Sheet(""), repr=False)

    @property
    def sound(self) -> bool:
        """Whether nothing is to be mended."""
        return not self.problems

    def sentence(self) -> str:
        """Say the outcome in French."""
        lines = plural(self.rows, "ligne lue", "lignes lues")
        if self.problems:
            return (
                f"Fichier {excerpt(self.name)}{NBSP}: {lines}, "
                f"{plural(len(self.problems), 'problème')} à corriger."
            )
        new = sum(not change.column for change in self.changes)
        return (
            f"Fichier {excerpt(self.name)}{NBSP}: {lines}, aucun problème ; "
            f"{plural(new, 'pôle ajouté', 'pôles ajoutés')}, "
            f"{plural(len(self.changes) - new, 'cellule changée', 'cellules changées')}."
        )


def check(name: str, content: bytes, base: pd.DataFrame, known: pd.DataFrame) -> Checked:
    """Check a contribution of either form, and say what it would change.

    Parameters
    ----------
    name, content
        Of the file: a table of poles (:data:`COLUMNS`) or facts (``evidence.COLUMNS``).
    base
        The table as text, columns of :data:`COLUMNS`; see :func:`as_text`.
    known
        The facts held, columns of ``evidence.COLUMNS``.

    Raises
    ------
    InvalidInputError
        Nothing of the file can be read: too large, empty, no text.
    """
    if "champ" in sheet.headers(name, content):
        found = evidence.read(name, content)
        evidence.unknown_poles(found, base["nom_court"])
        changes = () if found.problems else _fact_changes(found, known)
    else:
        found = read(name, content, base)
        changes = () if found.problems else _changes(found, base)
    problems = tuple(sorted(found.problems, key=lambda p: p.line))
    return Checked(name, len(found.rows), problems, changes, found)


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Write the stored table as a contribution would: text cells, empty when unknown."""
    text = table.reindex(columns=[*COLUMNS]).astype(object)
    return text.where(text.notna(), "").astype("str")


def read(name: str, content: bytes, base: pd.DataFrame) -> Sheet:
    """Read and check a table of poles; what is wrong is in ``problems``.

    Raises
    ------
    InvalidInputError
        See :func:`territory.ptce.sheet.read`.
    """
    found = read_cells(name, content)
    held = _positions(base)
    seen: dict[str, int] = {}
    for row in found.rows:
        matches = _matches(row, held)
        if len(matches) > 1:
            found.blame(row.line, "nom_court", row.cells.get("nom_court", ""),
                        "le nom court du pôle nommé, et non celui d’un autre")
            continue
        position = next(iter(matches), None)
        if position is None:
            for column in _NEEDED:
                if not row.cells.get(column):
                    found.blame(row.line, column, "", "une valeur, puisque le pôle est nouveau")
        _check_place(found, row, None if position is None else base.iloc[position])
        for column in ("nom", "nom_court"):
            key = f"{column}|{fold(row.cells.get(column, ''))}"
            if row.cells.get(column) and key in seen:
                found.blame(row.line, column, row.cells[column],
                            f"un nom donné une fois (voir la ligne {seen[key]})")
            seen.setdefault(key, row.line)
    return found


def read_cells(name: str, content: bytes) -> Sheet:
    """Read a table of poles and check each cell by itself: no table is needed beside it.

    Raises
    ------
    InvalidInputError
        See :func:`territory.ptce.sheet.read`.
    """
    found = sheet.read(name, content, COLUMNS, REQUIRED, _aliases())
    for row in found.rows:
        _check_cells(found, row)
    return found


def _aliases() -> dict[str, str]:
    """Headers of the list as exported: French labels, and columns that nobody corrects."""
    found = {"statut_libelle": ""}
    # The labels of a file are those of the first schema that declares a column.
    for column in (*PTCE.columns, *columns_of(PTCE.names)):
        target = column.name if column.name in COLUMNS else ""
        for header in (column.name, column.label):
            found[fold(header).replace(" ", "_")] = target
    return found


def _positions(base: pd.DataFrame) -> dict[str, set[int]]:
    held: dict[str, set[int]] = {}
    for column in ("nom", "nom_court"):
        for position, name in enumerate(base[column]):
            held.setdefault(fold(name), set()).add(position)
    return held


def _matches(row: Row, held: dict[str, set[int]]) -> set[int]:
    """Positions of the poles that a row names by its name and by its short name."""
    found: set[int] = set()
    for column in ("nom", "nom_court"):
        found |= held.get(fold(row.cells.get(column, "")), set())
    return found


def _check_cells(found: Sheet, row: Row) -> None:
    for column in REQUIRED:
        if column in found.headers and not row.cells.get(column):
            found.blame(row.line, column, "", "une valeur")
    for column, text in row.cells.items():
        if not text or (text == ERASE and column in _ERASABLE):
            continue
        if column in LISTS:
            for part in text.split(";") if column in SEVERAL else [text]:
                if part not in LISTS[column]:
                    found.blame(row.line, column, part,
                                f"un code parmi {', '.join(LISTS[column])}")
        elif column in {"annee_creation", "situation_annee"} and not _is_year(text):
            found.blame(row.line, column, text, "une année passée, à quatre chiffres")
        elif column == "site_web" and evidence.URL.fullmatch(text) is None:
            found.blame(row.line, column, text,
                        "une adresse qui commence par http:// ou https://")
        elif column == "extrait_court" and len(text) > _MAX_SUMMARY:
            found.blame(row.line, column, text, f"{_MAX_SUMMARY} caractères au plus")
    evidence.check_source(found, row, several=True)
    titles = row.cells.get("source_titre", "").count(";")
    for column in ("source_url", "source_date"):
        text = row.cells.get(column, "")
        if text and text.count(";") != titles:
            found.blame(row.line, column, text,
                        f"autant de valeurs que source_titre ({titles + 1}), séparées par « ; »")


def _is_year(text: str) -> bool:
    return evidence.YEAR.fullmatch(text) is not None and int(text) <= dt.date.today().year


def _check_place(found: Sheet, row: Row, former: pd.Series | None) -> None:
    """Check that commune, code, région and precision agree, once laid over the former row."""
    cells = {
        column: _laid(row.cells.get(column, ""), "" if former is None else former[column])
        for column in ("commune", "code_insee", "precision", "region")
    }
    code, region = cells["code_insee"], cells["region"]
    regions = communes.units("region")["nom"]
    if region and region not in set(regions):
        found.blame(row.line, "region", region, "le nom officiel d’une région")
    exact = cells["precision"] == "commune"
    if exact != bool(code):
        found.blame(row.line, "code_insee", code,
                    "un code Insee" if exact else
                    "rien, puisque la précision n’est pas « commune »")
    if not code:
        return
    if not is_commune(code) or code not in communes.whole().index:
        hint = (
            f" (un tableur a peut-être ôté le zéro de 0{code})"
            if code.isdigit() and len(code) == len("1004") else ""
        )
        found.blame(row.line, "code_insee", code,
                    f"le code Insee d’une commune actuelle, cinq caractères{hint}")
        return
    home = communes.whole().loc[code]
    if cells["commune"] != home["nom"]:
        found.blame(row.line, "commune", cells["commune"],
                    f"{home['nom']}, nom officiel du code {code}")
    if region and region in set(regions) and home["nom_region"] != region:
        found.blame(row.line, "region", region, f"{home['nom_region']}, région du code {code}")


def _laid(cell: str, former: str) -> str:
    return former if not cell else "" if cell == ERASE else cell


def _laid_row(cells: Mapping[str, str], former: Mapping[str, str]) -> dict[str, str]:
    """Lay a line over a pole: its cells, and its sources after those the pole had."""
    made = {column: _laid(cells.get(column, ""), former[column]) for column in COLUMNS}
    sources = _sources(former)
    titles = {title for title, _, _ in sources}
    sources += [one for one in _sources(cells) if one[0] not in titles]
    for rank, column in enumerate(_SOURCES):
        made[column] = ";".join(source[rank] for source in sources)
        if not made[column].strip(";"):
            made[column] = former[column]
    return made


def _sources(cells: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Title, address and date of each source of a row; blank where they are not given."""
    titles, urls, dates = (cells.get(column, "") for column in _SOURCES)
    if not titles:
        return []
    names = titles.split(";")
    blank = [""] * len(names)
    return list(zip(names, urls.split(";") if urls else blank,
                    dates.split(";") if dates else blank, strict=True))


def _new_row(cells: dict[str, str]) -> dict[str, str]:
    return _laid_row(cells, {**dict.fromkeys(COLUMNS, ""), **ADDED, "origine": "inconnue"})


def _changes(found: Sheet, base: pd.DataFrame) -> tuple[Change, ...]:
    held = _positions(base)
    changes: list[Change] = []
    for row in found.rows:
        matches = _matches(row, held)
        if not matches:
            changes.append(Change(row.cells["nom"]))
            continue
        former = {str(name): str(cell) for name, cell in base.iloc[matches.pop()].items()}
        changes += [
            Change(former["nom"], column, former[column], after)
            for column, after in _laid_row(row.cells, former).items() if after != former[column]
        ]
    return tuple(changes)


def _fact_changes(found: Sheet, known: pd.DataFrame) -> tuple[Change, ...]:
    former = {
        (fold(name), field): value
        for name, field, value in known[["nom_court", "champ", "valeur"]].itertuples(index=False)
    }
    return tuple(
        Change(row.cells["nom_court"], row.cells["champ"], before, row.cells["valeur"])
        for row in found.rows
        if (before := former.get((fold(row.cells["nom_court"]), row.cells["champ"]), ""))
        != row.cells["valeur"]
    )


def lay(base: pd.DataFrame, found: Sheet) -> pd.DataFrame:
    """Lay a sound contribution over the table.

    Parameters
    ----------
    base
        Text columns; at least those of :data:`COLUMNS` and ``situation_source``.
    found
        A file without problems.

    Returns
    -------
    pandas.DataFrame
        Same columns; new poles last. A situation that a line gives bears the sources of the line.
    """
    held = _positions(base)
    rows: list[dict[str, str]] = [
        {str(name): str(cell) for name, cell in row.items()} for row in base.to_dict("records")
    ]
    for row in found.rows:
        matches = _matches(row, held)
        if matches:
            target = rows[matches.pop()]
            target.update(_laid_row(row.cells, target))
        else:
            target = {**dict.fromkeys(map(str, base.columns), ""), **_new_row(row.cells)}
            rows.append(target)
        if row.cells.get("situation"):
            target["situation_source"] = row.cells["source_titre"]
    return pd.DataFrame(rows, columns=base.columns, dtype="str")


def model() -> bytes:
    """Make the CSV to fill: headers and no row, as French Excel reads it."""
    return ("\ufeff" + ";".join(COLUMNS) + "\r\n").encode()
