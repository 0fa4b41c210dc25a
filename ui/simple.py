"""The map without WebGL: the folium document, shown in the page instead of the live map."""

from __future__ import annotations

import base64

import streamlit as st

from layers.breaks import USUAL, Cut
from layers.folium_map import standalone_html
from layers.registry import LAYERS
from territory.directory import Result
from territory.errors import TerritoryError
from ui import downloads, indicateurs
from ui.markdown import literal

_HEIGHT = 640
#: Structures drawn, so that the map of a dense city fits in an address.
_MOST = 1_000
#: Longest address that Chromium opens; a longer one shows nothing, without a word.
_LONGEST = 2 * 1024 * 1024
_TITLE = "Carte simple des structures de l’ESS, des PTCE et de la fragilité"


def show(
    result: Result | None,
    shown: tuple[str, ...],
    indicator_id: str,
    cut: Cut = USUAL,
) -> None:
    """Draw the current map as a document; the perimeter is set by the fields."""
    st.caption("Carte simple : le périmètre se choisit par les champs « Commune » et « Rayon ».")
    try:
        content = (
            _country(shown, indicator_id, cut)
            if result is None
            else downloads.document(result, shown, indicator_id, cut, _MOST)
        )
    except TerritoryError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    # A data address has an origin of its own: the document cannot reach the page around it.
    address = f"data:text/html;charset=utf-8;base64,{base64.b64encode(content).decode('ascii')}"
    if len(address) > _LONGEST:
        st.warning(
            "Cette carte est trop lourde pour être montrée ici : téléchargez-la (« Carte HTML »), "
            "ou choisissez un périmètre plus petit.", icon=":material/info:",
        )
        return
    st.iframe(address, height=_HEIGHT, alt=_TITLE)


def _country(shown: tuple[str, ...], indicator_id: str, cut: Cut) -> bytes:
    return _drawn(shown, indicator_id, cut, indicateurs.stamp(indicator_id))


@st.cache_data(show_spinner="Dessin de la carte…", max_entries=20)
def _drawn(shown: tuple[str, ...], indicator_id: str, cut: Cut, made_of: object) -> bytes:
    """Draw once; ``made_of`` changes with what the values are computed from."""
    layers = [
        indicateurs.layer(indicator_id, "departement", cut=cut) if "indicateur" in shown
        else LAYERS["fond"]()
    ]
    layers += [LAYERS[name]() for name in ("ptce", "structures") if name in shown]
    return standalone_html(
        layers,
        title="Structures de l’ESS, PTCE et fragilité",
        sentence="France entière ; la fragilité est donnée par département.",
    )
