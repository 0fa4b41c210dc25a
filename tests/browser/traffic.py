"""What a page sends: messages that rerun the script, and requests to other hosts."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Route, WebSocket

LOCAL = {"127.0.0.1", "localhost"}


@dataclass
class Traffic:
    """Counts kept while a test drives a page.

    Attributes
    ----------
    reruns
        Messages sent on Streamlit's WebSocket: each one runs the script once.
    outside
        Addresses asked of any other host; the requests themselves are refused.
    """

    reruns: int = 0
    outside: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.route(lambda url: urlsplit(url).hostname not in LOCAL, self._refuse)
        context.on("page", lambda page: page.on("websocket", self._socket))

    def _refuse(self, route: Route) -> None:
        if route.request.url.startswith(("data:", "blob:")):
            route.continue_()
            return
        self.outside.append(route.request.url)
        route.abort()

    def _socket(self, socket: WebSocket) -> None:
        if "_stcore/stream" in socket.url:
            socket.on("framesent", self._count)

    def _count(self, _payload: object) -> None:
        self.reruns += 1
