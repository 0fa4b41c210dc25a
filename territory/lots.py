"""Lots: cut a need so that each lot still has enough suppliers able to answer it whole.

A line of the need is a place and a trade. A supplier is able of a lot when it has every trade of
the lot and is within reach of every place of it; a larger lot never has more able suppliers. The
cut keeps whole what the buyer wants whole (a place, a trade, or a line) and looks for the **fewest
lots** that each have at least k able suppliers; then, among the cuts of so many lots, for

- ``concurrence``: the one whose least supplied lot has the most able suppliers, or
- ``equilibre``: the one whose heaviest lot is the lightest (by quantity; by lines when a quantity
  is unknown).

How it is solved, exactly or not, is in :mod:`territory.partition`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from territory import communes, effectifs, filieres, partition
from territory.errors import InvalidInputError
from territory.perimeter import Disc, Perimeter, check_radius
from territory.schemas import Column
from territory.suppliers import Criteria, SupplierIndex
from territory.text import NBSP, join, number, plural, trimmed

By = Literal["lieu", "filiere", "ligne"]
Objective = Literal["concurrence", "equilibre"]

#: What a lot never cuts → French words.
BY: Final[dict[By, str]] = {
    "lieu": "par lieu", "filiere": "par filière", "ligne": "par lieu et filière",
}
OBJECTIVES: Final[dict[Objective, str]] = {
    "concurrence": (
        "Objectif : le moins de lots possible ; à nombre égal, le lot le moins pourvu a le plus de "
        "fournisseurs capables."
    ),
    "equilibre": (
        "Objectif : le moins de lots possible ; à nombre égal, le lot le plus lourd est le plus "
        "léger possible."
    ),
}
REACH_KM: Final = 50.0
MAX_PER_LOT: Final = 1_000

LIMITS: Final = (
    "Un fournisseur est dit capable d’un lot quand il a toutes ses filières et se trouve à portée "
    "de tous ses lieux ; ni sa capacité de production ni la portée qu’il déclare ne sont lues."
)


@dataclass(frozen=True, eq=False)
class Lot:
    """A lot of the proposal, or a part of the need that too few can answer.

    Attributes
    ----------
    lines
        Rows of the need, columns of :func:`territory.besoin.read`.
    able
        Suppliers able of the whole lot, columns of the index's table.
    """

    lines: pd.DataFrame
    able: pd.DataFrame

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the communes, in the order of the need."""
        return tuple(dict.fromkeys(self.lines["commune"]))

    @property
    def trades(self) -> tuple[str, ...]:
        """Trades, in the order of the need."""
        return tuple(dict.fromkeys(self.lines["filiere"]))

    @property
    def quantity(self) -> float:
        """Sum of the quantities; NaN when one is unknown."""
        return float(self.lines["quantite"].sum(skipna=False))

    @property
    def unsized(self) -> int:
        """Able suppliers without a known size."""
        low, _ = effectifs.intervals(self.able["tranche_effectif"])
        return int(np.isnan(low).sum())

    def label(self) -> str:
        """Say what the lot is: trades, then places."""
        return f"{join(list(self.trades))} à {join(list(self.places))}"


@dataclass(frozen=True, eq=False)
class Split:
    """A need cut into lots.

    Attributes
    ----------
    lots
        Each has at least ``wanted`` able suppliers, in the order of the need.
    short
        Parts of the need that even alone have fewer; they are in no lot.
    wanted, reach_km, by, objective
        What was asked.
    exact
        Whether the cut is proven to be the best for its objective.
    fewest
        Proven lower bound of the number of lots.
    weighed
        Whether lots were weighed by quantity; by lines otherwise.
    """

    lots: tuple[Lot, ...]
    short: tuple[Lot, ...]
    wanted: int
    reach_km: float
    by: By
    objective: Objective
    exact: bool
    fewest: int
    weighed: bool

    def sentence(self) -> str:
        """Say the cut in French."""
        each = (
            f"au moins {plural(self.wanted, 'fournisseur capable', 'fournisseurs capables')} à "
            f"{trimmed(self.reach_km, 3)}{NBSP}km"
        )
        if not self.lots:
            return f"Aucun lot n’a {each}."
        count = len(self.lots)
        head = "Un seul lot suffit" if count == 1 else f"Le besoin se coupe en {number(count)} lots"
        whole = f"{head}, {BY[self.by]}{NBSP}: {'il' if count == 1 else 'chacun'} a {each}."
        if not self.short:
            return whole
        left = plural(len(self.short), "partie du besoin n’y est", "parties du besoin n’y sont")
        return f"{whole[:-1]}{NBSP}; {left} pas."

    def notes(self) -> list[str]:
        """Say in French what is lacking, the objective, and how the cut was found."""
        said = []
        for part in self.short:
            able = plural(len(part.able), "fournisseur capable", "fournisseurs capables")
            said.append(
                f"«{NBSP}{part.label()}{NBSP}» a {able}, pour {number(self.wanted)} à trouver."
            )
        if any(len(part.lines) > 1 for part in self.short):
            said.append("Une coupe plus fine, par lieu et filière, peut en servir une part.")
        if not self.lots:
            return [*said, LIMITS]
        said.append(OBJECTIVES[self.objective])
        if self.objective == "equilibre":
            said.append(
                "Les lots sont pesés par leurs quantités." if self.weighed else
                "Une quantité au moins est inconnue : les lots sont pesés par leurs lignes."
            )
        if self.exact:
            said.append("Calcul exact : toutes les coupes possibles ont été comparées.")
        elif len(self.lots) == self.fewest:
            said.append(
                "Calcul approché, borné en temps : aucune coupe n’a moins de lots, mais leur "
                "contenu n’est pas prouvé le meilleur."
            )
        else:
            said.append(
                f"Calcul approché, borné en temps{NBSP}: {plural(len(self.lots), 'lot')} ici, et "
                f"{plural(self.fewest, 'lot')} au moins dans toute coupe possible."
            )
        return [*said, LIMITS]

    def table(self) -> pd.DataFrame:
        """One row a line of the need, with its lot; ``lot`` is missing for what no lot has."""
        rows = []
        for rank, lot in enumerate((*self.lots, *self.short), start=1):
            rows.append(lot.lines.assign(
                lot=rank if rank <= len(self.lots) else None,
                fournisseurs_capables=len(lot.able), effectif_inconnu=lot.unsized,
                noms=" ; ".join(lot.able["nom"]),
            ))
        table = pd.concat(rows, ignore_index=True).astype({"lot": "Int64"})
        return table[["lot", *[c for c in table.columns if c != "lot"]]]


