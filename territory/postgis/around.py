"""Perimeters in SQL: the rows that may be in an area, a few more than are.

The database narrows with its indexes; :mod:`territory.perimeter.membership` decides, so that the
answer is the same whatever holds the rows. The choice of candidates is that of
:class:`territory.suppliers.SupplierIndex`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from typing import Final

from psycopg import sql

from territory.perimeter import Area, Difference, Disc, Intersection, Tampon, Union, Unites, extent

#: Two computations of one geodesic differ by far less (metres, share).
_MARGIN_M: Final = 1.0
_MARGIN: Final = 1e-6

_NOWHERE: Final = sql.SQL("_lieu IS NULL")


def condition(areas: Iterable[Area]) -> sql.Composable:
    """Write the condition for a row to be, perhaps, in one of some areas."""
    return _any([_candidates(area) for area in areas])


def _any(parts: list[sql.Composable]) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" OR ").join(parts))


@functools.singledispatch
def _candidates(area: Area) -> sql.Composable:
    return _any([_box(area), _NOWHERE])


@_candidates.register
def _(area: Disc) -> sql.Composable:
    near = sql.SQL(
        "ST_DWithin(_lieu::geography, ST_SetSRID(ST_MakePoint({}, {}), 4326)::geography, {})"
    ).format(area.longitude, area.latitude, area.radius_km * 1000 * (1 + _MARGIN) + _MARGIN_M)
    return _any([near, _of_communes(area.whole_communes)])


@_candidates.register
def _(area: Union) -> sql.Composable:
    return _any([_candidates(zone) for zone in area.zones])


@_candidates.register
def _(area: Intersection) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(" AND ").join(map(_candidates, area.zones)))


@_candidates.register
def _(area: Difference) -> sql.Composable:
    return _candidates(area.zone)


@_candidates.register
def _(area: Unites) -> sql.Composable:
    return _any([_box(area), _of_communes(area.place_codes)])


@_candidates.register
def _(area: Tampon) -> sql.Composable:
    # A place in by its code stays in, wherever its point is.
    return _any([_box(area), _NOWHERE, _candidates(area.zone)])


def _box(area: Area) -> sql.Composable:
    bounds = extent.bounds(area)
    if any(map(math.isnan, bounds)):
        return sql.SQL("FALSE")
    west, south, east, north = bounds
    return sql.SQL("_lieu && ST_MakeEnvelope({}, {}, {}, {}, 4326)").format(
        west, south, east, north
    )


def _of_communes(codes: Iterable[str]) -> sql.Composable:
    return sql.SQL("code_insee = ANY({})").format(sql.Literal(sorted(codes)))
