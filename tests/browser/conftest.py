"""A real server and a real Chromium; skipped, saying so, where there is no Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.traffic import Traffic
from tests.doubles.server import Double
from tests.doubles.world import World

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# WebGL without a graphics card, and none of Chromium's own calls home. Nothing says how pages are
# composed: told to do it on a graphics card that is not there, Chromium pretends to have one, and
# each frame of a page costs more than it does whoever really has none.
FLAGS = [
    "--no-sandbox", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic",
]


def serve(script: str, log: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a Streamlit script on a free port until the caller is done; yield its address."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", script, "--server.port", "0",
             "--server.address", "127.0.0.1", "--server.headless", "true"],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            process.wait(timeout=20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(240):
        text = log.read_text(errors="replace")
        for line in text.splitlines():
            if "URL:" in line and "127.0.0.1" in line:
                address = line.split("URL:")[1].strip().rstrip("/")
                _wait(f"{address}/_stcore/health")
                return address
        if process.poll() is not None:
            pytest.fail(f"the server stopped:\n{text[-2000:]}")
        time.sleep(0.25)
    pytest.fail(f"the server did not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _wait(address: str) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the whole application, with nothing fetched."""
    folder = tmp_path_factory.mktemp("serveur")
    yield from serve("app.py", folder / "app.log", {"TERRITORY_DATA_DIR": str(folder / "donnees")})


@dataclass(frozen=True)
class Served:
    """An application and the services it calls."""

    url: str
    services: Double


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The whole application with an empty store, calling doubles of the public services."""
    codes = {"26281": 300, "26057": 60, "26088": 30, "26218": 30, "38095": 20, "26362": 250}
    with Double(World(codes, seed=3, networks=0)) as services:
        environment = {**services.environment, "TERRITORY_DATA_DIR": str(tmp_path / "donnees")}
        for url in serve("app.py", tmp_path / "app.log", environment):
            yield Served(url, services)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for the session."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: make chromium installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def traffic() -> Traffic:
    """Counts of what the pages of this test send."""
    return Traffic()


@pytest.fixture
def browser_context_of(
    chromium: Browser, traffic: Traffic
) -> Iterator[Callable[[int, int], BrowserContext]]:
    """Maker of watched contexts of a given width and height, pixels."""
    made: list[BrowserContext] = []

    def make(width: int, height: int) -> BrowserContext:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", accept_downloads=True
        )
        traffic.watch(context)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def page(browser_context_of: Callable[[int, int], BrowserContext]) -> Page:
    """A page 1300 pixels wide."""
    return browser_context_of(1300, 900).new_page()
