"""The bulk list of employers, of France or of départements: read once, found again by its key."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from territory import provenance, store
from territory.perimeter import Perimeter
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import esus, siae
from territory.store import Store
from territory.stored_index import StoredIndex
from territory.suppliers import SupplierIndex

#: Table of the local store with the national list; followed by a département's code for its own.
NATIONAL: Final = provenance.BULK

_building: Final = threading.Lock()


def names(departements: Sequence[str]) -> tuple[str, ...]:
    """Tables of the lists of some départements, of the national one without any."""
    return tuple(f"{NATIONAL}_{code}" for code in departements) or (NATIONAL,)


def digest(tables: Mapping[str, Any], wanted: Sequence[str]) -> str:
    """Digest of some lists and of what completes them, from the manifest of their store."""
    stamps = [str(tables[name]["sha256"]) for name in wanted]
    return hashlib.sha256(f"{'|'.join(stamps)}|{lists(tables)}".encode()).hexdigest()[:16]


def joined(tables: Mapping[str, Any]) -> list[str]:
    """Tables of a store that say more of the structures of a list."""
    return [name for name in ("siae", "esus") if name in tables]


def lists(tables: Mapping[str, Any]) -> str:
    """Digests of :func:`joined`."""
    return "|".join(str(tables[name]["sha256"]) for name in joined(tables))


def prepare(settings: Settings) -> None:
    """Build the index of the national list, if there is one, before anybody waits for it.

    Raises
    ------
    DataError
        The store is damaged.
    """
    tables = store.of(settings).tables()
    if NATIONAL in tables:
        # Of a list that stays in a database too: the map is given all of it.
        _ = index(settings, (NATIONAL,), digest(tables, [NATIONAL])).units


def of_key(key: str, settings: Settings) -> pd.DataFrame | None:
    """Read the list that a ``Directory.key`` names; None when the store has it no more.

    The key says which lists and of which content: whatever process reads the same store may ask.

    Raises
    ------
    DataError
        The store is damaged.
    """
    kind, *parts, wanted = key.split("-")
    those = names([part.upper() for part in parts])
    tables = store.of(settings).tables()
    if kind != "france" or any(name not in tables for name in those):
        return None
    return index(settings, those, wanted).table if wanted == digest(tables, those) else None


def index(settings: Settings, wanted: tuple[str, ...], stamp: str) -> SupplierIndex:
    """Index some lists, one after the other; ``stamp`` is their :func:`digest`.

    Raises
    ------
    DataError
        The store is damaged.
    """
    # Whoever comes while it is being built waits for that one: two would take twice the memory.
    with _building:
        return _built(settings, wanted, stamp)


@functools.lru_cache(maxsize=2)
def _built(settings: Settings, wanted: tuple[str, ...], stamp: str) -> SupplierIndex:
    local = store.of(settings)
    known = local.tables()
    if isinstance(local, Store):
        tables = [pd.DataFrame(local.read(name, ETABLISSEMENTS.names)) for name in wanted]
        whole = completed(pd.concat(tables, ignore_index=True), settings, known)
        built = SupplierIndex(numbered(whole))
        _ = built.units
        return built

    def read(perimeter: Perimeter | None) -> pd.DataFrame:
        found, before = [], 0
        for name in wanted:
            version = str(known[name]["sha256"])
            ranks, rows = local.rows(name, version, ETABLISSEMENTS.names, perimeter)
            found.append(rows.set_axis(before + ranks))
            before += int(known[name]["lignes"])
        near = pd.concat(found)
        table = completed(near, settings, known)
        # Few rows, or none, may hide that a column is of texts.
        lost = [c for c in near.columns if table[c].dtype == object != near[c].dtype]
        return table.astype(near.dtypes[lost].to_dict()).assign(id=table.index)

    return StoredIndex(read)


def completed(
    table: pd.DataFrame, settings: Settings, tables: Mapping[str, Any]
) -> pd.DataFrame:
    """Add what the lists of a store say, of the versions ``tables`` names: SIAE, ESUS, trades."""
    for name, source in (("siae", siae), ("esus", esus)):
        if name in tables:
            day = dt.date.fromisoformat(tables[name]["recupere_le"])
            table = source.join(table, _list(settings, name, str(tables[name]["sha256"])), day)
    return table


@functools.lru_cache(maxsize=4)
def _list(settings: Settings, name: str, sha256: str) -> pd.DataFrame:
    """One version of a list; not to be changed."""
    local = store.of(settings)
    if isinstance(local, Store):
        return local.read(name)
    return local.rows(name, sha256)[1]


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """Give each row its position as ``id``."""
    return table.reset_index(drop=True).assign(id=range(len(table)))
