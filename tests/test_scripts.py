"""Streamlit's scripts come compressed, the same bytes, and nothing else comes with them."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
from pathlib import Path

import pytest
import streamlit
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.test_routes import get
from ui.scripts import CompressedScripts

FOLDER = Path(streamlit.__file__).parent / "static" / "static"
SCRIPT = max(FOLDER.glob("js/index.*.js"), key=lambda file: file.stat().st_size)
BEHIND = "derrière"


def scripts(base: str = "") -> CompressedScripts:
    async def behind(_: object) -> PlainTextResponse:
        return PlainTextResponse(BEHIND)

    return CompressedScripts(Starlette(routes=[Route("/{path:path}", behind)]), base=base)


@pytest.mark.parametrize("base", ["", "/outils"])
def test_a_script_comes_compressed_for_a_year(base: str) -> None:
    answer = get(scripts(base), f"{base}/static/js/{SCRIPT.name}", accept_encoding="gzip, br")
    assert gzip.decompress(answer.body) == SCRIPT.read_bytes()
    assert len(answer.body) < SCRIPT.stat().st_size / 2
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_a_style_sheet_too() -> None:
    sheet = next(FOLDER.glob("css/index.*.css"))
    answer = get(scripts(), f"/static/css/{sheet.name}", accept_encoding="gzip")
    assert gzip.decompress(answer.body) == sheet.read_bytes()
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", [
    "/", "/static/js/absent.js", f"/ailleurs/static/js/{SCRIPT.name}", "/static/../index.html",
    f"/static/js/../js/{SCRIPT.name}", "/static//etc/passwd", "/static/media/icone.woff2",
    f"/outils/static/js/{SCRIPT.name}",
])
def test_what_is_no_script_of_streamlit_is_left_to_the_application(path: str) -> None:
    assert get(scripts(), path, accept_encoding="gzip").body.decode() == BEHIND


def test_a_browser_without_gzip_is_left_to_the_application() -> None:
    answer = get(scripts(), f"/static/js/{SCRIPT.name}", accept_encoding="identity")
    assert answer.body.decode() == BEHIND


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not run there")
def test_the_server_takes_the_loop_that_sends_at_once() -> None:
    """Of asyncio's own loop, Streamlit's sockets keep Nagle's delay: 40 ms a small answer."""
    loop = uvicorn.Config(PlainTextResponse(BEHIND)).get_loop_factory()()

    async def delayed() -> bool:
        opened: asyncio.Future[bool] = loop.create_future()

        class Accepted(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                mine = transport.get_extra_info("socket")
                opened.set_result(not mine.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

        # Bound as Streamlit does: the protocol is not named.
        listening = socket.socket(socket.AF_INET)
        listening.bind(("127.0.0.1", 0))
        server = await loop.create_server(Accepted, sock=listening)
        with socket.create_connection(listening.getsockname()):
            answer = await opened
        server.close()
        return answer

    try:
        assert type(loop).__module__ == "uvloop"
        assert not loop.run_until_complete(delayed())
    finally:
        loop.close()
