"""The indicators a page may colour with.

Embedded ones, those of the counters fetched here, and what the list of structures leaves unknown.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
import streamlit as st

from layers import style, web
from layers.base import Layer
from layers.bivariate import CROSSING, bivariate
from layers.breaks import USUAL, Cut
from layers.choropleth import choropleth, indicator_classes, national_classes
from layers.registry import fitted_contours, indicator_layer
from layers.style import Bivariate, Classes
from territory import (
    __version__,
    catalog,
    connaissance,
    directory,
    eloignement,
    exclusion,
    indicators,
    settings,
    store,
)
from territory.communes import Level
from territory.directory import Directory
from territory.exclusion import Measured
from territory.indicators import Indicator
from ui import calcul, carte
from ui.carte.adresses import computed_url
from ui.carte.calculs import publish
from ui.state import EXCLUSION, KNOWLEDGE, LOCAL

_TITLE: Final = "Exclusion bancaire : éloignement des guichets × fragilité des habitants"
_SHORT: Final = "Situation"

#: Every id a link may ask for; the crossing is the default as soon as counters are known.
IDS: Final = (EXCLUSION, *LOCAL, *indicators.INDICATORS, *KNOWLEDGE)


def options() -> list[str]:
    """Ids offered now: those of the counters first, when counters are known."""
    return list(IDS) if calcul.available() else [*indicators.INDICATORS, *KNOWLEDGE]


def default() -> str:
    """Id of the first map."""
    return EXCLUSION if calcul.available() else indicators.DEFAULT_INDICATOR


def is_local(indicator_id: str) -> bool:
    """Tell whether an indicator comes from the counters fetched here."""
    return indicator_id == EXCLUSION or indicator_id in LOCAL


def is_computed(indicator_id: str) -> bool:
    """Tell whether an indicator is computed from what this machine holds, not embedded."""
    return indicator_id not in indicators.INDICATORS


def stamp(indicator_id: str) -> object:
    """Say what the values of a computed indicator depend on; hashable, None for an embedded one."""
    if indicator_id in KNOWLEDGE:
        return _listed().key
    if is_local(indicator_id):
        return exclusion.stamp(settings.load()), calcul.choice(), calcul.weights()
    return None


def _listed() -> Directory:
    return directory.whole(settings.load())


@st.cache_resource(show_spinner=False, max_entries=8)
def _unknown(key: str, level: Level) -> pd.DataFrame:
    """Count once; the key changes with the list."""
    return connaissance.table(_listed(), level)


def label(indicator_id: str) -> str:
    """French title of an indicator."""
    if indicator_id == EXCLUSION:
        return _TITLE
    # All are named at each run: a title does not depend on the list, and nothing is read for it.
    named = connaissance.INDICATORS.get(indicator_id)
    return (named or _described(indicator_id)).label


def _described(indicator_id: str) -> Indicator:
    """Describe an indicator, its vintage and its assumptions those of the supply or of the list."""
    if indicator_id in KNOWLEDGE:
        return connaissance.described(indicator_id, _listed())
    if indicator_id not in LOCAL:
        return indicators.get(indicator_id)
    measured = calcul.measured()
    one = LOCAL[indicator_id]
    said = eloignement.sentence(measured.offer, measured.assumptions)
    sources = measured.counters.source_ids
    return dataclasses.replace(
        one, definition=f"{one.definition} {said}", vintage=measured.counters.year or "inconnu",
        source_id=sources[0] if sources else one.source_id,
    )


def described(indicator_id: str) -> Indicator | None:
    """Say what an indicator is, None for the crossing, which is two."""
    return None if indicator_id == EXCLUSION else _described(indicator_id)


def source_ids(indicator_id: str) -> Sequence[str]:
    """Keys of ``catalog.SOURCES``."""
    if indicator_id in {EXCLUSION, exclusion.INDEX.id}:
        return [*calcul.measured().counters.source_ids, "dgcl", "recensement"]
    if indicator_id in KNOWLEDGE:
        return _listed().source_ids
    return [_described(indicator_id).source_id]


def values(indicator_id: str, level: Level = "commune") -> pd.Series:
    """Values of an indicator by code, NaN where unknown; classes of text for the crossing."""
    if indicator_id == EXCLUSION:
        return calcul.atlas().crossed(level)["classe"]
    if indicator_id in KNOWLEDGE:
        return _unknown(_listed().key, level)[indicator_id]
    if not is_local(indicator_id):
        return indicators.values(indicator_id, level)
    if indicator_id == exclusion.INDEX.id:
        return calcul.atlas().crossed(level)["indice"]
    if level == "commune":
        found = calcul.measured().access[indicator_id]
    else:
        table = calcul.atlas().level(level)
        found = table.get(indicator_id, pd.Series(np.nan, index=table.index))
    return found.replace([np.inf, -np.inf], np.nan)


def rows_behind(indicator_id: str, level: Level = "commune") -> pd.Series | None:
    """Count the structures a share rests on, by code; None where a figure is no such share."""
    if indicator_id not in KNOWLEDGE:
        return None
    return _unknown(_listed().key, level)[connaissance.ROWS]


def classes(indicator_id: str, level: Level = "commune", cut: Cut = USUAL) -> Classes:
    """Cut the classes on all units of a level, so that a colour means the same everywhere."""
    if not is_computed(indicator_id):
        return national_classes(indicator_id, level, cut)
    return indicator_classes(_described(indicator_id), values(indicator_id, level), cut)


def _crossing_style(level: Level) -> Bivariate:
    """Words of the crossing: above the commune the worst third is not called exclusion."""
    return CROSSING if level == "commune" else dataclasses.replace(CROSSING, corner="")


def coloured(
    indicator_id: str, level: Level = "commune", cut: Cut = USUAL
) -> carte.Choropleth:
    """Say what the live map shows of an indicator; a crossing is not cut."""
    if indicator_id == EXCLUSION:
        drawn = _crossing_style(level)
        nine = tuple(carte.LegendClass(**one) for one in web.class_data(drawn))
        return carte.Choropleth(
            EXCLUSION, _TITLE, _SHORT, "", 0, nine, drawn.absent,
            carte.Grid(**web.grid_data(drawn)), _address(indicator_id, level),
        )
    indicator = _described(indicator_id)
    made = classes(indicator_id, level, cut)
    return carte.Choropleth(
        indicator_id, indicator.label, indicator.short_label, indicator.unit, indicator.decimals,
        tuple(carte.LegendClass(**one) for one in web.class_data(made)), style.ABSENT_LABEL,
        adresse=_address(indicator_id, level) if is_computed(indicator_id) else None,
        limites=made.breaks if made.as_written else None,
    )


def _address(indicator_id: str, level: Level) -> str:
    """Address of values computed here, published under a digest of all they depend on."""
    said = repr((__version__, store.version(), stamp(indicator_id), indicator_id, level))
    digest = hashlib.sha256(said.encode()).hexdigest()[:20]
    # Published at every run: the map may ask for it long after others took its place.
    return computed_url(publish(f"calcul-{digest}", _content(digest, indicator_id, level)))


@st.cache_resource(show_spinner=False, max_entries=32)
def _content(digest: str, indicator_id: str, level: Level) -> web.Columns:
    """Compute once; the digest says what it depends on."""
    if indicator_id == EXCLUSION:
        crossed = calcul.atlas().crossed(level)
        return web.computed_values(crossed["classe"], CROSSING, reasons=crossed["raison"])
    indicator = _described(indicator_id)
    why = None
    if indicator_id in KNOWLEDGE:
        why = connaissance.reasons(_unknown(_listed().key, level))
    return web.computed_values(values(indicator_id, level), classes(indicator_id, level),
                               indicator.decimals, why)


def layer(
    indicator_id: str,
    level: Level = "commune",
    area: shapely.Geometry | None = None,
    cut: Cut = USUAL,
) -> Layer:
    """Layer of an indicator for a document, with contours; see ``registry.indicator_layer``."""
    if not is_computed(indicator_id):
        return indicator_layer(indicator_id, level, area=area, cut=cut)
    contours = fitted_contours(level, area)
    if indicator_id == EXCLUSION:
        return _crossing(level, contours)
    return choropleth(_described(indicator_id), values(indicator_id, level), level,
                      classes=classes(indicator_id, level, cut), contours=contours)


def without_contours(indicator_id: str, level: Level, cut: Cut = USUAL) -> Layer:
    """Layer of a level for a legend: contours would cost a third of a second."""
    if indicator_id == EXCLUSION:
        return _crossing(level, None)
    return choropleth(_described(indicator_id), values(indicator_id, level), level,
                      classes=classes(indicator_id, level, cut))


def _crossing(level: Level, contours: object) -> Layer:
    measured: Measured = calcul.measured()
    crossed = calcul.atlas().crossed(level)
    return bivariate(
        crossed["classe"], level, id=EXCLUSION, title=_TITLE,
        sentence=f"{exclusion.METHOD} "
        f"{eloignement.sentence(measured.offer, measured.assumptions)}",
        attribution=catalog.attribution([*source_ids(EXCLUSION), "communes"]),
        style=_crossing_style(level),
        vintage=f"guichets {measured.counters.year or 'd’année inconnue'}, fragilité 2021 et 2022",
        contours=contours, reasons=crossed["raison"],  # type: ignore[arg-type]
    )
