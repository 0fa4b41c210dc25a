"""Page « Pôles (PTCE) »: the poles that sources name, what is known of each, and the grid."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, ptce
from territory.text import plural
from ui import naissance, onglets, poles
from ui.markdown import literal
from ui.tableau import height

_ONE = "ptce_pole"
#: Where the two totals were read.
_MAY_2023 = (
    "https://banquedesterritoires.fr/poles-territoriaux-de-cooperation-economique-un-nouvel-ami-"
    "est-ouvert-jusquau-31-juillet"
)
_OCTOBER_2023 = (
    "https://erreur-systeme.fr/actualite/olivia-gregoire-annonce-la-labellisation-de-x-nouveaux-"
    "ptce"
)


def introduction(table: pd.DataFrame) -> None:
    """Say what the list is and is not."""
    st.title("Pôles (PTCE)", anchor=False)
    st.markdown(
        "Un pôle territorial de coopération économique réunit, sur un territoire, des structures "
        "de l’ESS, des entreprises, des collectivités, des organismes de recherche ou de "
        "formation, autour d’un projet commun (loi du 31 juillet 2014, article 9)."
    )
    st.info(
        f"{plural(len(table), 'pôle')} ci-dessous : ceux que des sources nomment ou disent "
        "retenus. La liste n’est pas complète : l’État en comptait 140 en mai 2023 "
        f"([Banque des Territoires](<{_MAY_2023}>)) et en annonçait 218 en octobre 2023 "
        f"([Mediatico](<{_OCTOBER_2023}>)). Y être ne dit pas qu’un pôle est actif "
        "aujourd’hui. Leur nombre par région suit les sources lues : il ne classe rien.",
        icon=":material/info:",
    )


def counts(table: pd.DataFrame) -> None:
    """Show how many poles bear each status, with its year."""
    counted = poles.by_status(table)
    with st.expander("Par statut et par année", icon=":material/format_list_numbered:"):
        st.dataframe(
            counted, hide_index=True, key="table_statuts", height=height(len(counted), 20),
            column_config={
                "statut": st.column_config.TextColumn("Statut", width="medium"),
                "annee": st.column_config.TextColumn("Année", width="small"),
                "poles": st.column_config.NumberColumn("Pôles", format="%d", width="small"),
            },
            alt="Nombre de pôles par statut et par année.",
        )
        st.caption(
            "Un pôle de plusieurs statuts compte dans chacun. L’année est celle du statut, ou "
            "celle de la page qui le cite, quand une seule page, datée, le fait."
        )


def files(table: pd.DataFrame) -> None:
    """Draw the downloads of the list as filtered."""
    with st.container(horizontal=True):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            st.download_button(
                form.label, functools.partial(_content, form.id, table), f"ptce.{form.extension}",
                form.media_type, icon=":material/download:", on_click="ignore",
                key=f"ptce_{form.id}",
            )


def _content(form: str, table: pd.DataFrame) -> bytes:
    context = ExportContext(
        title=f"{plural(len(table), 'PTCE', 'PTCE')} nommés par des sources",
        sources=(catalog.SOURCES["ptce"],), notes=(ptce.READING,),
    )
    written = table.drop(columns=["niveau", "code", "statut_libelle"])
    return FORMATS[form].write(written, context)


def one_pole(kept: pd.DataFrame) -> None:
    """Draw the choice of a pole, its sheet and its grid."""
    st.header("La fiche d’un pôle", anchor=False)
    names = kept["nom"].tolist()
    if st.session_state.get(_ONE) not in names:
        st.session_state.pop(_ONE, None)
    kept_one = st.session_state.get(_ONE, names[0])
    chosen = st.selectbox("Pôle", names, names.index(kept_one), key=_ONE)
    row = kept[kept["nom"] == chosen].iloc[0]
    st.subheader(literal(str(row["nom"])), anchor=False)
    known, answers = st.tabs(["Ce que l’on sait", "La grille de 2011"])
    with known:
        poles.sheet(row)
    with answers:
        poles.grid(row)


def known_poles() -> None:
    """Draw the list, its files and one pole's sheet."""
    counts(everything)
    found = poles.filters(everything)
    if found.empty:
        st.info("Aucun pôle de la liste ne répond à ces filtres : cela ne dit pas qu’il n’y en a "
                "pas.", icon=":material/search_off:")
        return
    st.markdown(f"**{plural(len(found), 'pôle')}** sur {len(everything)}.")
    poles.listing(found)
    files(found)
    one_pole(found)


everything = ptce.table()
introduction(everything)
onglets.draw([
    onglets.Panel("Les pôles connus", known_poles, (*poles.FIELDS, _ONE)),
    onglets.Panel("Où un pôle pourrait naître", naissance.draw, naissance.KEPT),
    onglets.Panel("Corriger ou compléter la liste", poles.contribute),
], key="ptce_onglet")
