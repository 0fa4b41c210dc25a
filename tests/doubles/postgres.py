"""A PostgreSQL with PostGIS of our own: on loopback, in a temporary folder, gone with the tests."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

PASSWORD = "mot-de-passe-d-essai"
#: Nothing here must outlive the tests: no waiting for the disk.
SETTINGS = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB",
            "max_wal_size=256MB", "listen_addresses=127.0.0.1")


class Postgres:
    """A running server; each database of :meth:`database` is new and has PostGIS."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count()
        with psycopg.connect(self.url("template1"), autocommit=True) as base:
            base.execute("CREATE EXTENSION postgis")

    def url(self, database: str, user: str = "postgres", password: str = PASSWORD) -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str = "template1") -> str:
        """Address of a new database, a copy of one."""
        name = f"essai_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as base:
            base.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


def _folder() -> Path:
    """Folder of the programs of the newest server; skips, saying so, without PostGIS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    bases = [p.parent for p in found if Path(
        f"/usr/share/postgresql/{p.parent.parent.name}/extension/postgis.control").is_file()]
    if not bases:
        pytest.skip("no PostgreSQL with PostGIS on this machine: make postgis installs them")
    return bases[-1]


@contextmanager
def running() -> Iterator[Postgres]:
    """Start a server, stop it at the end."""
    programs = _folder()
    # Not pytest's: the server refuses to run as root, and its user must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="perimetre-postgres-"))
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    as_user: list[str] = []
    if os.geteuid() == 0:
        as_user = ["runuser", "-u", "postgres", "--"]
        for path in (folder, secret):
            shutil.chown(path, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*as_user, str(programs / program), *arguments], cwd=folder, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )
        if done.returncode:
            log = folder / "journal"
            pytest.fail(f"{program}: {done.stdout.decode()[-2000:]}"
                        f"{log.read_text()[-2000:] if log.is_file() else ''}")

    data = folder / "base"
    try:
        # Not the order of characters of the code's own: what is read must not depend on it.
        run("initdb", "-D", str(data), "-U", "postgres", "--auth=scram-sha-256",
            f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in SETTINGS)
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "journal"), "-o",
            f"-p {port} -k {folder} {options}", "start")
        try:
            yield Postgres(port)
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
