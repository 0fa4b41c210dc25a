"""Whether the score of :mod:`territory.naissance` finds the PTCE known, once hidden from it.

The known poles are hidden: the structures that carry them, and those read on a page about them,
leave the list before it is ranked. The ranking is then compared with chance, and with two simpler
ones: organisations per inhabitant, and organisations.

A figure here says as much of the two lists as of the score: see :func:`cautions`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from territory import communes, ingredients, naissance, ptce, retrotest
from territory.directory import Directory
from territory.naissance import Potential
from territory.retrotest import DRAWS, SEED
from territory.text import NBSP, fold, number, plural

#: Parts of the ranking that are looked at; the first is the one the conclusion is about.
SHARES: Final = (0.1, 0.05, 0.2)
#: Simpler rankings → French label.
REFERENCES: Final[dict[str, str]] = {
    "densite": "organisations par habitant", "organisations": "nombre d’organisations",
}
#: Places ranked → French label.
FIELDS: Final[dict[str, str]] = {
    "liste": "intercommunalités connues de la liste",
    "toutes": "toutes les intercommunalités, celles que la liste ignore en dernier",
}
#: Poles hidden → French label.
POLES: Final[dict[str, str]] = {
    "tous": "tous les PTCE relevés", "laureats": "lauréats et pôles reconnus",
}
#: Why a structure leaves the list → French label.
LEAKS: Final[dict[str, str]] = {
    "nom": "elle porte un PTCE ou en a le nom",
    "page": "elle a été relevée sur une page qui cite un PTCE",
    "texte": "son activité parle d’un PTCE",
}

_RECOGNISED: Final = re.compile(r"laureat_|reconnu_etat|ptce_labellise")
_SPEAKS: Final = r"\bptce\b|p[oô]le territorial"
_FORMS: Final = re.compile(
    r"^(?:association|scic sa|scic|scop|cooperative|groupe|groupement|ptce|tiers lieu|projet) "
)
_ACRONYM: Final = re.compile(r"\(([A-Z0-9]{4,})\)")
#: A name of one word is too often a common one to be looked for inside others.
_WORDS: Final = 2
_RISK: Final = 0.05


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a back-test found.

    Attributes
    ----------
    potential
        The ranking, the leaks taken away.
    leaks
        Key of :data:`LEAKS` → structures left out for it; one may be in several.
    excluded
        Structures left out in all.
    poles, placed
        PTCE of the table, and those whose commune or EPCI is known.
    hidden
        EPCI that hold one of them.
    listed
        Those of them the list knows a structure in.
    rows
        One dict a field, a set of poles and a share: see :meth:`to_json`.
    """

    potential: Potential
    leaks: dict[str, int]
    excluded: int
    poles: int
    placed: int
    hidden: int
    listed: int
    rows: tuple[dict[str, Any], ...]

    @property
    def main(self) -> dict[str, Any]:
        """The row the conclusion is about, chosen before any figure: first share, whole list."""
        return self.rows[0]

    def to_json(self) -> dict[str, Any]:
        """Return every published figure; null where nothing can be computed."""
        directory = self.potential.directory
        return {
            "liste": directory.kind,
            "liste_note": directory.note(),
            "complete": self.potential.complete,
            "tables": [one.to_json() for one in directory.tables],
            "structures": self.potential.structures,
            "structures_retirees": self.excluded,
            "structures_retirees_par_motif": self.leaks,
            "intercommunalites": len(communes.units("epci")),
            "intercommunalites_classees": len(self.potential.table),
            "ptce": self.poles,
            "ptce_places": self.placed,
            "intercommunalites_avec_ptce": self.hidden,
            "intercommunalites_avec_ptce_classees": self.listed,
            "tirages": DRAWS,
            "graine": SEED,
            "conclusion": conclusion(self.main),
            "precautions": cautions(self),
            "resultats": list(self.rows),
        }


def run(directory: Directory) -> Backtest:
    """Hide the known PTCE of a list, rank it and measure what is found again."""
    rows = directory.index.table
    poles = ptce.table()
    leaks = leaking(rows, poles)
    excluded = np.flatnonzero(np.logical_or.reduce(list(leaks.values())))
    potential = naissance.of(directory, excluded.tolist())
    where = places(poles)
    recognised = poles["statut"].str.contains(_RECOGNISED)
    sets = {"tous": set(where.dropna()), "laureats": set(where[recognised].dropna())}
    ranked = set(potential.table["code"])
    figures = [
        _figures(potential, field, name, sets[name], share)
        for field, name in (("liste", "tous"), ("liste", "laureats"), ("toutes", "tous"))
        for share in SHARES
    ]
    return Backtest(
        potential, {name: int(found.sum()) for name, found in leaks.items()}, len(excluded),
        len(poles), int(where.notna().sum()), len(sets["tous"]), len(sets["tous"] & ranked),
        tuple(figures),
    )


def places(poles: pd.DataFrame) -> pd.Series:
    """EPCI of each pole whose commune or EPCI is known, same index; missing for the others."""
    by_commune = ingredients.epci_of(poles["code_insee"])
    by_epci = poles["code"].astype(object).where(poles["niveau"] == "epci")
    return by_commune.where(by_commune.notna(), by_epci)


