"""Indicators: pure functions from tables to Series indexed by unit code, and their register."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from territory import communes, store
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.indicators import fragility
from territory.indicators.fragility import FragilityMeasure
from territory.schemas import Column
from territory.text import excerpt


@dataclass(frozen=True)
class Indicator:
    """What a figure is, for legends, tables and exports.

    Attributes
    ----------
    id
        Short stable name; also the column name in exports and the ``indicateur`` URL parameter.
    label, short_label
        French title, and a shorter one for a legend.
    unit
        ``%``, ``€``…
    decimals
        Decimals shown.
    higher_is_worse
        Direction of the fragility.
    source_id
        Key of ``catalog.SOURCES``.
    vintage
        Year of the figure.
    definition
        Formula and reading, in French.
    measure
        Ratio of the embedded table; None for what is computed from the local store.
    palette
        Palette family of ``layers.style``.
    """

    id: str
    label: str
    short_label: str
    unit: str
    decimals: int
    higher_is_worse: bool
    source_id: str
    vintage: str
    definition: str
    measure: FragilityMeasure | None = None
    palette: Literal["fragilite", "eloignement", "connaissance"] = "fragilite"


def _share(
    id_: str, label: str, short: str, source: str, year: int, definition: str,
    numerator: str, denominator: str,
) -> Indicator:
    return Indicator(
        f"{id_}_{year}", f"{label} ({year})", short, "%", 1, True, source, str(year), definition,
        FragilityMeasure(numerator, denominator, 100.0),
    )


_ALL = (
    *(
        _share(
            "part_aides_logement", "Part des habitants couverts par une aide au logement",
            "Aides au logement", "dgcl", year,
            "Personnes couvertes par une aide au logement (allocataire, conjoint et personnes à "
            "charge) rapportées à la population Insee de la même année. C’est l’indicateur "
            "communal publié partout qui suit le mieux le taux de pauvreté (corrélation de rang "
            "de 0,87 là où l’Insee publie ce taux) ; ce n’est pas un taux de pauvreté.",
            f"benef_aides_logement_{year}", f"pop_insee_{year}",
        )
        for year in (2022, 2021, 2020)
    ),
    *(
        Indicator(
            f"revenu_imposable_par_hab_{year}", f"Revenu imposable par habitant ({year})",
            "Revenu par habitant", "€", 0, False, "dgcl", str(year),
            "Revenu imposable des habitants rapporté à la population Insee. Un revenu nul dans la "
            "source est une donnée absente.",
            FragilityMeasure(f"revenu_imposable_{year}", f"pop_insee_{year}", 1.0),
        )
        for year in (2022, 2021, 2020)
    ),
    _share(
        "part_65p", "Part des habitants de 65 ans et plus", "65 ans et plus", "recensement", 2021,
        "Habitants de 65 ans et plus rapportés à la population du recensement.",
        "pop_65p_2021", "pop_2021",
    ),
    _share(
        "part_qpv", "Part des habitants en quartier prioritaire (QPV)", "Habitants en QPV",
        "dgcl", 2022,
        "Population des quartiers prioritaires de la politique de la ville (périmètre antérieur à "
        "2024) rapportée à la population Insee.",
        "pop_qpv_2022", "pop_insee_2022",
    ),
)

#: Indicator id → indicator, default first.
INDICATORS: dict[str, Indicator] = {indicator.id: indicator for indicator in _ALL}

DEFAULT_INDICATOR = "part_aides_logement_2022"


def get(indicator_id: str) -> Indicator:
    """Return an indicator.

    Raises
    ------
    InvalidInputError
        Unknown id; the message lists the known ones.
    """
    try:
        return INDICATORS[indicator_id]
    except KeyError as error:
        msg = (
            f"L’indicateur « {excerpt(indicator_id)} » n’existe pas. Indicateurs : "
            f"{', '.join(INDICATORS)}."
        )
        raise InvalidInputError(msg) from error


def comparable(indicator_id: str) -> tuple[str, ...]:
    """Other vintages of an indicator, the latest first: same source, same formula, same unit.

    Empty for an indicator of one vintage, or one that is not embedded.
    """
    one = INDICATORS.get(indicator_id)
    if one is None:
        return ()
    def figure(which: Indicator) -> tuple[str, ...]:
        name = which.id.removesuffix(f"_{which.vintage}")
        return name, which.source_id, which.definition, which.unit

    others = (i for i in INDICATORS.values() if i.id != one.id and figure(i) == figure(one))
    return tuple(i.id for i in sorted(others, key=lambda i: i.vintage, reverse=True))


@functools.cache
def figures() -> pd.DataFrame:
    """Table ``fragilite`` by commune code; shared, not to be changed.

    One index for all that comes of it: look-ups share what they build of it.
    """
    return store.read("fragilite").set_index("code_insee")


@functools.cache
def values(indicator_id: str, level: Level = "commune") -> pd.Series:
    """Values of an indicator, float64 indexed by unit code; NaN is « donnée absente ».

    At levels above the commune, numerators and denominators are summed over the communes where
    both are known; a unit where less than half of the population is known is missing.
    """
    measure = get(indicator_id).measure
    if measure is None:
        msg = f"L’indicateur « {indicator_id} » n’est pas dans la base embarquée."
        raise InvalidInputError(msg)
    base = figures()
    if level == "commune":
        return fragility.ratio(base, measure).rename(indicator_id)
    whole = communes.whole()
    return fragility.ratio_by(
        base.reindex(whole.index), measure, whole[f"code_{level}"], whole["population"]
    ).rename(indicator_id)


def columns() -> tuple[Column, ...]:
    """Declare the columns of :func:`table` that no schema knows, for exports."""
    return (
        Column("code", "Code", definition="Code Insee de l’unité, SIREN pour un EPCI."),
        Column("nom", "Nom"),
        Column("communes", "Communes", "entier", "Nombre de communes de l’unité."),
        *(Column(i.id, i.label, "nombre", i.definition, i.unit) for i in INDICATORS.values()),
    )


def table(level: Level = "commune") -> pd.DataFrame:
    """Return every indicator of a level, with the unit's name, population and parent codes."""
    units = communes.units(level)
    columns = {i: values(i, level).reindex(units.index) for i in INDICATORS}
    return units.assign(**columns).rename_axis("code").reset_index()
