"""Downloads, built when the button is clicked."""

from __future__ import annotations

import functools
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from layers.export import FORMATS, Format
from layers.export.metadata import ExportContext
from layers.folium_map import standalone_html
from layers.registry import document_layers
from territory import catalog, suppliers
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from territory.text import fold
from ui.state import Request, write_url

_SOURCES = (*suppliers.EXTRACT_SOURCES, "communes")

EXTRACT_NOTE = (
    "Extrait embarqué de quelques centaines de structures : une absence ne veut rien dire, et "
    "l’existence actuelle des structures n’est pas vérifiée. « inconnu » ne veut pas dire « non »."
)


def buttons(
    found: pd.DataFrame,
    perimeter: Perimeter,
    criteria: Criteria,
    *,
    view_layers: tuple[str, ...],
    indicator_id: str,
) -> None:
    """Draw the download buttons of a search."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            _button(form, found, perimeter, criteria)
        with st.popover("Autres formats", icon=":material/more_horiz:"):
            for form in FORMATS.values():
                if form.id not in {"xlsx", "csv_excel"}:
                    _button(form, found, perimeter, criteria)
        _document_button(found, perimeter, criteria, view_layers, indicator_id)
        with st.popover("Partager", icon=":material/link:"):
            st.caption("Ce lien rouvre le même périmètre et les mêmes filtres.")
            shown = Request(perimeter, criteria, view_layers, indicator_id)
            st.code(_link(shown), language=None, wrap_lines=True)


def _button(
    form: Format, found: pd.DataFrame, perimeter: Perimeter, criteria: Criteria
) -> None:
    st.download_button(
        form.label,
        data=functools.partial(_content, form, found, perimeter, criteria),
        file_name=f"fournisseurs-{_slug(perimeter)}.{form.extension}",
        mime=form.media_type,
        key=f"telecharger_{form.id}",
        icon=":material/download:",
        on_click="ignore",
        type="primary" if form.id == "xlsx" else "secondary",
    )


def _document_button(
    found: pd.DataFrame,
    perimeter: Perimeter,
    criteria: Criteria,
    shown: tuple[str, ...],
    indicator_id: str,
) -> None:
    st.download_button(
        "Carte HTML",
        data=functools.partial(document, found, perimeter, criteria, shown, indicator_id),
        file_name=f"carte-{_slug(perimeter)}.html",
        mime="text/html",
        key="telecharger_carte",
        icon=":material/map:",
        on_click="ignore",
    )


def document(
    found: pd.DataFrame,
    perimeter: Perimeter,
    criteria: Criteria,
    shown: tuple[str, ...],
    indicator_id: str,
) -> bytes:
    """Write the current map as one folium file that opens without network."""
    sentence = suppliers.sentence(len(found), perimeter, criteria)
    layers = document_layers(
        perimeter,
        found if "structures" in shown else found.iloc[:0],
        sentence=sentence,
        indicator_id=indicator_id if "indicateur" in shown else None,
        with_ptce="ptce" in shown,
    )
    return standalone_html(
        layers,
        title="Structures de l’ESS d’un périmètre",
        sentence=f"{sentence} {EXTRACT_NOTE}",
        perimeter=perimeter,
    )


def _content(
    form: Format, found: pd.DataFrame, perimeter: Perimeter, criteria: Criteria
) -> bytes:
    context = ExportContext(
        title=suppliers.sentence(len(found), perimeter, criteria),
        sources=tuple(catalog.SOURCES[s] for s in _SOURCES),
        perimeter_sentence=perimeter.sentence(),
        criteria_sentence=criteria.sentence(),
        notes=(EXTRACT_NOTE,),
    )
    return form.write(found, context)


def _slug(perimeter: Perimeter) -> str:
    disc = perimeter.discs[0]
    place = fold(disc.center_label.removeprefix("mairie de ")).replace(" ", "-")[:40]
    return f"{place}-{disc.radius_km:g}km"


def _link(request: Request) -> str:
    """Address that reopens a request: Streamlit's own leaves the parameters out."""
    return f"{st.context.url or ''}/?{urlencode(write_url(request))}"
