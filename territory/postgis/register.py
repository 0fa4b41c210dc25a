"""The register of communes in the shared store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.types.json import Json

from territory.errors import DataError
from territory.postgis.connection import begin_writing, connected, named, there
from territory.register import FORMAT, NUMBERS, Hole, State
from territory.schemas import ETABLISSEMENTS

_Base = psycopg.Connection[Any]
_NAMES: Final = ETABLISSEMENTS.names


class PostgisRegister:
    """The list of one source, commune by commune, with the methods of ``register.Register``.

    All raise :class:`~territory.errors.DataError` when the database does not answer or refuses, and
    where it holds what somebody else wrote.

    Parameters
    ----------
    url
        ``postgresql://…``; never shown.
    source
        Source id, part of the name of the tables.
    """

    def __init__(self, url: str, source: str = "ess") -> None:
        self._url = url
        self._places = f"{source}_{FORMAT}_etablissements"
        self._communes = f"{source}_{FORMAT}_communes"

    def save(
        self,
        codes: Sequence[str],
        rows: pd.DataFrame,
        holes: dict[str, list[Hole]],
        *,
        fetched: dt.datetime,
        complete: bool,
    ) -> None:
        """Replace the list of some communes in one transaction."""
        with connected(self._url) as base:
            # What is read here decides what is written: nobody may write in between.
            begin_writing(base)
            self._make(base)
            if not complete:
                known = self._states(base, codes)
                codes = [c for c in codes if c not in known or not known[c].complete]
            kept = rows[rows["code_insee"].isin(codes)]
            base.execute(
                sql.SQL("DELETE FROM {} WHERE code_insee = ANY(%s) AND (%s OR siret = ANY(%s))")
                .format(named(self._places)), (list(codes), complete, kept["siret"].tolist()))
            query = sql.SQL("COPY {} ({}) FROM STDIN").format(
                named(self._places), sql.SQL(", ").join(map(sql.Identifier, _NAMES)))
            values = kept[_NAMES].astype(object).where(kept[_NAMES].notna(), None)
            with base.cursor() as cursor, cursor.copy(query) as copy:
                for row in values.to_numpy().tolist():
                    copy.write_row(row)
            with base.cursor() as cursor:
                cursor.executemany(
                    sql.SQL("INSERT INTO {} VALUES (%s, %s, %s, %s) ON CONFLICT (code) DO UPDATE "
                            "SET recupere = EXCLUDED.recupere, complet = EXCLUDED.complet, "
                            "lacunes = EXCLUDED.lacunes").format(named(self._communes)),
                    [(code, fetched.isoformat(), complete,
                      Json([vars(hole) for hole in holes.get(code, [])])) for code in codes])

    def states(self, codes: Iterable[str] | None = None) -> dict[str, State]:
        """Tell what is known of communes: those ever fetched only."""
        with connected(self._url) as base:
            return self._states(base, codes) if there(base, self._communes) else {}

    def read(self, codes: Iterable[str]) -> pd.DataFrame:
        """Read the establishments of communes, columns of ``schemas.ETABLISSEMENTS``."""
        return self._rows("code_insee", codes)

    def find(self, sirets: Iterable[str]) -> pd.DataFrame:
        """Read establishments by SIRET, columns of ``schemas.ETABLISSEMENTS``."""
        return self._rows("siret", sirets)

    def counts(self, codes: Iterable[str]) -> dict[str, int]:
        """Count the establishments of communes; those that have none are not in it."""
        with connected(self._url) as base:
            if not there(base, self._places):
                return {}
            return dict(base.execute(
                sql.SQL("SELECT code_insee, count(*) FROM {} WHERE code_insee = ANY(%s) "
                        "GROUP BY 1 ORDER BY 1").format(named(self._places)), (list(codes),)
            ).fetchall())

    def count(self) -> int:
        """Count the establishments held."""
        with connected(self._url) as base:
            if not there(base, self._places):
                return 0
            row = base.execute(
                sql.SQL("SELECT count(*) FROM {}").format(named(self._places))).fetchone()
        return int(row[0]) if row else 0

    def _rows(self, column: str, values: Iterable[str]) -> pd.DataFrame:
        with connected(self._url) as base:
            if not there(base, self._places):
                return pd.DataFrame(columns=_NAMES)
            # The rank settles equals as SQLite does: by the order they came in.
            found = base.execute(
                sql.SQL("SELECT {} FROM {} WHERE {} = ANY(%s) "
                        "ORDER BY code_insee, nom, siret, _rang").format(
                    sql.SQL(", ").join(map(sql.Identifier, _NAMES)), named(self._places),
                    sql.Identifier(column)), (list(values),)
            ).fetchall()
        table = pd.DataFrame.from_records(found, columns=_NAMES, coerce_float=True)
        return table.astype(dict.fromkeys(NUMBERS, float))

    def _states(self, base: _Base, codes: Iterable[str] | None) -> dict[str, State]:
        wanted = None if codes is None else list(codes)
        rows = base.execute(
            sql.SQL("SELECT code, recupere, complet, lacunes FROM {} "
                    "WHERE %s::text[] IS NULL OR code = ANY(%s::text[]) ORDER BY code").format(
                named(self._communes)), (wanted, wanted))
        try:
            return {
                code: State(dt.datetime.fromisoformat(fetched), bool(complete),
                            tuple(Hole(**hole) for hole in holes))
                for code, fetched, complete, holes in rows
            }
        except (ValueError, TypeError) as error:
            # Dates or holes that somebody else wrote.
            msg = (
                "Le registre de la base partagée est illisible. Videz la table "
                f"{self._communes} : elle sera remplie de nouveau."
            )
            raise DataError(msg) from error

    def _make(self, base: _Base) -> None:
        if there(base, self._communes):
            return
        columns = [
            sql.SQL("{} {}").format(
                sql.Identifier(name),
                sql.SQL("double precision" if name in NUMBERS else 'text COLLATE "C"'))
            for name in _NAMES
        ]
        base.execute(
            sql.SQL("CREATE TABLE {} (_rang bigint GENERATED ALWAYS AS IDENTITY, {})").format(
                named(self._places), sql.SQL(", ").join(columns)))
        for column in ("code_insee", "siret"):
            base.execute(sql.SQL("CREATE INDEX ON {} ({})").format(
                named(self._places), sql.Identifier(column)))
        base.execute(
            sql.SQL('CREATE TABLE {} (code text COLLATE "C" PRIMARY KEY, recupere text NOT NULL, '
                    "complet boolean NOT NULL, lacunes json NOT NULL)").format(
                named(self._communes)))
