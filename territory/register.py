"""The register: establishments fetched commune by commune, each commune with its date and holes.

One SQLite file in the local store, or tables of the store that replicas share: :func:`of` says
which. A commune is replaced in one transaction, so that a kill at any moment leaves its former list
or its new one, and several processes may write at once.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import pandas as pd

from territory.errors import DataError
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings

if TYPE_CHECKING:  # psycopg is not for those who have no shared store
    from territory.postgis.register import PostgisRegister

#: What :func:`of` gives.
Listing: TypeAlias = "Register | PostgisRegister"

#: Grows when the columns change: another file is begun, the former one is left alone.
FORMAT: Final = 1
#: Columns that are numbers; the others are texts.
NUMBERS: Final = ("longitude", "latitude")
_PATIENCE_S = 30.0


@dataclass(frozen=True)
class Hole:
    """Something a service could not or did not give.

    Attributes
    ----------
    kind
        ``reseau``: a legal unit with more establishments than an answer holds; ``plafond``: more
        legal units than a query can list; ``interrompu``: the work stopped or failed on the way;
        ``ecart``: the service announced more than it gave; ``vide``: nothing at all for a commune
        of that size.
    detail
        Which one, in French.
    """

    kind: str
    detail: str


@dataclass(frozen=True)
class State:
    """What is known of a commune: when it was fetched, whether wholly, what is missing."""

    fetched: dt.datetime
    complete: bool
    holes: tuple[Hole, ...]


def of(settings: Settings, source: str = "ess") -> Listing:
    """Return the register of a source, in the store that the settings name.

    Raises
    ------
    DataError
        A shared store is named and its library is not installed.
    """
    if not settings.store:
        return Register(settings.data_dir, source)
    from territory.postgis.register import PostgisRegister

    return PostgisRegister(settings.store, source)


class Register:
    """The list of one source, commune by commune, in a SQLite file.

    Parameters
    ----------
    folder
        The local store.
    source
        Source id, the name of the file.
    """

    def __init__(self, folder: Path, source: str = "ess") -> None:
        self.path = folder / f"{source}-{FORMAT}.sqlite"

    def save(
        self,
        codes: Sequence[str],
        rows: pd.DataFrame,
        holes: dict[str, list[Hole]],
        *,
        fetched: dt.datetime,
        complete: bool,
    ) -> None:
        """Replace the list of some communes.

        Parameters
        ----------
        codes
            Communes asked, also those that have nothing.
        rows
            Their establishments, columns of ``schemas.ETABLISSEMENTS``.
        holes
            Commune → what is missing there.
        fetched
            When, with its time zone.
        complete
            False when the work was cut: a whole list, even older, is then kept in its place, and
            the rows of a cut one are kept beside the new ones.

        Raises
        ------
        DataError
            The file cannot be written.
        """
        with self._connected() as base:
            # What is read here decides what is written: nobody may write in between.
            base.execute("BEGIN IMMEDIATE")
            if not complete:
                known = self._states(base, codes)
                codes = [c for c in codes if c not in known or not known[c].complete]
            kept = rows[rows["code_insee"].isin(codes)]
            base.execute(
                "DELETE FROM etablissements WHERE code_insee IN (SELECT value FROM json_each(?1)) "
                "AND (?2 OR siret IN (SELECT value FROM json_each(?3)))",
                (json.dumps(list(codes)), complete, json.dumps(kept["siret"].tolist())),
            )
            names = ETABLISSEMENTS.names
            base.executemany(
                f"INSERT INTO etablissements ({', '.join(names)}) "  # noqa: S608  (our schema)
                f"VALUES ({', '.join('?' * len(names))})",
                kept[names].astype(object).where(kept[names].notna(), None).to_numpy().tolist(),
            )
            base.executemany(
                "INSERT OR REPLACE INTO communes VALUES (?, ?, ?, ?)",
                [
                    (code, fetched.isoformat(), int(complete),
                     json.dumps([vars(h) for h in holes.get(code, [])], ensure_ascii=False))
                    for code in codes
                ],
            )

    def states(self, codes: Iterable[str] | None = None) -> dict[str, State]:
        """Tell what is known of communes: those ever fetched only.

        Raises
        ------
        DataError
            The file is damaged.
        """
        if not self.path.is_file():
            return {}
        with self._connected() as base:
            return self._states(base, codes)

    def read(self, codes: Iterable[str]) -> pd.DataFrame:
        """Read the establishments of communes, columns of ``schemas.ETABLISSEMENTS``.

        Raises
        ------
        DataError
            The file is damaged.
        """
        return self._rows("code_insee", codes)

    def _rows(self, column: str, values: Iterable[str]) -> pd.DataFrame:
        if not self.path.is_file():
            return pd.DataFrame(columns=ETABLISSEMENTS.names)
        with self._connected() as base:
            table = pd.read_sql_query(
                f"SELECT * FROM etablissements WHERE {column} IN "  # noqa: S608  (our columns)
                "(SELECT value FROM json_each(?)) ORDER BY code_insee, nom, siret",
                base, params=(json.dumps(list(values)),),
            )
        return table.astype(dict.fromkeys(NUMBERS, float))

    def find(self, sirets: Iterable[str]) -> pd.DataFrame:
        """Read establishments by SIRET, columns of ``schemas.ETABLISSEMENTS``.

        Raises
        ------
        DataError
            The file is damaged.
        """
        return self._rows("siret", sirets)

    def counts(self, codes: Iterable[str]) -> dict[str, int]:
        """Count the establishments of communes; those that have none are not in it.

        Raises
        ------
        DataError
            The file is damaged.
        """
        if not self.path.is_file():
            return {}
        with self._connected() as base:
            return dict(base.execute(
                "SELECT code_insee, count(*) FROM etablissements WHERE code_insee IN "
                "(SELECT value FROM json_each(?)) GROUP BY 1", (json.dumps(list(codes)),)
            ).fetchall())

    def count(self) -> int:
        """Count the establishments held.

        Raises
        ------
        DataError
            The file is damaged.
        """
        if not self.path.is_file():
            return 0
        with self._connected() as base:
            (rows,) = base.execute("SELECT count(*) FROM etablissements").fetchone()
        return int(rows)

    @staticmethod
    def _states(base: sqlite3.Connection, codes: Iterable[str] | None) -> dict[str, State]:
        wanted = None if codes is None else json.dumps(list(codes))
        rows = base.execute(
            "SELECT code, recupere, complet, lacunes FROM communes "
            "WHERE ?1 IS NULL OR code IN (SELECT value FROM json_each(?1))", (wanted,)
        )
        return {
            code: State(dt.datetime.fromisoformat(fetched), bool(complete),
                        tuple(Hole(**hole) for hole in json.loads(holes)))
            for code, fetched, complete, holes in rows
        }

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """Open one transaction; it is committed at the end, undone by any error."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, timeout=_PATIENCE_S)) as base:
                _create(base)
                with base:
                    yield base
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            # The last two: dates or holes that somebody else wrote.
            msg = (
                f"Le registre local {self.path.name} ne peut pas être lu ou écrit. Vérifiez le "
                f"dossier {self.path.parent}, ou supprimez ce fichier : il sera rempli de nouveau."
            )
            raise DataError(msg) from error


def _create(base: sqlite3.Connection) -> None:
    columns = ", ".join(
        f"{name} {'REAL' if name in NUMBERS else 'TEXT'}" for name in ETABLISSEMENTS.names
    )
    with base:
        base.execute(f"CREATE TABLE IF NOT EXISTS etablissements ({columns})")
        base.execute("CREATE INDEX IF NOT EXISTS par_commune ON etablissements (code_insee)")
        base.execute("CREATE TABLE IF NOT EXISTS communes "
                     "(code TEXT PRIMARY KEY, recupere TEXT, complet INTEGER, lacunes TEXT)")

