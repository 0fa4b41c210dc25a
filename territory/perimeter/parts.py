"""What a perimeter is made of, part by part, so that a person can take one back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from territory.perimeter.operations import Area, Difference, Union, difference, union
from territory.perimeter.units import Unites
from territory.perimeter.wording import removed, where
from territory.text import capital


@dataclass(frozen=True)
class Part:
    """One part of a perimeter.

    Attributes
    ----------
    area
        What it is.
    taken_away
        Whether its places are left out rather than in.
    others
        Areas of the perimeter without this part; empty when nothing would be left.
    """

    area: Area
    taken_away: bool
    others: tuple[Area, ...]

    @property
    def label(self) -> str:
        """Say it in French: « Dans la commune de … », « Sauf la commune de … »."""
        return capital(f"sauf {removed(self.area)}" if self.taken_away else where(self.area))


def parts(areas: Sequence[Area]) -> tuple[Part, ...]:
    """Members of a union, each unit apart, then what is taken away from the whole.

    An intersection or a buffer is one part: none of its members can leave it without changing what
    the others mean.
    """
    whole: Area | None = areas[0] if len(areas) == 1 else None
    if isinstance(whole, Difference):
        kept, taken = _split([whole.zone]), _split([whole.sauf])
    else:
        kept, taken = _split(areas), []
    found = [
        Part(area, taken_away=False, others=_combined(_without(kept, rank), taken))
        for rank, area in enumerate(kept)
    ]
    return (*found, *(
        Part(area, taken_away=True, others=_combined(kept, _without(taken, rank)))
        for rank, area in enumerate(taken)
    ))


def _split(areas: Sequence[Area]) -> list[Area]:
    split: list[Area] = []
    for area in areas:
        if isinstance(area, Union):
            split += _split(area.zones)
        elif isinstance(area, Unites):
            split += [Unites((code,)) for code in area.codes]
        else:
            split.append(area)
    return split


def _without(areas: list[Area], rank: int) -> list[Area]:
    return areas[:rank] + areas[rank + 1 :]


def _combined(kept: list[Area], taken: list[Area]) -> tuple[Area, ...]:
    if not kept or not taken:
        return tuple(kept)
    return (difference(union(kept), union(taken)),)
