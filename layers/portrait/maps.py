"""The small maps of a portrait: the communes of a territory, coloured by one figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely

from layers.choropleth import indicator_classes, national_classes
from layers.sheet import Sheet
from layers.style import (
    ABSENT_COLOUR,
    ABSENT_LABEL,
    LAND,
    LINE,
    PERIMETER_STROKE,
    SEA,
    Classes,
)
from territory import communes, eloignement, geo, indicators
from territory.communes import Level
from territory.exclusion import Measured
from territory.portrait import Portrait
from territory.territoires import Territoire
from territory.text import NBSP, plural

#: Of a map, in its own units.
WIDTH, HEIGHT = 640.0, 480.0
#: More communes than this are drawn as EPCI.
_MOST_COMMUNES: Final = 5_000
#: With fewer communes than this, a map says nothing without the neighbours' colours.
_FEW: Final = 12
#: Fewer communes than this are drawn at full precision.
_DETAILED: Final = 120
AID: Final = "part_aides_logement_2022"
MINUTES: Final = "minutes"


@dataclass(frozen=True)
class SmallMap:
    """A map and what reads it.

    Attributes
    ----------
    title, text
        Heading, and what a reader who does not see the map is told.
    svg
        The drawing, made of our own numbers only.
    legend
        Colour and label of each class, from low to high; a missing value last, if there is one.
    note
        How the colours are read, and who made the figures.
    """

    title: str
    text: str
    svg: str
    legend: tuple[tuple[str, str], ...]
    note: str


def maps(portrait: Portrait, limits: Level | None = None) -> tuple[SmallMap, ...]:
    """Draw access to a counter, when it is known somewhere here, and housing aid.

    Parameters
    ----------
    limits
        Level whose class limits colour the maps, to set several side by side; that of the units
        drawn by default.
    """
    place, measured = portrait.territoire, portrait.measured
    level: Level = "commune" if len(place.codes) <= _MOST_COMMUNES else "epci"
    drawn = []
    reached = _minutes(measured, level)
    if measured.counters.source_ids and reached.notna().any():
        described = eloignement.INDICATORS[MINUTES]
        cut = reached if limits is None else _minutes(measured, limits)
        drawn.append(_map(place, level, reached, indicator_classes(described, cut),
                          described.label, measured.counters.source, measured.counters.year))
    described = indicators.get(AID)
    figure = portrait.figure(AID)
    drawn.append(_map(place, level, indicators.values(AID, level),
                      national_classes(AID, limits or level),
                      described.label.removesuffix(f" ({described.vintage})"), figure.source,
                      described.vintage))
    return tuple(drawn)


def _minutes(measured: Measured, level: Level) -> pd.Series:
    table = measured.access if level == "commune" else eloignement.grouped(measured.access, level)
    return table[MINUTES].replace([np.inf, -np.inf], np.nan)


def _map(
    place: Territoire, level: Level, values: pd.Series, classes: Classes, label: str,
    source: str, year: str,
) -> SmallMap:
    contours = communes.simplified_contours(level)
    fine = len(place.codes) < _DETAILED
    outline = _outline(place, fine=fine)
    sheet = Sheet(outline, geo.legal_epsg(_center(place)), WIDTH, HEIGHT)
    seen = contours.iloc[contours.sindex.query(sheet.window)]
    if fine:
        seen = communes.contours().reindex(seen.index)
    inside = seen.index.isin(place.codes) if level == "commune" else np.ones(len(seen), dtype=bool)
    coloured = seen if len(place.codes) < _FEW else seen[inside]
    decimals, border = (1, 1.0) if fine else (0, 0.3)
    around = seen[~seen.index.isin(coloured.index)]
    if not fine:
        # The neighbours of a large territory are ground: départements say as much, and are light.
        wide = communes.simplified_contours("departement")
        around = wide.iloc[wide.sindex.query(sheet.window)]
    index = classes.index(values.reindex(coloured.index))
    # One path a class: hundreds of communes of one colour are one drawing.
    paths = "".join(
        f'<path d="{sheet.path(coloured[index == rank], decimals)}" fill="{colour}" '
        f'stroke="{LINE}" stroke-width="{border}" stroke-opacity="0.6" fill-rule="evenodd"/>'
        for rank, colour in enumerate(classes.colours) if (index == rank).any()
    )
    absent = coloured[index == -1]
    hatched = ""
    if len(absent):
        hatched = (
            '<defs><pattern id="absent" width="8" height="8" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><rect width="8" height="8" fill="{ABSENT_COLOUR}"/>'
            '<path d="M0 0V8" stroke="#8a979c" stroke-width="2"/></pattern></defs>'
            f'<path d="{sheet.path(absent, decimals)}" fill="url(#absent)" stroke="{LINE}" '
            'stroke-width="0.4" fill-rule="evenodd"/>'
        )
    neighbours = sheet.path(around, decimals) if len(around) else ""
    ring = sheet.path([outline], decimals)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}">'
        f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="{SEA}"/>'
        f'<path d="{neighbours}" fill="{LAND}" stroke="{LINE}" stroke-width="0.4" '
        f'stroke-opacity="0.5" fill-rule="evenodd"/>{paths}{hatched}'
        # A white border under the outline: it shows on the darkest class too.
        f'<g fill="none" stroke-linejoin="round"><path d="{ring}" stroke="#ffffff" '
        f'stroke-width="{2 * PERIMETER_STROKE.width_px}" stroke-opacity="0.85"/><path d="{ring}" '
        f'stroke="{PERIMETER_STROKE.colour}" stroke-width="{PERIMETER_STROKE.width_px}"/></g></svg>'
    )
    legend = tuple(zip(classes.colours, classes.labels, strict=True))
    if len(absent):
        legend += ((ABSENT_COLOUR, ABSENT_LABEL),)
    return SmallMap(
        f"{label}{f', {year}' if year else ''}", _described(label, level, classes, index, place),
        svg, legend, f"{classes.note} {source} ; contours : IGN, ADMIN EXPRESS COG.".strip(),
    )


def _outline(place: Territoire, *, fine: bool) -> shapely.Geometry:
    """Ground of a territory, mainland only for France: a map of the globe shows nothing."""
    if fine:
        return shapely.coverage_union_all(list(communes.contours()[list(place.codes)]))
    if place.kind in {"commune", "epci", "departement", "region"}:
        level: Level = place.kind
        shape: shapely.Geometry = communes.simplified_contours(level)[place.code]
        return shape
    of: Level = "commune"
    codes = list(place.codes)
    if place.kind == "france":
        of = "region"
        codes = [str(c) for c in communes.units("region").index if not str(c).startswith("0")]
    return shapely.coverage_union_all(list(communes.simplified_contours(of)[codes]))


def _center(place: Territoire) -> str:
    """Commune whose projection serves; that of the mainland for France."""
    return "75056" if place.kind == "france" else place.codes[0]


def _described(
    label: str, level: Level, classes: Classes, index: np.ndarray, place: Territoire
) -> str:
    """Say a map in words: how many units in each class."""
    unit = {"commune": ("commune", "communes")}.get(level, ("EPCI", "EPCI"))
    counts = [
        f"{name}{NBSP}: {plural(int((index == rank).sum()), *unit)}"
        for rank, name in enumerate(classes.labels) if (index == rank).any()
    ]
    if (index == -1).any():
        counts.append(f"{ABSENT_LABEL}{NBSP}: {plural(int((index == -1).sum()), *unit)}")
    return f"Carte de {place.label}, {label.lower()} : {' ; '.join(counts)}."
