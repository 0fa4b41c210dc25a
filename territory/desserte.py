"""Who delivers here: a perimeter's suppliers by declared range, and those of elsewhere that come.

The search lists who is in the perimeter; a supplier of elsewhere that declares delivering to its
centre is as good an answer to a need, and is listed here, apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from territory import geo
from territory.directory import Directory
from territory.national_list import NATIONAL
from territory.perimeter import Perimeter
from territory.reach import served
from territory.schemas import SUPPLIERS, TRISTATE
from territory.suppliers import Criteria, SupplierIndex
from territory.text import NBSP, plural

_YES, _NO, _UNKNOWN = (TRISTATE.index(answer) for answer in ("oui", "non", "inconnu"))

HOW: Final = (
    "La plupart des sources publiques ne disent pas jusqu’où livre une structure. Pour le dire, "
    "ajoutez vos fournisseurs par un fichier avec une colonne « Portée de livraison »"
    f"{NBSP}: « France », une distance (« 30{NBSP}km ») ou des codes de communes, de départements, "
    "d’EPCI ou de régions (« 26 ; 38281 ; R84 »)."
)


@dataclass(frozen=True, eq=False)
class Desserte:
    """Suppliers in a perimeter or not, that deliver to a centre of it or not.

    Attributes
    ----------
    counts
        (in the perimeter, says it delivers to a centre of it) → suppliers; each answer ``oui``,
        ``non`` or ``inconnu``, every pair there.
    undeclared
        Those, anywhere, that declare no range.
    outside
        Those known to be outside that say they deliver, the nearest first: columns of
        :func:`territory.suppliers.search`, ``dans_perimetre`` being ``non`` and ``distance_km``
        that to the nearest centre.
    """

    counts: Mapping[tuple[str, str], int]
    undeclared: int
    outside: pd.DataFrame

    def sentence(self) -> str:
        """Say in French how many come from outside."""
        count = len(self.outside)
        if not count:
            return "Aucun fournisseur connu hors du périmètre ne dit livrer ici."
        return (
            f"Hors du périmètre, {plural(count, 'fournisseur dit', 'fournisseurs disent')} "
            "livrer ici."
        )

    def notes(self) -> list[str]:
        """Say in French what is not known, one sentence each."""
        said = []
        maybe = self.counts["non", "inconnu"]
        if maybe:
            others = plural(maybe, "autre livre", "autres livrent")
            said.append(
                f"Hors du périmètre, on ne sait pas si {others} ici{NBSP}: une portée inconnue "
                "n’est pas un refus."
            )
        if self.undeclared:
            total = sum(self.counts.values())
            said.append(
                f"Sans portée déclarée{NBSP}: {plural(self.undeclared, 'fournisseur')} sur "
                f"{plural(total, 'examiné')}."
            )
        return said


def measure(
    perimeter: Perimeter, criteria: Criteria, index: SupplierIndex,
    own: pd.DataFrame | None = None,
) -> Desserte:
    """Sort suppliers by both reaches, see :mod:`territory.reach`, and list those from outside.

    Parameters
    ----------
    perimeter, criteria, index
        Where, which, among whom.
    own
        Rows of ``schemas.ETABLISSEMENTS`` the person brought; a SIRET of theirs hides the index's.
    """
    parts = [_answered(perimeter, criteria, index)]
    if own is not None and not own.empty:
        brought = own.reset_index(drop=True).assign(id=range(len(own)))
        hidden = index.table["siret"].isin(set(own["siret"]) - {""}).to_numpy()
        parts = [
            parts[0].without(hidden), _answered(perimeter, criteria, SupplierIndex(brought)),
        ]
    sums = np.sum([part.counts() for part in parts], axis=0)
    counts = dict(zip(itertools.product(TRISTATE, TRISTATE), map(int, sums), strict=True))
    comes = [part.coming() for part in parts]
    outside = comes[0] if len(comes) == 1 else pd.concat(comes, ignore_index=True)
    return Desserte(
        counts, sum(part.undeclared for part in parts), _ranked(outside, perimeter)
    )


@dataclass(frozen=True, eq=False)
class _Answers:
    """Rows of a table that meet criteria, and both answers of :func:`territory.reach.reach`.

    Answers are positions in ``TRISTATE``: a country of texts is slow to compare.
    """

    table: pd.DataFrame
    rows: np.ndarray
    within: np.ndarray
    delivers: np.ndarray
    undeclared: int

    def without(self, hidden: np.ndarray) -> _Answers:
        """Leave out the rows of the table that are hidden."""
        kept = ~hidden[self.rows]
        lost = (self.table["portee"].iloc[self.rows[~kept]] == "").sum()
        return _Answers(
            self.table, self.rows[kept], self.within[kept], self.delivers[kept],
            self.undeclared - int(lost),
        )

    def counts(self) -> np.ndarray:
        """Count the rows of each pair of answers, in the order of ``TRISTATE`` twice."""
        pairs = self.within * len(TRISTATE) + self.delivers
        return np.bincount(pairs, minlength=len(TRISTATE) ** 2)

    def coming(self) -> pd.DataFrame:
        """Rows from outside that say they deliver here."""
        comes = (self.within == _NO) & (self.delivers == _YES)
        coming: pd.DataFrame = self.table.iloc[self.rows[comes]].assign(
            dans_perimetre="non", dessert_le_centre="oui"
        )
        return coming


def _answered(perimeter: Perimeter, criteria: Criteria, index: SupplierIndex) -> _Answers:
    table = index.table
    placed = (table["longitude"].notna() & table["latitude"].notna()).to_numpy()
    within = np.where(placed, _NO, _UNKNOWN)
    inside, *_ = index.within(perimeter)
    within[inside] = _YES
    rows = np.flatnonzero(criteria.mask(table))
    delivers = np.full(len(rows), _UNKNOWN)
    # Few declare a range: the whole table is not copied for them.
    declared = np.flatnonzero((table["portee"] != "").to_numpy(dtype=bool)[rows])
    answers = served(table.iloc[rows[declared]], perimeter)
    delivers[declared] = pd.Categorical(answers, TRISTATE).codes
    return _Answers(table, rows, within[rows], delivers, len(rows) - len(declared))


def _ranked(rows: pd.DataFrame, perimeter: Perimeter) -> pd.DataFrame:
    """Measure placed suppliers from the nearest centre, and sort them."""
    to = np.array([
        geo.distance_km(center.longitude, center.latitude,
                        rows["longitude"].to_numpy(dtype=float),
                        rows["latitude"].to_numpy(dtype=float))
        for center in perimeter.centers
    ])
    texts = rows.select_dtypes(exclude="number").columns
    found = rows.assign(
        **{name: rows[name].fillna("") for name in texts},
        distance_km=np.round(to.min(axis=0), 3),
        distance_depuis=perimeter.distance_depuis(to.argmin(axis=0)),
    )
    others = [name for name in found.columns if name not in SUPPLIERS.names]
    return found[[*SUPPLIERS.names, *others]].sort_values(
        ["distance_km", "nom"], kind="stable", ignore_index=True
    )


def blind_spot(listed: Directory) -> str:
    """Say in French what a list cannot know of the outside; empty when it is of all France."""
    if listed.kind == "perimetre":
        return (
            "La liste vient des communes que le périmètre touche, interrogées une à une : plus "
            "loin, elle ne connaît personne."
        )
    if any(one.id.startswith(f"{NATIONAL}_") for one in listed.tables):
        return "La liste ne contient que les départements récupérés : ailleurs, personne."
    return ""
