"""The supply of counters known on this machine, and the access to it of every territory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes, store
from territory.codes import commune_of
from territory.communes import Level
from territory.indicators import banking
from territory.indicators.banking import Assumptions
from territory.schemas import GUICHETS, Column
from territory.settings import Settings
from territory.sources.guichets import Supply
from territory.store import Store
from territory.text import NBSP, trimmed

#: Tables of the local store: this, then the source.
PREFIX: Final = "guichets_"
#: What counts as a counter → kinds; the level chosen changes the message.
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "banque": ("banque",),
    "banque_ou_bureau": ("banque", "bureau_poste"),
    "banque_ou_postal": ("banque", "bureau_poste", "relais_poste", "agence_postale"),
}

#: Said wherever fragility is shown while no table of counters has been fetched.
MISSING: Final = (
    "Fragilité des habitants seulement : aucune table de guichets n’est récupérée, leur "
    "éloignement n’est donc pas calculé. Pour l’avoir : python -m territory fetch bpe (ou "
    "--fichier, avec un fichier de la base permanente des équipements de l’Insee)."
)


@dataclass(frozen=True, eq=False)
class Counters:
    """Counters by commune.

    Attributes
    ----------
    counts
        By code of a whole commune; NaN where unknown, 0 where the source covers the commune and
        has none.
    year
        Year described, empty when unknown.
    source
        Sentence to print.
    """

    counts: pd.Series
    year: str
    source: str


def keep(supply: Supply, settings: Settings) -> None:
    """Check a supply against its schema and put it in the local store, in one move.

    Raises
    ------
    DataError
        It breaks its schema; the former table stays.
    """
    GUICHETS.validate(supply.table)
    Store(settings.data_dir).replace_table(
        f"{PREFIX}{supply.source}", store.to_parquet_bytes(supply.table),
        {
            "lignes": len(supply.table), "recupere_le": dt.date.today().isoformat(),
            "millesime": supply.millesime, "date": supply.day, "types": list(supply.kinds),
            "departements": list(supply.departements), "communes": dict(supply.communes),
            "inconnues": {code: list(kinds) for code, kinds in supply.unknown.items()},
        },
    )


def stamp(settings: Settings, source: str = "bpe") -> str | None:
    """Digest of the supply of a source, None when it is not in the local store.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    entry = Store(settings.data_dir).tables().get(f"{PREFIX}{source}")
    return None if entry is None else str(entry["sha256"])


def counters(settings: Settings, level: str = "banque", source: str = "bpe") -> Counters | None:
    """Count the counters of every commune, None when the source is not in the local store.

    Parameters
    ----------
    level
        Key of :data:`LEVELS`. A kind the source does not list makes every commune unknown.
    source
        Source id.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    local = Store(settings.data_dir)
    entry = local.tables().get(f"{PREFIX}{source}")
    if entry is None:
        return None
    kinds = set(LEVELS[level])
    table = local.read(f"{PREFIX}{source}")
    whole = communes.table()
    whole = whole[whole["type"] == "COM"]
    held = table[table["type"].isin(kinds)]
    counts = held.groupby(held["code_insee"].map(commune_of))["nombre"].sum()
    answer = counts.reindex(whole.index).astype(float)
    covered = whole["code_departement"].isin(entry["departements"]) | whole.index.isin(
        list(entry["communes"])
    )
    answer = answer.where(answer.notna() | ~covered, 0.0)
    unknown = {commune_of(code) for code, missing in entry["inconnues"].items()
               if kinds & set(missing)}
    answer = answer.mask(answer.index.isin(sorted(unknown)))
    if not kinds <= set(entry["types"]):
        answer = answer * float("nan")
    said = str(table["source"].iloc[0]) if len(table) else source
    return Counters(answer, str(entry["millesime"]), said)


def access(
    settings: Settings, level: Level = "commune", supply: str = "banque",
    assumptions: Assumptions | None = None,
) -> pd.DataFrame | None:
    """Access to counters of every unit of a level, None when no supply is in the local store.

    Computed on the whole country at once, so that no border cuts it; communes abroad are in no
    table, hence missing.

    Returns
    -------
    pandas.DataFrame
        See :func:`banking.by_commune` at the level of communes, else :func:`banking.by_group`.
    """
    known = counters(settings, supply)
    if known is None:
        return None
    whole = communes.table().loc[known.counts.index]
    people = whole["population"].astype("Float64")
    table = banking.by_commune(whole[["longitude", "latitude"]], people, known.counts, assumptions)
    if level == "commune":
        return table
    return banking.by_group(table, people, whole[f"code_{level}"])


def sentence(assumptions: Assumptions | None = None) -> str:
    """Say in French what the estimated times rest on."""
    told = assumptions or Assumptions()
    return (
        f"Temps estimé : distance à vol d’oiseau × {trimmed(told.detour)}, à "
        f"{trimmed(told.speed_kmh)}{NBSP}km/h{NBSP}; 0 dans une commune qui a un guichet. « À une "
        f"fermeture près » : au plus {trimmed(told.closure_minutes)}{NBSP}minutes, et au-delà si "
        "le guichet le plus proche fermait. Guichets bancaires seulement, sans les distributeurs."
    )


def columns(assumptions: Assumptions | None = None) -> tuple[Column, ...]:
    """Declare the columns of :func:`access`, with what they rest on."""
    told = assumptions or Assumptions()
    time = (
        f"Estimation : distance à vol d’oiseau × {trimmed(told.detour)}, à "
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
        Column("minutes", "Temps estimé", "nombre", time, "minutes"),
        Column("minutes_2", "Temps estimé au deuxième guichet", "nombre", time, "minutes"),
        Column("densite", "Guichets pour 10 000 habitants", "nombre",
               "À ne pas comparer sous 2 000 habitants."),
        Column("densite_flottante", "Guichets pour 10 000 habitants alentour", "nombre",
               f"Dans un rayon de {trimmed(told.floating_km)} km."),
        Column("e2sfca", "Accessibilité (E2SFCA)", "nombre",
               "Guichets pour 10 000 habitants, partagés entre ceux qui peuvent les atteindre "
               "(Luo et Qi 2009 ; couronnes de 5, 10 et 20 km)."),
        Column("a_une_fermeture", "À une fermeture près", definition=closure),
        Column("habitants", "Habitants", "nombre", unit="habitants"),
        Column("habitants_connus", "Habitants au temps connu", "nombre", unit="habitants"),
        *(Column(f"part_{t:g}", f"Habitants à plus de {t:g} minutes", "nombre", time, "%")
          for t in banking.THRESHOLDS),
        Column("part_a_une_fermeture", "Habitants à une fermeture près", "nombre", closure, "%"),
    )


def answers(flags: pd.Series) -> pd.Series:
    """Write yes-or-no answers in words: oui, non or inconnu."""
    return flags.map({True: "oui", False: "non"}).astype(object).fillna("inconnu")

