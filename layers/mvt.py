"""Encode polygons as one layer of a Mapbox Vector Tile (MVT 2.1).

GDAL's own writer repairs each polygon that its rounding made invalid and may drop a whole part
while doing so: it left holes of up to 33 × 33 pixels in the coverage of communes. Map engines need
no validity, only borders that round the same way on both sides; that is what this encoder gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

_VERSION: Final = 2
_POLYGON: Final = 3
_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7

_Grid = npt.NDArray[np.int64]


def encode_layer(
    name: str,
    polygons: npt.NDArray[np.object_],
    properties: Mapping[str, Sequence[str]],
    extent: int,
) -> bytes:
    """Return the bytes of a tile holding one layer; tiles of several layers simply concatenate.

    Parameters
    ----------
    name : str
        Name of the layer.
    polygons : ndarray of Polygon or MultiPolygon, shape (n,)
        In tile units: 0 to ``extent`` from left to right and from top to bottom.
    properties : mapping of str to sequence of str, each of length n
        Texts carried by the features.
    extent : int
        Width of the tile in its own units.

    Returns
    -------
    bytes
        Empty when nothing is left of the polygons once rounded.
    """
    keys = list(properties)
    values: dict[str, int] = {}
    features = []
    for index, commands in _commands(polygons):
        tags = []
        for position, key in enumerate(keys):
            tags += [position, values.setdefault(properties[key][index], len(values))]
        features.append(
            _field(2, _packed(tags)) + _number(3, _POLYGON) + _field(4, _packed(commands))
        )
    if not features:
        return b""
    layer = b"".join(
        [
            _number(15, _VERSION),
            _field(1, name.encode()),
            *(_field(2, feature) for feature in features),
            *(_field(3, key.encode()) for key in keys),
            *(_field(4, _field(1, value.encode())) for value in values),
            _number(5, extent),
        ]
    )
    return _field(3, layer)


def _commands(polygons: npt.NDArray[np.object_]) -> Iterator[tuple[int, list[int]]]:
    """Yield (index of the polygon, drawing commands) of each polygon that survives rounding."""
    index, commands, cursor = -1, list[int](), np.zeros(2, dtype=np.int64)
    for owner, ring in _rings(polygons):
        if owner != index:
            if commands:
                yield index, commands
            index, commands, cursor = owner, [], np.zeros(2, dtype=np.int64)
        steps = np.diff(ring, axis=0, prepend=cursor[np.newaxis])
        zigzag = ((steps << 1) ^ (steps >> 63)).ravel().tolist()
        commands += [_MOVE_TO | 1 << 3, *zigzag[:2]]
        commands += [_LINE_TO | (len(ring) - 1) << 3, *zigzag[2:], _CLOSE_PATH | 1 << 3]
        cursor = ring[-1]
    if commands:
        yield index, commands


def _rings(polygons: npt.NDArray[np.object_]) -> Iterator[tuple[int, _Grid]]:
    """Yield (index of the polygon, open ring on the grid), exteriors positive, holes negative."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    if not rings.size:
        return
    coordinates, vertex_ring = shapely.get_coordinates(rings, return_index=True)
    grid = np.rint(coordinates).astype(np.int64)
    same_ring = vertex_ring[1:] == vertex_ring[:-1]
    repeated = same_ring & (grid[1:] == grid[:-1]).all(axis=1)
    # The last vertex of a ring closes it: MVT leaves it out.
    kept = np.append(same_ring, False) & ~np.append(False, repeated)
    grid, vertex_ring = grid[kept], vertex_ring[kept]
    starts = np.searchsorted(vertex_ring, np.arange(len(rings) + 1))
    is_exterior = np.append(True, ring_part[1:] != ring_part[:-1])
    exterior_lost = False
    for ring, part in enumerate(ring_part):
        vertices = grid[starts[ring] : starts[ring + 1]]
        area = _twice_area(vertices)
        if is_exterior[ring]:
            exterior_lost = area == 0
        if area == 0 or exterior_lost:
            continue
        if (area > 0) != is_exterior[ring]:
            vertices = vertices[::-1]
        yield int(part_owner[part]), vertices


def _twice_area(ring: _Grid) -> int:
    x, y = ring[:, 0], ring[:, 1]
    return int(x @ np.roll(y, -1) - y @ np.roll(x, -1)) if len(ring) > 2 else 0


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_VARINTS: Final = tuple(_varint(number) for number in range(1 << 14))


def _packed(numbers: Sequence[int]) -> bytes:
    known = len(_VARINTS)
    return b"".join([_VARINTS[n] if n < known else _varint(n) for n in numbers])


def _field(tag: int, payload: bytes) -> bytes:
    """Protobuf field of bytes."""
    return _varint(tag << 3 | 2) + _varint(len(payload)) + payload


def _number(tag: int, number: int) -> bytes:
    """Protobuf field of an unsigned integer."""
    return _varint(tag << 3) + _varint(number)


