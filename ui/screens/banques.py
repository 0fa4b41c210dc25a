"""Page « Accès aux banques »: the sheet of a territory, the questions it raises, and rankings."""

from __future__ import annotations

import streamlit as st

from territory import fiche as sheets
from territory import supply
from ui import calcul, classement, fiche, territoire
from ui.markdown import literal

st.title("Accès aux banques d’un territoire", anchor=False)
place = territoire.choose()
if not calcul.available():
    st.info(literal(supply.MISSING), icon=":material/info:")
else:
    calcul.panel()

known = calcul.atlas()
if place is None:
    st.markdown(
        "Choisissez un territoire pour lire sa fiche : guichets, temps estimé, ce qui arriverait "
        "si un guichet fermait, fragilité des habitants, comparaison et questions à poser aux "
        "banques. Ou parcourez le classement de la France."
    )
    if calcul.available():
        classement.draw(known.measured, None)
else:
    with st.spinner("Préparation de la fiche…", show_time=False):
        sheet = sheets.of(place, known, calcul.machines())
    fiche.summary(sheet)
    first, second, third = st.tabs(["Fiche", "Questions aux banques", "Classement"])
    with first:
        fiche.comparison(sheet)
        fiche.roads(sheet)
        fiche.unknown(sheet)
        fiche.downloads(sheet)
    with second:
        fiche.asked(sheet, known)
    with third:
        if calcul.available():
            classement.draw(known.measured, place)
        else:
            st.info(literal(supply.MISSING), icon=":material/info:")
