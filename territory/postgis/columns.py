"""Columns of a table between Arrow and PostgreSQL, without loss: values, nulls, types, order.

Rows travel as CSV by ``COPY``, read and written by Arrow: « nothing between commas » is a missing
value, « "" » an empty text, and numbers are written with all their digits on both sides.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from psycopg import sql

from territory.errors import DataError

#: Position of a row in its table.
RANK: Final = "_rang"
#: Bytes read at once; a row is far smaller.
_BLOCK: Final = 1 << 24


def geometries(schema: pa.Schema) -> frozenset[str]:
    """Columns of a GeoParquet file that are geometries."""
    said = (schema.metadata or {}).get(b"geo")
    return frozenset(json.loads(said)["columns"]) if said else frozenset()


def placed(schema: pa.Schema) -> bool:
    """Tell whether the rows of a table are places of communes."""
    return {"longitude", "latitude", "code_insee"} <= set(schema.names) and all(
        pa.types.is_floating(schema.field(axis).type) for axis in ("longitude", "latitude")
    )


def definitions(schema: pa.Schema) -> sql.Composed:
    """Define the columns of a table in SQL, after its rank."""
    shapes = geometries(schema)
    columns = [sql.SQL("{} integer PRIMARY KEY").format(sql.Identifier(RANK))]
    columns += [
        sql.SQL("{} {}").format(
            sql.Identifier(field.name),
            sql.SQL("geometry(Geometry, 4326)" if field.name in shapes else _sql_type(field)),
        )
        for field in schema
    ]
    return sql.SQL(", ").join(columns)


def _sql_type(field: pa.Field) -> Any:
    kind = field.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        # Sorted as Python and SQLite do, whatever the language of the server.
        return 'text COLLATE "C"'
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_float64(kind):
        return "double precision"
    if pa.types.is_signed_integer(kind):
        return "bigint"
    if pa.types.is_date32(kind):
        return "date"
    if pa.types.is_null(kind):
        return "text"
    msg = (
        f"La colonne « {field.name} » est d’un type que la base partagée ne sait pas ranger "
        f"({kind})."
    )
    raise DataError(msg)


def to_csv(table: pa.Table) -> bytes:
    """Write rows for ``COPY … FROM STDIN``, their rank first."""
    for name in geometries(table.schema):
        shapes = [None if wkb is None else wkb.hex() for wkb in table[name].to_pylist()]
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, pa.array(shapes, pa.string()))
    ranked = table.add_column(0, RANK, pa.array(range(len(table)), pa.int64()))
    buffer = io.BytesIO()
    pa_csv.write_csv(ranked, buffer, pa_csv.WriteOptions(include_header=False))
    return buffer.getvalue()


def selected(schema: pa.Schema, names: Iterable[str]) -> sql.Composed:
    """List columns to read, rank first, in the form :func:`of_csv` expects."""
    shapes = geometries(schema)
    columns: list[sql.Composable] = [sql.Identifier(RANK)]
    columns += [
        sql.SQL("encode(ST_AsBinary({}, 'NDR'), 'hex')").format(sql.Identifier(name))
        if name in shapes else sql.Identifier(name)
        for name in names
    ]
    return sql.SQL(", ").join(columns)


def of_csv(content: bytes, schema: pa.Schema, names: list[str]) -> tuple[pa.Array, pa.Table]:
    """Read what ``COPY … TO STDOUT`` gave: ranks, and rows with the types of the schema."""
    fields = [schema.field(name) for name in names]
    wanted = pa.schema(fields, metadata=schema.metadata)
    if not content:
        return pa.array([], pa.int64()), wanted.empty_table()
    shapes = geometries(schema)
    kinds = {f.name: pa.string() if f.name in shapes or pa.types.is_null(f.type) else f.type
             for f in fields}
    read = pa_csv.read_csv(
        io.BytesIO(content),
        pa_csv.ReadOptions(column_names=[RANK, *names], block_size=_BLOCK),
        pa_csv.ParseOptions(newlines_in_values=True),
        pa_csv.ConvertOptions(
            column_types={RANK: pa.int64(), **kinds}, null_values=[""], true_values=["t"],
            false_values=["f"], strings_can_be_null=True, quoted_strings_can_be_null=False,
        ),
    )
    columns = [
        pa.array([None if t is None else bytes.fromhex(t) for t in read[f.name].to_pylist()],
                 f.type)
        if f.name in shapes
        else pa.nulls(len(read)) if pa.types.is_null(f.type) else read[f.name]
        for f in fields
    ]
    return read[RANK].combine_chunks(), pa.Table.from_arrays(columns, schema=wanted)


def to_parquet(table: pa.Table) -> bytes:
    """Write rows as the file they would be, for the same reader to read them."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="none")
    return buffer.getvalue()
