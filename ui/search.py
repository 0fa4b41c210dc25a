"""The search bar: where, how far, and what a gesture on the map changes.

The perimeter lives in ``st.session_state`` under :data:`PERIMETER`; widgets and gestures change
it, everything else reads it. What it was before is kept, so that every change can be undone.
"""

from __future__ import annotations

from typing import Final, Literal

import shapely
import streamlit as st

from territory import communes, geo
from territory.errors import InvalidInputError
from territory.perimeter import DEFAULT_RADIUS_KM, Perimeter, check_radius
from ui.carte import MapEvent, Viewpoint
from ui.markdown import literal
from ui.state import Request, radius_text

#: What a drawn or chosen area does to the perimeter in force.
Mode = Literal["remplace", "ajoute", "retire", "restreint"]

PERIMETER = "perimetre"
_HISTORY = "perimetres_precedents"
_MODE = "mode_du_trace"
_TEXT = "commune"
_RADIUS = "rayon"
_PRESET = "rayon_courant"
_HOMONYMS = "homonymes"
_CHOICE = "homonyme"
_ERROR = "erreur_recherche"
_SEEN = "geste_vu"
_VIEW = "vue"
_PAGE = "page_des_champs"

_PRESETS = (10.0, 20.0, 30.0, 50.0)

#: A gesture that moves the centre by less than this (degrees, about 1 m) only changes the radius.
_SAME_PLACE = 1e-5

#: Changes that can be undone.
_MOST_UNDONE: Final = 50


def current() -> Perimeter | None:
    """Return the perimeter in force."""
    return st.session_state.get(PERIMETER)


def mode() -> Mode:
    """Tell what the next area does to the perimeter in force."""
    chosen: Mode = st.session_state.get(_MODE, "remplace")
    return chosen if current() is not None else "remplace"


def set_mode(chosen: Mode) -> None:
    """Choose what the next area does to the perimeter in force."""
    st.session_state[_MODE] = chosen


def viewpoint() -> Viewpoint:
    """Where the map should look; its sequence grows when a search asks for another place."""
    return st.session_state.get(_VIEW, Viewpoint(geo.TERRITORIES["Métropole"], 0))


def start(request: Request) -> None:
    """Put what a link asks for in the fields, on the first run of a session."""
    state = st.session_state
    state[PERIMETER] = request.perimeter
    state.setdefault(_SEEN, 0)
    state[_HISTORY] = []
    state[_PAGE] = "explorer"
    _write_fields(request.perimeter)
    if request.perimeter is not None:
        _look_at(request.perimeter)


def restore(page: str) -> bool:
    """Write the fields again when coming to a page: Streamlit forgets those of the one left.

    Parameters
    ----------
    page
        Name of the page that draws them; two pages that draw the same fields do not share them.

    Returns
    -------
    bool
        Whether this run is the first of the page: what else it draws must be written again too.
    """
    state = st.session_state
    arrived = state.get(_PAGE) != page or _TEXT not in state
    if arrived:
        _write_fields(current())
    state[_PAGE] = page
    return arrived


def receive(event: MapEvent) -> None:
    """Apply a completed gesture of the map, once."""
    state = st.session_state
    if event.sequence <= state.get(_SEEN, 0):
        return
    state[_SEEN] = event.sequence
    state[_ERROR] = None
    if event.kind == "deleted":
        clear()
        return
    try:
        _change(_drawn(event))
    except InvalidInputError as error:
        state[_ERROR] = f"{error.user_message} Le périmètre précédent est gardé."


def _drawn(event: MapEvent) -> Perimeter:
    """Perimeter that a gesture asks for."""
    if event.kind == "shape":
        return combined(Perimeter.of_shape(shapely.Polygon(event.ring)))
    disc = Perimeter.around_point(event.longitude, event.latitude, event.radius_km)
    before = current()
    if before is not None and mode() == "remplace" and _same_center(before, disc):
        return before.with_radius(event.radius_km)
    return combined(disc)


def combined(area: Perimeter) -> Perimeter:
    """Combine an area with the perimeter in force, as :func:`mode` says.

    Raises
    ------
    InvalidInputError
        Nothing would be left, or the perimeter would be too complicated.
    """
    before, chosen = current(), mode()
    if before is None or chosen == "remplace":
        return area
    if chosen == "ajoute":
        return before | area
    after = before - area if chosen == "retire" else before & area
    if after.outline().is_empty:
        msg = "Il ne resterait rien du périmètre."
        raise InvalidInputError(msg)
    return after


def widened(distance_km: object) -> Perimeter:
    """Return the perimeter in force, wider all around.

    Raises
    ------
    InvalidInputError
        The distance is out of bounds, or there is no perimeter.
    """
    perimeter = current()
    if perimeter is None:
        msg = "Il n’y a pas encore de périmètre à élargir."
        raise InvalidInputError(msg)
    return perimeter.tampon(distance_km)


