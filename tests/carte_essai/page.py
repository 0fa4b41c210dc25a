"""The map, the number of runs and the last gesture, as JSON that a test can read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

import streamlit as st

from layers import web
from layers.bivariate import CROSSING
from territory import communes, geo
from tests.carte_essai.tables import crossing
from ui.carte import (
    Choropleth,
    Grid,
    LegendClass,
    MapView,
    MarkerStyle,
    Perimeter,
    Ptce,
    Structures,
    Viewpoint,
    carte,
    gesture,
)
from ui.carte.adresses import computed_url
from ui.carte.calculs import publish

#: The Drôme: lighter to draw than all France, without a graphics card.
START = Viewpoint((4.2, 44.4, 5.8, 45.6), 0)

#: A square with a hole and, apart, a triangle.
COMPOSED = (
    (
        ((4.7, 44.7), (5.1, 44.7), (5.1, 45.1), (4.7, 45.1), (4.7, 44.7)),
        ((4.8, 44.8), (4.8, 45.0), (5.0, 45.0), (5.0, 44.8), (4.8, 44.8)),
    ),
    (((5.3, 44.9), (5.5, 44.9), (5.4, 45.0)),),
)

st.set_page_config(page_title="Essai de la carte", layout="wide")
st.session_state["passages"] = st.session_state.get("passages", 0) + 1

indicator = st.radio("Indicateur", ["essai_a", "essai_b"], horizontal=True)
if st.button("Voir la France"):
    st.session_state["vue"] = Viewpoint(sequence=1)
ground = st.query_params.get("fond", "contours")
event = gesture()
perimeter = None
if event.kind == "drawn":
    outline = geo.circle(event.longitude, event.latitude, event.radius_km).exterior.coords
    perimeter = Perimeter(event.longitude, event.latitude, event.radius_km, "", tuple(outline))
elif event.kind == "shape":
    perimeter = Perimeter(libelle=f"Zone reçue n° {event.sequence}", zones=((event.ring,),))
elif event.kind == "none" and "commune" in st.query_params:
    home = communes.get(st.query_params["commune"])
    perimeter = Perimeter(home.longitude, home.latitude, 10, communes=(home.code_insee,))
elif event.kind == "none" and "surface" in st.query_params:
    perimeter = Perimeter(libelle="Surface d’essai", zones=COMPOSED)


def crossed() -> Choropleth:
    """A crossing that this very run computed."""
    classes, reasons = crossing()
    content = web.computed_values(classes, CROSSING, reasons=reasons)
    key = publish(f"essai-{hashlib.sha256(repr(content).encode()).hexdigest()[:16]}", content)
    return Choropleth(
        "croisement", "Éloignement et fragilité", "Situation", "", 0,
        tuple(LegendClass(**one) for one in web.class_data(CROSSING)),
        CROSSING.absent, Grid(**web.grid_data(CROSSING)), computed_url(key),
    )


colours = ("#fef0d9", "#fdcc8a", "#fc8d59", "#e34a33", "#b30000")
carte(
    MapView(
        titre="Carte d’essai",
        attribution="Contours : IGN, ADMIN EXPRESS COG. Valeurs et points : inventés.",
        choroplethe=crossed() if "croisement" in st.query_params else Choropleth(
            indicator, f"Indicateur {indicator[-1].upper()}", "Essai", "%", 1,
            tuple(LegendClass(c, f"classe {i + 1}") for i, c in enumerate(colours)),
        ),
        structures=Structures(
            {
                "association": MarkerStyle("#1d5fa8", "rond", "Association"),
                "cooperative": MarkerStyle("#0f7a4f", "carre", "Coopérative"),
            }
        ),
        ptce=Ptce(),
        perimetre=perimeter,
        vue=st.session_state.get("vue", Viewpoint() if "france" in st.query_params else START),
        fond=ground,
        lecture_seule="lecture" in st.query_params,
    ),
    height=520,
)
st.code(json.dumps({"passages": st.session_state["passages"], **asdict(event)}))
