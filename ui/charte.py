"""The charter of the circuit court: marks by axis, weights in sight, and why a rank, in words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, charter
from territory.charter import Assessment, Charter, Declaration
from territory.charter.assessment import READING, REMINDER
from territory.directory import Result
from territory.errors import InvalidInputError
from territory.text import number, plural
from ui import downloads, ecriture, tableau
from ui.markdown import literal

_OWN = "charte_propre"
_WEIGHTS = "charte_poids"
_SORT = "charte_tri"
_DECLARED = "charte_declarations"
_WHO = "charte_fournisseur"
_REMOVED = "charte_retiree"
_PANEL = "volet_charte"
FIELDS = (_SORT,)
_MOST = 500
#: Columns of a supplier beside its marks.
_SHOWN = ["nom", "commune", "distance_km"]


def declared() -> tuple[Declaration, ...]:
    """Evidence entered by hand in this session."""
    kept: tuple[Declaration, ...] = st.session_state.get(_DECLARED, ())
    return kept


def in_force() -> Charter:
    """Return the charter of this session, the person's own or the project's, with its weights."""
    chosen: Charter = st.session_state.get(_OWN) or charter.default()
    weights: dict[str, float] = st.session_state.get(_WEIGHTS, {})
    return chosen.reweighted({**chosen.weights, **{
        name: weight for name, weight in weights.items() if name in chosen.weights}})


def put(chosen: Charter, evidence: tuple[Declaration, ...]) -> None:
    """Put in force the charter and the evidence of a file."""
    state = st.session_state
    state[_OWN] = None if chosen.to_json() == charter.default().to_json() else chosen
    state[_DECLARED] = evidence
    _forget_weights()


def draw(result: Result) -> None:
    """Draw the marks of the suppliers found, and what changes them."""
    if not result.count:
        st.info("Aucun fournisseur à examiner : élargissez le rayon ou les filtres.",
                icon=":material/search_off:")
        return
    _weights()
    chosen = in_force()
    axes = {axis.id: axis.label for axis in chosen.axes}
    orders = ["", *axes, "total"]
    if st.session_state.setdefault(_SORT, "") not in orders:
        # The charter that had this axis is no longer in force.
        st.session_state[_SORT] = ""
    sort = st.selectbox(
        "Classer d’après", orders, orders.index(st.session_state[_SORT]), key=_SORT,
        format_func=lambda by: {"": "La distance (aucun classement)",
                                "total": "La note totale, sur demande"}.get(by, axes.get(by, by)),
    )
    # A rank, or a namesake of who is declared, may be anywhere; else the nearest are enough.
    whole = bool(sort or declared())
    suppliers = result.found if whole else result.nearest(_MOST)
    assessed = charter.assess(suppliers, chosen, declared())
    order = suppliers.index if not sort else charter.ordered(assessed.scores(sort))
    _table(assessed, suppliers.loc[order[:_MOST]], axes, sort)
    if result.count > _MOST:
        st.caption(f"Les {number(_MOST)} premiers sont affichés ; le fichier les contient tous.")
    st.caption(f"{READING} {REMINDER}")
    _why(assessed, suppliers, order, sort)
    _declare(suppliers, chosen)
    _files(chosen, result, total=sort == "total")


def _weights() -> None:
    """Draw the criteria with their questions and weights; a weight moves its axis only.

    A hundred elements that few open: they are drawn when they are.
    """
    chosen: Charter = st.session_state.get(_OWN) or charter.default()
    # Under another name it is another panel to Streamlit: it stays as it was.
    panel = st.expander(f"Charte : {chosen.name} ({len(chosen.criteria)} critères)",
                        bool(st.session_state.get(_PANEL)), icon=":material/checklist:",
                        key=_PANEL, on_change="rerun")
    if not panel.open:
        return
    with panel:
        st.caption(literal(chosen.note or chosen.sentence()))
        weights: dict[str, float] = st.session_state.setdefault(_WEIGHTS, {})
        for axis in chosen.axes:
            own = [one for one in chosen.criteria if one.axis == axis.id]
            if not own:
                continue
            st.markdown(f"**{literal(axis.label)}**")
            for criterion in own:
                key = f"poids_critere_{criterion.id}"
                weight = float(weights.get(criterion.id, criterion.weight))
                st.session_state.setdefault(key, weight)
                text, field = st.columns([4, 1], vertical_alignment="center")
                trades = f" ({', '.join(criterion.filieres)})" if criterion.filieres else ""
                text.markdown(f"{literal(criterion.question)}{literal(trades)}")
                text.caption(literal(f"Réponse : {criterion.origin()}."))
                field.number_input(
                    f"Poids de « {criterion.label} »", 0.0, 100.0, st.session_state[key],
                    step=1.0, key=key, format="%g", label_visibility="collapsed",
                    on_change=_weighed, args=(criterion.id, key),
                )
        cited = "\n".join(f"- {literal(one.sentence())}" for one in chosen.references)
        st.markdown(f"**Textes cités**\n\n{cited}")
        _own_file(chosen)


def _weighed(criterion_id: str, key: str) -> None:
    st.session_state[_WEIGHTS][criterion_id] = float(st.session_state[key])


def _forget_weights() -> None:
    state = st.session_state
    state[_WEIGHTS] = {}
    for key in [k for k in state if str(k).startswith("poids_critere_")]:
        del state[key]


def _own_file(chosen: Charter) -> None:
    """Draw the import of a collectivité's own charter, its removal, and the model."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Cette charte (JSON), à adapter",
            json.dumps(chosen.to_json(), ensure_ascii=False, indent=1).encode(),
            "charte.json", "application/json", icon=":material/download:", on_click="ignore",
        )
        if st.session_state.get(_WEIGHTS):
            st.button("Revenir aux poids d’origine", icon=":material/undo:",
                      on_click=_forget_weights)
        if st.session_state.get(_OWN) is not None:
            st.button("Revenir à la charte du site", icon=":material/close:", on_click=_remove)
        elif st.session_state.get(_REMOVED) is not None:
            st.button("Rétablir ma charte", icon=":material/undo:", on_click=_restore)
    uploaded = st.file_uploader("Ouvrir la charte de ma collectivité (JSON)", type=["json"],
                                key="fichier_charte", max_upload_size=1)
    if uploaded is None or st.session_state.get("charte_lue") == uploaded.file_id:
        return
    st.session_state["charte_lue"] = uploaded.file_id
    try:
        st.session_state[_OWN] = charter.read(uploaded.name, uploaded.getvalue())
    except InvalidInputError as error:
        st.error(literal(error.user_message), icon=":material/error:")
        return
    _forget_weights()
    st.rerun()


