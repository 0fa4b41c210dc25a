"""The HTTP client against a real server that misbehaves."""

from __future__ import annotations

import hashlib
import http.server
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from territory.errors import (
    OfflineError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
    StoppedError,
)
from territory.progress import Watch
from territory.sources import _http
from territory.sources._http import Client
from tests.territory.french import is_french_sentence

Handler = http.server.BaseHTTPRequestHandler
Answer = Callable[[Handler, int], None]


class Server:
    """Answers each request with the next function of a list; the last one serves for ever."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.arrivals: list[float] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.paths: list[str] = []
        owner = self

        class Scripted(Handler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802
                owner.arrivals.append(time.monotonic())
                owner.headers.append(dict(self.headers))
                owner.paths.append(self.path)
                length = int(self.headers.get("content-length") or 0)
                owner.bodies.append(self.rfile.read(length))
                rank = len(owner.arrivals) - 1
                owner.answers[min(rank, len(owner.answers) - 1)](self, rank)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def answer(
    body: bytes = b"{}", status: int = 200, media: str = "application/json", **headers: str
) -> Answer:
    def send(handler: Handler, _: int) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return send


def cut(body: bytes, after: int, **headers: str) -> Answer:
    """Announce a whole body, send its beginning, close."""

    def send(handler: Handler, _: int) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body[:after])
        handler.wfile.flush()
        handler.close_connection = True

    return send


def hang_up(handler: Handler, _: int) -> None:
    handler.close_connection = True


def client(server: Server, **options: object) -> Client:
    defaults = {"per_second": 500.0, "timeout_s": 2.0, "backoff_s": 0.001}
    return Client("le service d’essai", server.url, **{**defaults, **options})  # type: ignore[arg-type]


GOOD = answer(b'{"ok": true}')


@pytest.mark.parametrize(
    "trouble",
    [
        answer(status=500), answer(status=503, media="text/html", body=b"<p>"),
        answer(b"<html>", media="text/html; charset=utf-8"), answer(b'{"ok": tr'), answer(b""),
        cut(b'{"ok": true}', 5), hang_up, answer(b"slow down", 429, "text/plain", Retry_After="0"),
        answer(b"", 429, "text/plain", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    ],
    ids=["500", "503", "html", "truncated", "empty", "cut", "hang up", "429", "429 date"],
)
def test_a_passing_fault_is_got_over(server: Server, trouble: Answer) -> None:
    server.answers = [trouble, trouble, GOOD]
    assert client(server).get_json("/x") == {"ok": True}
    assert len(server.arrivals) == 3


def test_a_lasting_fault_is_said_in_french(server: Server) -> None:
    server.answers = [answer(status=500)]
    with pytest.raises(SourceUnavailableError) as caught:
        client(server, attempts=3).get_json("/x")
    assert is_french_sentence(caught.value.user_message)
    assert "Le service d’essai" in caught.value.user_message
    assert "500" in caught.value.user_message
    assert len(server.arrivals) == 3


def test_silence_is_a_fault(server: Server) -> None:
    server.answers = [lambda *_: time.sleep(0.6)]
    with pytest.raises(SourceUnavailableError, match="trop lente"):
        client(server, timeout_s=0.1, attempts=2).get_json("/x")


def test_a_refusal_is_not_asked_again_and_is_quoted(server: Server) -> None:
    server.answers = [answer('{"erreur": "Numéro Siren invalide."}'.encode(), 400)]
    with pytest.raises(SourceRefusedError, match=r"Numéro Siren invalide\.") as caught:
        client(server).get_json("/x")
    assert caught.value.status == 400
    assert len(server.arrivals) == 1


def test_a_page_in_place_of_a_refusal_is_not_quoted(server: Server) -> None:
    server.answers = [answer(b"<script>alert(1)</script>", 403, "text/html")]
    with pytest.raises(SourceRefusedError) as caught:
        client(server).get_json("/x")
    assert "script" not in caught.value.user_message
    assert is_french_sentence(caught.value.user_message)


def test_retry_after_holds_every_client_of_the_host(server: Server) -> None:
    server.answers = [answer(b"", 429, "text/plain", Retry_After="1"), GOOD]
    first, second = client(server), client(server)
    worker = threading.Thread(target=lambda: first.get_json("/x"))
    worker.start()
    while not server.arrivals:
        time.sleep(0.01)
    time.sleep(0.1)
    second.get_json("/y")
    worker.join()
    refused, *others = server.arrivals
    assert min(others) - refused > 0.9


def test_a_wait_longer_than_patience_is_not_waited(server: Server) -> None:
    server.answers = [answer(b"", 429, "text/plain", Retry_After="86400")]
    with pytest.raises(SourceUnavailableError):
        client(server).get_json("/x")


def test_the_pace_holds_over_threads_and_clients(server: Server) -> None:
    server.answers = [GOOD]

    def ask() -> None:
        asker = client(server, per_second=20.0)
        for _ in range(8):
            asker.get_json("/x")

    workers = [threading.Thread(target=ask) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    arrivals = sorted(server.arrivals)
    assert len(arrivals) == 32
    busiest = max(
        sum(1 for t in arrivals if start <= t < start + 1.0) for start in arrivals
    )
    assert busiest <= 22, "twenty a second, and two for the jitter of arrivals"


def test_departures_are_spaced_whenever_they_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(_http.time, "monotonic", lambda: now)
    pace = _http._Pace()
    draw = random.Random(3)
    left: list[float] = []
    for _ in range(500):
        now += draw.choice((0.0, 0.01, 0.2, 1.5))
        if draw.random() < 0.02:
            pace.hold(2.0)
            assert pace.leave(6.0) == pytest.approx(2.0)
        elif pace.leave(6.0) == 0.0:
            left.append(now)
    gaps = [later - earlier for earlier, later in itertools.pairwise(left)]
    assert len(left) > 100
    assert min(gaps) >= 1 / 6


def test_a_redirection_is_followed_at_the_pace_and_keeps_its_secrets(
    server: Server,
) -> None:
    other = Server()
    other.answers = [GOOD]
    server.answers = [answer(status=307, Location=f"{other.url}/ailleurs?q=1")]
    asked = client(server, headers={"Authorization": "Bearer secret"})
    assert asked.get_json("/x", {"a": "b"}) == {"ok": True}
    other.close()
    assert asked.sent == 2
    assert other.paths == ["/ailleurs?q=1"]
    assert server.headers[0]["Authorization"] == "Bearer secret"
    assert "Authorization" not in other.headers[0]


@pytest.mark.parametrize(("target", "private"), [
    ("https://exemple.invalid/y", False), ("http://exemple.invalid/x", True),
    ("https://autre.invalid/x", True),
])
def test_a_secret_leaves_neither_its_host_nor_its_encryption(target: str, private: bool) -> None:
    asked = Client("le service", "https://exemple.invalid", headers={"Authorization": "secret"})
    _, options = asked._followed("https://exemple.invalid/x", target, {})
    assert (options.get("headers") == {"Authorization": None}) is private


@pytest.mark.parametrize(
    ("location", "said"), [("/x", "sans cesse"), ("file:///etc/passwd", "pas du Web")]
)
def test_a_redirection_that_leads_nowhere_is_said(
    location: str, said: str, server: Server
) -> None:
    server.answers = [answer(status=302, Location=location)]
    with pytest.raises(SourceUnavailableError, match=said):
        client(server).get_json("/x")
    assert len(server.headers) <= 6


def test_offline_asks_nothing(server: Server) -> None:
    with pytest.raises(OfflineError) as caught:
        client(server, offline=True).get_json("/x")
    assert is_french_sentence(caught.value.user_message)
    assert server.arrivals == []


def test_the_user_agent_says_who_asks(server: Server) -> None:
    server.answers = [GOOD]
    client(server).get_json("/x")
    assert server.headers[0]["User-Agent"].startswith("Perimetre/")


def test_a_stop_cuts_a_long_wait_short(server: Server) -> None:
    server.answers = [answer(b"", 429, "text/plain", Retry_After="60")]
    began = time.monotonic()

    class Impatient(Watch):
        @property
        def stopped(self) -> bool:
            return time.monotonic() - began > 0.3

    with pytest.raises(StoppedError):
        client(server, watch=Impatient()).get_json("/x")


def test_a_file_is_posted_with_its_fields(server: Server) -> None:
    server.answers = [answer(b"a,b\n", media="text/csv")]
    sent = client(server).post_file("/csv", "x.csv", b"adresse\n", [("columns", "adresse")])
    assert sent == b"a,b\n"
    assert b'name="data"; filename="x.csv"' in server.bodies[0]
    assert b'name="columns"\r\n\r\nadresse' in server.bodies[0]


CONTENT = bytes(range(256)) * 4000
STAMP = '"abc"'


def ranged(content: bytes, stamp: str, chunk: int) -> Answer:
    """Serve a file with Range, and cut each answer after some bytes."""

    def send(handler: Handler, _: int) -> None:
        asked, same = handler.headers.get("Range"), handler.headers.get("If-Range") == stamp
        start = int(asked.split("=")[1].rstrip("-")) if asked and same else 0
        handler.send_response(206 if start else 200)
        handler.send_header("ETag", stamp)
        handler.send_header("Content-Length", str(len(content) - start))
        if start:
            whole = len(content)
            handler.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        handler.end_headers()
        handler.wfile.write(content[start : start + chunk])
        handler.close_connection = True

    return send


def test_a_download_begins_again_where_it_was_cut(server: Server, tmp_path: Path) -> None:
    server.answers = [ranged(CONTENT, STAMP, len(CONTENT) // 3)]
    got = client(server).download("/f", tmp_path / "f.bin")
    assert got.path.read_bytes() == CONTENT
    assert got.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert got.size == len(CONTENT)
    starts = [h.get("Range", "bytes=0-") for h in server.headers]
    assert starts == sorted(set(starts), key=lambda r: int(r[6:-1]))
    assert len(starts) >= 3
    assert [p.name for p in tmp_path.iterdir() if p.name != ".verrou"] == ["f.bin"]


def test_a_download_that_goes_on_elsewhere_is_begun_again(
    server: Server, tmp_path: Path
) -> None:
    def elsewhere(handler: Handler, _: int) -> None:
        handler.send_response(206)
        handler.send_header("ETag", STAMP)
        handler.send_header("Content-Range", f"bytes 0-{len(CONTENT) - 1}/{len(CONTENT)}")
        handler.send_header("Content-Length", str(len(CONTENT)))
        handler.end_headers()
        handler.wfile.write(CONTENT)

    server.answers = [ranged(CONTENT, STAMP, 1000), elsewhere, ranged(CONTENT, STAMP, len(CONTENT))]
    assert client(server).download("/f", tmp_path / "f.bin").path.read_bytes() == CONTENT


def test_two_at_once_bring_the_same_file_whole(server: Server, tmp_path: Path) -> None:
    server.answers = [ranged(CONTENT, STAMP, len(CONTENT) // 3)]
    with ThreadPoolExecutor() as pool:
        got = [pool.submit(client(server).download, "/f", tmp_path / "f.bin") for _ in range(3)]
        assert {download.result().sha256 for download in got} == {
            hashlib.sha256(CONTENT).hexdigest()
        }
    assert (tmp_path / "f.bin").read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_taken_from_its_beginning(
    server: Server, tmp_path: Path
) -> None:
    other = b"new" * 100_000
    server.answers = [ranged(CONTENT, STAMP, 1000), ranged(other, '"new"', len(other))]
    assert client(server).download("/f", tmp_path / "f.bin").path.read_bytes() == other


def test_a_file_without_identity_is_never_pieced_together(server: Server, tmp_path: Path) -> None:
    server.answers = [cut(CONTENT, 1000), cut(b"x" * len(CONTENT), 2000), answer(b"y" * 500)]
    assert client(server).download("/f", tmp_path / "f.bin").path.read_bytes() == b"y" * 500
    assert all("Range" not in headers for headers in server.headers)


def test_a_download_that_never_ends_leaves_the_former_file(
    server: Server, tmp_path: Path
) -> None:
    target = tmp_path / "f.bin"
    target.write_bytes(b"former")
    server.answers = [answer(status=500)]
    with pytest.raises(SourceUnavailableError):
        client(server, attempts=2).download("/f", target)
    assert target.read_bytes() == b"former"


def test_a_download_stopped_goes_on_later(server: Server, tmp_path: Path) -> None:
    server.answers = [ranged(CONTENT, STAMP, len(CONTENT))]
    count = itertools.count()

    class Once(Watch):
        @property
        def stopped(self) -> bool:
            return next(count) > 2

    with pytest.raises(StoppedError):
        client(server, watch=Once()).download("/f", tmp_path / "f.bin")
    assert not (tmp_path / "f.bin").exists()
    got = client(server).download("/f", tmp_path / "f.bin")
    assert got.path.read_bytes() == CONTENT
    assert server.headers[-1]["Range"] != "bytes=0-"


def test_an_address_that_makes_no_sense_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="TERRITORY_"):
        Client("le service", "pas-une-adresse").get_json("/x")


def test_a_form_is_sent_and_its_answer_read(server: Server) -> None:
    server.answers = [answer(status=504), GOOD]
    assert client(server).post_form("", {"data": "[out:json];é"}) == {"ok": True}
    assert server.bodies[1] == b"data=%5Bout%3Ajson%5D%3B%C3%A9"
    assert server.headers[1]["Content-Type"] == "application/x-www-form-urlencoded"


def test_an_answer_that_would_fill_the_memory_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "MAX_ANSWER", 1_000)
    server.answers = [answer(b'{"x": "' + b"x" * 2_000 + b'"}')]
    for ask in (client(server).get_json, client(server).get_bytes):
        with pytest.raises(SourceError, match="démesurée") as caught:
            ask("/x")
        assert is_french_sentence(caught.value.user_message)
    assert len(server.arrivals) == 2, "asking again is of no use"


def test_json_nested_without_end_is_unreadable(server: Server) -> None:
    server.answers = [answer(b"[" * 200_000), GOOD]
    assert client(server).get_json("/x") == {"ok": True}


@pytest.mark.parametrize(("value", "number"), [
    (3, 3.0), (2.5, 2.5), (-1, -1.0), (True, None), ("3", None), (None, None), (10**400, None),
    (float("inf"), None), (float("nan"), None), ([3], None),
])
def test_a_number_of_an_answer_is_a_finite_one(value: object, number: float | None) -> None:
    read = _http.json_number(value)
    assert read == number if number is not None else read != read
