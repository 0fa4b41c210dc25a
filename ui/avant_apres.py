"""Two vintages of an indicator on the same classes, one after the other on the same map."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layers.breaks import Cut
from territory import indicators
from territory.communes import Level
from ui import indicateurs
from ui.markdown import literal
from ui.state import decimals

_OTHER: Final = "avant_apres_autre"
_SHOWN: Final = "avant_apres_montre"


def start(other: str) -> None:
    """Compare with the vintage a link names, on the first run of a session."""
    st.session_state[_OTHER] = other


def compared(indicator_id: str) -> str:
    """Return the vintage an indicator is compared with, empty for none."""
    other: str = st.session_state.get(_OTHER) or ""
    return other if other in indicators.comparable(indicator_id) else ""


def forget() -> None:
    """Compare nothing any more."""
    for key in (_OTHER, _SHOWN):
        st.session_state.pop(key, None)


def applied(indicator_id: str, level: Level, cut: Cut) -> tuple[str, Cut]:
    """Return the vintage to show and its cut: the limits of the chosen indicator for both."""
    if not compared(indicator_id):
        return indicator_id, cut
    made = indicateurs.classes(indicator_id, level, cut)
    limits = dict.fromkeys(round(limit, decimals(indicator_id)) for limit in made.breaks)
    if not limits:
        return indicator_id, cut
    shown = st.session_state.get(_SHOWN)
    pair = (compared(indicator_id), indicator_id)
    return (shown if shown in pair else indicator_id), Cut("limites", limits=tuple(limits))


def panel(indicator_id: str) -> None:
    """Draw the choice of another vintage, then the one shown, where there is one to compare."""
    others = indicators.comparable(indicator_id)
    if not others:
        return
    state = st.session_state
    state[_OTHER] = compared(indicator_id)
    offered = ["", *others]
    one, two = st.columns(2, vertical_alignment="bottom")
    one.selectbox(
        "Comparer à", offered, key=_OTHER, index=offered.index(state[_OTHER]),
        format_func=lambda name: indicators.get(name).vintage if name else "Aucun millésime",
    )
    if not state[_OTHER]:
        state.pop(_SHOWN, None)
        return
    pair = sorted((state[_OTHER], indicator_id), key=lambda name: indicators.get(name).vintage)
    if state.get(_SHOWN) not in pair:
        state[_SHOWN] = indicator_id
    two.segmented_control(
        "Millésime affiché", pair, key=_SHOWN, default=state[_SHOWN], required=True,
        format_func=lambda name: indicators.get(name).vintage,
    )
    one_of = indicators.get(indicator_id)
    money = " Les montants sont en euros de chaque année." if one_of.unit == "€" else ""
    st.caption(literal(
        f"Les deux millésimes ont la même source, la même formule et les mêmes classes, celles de "
        f"{one_of.vintage}.{money}"
    ))
