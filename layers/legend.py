"""The legend of a layer: as data, as safe HTML and as text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from layers.base import Layer
from layers.style import MISSING, Marker
from territory.text import NBSP, plural


@dataclass(frozen=True)
class Entry:
    """One line: a swatch or a marker, its words, how many rows it stands for."""

    label: str
    colour: str
    marker: Marker | None = None
    count: int | None = None


@dataclass(frozen=True)
class Legend:
    """What a reader needs to read a layer.

    Attributes
    ----------
    title, entries, note
        Title, lines in order, and the sentence of the layer.
    attribution, vintage
        To be printed under the lines.
    """

    title: str
    entries: tuple[Entry, ...]
    note: str
    attribution: str
    vintage: str

    def to_text(self) -> str:
        """Return the legend as lines of text."""
        lines = [self.title]
        for entry in self.entries:
            count = f"{NBSP}: {plural(entry.count, 'territoire')}" if entry.marker is None and (
                entry.count is not None) else ""
            shape = f" ({entry.marker.shape.replace('_', ' ')})" if entry.marker else ""
            lines.append(f"- {entry.label}{shape}{count}")
        lines.append(f"Source : {self.attribution}{f' ({self.vintage})' if self.vintage else ''}.")
        return "\n".join(lines)

    def to_html(self) -> str:
        """Return the legend as escaped HTML: a titled list."""
        items = "".join(
            f'<li><span class="signe" style="background:{escape(e.colour)}"></span>'
            f"{escape(e.label)}</li>"
            if e.marker is None
            else f'<li><span class="signe">{marker_svg(e.marker)}</span>{escape(e.label)}</li>'
            for e in self.entries
        )
        vintage = f" ({escape(self.vintage)})" if self.vintage else ""
        return (
            f"<section><h2>{escape(self.title)}</h2><ul>{items}</ul>"
            f"<p>Source : {escape(self.attribution)}{vintage}.</p></section>"
        )


def legend(layer: Layer) -> Legend:
    """Make the legend of a layer; a choropleth's classes come with their counts."""
    entries: list[Entry] = []
    if layer.classes is not None and layer.value is not None:
        classes = layer.classes.assign(layer.table[layer.value])
        for rank, (label, colour) in enumerate(
            zip(layer.classes.labels, layer.classes.colours, strict=True)
        ):
            entries.append(Entry(label, colour, count=int(np.sum(classes == rank))))
        entries.append(
            Entry(MISSING.label, MISSING.colour, count=int(np.sum(classes == -1)))
        )
    for category, marker in layer.markers.items():
        count = None
        if layer.category is not None:
            count = int((layer.table[layer.category] == category).sum())
            if count == 0:
                continue
        entries.append(Entry(marker.label, marker.colour, marker, count))
    return Legend(layer.title, tuple(entries), layer.sentence, layer.attribution, layer.vintage)


def marker_svg(marker: Marker, size: int = 14) -> str:
    """Draw a marker as inline SVG, white-edged, ``size`` pixels wide."""
    shape = _SHAPES.get(marker.shape, _SHAPES["rond"])
    return (
        f'<svg width="{size}" height="{size}" viewBox="-10 -10 20 20" aria-hidden="true">'
        f'<path d="{shape}" fill="{escape(marker.colour)}" stroke="#fff" stroke-width="1.6"/></svg>'
    )


def _polygon(sides: int, radius: float = 9.0, turn: float = -90.0, inner: float = 1.0) -> str:
    """SVG path of a regular polygon, or of a star when ``inner`` is below one."""
    count = sides * (2 if inner < 1 else 1)
    angles = np.radians(turn + 360 * np.arange(count) / count)
    radii = np.where(np.arange(count) % 2, radius * inner, radius) if inner < 1 else radius
    points = " ".join(
        f"{x:.2f},{y:.2f}" for x, y in zip(radii * np.cos(angles), radii * np.sin(angles),
                                           strict=True)
    )
    return f"M{points}Z"


_SHAPES = {
    "rond": "M-8,0a8,8 0 1,0 16,0a8,8 0 1,0 -16,0Z",
    "carre": "M-7,-7H7V7H-7Z",
    "losange": _polygon(4),
    "triangle": _polygon(3),
    "triangle_bas": _polygon(3, turn=90),
    "pentagone": _polygon(5),
    "hexagone": _polygon(6, turn=0),
    "etoile": _polygon(5, inner=0.45),
}
