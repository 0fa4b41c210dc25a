"""Where a PTCE could be born, on a page: the ranking, its reasons, and what the score is worth."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, directory, naissance, naissance_doc, settings
from territory.directory import Directory
from territory.ingredients import COMPONENTS
from territory.naissance import Potential
from territory.naissance_retrotest import FIELDS, POLES, REFERENCES
from territory.text import NBSP, capital, number, plural, trimmed
from ui import ecriture, tableau
from ui.markdown import literal

#: Figures of the published back-test, beside the document that comments them.
FIGURES: Final = Path(__file__).parents[1] / "docs" / "ptce.json"

_PLACE: Final = "naissance_lieu"
KEPT: Final = (_PLACE,)
_SHOWN: Final = 20
_TITLE: Final = "Où un PTCE pourrait naître, par intercommunalité"


@st.cache_resource(show_spinner="Classement des intercommunalités…", max_entries=2)
def _ranked(key: str) -> Potential:
    """Rank once; the key changes with the list."""
    return naissance.of(directory.whole(settings.load()))


def draw() -> None:
    """Draw the whole part."""
    listed = directory.whole(settings.load())
    found = _ranked(listed.key)
    rests, *notes = found.notes()
    if found.complete:
        st.caption(literal(rests))
    else:
        st.warning(literal(rests), icon=":material/content_cut:")
    _one(found)
    _top(found)
    _downloads(found)
    _worth(listed)
    with st.expander("Comment le score est fait, et ce qui est inconnu", icon=":material/rule:"):
        st.markdown("\n".join(f"- {literal(text)}" for text in notes))


def _one(found: Potential) -> None:
    """Say where one intercommunalité stands."""
    names = dict(sorted(zip(found.table["code"], found.table["nom"], strict=True),
                        key=lambda pair: pair[1]))
    code = st.selectbox(
        "Une intercommunalité", codes := list(names),
        index=codes.index(kept) if (kept := st.session_state.get(_PLACE)) in names else None,
        key=_PLACE, placeholder="Choisir…",
        format_func=names.__getitem__,
        help="Celles où la liste connaît au moins une structure de l’ESS ou de l’insertion.",
    )
    if code is None:
        return
    row = found.table.set_index("code", drop=False).loc[code]
    st.markdown(
        f"{literal(naissance.verdict(row, found))} {literal(str(row['raisons']))}\n\n"
        + "\n".join(f"- {literal(text)}" for text in _notes_of(row))
    )


def _notes_of(row: pd.Series) -> list[str]:
    """Write each note of a place, and which are unknown."""
    notes = [(label, row[f"note_{name}"]) for name, label in COMPONENTS.items()]
    return [
        f"{label}{NBSP}: {'inconnu' if pd.isna(note) else f'{trimmed(float(note))} sur 100'}"
        for label, note in notes
    ]


def _top(found: Potential) -> None:
    """Show the best places that hold enough organisations, with their reasons."""
    st.subheader("Les premières intercommunalités", anchor=False)
    every = found.first()
    st.caption(
        f"Celles où la liste connaît au moins {naissance.ENOUGH} organisations "
        f"({plural(len(every), 'intercommunalité')}){NBSP}; le fichier à télécharger les a toutes."
    )
    if every.empty:
        st.info("Aucune intercommunalité de la liste n’en a autant.")
        return
    shown = shown_rows(every.head(_SHOWN))
    st.dataframe(
        shown, hide_index=True, key="naissance_table", height=tableau.height(len(shown)),
        column_config={
            "Rang": st.column_config.NumberColumn(width="small"),
            "Intercommunalité": st.column_config.TextColumn(width="medium"),
            "Score": st.column_config.NumberColumn(format="localized", width="small"),
            "Bornes": st.column_config.TextColumn(
                width="small", help="Le score si ce qui est inconnu valait 0, puis 100."
            ),
            "Raisons": st.column_config.TextColumn(width="large"),
        },
        alt="Intercommunalités les mieux classées, avec leur score et ses raisons.",
    )
    with st.expander("Les raisons, en toutes lettres", icon=":material/notes:"):
        st.markdown("\n".join(
            f"{rank}. **{literal(name)}.** {literal(why)}"
            for rank, name, why in every.head(_SHOWN)[["rang", "nom", "raisons"]].to_numpy()
        ))


def shown_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Write rows of the ranking for the screen; what is unknown is written « inconnu »."""
    def counts(name: str) -> list[str]:
        return ["inconnu" if pd.isna(value) else number(value) for value in rows[name]]

    return pd.DataFrame({
        "Rang": rows["rang"].to_numpy(),
        "Intercommunalité": rows["nom"].to_numpy(),
        "Score": rows["score"].round(1).to_numpy(),
        "Bornes": [f"{number(low)} à {number(high)}" for low, high in
                   zip(rows["score_min"], rows["score_max"], strict=True)],
        "Organisations": rows["organisations"].to_numpy(),
        "Genres": counts("genres"),
        "Filières": counts("filieres"),
        "Raisons": rows["raisons"].to_numpy(),
    })


