"""The file of a search: kept by the person, opened again here or on the command line."""

from __future__ import annotations

import functools

import streamlit as st

from territory import dossier
from territory.charter import Charter, Declaration
from territory.directory import Result
from territory.dossier import Comparison, Dossier
from territory.errors import InvalidInputError
from ui import charte, downloads, results, search, tableau
from ui.markdown import literal

_OPEN = "dossier_ouvert"
_READ = "dossier_lu"
_AUTHOR = "dossier_auteur"
_NOTE = "dossier_note"
_ERROR = "dossier_refuse"


def opener() -> None:
    """Draw the place where a file is dropped; what it asks for is put in force."""
    with st.expander("Ouvrir un dossier gardé", icon=":material/folder_open:",
                     key="volet_ouvrir"):
        uploaded = st.file_uploader("Dossier de recherche (JSON)", type=["json"],
                                    key="fichier_dossier", max_upload_size=20)
        if st.session_state.get(_ERROR):
            st.error(literal(st.session_state[_ERROR]), icon=":material/error:")
    if uploaded is None or st.session_state.get(_READ) == uploaded.file_id:
        return
    st.session_state[_READ] = uploaded.file_id
    st.session_state[_ERROR] = None
    try:
        _put_in_force(dossier.read(uploaded.getvalue()))
    except InvalidInputError as error:
        st.session_state[_ERROR] = error.user_message
    st.rerun()


def _put_in_force(kept: Dossier) -> None:
    state = st.session_state
    search.put(kept.perimeter)
    results.start(kept.criteria)
    charte.put(kept.charter, kept.declared)
    state[_AUTHOR], state[_NOTE] = kept.author, kept.note
    state[_OPEN] = kept


def changes(result: Result) -> None:
    """Say who entered and who left since the opened file, while its search is in force."""
    kept: Dossier | None = st.session_state.get(_OPEN)
    if kept is None or (kept.perimeter, kept.criteria) != (result.perimeter, result.criteria):
        return
    found: Comparison = dossier.compare(kept, result)
    st.info(literal(found.sentence()), icon=":material/difference:")
    for title, rows, key in (("Entrent", found.entered, "entrent"),
                             ("Sortent", found.left, "sortent")):
        if len(rows):
            st.markdown(f"**{title} ({len(rows)})**")
            st.dataframe(
                rows, hide_index=True, key=f"dossier_{key}", height=tableau.height(len(rows), 6),
                column_config={"nom": "Nom", "code_insee": "Commune", "pourquoi": "Pourquoi"},
                alt=f"{title} depuis le dossier : {len(rows)} fournisseurs.",
            )


def keeper(result: Result) -> None:
    """Draw the fields and the button that keep the search in a file."""
    with st.expander("Garder cette recherche dans un dossier", icon=":material/save:",
                     key="volet_garder"):
        st.caption(
            "Périmètre, filtres, charte, preuves saisies, liste interrogée et résultat, dans un "
            "fichier lisible. Rouvert plus tard, il dit qui est entré, qui est sorti et pourquoi."
        )
        author = st.text_input("Auteur (facultatif)", key=_AUTHOR, max_chars=200)
        note = st.text_area("Note (facultative)", key=_NOTE, max_chars=4000)
        st.download_button(
            "Dossier (JSON)",
            functools.partial(_content, result, charte.in_force(), charte.declared(), author,
                              note),
            f"dossier-{downloads.place_slug(result.perimeter)}.json", "application/json",
            icon=":material/download:", on_click="ignore",
        )


def _content(
    result: Result, chosen: Charter, declared: tuple[Declaration, ...], author: str, note: str
) -> bytes:
    return dossier.of(result, chosen, declared, author=author, note=note).to_bytes()
