"""Places that look alike: of one level, the nearest by population, density and what is known of it.

To compare a territory with others, or to find whom to ask. Nothing says that two places alike have
the same needs: the rule is a distance over a few figures, said in a sentence.

The distance between two places is ``√(Σ (z_i − z'_i)² / m)`` over the m traits known of both, where
z is the trait centred and divided by its standard deviation over all the places of the level:

- logarithm of the municipal population;
- logarithm of the density, inhabitants per km² of the communes' contours (geodesic area);
- share of the inhabitants in a zone de revitalisation rurale (2022 zoning);
- share of the inhabitants in a quartier prioritaire (QPV, before 2024).

Overseas places are compared with overseas places only, by the same figures.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from territory import communes, indicators
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.indicators.fragility import MIN_COVERAGE
from territory.indicators.sites import floats
from territory.schemas import Column
from territory.text import NBSP, excerpt, join, number, plural

#: Trait → French name. The first two must be known, the others count when they are.
TRAITS: Final[dict[str, str]] = {
    "population": "la population",
    "densite": "la densité",
    "part_zrr": "la part des habitants en zone de revitalisation rurale (2022)",
    "part_qpv": "la part des habitants en quartier prioritaire (2022)",
}
_LOGARITHMS: Final = ("population", "densite")
#: Most places listed.
MOST: Final = 100
#: Distances closer than this are equal: the code decides.
_DECIMALS: Final = 9

_LEVELS: Final[dict[Level, str]] = {
    "commune": "communes", "epci": "intercommunalités", "departement": "départements",
}
_OVERSEAS: Final = "97"


@dataclass(frozen=True, eq=False)
class Alike:
    """The places most like one.

    Attributes
    ----------
    level, code, name
        The place.
    overseas
        Whether it is overseas.
    used
        Traits the distance is over, keys of :data:`TRAITS`.
    missing
        Traits unknown of the place, left out.
    left_out
        Places of the same level and side of the sea of which one of ``used`` is unknown.
    candidates
        Places compared.
    table
        ``code``, ``nom``, the traits and ``distance``, the nearest first; equal distances in the
        order of the codes.
    """

    level: Level
    code: str
    name: str
    overseas: bool
    used: tuple[str, ...]
    missing: tuple[str, ...]
    left_out: int
    candidates: int
    table: pd.DataFrame

    def sentence(self) -> str:
        """Say the rule in one French sentence."""
        where = "d’outre-mer" if self.overseas else "de métropole"
        named = join([TRAITS[name] for name in self.used])
        return (
            f"Parmi {number(self.candidates)} autres {_LEVELS[self.level]} {where}, les plus "
            f"semblables à {self.name} sont les plus proches par {named}{NBSP}: chaque trait "
            "compte autant, en logarithme pour la population et la densité, et rapporté à sa "
            "dispersion."
        )

    def notes(self) -> list[str]:
        """Say in French what is left out, one sentence each."""
        said = []
        if self.missing:
            said.append(
                f"Inconnu pour {self.name}, donc laissé de côté{NBSP}: "
                f"{join([TRAITS[name] for name in self.missing])}."
            )
        if self.left_out:
            said.append(
                "Un de ces traits est inconnu pour "
                f"{plural(self.left_out, 'territoire', 'territoires')}, qui ne sont pas comparés."
            )
        if self.table.empty:
            said.append("Aucun autre territoire n’est comparable.")
        return said


@functools.cache
def traits(level: Level) -> pd.DataFrame:
    """Give the traits of every place of a level.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``nom``, ``population`` (inhabitants), ``densite`` (inhabitants per km²),
        ``part_zrr`` and ``part_qpv`` (percent), NaN where unknown, and ``outre_mer`` (bool).
        A share is unknown where less than half of the inhabitants are.
    """
    if level not in _LEVELS:
        msg = f"L’échelon « {excerpt(level)} » n’a pas de territoires semblables."
        raise InvalidInputError(msg)
    units = communes.units(level)
    rows = communes.whole()
    own = pd.Series(rows.index, index=rows.index) if level == "commune" else rows[f"code_{level}"]
    area = rows["superficie_km2"].groupby(own).sum(min_count=1).reindex(units.index)
    people = pd.Series(floats(units["population"]), index=units.index)
    density = people / area.where(area > 0)
    sides = rows["code_departement"].str.startswith(_OVERSEAS).groupby(own).first()
    return pd.DataFrame({
        "nom": units["nom"],
        "population": people.where(people > 0),
        "densite": density.where(density > 0),
        "part_zrr": _rural(own).reindex(units.index),
        "part_qpv": indicators.values("part_qpv_2022", level).reindex(units.index),
        "outre_mer": sides.reindex(units.index).astype(bool),
    })


def _rural(own: pd.Series) -> pd.Series:
    """Share of the inhabitants in a ZRR by unit, percent."""
    answers = indicators.figures()["zrr_2022"].reindex(own.index)
    people = pd.Series(floats(communes.whole()["population"]), index=own.index)
    known = people.where(answers.isin(["oui", "non"]))
    inside = people.where(answers == "oui", 0.0).where(known.notna())
    total, counted, zoned = (one.groupby(own).sum() for one in (people, known, inside))
    return 100 * zoned / counted.where((counted > 0) & (counted >= MIN_COVERAGE * total))


def standardised(table: pd.DataFrame) -> pd.DataFrame:
    """Centre and reduce traits; logarithms of the first two.

    A trait that is the same everywhere tells nobody apart: 0 everywhere it is known.
    """
    values = table[list(TRAITS)].astype(float)
    values[list(_LOGARITHMS)] = np.log(values[list(_LOGARITHMS)])
    spread = values.std(ddof=0)
    return (values - values.mean()) / spread.where(spread > 0, 1.0)


def distance(one: pd.Series, others: pd.DataFrame) -> pd.Series:
    """Distance of standardised places, over the traits known of both; NaN when none is."""
    squares: pd.Series = ((others - one) ** 2).mean(axis=1)
    return squares**0.5


def like(
    code: str, level: Level = "commune", count: int = 10, table: pd.DataFrame | None = None
) -> Alike:
    """Find the places most like one, itself left out.

    Parameters
    ----------
    code
        Code of the place: Insee, SIREN of an EPCI, département.
    level
        ``commune``, ``epci`` or ``departement``.
    count
        Places listed, fewer when there are fewer.
    table
        Traits to compare; see :func:`traits`, the default.

    Raises
    ------
    InvalidInputError
        No such place or level, a count out of bounds, or a place whose population or density is
        unknown.
    """
    known = traits(level) if table is None else table
    if not 1 <= count <= MOST:
        raise InvalidInputError(f"Le nombre de territoires doit être compris entre 1 et {MOST}.")
    if code not in known.index:
        msg = f"Aucun territoire n’a le code « {excerpt(code)} » parmi les {_LEVELS[level]}."
        raise InvalidInputError(msg)
    home = known.loc[code]
    if home[list(_LOGARITHMS)].isna().any():
        msg = (
            f"La population ou la superficie de {home['nom']} est inconnue{NBSP}: ses semblables "
            "le sont aussi."
        )
        raise InvalidInputError(msg)
    used = tuple(name for name in TRAITS if pd.notna(home[name]))
    side = known[(known["outre_mer"] == home["outre_mer"]) & (known.index != code)]
    compared = side.dropna(subset=list(used))
    scaled = standardised(known)[list(used)]
    own = cast("pd.Series", scaled.loc[code])
    apart = distance(own, scaled.loc[compared.index]).round(_DECIMALS)
    nearest = apart.sort_index().sort_values(kind="stable").index[:count]
    rows = compared.loc[nearest, ["nom", *TRAITS]].assign(distance=apart[nearest])
    return Alike(
        level, code, str(home["nom"]), bool(home["outre_mer"]), used,
        tuple(name for name in TRAITS if name not in used),
        len(side) - len(compared), len(compared), rows.rename_axis("code").reset_index(),
    )


def columns() -> tuple[Column, ...]:
    """Declare the columns of :attr:`Alike.table`, for exports."""
    return (
        Column("code", "Code"), Column("nom", "Nom"),
        Column("population", "Population", "nombre", unit="habitants"),
        Column("densite", "Densité", "nombre", "Habitants par km² de contour.", "hab./km²"),
        Column("part_zrr", "Habitants en ZRR", "nombre", "Zonage de 2022.", "%"),
        Column("part_qpv", "Habitants en QPV", "nombre", "Périmètre antérieur à 2024.", "%"),
        Column("distance", "Écart", "nombre", "Moyenne quadratique des écarts réduits ; 0 : les "
               "mêmes traits."),
    )
