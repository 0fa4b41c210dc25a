"""The form of the file: where its header is, what its columns hold, what it says of units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import pandas as pd

from territory.errors import InvalidInputError
from territory.sources.depots_credits.cells import month_said, month_written, unit_said
from territory.sources.depots_credits.places import named_by
from territory.supplier_file import RawFile, read_file
from territory.text import excerpt, fold, join, month, number

Unit = Literal["millions", "milliards"]

FORMS: Final = (".csv", ".tsv", ".txt", ".xlsx")
#: A table of départements, its régions and totals, with room to spare.
MAX_LINES: Final = 2_000
_HEADER_WITHIN: Final = 30
_LISTED: Final = 5
_CODE: Final = ("code", "code departement", "code dep", "dep", "departement code",
                "num dep", "code insee", "n departement", "code du departement", "code region")
_NAME: Final = ("departement", "nom", "nom departement", "nom du departement", "territoire",
                "libelle", "libelle departement", "zone", "libelle du departement", "departements",
                "region", "regions", "nom region", "zone geographique")
_DATE: Final = ("date", "mois", "periode", "date d arrete", "arrete", "fin de mois", "echeance")
_UNIT: Final = ("unite", "unites")

EXPECTED: Final = (
    "Il faut une ligne par département, une colonne pour son code ou son nom, une pour les dépôts "
    "et une pour les crédits, comme dans le modèle."
)


@dataclass(frozen=True)
class Layout:
    """What was recognised of a file.

    Attributes
    ----------
    place
        Columns that name the territory, code first.
    amounts
        ``depots`` and ``credits`` → column.
    units
        ``depots`` and ``credits`` → unit the file says, None when it does not.
    date
        Column of the date, None without one.
    heading_month
        Month said by headers or title (``2021-07``), empty otherwise.
    table
        Rows under the true header; the index is the line of the file.
    """

    place: tuple[str, ...]
    amounts: Mapping[str, str]
    units: Mapping[str, Unit | None]
    date: str | None
    heading_month: str
    table: pd.DataFrame

    @property
    def says_unit(self) -> bool:
        """Whether the file tells the unit of both columns."""
        return all(self.units.values())


def open_file(name: str, content: bytes) -> RawFile:
    """Read the file as texts; formulas are not computed, their last shown value is read.

    Raises
    ------
    InvalidInputError
        It is neither CSV nor XLSX, too large, damaged or empty.
    """
    if Path(name).suffix.lower() not in FORMS:
        msg = f"Le fichier {excerpt(name)} doit être un CSV ou un XLSX. {EXPECTED}"
        raise InvalidInputError(msg)
    raw = read_file(name, content)
    if len(raw.table) > MAX_LINES:
        msg = (f"Le fichier {excerpt(name)} a {number(len(raw.table))} lignes : ce n’est pas une "
               f"table de départements. {EXPECTED}")
        raise InvalidInputError(msg)
    return raw


def recognise(raw: RawFile) -> Layout:
    """Recognise the columns of a file, under its title if it has one.

    Raises
    ------
    InvalidInputError
        A column cannot be told, or the file is an export of WebStat.
    """
    heads = {fold(str(column)) for column in raw.table.columns}
    if {"series key", "obs value"} <= heads:
        msg = (
            "Ce fichier est un export de WebStat (series_key, time_period, obs_value) : le sens de "
            f"ses clés n’est pas connu ici, et il n’est pas deviné. {EXPECTED}"
        )
        raise InvalidInputError(msg)
    title, table = _under_its_header(raw.table)
    folded = {str(column): fold(str(column)) for column in table.columns}
    place = _place_columns(table, folded)
    amounts = {role: _amount_column(folded, word, other)
               for role, word, other in (("depots", "depot", "credit"),
                                         ("credits", "credit", "depot"))}
    unit_column = next((c for c, f in folded.items() if f in _UNIT), None)
    column_says = _column_unit(table, unit_column)
    units = {role: unit_said(column) or column_says or unit_said(title)
             for role, column in amounts.items()}
    months = {m for m in map(month_written, (*amounts.values(), title)) if m}
    if len(months) > 1:
        msg = (f"Les en-têtes disent plusieurs dates : "
               f"{join([month(m) for m in sorted(months)])}. Les dépôts et les crédits se "
               "comparent à la même date.")
        raise InvalidInputError(msg)
    date = next((c for c, f in folded.items() if f in _DATE), None)
    return Layout(place, amounts, units, date, next(iter(months), ""), table)


def _under_its_header(table: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """Text above the header, and the rows under it; the header may lie under a title."""
    rows = [list(map(str, table.columns)), *table.head(_HEADER_WITHIN).to_numpy().tolist()]
    for rank, row in enumerate(rows):
        said = [("depot" in w, "credit" in w) for w in map(fold, row)]
        # A title names both in one cell.
        if (True, False) in said and (False, True) in said:
            title = " ".join(cell for above in rows[:rank] for cell in above if cell)
            body = table.iloc[rank:].copy()
            body.columns = pd.Index([
                cell or f"colonne {position}" for position, cell in enumerate(row, start=1)
            ])
            return title, body.loc[:, ~body.columns.duplicated()]
    msg = f"Aucune ligne d’en-tête ne nomme les dépôts, puis les crédits. {EXPECTED}"
    raise InvalidInputError(msg)


def _place_columns(table: pd.DataFrame, folded: Mapping[str, str]) -> tuple[str, ...]:
    """Columns that name the territory, by their header, else by what they hold."""
    found = tuple(
        column for names in (_CODE, _NAME)
        for column in [next((c for c, f in folded.items() if f in names), None)] if column
    )
    if found:
        return found
    for column, header in folded.items():
        if "depot" in header or "credit" in header:
            continue
        # A bare number may be a rank: it is a code only under a header that says so.
        coded = "code" in header or "dep" in header
        cells = [cell for cell in table[column] if cell and (coded or not cell.isdecimal())]
        named = sum(named_by(cell) is not None for cell in cells)
        if 2 * named > len(table[column]):
            return (column,)
    msg = f"Aucune colonne ne donne le département. {EXPECTED}"
    raise InvalidInputError(msg)


def _amount_column(folded: Mapping[str, str], word: str, other: str) -> str:
    """Find the one column of an amount; « total des dépôts » wins over its parts."""
    found = [c for c, f in folded.items() if word in f and other not in f]
    whole = [c for c in found if "total" in folded[c].split() or "encours" in folded[c].split()]
    exact = [c for c in found if folded[c].split()[0].rstrip("s") == word
             and len(folded[c].split()) == 1]
    for narrowed in (found, exact, whole):
        if len(narrowed) == 1:
            return narrowed[0]
    label = "dépôts" if word == "depot" else "crédits"
    if not found:
        msg = f"Aucune colonne ne donne les {label}. {EXPECTED}"
    else:
        msg = (f"Plusieurs colonnes peuvent être le total des {label} : "
               f"{join([excerpt(c, 40) for c in found[:_LISTED]], 'ou')}. N’en gardez qu’une.")
    raise InvalidInputError(msg)


def _column_unit(table: pd.DataFrame, column: str | None) -> Unit | None:
    if column is None:
        return None
    said = {unit_said(cell) for cell in table[column] if cell}
    if len(said) > 1:
        msg = "La colonne « Unité » dit plusieurs unités : mettez toute la table dans la même."
        raise InvalidInputError(msg)
    return next(iter(said), None)


def unit_of(layout: Layout, role: str, asked: Unit | None) -> Unit:
    """Tell the unit of an amount: what the file says, else what the person does.

    Raises
    ------
    InvalidInputError
        Neither says it, or they disagree.
    """
    said = layout.units[role]
    if said is None and asked is None:
        msg = ("Le fichier ne dit pas si ses montants sont en millions ou en milliards d’euros : "
               "indiquez-le.")
        raise InvalidInputError(msg)
    if said is not None and asked is not None and said != asked:
        msg = (f"Le fichier dit des {said} d’euros, et vous dites des {asked} : corrigez l’un ou "
               "l’autre.")
        raise InvalidInputError(msg)
    chosen = said or asked
    assert chosen is not None  # noqa: S101  # one of the two was said, see above
    return chosen


def period_of(layout: Layout) -> str:
    """Month of the file.

    Raises
    ------
    InvalidInputError
        Cells are not dates, or dates differ.
    """
    if layout.date is None:
        return layout.heading_month
    cells = layout.table[layout.date]
    months: dict[str, int] = {}
    for line, cell in cells[cells != ""].items():
        said = month_said(cell)
        if not said:
            msg = f"La ligne {line} porte une date illisible : « {excerpt(cell, 30)} »."
            raise InvalidInputError(msg)
        months.setdefault(said, int(str(line)))
    if layout.heading_month:
        months.setdefault(layout.heading_month, 1)
    if len(months) > 1:
        told = join([f"{month(m)} (ligne {line})" for m, line in months.items()][:_LISTED])
        msg = f"Le fichier mêle plusieurs dates : {told}. Gardez-en une seule."
        raise InvalidInputError(msg)
    return next(iter(months), "")
