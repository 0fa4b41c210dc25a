"""Series over time of the banking facts: only comparable vintages are joined, breaks are told.

Nothing is interpolated: a year nobody published is a gap. Every point keeps the line of the fact
table it comes from.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import store
from territory.comparability import SERIES, Declared, Method
from territory.errors import InvalidInputError
from territory.indicators.banking import Vintage, check_comparable
from territory.text import NBSP, excerpt, join, month, trimmed

#: Decimals kept when a value is written.
_DECIMALS: Final = 3


@dataclass(frozen=True)
class Point:
    """One published figure.

    Attributes
    ----------
    period
        As the fact writes it: ``2018`` or ``2021-07``.
    value, unit, scope
        The figure, its unit and its « champ ».
    indicator
        ``indicateur`` of the fact.
    vintage
        Producer, method and year: what decides of a comparison.
    source_title, source_url, note
        Where it was read, and what is said there of it.
    file, line
        Fact table and line that hold it.
    """

    period: str
    value: float
    unit: str
    scope: str
    indicator: str
    vintage: Vintage
    source_title: str
    source_url: str
    note: str
    file: str
    line: int

    @property
    def year(self) -> int:
        """Year described."""
        return int(self.period[:4])

    @property
    def position(self) -> float:
        """Place on the axis of time: the year, plus the part of it gone at the end of a month."""
        return self.year + (int(self.period[5:7]) / 12 if len(self.period) > 4 else 0.0)

    @property
    def when(self) -> str:
        """Period in words: ``2018``, ``juillet 2021``."""
        return month(self.period) if len(self.period) > 4 else self.period

    @property
    def written(self) -> str:
        """Value as French writes it, without its unit."""
        return trimmed(self.value, _DECIMALS)


@dataclass(frozen=True)
class Change:
    """Change between two points of one segment.

    Attributes
    ----------
    first, last
        The two points.
    difference
        ``last - first``, in their unit; points of percentage for a share.
    percent
        Relative change, %; NaN for a share, whose change is told in points.
    """

    first: Point
    last: Point
    difference: float
    percent: float

    def sentence(self) -> str:
        """Say the change in French."""
        span = (f"de {_with_unit(self.first)} ({self.first.when}) à {_with_unit(self.last)} "
                f"({self.last.when})")
        if not round(self.difference, _DECIMALS):
            return f"{span}, sans changement publié"
        if math.isnan(self.percent):
            points = "point" if abs(self.difference) < 2 else "points"
            return f"{span}, soit {signed(self.difference, 1)}{NBSP}{points}"
        return f"{span}, soit {signed(self.percent, 1)}{NBSP}%"


@dataclass(frozen=True)
class Segment:
    """Points that compare: one method, one unit, one scope.

    Attributes
    ----------
    method
        What they share.
    points
        In the order of time.
    """

    method: Method
    points: tuple[Point, ...]

    def change(self, first: str, last: str) -> Change:
        """Change between two periods.

        Raises
        ------
        InvalidInputError
            A period has no point here, or they do not follow each other.
        """
        found = {point.period: point for point in self.points}
        for period in (first, last):
            if period not in found:
                msg = f"La série « {self.method.label} » n’a pas de point pour {excerpt(period)}."
                raise InvalidInputError(msg)
        start, end = found[first], found[last]
        if start.position >= end.position:
            msg = f"La période {end.when} ne suit pas la période {start.when}."
            raise InvalidInputError(msg)
        check_comparable(start.vintage, end.vintage)
        return _change(start, end)

    def whole(self) -> Change | None:
        """Change over the whole segment, None when it has one point."""
        return _change(self.points[0], self.points[-1]) if len(self.points) > 1 else None

    def runs(self) -> tuple[tuple[Point, ...], ...]:
        """Cut where a year was not published: only points of following years may be joined."""
        runs: list[list[Point]] = []
        for point in self.points:
            # Months are never joined: what happens between two of them is not known.
            follows = (bool(runs) and len(point.period) == len(runs[-1][-1].period) == 4
                       and point.year == runs[-1][-1].year + 1)
            if follows:
                runs[-1].append(point)
            else:
                runs.append([point])
        return tuple(map(tuple, runs))


@dataclass(frozen=True)
class Break:
    """A change of method, named in a few words and told in a sentence.

    ``position`` is where it is drawn, None when the methods overlap in time.
    """

    position: float | None
    label: str
    sentence: str


@dataclass(frozen=True)
class Series:
    """A series of a territory.

    Attributes
    ----------
    id, title, definition
        See :class:`territory.comparability.Declared`.
    territory
        Name, ``France`` for the national series.
    segments, breaks, cautions
        What compares, what does not, and what to know.
    """

    id: str
    title: str
    territory: str
    definition: str
    segments: tuple[Segment, ...]
    breaks: tuple[Break, ...]
    cautions: tuple[str, ...]

    @property
    def points(self) -> tuple[Point, ...]:
        """Every point, segment by segment."""
        return tuple(itertools.chain.from_iterable(s.points for s in self.segments))

    def change(self, first: str, last: str) -> Change:
        """Change between two periods, when one segment holds both.

        Raises
        ------
        InvalidInputError
            No segment does: the sentence gives the break, or the missing period.
        """
        held = [s for s in self.segments
                if {first, last} <= {point.period for point in s.points}]
        if len(held) == 1:
            return held[0].change(first, last)
        if len(held) > 1:
            msg = (f"Plusieurs comptages ont un point pour {first} et pour {last} : choisissez "
                   f"entre {join([s.method.short for s in held], 'et')}.")
            raise InvalidInputError(msg)
        here = [next((p for p in self.points if p.period == period), None)
                for period in (first, last)]
        for period, point in zip((first, last), here, strict=True):
            if point is None:
                msg = f"La série « {self.title} » n’a pas de point pour {excerpt(period)}."
                raise InvalidInputError(msg)
        told = " ".join(b.sentence for b in self.breaks)
        msg = f"Les périodes {first} et {last} ne se comparent pas. {told}".strip()
        raise InvalidInputError(msg)

    def sentence(self) -> str:
        """Say in French what the series shows, segment by segment."""
        return " ".join(_told(segment) for segment in self.segments)

    def not_to_compare(self) -> str:
        """Say in French what may not be compared, empty when everything does."""
        return " ".join(b.sentence for b in self.breaks)

    def table(self) -> pd.DataFrame:
        """Make a table, one row a point.

        Columns: periode, valeur, unite, methode, champ, source, source_url, note, and fait (fact
        table and line).
        """
        return pd.DataFrame(
            {
                "periode": [p.period for p in self.points],
                "valeur": [p.value for p in self.points],
                "unite": [p.unit for p in self.points],
                "methode": [s.method.label for s in self.segments for _ in s.points],
                "champ": [p.scope or self.territory for p in self.points],
                "source": [p.source_title for p in self.points],
                "source_url": [p.source_url for p in self.points],
                "note": [p.note for p in self.points],
                "fait": [f"{p.file}, ligne {p.line}" for p in self.points],
            }
        )


def signed(value: float, decimals: int) -> str:
    """Write a change with its sign: ``+1,2``, ``−18,8``, ``0``."""
    rounded = round(value, decimals)
    if not rounded:
        return "0"
    return f"{'+' if rounded > 0 else '−'}{trimmed(abs(rounded), decimals)}"


def _change(first: Point, last: Point) -> Change:
    share = first.unit.startswith("%")
    percent = math.nan if share else 100 * (last.value / first.value - 1)
    return Change(first, last, last.value - first.value, percent)


def _with_unit(point: Point) -> str:
    # Other units are in the label of the method already.
    unit = "%" if point.unit.startswith("%") else point.unit
    unit = unit if unit in {"%", "Md€", "minutes"} else ""
    return f"{point.written}{NBSP}{unit}" if unit else point.written


def _told(segment: Segment) -> str:
    label = segment.method.label[0].upper() + segment.method.label[1:]
    whole = segment.whole()
    if whole is not None:
        return f"{label} : {whole.sentence()}."
    only = segment.points[0]
    return f"{label} : {_with_unit(only)} ({only.when}), un seul point, donc aucune évolution."


def _facts(level: str) -> list[dict[str, str]]:
    """Facts of a level, each with the line of its fact table (the header is line 1)."""
    table = store.read("bancaire")
    rows = table[table["niveau"] == level].to_dict("records")
    return [{**{str(k): str(v) for k, v in row.items()}, "ligne": str(line)}
            for line, row in enumerate(rows, start=2)]


def _level_of(territory: str) -> str:
    if not territory:
        return "national"
    return "regions" if territory.startswith("R") else "departements"


def _code(fact: dict[str, str]) -> str:
    if fact["niveau"] == "national":
        return ""
    return f"R{fact['code_reg']}" if fact["niveau"] == "regions" else fact["code_dep"]


def series(identifier: str, territory: str = "") -> Series:
    """Build a series from the facts.

    Parameters
    ----------
    identifier
        Key of :data:`territory.comparability.SERIES`.
    territory
        Empty for the country, ``R76`` for a région, ``11`` or ``976`` for a département.

    Raises
    ------
    InvalidInputError
        The series is unknown, or the territory has no fact of it.
    DataError
        The embedded base is damaged.
    """
    declared = SERIES.get(identifier)
    if declared is None:
        msg = f"La série « {excerpt(identifier)} » est inconnue."
        raise InvalidInputError(msg)
    level = _level_of(territory)
    facts = [fact for fact in _facts(level) if _code(fact) == territory]
    segments = _segments(declared, facts) if level in declared.levels else ()
    if not segments:
        place = excerpt(territory) or "la France"
        msg = f"La série « {declared.title} » n’a aucun point pour {place}."
        raise InvalidInputError(msg)
    return Series(
        declared.id, declared.title, facts[0]["nom"] or "France", declared.definition, segments,
        _breaks(declared, segments), declared.cautions,
    )


def _segments(declared: Declared, facts: list[dict[str, str]]) -> tuple[Segment, ...]:
    segments = []
    for method in declared.methods:
        points = sorted((_point(method, fact) for fact in facts if method.takes(fact)),
                        key=lambda point: point.position)
        if points:
            segments.append(Segment(method, tuple(points)))
    return tuple(segments)


def _point(method: Method, fact: dict[str, str]) -> Point:
    return Point(
        period=fact["annee"], value=float(fact["valeur"]), unit=fact["unite"],
        scope=fact["champ"], indicator=fact["indicateur"],
        vintage=Vintage(method.producer, method.label, int(fact["annee"][:4])),
        source_title=fact["source_titre"], source_url=fact["source_url"], note=fact["note"],
        file=f"bancaire_{fact['niveau']}.csv", line=int(fact["ligne"]),
    )


def _breaks(declared: Declared, segments: tuple[Segment, ...]) -> tuple[Break, ...]:
    """List the breaks whose two methods have points here, with their figures."""
    by_name = {segment.method.short: segment for segment in segments}
    found = []
    for rupture in declared.breaks:
        if rupture.before in by_name and rupture.after in by_name:
            figures = {
                word: next((p.written for p in by_name[name].points
                            if p.position == rupture.year), "")
                for word, name in (("avant", rupture.before), ("apres", rupture.after))
            }
            found.append(Break(rupture.year, rupture.label, rupture.sentence.format(**figures)))
    return tuple(found)


def available() -> dict[str, list[tuple[str, str]]]:
    """Series one can draw: territory (``""``, ``R76``, ``11``…) → ids and titles.

    A series needs two periods at least; one figure alone is a fact, not a series.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for level in ("national", "regions", "departements"):
        facts = _facts(level)
        for code in dict.fromkeys(map(_code, facts)):
            own = [fact for fact in facts if _code(fact) == code]
            for declared in SERIES.values():
                if level not in declared.levels:
                    continue
                periods = {p.period for s in _segments(declared, own) for p in s.points}
                if len(periods) > 1:
                    found.setdefault(code, []).append((declared.id, declared.title))
    return found
