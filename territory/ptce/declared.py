"""A pole as it is told, ready for the grid: its members by kind, what it is, what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from territory.errors import InvalidInputError
from territory.ptce.criteria import CRITERIA, MET, NOT_MET, State
from territory.ptce.evidence import Count, count_of
from territory.ptce.vocabulary import GROUPING, MEMBERS
from territory.text import excerpt


@dataclass(frozen=True)
class Said:
    """An answer somebody gives: oui or non, why, and who says so."""

    state: State
    proof: str
    source: str

    def sentence(self) -> str:
        """Say proof and source in French."""
        return f"{self.proof.removesuffix('.')} ({self.source})."


@dataclass(frozen=True)
class Pole:
    """What is told of a pole; what is not told is unknown.

    Attributes
    ----------
    name
        French name.
    nature
        What it is as a whole: ``regroupement``, the id of one of the five exclusions when it is
        that and no more, empty when unknown.
    members
        Organisations, in all; None when unknown.
    kinds
        Kind of :data:`territory.ptce.vocabulary.MEMBERS` → organisations; a kind that lacks is
        unknown, zero is known to be none.
    origin, functions
        Codes of the vocabulary.
    jobs
        Jobs, None when unknown.
    answers
        Id of a criterion → what is declared of it.
    sources
        Field → where its value was read, in French.

    Raises
    ------
    InvalidInputError
        Unknown nature, kind or criterion, an answer that is not one, or more members by kind than
        in all.
    """

    name: str
    nature: str = ""
    members: Count | None = None
    kinds: Mapping[str, Count] = field(default_factory=dict)
    origin: str = "inconnue"
    functions: tuple[str, ...] = ()
    jobs: Count | None = None
    answers: Mapping[str, Said] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        natures = {"", GROUPING, *(c.id for c in CRITERIA if c.group == "exclusion")}
        declarable = {c.id for c in CRITERIA if c.declarable}
        wrong = (
            f"la nature « {excerpt(self.nature)} » n’existe pas" if self.nature not in natures
            else f"les genres de membres sont : {', '.join(MEMBERS)}"
            if not set(self.kinds) <= set(MEMBERS)
            else "une réponse porte sur un critère qui ne se déclare pas"
            if not set(self.answers) <= declarable
            else "une réponse déclarée dit oui ou non"
            if any(said.state not in {MET, NOT_MET} for said in self.answers.values())
            else "les membres par genre dépassent le total"
            if self.members is not None and self.members.at_most is not None
            and self.by_kind > self.members.at_most
            else ""
        )
        if wrong:
            msg = f"Le pôle « {excerpt(self.name)} » ne peut être examiné : {wrong}."
            raise InvalidInputError(msg)

    @property
    def by_kind(self) -> int:
        """Members that the kinds make certain."""
        return sum(count.at_least for count in self.kinds.values())

    @property
    def at_least(self) -> int:
        """Members that are certain, however they are told; 0 when nothing is."""
        return max(self.by_kind, 0 if self.members is None else self.members.at_least)

    @property
    def at_most(self) -> int | None:
        """Most members there can be; None when it is unknown."""
        if self.members is not None:
            return self.members.at_most
        if set(self.kinds) < set(MEMBERS):
            return None
        tops = [count.at_most for count in self.kinds.values()]
        return None if None in tops else sum(top for top in tops if top is not None)

    @property
    def present(self) -> tuple[str, ...]:
        """Kinds with a member at least, for certain."""
        return tuple(kind for kind, count in self.kinds.items() if count.at_least)

    def absent(self, *kinds: str) -> bool:
        """Whether every one of these kinds is known to have no member."""
        if self.at_most is not None and self.by_kind == self.at_most:
            # Every member is accounted for: a kind that lacks has none.
            return not set(kinds) & set(self.present)
        return all(kind in self.kinds and self.kinds[kind].at_most == 0 for kind in kinds)


def from_rows(row: pd.Series, facts: pd.DataFrame) -> Pole:
    """Gather a pole from its row of the table and the facts told about it.

    Parameters
    ----------
    row
        Row of :func:`territory.ptce.table`.
    facts
        Columns of ``schemas.PTCE_FACTS``, of this pole alone; the last of a field counts.

    Raises
    ------
    InvalidInputError
        The facts contradict one another.
    """
    told = {
        str(fact["champ"]): {str(name): str(cell) for name, cell in fact.items()}
        for fact in facts.to_dict("records")
    }
    counts = {
        name: count for name, fact in told.items()
        if (name.startswith("membres") or name == "emplois")
        and (count := count_of(fact["valeur"])) is not None
    }
    return Pole(
        name=str(row["nom"]),
        nature=told["nature"]["valeur"] if "nature" in told else "",
        members=counts.get("membres"),
        kinds={kind: counts[f"membres_{kind}"] for kind in MEMBERS if f"membres_{kind}" in counts},
        origin=_value(told, "origine", str(row["origine"])),
        functions=tuple(
            one for one in _value(told, "fonctions", str(row["fonctions"])).split(";")
            if one != "inconnue"
        ),
        jobs=counts.get("emplois"),
        answers={
            name.removeprefix("critere_"): Said(
                MET if fact["valeur"] == "oui" else NOT_MET, fact["preuve"], cited(fact)
            )
            for name, fact in told.items() if name.startswith("critere_")
        },
        sources={name: f"{fact['preuve'].removesuffix('.')} ({cited(fact)})"
                 for name, fact in told.items()},
    )


def _value(told: Mapping[str, Mapping[str, str]], field: str, otherwise: str) -> str:
    return told[field]["valeur"] if field in told else otherwise


def cited(fact: Mapping[str, str]) -> str:
    """Cite the source of a fact: title, then its date unless the title ends with it."""
    title, date = fact["source_titre"], fact["source_date"]
    return title if not date or date in title else f"{title}, {date}"
