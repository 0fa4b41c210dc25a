"""The search bar: where, how far, and what a gesture on the map changes.

The perimeter lives in ``st.session_state`` under :data:`PERIMETER`; widgets and gestures change
it, everything else reads it.
"""

from __future__ import annotations

import streamlit as st

from territory import communes, geo
from territory.errors import InvalidInputError
from territory.perimeter import DEFAULT_RADIUS_KM, Perimeter, check_radius
from ui.carte import MapEvent, Viewpoint
from ui.markdown import literal
from ui.state import Request, radius_text

PERIMETER = "perimetre"
_PREVIOUS = "perimetre_precedent"
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


def current() -> Perimeter | None:
    """Return the perimeter in force."""
    return st.session_state.get(PERIMETER)


def viewpoint() -> Viewpoint:
    """Where the map should look; its sequence grows when a search asks for another place."""
    return st.session_state.get(_VIEW, Viewpoint(geo.TERRITORIES["Métropole"], 0))


def start(request: Request) -> None:
    """Put what a link asks for in the fields, on the first run of a session."""
    state = st.session_state
    state[PERIMETER] = request.perimeter
    state.setdefault(_SEEN, 0)
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
        _delete()
        return
    before = current()
    try:
        after = Perimeter.around_point(event.longitude, event.latitude, event.radius_km)
        if before is not None and _same_center(before, after):
            after = before.with_radius(event.radius_km)
    except InvalidInputError as error:
        state[_ERROR] = f"{error.user_message} Le périmètre précédent est gardé."
        return
    state[PERIMETER] = after
    _write_fields(after)


def bar() -> None:
    """Draw the search bar."""
    where, radius, presets = st.columns([3, 1.1, 2.6], vertical_alignment="bottom")
    where.text_input(
        "Commune",
        key=_TEXT,
        on_change=_search_commune,
        placeholder="Nom, code postal ou code Insee",
        autocomplete="off",
        icon=":material/search:",
    )
    radius.text_input(
        "Rayon (km)", key=_RADIUS, on_change=_change_radius, autocomplete="off",
        placeholder="De 0,1 à 300",
    )
    with presets.container(horizontal=True, vertical_alignment="bottom"):
        st.pills(
            "Rayons courants",
            _PRESETS,
            key=_PRESET,
            format_func=lambda km: f"{radius_text(km)} km",
            on_change=_choose_preset,
        )
        if current() is not None:
            st.button("Effacer", icon=":material/close:", on_click=_delete, type="tertiary",
                      help="Enlève le périmètre ; il pourra être rétabli.")
        elif st.session_state.get(_PREVIOUS) is not None:
            st.button("Rétablir", icon=":material/undo:", on_click=_undo, type="tertiary",
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
    """Put in force the perimeter of a file."""
    _set(perimeter)


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
        radius = current().discs[0].radius_km if current() else DEFAULT_RADIUS_KM
        st.session_state[_ERROR] = f"{error.user_message} {radius_text(radius)} km sont gardés."
    _set(Perimeter.around_commune(commune, radius))


def _change_radius() -> None:
    state = st.session_state
    state[_ERROR] = None
    perimeter = current()
    kept = perimeter.discs[0].radius_km if perimeter else DEFAULT_RADIUS_KM
    try:
        radius = check_radius(state[_RADIUS])
    except InvalidInputError as error:
        state[_ERROR] = f"{error.user_message} {radius_text(kept)} km sont gardés."
        state[_RADIUS] = radius_text(kept)
        return
    _apply_radius(radius)


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
    changed = perimeter.with_radius(radius)
    st.session_state[PERIMETER] = changed
    _write_fields(changed)


def _set(perimeter: Perimeter) -> None:
    st.session_state[PERIMETER] = perimeter
    _write_fields(perimeter)
    _look_at(perimeter)


def _delete() -> None:
    state = st.session_state
    if current() is not None:
        state[_PREVIOUS] = current()
    state[PERIMETER] = None
    state[_TEXT] = ""


def _undo() -> None:
    previous = st.session_state.pop(_PREVIOUS, None)
    if previous is not None:
        _set(previous)


def _write_fields(perimeter: Perimeter | None) -> None:
    state = st.session_state
    radius = DEFAULT_RADIUS_KM
    text = ""
    if perimeter is not None:
        disc = perimeter.discs[0]
        radius = disc.radius_km
        if disc.code_commune is not None:
            text = communes.get(disc.code_commune).label
    state[_TEXT] = text
    state[_RADIUS] = radius_text(radius)
    state[_PRESET] = radius if radius in _PRESETS else None
    state[_HOMONYMS] = None


def _look_at(perimeter: Perimeter) -> None:
    west, south, east, north = perimeter.outline(64).bounds
    st.session_state[_VIEW] = Viewpoint((west, south, east, north), viewpoint().sequence + 1)


def _same_center(before: Perimeter, after: Perimeter) -> bool:
    old, new = before.discs[0], after.discs[0]
    return (
        abs(old.longitude - new.longitude) < _SAME_PLACE
        and abs(old.latitude - new.latitude) < _SAME_PLACE
    )
