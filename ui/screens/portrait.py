"""Page « Portrait »: a territory, what it could supply, its banks; alone or beside others."""

from __future__ import annotations

import streamlit as st

from territory.territoires import Territoire
from ui import comparaison, onglets, portrait, territoire


def alone(place: Territoire) -> None:
    """Draw the portrait of the territory."""
    with st.spinner("Préparation du portrait…", show_time=False):
        found = portrait.made(place)
    portrait.draw(found)


st.title("Portrait d’un territoire", anchor=False)
comparaison.start()
place = territoire.choose()
if place is None:
    st.markdown(
        "Choisissez une commune, une intercommunalité, un département, une région ou votre "
        "périmètre : l’essentiel en trois phrases, les employeurs de l’ESS, ce qu’ils pourraient "
        "fournir, les PTCE, l’accès aux banques, et ce que l’on ne sait pas. Le portrait "
        "s’emporte en PDF, en page à imprimer ou en données."
    )
    onglets.keep(*comparaison.FIELDS)
else:
    chosen = place
    onglets.draw([
        onglets.Panel("Portrait", lambda: alone(chosen)),
        onglets.Panel(comparaison.TAB, lambda: comparaison.draw(chosen), comparaison.FIELDS),
    ], key=comparaison.TABS)
comparaison.write_url()
