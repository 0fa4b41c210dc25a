"""Éloignement des guichets: how far the inhabitants of communes are from a counter, and its change.

Words: « éloignement » is distance and nothing else; « exclusion bancaire » is only said of its
crossing with the fragility of the inhabitants. An unknown count is never a zero: see
:mod:`territory.indicators.accessibility`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from territory.errors import InvalidInputError
from territory.indicators import accessibility
from territory.indicators.accessibility import DETOUR, SPEED_KMH
from territory.indicators.decay import RINGS, Decay
from territory.indicators.fragility import MIN_COVERAGE
from territory.indicators.sites import at_reference_points, people_of

#: Thresholds of the Banque de France, minutes.
THRESHOLDS: Final = (5.0, 10.0, 15.0)
#: A loan-to-deposit ratio under this part of the reference's raises a question (Section 109 of
#: the Riegle-Neal Act, United States): it is not a fault.
ALERT: Final = 0.5


@dataclass(frozen=True)
class Assumptions:
    """What the figures rest on; printed beside them.

    Attributes
    ----------
    detour, speed_kmh
        See :func:`accessibility.travel_minutes`.
    closure_minutes
        Access is lost beyond this time.
    floating_km
        Radius of the floating density.
    decay
        Catchment of the E2SFCA.
    """

    detour: float = DETOUR
    speed_kmh: float = SPEED_KMH
    closure_minutes: float = 15.0
    floating_km: float = 10.0
    decay: Decay = field(default_factory=lambda: RINGS)


def by_commune(
    places: pd.DataFrame,
    population: pd.Series,
    counts: pd.Series,
    assumptions: Assumptions | None = None,
) -> pd.DataFrame:
    """Access of each commune to counters known by their number in each commune.

    Convention of the Banque de France: a commune with a counter is at distance 0; another is as
    far as the nearest equipped one, reference point to reference point, in a straight line.
    Compute on a territory with its margin, then crop (:func:`accessibility.with_margin`).

    Parameters
    ----------
    places
        Indexed by code: ``longitude``, ``latitude``, degrees (EPSG:4326).
    population
        Inhabitants by code, NaN where unknown.
    counts
        Counters by code; a code that is absent is unknown, not without counters.
    assumptions
        The defaults when None.

    Returns
    -------
    pandas.DataFrame
        Indexed as ``places``, float64 unless said: ``guichets``; ``distance_km`` and
        ``distance_2_km`` to the nearest and second nearest counters; ``minutes`` and
        ``minutes_2``; ``densite`` and ``densite_flottante`` per 10 000 inhabitants; ``e2sfca``
        per 10 000; ``a_une_fermeture`` (boolean, missing when unknown): would lose access,
        ``minutes <= closure_minutes < minutes_2``, if its nearest counter closed.
    """
    told = assumptions or Assumptions()
    sites = at_reference_points(places, counts)
    km = accessibility.nearest(places, sites, k=2)
    first, second = (
        accessibility.travel_minutes(km[rank], told.detour, told.speed_kmh) for rank in (1, 2)
    )
    held = counts.reindex(places.index)
    return pd.DataFrame(
        {
            "guichets": held.astype("Float64").astype(float),
            "distance_km": km[1],
            "distance_2_km": km[2],
            "minutes": first,
            "minutes_2": second,
            "densite": accessibility.density(held, population),
            "densite_flottante": accessibility.floating_density(
                places, population, sites, told.floating_km
            ),
            "e2sfca": accessibility.e2sfca(places, population, sites, told.decay),
            "a_une_fermeture": one_closure_away(first, second, told.closure_minutes),
        }
    )


def one_closure_away(first: pd.Series, second: pd.Series, threshold: float) -> pd.Series:
    """Tell who has access and would lose it if one counter closed: the nearest one.

    After the idea of a potential desert (Federal Reserve, Banking Deserts Dashboard).

    Parameters
    ----------
    first, second
        Minutes to the nearest and second nearest counters; NaN where unknown.

    Returns
    -------
    pandas.Series
        ``boolean`` dtype, same index; missing where an unknown time could change the answer.
    """
    within = (first <= threshold).astype("boolean").mask(first.isna())
    beyond = (second > threshold).astype("boolean").mask(second.isna())
    # Kleene logic: a known « no » settles it whatever the other is.
    return within & beyond


def by_group(
    access: pd.DataFrame, population: pd.Series, groups: pd.Series
) -> pd.DataFrame:
    """Access of larger units: EPCI, département, région, or any set of communes.

    Parameters
    ----------
    access
        See :func:`by_commune`.
    population
        Inhabitants by code.
    groups
        Unit of each commune, indexed by code; missing is in none.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit: ``habitants``; ``habitants_connus`` (with a known time); ``guichets``
        (missing when one commune's is); ``minutes`` (mean over inhabitants); ``part_5``,
        ``part_10``, ``part_15``, % of inhabitants beyond; ``part_a_une_fermeture``, %. Shares and
        means are over the inhabitants whose answer is known, missing when they are less than half.
    """
    people = pd.Series(people_of(population, access.index), index=access.index).fillna(0.0)
    known = access["minutes"].notna()
    closure = access["a_une_fermeture"]
    frame = pd.DataFrame(
        {
            "habitants": people,
            "habitants_connus": people.where(known, 0.0),
            "temps": (people * access["minutes"]).where(known, 0.0),
            **{f"part_{t:g}": people.where(access["minutes"] > t, 0.0) for t in THRESHOLDS},
            "fermeture": people.where(closure.fillna(False).astype(bool), 0.0),
            "fermeture_connue": people.where(closure.notna(), 0.0),
        }
    )
    unit = groups.reindex(access.index)
    summed = frame.groupby(unit).sum()
    counters = access["guichets"].groupby(unit).sum().where(
        access["guichets"].isna().groupby(unit).sum() == 0
    )
    half = MIN_COVERAGE * summed["habitants"]
    base = summed["habitants_connus"].where(
        (summed["habitants_connus"] >= half) & (summed["habitants_connus"] > 0)
    )
    closing = summed["fermeture_connue"].where(
        (summed["fermeture_connue"] >= half) & (summed["fermeture_connue"] > 0)
    )
    return pd.DataFrame(
        {
            "habitants": summed["habitants"],
            "habitants_connus": summed["habitants_connus"],
            "guichets": counters,
            "minutes": summed["temps"] / base,
            **{f"part_{t:g}": 100 * summed[f"part_{t:g}"] / base for t in THRESHOLDS},
            "part_a_une_fermeture": 100 * summed["fermeture"] / closing,
        }
    )


@dataclass(frozen=True)
class Vintage:
    """What a count describes: only counts of one source and method may be compared.

    Attributes
    ----------
    source, method
        Names; a change of method is a break of the series.
    year
        Year described.
    """

    source: str
    method: str
    year: int


def check_comparable(first: Vintage, second: Vintage) -> None:
    """Refuse to compare two vintages of different sources or methods.

    Raises
    ------
    InvalidInputError
        They differ by source or method.
    """
    if (first.source, first.method) != (second.source, second.method):
        msg = (
            f"Les données de {first.year} ({first.source}, {first.method}) et de {second.year} "
            f"({second.source}, {second.method}) ne se comparent pas : c’est une rupture de série."
        )
        raise InvalidInputError(msg)


def change(
    before: pd.Series,
    after: pd.Series,
    places: pd.DataFrame,
    vintages: tuple[Vintage, Vintage],
) -> pd.DataFrame:
    """Change of the counters of communes between two vintages, both carried to today's communes.

    Returns
    -------
    pandas.DataFrame
        Indexed as ``places``: ``evolution`` (counters, missing when one count is);
        ``perdu_le_dernier`` and ``gagne_un_premier`` (boolean, missing when unknown);
        ``eloignement_km``: how much farther the nearest counter is.

    Raises
    ------
    InvalidInputError
        The vintages differ by source or method, or do not follow each other.
    """
    first, second = vintages
    check_comparable(first, second)
    if first.year >= second.year:
        msg = f"L’année {second.year} ne suit pas l’année {first.year}."
        raise InvalidInputError(msg)
    old = before.reindex(places.index).astype("Float64")
    new = after.reindex(places.index).astype("Float64")
    distances = [
        accessibility.nearest(places, at_reference_points(places, counts), k=1)[1]
        for counts in (before, after)
    ]
    return pd.DataFrame(
        {
            "evolution": (new - old).astype(float),
            "perdu_le_dernier": (old >= 1) & (new == 0),
            "gagne_un_premier": (old == 0) & (new >= 1),
            "eloignement_km": distances[1] - distances[0],
        }
    )


def deposits_and_credits(table: pd.DataFrame, reference: pd.Series | None = None) -> pd.DataFrame:
    """Gap between savings collected and credit granted, by territory (never by commune).

    ``LTD = C / D``; ``G = LTD / LTD_ref - 1``; ``E = C - LTD_ref × D`` (negative: savings lent
    elsewhere); location quotient ``(C_g / C) / (D_g / D)``. Operations are attributed to the
    counter that handled them; a gap is a question to put, not a fault.

    Parameters
    ----------
    table
        Indexed by territory: ``depots``, ``credits``, same unit and date.
    reference
        ``depots`` and ``credits`` of the whole; the sum of the table by default, which is missing
        as soon as one cell is.

    Returns
    -------
    pandas.DataFrame
        Same index: ``credit_sur_depot``, ``ecart_relatif`` (%), ``ecart`` (unit of the table),
        ``quotient``, ``question`` (boolean, missing when unknown): the ratio is under half of the
        reference's.
    """
    whole = table[["depots", "credits"]].sum(skipna=False) if reference is None else reference
    deposits = table["depots"].where(table["depots"] > 0).astype(float)
    credit = table["credits"].astype(float)
    ratio = credit / deposits
    usual = float(whole["credits"]) / float(whole["depots"])
    return pd.DataFrame(
        {
            "credit_sur_depot": ratio,
            "ecart_relatif": 100 * (ratio / usual - 1),
            "ecart": credit - usual * deposits,
            "quotient": (credit / float(whole["credits"])) / (deposits / float(whole["depots"])),
            "question": (ratio < ALERT * usual).astype("boolean").mask(
                ratio.isna() | np.isnan(usual)
            ),
        }
    )
