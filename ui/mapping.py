"""What the live map shows for the state of the page: one function from state to view."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layers import style, web
from layers.choropleth import choropleth, national_classes
from layers.legend import legend, to_text
from layers.registry import LAYERS
from territory import catalog, indicators, store
from territory.perimeter import Perimeter
from territory.suppliers import EXTRACT_SOURCES, Criteria
from territory.text import NBSP, plural, trimmed
from ui import carte, search

_GROUND = "fond"
_GROUNDS = {
    "contours": "Contours seuls",
    "plan_ign": "Plan IGN (appel extérieur)",
    "osm": "OpenStreetMap (appel extérieur)",
}

#: Overlay of the page → layers of the registry, for the legend in words.
_LEGENDS = {"structures": ("structures",), "ptce": ("ptce", "ptce_territoires")}


def view(
    perimeter: Perimeter | None,
    found: pd.DataFrame | None,
    criteria: Criteria,
    layers: tuple[str, ...],
    indicator_id: str,
) -> carte.MapView:
    """Describe the map: overlays, indicator, perimeter and where to look."""
    sources = ["communes"]
    coloured = structures = poles = ring = None
    if "indicateur" in layers:
        coloured = _choropleth(indicator_id)
        sources.append(indicators.get(indicator_id).source_id)
    if "structures" in layers:
        # Every family has its marker: the fallback would be named twice in the legend.
        markers = {k: m for k, m in web.marker_data(style.FAMILY_STYLE).items() if k}
        mask = None
        if criteria != Criteria():
            mask = carte.bitset(criteria.mask(store.read("ess_structures")))
        structures = carte.Structures(
            {family: carte.MarkerStyle(**marker) for family, marker in markers.items()}, mask
        )
        sources += EXTRACT_SOURCES
    if "ptce" in layers:
        marker = style.PTCE_MARKER
        poles = carte.Ptce(carte.MarkerStyle(marker.colour, marker.shape, marker.label))
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
        choroplethe=coloured,
        structures=structures,
        ptce=poles,
        perimetre=ring,
        vue=search.viewpoint(),
        fond=st.session_state.get(_GROUND, "contours"),
    )


def _choropleth(indicator_id: str) -> carte.Choropleth:
    indicator = indicators.get(indicator_id)
    classes = web.class_data(national_classes(indicator_id))
    return carte.Choropleth(
        indicator_id,
        indicator.label,
        indicator.short_label,
        indicator.unit,
        indicator.decimals,
        tuple(carte.LegendClass(**one) for one in classes),
        style.ABSENT_LABEL,
    )


def ground_choice(where: DeltaGenerator) -> None:
    """Draw the choice of background; two of the three call another host and say so."""
    where.selectbox(
        "Fond de carte", list(_GROUNDS), key=_GROUND, format_func=lambda g: _GROUNDS[g]
    )
    if st.session_state[_GROUND] != "contours":
        where.caption("Ce fond charge des images chez un tiers, qui voit votre adresse IP.")


def legend_as_text(indicator_id: str, layers: tuple[str, ...]) -> None:
    """Write the legend in words, for those who do not see the map."""
    names = [indicator_id] if "indicateur" in layers else []
    for overlay, shown in _LEGENDS.items():
        names += shown if overlay in layers else ()
    with st.expander("Légende en texte", icon=":material/format_list_bulleted:"):
        for name in names:
            title, *lines = _legend(name)
            st.markdown(f"**{title}**\n\n" + "\n".join(_bullet(line) for line in lines))


@st.cache_data(show_spinner=False)
def _legend(name: str) -> list[str]:
    if name in indicators.INDICATORS:
        # Counted from the values alone: contours would cost a third of a second.
        layer = choropleth(
            indicators.get(name), indicators.values(name), "commune",
            classes=national_classes(name),
        )
    else:
        layer = LAYERS[name]()
    return to_text(legend(layer)).splitlines()


def _bullet(line: str) -> str:
    return f"- {line.removeprefix('– ')}" if line.startswith("– ") else f"\n{line}"
