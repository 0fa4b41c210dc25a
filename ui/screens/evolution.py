"""Page « Dans le temps »: what may be compared from one year to another, and what may not."""

from __future__ import annotations

import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, communes, saturation, series
from territory.errors import InvalidInputError
from territory.schemas import Column
from territory.series import Series
from ui import courbes, millesimes
from ui.markdown import literal

_SERIES = "serie"
_PLACE = "serie_lieu"
_COUNTRY = ""

_COLUMNS = (
    Column("periode", "Période", definition="Année ou mois décrit."),
    Column("valeur", "Valeur", "nombre", "Telle que publiée."),
    Column("unite", "Unité"),
    Column("methode", "Comptage", definition="Seuls les points d’un même comptage se comparent."),
    Column("champ", "Champ"),
    Column("source", "Source"),
    Column("source_url", "Adresse de la source"),
    Column("note", "Note", definition="Ce que la source ou le relevé en dit."),
    Column("fait", "Relevé", definition="Table de faits et ligne d’où vient le point."),
)


@st.cache_data(show_spinner=False)
def _available() -> dict[str, list[tuple[str, str]]]:
    return series.available()


def _place_name(code: str) -> str:
    if code == _COUNTRY:
        return "France"
    if code.startswith("R"):
        return f"{communes.units('region').loc[code[1:], 'nom']} (région)"
    return f"{communes.units('departement').loc[code, 'nom']} ({code})"


def key_message() -> None:
    """Say what the official indicator cannot show any more."""
    try:
        said = saturation.sentence()
    except InvalidInputError:
        return  # The facts no longer hold two common years: nothing to say.
    st.info(literal(said), icon=":material/trending_flat:")


def published_series() -> None:
    """Draw the section of the published series: choice, chart, sentences, points, file."""
    st.header("Séries publiées", anchor=False)
    held = _available()
    left, right = st.columns([1, 2])
    place = left.selectbox("Territoire", list(held), format_func=_place_name, key=_PLACE)
    titles = dict(held[place])
    # The key holds the place: another place has other series.
    chosen = right.selectbox("Série", list(titles), format_func=titles.__getitem__,
                             key=f"{_SERIES}_{place}")
    found = series.series(chosen, place)
    st.subheader(f"{found.title} – {found.territory}", anchor=False)
    st.caption(found.definition)
    st.altair_chart(courbes.chart(found), theme=None, key=f"courbe_{place}_{chosen}")
    st.caption(
        "Une ligne joint deux années qui se suivent dans un même comptage ; rien n’est interpolé. "
        "Un trait vertical tireté marque un changement de méthode."
    )
    _readings(found)
    _points(found)


def _readings(found: Series) -> None:
    """Say in words what the chart shows, and what may not be compared."""
    lines = [f"- {literal(s)}." for s in found.sentence().removesuffix(".").split(". ")]
    st.markdown("**Ce que la série montre**\n\n" + "\n".join(lines))
    if found.breaks:
        told = "\n".join(f"- {literal(b.sentence)}" for b in found.breaks)
        st.markdown(f"**Ce qui ne se compare pas**\n\n{told}")
    if found.cautions:
        told = "\n".join(f"- {literal(text)}" for text in found.cautions)
        st.markdown(f"**À savoir avant de comparer**\n\n{told}")


def _points(found: Series) -> None:
    """Show the points with their sources, and give them as a file."""
    table = found.table()
    st.markdown("**Les points et leurs sources**")
    st.dataframe(
        table, hide_index=True, key=f"points_{found.id}_{found.territory}",
        column_config={
            "periode": st.column_config.TextColumn("Période", width="small"),
            "valeur": st.column_config.NumberColumn("Valeur", format="localized", width="small"),
            "unite": "Unité",
            "methode": st.column_config.TextColumn("Comptage", width="medium"),
            "champ": "Champ",
            "source": st.column_config.TextColumn("Source", width="large"),
            "source_url": st.column_config.LinkColumn("Page", display_text="ouvrir"),
            "note": "Note",
            "fait": "Relevé",
        },
        alt=f"Points de la série « {found.title} » et leurs sources.",
    )
    st.download_button(
        "Télécharger la série (CSV)", _csv(found), f"serie-{found.id}.csv", "text/csv",
        icon=":material/download:", on_click="ignore",
    )


def _csv(found: Series) -> bytes:
    context = ExportContext(title=found.title, sources=(catalog.SOURCES["bancaire"],),
                            notes=(found.sentence(), *found.cautions), declared=_COLUMNS)
    return FORMATS["csv_excel"].write(found.table(), context)


st.title("Dans le temps", anchor=False)
st.markdown(
    "L’accès aux espèces, les agences, le surendettement : ce que des publications successives "
    "permettent de comparer, et ce qu’un changement de méthode interdit. Chaque point dit où il a "
    "été lu."
)
key_message()
published_series()
millesimes.section()
