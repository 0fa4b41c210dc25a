"""The words of the declared table: what compares with what, and where it breaks.

A *method* gathers facts of one producer, one way of counting, one unit and one scope (« champ »).
Two methods of a series are shown together and never joined; a *break* says in French what changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

#: A year, or a month: « 2015-2018 » tells a change over a span and is no point.
_PERIOD: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?", re.ASCII)

Level = Literal["national", "regions", "departements"]

#: A note that says so, and not a figure read to the unit.
_ROUNDED: Final = re.compile(r"«.*?(?:environ|un peu plus|un peu moins).*?»")


@dataclass(frozen=True)
class Method:
    """Facts that compare with one another.

    Attributes
    ----------
    short
        Label of the legend.
    label
        What is counted and by whom, a French noun phrase.
    producer
        Who counts.
    indicators
        Values of ``indicateur`` it takes.
    unit, scope
        ``unite`` and ``champ`` of the facts, exactly; regional and departmental facts write no
        scope.
    since, until
        First and last years taken.
    source
        Text the title of the source must hold.
    rounded
        Take the facts whose note says « environ », or only the others.
    also
        Values of ``indicateur`` taken besides, whatever the year: a revision of one figure.
    """

    short: str
    label: str
    producer: str
    indicators: tuple[str, ...]
    unit: str
    scope: str = ""
    since: int = 0
    until: int = 9999
    source: str = ""
    rounded: bool = False
    also: tuple[str, ...] = ()

    def takes(self, fact: dict[str, str]) -> bool:
        """Tell whether a fact (a row of the table ``bancaire``) is of this method."""
        year = fact["annee"][:4]
        named = fact["indicateur"] in self.indicators and (
            year.isdecimal() and self.since <= int(year) <= self.until
        )
        return (
            (named or fact["indicateur"] in self.also)
            and _PERIOD.fullmatch(fact["annee"]) is not None
            and fact["unite"] == self.unit
            and fact["champ"] == self.scope
            and self.source in fact["source_titre"]
            and bool(_ROUNDED.search(fact["note"])) is self.rounded
        )


@dataclass(frozen=True)
class Rupture:
    """A break between two methods of a series.

    Attributes
    ----------
    before, after
        Their ``short``.
    year
        Where it is drawn; None when the two methods overlap in time.
    label
        A few words for the chart.
    sentence
        What changed, in French; ``{avant}`` and ``{apres}`` stand for the figures that the two
        methods give for ``year``.
    """

    before: str
    after: str
    year: float | None
    label: str
    sentence: str


@dataclass(frozen=True)
class Declared:
    """One series.

    Attributes
    ----------
    id, title, definition
        ``title`` is a noun phrase, ``definition`` a French sentence.
    methods
        In the order of time.
    breaks
        Every pair of methods that follow each other has one.
    cautions
        What to know before comparing, French sentences.
    levels
        Where its facts are.
    """

    id: str
    title: str
    definition: str
    methods: tuple[Method, ...]
    breaks: tuple[Rupture, ...] = ()
    cautions: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ("national",)

    def indicators(self) -> set[str]:
        """Every ``indicateur`` of its methods."""
        return {name for method in self.methods for name in (*method.indicators, *method.also)}


#: Producers and scopes that several series share, as the facts write them.
BDF: Final = "Banque de France"
MAINLAND: Final = "France métropolitaine"
ADULTS: Final = "population de 15 ans et plus, métropole"
AS_PUBLISHED: Final = "France (champ tel que publié)"
PRESS: Final = "Plusieurs points sont lus dans la presse, qui cite la Banque de France."


def one(label: str, producer: str, indicator: str, unit: str, scope: str = "") -> Method:
    """Declare the only method of a series: its producer names it."""
    return Method(producer, label, producer, (indicator,), unit, scope)
