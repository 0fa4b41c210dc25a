"""Edge sensitivity: what a perimeter would gain or lose if its radius were a little different.

A radius is a choice, and a supplier a hundred metres beyond it is no less near. This says who
stands at the edge, and draws the number of suppliers and their jobs by distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from territory import effectifs, geo
from territory.errors import InvalidInputError
from territory.perimeter import RADIUS_MAX_KM, RADIUS_MIN_KM, Disc, Perimeter, check_radius
from territory.schemas import Column
from territory.suppliers import Criteria, SupplierIndex, search
from territory.text import NBSP, join, number, plural, trimmed

MARGIN_PERCENT: Final = 10.0
#: Share of the count whose gain or loss at the edge is told as fragile.
FRAGILE_SHARE: Final = 0.2
#: Radii of the curve, besides the three of the answer.
_STEPS: Final = 20

JOBS_NOTE: Final = (
    "Les emplois sont un intervalle : l’Insee ne publie que des tranches d’effectif ; les "
    "structures sans tranche connue sont comptées à part, jamais pour zéro."
)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """A perimeter and its edge.

    Attributes
    ----------
    perimeter
        One disc.
    margin
        Percent of the radius.
    inner_km, outer_km
        Radius less and plus the margin.
    inside, entering, leaving
        Suppliers of the perimeter, of the ring just beyond, and of the ring just within; columns of
        :func:`territory.suppliers.search`, the nearest first. Those of the centre's own commune
        never leave.
    curve
        One row a radius, growing, columns as :func:`columns` declares them.
    """

    perimeter: Perimeter
    margin: float
    inner_km: float
    outer_km: float
    inside: pd.DataFrame
    entering: pd.DataFrame
    leaving: pd.DataFrame
    curve: pd.DataFrame

    @property
    def shares(self) -> tuple[float, float]:
        """Share of the count lost and gained; NaN when nothing is in the perimeter."""
        if self.inside.empty:
            return np.nan, np.nan
        return len(self.leaving) / len(self.inside), len(self.entering) / len(self.inside)

    @property
    def fragile(self) -> bool:
        """Whether more than a fifth of the count depends on the margin, either way.

        An empty perimeter is fragile when the margin would put somebody in it.
        """
        if self.inside.empty:
            return not self.entering.empty
        return max(self.shares) > FRAGILE_SHARE

    def sentence(self) -> str:
        """Say in French what the margin changes, as a piece of information."""
        radius = f"{trimmed(self.perimeter.discs[0].radius_km, 3)}{NBSP}km"
        margin = f"{trimmed(self.margin)}{NBSP}%"
        count = len(self.inside)
        head = plural(count, "structure") if count else "aucune structure"
        gained = plural(len(self.entering), "entrerait", "entreraient")
        lost = plural(len(self.leaving), "sortirait", "sortiraient")
        return (
            f"À {radius}, {head}{NBSP}; avec {margin} de rayon en plus, {gained}{NBSP}; avec "
            f"{margin} en moins, {lost}."
        )

    def notes(self) -> list[str]:
        """Say in French how to read it, one sentence each."""
        said = []
        # With suppliers spread evenly, the count follows the area.
        less = 100 * (1 - (self.inner_km / self.perimeter.discs[0].radius_km) ** 2)
        more = 100 * ((self.outer_km / self.perimeter.discs[0].radius_km) ** 2 - 1)
        if self.fragile:
            said.append(
                f"Pour information{NBSP}: le nombre change de plus de "
                f"{number(100 * FRAGILE_SHARE)}{NBSP}% avec la marge"
                if not self.inside.empty else
                f"Pour information{NBSP}: le périmètre est vide, mais pas son bord"
            )
            said[-1] += (
                f"{NBSP}; le résultat dépend du rayon choisi. La surface seule ferait varier un "
                f"semis régulier de −{number(less)}{NBSP}% à +{number(more)}{NBSP}%."
            )
        edge = pd.concat([self.entering, self.leaving])
        rough = int((edge["precision_geo"] == "commune").sum())
        if rough:
            said.append(
                f"Au bord, la distance n’est connue qu’à la commune près pour "
                f"{plural(rough, 'structure')} sur {number(len(edge))}."
            )
        unplaced = int(self.inside["distance_km"].isna().sum())
        if unplaced:
            said.append(
                f"Sans coordonnées mais dans la commune du centre{NBSP}: "
                f"{plural(unplaced, 'structure')}, dans tous les comptes."
            )
        return [*said, JOBS_NOTE]

    @property
    def sized(self) -> bool:
        """Whether the size of some structure is known, up to the outer radius."""
        last = self.curve.iloc[-1]
        return bool(last["structures"] > last["effectif_inconnu"])

    def jobs_sentence(self) -> str:
        """Say in French the jobs of the radius in force, structures of unknown size apart."""
        radius = self.perimeter.discs[0].radius_km
        (row,) = self.curve[self.curve["rayon_km"] == radius].to_dict("records")
        count, unknown = int(row["structures"]), int(row["effectif_inconnu"])
        where = f"À {trimmed(radius, 3)}{NBSP}km"
        if not count:
            return f"{where}, aucune structure et donc aucun emploi."
        if unknown == count:
            whose = "l’unique structure n’a pas" if count == 1 else (
                f"aucune des {plural(count, 'structure')} n’a"
            )
            return f"{where}, les emplois sont inconnus{NBSP}: {whose} d’effectif connu."
        jobs = f"au moins {plural(int(row['emplois_min']), 'emploi')}"
        if pd.notna(row["emplois_max"]):
            jobs += f" et au plus {number(row['emplois_max'])}"
        if unknown:
            jobs += (
                f"{NBSP}; {plural(unknown, 'structure')} d’effectif inconnu, "
                f"{'comptée' if unknown == 1 else 'comptées'} à part"
            )
        return f"{where}, {jobs}."

    def names(self) -> tuple[str, str]:
        """Name those who enter and those who leave; empty when nobody does."""
        return join(list(self.entering["nom"])), join(list(self.leaving["nom"]))


def columns() -> tuple[Column, ...]:
    """Declare the columns of the curve."""
    return (
        Column("rayon_km", "Rayon", "nombre", "À vol d’oiseau, depuis le centre.", "km"),
        Column("structures", "Structures", "entier", "Structures à ce rayon ou moins."),
        Column("emplois_min", "Emplois, au moins", "entier",
               "Somme des bas de tranche d’effectif (Insee) des structures qui en ont une ; vide "
               "quand aucune n’en a."),
        Column("emplois_max", "Emplois, au plus", "entier",
               "Somme des hauts de tranche ; vide quand une tranche n’a pas de haut."),
        Column("effectif_inconnu", "Structures d’effectif inconnu", "entier",
               "Elles ne sont dans aucune des deux sommes."),
    )


def measure(
    perimeter: Perimeter, criteria: Criteria, index: SupplierIndex,
    margin: object = MARGIN_PERCENT,
) -> Sensitivity:
    """Measure how a result depends on the radius.

    Parameters
    ----------
    perimeter
        One disc.
    criteria, index
        Which suppliers, among which.
    margin
        Percent of the radius, above 0 and at most 50.

    Raises
    ------
    InvalidInputError
        Not one disc, a margin out of bounds, or radii beyond 0.1 to 300 km.
    """
    percent = check_margin(margin)
    radius, outer_km = radii(perimeter, percent)
    inner_km = check_radius(radius * (1 - percent / 100))
    wide = search(perimeter.with_radius(outer_km), criteria, index)
    reach = _reach(wide, perimeter)
    inside = wide[reach <= radius].reset_index(drop=True)
    return Sensitivity(
        perimeter, percent, inner_km, outer_km, inside,
        entering=wide[reach > radius].reset_index(drop=True),
        leaving=wide[(reach > inner_km) & (reach <= radius)].reset_index(drop=True),
        curve=_curve(wide, reach, _grid(inner_km, radius, outer_km)),
    )


def check_margin(margin: object) -> float:
    """Return a margin in percent.

    Raises
    ------
    InvalidInputError
        Not a number above 0 and at most 50.
    """
    text = str(margin).strip().removesuffix("%").strip().replace(",", ".")
    try:
        percent = float(text)
    except ValueError:
        percent = np.nan
    if not 0 < percent <= 50:
        msg = "La marge doit être un pourcentage du rayon, au-dessus de 0 et d’au plus 50."
        raise InvalidInputError(msg)
    return percent


def disc(perimeter: Perimeter) -> Disc:
    """Return the disc a perimeter is, the only form that has an edge to move.

    Raises
    ------
    InvalidInputError
        It has several discs, or is made of something else too.
    """
    only = perimeter.disc
    if only is None:
        msg = (
            "Le bord se mesure autour d’un seul rayon, et ce périmètre est autre chose : un seul "
            "centre et son rayon, sans zone ajoutée ni retirée, sont à choisir."
        )
        raise InvalidInputError(msg)
    return only


def radii(perimeter: Perimeter, margin: float) -> tuple[float, float]:
    """Radius of a perimeter of one disc, and the same plus the margin (percent), kilometres.

    Raises
    ------
    InvalidInputError
        Not one disc, or a margin that leads out of 0.1 to 300 km.
    """
    radius = disc(perimeter).radius_km
    share = margin / 100
    if radius * (1 - share) < RADIUS_MIN_KM or radius * (1 + share) > RADIUS_MAX_KM:
        msg = (
            f"La marge mène hors des rayons permis, de {trimmed(RADIUS_MIN_KM)} à "
            f"{trimmed(RADIUS_MAX_KM)}{NBSP}km{NBSP}: changez le rayon ou la marge."
        )
        raise InvalidInputError(msg)
    return radius, check_radius(radius * (1 + share))


def _reach(found: pd.DataFrame, perimeter: Perimeter) -> np.ndarray:
    """Smallest radius that holds each supplier, shape (n,): none for the centre's commune."""
    center = perimeter.discs[0]
    home = found["code_insee"].isin(center.whole_communes).to_numpy()
    # Measured again: the column is rounded to the metre, and the edge is not.
    to = geo.distance_km(center.longitude, center.latitude, found["longitude"], found["latitude"])
    return np.where(home, 0.0, to)


def _grid(inner_km: float, radius: float, outer_km: float) -> np.ndarray:
    """Radii of the curve: even steps up to the widest, and the three of the answer."""
    even = np.round(np.linspace(0, outer_km, _STEPS + 1)[1:], 3)
    every = np.unique([*even, inner_km, radius, outer_km])
    return every[every >= RADIUS_MIN_KM]


def _curve(found: pd.DataFrame, reach: np.ndarray, at_km: np.ndarray) -> pd.DataFrame:
    """Suppliers and jobs within each radius, columns of :func:`columns`."""
    low, high = effectifs.intervals(found["tranche_effectif"])
    rows = []
    for km in at_km:
        within = reach <= km
        known = within & np.isfinite(low)
        # Only unknown sizes make unknown jobs, not none.
        told = known.any() or not within.any()
        most = high[known].sum()
        rows.append({
            "rayon_km": float(km),
            "structures": int(within.sum()),
            "emplois_min": int(low[known].sum()) if told else pd.NA,
            "emplois_max": int(most) if told and np.isfinite(most) else pd.NA,
            "effectif_inconnu": int((within & np.isnan(low)).sum()),
        })
    return pd.DataFrame(rows).astype({"emplois_min": "Int64", "emplois_max": "Int64"})
