"""The tables of the shared store: one SQL table a version, and a manifest that names the last."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql
from psycopg.types.json import Json

from territory.errors import DataError
from territory.perimeter import Perimeter
from territory.postgis import around, columns
from territory.postgis.connection import (
    Absent,
    begin_writing,
    connected,
    index_places,
    named,
    place_column,
    there,
)
from territory.store import described, from_parquet

_MANIFEST: Final = "manifeste"
_SHARED: Final = "publications"
#: Contents published for the map and kept, the last ones asked to be kept.
_KEPT: Final = 256
#: A table may be replaced once while it is read, not time and again.
_ATTEMPTS: Final = 3

_Base = psycopg.Connection[Any]


class PostgisStore:
    """Tables in PostgreSQL, with the methods of :class:`territory.store.Store`.

    A version of a table never changes: it is a SQL table named after its digest, made in one
    transaction with the line of the manifest that names it. The version before is kept until the
    next one, for those who are reading it.

    Parameters
    ----------
    url
        ``postgresql://…``; never shown.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def tables(self) -> Mapping[str, Any]:
        """Manifest entries by table; empty for a store nothing was ever written in.

        Raises
        ------
        DataError
            The database does not answer.
        """
        with connected(self._url) as base:
            if not there(base, _MANIFEST):
                return {}
            found = base.execute(
                sql.SQL("SELECT nom, entree FROM {} WHERE courante ORDER BY nom").format(
                    named(_MANIFEST))
            ).fetchall()
        return dict(found)

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, as a GeoDataFrame (EPSG:4326) when it has a geometry.

        Raises
        ------
        DataError
            The table is unknown or damaged; the database does not answer.
        """
        for _ in range(_ATTEMPTS):
            found = self._version(name, str(self._entry(name)["sha256"]), columns, None)
            if found is not None:
                return found[1]
        raise _lost(name)

    def rows_digest(self, name: str) -> str:
        """SHA-256 of the rows of a table, see :func:`territory.store.rows_digest`.

        Raises
        ------
        DataError
            As :meth:`read`.
        """
        return str(self._entry(name)["lignes_sha256"])

    def rows(
        self, name: str, sha256: str, columns: list[str] | None = None,
        perimeter: Perimeter | None = None,
    ) -> tuple[np.ndarray, pd.DataFrame]:
        """Read the rows of a version of a table that may be in a perimeter, a few more than are.

        Parameters
        ----------
        name, sha256
            Table and digest of the version, of the manifest.
        columns
            Columns wanted, all by default.
        perimeter
            Where, everywhere by default; who is really in is for :meth:`Perimeter.measured` to say.

        Returns
        -------
        ranks, rows
            Positions in the whole version, ascending, and the rows there.

        Raises
        ------
        DataError
            This version was replaced more than once, or is damaged; the database does not answer.
        """
        found = self._version(name, sha256, columns, perimeter)
        if found is None:
            raise _lost(name)
        return found

    def replace_table(self, name: str, content: bytes, entry: Mapping[str, Any]) -> None:
        """Replace one table in one transaction; parameters of :meth:`territory.store.Store`.

        Raises
        ------
        DataError
            A column is of a type that SQL does not keep; the database does not answer or refuses.
        """
        table = pq.read_table(io.BytesIO(content))
        full = described(name, content, entry)
        # A rank is a row of this table, whatever the writer says of it.
        full = {**full, "lignes": len(table)}
        version = full["fichier"].removesuffix(".parquet")
        full["fichier"] = version
        with connected(self._url) as base:
            begin_writing(base)
            _make_manifest(base)
            if not there(base, version):
                _make_table(base, version, table)
            former = [file for (file,) in base.execute(
                sql.SQL("DELETE FROM {} WHERE nom = %s AND NOT courante AND fichier <> %s "
                        "RETURNING fichier").format(named(_MANIFEST)), (name, version))]
            base.execute(sql.SQL("UPDATE {} SET courante = FALSE WHERE nom = %s").format(
                named(_MANIFEST)), (name,))
            base.execute(
                sql.SQL("INSERT INTO {} (fichier, nom, entree, colonnes, courante) "
                        "VALUES (%s, %s, %s, %s, TRUE) ON CONFLICT (fichier) DO UPDATE SET "
                        "entree = EXCLUDED.entree, courante = TRUE").format(named(_MANIFEST)),
                (version, name, Json(full), table.schema.serialize().to_pybytes()),
            )
            for file in former:
                base.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(named(file)))

    def share(self, key: str, content: bytes) -> None:
        """Keep a public content that any replica may be asked for; the oldest go beyond 256.

        Raises
        ------
        DataError
            The database does not answer or refuses.
        """
        with connected(self._url) as base:
            if not there(base, _SHARED):
                begin_writing(base)
                base.execute(sql.SQL(
                    "CREATE TABLE IF NOT EXISTS {} (cle text PRIMARY KEY, contenu bytea NOT NULL, "
                    "depuis timestamptz NOT NULL DEFAULT now())").format(named(_SHARED)))
            base.execute(
                sql.SQL("INSERT INTO {} (cle, contenu) VALUES (%s, %s) ON CONFLICT (cle) DO UPDATE "
                        "SET depuis = now()").format(named(_SHARED)), (key, content))
            base.execute(
                sql.SQL("DELETE FROM {0} WHERE cle IN (SELECT cle FROM {0} "
                        "ORDER BY depuis DESC OFFSET %s FOR UPDATE SKIP LOCKED)").format(
                            named(_SHARED)), (_KEPT,))

    def shared(self, key: str) -> bytes | None:
        """Return the content a replica shared under a key, None when there is none.

        Raises
        ------
        DataError
            The database does not answer.
        """
        with connected(self._url) as base:
            if not there(base, _SHARED):
                return None
            found = base.execute(sql.SQL("SELECT contenu FROM {} WHERE cle = %s").format(
                named(_SHARED)), (key,)).fetchone()
        return None if found is None else bytes(found[0])

    def _entry(self, name: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] | None = self.tables().get(name)
        if entry is None:
            msg = (
                f"La table « {name} » n’existe pas dans la base partagée. Récupérez la source de "
                "nouveau : python -m territory fetch."
            )
            raise DataError(msg)
        return entry

    def _version(
        self, name: str, sha256: str, wanted: list[str] | None, perimeter: Perimeter | None
    ) -> tuple[np.ndarray, pd.DataFrame] | None:
        """Read what :meth:`rows` does; None when this version is not there, or not whole."""
        try:
            with connected(self._url) as base:
                found = base.execute(
                    sql.SQL("SELECT entree, colonnes FROM {} WHERE nom = %s "
                            "AND entree->>'sha256' = %s").format(named(_MANIFEST)),
                    (name, sha256),
                ).fetchone()
                if found is None:
                    return None
                entry, schema = found[0], pa.ipc.read_schema(pa.py_buffer(found[1]))
                ranks, rows = _rows(
                    base, entry["fichier"], schema, schema.names if wanted is None else wanted,
                    None if perimeter is None else around.condition(perimeter.areas),
                )
        except Absent:
            return None
        if perimeter is None and len(ranks) != entry["lignes"]:
            return None
        return ranks, from_parquet(columns.to_parquet(rows), geo="geo" in entry, columns=wanted)


def _lost(name: str) -> DataError:
    return DataError(
        f"La table « {name} » de la base partagée vient d’être remplacée, ou elle est endommagée. "
        "Recommencez ; si cela se répète, récupérez la source de nouveau : python -m territory "
        "fetch."
    )


def _rows(
    base: _Base, table: str, schema: pa.Schema, names: list[str],
    where: sql.Composable | None,
) -> tuple[np.ndarray, pa.Table]:
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT (FORMAT csv)").format(
        columns.selected(schema, names), named(table), where or sql.SQL("TRUE"),
        sql.Identifier(columns.RANK))
    with base.cursor() as cursor, cursor.copy(query) as copy:
        content = b"".join(bytes(block) for block in copy)
    ranks, rows = columns.of_csv(content, schema, names)
    return ranks.to_numpy(zero_copy_only=False), rows


def _make_manifest(base: _Base) -> None:
    base.execute(sql.SQL(
        "CREATE TABLE IF NOT EXISTS {} (fichier text PRIMARY KEY, nom text NOT NULL, "
        "entree json NOT NULL, colonnes bytea NOT NULL, courante boolean NOT NULL)"
    ).format(named(_MANIFEST)))


def _make_table(base: _Base, version: str, table: pa.Table) -> None:
    placed = columns.placed(table.schema)
    defined = columns.definitions(table.schema)
    if placed:
        defined = sql.SQL("{}, {}").format(defined, place_column())
    base.execute(sql.SQL("CREATE TABLE {} ({})").format(named(version), defined))
    names = [columns.RANK, *table.schema.names]
    query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        named(version), sql.SQL(", ").join(map(sql.Identifier, names)))
    with base.cursor() as cursor, cursor.copy(query) as copy:
        copy.write(columns.to_csv(table))
    if placed:
        index_places(base, version)
    base.execute(sql.SQL("ANALYZE {}").format(named(version)))
