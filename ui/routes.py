"""What ``app.py`` serves beside Streamlit: health, our scripts, vector tiles, values and points.

Public tables only; nothing of a user's session, no parameter that is not checked against a list
or a range. Addresses carry the version of what they serve, so browsers keep them for a year.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import PurePosixPath
from typing import Any, ParamSpec, Protocol, TypeVar

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from layers import web
from layers.packed import packed
from territory.errors import TerritoryError
from ui.carte import calculs
from ui.carte.adresses import STATIC_DIR, base_path, code_version
from ui.reponses import SCRIPT_KINDS, Body, answer, headers

LEVELS = ("commune", "epci", "departement", "region")
POINT_TABLES = ("ptce", "villes")
ENGINE_FILES = ("maplibre-gl.js", "maplibre-gl.css")

_JSON = "application/json; charset=utf-8"
_BYTES = "application/octet-stream"
#: What it is of, départements if any, a digest: ``france-26-2a-0f3a…``.
_DIRECTORY_KEY = re.compile(r"[a-z]+(?:-[0-9a-f]{1,64}){1,128}")
#: Numbers of rows joined by hyphens, as many as a page of the list of a place (``tooltip.js``).
_ROWS = re.compile(r"[0-9]{1,7}(?:-[0-9]{1,7}){0,199}")
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}")


class PublicTables(Protocol):
    """What the routes need of the data; :class:`ui.carte.tables.EmbeddedTables` in the app."""

    def version(self) -> str:
        """Short digest that changes with any table."""

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Gzipped MVT, None where there is nothing."""

    def zooms(self) -> tuple[int, int]:
        """First and last zoom of the tiles."""

    def values(self, level: str, indicator: str) -> dict[str, Any] | None:
        """Codes, classes and values of an indicator; None when it is unknown at this level."""

    def stock(self, level: str, name: str) -> dict[str, Any] | None:
        """Codes, places and values of a stock; None when it is unknown."""

    def computed(self, key: str) -> bytes | None:
        """Gzipped JSON of values computed at run time; None when it does not know them."""

    def points(self, table: str) -> dict[str, Any]:
        """Points of one of :data:`POINT_TABLES`, column-wise."""

    def structures(self, key: str | None) -> pd.DataFrame | None:
        """List of structures by its key, None for the extract; None when it is unknown."""


def routes(tables: PublicTables) -> list[BaseRoute]:
    """List the routes of the application, under the base path of the server.

    Parameters
    ----------
    tables
        Where tiles, values and points come from.
    """
    served = _Served(tables)
    base = base_path()

    def path(pattern: str, handler: Callable[[Request], Response]) -> BaseRoute:
        return Route(base + pattern, handler, methods=["GET"])

    return [
        path("/sante", served.health),
        path("/carte/{version}/{name}", served.script),
        path("/carte/{name}", served.script),
        path("/tuiles/{version}/{z:int}/{x:int}/{y:int}.pbf", served.tile),
        path("/valeurs/{version}/points/{name}.json", served.points),
        path("/valeurs/{version}/points/structures.bin", served.structures),
        path("/valeurs/{version}/points/structures/{rows}.json", served.lines),
        path("/valeurs/{version}/annuaires/{key}.bin", served.structures),
        path("/valeurs/{version}/annuaires/{key}/{rows}.json", served.lines),
        path("/valeurs/{version}/calculs/{key}.json", served.computed),
        path("/valeurs/{version}/cercles/{level}/{name}.json", served.stock),
        path("/valeurs/{version}/{level}/{name}.json", served.values),
        # Streamlit answers its own page to any address it does not know: not under ours.
        *(path(f"/{folder}/{{rest:path}}", _unknown) for folder in ("carte", "tuiles", "valeurs")),
    ]


P = ParamSpec("P")
T = TypeVar("T")


def _once(kept: Callable[P, T]) -> Callable[P, T]:
    """Let one request at a time make what a cache keeps: the others then find it there.

    Browsers that come together after a start would each have it made and compressed.
    """
    turn = threading.Lock()

    @wraps(kept)
    def answer(*args: P.args, **options: P.kwargs) -> T:
        with turn:
            return kept(*args, **options)

    return answer


