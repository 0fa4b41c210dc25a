"""Two replicas of the whole application over one shared store: the same answers from both."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import geopandas as gpd
import pytest
from playwright.sync_api import Page, expect

from territory import settings, store
from territory.directory import NATIONAL
from tests.browser.conftest import serve
from tests.doubles.postgres import Postgres
from tests.territory.places import establishments

#: Of the synthetic national list.
COUNT = 5_000


@pytest.fixture(scope="module")
def environment(postgis: Postgres) -> dict[str, str]:
    """Settings of the replicas; the shared store has a national list."""
    shared = {"TERRITORY_STORE": postgis.database()}
    table = establishments(COUNT)
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326)
    store.of(settings.load(shared)).replace_table(
        NATIONAL, store.to_parquet_bytes(points),
        {"lignes": COUNT, "geo": True, "recupere_le": "2026-11-20"})
    return shared


@pytest.fixture(scope="module")
def replicas(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Addresses of two replicas, each with a folder of its own, empty."""
    folders = [tmp_path_factory.mktemp(name) for name in ("un", "deux")]
    running = [
        contextmanager(serve)("app.py", folder / "app.log",
                              {**environment, "TERRITORY_DATA_DIR": str(folder / "donnees")})
        for folder in folders
    ]
    # Started together: the wait is that for the slower one.
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        first, second = pool.map(stack.enter_context, running)
        yield first, second


def get(address: str) -> tuple[int, str | None, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.headers["etag"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, None, error.read()


def test_two_replicas_give_the_same_answers(replicas: tuple[str, str], page: Page) -> None:
    first, second = replicas
    for route in ("/_stcore/health", "/sante", "/valeurs/0/points/ptce.json",
                  "/valeurs/0/commune/part_aides_logement_2022.json"):
        assert get(first + route) == get(second + route)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    said = shown(page, first)
    # The page of the first has published what its map fetches; the second never saw it.
    (route,) = {url.removeprefix(first) for url in fetched if re.search(r"/annuaires/.*bin", url)}
    points = get(first + route)
    assert points[0] == 200
    assert int.from_bytes(points[2][:4], "little") > 0
    assert get(second + route) == points
    names = route.replace(".bin", f"/0-{COUNT - 1}.json")
    assert get(second + names) == get(first + names)
    unknown = "/valeurs/0/annuaires/essai-ffff.bin"
    assert get(first + unknown)[0] == get(second + unknown)[0] == 404
    assert shown(page, second) == said
    assert second + route in fetched


def shown(page: Page, address: str) -> str:
    """Search around Saint-Denis de La Réunion; return the sentence of the result."""
    with page.expect_response(lambda answer: "/annuaires/" in answer.url, timeout=60_000):
        page.goto(f"{address}/?commune=97411&rayon=60")
    told = page.get_by_text("base Sirene récupérée le 20 novembre 2026").first
    expect(told).to_be_visible(timeout=60_000)
    return page.get_by_text("structures trouvées").first.inner_text()
