"""What a search found: count, sentence, filters, and the three lists (structures, PTCE, communes).

The lists are the accessible form of the map: everything it shows can be read here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import pandas as pd
import pyarrow as pa
import streamlit as st

from territory import filieres, ptce, suppliers
from territory.directory import Result
from territory.schemas import ETABLISSEMENTS, SUPPLIERS
from territory.suppliers import FAMILIES, Criteria
from territory.text import join, number, plural, unbreakable
from ui import search, tableau
from ui.markdown import literal
from ui.state import STATUSES

_FILIERES = "filieres"
_FAMILIES = "familles"
_STATUSES = "statuts"
_PRESUMED = "presumees"
_EVERY_COLUMN = "toutes_les_colonnes"
FIELDS = (_EVERY_COLUMN,)

#: Rows sent to the browser: a whole region would weigh on it for nothing.
_MOST_ROWS = 1_000

#: Share of different texts under which a column is sent as codes.
_REPEATED: Final = 0.25

#: Columns of the list in reading order; the rest of the design's columns follow on demand.
_FIRST = (
    "nom", "commune", "distance_km", "precision_geo", "filiere", "filiere_origine", "famille_ess",
    "est_ess", "est_siae", "est_employeur", "activite", "adresse", "source",
)

#: What a national list says besides.
_MORE = (
    "activite", "effectif_source", "type_siae", "labels", "naf_2025", "est_ess_source",
    "est_employeur_source", "est_siae_source", "est_esus_source", "filiere_source",
    "filiere_certitude", "site_web",
)

#: Pixels of columns, by name or kind: given, they are not measured at each list, and stay put.
_USUAL_WIDTH: Final = 140
_WIDTHS: Final = {
    "nom": 190, "activite": 210, "adresse": 210, "filiere": 180, "famille_ess": 180,
    "filiere_origine": 180, "oui_non_inconnu": 115,
}

#: Texts that are empty where nothing is known.
_BLANK = ("siret", "siren", "adresse", "code_postal", "tranche_effectif", "portee", "naf")

_TRISTATE_HELP = "oui, non ou inconnu ; « inconnu » ne veut pas dire « non »."


def start(criteria: Criteria) -> None:
    """Put the filters a link asks for in their fields."""
    state = st.session_state
    state[_FILIERES] = list(criteria.filieres)
    state[_FAMILIES] = list(criteria.familles)
    state[_STATUSES] = [
        name
        for name, asked in (("siae", criteria.siae_only), ("employeur", criteria.employers_only))
        if asked
    ]
    state[_PRESUMED] = criteria.include_presumed


def criteria() -> Criteria:
    """Return the filters in force."""
    state = st.session_state
    statuses = state.get(_STATUSES) or []
    return Criteria(
        filieres=tuple(state.get(_FILIERES) or ()),
        familles=tuple(state.get(_FAMILIES) or ()),
        siae_only="siae" in statuses,
        employers_only="employeur" in statuses,
        include_presumed=bool(state.get(_PRESUMED, True)),
    )


def headline(result: Result, poles: int) -> None:
    """Write the count and the sentence of a search, what was searched and what it may lack.

    Parameters
    ----------
    poles
        PTCE met by the perimeter.
    """
    count = result.count
    noun = ("structure", "structures") if result.own else (
        "structure de l’ESS", "structures de l’ESS"
    )
    said = f"{result.sentence()} {result.directory.sentence()}"
    st.html(
        f'<h2 class="perimetre-compte" aria-live="polite">{plural(count, *noun)}</h2>'
        f'<p class="perimetre-phrase">{escape(unbreakable(said))} {_met(poles)}</p>'
    )
    if result.own:
        st.caption(f"Dont {plural(result.own, 'fournisseur')} de votre fichier.")
    gaps = result.directory.gaps()
    if gaps:
        with st.expander("Ce qui peut manquer à cette liste", icon=":material/rule:"):
            for gap in gaps:
                st.markdown(f"- {literal(gap)}")


def _met(poles: int) -> str:
    if not poles:
        return "Aucun PTCE du relevé ne touche ce périmètre."
    said = plural(poles, "PTCE du relevé touche", "PTCE du relevé touchent")
    return f"{said} ce périmètre."


def welcome() -> None:
    """Say what to do on the first screen, and offer an example."""
    st.html(
        '<h2 class="perimetre-compte">Que peut fournir le territoire proche\u202f?</h2>'
        '<p class="perimetre-phrase">Tapez une commune et un rayon, ou appuyez sur '
        "« Tracer un rayon » et glissez sur la carte : la liste des structures de l’ESS du "
        "périmètre s’affiche ici, prête à télécharger.</p>"
    )
    st.button(
        "Essayer : 30 km autour de Romans-sur-Isère", on_click=search.example, type="primary",
        icon=":material/play_arrow:",
    )


def filters() -> None:
    """Draw the filters."""
    state = st.session_state
    left, right = st.columns(2)
    # A field's value is its default too: see search.bar.
    left.multiselect("Filière", filieres.names(), state[_FILIERES], key=_FILIERES,
                     placeholder="Toutes")
    right.multiselect(
        "Famille", list(FAMILIES), state[_FAMILIES], key=_FAMILIES,
        format_func=lambda f: FAMILIES[f], placeholder="Toutes",
    )
    st.pills(
        "Statut", list(STATUSES), key=_STATUSES, selection_mode="multi",
        default=state[_STATUSES], format_func=lambda s: STATUSES[s],
        label_visibility="collapsed",
    )
    st.toggle(
        "Garder les filières présumées d’après le code NAF", state[_PRESUMED], key=_PRESUMED,
        help="Le code NAF dit l’activité principale déclarée à l’Insee, pas ce que la structure "
        "vend : une entreprise d’insertion y est souvent classée en action sociale.",
    )


def structures(result: Result) -> None:
    """Draw the list of structures."""
    if not result.count:
        advice = (
            " ; l’extrait embarqué ne compte que quelques centaines de structures"
            if result.directory.kind == "extrait" else ""
        )
        st.info(
            "Aucune structure connue ne répond. Agrandissez le rayon ou retirez un filtre"
            f"{advice}.",
            icon=":material/search_off:",
        )
        return
    known = result.columns
    # The browser lays out each column, seen or not: those that are read first come alone.
    every = bool(st.session_state.get(_EVERY_COLUMN))
    first = [c for c in _FIRST if c in known]
    rest = [c for c in (*SUPPLIERS.names, *_MORE) if c in known and c not in _FIRST]
    wanted = [*first, *rest] if every else first
    nearest = result.nearest(_MOST_ROWS, [*dict.fromkeys([*wanted, "distance_depuis"])])
    shown = _readable(nearest[wanted])
    st.dataframe(
        shown,
        key="liste_structures",
        hide_index=True,
        height=tableau.height(len(shown)),
        column_config=_columns(wanted),
        alt=f"Liste de {plural(len(shown), 'structure')}, de la plus proche à la plus lointaine.",
    )
    st.toggle(f"Toutes les colonnes ({len(first) + len(rest)})", every, key=_EVERY_COLUMN)
    counts = result.column("filiere_origine").value_counts()
    origins = join(
        [f"{label.removeprefix('origine ')} pour {number(counts[o])}"
         for o, label in filieres.ORIGINS.items() if o in counts]
    )
    cut_short = (
        f"La liste montre les {number(_MOST_ROWS)} structures les plus proches sur "
        f"{number(result.count)} ; les fichiers à télécharger les contiennent toutes. "
        if result.count > len(shown) else ""
    )
    st.caption(
        f"{cut_short}Filière : {origins}{_without_trade(result)}. Distance à vol d’oiseau depuis : "
        f"{nearest['distance_depuis'].iloc[0]}. Lieu connu à la commune près pour "
        f"{number((result.column('precision_geo') == 'commune').sum())} structures sur "
        f"{number(result.count)}."
    )


def _without_trade(result: Result) -> str:
    """How many structures of the perimeter a filter on trades could never find."""
    if not result.criteria.filieres:
        return ""
    every = suppliers.select(
        result.perimeter, replace(result.criteria, filieres=()), result.directory.index
    )
    unknown = int((every.column("filiere_origine") == "inconnue").sum())
    return (
        f" ; {plural(unknown, 'structure du périmètre', 'structures du périmètre')} sans filière "
        "connue, que ce filtre ne peut pas trouver"
    )


def _readable(found: pd.DataFrame) -> pa.Table:
    """Table for the eye: labels for codes, « inconnu » for what is unknown."""
    words: dict[str, Mapping[str, str]] = {
        "famille_ess": FAMILIES, "filiere_origine": filieres.ORIGINS,
        **{name: {"": "inconnu"} for name in _BLANK},
    }
    return pa.table({name: _worded(found[name], words.get(name, {})) for name in found})


def _worded(column: pd.Series, words: Mapping[str, str]) -> pa.Array:
    """Put words for codes; texts that are repeated are sent once, in three times fewer bytes."""
    values = pa.Array.from_pandas(column)
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if not (pa.types.is_large_string(values.type) or pa.types.is_string(values.type)):
        return values
    coded = values.dictionary_encode()
    repeated = len(coded.dictionary) <= _REPEATED * len(coded)
    if not words and not repeated:
        return values
    texts = [words.get(text, text) for text in coded.dictionary.to_pylist()]
    # Narrow codes hold as many texts as the list has rows.
    shown = pa.DictionaryArray.from_arrays(coded.indices.cast(pa.int16()), texts)
    return shown if repeated else shown.dictionary_decode()


def _columns(known: Collection[str]) -> dict[str, object]:
    config: dict[str, object] = {
        c.name: st.column_config.TextColumn(
            c.label, help=c.definition or (_TRISTATE_HELP if c.kind == "oui_non_inconnu" else None),
            width=_WIDTHS.get(c.name, _WIDTHS.get(c.kind, _USUAL_WIDTH)),
        )
        for c in ETABLISSEMENTS.columns + SUPPLIERS.columns
        if c.kind not in {"nombre", "entier"} and c.name in known
    }
    config["distance_km"] = st.column_config.NumberColumn(
        "Distance (km)", format="localized", step=0.1, width=105,
        help="Géodésique (WGS 84), à vol d’oiseau.",
    )
    config["longitude"] = st.column_config.NumberColumn("Longitude", format="%.5f")
    config["latitude"] = st.column_config.NumberColumn("Latitude", format="%.5f")
    config["activite"] = st.column_config.TextColumn("Activité", width=_WIDTHS["activite"])
    return config


def poles(met: pd.DataFrame) -> None:
    """Draw the list of PTCE met by the perimeter."""
    st.caption(
        "« A été nommé ou retenu comme PTCE », d’après les sources citées : cela ne dit pas qu’il "
        "est actif aujourd’hui. Relevé non exhaustif."
    )
    if met.empty:
        st.info("Aucun PTCE du relevé ne touche ce périmètre.", icon=":material/search_off:")
        return
    shown = pd.DataFrame(
        {
            "nom": met["nom"],
            "lieu": met["commune"].fillna(met["territoire"]).fillna(met["region"]),
            "distance_km": met["distance_km"],
            "precision": met["precision"].map(ptce.SCALES),
            "filiere": met["filiere"].replace("", "inconnue"),
            "statut": met["statut_libelle"],
            "annee": met["annee_creation"],
            "porteur": met["structure_porteuse"].replace("", "inconnu"),
            "source": met["source_titre"],
        }
    )
    st.dataframe(
        shown,
        key="liste_ptce",
        hide_index=True,
        height=tableau.height(len(shown)),
        column_config={
            "nom": st.column_config.TextColumn("Nom", width="medium"),
            "lieu": "Lieu",
            "distance_km": st.column_config.NumberColumn("Distance (km)", format="localized"),
            "precision": "Précision du lieu",
            "filiere": "Filière",
            "statut": "Statut et année",
            "annee": st.column_config.NumberColumn("Créé en", format="%d"),
            "porteur": "Structure porteuse",
            "source": "Sources",
        },
        alt=f"Liste de {len(met)} PTCE.",
    )