def _downloads(found: Potential) -> None:
    context = ExportContext(
        title=_TITLE, notes=tuple(found.notes()), declared=naissance.columns(),
        sources=tuple(catalog.SOURCES[s] for s in (*found.directory.source_ids, "communes",
                                                   "populations")),
    )
    with st.container(horizontal=True):
        for name in ("xlsx", "csv_excel"):
            form = FORMATS[name]
            st.download_button(
                form.label, functools.partial(ecriture.write, name, found.table, context),
                f"naissance-ptce.{form.extension}", form.media_type,
                key=f"naissance_{name}", icon=":material/download:", on_click="ignore",
            )


@st.cache_data(show_spinner=False)
def figures() -> dict[str, Any] | None:
    """Read the published figures, None when they are not there."""
    if not FIGURES.is_file():
        return None
    content: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return content


def _worth(listed: Directory) -> None:
    """Say what hiding the known PTCE says of the score."""
    st.subheader("Ce que vaut ce score", anchor=False)
    told = figures()
    if told is None:
        st.info("L’épreuve du score n’a pas été publiée avec ce logiciel.")
        return
    st.markdown(f"**{literal(told['conclusion'])}**")
    if told["tables"] != [one.to_json() for one in listed.tables]:
        st.caption(
            "L’épreuve publiée porte sur une autre liste que celle qui est classée ici : "
            "`python -m territory naissance --retrotest` la refait sur la vôtre."
        )
    st.caption(literal(
        f"Épreuve{NBSP}: {number(told['ptce_places'])} PTCE dont le lieu est connu, sur "
        f"{number(told['ptce'])}, sont cachés avec les structures qui les portent, puis cherchés "
        f"dans le classement de {number(told['intercommunalites_classees'])} intercommunalités."
    ))
    rows = results(told)
    st.dataframe(
        rows, hide_index=True, key="naissance_epreuve", height=tableau.height(len(rows)),
        alt="Résultats de l’épreuve : PTCE retrouvés, face au hasard et aux classements simples.",
    )
    with st.expander("Ce que ces chiffres ne disent pas", icon=":material/help:"):
        st.markdown("\n".join(f"- {literal(text)}" for text in told["precautions"]))


def results(told: Mapping[str, Any]) -> pd.DataFrame:
    """Write the published results for the screen."""
    def ratio(one: Mapping[str, Any], name: str) -> str:
        low, high = (naissance_doc.figure(value) for value in one["intervalle"])
        p = naissance_doc.figure(one["p"], 4)
        return f"{naissance_doc.figure(one[name])} [{low} ; {high}], p = {p}"

    return pd.DataFrame([
        {
            "Tête": f"{number(100 * row['part'])}{NBSP}% ({number(row['premiers'])})",
            "Retrouvés": f"{naissance_doc.figure(row['trouves'], 1)} sur {number(row['caches'])}",
            "Lift face au hasard": ratio(row, "lift"),
            **{f"Rapport à : {label}": ratio(row[name], "rapport")
               for name, label in REFERENCES.items()},
            "PTCE cachés": capital(POLES[row["poles"]]),
            "Lieux classés": capital(FIELDS[row["champ"]]),
        }
        for row in told["resultats"]
    ])
