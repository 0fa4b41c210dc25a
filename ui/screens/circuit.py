"""Page « Circuit court »: the offer of the perimeter in force, read with the charter."""

from __future__ import annotations

import dataclasses

import streamlit as st

from territory import directory, settings, supply
from ui import (
    bord,
    charte,
    composition,
    dossier,
    echelle,
    fichier,
    groupe,
    indicateurs,
    lots,
    note,
    onglets,
    portee,
    results,
    search,
)
from ui.markdown import literal
from ui.state import Request, read_url, write_url

_REQUEST = "demande"

state = st.session_state
if _REQUEST not in state:
    state[_REQUEST] = read_url(
        dict(st.query_params), offered=indicateurs.options(), default=indicateurs.default(),
        missing=supply.MISSING,
    )
    search.start(state[_REQUEST])
request: Request = state[_REQUEST]
if search.restore("circuit"):
    results.start(request.criteria)
composition.receive()

st.title("Circuit court : lire l’offre d’un périmètre", anchor=False)
st.markdown(
    "Un circuit court n’est pas seulement une distance. Regardez d’abord le territoire proche, "
    "puis ce que l’on sait de chaque fournisseur, critère par critère. La localisation n’est pas "
    "un critère d’attribution d’un marché public."
)
dossier.opener()
search.bar()
composition.panel()
for message in request.messages:
    st.warning(literal(message), icon=":material/link_off:")
perimeter = search.current()
if perimeter is None:
    st.info("Tapez une commune : les fournisseurs de l’ESS qui l’entourent seront examinés.",
            icon=":material/search:")
    st.button("Essayer : 30 km autour de Romans-sur-Isère", icon=":material/play_arrow:",
              on_click=search.example)
else:
    results.filters()
    criteria = results.criteria()
    state[_REQUEST] = dataclasses.replace(request, perimeter=perimeter, criteria=criteria)
    listed = directory.of(perimeter, settings.load())
    found = directory.search(perimeter, criteria, listed, fichier.own())
    st.caption(literal(f"{found.sentence()} {found.note()}"))
    dossier.changes(found)
    offer = (perimeter, criteria, listed)
    onglets.draw([
        onglets.Panel("Charte", lambda: charte.draw(found), charte.FIELDS),
        onglets.Panel("Échelle", lambda: echelle.draw(*offer), echelle.FIELDS),
        onglets.Panel("Bord du rayon", lambda: bord.draw(*offer), bord.FIELDS),
        onglets.Panel("Groupement", lambda: groupe.draw(*offer), groupe.FIELDS),
        onglets.Panel("Lots", lambda: lots.draw(perimeter, criteria)),
        onglets.Panel("Portée", lambda: portee.draw(*offer)),
    ], key="lecture")
    note.buttons(found)
    dossier.keeper(found)

# The link of this page says where and what, not the colours of a map it does not draw.
asked = Request(perimeter, results.criteria() if perimeter is not None else request.criteria)
if dict(st.query_params) != (parameters := write_url(asked)):
    st.query_params.from_dict(parameters)
