"""Exclusion bancaire: the crossing of éloignement and fragility, the only place where it is said.

:func:`measure` computes what takes time, once for a supply and its assumptions; :func:`cross`
weighs it, as often as somebody moves a weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes, eloignement, indicators, store, supply, surendettement
from territory.communes import Level
from territory.eloignement import Evolution
from territory.indicators import Indicator, composite
from territory.indicators.banking import Assumptions
from territory.indicators.composite import (
    ACCESS_WEIGHTS,
    BETTER_HIGH,
    FRAGILITY_WEIGHTS,
    Mean,
    percentile_rank,
)
from territory.indicators.inhabitants import mean_by
from territory.progress import Watch
from territory.schemas import Column
from territory.settings import Settings
from territory.supply import Counters
from territory.surendettement import YearlyFilings
from territory.text import number

#: Component of the fragility axis → embedded indicator.
FRAGILITY: Final[Mapping[str, str]] = {
    "part_aides_logement": "part_aides_logement_2022",
    "revenu_imposable_par_hab": "revenu_imposable_par_hab_2022",
    "part_65p": "part_65p_2021",
    "part_qpv": "part_qpv_2022",
}
#: Housing aid follows other rules there and covers 1.3 % of the inhabitants: the share would rank
#: the poorest département among the least fragile, so it counts as unknown in the axis.
MAYOTTE: Final = "976"
#: Component of an axis → its name beside a weight.
COMPONENTS: Final[Mapping[str, str]] = {
    "minutes": "Temps au guichet le plus proche",
    "minutes_postal": "Temps à la banque ou au point postal",
    "e2sfca": "Accessibilité (E2SFCA)",
    "evolution": "Guichets perdus",
    "part_aides_logement": "Aides au logement",
    "revenu_imposable_par_hab": "Revenu par habitant",
    "part_65p": "65 ans et plus",
    "part_qpv": "Habitants en QPV",
    "surendettement": "Surendettement du département",
}
#: Thirds of inhabitants, from 1 to 3, in words.
ACCESS_STEPS: Final = ("accès plus facile", "accès moyen", "accès plus difficile")
FRAGILITY_STEPS: Final = ("habitants moins fragiles", "fragilité moyenne",
                          "habitants plus fragiles")

#: The optional summary of both axes, as a map shows it.
INDEX: Final = Indicator(
    "indice", "Indice d’éloignement et de fragilité", "Indice", "sur 100", 0,
    higher_is_worse=True, source_id="bpe", vintage="",
    definition="Résumé des deux axes par les poids choisis ; aucune source ne dit de « bons » "
    "poids, et les deux axes se lisent mieux séparément.",
)

METHOD: Final = (
    "Deux axes, chacun d’après le rang de la commune parmi les habitants de France : l’éloignement "
    "des guichets (distance et rareté) et la fragilité des habitants. Chacun est coupé en trois "
    "tiers d’habitants. "
    "« Exclusion bancaire » ne se dit que du tiers le plus défavorable des deux à la fois. Un axe "
    "dont moins de 60 % du poids est connu est gris."
)


@dataclass(frozen=True, eq=False)
class Measured:
    """What the crossing is weighed from, by commune.

    Attributes
    ----------
    offer, assumptions
        What it was computed for.
    population
        Inhabitants.
    access
        See :func:`eloignement.of_counters`, with ``minutes_postal`` (banks or any postal point),
        ``loin_du_postal`` (see :func:`eloignement.far_from_post`) and ``evolution`` (counters
        gained or lost for 10 000 inhabitants), missing when unknown.
    fragility
        Components of the fragility axis.
    access_ranks, fragility_ranks
        Their ranks, see :func:`composite.percentile_rank`.
    counters
        The supply.
    evolution
        Change between two years, None when one year only is held.
    filings
        Over-indebtedness by département, None when not fetched.
    """

    offer: str
    assumptions: Assumptions
    population: pd.Series
    access: pd.DataFrame
    fragility: pd.DataFrame
    access_ranks: pd.DataFrame
    fragility_ranks: pd.DataFrame
    counters: Counters
    evolution: Evolution | None
    filings: YearlyFilings | None = None


def stamp(settings: Settings) -> str | None:
    """Digest of all that :func:`measure` reads of the local store, None without a supply.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    counters = supply.stamp(settings)
    filings = store.of(settings).tables().get(surendettement.TABLE, {}).get("sha256", "")
    return counters and f"{counters}{filings[:8]}"


