"""The sheet of a territory: its figures beside those of the units that hold it, and unknowns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from territory import atlas, communes, eloignement, exclusion, schemas, store, supply
from territory.atlas import Figure
from territory.communes import Level
from territory.exclusion import Measured, Weights
from territory.geodesic import distances_km
from territory.indicators import composite
from territory.territoires import Kind, Territoire, containing
from territory.text import NBSP, number, plural

#: Nearest equipped communes listed in the sheet of a commune.
NEAREST: Final = 3
#: Radius in which the options of a commune are counted, kilometres.
OPTIONS_KM: Final = 10.0

_LEVELS: Final = ("commune", "epci", "departement", "region")
_PLURAL: Final[Mapping[str, str]] = {
    "commune": "communes", "epci": "EPCI", "departement": "départements", "region": "régions",
}

#: Facts read in reports, by département; the others of the table are computed from what the
#: sheet already says.
_FACTS: Final[Mapping[str, str]] = {
    "guichets_bancaires": "Guichets bancaires",
    "dab": "Distributeurs de billets",
    "hab_par_guichet": "Habitants par guichet",
    "hab_par_dab": "Habitants par distributeur",
    "surendettement_pour_100000_hab": "Surendettement",
    "surendettement_dossiers_deposes": "Surendettement",
    "surendettement_situations": "Surendettement",
    "surendettement_situations_pour_100000_hab": "Surendettement",
    "surendettement_classe": "Surendettement",
    "niveau_vie_median": "Niveau de vie médian",
    "agences_variation": "Variation du nombre d’agences",
    "depots_bancaires": "Dépôts bancaires",
}

#: What no source says of any territory.
_NEVER: Final = (
    "Distributeurs de billets : la Banque de France en publie une carte, pas de fichier.",
    "Points privés de retrait dans les commerces, pour les clients d’un réseau : aucune liste.",
    "Horaires, services rendus et files d’attente des guichets ; usage de la banque en ligne.",
    "Guichets des pays voisins : absents, le temps est surestimé près des frontières.",
    "Épargne collectée et crédit accordé ici : rien n’est publié sous le département.",
    "Surendettement et clients fragiles de ce territoire : rien n’est publié sous le département.",
)
OVERSEAS: Final = (
    "Outre-mer : les séries officielles d’accès aux espèces de la Banque de France ne portent que "
    "sur la métropole ; les faits ci-dessous viennent de l’IEDOM. Le temps estimé ignore le relief "
    "et les liaisons par mer ou par le fleuve."
)


@dataclass(frozen=True)
class Rank:
    """Place among the units of the same level of a containing unit.

    Attributes
    ----------
    rank
        1 is the least favourable.
    tied
        Other units with the same value.
    among
        Units whose value is known.
    where
        Name of the containing unit.
    """

    rank: int
    tied: int
    among: int
    where: str

    def sentence(self, level: str) -> str:
        """Write it: ``3e des 53 communes, Drôme (26)``."""
        return f"{self.nth(level)} des {number(self.among)} {_PLURAL[level]}, {self.where}"

    def nth(self, level: str) -> str:
        """Write the rank alone: ``1re``, ``3e ex æquo``."""
        first = "1er" if level in {"epci", "departement"} else "1re"
        said = first if self.rank == 1 else f"{number(self.rank)}e"
        return f"{said} ex æquo" if self.tied else said


@dataclass(frozen=True, eq=False)
class Fiche:
    """What is known of a territory, and what is not.

    Attributes
    ----------
    territoire
        Whose sheet it is.
    around
        Units that hold it, from the smallest to France.
    figures
        Lines, in reading order.
    population
        Inhabitants, None when unknown for a commune of it.
    beside
        Indexed by figure id; first column the territory, then ``around``, by label.
    ranks
        Figure id → ranks among the units of its level, in each unit of ``around``.
    klass
        Bivariate class ``a-f``, None when unknown.
    closure
        For a commune, ``oui``, ``non`` or ``inconnu``: would it lose access if its nearest counter
        closed; empty otherwise.
    near
        For a commune: the nearest equipped communes (``nom``, ``distance_km``, ``minutes``,
        ``guichets``, ``longitude``, ``latitude``); empty otherwise.
    options
        For a commune: counters within :data:`OPTIONS_KM` of it, None when unknown or not a
        commune.
    machines
        Cash machines that OpenStreetMap knows there, None when that survey is not held: an
        incomplete complement, never a count.
    facts
        Facts of its département read in reports.
    unknown
        French sentences.
    notes
        What the figures rest on.
    """

    territoire: Territoire
    around: tuple[Territoire, ...]
    figures: tuple[Figure, ...]
    population: int | None
    beside: pd.DataFrame
    ranks: Mapping[str, tuple[Rank, ...]]
    klass: str | None
    closure: str
    near: pd.DataFrame
    options: int | None
    machines: int | None
    facts: pd.DataFrame
    unknown: tuple[str, ...]
    notes: tuple[str, ...]

    def value(self, figure: str) -> float:
        """Value of a figure for the territory, NaN when unknown."""
        return float(self.beside.iloc[:, 0].loc[figure])

    def of(self, figure: Figure) -> dict[str, float]:
        """Values of a figure by the label of the territory, then of the units that hold it."""
        return {str(where): float(value) for where, value in
                zip(self.beside.columns, self.beside.loc[figure.id].to_numpy(), strict=True)}

    def table(self) -> pd.DataFrame:
        """Everything as one table, a line a figure, for a file."""
        rows = []
        for figure in self.figures:
            ranks = self.ranks.get(figure.id, ())
            rows.append({
                "theme": atlas.THEMES[figure.theme], "indicateur": figure.label,
                "unite": figure.unit,
                **self.of(figure),
                "rangs": " ; ".join(one.sentence(self.territoire.kind) for one in ranks),
                "definition": figure.definition, "source": figure.source,
                "millesime": figure.vintage,
            })
        return pd.DataFrame(rows)


class Atlas:
    """The tables of every level for one measure, computed when first asked for."""

    def __init__(self, measured: Measured, weights: Weights | None = None) -> None:
        self.measured = measured
        self.weights = weights
        self._levels: dict[str, pd.DataFrame] = {}
        self._crossed: dict[str, pd.DataFrame] = {}

    def level(self, kind: Kind) -> pd.DataFrame:
        """Figures of every unit of a level, see :func:`atlas.table`."""
        if kind not in self._levels:
            level: Any = kind
            self._levels[kind] = atlas.by_level(self.measured, level, self.crossed())
        return self._levels[kind]

    def crossed(self, level: Level = "commune") -> pd.DataFrame:
        """Crossing of every unit of a level, see :func:`exclusion.cross`."""
        if level not in self._crossed:
            self._crossed[level] = exclusion.cross(self.measured, level, self.weights)
        return self._crossed[level]

    def of(self, territoire: Territoire) -> pd.Series:
        """Figures of one territory."""
        if territoire.kind == "perimetre":
            groups = pd.Series("", index=pd.Index(territoire.codes))
            return atlas.table(self.measured, groups, self.crossed()).iloc[0]
        return cast("pd.Series", self.level(territoire.kind).loc[territoire.code])


def of(
    territoire: Territoire, known: Atlas, machines: pd.Series | None = None
) -> Fiche:
    """Make the sheet of a territory.

    Parameters
    ----------
    machines
        See :func:`supply.machines`.
    """
    measured = known.measured
    around = tuple(containing(territoire))
    figures = tuple(f for f in atlas.figures(measured) if _shown(f, territoire))
    ids = [figure.id for figure in figures]
    values = pd.DataFrame(
        {one.label: known.of(one)[ids] for one in (territoire, *around)}, index=ids, dtype=float
    )
    near, options = _around_commune(territoire, measured)
    seen = None if machines is None else int(machines.reindex(list(territoire.codes)).sum())
    people = measured.population.reindex(list(territoire.codes))
    return Fiche(
        territoire, around, figures, None if people.isna().any() else int(people.sum()), values,
        _ranks(territoire, around, figures, known),
        _class(territoire, known, values), _closure(territoire, measured), near, options,
        seen, facts(territoire),
        tuple(_unknown(territoire, figures, values, known)), tuple(_notes(territoire, measured)),
    )


def _shown(figure: Figure, territoire: Territoire) -> bool:
    """Shares of inhabitants of one commune say less than its time does."""
    return not (territoire.kind == "commune" and figure.id in {
        "part_5", "part_10", "part_15", "part_a_une_fermeture", "part_exclusion",
        "perdu_le_dernier", "part_plus_loin", "part_loin_du_postal",
    })


def _ranks(
    territoire: Territoire, around: tuple[Territoire, ...], figures: tuple[Figure, ...],
    known: Atlas,
) -> dict[str, tuple[Rank, ...]]:
    kind = territoire.kind
    if kind not in _LEVELS:
        return {}
    every = known.level(kind)
    parents = communes.units(kind)
    found: dict[str, tuple[Rank, ...]] = {}
    for figure in figures:
        if not figure.worse:
            continue
        ranks = []
        for unit in around:
            if unit.kind == "france":
                column = every[figure.id]
            elif f"code_{unit.kind}" in parents:
                inside = parents.index[(parents[f"code_{unit.kind}"] == unit.code).fillna(False)]
                column = every[figure.id].reindex(inside)
            else:
                continue
            value = column.get(territoire.code, np.nan)
            told = column.dropna()
            tied = int((told == value).sum()) - 1
            # Where most have the same value, a rank says nothing.
            if pd.isna(value) or len(told) < 2 or tied > len(told) / 2:
                continue
            worse = (told > value) if figure.worse == "haut" else (told < value)
            ranks.append(Rank(int(worse.sum()) + 1, tied, len(told), unit.label))
        if ranks:
            found[figure.id] = tuple(ranks)
    return found


def _class(territoire: Territoire, known: Atlas, values: pd.DataFrame) -> str | None:
    """Class among the units of its level; a perimeter takes the thirds of the communes."""
    if territoire.kind in _LEVELS:
        level: Any = territoire.kind
        klass = known.crossed(level)["classe"].get(territoire.code)
    elif territoire.kind == "france":
        return None
    else:
        # Ranked among the communes without weighing on them: it has no inhabitants of its own.
        mine = values.iloc[:, 0]
        crossed, alone = known.crossed(), pd.Index([""])
        access, fragility = (
            pd.concat([crossed[axis], pd.Series(mine[f"indice_{axis}"], index=alone)])
            for axis in ("eloignement", "fragilite")
        )
        people = pd.concat([known.measured.population, pd.Series(0, index=alone)])
        klass = composite.crossing(access, fragility, people)[""]
    return klass if isinstance(klass, str) else None


def _closure(territoire: Territoire, measured: Measured) -> str:
    if territoire.kind != "commune":
        return ""
    flag = measured.access.loc[[territoire.code], "a_une_fermeture"]
    return str(schemas.answers(flag).iloc[0])


def _around_commune(
    territoire: Territoire, measured: Measured
) -> tuple[pd.DataFrame, int | None]:
    columns = ["nom", "distance_km", "minutes", "guichets", "longitude", "latitude"]
    if territoire.kind != "commune":
        return pd.DataFrame(columns=columns), None
    whole = communes.table().loc[measured.access.index]
    home = whole.loc[territoire.code, ["longitude", "latitude"]].to_numpy(dtype=float)
    points = whole[["longitude", "latitude"]].to_numpy(dtype=float)
    km = pd.Series(distances_km(np.broadcast_to(home, points.shape), points), whole.index)
    counters = measured.counters.counts
    equipped = km[counters >= 1].nsmallest(NEAREST)
    told = measured.assumptions
    near = whole.loc[equipped.index, ["nom", "longitude", "latitude"]].assign(
        distance_km=equipped, minutes=60 * told.detour * equipped / told.speed_kmh,
        guichets=counters[equipped.index].astype(int),
    )
    within = counters[km <= OPTIONS_KM]
    options = None if within.isna().any() else int(within.sum())
    return near[columns], options


def facts(territoire: Territoire) -> pd.DataFrame:
    """Facts of the one département a territory lies in, read in reports and the press.

    Returns
    -------
    pandas.DataFrame
        ``fait``, ``valeur`` (as the source writes it), ``unite``, ``annee``, ``source``, the
        newest of each first; empty when the territory lies in several départements.
    """
    columns = ["fait", "valeur", "unite", "annee", "source"]
    if len(territoire.departements) != 1:
        return pd.DataFrame(columns=columns)
    every = store.read("bancaire")
    rows = every[
        (every["niveau"] == "departements")
        & (every["code_dep"] == territoire.departements[0])
        & every["indicateur"].isin(list(_FACTS))
    ]
    rows = rows.assign(fait=rows["indicateur"].map(_FACTS), source=rows["source_titre"])
    return rows.sort_values(["fait", "annee"], ascending=[True, False], kind="stable")[
        columns
    ].reset_index(drop=True)


def _unknown(
    territoire: Territoire, figures: tuple[Figure, ...], values: pd.DataFrame, known: Atlas
) -> list[str]:
    mine = values.iloc[:, 0]
    missing = [figure.label for figure in figures if pd.isna(mine[figure.id])]
    if not known.measured.counters.source_ids:
        said = ["Guichets, temps et croisement : aucune table de guichets n’est récupérée."]
    else:
        said = [f"Inconnu ici : {', '.join(missing)}."] if missing else []
    if known.measured.evolution is None and known.measured.counters.source_ids:
        said.append("Évolution des guichets : une seule année est récupérée, il en faut deux.")
    absent = exclusion.unknown_components(known.measured, known.weights)
    if absent and known.measured.counters.source_ids:
        said.append(f"Absents du croisement, faute de donnée : {', '.join(absent)}.")
    if exclusion.MAYOTTE in territoire.departements:
        said.append(
            "À Mayotte, l’aide au logement suit d’autres règles et couvre peu d’habitants : sa "
            "part n’y dit pas la fragilité, et ne compte pas dans le croisement."
        )
    people = known.measured.population.reindex(list(territoire.codes))
    if people.isna().any():
        said.append(
            f"Population inconnue pour {plural(int(people.isna().sum()), 'commune')} du territoire."
        )
    return [*said, *_NEVER]


def _notes(territoire: Territoire, measured: Measured) -> list[str]:
    if not measured.counters.source_ids:
        return [supply.MISSING]
    said = [OVERSEAS] if overseas(territoire) else []
    said += [eloignement.sentence(measured.offer, measured.assumptions),
             f"Source des guichets : {measured.counters.source}.", exclusion.METHOD]
    if measured.evolution is not None:
        said.append(measured.evolution.sentence())
    return said


def overseas(territoire: Territoire) -> bool:
    """Tell whether a territory lies overseas whole."""
    return all(code.startswith("97") for code in territoire.departements)


def access(fiche: Fiche) -> str:
    """Say how far the counters are, in one plain sentence."""
    place = fiche.territoire
    minutes = fiche.value("minutes")
    if place.kind == "commune":
        if np.isnan(minutes):
            return "La distance au guichet le plus proche est inconnue."
        if fiche.value("guichets") >= 1:
            return f"{place.name} a {plural(int(fiche.value('guichets')), 'guichet')}."
        if np.isinf(minutes):
            return f"{place.name} n’a pas de guichet, et la source n’en connaît aucun alentour."
        where = f" ({fiche.near['nom'].iloc[0]})" if len(fiche.near) else ""
        return (
            f"{place.name} n’a pas de guichet : le plus proche est à environ "
            f"{number(minutes)}{NBSP}minutes de route estimées{where}."
        )
    if np.isnan(fiche.value("part_15")):
        return "L’éloignement des guichets est inconnu pour plus de la moitié des habitants."
    if not fiche.value("part_5"):
        return "Tous les habitants sont à 5 minutes estimées au plus d’un guichet."
    return (
        f"{number(fiche.value('part_5'), 1)}{NBSP}% des habitants sont à plus de 5 minutes "
        f"estimées d’un guichet, {number(fiche.value('part_15'), 1)}{NBSP}% à plus de 15."
    )


def headline(fiche: Fiche) -> str:
    """Say the essential in a few plain sentences."""
    place = fiche.territoire
    first = access(fiche)
    if fiche.klass is None:
        return first
    said = f"{first} Croisement : {exclusion.words(fiche.klass, place.kind)}."
    share = np.nan if place.kind == "commune" else fiche.value("part_exclusion")
    if np.isnan(share):
        return said
    return (
        f"{said} {number(share, 1)}{NBSP}% des habitants vivent dans une commune en exclusion "
        "bancaire (accès plus difficile et habitants plus fragiles)."
    )
