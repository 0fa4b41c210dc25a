"""The sourcing note of a search, as a PDF and as Markdown."""

from __future__ import annotations

import datetime as dt
import functools

import streamlit as st

from layers.export.note_pdf import note_pdf
from territory import settings, sourcing
from territory.charter import Charter, Declaration
from territory.directory import Result
from territory.sourcing import Note
from ui import charte, downloads
from ui import echelle as counted


def buttons(result: Result) -> None:
    """Draw the buttons; the note is written when one is pressed."""
    with st.expander("Note de sourcing, pour le dossier d’achat", icon=":material/description:",
                     key="volet_note"):
        st.caption(sourcing.LEGAL)
        chosen, evidence = charte.in_force(), charte.declared()
        wanted = counted.wanted()
        name = f"note-de-sourcing-{downloads.place_slug(result.perimeter)}"
        with st.container(horizontal=True):
            st.download_button(
                "Note (PDF)", functools.partial(_pdf, result, chosen, evidence, wanted),
                f"{name}.pdf", "application/pdf", icon=":material/picture_as_pdf:",
                on_click="ignore", type="primary",
            )
            st.download_button(
                "Note (Markdown)", functools.partial(_markdown, result, chosen, evidence, wanted),
                f"{name}.md", "text/markdown", icon=":material/download:", on_click="ignore",
            )


def _note(
    result: Result, chosen: Charter, evidence: tuple[Declaration, ...], wanted: int
) -> Note:
    return sourcing.of(result, chosen, evidence, wanted, dt.date.today(), settings.load())


def _pdf(
    result: Result, chosen: Charter, evidence: tuple[Declaration, ...], wanted: int
) -> bytes:
    return note_pdf(_note(result, chosen, evidence, wanted), result.perimeter, result.found)


def _markdown(
    result: Result, chosen: Charter, evidence: tuple[Declaration, ...], wanted: int
) -> bytes:
    return _note(result, chosen, evidence, wanted).markdown().encode()
