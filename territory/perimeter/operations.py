"""Operations on areas: union, intersection, difference and buffer, as a frozen tree.

A tree is written in one canonical form, so that what means the same is equal and has one digest:

- a union or an intersection inside another of its kind is merged with it, its members are each
  taken once and sorted (kind first, then content);
- the units of a union are gathered in one list of codes;
- a union or an intersection of one area is that area;
- what is taken away in several times is taken away at once: A − B − C is A − (B ∪ C).

What takes geometry to find out is left as it was written: a disc inside a larger one, a commune
inside its département.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from territory.errors import InvalidInputError
from territory.perimeter.disc import Disc, check_radius
from territory.perimeter.drawn import Polygone
from territory.perimeter.isochrone import Isochrone
from territory.perimeter.rings import MAX_VERTICES, Outlined
from territory.perimeter.units import MAX_CODES, Unites
from territory.text import number

MAX_AREAS: Final = 100
MAX_DEPTH: Final = 20


@dataclass(frozen=True)
class Union:
    """Places of at least one area; use :func:`union`, which merges what can be."""

    zones: tuple[Area, ...]

    def __post_init__(self) -> None:
        _check_members(self.zones)
        check_size(self)


@dataclass(frozen=True)
class Intersection:
    """Places of every area at once; use :func:`intersection`, which merges what can be."""

    zones: tuple[Area, ...]

    def __post_init__(self) -> None:
        _check_members(self.zones)
        check_size(self)


@dataclass(frozen=True)
class Difference:
    """Places of an area that are not in another; use :func:`difference`, which merges what can be.

    Attributes
    ----------
    zone
        Where.
    sauf
        What is taken away.
    """

    zone: Area
    sauf: Area

    def __post_init__(self) -> None:
        check_size(self)


@dataclass(frozen=True)
class Tampon:
    """Places of an area, and those at most some kilometres from it.

    The union of the geodesic discs centred on every point of the area (WGS 84): the same in all
    territories, and across the borders of their projected CRS.

    Attributes
    ----------
    zone
        What is widened.
    distance_km
        Kilometres, 0.1 to 300.
    """

    zone: Area
    distance_km: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "distance_km", check_radius(self.distance_km))
        check_size(self)


Leaf = Disc | Isochrone | Polygone | Unites
Area = Leaf | Union | Intersection | Difference | Tampon

_ORDER: Final = (Disc, Unites, Polygone, Isochrone, Tampon, Intersection, Union, Difference)


def _check_members(zones: tuple[Area, ...]) -> None:
    if not isinstance(zones, tuple) or len(zones) < 2:
        msg = "Une réunion ou une intersection porte sur au moins deux zones différentes."
        raise InvalidInputError(msg)


def sort_key(area: Area) -> tuple[int, str]:
    """Canonical order: kind, then content as written by ``repr`` of numbers and texts."""
    return _ORDER.index(type(area)), repr(area)


def union(areas: Iterable[Area]) -> Area:
    """Union in canonical form.

    Raises
    ------
    InvalidInputError
        No area, or bounds of size exceeded.
    """
    members = _flat(areas, Union)
    codes = sorted({code for m in members if isinstance(m, Unites) for code in m.codes})
    others: set[Area] = {m for m in members if not isinstance(m, Unites)}
    if codes:
        others.add(Unites(tuple(codes)))
    ordered = tuple(sorted(others, key=sort_key))
    return ordered[0] if len(ordered) == 1 else Union(ordered)


def intersection(areas: Iterable[Area]) -> Area:
    """Intersection in canonical form; same errors as :func:`union`."""
    ordered = tuple(sorted(set(_flat(areas, Intersection)), key=sort_key))
    return ordered[0] if len(ordered) == 1 else Intersection(ordered)


def difference(area: Area, removed: Area) -> Area:
    """Difference in canonical form; same errors as :func:`union`."""
    if isinstance(area, Difference):
        return Difference(area.zone, union([area.sauf, removed]))
    return Difference(area, removed)


def _flat(areas: Iterable[Area], kind: type[Union] | type[Intersection]) -> list[Area]:
    members: list[Area] = []
    for area in areas:
        members += area.zones if isinstance(area, kind) else (area,)
    if not members:
        msg = "Un périmètre a au moins un centre."
        raise InvalidInputError(msg)
    return members


def members(area: Area) -> tuple[Area, ...]:
    """Areas an area is directly made of; none for a leaf."""
    if isinstance(area, Union | Intersection):
        return area.zones
    if isinstance(area, Difference):
        return area.zone, area.sauf
    return (area.zone,) if isinstance(area, Tampon) else ()


def leaves(area: Area, *, excluded: bool = True) -> Iterator[Leaf]:
    """Leaves of a tree, those taken away included or not."""
    if isinstance(area, Leaf):
        yield area
    inner = members(area) if excluded or not isinstance(area, Difference) else (area.zone,)
    for member in inner:
        yield from leaves(member, excluded=excluded)


def replaced(area: Area, change: Callable[[Leaf], Leaf]) -> Area:
    """Return the same tree with other leaves; those taken away stay as they are."""
    if isinstance(area, Union):
        return union([replaced(zone, change) for zone in area.zones])
    if isinstance(area, Intersection):
        return intersection([replaced(zone, change) for zone in area.zones])
    if isinstance(area, Difference):
        return difference(replaced(area.zone, change), area.sauf)
    if isinstance(area, Tampon):
        return replace(area, zone=replaced(area.zone, change))
    return change(area)


def _depth(area: Area) -> int:
    return 1 + max(map(_depth, members(area)), default=0)


def check_size(area: Area) -> None:
    """Refuse a tree too large to be computed while a person waits.

    Raises
    ------
    InvalidInputError
        More than 100 areas, 10 000 vertices, 5 000 codes, or 20 levels.
    """
    every = list(leaves(area))
    vertices = sum(leaf.vertices for leaf in every if isinstance(leaf, Outlined))
    count = sum(len(leaf.codes) for leaf in every if isinstance(leaf, Unites))
    for value, limit, what in (
        (_depth(area), MAX_DEPTH, "opérations emboîtées"), (len(every), MAX_AREAS, "zones"),
        (vertices, MAX_VERTICES, "sommets"), (count, MAX_CODES, "codes"),
    ):
        if value > limit:
            msg = (
                f"Ce périmètre est trop compliqué : {number(value)} {what}, au plus "
                f"{number(limit)}."
            )
            raise InvalidInputError(msg)
