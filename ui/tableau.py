"""The height of the tables: all the rows there are, up to some, the list scrolling beyond."""

from __future__ import annotations

_ROW = 35
_BORDER = 3


def height(rows: int, most: int = 10) -> int:
    """Pixels for a header and at most so many rows."""
    return (min(rows, most) + 1) * _ROW + _BORDER