class _Served:
    """The handlers, with what they keep in memory."""

    def __init__(self, tables: PublicTables) -> None:
        self._tables = tables
        self._values = _once(lru_cache(maxsize=64)(self._values_body))
        self._stocks = _once(lru_cache(maxsize=32)(self._stock_body))
        self._points = _once(lru_cache(maxsize=8)(self._points_body))
        self._structures = _once(lru_cache(maxsize=16)(self._structures_body))

    def health(self, request: Request) -> Response:
        """Say that the process answers and which versions it runs; 503 without data."""
        versions = {
            "streamlit": importlib.metadata.version("streamlit"),
            "maplibre": importlib.metadata.version("maplibre"),
            "python": platform.python_version(),
            "code": code_version(),
        }
        try:
            versions["donnees"] = self._tables.version()
        except TerritoryError as error:
            failure = {"statut": "panne", "erreur": error.user_message, "versions": versions}
            return _json(failure, 503)
        return _json({"statut": "ok", "versions": versions})

    def script(self, request: Request) -> Response:
        """One of our modules, or MapLibre GL from its installed package."""
        name = PurePosixPath(request.path_params["name"])
        body = _script(name.name)
        if body is None or name.suffix not in SCRIPT_KINDS:
            return _unknown(request)
        fresh = request.path_params.get("version") == code_version()
        return answer(request, body, SCRIPT_KINDS[name.suffix], fresh=fresh)

    def tile(self, request: Request) -> Response:
        """One vector tile; 204 where there is nothing, 404 outside the pyramid."""
        z, x, y = (int(request.path_params[axis]) for axis in "zxy")
        try:
            low, high = self._tables.zooms()
            if not (low <= z <= high and x < 2**z and y < 2**z):
                return _unknown(request)
            content = self._tables.tile(z, x, y)
            fresh = request.path_params["version"] == self._tables.version()
        except TerritoryError as error:
            return _failure(error)
        if content is None:
            return Response(status_code=204, headers=headers(fresh=fresh))
        body = Body.of_gzipped(content)
        return answer(request, body, "application/x-protobuf", fresh=fresh)

    def values(self, request: Request) -> Response:
        """Values and classes of an indicator, by code."""
        level, name = request.path_params["level"], request.path_params["name"]
        if level not in LEVELS or not _IDENTIFIER.fullmatch(name):
            return _unknown(request)
        return self._versioned(request, lambda version: self._values(version, level, name))

    def stock(self, request: Request) -> Response:
        """Circles of a stock: codes, places and values."""
        level, name = request.path_params["level"], request.path_params["name"]
        if level not in LEVELS or not _IDENTIFIER.fullmatch(name):
            return _unknown(request)
        return self._versioned(request, lambda version: self._stocks(version, level, name))

    def points(self, request: Request) -> Response:
        """Points of a public table, column-wise."""
        name = request.path_params["name"]
        if name not in POINT_TABLES:
            return _unknown(request)
        return self._versioned(request, lambda version: self._points(version, name))

    def structures(self, request: Request) -> Response:
        """Packed points of a list of structures (:mod:`layers.packed`)."""
        try:
            key, fresh = self._list(request)
            body = self._structures(self._tables.version(), key)
        except KeyError:
            return _unknown(request)
        except TerritoryError as error:
            return _failure(error)
        return answer(request, body, _BYTES, fresh=fresh)

    def lines(self, request: Request) -> Response:
        """Name, address… of some rows of a list of structures, in the order asked."""
        rows = request.path_params["rows"]
        try:
            key, fresh = self._list(request)
            table = self._tables.structures(key)
        except KeyError:
            return _unknown(request)
        except TerritoryError as error:
            return _failure(error)
        # The numbers are those of one content: of another version they would name others.
        if table is None or not fresh or not _ROWS.fullmatch(rows):
            return _unknown(request)
        numbers = [int(number) for number in rows.split("-")]
        if max(numbers) >= len(table):
            return _unknown(request)
        body = Body.of(_dump(web.structure_lines(table.iloc[numbers])))
        return answer(request, body, _JSON, fresh=True)

    def _list(self, request: Request) -> tuple[str | None, bool]:
        """Key of the list asked for, None for the extract, and whether its address is current.

        Raises
        ------
        KeyError
            That is no key.
        """
        key = request.path_params.get("key")
        if key is None:
            return None, request.path_params["version"] == self._tables.version()
        if not _DIRECTORY_KEY.fullmatch(key):
            raise KeyError(key)
        # The key changes with the content, whatever the embedded base.
        return key, True

    def computed(self, request: Request) -> Response:
        """Values computed by this process, by code."""
        key = request.path_params["key"]
        try:
            content = self._tables.computed(key) if calculs.KEY.fullmatch(key) else None
        except TerritoryError as error:
            return _failure(error)
        if content is None:
            return _unknown(request)
        # As for a directory: the key changes with the content.
        return answer(request, Body.of_gzipped(content), _JSON, fresh=True)

    def _versioned(self, request: Request, body_of: Callable[[str], Body | None]) -> Response:
        try:
            version = self._tables.version()
            body = body_of(version)
        except TerritoryError as error:
            return _failure(error)
        if body is None:
            return _unknown(request)
        return answer(request, body, _JSON, fresh=request.path_params["version"] == version)

    def _values_body(self, version: str, level: str, name: str) -> Body | None:
        content = self._tables.values(level, name)
        return None if content is None else Body.of(_dump(content))

    def _stock_body(self, version: str, level: str, name: str) -> Body | None:
        content = self._tables.stock(level, name)
        return None if content is None else Body.of(_dump(content))

    def _structures_body(self, version: str, key: str | None) -> Body:
        table = self._tables.structures(key)
        if table is None:
            # Raised, not returned: a miss must not be remembered.
            raise KeyError(key)
        return Body.of(packed(table))

    def _points_body(self, version: str, name: str) -> Body:
        return Body.of(_dump(self._tables.points(name)))


@lru_cache(maxsize=64)
def _script(name: str) -> Body | None:
    """Return a script or style sheet by its plain name; None for what is in neither list."""
    if name in ENGINE_FILES:
        # Located, not imported: the package itself is of no use here.
        files = importlib.metadata.files("maplibre") or []
        for file in files:
            if file.as_posix() == f"maplibre/srcjs/{name}":
                return Body.of(file.read_binary())
        return None
    if name not in {path.name for path in STATIC_DIR.iterdir()}:
        return None
    return Body.of((STATIC_DIR / name).read_bytes())


def _dump(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _json(content: dict[str, Any], status: int = 200) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(_dump(content), status, headers, _JSON)


def _unknown(request: Request) -> Response:
    return _json({"erreur": "Cette adresse ne correspond à aucune donnée."}, 404)


def _failure(error: TerritoryError) -> Response:
    return _json({"erreur": error.user_message}, 503)
