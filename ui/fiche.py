"""The sheet of a territory and the questions to put to the banks, on screen and as files."""

from __future__ import annotations

import datetime as dt
import functools
import math
from html import escape

import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from layers.note import note_html
from territory import atlas, catalog, communes, fiche, questions, settings
from territory.atlas import Figure
from territory.errors import TerritoryError
from territory.fiche import Atlas, Fiche
from territory.questions import Question
from territory.sources import itineraire
from territory.text import date, fold, number, plural
from ui import tableau
from ui.markdown import literal

#: Shorter names, for the figures in large.
_SHORT = {
    "minutes": "Temps au guichet",
    "minutes_2": "Temps au deuxième guichet",
    "e2sfca": "Accessibilité (E2SFCA)",
    "part_exclusion": "En exclusion bancaire",
    "part_aides_logement_2022": "Aides au logement (2022)",
    "revenu_imposable_par_hab_2022": "Revenu par habitant (2022)",
    "part_65p_2021": "65 ans et plus (2021)",
    "part_qpv_2022": "Habitants en QPV (2022)",
}


def summary(sheet: Fiche) -> None:
    """Write what is essential, then four figures."""
    place = sheet.territoire
    people = sheet.population
    said = f"{plural(people, 'habitant')}" if people is not None else "population inconnue"
    if len(place.codes) > 1:
        said += f", {plural(len(place.codes), 'commune')}"
    st.header(literal(place.label), anchor=False)
    st.markdown(f"{literal(said)}. **{literal(fiche.headline(sheet))}**")
    shown = ("minutes", "minutes_2", "e2sfca", "indice_fragilite") if place.kind == "commune" else (
        "minutes", "part_15", "part_a_une_fermeture", "part_exclusion")
    figures = {figure.id: figure for figure in sheet.figures}
    if math.isnan(sheet.value("minutes")):
        # Nothing is known of the counters: fragility alone has something to say.
        shown = tuple(figure.id for figure in sheet.figures if figure.theme == "fragilite")[:4]
    france = "France" if "France" in sheet.beside.columns and place.kind != "france" else None
    if fiche.overseas(place):
        st.info(literal(fiche.OVERSEAS), icon=":material/info:")
    for name, column in zip(shown, st.columns(len(shown)), strict=True):
        figure = figures[name]
        values = sheet.of(figure)
        column.metric(
            _SHORT.get(name, figure.label), figure.written(sheet.value(name)), border=True,
            help=figure.definition,
            delta=None if france is None else f"France : {figure.written(values[france])}",
            delta_color="off", delta_arrow="off",
        )
    if place.kind == "commune":
        st.markdown(
            f"**À une fermeture près** : {sheet.closure}. "
            f"**Guichets à {fiche.OPTIONS_KM:g} km à la ronde** : "
            f"{'inconnu' if sheet.options is None else number(sheet.options)}."
        )
    if sheet.machines is not None:
        seen = f"au moins {number(sheet.machines)}" if sheet.machines else "aucun n’y est relevé"
        st.caption(
            f"Distributeurs de billets : {seen}, d’après OpenStreetMap (ODbL), relevé de bénévoles "
            "incomplet ; il ne compte pas dans les temps ci-dessus."
        )


def comparison(sheet: Fiche) -> None:
    """Draw the figures beside those of the containing units, a table a theme."""
    for theme, title in atlas.THEMES.items():
        figures = [figure for figure in sheet.figures if figure.theme == theme]
        known = sheet.beside.loc[[figure.id for figure in figures]].notna()
        if known.to_numpy().any():
            st.subheader(title, anchor=False)
            st.html(_table(sheet, figures, title))
    with st.expander("Définitions, sources et millésimes", icon=":material/menu_book:"):
        for figure in sheet.figures:
            origin = f"{figure.source}, {figure.vintage}" if figure.vintage else figure.source
            st.markdown(
                f"**{literal(figure.label)}.** {literal(figure.definition)}  \n"
                f"{literal(f'Source : {origin}')}"
            )


