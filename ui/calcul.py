"""Access to banks as the pages see it: the settings of the computation, and its cached tables."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from territory import eloignement, exclusion, settings, supply
from territory.exclusion import Measured, Weights
from territory.fiche import Atlas
from territory.indicators.accessibility import DETOUR, SPEED_KMH
from territory.indicators.banking import Assumptions

_OFFER: Final = "calcul_offre"
_DETOUR: Final = "calcul_detour"
_SPEED: Final = "calcul_vitesse"
_CLOSURE: Final = "calcul_seuil"
_CATCHMENT: Final = "calcul_portee"


@dataclass(frozen=True)
class Choice:
    """Settings of the computation; hashable, the key of what is cached.

    Attributes
    ----------
    offer
        Key of ``supply.LEVELS``.
    catchment
        Key of ``eloignement.CATCHMENTS``.
    """

    offer: str = "banque"
    detour: float = DETOUR
    speed_kmh: float = SPEED_KMH
    closure_minutes: float = 15.0
    catchment: str = "couronnes_20"

    @property
    def assumptions(self) -> Assumptions:
        """The same as the computation takes them."""
        return Assumptions(
            self.detour, self.speed_kmh, self.closure_minutes,
            decay=eloignement.CATCHMENTS[self.catchment][0],
        )


def choice() -> Choice:
    """Return the settings in force in this session."""
    kept: Choice | None = st.session_state.get("calcul")
    return kept or usual()


def usual() -> Choice:
    """Return the settings nobody has changed: the first level of which every kind is known."""
    return Choice(supply.usual(settings.load()))


def weights() -> Weights:
    """Return the weights in force in this session."""
    kept: Weights = st.session_state.get("calcul_poids", Weights())
    return kept


def weigh(told: Weights) -> None:
    """Put other weights in force; those of an axis that are all zero change nothing."""
    if all(sum(weight for _, weight in axis) > 0 for axis in (told.access, told.fragility)):
        st.session_state["calcul_poids"] = told


def available() -> bool:
    """Tell whether counters have been fetched."""
    return supply.stamp(settings.load()) is not None


def measured(of: Choice | None = None) -> Measured:
    """Access and fragility of every commune; éloignement unknown while nothing is fetched."""
    return _measured(exclusion.stamp(settings.load()), of or choice())


def atlas() -> Atlas:
    """Tables of every level, with the weights in force."""
    return _atlas(exclusion.stamp(settings.load()), choice(), weights())


@st.cache_resource(show_spinner="Calcul de l’éloignement des guichets…", max_entries=4)
def _measured(stamp: str | None, of: Choice) -> Measured:
    """Compute once; the stamp changes with what has been fetched."""
    known = exclusion.measure(settings.load(), of.offer, of.assumptions)
    return known or exclusion.unsupplied()


@st.cache_resource(show_spinner=False, max_entries=8)
def _atlas(stamp: str | None, of: Choice, weights: Weights) -> Atlas:
    return Atlas(_measured(stamp, of), weights)


def stamp() -> Hashable:
    """Say what :func:`atlas` and :func:`machines` depend on, for what is cached beyond them."""
    return exclusion.stamp(settings.load()), choice(), weights(), _seen()


def machines() -> pd.Series | None:
    """Cash machines that OpenStreetMap knows, by commune; None when not fetched."""
    return _machines(_seen())


def _seen() -> str | None:
    held = supply.held(settings.load())
    return next((h.entry["sha256"] for h in held if h.source == "dab_osm"), None)


@st.cache_resource(show_spinner=False, max_entries=2)
def _machines(stamp: str | None) -> pd.Series | None:
    return supply.machines(settings.load())


def warm() -> None:
    """Compute for the usual settings before the first visitor asks, when counters are known."""
    stamp = exclusion.stamp(settings.load())
    if stamp is not None:
        _atlas(stamp, usual(), Weights()).crossed()


def panel() -> None:
    """Draw the settings, folded; what they are now is written on the fold."""
    now = choice()
    said = (
        f"Réglages du calcul : {supply.LEVEL_NAMES[now.offer].lower()}, "
        f"× {now.detour:g}, {now.speed_kmh:g} km/h".replace(".", ",")
    )
    if weights() != Weights():
        said += ", poids modifiés"
    _restore(now)
    state = st.session_state
    with st.expander(said, icon=":material/tune:", key="volet_calcul"):
        st.segmented_control(
            "Guichets comptés", supply.offers(settings.load()), key=_OFFER, required=True,
            default=state[_OFFER],
            format_func=lambda level: supply.LEVEL_NAMES[level], on_change=_change, wrap=True,
            help="Les points postaux ne rendent pas les mêmes services qu’une banque.",
        )
        first, second, third = st.columns(3)
        first.number_input(
            "Détour", 1.0, 3.0, state[_DETOUR], step=0.1, key=_DETOUR, on_change=_change,
            help="Longueur de la route rapportée au vol d’oiseau.",
        )
        second.number_input("Vitesse (km/h)", 10.0, 130.0, state[_SPEED], step=5.0, key=_SPEED,
                            on_change=_change)
        third.number_input(
            "Seuil d’accès (min)", 5.0, 60.0, state[_CLOSURE], step=5.0, key=_CLOSURE,
            on_change=_change,
            help="Au-delà, l’accès est dit perdu.",
        )
        st.selectbox(
            "Portée de l’accessibilité (E2SFCA)", catchments := list(eloignement.CATCHMENTS),
            key=_CATCHMENT, index=catchments.index(state[_CATCHMENT]),
            format_func=lambda key: eloignement.CATCHMENTS[key][1], on_change=_change,
        )
        if now != usual():
            st.button("Revenir aux réglages d’origine", icon=":material/undo:", on_click=_reset)


def _restore(now: Choice) -> None:
    """Write the fields: Streamlit forgets those of a page that is left."""
    state = st.session_state
    for key, value in ((_OFFER, now.offer), (_DETOUR, now.detour), (_SPEED, now.speed_kmh),
                       (_CLOSURE, now.closure_minutes), (_CATCHMENT, now.catchment)):
        state.setdefault(key, value)


def _change() -> None:
    state = st.session_state
    state["calcul"] = Choice(state[_OFFER], float(state[_DETOUR]), float(state[_SPEED]),
                             float(state[_CLOSURE]), state[_CATCHMENT])


def _reset() -> None:
    state = st.session_state
    state.pop("calcul", None)
    for key in (_OFFER, _DETOUR, _SPEED, _CLOSURE, _CATCHMENT):
        state.pop(key, None)
