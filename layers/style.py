"""Colours, class limits and marker shapes: the only place where they are chosen.

The live map, the folium documents, the legends and the exports all read them here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory.suppliers import FAMILIES
from territory.text import NBSP, number, trimmed

Shape = Literal[
    "rond", "carre", "losange", "triangle", "triangle_bas", "pentagone", "hexagone", "etoile",
    "croix",
]

#: Words of three steps, from the best to the worst.
Steps = tuple[str, str, str]

#: Classes of a map nobody has changed, and the most it may have: beyond, shades look the same.
USUAL_CLASSES: Final = 5
MAX_CLASSES: Final = 9

#: Sequential palettes of ColorBrewer, from low to high, for :data:`USUAL_CLASSES` at most.
PALETTES: Final[Mapping[str, tuple[str, ...]]] = {
    "YlGnBu": ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494"),
    "PuBuGn": ("#f6eff7", "#bdc9e1", "#67a9cf", "#1c9099", "#016c59"),
    "OrRd": ("#fef0d9", "#fdcc8a", "#fc8d59", "#e34a33", "#b30000"),
}
#: The same for more classes: their ends are lighter and darker, to hold more shades apart.
LONG_PALETTES: Final[Mapping[str, tuple[str, ...]]] = {
    "YlGnBu": (
        "#ffffd9", "#edf8b1", "#c7e9b4", "#7fcdbb", "#41b6c4", "#1d91c0", "#225ea8", "#253494",
        "#081d58",
    ),
    "PuBuGn": (
        "#fff7fb", "#ece2f0", "#d0d1e6", "#a6bddb", "#67a9cf", "#3690c0", "#02818a", "#016c59",
        "#014636",
    ),
    "OrRd": (
        "#fff7ec", "#fee8c8", "#fdd49e", "#fdbb84", "#fc8d59", "#ef6548", "#d7301f", "#b30000",
        "#7f0000",
    ),
}
#: Use of an indicator → palette.
PALETTE_OF_USE: Final[Mapping[str, str]] = {
    "fragilite": "OrRd", "eloignement": "YlGnBu", "connaissance": "PuBuGn",
}
#: Use of an indicator → how its colours are read.
NOTE_OF_USE: Final[Mapping[str, str]] = {
    "fragilite": "Plus la teinte est foncée, plus la situation est fragile.",
    "eloignement": "Plus la teinte est foncée, plus les guichets sont éloignés.",
    "connaissance": "Plus la teinte est foncée, moins la liste en dit.",
}

#: Nine colours of a crossing, row by row: 1-1, 1-2, 1-3, 2-1… 3-3. The first axis goes to blue,
#: the second to orange, which red-green blindness does not confuse, and both to near black. Any
#: two are at least 12 apart in CIEDE2000, also for dichromats and once mixed with the land;
#: Brychtová and Çöltekin (2016) find 10 enough on a map.
CROSSED_COLOURS: Final = (
    "#f6ebd0", "#fcbd6e", "#dd720e",
    "#a5cff1", "#aca293", "#8f5e38",
    "#449ad1", "#575ba4", "#41352d",
)

#: A missing value is neither low nor zero: it is out of the palette, and hatched where possible.
ABSENT_COLOUR: Final = "#d5d9db"
ABSENT_LABEL: Final = "donnée absente"

SEA: Final = "#e6edef"
LAND: Final = "#f7f5f0"
LINE: Final = "#4b5f66"


@dataclass(frozen=True)
class Marker:
    """Colour and shape of a point; never told apart by colour alone."""

    colour: str
    shape: Shape
    label: str


@dataclass(frozen=True)
class Classes:
    """Classes of a number: ``breaks[i]`` is the upper limit, included, of class ``i``.

    Attributes
    ----------
    column
        Column that holds the number.
    breaks
        Increasing inner limits, one fewer than ``colours``.
    colours
        From the lowest class to the highest.
    unit, decimals
        How a value is written.
    minimum
        Lowest value seen, written when it makes a class of its own; None without any value.
    note
        French sentence on how to read the colours.
    as_written
        Class a value by what is written of it, rounded to ``decimals``: the live map, which
        receives no more of it, then classes it alike.
    """

    column: str
    breaks: tuple[float, ...]
    colours: tuple[str, ...]
    unit: str = ""
    decimals: int = 0
    minimum: float | None = None
    note: str = ""
    as_written: bool = False

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.breaks) + 1 or len(self.colours) > MAX_CLASSES:
            msg = f"{len(self.breaks)} limites et {len(self.colours)} couleurs ne vont pas ensemble"
            raise ValueError(msg)
        if any(high <= low for low, high in itertools.pairwise(self.breaks)):
            msg = "les limites de classes doivent être croissantes"
            raise ValueError(msg)

    @property
    def labels(self) -> tuple[str, ...]:
        """Limits in French: ``5 % ou moins``, ``plus de 5 à 10 %``, ``plus de 10 %``."""
        if not self.breaks:
            return ("toutes les valeurs",)
        texts = [trimmed(limit, self.decimals) for limit in self.breaks]
        alone = self.breaks[0] == self.minimum
        return (
            f"{texts[0]}{self._unit}{'' if alone else ' ou moins'}",
            *(
                f"plus de {low} à {high}{self._unit}"
                for low, high in itertools.pairwise(texts)
            ),
            f"plus de {texts[-1]}{self._unit}",
        )

    def written(self, value: float) -> str:
        """Write one value with its unit: ``3,4 %``, or ``donnée absente``."""
        if math.isnan(value):
            return ABSENT_LABEL
        return number(value, self.decimals) + self._unit

    def index(self, values: pd.Series | npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
        """Class of each value, shape (n,): 0 for the lowest, −1 where the value is missing."""
        numbers = np.asarray(values, dtype=float)
        if self.as_written:
            numbers = numbers.round(self.decimals)
        classes = np.searchsorted(self.breaks, numbers, side="left").astype(np.int8)
        classes[np.isnan(numbers)] = -1
        return classes

    def colour(self, values: pd.Series | npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
        """Colour of each value, shape (n,)."""
        # Index −1 falls on the last colour of this list: the absent one.
        return np.array([*self.colours, ABSENT_COLOUR])[self.index(values)]

    @property
    def _unit(self) -> str:
        return f"{NBSP}{self.unit}" if self.unit else ""


@dataclass(frozen=True)
class Bivariate:
    """Nine classes of two axes cut in thirds, written ``a-f``.

    ``3-1`` is the worst third of the first axis and the best of the second.

    Attributes
    ----------
    column
        Column of texts ``a-f``, missing where an axis is.
    up, across
        French titles of the first axis (drawn upwards) and of the second (to the right).
    steps
        Words of the thirds of ``up``, then of ``across``, from the best to the worst.
    corner
        Name of ``3-3``, the only class that has one.
    absent
        What a missing class means.
    reason
        Column that says why a class is missing; empty when nothing does.
    note
        French sentence on how to read the colours.
    colours
        In the order of :attr:`keys`.
    """

    column: str
    up: str
    across: str
    steps: tuple[Steps, Steps]
    corner: str = ""
    absent: str = ABSENT_LABEL
    reason: str = ""
    note: str = ""
    colours: tuple[str, ...] = CROSSED_COLOURS

    def __post_init__(self) -> None:
        if len(self.colours) != len(self.keys) or {len(words) for words in self.steps} != {3}:
            msg = "un croisement a deux fois trois paliers et neuf couleurs"
            raise ValueError(msg)

    @property
    def keys(self) -> tuple[str, ...]:
        """Classes as they are written: ``1-1``, ``1-2``… ``3-3``."""
        return tuple(f"{a}-{f}" for a, f in itertools.product((1, 2, 3), repeat=2))

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes in words, in the order of :attr:`keys`: ``éloigné et moins fragile``."""
        *others, worst = (" et ".join(words) for words in itertools.product(*self.steps))
        return (*others, f"{worst} ({self.corner})" if self.corner else worst)

    def written(self, value: object, reason: object = None) -> str:
        """Write one class in words, or what its absence means and why."""
        words = dict(zip(self.keys, self.labels, strict=True))
        if isinstance(value, str) and value in words:
            return words[value]
        why = isinstance(reason, str) and reason
        return f"{self.absent}{NBSP}: {why}" if why else self.absent

    def index(self, values: pd.Series | npt.NDArray[np.object_]) -> npt.NDArray[np.int8]:
        """Rank of each class in :attr:`keys`, shape (n,); −1 where it is missing."""
        return pd.Index(self.keys, dtype=object).get_indexer(
            pd.Index(np.asarray(values, dtype=object), dtype=object)
        ).astype(np.int8)

    def colour(self, values: pd.Series | npt.NDArray[np.object_]) -> npt.NDArray[np.str_]:
        """Colour of each class, shape (n,)."""
        # As in Classes: index −1 falls on the absent colour.
        return np.array([*self.colours, ABSENT_COLOUR])[self.index(values)]