def _table(sheet: Fiche, figures: list[Figure], title: str) -> str:
    """Write a table whose labels wrap and whose first column stays: a grid would cut them."""
    ranked = [unit for unit in sheet.around
              if unit.kind in {"departement", "france"} and sheet.ranks]
    heads = [*map(str, sheet.beside.columns), *(f"Rang, {unit.label}" for unit in ranked)]
    rows = []
    for figure in figures:
        ranks = {rank.where: f"{rank.nth(sheet.territoire.kind)} sur {number(rank.among)}"
                 for rank in sheet.ranks.get(figure.id, ())}
        cells = [figure.written(value) for value in sheet.of(figure).values()]
        cells += [ranks.get(unit.label, "–") for unit in ranked]
        rows.append(
            f'<tr><th scope="row">{escape(figure.label)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        )
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return (
        f'<div class="perimetre-tableau" tabindex="0" role="region" aria-label="{escape(title)}">'
        f'<table><thead><tr><th scope="col">Indicateur</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def roads(sheet: Fiche) -> None:
    """List the nearest equipped communes of a commune, and ask the real road time on demand."""
    if sheet.territoire.kind != "commune" or sheet.near.empty:
        return
    st.subheader("Communes équipées les plus proches", anchor=False)
    st.dataframe(
        sheet.near[["nom", "guichets", "distance_km", "minutes"]].round(1), hide_index=True,
        key="fiche_proches", height=tableau.height(len(sheet.near)),
        column_config={
            "nom": st.column_config.TextColumn("Commune", width="medium"),
            "guichets": st.column_config.NumberColumn("Guichets", format="%d"),
            "distance_km": st.column_config.NumberColumn(
                "À vol d’oiseau (km)", format="localized", step=0.1),
            "minutes": st.column_config.NumberColumn(
                "Temps estimé (min)", format="localized", step=0.1),
        },
        alt="Les trois communes équipées les plus proches.",
    )
    if sheet.value("minutes") > 0:
        _road_time(sheet)


def _road_time(sheet: Fiche) -> None:
    code, current = sheet.territoire.code, settings.load()
    asked: set[str] = st.session_state.setdefault("routes_demandees", set())
    if code in asked and _told(sheet, code):
        return
    # Not asked yet, or the service failed: it can be asked (again).
    asked.discard(code)
    st.button(
        "Demander le temps réel par la route", icon=":material/directions_car:",
        on_click=asked.add, args=(code,), disabled=current.offline,
    )
    st.caption(
        "Le réglage TERRITORY_OFFLINE=1 interdit les appels extérieurs." if current.offline
        else "Géoplateforme (IGN) : seuls les points de référence de ces communes lui sont "
        "envoyés."
    )


def _told(sheet: Fiche, code: str) -> bool:
    """Ask the routes and say the fastest; False when the service failed, which is said too."""
    home = communes.get(code)
    places = tuple(zip(sheet.near["longitude"], sheet.near["latitude"], strict=True))
    try:
        route = _routed((home.longitude, home.latitude), places)
    except TerritoryError as error:
        st.warning(literal(error.user_message), icon=":material/cloud_off:")
        return False
    if route is None:
        st.info("Aucune route ne mène à ces communes, d’après la Géoplateforme.",
                icon=":material/info:")
        return True
    reached = sheet.near.iloc[route.rank]
    st.success(literal(
        f"Par la route, sans circulation : {number(route.minutes)} minutes et "
        f"{number(route.km, 1)} km jusqu’à {reached['nom']}, contre {number(reached['minutes'])} "
        f"minutes estimées. Source : IGN, Géoplateforme (OSRM, BD TOPO), le "
        f"{date(dt.date.fromisoformat(route.day))}."
    ), icon=":material/directions_car:")
    return True


@st.cache_data(show_spinner="Calcul des itinéraires…", ttl=86_400, max_entries=200)
def _routed(
    home: tuple[float, float], places: tuple[tuple[float, float], ...]
) -> itineraire.Route | None:
    return itineraire.fastest(home, places, settings.load())


def unknown(sheet: Fiche) -> None:
    """List what is not known, the facts of the département, and what the figures rest on."""
    st.subheader("Ce que l’on ne sait pas", anchor=False)
    st.markdown("\n".join(f"- {literal(one)}" for one in sheet.unknown))
    if len(sheet.facts):
        st.subheader("Faits relevés dans des publications sur le département", anchor=False)
        st.caption("Relevé partiel, tel que les sources l’écrivent : à ne pas mettre en carte.")
        st.dataframe(
            sheet.facts, hide_index=True, key="fiche_faits",
            height=tableau.height(len(sheet.facts), 8),
            column_config={"fait": "Fait", "valeur": "Valeur", "unite": "Unité",
                           "annee": "Année",
                           "source": st.column_config.TextColumn("Source", width="large")},
            alt=f"{len(sheet.facts)} faits relevés sur le département.",
        )
    st.subheader("Sur quoi reposent ces chiffres", anchor=False)
    for note in sheet.notes:
        st.caption(literal(note))


def downloads(sheet: Fiche) -> None:
    """Draw the buttons that write the sheet as a table."""
    with st.container(horizontal=True):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"], FORMATS["csv"]):
            st.download_button(
                form.label, functools.partial(_content, form.id, sheet),
                f"fiche-banques-{slug(sheet)}.{form.extension}", form.media_type,
                key=f"fiche_{form.id}", icon=":material/download:", on_click="ignore",
                type="primary" if form.id == "xlsx" else "secondary",
            )


def _content(form: str, sheet: Fiche) -> bytes:
    sources = ("dgcl", "recensement", "communes", "populations")
    context = ExportContext(
        title=f"Accès aux banques : {sheet.territoire.label}",
        sources=tuple(catalog.SOURCES[one] for one in sources),
        notes=(fiche.headline(sheet), *sheet.notes, *sheet.unknown),
    )
    return FORMATS[form].write(sheet.table(), context)


def slug(sheet: Fiche) -> str:
    """Name of a territory for a file."""
    return fold(sheet.territoire.label).replace(" ", "-")[:60]


def asked(sheet: Fiche, known: Atlas) -> None:
    """Draw the questions to put to the banks, and the buttons that write them."""
    found = questions.of(sheet, known)
    st.caption(
        "Questions tirées des chiffres par des règles. Une distance n’est pas une exclusion, et "
        "un écart n’est pas une faute : elles ouvrent un échange."
    )
    for question in found:
        with st.container(border=True):
            st.markdown(f"**{literal(question.ask)}**")
            st.caption(literal(question.because))
    with st.container(horizontal=True):
        st.download_button(
            "Note à imprimer (HTML)", functools.partial(_note_html, sheet, found),
            f"questions-aux-banques-{slug(sheet)}.html", "text/html", type="primary",
            icon=":material/print:", on_click="ignore",
        )
        st.download_button(
            "Note à modifier (Markdown)", functools.partial(_note, sheet, found),
            f"questions-aux-banques-{slug(sheet)}.md", "text/markdown",
            icon=":material/download:", on_click="ignore",
        )


def _note(sheet: Fiche, found: list[Question]) -> bytes:
    return questions.note(sheet, found, dt.date.today()).encode()


def _note_html(sheet: Fiche, found: list[Question]) -> bytes:
    return note_html(sheet, found, dt.date.today()).encode()
