"""The panel where a perimeter is composed, measured, kept in a file and opened again."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from territory import communes, settings, trajet
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.perimeter import (
    MAX_FILE_BYTES,
    MINUTES_MAX,
    MINUTES_MIN,
    MODES,
    Area,
    Perimeter,
    Population,
    inhabitants,
)
from territory.text import NBSP, capital, number, plural
from ui import downloads, lien, search, tableau, territoire
from ui.markdown import literal
from ui.search import Mode

_PANEL: Final = "volet_composer"
_CHOICE: Final = "composition_mode"
_WHAT: Final = "composition_quoi"
_TOWN: Final = "composition_commune"
_KM: Final = "composition_km"
_MINUTES: Final = "composition_minutes"
_TRAVEL: Final = "composition_trajet"
_ASKED: Final = "composition_demande"
_FOUND: Final = "composition_zone"
_SAID: Final = "composition_dit"
_ERROR: Final = "composition_refus"
_TABLE: Final = "composition_communes"
_READ: Final = "composition_fichier"

#: Parts listed one by one; more are only counted.
_MOST_PARTS: Final = 30

_MODES: Final[dict[Mode, str]] = {
    "ajoute": "S’ajoute", "retire": "S’enlève", "restreint": "Restreint", "remplace": "Remplace",
}
_MEANINGS: Final[dict[Mode, str]] = {
    "ajoute": "Ce que vous choisissez ou tracez s’ajoute au périmètre.",
    "retire": "Ce que vous choisissez ou tracez est enlevé du périmètre.",
    "restreint": "Le périmètre est réduit à ce qu’il a de commun avec ce que vous choisissez ou "
    "tracez.",
    "remplace": "Ce que vous choisissez ou tracez prend la place du périmètre.",
}
_UNITS: Final[dict[str, Level]] = {
    "Intercommunalité (EPCI)": "epci", "Département": "departement", "Région": "region",
}
_WHOLE, _AROUND, _WIDER = "Commune entière", "Rayon autour d’une commune", "Élargir le tout"
_TRIP = "Temps de trajet depuis une commune"
_CHOICES: Final = (_WHOLE, _AROUND, _TRIP, *_UNITS, _WIDER)


def receive() -> None:
    """Put in force a zone that has just been asked for, before the page draws its fields."""
    found: Perimeter | None = st.session_state.pop(_FOUND, None)
    if found is not None:
        _apply(lambda: search.combined(found))


def panel() -> None:
    """Draw the panel; while it is open, what is drawn on the map is combined as it says."""
    perimeter = search.current()
    with st.expander("Composer, mesurer ou garder le périmètre", icon=":material/join:",
                     key=_PANEL, on_change=_opened):
        if not st.session_state.get(_PANEL):
            return  # Measuring is work: only for who looks.
        choice, outcome = st.columns(2, gap="medium")
        with choice:
            if perimeter is not None:
                _mode()
            _place(perimeter)
        with outcome:
            if perimeter is not None:
                _parts(perimeter)
                _measures(perimeter)
            _file(perimeter)
        if perimeter is not None and st.session_state.get(_TABLE):
            _table(perimeter)


def _opened() -> None:
    state = st.session_state
    search.set_mode(state.get(_CHOICE) or "ajoute" if state.get(_PANEL) else "remplace")


def _mode() -> None:
    chosen: Mode = st.segmented_control(
        "Ce que vous choisissez ici ou tracez sur la carte", list(_MODES), key=_CHOICE,
        default="ajoute", required=True, wrap=True, format_func=lambda mode: _MODES[mode],
        on_change=_chosen,
    ) or "ajoute"
    st.caption(_MEANINGS[chosen])


def _chosen() -> None:
    search.set_mode(st.session_state[_CHOICE])


def _place(perimeter: Perimeter | None) -> None:
    what = st.selectbox(
        "Quoi", [one for one in _CHOICES if one != _WIDER or perimeter is not None], key=_WHAT,
    )
    with st.form("composition", border=False):
        left, right = st.columns([2.2, 1], vertical_alignment="bottom")
        if what in _UNITS:
            _unit(left, what)
        elif what == _WIDER:
            _kilometres(left, "De combien (km)")
        else:
            town, how = (left, None) if what == _WHOLE else left.columns([2, 1.4])
            town.text_input("Nom ou code de la commune", key=_TOWN, autocomplete="off",
                            placeholder="Nom, code postal ou code Insee")
            if what == _AROUND:
                _kilometres(how, "Distance (km)")
            elif what == _TRIP:
                minutes, mode = how.columns(2)
                minutes.number_input("Minutes", MINUTES_MIN, MINUTES_MAX, 20, 5, key=_MINUTES)
                mode.selectbox("Mode", list(MODES), key=_TRAVEL,
                               format_func=lambda one: capital(MODES[one]))
        right.form_submit_button(
            "Élargir" if what == _WIDER else "Choisir", type="primary", width="stretch",
            on_click=_submit, args=(what,),
        )
    _trip()
    st.caption("Vous pouvez aussi tracer un rayon ou dessiner une zone sur la carte de la page "
               "« Explorer ».")
    if st.session_state.get(_ERROR):
        st.warning(literal(st.session_state[_ERROR]), icon=":material/info:")


def _submit(what: str) -> None:
    st.session_state[_SAID] = None
    if what == _TRIP:
        _ask_trip()
    else:
        _apply(lambda: _asked(what))


def _ask_trip() -> None:
    state = st.session_state
    state[_ERROR] = None
    try:
        home = communes.resolve(state[_TOWN] or "")
    except InvalidInputError as error:
        state[_ERROR] = error.user_message
        return
    state[_ASKED] = (home, state[_MINUTES], state[_TRAVEL])


def _trip() -> None:
    """Ask for the zone while the page is drawn, for the service may take seconds."""
    state = st.session_state
    asked = state.pop(_ASKED, None)
    if asked is not None:
        home, minutes, mode = asked
        with st.spinner("Zone demandée à la Géoplateforme (IGN)…"):
            trip = trajet.zone(home.longitude, home.latitude, minutes, mode, settings.load(),
                               code_commune=home.code_insee)
        state[_SAID] = trip.sentence()
        state[_FOUND] = Perimeter((trip.isochrone,))
        st.rerun()
    if state.get(_SAID):
        st.info(literal(state[_SAID]), icon=":material/directions_car:")


def _kilometres(where: DeltaGenerator, label: str) -> None:
    where.text_input(label, key=_KM, placeholder="De 0,1 à 300", autocomplete="off")


def _unit(where: DeltaGenerator, what: str) -> None:
    level = _UNITS[what]
    names = territoire.unit_names(level)
    where.selectbox(
        what, list(names), index=None, key=_unit_key(level), placeholder="Choisir…",
        format_func=lambda code: names[code],
    )


def _unit_key(level: Level) -> str:
    return f"composition_{level}"


def _apply(ask: Callable[[], Perimeter]) -> None:
    """Put in force what is asked, in a callback: the fields may still be written."""
    st.session_state[_ERROR] = None
    try:
        search.put(ask())
    except InvalidInputError as error:
        st.session_state[_ERROR] = error.user_message


def _asked(what: str) -> Perimeter:
    state = st.session_state
    if what in _UNITS:
        level = _UNITS[what]
        code = state[_unit_key(level)]
        if code is None:
            msg = "Choisissez un nom dans la liste."
            raise InvalidInputError(msg)
        return search.combined(Perimeter.of_units(f"R{code}" if level == "region" else code))
    if what == _WIDER:
        return search.widened(state[_KM])
    home = communes.resolve(state[_TOWN] or "")
    if what == _AROUND:
        return search.combined(Perimeter.around_commune(home, state[_KM]))
    return search.combined(Perimeter.of_units(home.code_insee))


def _parts(perimeter: Perimeter) -> None:
    parts = perimeter.parts()
    if len(parts) > 1:
        st.markdown("**De quoi il est fait**")
    for rank, part in enumerate(parts[:_MOST_PARTS] if len(parts) > 1 else ()):
        name, button = st.columns([5, 1.4], vertical_alignment="center")
        name.markdown(f"- {literal(part.label)}")
        button.button(
            "Remettre" if part.taken_away else "Retirer", key=f"composition_part_{rank}",
            type="tertiary", icon=":material/undo:" if part.taken_away else ":material/close:",
            help=part.label, on_click=_keep, args=(part.others,),
        )
    if len(parts) > _MOST_PARTS:
        st.caption(f"Et {plural(len(parts) - _MOST_PARTS, 'autre partie', 'autres parties')}.")
    if search.undoable():
        st.button("Revenir au périmètre d’avant", icon=":material/undo:", type="tertiary",
                  on_click=search.undo)


def _keep(areas: tuple[Area, ...]) -> None:
    if areas:
        search.put(Perimeter(areas))
    else:
        search.clear()


def _measures(perimeter: Perimeter) -> None:
    area, people, _ = _measured(_key(perimeter))
    st.markdown(
        f"**Superficie** : {number(area, 0 if area >= 10 else 2)}{NBSP}km², mer comprise.  \n"
        f"{literal(people.sentence())}"
    )
    st.toggle("Voir les communes touchées", key=_TABLE)


def _table(perimeter: Perimeter) -> None:
    _, _, touched = _measured(_key(perimeter))
    st.dataframe(
        touched, hide_index=True, key="composition_table",
        height=tableau.height(len(touched), 8),
        column_config={
            "code_insee": "Code Insee", "nom": "Commune", "code_departement": "Département",
            "part": "Dedans",
            "part_population": st.column_config.NumberColumn(
                "Part de ses habitants", format="percent",
                help="D’une commune coupée, la part de sa surface."),
            "population_dedans": st.column_config.NumberColumn(
                "Habitants dedans", format="localized"),
            "population": st.column_config.NumberColumn(
                "Habitants de la commune", format="localized"),
        },
        column_order=["code_insee", "nom", "code_departement", "part", "part_population",
                      "population_dedans", "population"],
        alt=f"{plural(len(touched), 'commune touchée', 'communes touchées')}.",
    )


def _key(perimeter: Perimeter) -> str:
    return json.dumps(perimeter.to_json(), sort_keys=True)


@st.cache_data(show_spinner="Mesure du périmètre…", max_entries=50)
def _measured(content: str) -> tuple[float, Population, pd.DataFrame]:
    """Measure once: square kilometres, inhabitants, communes touched."""
    perimeter = Perimeter.from_json(json.loads(content))
    touched = perimeter.communes_touched()
    shown = touched.reset_index()
    shown["part"] = shown["part"].map({"entiere": "entière", "partielle": "en partie"})
    return perimeter.area_km2(), inhabitants.population(touched), shown


def _file(perimeter: Perimeter | None) -> None:
    if perimeter is not None:
        st.download_button(
            "Périmètre (JSON)", functools.partial(_content, perimeter),
            f"perimetre-{downloads.place_slug(perimeter)}.json", "application/json",
            icon=":material/download:", on_click="ignore", key="telecharger_perimetre",
        )
        if lien.pack(perimeter) is None:
            st.caption(
                "Ce périmètre est trop détaillé pour tenir dans le lien de la page : gardez-le en "
                "fichier."
            )
    st.file_uploader(
        "Ouvrir un périmètre gardé (JSON)", type=["json"], key=_READ, on_change=_read,
        max_upload_size=MAX_FILE_BYTES // 1_000_000,
    )


def _read() -> None:
    uploaded = st.session_state[_READ]
    if uploaded is not None:
        _apply(lambda: search.combined(Perimeter.from_bytes(uploaded.getvalue())))


def _content(perimeter: Perimeter) -> bytes:
    return (json.dumps(perimeter.to_json(), ensure_ascii=False, indent=1) + "\n").encode()
