"""The person's own table of deposits and credits: dropped here, kept in this session only."""

from __future__ import annotations

from typing import cast

import streamlit as st

from territory.errors import InvalidInputError
from territory.sources import depots_credits
from territory.sources.depots_credits import UNITS, Balances, Unit
from territory.supplier_file import RawFile
from ui.markdown import literal

_KEPT = "encours"
_PREVIOUS = "encours_retires"
_UPLOAD = "fichier_encours"
_ROUND = "fichier_encours_rang"
_UNIT = "unite_encours"
_MAX_MB = 5


def held() -> Balances | None:
    """Table the person brought, None when there is none."""
    kept: Balances | None = st.session_state.get(_KEPT)
    return kept


def choose() -> None:
    """Draw the choice of a file, and read it once its unit is known."""
    state = st.session_state
    with st.container(horizontal=True):
        st.download_button(
            "Modèle à remplir (CSV)", depots_credits.model, "modele-depots-credits.csv",
            "text/csv", icon=":material/download:", on_click="ignore",
        )
        if state.get(_PREVIOUS) is not None:
            st.button("Rétablir la table retirée", icon=":material/undo:", on_click=_restore)
    rank = state.get(_ROUND, 0)
    uploaded = st.file_uploader(
        "Table des dépôts et des crédits", type=[form[1:] for form in depots_credits.FORMS],
        key=f"{_UPLOAD}_{rank}", max_upload_size=_MAX_MB,
        help="CSV ou XLSX. Elle reste dans cette session : elle n’est ni enregistrée sur le "
        "serveur, ni montrée à d’autres.",
    )
    if uploaded is None:
        return
    try:
        raw = _open(uploaded.name, uploaded.getvalue())
        unit = _unit(raw, rank)
        if unit == "":
            return
        state[_KEPT] = depots_credits.read(raw, cast("Unit | None", unit))
    except InvalidInputError as error:
        st.error(literal(error.user_message), icon=":material/error:")
        return
    st.rerun()


@st.cache_data(show_spinner="Lecture du fichier…", max_entries=4, ttl=600)
def _open(name: str, content: bytes) -> RawFile:
    return depots_credits.open_file(name, content)


def _unit(raw: RawFile, rank: int) -> str | None:
    """Ask the unit to read the file in: None when it says it, empty while nobody has."""
    if depots_credits.recognise(raw).says_unit:
        return None
    chosen = st.radio(
        "Le fichier ne dit pas l’unité de ses montants. Quelle est-elle ?", list(UNITS),
        format_func=lambda unit: f"{unit} d’euros", index=None, horizontal=True,
        key=f"{_UNIT}_{rank}",
    )
    return chosen or ""


def remove_button() -> None:
    """Draw the button that takes the table out of the session."""
    st.button("Retirer cette table", icon=":material/close:", on_click=_remove)


def _remove() -> None:
    state = st.session_state
    state[_PREVIOUS] = state.pop(_KEPT, None)
    # A new key empties the uploader.
    state[_ROUND] = state.get(_ROUND, 0) + 1


def _restore() -> None:
    st.session_state[_KEPT] = st.session_state.pop(_PREVIOUS)
