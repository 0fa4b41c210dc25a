"""What the live map shows for the state of the page: one function from state to view."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from territory import catalog, indicators, store
from territory.perimeter import Perimeter
from territory.suppliers import FAMILIES, Criteria
from territory.text import NBSP, plural, trimmed
from ui import carte, search
from ui.data import classification

_GROUND = "fond"
_GROUNDS = {
    "contours": "Contours seuls",
    "plan_ign": "Plan IGN (appel extérieur)",
    "osm": "OpenStreetMap (appel extérieur)",
}

_STYLES = {
    f: carte.MarkerStyle(c, s, FAMILIES[f])
    for f, c, s in (
        ("association", "#1b7f5c", "rond"), ("cooperative", "#c4622d", "carre"),
        ("mutuelle", "#6a4c93", "triangle"), ("fondation", "#a8324a", "losange"),
        ("societe_commerciale_ess", "#3a6ea5", "pentagone"), ("esat_ea", "#7a6a10", "triangle_bas"),
        ("inconnue", "#5c6670", "hexagone"),
    )
}


def view(
    perimeter: Perimeter | None,
    found: pd.DataFrame | None,
    criteria: Criteria,
    layers: tuple[str, ...],
    indicator_id: str,
) -> carte.MapView:
    """Describe the map: overlays, indicator, perimeter and where to look."""
    table = store.read("ess_structures")
    sources = ["communes"]
    choropleth = structures = poles = ring = None
    if "indicateur" in layers:
        indicator = indicators.get(indicator_id)
        classes = classification(indicator_id)
        sources.append(indicator.source_id)
        choropleth = carte.Choropleth(
            indicator_id, indicator.label, indicator.short_label, indicator.unit,
            indicator.decimals,
            tuple(carte.LegendClass(c, t) for c, t in
                  zip(classes.colours, classes.labels, strict=True)),
        )
    if "structures" in layers:
        mask = None if criteria == Criteria() else carte.bitset(criteria.mask(table))
        structures = carte.Structures(_STYLES, mask)
        sources += ["ess_structures", "ess_aura"]
    if "ptce" in layers:
        poles = carte.Ptce()
        sources.append("ptce")
    if perimeter is not None:
        disc = perimeter.discs[0]
        count = 0 if found is None else len(found)
        ring = carte.Perimeter(
            disc.longitude, disc.latitude, disc.radius_km,
            f"{trimmed(disc.radius_km, 1)}{NBSP}km · {plural(count, 'structure')}",
            tuple(disc.outline().exterior.coords),
        )
    return carte.MapView(
        titre="Carte des structures de l’ESS, des PTCE et de la fragilité des communes",
        attribution=catalog.attribution(sources),
        choroplethe=choropleth,
        structures=structures,
        ptce=poles,
        perimetre=ring,
        vue=search.viewpoint(),
        fond=st.session_state.get(_GROUND, "contours"),
    )


def ground_choice(where: st.delta_generator.DeltaGenerator) -> None:
    """Draw the choice of background; two of the three call another host and say so."""
    where.selectbox(
        "Fond de carte", list(_GROUNDS), key=_GROUND, format_func=lambda g: _GROUNDS[g],
        help="« Contours seuls » n’appelle aucun autre site. Les deux autres chargent des images "
        "chez l’IGN ou OpenStreetMap, qui voient alors votre adresse.",
    )


def legend_as_text(indicator_id: str, layers: tuple[str, ...]) -> None:
    """Write the legend as text, for those who do not see the map."""
    with st.expander("Légende en texte", icon=":material/format_list_bulleted:"):
        if "indicateur" in layers:
            i = indicators.get(indicator_id)
            st.markdown(f"**{i.label}** : " + " ; ".join(classification(indicator_id).labels))