def _remove() -> None:
    st.session_state[_REMOVED] = st.session_state.pop(_OWN)
    _forget_weights()


def _restore() -> None:
    st.session_state[_OWN] = st.session_state.pop(_REMOVED)
    _forget_weights()


def _table(
    assessed: Assessment, suppliers: pd.DataFrame, axes: dict[str, str], sort: str
) -> None:
    shown = suppliers[_SHOWN].join(assessed.percents(suppliers.index))
    named = [axis for axis in axes if shown[f"note_{axis}"].notna().any()]
    silent = [label for axis, label in axes.items() if axis not in named]
    columns = {f"note_{axis}": st.column_config.ProgressColumn(
        axes[axis], min_value=0, max_value=100, format="%.0f %%",
        help="Part du poids atteint parmi ce qui est connu ; vide : rien n’est connu.")
        for axis in named}
    totals = assessed.totals.reindex(shown.index)
    shown = shown.assign(note_totale=(100 * totals["total"]).round(),
                         connu=(100 * totals["part_connue"]).round())
    name, *place = _SHOWN
    order = [name, *(["note_totale"] if sort == "total" else []), "connu", *place, *columns]
    st.dataframe(
        shown, hide_index=True, key="charte", height=tableau.height(len(shown), 12),
        column_order=order,
        column_config={
            "nom": st.column_config.TextColumn("Nom", width="medium", pinned=True),
            "commune": "Commune",
            "distance_km": st.column_config.NumberColumn("Distance (km)", format="localized",
                                                         step=0.1),
            "note_totale": st.column_config.NumberColumn("Total", format="%.0f %%"),
            "connu": st.column_config.NumberColumn(
                "Connu", format="%.0f %%",
                help="Part du poids de la charte dont la réponse est connue."),
            **columns,
        },
        alt=f"Notes par axe de {plural(len(shown), 'fournisseur')}.",
    )
    if silent:
        st.caption(literal(
            f"Rien n’est connu, pour aucun de ces fournisseurs, de : {', '.join(silent).lower()}. "
            "Une preuve peut être saisie plus bas."
        ))


