"""Page « Portrait »: who lives in a territory, who employs, what it could supply, its banks."""

from __future__ import annotations

import streamlit as st

from ui import portrait, territoire

st.title("Portrait d’un territoire", anchor=False)
place = territoire.choose()
if place is None:
    st.markdown(
        "Choisissez une commune, une intercommunalité, un département, une région ou votre "
        "périmètre : l’essentiel en trois phrases, les employeurs de l’ESS, ce qu’ils pourraient "
        "fournir, les PTCE, l’accès aux banques, et ce que l’on ne sait pas. Le portrait "
        "s’emporte en PDF, en page à imprimer ou en données."
    )
else:
    with st.spinner("Préparation du portrait…", show_time=False):
        found = portrait.made(place)
    portrait.draw(found)
