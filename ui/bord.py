"""The edge of a radius: who enters, who leaves, and the number of suppliers by distance."""

from __future__ import annotations

import altair as alt
import pandas as pd
import streamlit as st

from layers.style import BREAK_COLOUR, GRID, SERIES_SIGNS
from territory import directory, sensibilite, settings
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.sensibilite import Sensitivity
from territory.suppliers import Criteria
from ui import tableau
from ui.markdown import literal

_MARGIN = "bord_marge"
_HEIGHT = 260


def draw(perimeter: Perimeter, criteria: Criteria, listed: Directory) -> None:
    """Draw what a margin of the radius changes."""
    margin = st.slider("Marge du rayon (%)", 5, 50, 10, 5, key=_MARGIN)
    try:
        _, outer_km = sensibilite.radii(perimeter, float(margin))
        # The list must be known as far as those who would enter.
        wide = directory.of(perimeter.with_radius(outer_km), settings.load())
        found = sensibilite.measure(perimeter, criteria, wide.index, margin)
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    st.markdown(f"**{literal(found.sentence())}**")
    if wide.missing:
        st.caption(
            "Des communes du bord n’ont pas été interrogées : ceux qui entreraient peuvent être "
            "plus nombreux."
        )
    st.altair_chart(_chart(found), theme=None, key="courbe_bord")
    left, right = st.columns(2)
    with left:
        _edge(f"Entreraient à {found.outer_km:g} km".replace(".", ","), found.entering, "entrent")
    with right:
        _edge(f"Sortiraient à {found.inner_km:g} km".replace(".", ","), found.leaving, "sortent")
    for note in [*found.notes(), wide.note()]:
        st.caption(literal(note))
    with st.expander("La courbe en tableau", icon=":material/table_rows:"):
        st.dataframe(
            found.curve, hide_index=True, key="courbe_tableau",
            column_config={c.name: st.column_config.NumberColumn(c.label, help=c.definition,
                                                                 format="localized")
                           for c in sensibilite.columns()},
            alt="Nombre de structures et d’emplois selon le rayon.",
        )


def _edge(title: str, rows: pd.DataFrame, key: str) -> None:
    st.markdown(f"**{literal(title)} ({len(rows)})**")
    if rows.empty:
        st.caption("Personne.")
        return
    st.dataframe(
        rows[["nom", "commune", "distance_km", "precision_geo"]], hide_index=True,
        key=f"bord_{key}", height=tableau.height(len(rows), 8),
        column_config={
            "nom": st.column_config.TextColumn("Nom", width="medium"), "commune": "Commune",
            "distance_km": st.column_config.NumberColumn("Distance (km)", format="localized",
                                                         step=0.1),
            "precision_geo": "Précision du lieu",
        },
        alt=f"{title} : {len(rows)} structures.",
    )


def _chart(found: Sensitivity) -> alt.LayerChart:
    """Draw the count by radius, and the radius in force."""
    x = alt.X("rayon_km:Q", title="Rayon (km)", axis=alt.Axis(grid=False, format="d"))
    y = alt.Y("structures:Q", title="Structures", axis=alt.Axis(
        titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-10, gridColor=GRID,
        tickMinStep=1, format="d"))
    colour = SERIES_SIGNS[0][0]
    curve = alt.Chart(found.curve).mark_line(
        interpolate="step-after", color=colour, strokeWidth=2, point=alt.OverlayMarkDef(
            filled=True, color=colour, size=40)
    ).encode(x=x, y=y, tooltip=[alt.Tooltip("rayon_km:Q", title="Rayon (km)"),
                                alt.Tooltip("structures:Q", title="Structures")])
    edges = pd.DataFrame({"rayon_km": [found.inner_km, found.perimeter.discs[0].radius_km,
                                       found.outer_km]})
    rules = alt.Chart(edges).mark_rule(color=BREAK_COLOUR, strokeDash=[4, 3]).encode(
        x="rayon_km:Q")
    return alt.layer(curve, rules).properties(height=_HEIGHT, width="container").configure(
        background="transparent"
    ).configure_view(stroke=None)
