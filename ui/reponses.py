"""Answers made once: gzipped bytes with their ETag, and the headers that go with them."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

#: Extension → media type.
SCRIPT_KINDS: Final = {
    ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
}

_YEAR: Final = "public, max-age=31536000, immutable"
_CHECK: Final = "no-cache"


@dataclass(frozen=True)
class Body:
    """A ready answer: gzipped bytes and their ETag."""

    gzipped: bytes
    etag: str

    @classmethod
    def of(cls, content: bytes) -> Body:
        """Compress bytes."""
        return cls.of_gzipped(gzip.compress(content, 6, mtime=0))

    @classmethod
    def of_gzipped(cls, content: bytes) -> Body:
        """Take bytes that are compressed already."""
        return cls(content, f'"{hashlib.sha256(content).hexdigest()[:20]}"')


def answer(request: Request, body: Body, media_type: str, *, fresh: bool) -> Response:
    """Send the body, or 304 when the browser already has it."""
    sent = {**headers(fresh=fresh), "etag": body.etag}
    tags = _header(request, "if-none-match").split(",")
    if body.etag in {tag.strip().removeprefix("W/") for tag in tags}:
        return Response(status_code=304, headers=sent)
    sent["vary"] = "accept-encoding"
    if takes_gzip(request):
        sent["content-encoding"] = "gzip"
        return Response(body.gzipped, headers=sent, media_type=media_type)
    return Response(gzip.decompress(body.gzipped), headers=sent, media_type=media_type)


def takes_gzip(request: Request) -> bool:
    """Tell whether a browser reads compressed answers."""
    return "gzip" in _header(request, "accept-encoding")


def _header(request: Request, name: str) -> str:
    return str(request.headers.get(name, ""))


def headers(*, fresh: bool) -> dict[str, str]:
    """Headers of every answer; an address of another version is checked again each time."""
    return {"cache-control": _YEAR if fresh else _CHECK, "x-content-type-options": "nosniff"}
