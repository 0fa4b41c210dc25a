"""The tables: Parquet and GeoParquet files with a manifest, written atomically.

The embedded base (``data/``) is read-only at run time; ``build`` alone writes it. The local store
holds what was fetched; its tables are replaced one at a time. Every file is listed in
``manifest.json`` with its rows and SHA-256, so that a damaged file is named instead of giving a
wrong answer.

:func:`of` gives the store of fetched tables that the settings name: the local folder, or the
database that several replicas share (:mod:`territory.postgis`).
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from territory.errors import DataError
from territory.files import exclusive, write_bytes
from territory.settings import EMBEDDED_DIR, Settings

if TYPE_CHECKING:  # psycopg is not for those who have no shared store
    from territory.postgis.tables import PostgisStore

#: What :func:`of` gives.
Tables: TypeAlias = "Store | PostgisStore"

MANIFEST = "manifest.json"
#: Digits of the digest in the name of a table of the local store.
_DIGITS = 16
_REBUILD = "Reconstruisez la base : python -m territory build-embedded."
_FETCH_AGAIN = "Récupérez la source de nouveau : python -m territory fetch."


def to_parquet_bytes(table: pd.DataFrame) -> bytes:
    """Serialise to Parquet, GeoParquet 1.1 when there is a geometry; same table, same bytes."""
    buffer = io.BytesIO()
    options: dict[str, Any] = {"index": False, "compression": "zstd", "compression_level": 19}
    if isinstance(table, gpd.GeoDataFrame):
        options["schema_version"] = "1.1.0"
    table.to_parquet(buffer, **options)
    return buffer.getvalue()


def _read_by_column(content: Any, columns: list[str] | None) -> pd.DataFrame:
    """Read a table with each column in one piece of memory.

    Read whole, a national list comes in pieces, and joining them afterwards takes twice its memory.
    """
    file = pq.ParquetFile(content)
    schema = file.schema_arrow
    names = schema.names if columns is None else columns
    whole = [file.read([name]).column(0).combine_chunks() for name in names]
    table = pa.Table.from_arrays(whole, schema=pa.schema([schema.field(n) for n in names]))
    frame: pd.DataFrame = table.replace_schema_metadata(schema.metadata).to_pandas()
    return frame


def rows_digest(table: pd.DataFrame, covered: Iterable[object] = ()) -> str:
    """SHA-256 of what the rows of a table say, whatever their order or the writer of the file.

    Parameters
    ----------
    table
        Its geometry is left out: it says again what longitude and latitude do.
    covered
        What was asked, as JSON values, for an answer without rows says something too.
    """
    plain = pd.DataFrame(table).drop(columns="geometry", errors="ignore")
    ordered = plain[sorted(plain.columns)].astype(object)
    cells = ordered.where(ordered.notna(), None).to_numpy().tolist()
    lines = sorted(json.dumps(row, ensure_ascii=False, default=str) for row in cells)
    head = json.dumps([list(ordered.columns), list(covered)], ensure_ascii=False)
    return hashlib.sha256("\n".join([head, *lines]).encode()).hexdigest()


def from_parquet(content: bytes, *, geo: bool, columns: list[str] | None = None) -> pd.DataFrame:
    """Read what :func:`to_parquet_bytes` wrote; a GeoDataFrame when its geometry is wanted."""
    # Any: the stub of geopandas forgets that a file object will do.
    stream: Any = io.BytesIO(content)
    if geo and (columns is None or "geometry" in columns):
        return gpd.read_parquet(stream, columns=columns)
    return _read_by_column(stream, columns)


def described(name: str, content: bytes, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Complete what a manifest says of a table: ``fichier`` (named after the digest), digests."""
    digest = hashlib.sha256(content).hexdigest()
    return {
        **entry, "fichier": f"{name}-{digest[:_DIGITS]}.parquet", "octets": len(content),
        "sha256": digest, "lignes_sha256": rows_digest(pd.read_parquet(io.BytesIO(content))),
    }