@dataclass(frozen=True)
class Categories:
    """Markers by value of a column; ``fallback`` serves the values that are not listed."""

    column: str
    markers: Mapping[str, Marker]
    fallback: Marker

    def marker(self, value: object) -> Marker:
        """Marker of one value."""
        return self.markers.get(str(value), self.fallback)


@dataclass(frozen=True)
class Stroke:
    """An outline: colour, width in pixels, dash pattern (SVG) and opacity of the inside."""

    colour: str
    width_px: float
    dashes: str = ""
    fill_colour: str = ""
    fill_opacity: float = 0.0
    label: str = ""


Style = Classes | Bivariate | Categories | Stroke

PTCE_MARKER: Final = Marker("#8a1c6b", "etoile", "PTCE")
PTCE_AREA: Final = Stroke(
    "#8a1c6b", 2, "5 4", label="territoire d’un PTCE dont la commune n’est pas connue"
)
PERIMETER_STROKE: Final = Stroke("#0b4f5c", 3, label="périmètre")
OUTLINE: Final = Stroke(LINE, 0.8, "", LAND, 1.0, "départements")

_FAMILY_SIGNS: Final[Mapping[str, tuple[str, Shape]]] = {
    "association": ("#1d5fa8", "rond"),
    "cooperative": ("#0f7a4f", "carre"),
    "mutuelle": ("#6a3d9a", "triangle"),
    "fondation": ("#7a4a1e", "losange"),
    "societe_commerciale_ess": ("#00808c", "pentagone"),
    "esat_ea": ("#1f2d3a", "triangle_bas"),
    "hors_ess": ("#9a4a1c", "croix"),
}
_UNKNOWN_SIGN: Final[tuple[str, Shape]] = ("#66707a", "hexagone")

