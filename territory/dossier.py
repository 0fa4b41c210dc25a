"""The file of a search: perimeter, filters, charter, evidence, data and result, to be re-run.

A file by someone else is untrusted: bounded, checked field by field, refused with a sentence, and
nothing of it is ever run. The digest of the result is the same on any machine that has the same
data; on other data the file says who entered, who left and why.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from territory import charter, filieres, provenance
from territory.charter import Charter, Declaration
from territory.charter.declaration import from_json as read_declarations
from territory.codes import is_siret
from territory.directory import Result
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.suppliers import FAMILIES, Criteria
from territory.text import NBSP, date, excerpt, fold, plural

FORMAT: Final = "dossier-perimetre"
#: Version 1 said the list by a key of the machine that wrote it; version 2 says every table.
VERSION: Final = 2
MAX_BYTES: Final = 20_000_000
MAX_SUPPLIERS: Final = 100_000
_MAX_LINE: Final = 200
_MAX_NOTE: Final = 4_000

#: Why a supplier of the file is no more in the result.
GONE: Final = "n’est plus dans la liste"
UNMET: Final = "ne répond plus aux filtres"
OUTSIDE: Final = "n’est plus dans le périmètre"
NEW: Final = "n’y était pas à l’enregistrement"

_FORM: Final = "Ce fichier n’est pas un dossier de recherche de ce logiciel."


@dataclass(frozen=True)
class Kept:
    """A supplier as a file keeps it: enough to find it again, and where it was."""

    siret: str
    nom: str
    code_insee: str
    distance_km: float | None

    @property
    def key(self) -> str:
        """SIRET, else folded name and commune."""
        return self.siret or f"{fold(self.nom)}|{self.code_insee}"


@dataclass(frozen=True)
class Dossier:
    """A search that can be read, argued with and run again.

    Attributes
    ----------
    perimeter, criteria
        Where, and what was asked.
    charter
        Criteria and weights.
    declared
        Evidence entered by hand.
    tables
        Tables the search rested on; empty in a file of version 1.
    sources
        Keys of ``catalog.SOURCES``.
    data_day
        Newest day of the list, None for the extract.
    suppliers
        Result, the nearest first.
    saved
        When.
    author, note
        Free texts of the person.
    list_key
        Key of the list searched, in a file of version 1; empty since.
    """

    perimeter: Perimeter
    criteria: Criteria
    charter: Charter
    declared: tuple[Declaration, ...]
    tables: tuple[TableVersion, ...]
    sources: tuple[str, ...]
    data_day: dt.date | None
    suppliers: tuple[Kept, ...]
    saved: dt.date
    author: str = ""
    note: str = ""
    list_key: str = ""

    @property
    def digest(self) -> str:
        """Digest of the result: who is in, and at what distance to the metre."""
        return _digest(self.suppliers)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form: complete, readable, see ``docs/schema/dossier.schema.json``.

        What was read of a file of version 1 is written as version 1: its tables are not known.
        """
        asked = self.criteria
        data = (
            {"tables": [one.to_json() for one in self.tables]} if self.tables
            else {"liste": self.list_key}
        )
        return {
            "format": FORMAT, "version": VERSION if self.tables else 1,
            "enregistre_le": self.saved.isoformat(),
            "auteur": self.author, "note": self.note,
            "phrase": self.perimeter.sentence(),
            "perimetre": self.perimeter.to_json(),
            "filtres": {
                "filieres": list(asked.filieres), "familles": list(asked.familles),
                "siae_seulement": asked.siae_only, "employeurs_seulement": asked.employers_only,
                "filieres_presumees": asked.include_presumed,
            },
            "charte": self.charter.to_json(),
            "preuves": [one.to_json() for one in self.declared],
            "donnees": {
                **data, "sources": list(self.sources),
                "jour": self.data_day and self.data_day.isoformat(),
            },
            "resultat": {
                "empreinte": self.digest,
                "fournisseurs": [
                    {"siret": one.siret, "nom": one.nom, "code_insee": one.code_insee,
                     "distance_km": one.distance_km}
                    for one in self.suppliers
                ],
            },
        }

    def to_bytes(self) -> bytes:
        """Write the file, indented, UTF-8."""
        return (json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
                + "\n").encode()


