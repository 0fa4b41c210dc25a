"""Shared fixtures: the tables of the real embedded base, which ships with the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import settings

from territory import communes as commune_module
from territory import store
from tests.doubles import postgres

# Same examples on every machine, nothing kept between runs, no timing judgement.
settings.register_profile(
    "perimetre", derandomize=True, database=None, deadline=None, max_examples=60
)
settings.load_profile("perimetre")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgis() -> Iterator[postgres.Postgres]:
    """A PostgreSQL with PostGIS of our own; skipped, saying so, where there is none."""
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def facts(root: Path) -> Path:
    """The folder of the fact tables."""
    return root / "data" / "faits"


@pytest.fixture(scope="session")
def communes() -> pd.DataFrame:
    """Communes and arrondissements, indexed by ``code_insee``; not to be changed."""
    return commune_module.table()


@pytest.fixture(scope="session")
def whole_communes(communes: pd.DataFrame) -> pd.DataFrame:
    """Communes without the arrondissements, indexed by ``code_insee``."""
    return communes[communes["type"] == "COM"]


@pytest.fixture(scope="session")
def contours() -> gpd.GeoSeries:
    """Full-precision contours, indexed by code, EPSG:4326."""
    return commune_module.contours()


@pytest.fixture(scope="session")
def structures() -> pd.DataFrame:
    """The embedded extract of ESS structures."""
    return store.read("ess_structures")


@pytest.fixture(scope="session")
def ptce() -> pd.DataFrame:
    """The PTCE table as stored."""
    return store.read("ptce")


@pytest.fixture(scope="session")
def fragility() -> pd.DataFrame:
    """Fragility of today's communes (without arrondissements), indexed by ``code_insee``."""
    table = commune_module.table()
    whole = table.index[table["type"] == "COM"]
    return store.read("fragilite").set_index("code_insee").reindex(whole)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: the quick ones answer first, and Playwright keeps an event loop
    running in this thread that notebooks and ASGI clients could not share."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