#: ESS families as the search names them; ESAT and entreprises adaptées are shown as such.
FAMILY_MARKERS: Final[Mapping[str, Marker]] = {
    family: Marker(*_FAMILY_SIGNS.get(family, _UNKNOWN_SIGN), label)
    for family, label in FAMILIES.items()
}
FAMILY_STYLE: Final = Categories("famille_ess", FAMILY_MARKERS, FAMILY_MARKERS["inconnue"])


#: Colour and shape (Vega name) of the methods of a series, 4.5:1 on the page and told apart without
#: colour.
SERIES_SIGNS: Final[tuple[tuple[str, str], ...]] = (
    ("#0b5a63", "circle"), ("#b0521f", "square"), ("#6a4c93", "triangle-up"),
    ("#a8324a", "diamond"),
)
BREAK_COLOUR: Final = "#55646a"
INK: Final = "#1f2d33"
GRID: Final = "#e1e4e1"

#: Below, near and above a reference, of like weight: neither end is « good » (ColorBrewer PuOr).
AROUND: Final[tuple[str, ...]] = ("#f1a340", "#fbd9a8", "#f4f2f0", "#d3cfe4", "#998ec3")

#: State of what is known of a département (see territory.publications.KNOWN), from dark to light.
KNOWN_COLOURS: Final[Mapping[str, str]] = {
    "importe": "#0b5a63", "partiel": "#d29a2d", "non_publie": "#efe9da", "outre_mer": "#c9c2d8",
}
