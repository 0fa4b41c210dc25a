"""Read a charter: ours, or the file of a collectivité, which nobody vouches for.

A file says everything itself, or starts from ours (``reprend``) to add, remove and weigh.
``docs/schema/charte.schema.json`` describes the form; what is read here is never wider.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from territory import store
from territory.charter.criteria import (
    FORMAT_VERSION,
    Axis,
    Charter,
    Criterion,
    Reference,
    is_weight,
)
from territory.charter.rules import MAX_KM, Rule
from territory.errors import DataError, InvalidInputError
from territory.text import NBSP, NNBSP, excerpt

MAX_BYTES: Final = 500_000
MAX_CRITERIA: Final = 200
_MAX_ITEMS: Final = 50
_MAX_LABEL: Final = 80
_MAX_TEXT: Final = 500
_ID: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_URL: Final = re.compile(r"https?://[!-~]{1,300}")
#: Files of our charter, in the embedded base: criteria of all, criteria of trades.
_FILES: Final = ("charte/commune.json", "charte/filieres.json")

_KEYS: Final = frozenset({
    "format", "version", "nom", "auteur", "note", "reprend", "retire", "poids", "axes", "textes",
    "criteres",
})
_LISTS: Final = ("axes", "textes", "criteres")


def read(name: str, content: bytes) -> Charter:
    """Read the file of a charter.

    Parameters
    ----------
    name
        Of the file, for messages.
    content
        Its bytes: JSON in UTF-8, half a megabyte at most.

    Raises
    ------
    InvalidInputError
        It is no charter; the sentence says what is wrong and where.
    """
    if len(content) > MAX_BYTES:
        msg = (
            f"Le fichier {_quoted(name)} dépasse {MAX_BYTES // 1000} ko : ce n’est pas une charte."
        )
        raise InvalidInputError(msg)
    try:
        parsed = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = f"Le fichier {_quoted(name)} n’est pas un JSON lisible."
        raise InvalidInputError(msg) from error
    return from_json(parsed)


def from_json(content: object) -> Charter:
    """Read the JSON form.

    Raises
    ------
    InvalidInputError
        Not of the form; see :func:`read`.
    """
    entry = _head(content)
    start = entry.get("reprend", False)
    if not isinstance(start, bool):
        _refuse("« reprend » vaut true ou false")
    removed = [_id(one, "« retire »") for one in _list(entry, "retire", "la charte", MAX_CRITERIA)]
    weights = entry.get("poids", {})
    if not isinstance(weights, dict) or not all(is_weight(weight) for weight in weights.values()):
        _refuse("« poids » associe à des critères des nombres de 0 à 100")
    if not start and (removed or weights):
        _refuse("« retire » et « poids » ne s’emploient qu’avec « reprend »")
    axes, references, criteria = (list(part) for part in _parts(entry))
    if start:
        base = default()
        known = {c.id for c in base.criteria}
        unknown = sorted((set(removed) | set(weights)) - known)
        if unknown:
            _refuse(f"notre charte n’a pas de critère « {_quoted(unknown[0])} »")
        kept = (c for c in base.reweighted(weights).criteria if c.id not in removed)
        criteria = [*kept, *criteria]
        axes, references = [*base.axes, *axes], [*base.references, *references]
    return _charter(entry, axes, references, criteria)


@functools.cache
def default() -> Charter:
    """Our charter: criteria of all, then those of trades.

    Raises
    ------
    DataError
        A file of the base is missing or damaged.
    """
    heads = []
    for filename in _FILES:
        try:
            heads.append(_head(json.loads(store.document(filename).decode("utf-8"))))
        except (ValueError, RecursionError) as error:
            msg = f"Le fichier {filename} de la base est endommagé."
            raise DataError(msg) from error
    merged = {key: [item for head in heads for item in head.get(key, [])] for key in _LISTS}
    return _charter(heads[0], *_parts(merged))


def _head(content: object) -> Mapping[str, Any]:
    if not isinstance(content, dict) or content.get("format") != "charte":
        _refuse("« format » devrait valoir « charte »")
    version = content.get("version")
    if isinstance(version, bool) or version != FORMAT_VERSION:
        _refuse(f"version inconnue (« {_quoted(version)} »)")
    _only(content, _KEYS, "la charte")
    return content


def _parts(
    entry: Mapping[str, Any],
) -> tuple[tuple[Axis, ...], tuple[Reference, ...], tuple[Criterion, ...]]:
    return (
        tuple(_axis(one) for one in _list(entry, "axes", "la charte")),
        tuple(_reference(one) for one in _list(entry, "textes", "la charte")),
        tuple(_criterion(one) for one in _list(entry, "criteres", "la charte", MAX_CRITERIA)),
    )


def _charter(
    entry: Mapping[str, Any], axes: Any, references: Any, criteria: Any
) -> Charter:
    """Build it; an axis and a text that no criterion names are left out."""
    used = {c.axis for c in criteria}
    cited = {one for c in criteria for one in c.references}
    return Charter(
        name=_text(entry, "nom", "la charte", _MAX_LABEL),
        axes=tuple(a for a in axes if a.id in used),
        references=tuple(r for r in references if r.id in cited),
        criteria=tuple(criteria),
        author=_text(entry, "auteur", "la charte", _MAX_LABEL, optional=True),
        note=_text(entry, "note", "la charte", _MAX_TEXT, optional=True),
    )


def _axis(item: object) -> Axis:
    entry = _object(item, {"id", "libelle"}, "un axe")
    return Axis(_id(entry.get("id"), "un axe"), _text(entry, "libelle", "un axe", _MAX_LABEL))


def _reference(item: object) -> Reference:
    entry = _object(item, {"id", "titre", "auteur", "date", "adresse"}, "un texte")
    where = f"le texte « {_id(entry.get('id'), 'un texte')} »"
    url = _text(entry, "adresse", where, _MAX_TEXT, optional=True)
    if url and not _URL.fullmatch(url):
        _refuse(f"{where}, « adresse » n’est pas une adresse http")
    return Reference(
        str(entry["id"]), _text(entry, "titre", where, _MAX_TEXT),
        _text(entry, "auteur", where, _MAX_LABEL), _text(entry, "date", where, _MAX_LABEL), url,
    )


def _criterion(item: object) -> Criterion:
    entry = _object(item, {
        "id", "axe", "libelle", "question", "preuve", "regles", "declaration", "textes", "poids",
        "filieres",
    }, "un critère")
    where = f"le critère « {_id(entry.get('id'), 'un critère')} »"
    weight, declarable = entry.get("poids", 1), entry.get("declaration", False)
    if not is_weight(weight):
        _refuse(f"{where}, « poids » n’est pas un nombre de 0 à 100")
    if not isinstance(declarable, bool):
        _refuse(f"{where}, « declaration » vaut true ou false")
    return Criterion(
        id=str(entry["id"]),
        axis=_id(entry.get("axe"), where),
        label=_text(entry, "libelle", where, _MAX_LABEL),
        question=_text(entry, "question", where, _MAX_TEXT),
        evidence=_text(entry, "preuve", where, _MAX_TEXT),
        rules=tuple(_rule(one, where) for one in _list(entry, "regles", where)),
        declarable=declarable,
        references=tuple(_id(one, where) for one in _list(entry, "textes", where)),
        weight=round(float(weight), 6),
        filieres=tuple(_item_text(one, where) for one in _list(entry, "filieres", where)),
    )


def _rule(item: object, where: str) -> Rule:
    entry = _object(item, {"colonne", "regle", "valeurs", "limite"}, f"{where}, une règle")
    limit = entry.get("limite")
    if "limite" in entry and not (
        isinstance(limit, int | float) and not isinstance(limit, bool) and 0 < limit <= MAX_KM
    ):
        _refuse(f"{where}, « limite » n’est pas un nombre de kilomètres jusqu’à {MAX_KM:.0f}")
    if "valeurs" in entry and not entry["valeurs"]:
        _refuse(f"{where}, « valeurs » est vide")
    kind: Any = _text(entry, "regle", where, _MAX_LABEL)
    return Rule(
        _text(entry, "colonne", where, _MAX_LABEL), kind,
        tuple(_item_text(one, where) for one in _list(entry, "valeurs", where)),
        None if limit is None else float(limit),
    )


# ---- one cell at a time -------------------------------------------------------------------------


def _refuse(fault: str) -> NoReturn:
    msg = f"La charte est refusée : {fault}."
    raise InvalidInputError(msg)


def _quoted(value: object) -> str:
    """Beginning of a stranger's word, fit to be printed anywhere."""
    return excerpt("".join(c if c.isprintable() else "?" for c in str(value)[:200]), 40)


