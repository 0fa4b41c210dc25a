"""The ranking of units by an index whose weights are in sight, and how stable it is."""

from __future__ import annotations

import functools
from typing import Final

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, communes, exclusion
from territory.communes import Level
from territory.exclusion import COMPONENTS, Measured, Weights
from territory.indicators.composite import ACCESS_WEIGHTS, FRAGILITY_WEIGHTS
from territory.territoires import Territoire
from territory.text import number, plural
from ui import calcul, tableau
from ui.markdown import literal
from ui.travail import Job, progress

_LEVEL: Final = "classement_niveau"
_MEAN: Final = "classement_moyenne"
_JOB: Final = "classement_stabilite"
_KEPT: Final = "classement_robuste"
_MOST: Final = 1_000
_DRAWS: Final = 200
_LEVELS: Final[dict[Level, str]] = {
    "commune": "Communes", "epci": "EPCI", "departement": "Départements", "region": "Régions",
}


def draw(measured: Measured, place: Territoire | None) -> None:
    """Draw the weights, the ranking of the units inside a territory, and its stability."""
    st.caption(
        "Aucune source ne dit de « bons » poids : ceux-ci sont une proposition de ce projet, à "
        "discuter. Les deux axes restent toujours montrés ; l’indice n’en est qu’un résumé."
    )
    weights = _weights(measured)
    level = _level(place)
    table = _ranked(measured, level, weights, place)
    table = _with_stability(table, measured, level, weights)
    _show(table, level, place)
    _download(table, level, weights)


def _weights(measured: Measured) -> Weights:
    """Draw the weights; the sheet and the map follow them."""
    now = calcul.weights()
    usual = {**dict(now.access), **dict(now.fragility)}
    with st.expander("Poids des deux axes", icon=":material/balance:", key="volet_poids"):
        sides = st.columns(2)
        for side, title, axis, ranks in (
            (sides[0], "Éloignement des guichets", ACCESS_WEIGHTS, measured.access_ranks),
            (sides[1], "Fragilité des habitants", FRAGILITY_WEIGHTS, measured.fragility_ranks),
        ):
            side.markdown(f"**{title}**")
            for name in axis:
                absent = name not in ranks or bool(ranks[name].isna().all())
                st.session_state.setdefault(f"poids_{name}", int(usual[name]))
                side.slider(
                    COMPONENTS[name] + (" – donnée absente" if absent else ""), 0, 100,
                    st.session_state[f"poids_{name}"], step=5, key=f"poids_{name}",
                    disabled=absent, on_change=_changed,
                    help="Sans donnée, son poids se reporte sur les autres." if absent else None,
                )
        st.session_state.setdefault(_MEAN, now.mean)
        st.segmented_control(
            "Résumé des deux axes", ["geometrique", "arithmetique"], key=_MEAN, required=True,
            default=st.session_state[_MEAN],
            on_change=_changed, wrap=True,
            format_func=lambda m: "Les deux à la fois (racine du produit)" if m == "geometrique"
            else "L’un compense l’autre (moyenne)",
        )
        if now != Weights():
            st.button("Revenir aux poids d’origine", icon=":material/undo:", on_click=_reset)
    return now


def _changed() -> None:
    state = st.session_state
    calcul.weigh(Weights(
        tuple((name, float(state[f"poids_{name}"])) for name in ACCESS_WEIGHTS),
        tuple((name, float(state[f"poids_{name}"])) for name in FRAGILITY_WEIGHTS),
        state[_MEAN],
    ))


def _reset() -> None:
    state = st.session_state
    for name in (*ACCESS_WEIGHTS, *FRAGILITY_WEIGHTS):
        state.pop(f"poids_{name}", None)
    state.pop(_MEAN, None)
    calcul.weigh(Weights())


def _level(place: Territoire | None) -> Level:
    if place is None or place.kind == "france":
        choices: list[Level] = list(_LEVELS)
    elif place.kind == "region":
        choices = ["commune", "epci", "departement"]
    elif place.kind == "departement":
        choices = ["commune", "epci"]
    else:
        return "commune"
    if st.session_state.get(_LEVEL) not in choices:
        st.session_state.pop(_LEVEL, None)
    chosen: Level = st.segmented_control(
        "Classer les", choices, key=_LEVEL, default=choices[-1], required=True,
        format_func=lambda level: _LEVELS[level],
    ) or choices[-1]
    return chosen


def _ranked(
    measured: Measured, level: Level, weights: Weights, place: Territoire | None
) -> pd.DataFrame:
    """Units inside a territory (a commune's own EPCI), the least favourable first."""
    crossed = exclusion.cross(measured, level, weights)
    units = communes.units(level)
    inside = _inside(level, place)
    table = units.loc[units.index.intersection(inside, sort=False), ["nom", "population"]].join(
        crossed.drop(columns=["rang"]).assign(rang=crossed["rang"])
    )
    if "part_exclusion" in table:
        table["part_exclusion"] = table["part_exclusion"].round(1)
    table = table.sort_values("indice", ascending=False, kind="stable")
    order = table["indice"].rank(ascending=False, method="min")
    table.insert(0, "place", order.astype("Int64"))
    table["lecture"] = [exclusion.words(klass, level) for klass in table["classe"]]
    table.loc[table["classe"].isna(), "lecture"] = table["raison"]
    return table.drop(columns=["raison"])


