"""The only HTTP session: pace, retries and failures said in French.

Public services answer slowly, refuse for a while, cut answers or send a page of HTML where JSON is
due. All of it is a normal day: a request is tried again while that can help, and what remains is
one of the errors of ``territory.errors``.
"""

from __future__ import annotations

import email.utils
import functools
import hashlib
import json
import math
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from territory import __version__
from territory.errors import (
    OfflineError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
)
from territory.files import exclusive
from territory.progress import Watch
from territory.text import capital

USER_AGENT = f"Perimetre/{__version__} (logiciel libre ; territoires et economie sociale)"

#: Longest wait a service may impose before it is called unavailable, seconds.
MAX_WAIT_S = 90.0
#: Wait after a 429 that does not say how long.
DEFAULT_RETRY_S = 5.0
#: First wait after a failure; it doubles each time.
FIRST_WAIT_S = 0.5
#: Largest answer read in memory, bytes: the largest awaited takes a tenth of it.
MAX_ANSWER = 200_000_000
_CHUNK = 1 << 18
_MAX_REDIRECTS = 5
_SAID = 200

Params = Mapping[str, str | Sequence[str]]


def json_number(value: object) -> float:
    """Return a number of an answer; NaN when it is none, not finite or too large for a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value) if math.isfinite(value) else math.nan
    except OverflowError:
        return math.nan


class _Pace:
    """Spacing of the requests to one host, for the whole process.

    A departure is noted when it happens, not when it is planned: threads that a busy machine held
    back leave one after the other, never together.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def leave(self, per_second: float) -> float:
        """Take the turn if it has come: return 0, or the seconds to wait before asking again."""
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                return self._next - now
            self._next = now + 1.0 / per_second
            return 0.0

    def hold(self, seconds: float) -> None:
        """Let nothing leave for a while: the host asked for a rest."""
        with self._lock:
            self._next = max(self._next, time.monotonic() + seconds)


_paces: dict[str, _Pace] = {}
_paces_lock = threading.Lock()


def _pace_of(host: str) -> _Pace:
    with _paces_lock:
        return _paces.setdefault(host, _Pace())


@dataclass(frozen=True)
class Download:
    """A file that arrived whole.

    Attributes
    ----------
    path, size, sha256
        Where, how many bytes, digest.
    last_modified
        What the server says of its date, as it says it; empty when it does not.
    url
        Where from.
    """

    path: Path
    size: int
    sha256: str
    last_modified: str
    url: str


class _Again(Exception):  # noqa: N818  (not an error: a reason to try again)
    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_s = wait_s


