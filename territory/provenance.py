"""The tables a search rests on: which, of what vintage, and a digest of what they hold.

A table of the embedded base has the SHA-256 of its file, the one ``data/manifest.json`` publishes.
A table fetched here has that of its rows: the same on any machine that was given the same answers,
whatever wrote its file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from territory import catalog, store
from territory.errors import InvalidInputError
from territory.store import Tables
from territory.text import NBSP, date, excerpt, plural

#: Hexadecimal digits kept of a SHA-256.
DIGITS: Final = 16
MAX_TABLES: Final = 200
MAX_LABEL: Final = 200

#: Table of the suppliers a person brought.
IMPORTED: Final = "fournisseurs_importes"
#: Communes asked one by one.
ASKED: Final = "ess"
#: The national list, or followed by « _ » and the code of a département.
BULK: Final = "etablissements_ess"

#: Changes a sentence names; the others are counted.
_NAMED: Final = 3
_DIGEST: Final = re.compile(rf"[0-9a-f]{{{DIGITS}}}")

#: Table → its French name, and « the same » as it agrees with it.
_LABELS: Final = {
    "communes": ("la table des communes", "la même"),
    "contours": ("les contours des communes", "les mêmes"),
    "ess_structures": ("l’extrait embarqué des structures", "le même"),
    ASKED: ("la liste des structures des communes interrogées", "la même"),
    BULK: ("la liste des structures de la base Sirene", "la même"),
    "siae": ("la liste du Marché de l’inclusion", "la même"),
    "esus": ("la liste des agréments ESUS", "la même"),
    IMPORTED: ("le fichier de fournisseurs importé", "le même"),
}


@dataclass(frozen=True)
class TableVersion:
    """A table as it was.

    Attributes
    ----------
    id
        Name of the table: of ``data/manifest.json`` when it is embedded, else of the local store.
    vintage
        What the source says of its vintage; of a fetched table its day (``2026-11-20``), or its
        first and last ones (``2026-11-02/2026-11-20``); empty when nobody knows.
    sha256
        First :data:`DIGITS` digits of the digest of the content.
    """

    id: str
    vintage: str
    sha256: str

    @classmethod
    def of(cls, name: str, vintage: str, sha256: str) -> TableVersion:
        """Describe a table by its whole digest."""
        return cls(name, vintage, sha256[:DIGITS])

    def to_json(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"table": self.id, "millesime": self.vintage, "sha256": self.sha256}


def embedded(*names: str) -> tuple[TableVersion, ...]:
    """Describe tables of the embedded base."""
    tables = store.manifest()["tables"]
    return tuple(
        TableVersion.of(name, _vintage(name), str(tables[name]["sha256"])) for name in names
    )


def _vintage(name: str) -> str:
    """Vintages of the sources of an embedded table."""
    found = [one.vintage for one in catalog.SOURCES.values() if name in one.tables]
    return " ; ".join(found)[:MAX_LABEL]


def fetched(local: Tables, names: Iterable[str]) -> tuple[TableVersion, ...]:
    """Describe tables of a local store.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    tables = local.tables()
    return tuple(
        TableVersion.of(name, str(tables[name]["recupere_le"]), local.rows_digest(name))
        for name in names
    )


def days(oldest: dt.date, newest: dt.date) -> str:
    """Write the days of a fetched table as a vintage: one day, or an interval of ISO 8601."""
    return oldest.isoformat() if oldest == newest else f"{oldest}/{newest}"


def from_json(content: object) -> tuple[TableVersion, ...]:
    """Read the tables of a file by someone else.

    Raises
    ------
    InvalidInputError
        No list, an empty or too long one, or one that is not of the form.
    """
    if not isinstance(content, list) or not 0 < len(content) <= MAX_TABLES:
        raise InvalidInputError("La liste des tables de ce dossier manque ou est trop longue.")
    found = tuple(_read(item) for item in content)
    if len({one.id for one in found}) < len(found):
        raise InvalidInputError("Une table de ce dossier y est deux fois.")
    return found


def _read(item: object) -> TableVersion:
    texts = [item.get(key) if isinstance(item, dict) else None
             for key in ("table", "millesime", "sha256")]
    name, vintage, sha256 = (
        text if isinstance(text, str) and len(text) <= MAX_LABEL and text.isprintable() else None
        for text in texts
    )
    if not name or vintage is None or sha256 is None or not _DIGEST.fullmatch(sha256):
        raise InvalidInputError("Une table de ce dossier n’est pas de la forme attendue.")
    return TableVersion(name, vintage, sha256)


def changes(before: Iterable[TableVersion], now: Iterable[TableVersion]) -> tuple[str, ...]:
    """Say which tables changed, a French clause each; empty when all are the same.

    « la liste des agréments ESUS n’est plus la même : 2 mai 2026 → 20 novembre 2026 ».
    """
    old, new = ({one.id: one for one in tables} for tables in (before, now))
    said = []
    for name in dict.fromkeys([*old, *new]):
        label, same = _label(name)
        many = same.startswith("les ")
        if name not in new:
            said.append(f"{label} {'ne servent' if many else 'ne sert'} plus")
        elif name not in old:
            since = _written(new[name].vintage)
            verb = "servent" if many else "sert"
            said.append(f"{label} {verb} désormais{f' ({since})' if since else ''}")
        elif old[name].sha256 != new[name].sha256:
            verb = "ne sont" if many else "n’est"
            said.append(f"{label} {verb} plus {same}{_shift(old[name], new[name])}")
    return tuple(said)


def told(clauses: tuple[str, ...]) -> str:
    """Join the clauses of :func:`changes`: some of them, the rest counted."""
    rest = len(clauses) - _NAMED
    more = [f"et {plural(rest, 'autre changement', 'autres changements')}"] if rest > 0 else []
    return " ; ".join([*clauses[:_NAMED], *more])


def _shift(old: TableVersion, new: TableVersion) -> str:
    if not old.vintage or not new.vintage:
        return ""
    if old.vintage == new.vintage:
        return f"{NBSP}: {_written(new.vintage)}, autre contenu"
    return f"{NBSP}: {_written(old.vintage)} → {_written(new.vintage)}"


def _label(name: str) -> tuple[str, str]:
    if name.startswith(f"{BULK}_"):
        label, same = _LABELS[BULK]
        return f"{label} ({excerpt(name.removeprefix(f'{BULK}_'), 20)})", same
    return _LABELS.get(name, (f"la table « {excerpt(name, 40)} »", "la même"))


def _written(vintage: str) -> str:
    """Write a vintage for a reader: its days in words, anything else as it is."""
    try:
        read = [dt.date.fromisoformat(day) for day in vintage.split("/")]
    except ValueError:
        return excerpt(vintage)
    return " au ".join(date(day) for day in read)
