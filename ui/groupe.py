"""The smallest close group of suppliers that covers several trades, for a joint answer."""

from __future__ import annotations

import streamlit as st

from territory import filieres, groupement
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from ui import tableau
from ui.markdown import literal

_TRADES = "groupe_filieres"
FIELDS = (_TRADES,)


def draw(perimeter: Perimeter, criteria: Criteria, listed: Directory) -> None:
    """Draw the choice of trades and the group found."""
    known = [name for name in filieres.names() if name != filieres.UNKNOWN]
    trades = st.multiselect(
        "Filières à couvrir ensemble", known, st.session_state.get(_TRADES, []),
        key=_TRADES, placeholder="Deux filières ou plus…",
        max_selections=12,
    )
    if len(trades) < 2:
        st.caption("Choisissez au moins deux filières : le plus petit groupe qui les couvre "
                   "toutes sera cherché, puis le plus proche.")
        return
    try:
        with st.spinner("Recherche du groupe…", show_time=False):
            found = groupement.find(perimeter, trades, listed.index, criteria)
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    st.markdown(f"**{literal(found.sentence())}**")
    if not found.members.empty:
        st.dataframe(
            found.members, hide_index=True, key="groupe",
            height=tableau.height(len(found.members)),
            column_order=["nom", "filieres_couvertes", "commune", "distance_km", "est_siae",
                          "source"],
            column_config={
                "nom": st.column_config.TextColumn("Nom", width="medium"),
                "filieres_couvertes": st.column_config.TextColumn("Filières couvertes",
                                                                  width="medium"),
                "commune": "Commune",
                "distance_km": st.column_config.NumberColumn("Distance (km)",
                                                             format="localized", step=0.1),
                "est_siae": "SIAE", "source": "Source",
            },
            alt=f"Groupe de {len(found.members)} structures.",
        )
    for note in [*found.notes(), listed.note()]:
        st.caption(literal(note))
