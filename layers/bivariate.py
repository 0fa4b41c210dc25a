"""The crossing of access and fragility as a layer: nine colours, and grey where an axis is unknown.

« Exclusion bancaire » is said of the worst third of both axes and of nothing else.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import geopandas as gpd
import pandas as pd

from layers.base import Layer
from layers.choropleth import level_title, unit_table
from layers.style import Bivariate
from territory.communes import Level

#: How the classes of :func:`territory.indicators.composite.crossing` are drawn and said.
CROSSING: Final = Bivariate(
    column="classe",
    up="Éloignement des guichets",
    across="Fragilité des habitants",
    steps=(
        ("d’accès plus facile", "d’accès moyen", "d’accès plus difficile"),
        ("moins fragile", "de fragilité moyenne", "plus fragile"),
    ),
    corner="exclusion bancaire",
    absent="donnée absente sur un axe au moins",
    note=(
        "Le bleu dit l’éloignement seul, l’orangé la fragilité seule, le plus foncé les deux "
        "ensemble. Chaque axe est coupé en trois tiers d’habitants."
    ),
)


def bivariate(
    classes: pd.Series,
    level: Level,
    *,
    id: str,  # noqa: A002 - the word of Layer
    title: str,
    sentence: str,
    attribution: str,
    vintage: str,
    contours: gpd.GeoSeries | None = None,
    reasons: pd.Series | None = None,
    style: Bivariate = CROSSING,
) -> Layer:
    """Make the layer of a crossing of two axes.

    Parameters
    ----------
    classes : Series of text ``a-f``, indexed by the code of the unit, shape (n,)
        Result of :func:`territory.indicators.composite.crossing`; missing where an axis is.
    level : Level
        What the units are.
    id, title, sentence, attribution, vintage : str
        See :class:`layers.base.Layer`.
    contours : GeoSeries of polygons in EPSG:4326, indexed by code, optional
        Needed by documents and geographic files. Only the units that have a contour are kept.
    reasons : Series of text, indexed by code, optional
        Why a unit is grey, in French; empty or missing where it is not.
    style : Bivariate
        Words and colours.

    Returns
    -------
    Layer
        Table: ``code``, ``nom``, ``classe``, ``raison`` when reasons are given and, with
        contours, ``geometry``.

    Raises
    ------
    LayerError
        A text is empty, a class is none of the nine, or the contours are not in EPSG:4326.
    """
    columns = pd.DataFrame({style.column: classes})
    if reasons is not None:
        columns["raison"] = reasons.reindex(classes.index).fillna("").where(classes.isna(), "")
        style = dataclasses.replace(style, reason="raison")
    return Layer(
        id=id,
        title=title,
        sentence=sentence,
        table=unit_table(columns, level, contours),
        style=style,
        labels={"nom": level_title(level), style.column: "Situation"},
        attribution=attribution,
        vintage=vintage,
    )
