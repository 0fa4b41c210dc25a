"""The chart of a series: a line only where years follow, a dashed rule where the method changes."""

from __future__ import annotations

import altair as alt
import pandas as pd

from layers.style import BREAK_COLOUR, GRID, INK, SERIES_SIGNS
from territory.series import Series
from territory.text import NNBSP

_HEIGHT = 340
#: Numbers of the axes as French writes them; Vega's own locale is English.
FRENCH_NUMBERS = alt.NumberLocale(
    decimal=",", thousands=NNBSP, grouping=[3], currency=["", f"{NNBSP}€"], percent=f"{NNBSP}%"
)


def chart(found: Series) -> alt.LayerChart:
    """Draw a series.

    Points are always marked; a line joins the points of one method that follow by a year, and
    nothing else. The axis of values starts at zero, that of shares goes to 100.
    """
    points = _points(found)
    shares = all(p.unit.startswith("%") for p in found.points) and points["valeur"].max() > 50
    highest = 100 if shares else float(points["valeur"].max()) * 1.12
    years = (min(p.year for p in found.points), max(p.position for p in found.points))
    names = list(dict.fromkeys(points["methode"]))
    x = alt.X(
        "annee:Q", title=None,
        scale=alt.Scale(domain=[years[0] - 0.6, years[1] + 0.6], nice=False),
        axis=alt.Axis(format="d", tickMinStep=1, labelOverlap=True, grid=False),
    )
    y = alt.Y(
        "valeur:Q", title=_unit(found), scale=alt.Scale(domain=[0, highest], nice=False),
        axis=alt.Axis(titleAnchor="start", titleAngle=0, titleAlign="left", titleY=-10,
                      tickCount=5, gridColor=GRID),
    )
    signs = SERIES_SIGNS[: len(names)]
    # A single method is named by the text above: a legend of one line says nothing.
    key = None if len(names) == 1 else alt.Legend(
        title=None, orient="bottom", columns=2, labelLimit=260, symbolSize=90)
    colour = alt.Color("methode:N", legend=key,
                       scale=alt.Scale(domain=names, range=[c for c, _ in signs]))
    shape = alt.Shape("methode:N", legend=key,
                      scale=alt.Scale(domain=names, range=[s for _, s in signs]))
    base = alt.Chart(points)
    layers: list[alt.Chart] = [
        base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, detail="troncon:N"),
        base.mark_point(size=75, filled=True, opacity=1).encode(
            x=x, y=y, color=colour, shape=shape,
            tooltip=[alt.Tooltip("quand:N", title="Période"),
                     alt.Tooltip("ecrit:N", title="Valeur"),
                     alt.Tooltip("methode:N", title="Comptage")],
        ),
    ]
    for align, dx in (("center", 0), ("right", -8), ("left", 8)):
        layers.append(
            alt.Chart(points[points["cote"] == align])
            .mark_text(align=align, dx=dx, dy=-12, fontSize=12, color=INK)
            .encode(x=x, y=y, text="ecrit:N")
        )
    breaks = pd.DataFrame(
        [(b.position, b.label) for b in found.breaks if b.position is not None],
        columns=["annee", "libelle"],
    )
    if len(breaks):
        ruled = alt.Chart(breaks)
        layers += [
            ruled.mark_rule(strokeDash=[5, 4], strokeWidth=1.5, color=BREAK_COLOUR).encode(x=x),
            ruled.mark_text(align="left", dx=5, dy=-8, baseline="bottom", fontSize=12,
                            color=BREAK_COLOUR, fontStyle="italic").encode(
                x=x, y=alt.value("height"), text="libelle:N"),
        ]
    return (
        alt.layer(*layers)
        .properties(height=_HEIGHT, width="container", padding={"top": 12, "right": 12, "left": 4,
                                                               "bottom": 4},
                    description=f"{found.title}, {found.territory}. {found.sentence()}")
        .configure(locale=alt.Locale(number=FRENCH_NUMBERS), font="Source Sans, sans-serif")
        .configure_view(stroke=None)
        .configure_axis(labelColor=INK, titleColor=INK, labelFontSize=12, titleFontSize=12)
        .configure_legend(labelColor=INK, labelFontSize=12)
    )


def _points(found: Series) -> pd.DataFrame:
    """One row a point.

    « troncon » names the run it is joined with; « cote » says where its value is written, empty
    within a segment: beside it where two methods share a year.
    """
    rows = []
    for rank, segment in enumerate(found.segments):
        ends = {segment.points[0].period, segment.points[-1].period}
        earlier, later = (
            {p.period for other in others for p in other.points}
            for others in (found.segments[:rank], found.segments[rank + 1 :])
        )
        for run in segment.runs():
            for point in run:
                side = "" if point.period not in ends else "center"
                if side and point.period in earlier | later:
                    side = "left" if point.period in earlier else "right"
                rows.append({
                    "annee": point.position, "valeur": point.value, "ecrit": point.written,
                    "quand": point.when, "methode": segment.method.short,
                    "troncon": f"{segment.method.short} {run[0].period}", "cote": side,
                })
    return pd.DataFrame(rows)


def _unit(found: Series) -> str:
    """Name the unit of the axis, or send to the legend when segments have several."""
    units = list(dict.fromkeys(point.unit for point in found.points))
    return units[0].replace("'", "’") if len(units) == 1 else "unité selon le comptage"
