"""Suppliers judged by a charter: columns for files, ranks, and why a rank, in words."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from territory.charter import marks as marking
from territory.charter.criteria import Charter
from territory.charter.declaration import Declaration
from territory.charter.rules import MET, NOT_MET, STATES, UNKNOWN
from territory.errors import InvalidInputError
from territory.schemas import Column
from territory.text import NBSP, date, excerpt, join, number, plural, written_day

#: What every table of marks says of itself.
READING: Final = (
    "Une note est la part du poids atteint parmi ce qui est connu ; l’inconnu ne la change pas et "
    "se lit à part. Sans rien de connu, il n’y a pas de note."
)
REMINDER: Final = (
    "Ces notes aident à connaître l’offre avant un achat : la localisation n’est pas un critère "
    "d’attribution d’un marché public."
)


@dataclass(frozen=True, eq=False)
class Assessment:
    """What a charter says of suppliers.

    Attributes
    ----------
    charter
        Criteria and the weights in force.
    answers
        See :func:`territory.charter.marks.answers`.
    marks
        See :func:`territory.charter.marks.marks`.
    """

    charter: Charter
    answers: pd.DataFrame
    marks: pd.DataFrame

    def reweighted(self, weights: Mapping[str, float]) -> Assessment:
        """Mark the same answers again with other weights; nothing is asked anew.

        Raises
        ------
        InvalidInputError
            See :meth:`Charter.reweighted`.
        """
        charter = self.charter.reweighted(weights)
        return Assessment(charter, self.answers, marking.marks(self.answers, charter.weights))

    def scores(self, by: str) -> pd.Series:
        """Return the marks of each supplier, 0 to 1.

        Parameters
        ----------
        by
            Id of an axis, or ``total`` for the mean of the axes that have a mark.

        Raises
        ------
        InvalidInputError
            The charter has no such axis.
        """
        if by == "total":
            return self.totals["total"]
        self._label(by)
        return marking.on_axis(self.marks, by)

    @functools.cached_property
    def totals(self) -> pd.DataFrame:
        """See :func:`territory.charter.marks.total`, axes weighing the same."""
        return marking.total(self.marks)

    def table(self, suppliers: pd.DataFrame, *, total: bool = False) -> pd.DataFrame:
        """Add marks to the suppliers that were assessed.

        Parameters
        ----------
        suppliers
            The table :func:`assess` was given, or some rows of it.
        total
            Add the total and the rank among these rows, and sort by it.

        Returns
        -------
        pandas.DataFrame
            Columns of :meth:`columns` added: percents, missing without a mark.
        """
        added = self.percents(suppliers.index)
        if total:
            sums = self.totals.reindex(suppliers.index)
            added["note_totale"] = _percent(sums["total"])
            added["connu_total"] = _percent(sums["part_connue"])
            added["rang_charte"] = marking.ranks(sums["total"])
        words = self._words("total" if total else "", suppliers.index)
        added["pourquoi"] = pd.Series(
            [words[supplier] for supplier in suppliers.index], index=suppliers.index, dtype=object
        )
        marked = pd.concat([suppliers, added], axis=1)
        return marked.loc[marking.ordered(sums["total"])] if total else marked

    def percents(self, suppliers: pd.Index) -> pd.DataFrame:
        """Give the marks and known shares of some suppliers by axis, without words."""
        own = self.marks[self.marks["fournisseur"].isin(suppliers)]
        # A supplier has one row an axis: there is nothing to aggregate.
        by_axis = own.pivot(  # noqa: PD010
            index="fournisseur", columns="axe", values=["note", "part_connue"]
        ).reindex(suppliers)
        return pd.DataFrame({
            f"{name}_{axis.id}": _percent(
                by_axis[column, axis.id] if (column, axis.id) in by_axis
                else pd.Series(np.nan, suppliers)
            )
            for axis in self.charter.axes
            for name, column in (("note", "note"), ("connu", "part_connue"))
        })

    def columns(self, *, total: bool = False) -> tuple[Column, ...]:
        """Declare the columns that :meth:`table` adds."""
        found = []
        for axis in self.charter.axes:
            found += [
                Column(f"note_{axis.id}", f"Note{NBSP}: {axis.label}", "nombre", READING, "%"),
                Column(f"connu_{axis.id}", f"Part connue{NBSP}: {axis.label}", "nombre",
                       "Part du poids des critères de l’axe dont la réponse est connue.", "%"),
            ]
        if total:
            found += [
                Column("note_totale", "Note totale", "nombre",
                       "Moyenne des axes notés, à poids égaux, donnée sur demande.", "%"),
                Column("connu_total", "Part connue, en tout", "nombre",
                       "Moyenne des parts connues de tous les axes.", "%"),
                Column("rang_charte", "Rang", "entier",
                       "D’après la note totale ; les ex æquo ont le même rang."),
            ]
        why = "Les réponses qui font la note, avec leurs sources, et ce qui reste inconnu."
        return (*found, Column("pourquoi", "Pourquoi", definition=why))

    def why(self, supplier: Hashable, by: str = "") -> str:
        """Tell why a supplier has its marks, and its rank if one is asked.

        Parameters
        ----------
        supplier
            Its label in the index of the table.
        by
            Id of an axis or ``total``, to say its rank; empty says none.

        Raises
        ------
        InvalidInputError
            The supplier was not assessed, or the charter has no such axis.
        """
        words = self._words(by, [supplier])
        if supplier not in words:
            msg = "Ce fournisseur n’est pas de ceux que la charte a examinés."
            raise InvalidInputError(msg)
        return words[supplier]

    def _words(self, by: str, suppliers: Collection[Hashable]) -> dict[Hashable, str]:
        """Write why for some suppliers: a sentence costs more than the mark it explains."""
        ranks = self._ranks(by, suppliers) if by else {}
        answers = self.answers[self.answers["fournisseur"].isin(suppliers)]
        notes = self.marks[self.marks["fournisseur"].isin(suppliers)]
        said: dict[Hashable, list[dict[Hashable, Any]]] = {}
        # Objects first: the texts of Arrow columns are slow to take one by one.
        for one in answers.astype(object).to_dict("records"):
            said.setdefault(one["fournisseur"], []).append(one)
        note = {
            (supplier, axis): float(mark)
            for supplier, axis, mark in zip(
                notes["fournisseur"], notes["axe"], notes["note"], strict=True
            )
        }
        return {
            supplier: " ".join([*ranks.get(supplier, []), *self._by_axis(supplier, rows, note)])
            for supplier, rows in said.items()
        }

    def _by_axis(
        self, supplier: Hashable, rows: list[dict[Hashable, Any]],
        note: Mapping[tuple[Hashable, str], float],
    ) -> list[str]:
        """Say each axis that has a mark, then all that is unknown."""
        weights, labels = self.charter.weights, {c.id: c.label for c in self.charter.criteria}
        rows = [row for row in rows if weights[row["critere"]] > 0]
        told = []
        for axis in self.charter.axes:
            own = [row for row in rows if row["axe"] == axis.id]
            if not any(row["etat"] != UNKNOWN for row in own):
                continue
            parts = [
                f"{STATES[state].capitalize()}{NBSP}: {join(same)}"
                for state in (MET, NOT_MET)
                if (same := [_answer(row, labels) for row in own if row["etat"] == state])
            ]
            mark = _share(note[supplier, axis.id])
            told.append(f"{axis.label}{NBSP}: {mark} de ce qui est connu. {'. '.join(parts)}.")
        unknown = [labels[row["critere"]] for row in rows if row["etat"] == UNKNOWN]
        if unknown:
            told.append(f"Inconnu{NBSP}: {join(unknown)}.")
        return told

    def _ranks(
        self, by: str, suppliers: Collection[Hashable]
    ) -> dict[Hashable, list[str]]:
        """Say the rank of some suppliers among all, or that they have none."""
        scores = self.scores(by)
        of = "en moyenne des axes notés" if by == "total" else f"pour « {self._label(by)} »"
        marked = int(scores.notna().sum())
        equal = scores.groupby(scores).transform("size")
        shares = self.totals["part_connue"].reindex(scores.index)
        told: dict[Hashable, list[str]] = {}
        asked = scores.index.isin(suppliers)
        for supplier, score, rank, size, share in zip(
            *(column[asked] for column in (
                scores.index, scores, marking.ranks(scores), equal, shares
            )), strict=True,
        ):
            if pd.isna(score):
                told[supplier] = [f"Sans rang{NBSP}: rien n’est connu {of}."]
                continue
            others = f", ex æquo avec {plural(int(size) - 1, 'autre')}" if size > 1 else ""
            known = f" ; {_share(share)} du poids est connu" if by == "total" else ""
            where = f"Rang {number(rank)} sur {number(marked)}{others}"
            told[supplier] = [f"{where}{NBSP}: {_share(score)} {of}{known}."]
        return told

    def _label(self, axis_id: str) -> str:
        for axis in self.charter.axes:
            if axis.id == axis_id:
                return axis.label
        msg = f"La charte n’a pas d’axe « {excerpt(axis_id)} »."
        raise InvalidInputError(msg)


def assess(
    suppliers: pd.DataFrame, charter: Charter, declared: Iterable[Declaration] = ()
) -> Assessment:
    """Answer a charter for suppliers and mark them by axis.

    Parameters
    ----------
    suppliers, charter, declared
        See :func:`territory.charter.marks.answers`.
    """
    found = marking.answers(suppliers, charter, declared)
    return Assessment(charter, found, marking.marks(found, charter.weights))


def _answer(row: Mapping[Hashable, Any], labels: Mapping[str, str]) -> str:
    """Say an answer with its source: « SIAE (Marché de l’inclusion, 3 mars 2026) »."""
    source, day = str(row["source"]), str(row["date"])
    when = f", {_day(day)}" if day and written_day(source) is None else ""
    against = ", contredit par une déclaration" if row["contredit"] else ""
    return f"{labels[row['critere']]} ({source}{when}{against})"


def _day(text: str) -> str:
    """Write a day in words; sources also give a year or a month, kept as they are."""
    try:
        return date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _share(value: float) -> str:
    return f"{number(100 * value)}{NBSP}%"


def _percent(shares: pd.Series) -> pd.Series:
    return (100 * shares.astype(float)).round(1)
