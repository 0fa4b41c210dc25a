"""Éloignement: how far every territory is from the counters known here, and how it changed.

Distance is not exclusion: « exclusion bancaire » is only said by :mod:`territory.exclusion`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from territory import communes, supply
from territory.communes import Level
from territory.indicators import Indicator, accessibility, banking
from territory.indicators.banking import Assumptions, Vintage
from territory.indicators.decay import RINGS, Decay, Gaussian, Rings
from territory.indicators.sites import at_reference_points
from territory.schemas import Column
from territory.settings import Settings
from territory.supply import Counters
from territory.text import NBSP, trimmed

#: Under this share of placed counters the point version says too little.
_MOSTLY: Final = 0.5

#: Legal distance and time to a postal point.
POSTAL_KM: Final = 5.0
POSTAL_MINUTES: Final = 20.0

#: Catchments of the E2SFCA one may choose → what they are, and their name.
CATCHMENTS: Final[Mapping[str, tuple[Decay, str]]] = {
    "couronnes_20": (RINGS, "couronnes de 5, 10 et 20 km"),
    "couronnes_10": (Rings((2.5, 5.0, 10.0)), "couronnes de 2,5, 5 et 10 km"),
    "gauss_20": (Gaussian(20.0), "décroissance gaussienne sur 20 km"),
    "gauss_10": (Gaussian(10.0), "décroissance gaussienne sur 10 km"),
}

#: Said of any comparison of two years.
CAUTION: Final = (
    "L’Insee ne garantit pas que deux millésimes de la base permanente des équipements se "
    "comparent commune par commune : une variation peut venir d’un reclassement."
)


def access(
    settings: Settings, level: Level = "commune", offer: str = "banque",
    assumptions: Assumptions | None = None,
) -> pd.DataFrame | None:
    """Access to counters of every unit of a level, None when no supply is in the local store.

    Computed on the whole country at once, so that no border cuts it; communes abroad are in no
    table, hence missing.

    Parameters
    ----------
    offer
        Key of ``supply.LEVELS``.

    Returns
    -------
    pandas.DataFrame
        See :func:`of_counters` at the level of communes, else :func:`banking.by_group`.
    """
    known = supply.counters(settings, offer)
    if known is None:
        return None
    table = of_counters(known, assumptions)
    return table if level == "commune" else grouped(table, level)


def of_counters(known: Counters, assumptions: Assumptions | None = None) -> pd.DataFrame:
    """Access of every commune to given counters.

    Returns
    -------
    pandas.DataFrame
        See :func:`banking.by_commune`, and ``distance_point_km``: to the nearest counter where
        the source places it (point version), missing when it places less than half of them.
    """
    whole = communes.units("commune")
    places = communes.table().loc[whole.index, ["longitude", "latitude"]]
    people = whole["population"].astype("Float64")
    table = banking.by_commune(places, people, known.counts, assumptions)
    if known.located >= _MOSTLY:
        table["distance_point_km"] = accessibility.nearest(places, known.sites, k=1)[1]
    else:
        table["distance_point_km"] = np.nan
    return table


def minutes(known: Counters, assumptions: Assumptions | None = None) -> pd.Series:
    """Minutes of every commune to the nearest of given counters, commune convention."""
    told = assumptions or Assumptions()
    places = communes.table().loc[known.counts.index, ["longitude", "latitude"]]
    sites = at_reference_points(places, known.counts)
    km = accessibility.nearest(places, sites, k=1)[1]
    return accessibility.travel_minutes(km, told.detour, told.speed_kmh)


def far_from_post(known: Counters, assumptions: Assumptions | None = None) -> pd.Series:
    """Tell the communes farther than 5 km **and** 20 minutes from a postal point: 1, else 0.

    The law on the public service of La Poste allows at most 10 % of the inhabitants of a
    département to be so. NaN where unknown.
    """
    told = assumptions or Assumptions()
    spent = minutes(known, told)
    km = spent * told.speed_kmh / (60 * told.detour)
    far = ((km > POSTAL_KM) & (spent > POSTAL_MINUTES)).astype(float)
    return far.where(spent.notna())


def grouped(table: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Access of the units of a level above the commune, weighted by inhabitants."""
    whole = communes.table().loc[table.index]
    return banking.by_group(table, whole["population"].astype("Float64"), whole[f"code_{level}"])


@dataclass(frozen=True, eq=False)
class Evolution:
    """Change of the counters of communes between two years of one source.

    Attributes
    ----------
    table
        See :func:`banking.change`; indexed by commune.
    before, after
        What is compared.
    """

    table: pd.DataFrame
    before: Vintage
    after: Vintage

    def sentence(self) -> str:
        """Say what is compared."""
        return (
            f"Évolution de {self.before.year} à {self.after.year} ({self.after.source}, aux "
            f"communes actuelles). {CAUTION}"
        )


def evolution(
    settings: Settings, offer: str = "banque", *, before: str | None = None,
    after: str | None = None,
) -> Evolution | None:
    """Compare two years of one source, None when fewer than two are held.

    Parameters
    ----------
    offer
        Key of ``supply.LEVELS``.
    before, after
        Years; the oldest and the newest held by default.

    Raises
    ------
    InvalidInputError
        The years do not follow each other.
    """
    source, years = supply.years(settings, offer)
    if len(years) < 2:
        return None
    wanted = (before or years[-1], after or years[0])
    first, second = (supply.counters(settings, offer, source=source, year=y) for y in wanted)
    if first is None or second is None:
        return None
    whole = communes.table().loc[first.counts.index]
    vintages = tuple(Vintage(_NAMES[source], supply.named(offer), int(y)) for y in wanted)
    table = banking.change(first.counts, second.counts, whole[["longitude", "latitude"]],
                           (vintages[0], vintages[1]))
    return Evolution(table, vintages[0], vintages[1])


