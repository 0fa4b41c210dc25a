"""Lots: a need typed or dropped here, cut so that each lot keeps enough able suppliers."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import (
    besoin,
    catalog,
    communes,
    directory,
    echelle,
    effectifs,
    ess,
    filieres,
    lots,
    settings,
)
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.lots import By, Objective, Split
from territory.perimeter import RADIUS_MAX_KM, RADIUS_MIN_KM, Perimeter
from territory.supplier_file import read_file
from territory.suppliers import Criteria
from territory.text import NBSP, first_of, join, plural
from ui import tableau
from ui.markdown import literal

#: Lines as the person left them, None while untouched.
_KEPT = "lots_besoin"
_PREVIOUS = "lots_besoin_remplace"
#: What the editor starts from: it must not change under the edits it keeps apart.
_BASE = "lots_depart"
_EDITOR = "lots_tableau"
_ROUND = "lots_rang"
_HOME = "lots_commune"
_UPLOAD = "lots_fichier"
_UPLOADS = "lots_fichier_rang"
_REFUSED = "lots_fichier_refuse"
_READ = "lots_fichier_lu"
_CHOICE = "lots_reglages"
_WANTED = "lots_par_lot"
_REACH = "lots_rayon"
_BY = "lots_ne_pas_couper"
_OBJECTIVE = "lots_objectif"
_FOUND = "lots_proposition"
_SEEN = "lots_vu"

_COLUMNS: Final = ("commune", "filiere", "quantite")
_MAX_MB: Final = 1
_NAMED: Final = 6
#: Seconds for a need too large to be solved exactly: the page waits for it.
_TIME_LIMIT_S: Final = 1.0

_WHOLE: Final[dict[By, str]] = {"lieu": "Un lieu", "filiere": "Une filière", "ligne": "Une ligne"}
_AIMS: Final[dict[Objective, str]] = {"concurrence": "Concurrence", "equilibre": "Équilibre"}


@dataclass(frozen=True)
class Choice:
    """Settings of the cut, see :func:`territory.lots.split`."""

    wanted: int = 3
    reach_km: float = lots.REACH_KM
    by: By = "lieu"
    objective: Objective = "concurrence"


def draw(perimeter: Perimeter, criteria: Criteria) -> None:
    """Draw the need, the settings of the cut, and the lots proposed."""
    st.caption(
        "Une ligne est un lieu et une filière à servir. Les lots proposés sont les moins nombreux "
        "qui aient chacun assez de fournisseurs capables : de toutes ses filières, à portée de "
        "tous ses lieux."
    )
    table = _editor(perimeter)
    _actions()
    choice = _settings()
    need = _need(table)
    if need is None:
        return
    try:
        listed = directory.of(lots.perimeter(need, choice.reach_km), settings.load())
        found = _split(need, choice, criteria, listed)
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    st.markdown(f"**{literal(found.sentence())}**")
    _proposal(found)
    for note in [*_filters(criteria), *found.notes(), listed.note()]:
        st.caption(literal(note))
    _files(found, criteria, listed)


# --- The need --------------------------------------------------------------------------------


def _editor(perimeter: Perimeter) -> pd.DataFrame:
    """Draw the lines of the need and return them."""
    state = st.session_state
    home = echelle.origin(perimeter)
    key = f"{_EDITOR}_{state.get(_ROUND, 0)}"
    untouched = state.get(_KEPT) is None
    # Streamlit forgets the edits of a page that is left: the editor starts again from what they
    # made. Untouched, it follows the perimeter.
    if key not in state or (untouched and state.get(_HOME) != home):
        state[_ROUND] = state.get(_ROUND, 0) + 1
        key = f"{_EDITOR}_{state[_ROUND]}"
        state[_HOME] = home
        state[_BASE] = _first_line(home) if untouched else state[_KEPT]
    edited = st.data_editor(
        state[_BASE], key=key, num_rows="dynamic", hide_index=True, placeholder="–",
        alt="Le besoin : une ligne par lieu et filière.",
        column_config={
            "commune": st.column_config.TextColumn(
                "Commune", width="medium", max_chars=100,
                help="Nom, suivi du département s’il le faut, code postal ou code Insee."),
            "filiere": st.column_config.SelectboxColumn(
                "Filière", width="medium",
                options=[name for name in filieres.names() if name != filieres.UNKNOWN]),
            "quantite": st.column_config.NumberColumn(
                "Quantité (facultative)", format="localized",
                help="Dans l’unité de votre choix, la même pour toutes les lignes."),
        },
    )
    if not edited.equals(state[_BASE]) or not untouched:
        state[_KEPT] = edited.reset_index(drop=True)
    return edited


def _first_line(home: str | None) -> pd.DataFrame:
    name = "" if home is None else communes.get(home).label
    return _lines([(name, None, np.nan)])


def _lines(rows: list[tuple[str, str | None, float]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(_COLUMNS))
    return table.astype({"commune": object, "filiere": object, "quantite": float})


def _need(table: pd.DataFrame) -> pd.DataFrame | None:
    """Read the lines; say what they lack, None while none can be read."""
    rows = table.set_axis(range(1, len(table) + 1))
    blank = rows.isna() | (rows.map(lambda cell: str(cell).strip()) == "")
    lacking = blank["commune"] | blank["filiere"]
    begun = list(rows.index[lacking & ~blank.all(axis=1)])
    if lacking.all():
        st.info(
            "Donnez au moins une ligne, une commune et une filière, ou ouvrez un fichier : les "
            "lots seront proposés ici.", icon=":material/edit_note:",
        )
        return None
    if begun:
        one = len(begun) == 1
        st.caption(
            f"Sans commune ou sans filière, {'la ligne' if one else 'les lignes'} "
            f"{join([str(line) for line in begun])} ne {'compte' if one else 'comptent'} pas "
            "encore."
        )
    try:
        return besoin.typed(rows[~lacking])
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return None


def _actions() -> None:
    """Draw the file, its model, and what empties and restores the lines."""
    state = st.session_state
    with st.expander("Ouvrir ou vider le besoin", icon=":material/upload_file:",
                     key="volet_lots_fichier"):
        st.caption(
            f"CSV ou XLSX, {plural(besoin.MAX_LINES, 'ligne')} au plus : lieu (code Insee), "
            "filière, quantité facultative. Ses lignes remplacent celles du tableau et restent "
            "dans cette session."
        )
        with st.container(horizontal=True):
            st.download_button("Modèle de besoin (CSV)", besoin.model, "modele-besoin.csv",
                               "text/csv", icon=":material/download:", on_click="ignore")
            if state.get(_KEPT) is not None:
                st.button("Vider le tableau", icon=":material/close:", on_click=_empty)
            if state.get(_PREVIOUS) is not None:
                st.button("Rétablir le besoin remplacé", icon=":material/undo:",
                          on_click=_restore)
        uploaded = st.file_uploader(
            "Fichier du besoin", type=["csv", "tsv", "txt", "xlsx"],
            key=f"{_UPLOAD}_{state.get(_UPLOADS, 0)}", max_upload_size=_MAX_MB,
        )
        if state.get(_READ):
            st.caption(literal(state[_READ]))
        if uploaded is None:
            return
        # Read once: a file takes longer to be refused than the page to be drawn.
        if state.get(_REFUSED, ("", ""))[0] != uploaded.file_id:
            state[_REFUSED] = (uploaded.file_id, _refusal(uploaded.name, uploaded.getvalue()))
            if not state[_REFUSED][1]:
                st.rerun()
        st.error(literal(state[_REFUSED][1]), icon=":material/error:")


def _refusal(name: str, content: bytes) -> str:
    """Put the lines of a file in the table; the sentence of its refusal, empty when it is read."""
    state = st.session_state
    try:
        need = besoin.read(read_file(name, content))
    except InvalidInputError as error:
        return error.user_message
    _replace(_lines([
        (communes.get(line.lieu).label, line.filiere, line.quantite) for line in need.itertuples()
    ]))
    # A new key empties the uploader.
    state[_UPLOADS] = state.get(_UPLOADS, 0) + 1
    lines = plural(len(need), "ligne lue", "lignes lues")
    state[_READ] = f"Le fichier {name} est dans le tableau{NBSP}: {lines}."
    return ""


def _replace(table: pd.DataFrame | None) -> None:
    """Put other lines in the editor, and keep those there were."""
    state = st.session_state
    if state.get(_KEPT) is not None:
        state[_PREVIOUS] = state[_KEPT]
    state[_KEPT] = table
    state[_READ] = ""
    # A new key: the edits of the former lines are not those of these.
    state[_ROUND] = state.get(_ROUND, 0) + 1


def _empty() -> None:
    _replace(None)


def _restore() -> None:
    _replace(st.session_state.pop(_PREVIOUS))


# --- The settings ----------------------------------------------------------------------------


def _settings() -> Choice:
    """Draw the settings of the cut and return them."""
    state = st.session_state
    now: Choice = state.get(_CHOICE, Choice())
    # Streamlit forgets the fields of a page that is left.
    for key, value in ((_WANTED, now.wanted), (_REACH, now.reach_km), (_BY, now.by),
                       (_OBJECTIVE, now.objective)):
        state.setdefault(key, value)
    first, second, third, fourth = st.columns([1, 1, 1.6, 1.4])
    first.number_input(
        "Fournisseurs par lot", 1, lots.MAX_PER_LOT, key=_WANTED, on_change=_change,
        help="Fournisseurs capables que chaque lot doit avoir, au moins.",
    )
    second.number_input(
        "Portée (km)", RADIUS_MIN_KM, RADIUS_MAX_KM, step=5.0, format="%g", key=_REACH,
        on_change=_change, help="Du fournisseur à chaque lieu du lot, à vol d’oiseau, au plus.",
    )
    third.segmented_control(
        "Ne pas couper", list(_WHOLE), key=_BY, required=True, format_func=_WHOLE.__getitem__,
        on_change=_change, help="Ce qui reste toujours dans un seul lot.",
    )
    fourth.segmented_control(
        "Objectif", list(_AIMS), key=_OBJECTIVE, required=True, format_func=_AIMS.__getitem__,
        on_change=_change, help="À nombre de lots égal : le plus de fournisseurs pour le lot le "
        "moins pourvu, ou le lot le plus lourd le plus léger possible.",
    )
    return now


def _change() -> None:
    state = st.session_state
    state[_CHOICE] = Choice(int(state[_WANTED]), float(state[_REACH]), state[_BY],
                            state[_OBJECTIVE])


# --- The proposal ----------------------------------------------------------------------------


def _split(need: pd.DataFrame, choice: Choice, criteria: Criteria, listed: Directory) -> Split:
    """Cut the need; once, as every gesture of the page draws this tab again."""
    state = st.session_state
    asked = (need.to_csv(index=False), choice, replace(criteria, filieres=()), listed.key)
    kept: tuple[object, Split] | None = state.get(_FOUND)
    if kept is None or kept[0] != asked:
        with st.spinner("Recherche des lots…", show_time=False):
            found = lots.split(
                need, listed.index, choice.wanted, reach_km=choice.reach_km, by=choice.by,
                objective=choice.objective, criteria=criteria, time_limit=_TIME_LIMIT_S,
            )
        kept = state[_FOUND] = (asked, found)
    return kept[1]


def _filters(criteria: Criteria) -> list[str]:
    """Say which filters of the page count here."""
    said = []
    others = replace(criteria, filieres=()).sentence()
    if others:
        said.append(f"Filtres de la page appliqués{NBSP}: {others}.")
    if criteria.filieres:
        said.append("Le filtre de filière de la page ne compte pas ici : chaque ligne a la sienne.")
    return said


def _proposal(found: Split) -> None:
    """Draw a row a lot, then the able suppliers of the one chosen."""
    parts = (*found.lots, *found.short)
    names = [f"Lot {rank}" if rank <= len(found.lots) else "Aucun lot"
             for rank in range(1, len(parts) + 1)]
    table = pd.DataFrame({
        "lot": names,
        "filieres": [join(list(part.trades)) for part in parts],
        "lieux": [join(list(part.places)) for part in parts],
        "quantite": [part.quantity for part in parts],
        "capables": [len(part.able) for part in parts],
        "inconnus": [part.unsized for part in parts],
        "noms": [first_of(list(part.able["nom"]), _NAMED) for part in parts],
    })
    st.dataframe(
        table, hide_index=True, key="lots", height=tableau.height(len(table)), placeholder="–",
        column_config={
            "lot": st.column_config.TextColumn("Lot", pinned=True, width="small"),
            "filieres": st.column_config.TextColumn("Filières", width="medium"),
            "lieux": st.column_config.TextColumn("Lieux", width="medium"),
            "quantite": st.column_config.NumberColumn(
                "Quantité", format="localized", help="Vide quand celle d’une ligne est inconnue."),
            "capables": st.column_config.NumberColumn("Capables", format="%d"),
            "inconnus": st.column_config.NumberColumn(
                "Dont d’effectif inconnu", format="%d",
                help="Capables par leur filière et leur lieu ; leur taille n’est pas connue."),
            "noms": st.column_config.TextColumn("Fournisseurs capables", width="large"),
        },
        alt=f"Proposition, {plural(len(parts), 'ligne')}.",
    )
    labels = [f"{name} : {part.label()}" for name, part in zip(names, parts, strict=True)]
    # The lot seen may be of another cut.
    if st.session_state.get(_SEEN) not in labels:
        st.session_state[_SEEN] = labels[0]
    chosen = st.selectbox("Fournisseurs capables de", labels, key=_SEEN)
    able = parts[labels.index(chosen)].able
    if able.empty:
        st.caption("Personne de connu.")
        return
    # As they are counted: « NN » may hold an unknown size.
    sizes = able["tranche_effectif"].where(able["tranche_effectif"].isin(list(effectifs.BANDS)))
    st.dataframe(
        able.assign(effectif=sizes.map(ess.SIZE_LABELS).fillna("inconnu")),
        hide_index=True, key="lots_capables", height=tableau.height(len(able)),
        column_order=["nom", "commune", "filiere", "effectif", "est_siae", "source"],
        column_config={
            "nom": st.column_config.TextColumn("Nom", width="medium"), "commune": "Commune",
            "filiere": st.column_config.TextColumn("Filière", width="medium"),
            "effectif": "Effectif", "est_siae": "SIAE", "source": "Source",
        },
        alt=f"Fournisseurs capables d’un lot, {plural(len(able), 'ligne')}.",
    )


def _files(found: Split, criteria: Criteria, listed: Directory) -> None:
    with st.container(horizontal=True):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            st.download_button(
                f"{form.label}, ligne à ligne avec les lots",
                functools.partial(_content, form.id, found, criteria, listed),
                f"lots.{form.extension}", form.media_type, key=f"lots_{form.id}",
                icon=":material/download:", on_click="ignore",
                type="primary" if form.id == "xlsx" else "secondary",
            )


def _content(form: str, found: Split, criteria: Criteria, listed: Directory) -> bytes:
    context = ExportContext(
        title=found.sentence(),
        sources=tuple(catalog.SOURCES[s] for s in (*listed.source_ids, "communes")),
        criteria_sentence=replace(criteria, filieres=()).sentence(),
        notes=(*found.notes(), listed.note()), declared=lots.columns(),
    )
    return FORMATS[form].write(found.table(), context)