class Client:
    """Requests to one service.

    Parameters
    ----------
    label
        The service in a French sentence, article included: « l’API Recherche d’entreprises ».
    base_url
        Prefix of the paths.
    offline
        Refuse every call.
    per_second
        Requests leave evenly spaced, at most this many a second for all clients of the same host
        in this process.
    timeout_s
        Patience for a connection, and for each silence of an answer.
    headers
        Sent with each request.
    attempts
        Times a request is sent before the service is called unavailable.
    backoff_s
        First wait after a failure, :data:`FIRST_WAIT_S` by default; it doubles each time.
        ``Retry-After`` wins.
    watch
        Asked before each request and during waits whether to stop.
    """

    def __init__(
        self,
        label: str,
        base_url: str,
        *,
        offline: bool = False,
        per_second: float = 5.0,
        timeout_s: float = 30.0,
        headers: Mapping[str, str] | None = None,
        attempts: int = 5,
        backoff_s: float | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.label = label
        self.base_url = base_url.rstrip("/")
        self.sent = 0
        self._offline = offline
        self._per_second = per_second
        self._timeout = (min(timeout_s, 10.0), timeout_s)
        self._attempts = attempts
        self._backoff_s = FIRST_WAIT_S if backoff_s is None else backoff_s
        self._watch = watch or Watch()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.headers.update(headers or {})
        self._private = tuple(headers or ())

    def get_json(self, path: str, params: Params | None = None) -> Any:
        """Return a JSON answer.

        Raises
        ------
        SourceRefusedError
            The service refuses the request (4xx); the message quotes it.
        SourceUnavailableError
            No usable answer after all attempts.
        OfflineError, StoppedError
            The setting forbids the call; somebody asked to stop.
        """
        return self._ask("GET", path, self._json, params=params)

    def get_bytes(self, path: str, params: Params | None = None) -> bytes:
        """Return the bytes of an answer; same errors as :meth:`get_json`."""
        answer: bytes = self._ask("GET", path, self._content, params=params)
        return answer

    def post_form(self, path: str, fields: Mapping[str, str]) -> Any:
        """Send a form and return the JSON answer; same errors as :meth:`get_json`."""
        return self._ask("POST", path, self._json, data=dict(fields))

    def post_file(
        self,
        path: str,
        filename: str,
        content: bytes,
        fields: Sequence[tuple[str, str]] = (),
        media_type: str = "text/csv",
    ) -> bytes:
        """Send a file as the multipart part ``data`` and return the answer's bytes.

        ``fields`` are further parts, repeated where a name comes several times; same errors as
        :meth:`get_json`.
        """
        parts = [("data", (filename, content, media_type))]
        answer: bytes = self._ask(
            "POST", path, self._content, files=parts, data=list(fields)
        )
        return answer

    def download(self, path: str, destination: Path) -> Download:
        """Bring a file, beginning again where a cut left it.

        The bytes wait in ``<destination>.part``; the file takes its name when it is whole, in one
        move. Progress is told in bytes.

        Raises
        ------
        SourceError
            As :meth:`get_json`, or the size is not the announced one.
        """
        with exclusive(destination.with_name(".verrou")):
            return self._download(path, destination)

    def _download(self, path: str, destination: Path) -> Download:
        part = destination.with_name(f"{destination.name}.part")
        stamp = destination.with_name(f"{destination.name}.part.etag")
        failures = furthest = 0
        while True:
            start = part.stat().st_size if part.is_file() and stamp.is_file() else 0
            try:
                last_modified: str = self._send(
                    "GET", path, functools.partial(self._save, part, stamp, start),
                    told=False, headers=_range(start, stamp),
                )
                break
            except _Again as again:
                # What arrived counts: only an attempt that brought nothing is a failure.
                size = part.stat().st_size if part.is_file() else 0
                failures = 1 if size > furthest else failures + 1
                furthest = max(furthest, size)
                self._rest(again, failures, path)
        digest = hashlib.sha256()
        with part.open("rb") as stream:
            while block := stream.read(_CHUNK):
                digest.update(block)
        size = part.stat().st_size
        part.replace(destination)
        stamp.unlink(missing_ok=True)
        return Download(destination, size, digest.hexdigest(), last_modified, self._url(path))

    def _save(self, part: Path, stamp: Path, start: int, response: requests.Response) -> str:
        if response.status_code == 416:
            # The part is as long as the file, or the file changed: begin again.
            part.unlink(missing_ok=True)
            raise _Again("le fichier a changé pendant le téléchargement")
        resumed = response.status_code == 206
        if resumed and not response.headers.get("content-range", "").startswith(f"bytes {start}-"):
            part.unlink(missing_ok=True)
            raise _Again("le téléchargement a repris ailleurs qu’à la coupure")
        if not resumed:
            # Before the new identity is written: a kill here must not join two files.
            part.unlink(missing_ok=True)
            start = 0
        identity = response.headers.get("etag") or response.headers.get("last-modified") or ""
        if identity and not identity.startswith("W/"):
            stamp.write_text(identity, encoding="utf-8")
        else:
            # Without an identity the rest could be another file's: a cut begins again.
            stamp.unlink(missing_ok=True)
        announced = response.headers.get("content-length", "")
        total = start + int(announced) if announced.isdigit() else None
        done = start
        name = part.name.removesuffix(".part")
        with part.open("ab" if resumed else "wb") as stream:
            for block in response.iter_content(_CHUNK):
                stream.write(block)
                done += len(block)
                self._watch.tell(done, total, f"Téléchargement de {name}")
                self._watch.check()
            stream.flush()
            os.fsync(stream.fileno())
        if total is not None and part.stat().st_size != total:
            raise _Again("le fichier est arrivé incomplet")
        return str(response.headers.get("last-modified", ""))

    def _json(self, response: requests.Response) -> Any:
        try:
            return json.loads(self._content(response))
        except (ValueError, RecursionError) as error:
            raise _Again("réponse illisible") from error

    def _content(self, response: requests.Response) -> bytes:
        """Bytes of an answer, given up when they would fill the memory."""
        content = bytearray()
        for block in response.iter_content(_CHUNK):
            self._watch.check()
            content += block
            if len(content) > MAX_ANSWER:
                msg = f"{capital(self.label)} a envoyé une réponse démesurée : elle n’est pas lue."
                raise SourceError(msg)
        return bytes(content)

    def _ask(
        self, method: str, path: str, read: Callable[[requests.Response], Any], **options: Any
    ) -> Any:
        failures = 0
        while True:
            try:
                return self._send(method, path, read, **options)
            except _Again as again:
                failures += 1
                self._rest(again, failures, path)

    def _send(
        self, method: str, path: str, read: Callable[[requests.Response], Any], *,
        told: bool = True, **options: Any,
    ) -> Any:
        url = self._url(path)
        if self._offline:
            msg = (
                f"Le réglage TERRITORY_OFFLINE interdit d’appeler {self.label}."
            )
            raise OfflineError(msg)
        for _ in range(_MAX_REDIRECTS + 1):
            self._take_turn(url)
            if told:
                self._watch.tell(self.sent, None, f"Appels à {self.label}")
            with (
                _failures_said(),
                self._session.request(
                    method, url, timeout=self._timeout, allow_redirects=False, stream=True,
                    **options,
                ) as response,
            ):
                moved = response.headers.get("location") if response.is_redirect else None
                if moved is None:
                    self._judge(response)
                    return read(response)
                if method != "GET":
                    break
            url, options = self._followed(url, moved, options)
        msg = f"{capital(self.label)} renvoie sans cesse à une autre adresse."
        raise SourceUnavailableError(msg)

    def _take_turn(self, url: str) -> None:
        """Wait until a request may leave for a host, and count it."""
        pace = _pace_of(urlsplit(url).netloc)
        self._watch.check()
        while (wait := pace.leave(self._per_second)) > 0:
            self._sleep(wait)
        self.sent += 1

    def _followed(
        self, url: str, location: str, options: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Address and options of the request a redirection asks for.

        The new host gets its own pace, and none of the secrets meant for the first one; neither
        does the same host over a connection that everybody can read.
        """
        target = urljoin(url, location)
        if urlsplit(target).scheme not in {"http", "https"}:
            msg = f"{capital(self.label)} renvoie à une adresse qui n’est pas du Web."
            raise SourceUnavailableError(msg)
        # The parameters are in the new address already.
        options = {name: value for name, value in options.items() if name != "params"}
        left, reached = urlsplit(url), urlsplit(target)
        if reached.netloc != left.netloc or (left.scheme, reached.scheme) == ("https", "http"):
            private = dict.fromkeys(self._private)
            options["headers"] = {**(options.get("headers") or {}), **private}
        return target, options

    def _judge(self, response: requests.Response) -> None:
        status = response.status_code
        if status == 429:
            raise _Again("trop de demandes à la fois", _retry_after(response, DEFAULT_RETRY_S))
        if status >= 500:
            raise _Again(f"erreur {status}", _retry_after(response, None))
        if status >= 400 and status != 416:
            said = _explanation(response)
            msg = (
                f"{capital(self.label)} a refusé la demande (code {status})"
                f"{f' : {said}' if said else ''}"
            )
            raise SourceRefusedError(msg if msg.endswith((".", "!")) else f"{msg}.", status)
        if "html" in response.headers.get("content-type", ""):
            # A page of maintenance or of a proxy: no service asked here answers in HTML.
            raise _Again("une page web a répondu à la place")

    def _rest(self, again: _Again, failures: int, path: str) -> None:
        wait = self._backoff_s * 2 ** (failures - 1) if again.wait_s is None else again.wait_s
        if failures >= self._attempts or wait > MAX_WAIT_S:
            msg = (
                f"{capital(self.label)} ne répond pas comme prévu ({again.reason}). "
                "Réessayez plus tard."
            )
            raise SourceUnavailableError(msg) from again
        if again.wait_s is not None:
            _pace_of(urlsplit(self._url(path)).netloc).hold(wait)
        self._sleep(wait)

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._watch.check()
            time.sleep(min(left, 0.2))

    def _url(self, path: str) -> str:
        return path if path.startswith(("http://", "https://")) else f"{self.base_url}{path}"


@contextmanager
def _failures_said() -> Iterator[None]:
    """Turn what the connection may suffer into a reason to try again."""
    try:
        yield
    except requests.Timeout as error:
        raise _Again("réponse trop lente") from error
    except (
        requests.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        requests.exceptions.ContentDecodingError,
    ) as error:
        raise _Again("connexion coupée") from error
    except requests.RequestException as error:
        msg = "L’adresse du service est mal écrite : voyez les réglages TERRITORY_…_URL."
        raise SourceError(msg) from error


def _range(start: int, stamp: Path) -> dict[str, str]:
    if not start:
        return {"Accept-Encoding": "identity"}
    return {
        "Accept-Encoding": "identity",
        "Range": f"bytes={start}-",
        "If-Range": stamp.read_text(encoding="utf-8"),
    }


def _retry_after(response: requests.Response, default: float | None) -> float | None:
    """Seconds asked by ``Retry-After``, a number or a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return default
    return max(0.0, moment.timestamp() - time.time())


def _explanation(response: requests.Response) -> str:
    """Quote what a refusal says of itself, cut short; empty when it is a page."""
    try:
        content = json.loads(response.content)
    except (ValueError, RecursionError):
        is_page = "html" in response.headers.get("content-type", "")
        return "" if is_page else response.text.strip()[:_SAID]
    if isinstance(content, Mapping):
        for key in ("erreur", "detail", "message", "error"):
            if isinstance(content.get(key), str):
                return str(content[key])[:_SAID]
    return ""
