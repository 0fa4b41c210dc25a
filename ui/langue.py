"""The page says it is in French.

Streamlit's page is written ``lang="en"`` with English fallbacks; screen readers then read French
with an English voice and browsers offer to translate it. This middleware rewrites the page, and
nothing else, on its way out.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LANG = re.compile(rb'<html lang="en"')
_TITLE = re.compile(rb"<title>.*?</title>", re.DOTALL)
_NOSCRIPT = re.compile(rb"<noscript>.*?</noscript>", re.DOTALL)
_HEAD_END = b"</head>"

_NOSCRIPT_FR = (
    "<noscript><p>Périmètre a besoin de JavaScript pour afficher la carte et la liste des "
    "structures. Activez-le dans votre navigateur, ou utilisez la ligne de commande : "
    "<code>python -m territory --help</code>.</p></noscript>"
)


class FrenchPage:
    """ASGI middleware that puts the HTML page in French.

    Parameters
    ----------
    app
        The application behind.
    title
        Title of the page until Streamlit sets its own.
    head
        HTML added at the end of the head; ours, never made of outside text.
    """

    def __init__(self, app: ASGIApp, title: str = "Périmètre", head: str = "") -> None:
        self.app = app
        self._title = f"<title>{html.escape(title)}</title>".encode()
        self._head = head.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, except HTML answers, which are rewritten."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _may_be_page(scope):
            await self.app(scope, receive, send)
            return
        # A compressed page could not be rewritten: ask for it plain.
        headers = [(k, v) for k, v in scope["headers"] if k != b"accept-encoding"]
        start: Message | None = None
        chunks: list[bytes] = []

        async def rewrite(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                if _is_html(message):
                    start = message
                else:
                    await send(message)
                return
            if message["type"] != "http.response.body" or start is None:
                await send(message)
                return
            chunks.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = self.french(b"".join(chunks))
                await send(_with_length(start, len(body)))
                await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": headers}, receive, rewrite)

    def french(self, page: bytes) -> bytes:
        """Rewrite the language, the title and the text shown without JavaScript."""
        page = _LANG.sub(b'<html lang="fr"', page, count=1)
        page = _TITLE.sub(self._title, page, count=1)
        page = _NOSCRIPT.sub(_NOSCRIPT_FR.encode(), page, count=1)
        return page.replace(_HEAD_END, self._head + _HEAD_END, 1)


def _may_be_page(scope: Scope) -> bool:
    """Pages have no extension; scripts, tiles and data do and are left alone."""
    return "." not in str(scope["path"]).rpartition("/")[2]


def _is_html(message: Message) -> bool:
    headers = dict(message["headers"])
    html_type = bytes(headers.get(b"content-type", b"")).startswith(b"text/html")
    return html_type and message["status"] == 200


def _with_length(start: Message, length: int) -> Message:
    """Give the start its true length, and drop the validators of the page before rewriting."""
    dropped = {b"content-length", b"etag", b"last-modified"}
    headers = [(k, v) for k, v in start["headers"] if k not in dropped]
    return {**start, "headers": [*headers, (b"content-length", str(length).encode())]}
