"""The values of the indicator shown: communes of the perimeter, else the units of the map.

The list is the accessible form of the colours of the map.
"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from territory import communes, connaissance, eloignement, exclusion, schemas, territoires
from territory.communes import Level
from territory.perimeter import Perimeter
from territory.text import capital, number, plural
from ui import calcul, indicateurs, tableau

#: Rows sent to the browser.
_MOST = 2_000


def draw(indicator_id: str, perimeter: Perimeter | None, level: Level = "commune") -> None:
    """Draw the values of an indicator: communes of the perimeter, else the units of a level."""
    if perimeter is not None:
        level = "commune"
    if perimeter is None:
        units = communes.units(level)
        table = pd.DataFrame(
            {"nom": units["nom"], "code": units.index, "population": units["population"]}
        ).reset_index(drop=True)
    else:
        table = _communes_inside(perimeter)
    values = indicateurs.values(indicator_id, level).reindex(table["code"])
    missing = int(values.isna().sum())
    if perimeter is None:
        said = "Toute la France ; avec un périmètre, les communes qui s’y trouvent."
    else:
        said = (
            f"{plural(len(table), 'commune')} dont le point de référence est dans le périmètre"
            f"{f', dont {missing} sans donnée' if missing else ''}."
        )
    indicator = indicateurs.described(indicator_id)
    if indicator is None:
        crossed = calcul.atlas().crossed(level).reindex(table["code"])
        table["valeur"] = crossed["indice"].round().to_numpy()
        table["lecture"] = [exclusion.words(klass, level) for klass in values]
        title, worst = "Indice (0 à 100)", True
        meaning = exclusion.METHOD
    else:
        table["valeur"] = values.round(indicator.decimals).to_numpy()
        title = f"{indicator.short_label} ({indicator.unit})"
        worst, meaning = indicator.higher_is_worse, indicator.definition
    behind = indicateurs.rows_behind(indicator_id, level)
    if behind is not None:
        table["lignes"] = behind.reindex(table["code"]).to_numpy()
        table["lecture"] = [capital(connaissance.NONE) if not rows else ""
                            for rows in table["lignes"]]
    if perimeter is not None:
        said += _with_counters(table)
    table = table.sort_values("valeur", ascending=not worst)
    if len(table) > _MOST:
        said += f" Les {number(_MOST)} situations les plus défavorables sont affichées."
    st.caption(f"{indicateurs.label(indicator_id)}. {said}")
    st.dataframe(
        table.head(_MOST),
        key="liste_indicateur",
        hide_index=True,
        column_order=["nom", "lecture", "valeur", "lignes", "minutes", "a_une_fermeture",
                      "population", "code"],
        height=tableau.height(len(table)),
        column_config={
            "nom": st.column_config.TextColumn("Territoire"),
            "lecture": st.column_config.TextColumn("Situation", width="medium"),
            "code": "Code",
            "population": st.column_config.NumberColumn("Population 2023", format="localized"),
            "valeur": st.column_config.NumberColumn(title, format="localized", help=meaning),
            "lignes": st.column_config.NumberColumn(
                "Structures de la liste", format="localized", help="Sur combien de structures "
                "de la liste la part repose."
            ),
            "minutes": st.column_config.NumberColumn(
                "Temps au guichet (min)", format="localized", step=0.1
            ),
            "a_une_fermeture": "À une fermeture près",
        },
        alt=f"{indicateurs.label(indicator_id)}, {len(table)} territoires.",
    )


def _with_counters(table: pd.DataFrame) -> str:
    """Add the access to counters of each commune, when a supply is known; say what it rests on."""
    if not calcul.available():
        return ""
    measured = calcul.measured()
    here = measured.access.reindex(table["code"])
    table["minutes"] = here["minutes"].replace(float("inf"), float("nan")).round(1).to_numpy()
    table["a_une_fermeture"] = schemas.answers(here["a_une_fermeture"]).to_numpy()
    return (
        f" {eloignement.sentence(measured.offer, measured.assumptions)} Source : "
        f"{measured.counters.source}."
    )


def _communes_inside(perimeter: Perimeter) -> pd.DataFrame:
    kept = communes.whole().loc[territoires.inside(perimeter)]
    return pd.DataFrame(
        {"nom": kept["nom"], "code": kept.index, "population": kept["population"]}
    ).reset_index(drop=True)
