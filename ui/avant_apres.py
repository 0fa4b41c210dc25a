"""Two vintages of an indicator on the same classes, either side of a curtain on the map."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layers.breaks import Cut
from territory import indicators
from territory.communes import Level
from ui import carte, indicateurs
from ui.markdown import literal
from ui.state import decimals

OTHER: Final = "avant_apres_autre"


def start(other: str) -> None:
    """Compare with the vintage a link names, on the first run of a session."""
    st.session_state[OTHER] = other


def compared(indicator_id: str) -> str:
    """Return the vintage an indicator is compared with, empty for none."""
    other: str = st.session_state.get(OTHER) or ""
    return other if other in indicators.comparable(indicator_id) else ""


def forget() -> None:
    """Compare nothing any more."""
    st.session_state.pop(OTHER, None)


def applied(indicator_id: str, level: Level, cut: Cut) -> Cut:
    """Return the cut to show: limits that two vintages can share, when two are compared."""
    if not compared(indicator_id):
        return cut
    made = indicateurs.classes(indicator_id, level, cut)
    limits = dict.fromkeys(round(limit, decimals(indicator_id)) for limit in made.breaks)
    return Cut("limites", limits=tuple(limits)) if limits else cut


def curtain(indicator_id: str, cut: Cut) -> carte.Curtain | None:
    """Say what the map shows beside an indicator, None for nothing."""
    other = compared(indicator_id)
    if not other or cut.method != "limites":
        return None
    mine, theirs = (indicators.get(name).vintage for name in (indicator_id, other))
    return carte.Curtain(other, *sorted((mine, theirs)), "gauche" if theirs < mine else "droite")


def panel(indicator_id: str) -> None:
    """Draw the choice of another vintage, where there is one to compare."""
    others = indicators.comparable(indicator_id)
    if not others:
        return
    state = st.session_state
    state[OTHER] = compared(indicator_id)
    offered = ["", *others]
    st.selectbox(
        "Comparer à", offered, key=OTHER, index=offered.index(state[OTHER]),
        format_func=lambda name: indicators.get(name).vintage if name else "Aucun millésime",
    )
    if not state[OTHER]:
        return
    one_of = indicators.get(indicator_id)
    money = " Les montants sont en euros de chaque année." if one_of.unit == "€" else ""
    st.caption(literal(
        f"De part et d’autre du rideau, la même source, la même formule et les mêmes classes, "
        f"celles de {one_of.vintage}. Les signes restent du côté de {one_of.vintage}.{money}"
    ))
