"""Evidence that no source gives, entered by hand: dated, signed with a role, kept as JSON."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory.charter.rules import MET, NOT_MET
from territory.codes import commune_of, is_commune, is_siret
from territory.errors import InvalidInputError
from territory.text import NBSP, NNBSP, excerpt, fold

MAX_DECLARATIONS: Final = 10_000
_MAX_LABEL: Final = 120
_MAX_EVIDENCE: Final = 1_000
_ID: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
_KEYS: Final = ("siret", "nom", "code_insee", "critere", "etat", "preuve", "date", "role")


@dataclass(frozen=True)
class Declaration:
    """What a person answers of a supplier, for one criterion.

    Attributes
    ----------
    criterion
        Id of a criterion.
    state
        ``oui`` or ``non``.
    evidence
        What was seen or read, in words.
    day
        When.
    role
        Who signs, by role rather than by name (« acheteuse de la commune »).
    siret
        Of the supplier, when it is known; else ``name`` and ``commune``.
    name, commune
        Name, and code of the commune, of a supplier without a SIRET.

    Raises
    ------
    InvalidInputError
        Something of it is missing or malformed.
    """

    criterion: str
    state: str
    evidence: str
    day: dt.date
    role: str
    siret: str = ""
    name: str = ""
    commune: str = ""

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            msg = f"La déclaration est refusée : {fault}."
            raise InvalidInputError(msg)

    def _fault(self) -> str:
        if not _ID.fullmatch(self.criterion):
            return "elle ne dit pas à quel critère elle répond"
        if self.state not in {MET, NOT_MET}:
            return "sa réponse n’est ni oui ni non"
        if not _is_line(self.evidence, _MAX_EVIDENCE):
            return f"sa preuve n’est pas un texte d’une ligne de {_MAX_EVIDENCE} caractères au plus"
        if not _is_line(self.role, _MAX_LABEL):
            return "elle n’est pas signée d’un rôle"
        if self.siret:
            return "" if is_siret(self.siret) else "son SIRET n’est pas valable"
        if not _is_line(self.name, _MAX_LABEL) or not is_commune(self.commune):
            return "il faut le SIRET du fournisseur, ou son nom et le code de sa commune"
        return ""

    def source(self) -> str:
        """Cite it: « déclaration de l’acheteuse »."""
        return f"déclaration ({self.role})"

    def to_json(self) -> dict[str, str]:
        """Return the JSON form."""
        found = {
            "siret": self.siret, "nom": self.name, "code_insee": self.commune,
            "critere": self.criterion, "etat": self.state, "preuve": self.evidence,
            "date": self.day.isoformat(), "role": self.role,
        }
        return {key: value for key, value in found.items() if value}


def from_json(content: object) -> tuple[Declaration, ...]:
    """Read a list of declarations; a file by someone else is untrusted.

    Raises
    ------
    InvalidInputError
        Not a list, too long, or one of them is malformed.
    """
    if not isinstance(content, list) or len(content) > MAX_DECLARATIONS:
        msg = f"Les déclarations ne sont pas une liste de {MAX_DECLARATIONS} éléments au plus."
        raise InvalidInputError(msg)
    return tuple(_read(item) for item in content)


def _read(item: object) -> Declaration:
    if (
        not isinstance(item, dict)
        or not set(item) <= set(_KEYS)
        or not all(isinstance(value, str) for value in item.values())
    ):
        raise InvalidInputError("Une déclaration n’est pas de la forme attendue.")
    written = item.get("date", "")
    try:
        day = dt.date.fromisoformat(written if _DAY.fullmatch(written) else "")
    except ValueError as error:
        msg = f"La date « {excerpt(ascii(written), 20)} » d’une déclaration n’est pas valable."
        raise InvalidInputError(msg) from error
    return Declaration(
        criterion=item.get("critere", ""), state=item.get("etat", ""),
        evidence=item.get("preuve", ""), day=day, role=item.get("role", ""),
        siret=item.get("siret", ""), name=item.get("nom", ""),
        commune=item.get("code_insee", ""),
    )


def _is_line(text: str, most: int) -> bool:
    return 0 < len(text.strip()) <= len(text) <= most and all(
        c.isprintable() or c in (NBSP, NNBSP) for c in text
    )


def matched(
    declared: Iterable[Declaration], suppliers: pd.DataFrame
) -> Iterator[tuple[Declaration, int | None]]:
    """Pair declarations with positions in a table of suppliers.

    By SIRET; without one, by folded name within a commune code. None when no supplier, or more
    than one, answers: a signature is not spread over namesakes.
    """
    declared = tuple(declared)
    if not declared:
        return
    by_siret = _positions(suppliers["siret"])
    communes = suppliers["code_insee"].map(commune_of)
    by_name = _positions(suppliers["nom"].map(fold) + "|" + communes)
    for one in declared:
        found = (
            by_siret.get(one.siret, []) if one.siret
            else by_name.get(f"{fold(one.name)}|{commune_of(one.commune)}", [])
        )
        yield one, found[0] if len(found) == 1 else None


def _positions(keys: pd.Series) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        found.setdefault(str(key), []).append(position)
    return found
