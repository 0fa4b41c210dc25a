"""The figures of access to banks, of every unit of a level or of any set of communes."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from territory import catalog, communes, eloignement, exclusion, indicators, surendettement
from territory.exclusion import Measured
from territory.indicators import banking, fragility
from territory.indicators.inhabitants import mean_by
from territory.indicators.sites import floats, people_of
from territory.text import number

Theme = Literal["eloignement", "fragilite", "croisement"]

#: Theme → its heading.
THEMES: Final[dict[Theme, str]] = {
    "eloignement": "Éloignement des guichets",
    "fragilite": "Fragilité des habitants",
    "croisement": "Croisement des deux",
}


@dataclass(frozen=True)
class Figure:
    """One line of a sheet.

    Attributes
    ----------
    id
        Column of :func:`table`.
    theme, label, unit, decimals
        How it is written; ``unit`` is empty for a count.
    worse
        ``haut`` or ``bas``: the end that is unfavourable; empty when neither is.
    definition
        Formula and reading, in French.
    source, vintage
        What it comes from; empty for what is computed from the supply, which says its own.
    """

    id: str
    theme: Theme
    label: str
    unit: str
    decimals: int
    worse: Literal["haut", "bas", ""]
    definition: str
    source: str = ""
    vintage: str = ""

    def written(self, value: float) -> str:
        """Write a value with its unit, or ``inconnu``."""
        if math.isnan(value):
            return "inconnu"
        if math.isinf(value):
            return "aucun"
        return number(value, self.decimals) + (f"\u00a0{self.unit}" if self.unit else "")


def _access(id_: str, label: str, unit: str, decimals: int, worse: Literal["haut", "bas", ""],
            definition: str) -> Figure:
    return Figure(id_, "eloignement", label, unit, decimals, worse, definition)


#: Changes are told when the communes known in both years hold this share of the inhabitants.
_NEARLY: Final = 0.95
_BETWEEN: Final = (
    "Entre deux années conservées, sur les communes connues les deux fois ; inconnu quand elles "
    "font moins de 95 % des habitants."
)
_MEAN: Final = " Pour plusieurs communes : moyenne de leurs habitants."

_FIGURES: Final = (
    _access("guichets", "Guichets", "", 0, "", "Nombre de guichets sur le territoire."),
    _access("densite", "Guichets pour 10 000 habitants", "", 1, "bas",
            "À ne pas comparer sous 2 000 habitants."),
    _access("minutes", "Temps estimé au guichet le plus proche", "min", 1, "haut",
            "0 dans une commune qui a un guichet." + _MEAN),
    _access("minutes_2", "Temps estimé au deuxième guichet", "min", 1, "haut",
            "Ce qu’il resterait si le plus proche fermait." + _MEAN),
    _access("minutes_postal", "Temps estimé à la banque ou au point postal", "min", 1, "haut",
            "Banque, bureau de poste, relais poste ou agence postale, qui ne rendent pas les mêmes "
            "services." + _MEAN),
    *(_access(f"part_{t:g}", f"Habitants à plus de {t:g} minutes", "%", 1, "haut",
              f"Part des habitants dont la commune est à plus de {t:g} minutes d’un guichet.")
      for t in banking.THRESHOLDS),
    _access("part_a_une_fermeture", "Habitants à une fermeture près", "%", 1, "haut",
            "Part des habitants qui perdraient l’accès si leur guichet le plus proche fermait."),
    _access("e2sfca", "Accessibilité (E2SFCA) pour 10 000 habitants", "", 1, "bas",
            "Guichets à portée, partagés entre tous ceux qui peuvent les atteindre (Luo et Qi "
            "2009)." + _MEAN),
    _access("part_loin_du_postal", "Habitants à plus de 5 km et 20 min d’un point postal", "%", 1,
            "haut", "La loi permet au plus 10 % des habitants d’un département. Temps estimé, non "
            "celui que La Poste mesure."),
    _access("evolution", "Guichets gagnés ou perdus", "", 0, "bas",
            _BETWEEN),
    _access("part_plus_loin", "Habitants dont le guichet le plus proche s’est éloigné", "%", 1,
            "haut", _BETWEEN),
    _access("perdu_le_dernier", "Communes qui ont perdu leur dernier guichet", "", 0, "haut",
            _BETWEEN),
)
_CROSSED: Final = (
    Figure("indice_eloignement", "croisement", "Axe de l’éloignement (0 à 100)", "", 0, "haut",
           "Rangs parmi les habitants de France, pondérés ; 100 est le plus éloigné." + _MEAN),
    Figure("indice_fragilite", "croisement", "Axe de la fragilité (0 à 100)", "", 0, "haut",
           "Rangs parmi les habitants de France, pondérés ; 100 est le plus fragile." + _MEAN),
    Figure("part_exclusion", "croisement",
           "Habitants d’une commune d’accès difficile et fragile (exclusion bancaire)",
           "%", 1, "haut",
           "Part des habitants d’une commune du tiers le plus défavorable sur les deux axes."),
)


@functools.cache
def _fragile() -> tuple[Figure, ...]:
    found = []
    for id_ in exclusion.FRAGILITY.values():
        one = indicators.get(id_)
        found.append(Figure(
            id_, "fragilite", one.label, one.unit, one.decimals,
            "haut" if one.higher_is_worse else "bas", one.definition,
            catalog.SOURCES[one.source_id].attribution, one.vintage,
        ))
    return tuple(found)


def figures(measured: Measured) -> tuple[Figure, ...]:
    """Figures of a sheet, in reading order, with the source and vintage of this supply."""
    year = measured.counters.year
    supply = [replace(f, source=measured.counters.source, vintage=year) for f in _FIGURES]
    if measured.evolution is not None:
        between = f"{measured.evolution.before.year} et {measured.evolution.after.year}"
        supply = [
            replace(f, vintage=between, definition=f"{f.definition} {eloignement.CAUTION}")
            if f.id in {"evolution", "perdu_le_dernier", "part_plus_loin"} else f
            for f in supply
        ]
    indebted = () if measured.filings is None else (Figure(
        "surendettement", "fragilite", "Dossiers de surendettement du département", "pour 100 000",
        0, "haut", surendettement.DEFINITION, measured.filings.source, measured.filings.period,
    ),)
    crossed = [replace(f, source=measured.counters.source, vintage=year) for f in _CROSSED]
    return (*supply, *_fragile(), *indebted, *crossed)


def table(
    measured: Measured, groups: pd.Series, crossed: pd.DataFrame
) -> pd.DataFrame:
    """Every figure of every unit.

    Parameters
    ----------
    groups
        Unit of each commune, indexed by code; missing is in none. The communes themselves:
        an identity.
    crossed
        Crossing of the communes, see :func:`exclusion.cross`.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit, one float64 column a figure and ``habitants``; NaN is unknown. Means and
        shares are over inhabitants, missing when less than half of them are known.
    """
    unit = groups.dropna()
    people = measured.population.reindex(unit.index)
    access = measured.access.loc[unit.index]
    summed = banking.by_group(access, people, unit)
    means = mean_by(
        access[["minutes_2", "minutes_postal", "e2sfca", "densite_flottante"]].assign(
            part_loin_du_postal=100 * access["loin_du_postal"]
        ),
        people, unit,
    )
    answer = summed[["habitants", "guichets", "minutes", *(f"part_{t:g}" for t in
                                                            banking.THRESHOLDS),
                     "part_a_une_fermeture"]].join(means)
    inhabited = answer["habitants"].where(answer["habitants"] > 0)
    answer["densite"] = 10_000 * answer["guichets"] / inhabited
    for column in ("evolution", "perdu_le_dernier"):
        answer[column] = _change(measured, column, unit)
    answer["part_plus_loin"] = _farther(measured, people, unit)
    base = indicators.figures().reindex(unit.index)
    for id_ in exclusion.FRAGILITY.values():
        measure = indicators.get(id_).measure
        if measure is not None:
            answer[id_] = fragility.ratio_by(base, measure, unit, people).reindex(answer.index)
    if measured.filings is not None:
        rate = measured.fragility.loc[unit.index, ["surendettement"]]
        answer = answer.join(mean_by(rate, people, unit))
    crossed = crossed.loc[unit.index]
    worst = (crossed["classe"] == "3-3").astype("Float64").astype(float)
    axes = mean_by(
        pd.DataFrame({
            "indice_eloignement": crossed["eloignement"], "indice_fragilite": crossed["fragilite"],
            "part_exclusion": 100 * worst.where(crossed["classe"].notna()),
        }),
        people, unit,
    )
    return answer.join(axes)


def _change(measured: Measured, column: str, unit: pd.Series) -> pd.Series | float:
    """Sum over the communes of each unit known in both years, when they hold nearly everybody."""
    if measured.evolution is None:
        return float("nan")
    change = floats(measured.evolution.table[column].reindex(unit.index))
    people = pd.Series(people_of(measured.population, unit.index), unit.index).fillna(0.0)
    known = pd.Series(~np.isnan(change), unit.index)
    covered = people.where(known, 0.0).groupby(unit).sum() >= _NEARLY * people.groupby(unit).sum()
    summed = pd.Series(change, unit.index).groupby(unit).sum(min_count=1)
    return summed.where(covered)


def _farther(measured: Measured, people: pd.Series, unit: pd.Series) -> pd.Series | float:
    """Part of the inhabitants whose nearest counter got farther, over those known both times."""
    if measured.evolution is None:
        return float("nan")
    moved = floats(measured.evolution.table["eloignement_km"].reindex(unit.index))
    share = pd.DataFrame(
        {"part": np.where(np.isnan(moved), np.nan, 100.0 * (moved > 0))}, index=unit.index
    )
    return mean_by(share, people, unit)["part"]


def by_level(
    measured: Measured, level: communes.Level | Literal["france"], crossed: pd.DataFrame
) -> pd.DataFrame:
    """Every figure of every unit of a level, or of France as one unit whose code is empty."""
    whole = communes.table().loc[measured.population.index]
    if level == "france":
        groups = pd.Series("", index=whole.index)
    elif level == "commune":
        groups = pd.Series(whole.index, index=whole.index)
    else:
        groups = whole[f"code_{level}"]
    return table(measured, groups, crossed)
