"""The choice of a territory: by level and name, from a link, or the perimeter in force."""

from __future__ import annotations

from typing import Final

import streamlit as st

from territory import communes, territoires
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.territoires import Kind, Territoire
from ui import search
from ui.markdown import literal

_LEVEL: Final = "territoire_niveau"
_TEXT: Final = "territoire_commune"
_HOMONYM: Final = "territoire_homonyme"
_UNIT: Final = "territoire_unite"
CURRENT: Final = "territoire"
_MESSAGE: Final = "territoire_message"

#: Level → its name on a button.
NAMES: Final[dict[Kind, str]] = {
    "commune": "Commune", "epci": "EPCI", "departement": "Département", "region": "Région",
    "france": "France", "perimetre": "Mon périmètre",
}
PARAMETER: Final = "territoire"


def choose() -> Territoire | None:
    """Draw the choice and return the territory, None until one is chosen."""
    state = st.session_state
    if CURRENT not in state:
        _start()
    current: Territoire | None = state[CURRENT]
    levels = [kind for kind in NAMES if kind != "perimetre" or search.current() is not None]
    state.setdefault(_LEVEL, current.kind if current is not None else "commune")
    level, name = st.columns([1.6, 1], vertical_alignment="bottom")
    kind: Kind = level.segmented_control(
        "Territoire", levels, key=_LEVEL, default=state[_LEVEL], required=True,
        format_func=lambda k: NAMES[k], on_change=_level_changed, wrap=True,
    ) or "commune"
    if kind == "commune":
        _commune(name, current)
    elif kind in {"epci", "departement", "region"}:
        _unit(name, kind, current)
    if state.get(_MESSAGE):
        st.warning(literal(state[_MESSAGE]), icon=":material/info:")
    chosen: Territoire | None = state[CURRENT]
    _write_url(chosen)
    return chosen


def _start() -> None:
    """Read the link; else take the commune of the perimeter in force."""
    state = st.session_state
    state[CURRENT] = state[_MESSAGE] = None
    code = st.query_params.get(PARAMETER)
    if code:
        try:
            state[CURRENT] = territoires.of_code(code)
        except InvalidInputError as error:
            state[_MESSAGE] = f"Lien : {error.user_message}"
        return
    perimeter = search.current()
    home = perimeter.centers[0].code_commune if perimeter is not None else None
    if home is not None:
        state[CURRENT] = territoires.unit("commune", home)


def _write_url(chosen: Territoire | None) -> None:
    code = "" if chosen is None else chosen.address
    if not code:
        st.query_params.pop(PARAMETER, None)
    elif st.query_params.get(PARAMETER) != code:
        st.query_params[PARAMETER] = code


def _level_changed() -> None:
    state = st.session_state
    kind: Kind = state[_LEVEL]
    before: Territoire | None = state[CURRENT]
    state[_MESSAGE] = None
    state.pop(_UNIT, None)
    state[_HOMONYM] = None
    if kind == "perimetre":
        perimeter = search.current()
        if perimeter is not None:
            try:
                state[CURRENT] = territoires.of_perimeter(perimeter)
            except InvalidInputError as error:
                state[CURRENT], state[_MESSAGE] = None, error.user_message
        return
    if kind == "france":
        state[CURRENT] = territoires.unit("france", "")
        return
    # The unit of the new level that holds the former territory, when there is one.
    above = [] if before is None else territoires.containing(before)
    state[CURRENT] = next((one for one in above if one.kind == kind), None)
    if kind == "commune":
        state[_TEXT] = ""


def _commune(where: st.delta_generator.DeltaGenerator, current: Territoire | None) -> None:
    state = st.session_state
    if _TEXT not in state:
        state[_TEXT] = current.label if current is not None and current.kind == "commune" else ""
    where.text_input(
        "Nom de la commune", state[_TEXT], key=_TEXT, on_change=_commune_typed,
        autocomplete="off", placeholder="Nom, code postal ou code Insee", icon=":material/search:",
    )
    found: list[str] | None = state.get("territoire_homonymes")
    if found:
        st.selectbox(
            f"{len(found)} communes répondent : laquelle ?", found, index=None, key=_HOMONYM,
            format_func=lambda code: communes.get(code).label, on_change=_homonym_chosen,
            placeholder="Choisir la commune…",
        )


def _commune_typed() -> None:
    state = st.session_state
    text = (state[_TEXT] or "").strip()
    state[_MESSAGE] = state["territoire_homonymes"] = None
    if not text:
        return
    found = communes.candidates_for(text)
    if len(found) > 1:
        state["territoire_homonymes"] = [commune.code_insee for commune in found[:50]]
        return
    try:
        _set_commune(communes.resolve(text).code_insee)
    except InvalidInputError as error:
        state[_MESSAGE] = error.user_message


def _homonym_chosen() -> None:
    code = st.session_state[_HOMONYM]
    if code is not None:
        st.session_state["territoire_homonymes"] = None
        _set_commune(code)


def _set_commune(code: str) -> None:
    chosen = territoires.unit("commune", code)
    st.session_state[CURRENT] = chosen
    st.session_state[_TEXT] = chosen.label


def _unit(
    where: st.delta_generator.DeltaGenerator, kind: Kind, current: Territoire | None
) -> None:
    state = st.session_state
    names = unit_names(kind)  # type: ignore[arg-type]
    if state.get(_UNIT) not in names:
        state[_UNIT] = current.code if current is not None and current.kind == kind else None
    where.selectbox(
        NAMES[kind], codes := list(names), key=_UNIT,
        index=None if state[_UNIT] is None else codes.index(state[_UNIT]),
        on_change=_unit_chosen, args=(kind,),
        format_func=lambda code: names[code], placeholder="Choisir…",
    )


def unit_names(level: Level) -> dict[str, str]:
    """Code → name of the units of a level, in alphabetical order; a département with its code."""
    names = communes.units(level)["nom"].sort_values(key=lambda n: n.str.normalize("NFKD"))
    return {
        str(code): f"{name} ({code})" if level == "departement" else str(name)
        for code, name in names.items()
    }


def _unit_chosen(kind: Kind) -> None:
    code = st.session_state[_UNIT]
    st.session_state[CURRENT] = None if code is None else territoires.unit(kind, code)