def _only(entry: Mapping[str, Any], allowed: Any, where: str) -> None:
    unknown = sorted(str(key) for key in entry if key not in allowed)
    if unknown:
        _refuse(f"{where} a une clé inconnue (« {_quoted(unknown[0])} »)")


def _object(item: object, allowed: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        _refuse(f"{where} n’est pas un objet JSON")
    _only(item, allowed, where)
    return item


def _list(entry: Mapping[str, Any], key: str, where: str, most: int = _MAX_ITEMS) -> list[Any]:
    items = entry.get(key, [])
    if not isinstance(items, list) or len(items) > most:
        _refuse(f"{where}, « {key} » n’est pas une liste de {most} éléments au plus")
    return items


def _id(value: object, where: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        _refuse(
            f"{where} porte un nom mal formé (« {_quoted(value)} ») ; il faut 2 à 40 minuscules, "
            "chiffres ou tirets bas"
        )
    return value


def _is_text(value: object, most: int) -> bool:
    return (
        isinstance(value, str) and 0 < len(value) <= most and value == value.strip()
        and all(c.isprintable() or c in (NBSP, NNBSP) for c in value)
    )


def _text(
    entry: Mapping[str, Any], key: str, where: str, most: int, *, optional: bool = False
) -> str:
    if optional and key not in entry:
        return ""
    value = entry.get(key)
    if not _is_text(value, most):
        _refuse(f"{where}, « {key} » n’est pas un texte d’une ligne de {most} caractères au plus")
    return str(value)


def _item_text(value: object, where: str) -> str:
    if not _is_text(value, _MAX_LABEL):
        _refuse(f"{where} contient un texte illisible dans une liste")
    return str(value)
