"""Values computed by this process, which the map may fetch for as long as they serve.

Computed from public tables and nothing else: anyone who knows a key may read what it holds. The
choices they come from are not in the key: other replicas are given them (:mod:`ui.carte.partage`).
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from ui.carte import partage

#: A word that says what it is, if any, and a digest: ``croisement-0f3a…``.
KEY: Final = re.compile(r"(?:[a-z][a-z_]{0,31}-)?[0-9a-f]{12,64}")

_KEPT: Final = 32
_contents: OrderedDict[str, bytes] = OrderedDict()
_lock = threading.Lock()


def publish(key: str, content: Mapping[str, Any]) -> str:
    """Let the map fetch computed values; return their key.

    Kept as gzipped JSON, under 300 kB for all the communes; the oldest go beyond 32.

    Parameters
    ----------
    key
        Digest of all that the values depend on (tables, settings, release), since browsers keep
        what they fetched for a year; see :data:`KEY`. Known already, nothing is done again.
    content
        Result of :func:`layers.web.computed_values`.

    Raises
    ------
    ValueError
        The key is no digest, or the content has numbers that JSON does not know.
    """
    if not KEY.fullmatch(key):
        msg = f"« {key} » n’est pas une empreinte"
        raise ValueError(msg)
    if published(key) is None:
        text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        packed = gzip.compress(text.encode(), 6, mtime=0)
        _keep(key, packed)
        partage.give(key, lambda: packed)
    return key


def published(key: str) -> bytes | None:
    """Return the gzipped JSON kept under a key, here or by another replica.

    It becomes the last to be dropped.

    Raises
    ------
    DataError
        The shared store does not answer.
    """
    with _lock:
        content = _contents.get(key)
    if content is None:
        content = partage.take(key)
    if content is not None:
        _keep(key, content)
    return content


def _keep(key: str, content: bytes) -> None:
    with _lock:
        _contents[key] = content
        _contents.move_to_end(key)
        while len(_contents) > _KEPT:
            _contents.popitem(last=False)
