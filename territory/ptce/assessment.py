"""A pole judged by the grid: nineteen answers with their evidence, and what may be concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from territory.ptce.criteria import (
    CRITERIA,
    GROUPS,
    LOW_THRESHOLD,
    MET,
    NOT_MET,
    THRESHOLD,
    UNKNOWN,
    Criterion,
    State,
)
from territory.ptce.declared import Pole
from territory.ptce.surroundings import Surroundings
from territory.ptce.vocabulary import GROUPING, MEMBERS
from territory.schemas import Column
from territory.text import NBSP, excerpt, join

Mode = Literal["calculé", "déclaré", "sans réponse"]
Verdict = Literal["repond", "n_est_pas", "indecis"]

READING: Final = (
    "La grille est celle du groupe de travail de 2011 : elle n’est ni la loi de 2014, ni l’avis "
    "d’un jury. Un critère sans preuve reste inconnu ; il n’est jamais tenu pour rempli, ni pour "
    "non rempli."
)
#: Kinds that make the « other parties » of the first criterion.
_OTHERS: Final = ("entreprise", "collectivite", "recherche_formation", "partenaire_social")
_UNSAID: Final = "Aucune source lue ne le dit."


@dataclass(frozen=True)
class Answer:
    """One line of the grid, answered.

    Attributes
    ----------
    criterion
        The question.
    state
        ``rempli``, ``non rempli`` or ``inconnu``; for an exclusion, met means that it applies.
    mode
        ``calculé`` from what is told of the pole, ``déclaré`` by a source, or without an answer.
    evidence
        French sentence: why.
    around
        What open data show around, which answers nothing by itself; empty when nothing is shown.
    """

    criterion: Criterion
    state: State
    mode: Mode
    evidence: str
    around: str = ""

    @property
    def words(self) -> str:
        """State in French, as it reads in its group."""
        return self.criterion.words(self.state)


@dataclass(frozen=True)
class Assessment:
    """What the grid says of a pole: nineteen answers, in the order of the grid."""

    pole: Pole
    answers: tuple[Answer, ...]

    def answer(self, criterion_id: str) -> Answer:
        """Return the answer to a criterion."""
        return next(one for one in self.answers if one.criterion.id == criterion_id)

    def count(self, group: str, state: State) -> int:
        """Count the answers of a group in a state."""
        return len(self._named(group, state))

    def _named(self, group: str, state: State) -> list[str]:
        return [
            one.criterion.label for one in self.answers
            if one.criterion.group == group and one.state == state
        ]

    @property
    def verdict(self) -> Verdict:
        """Say what may be concluded; an unknown never concludes for."""
        if self.count("exclusion", MET) or self.count("incontournable", NOT_MET):
            return "n_est_pas"
        if self.count("incontournable", UNKNOWN) or self.count("exclusion", UNKNOWN):
            return "indecis"
        return "repond"

    def sentence(self) -> str:
        """Say the conclusion in French."""
        name = f"«{NBSP}{excerpt(self.pole.name, 90)}{NBSP}»"
        alone = self._named("exclusion", MET)
        if alone:
            what = alone[0][0].lower() + alone[0][1:]
            that = "qu’" if what.startswith("u") else "que "
            return f"{name} n’est pas un PTCE{NBSP}: ce n’est, à soi seul, {that}{what}."
        lacking = self._named("incontournable", NOT_MET)
        if lacking:
            return (
                f"{name} ne répond pas à la grille{NBSP}: critère non rempli, "
                f"{join([f'«{NBSP}{label}{NBSP}»' for label in lacking])}."
            )
        unknown = self.count("incontournable", UNKNOWN)
        if unknown:
            return (
                f"{name} ne peut pas être dit PTCE, ni le contraire{NBSP}: {unknown} des 8 "
                "critères incontournables "
                f"{'restent inconnus' if unknown > 1 else 'reste inconnu'}."
            )
        if self.count("exclusion", UNKNOWN):
            return (
                f"{name} ne peut pas être dit PTCE, ni le contraire{NBSP}: rien ne "
                "dit s’il est plus qu’une chambre, un réseau ou un projet ponctuel."
            )
        return f"{name} répond aux huit critères incontournables de la grille, selon ces preuves."

    def table(self) -> pd.DataFrame:
        """Write the answers as a table, columns of :func:`columns`."""
        return pd.DataFrame(
            [
                [self.pole.name, GROUPS[one.criterion.group], one.criterion.id,
                 one.criterion.label, one.words, one.mode, one.evidence, one.around]
                for one in self.answers
            ],
            columns=[column.name for column in columns()],
        )


def columns() -> tuple[Column, ...]:
    """Declare the columns of an assessment written as a table."""
    return (
        Column("pole", "Pôle"),
        Column("groupe", "Groupe"),
        Column("critere", "Code du critère"),
        Column("libelle", "Critère"),
        Column("reponse", "Réponse"),
        Column("mode", "Calculé ou déclaré"),
        Column("preuve", "Preuve"),
        Column("alentours", "Autour du pôle", definition="Partenaires possibles selon les données "
               "ouvertes ; n’est pas une réponse."),
    )


def assess(pole: Pole, surroundings: Surroundings | None = None) -> Assessment:
    """Answer the nineteen lines of the grid.

    Parameters
    ----------
    pole
        What is told of it.
    surroundings
        What open data show around; documents criteria, answers none.

    Notes
    -----
    The grid and its thresholds come from the note of 2011 (see ``criteria.SOURCE``). It asks for
    « 5/10 » organisations at least: below 5 the criterion is not met, from 5 to 9 its low
    threshold is reached, from 10 its threshold is; a number said roughly counts for half.
    """
    return Assessment(pole, tuple(_answer(pole, one, surroundings) for one in CRITERIA))


def _answer(pole: Pole, asked: Criterion, surroundings: Surroundings | None) -> Answer:
    around = _around(asked, surroundings)
    if asked.group == "exclusion":
        return Answer(asked, *_nature(pole, asked), around)
    state, why = _computed(pole, asked)
    said = pole.answers.get(asked.id)
    if said is None:
        mode: Mode = "sans réponse" if state == UNKNOWN else "calculé"
        return Answer(asked, state, mode, why or _UNSAID, around)
    if state not in {UNKNOWN, said.state}:
        both = f"Deux preuves se contredisent{NBSP}: {why} {said.sentence()}"
        return Answer(asked, UNKNOWN, "sans réponse", both, around)
    evidence = " ".join(text for text in (said.sentence(), why) if text)
    return Answer(asked, said.state, "déclaré", evidence, around)


def _nature(pole: Pole, asked: Criterion) -> tuple[State, Mode, str]:
    if not pole.nature:
        return UNKNOWN, "sans réponse", _UNSAID
    told = _told(pole, "nature").strip()
    if pole.nature == asked.id:
        return MET, "déclaré", told or "C’est ainsi qu’il est décrit, et rien de plus."
    what = "un regroupement" if pole.nature == GROUPING else "autre chose"
    return NOT_MET, "déclaré", told or f"Il est décrit comme {what}."


def _computed(pole: Pole, asked: Criterion) -> tuple[State, str]:
    """State that what is told of the pole entails, and why; the reason is empty when none is."""
    if asked.id == "nombre":
        return _number(pole)
    if asked.id == "acteurs_divers":
        return _parties(pole)
    if asked.id == "collectivite":
        if "collectivite" in pole.present:
            return MET, "Une collectivité au moins est membre."
        if pole.origin == "collectivite":
            return MET, f"Une collectivité l’a impulsé.{_told(pole, 'origine')}"
    if asked.id in {"engagement", "lieu"} and "hebergement" in pole.functions:
        return MET, f"Les locaux sont partagés.{_told(pole, 'fonctions')}"
    if asked.id == "emplois" and pole.jobs is not None:
        return UNKNOWN, (
            f"Emplois{NBSP}: {pole.jobs.sentence()}, sans seuil dans la grille."
            f"{_told(pole, 'emplois')}"
        )
    return UNKNOWN, ""


def _told(pole: Pole, field: str) -> str:
    source = pole.sources.get(field)
    return f" {source}." if source else ""


def _number(pole: Pole) -> tuple[State, str]:
    """Judge the number of organisations and the diversity of their types."""
    told = _told(pole, "membres")
    low, high = pole.at_least, pole.at_most
    if high is not None and high < LOW_THRESHOLD:
        return NOT_MET, (
            f"Organisations{NBSP}: {high}, sous le seuil bas de {LOW_THRESHOLD}.{told}"
        )
    if low < LOW_THRESHOLD:
        return UNKNOWN, (
            f"Organisations certaines{NBSP}: {low}, sans maximum connu.{told}" if low else ""
        )
    reached = "seuil atteint" if low >= THRESHOLD else "seuil bas atteint"
    count = f"Organisations{NBSP}: {'' if low == high else 'au moins '}{low}, {reached}"
    if len(pole.present) > 1:
        kinds = join([MEMBERS[kind] for kind in pole.present])
        return MET, f"{count}, de types différents ({kinds}).{told}"
    if high is not None and pole.by_kind == high:
        return NOT_MET, f"{count}, mais d’un seul type ({MEMBERS[pole.present[0]]}).{told}"
    return UNKNOWN, f"{count} ; leurs types ne sont pas tous connus.{told}"


def _parties(pole: Pole) -> tuple[State, str]:
    """Judge whether ESS and other parties are both members."""
    kinds = [kind for kind in _OTHERS if kind in pole.present]
    others = [MEMBERS[kind] for kind in kinds]
    told = "".join(_told(pole, f"membres_{kind}") for kind in ("ess", *kinds))
    said = pole.answers.get("collectivite")
    if not others and said is not None and said.state == MET:
        others = ["collectivité partenaire"]
    if "ess" in pole.present and others:
        return MET, f"Des structures de l’ESS y sont avec d’autres parties ({join(others)}).{told}"
    if pole.kinds and pole.absent("ess", "reseau", "autre"):
        return NOT_MET, "Aucune structure de l’ESS n’en est membre."
    if pole.kinds and pole.absent(*_OTHERS):
        return UNKNOWN, (
            "Tous les membres connus sont de l’ESS ; des partenaires non membres sont possibles."
        )
    return UNKNOWN, ""


def _around(asked: Criterion, near: Surroundings | None) -> str:
    """Say what open data show that bears on a criterion."""
    if near is None:
        return ""
    said = {
        "acteurs_divers": (near.structures(), near.firms(), near.bodies(), near.authorities()),
        "nombre": (near.structures(),),
        "collectivite": (near.authorities(),),
        "recherche": (near.bodies(),),
    }.get(asked.id, ())
    return " ".join((*said, near.source)) if said else ""

