"""The sourcing note as a tagged PDF (PDF/UA-1), set by Typst; and the map it carries."""

from __future__ import annotations

from typing import Any

import pandas as pd

from layers.export import typeset
from layers.sheet import Sheet
from layers.style import FAMILY_MARKERS, LAND, LINE, PERIMETER_STROKE, SEA
from territory import communes, geo
from territory.perimeter import Perimeter
from territory.sourcing import LEGAL, Note
from territory.text import date, plural, unbreakable

#: Size of the map, in its own units.
_WIDTH, _HEIGHT = 900.0, 520.0
#: One colour for all: the list tells the families, in words.
_DOT = FAMILY_MARKERS["association"].colour


def note_pdf(note: Note, perimeter: Perimeter, found: pd.DataFrame) -> bytes:
    """Set the note as a PDF; texts travel as data, so that none of them is ever markup."""
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
    return typeset.pdf("note.typ", data)


def _set(sentences: tuple[str, ...]) -> list[str]:
    return [unbreakable(one) for one in sentences]


def map_svg(perimeter: Perimeter, found: pd.DataFrame) -> str:
    """Draw a perimeter, the communes around it and the places of suppliers, as SVG.

    Drawn in the legal projection of the territory, north up.
    """
    outline = perimeter.outline()
    contours = communes.simplified_contours("commune")
    touched = communes.touching(outline)
    sheet = Sheet(outline, geo.legal_epsg(touched[0] if touched else "75056"), _WIDTH, _HEIGHT)
    land = sheet.path(contours.iloc[contours.sindex.query(sheet.window)])
    ring = sheet.path([outline])
    known = found[found["longitude"].notna() & found["latitude"].notna()]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" '
        f'fill="{_DOT}" stroke="#ffffff" stroke-width="1.2"/>'
        for x, y in sheet.points(known["longitude"].astype(float), known["latitude"].astype(float))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}">'
        f'<rect width="{_WIDTH:.0f}" height="{_HEIGHT:.0f}" fill="{SEA}"/>'
        f'<path d="{land}" fill="{LAND}" stroke="{LINE}" stroke-width="0.5" '
        'stroke-opacity="0.5" fill-rule="evenodd"/>'
        f'<path d="{ring}" fill="{PERIMETER_STROKE.colour}" fill-opacity="0.06" '
        f'stroke="{PERIMETER_STROKE.colour}" stroke-width="2.5"/>{dots}</svg>'
    )

