"""The charter: criteria nobody may give up and criteria of a trade, by axis, each with its text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import filieres
from territory.charter.rules import Rule
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, plural

#: Version of the JSON form.
FORMAT_VERSION: Final = 1
MAX_WEIGHT: Final = 100.0


@dataclass(frozen=True)
class Axis:
    """What criteria are gathered by: a mark is given by axis."""

    id: str
    label: str


@dataclass(frozen=True)
class Reference:
    """A text a criterion comes from; ``date`` as it is written, ``url`` blank when unknown."""

    id: str
    title: str
    author: str
    date: str
    url: str = ""

    def sentence(self) -> str:
        """Cite it: author, title, date."""
        return f"{self.author}, «{NBSP}{self.title}{NBSP}», {self.date}"


@dataclass(frozen=True)
class Criterion:
    """One question put to every supplier it concerns.

    Attributes
    ----------
    id
        Short stable name.
    axis
        Id of an :class:`Axis`.
    label
        French noun phrase.
    question
        French question; « oui » meets the criterion.
    evidence
        What answers it, in French.
    rules
        Where the table of suppliers answers; empty when no list does.
    declarable
        Whether a person may answer by hand.
    references
        Ids of :class:`Reference`, at least one.
    weight
        From 0 (set aside) to 100, within its axis.
    filieres
        Trades it concerns; empty for all.
    """

    id: str
    axis: str
    label: str
    question: str
    evidence: str
    rules: tuple[Rule, ...]
    declarable: bool
    references: tuple[str, ...]
    weight: float = 1.0
    filieres: tuple[str, ...] = ()

    def concerns(self, trades: pd.Series) -> npt.NDArray[np.bool_]:
        """Rows whose trade it concerns, shape (n,); an unknown trade has none of its own."""
        if not self.filieres:
            return np.ones(len(trades), dtype=bool)
        return filieres.matches(trades, self.filieres)

    def origin(self) -> str:
        """Say in French where an answer may come from."""
        ways = [rule.sentence() for rule in self.rules]
        return " ; ".join([*ways, *(["déclaration datée et signée"] if self.declarable else [])])


@dataclass(frozen=True)
class Charter:
    """Criteria, the axes that gather them and the texts they come from.

    Raises
    ------
    InvalidInputError
        No criterion, two of one name, an axis named « total », an axis, a text or a trade that
        does not exist, a weight out of bounds, a criterion that nothing can answer or that cites
        no text.
    """

    name: str
    axes: tuple[Axis, ...]
    references: tuple[Reference, ...]
    criteria: tuple[Criterion, ...]
    author: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.criteria:
            raise InvalidInputError("La charte ne contient aucun critère.")
        for what, ids in (
            ("axes", [a.id for a in self.axes]),
            ("textes", [r.id for r in self.references]),
            ("critères", [c.id for c in self.criteria]),
        ):
            twice = next((one for one in ids if ids.count(one) > 1), None)
            if twice is not None:
                msg = f"Deux {what} de la charte portent le nom « {twice} »."
                raise InvalidInputError(msg)
        if "total" in {a.id for a in self.axes}:
            raise InvalidInputError("Le nom d’axe « total » est réservé à la somme des axes.")
        for criterion in self.criteria:
            fault = self._fault(criterion)
            if fault:
                msg = f"Le critère « {criterion.id} » {fault}."
                raise InvalidInputError(msg)

    def _fault(self, criterion: Criterion) -> str:
        texts = {r.id for r in self.references}
        trades = set(criterion.filieres) - set(filieres.names())
        if criterion.axis not in {a.id for a in self.axes}:
            return f"cite un axe absent de la charte (« {excerpt(criterion.axis)} »)"
        if not criterion.references or not texts.issuperset(criterion.references):
            return "ne cite aucun texte de la charte, ou en cite un qui n’y est pas"
        if trades:
            return f"cite une filière inconnue (« {excerpt(min(trades))} »)"
        if not criterion.rules and not criterion.declarable:
            return "ne peut recevoir de réponse : ni règle, ni déclaration"
        if not is_weight(criterion.weight):
            return f"a un poids qui n’est pas entre 0 et {MAX_WEIGHT:.0f}"
        return ""

    @property
    def weights(self) -> dict[str, float]:
        """Criterion id → weight."""
        return {c.id: c.weight for c in self.criteria}

    def criterion(self, criterion_id: str) -> Criterion:
        """Return a criterion by its id.

        Raises
        ------
        InvalidInputError
            The charter has none of this name.
        """
        for criterion in self.criteria:
            if criterion.id == criterion_id:
                return criterion
        msg = f"La charte n’a pas de critère « {excerpt(criterion_id)} »."
        raise InvalidInputError(msg)

    def reweighted(self, weights: Mapping[str, float]) -> Charter:
        """Return the same charter with other weights; those not named stay.

        Raises
        ------
        InvalidInputError
            An unknown criterion, or a weight out of bounds.
        """
        for criterion_id in weights:
            self.criterion(criterion_id)
        return replace(self, criteria=tuple(
            replace(c, weight=float(weights.get(c.id, c.weight))) for c in self.criteria
        ))

    def sentence(self) -> str:
        """Say in French what it holds."""
        own = sum(bool(c.filieres) for c in self.criteria)
        trades = f", dont {own} propre{'s' if own > 1 else ''} à des filières" if own else ""
        return (
            f"Charte « {self.name} » : {plural(len(self.criteria), 'critère')}{trades}, "
            f"sur {plural(len(self.axes), 'axe')}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form, complete; ``reading.from_json`` reads it back."""
        return {
            "format": "charte",
            "version": FORMAT_VERSION,
            "nom": self.name,
            **({"auteur": self.author} if self.author else {}),
            **({"note": self.note} if self.note else {}),
            "axes": [{"id": a.id, "libelle": a.label} for a in self.axes],
            "textes": [_reference_json(r) for r in self.references],
            "criteres": [_criterion_json(c) for c in self.criteria],
        }

    def digest(self) -> str:
        """Short digest of the JSON form, the same on any machine."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def is_weight(value: object) -> bool:
    """Tell whether a value can be a weight: a number from 0 to 100."""
    # The comparison is false for NaN too.
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_WEIGHT
    )


def _reference_json(reference: Reference) -> dict[str, Any]:
    found = asdict(reference)
    names = {"id": "id", "title": "titre", "author": "auteur", "date": "date", "url": "adresse"}
    return {names[key]: value for key, value in found.items() if value}


def _criterion_json(criterion: Criterion) -> dict[str, Any]:
    return {
        "id": criterion.id,
        "axe": criterion.axis,
        "libelle": criterion.label,
        "question": criterion.question,
        "preuve": criterion.evidence,
        "regles": [_rule_json(rule) for rule in criterion.rules],
        "declaration": criterion.declarable,
        "textes": list(criterion.references),
        "poids": float(criterion.weight),
        "filieres": list(criterion.filieres),
    }


def _rule_json(rule: Rule) -> dict[str, Any]:
    return {
        "colonne": rule.column,
        "regle": rule.kind,
        **({"valeurs": list(rule.wanted)} if rule.wanted else {}),
        **({"limite": rule.limit} if rule.limit is not None else {}),
    }
