"""Answers of suppliers to a charter, and marks by axis: unknown is counted apart, never against.

The mark of an axis is the weight of what is met over the weight of what is known. It does not
depend on what is unknown; the share that is known is given beside it. There is no overall mark
unless somebody asks for one (:func:`total`), for it lets a good axis hide a bad one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory.charter.criteria import MAX_WEIGHT, Charter, is_weight
from territory.charter.declaration import Declaration, matched
from territory.charter.rules import MET, NOT_MET, UNKNOWN, evaluate, looked_at
from territory.errors import InvalidInputError
from territory.text import excerpt

#: Columns of :func:`answers`.
ANSWERS: Final = (
    "fournisseur", "critere", "axe", "etat", "source", "date", "role", "preuve", "contredit",
)
#: Digits beyond which two marks are the same: sums of weights in another order.
_DIGITS: Final = 12


def answers(
    suppliers: pd.DataFrame, charter: Charter, declared: Iterable[Declaration] = ()
) -> pd.DataFrame:
    """Answer every criterion for every supplier it concerns.

    A source of the table comes first; a declaration answers where none does, the latest of a
    criterion winning (of one day, the last given). One that says the contrary of a source changes
    nothing and is flagged.

    Parameters
    ----------
    suppliers
        Columns of ``schemas.SUPPLIERS``, those of ``schemas.ETABLISSEMENTS`` when they are known;
        index unique.
    charter
        The criteria.
    declared
        Evidence entered by hand; what concerns no supplier or no criterion of these is left out
        (:func:`unused`).

    Returns
    -------
    pandas.DataFrame
        :data:`ANSWERS`, one row a supplier × criterion that concerns its trade, in the order of
        both: ``fournisseur`` its index; ``etat`` oui, non or inconnu; ``source`` and ``date`` of
        the answer; ``role`` and ``preuve`` of a declaration; ``contredit`` True where a
        declaration contradicts the source. Never an answer without a source.
    """
    if not suppliers.index.is_unique:
        msg = "suppliers must have a unique index"
        raise ValueError(msg)
    judged = looked_at(suppliers)
    trades = suppliers["filiere"].astype(object)
    of_trades: dict[tuple[str, ...], npt.NDArray[np.intp]] = {}
    concerned, answered = [], []
    for criterion in charter.criteria:
        if criterion.filieres not in of_trades:
            of_trades[criterion.filieres] = np.flatnonzero(criterion.concerns(trades))
        rows = of_trades[criterion.filieres]
        concerned.append(rows)
        answered.append([column[rows] for column in evaluate(criterion.rules, judged)])
    position = np.concatenate(concerned)
    rank = np.repeat(np.arange(len(concerned)), [len(rows) for rows in concerned])
    order = np.lexsort((rank, position))
    position, rank = position[order], rank[order]
    states, sources, days = (
        np.concatenate(column)[order] for column in zip(*answered, strict=True)
    )
    table = pd.DataFrame({
        "fournisseur": suppliers.index.to_numpy()[position],
        "critere": np.array([c.id for c in charter.criteria], dtype=object)[rank],
        "axe": np.array([c.axis for c in charter.criteria], dtype=object)[rank],
        "etat": states, "source": sources, "date": days,
        "role": "", "preuve": "", "contredit": False, "position": position,
    })
    _declare(table, _latest(suppliers, charter, declared))
    return table[list(ANSWERS)]


def _latest(
    suppliers: pd.DataFrame, charter: Charter, declared: Iterable[Declaration]
) -> dict[tuple[int, str], Declaration]:
    """Keep, for each position and criterion that accepts one, the declaration in force."""
    accepted = {c.id for c in charter.criteria if c.declarable}
    found: dict[tuple[int, str], Declaration] = {}
    for one, position in matched(declared, suppliers):
        if position is not None and one.criterion in accepted:
            before = found.get((position, one.criterion))
            if before is None or before.day <= one.day:
                found[position, one.criterion] = one
    return found


def _declare(table: pd.DataFrame, declared: Mapping[tuple[int, str], Declaration]) -> None:
    """Write declarations in a table of answers, where no source answered."""
    if not declared:
        return
    written = ("etat", "source", "date", "role", "preuve")
    cells = {name: table[name].to_numpy(dtype=object, copy=True) for name in written}
    against = np.zeros(len(table), dtype=bool)
    for row, key in enumerate(zip(table["position"], table["critere"], strict=True)):
        one = declared.get(key)
        if one is None:
            continue
        if cells["etat"][row] == UNKNOWN:
            said = (one.state, one.source(), one.day.isoformat(), one.role, one.evidence)
            for name, text in zip(written, said, strict=True):
                cells[name][row] = text
        else:
            against[row] = cells["etat"][row] != one.state
    for name in written:
        table[name] = cells[name]
    table["contredit"] = against


def unused(
    suppliers: pd.DataFrame, charter: Charter, declared: Iterable[Declaration]
) -> list[Declaration]:
    """List the declarations that answer nothing here.

    Their supplier is absent or has a namesake, or the charter has no such criterion, does not take
    it by hand or does not ask it of this trade.
    """
    criteria = {c.id: c for c in charter.criteria if c.declarable}
    return [
        one for one, position in matched(declared, suppliers)
        if position is None
        or one.criterion not in criteria
        or not criteria[one.criterion].concerns(suppliers["filiere"].iloc[[position]])[0]
    ]


def marks(answers: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """Mark every supplier on every axis.

    Parameters
    ----------
    answers
        See :func:`answers`.
    weights
        Criterion → weight, 0 to 100; 0 sets a criterion aside.

    Returns
    -------
    pandas.DataFrame
        One row a supplier × axis: ``fournisseur``, ``axe``; ``note``, 0 to 1, missing when nothing
        is known; ``part_connue``, share of the weight that is known, missing when nothing weighs;
        ``atteints``, ``non_atteints``, ``inconnus``, numbers of criteria that weigh.

    Raises
    ------
    InvalidInputError
        A criterion has no weight, or one out of bounds.
    """
    for criterion_id in answers["critere"].unique():
        _check(weights.get(criterion_id), criterion_id)
    weight = answers["critere"].map(dict(weights)).astype(float)
    counted = weight > 0
    state = answers["etat"]
    sums = pd.DataFrame({
        "fournisseur": answers["fournisseur"],
        "axe": answers["axe"],
        "poids": weight,
        "connu": weight.where(state != UNKNOWN, 0.0),
        "atteint": weight.where(state == MET, 0.0),
        "atteints": (counted & (state == MET)).astype(int),
        "non_atteints": (counted & (state == NOT_MET)).astype(int),
        "inconnus": (counted & (state == UNKNOWN)).astype(int),
    }).groupby(["fournisseur", "axe"], sort=False, as_index=False).sum()
    sums["note"] = (sums["atteint"] / sums["connu"].where(sums["connu"] > 0)).round(_DIGITS)
    sums["part_connue"] = (sums["connu"] / sums["poids"].where(sums["poids"] > 0)).round(_DIGITS)
    return sums[
        ["fournisseur", "axe", "note", "part_connue", "atteints", "non_atteints", "inconnus"]
    ]


def total(marks: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """Sum marks up in one, for who asks: the weighted mean of the axes that have a mark.

    Parameters
    ----------
    marks
        See :func:`marks`.
    weights
        Axis → weight, 0 to 100; 1 where nothing is said.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``fournisseur``: ``total``, 0 to 1, missing without any mark; ``part_connue``,
        weighted mean over all axes; ``axes_notes``, number of axes that have a mark and weigh.

    Raises
    ------
    InvalidInputError
        A weight is out of bounds.
    """
    given = dict(weights or {})
    for axis, value in given.items():
        _check(value, axis)
    weight = marks["axe"].map(given).astype(float).fillna(1.0)
    marked = weight.where(marks["note"].notna(), 0.0)
    weighing = weight.where(marks["part_connue"].notna(), 0.0)
    sums = pd.DataFrame({
        "fournisseur": marks["fournisseur"],
        "poids": marked,
        "points": marked * marks["note"].fillna(0.0),
        "tous": weighing,
        "connu": weighing * marks["part_connue"].fillna(0.0),
        "axes_notes": (marked > 0).astype(int),
    }).groupby("fournisseur", sort=False).sum()
    return pd.DataFrame({
        "total": (sums["points"] / sums["poids"].where(sums["poids"] > 0)).round(_DIGITS),
        "part_connue": (sums["connu"] / sums["tous"].where(sums["tous"] > 0)).round(_DIGITS),
        "axes_notes": sums["axes_notes"],
    })


def on_axis(marks: pd.DataFrame, axis: str) -> pd.Series:
    """Return the marks of one axis by supplier, missing where there is none."""
    suppliers = pd.Index(marks["fournisseur"].unique(), name="fournisseur")
    return marks[marks["axe"] == axis].set_index("fournisseur")["note"].reindex(suppliers)


def ranks(scores: pd.Series) -> pd.Series:
    """Rank suppliers by a mark, the best first.

    Returns
    -------
    pandas.Series
        Int64, same index: equal marks share the better rank; missing without a mark.
    """
    return scores.rank(method="min", ascending=False).astype("Int64")


def ordered(scores: pd.Series) -> pd.Index:
    """Suppliers from the best mark down; equal ones keep their order, unmarked ones come last."""
    return scores.sort_values(ascending=False, kind="stable", na_position="last").index


def _check(weight: object, name: str) -> None:
    if not is_weight(weight):
        msg = f"Le poids de « {excerpt(name)} » n’est pas un nombre de 0 à {MAX_WEIGHT:.0f}."
        raise InvalidInputError(msg)
