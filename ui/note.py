"""The sourcing note of a search, as a PDF and as Markdown."""

from __future__ import annotations

import datetime as dt
import functools

import streamlit as st

from layers.export.note_pdf import note_pdf
from territory import charter, communes, directory, echelle, sensibilite, settings, sourcing
from territory.charter import Charter, Declaration
from territory.directory import Result
from territory.echelle import Ladder, Need
from territory.errors import InvalidInputError
from territory.sensibilite import Sensitivity
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
    return sourcing.write(
        result, charter.assess(result.found, chosen, evidence), _ladder(result, wanted),
        _edge(result), dt.date.today(),
    )


def _ladder(result: Result, wanted: int) -> Ladder | None:
    home = result.perimeter.centers[0].home_code
    if home is None:
        return None
    return echelle.climb(
        communes.get(home), Need(result.criteria, wanted), result.directory.index
    )


def _edge(result: Result) -> Sensitivity | None:
    try:
        _, outer_km = sensibilite.radii(result.perimeter, sensibilite.MARGIN_PERCENT)
        wide = directory.of(result.perimeter.with_radius(outer_km), settings.load())
        return sensibilite.measure(result.perimeter, result.criteria, wide.index)
    except InvalidInputError:
        return None  # The margin leads out of the radii that exist.


def _pdf(
    result: Result, chosen: Charter, evidence: tuple[Declaration, ...], wanted: int
) -> bytes:
    return note_pdf(_note(result, chosen, evidence, wanted), result.perimeter, result.found)


def _markdown(
    result: Result, chosen: Charter, evidence: tuple[Declaration, ...], wanted: int
) -> bytes:
    return _note(result, chosen, evidence, wanted).markdown().encode()