def of(
    result: Result, chosen: Charter, declared: tuple[Declaration, ...] = (), *,
    author: str = "", note: str = "", today: dt.date | None = None,
) -> Dossier:
    """Keep a search."""
    return Dossier(
        result.perimeter, result.criteria, chosen, declared, result.tables, result.source_ids,
        result.directory.newest, _kept(result.found), today or dt.date.today(),
        _line(author, "L’auteur"), _text(note),
    )


def _kept(found: pd.DataFrame) -> tuple[Kept, ...]:
    return tuple(
        Kept(str(siret), str(nom)[:_MAX_LINE], str(code),
             None if pd.isna(km) else round(float(km), 3))
        for siret, nom, code, km in zip(found["siret"], found["nom"], found["code_insee"],
                                        found["distance_km"], strict=True)
    )


def _digest(suppliers: tuple[Kept, ...]) -> str:
    rows = sorted(f"{one.key}|{'' if one.distance_km is None else format(one.distance_km, '.3f')}"
                  for one in suppliers)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Comparison:
    """A file beside what the same search finds now.

    Attributes
    ----------
    dossier
        The file.
    digest
        Of the result of now.
    entered, left
        ``nom``, ``code_insee``, ``pourquoi``, one row a supplier.
    tables
        Tables the search rests on now.
    same_data
        Whether they are those of the file; of version 1, whether the list is.
    """

    dossier: Dossier
    digest: str
    entered: pd.DataFrame
    left: pd.DataFrame
    tables: tuple[TableVersion, ...]
    same_data: bool

    @property
    def changes(self) -> tuple[str, ...]:
        """Tables that changed, a French clause each; see :func:`territory.provenance.changes`."""
        if self.dossier.tables:
            return provenance.changes(self.dossier.tables, self.tables)
        return () if self.same_data else ("la liste n’est plus celle du dossier",)

    def sentence(self) -> str:
        """Say what changed since the file was written, in the result and in the tables."""
        kept = f"Dossier du {date(self.dossier.saved)}"
        changes = provenance.told(self.changes)
        if self.digest == self.dossier.digest:
            same = f"{kept}{NBSP}: même résultat aujourd’hui (empreinte {self.digest})"
            return f"{same}, et pourtant {changes}." if changes else f"{same}."
        data = changes or "sur les mêmes données"
        entered = plural(len(self.entered), "entre", "entrent")
        left = plural(len(self.left), "sort", "sortent")
        moved = "" if len(self.entered) or len(self.left) else " ; seules des distances changent"
        return f"{kept}{NBSP}: {entered}, {left}{moved} ({data})."


def compare(dossier: Dossier, result: Result) -> Comparison:
    """Say who entered, who left and why, between a file and the same search now.

    Parameters
    ----------
    result
        Search of the file's perimeter and criteria on the list known now.
    """
    now = _kept(result.found)
    before = {one.key: one for one in dossier.suppliers}
    after = {one.key: one for one in now}
    table = result.directory.index.table
    keys = table["siret"].where(
        table["siret"] != "", table["nom"].map(fold) + "|" + table["code_insee"].astype(str)
    )
    meets = pd.Series(dossier.criteria.mask(table), index=keys).groupby(level=0).any()
    left = [
        (one.nom, one.code_insee,
         GONE if key not in meets.index else OUTSIDE if meets[key] else UNMET)
        for key, one in before.items() if key not in after
    ]
    entered = [(one.nom, one.code_insee, NEW) for key, one in after.items() if key not in before]
    columns = ["nom", "code_insee", "pourquoi"]
    return Comparison(
        dossier, _digest(now), pd.DataFrame(entered, columns=columns),
        pd.DataFrame(left, columns=columns), result.tables, _same_data(dossier, result),
    )


def _same_data(dossier: Dossier, result: Result) -> bool:
    if not dossier.tables:
        return dossier.list_key == result.directory.key
    return not provenance.changes(dossier.tables, result.tables)


