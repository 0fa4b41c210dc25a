"""Streamlit's own scripts, compressed once.

Streamlit serves them as they are, for compressing at each request would cost more than it gives.
Compressed once and kept, they weigh a third for whoever comes through no proxy.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.requests import Request

from ui.reponses import SCRIPT_KINDS, Body, answer, takes_gzip

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_FOLDER = Path(streamlit.__file__).parent / "static" / "static"


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
        body = None
        path = str(scope.get("path", ""))
        asked = scope["type"] == "http" and scope["method"] == "GET"
        if asked and path.startswith(self._prefix) and takes_gzip(Request(scope)):
            body = await asyncio.to_thread(_compressed, path.removeprefix(self._prefix))
        if body is None:
            await self.app(scope, receive, send)
            return
        # Their names change with their content.
        response = answer(Request(scope), body, SCRIPT_KINDS[Path(path).suffix], fresh=True)
        await response(scope, receive, send)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Names that may be asked: what is in no list is no path of the disk."""
    files = (file for file in _FOLDER.rglob("*") if file.suffix in SCRIPT_KINDS)
    return frozenset(file.relative_to(_FOLDER).as_posix() for file in files)


@lru_cache(maxsize=512)
def _compressed(name: str) -> Body | None:
    return Body.of((_FOLDER / name).read_bytes()) if name in _names() else None
