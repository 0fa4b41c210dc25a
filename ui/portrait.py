"""The portrait of a territory on screen: its parts, its files and its link."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Hashable
from urllib.parse import urlencode

import streamlit as st

from layers.portrait import document, portrait_html, portrait_pdf
from layers.portrait.document import Document, definitions
from layers.portrait.html import STYLE, keys_html, section_html, table_html
from territory import portrait, settings
from territory.portrait import Portrait, structures
from territory.territoires import Territoire
from territory.text import fold, unbreakable
from ui import calcul
from ui.markdown import literal

#: Streamlit gives headings and paragraphs of raw HTML the air of a whole page.
_STYLE = f"""<style>{STYLE}
.portrait-ecran p {{ max-width: 60rem; margin: 0 0 .5rem; }}
.portrait-ecran h4 {{ font-size: 1rem; padding: .9rem 0 .35rem; margin: 0; }}
.portrait-ecran li {{ margin: .1rem 0; font-size: .95rem; }}
.portrait-ecran ul {{ margin: 0 0 .6rem; }}
</style>"""


def made(place: Territoire, known: Hashable = None) -> Portrait:
    """Make the portrait, with the settings of the computation in force in this session.

    Parameters
    ----------
    known
        Its :func:`key`, when the caller has it.
    """
    return _made(known or key(place), place)


def key(place: Territoire) -> Hashable:
    """Say all that the portrait of a territory depends on: it, the lists, the settings, the day."""
    current = settings.load()
    listed = structures.directory_of(place, current)
    wider = structures.wider_than(listed, place, current)
    own = place.codes if place.kind == "perimetre" else ()
    return (
        place.kind, place.code, place.name, own, listed.key, wider and wider.key, calcul.stamp(),
        dt.date.today(),
    )


@st.cache_resource(show_spinner=False, max_entries=16)
def _made(key: Hashable, _place: Territoire) -> Portrait:
    return portrait.make(_place, calcul.atlas(), settings.load(), calcul.machines())


def draw(found: Portrait) -> None:
    """Draw the portrait: the essential, four figures, files, then every part."""
    shown = document(found)
    st.html(_STYLE)
    st.header(literal(shown.name), anchor=False)
    for sentence in shown.sentences:
        st.markdown(f"**{literal(sentence)}**")
    st.html(keys_html(shown))
    _files(found, shown)
    for part in shown.sections:
        st.subheader(literal(part.title), anchor=False)
        st.html(f'<div class="portrait-ecran">{section_html(part, 4)}</div>')
    with st.expander("Tous les chiffres, leur définition et leur source",
                     icon=":material/menu_book:"):
        st.html(table_html(definitions(found), 4))


def _files(found: Portrait, shown: Document) -> None:
    """Draw the buttons; a file is written when one is pressed."""
    name = f"portrait-{fold(shown.name).replace(' ', '-')[:60]}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Portrait (PDF)", functools.partial(portrait_pdf, found), f"{name}.pdf",
            "application/pdf", key="portrait_pdf", icon=":material/picture_as_pdf:",
            on_click="ignore", type="primary",
        )
        st.download_button(
            "Page à imprimer (HTML)", functools.partial(_html, found), f"{name}.html", "text/html",
            key="portrait_html", icon=":material/print:", on_click="ignore",
        )
        st.download_button(
            "Données (JSON)", functools.partial(_json, found), f"{name}.json", "application/json",
            key="portrait_json", icon=":material/data_object:", on_click="ignore",
        )
        with st.popover("Partager", icon=":material/link:"):
            _link(found.territoire)


def _link(place: Territoire) -> None:
    code = st.query_params.get("territoire")
    if place.kind == "perimetre" or not code:
        st.caption(unbreakable(
            "Un périmètre se partage depuis la page « Explorer » : son lien y rouvre le même."))
        return
    st.caption("Ce lien rouvre le portrait de ce territoire.")
    address = (st.context.url or "").split("?")[0]
    st.code(f"{address}?{urlencode({'territoire': code})}", language=None, wrap_lines=True)


def _html(found: Portrait) -> bytes:
    return portrait_html(found).encode()


def _json(found: Portrait) -> bytes:
    return json.dumps(portrait.to_json(found), ensure_ascii=False, indent=1,
                      allow_nan=False).encode()
