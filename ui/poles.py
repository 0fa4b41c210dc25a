"""PTCE on screen: which ones are kept, one pole's sheet, its grid, and a contribution checked."""

from __future__ import annotations

from html import escape

import pandas as pd
import streamlit as st

from territory import communes, ptce, settings
from territory.errors import InvalidInputError
from territory.ptce import assessment, contribution, declared, evidence, surroundings
from territory.ptce.assessment import Answer, Assessment
from territory.ptce.criteria import GROUPS, SOURCE
from territory.ptce.sheet import MAX_BYTES
from territory.ptce.vocabulary import (
    FUNCTIONS,
    MEMBERS,
    ORIGINS,
    RESOLUTIONS,
    SITUATIONS,
    STATUSES,
    STRUCTURES,
    labelled,
)
from territory.text import capital, fold, number, plural
from ui.markdown import literal
from ui.tableau import height

_ALL = ""
_SEEN_PROBLEMS = 12
FIELDS = ("ptce_statut", "ptce_origine", "ptce_situation", "ptce_departement", "ptce_mots")
#: State → sign put before its word: colour never says it alone.
_SIGNS = {"rempli": "●", "non rempli": "○", "inconnu": "·"}
_FIELDS = {
    "autre_nom": "Autre nom", "origine": "Origine", "structure": "Secteurs",
    "fonctions": "Fonctions", "situation": "Situation", "nature": "Nature",
    "membres": "Membres", "emplois": "Emplois", "note": "Note",
    "code_epci": "EPCI", "code_departement": "Département",
    **{f"membres_{kind}": f"Membres : {label}" for kind, label in MEMBERS.items()},
}


def by_status(table: pd.DataFrame) -> pd.DataFrame:
    """Count the poles by status and its year; a pole of several statuses counts in each.

    Returns
    -------
    pandas.DataFrame
        ``statut``, ``annee`` (« non datée » when the source has no date), ``poles``; the statuses
        in the order of the vocabulary.
    """
    pairs = [
        (status, year or "non datée")
        for codes, years in table[["statut", "annees_statut"]].itertuples(index=False)
        for status, year in zip(codes.split(";"), years.split(";"), strict=True)
    ]
    counted = pd.DataFrame(pairs, columns=["code", "annee"]).value_counts().reset_index(name="n")
    order = {code: rank for rank, code in enumerate(STATUSES)}
    counted = counted.sort_values(
        ["code", "annee"], key=lambda c: c.map(order) if c.name == "code" else c
    )
    return pd.DataFrame({"statut": counted["code"].map(STATUSES).map(capital),
                         "annee": counted["annee"], "poles": counted["n"]}).reset_index(drop=True)


