"""The figures of a portrait: one flat list, so that several portraits make one table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from territory import atlas, catalog, exclusion, indicators
from territory.exclusion import Measured
from territory.fiche import Fiche, Rank
from territory.text import NBSP, number

Theme = Literal["habitants", "ess", "ptce", "eloignement", "fragilite", "croisement"]

#: Theme → its heading, in reading order.
THEMES: Final[Mapping[Theme, str]] = {
    "habitants": "Habitants",
    "ess": "Employeurs de l’ESS",
    "ptce": "Pôles territoriaux de coopération économique",
    "eloignement": atlas.THEMES["eloignement"],
    "fragilite": atlas.THEMES["fragilite"],
    "croisement": atlas.THEMES["croisement"],
}

#: Written in place of what has no meaning without inhabitants.
NOBODY: Final = "sans objet (aucun habitant)"


@dataclass(frozen=True)
class Figure:
    """One figure of a territory, with all it needs to be read alone.

    Attributes
    ----------
    id
        The same in every portrait: what a comparison is joined on.
    theme, label, unit, decimals
        How it is written; ``unit`` is empty for a count.
    value
        NaN when unknown, infinite when there is none within reach.
    definition
        Formula and reading, in French.
    source, vintage, licence
        As the producer says them.
    at_least
        The value is a lower bound.
    why
        Written in place of an unknown value when the reason is known: ``sans objet``.
    beside
        Label of each containing unit → its value, from the smallest to France.
    ranks
        Among the units of the same level.
    """

    id: str
    theme: Theme
    label: str
    unit: str
    decimals: int
    value: float
    definition: str
    source: str
    vintage: str
    licence: str
    at_least: bool = False
    why: str = ""
    beside: Mapping[str, float] = field(default_factory=dict)
    ranks: tuple[Rank, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the value is known."""
        return not math.isnan(self.value)

    @property
    def written(self) -> str:
        """Value with its unit, as documents print it."""
        if not self.known and self.why:
            return self.why
        if self.at_least and self.value == 0:
            return "aucun connu"
        text = self.other(self.value)
        return f"au moins {text}" if self.at_least and self.known else text

    def other(self, value: float) -> str:
        """Write a value of another territory for the same figure."""
        if math.isnan(value):
            return "inconnu"
        if math.isinf(value):
            return "aucun"
        return number(value, self.decimals) + (f"{NBSP}{self.unit}" if self.unit else "")

    @property
    def origin(self) -> str:
        """Source, vintage and licence on one line."""
        return " ; ".join(part for part in (self.source, self.vintage, self.licence) if part)


def licence(source_ids: Iterable[str]) -> str:
    """Licences of some sources, each once."""
    return " ; ".join(dict.fromkeys(catalog.SOURCES[one].licence for one in source_ids))


def of_fiche(sheet: Fiche, measured: Measured) -> tuple[Figure, ...]:
    """Take the figures of access and fragility as the sheet has them; nothing is computed again."""
    made = []
    for one in sheet.figures:
        here, *around = sheet.of(one).items()
        ids = source_ids(one.id, measured)
        made.append(Figure(
            one.id, one.theme, one.label, one.unit, one.decimals, here[1], one.definition,
            one.source, one.vintage or "inconnu", licence(ids) or "inconnue",
            why=NOBODY if sheet.population == 0 else "",
            beside=dict(around), ranks=sheet.ranks.get(one.id, ()),
        ))
    return tuple(made)


def source_ids(figure: str, measured: Measured) -> tuple[str, ...]:
    """Keys of ``catalog.SOURCES`` a figure of the sheet comes from."""
    counted = measured.counters.source_ids
    if figure == "surendettement":
        return ("surendettement",)
    if figure in indicators.INDICATORS:
        return (indicators.get(figure).source_id,)
    fragile = tuple(dict.fromkeys(
        indicators.get(one).source_id for one in exclusion.FRAGILITY.values()
    ))
    if figure == "indice_fragilite":
        return fragile
    if figure == "part_exclusion":
        return (*counted, *fragile)
    return counted
