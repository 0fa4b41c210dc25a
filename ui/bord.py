"""The edge of a radius: who enters, who leaves, and the suppliers and jobs by distance."""

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
from ui.courbes import FRENCH_NUMBERS
from ui.markdown import literal

_MARGIN = "bord_marge"
_USUAL = 10
FIELDS = (_MARGIN,)
_HEIGHT = 260
_HEIGHT_JOBS = 180
#: Title level above the axis; both axes as wide, so that the two charts have the same radii.
_AXIS = alt.Axis(titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-10, gridColor=GRID,
                 tickMinStep=1, minExtent=48, maxExtent=48, format=",d", tickCount=5)


def draw(perimeter: Perimeter, criteria: Criteria, listed: Directory) -> None:
    """Draw what a margin of the radius changes."""
    try:
        sensibilite.disc(perimeter)
    except InvalidInputError as error:
        st.info(literal(error.user_message), icon=":material/info:")
        return
    margin = st.slider("Marge du rayon (%)", 5, 50, st.session_state.get(_MARGIN, _USUAL), 5,
                       key=_MARGIN)
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
    if found.sized:
        st.altair_chart(_jobs(found), theme=None, key="courbe_emplois")
    st.caption(literal(found.jobs_sentence()))
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
    x, y = _radius(found), alt.Y("structures:Q", title="Structures", axis=_AXIS)
    colour = SERIES_SIGNS[0][0]
    curve = alt.Chart(found.curve).mark_line(
        interpolate="step-after", color=colour, strokeWidth=2, point=alt.OverlayMarkDef(
            filled=True, color=colour, size=40)
    ).encode(x=x, y=y, tooltip=[alt.Tooltip("rayon_km:Q", title="Rayon (km)"),
                                alt.Tooltip("structures:Q", title="Structures")])
    return _framed(found, _HEIGHT, curve)


def _jobs(found: Sensitivity) -> alt.LayerChart:
    """Draw the jobs by radius: a band from the least to the most, a line at the least."""
    rows = found.curve.astype({"emplois_min": float, "emplois_max": float})
    # Nothing is joined over radii whose jobs are unknown, or have no known most.
    rows["sans_min"] = rows["emplois_min"].isna().cumsum()
    rows["sans_max"] = rows["emplois_max"].isna().cumsum()
    x, least = _radius(found), alt.Y("emplois_min:Q", title="Emplois", axis=_AXIS)
    colour = SERIES_SIGNS[1][0]
    said = [alt.Tooltip(f"{c.name}:Q", title=c.label) for c in sensibilite.columns()]
    base = alt.Chart(rows)
    band = base.transform_filter("isValid(datum.emplois_max)").mark_area(
        interpolate="step-after", color=colour, opacity=0.25
    ).encode(x=x, y=least, y2="emplois_max:Q", detail="sans_max:N")
    line = base.transform_filter("isValid(datum.emplois_min)").mark_line(
        interpolate="step-after", color=colour, strokeWidth=2, point=alt.OverlayMarkDef(
            filled=True, color=colour, size=40)
    ).encode(x=x, y=least, detail="sans_min:N", tooltip=said)
    return _framed(found, _HEIGHT_JOBS, band, line)


def _radius(found: Sensitivity) -> alt.X:
    """Make the axis of radii, the same for both charts whatever each has to draw."""
    return alt.X("rayon_km:Q", title="Rayon (km)", axis=alt.Axis(grid=False, format="~g"),
                 scale=alt.Scale(domain=[0, found.outer_km], nice=False))


def _framed(found: Sensitivity, height: int, *layers: alt.Chart) -> alt.LayerChart:
    """Put layers over the radius in force and its two edges."""
    edges = pd.DataFrame({"rayon_km": [found.inner_km, sensibilite.disc(found.perimeter).radius_km,
                                       found.outer_km]})
    rules = alt.Chart(edges).mark_rule(color=BREAK_COLOUR, strokeDash=[4, 3]).encode(
        x="rayon_km:Q")
    return alt.layer(*layers, rules).properties(height=height, width="container").configure(
        background="transparent", locale=alt.Locale(number=FRENCH_NUMBERS)
    ).configure_view(stroke=None)
