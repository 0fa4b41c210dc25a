"""Where to cut a distribution into classes, by the method that is asked for."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.fisher import fisher_limits
from layers.style import LONG_PALETTES, MAX_CLASSES, PALETTES, USUAL_CLASSES, Classes
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, number, plural, trimmed

Array = npt.NDArray[np.float64]
Method = Literal["quantiles", "jenks", "egales", "ecart_type", "head_tail", "limites"]

MIN_CLASSES: Final = 3

#: Method → French name.
METHODS: Final[dict[Method, str]] = {
    "quantiles": "Quantiles",
    "jenks": "Seuils naturels (Fisher-Jenks)",
    "egales": "Amplitudes égales",
    "ecart_type": "Moyenne et écarts-types",
    "head_tail": "Moyennes emboîtées (head/tail breaks)",
    "limites": "Limites choisies",
}
#: Method → how it cuts, in French.
MEANINGS: Final[dict[Method, str]] = {
    "quantiles": "Chaque classe a à peu près autant de territoires ; les limites sont arrondies.",
    "jenks": "Les classes sont les plus homogènes possible : la somme des carrés des écarts à la "
    "moyenne de chaque classe est la plus petite.",
    "egales": "Chaque classe a la même étendue ; une classe peut être vide.",
    "ecart_type": "Les limites sont la moyenne moins deux et moins un écart-type, plus un et plus "
    "deux, quand des territoires s’y trouvent.",
    "head_tail": "La moyenne coupe les valeurs, puis celle des plus hautes les coupe à leur tour, "
    "tant que les plus hautes restent une minorité (40 % au plus).",
    "limites": "Les limites sont celles que vous écrivez.",
}
#: Methods of which the number of classes is chosen.
COUNTED: Final[tuple[Method, ...]] = ("quantiles", "jenks", "egales")

#: Jiang (2013) goes on while the head is a minority; his later papers take 40 %.
_HEAD_SHARE: Final = 0.4
_DEVIATIONS: Final = (-2.0, -1.0, 1.0, 2.0)


@dataclass(frozen=True)
class Cut:
    """How a distribution is cut.

    Attributes
    ----------
    method
        Key of :data:`METHODS`.
    count
        Classes wanted, 3 to 9; only some methods ask (:data:`COUNTED`).
    limits
        Upper limits of every class but the last, for « limites choisies » only.

    Raises
    ------
    InvalidInputError
        The number of classes is out of bounds, or the limits are none, too many, not finite or
        not increasing.
    """

    method: Method = "quantiles"
    count: int = USUAL_CLASSES
    limits: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.method == "limites":
            _check_limits(self.limits)
        elif self.limits or self.method not in METHODS:
            msg = f"la méthode « {self.method} » ne va pas avec des limites, ou n’existe pas"
            raise ValueError(msg)
        if not MIN_CLASSES <= self.count <= MAX_CLASSES:
            msg = f"Le nombre de classes doit être compris entre {MIN_CLASSES} et {MAX_CLASSES}."
            raise InvalidInputError(msg)
        if self.method not in COUNTED:
            object.__setattr__(self, "count", USUAL_CLASSES)

    def sentence(self, made: int) -> str:
        """Say how the classes were cut and how many were made."""
        return f"{METHODS[self.method]}{NBSP}: {plural(made, 'classe')}."


#: The cut of a map nobody has changed.
USUAL: Final = Cut()


def _check_limits(limits: tuple[float, ...]) -> None:
    if not limits:
        msg = "Il faut au moins une limite de classe."
        raise InvalidInputError(msg)
    if len(limits) >= MAX_CLASSES:
        msg = (
            f"Une carte a {MAX_CLASSES} classes au plus, donc {MAX_CLASSES - 1} limites : "
            f"il y en a {number(len(limits))}."
        )
        raise InvalidInputError(msg)
    if not all(math.isfinite(limit) for limit in limits):
        msg = "Une limite de classe est un nombre fini."
        raise InvalidInputError(msg)
    for low, high in itertools.pairwise(limits):
        if high <= low:
            msg = (
                f"Les limites doivent aller en croissant : {_plain(high)} vient après "
                f"{_plain(low)}."
            )
            raise InvalidInputError(msg)


def _plain(limit: float) -> str:
    return trimmed(limit, 6)


def read_limits(text: str, decimals: int) -> tuple[float, ...]:
    """Read limits as a person writes them: ``5 ; 12,5 ; 1 000``.

    Parameters
    ----------
    text : str
        Numbers with a decimal comma (or point), separated by semicolons.
    decimals : int
        Decimals the values are written with: a finer limit would separate values that read alike.

    Raises
    ------
    InvalidInputError
        One is not a number or too fine, or together they are no limits (see :class:`Cut`).
    """
    limits = []
    for item in (part.strip() for part in text.split(";")):
        if not item:
            continue
        try:
            limit = float("".join(item.split()).replace(",", ".").replace("−", "-"))
        except ValueError as error:
            msg = (
                f"La limite « {excerpt(item, 20)} » n’est pas un nombre. Séparez les limites par "
                "des points-virgules : 5 ; 12,5 ; 20."
            )
            raise InvalidInputError(msg) from error
        limits.append(limit)
    return fitted_limits(tuple(limits), decimals)


def fitted_limits(limits: tuple[float, ...], decimals: int) -> tuple[float, ...]:
    """Return limits as they are, once checked against the decimals of the values.

    Raises
    ------
    InvalidInputError
        As :func:`read_limits`.
    """
    _check_limits(limits)
    for limit in limits:
        if round(limit, decimals) != limit:
            finest = "n’en ont pas" if decimals == 0 else f"en ont {number(decimals)} au plus"
            msg = f"La limite {_plain(limit)} a trop de décimales : les valeurs {finest}."
            raise InvalidInputError(msg)
    return limits


def written_limits(limits: tuple[float, ...], decimals: int) -> str:
    """Write limits the way :func:`read_limits` reads them."""
    return " ; ".join(trimmed(limit, decimals) for limit in limits)


def classes_of(
    values: pd.Series,
    *,
    column: str,
    unit: str = "",
    decimals: int = 0,
    palette: str = "YlGnBu",
    dark_is_low: bool = False,
    note: str = "",
    cut: Cut = USUAL,
) -> Classes:
    """Cut a distribution into classes, with limits one can read.

    By default quantiles, at most five, as ``mapclassify.Quantiles`` gives them, rounded; a lowest
    value that fills a class by itself, often zero, is a class of its own. mapclassify is the oracle
    of the tests and no more: it brings scikit-learn, takes longer to import than the first screen
    may, and its Fisher-Jenks takes n² steps of plain Python where numba is not installed.

    Any other cut classes the values as they are written, so that its limits, lowered to the
    decimals of the values, move nobody to another class.

    Parameters
    ----------
    values : Series of float, shape (n,)
        NaN is a missing value and counts for nothing.
    column : str
        Column of the layer that holds the values.
    unit, decimals : str, int
        How values are written; limits are never finer than ``decimals``.
    palette : str
        Key of :data:`PALETTES`.
    dark_is_low : bool
        Give the dark end to the low values.
    note : str
        French sentence on how to read the colours.
    cut : Cut
        Method and number of classes; fewer are made where fewer are possible.
    """
    known = np.sort(np.asarray(values, dtype=float))
    known = known[np.isfinite(known)]
    chosen = cut != USUAL
    if chosen:
        known = known.round(decimals)
    breaks = _limits(cut, known, decimals)
    colours = _shades(palette, len(breaks) + 1)
    said = [note, cut.sentence(len(colours)) if chosen else ""]
    return Classes(
        column,
        breaks,
        colours[::-1] if dark_is_low else colours,
        unit,
        decimals,
        float(known[0]) if known.size else None,
        " ".join(part for part in said if part),
        as_written=chosen,
    )


def _limits(cut: Cut, known: Array, decimals: int) -> tuple[float, ...]:
    """Inner limits of sorted values, in the decimals they are written with."""
    if cut.method == "limites":
        return cut.limits
    if known.size == 0 or known[0] == known[-1]:
        return ()
    if cut.method == "quantiles":
        return _readable(_quantiles(known, cut.count), known, decimals)
    if cut.method == "jenks":
        return tuple(fisher_limits(known, cut.count))
    if cut.method == "egales":
        exact = np.linspace(known[0], known[-1], cut.count + 1)[1:-1]
        return tuple(np.unique(_lowered(exact, decimals)).tolist())
    if cut.method == "ecart_type":
        exact = known.mean() + known.std(ddof=1) * np.array(_DEVIATIONS)
    else:
        exact = np.array(_head_tail(known))
    return _separating(_lowered(exact, decimals), known)


def _lowered(limits: Array, decimals: int) -> Array:
    """Round limits down to the decimals of the values: the same values stay under them."""
    scale = 10.0**decimals
    # A limit that binary fractions put just under a written number is that number.
    lowered: Array = (np.floor(limits * scale + 1e-6) / scale).round(decimals)
    return lowered


def _separating(limits: Array, known: Array) -> tuple[float, ...]:
    """Keep the limits that separate somebody from the limit before, and from the end."""
    edges = np.unique(limits)
    below = np.searchsorted(known, edges, side="right")
    useful = (np.diff(below, prepend=0) > 0) & (below < known.size)
    return tuple(edges[useful].tolist())


def _head_tail(known: Array) -> list[float]:
    """Means of the values, of those above it, and so on: B. Jiang, « Head/Tail Breaks » (2013)."""
    means: list[float] = []
    while len(means) < MAX_CLASSES - 1 and known[0] < known[-1]:
        means.append(float(known.mean()))
        head = known[np.searchsorted(known, means[-1], side="right") :]
        if head.size > _HEAD_SHARE * known.size:
            break
        known = head
    return means


def _quantiles(known: Array, count: int) -> list[float]:
    """Inner quantiles of sorted values, the crowd at the minimum set apart."""
    crowd = np.searchsorted(known, known[0], side="right")
    if crowd * count < known.size:
        return [float(q) for q in np.quantile(known, np.arange(1, count) / count)]
    rest = known[crowd:]
    return [float(known[0]), *map(float, np.quantile(rest, np.arange(1, count - 1) / (count - 1)))]


def _readable(limits: list[float], known: Array, decimals: int) -> tuple[float, ...]:
    """Round limits to the coarsest of 1, 2, 5 × 10ⁿ that keeps them well apart."""
    # A limit at the highest value separates nobody.
    distinct = sorted({limit for limit in limits if limit < known[-1]})
    if not distinct:
        return ()
    gaps = np.diff([*distinct, known[-1]])
    finest = 10.0**-decimals
    room = max(float(gaps[gaps > 0].min(initial=math.inf)) / 2, finest)
    magnitude = 10.0 ** math.floor(math.log10(room) + 1e-9)
    step = max((m * magnitude for m in (1, 2, 5) if m * magnitude <= room + 1e-12), default=finest)
    rounded = {round(round(limit / step) * step, 10) for limit in distinct}
    if distinct[0] == known[0]:
        rounded = {limit for limit in rounded if limit > known[0]} | {distinct[0]}
    return _separating(np.array(sorted(rounded)), known)


def _shades(palette: str, count: int) -> tuple[str, ...]:
    """Colours of a palette, spread over its whole length."""
    colours = (PALETTES if count <= USUAL_CLASSES else LONG_PALETTES)[palette]
    if count == 1:
        return (colours[len(colours) // 2],)
    return tuple(colours[round(i)] for i in np.linspace(0, len(colours) - 1, count))
