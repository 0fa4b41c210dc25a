"""Questions to put to the banks about a territory, drawn from its figures by rules.

The founding text asks that citizens may question gaps; a question is not an accusation, and each
says the figure it rests on.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from territory import communes, store
from territory.exclusion import Measured
from territory.fiche import Atlas, Fiche
from territory.text import NBSP, date, join, number, plural

#: What the questions are not.
SPIRIT = (
    "Une distance n’est pas une exclusion, et un écart n’est pas une faute : ces questions ouvrent "
    "un échange."
)
#: Communes named in a question.
_NAMED = 5


@dataclass(frozen=True)
class Question:
    """A question and what it rests on; ``because`` is empty for those that need no figure."""

    because: str
    ask: str


def of(fiche: Fiche, known: Atlas) -> list[Question]:
    """Draw the questions of a territory, the most pressing first."""
    measured = known.measured
    found = [
        _far(fiche, measured), _one_closure(fiche, measured), _lost(fiche, measured),
        _crossed(fiche, known), _postal(fiche),
    ]
    return [question for question in found if question is not None] + _always(fiche)


def _here(fiche: Fiche, measured: Measured) -> pd.DataFrame:
    codes = list(fiche.territoire.codes)
    return measured.access.loc[codes].assign(
        habitants=measured.population.reindex(codes).astype(float),
        nom=communes.table().loc[codes, "nom"],
    )


def _named(rows: pd.DataFrame) -> str:
    """Names of the most populated of some communes, the rest counted."""
    ordered = rows.sort_values("habitants", ascending=False, kind="stable")
    names = list(ordered["nom"].head(_NAMED))
    more = len(ordered) - len(names)
    return join([*names, plural(more, "autre")]) if more else join(names)


def _people(rows: pd.DataFrame) -> str:
    return plural(int(rows["habitants"].fillna(0).sum()), "habitant")


def _far(fiche: Fiche, measured: Measured) -> Question | None:
    here = _here(fiche, measured)
    limit = measured.assumptions.closure_minutes
    far = here[(here["minutes"] > limit) & np.isfinite(here["minutes"])]
    if far.empty:
        return None
    return Question(
        f"À plus de {number(limit)}{NBSP}minutes estimées d’un guichet{NBSP}: {_people(far)} "
        f"({_named(far)}).",
        "Quel service y assurez-vous aujourd’hui (permanence, agence mobile, point d’accès aux "
        "espèces), et que prévoyez-vous dans les deux ans ?",
    )


def _one_closure(fiche: Fiche, measured: Measured) -> Question | None:
    here = _here(fiche, measured)
    fragile = here[here["a_une_fermeture"].fillna(False).astype(bool)]
    if fragile.empty:
        return None
    limit = number(measured.assumptions.closure_minutes)
    return Question(
        f"À plus de {limit}{NBSP}minutes si le guichet le plus proche fermait{NBSP}: "
        f"{_people(fragile)} ({_named(fragile)}).",
        "Quelles fermetures ou réductions d’horaires sont à l’étude autour de ces communes, et "
        "quelle concertation précédera la décision ?",
    )


def _lost(fiche: Fiche, measured: Measured) -> Question | None:
    evolution = measured.evolution
    if evolution is None:
        return None
    lost = evolution.table["perdu_le_dernier"].reindex(list(fiche.territoire.codes))
    here = _here(fiche, measured)[lost.fillna(False).to_numpy(dtype=bool)]
    if here.empty:
        return None
    return Question(
        f"Dernier guichet perdu entre {evolution.before.year} et {evolution.after.year}, d’après "
        f"{evolution.after.source} : {_named(here)}.",
        "Quelle solution a remplacé ces guichets, et combien de clients s’en servent ?",
    )


def _crossed(fiche: Fiche, known: Atlas) -> Question | None:
    classes = known.crossed()["classe"].reindex(list(fiche.territoire.codes))
    both = _here(fiche, known.measured)[(classes == "3-3").fillna(False).to_numpy(dtype=bool)]
    if both.empty:
        return None
    return Question(
        f"Dans une commune à la fois d’accès plus difficile et plus fragile{NBSP}: {_people(both)} "
        f"({_named(both)}).",
        "Combien y comptez-vous de clients en situation de fragilité financière, combien ont "
        "l’offre spécifique qui leur est due, et comment la leur proposez-vous ?",
    )


def _postal(fiche: Fiche) -> Question | None:
    bank, postal = fiche.value("minutes"), fiche.value("minutes_postal")
    if np.isnan(bank) or np.isnan(postal) or not bank - postal >= 1:
        return None
    return Question(
        f"Le guichet le plus proche est en moyenne à {number(bank, 1)}{NBSP}min, le point postal "
        f"ou bancaire à {number(postal, 1)}{NBSP}min : le réseau postal fait ici la différence.",
        "Quelles opérations vos clients peuvent-ils y faire, avec quels plafonds, et que "
        "deviendrait cet accès si ces points fermaient ?",
    )


def _always(fiche: Fiche) -> list[Question]:
    facts = store.read("bancaire")
    fragile = facts[(facts["niveau"] == "national") & (facts["indicateur"] == "clients_fragiles")]
    latest = fragile.sort_values("annee").iloc[-1]
    return [
        Question(
            "L’épargne collectée et le crédit accordé ne sont publiés par personne sous le "
            "département.",
            f"Quel montant d’épargne collectez-vous et quel montant de crédit accordez-vous pour "
            f"{fiche.territoire.label}, et les publierez-vous chaque année sous la même forme ?",
        ),
        Question(
            f"La France compte {number(float(latest['valeur']), 1)} {latest['unite']} en situation "
            f"de fragilité financière ({latest['annee']}, {latest['source_titre']}) ; rien n’est "
            "publié par territoire.",
            "Combien de vos clients d’ici sont concernés, et combien de dossiers de surendettement "
            "ou de microcrédit accompagnez-vous ?",
        ),
    ]


def note(fiche: Fiche, questions: list[Question], day: dt.date) -> str:
    """Write the questions as a Markdown note that can be sent, with what they rest on."""
    lines = [
        f"# Questions à poser aux banques : {fiche.territoire.label}", "",
        f"Note établie le {date(day)} avec Périmètre.", "", SPIRIT, "",
    ]
    for rank, question in enumerate(questions, 1):
        lines += [f"{rank}. **{question.ask}**", "", f"   {question.because}", ""]
    lines += ["## Ce que l’on ne sait pas", "", *(f"- {one}" for one in fiche.unknown), "",
              "## D’où viennent les chiffres", "", *(f"- {one}" for one in fiche.notes)]
    return "\n".join(lines).strip() + "\n"
