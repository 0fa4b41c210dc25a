"""Page « Explorer »: one search bar, the map, and what it found beside it."""

from __future__ import annotations

import dataclasses

import streamlit as st

from territory import directory, ptce, settings, supply
from ui import (
    avant_apres,
    calcul,
    classes,
    collecte,
    composition,
    downloads,
    fichier,
    indicateurs,
    mapping,
    onglets,
    reglages,
    results,
    search,
    simple,
    valeurs,
)
from ui.carte import carte, gesture
from ui.markdown import literal
from ui.reglages import CIRCLES, SIMPLE
from ui.state import LAYERS, LEVELS, Request, read_url, write_url

_MAP = "carte"
_LAYERS = "couches"
_INDICATOR = "indicateur"
_LEVEL = "niveau"
_REQUEST = "demande"

state = st.session_state


def _other_indicator() -> None:
    classes.forget_limits()
    avant_apres.forget()


def structures(found: directory.Result) -> None:
    """Draw the list and the files."""
    results.structures(found)
    downloads.buttons(
        found, view_layers=shown, indicator_id=state[_INDICATOR], level=state[_LEVEL], cut=cut,
        circles=state[CIRCLES],
    )


if _REQUEST not in state:
    state[_REQUEST] = read_url(
        dict(st.query_params), offered=indicateurs.options(), default=indicateurs.default(),
        missing=supply.MISSING,
    )
    search.start(state[_REQUEST])
    classes.start(state[_REQUEST].cut)
    avant_apres.start(state[_REQUEST].compared)
    results.start(state[_REQUEST].criteria)
elif search.restore("explorer"):
    results.start(state[_REQUEST].criteria)
    for key in (_INDICATOR, _LAYERS, _LEVEL, CIRCLES):
        state.pop(key, None)
if _INDICATOR in state and state[_INDICATOR] not in indicateurs.options():
    # The counters it came from are gone.
    state.pop(_INDICATOR, None)
    state[_REQUEST] = dataclasses.replace(state[_REQUEST], indicator=indicateurs.default())
if _INDICATOR not in state:
    state[_INDICATOR] = state[_REQUEST].indicator
if _LAYERS not in state:
    state[_LAYERS] = list(state[_REQUEST].layers)
if _LEVEL not in state:
    state[_LEVEL] = state[_REQUEST].level
if CIRCLES not in state:
    state[CIRCLES] = state[_REQUEST].circles

# The gesture comes before the fields: it writes in them.
search.receive(gesture(key=_MAP))
collecte.receive()
composition.receive()
fichier.receive()

st.title("Trouver les fournisseurs de l’ESS d’un périmètre", anchor=False)
search.bar()
composition.panel()
for message in state[_REQUEST].messages:
    st.warning(literal(message), icon=":material/link_off:")

perimeter = search.current()
cut = avant_apres.applied(state[_INDICATOR], state[_LEVEL], classes.choice())
map_side, list_side = st.columns([1.3, 1], gap="medium")

with list_side:
    criteria = results.criteria()
    if perimeter is None:
        result = met = None
        results.welcome()
    else:
        result = directory.search(
            perimeter, criteria, directory.of(perimeter, settings.load()), fichier.own()
        )
        met = ptce.within(perimeter)
        results.headline(result, len(met))
        collecte.panel(perimeter, result.directory)
    results.filters()

with map_side:
    shown = tuple(name for name in LAYERS if name in state[_LAYERS])
    if state.get(SIMPLE):
        simple.show(result, shown, state[_INDICATOR], cut)
    else:
        view = mapping.view(
            result, criteria, shown, state[_INDICATOR], fichier.own(), state[_LEVEL], cut,
            state[CIRCLES], avant_apres.curtain(state[_INDICATOR], cut),
        )
        carte(view, key=_MAP, height=560)
    st.pills(
        "Couches affichées", list(LAYERS), key=_LAYERS, selection_mode="multi",
        default=state[_LAYERS],
        format_func=lambda name: LAYERS[name],
    )
    st.selectbox(
        "Indicateur", offered := list(indicateurs.options()), key=_INDICATOR,
        index=offered.index(state[_INDICATOR]),
        format_func=indicateurs.label, disabled="indicateur" not in shown,
        placeholder="Choisir…", on_change=_other_indicator,
    )
    st.segmented_control(
        "Colorer les", list(LEVELS), key=_LEVEL, default=state[_LEVEL], required=True, wrap=True,
        format_func=lambda level: LEVELS[level], disabled="indicateur" not in shown,
    )
    reglages.panel(state[_INDICATOR], state[_LEVEL], coloured="indicateur" in shown)
    if "indicateur" in shown:
        if not calcul.available():
            st.caption(literal(supply.MISSING))
        elif indicateurs.is_local(state[_INDICATOR]):
            calcul.panel()
    mapping.legend_as_text(state[_INDICATOR], shown, state[_LEVEL], cut, state[CIRCLES])

with list_side:
    if result is None or perimeter is None:
        # A table is heavy for a browser: the first screen waits for nobody but the map.
        if st.toggle("Lire les valeurs par territoire"):
            valeurs.draw(state[_INDICATOR], None, state[_LEVEL])
    else:
        onglets.draw([
            onglets.Panel("Structures", lambda: structures(result), results.FIELDS),
            onglets.Panel("PTCE", lambda: results.poles(met)),
            onglets.Panel(
                "Indicateur par commune", lambda: valeurs.draw(state[_INDICATOR], perimeter)
            ),
        ], key="listes")
    fichier.panel()

state[_REQUEST] = Request(
    perimeter, criteria, shown, state[_INDICATOR], level=state[_LEVEL], cut=classes.choice(),
    circles=state[CIRCLES], compared=avant_apres.compared(state[_INDICATOR]),
)
parameters = write_url(state[_REQUEST], default=indicateurs.default())
if dict(st.query_params) != parameters:
    st.query_params.from_dict(parameters)
