"""The static map of what is known of each département's savings and credit."""

from __future__ import annotations

import altair as alt
import pandas as pd

from layers.departements import sheet
from layers.style import INK, KNOWN_COLOURS, LINE
from territory.publications import KNOWN
from territory.text import plural

_HEIGHT = 480


def chart(known: pd.DataFrame) -> alt.LayerChart:
    """Draw the sheet of départements.

    Parameters
    ----------
    known
        See :func:`territory.publications.known`.
    """
    outlines, labels = sheet()
    features = [
        {
            "type": "Feature", "geometry": outline.geometry,
            "properties": {
                "nom": f"{known.loc[outline.code, 'nom']} ({outline.code})",
                "etat": KNOWN[known.loc[outline.code, "etat"]],
                "detail": known.loc[outline.code, "detail"] or "aucun",
            },
        }
        for outline in outlines
    ]
    present = [key for key in KNOWN if (known["etat"] == key).any()]
    shapes = (
        alt.Chart(alt.Data(values=features))
        .mark_geoshape(stroke=LINE, strokeWidth=0.6)
        .encode(
            color=alt.Color(
                "properties.etat:N",
                scale=alt.Scale(domain=[KNOWN[key] for key in present],
                                range=[KNOWN_COLOURS[key] for key in present]),
                legend=alt.Legend(title=None, orient="top", direction="vertical", columns=1,
                                  labelLimit=330, symbolType="square", symbolSize=160,
                                  symbolStrokeColor=LINE),
            ),
            tooltip=[
                alt.Tooltip("properties.nom:N", title="Département"),
                alt.Tooltip("properties.etat:N", title="État"),
                alt.Tooltip("properties.detail:N", title="Chiffres relevés"),
            ],
        )
    )
    names = (
        alt.Chart(pd.DataFrame([(label.short, label.x, label.y) for label in labels],
                               columns=["nom", "x", "y"]))
        .mark_text(fontSize=11, color=INK)
        .encode(longitude="x:Q", latitude="y:Q", text="nom:N")
    )
    return (
        alt.layer(shapes, names)
        .project(type="identity", reflectY=True)
        .properties(height=_HEIGHT, width="container", description=sentence(known))
        .configure(font="Source Sans, sans-serif")
        .configure_view(stroke=None)
        .configure_legend(labelColor=INK, labelFontSize=13)
    )


def sentence(known: pd.DataFrame) -> str:
    """Say in French how many départements are in each state."""
    counts = known["etat"].value_counts()
    told = [f"{words}, {plural(int(counts[key]), 'département')}" for key, words in KNOWN.items()
            if key in counts.index]
    said = " ; ".join(told)
    return f"{said[0].upper()}{said[1:]}."


def insets() -> str:
    """Say in French what the row under the map holds."""
    names = ", ".join(label.text for label in sheet()[1])
    return f"Sous la métropole, de gauche à droite et chacun à son échelle : {names}."


def as_text(known: pd.DataFrame) -> list[str]:
    """List the départements of each state, for those who do not see the map."""
    lines = []
    for key, words in KNOWN.items():
        own = known[known["etat"] == key]
        if len(own):
            named = [f"{row.nom} ({code}{f' : {row.detail}' if row.detail else ''})"
                     for code, row in own.iterrows()]
            lines.append(f"{words.capitalize()} : {', '.join(named)}.")
    return lines
