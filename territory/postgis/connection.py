"""Connections to the shared store: a pool a process, one transaction a call."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg_pool import ConnectionPool, PoolTimeout

from territory.errors import DataError

#: Everything of ours is in it, and nothing else.
SCHEMA: Final = "perimetre"
#: One number for all writers of this schema: they wait for each other, readers do not.
_WRITERS: Final = 0x7065_7269
_PATIENCE_S: Final = 5.0
_MAX_CONNECTIONS: Final = 8

#: What a statement that names a table meets when nobody made it, or somebody dropped it.
Absent = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName)


@functools.cache
def _pool(url: str) -> ConnectionPool[psycopg.Connection[Any]]:
    pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
        url, min_size=0, max_size=_MAX_CONNECTIONS, timeout=_PATIENCE_S, open=True,
        name="perimetre", reconnect_timeout=_PATIENCE_S,
        kwargs={"connect_timeout": max(2, int(_PATIENCE_S))},
        # A database that restarted must not cost anyone a page.
        check=ConnectionPool.check_connection,
    )
    atexit.register(pool.close)
    return pool


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Open one transaction; it is committed at the end, undone by any error.

    Raises
    ------
    DataError
        The database does not answer, or refuses. The message says nothing of the address, which
        may hold a password.
    psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName
        For the caller, who knows what is absent (:data:`Absent`).
    """
    try:
        with _pool(url).connection() as base:
            yield base
    except Absent:
        raise
    except (PoolTimeout, psycopg.OperationalError) as error:
        msg = (
            "La base partagée (TERRITORY_STORE) ne répond pas ou refuse la connexion. Vérifiez "
            "qu’elle est démarrée, son adresse et le mot de passe."
        )
        raise DataError(msg) from error
    except psycopg.Error as error:
        msg = (
            "La base partagée (TERRITORY_STORE) a refusé une opération. Son journal dit laquelle ; "
            "vérifiez les droits de l’utilisateur et l’extension PostGIS."
        )
        raise DataError(msg) from error


def named(table: str) -> sql.Identifier:
    """Name a table of our schema, safely quoted."""
    return sql.Identifier(SCHEMA, table)


def there(base: psycopg.Connection[Any], table: str) -> bool:
    """Tell whether a table of our schema exists."""
    # No error when even the schema is not there: reading creates nothing.
    row = base.execute("SELECT to_regclass(%s) IS NOT NULL",
                       (named(table).as_string(base),)).fetchone()
    return bool(row and row[0])


def begin_writing(base: psycopg.Connection[Any]) -> None:
    """Wait for the other writers until the end of this transaction; make the schema if needed.

    Raises
    ------
    DataError
        PostGIS is not installed in this database, and this user may not install it.
    """
    base.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITERS,))
    # CREATE … IF NOT EXISTS asks for rights even where there is nothing to do.
    known = base.execute(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis'), "
        "EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", (SCHEMA,)
    ).fetchone()
    postgis, schema = known or (False, False)
    if not postgis:
        try:
            base.execute("CREATE EXTENSION postgis")
        except psycopg.Error as error:
            msg = (
                "La base partagée n’a pas l’extension PostGIS. Un administrateur doit exécuter : "
                "CREATE EXTENSION postgis."
            )
            raise DataError(msg) from error
    if not schema:
        base.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(SCHEMA)))


def place_column() -> sql.SQL:
    """Define the column that indexes a place: its point, or nothing where it has none."""
    return sql.SQL(
        "_lieu geometry(Point, 4326) GENERATED ALWAYS AS (CASE WHEN longitude BETWEEN -180 AND 180 "
        "AND latitude BETWEEN -90 AND 90 THEN ST_SetSRID(ST_MakePoint(longitude, latitude), 4326) "
        "END) STORED"
    )


def index_places(base: psycopg.Connection[Any], table: str) -> None:
    """Index the places of a table: on the ellipsoid for discs, in degrees for boxes."""
    for index in ("USING gist ((_lieu::geography))", "USING gist (_lieu)",
                  "(_rang) WHERE _lieu IS NULL", "(code_insee)"):
        base.execute(sql.SQL("CREATE INDEX ON {} " + index).format(named(table)))