def of(settings: Settings) -> Tables:
    """Return the store of fetched tables that the settings name.

    Raises
    ------
    DataError
        A shared store is named and its library is not installed.
    """
    if not settings.store:
        return Store(settings.data_dir)
    from territory.postgis.tables import PostgisStore

    return PostgisStore(settings.store)


class Store:
    """A folder of tables and its manifest.

    Parameters
    ----------
    folder
        Where the files are; the embedded base by default.
    """

    def __init__(self, folder: Path = EMBEDDED_DIR) -> None:
        self.folder = folder
        self._mend = _REBUILD if folder == EMBEDDED_DIR else _FETCH_AGAIN

    def path(self, filename: str) -> Path:
        """Path of a file of the store."""
        return self.folder / filename

    @functools.cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What the last build wrote: ``{"tables": {name: {fichier, lignes, sha256, octets}}}``.

        Raises
        ------
        DataError
            The manifest is missing, is not JSON or lists no tables.
        """
        try:
            content = json.loads(self.path(MANIFEST).read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            msg = f"La base est absente ({MANIFEST}). {self._mend}"
            raise DataError(msg) from error
        except (OSError, ValueError, RecursionError) as error:
            msg = f"Le fichier {MANIFEST} est illisible. {self._mend}"
            raise DataError(msg) from error
        if not _is_manifest(content):
            msg = f"Le fichier {MANIFEST} n’a pas la forme attendue. {self._mend}"
            raise DataError(msg)
        return dict(content)

    @functools.cached_property
    def version(self) -> str:
        """Short digest of the manifest: changes when any table does."""
        text = json.dumps(self.manifest, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def read(self, name: str, columns: list[str] | None = None) -> pd.DataFrame:
        """Read a table, as a GeoDataFrame (EPSG:4326) when it has a geometry.

        Raises
        ------
        DataError
            The table is unknown, its file missing or damaged; the message says which and how to
            rebuild it.
        """
        entry = self._entry(name)
        if not self.path(entry["fichier"]).is_file():
            # Another process may have replaced the table since the manifest was read.
            self.refresh()
            entry = self._entry(name)
        return from_parquet(self._content(entry), geo="geo" in entry, columns=columns)

    def read_level(self, name: str, level: str) -> gpd.GeoDataFrame:
        """Read the rows of a table with a geometry whose column ``niveau`` says a level.

        Raises
        ------
        DataError
            As :meth:`read`.
        """
        content: Any = io.BytesIO(self._content(self._entry(name)))
        return gpd.read_parquet(content, filters=[("niveau", "==", level)])

    def rows_digest(self, name: str) -> str:
        """SHA-256 of the rows of a table, see :func:`rows_digest`.

        Raises
        ------
        DataError
            As :meth:`read`.
        """
        entry = self._entry(name)
        # Tables kept before the manifest said it do not have it.
        known = entry.get("lignes_sha256")
        return str(known or _former_digest(self.folder, name, str(entry["sha256"])))

    def _entry(self, name: str) -> Mapping[str, Any]:
        try:
            entry: Mapping[str, Any] = self.manifest["tables"][name]
        except KeyError as error:
            msg = f"La table « {name} » n’existe pas dans la base. {self._mend}"
            raise DataError(msg) from error
        return entry

    def _content(self, entry: Mapping[str, Any]) -> bytes:
        """Bytes of a table's file, checked: a flipped byte may still decode, to a wrong answer."""
        path = self.path(entry["fichier"])
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            msg = f"Le fichier {path.name} est absent. {self._mend}"
            raise DataError(msg) from error
        except OSError as error:
            msg = f"Le fichier {path.name} est illisible. {self._mend}"
            raise DataError(msg) from error
        if hashlib.sha256(content).hexdigest() != entry["sha256"]:
            msg = f"Le fichier {path.name} est endommagé. {self._mend}"
            raise DataError(msg)
        return content

    def write(self, files: Mapping[str, bytes], tables: Mapping[str, Any]) -> None:
        """Replace the store's files, manifest last.

        Parameters
        ----------
        files
            Filename → content.
        tables
            Manifest entry of every table; ``octets`` and ``sha256`` are added here.
        """
        entries = {}
        for name, entry in sorted(tables.items()):
            content = files[entry["fichier"]]
            entries[name] = {
                **entry,
                "octets": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        for filename, content in files.items():
            write_bytes(self.path(filename), content)
        self._write_manifest(entries)

    def tables(self) -> Mapping[str, Any]:
        """Manifest entries by table; empty for a store nothing was ever written in.

        Raises
        ------
        DataError
            The manifest is there and cannot be read.
        """
        if not self.path(MANIFEST).is_file():
            return {}
        return dict(self.manifest["tables"])

    def replace_table(self, name: str, content: bytes, entry: Mapping[str, Any]) -> None:
        """Replace one table and leave the others alone, whoever writes them meanwhile.

        The file takes the name of its own digest and the manifest is swapped after it: a kill at
        any moment leaves the former table or the new one, each with its digest.

        Parameters
        ----------
        name
            Table.
        content
            Parquet bytes.
        entry
            What the manifest says of it; ``fichier``, ``octets``, ``sha256`` and
            ``lignes_sha256`` are added.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        full = described(name, content, entry)
        filename = full["fichier"]
        with exclusive(self.path(".verrou")):
            self.refresh()
            tables = dict(self.tables())
            write_bytes(self.path(filename), content)
            tables[name] = full
            self._write_manifest(tables)
            # The former file, and what a killed writer left.
            for path in self.folder.iterdir():
                former = re.fullmatch(rf"\.?{re.escape(name)}-[0-9a-f]{{{_DIGITS}}}\..*", path.name)
                if former and path.name != filename:
                    path.unlink(missing_ok=True)

    def refresh(self) -> None:
        """Forget what was read of the manifest: another process may have changed it."""
        self.__dict__.pop("manifest", None)
        self.__dict__.pop("version", None)

    def _write_manifest(self, entries: Mapping[str, Any]) -> None:
        text = json.dumps({"tables": entries}, indent=1, ensure_ascii=False, sort_keys=True)
        write_bytes(self.path(MANIFEST), (text + "\n").encode())
        self.refresh()

    def damaged(self) -> list[str]:
        """Files whose SHA-256 differs from the manifest's, or that are missing."""
        faults = []
        for entry in self.manifest["tables"].values():
            path = self.path(entry["fichier"])
            if (
                not path.is_file()
                or hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]
            ):
                faults.append(entry["fichier"])
        return sorted(faults)


