"""The section of the years side by side: counters of a territory in each year fetched here."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, eloignement, millesimes, settings, supply
from territory.millesimes import EVENTS, Year
from territory.schemas import Column
from territory.territoires import Territoire
from territory.text import join, number, plural
from ui import calcul, courbes, tableau, territoire
from ui.calcul import Choice
from ui.markdown import literal

_LABELS = {
    "guichets": ("Guichets", 0), "communes_equipees": ("Communes équipées", 0),
    "minutes": ("Temps moyen estimé (min)", 1), "part_5": ("Habitants à plus de 5 min (%)", 1),
    "part_10": ("Habitants à plus de 10 min (%)", 1),
    "part_15": ("Habitants à plus de 15 min (%)", 1),
}
_MOST = 1_000


@st.cache_resource(show_spinner="Lecture des millésimes…", max_entries=2)
def _years(stamp: str | None, of: Choice) -> list[Year]:
    """Read once; the stamp changes with what has been fetched."""
    return millesimes.held(settings.load(), of.offer, of.assumptions)


def section() -> None:
    """Draw the section."""
    st.header("Guichets par commune : les années côte à côte", anchor=False)
    current = settings.load()
    years = _years(supply.stamp(current), calcul.choice())
    if len(years) < 2:
        _too_few(years)
        return
    place = territoire.choose()
    if place is None:
        st.caption("Choisissez un territoire.")
        return
    st.caption(literal(
        f"{years[0].source} à {years[-1].source}, portés sur les communes actuelles et rapportés "
        f"aux habitants d’aujourd’hui. Guichets comptés : {supply.named(calcul.choice().offer)}. "
        f"{eloignement.CAUTION}"
    ))
    table = millesimes.of_territory(years, place)
    left, right = st.columns([1.2, 1], gap="medium")
    with left:
        drawn = millesimes.series(years, place)
        if drawn is None:
            st.info("Le nombre de guichets est inconnu ici, chaque année.", icon=":material/info:")
        else:
            st.altair_chart(courbes.chart(drawn), theme=None, key="courbe_millesimes")
    with right:
        _side_by_side(table, place)
    _changes(years, place)


def _too_few(years: list[Year]) -> None:
    have = f"Une seule année est récupérée ({years[0].year}). " if years else ""
    st.info(literal(
        f"{have}Pour comparer, récupérez-en deux de la même source : python -m territory fetch bpe "
        "--millesime ANNÉE, ou --fichier avec un fichier d’une année passée."
    ), icon=":material/info:")


def _side_by_side(table: pd.DataFrame, place: Territoire) -> None:
    rows = []
    for name, (label, decimals) in _LABELS.items():
        values = table[name]
        change = values.iloc[-1] - values.iloc[0]
        rows.append({
            "Indicateur": label,
            **{str(year): "inconnu" if pd.isna(value) else number(value, decimals)
               for year, value in values.items()},
            "Écart": "inconnu" if pd.isna(change)
            else f"{'+' if change > 0 else ''}{number(change, decimals)}".replace("-", "−"),
        })
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, key="millesimes", height=tableau.height(len(rows)),
        alt=f"Guichets de {place.label}, année par année.",
    )


def _changes(years: list[Year], place: Territoire) -> None:
    names = [year.year for year in years]
    first, last = years[0], years[-1]
    if len(years) > 2:
        low, high = st.select_slider("Comparer", names, (names[0], names[-1]), key="deux_annees")
        first, last = (next(y for y in years if y.year == one) for one in (low, high))
        if first is last:
            st.caption("Choisissez deux années différentes.")
            return
    moved = millesimes.changes(first, last, place)
    counts = moved["evenement"].value_counts()
    said = [f"{plural(int(counts[key]), 'commune')} {text}" for key, text in EVENTS.items()
            if counts.get(key, 0)]
    st.markdown(
        f"**De {first.year} à {last.year}** : {literal(join(said)) or 'aucun changement connu'}."
    )
    if moved.empty:
        return
    shown = moved.head(_MOST).assign(evenement=moved["evenement"].astype(str).map(EVENTS))
    st.dataframe(
        shown.round(1), hide_index=True, key="millesimes_communes",
        height=tableau.height(len(shown)),
        column_order=["nom", "evenement", "habitants", "guichets_avant", "guichets_apres",
                      "minutes_avant", "minutes_apres"],
        column_config={
            "nom": st.column_config.TextColumn("Commune", width="medium"),
            "evenement": st.column_config.TextColumn("Ce qui a changé", width="medium"),
            "habitants": st.column_config.NumberColumn("Habitants", format="localized"),
            "guichets_avant": st.column_config.NumberColumn(f"Guichets {first.year}", format="%d"),
            "guichets_apres": st.column_config.NumberColumn(f"Guichets {last.year}", format="%d"),
            "minutes_avant": st.column_config.NumberColumn(f"Minutes {first.year}",
                                                           format="localized"),
            "minutes_apres": st.column_config.NumberColumn(f"Minutes {last.year}",
                                                           format="localized"),
        },
        alt=f"{len(moved)} communes dont l’accès a changé.",
    )
    form = FORMATS["xlsx"]
    st.download_button(
        "Communes qui ont changé (XLSX)", functools.partial(_content, moved, first, last, place),
        f"guichets-{first.year}-{last.year}.xlsx", form.media_type, icon=":material/download:",
        on_click="ignore",
    )


def _content(moved: pd.DataFrame, first: Year, last: Year, place: Territoire) -> bytes:
    table = moved.assign(evenement=moved["evenement"].astype(str).map(EVENTS))
    context = ExportContext(
        title=f"Guichets de {place.label}, {first.year} et {last.year}",
        sources=(catalog.SOURCES[last.source_id], catalog.SOURCES["communes"]),
        notes=(eloignement.CAUTION,),
        declared=(
            Column("code_insee", "Code Insee"), Column("evenement", "Ce qui a changé"),
            Column("guichets_avant", f"Guichets {first.year}", "nombre"),
            Column("guichets_apres", f"Guichets {last.year}", "nombre"),
            Column("minutes_avant", f"Minutes {first.year}", "nombre"),
            Column("minutes_apres", f"Minutes {last.year}", "nombre"),
        ),
    )
    return FORMATS["xlsx"].write(table.rename_axis("code_insee").reset_index(), context)
