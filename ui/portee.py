"""Both reaches: who of the perimeter delivers here, and who of elsewhere comes as well."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from territory import desserte, portee
from territory.desserte import Desserte
from territory.directory import Directory
from territory.perimeter import Perimeter
from territory.suppliers import FAMILIES, Criteria
from territory.text import join, number, plural
from ui import fichier, tableau
from ui.markdown import literal

_MOST: Final = 500
_WHERE: Final = "Le fichier s’ajoute dans la page « Explorer »."
_PLACES: Final = {"oui": "Dans le périmètre", "non": "Hors du périmètre"}
_ANSWERS: Final = {"oui": "{} et livre ici", "non": "{}, ne livre pas ici",
                   "inconnu": "{}, portée inconnue"}
#: A range may be declared there, and lead nowhere without a place to start from.
_LOST: Final = {"oui": "Lieu inconnu et livre ici", "non": "Lieu inconnu, ne livre pas ici",
                "inconnu": "Lieu inconnu, réponse inconnue"}


def draw(perimeter: Perimeter, criteria: Criteria, listed: Directory) -> None:
    """Draw the count of each case, then those from outside that deliver here."""
    found = desserte.measure(perimeter, criteria, listed.index, fichier.own())
    st.markdown(f"**{literal(found.sentence())}**")
    here = join(list(dict.fromkeys(center.center_label for center in perimeter.centers)), "ou")
    st.caption(literal(
        f"« Ici » : {here}. Être dans le périmètre et livrer ici sont deux réponses : un voisin "
        "peut ne pas livrer, un fournisseur lointain peut livrer partout."
    ))
    cases = _cases(found)
    st.dataframe(
        cases, hide_index=True, key="portee_cas", height=tableau.height(len(cases)),
        width="content",
        # Both columns are seen whole on a telephone.
        column_config={"Cas": st.column_config.TextColumn(width=250),
                       "Nombre": st.column_config.NumberColumn(format="localized", width=80)},
        alt=f"Nombre de fournisseurs dans chacun des {len(cases)} cas.",
    )
    if found.outside.empty:
        st.info(literal(f"{desserte.HOW} {_WHERE}"), icon=":material/local_shipping:")
    else:
        _outside(found.outside)
    lacking = desserte.blind_spot(listed)
    for note in [*found.notes(), *([lacking] if lacking else []), listed.note()]:
        st.caption(literal(note))


def _cases(found: Desserte) -> pd.DataFrame:
    """One row a case, those of an unknown place only when there are any."""
    labels = {(within, delivers): answer.format(place) for within, place in _PLACES.items()
              for delivers, answer in _ANSWERS.items()}
    lost = {("inconnu", delivers): label for delivers, label in _LOST.items()}
    if any(found.counts[case] for case in lost):
        labels |= lost
    return pd.DataFrame(
        [(label, found.counts[case]) for case, label in labels.items()], columns=["Cas", "Nombre"]
    )


def _outside(rows: pd.DataFrame) -> None:
    st.markdown(f"**Hors du périmètre, disent livrer ici ({number(len(rows))})**")
    shown = rows.head(_MOST)
    shown = shown.assign(
        portee=[portee.parse(text).sentence() for text in shown["portee"]],
        famille_ess=shown["famille_ess"].map(FAMILIES),
    )
    st.dataframe(
        shown, hide_index=True, key="portee_dehors", height=tableau.height(len(shown)),
        column_order=["nom", "distance_km", "portee", "commune", "filiere", "famille_ess",
                      "source"],
        column_config={
            "nom": st.column_config.TextColumn("Nom", width="medium"),
            "distance_km": st.column_config.NumberColumn(
                "Distance (km)", format="localized", step=0.1,
                help="Jusqu’au centre le plus proche, à vol d’oiseau."),
            "portee": st.column_config.TextColumn(
                "Portée déclarée", width="medium", help="Ce que le fournisseur dit lui-même."),
            "commune": "Commune", "filiere": "Filière", "famille_ess": "Famille",
            "source": "Source",
        },
        alt=f"Liste de {plural(len(shown), 'fournisseur')} hors du périmètre, du plus proche au "
        "plus lointain.",
    )
    if len(rows) > len(shown):
        st.caption(f"Les {number(_MOST)} plus proches sont affichés ; la ligne de commande "
                   "(suppliers --portee) les écrit tous.")
