"""A perimeter in the address of a page, when a commune and a radius do not say it."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Final

from territory.errors import InvalidInputError
from territory.perimeter import Perimeter

#: Characters of an address that browsers, servers and mailers all carry.
MAX_LENGTH: Final = 6_000
#: Bytes a perimeter of that length may unfold to: a link is untrusted.
_MAX_UNFOLDED: Final = 500_000

_FORM: Final = "Le périmètre de ce lien n’est pas lisible : le lien a sans doute été coupé."


def pack(perimeter: Perimeter) -> str | None:
    """Write a perimeter in the letters an address may hold; None when it is too detailed."""
    content = {key: value for key, value in perimeter.to_json().items() if key != "phrase"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return packed if len(packed) <= MAX_LENGTH else None


def unpack(text: str) -> Perimeter:
    """Read what :func:`pack` wrote.

    Raises
    ------
    InvalidInputError
        It is too long, cut, unfolds to too much, or holds no perimeter.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidInputError(_FORM)
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        reader = zlib.decompressobj()
        content = reader.decompress(packed, _MAX_UNFOLDED)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise InvalidInputError(_FORM) from error
    if not reader.eof:
        raise InvalidInputError(_FORM)
    return Perimeter.from_bytes(content)