_NAMES: Final[Mapping[str, str]] = {
    "bpe": "Insee, base permanente des équipements",
    "poste": "La Poste, points de contact",
    "banques": "API Recherche d’entreprises",
}


def sentence(offer: str = "banque", assumptions: Assumptions | None = None) -> str:
    """Say in French what the estimated times rest on."""
    told = assumptions or Assumptions()
    return (
        f"Guichets comptés : {supply.named(offer)}, sans les distributeurs. "
        f"Temps estimé : distance à vol d’oiseau × {trimmed(told.detour, 2)}, à "
        f"{trimmed(told.speed_kmh)} km/h{NBSP}; 0 dans une commune qui a un guichet. « À une "
        f"fermeture près » : au plus {trimmed(told.closure_minutes)}{NBSP}minutes, et au-delà si "
        f"le guichet le plus proche fermait. Accessibilité (E2SFCA){NBSP}: {catchment(told.decay)}."
    )


def catchment(decay: Decay) -> str:
    """Name a catchment: ``couronnes de 5, 10 et 20 km``."""
    for known, name in CATCHMENTS.values():
        if known == decay:
            return name
    return f"rayon de {trimmed(decay.radius_km)} km"


def columns(assumptions: Assumptions | None = None) -> tuple[Column, ...]:
    """Declare the columns of :func:`access`, with what they rest on."""
    told = assumptions or Assumptions()
    time = (
        f"Estimation : distance à vol d’oiseau × {trimmed(told.detour, 2)}, à "
        f"{trimmed(told.speed_kmh)} km/h ; 0 dans une commune équipée."
    )
    closure = (
        f"À {trimmed(told.closure_minutes)} minutes au plus d’un guichet, et au-delà si le plus "
        "proche fermait."
    )
    return (
        Column("guichets", "Guichets", "nombre", "Inconnu plutôt que zéro hors de la source.",
               "guichets"),
        Column("distance_km", "Distance au guichet le plus proche", "nombre",
               "À vol d’oiseau, entre points de référence ; 0 dans une commune équipée.", "km"),
        Column("distance_2_km", "Distance au deuxième guichet", "nombre",
               "Plusieurs guichets d’une commune comptent pour plusieurs.", "km"),
        Column("distance_point_km", "Distance au guichet situé le plus proche", "nombre",
               "À vol d’oiseau, du point de référence de la commune au guichet tel que la source "
               "le place ; absente quand elle en place moins de la moitié.", "km"),
        Column("minutes", "Temps estimé", "nombre", time, "minutes"),
        Column("minutes_2", "Temps estimé au deuxième guichet", "nombre", time, "minutes"),
        Column("densite", "Guichets pour 10 000 habitants", "nombre",
               "À ne pas comparer sous 2 000 habitants."),
        Column("densite_flottante", "Guichets pour 10 000 habitants alentour", "nombre",
               f"Dans un rayon de {trimmed(told.floating_km)} km."),
        Column("e2sfca", "Accessibilité (E2SFCA)", "nombre",
               "Guichets pour 10 000 habitants, partagés entre ceux qui peuvent les atteindre "
               f"(Luo et Qi 2009 ; {catchment(told.decay)})."),
        Column("a_une_fermeture", "À une fermeture près", definition=closure),
        Column("habitants", "Habitants", "nombre", unit="habitants"),
        Column("habitants_connus", "Habitants au temps connu", "nombre", unit="habitants"),
        *(Column(f"part_{t:g}", f"Habitants à plus de {t:g} minutes", "nombre", time, "%")
          for t in banking.THRESHOLDS),
        Column("part_a_une_fermeture", "Habitants à une fermeture près", "nombre", closure, "%"),
    )


def _indicator(
    id_: str, label: str, short: str, unit: str, decimals: int, *, worse: bool, text: str
) -> Indicator:
    return Indicator(id_, label, short, unit, decimals, worse, "bpe", "", text,
                     palette="eloignement")


#: Indicators of :func:`of_counters` that colour a map: column → indicator. Their vintage is that
#: of the supply; their definition is completed by :func:`sentence`.
INDICATORS: Final[Mapping[str, Indicator]] = {
    one.id: one
    for one in (
        _indicator("minutes", "Temps estimé jusqu’au guichet le plus proche", "Temps au guichet",
                   "min", 1, worse=True,
                   text="Distance à vol d’oiseau au plus proche guichet, traduite en temps de "
                   "route estimé ; 0 dans une commune qui a un guichet."),
        _indicator("minutes_2", "Temps estimé jusqu’au deuxième guichet", "Deuxième guichet",
                   "min", 1, worse=True,
                   text="Ce qu’il resterait si le guichet le plus proche fermait."),
        _indicator("densite_flottante", "Guichets pour 10 000 habitants dans un rayon de 10 km",
                   "Guichets alentour", "pour 10 000 hab.", 1, worse=False,
                   text="Guichets rapportés aux habitants dans un rayon de 10 km autour de la "
                   "commune."),
        _indicator("e2sfca", "Accessibilité aux guichets (E2SFCA)", "Accessibilité",
                   "pour 10 000 hab.", 1, worse=False,
                   text="Guichets à portée, partagés entre tous les habitants qui peuvent les "
                   "atteindre (Luo et Qi 2009)."),
    )
}
