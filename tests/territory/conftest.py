"""Fixtures shared by the tests of the domain."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from territory import settings
from territory.settings import Settings
from tests.doubles.server import Double, Faults


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
