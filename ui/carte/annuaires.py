"""Directories the map may fetch: public lists, kept under a key for as long as they serve.

Nothing of a user's session comes here: anyone who knows a key may read what it holds. What another
replica published is found too: a bulk list is read again in the store both share, the list of a few
communes, which may have changed there since, was given by whoever published it.
"""

from __future__ import annotations

import io
import threading
from collections import OrderedDict

import pandas as pd

from territory import national_list, settings
from ui.carte import partage

_KEPT = 32
_tables: OrderedDict[str, pd.DataFrame] = OrderedDict()
_lock = threading.Lock()


def publish(key: str, table: pd.DataFrame) -> str:
    """Let the map fetch a public table of structures; return its key."""
    if not _keep(key, table) and key.startswith("perimetre-"):
        partage.give(key, lambda: table.to_parquet(compression="zstd"))
    return key


def published(key: str) -> pd.DataFrame | None:
    """Return the table kept under a key, here or by another replica.

    Raises
    ------
    DataError
        The store is damaged or does not answer.
    """
    with _lock:
        table = _tables.get(key)
    if table is None:
        table = national_list.of_key(key, settings.load())
        if table is None and (content := partage.take(key)) is not None:
            table = pd.read_parquet(io.BytesIO(content))
        if table is not None:
            _keep(key, table)
    return table


def _keep(key: str, table: pd.DataFrame) -> bool:
    """Keep a table, the oldest go; tell whether it was there already."""
    with _lock:
        known = key in _tables
        _tables[key] = table
        _tables.move_to_end(key)
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    return known
