"""Counters of a territory, year beside year: only the years of one source, never chained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from territory import communes, eloignement, supply
from territory.comparability import Method
from territory.indicators import banking
from territory.indicators.banking import Assumptions, Vintage
from territory.series import Point, Segment, Series
from territory.settings import Settings
from territory.territoires import Territoire

#: What a commune went through between two years, the most serious first.
EVENTS: Final = {
    "perdu": "a perdu son dernier guichet",
    "plus_loin": "sans guichet, et plus loin qu’avant",
    "moins": "a moins de guichets",
    "gagne": "a gagné un premier guichet",
    "plus_pres": "sans guichet, et plus près qu’avant",
    "plus": "a plus de guichets",
}


@dataclass(frozen=True, eq=False)
class Year:
    """Counters of every commune in one year.

    Attributes
    ----------
    year
        Year described.
    source, source_id
        Sentence to print; key of ``catalog.SOURCES``.
    access
        Indexed by commune: ``guichets``, ``minutes``, NaN where unknown.
    """

    year: int
    source: str
    source_id: str
    access: pd.DataFrame


def held(
    settings: Settings, offer: str = "banque", assumptions: Assumptions | None = None
) -> list[Year]:
    """Read the years of the source of which the most are held, the oldest first.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    source, years = supply.years(settings, offer)
    found = []
    for year in sorted(years):
        known = supply.counters(settings, offer, source=source, year=year)
        if known is None:
            continue
        access = pd.DataFrame({
            "guichets": known.counts, "minutes": eloignement.minutes(known, assumptions),
        })
        found.append(Year(int(year), known.source, source, access))
    return found


def of_territory(years: list[Year], place: Territoire) -> pd.DataFrame:
    """Figures of a territory, a row a year.

    Returns
    -------
    pandas.DataFrame
        Indexed by year: ``guichets`` and ``communes_equipees`` (missing when one commune's is),
        ``minutes`` (mean over inhabitants), ``part_5``, ``part_10``, ``part_15`` (% of
        inhabitants). The inhabitants are those of today, whatever the year.
    """
    codes = list(place.codes)
    people = communes.units("commune")["population"].reindex(codes).astype("Float64")
    groups = pd.Series("", index=pd.Index(codes))
    rows = {}
    for year in years:
        access = year.access.loc[codes].assign(
            a_une_fermeture=pd.Series(pd.NA, index=codes, dtype="boolean")
        )
        figures = banking.by_group(access, people, groups).iloc[0]
        counters = access["guichets"]
        equipped = np.nan if counters.isna().any() else float((counters >= 1).sum())
        rows[year.year] = {
            "guichets": figures["guichets"], "communes_equipees": equipped,
            "minutes": figures["minutes"],
            **{f"part_{t:g}": figures[f"part_{t:g}"] for t in banking.THRESHOLDS},
        }
    return pd.DataFrame.from_dict(rows, orient="index").astype(float).rename_axis("annee")


def changes(before: Year, after: Year, place: Territoire) -> pd.DataFrame:
    """Communes of a territory whose access changed, the most serious first.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``nom``, ``habitants``, ``guichets_avant``, ``guichets_apres``,
        ``minutes_avant``, ``minutes_apres``, ``evenement`` (key of :data:`EVENTS`). A commune
        unknown in one of the years is not there.
    """
    codes = list(place.codes)
    first, second = before.access.loc[codes], after.access.loc[codes]
    table = communes.units("commune").loc[codes, ["nom", "population"]].rename(
        columns={"population": "habitants"}
    ).assign(
        guichets_avant=first["guichets"], guichets_apres=second["guichets"],
        minutes_avant=first["minutes"], minutes_apres=second["minutes"],
    )
    old, new = table["guichets_avant"], table["guichets_apres"]
    farther = table["minutes_apres"] - table["minutes_avant"]
    events = np.select(
        [(old >= 1) & (new == 0), (old == 0) & (new == 0) & (farther > 0), (new >= 1) & (new < old),
         (old == 0) & (new >= 1), (old == 0) & (new == 0) & (farther < 0), (new > old)],
        list(EVENTS), "",
    )
    table["evenement"] = pd.Categorical(events, [*EVENTS, ""], ordered=True)
    moved = table[table["evenement"] != ""]
    return moved.sort_values(["evenement", "habitants"], ascending=[True, False], kind="stable")


def series(years: list[Year], place: Territoire) -> Series | None:
    """Counters of a territory as a series of one segment, None when no year is known there."""
    table = of_territory(years, place)["guichets"].dropna()
    if table.empty:
        return None
    method = Method("Guichets comptés", "guichets de la source", "source", ("guichets",),
                    "guichets")
    points = tuple(
        Point(
            str(year.year), float(table[year.year]), "guichets", place.label, "guichets",
            Vintage(year.source_id, "guichets", year.year), year.source, "", "",
            "magasin local", rank,
        )
        for rank, year in enumerate(years) if year.year in table.index
    )
    return Series(
        "guichets", "Guichets", place.label, "Guichets comptés dans les communes actuelles.",
        (Segment(method, points),), (), (eloignement.CAUTION,),
    )