def _why(
    assessed: Assessment, suppliers: pd.DataFrame, order: pd.Index, sort: str
) -> None:
    names = _names(suppliers.loc[order[:_MOST]])
    who = st.selectbox("Pourquoi ces notes ?", list(names), index=None, key=_WHO,
                       format_func=names.__getitem__, placeholder="Choisir un fournisseur…")
    if who is not None and who in names:
        st.markdown(literal(assessed.why(who, sort)))


def _names(suppliers: pd.DataFrame) -> dict[int, str]:
    """Say each supplier by its name and commune, by label of the index."""
    return {
        label: f"{name} ({commune})" for label, name, commune in zip(
            suppliers.index, suppliers["nom"], suppliers["commune"], strict=True
        )
    }


def _declare(suppliers: pd.DataFrame, chosen: Charter) -> None:
    """Draw the form of an evidence entered by hand, and those already entered."""
    kept = declared()
    label = "Saisir une preuve" + (f" ({len(kept)} saisies)" if len(kept) > 1 else
                                   " (1 saisie)" if kept else "")
    with st.expander(label, icon=":material/edit_note:", key="volet_preuves"):
        st.caption("Une preuve saisie à la main est datée et signée d’un rôle. Elle ne remplace "
                   "jamais une source ; elle reste dans cette session, et part dans le fichier.")
        criteria = {one.id: one.question for one in chosen.criteria if one.declarable}
        with st.form("preuve", clear_on_submit=True, border=False):
            names = _names(suppliers.head(_MOST))
            who = st.selectbox("Fournisseur", list(names), index=None, placeholder="Choisir…",
                               format_func=names.__getitem__)
            what = st.selectbox("Critère", list(criteria), index=None, placeholder="Choisir…",
                                format_func=criteria.__getitem__)
            answer = st.segmented_control("Réponse", ["oui", "non"], default="oui", required=True)
            evidence = st.text_input("Preuve : ce qui a été vu ou lu", max_chars=500)
            role = st.text_input("Signée par (un rôle, pas un nom)", max_chars=100,
                                 placeholder="acheteuse de la commune")
            if st.form_submit_button("Ajouter cette preuve", icon=":material/add:"):
                _add(suppliers, who, what, str(answer), evidence, role)
        if kept:
            st.dataframe(pd.DataFrame([one.to_json() for one in kept]), hide_index=True,
                         key="preuves", alt=f"{len(kept)} preuves saisies.")
            st.button("Retirer la dernière", icon=":material/undo:", on_click=_drop_last)


def _add(
    suppliers: pd.DataFrame, who: int | None, what: str | None, answer: str, evidence: str,
    role: str,
) -> None:
    if who is None or what is None:
        st.warning("Choisissez un fournisseur et un critère.", icon=":material/info:")
        return
    row = suppliers.loc[who]
    try:
        one = Declaration(
            criterion=what, state=answer, evidence=evidence.strip(), day=dt.date.today(),
            role=role.strip(), siret=str(row["siret"]), name=str(row["nom"])[:120],
            commune=str(row["code_insee"]),
        )
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    if one.siret:
        one = dataclasses.replace(one, name="", commune="")
    st.session_state[_DECLARED] = (*declared(), one)
    st.rerun()


def _drop_last() -> None:
    st.session_state[_DECLARED] = declared()[:-1]


def _files(chosen: Charter, result: Result, *, total: bool) -> None:
    with st.container(horizontal=True):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            st.download_button(
                f"{form.label}, avec les notes",
                functools.partial(_content, form.id, chosen, declared(), result, total),
                f"charte-{downloads.place_slug(result.perimeter)}.{form.extension}",
                form.media_type, key=f"charte_{form.id}", icon=":material/download:",
                on_click="ignore", type="primary" if form.id == "xlsx" else "secondary",
            )


def _content(
    form: str, chosen: Charter, evidence: tuple[Declaration, ...], result: Result, total: bool
) -> bytes:
    # Found again at the click: a session would otherwise keep the whole table for it.
    suppliers = result.found
    assessed = charter.assess(suppliers, chosen, evidence)
    context = ExportContext(
        title=result.sentence(),
        sources=tuple(catalog.SOURCES[s] for s in (*result.source_ids, "communes")),
        perimeter_sentence=result.perimeter.sentence(),
        criteria_sentence=result.criteria.sentence(),
        notes=(result.note(), chosen.sentence(), READING, REMINDER,
               *(f"Preuve saisie : {one.source()}, {one.evidence}" for one in evidence)),
        declared=assessed.columns(total=total),
    )
    return ecriture.write(
        form, assessed.table(suppliers, total=total).reset_index(drop=True), context
    )