def read(content: bytes) -> Dossier:
    """Read a file by someone else.

    Raises
    ------
    InvalidInputError
        It is too large, no JSON, or something of it is not of the form.
    """
    if len(content) > MAX_BYTES:
        msg = f"Ce dossier est trop gros : {MAX_BYTES // 1_000_000} Mo au plus."
        raise InvalidInputError(msg)
    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(_FORM) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InvalidInputError(_FORM)
    version = data.get("version")
    if version not in (1, VERSION) or isinstance(version, bool | float):
        msg = f"Ce dossier est d’une version inconnue ({excerpt(version, 20)})."
        raise InvalidInputError(msg)
    known = _object(data, "donnees")
    result = _object(data, "resultat")
    dossier = Dossier(
        Perimeter.from_json(data.get("perimetre")), _criteria(_object(data, "filtres")),
        charter.from_json(data.get("charte")), read_declarations(data.get("preuves")),
        provenance.from_json(known.get("tables")) if version == VERSION else (),
        tuple(_line(one, "Une source") for one in _list(known.get("sources"), 50)),
        None if known.get("jour") is None else _day(known.get("jour")),
        tuple(_supplier(one) for one in _list(result.get("fournisseurs"), MAX_SUPPLIERS)),
        _day(data.get("enregistre_le")), _line(data.get("auteur"), "L’auteur"),
        _text(data.get("note")), _line(known.get("liste"), "La liste") if version == 1 else "",
    )
    if result.get("empreinte") != dossier.digest:
        msg = (
            "L’empreinte de ce dossier n’est pas celle de ses fournisseurs : le fichier a été "
            "modifié."
        )
        raise InvalidInputError(msg)
    return dossier


def is_dossier(content: object) -> bool:
    """Tell whether a JSON is meant to be such a file."""
    return isinstance(content, Mapping) and content.get("format") == FORMAT


def _criteria(content: Mapping[str, Any]) -> Criteria:
    flags = [content.get(name) for name in
             ("siae_seulement", "employeurs_seulement", "filieres_presumees")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise InvalidInputError("Les filtres de ce dossier ne sont pas de la forme attendue.")
    trades = [_line(one, "Une filière") for one in _list(content.get("filieres"), 100)]
    families = [_line(one, "Une famille") for one in _list(content.get("familles"), len(FAMILIES))]
    return Criteria(
        tuple(one if one == filieres.UNKNOWN else filieres.resolve(one) for one in trades),
        tuple(families), bool(flags[0]), bool(flags[1]), bool(flags[2]),
    )


def _supplier(item: object) -> Kept:
    if not isinstance(item, dict):
        raise InvalidInputError(_FORM)
    siret = _line(item.get("siret"), "Un SIRET")
    km = item.get("distance_km")
    if siret and not is_siret(siret):
        msg = f"Le SIRET « {excerpt(siret, 20)} » de ce dossier n’est pas valable."
        raise InvalidInputError(msg)
    if km is not None and (
        isinstance(km, bool) or not isinstance(km, int | float) or not 0 <= km <= 25_000
        or not np.isfinite(km)
    ):
        raise InvalidInputError("Une distance de ce dossier n’est pas un nombre de kilomètres.")
    return Kept(siret, _line(item.get("nom"), "Un nom"), _line(item.get("code_insee"), "Un code"),
                None if km is None else round(float(km), 3))


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = data.get(name)
    if not isinstance(part, dict):
        msg = f"Il manque la partie « {name} » de ce dossier."
        raise InvalidInputError(msg)
    return part


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise InvalidInputError("Une liste de ce dossier manque ou est trop longue.")
    return value


def _line(value: object, what: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_LINE or not value.isprintable():
        msg = f"{what} de ce dossier n’est pas un texte d’une ligne."
        raise InvalidInputError(msg)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _MAX_NOTE:
        msg = f"La note de ce dossier n’est pas un texte de {_MAX_NOTE} caractères au plus."
        raise InvalidInputError(msg)
    return value


def _day(value: object) -> dt.date:
    try:
        return dt.date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        msg = f"La date « {excerpt(value, 20)} » de ce dossier n’est pas valable."
        raise InvalidInputError(msg) from error
