"""The smallest, then closest, group of suppliers that covers several trades, for a joint answer.

It is a minimum set cover with a second and a third objective, all solved to the optimum by HiGHS
(``scipy.optimize.milp``) within a time limit:

1. the fewest members;
2. then the smallest distance between the centre and the farthest member;
3. then the smallest sum of the members' distances to the centre.

A supplier whose trades are all offered by another one at most as far is dominated: no better group
needs it, and it is taken out before solving.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from territory import filieres
from territory.errors import InvalidInputError
from territory.geodesic import distances_km
from territory.perimeter import Perimeter
from territory.suppliers import Criteria, SupplierIndex, search
from territory.text import NBSP, capital, join, number, plural, trimmed

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

TIME_LIMIT_S: Final = 10.0

OBJECTIVE: Final = (
    "Le groupe proposé a le moins de membres possible ; à nombre égal, son membre le plus éloigné "
    "du centre est le plus proche possible ; puis la somme des distances au centre est la plus "
    "petite."
)
LIMITS: Final = (
    "Être de la filière et dans le périmètre ne dit ni la capacité, ni l’envie de répondre "
    "ensemble : ce groupe est une idée à vérifier avec chacun."
)


@dataclass(frozen=True, eq=False)
class Group:
    """A group for a joint answer.

    Attributes
    ----------
    perimeter, trades
        What was asked.
    members
        Columns of :func:`territory.suppliers.search`, then ``filieres_couvertes``: the wanted
        trades the member has; the nearest first.
    missing
        Wanted trades that nobody in the perimeter is known for; the group covers the others.
    candidates, kept
        Suppliers of at least one wanted trade, and those left once dominated ones are out.
    exact
        Whether the group is proven to be the best for :data:`OBJECTIVE`.
    fewest
        Proven lower bound of the number of members.
    untraded
        Structures of the perimeter without any known trade.
    """

    perimeter: Perimeter
    trades: tuple[str, ...]
    members: pd.DataFrame
    missing: tuple[str, ...]
    candidates: int
    kept: int
    exact: bool
    fewest: int
    untraded: int

    @property
    def span_km(self) -> float:
        """Kilometres between the two members farthest from each other; NaN when unknown."""
        places = self.members[["longitude", "latitude"]].to_numpy(dtype=float)
        if len(places) == 0 or not np.isfinite(places).all():
            return np.nan
        first, second = np.triu_indices(len(places), 1)
        return float(distances_km(places[first], places[second]).max(initial=0.0))

    def sentence(self) -> str:
        """Say the group in French."""
        where, covers = self.perimeter.sentence(), self._size()
        if self.missing:
            nobody = join([f"pour «{NBSP}{trade}{NBSP}»" for trade in self.missing])
            rest = (
                "aucun groupe n’est possible" if self.members.empty
                else f"pour le reste, {covers} suffit"
            )
            return f"{capital(nobody)}, personne n’est connu {where}{NBSP}; {rest}."
        count = len(self.trades)
        trades = f"les {number(count)} filières" if count > 1 else "la filière"
        return f"{capital(covers)} couvre {trades} {where}."

    def notes(self) -> list[str]:
        """Say in French how the group was found and what it does not say."""
        if self.members.empty:
            return [LIMITS]
        said = [OBJECTIVE]
        if self.exact:
            said.append(
                f"Calcul exact{NBSP}: aucun meilleur groupe n’existe parmi "
                f"{plural(self.candidates, 'candidat')}."
            )
        else:
            said.append(
                f"Calcul arrêté par sa limite de temps{NBSP}: ce groupe n’est pas prouvé le "
                f"meilleur, mais aucun n’a moins de {plural(self.fewest, 'membre')}."
            )
        if np.isfinite(self.span_km) and len(self.members) > 1:
            said.append(
                f"Les deux membres les plus éloignés sont à {trimmed(self.span_km)}{NBSP}km l’un "
                "de l’autre, à vol d’oiseau."
            )
        presumed = int((self.members["filiere_origine"] == "presumee_naf").sum())
        if presumed:
            said.append(
                f"La filière est seulement présumée d’après le code NAF pour "
                f"{plural(presumed, 'membre')} sur {number(len(self.members))}."
            )
        if self.untraded:
            said.append(
                f"Sans filière connue dans le périmètre{NBSP}: "
                f"{plural(self.untraded, 'structure')}, hors de ce calcul."
            )
        return [*said, LIMITS]

    def _size(self) -> str:
        count = len(self.members)
        return "une seule structure" if count == 1 else f"un groupe de {number(count)} structures"


def find(
    perimeter: Perimeter, trades: Sequence[str], index: SupplierIndex,
    criteria: Criteria | None = None, time_limit: float = TIME_LIMIT_S,
) -> Group:
    """Find the smallest, then closest, group of suppliers of a perimeter that covers trades.

    Parameters
    ----------
    perimeter
        Where; distances are those to its nearest centre.
    trades
        Wanted filières, at least one.
    index
        Structures searched.
    criteria
        What else is asked of a member; its own filières are not read.
    time_limit
        Seconds given to the solver.

    Raises
    ------
    InvalidInputError
        No trade, or the unknown one.
    """
    wanted = tuple(dict.fromkeys(trades))
    if not wanted or filieres.UNKNOWN in wanted:
        msg = "Indiquez au moins une filière à couvrir, et seulement des filières connues."
        raise InvalidInputError(msg)
    asked = criteria or Criteria()
    found = search(
        perimeter,
        Criteria((*wanted, filieres.UNKNOWN), asked.familles, asked.siae_only,
                 asked.employers_only, asked.include_presumed),
        index,
    )
    covers = np.array([filieres.matches(found["filiere"], (trade,)) for trade in wanted])
    able = covers.any(axis=0)
    pool, covers = found[able].reset_index(drop=True), covers[:, able]
    distance = pool["distance_km"].to_numpy(dtype=float)
    held = np.asarray(covers.any(axis=1))
    chosen, exact, fewest, kept = best(covers[held], distance, time_limit)
    members = pool.iloc[chosen].assign(filieres_couvertes=[
        filieres.SEPARATOR.join(np.array(wanted, dtype=object)[covers[:, j]]) for j in chosen
    ])
    return Group(
        perimeter, wanted, members.reset_index(drop=True),
        missing=tuple(t for t, has in zip(wanted, held.tolist(), strict=True) if not has),
        candidates=len(pool), kept=kept, exact=exact, fewest=fewest,
        untraded=int((~able).sum()),
    )


def best(
    covers: Mask, distances: Array, time_limit: float = TIME_LIMIT_S
) -> tuple[list[int], bool, int, int]:
    """Solve the cover for the three objectives of this module, one after the other.

    Parameters
    ----------
    covers
        Shape (trades, suppliers); every trade has somebody.
    distances
        Kilometres to the centre, shape (suppliers,); NaN, unknown, counts as the farthest of all.

    Returns
    -------
    chosen
        Positions of the members, the nearest first.
    exact
        Whether all three objectives are proven.
    fewest
        Proven lower bound of the number of members.
    kept
        Suppliers left once the dominated ones are out.
    """
    if covers.shape[0] == 0:
        return [], True, 0, 0
    deadline = time.monotonic() + time_limit
    # A metre is the precision of the distances; the unknown ones come after any other.
    far = np.where(np.isfinite(distances), np.round(distances, 3), 100_000.0)
    keep = _undominated(covers, far)
    near, distance = covers[:, keep], far[keep]
    ones = np.ones(len(keep))
    chosen, bound, proven = _cover(near, ones, deadline)
    count = len(chosen)
    fewest = int(np.ceil(bound - 1e-6))
    if not proven:
        return _sorted(keep[chosen], far), False, fewest, len(keep)

    # Smallest reach at which so few members still cover everything, by bisection.
    reaches = np.unique(distance)
    low, high = 0, int(np.searchsorted(reaches, distance[chosen].max()))
    while low < high:
        middle = (low + high) // 2
        pool = np.flatnonzero(distance <= reaches[middle])
        tried: list[int] = []
        if near[:, pool].any(axis=1).all():
            tried, _, proven = _cover(near[:, pool], ones[pool], deadline)
        if not proven:
            return _sorted(keep[chosen], far), False, fewest, len(keep)
        if tried and len(tried) == count:
            chosen, high = list(pool[tried]), middle
        else:
            low = middle + 1
    pool = np.flatnonzero(distance <= reaches[low])
    tried, _, proven = _cover(near[:, pool], distance[pool], deadline, size=count)
    if tried and distance[pool[tried]].sum() <= distance[chosen].sum():
        chosen = list(pool[tried])
    return _sorted(keep[chosen], far), proven, fewest, len(keep)


def _sorted(chosen: npt.NDArray[np.int_], distance: Array) -> list[int]:
    return [int(j) for j in chosen[np.argsort(distance[chosen], kind="stable")]]


def _undominated(covers: Mask, distance: Array) -> npt.NDArray[np.int_]:
    """Positions of the suppliers that no other one replaces, the nearest first.

    Read from the nearest, and at equal distance from the widest: whoever comes later and offers
    nothing more than one already kept is dominated.
    """
    order = np.lexsort((-covers.sum(axis=0), distance))
    kept: list[int] = []
    for j in order:
        if not any((covers[:, j] <= covers[:, i]).all() for i in kept):
            kept.append(int(j))
    return np.array(kept, dtype=int)


def _cover(
    covers: Mask, costs: Array, deadline: float, size: int | None = None
) -> tuple[list[int], float, bool]:
    """Cheapest cover: positions, proven lower bound of the cost, whether it is proven cheapest."""
    fallback = [] if size is not None else _greedy(covers)
    left = deadline - time.monotonic()
    if left <= 0:
        return fallback, 1.0, False
    rules = [LinearConstraint(csc_array(covers.astype(float)), lb=1.0)]
    if size is not None:
        rules.append(LinearConstraint(np.ones((1, len(costs))), ub=float(size)))
    solved = milp(
        costs, integrality=np.ones(len(costs)), bounds=Bounds(0, 1), constraints=rules,
        options={"time_limit": left, "mip_rel_gap": 0.0},
    )
    proven = bool(solved.status == 0)
    bound = solved.fun if proven else solved.mip_dual_bound
    found = fallback if solved.x is None else np.flatnonzero(solved.x > 0.5).tolist()
    # Cut before its first bound, the solver knows nothing: a cover has at least one member.
    return found, max(1.0, float(bound)) if bound is not None else 1.0, proven


def _greedy(covers: Mask) -> list[int]:
    """Take whoever adds the most trades, the nearest first, until all are covered."""
    left = np.ones(covers.shape[0], dtype=bool)
    chosen = []
    while left.any():
        chosen.append(int(covers[left].sum(axis=0).argmax()))
        left &= ~covers[:, chosen[-1]]
    return chosen