def leaking(rows: pd.DataFrame, poles: pd.DataFrame) -> dict[str, np.ndarray]:
    """Boolean arrays, shape (n,), by key of :data:`LEAKS`: structures that give a pole away.

    A name of several words, and an acronym given in brackets, is looked for inside the name of the
    structure; another name of a single word must be the whole of it.
    """
    names, acronyms = _names(poles)
    whole = pd.Series([f" {fold(name)} " for name in rows["nom"].fillna("")])
    inside = [*acronyms, *(name for name in names if len(name.split()) >= _WORDS)]
    pattern = "|".join(re.escape(f" {name} ") for name in inside)
    named = whole.str.strip().map(_bare).isin(names)
    if pattern:
        named |= whole.str.contains(pattern)
    pages = set(poles["source_url"].str.split(";").explode()) - {""}
    urls = rows["source_url"] if "source_url" in rows else pd.Series("", index=rows.index)
    texts = rows["nom"].fillna("")
    if "activite" in rows:
        texts = texts + " " + rows["activite"].fillna("")
    return {
        "nom": named.to_numpy(dtype=bool),
        "page": urls.isin(pages).to_numpy(dtype=bool),
        "texte": texts.str.contains(_SPEAKS, case=False).to_numpy(dtype=bool),
    }


def _names(poles: pd.DataFrame) -> tuple[set[str], set[str]]:
    """Folded names of the poles and of those who carry them, and their acronyms."""
    texts = [*poles["nom"], *poles["nom_court"]]
    for carrier in poles["structure_porteuse"].fillna(""):
        # A small letter after « et » goes on with the same name.
        texts += re.split(r",| et (?=[A-ZÀ-Ý])|puis ", carrier)
    without = [re.sub(r"\([^)]*\)", "", text) for text in texts]
    acronyms = {fold(found) for text in texts for found in _ACRONYM.findall(text)}
    return {_bare(fold(text)) for text in without} - {""}, acronyms


def _bare(name: str) -> str:
    return _FORMS.sub("", name)


def _figures(
    potential: Potential, field: str, poles: str, hidden: set[str], share: float
) -> dict[str, Any]:
    """Figures of one field, one set of poles and one share, ready for JSON."""
    table = potential.table.set_index("code")
    units = communes.units("epci")
    codes = table.index if field == "liste" else units.index
    scores = {
        name: table[name].astype(float).reindex(codes).fillna(-np.inf).to_numpy()
        for name in ("score", *REFERENCES)
    }
    truth = np.asarray(codes.isin(hidden), dtype=bool)
    region = units["code_region"].reindex(codes).fillna("")
    found = retrotest.chance(scores["score"], truth, share, region.to_numpy(dtype=object))
    row: dict[str, Any] = {
        "champ": field, "poles": poles, "part": share, "lieux": found.places,
        "premiers": found.first, "caches": found.hidden, "trouves": _round(found.hits),
        "lift": _round(found.lift), "intervalle": [_round(x) for x in found.interval],
        "p": _round(found.p, 4),
    }
    for name in REFERENCES:
        against = retrotest.versus(scores["score"], scores[name], truth, share)
        row[name] = {
            "trouves": _round(against.hits), "rapport": _round(against.lift),
            "intervalle": [_round(x) for x in against.interval], "p": _round(against.p, 4),
        }
    return row


def _round(value: float, decimals: int = 2) -> float | str | None:
    """Round for publication; ``infini``, or None where nothing can be computed."""
    if math.isnan(value):
        return None
    return "infini" if math.isinf(value) else round(float(value), decimals)


def conclusion(main: dict[str, Any]) -> str:
    """Say in one French sentence what the main figures allow to say."""
    if not main["caches"]:
        return "Aucun PTCE connu n’est dans la liste : l’épreuve ne dit rien."
    chance = main["p"] <= _RISK
    said = "le score retrouve" if chance else "rien ne montre que le score retrouve"
    beaten = {name: main[name]["p"] <= _RISK for name in REFERENCES}
    known = {name: _figure(main[name]["p"], 4) for name in REFERENCES}
    head = (
        f"Dans les {number(100 * main['part'])}{NBSP}% de tête, {said} les PTCE connus mieux qu’un "
        f"tirage au hasard dans chaque région (p = {_figure(main['p'], 4)})"
    )
    if len(set(beaten.values())) == 1:
        both = f"les deux classements simples (p = {' et '.join(known.values())})."
        if all(beaten.values()):
            return f"{head}, {'et' if chance else 'mais'} il fait mieux que {both}"
        return f"{head}, {'mais rien ne montre' if chance else 'ni'} qu’il fasse mieux que {both}"
    over, under = sorted(REFERENCES, key=lambda name: not beaten[name])
    return (
        f"{head}{NBSP}; il fait mieux que le classement par «{NBSP}{REFERENCES[over]}{NBSP}» "
        f"(p = {known[over]}), mais rien ne montre qu’il fasse mieux que celui par «{NBSP}"
        f"{REFERENCES[under]}{NBSP}» (p = {known[under]})."
    )


def cautions(found: Backtest) -> list[str]:
    """Say in French what the figures cannot say, one sentence each."""
    said = [
        (f"La table des PTCE ({number(found.poles)} lignes) suit ses sources, pas la réalité : "
         f"{plural(found.placed, 'pôle')} seulement ont une commune ou une intercommunalité "
         f"connue, dans {plural(found.hidden, 'intercommunalité')}, et certaines régions y sont "
         "mieux relevées que d’autres."),
        ("Un lieu sans PTCE connu peut en avoir un, ou en avoir eu un : le retrouver en tête n’est "
         "pas une erreur du score."),
        "Les PTCE sont nés avant la liste : elle peut aussi dire ce qu’ils ont fait naître.",
    ]
    if not found.potential.complete:
        said.insert(0, (
            "La liste des structures est un extrait, lui aussi relevé par morceaux : les deux "
            "listes peuvent se ressembler parce que les mêmes lieux ont été mieux lus, et le "
            "score n’a été éprouvé que sur cet extrait."
        ))
    return said


def _figure(value: float | str | None, decimals: int = 2) -> str:
    """Write a figure of :meth:`Backtest.to_json` in French."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else number(value, decimals)
