"""The person's own suppliers: a file dropped here joins the search, in this session only."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from layers.export.csv import excel_bytes
from territory import settings, supplier_import
from territory.errors import InvalidInputError, TerritoryError
from territory.supplier_file import ROLES, RawFile, guess_columns, model, read_file
from territory.supplier_rows import Imported, cleaned
from territory.text import plural
from ui import onglets
from ui.markdown import literal
from ui.travail import Job, progress

_KEPT = "fournisseurs_importes"
_PREVIOUS = "fournisseurs_retires"
_JOB = "import_en_cours"
_FAILURE = "import_echoue"
_UPLOAD = "fichier_fournisseurs"
_ROUND = "fichier_rang"
_ASK = "completer_fichier"
_NONE = "– aucune –"
#: Roles always offered.
_USUAL = ("nom", "siret", "adresse", "code_postal", "commune", "filiere")
_SEEN_ROWS = 8
_ROW_HEIGHT = 35


def own() -> pd.DataFrame | None:
    """Suppliers the person brought, None when there are none."""
    kept: Imported | None = st.session_state.get(_KEPT)
    return kept.table if kept is not None and len(kept.table) else None


def receive() -> None:
    """Take in an import that has just ended, before the page is drawn."""
    state = st.session_state
    job: Job[Imported] | None = state.get(_JOB)
    if job is None or not job.over:
        return
    state[_JOB] = None
    state[_FAILURE] = job.failure
    if job.result is not None:
        state[_KEPT] = job.result


def panel() -> None:
    """Draw the import: the file, its columns, its report."""
    state = st.session_state
    # A file being chosen or read goes on in a closed fold.
    onglets.fold(
        onglets.Panel("Mes fournisseurs (fichier)", _draw), key="volet_fichier",
        icon=":material/upload_file:",
        always=state.get(_JOB) is not None or state.get(_uploader()) is not None,
    )


def _draw() -> None:
    kept: Imported | None = st.session_state.get(_KEPT)
    job: Job[Imported] | None = st.session_state.get(_JOB)
    if job is not None:
        progress(job, "Import du fichier", key="arreter_import")
    elif kept is not None:
        _report(kept)
    else:
        _choose()


def _uploader() -> str:
    """Key of the uploader; another one empties it."""
    return f"{_UPLOAD}_{st.session_state.get(_ROUND, 0)}"


def _choose() -> None:
    st.caption(
        "CSV, XLSX, GeoJSON ou GeoPackage, 20 Mo au plus. Le fichier reste dans cette session : il "
        "n’est ni enregistré sur le serveur, ni montré à d’autres."
    )
    with st.container(horizontal=True):
        st.download_button("Modèle à remplir (CSV)", model(), "modele-fournisseurs.csv",
                           "text/csv", icon=":material/download:", on_click="ignore")
        if st.session_state.get(_PREVIOUS) is not None:
            st.button("Rétablir le fichier retiré", icon=":material/undo:", on_click=_restore)
    uploaded = st.file_uploader(
        "Fichier de fournisseurs", type=["csv", "tsv", "txt", "xlsx", "geojson", "json", "gpkg"],
        key=_uploader(), max_upload_size=20,
    )
    if st.session_state.get(_FAILURE):
        st.error(literal(st.session_state[_FAILURE]), icon=":material/error:")
    if uploaded is None:
        return
    try:
        raw = _read(uploaded.name, uploaded.getvalue())
    except InvalidInputError as error:
        st.error(literal(error.user_message), icon=":material/error:")
        return
    _actions(raw, _columns(raw))


@st.cache_data(show_spinner="Lecture du fichier…", max_entries=4, ttl=600)
def _read(name: str, content: bytes) -> RawFile:
    return read_file(name, content)


def _columns(raw: RawFile) -> list[str]:
    """Draw one choice a role, filled with what was recognised; return the roles drawn."""
    guessed = guess_columns(raw.table)
    names = [_NONE, *map(str, raw.table.columns)]
    st.markdown(
        f"**{literal(raw.name)}** : {plural(len(raw.table), 'ligne')}, "
        f"{plural(len(guessed), 'colonne reconnue', 'colonnes reconnues')}."
    )
    st.dataframe(raw.table.head(3), hide_index=True, key="apercu_fichier",
                 alt="Les premières lignes du fichier.")
    every = st.toggle("Voir toutes les colonnes possibles", key="toutes_colonnes")
    roles = [role for role in ROLES if every or role in guessed or role in _USUAL]
    for start in range(0, len(roles), 2):
        # Pairs, so that a narrow screen keeps the order.
        for role, column in zip(roles[start : start + 2], st.columns(2), strict=False):
            column.selectbox(
                ROLES[role][0], names, index=names.index(guessed.get(role, _NONE)),
                key=_key(raw, role),
            )
    return roles


def _key(raw: RawFile, role: str) -> str:
    return f"colonne_{role}_{raw.name}"


def _chosen(raw: RawFile, roles: Iterable[str]) -> dict[str, str]:
    """Role → column, as the fields say it now."""
    said = {role: str(st.session_state.get(_key(raw, role), _NONE)) for role in roles}
    return {role: column for role, column in said.items() if column != _NONE}


def _actions(raw: RawFile, roles: list[str]) -> None:
    current = settings.load()
    try:
        wanted = supplier_import.needs(raw, _chosen(raw, roles), current)
    except TerritoryError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    if wanted:
        st.checkbox(
            wanted.sentence(), key=_ASK, disabled=current.offline,
            help="Rien d’autre du fichier n’est envoyé. Sans cela, ces lignes sont placées au "
            "point de référence de leur commune, ou refusées quand elle n’est pas dite.",
        )
        if current.offline:
            st.caption("Le réglage TERRITORY_OFFLINE=1 interdit les appels extérieurs.")
    st.button("Placer sur la carte", type="primary", icon=":material/add_location_alt:",
              key="placer_fichier", on_click=_start, args=(raw, tuple(roles)))


def _start(raw: RawFile, roles: tuple[str, ...]) -> None:
    # Read now: what was chosen since the page was drawn counts too.
    ask = bool(st.session_state.get(_ASK))
    mapping = _chosen(raw, roles)
    job = Job(
        lambda watch: supplier_import.bring(raw, mapping, settings.load(), ask=ask, watch=watch)
    )
    st.session_state[_JOB] = job
    job.start()


def _report(kept: Imported) -> None:
    if kept.failure:
        st.warning(
            f"{literal(kept.failure)} Ce qui n’a pas été demandé est placé à sa commune, ou "
            "refusé.",
            icon=":material/cloud_off:",
        )
    said = ", ".join((
        plural(kept.count("gardée"), "ligne gardée", "lignes gardées"),
        plural(kept.count("corrigée"), "corrigée", "corrigées"),
        plural(kept.count("refusée"), "refusée", "refusées"),
    ))
    st.markdown(f"**{literal(kept.name)}** : {said}.")
    st.dataframe(
        kept.report, hide_index=True, key="rapport_fichier",
        height=(min(len(kept.report), _SEEN_ROWS) + 1) * _ROW_HEIGHT + 3,
        column_config={
            "ligne": st.column_config.NumberColumn("Ligne", format="%d", width="small"),
            "nom": st.column_config.TextColumn("Nom", width="medium"),
            "etat": "État",
            "detail": st.column_config.TextColumn("Pourquoi", width="large"),
        },
        alt=f"Rapport ligne à ligne : {said}.",
    )
    with st.container(horizontal=True):
        st.download_button(
            "Rapport (CSV)", excel_bytes(kept.report), "rapport-import.csv", "text/csv",
            icon=":material/rule:", on_click="ignore",
        )
        st.download_button(
            "Enregistrer chez moi (CSV)", excel_bytes(cleaned(kept)), "mes-fournisseurs.csv",
            "text/csv", icon=":material/save:", on_click="ignore",
            help="Les fournisseurs placés et corrigés, à rouvrir ici une autre fois sans rien "
            "demander à personne.",
        )
        st.button("Retirer ce fichier", icon=":material/close:", on_click=_remove)


def _remove() -> None:
    state = st.session_state
    state[_PREVIOUS] = state.pop(_KEPT, None)
    state[_ROUND] = state.get(_ROUND, 0) + 1


def _restore() -> None:
    st.session_state[_KEPT] = st.session_state.pop(_PREVIOUS)