def _inside(level: Level, place: Territoire | None) -> pd.Index:
    units = communes.units(level)
    if place is None or place.kind == "france":
        return units.index
    codes = list(place.codes)
    if place.kind == "commune":
        home = communes.table().loc[place.code, "code_epci"]
        codes = [place.code] if pd.isna(home) else list(
            communes.units("commune").index[communes.units("commune")["code_epci"] == home]
        )
    if level == "commune":
        return pd.Index(codes)
    held = communes.table().loc[codes, f"code_{level}"].dropna()
    return pd.Index(held.unique())


def _with_stability(
    table: pd.DataFrame, measured: Measured, level: Level, weights: Weights
) -> pd.DataFrame:
    """Add the band of the ranks, once somebody has asked for it with these weights."""
    if level != "commune":
        return table
    state = st.session_state
    job: Job[pd.DataFrame] | None = state.get(_JOB)
    if job is not None and job.over:
        state[_JOB] = None
        if job.result is not None:
            state[_KEPT] = (state.pop("classement_pour"), job.result)
        job = None
    if job is not None:
        progress(job, "Tirage des poids", key="arreter_stabilite")
        return table
    key = (id(measured), weights)
    kept = state.get(_KEPT)
    if kept is None or kept[0] != key:
        st.button(
            f"Mesurer la stabilité ({_DRAWS} tirages des poids)", icon=":material/casino:",
            on_click=_start, args=(measured, weights, key),
            help="Chaque poids est tiré au hasard à ± 50 % ; le classement dit entre quels rangs "
            "chaque commune reste.",
        )
        return table
    band = kept[1].reindex(table.index)
    robust = band["robuste"].map({True: "robuste", False: "sensible aux poids"})
    return table.assign(
        bande=(band["rang_min"].map(_rounded) + " à " + band["rang_max"].map(_rounded)).where(
            band["rang_min"].notna(), "inconnue"),
        stabilite=robust.astype(object).fillna("inconnue"),
    )


def _rounded(rank: float) -> str:
    return "" if pd.isna(rank) else number(rank)


def _start(measured: Measured, weights: Weights, key: object) -> None:
    job = Job(lambda watch: exclusion.stability(measured, weights, _DRAWS, watch))
    st.session_state["classement_pour"] = key
    st.session_state[_JOB] = job
    job.start()


def _show(table: pd.DataFrame, level: Level, place: Territoire | None) -> None:
    known = int(table["indice"].notna().sum())
    where = "en France" if place is None or place.kind == "france" else (
        "de son EPCI" if place.kind == "commune" else f"dans {place.label}")
    said = f"{_LEVELS[level]} {where}, de la situation la plus défavorable à la plus favorable : "
    said += f"{number(known)} classées sur {number(len(table))}."
    if len(table) > _MOST:
        said += f" Les {number(_MOST)} premières sont affichées ; le fichier les contient toutes."
    st.caption(literal(said))
    shown = table.head(_MOST).rename_axis("code").reset_index()
    st.dataframe(
        shown.drop(columns=["classe"]), hide_index=True, key="classement",
        height=tableau.height(len(shown), 15),
        column_order=["place", "nom", "lecture", "indice", "eloignement", "fragilite", "bande",
                      "stabilite", "part_exclusion", "population", "code"],
        column_config={
            "place": st.column_config.NumberColumn("Place", width="small"),
            "nom": st.column_config.TextColumn("Territoire", width="medium"),
            "lecture": st.column_config.TextColumn("Lecture", width="large"),
            "indice": st.column_config.ProgressColumn("Indice", min_value=0, max_value=100,
                                                      format="%.0f"),
            "eloignement": st.column_config.NumberColumn("Éloignement", format="%.0f"),
            "fragilite": st.column_config.NumberColumn("Fragilité", format="%.0f"),
            "part_exclusion": st.column_config.NumberColumn(
                "En exclusion (% hab.)", format="localized", step=0.1,
                help="Part des habitants d’une commune en exclusion bancaire."),
            "bande": "Rang sur 100 selon les poids",
            "stabilite": "Stabilité",
            "population": st.column_config.NumberColumn("Habitants", format="localized"),
            "code": "Code",
        },
        alt=f"Classement de {plural(len(table), 'territoire')}.",
    )


def _download(table: pd.DataFrame, level: Level, weights: Weights) -> None:
    form = FORMATS["xlsx"]
    st.download_button(
        "Classement complet (XLSX)", functools.partial(_content, table, level, weights),
        f"classement-{level}.xlsx", form.media_type, icon=":material/download:",
        on_click="ignore",
    )


def _content(table: pd.DataFrame, level: Level, weights: Weights) -> bytes:
    said = ", ".join(f"{COMPONENTS[name]} {weight:g}"
                     for name, weight in (*weights.access, *weights.fragility))
    context = ExportContext(
        title=f"Éloignement des guichets et fragilité : classement par {communes.LEVELS[level]}",
        sources=tuple(catalog.SOURCES[s] for s in ("dgcl", "recensement", "communes")),
        notes=(exclusion.METHOD, f"Poids : {said}."),
        declared=exclusion.columns(),
    )
    return FORMATS["xlsx"].write(table.rename_axis("code").reset_index(), context)
