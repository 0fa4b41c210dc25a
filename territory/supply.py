"""The supply of counters known on this machine: which source says what, of which year."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from territory import communes, store
from territory.codes import commune_of
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources.guichets import KINDS, Supply
from territory.text import join

#: Tables of the local store: this, the source, and the year described when it is known.
PREFIX: Final = "guichets_"
#: What counts as a counter → kinds; the level chosen changes the message.
LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "banque": ("banque",),
    "banque_ou_bureau": ("banque", "bureau_poste"),
    "banque_ou_postal": ("banque", "bureau_poste", "relais_poste", "agence_postale"),
    "postal": ("bureau_poste", "relais_poste", "agence_postale"),
}
LEVEL_NAMES: Final[Mapping[str, str]] = {
    "banque": "Banques",
    "banque_ou_bureau": "Banques et bureaux de poste",
    "banque_ou_postal": "Banques et tous les points postaux",
    "postal": "Points postaux seulement",
}
#: Sources of the levels: the first that lists a kind answers for it. OpenStreetMap is not among
#: them: its machines are an incomplete complement, not a supply.
SOURCES: Final = ("bpe", "poste", "banques")

#: Those of which years are compared; the others are lists of today.
_YEARLY: Final = ("bpe", "poste")

#: Said wherever fragility is shown while no table of counters has been fetched.
MISSING: Final = (
    "Fragilité des habitants seulement : aucune table de guichets n’est récupérée, leur "
    "éloignement n’est donc pas calculé. Pour l’avoir : python -m territory fetch bpe (ou "
    "--fichier, avec un fichier de la base permanente des équipements de l’Insee)."
)


@dataclass(frozen=True, eq=False)
class Holding:
    """One table of counters of the local store.

    Attributes
    ----------
    name
        Its table.
    source
        Key of ``catalog.SOURCES``.
    year
        Year described, empty when unknown.
    day
        When it was published or fetched (ISO).
    kinds
        Kinds the source lists, also those of which it has none.
    entry
        What the manifest says of it.
    """

    name: str
    source: str
    year: str
    day: str
    kinds: tuple[str, ...]
    entry: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Counters:
    """Counters by commune, and where they stand.

    Attributes
    ----------
    counts
        By code of a whole commune; NaN where unknown, 0 where the source covers the commune and
        has none.
    sites
        One row a counter or a group of them: ``longitude``, ``latitude``, ``guichets``, see
        :mod:`territory.indicators.sites`. At the reference point of its commune when the source
        does not place it; a commune of unknown number is there, its number NaN.
    located
        Share of the counters that the source places, 0 to 1.
    year
        Year described, empty when unknown.
    source
        Sentence to print.
    source_ids
        Keys of ``catalog.SOURCES``.
    """

    counts: pd.Series
    sites: pd.DataFrame
    located: float
    year: str
    source: str
    source_ids: tuple[str, ...]


def keep(supply: Supply, settings: Settings) -> None:
    """Check a supply against its schema and put it in the local store, in one move.

    Years of the BPE and of La Poste stay side by side: a table only replaces that of the same
    source and year.

    Raises
    ------
    DataError
        It breaks its schema; the former table stays.
    """
    GUICHETS.validate(supply.table)
    yearly = supply.source in _YEARLY and supply.millesime
    name = f"{PREFIX}{supply.source}" + (f"_{supply.millesime}" if yearly else "")
    store.of(settings).replace_table(
        name, store.to_parquet_bytes(supply.table),
        {
            "lignes": len(supply.table), "recupere_le": dt.date.today().isoformat(),
            "source": supply.source, "millesime": supply.millesime, "date": supply.day,
            "types": list(supply.kinds), "departements": list(supply.departements),
            "communes": dict(supply.communes),
            "inconnues": {code: list(kinds) for code, kinds in supply.unknown.items()},
        },
    )


def held(settings: Settings) -> list[Holding]:
    """List the tables of counters of the local store, the newest of each source first.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    found: dict[tuple[str, str], Holding] = {}
    for name, entry in sorted(store.of(settings).tables().items()):
        if not name.startswith(PREFIX):
            continue
        source = str(entry.get("source") or name.removeprefix(PREFIX))
        one = Holding(name, source, str(entry["millesime"]), str(entry["date"]),
                      tuple(entry["types"]), entry)
        former = found.get((source, one.year))
        if former is None or former.entry["recupere_le"] <= entry["recupere_le"]:
            found[source, one.year] = one
    return sorted(found.values(), key=lambda h: (h.source, h.year or h.day[:4], h.day),
                  reverse=True)


def stamp(settings: Settings) -> str | None:
    """Digest of the tables that counters are read from, None when there are none.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    used = [h.entry["sha256"] for h in held(settings) if h.source in SOURCES]
    return hashlib.sha256("".join(used).encode()).hexdigest()[:12] if used else None


def offers(settings: Settings) -> list[str]:
    """List the levels of which every kind is listed by a table that is held.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    kinds = {kind for one in held(settings) if one.source in SOURCES for kind in one.kinds}
    return [level for level, needed in LEVELS.items() if set(needed) <= kinds]


