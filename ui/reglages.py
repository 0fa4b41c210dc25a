"""Settings of the map that are changed now and then, in one fold under it."""

from __future__ import annotations

from typing import Final

import streamlit as st

from territory import stocks
from territory.communes import Level
from ui import avant_apres, classes, mapping, onglets

CIRCLES: Final = "cercles"
SIMPLE: Final = "carte_simple"

_FIELDS: Final = (CIRCLES, SIMPLE, mapping.GROUND, avant_apres.OTHER, *classes.FIELDS)


def panel(indicator_id: str, level: Level, *, coloured: bool) -> None:
    """Draw the fold.

    Parameters
    ----------
    coloured
        Whether the indicator is shown: its classes and its vintages are chosen here.
    """
    onglets.fold(
        onglets.Panel(
            "Réglages de la carte : classes, millésimes, cercles, fond",
            lambda: _draw(indicator_id if coloured else "", level), _FIELDS,
        ),
        key="reglages", icon=":material/tune:",
    )


def _draw(indicator_id: str, level: Level) -> None:
    state = st.session_state
    cut, rest = st.columns(2, gap="medium")
    if indicator_id:
        with cut:
            classes.panel(indicator_id, level)
    with rest if indicator_id else cut:
        if indicator_id:
            avant_apres.panel(indicator_id)
        quantities = ["", *stocks.STOCKS]
        st.selectbox(
            "Cercles", quantities, key=CIRCLES, index=quantities.index(state[CIRCLES]),
            format_func=lambda name: stocks.STOCKS[name].label if name else "Aucun",
            help="Une quantité s’ajoute à la couleur : la surface de chaque cercle lui est "
            "proportionnelle.",
        )
        mapping.ground_choice()
        st.toggle("Carte simple (sans WebGL)", bool(state.get(SIMPLE)), key=SIMPLE)