def filters(table: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters and return the poles they keep."""
    kept, state = table, st.session_state
    first = st.columns([1.4, 1, 1])
    statuses = [code for code in STATUSES if table["statut"].str.split(";").map(
        lambda codes, code=code: code in codes).any()]
    chosen = first[0].multiselect(
        "Statut", statuses, state.get("ptce_statut", []), format_func=STATUSES.__getitem__,
        placeholder="Tous", key="ptce_statut",
    )
    if chosen:
        kept = kept[[bool(set(codes.split(";")) & set(chosen)) for codes in kept["statut"]]]
    for column, label, words, where in (
        ("origine", "Origine", ORIGINS, first[1]), ("situation", "Situation", SITUATIONS, first[2])
    ):
        code = where.selectbox(
            label, options := [_ALL, *words], options.index(state.get(f"ptce_{column}", _ALL)),
            key=f"ptce_{column}",
            format_func=lambda one, words=words: capital(words[one]) if one else "Toutes",
        )
        if code:
            kept = kept[kept[column] == code]
    left, right = st.columns([1, 1.4])
    names = communes.units("departement")["nom"]
    held = sorted(table["code_departement"].dropna().unique())
    code = left.selectbox(
        "Département", options := [_ALL, *held],
        options.index(state.get("ptce_departement", _ALL)), key="ptce_departement",
        format_func=lambda one: f"{names[one]} ({one})" if one else "Tous",
    )
    if code:
        kept = kept[kept["code_departement"] == code]
    words = right.text_input("Filière ou nom", state.get("ptce_mots", ""), key="ptce_mots",
                             max_chars=80,
                             placeholder="alimentation, réemploi, culture…")
    return kept[_speaking(kept, words)]


def _speaking(table: pd.DataFrame, words: str) -> list[bool]:
    """Tell which rows hold every word in their name, short name, trade or summary."""
    wanted = fold(words).split()
    texts = table[["nom", "nom_court", "filiere", "extrait_court"]].fillna("").agg(" ".join, axis=1)
    return [all(word in fold(text) for word in wanted) for text in texts]


def listing(table: pd.DataFrame) -> None:
    """Draw the list of poles."""
    shown = pd.DataFrame({
        "nom": table["nom"],
        "lieu": [place(row) for _, row in table.iterrows()],
        "filiere": table["filiere"].where(table["filiere"] != "", "inconnue"),
        "statut": [statuses(row) for _, row in table.iterrows()],
        "origine": table["origine"].map(ORIGINS),
        "situation": table["situation"].map(SITUATIONS),
        "sources": table["source_titre"].str.replace(";", " ; "),
    })
    st.dataframe(
        shown, hide_index=True, key="table_ptce", height=height(len(shown), 12),
        column_config={
            "nom": st.column_config.TextColumn("Pôle", width="medium"),
            "lieu": st.column_config.TextColumn("Lieu connu", width="medium"),
            "filiere": st.column_config.TextColumn("Filière", width="medium"),
            "statut": st.column_config.TextColumn("Statut", width="medium"),
            "origine": st.column_config.TextColumn("Origine", width="small"),
            "situation": st.column_config.TextColumn("Situation", width="small"),
            "sources": st.column_config.TextColumn("Sources", width="large"),
        },
        alt=f"Liste de {plural(len(shown), 'pôle')}, par ordre alphabétique, avec leurs sources.",
    )


def place(row: pd.Series) -> str:
    """Say where a pole is known to be, and at which scale."""
    if row["niveau"] == "commune":
        return f"{row['commune']} ({row['code_departement']})"
    return str(row["territoire"]) if pd.notna(row["territoire"]) else str(row["region"])


def statuses(row: pd.Series) -> str:
    """Say the statuses of a pole, each with its year when its words do not hold it."""
    said = []
    for code, year in zip(row["statut"].split(";"), row["annees_statut"].split(";"), strict=True):
        label = STATUSES.get(code, code)
        said.append(label if not year or year[:4] in label else f"{label} ({year})")
    return ", ".join(said)


def sheet(row: pd.Series) -> None:
    """Draw a pole's sheet: what is known of it, fact by fact, with the sources."""
    facts = ptce.facts(str(row["nom_court"]))
    if row["extrait_court"]:
        st.markdown(literal(f"{row['extrait_court']}."))
    if row["situation"] == "termine":
        st.warning(
            literal(f"Pôle historique : une source le dit terminé ({row['situation_source']})."),
            icon=":material/history:",
        )
    st.html(_facts_table(row, facts))
    links = []
    for title, url, date in _sources(row):
        name = literal(title if not date or date in title else f"{title}, {date}")
        links.append(f"- [{name}](<{url}>)" if url else f"- {name}")
    st.markdown("**Sources de la ligne**\n\n" + "\n".join(links))


def _sources(row: pd.Series) -> list[tuple[str, str, str]]:
    titles, urls = row["source_titre"].split(";"), row["source_url"].split(";")
    dates = row["source_date"].split(";") if row["source_date"] else [""] * len(titles)
    return list(zip(titles, urls, dates, strict=True))


def _facts_table(row: pd.Series, facts: pd.DataFrame) -> str:
    """Write the facts with their sources: those of the row, then those told one by one."""
    told = {fact["champ"]: fact for fact in facts.to_dict("records")}
    line = "sources de la ligne"
    year = row["annee_creation"]
    lines = [
        ("Lieu connu", place(row), capital(RESOLUTIONS[row["resolution"]])),
        ("Statut", statuses(row), line),
        ("Filière", row["filiere"], line),
        ("Porteur", row["structure_porteuse"], line),
        ("Année de création", "" if pd.isna(year) else str(year), line),
        *((label, words.get(row[column], "") if column != "fonctions"
           else labelled(row[column], words), line)
          for column, label, words in (
              ("origine", "Origine", ORIGINS), ("structure", "Secteurs", STRUCTURES),
              ("fonctions", "Fonctions", FUNCTIONS), ("situation", "Situation", SITUATIONS))
          if column not in told),
    ]
    lines = [(label, value or "inconnu", source if value and not value.startswith("inconnu")
              else "aucune source lue") for label, value, source in lines]
    words = {**ORIGINS, **STRUCTURES, **FUNCTIONS, **SITUATIONS,
             "agence_ou_chambre": "agence ou chambre"}
    lines += [
        (_FIELDS[field], labelled(fact["valeur"], words) if field in
         {"origine", "structure", "fonctions", "situation", "nature"} else fact["valeur"],
         f"{fact['preuve'].removesuffix('.')} ({declared.cited(fact)})")
        for fact in facts.to_dict("records") if (field := fact["champ"]) in _FIELDS
    ]
    return _table(("Fait", "Valeur", "Source"), lines, f"Faits connus de {row['nom']}")


def _table(heads: tuple[str, ...], lines: list[tuple[str, ...]], title: str) -> str:
    # Roles are said: a narrow screen lays the cells as blocks, which would lose them.
    body = "".join(
        f'<tr role="row"><th role="rowheader" scope="row">{escape(first)}</th>'
        + "".join(f'<td role="cell"{_dim(cell)}>{escape(cell)}</td>' for cell in rest) + "</tr>"
        for first, *rest in lines
    )
    head = "".join(f'<th role="columnheader" scope="col">{escape(name)}</th>' for name in heads)
    return (
        f'<div class="perimetre-tableau perimetre-textes" tabindex="0" role="region" '
        f'aria-label="{escape(title)}"><table role="table">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _dim(cell: str) -> str:
    return ' class="inconnu"' if cell.lstrip(f"{_SIGNS['inconnu']} ").startswith("inconnu") else ""


def grid(row: pd.Series) -> Assessment:
    """Draw the nineteen answers of the grid for a pole."""
    near = surroundings.around(row, settings.load())
    found = assessment.assess(declared.from_rows(row, ptce.facts(str(row["nom_court"]))), near)
    met, unmet, unknown = (
        sum(one.state == state for one in found.answers if one.criterion.group != "exclusion")
        for state in ("rempli", "non rempli", "inconnu")
    )
    st.info(literal(found.sentence()), icon=":material/checklist:")
    st.caption(
        f"Sur 14 critères : {plural(met, 'rempli')}, {plural(unmet, 'non rempli', 'non remplis')}, "
        f"{plural(unknown, 'inconnu')}. {assessment.READING}"
    )
    for group, title in GROUPS.items():
        answers = [one for one in found.answers if one.criterion.group == group]
        st.markdown(f"**{title}**")
        st.html(_table(("Critère", "Réponse", "Preuve"),
                       [(one.criterion.label, _answer(one), one.evidence) for one in answers],
                       f"{title} : {row['nom']}"))
    with st.expander("Autour du pôle, d’après les données ouvertes", icon=":material/radar:"):
        if near is None:
            st.markdown("Le pôle n’est connu qu’à l’échelle d’un département ou d’une région : ses "
                        "voisins ne diraient rien de lui.")
        else:
            said = (near.structures(), near.firms(), near.bodies(), near.authorities())
            st.markdown("\n".join(f"- {literal(text)}" for text in said))
            st.caption(f"Un voisin n’est pas un membre : ces comptes ne remplissent aucun critère. "
                       f"{literal(near.source)}")
    st.caption(f"Grille : {SOURCE}.")
    return found


def _answer(one: Answer) -> str:
    mode = "" if one.mode == "sans réponse" else f", {one.mode}"
    return f"{_SIGNS[one.state]} {one.words}{mode}"


def contribute() -> None:
    """Draw the models to download and the check of a file."""
    st.markdown(
        "Une CRESS, un réseau, un pôle peuvent corriger la liste : remplissez un modèle, "
        "vérifiez-le ici, puis envoyez-le aux mainteneurs du projet. Une cellule vide ne change "
        "rien ; « inconnu » efface. Les codes, les colonnes et les critères sont décrits dans le "
        "mode d’emploi."
    )
    with st.container(horizontal=True):
        for label, content, name in (
            ("Modèle : pôles (CSV)", contribution.model, "modele-ptce.csv"),
            ("Modèle : faits et critères (CSV)", evidence.model, "modele-ptce-faits.csv"),
        ):
            st.download_button(label, content, name, "text/csv", icon=":material/download:",
                               on_click="ignore", key=name)
    sent = st.file_uploader(
        "Vérifier un fichier rempli", type=["csv", "txt"], key="fichier_ptce",
        max_upload_size=MAX_BYTES // 1_000_000,
        help="Le fichier n’est ni enregistré, ni montré à d’autres.",
    )
    if sent is None:
        return
    try:
        found = contribution.check(sent.name, sent.getvalue(),
                                   contribution.as_text(ptce.table()), ptce.facts())
    except InvalidInputError as error:
        st.error(literal(error.user_message), icon=":material/error:")
        return
    outcome(found)


def outcome(found: contribution.Checked) -> None:
    """Say what a contribution needs, or what it would change."""
    if found.sound:
        st.success(literal(found.sentence()), icon=":material/check_circle:")
    else:
        st.error(literal(found.sentence()), icon=":material/error:")
    lines = [one.sentence() for one in (found.problems or found.changes)]
    st.markdown("\n".join(f"- {literal(line)}" for line in lines[:_SEEN_PROBLEMS]))
    if len(lines) > _SEEN_PROBLEMS:
        with st.expander(f"Les {number(len(lines) - _SEEN_PROBLEMS)} lignes suivantes"):
            st.markdown("\n".join(f"- {literal(line)}" for line in lines[_SEEN_PROBLEMS:]))
