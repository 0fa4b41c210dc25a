"""The subsidiarity ladder: how far one must look before a need is met."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, communes, echelle
from territory.directory import Directory
from territory.echelle import Ladder, Need
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from territory.text import first_of
from ui import ecriture, tableau
from ui.markdown import literal

_COUNT = "echelle_nombre"
_SIZE = "echelle_effectif"
_FROM = "echelle_depart"
FIELDS = (_COUNT, _SIZE, _FROM)
_NAMED = 6
_USUAL = 3


def wanted() -> int:
    """Suppliers looked for, as the field says it."""
    return int(st.session_state.get(_COUNT, _USUAL))


def draw(perimeter: Perimeter, criteria: Criteria, listed: Directory) -> None:
    """Draw the need, which rung suffices, and what each adds."""
    home = echelle.origin(perimeter) or _asked()
    if home is None:
        return
    left, right = st.columns(2)
    state = st.session_state
    left.number_input("Fournisseurs cherchés", 1, echelle.MAX_COUNT, wanted(), key=_COUNT)
    size = right.number_input(
        "Salariés au moins (0 : sans condition)", 0, 10_000, state.get(_SIZE, 0), key=_SIZE,
        help="Un effectif inconnu est compté à part : jamais comme trop petit.",
    )
    try:
        ladder = echelle.climb(
            communes.get(home), Need(criteria, wanted(), int(size) or None), listed.index
        )
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    st.markdown(f"**{literal(ladder.sentence())}**")
    table = _rungs(ladder)
    st.dataframe(
        table, hide_index=True, key="echelle", height=tableau.height(len(table), 12),
        column_config={
            "Échelon": st.column_config.TextColumn(pinned=True),
            "Trouvés": st.column_config.NumberColumn(format="%d"),
            "Ajoutés": st.column_config.NumberColumn(format="%d"),
            "Effectif inconnu": st.column_config.NumberColumn(format="%d"),
            "Qui s’ajoute": st.column_config.TextColumn(width="large"),
        },
        alt=f"Échelle de {len(table)} échelons.",
    )
    for note in [*ladder.notes(), *echelle.limits(listed), listed.note()]:
        st.caption(literal(note))
    form = FORMATS["xlsx"]
    st.download_button(
        "Fournisseurs par échelon (XLSX)", functools.partial(_content, ladder, listed),
        f"echelle-{home}.xlsx", form.media_type, icon=":material/download:", on_click="ignore",
    )


def _asked() -> str | None:
    """Ask the commune to start from; None while it is not said."""
    text = st.text_input(
        "Commune de départ", st.session_state.get(_FROM, ""), key=_FROM, autocomplete="off",
        placeholder="Nom, code postal ou code Insee", max_chars=100,
    ).strip()
    if not text:
        st.info("L’échelle part d’une commune, et le périmètre n’en dit pas une : donnez-la.",
                icon=":material/info:")
        return None
    try:
        return communes.resolve(text).code_insee
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return None


def _rungs(ladder: Ladder) -> pd.DataFrame:
    enough = ladder.sufficient
    rows = []
    for rung in ladder.rungs:
        rows.append({
            "Échelon": f"{rung.label[:1].upper()}{rung.label[1:]}"
            f"{f' ({rung.name})' if rung.name else ''}",
            "Suffit": "oui" if rung.count >= ladder.need.count else "non",
            "Trouvés": rung.count,
            "Ajoutés": rung.added,
            "Effectif inconnu": rung.unknown,
            "Qui s’ajoute": first_of(ladder.names(rung), _NAMED),
        })
        if rung == enough:
            rows[-1]["Suffit"] = "oui, le premier"
    return pd.DataFrame(rows)


def _content(ladder: Ladder, listed: Directory) -> bytes:
    context = ExportContext(
        title=ladder.sentence(), sources=tuple(catalog.SOURCES[s] for s in listed.source_ids),
        perimeter_sentence=ladder.need.sentence(),
        notes=(*ladder.notes(), *echelle.limits(listed), listed.note()),
    )
    return ecriture.write("xlsx", ladder.suppliers, context)
