"""The points of a list of structures as bytes: what the live map counts and draws, names left out.

A list of 250 000 structures travels once, column by column, and a browser reads it without parsing.
Little-endian throughout::

    4 bytes   length of the header
    header    JSON (UTF-8), padded with spaces so that the columns begin on a multiple of 4
    columns   one after the other, each begun on a multiple of 4

The header gives the number of rows (``lignes``), the place of each column (``colonnes``: name →
``type`` and ``debut``, an offset from the end of the header) and the tables the codes of the
columns refer to:

============ ==================== ==============================================================
column       type                 meaning
============ ==================== ==============================================================
``lon``      ``i4``               longitude, ten-millionths of a degree; :data:`NOWHERE` if unknown
``lat``      ``i4``               latitude, the same
``famille``  ``u1``/``u2``/``u4`` rank in ``familles``
``filiere``  ``u1``/``u2``/``u4`` rank in ``filieres``, whose entries are the trades of a structure
``effectif`` ``u1``/``u2``/``u4`` rank in ``effectifs``, fewest employees, null when unknown
``commune``  ``u1``/``u2``/``u4`` rank in ``communes``, Insee codes
============ ==================== ==============================================================

Rows keep the order of the table, to which masks and requests for names refer.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import effectifs, filieres

#: Coordinates are whole numbers of this part of a degree: about a centimetre.
UNIT: Final = 1e-7
#: A coordinate nobody knows.
NOWHERE: Final = -(2**31)

_ALIGN: Final = 4


def packed(table: pd.DataFrame) -> bytes:
    """Pack the points of a list of structures, see the module.

    Parameters
    ----------
    table
        Columns ``longitude``, ``latitude`` (degrees, NaN when unknown), ``famille_ess``,
        ``filiere``, ``tranche_effectif`` and ``code_insee``, shape (n,).
    """
    trades, trade_cells = _coded(table["filiere"])
    sizes, size_codes = _coded(table["tranche_effectif"])
    families, family_names = _coded(table["famille_ess"])
    communes, commune_codes = _coded(table["code_insee"])
    columns: dict[str, npt.NDArray[Any]] = {
        "lon": _coordinate(table["longitude"]),
        "lat": _coordinate(table["latitude"]),
        "famille": families,
        "filiere": trades,
        "effectif": sizes,
        "commune": communes,
    }
    body, places = bytearray(), {}
    for name, values in columns.items():
        places[name] = {"type": values.dtype.str[1:], "debut": len(body)}
        body += values.tobytes()
        body += bytes(-len(body) % _ALIGN)
    head = json.dumps(
        {
            "lignes": len(table),
            "colonnes": places,
            "familles": family_names,
            "filieres": [list(filieres.split(cell)) for cell in trade_cells],
            "effectifs": fewest(pd.Series(size_codes, dtype=object)),
            "communes": commune_codes,
        },
        ensure_ascii=False, allow_nan=False, separators=(",", ":"),
    ).encode()
    head += b" " * (-len(head) % _ALIGN)
    return len(head).to_bytes(4, "little") + head + bytes(body)


def fewest(sizes: pd.Series) -> list[int | None]:
    """Fewest employees of each size code, None when it says nothing."""
    low, _ = effectifs.intervals(sizes)
    return [None if np.isnan(value) else int(value) for value in low]


def _coordinate(degrees: pd.Series) -> npt.NDArray[np.int32]:
    values = degrees.to_numpy(dtype=float)
    known = np.isfinite(values)
    whole = np.round(np.where(known, values, 0.0) / UNIT)
    return np.where(known, whole, NOWHERE).astype("<i4")


def _coded(column: pd.Series) -> tuple[npt.NDArray[Any], list[str]]:
    """Rank of each value in the list of those met, in the smallest type that holds it."""
    ranks, values = pd.factorize(column.fillna("").astype(str))
    for kind in ("<u1", "<u2"):
        if len(values) <= np.iinfo(kind).max + 1:
            return ranks.astype(kind), list(values)
    return ranks.astype("<u4"), list(values)
