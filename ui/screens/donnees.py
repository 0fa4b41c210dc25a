"""Page « Données et méthodes »: every source, its vintage, its licence, its holes."""

from __future__ import annotations

import streamlit as st

from territory import (
    catalog,
    connaissance,
    directory,
    eloignement,
    exclusion,
    indicators,
    settings,
    store,
    supply,
)
from territory.text import date, number, plural
from ui import calcul
from ui.markdown import literal

st.title("Données et méthodes", anchor=False)
st.markdown(
    "Chaque chiffre de ce site dit son producteur, son millésime et sa licence. "
    "Ce qui est inconnu est écrit « inconnu », jamais remplacé par zéro ou par « non »."
)

st.header("Ce qu’est un extrait", anchor=False)
st.markdown(
    "Aucun fichier publié ne donne la liste complète des employeurs de l’économie sociale et "
    f"solidaire : la France en compte environ {number(210000)} établissements. La liste embarquée "
    f"en contient {number(store.manifest()['tables']['ess_structures']['lignes'])}, relevés dans "
    "des pages publiques citées ligne à ligne, surtout en Auvergne-Rhône-Alpes. C’est un "
    "**extrait** : qu’une structure n’y soit pas ne dit rien d’elle, et qu’elle y soit ne prouve "
    "pas qu’elle existe encore aujourd’hui. Les ESAT et entreprises adaptées y figurent comme "
    "tels, sans être comptés dans l’ESS."
)

st.header("La liste complète, périmètre par périmètre", anchor=False)
st.markdown(
    "Sur la page « Explorer », le bouton « Chercher toutes les structures de l’ESS de ce "
    "périmètre » interroge l’API Recherche d’entreprises de l’État et remplace l’extrait par la "
    "liste des **établissements employeurs** ouverts. Ce qui arrive est gardé sur ce serveur "
    f"{plural(settings.load().fresh_days, 'jour')}, avec sa date. Les lacunes du service sont "
    "dites avec le résultat. Pour la France entière : `python -m territory fetch sirene --france`."
)

st.header("Sources embarquées", anchor=False)
st.caption("Elles sont livrées avec le logiciel : tout fonctionne sans réseau.")


held = directory.fetched(settings.load())


def _rows(source: catalog.Source) -> str:
    here = held.get(source.id)
    if here is not None:
        asked = "" if here.communes is None else f" pour {plural(here.communes, 'commune')}"
        return f"{number(here.rows)}{asked}, récupérées le {date(here.day)}"
    tables = store.manifest()["tables"]
    counts = [tables[name]["lignes"] for name in source.tables if name in tables]
    return number(counts[0]) if counts else "aucune, source non récupérée"


def _card(source: catalog.Source) -> None:
    with st.container(border=True):
        st.subheader(source.title, anchor=False)
        rows = {
            "Producteur": source.producer,
            "Millésime": source.vintage,
            "Licence": source.licence,
            "Lignes": _rows(source),
            "Ce qui manque": source.missing,
            "Mention à reprendre": source.attribution,
            "Page du producteur": source.url,
        }
        st.markdown("\n".join(f"- **{label}** : {value}" for label, value in rows.items()))


for source in catalog.SOURCES.values():
    if source.access == "embarquee":
        _card(source)

st.header("Sources à récupérer", anchor=False)
st.caption(
    "Elles se récupèrent à la demande ; rien n’est appelé sans vous. Tant qu’une source n’est pas "
    "récupérée, rien de ce qu’elle donne n’est affiché."
)
for source in catalog.SOURCES.values():
    if source.access == "distante":
        _card(source)

st.header("Indicateurs", anchor=False)
if not calcul.available():
    st.info(literal(supply.MISSING), icon=":material/info:")
else:
    measured = calcul.measured()
    with st.container(border=True):
        st.subheader("Éloignement des guichets et exclusion bancaire", anchor=False)
        st.markdown(literal(
            f"{exclusion.METHOD} {eloignement.sentence(measured.offer, measured.assumptions)}"
        ))
        for one in eloignement.INDICATORS.values():
            st.markdown(f"- **{literal(one.label)}.** {literal(one.definition)}")
        st.markdown(
            f"Source : {literal(measured.counters.source)}. Pour toute la France : "
            "`python -m territory indicators`."
        )
for indicator in indicators.INDICATORS.values():
    with st.container(border=True):
        st.subheader(indicator.label, anchor=False)
        st.markdown(
            f"{indicator.definition}\n\nSource : "
            f"{catalog.SOURCES[indicator.source_id].attribution}."
        )

with st.container(border=True):
    st.subheader("Ce que la liste des structures ne dit pas", anchor=False)
    st.markdown(literal(connaissance.sentence(directory.whole(settings.load()))))
    for one in connaissance.INDICATORS.values():
        st.markdown(f"- **{literal(one.label)}.** {literal(one.definition)}")

st.header("Méthodes", anchor=False)
st.markdown(
    """
- **Périmètre.** Un lieu est dans un disque quand sa distance géodésique au centre, sur
  l’ellipsoïde WGS 84, est au plus égale au rayon. Quand le centre est une commune, tout lieu de
  cette commune est dedans. Le cercle dessiné est calculé de la même façon.
- **Lieu d’une structure.** Son adresse quand la source la situe ; sinon le point de référence de
  sa commune (la mairie, ou un point du contour), et la colonne « Précision du lieu » le dit.
- **Filière.** Déclarée quand elle est lue dans la source ; présumée quand elle ne vient que du
  code NAF ; inconnue sinon.
- **PTCE.** Un pôle dont la source ne nomme pas la commune est montré à l’échelle où il est connu
  (EPCI, département, région), jamais en un point inventé.
- **Contours.** Les communes forment une couverture sans trou ni recouvrement ; EPCI,
  départements et régions en sont les réunions. Le détail des réparations est dans
  `docs/donnees.md`.
- **Échelons.** À un échelon supérieur, numérateurs et dénominateurs sont additionnés sur les
  communes où les deux sont connus ; sous la moitié de la population connue, la donnée est absente.
"""
)
