"""Downloads, built when the button is clicked."""

from __future__ import annotations

import functools
from urllib.parse import urlencode

import streamlit as st

from layers.breaks import METHODS, USUAL, Cut
from layers.export import FORMATS, Format
from layers.export.metadata import ExportContext
from layers.folium_map import MAX_POINTS, standalone_html
from layers.registry import document_layers
from territory import catalog, ptce
from territory.communes import Level
from territory.directory import Result
from territory.perimeter import Perimeter
from territory.text import fold, number
from ui import ecriture, indicateurs, onglets
from ui.state import EXCLUSION, Request, write_url


def buttons(
    result: Result,
    *,
    view_layers: tuple[str, ...],
    indicator_id: str,
    level: Level = "commune",
    cut: Cut = USUAL,
    circles: str = "",
) -> None:
    """Draw the download buttons of a search."""
    shown = Request(
        result.perimeter, result.criteria, view_layers, indicator_id, level=level, cut=cut,
        circles=circles,
    )
    said = classes_sentence(shown)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            _button(form, result, said)
        onglets.menu(onglets.Panel("Autres formats", lambda: _others(result, said)),
                     key="autres_formats", icon=":material/more_horiz:")
        _document_button(result, view_layers, indicator_id, cut)
        onglets.menu(onglets.Panel("Partager", lambda: _share(shown)), key="partager",
                     icon=":material/link:")


def _others(result: Result, said: str) -> None:
    for form in FORMATS.values():
        if form.id not in {"xlsx", "csv_excel"}:
            _button(form, result, said)


def _share(shown: Request) -> None:
    st.caption("Ce lien rouvre le même périmètre et les mêmes filtres.")
    st.code(_link(shown), language=None, wrap_lines=True)


def classes_sentence(request: Request) -> str:
    """Say the classes of the map beside an export, when they were changed; else nothing."""
    if request.cut == USUAL or "indicateur" not in request.layers or (
        request.indicator == EXCLUSION
    ):
        return ""
    made = indicateurs.classes(request.indicator, request.level, request.cut)
    name = indicateurs.label(request.indicator)
    return (
        f"Classes de la carte « {name} » : {METHODS[request.cut.method]}, "
        f"{', '.join(made.labels)}."
    )


def _button(form: Format, result: Result, said: str) -> None:
    st.download_button(
        form.label,
        data=functools.partial(_content, form, result, said),
        file_name=f"fournisseurs-{_slug(result.perimeter)}.{form.extension}",
        mime=form.media_type,
        key=f"telecharger_{form.id}",
        icon=":material/download:",
        on_click="ignore",
        type="primary" if form.id == "xlsx" else "secondary",
    )


def _document_button(
    result: Result,
    shown: tuple[str, ...],
    indicator_id: str,
    cut: Cut,
) -> None:
    st.download_button(
        "Carte HTML",
        data=functools.partial(document, result, shown, indicator_id, cut),
        file_name=f"carte-{_slug(result.perimeter)}.html",
        mime="text/html",
        key="telecharger_carte",
        icon=":material/map:",
        on_click="ignore",
    )


def document(
    result: Result,
    shown: tuple[str, ...],
    indicator_id: str,
    cut: Cut = USUAL,
    most: int = MAX_POINTS,
) -> bytes:
    """Write the current map as one folium file that opens without network.

    It holds the nearest structures when there are more than ``most``, or than a file can, and says
    so.
    """
    sentence = result.sentence()
    most = min(most, MAX_POINTS - len(ptce.table()))
    found = result.nearest(most)
    cut_short = (
        f" La carte montre les {number(most)} structures les plus proches sur "
        f"{number(result.count)}." if result.count > most and "structures" in shown else ""
    )
    layers = document_layers(
        result.perimeter,
        found if "structures" in shown else found.iloc[:0],
        sentence=sentence,
        source_ids=result.source_ids,
        coloured=(lambda level, area: indicateurs.layer(indicator_id, level, area, cut))
        if "indicateur" in shown else None,
        with_ptce="ptce" in shown,
    )
    return standalone_html(
        layers,
        title="Structures de l’ESS d’un périmètre",
        sentence=f"{sentence}{cut_short} {result.note()}",
        perimeter=result.perimeter,
    )


def _content(form: Format, result: Result, said: str) -> bytes:
    context = ExportContext(
        title=result.sentence(),
        sources=tuple(catalog.SOURCES[s] for s in (*result.source_ids, "communes")),
        perimeter_sentence=result.perimeter.sentence(),
        criteria_sentence=result.criteria.sentence(),
        notes=tuple(note for note in (result.note(), said) if note),
    )
    return ecriture.write(form.id, result.found, context)


def place_slug(perimeter: Perimeter) -> str:
    """Name of the centre of a perimeter, for a file."""
    label = perimeter.centers[0].center_label
    return fold(label.removeprefix("mairie de ")).replace(" ", "-")[:40]


def _slug(perimeter: Perimeter) -> str:
    disc = perimeter.disc
    how = "perimetre-compose" if disc is None else f"{disc.radius_km:g}km"
    return f"{place_slug(perimeter)}-{how}"


def _link(request: Request) -> str:
    """Address that reopens a request: Streamlit's own leaves the parameters out."""
    return f"{st.context.url or ''}/?{urlencode(write_url(request, default=indicateurs.default()))}"