@functools.lru_cache(maxsize=128)
def _former_digest(folder: Path, name: str, file_sha256: str) -> str:
    """Digest of the rows of a table; that of its file changes when they do."""
    return rows_digest(Store(folder).read(name))


def _is_manifest(content: object) -> bool:
    tables = content.get("tables") if isinstance(content, dict) else None
    return isinstance(tables, dict) and all(
        isinstance(entry, dict) and {"fichier", "sha256"} <= set(entry)
        for entry in tables.values()
    )


_embedded = Store()


@functools.cache
def read(name: str) -> pd.DataFrame:
    """Read a table of the embedded base once; callers share it and must not change it."""
    return _embedded.read(name)


def read_level(name: str, level: str) -> gpd.GeoDataFrame:
    """Read the rows of one level of an embedded table; nothing of it is kept here."""
    return _embedded.read_level(name, level)


def document(filename: str) -> bytes:
    """Bytes of a file of the embedded base that is no table: the charter.

    Raises
    ------
    DataError
        It is missing or cannot be read.
    """
    try:
        return _embedded.path(filename).read_bytes()
    except OSError as error:
        msg = f"Le fichier {filename} de la base est absent ou illisible."
        raise DataError(msg) from error


def version() -> str:
    """Version of the embedded base, used in the URL of tiles and values."""
    return _embedded.version


def path(filename: str) -> Path:
    """Path of a file of the embedded base."""
    return _embedded.path(filename)


def manifest() -> Mapping[str, Any]:
    """Manifest of the embedded base."""
    return _embedded.manifest
