"""The rows of the table: read, refused with their lines, checked against their totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes
from territory.errors import InvalidInputError
from territory.sources.depots_credits.cells import MISSING_MARKS, amount
from territory.sources.depots_credits.layout import Layout
from territory.sources.depots_credits.places import (
    OVERSEAS,
    Kind,
    Level,
    mainland,
    overseas,
    place,
)
from territory.text import excerpt, fold, join, month, plural, trimmed

#: Part of the total that rounding may move.
TOLERANCE: Final = 0.005
_LISTED: Final = 5


@dataclass(frozen=True, eq=False)
class Balances:
    """Outstanding deposits and credits by territory.

    Attributes
    ----------
    name
        Of the file.
    level
        ``departement`` or ``region``.
    table
        Indexed by code: ``nom``, ``depots``, ``credits`` (millions of euros, NaN where not
        published), ``ligne`` (of the file).
    period
        Month described (``2021-07``), empty when unknown.
    whole
        ``depots`` and ``credits`` of the métropole as the file says, None when it does not.
    notes
        French sentences: what was checked, what is missing.
    """

    name: str
    level: Level
    table: pd.DataFrame
    period: str
    whole: pd.Series | None
    notes: tuple[str, ...]

    @property
    def when(self) -> str:
        """Month in words, or that it is not known."""
        return f"fin {month(self.period)}" if self.period else "date non dite"


@dataclass(frozen=True)
class Row:
    """A row whose territory and amounts (millions of euros) are known."""

    line: int
    kind: Kind
    code: str
    depots: float
    credits: float


def rows_of(layout: Layout, factors: Mapping[str, float]) -> tuple[list[Row], list[str]]:
    """Read every row; the second part lists the faults, each with its line."""
    rows: list[Row] = []
    faults: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    table = layout.table
    for line, cells in zip(table.index, table.to_dict("records"), strict=True):
        named = [str(cells[column]) for column in layout.place]
        amounts = {role: str(cells[column]) for role, column in layout.amounts.items()}
        empty = all(fold(a) in MISSING_MARKS for a in amounts.values())
        if not any(named):
            # A note under the table, or amounts nobody owns.
            if not empty:
                faults.append(f"ligne {line}, aucun département n’est nommé")
            continue
        try:
            kind, code = place(named)
        except InvalidInputError as error:
            if empty and not any(fold(a) for a in amounts.values()):
                continue  # A foot note: « Source : … », without amounts.
            faults.append(f"ligne {line}, {error.user_message}")
            continue
        if kind == "departement" and code in OVERSEAS:
            if not empty:
                faults.append(
                    f"ligne {line}, {overseas()[code]} n’est pas dans le champ de cette table, "
                    "qui est la métropole"
                )
            continue
        if (kind, code) in seen:
            faults.append(f"ligne {line}, {excerpt(' '.join(filter(None, named)), 40)} est déjà "
                          f"ligne {seen[kind, code]}")
            continue
        seen[kind, code] = int(line)
        values: dict[str, float] = {}
        for role, text in amounts.items():
            try:
                values[role] = amount(text) * factors[role]
            except InvalidInputError as error:
                faults.append(f"ligne {line}, {error.user_message}")
        if len(values) == len(amounts):
            rows.append(Row(int(line), kind, code, values["depots"], values["credits"]))
    return rows, faults


def assembled(name: str, rows: list[Row], period: str) -> Balances:
    """Put the rows of the finest level in a table; check totals against it."""
    level: Level = "departement" if any(r.kind == "departement" for r in rows) else "region"
    kept = [row for row in rows if row.kind == level]
    if not kept or all(pd.isna(r.depots) or pd.isna(r.credits) for r in kept):
        msg = (f"Le fichier {excerpt(name)} ne donne à aucun territoire à la fois ses dépôts et "
               "ses crédits.")
        raise InvalidInputError(msg)
    units = mainland(level)
    table = pd.DataFrame(
        {"nom": [units[r.code] for r in kept], "depots": [r.depots for r in kept],
         "credits": [r.credits for r in kept], "ligne": [r.line for r in kept]},
        index=pd.Index([r.code for r in kept], name="code"),
    ).sort_index()
    whole, notes = _whole(rows, table, level)
    notes += _regions_checked(rows, table) if level == "departement" else []
    holes = table[["depots", "credits"]].isna().any(axis=1)
    if holes.any():
        notes.append(
            f"Un montant au moins manque pour {_listed(table['nom'][holes].tolist())} : ce qui "
            "manque reste inconnu, et n’est pas compté pour zéro."
        )
    return Balances(name, level, table, period, whole, tuple(notes))


def _listed(names: list[str]) -> str:
    more = len(names) - _LISTED
    return join(names) if more <= 0 else f"{', '.join(names[:_LISTED])} et {more} autres"


def _whole(
    rows: list[Row], table: pd.DataFrame, level: Level
) -> tuple[pd.Series | None, list[str]]:
    """Amounts of the métropole as a total row says, and what the check of it gave.

    A bare « Total » under a part of the territories is theirs, not the métropole's.
    """
    said = next((r for r in rows if r.kind == "metropole"), None) or next(
        (r for r in rows if r.kind == "total"), None)
    if said is None:
        return None, []
    total = pd.Series({"depots": said.depots, "credits": said.credits})
    if not (total > 0).all():
        note = f"La ligne de total ({said.line}) n’a pas ses deux montants : elle n’est pas lue."
        return None, [note]
    lacking = len(mainland(level)) - len(table)
    off = (table[["depots", "credits"]].sum(skipna=False) / total - 1).abs()
    agrees = bool((off <= TOLERANCE).all())
    if said.kind == "total" and lacking:
        why = "est la somme des lignes" if agrees else "n’est pas la somme des lignes"
        note = (f"Le total (ligne {said.line}) {why}, et n’est pas pris pour la métropole : il y "
                f"manque {plural(lacking, 'territoire')}.")
        return None, [note]
    if lacking or off.isna().any():
        note = (f"La métropole est celle de la ligne {said.line} ; la somme des territoires, "
                "incomplète, ne permet pas de la contrôler.")
    elif agrees:
        note = (f"La ligne de total ({said.line}) est la somme des territoires, aux arrondis "
                "près : elle sert de référence et n’est pas comptée.")
    else:
        note = (f"La ligne de total ({said.line}) s’écarte de {trimmed(100 * float(off.max()))} % "
                "de la somme des territoires : elle sert de référence, mais une part n’est pas "
                "répartie, ou une ligne est fausse.")
    return total, [note]


def _regions_checked(rows: list[Row], table: pd.DataFrame) -> list[str]:
    """Check the région rows of a table of départements: they are never counted."""
    region = communes.units("departement")["code_region"]
    notes = []
    for row in rows:
        if row.kind != "region":
            continue
        own = region.index[region == row.code]
        summed = table.reindex(own)[["depots", "credits"]].sum(skipna=False)
        said = pd.Series({"depots": row.depots, "credits": row.credits})
        if ((summed - said).abs() > TOLERANCE * said).any():
            notes.append(f"La ligne {row.line} ({mainland('region')[row.code]}) n’est pas la somme "
                         "de ses départements ; elle n’est pas comptée.")
    return notes