def measure(
    settings: Settings, offer: str = "banque", assumptions: Assumptions | None = None
) -> Measured | None:
    """Measure access and fragility of every commune, None when no supply is in the local store.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    known = supply.counters(settings, offer)
    if known is None:
        return None
    told = assumptions or Assumptions()
    people = communes.units("commune")["population"].astype("Float64")
    access = eloignement.of_counters(known, told)
    postal = known if offer == "banque_ou_postal" else supply.counters(settings, "banque_ou_postal")
    access["minutes_postal"] = (
        float("nan") if postal is None or postal.counts.isna().all()
        else eloignement.minutes(postal, told)
    )
    post = supply.counters(settings, "postal")
    access["loin_du_postal"] = (
        float("nan") if post is None or post.counts.isna().all()
        else eloignement.far_from_post(post, told)
    )
    evolved = eloignement.evolution(settings, offer)
    inhabitants = people.astype(float).where(people > 0)
    access["evolution"] = (
        float("nan") if evolved is None
        else 10_000 * evolved.table["evolution"].reindex(access.index) / inhabitants
    )
    filings = surendettement.yearly(settings)
    fragility = _fragility(access.index, filings)
    return Measured(
        offer, told, people, access, fragility,
        _ranks(access[list(ACCESS_WEIGHTS)], people), _ranks(fragility, people), known, evolved,
        filings,
    )


def unsupplied() -> Measured:
    """Fragility alone, every éloignement unknown: what is measured while nothing is fetched."""
    whole = communes.units("commune")
    people = whole["population"].astype("Float64")
    nowhere = pd.Series(float("nan"), index=whole.index)
    sites = communes.table().loc[whole.index, ["longitude", "latitude"]].assign(guichets=nowhere)
    counters = Counters(nowhere, sites, 0.0, "", "aucune table de guichets n’est récupérée", ())
    access = eloignement.of_counters(counters).assign(
        minutes_postal=nowhere, evolution=nowhere, loin_du_postal=nowhere
    )
    fragility = _fragility(whole.index)
    return Measured(
        "banque", Assumptions(), people, access, fragility,
        _ranks(access[list(ACCESS_WEIGHTS)], people), _ranks(fragility, people), counters, None,
    )


def _fragility(index: pd.Index, filings: YearlyFilings | None = None) -> pd.DataFrame:
    """Components of the axis; over-indebtedness is that of the département, when fetched."""
    table = pd.DataFrame(
        {name: indicators.values(of).reindex(index) for name, of in FRAGILITY.items()}
    )
    home = communes.table().loc[index, "code_departement"]
    table["part_aides_logement"] = table["part_aides_logement"].mask(
        (home == MAYOTTE).to_numpy(dtype=bool)
    )
    if filings is not None:
        table["surendettement"] = filings.per_100_000.reindex(home).to_numpy()
    return table


def _ranks(values: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({
        name: percentile_rank(column, people, better_high=name in BETTER_HIGH)
        for name, column in values.items()
    })


@dataclass(frozen=True)
class Weights:
    """Weights of both axes and how they meet; hashable."""

    access: tuple[tuple[str, float], ...] = tuple(ACCESS_WEIGHTS.items())
    fragility: tuple[tuple[str, float], ...] = tuple(FRAGILITY_WEIGHTS.items())
    mean: Mean = "geometrique"


def cross(
    measured: Measured, level: Level = "commune", weights: Weights | None = None
) -> pd.DataFrame:
    """Cross both axes for every unit of a level.

    Above the commune an axis is the mean of its communes over their inhabitants; thirds are then
    those of the inhabitants of these units.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``eloignement`` and ``fragilite`` (0 the best, 100 the worst), ``classe``
        (``a-f``, see :func:`composite.crossing`), ``indice`` and ``rang`` (percentile rank of the
        index, 100 the worst), ``raison`` (why it is grey, else empty) and, above the commune,
        ``part_exclusion``: % of inhabitants in a commune of class ``3-3``.

    Raises
    ------
    InvalidInputError
        A weight is negative, or all those of an axis are zero.
    """
    told = weights or Weights()
    access = composite.axis(measured.access_ranks, dict(told.access))
    fragility = composite.axis(measured.fragility_ranks, dict(told.fragility))
    frame = pd.DataFrame({"eloignement": access.score, "fragilite": fragility.score})
    people = measured.population
    reasons = _joined(access.reasons(), fragility.reasons())
    extra = {}
    if level != "commune":
        classes = composite.crossing(frame["eloignement"], frame["fragilite"], people)
        worst = (classes == "3-3").astype("Float64").astype(float).where(classes.notna()) * 100
        unit = communes.table().loc[frame.index, f"code_{level}"]
        frame = mean_by(frame.assign(part_exclusion=worst), people, unit)
        extra["part_exclusion"] = frame.pop("part_exclusion")
        people = people.groupby(unit).sum()
        grey = frame[["eloignement", "fragilite"]].isna().any(axis=1)
        reasons = pd.Series("connue pour moins de la moitié des habitants", frame.index).where(
            grey, "")
    index = composite.composite(frame["eloignement"], frame["fragilite"], told.mean)
    return frame.assign(
        classe=composite.crossing(frame["eloignement"], frame["fragilite"], people),
        indice=index, rang=percentile_rank(index, people), raison=reasons, **extra,
    )


def _joined(access: pd.Series, fragility: pd.Series) -> pd.Series:
    """Reasons of both axes, each after the name of its axis."""
    first = ("éloignement : " + access).where(access != "", "")
    second = ("fragilité : " + fragility).where(fragility != "", "")
    between = pd.Series(" ; ", index=access.index).where((access != "") & (fragility != ""), "")
    return first + between + second


def stability(
    measured: Measured, weights: Weights | None = None, draws: int = 200,
    watch: Watch | None = None,
) -> pd.DataFrame:
    """Range of the rank of each commune when the weights are drawn again: see the composite's.

    Raises
    ------
    StoppedError
        Somebody asked to stop.
    """
    told = weights or Weights()
    return composite.stability(
        measured.access_ranks, measured.fragility_ranks, dict(told.access), dict(told.fragility),
        measured.population, mean=told.mean, draws=draws, watch=watch,
    )


def columns() -> tuple[Column, ...]:
    """Declare the columns of :func:`cross`, and those of :func:`measure` beside the access."""
    return (
        Column("minutes_postal", "Temps estimé à la banque ou au point postal", "nombre",
               "Mêmes hypothèses que le temps au guichet.", "minutes"),
        Column("loin_du_postal", "Loin d’un point postal", "nombre",
               "1 à plus de 5 km et de 20 minutes estimées, 0 sinon."),
        Column("evolution", "Guichets gagnés ou perdus pour 10 000 habitants", "nombre",
               eloignement.CAUTION),
        Column("eloignement", "Axe de l’éloignement", "nombre", "0 le meilleur, 100 le pire."),
        Column("fragilite", "Axe de la fragilité", "nombre", "0 le meilleur, 100 le pire."),
        Column("classe", "Classe du croisement", definition="Tiers de l’éloignement, puis de la "
               "fragilité : de 1-1 à 3-3 (exclusion bancaire)."),
        Column("indice", "Indice", "nombre",
               "Racine du produit des deux axes : il faut que les deux soient élevés."),
        Column("rang", "Rang de l’indice", "nombre",
               "Parmi les habitants : 100 est le plus défavorable."),
        Column("raison", "Pourquoi c’est inconnu", definition="Vide où le croisement est connu."),
        Column("part_exclusion", "Habitants en exclusion bancaire", "nombre",
               "Part des habitants d’une commune de classe 3-3.", "%"),
    )


def words(klass: object, level: str = "commune") -> str:
    """Write a class: ``accès plus difficile, habitants plus fragiles : exclusion bancaire``.

    Above the commune a third of the units is in the worst class whatever they live: the words
    « exclusion bancaire » are then kept for the share of their inhabitants.
    """
    if not isinstance(klass, str):
        return "inconnue"
    access, fragility = (int(third) - 1 for third in klass.split("-"))
    said = f"{ACCESS_STEPS[access]}, {FRAGILITY_STEPS[fragility]}"
    return f"{said} : exclusion bancaire" if klass == "3-3" and level == "commune" else said


def unknown_components(measured: Measured, weights: Weights | None = None) -> list[str]:
    """Name the components that are known nowhere, with the share of their axis's weight."""
    told = weights or Weights()
    said = []
    for given, ranks in ((told.access, measured.access_ranks),
                         (told.fragility, measured.fragility_ranks)):
        total = sum(weight for _, weight in given)
        said += [
            f"{COMPONENTS[name]} ({number(100 * weight / total)} % de son axe)"
            for name, weight in given
            if weight > 0 and (name not in ranks or ranks[name].isna().all())
        ]
    return said
