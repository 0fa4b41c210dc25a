"""Directories the map may fetch: public lists, kept under a key for as long as they serve.

Nothing of a user's session comes here: anyone who knows a key may read what it holds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import pandas as pd

_KEPT = 32
_tables: OrderedDict[str, pd.DataFrame] = OrderedDict()
_lock = threading.Lock()


def publish(key: str, table: pd.DataFrame) -> str:
    """Let the map fetch a public table of structures; return its key."""
    with _lock:
        _tables[key] = table
        _tables.move_to_end(key)
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    return key


def published(key: str) -> pd.DataFrame | None:
    """Return the table kept under a key."""
    with _lock:
        return _tables.get(key)
