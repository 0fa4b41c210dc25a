"""Page « Épargne et crédit »: savings collected, credit granted, and what nobody publishes."""

from __future__ import annotations

import functools

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.csv import excel_bytes
from layers.export.metadata import ExportContext
from layers.style import AROUND
from territory import catalog, epargne, publications
from territory.epargne import ALERT, CLOSE, REFERENCES, Comparison
from territory.sources.depots_credits import Balances
from territory.text import number, plural
from ui import encours, etats
from ui.markdown import literal

_LEVEL = "epargne_echelon"
_REFERENCE = "epargne_reference"
_ROW_HEIGHT = 35
_SEEN_ROWS = 13
#: Column → decimals and unit.
_FIGURES = {
    "credit_sur_depot": (3, ""), "ecart_relatif": (1, " %"), "ecart": (0, " M€"),
    "quotient": (2, ""), "depots": (0, " M€"), "credits": (0, " M€"),
    "depots_par_habitant": (0, " €"), "credits_par_habitant": (0, " €"), "population": (0, ""),
}
#: Upper limits of the relative gap, %, of the first four colours.
_LIMITS = (-100 * (1 - ALERT), -CLOSE, CLOSE, 100 * (1 - ALERT))


def introduction() -> None:
    """Say what the page is and is not."""
    st.title("Épargne et crédit", anchor=False)
    st.markdown(
        "Pour 1 € déposé aux guichets d’un département, combien de crédits y sont en cours, et "
        "combien ailleurs ? La page compare ce que les guichets collectent et ce qu’ils prêtent, à "
        "l’échelle où la Banque de France le publie : **le département de métropole**. Elle ne "
        "note ni les banques ni les territoires : un grand écart est une **question à poser**."
    )


def obtaining() -> None:
    """Explain how to get the table, while there is none."""
    st.header("Apporter la table", anchor=False)
    st.markdown(
        "Aucune table n’est livrée avec ce site : la Banque de France en fixe les conditions de "
        "reprise.\n\n"
        "1. Sur le site de la Banque de France, cherchez « **Dépôts et crédits dans les régions "
        "françaises** » (Stat Info), ou demandez-la avec la phrase donnée plus bas.\n"
        "2. Enregistrez-la en CSV ou en XLSX, une ligne par département, ou recopiez-la dans le "
        "modèle.\n"
        "3. Déposez-la ici. Une ligne illisible est refusée avec son numéro ; « s » ou « n.d. » "
        "reste inconnu."
    )
    encours.choose()