def columns() -> tuple[Column, ...]:
    """Declare the columns of :meth:`Split.table` that are its own."""
    return (
        Column("lot", "Lot", "entier", "Vide quand trop peu de fournisseurs sont capables."),
        Column("lieu", "Lieu", definition="Code Insee."),
        Column("quantite", "Quantité", "nombre"),
        Column("fournisseurs_capables", "Fournisseurs capables du lot", "entier"),
        Column("effectif_inconnu", "Dont d’effectif inconnu", "entier"),
        Column("noms", "Noms"),
    )


def perimeter(need: pd.DataFrame, reach_km: object = REACH_KM) -> Perimeter:
    """Everywhere within reach of a place of the need, for the choice of a directory."""
    return Perimeter(tuple(_around(code, reach_km) for code in dict.fromkeys(need["lieu"])))


def _around(code: str, reach_km: object) -> Disc:
    return Perimeter.around_commune(communes.get(code), reach_km).discs[0]


def split(
    need: pd.DataFrame, index: SupplierIndex, wanted: int, *,
    reach_km: object = REACH_KM, by: By = "lieu", objective: Objective = "concurrence",
    criteria: Criteria | None = None, time_limit: float = partition.TIME_LIMIT_S,
) -> Split:
    """Cut a need into the fewest lots that each have enough able suppliers.

    Parameters
    ----------
    need
        Lines, see :func:`territory.besoin.read`; at least one.
    index
        Structures searched.
    wanted
        Able suppliers each lot must have, at least 1.
    reach_km
        Kilometres from a supplier to a place, geodesic (WGS 84); a commune's own suppliers are in
        reach of it.
    by
        What a lot never cuts: a place, a trade, or only a line.
    objective
        What is best among cuts of the fewest lots.
    criteria
        Which suppliers; the trades are those of the lines, whatever it says of them.
    time_limit
        Seconds, for needs too large to be solved exactly.

    Raises
    ------
    InvalidInputError
        No line, or a number out of bounds.
    """
    if need.empty:
        msg = "Le besoin n’a aucune ligne."
        raise InvalidInputError(msg)
    if not 1 <= wanted <= MAX_PER_LOT:
        msg = f"Le nombre de fournisseurs par lot est compris entre 1 et {number(MAX_PER_LOT)}."
        raise InvalidInputError(msg)
    radius = check_radius(reach_km)
    need = need.reset_index(drop=True)
    asked = replace(criteria or Criteria(), filieres=tuple(need["filiere"].unique()))
    candidates = index.table[asked.mask(index.table)]
    able_of_line = _able(need, SupplierIndex(candidates), radius)
    weighed = bool(need["quantite"].notna().all())
    weights = need["quantite"].to_numpy(dtype=float) if weighed else np.ones(len(need))
    blocks = _blocks(need, by)
    able = np.array([able_of_line[rows].all(axis=0) for rows in blocks])
    weight = np.array([weights[rows].sum() for rows in blocks])
    enough = able.sum(axis=1) >= wanted
    solved = partition.solve(
        able[enough], weight[enough], wanted, objective=objective, time_limit=time_limit
    )
    feasible = [rows for rows, ok in zip(blocks, enough, strict=True) if ok]

    def lot(parts: list[np.ndarray]) -> Lot:
        rows = np.sort(np.concatenate(parts))
        return Lot(need.loc[rows], candidates[able_of_line[rows].all(axis=0)])

    return Split(
        lots=tuple(lot([feasible[b] for b in part]) for part in solved.parts),
        short=tuple(lot([rows]) for rows, ok in zip(blocks, enough, strict=True) if not ok),
        wanted=wanted, reach_km=radius, by=by, objective=objective,
        exact=solved.exact, fewest=solved.fewest, weighed=weighed,
    )


def _blocks(need: pd.DataFrame, by: By) -> list[np.ndarray]:
    """Rows that stay together, in the order of the need."""
    if by == "ligne":
        return [np.array([row]) for row in range(len(need))]
    groups = need.groupby(by, sort=False).indices
    return [np.asarray(groups[key]) for key in need[by].unique()]


def _able(need: pd.DataFrame, index: SupplierIndex, radius: float) -> np.ndarray:
    """Boolean array, shape (lines, structures): of the trade and in reach of the place."""
    near = {}
    for code in need["lieu"].unique():
        rows, _, _ = index.within(Perimeter.around_commune(communes.get(code), radius))
        near[code] = np.zeros(len(index.table), dtype=bool)
        near[code][rows] = True
    of_trade = {
        trade: filieres.matches(index.table["filiere"], (trade,))
        for trade in need["filiere"].unique()
    }
    return np.array([
        near[code] & of_trade[trade]
        for code, trade in zip(need["lieu"], need["filiere"], strict=True)
    ])