def bar() -> None:
    """Draw the search bar.

    Each field is given its value as its default too: a browser that draws it late, after a run
    that had nothing new to say of it, would take an empty default for the answer of the person.
    """
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Commune",
            state[_TEXT],
            key=_TEXT,
            on_change=_search_commune,
            placeholder="Nom, code postal ou code Insee",
            autocomplete="off",
            icon=":material/search:",
        )
        st.text_input(
            "Rayon (km)", state[_RADIUS], key=_RADIUS, on_change=_change_radius,
            autocomplete="off", placeholder="De 0,1 à 300", width=98,
        )
        st.pills(
            "Rayons courants",
            _PRESETS,
            key=_PRESET,
            default=state[_PRESET],
            format_func=lambda km: f"{radius_text(km)} km",
            on_change=_choose_preset,
        )
        if current() is not None:
            st.button("Effacer", icon=":material/close:", on_click=clear, type="tertiary",
                      help="Enlève le périmètre ; il pourra être rétabli.")
        elif undoable():
            st.button("Rétablir", icon=":material/undo:", on_click=undo, type="tertiary",
                      help="Remet le dernier périmètre effacé.")
    if st.session_state.get(_ERROR):
        st.warning(literal(st.session_state[_ERROR]), icon=":material/info:")
    homonyms = st.session_state.get(_HOMONYMS)
    if homonyms:
        st.selectbox(
            f"{len(homonyms)} communes répondent : laquelle ?",
            homonyms,
            index=None,
            key=_CHOICE,
            format_func=lambda code: _choice_label(code),
            placeholder="Choisir la commune…",
            on_change=_choose_homonym,
        )


def put(perimeter: Perimeter) -> None:
    """Put a perimeter in force, and look at it."""
    _set(perimeter)


def clear() -> None:
    """Take the perimeter away; :func:`undo` brings it back."""
    _change(None)


def undoable() -> bool:
    """Whether there is a former perimeter to come back to."""
    return bool(st.session_state.get(_HISTORY))


def undo() -> None:
    """Come back to the former perimeter."""
    history: list[Perimeter] = st.session_state.get(_HISTORY) or []
    if history:
        former = history.pop()
        st.session_state[PERIMETER] = former
        st.session_state[_ERROR] = None
        _write_fields(former)
        _look_at(former)


def example() -> None:
    """Show the search of the guide: 30 km around Romans-sur-Isère."""
    _set(Perimeter.around_commune(communes.get("26281"), DEFAULT_RADIUS_KM))


def _choice_label(code: str) -> str:
    commune = communes.get(code)
    return f"{commune.label} · {' '.join(commune.codes_postaux[:3])}"


def _search_commune() -> None:
    state = st.session_state
    text = (state[_TEXT] or "").strip()
    state[_ERROR], state[_HOMONYMS] = None, None
    if not text:
        return
    found = communes.candidates_for(text)
    if len(found) > 1:
        state[_HOMONYMS] = [commune.code_insee for commune in found[:50]]
        return
    try:
        _set_commune(communes.resolve(text))
    except InvalidInputError as error:
        state[_ERROR] = error.user_message


def _choose_homonym() -> None:
    code = st.session_state[_CHOICE]
    if code is not None:
        st.session_state[_HOMONYMS] = None
        _set_commune(communes.get(code))


def _set_commune(commune: communes.Commune) -> None:
    try:
        radius = check_radius(st.session_state[_RADIUS])
    except InvalidInputError as error:
        radius = _radius()
        st.session_state[_ERROR] = f"{error.user_message} {radius_text(radius)} km sont gardés."
    _set(Perimeter.around_commune(commune, radius))


def _change_radius() -> None:
    state = st.session_state
    state[_ERROR] = None
    kept = _radius()
    try:
        radius = check_radius(state[_RADIUS])
    except InvalidInputError as error:
        state[_ERROR] = f"{error.user_message} {radius_text(kept)} km sont gardés."
        state[_RADIUS] = radius_text(kept)
        return
    _apply_radius(radius)


def _radius() -> float:
    """Radius the fields show."""
    perimeter = current()
    return perimeter.discs[0].radius_km if perimeter and perimeter.discs else DEFAULT_RADIUS_KM


def _choose_preset() -> None:
    chosen = st.session_state[_PRESET]
    st.session_state[_ERROR] = None
    if chosen is not None:
        _apply_radius(chosen)
    elif current() is not None:
        # A click on the radius in force: it stays.
        _write_fields(current())


def _apply_radius(radius: float) -> None:
    perimeter = current()
    if perimeter is None:
        st.session_state[_RADIUS] = radius_text(radius)
        st.session_state[_PRESET] = radius if radius in _PRESETS else None
        return
    try:
        _change(perimeter.with_radius(radius))
    except InvalidInputError as error:
        st.session_state[_ERROR] = error.user_message
        _write_fields(perimeter)


def _set(perimeter: Perimeter) -> None:
    _change(perimeter)
    _look_at(perimeter)


def _change(after: Perimeter | None) -> None:
    """Put a perimeter in force, and keep the one it takes the place of."""
    before = current()
    if before is not None and before != after:
        st.session_state[_HISTORY] = [*st.session_state.get(_HISTORY, []), before][-_MOST_UNDONE:]
    st.session_state[PERIMETER] = after
    _write_fields(after)


def _write_fields(perimeter: Perimeter | None) -> None:
    state = st.session_state
    radius = _radius()
    text = ""
    disc = None if perimeter is None else perimeter.disc
    if disc is not None and disc.code_commune is not None:
        text = communes.get(disc.code_commune).label
    state[_TEXT] = text
    state[_HOMONYMS] = None
    if perimeter is None and _RADIUS in state:
        return  # The radius typed before a commune is for that commune.
    state[_RADIUS] = radius_text(radius)
    state[_PRESET] = radius if radius in _PRESETS else None


def _look_at(perimeter: Perimeter) -> None:
    west, south, east, north = perimeter.outline(64).bounds
    st.session_state[_VIEW] = Viewpoint((west, south, east, north), viewpoint().sequence + 1)


def _same_center(before: Perimeter, after: Perimeter) -> bool:
    old, new = before.disc, after.discs[0]
    return (
        old is not None
        and abs(old.longitude - new.longitude) < _SAME_PLACE
        and abs(old.latitude - new.latitude) < _SAME_PLACE
    )
