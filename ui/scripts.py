"""Streamlit's own scripts, compressed once.

Streamlit serves them as they are, for compressing at each request would cost more than it gives.
Compressed once and kept, they weigh a third for whoever comes through no proxy.
"""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_FOLDER = Path(streamlit.__file__).parent / "static"
_KINDS = {".js": "text/javascript", ".css": "text/css"}
#: Their names change with their content.
_KEPT = "public, max-age=31536000, immutable"


class CompressedScripts:
    """ASGI middleware that answers for the scripts and style sheets of Streamlit.

    Parameters
    ----------
    app
        The application behind, asked for everything else, and by browsers that know no gzip.
    base
        Path under which the application is served: "" or "/something".
    """

    def __init__(self, app: ASGIApp, base: str = "") -> None:
        self.app = app
        self._prefix = f"{base}/static/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or pass through."""
        content = None
        path = str(scope.get("path", ""))
        asked = scope["type"] == "http" and scope["method"] == "GET"
        if asked and path.startswith(self._prefix) and _takes_gzip(scope):
            name = path.removeprefix(self._prefix)
            content = await asyncio.to_thread(_compressed, name)
        if content is None:
            await self.app(scope, receive, send)
            return
        headers = {"cache-control": _KEPT, "content-encoding": "gzip", "vary": "accept-encoding",
                   "x-content-type-options": "nosniff"}
        kind = f"{_KINDS[Path(path).suffix]}; charset=utf-8"
        await Response(content, headers=headers, media_type=kind)(scope, receive, send)


def _takes_gzip(scope: Scope) -> bool:
    return "gzip" in Headers(scope=scope).get("accept-encoding", "")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Names that may be asked: what is in no list is no path of the disk."""
    files = (_FOLDER / "static").rglob("*")
    return frozenset(
        file.relative_to(_FOLDER / "static").as_posix() for file in files if file.suffix in _KINDS
    )


@lru_cache(maxsize=512)
def _compressed(name: str) -> bytes | None:
    if name not in _names():
        return None
    return gzip.compress((_FOLDER / "static" / name).read_bytes(), 6, mtime=0)
