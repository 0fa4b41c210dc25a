"""One real server on loopback for all the doubles, with faults on demand and a log of requests."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.geoplateforme import Geoplateforme
from tests.doubles.guichets import Overpass, Poste
from tests.doubles.marche import DetailError, Marche
from tests.doubles.recherche import Recherche, RefusedError, near_point
from tests.doubles.webstat import WebStat
from tests.doubles.world import World

#: What the real service allows.
PER_SECOND = 7

#: Names of faults and what they do; see :class:`Faults`.
KINDS = ("429", "429_bare", "500", "slow", "cut", "html", "empty", "reset")


@dataclass
class Faults:
    """Faults of one service.

    Attributes
    ----------
    probability
        Kind → share of the requests it hits.
    at
        Rank of a request (from 1) → kind.
    dead_from
        Rank from which every answer is a 500.
    delay_s
        How late a slow answer is.
    service
        Beginning of the paths of the service they hit: the search by default.
    """

    probability: dict[str, float] = field(default_factory=dict)
    at: dict[int, str] = field(default_factory=dict)
    dead_from: int | None = None
    delay_s: float = 0.05
    seed: int = 1
    service: str = "/recherche/"

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)

    def next(self, rank: int) -> str | None:
        """Fault of a request, None for a good one."""
        if self.dead_from is not None and rank >= self.dead_from:
            return "500"
        if rank in self.at:
            return self.at[rank]
        draw = self._draw.random()
        for kind, share in self.probability.items():
            if draw < share:
                return kind
            draw -= share
        return None


@dataclass(frozen=True)
class Logged:
    """One request as it arrived."""

    at: float
    path: str
    params: dict[str, str]
    status: int
    fault: str | None


class Double:
    """The server; use it in a ``with``.

    Parameters
    ----------
    world
        What it knows.
    faults
        What goes wrong.
    files
        Folder served under :attr:`sirene_url`, with ranges.
    port
        0 takes a free one.
    """

    def __init__(
        self,
        world: World | None = None,
        faults: Faults | None = None,
        files: Path | None = None,
        port: int = 0,
    ) -> None:
        self.world = world or World.small()
        self.faults = faults or Faults()
        self.files = files
        self.cut_files_after: int | None = None
        self.log: list[Logged] = []
        self.recherche = Recherche(self.world)
        self.marche = Marche(self.world)
        self.geoplateforme = Geoplateforme()
        self.webstat = WebStat()
        self.poste = Poste(self.world)
        self.overpass = Overpass(self.world)
        self._asked_of_faulty = 0
        self._arrivals: list[float] = []
        self._lock = threading.Lock()
        double = self

        class Handler(_Handler):
            owner = double

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.recherche_url = f"{self.url}/recherche"
        self.marche_url = f"{self.url}/marche"
        self.geoplateforme_url = f"{self.url}/geo"
        self.sirene_url = f"{self.url}/sirene"
        self.webstat_url = f"{self.url}/webstat"
        self.laposte_url = f"{self.url}/laposte"
        self.overpass_url = f"{self.url}/overpass/api/interpreter"

    def __enter__(self) -> Double:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Settings that make the application call this server."""
        return {
            "TERRITORY_RECHERCHE_ENTREPRISES_URL": self.recherche_url,
            "TERRITORY_MARCHE_INCLUSION_URL": self.marche_url,
            "TERRITORY_GEOPLATEFORME_URL": self.geoplateforme_url,
            "TERRITORY_SIRENE_URL": self.sirene_url,
            "TERRITORY_WEBSTAT_URL": self.webstat_url,
            "TERRITORY_LAPOSTE_URL": self.laposte_url,
            "TERRITORY_OVERPASS_URL": self.overpass_url,
        }

    def searches(self) -> list[Logged]:
        """Requests the search service received."""
        return [entry for entry in self.log if entry.path.startswith("/recherche/")]

    def refused(self) -> list[Logged]:
        """Requests the real search service would not have accepted."""
        return [entry for entry in self.searches() if entry.status == 400]

    def busiest_second(self) -> int:
        """Most requests to the search service in any one second, as they arrived."""
        times = sorted(entry.at for entry in self.searches())
        most = start = 0
        for end, at in enumerate(times):
            while at - times[start] >= 1.0:
                start += 1
            most = max(most, end - start + 1)
        return most

    # ---- used by the handler ----------------------------------------------------------------

    def arrive(self, path: str) -> tuple[float, bool, int]:
        """Note an arrival; tell whether the pace is exceeded, and its rank for the faults, or 0."""
        now = time.monotonic()
        with self._lock:
            faulty = path.startswith(self.faults.service)
            self._asked_of_faulty += faulty
            rank = self._asked_of_faulty if faulty else 0
            if not path.startswith("/recherche/"):
                return now, False, rank
            self._arrivals.append(now)
            recent = sum(1 for at in self._arrivals[-(PER_SECOND + 1):] if now - at < 1.0)
            return now, recent > PER_SECOND, rank

    def note(self, entry: Logged) -> None:
        """Write a request in the log."""
        with self._lock:
            self.log.append(entry)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Double
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("content-length") or 0)))

    def log_message(self, *_: object) -> None:
        pass

    def _handle(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        pairs = parse_qsl(parts.query)
        at, too_many, rank = self.owner.arrive(parts.path)
        fault = self.owner.faults.next(rank) if rank else None
        if too_many:
            fault = "429"
        self._asked = (at, parts.path, dict(pairs))
        self._fault = fault
        self._answer(parts.path, pairs, body, fault)

    def _note(self, status: int) -> None:
        """Write the request in the log, before its answer leaves: who reads it finds it there."""
        self.owner.note(Logged(*self._asked, status, self._fault))

    def _answer(
        self, path: str, pairs: list[tuple[str, str]], body: bytes, fault: str | None
    ) -> None:
        if fault in {"429", "429_bare"}:
            retry = {"Retry-After": "1"} if fault == "429" else {}
            return self._send(429, b"Too many requests" if retry else b"", "text/plain", retry)
        if fault == "500":
            said = {"erreur": "Une erreur inattendue s'est produite. Veuillez réessayer plus tard."}
            return self._json(said, 500)
        if fault == "html":
            return self._send(200, b"<html><body>Maintenance</body></html>", "text/html")
        if fault == "empty":
            return self._send(200, b"", "application/json")
        if fault == "reset":
            self.close_connection = True
            return self._note(0)
        if fault == "slow":
            time.sleep(self.owner.faults.delay_s)
        if path.startswith("/sirene/"):
            return self._file(path.removeprefix("/sirene/"))
        try:
            content, media = self._content(path, pairs, body)
        except RefusedError as error:
            if isinstance(error, DetailError):
                return self._json({"detail": str(error)}, error.status)
            if path.startswith("/webstat/"):
                said = {"error_code": "Refused", "message": str(error)}
                return self._json(said, error.status)
            if path.startswith("/marche/"):
                return self._send(error.status, str(error).encode(), "text/plain")
            return self._json({"erreur": str(error)}, error.status)
        if fault == "cut":
            self.close_connection = True
            return self._send(200, content, media, sent=len(content) // 2)
        return self._send(200, content, media)

    def _content(
        self, path: str, pairs: list[tuple[str, str]], body: bytes
    ) -> tuple[bytes, str]:
        owner = self.owner
        params = dict(pairs)
        answers: dict[str, Callable[[], Any]] = {
            "/recherche/search": lambda: owner.recherche.search(params),
            "/recherche/near_point": lambda: near_point(owner.recherche, params),
            "/recherche/health": lambda: {"status": "healthy"},
            "/recherche/sources/last_modified": lambda: {
                "ess_france": "2023-11-20T10:26:02", "sirene": "2026-11-01T06:00:00"},
        }
        if path.startswith("/marche/"):
            token = self.headers.get("Authorization", "")
            return _dump(owner.marche.answer(path.removeprefix("/marche"), pairs, token))
        if path.startswith("/laposte/"):
            return _dump(owner.poste.answer(path.removeprefix("/laposte"), params))
        if path == "/overpass/api/interpreter" and self.command == "POST":
            return _dump(owner.overpass.answer(body))
        if path.startswith("/geo/"):
            return owner.geoplateforme.answer(path.removeprefix("/geo"), params, body,
                                              self.headers.get("content-type", ""))
        if path.startswith("/webstat/"):
            return owner.webstat.answer(path.removeprefix("/webstat"), params,
                                        self.headers.get("Authorization", ""))
        if path not in answers:
            raise RefusedError("Ressource non trouvée.", 404)
        return _dump(answers[path]())

    def _file(self, name: str) -> None:
        folder = self.owner.files
        path = None if folder is None else (folder / name).resolve()
        if path is None or folder is None or folder.resolve() not in path.parents or (
            not path.is_file()
        ):
            return self._json({"erreur": "Ressource non trouvée."}, 404)
        size, modified = path.stat().st_size, path.stat().st_mtime
        etag = f'"{size:x}-{int(modified * 1000):x}"'
        headers = {"ETag": etag, "Last-Modified": formatdate(modified, usegmt=True),
                   "Accept-Ranges": "bytes"}
        asked = self.headers.get("Range", "")
        start = 0
        if asked and self.headers.get("If-Range", etag) == etag:
            start = int(asked.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {start}-{size - 1}/{size}"
        if start >= size > 0:
            return self._send(416, b"", "text/plain")
        with path.open("rb") as stream:
            stream.seek(start)
            content = stream.read()
        limit = self.owner.cut_files_after
        if limit is not None and len(content) > limit:
            self.close_connection = True
        return self._send(206 if start else 200, content, "application/octet-stream", headers,
                          sent=limit)

    def _json(self, content: Any, status: int) -> None:
        body, media = _dump(content)
        return self._send(status, body, media)

    def _send(
        self, status: int, body: bytes, media: str, headers: dict[str, str] | None = None,
        sent: int | None = None,
    ) -> None:
        self._note(status)
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if sent is None else body[:sent])
        self.wfile.flush()


def _dump(content: Any) -> tuple[bytes, str]:
    return json.dumps(content, ensure_ascii=False).encode(), "application/json"
