"""Fixtures shared by the tests of the domain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from territory import exclusion, settings
from territory.fiche import Atlas
from territory.settings import Settings
from tests.doubles.server import Double, Faults
from tests.territory import counters


@pytest.fixture
def navigation(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """A double of the Géoplateforme whose route service can fail, retried without waiting."""
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    with Double(faults=Faults(service="/geo/navigation/")) as double:
        yield double


@pytest.fixture
def routed(navigation: Double) -> Settings:
    """Settings that name it."""
    return settings.load(navigation.environment)


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """France measured with invented counters, of which one commune's banks are unknown."""
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path_factory.mktemp("donnees"))})
    counters.kept(current, "2024", postal=False, unknown={"26362": ("banque",)})
    measured = exclusion.measure(current)
    assert measured is not None
    return Atlas(measured)
