"""The sourcing note as a tagged PDF (PDF/UA-1), set by Typst; and the map it carries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from layers.base import WGS84
from layers.style import FAMILY_MARKERS, LAND, LINE, PERIMETER_STROKE, SEA
from territory import communes, geo
from territory.perimeter import Perimeter
from territory.sourcing import LEGAL, Note
from territory.text import date, plural, unbreakable

_TEMPLATE = Path(__file__).with_name("note.typ")
#: Size of the map, in its own units.
_WIDTH, _HEIGHT = 900.0, 520.0
#: One colour for all: the list tells the families, in words.
_DOT = FAMILY_MARKERS["association"].colour


def note_pdf(note: Note, perimeter: Perimeter, found: pd.DataFrame) -> bytes:
    """Set the note as a PDF; texts travel as data, so that none of them is ever markup."""
    # Imported here: forty megabytes that only this document needs.
    import typst

    drawn = int(found["longitude"].notna().sum())
    said = (
        f"Carte du périmètre et de {plural(drawn, 'structure')} ; la liste ci-dessous dit la même "
        "chose."
    )
    data: dict[str, Any] = {
        "titre": note.title, "date": f"Note du {date(note.day)}",
        "pied": f"Périmètre, {date(note.day)}",
        "besoin": _set(note.need), "trouve": _set(note.found),
        "carte": map_svg(perimeter, found), "carte_texte": said,
        "carte_legende": "Périmètre et structures trouvées. Contours : IGN, ADMIN EXPRESS COG.",
        "fournisseurs": note.suppliers.astype(str).to_numpy().tolist(),
        "suite": f"Et {plural(note.more, 'autre')}, dans le fichier de la recherche."
        if note.more else "",
        "criteres": note.criteria.astype(str).to_numpy().tolist(),
        "inconnu": _set(note.unknown), "contexte": _set(note.context),
        "sources": _set(note.sources), "rappel": unbreakable(LEGAL),
    }
    content = typst.compile(
        _TEMPLATE, sys_inputs={"note": json.dumps(data, ensure_ascii=False)}, format="pdf",
        pdf_standards="ua-1", ignore_system_fonts=True,
    )
    return bytes(content)


def _set(sentences: tuple[str, ...]) -> list[str]:
    return [unbreakable(one) for one in sentences]


def map_svg(perimeter: Perimeter, found: pd.DataFrame) -> str:
    """Draw a perimeter, the communes around it and the places of suppliers, as SVG.

    Drawn in the legal projection of the territory, north up.
    """
    outline = perimeter.outline()
    contours = communes.simplified_contours("commune")
    touched = communes.touching(outline)
    epsg = geo.legal_epsg(touched[0] if touched else "75056")
    ring = gpd.GeoSeries([outline], crs=WGS84).to_crs(epsg)
    x0, y0, x1, y1 = (float(bound) for bound in ring.total_bounds)
    margin = 0.06 * max(x1 - x0, y1 - y0)
    scale = min(_WIDTH / (x1 - x0 + 2 * margin), _HEIGHT / (y1 - y0 + 2 * margin))
    # Origin of the sheet, so that the perimeter is in its middle.
    left, top = (x0 + x1) / 2 - _WIDTH / 2 / scale, (y0 + y1) / 2 + _HEIGHT / 2 / scale

    def path(shapes: gpd.GeoSeries) -> str:
        sheet = shapes.affine_transform([scale, 0, 0, -scale, -scale * left, scale * top])
        return " ".join(_path(shape) for shape in sheet)

    west, south, east, north = outline.bounds
    around = shapely.box(west, south, east, north).buffer(0.5 * max(east - west, north - south))
    land = gpd.GeoSeries(contours.iloc[contours.sindex.query(around)], crs=WGS84).to_crs(epsg)
    known = found[found["longitude"].notna() & found["latitude"].notna()]
    places = gpd.GeoSeries.from_xy(
        known["longitude"].astype(float), known["latitude"].astype(float), crs=WGS84
    ).to_crs(epsg)
    dots = "".join(
        f'<circle cx="{scale * (x - left):.1f}" cy="{scale * (top - y):.1f}" r="5" '
        f'fill="{_DOT}" stroke="#ffffff" stroke-width="1.2"/>'
        for x, y in zip(places.x, places.y, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}">'
        f'<rect width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" fill="{SEA}"/>'
        f'<path d="{path(land)}" fill="{LAND}" stroke="{LINE}" stroke-width="0.5" '
        'stroke-opacity="0.5" fill-rule="evenodd"/>'
        f'<path d="{path(ring)}" fill="{PERIMETER_STROKE.colour}" fill-opacity="0.06" '
        f'stroke="{PERIMETER_STROKE.colour}" stroke-width="2.5"/>{dots}</svg>'
    )


def _path(shape: shapely.Geometry) -> str:
    rings = []
    for polygon in shapely.get_parts(shape):
        for ring in (polygon.exterior, *polygon.interiors):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in ring.coords)
            rings.append(f"M{points}Z")
    return " ".join(rings)