def result(balances: Balances) -> None:
    """Show the comparison, the questions, the limits and the files."""
    st.header("Écarts à la référence", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if balances.level == "departement":
            level = st.radio("Échelon", ["départements", "régions"], horizontal=True, key=_LEVEL)
            if level == "régions":
                balances = epargne.by_region(balances)
        reference = st.radio(
            "Référence", list(REFERENCES), format_func=REFERENCES.__getitem__, horizontal=True,
            key=_REFERENCE,
        )
    found = epargne.compare(balances, reference)
    st.markdown(f"**{literal(balances.name)}**. {literal(found.sentence())}")
    _table(found)
    _files(found)
    _questions(found)
    st.subheader("À lire avec ces chiffres", anchor=False)
    st.markdown("\n".join(f"- {literal(note)}" for note in found.notes()))


def _table(found: Comparison) -> None:
    """Show the territories, the widest gap first; the colours praise and blame nobody."""
    labels = {c.name: c.label for c in epargne.columns()}
    shown = found.table.drop(columns=["population"])
    shown.insert(4, "lecture", [epargne.reading(gap) for gap in shown["ecart_relatif"]])
    styled = shown.style.map(_colour, subset=["ecart_relatif"]).format(
        {name: functools.partial(_written, *form) for name, form in _FIGURES.items()
         if name in shown}
    )
    config = {
        name: st.column_config.NumberColumn(labels[name]) for name in _FIGURES if name in shown
    }
    st.dataframe(
        styled, hide_index=True, key="table_epargne",
        height=(min(len(shown), _SEEN_ROWS) + 1) * _ROW_HEIGHT + 3,
        column_config={
            **config,
            "code": st.column_config.TextColumn("Code", width="small"),
            "nom": st.column_config.TextColumn("Territoire", width="medium"),
            "lecture": st.column_config.TextColumn("Lecture", width="medium"),
            "question": st.column_config.TextColumn("Question à poser", width="medium"),
        },
        alt=f"Écarts par territoire. {found.sentence()}",
    )
    st.caption(
        f"Orange : moins de crédit que la référence (plus foncé sous la moitié) ; gris : proche, à "
        f"{number(CLOSE)} % près ; violet : plus de crédit. Ni l’orange ni le violet n’est bon ou "
        "mauvais : un siège social, une plateforme de crédit ou une réorganisation de réseau "
        "suffit à expliquer un écart."
    )


def _colour(gap: float) -> str:
    if pd.isna(gap):
        return ""
    rank = sum(gap > limit for limit in _LIMITS)
    return f"background-color: {AROUND[rank]}; color: #1f2d33"


def _written(decimals: int, unit: str, value: float) -> str:
    return "inconnu" if pd.isna(value) else (
        number(float(value), decimals).replace("-", "−") + unit
    )


def _files(found: Comparison) -> None:
    with st.container(horizontal=True):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"]):
            st.download_button(
                form.label, functools.partial(_content, form.id, found),
                f"epargne-credit-{found.balances.level}.{form.extension}", form.media_type,
                icon=":material/download:", on_click="ignore", key=f"epargne_{form.id}",
            )
        encours.remove_button()


def _content(form: str, found: Comparison) -> bytes:
    context = ExportContext(
        title=found.sentence(), declared=epargne.columns(),
        sources=(catalog.SOURCES["depots_credits"], catalog.SOURCES["populations"]),
        notes=(*found.notes(), *found.questions()),
    )
    return FORMATS[form].write(found.table, context)


def _questions(found: Comparison) -> None:
    """List the questions to put, each ready to be copied."""
    asked = found.questions()
    if not asked:
        return
    st.subheader("À demander aux banques", anchor=False)
    st.caption(
        f"{plural(len(asked), 'territoire')} sous la moitié de la référence. Ce seuil vient de la "
        "loi américaine (Section 109), où il ouvre un second examen ; il n’a pas de valeur légale "
        "en France."
    )
    for text in asked:
        st.code(text, language=None, wrap_lines=True)


def unpublished(balances: Balances | None) -> None:
    """Show what nobody publishes, where, and the request to send."""
    st.header("Ce qui n’est pas publié, et qui devrait le publier", anchor=False)
    known = publications.known(balances)
    st.markdown(f"**Épargne et crédit par département.** {literal(etats.sentence(known))}")
    st.altair_chart(etats.chart(known), theme=None, key="carte_etats")
    st.caption(literal(etats.insets()))
    with st.expander("La carte en texte", icon=":material/notes:"):
        st.markdown("\n".join(f"- {literal(line)}" for line in etats.as_text(known)))
    table = publications.table()
    st.subheader("Sujet par sujet", anchor=False)
    st.dataframe(
        table, hide_index=True, key="table_publications",
        height=(len(table) + 1) * _ROW_HEIGHT + 3,
        column_config={
            "Sujet": st.column_config.TextColumn(width="medium"),
            "Échelon": st.column_config.TextColumn(width="medium"),
            "État": st.column_config.TextColumn(width="medium"),
            "Qui devrait publier": st.column_config.TextColumn(width="medium"),
            "Ce qui existe": st.column_config.TextColumn(width="large"),
            "Demande à envoyer": st.column_config.TextColumn(width="large"),
        },
        alt="Ce qui est publié, à quel échelon, et à qui demander le reste.",
    )
    st.download_button(
        "Télécharger ce tableau (CSV)", excel_bytes(table), "ce-qui-n-est-pas-publie.csv",
        "text/csv", icon=":material/download:", on_click="ignore",
    )
    asked = [p for p in publications.PUBLICATIONS if p.request]
    chosen = st.selectbox(
        "Une demande à envoyer", asked,
        format_func=lambda p: f"{p.subject} – {p.level}", key="demande",
    )
    st.markdown(f"Destinataire : **{chosen.producer}**. {chosen.known}")
    st.code(chosen.request, language=None, wrap_lines=True)


introduction()
brought = encours.held()
if brought is None:
    obtaining()
else:
    result(brought)
unpublished(brought)
