"""The legend of a layer: as data, as HTML and as plain text, from the same style as the map."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from layers import symbols
from layers.base import Layer
from layers.style import (
    ABSENT_COLOUR,
    ABSENT_LABEL,
    Bivariate,
    Categories,
    Classes,
    Marker,
    Stroke,
)
from territory.text import NBSP, number, plural


@dataclass(frozen=True)
class Entry:
    """One line of a legend.

    Attributes
    ----------
    label
        French words; raw text, escaped when it becomes HTML.
    count
        Rows of the layer it stands for, None where counting means nothing.
    drawing
        Inline SVG of the sign, safe to insert as it is.
    """

    label: str
    count: int | None
    drawing: str


@dataclass(frozen=True)
class Legend:
    """A title, its lines, how to read them, and who made the figures.

    ``crossing`` tells a crossing of two axes: its nine first entries are then those of a grid,
    row by row.
    """

    title: str
    entries: tuple[Entry, ...]
    note: str
    attribution: str
    vintage: str
    crossing: Bivariate | None = None


def legend(layer: Layer) -> Legend:
    """Return the legend of a layer: every class, and the categories that are present."""
    style = layer.style
    note = style.note if isinstance(style, Classes | Bivariate) else ""
    crossing = style if isinstance(style, Bivariate) else None
    return Legend(layer.title, _entries(layer), note, layer.attribution, layer.vintage, crossing)


def to_text(item: Legend) -> str:
    """Write a legend as lines of plain text, for readers who do not see the map."""
    if item.crossing is None:
        lines = [item.title, *(f"– {_counted(entry)}" for entry in item.entries)]
    else:
        up, across = (f"«{NBSP}{axis}{NBSP}»" for axis in (item.crossing.up, item.crossing.across))
        lines = [item.title, f"Deux axes sont croisés{NBSP}: {up} et {across}."]
        lines += [f"– {_sentence(entry)}" for entry in item.entries if entry.count]
    return "\n".join([*lines, *([item.note] if item.note else []), _origin(item)])


def to_html(item: Legend) -> str:
    """Write a legend as HTML; every text is escaped."""
    cells, listed = "", item.entries
    if item.crossing is not None:
        cells, listed = _grid(item.crossing, item.entries[:9]), item.entries[9:]
    rows = "".join(
        f"<li>{entry.drawing}<span>{escape(entry.label)}</span>"
        f"<small>{'' if entry.count is None else number(entry.count)}</small></li>"
        for entry in listed
    )
    note = f"<p>{escape(item.note)}</p>" if item.note else ""
    return (
        f'<section class="legende"><h3>{escape(item.title)}</h3>{cells}<ul>{rows}</ul>{note}'
        f'<details class="origine"><summary>Source et millésime</summary>'
        f"<p>{escape(_origin(item))}</p></details></section>"
    )


def _grid(style: Bivariate, entries: tuple[Entry, ...]) -> str:
    """Draw the nine classes as a table, the worst corner at the top right."""
    up, across = style.steps
    heads = "".join(f'<th scope="col">{escape(word)}</th>' for word in across)
    lines = []
    for a in (2, 1, 0):
        side = (
            f'<th scope="rowgroup" rowspan="3" class="montant"><span>{escape(style.up)} '
            '<span aria-hidden="true">→</span></span></th>'
        )
        cells = "".join(
            f'<td>{entry.drawing}<span class="cache">{escape(entry.label)}{NBSP}: </span>'
            f"<small>{number(entry.count or 0)}</small></td>"
            for entry in entries[3 * a : 3 * a + 3]
        )
        lines.append(
            f'<tr>{side if a == 2 else ""}<th scope="row">{escape(up[a])}</th>{cells}</tr>'
        )
    corner = f'<p class="coin">En haut à droite{NBSP}: {escape(style.corner)}.</p>'
    return (
        '<table class="croisement"><thead><tr><td colspan="2"></td>'
        f'<th scope="colgroup" colspan="3">{escape(style.across)} '
        '<span aria-hidden="true">→</span></th></tr>'
        f'<tr><td colspan="2"></td>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
        f"{corner if style.corner else ''}"
    )


def _entries(layer: Layer) -> tuple[Entry, ...]:
    style = layer.style
    if isinstance(style, Classes):
        return _class_entries(layer, style)
    if isinstance(style, Bivariate):
        return _crossed_entries(layer, style)
    if isinstance(style, Categories):
        return _category_entries(layer, style)
    return _stroke_entries(layer, style)


def _class_entries(layer: Layer, style: Classes) -> tuple[Entry, ...]:
    index = style.index(layer.table[style.column])
    entries = [
        Entry(label, int((index == rank).sum()), symbols.swatch_svg(colour))
        for rank, (label, colour) in enumerate(zip(style.labels, style.colours, strict=True))
    ]
    absent = symbols.swatch_svg(ABSENT_COLOUR, hatched=True)
    return (*entries, Entry(ABSENT_LABEL, int((index == -1).sum()), absent))


def _crossed_entries(layer: Layer, style: Bivariate) -> tuple[Entry, ...]:
    index = style.index(layer.table[style.column])
    entries = [
        Entry(label, int((index == rank).sum()), symbols.swatch_svg(colour, size_px=30))
        for rank, (label, colour) in enumerate(zip(style.labels, style.colours, strict=True))
    ]
    absent = symbols.swatch_svg(ABSENT_COLOUR, hatched=True)
    return (*entries, Entry(style.absent, int((index == -1).sum()), absent))


def _category_entries(layer: Layer, style: Categories) -> tuple[Entry, ...]:
    counts: dict[Marker, int] = {}
    for value, count in layer.table[style.column].value_counts(dropna=False).items():
        marker = style.marker(value)
        counts[marker] = counts.get(marker, 0) + int(count)
    order = dict.fromkeys([*style.markers.values(), style.fallback])
    return tuple(
        Entry(marker.label, counts[marker], symbols.marker_svg(marker))
        for marker in order
        if marker in counts
    )


def _stroke_entries(layer: Layer, style: Stroke) -> tuple[Entry, ...]:
    count = len(layer.table) if len(layer.table) > 1 else None
    return (Entry(style.label or layer.title, count, symbols.stroke_svg(style)),)


def _counted(entry: Entry) -> str:
    return entry.label if entry.count is None else f"{entry.label}{NBSP}: {number(entry.count)}"


def _sentence(entry: Entry) -> str:
    label = entry.label[0].upper() + entry.label[1:]
    return f"{label}{NBSP}: {plural(entry.count or 0, 'territoire')}."


def _origin(item: Legend) -> str:
    vintage = f" Millésime{NBSP}: {item.vintage}." if item.vintage else ""
    return f"{item.attribution}.{vintage}"
