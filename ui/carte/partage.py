"""What the map fetches and no other replica could make again, given to them by the shared store.

A proxy may send the request of a map to any replica. Without a shared store (``TERRITORY_STORE``)
there is no other replica, and nothing is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from territory import settings, store
from territory.errors import TerritoryError
from territory.store import Store

_log = logging.getLogger(__name__)


def give(key: str, content: Callable[[], bytes]) -> None:
    """Share a public content under a key that changes with it; made only if there is somebody.

    A failure is said in the log only: this replica has it, and a proxy that keeps sessions
    (``docs/deploiement.md``) asks this one.
    """
    try:
        shared = store.of(settings.load())
        if not isinstance(shared, Store):
            shared.share(key, content())
    except TerritoryError as error:
        _log.warning("%s", error.user_message)


def take(key: str) -> bytes | None:
    """Return the content that a replica shared under a key, None when there is none.

    Raises
    ------
    DataError
        The shared store does not answer.
    """
    shared = store.of(settings.load())
    return None if isinstance(shared, Store) else shared.shared(key)
