"""The classes of the map as a person chooses them: method, number, own limits."""

from __future__ import annotations

from typing import Final

import streamlit as st

from layers.breaks import (
    COUNTED,
    MEANINGS,
    METHODS,
    MIN_CLASSES,
    USUAL,
    Cut,
    Method,
    read_limits,
    written_limits,
)
from layers.style import MAX_CLASSES
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.text import NBSP, plural
from ui import indicateurs
from ui.markdown import literal
from ui.state import EXCLUSION, decimals

_CHOICE: Final = "classes"
_METHOD: Final = "classes_methode"
_COUNT: Final = "classes_nombre"
_LIMITS: Final = "classes_limites"
_ERROR: Final = "classes_erreur"
FIELDS: Final = (_METHOD, _COUNT, _LIMITS)
#: Last number chosen, for a method that takes one again: Streamlit forgets a field not drawn.
_NUMBER: Final = "classes_dernier_nombre"

#: Beyond, shades of one colour are hard to match with those of a legend.
_TELLABLE: Final = 7


def choice() -> Cut:
    """Return the cut in force in this session."""
    kept: Cut = st.session_state.get(_CHOICE, USUAL)
    return kept


def start(cut: Cut) -> None:
    """Put the cut of a link in force, on the first run of a session."""
    st.session_state[_CHOICE] = cut
    st.session_state[_NUMBER] = cut.count


def forget_limits() -> None:
    """Come back to the usual cut when another indicator is chosen: limits belong to one."""
    if choice().method == "limites" or st.session_state.get(_ERROR):
        _reset()


def panel(indicator_id: str, level: Level) -> None:
    """Draw the choice, and say what is drawn."""
    if indicator_id == EXCLUSION:
        return  # nine classes by construction
    now, state = choice(), st.session_state
    made = indicateurs.classes(indicator_id, level, now)
    _restore(now, made.breaks, decimals(indicator_id))
    # What is asked for may still be refused: this says what is drawn.
    st.markdown(literal(f"Classes : {METHODS[now.method]}, {plural(len(made.colours), 'classe')}."))
    st.selectbox(
        "Méthode", methods := list(METHODS), key=_METHOD,
        index=methods.index(state[_METHOD]), format_func=lambda name: METHODS[name],
        on_change=_choose_method, args=(indicator_id,),
        help="Les classes sont coupées sur toutes les unités de France de l’échelon coloré.",
    )
    asked: Method = state[_METHOD]
    if asked in COUNTED:
        st.segmented_control(
            "Nombre de classes", range(MIN_CLASSES, MAX_CLASSES + 1), key=_COUNT,
            default=state[_COUNT], required=True, on_change=_choose_count, wrap=True,
        )
    if asked == "limites":
        unit = made.unit and f" ({made.unit})"
        st.text_input(
            f"Limites{unit}", state[_LIMITS], key=_LIMITS, on_change=_choose_limits,
            args=(indicator_id,), autocomplete="off", placeholder="5 ; 12,5 ; 20",
            help="De une à huit limites croissantes, séparées par des points-virgules. Une "
            "limite fait partie de la classe qui est au-dessous d’elle.",
        )
    if state.get(_ERROR):
        st.warning(literal(state[_ERROR]), icon=":material/info:")
    st.caption(literal(" ".join(_remarks(asked, now, len(made.colours)))))
    if now != USUAL or asked != now.method:
        st.button("Revenir aux classes d’origine", icon=":material/undo:", on_click=_reset,
                  key="classes_origine")


def _remarks(asked: Method, now: Cut, made: int) -> list[str]:
    remarks = [MEANINGS[asked]]
    if now.method in COUNTED and made < now.count:
        remarks.append(
            f"Les valeurs ne permettent que {plural(made, 'classe')} : beaucoup sont égales."
        )
    if made > _TELLABLE:
        remarks.append(f"Au-delà de {_TELLABLE}{NBSP}classes, les teintes se distinguent mal.")
    return remarks


def _restore(now: Cut, breaks: tuple[float, ...], precision: int) -> None:
    """Write the fields: Streamlit forgets those that are not drawn."""
    state = st.session_state
    limits = written_limits(breaks, precision)
    for key, value in ((_METHOD, now.method), (_COUNT, now.count), (_LIMITS, limits)):
        state.setdefault(key, value)


def _choose_method(indicator_id: str) -> None:
    state = st.session_state
    state[_ERROR] = None
    if state[_METHOD] == "limites":
        # The limits in force are a start that only has to be corrected.
        state.pop(_LIMITS, None)
        level: Level = state.get("niveau") or "commune"
        drawn = indicateurs.classes(indicator_id, level, choice())
        precision = decimals(indicator_id)
        limits = tuple(round(limit, precision) for limit in drawn.breaks)
        state[_LIMITS] = written_limits(limits, precision)
        _choose_limits(indicator_id)
        return
    state[_CHOICE] = Cut(state[_METHOD], state.get(_NUMBER) or choice().count)


def _choose_count() -> None:
    state = st.session_state
    state[_NUMBER] = state[_COUNT]
    # Two quick changes come together: the method may be another one already.
    if state[_METHOD] in COUNTED:
        state[_CHOICE] = Cut(state[_METHOD], state[_NUMBER])


def _choose_limits(indicator_id: str) -> None:
    state = st.session_state
    state[_ERROR] = None
    if state[_METHOD] != "limites":
        return
    try:
        limits = read_limits(state[_LIMITS] or "", decimals(indicator_id))
        state[_CHOICE] = Cut("limites", limits=limits)
    except InvalidInputError as error:
        state[_ERROR] = f"{error.user_message} Les limites précédentes sont gardées."


def _reset() -> None:
    state = st.session_state
    state[_ERROR] = None
    state[_CHOICE] = USUAL
    for key in (*FIELDS, _NUMBER):
        state.pop(key, None)
