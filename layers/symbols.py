"""Markers and swatches as small SVG drawings, for legends and documents."""

from __future__ import annotations

import math

from layers.style import Marker, Shape, Stroke

#: Corners of a polygon, and the angle of the first one in degrees (0 is up, clockwise).
_POLYGONS: dict[Shape, tuple[int, float]] = {
    "triangle": (3, 0),
    "triangle_bas": (3, 180),
    "losange": (4, 0),
    "carre": (4, 45),
    "pentagone": (5, 0),
    "hexagone": (6, 30),
}


def marker_svg(marker: Marker, size_px: int = 16) -> str:
    """Draw a marker with its white border, as an inline SVG hidden from screen readers."""
    paint = f'fill="{marker.colour}" stroke="#fff" stroke-width="1.5" stroke-linejoin="round"'
    if marker.shape == "rond":
        drawing = f'<circle cx="8" cy="8" r="5.8" {paint}/>'
    else:
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in _corners(marker.shape))
        drawing = f'<polygon points="{points}" {paint}/>'
    return _svg(drawing, size_px)


def swatch_svg(colour: str, *, hatched: bool = False, size_px: int = 16) -> str:
    """Draw a square of colour; ``hatched`` is the sign of a missing value."""
    drawing = f'<rect x=".5" y=".5" width="15" height="15" fill="{colour}" stroke="#8a979c"/>'
    if hatched:
        drawing += '<path d="M0 10 10 0M4 16 16 4" stroke="#8a979c" stroke-width="1.2"/>'
    return _svg(drawing, size_px)


def stroke_svg(stroke: Stroke, size_px: int = 16) -> str:
    """Draw a square with the outline and the inside of a stroke."""
    dashes = f' stroke-dasharray="{stroke.dashes}"' if stroke.dashes else ""
    width = min(stroke.width_px, 2.5)
    return _svg(
        f'<rect x="2" y="2" width="12" height="12" fill="{stroke.fill_colour or "none"}" '
        f'fill-opacity="{stroke.fill_opacity}" stroke="{stroke.colour}" '
        f'stroke-width="{width}"{dashes}/>',
        size_px,
    )


def _svg(drawing: str, size_px: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size_px}" height="{size_px}" '
        f'viewBox="0 0 16 16" aria-hidden="true">{drawing}</svg>'
    )


def _corners(shape: Shape) -> list[tuple[float, float]]:
    """Corners in the 16 × 16 box."""
    if shape == "etoile":
        return [_at(36.0 * k, 7.6 if k % 2 == 0 else 3.6) for k in range(10)]
    if shape == "croix":
        return [_at(90.0 * k + turn, radius) for k in range(4)
                for turn, radius in ((-20, 7), (20, 7), (45, 3.4))]
    corners, first = _POLYGONS[shape]
    return [_at(first + 360 / corners * k, 7) for k in range(corners)]


def _at(angle_deg: float, radius: float) -> tuple[float, float]:
    angle = math.radians(angle_deg)
    return 8 + radius * math.sin(angle), 8 - radius * math.cos(angle)