def usual(settings: Settings) -> str:
    """Level counted when nobody chooses: the first that is offered."""
    return next(iter(offers(settings)), next(iter(LEVELS)))


def years(settings: Settings, level: str = "banque") -> tuple[str, list[str]]:
    """Source of which the most years are held for a level, and these years, newest first."""
    kinds = set(LEVELS[level])
    of: dict[str, list[str]] = {source: [] for source in SOURCES}
    for one in held(settings):
        if one.source in of and one.year and kinds <= set(one.kinds):
            of[one.source].append(one.year)
    source = max(SOURCES, key=lambda name: len(of[name]))
    return source, of[source]


def counters(
    settings: Settings, level: str = "banque", *, source: str | None = None, year: str | None = None
) -> Counters | None:
    """Count the counters of every commune, None when no source of counters is held.

    Parameters
    ----------
    level
        Key of :data:`LEVELS`. A kind that no source lists makes every commune unknown.
    source, year
        Read this source, this year only; by default the newest of the first of :data:`SOURCES`
        that lists each kind.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    candidates = [
        one for one in held(settings)
        if one.source in (SOURCES if source is None else (source,))
        and (year is None or one.year == year)
    ]
    if not candidates:
        return None
    chosen = _chosen(candidates, LEVELS[level])
    local = store.of(settings)
    whole = communes.whole()
    counts = pd.Series(0.0 if chosen else np.nan, index=whole.index)
    if set().union(*chosen.values()) != set(LEVELS[level]):
        counts[:] = np.nan
    rows = []
    for one, kinds in chosen.items():
        table = local.read(one.name)
        table = table[table["type"].isin(kinds)]
        counts = counts + _counts(one, table, kinds, whole)
        rows.append(table)
    table = pd.concat(rows) if rows else pd.DataFrame(columns=GUICHETS.names)
    sites, located = _sites(table, counts, whole)
    said = [str(t["source"].iloc[0]) if len(t) else one.source
            for one, t in zip(chosen, rows, strict=True)]
    return Counters(
        counts, sites, located, join(sorted({one.year for one in chosen if one.year})),
        join(list(dict.fromkeys(said))), tuple(dict.fromkeys(one.source for one in chosen)),
    )


def machines(settings: Settings) -> pd.Series | None:
    """Count the cash machines that OpenStreetMap knows, by commune; None when not fetched.

    A volunteer survey: a commune that is absent is unknown, and a count may be too low.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    one = next((h for h in held(settings) if h.source == "dab_osm"), None)
    if one is None:
        return None
    table = store.of(settings).read(one.name)
    return table.groupby(table["code_insee"].map(commune_of))["nombre"].sum()


def _chosen(candidates: Sequence[Holding], kinds: Iterable[str]) -> dict[Holding, set[str]]:
    """Table that answers for each kind, and the kinds it answers for."""
    chosen: dict[Holding, set[str]] = {}
    for kind in kinds:
        by_preference = sorted(
            (one for one in candidates if kind in one.kinds), key=lambda h: SOURCES.index(h.source)
        )
        if by_preference:
            chosen.setdefault(by_preference[0], set()).add(kind)
    return chosen


def _counts(one: Holding, table: pd.DataFrame, kinds: set[str], whole: pd.DataFrame) -> pd.Series:
    counts = table.groupby(table["code_insee"].map(commune_of))["nombre"].sum()
    answer = counts.reindex(whole.index).astype(float)
    covered = whole["code_departement"].isin(one.entry["departements"]) | whole.index.isin(
        list(one.entry["communes"])
    )
    answer = answer.where(answer.notna() | ~covered, 0.0)
    unknown = {commune_of(code) for code, missing in one.entry["inconnues"].items()
               if kinds & set(missing)}
    return answer.mask(answer.index.isin(sorted(unknown)))


def _sites(
    table: pd.DataFrame, counts: pd.Series, whole: pd.DataFrame
) -> tuple[pd.DataFrame, float]:
    """Counters where the source places them, else at their commune; and the share placed."""
    home = table["code_insee"].map(commune_of)
    placed = (table["longitude"].notna() & table["latitude"].notna()).to_numpy(dtype=bool)
    total = float(table["nombre"].sum())
    located = float(table.loc[placed, "nombre"].sum()) / total if total else 0.0
    sites = pd.DataFrame({
        axis: table[axis].astype(float).where(placed, whole[axis].reindex(home).to_numpy())
        for axis in ("longitude", "latitude")
    }).assign(guichets=table["nombre"].astype(float))
    doubt = whole.loc[counts.isna(), ["longitude", "latitude"]].assign(guichets=np.nan)
    # A commune of unknown number is doubt, whatever rows it has.
    certain = sites[~home.isin(doubt.index).to_numpy(dtype=bool)]
    return pd.concat([certain, doubt], ignore_index=True), located


def named(level: str) -> str:
    """Say what a level counts, in French: ``guichets bancaires et bureaux de poste``."""
    return join([KINDS[kind] for kind in LEVELS[level]])
