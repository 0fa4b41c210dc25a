"""Quantities of the units: their totals, what is unknown of them, where they stand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers import web
from territory import catalog, communes, stocks, store

LEVELS = ("commune", "epci", "departement", "region")


@pytest.mark.parametrize("level", LEVELS)
def test_inhabitants_add_up(level: str) -> None:
    units = communes.units(level)
    found = stocks.values("population", level)
    assert found.reindex(units.index).equals(units["population"].astype(float).rename("population"))


@pytest.mark.parametrize("name", ["aides_logement", "plus_65", "qpv"])
def test_a_total_is_the_sum_of_what_is_known(name: str) -> None:
    ours = stocks.values(name, "departement")
    by_commune = stocks.values(name)
    departement = communes.whole()["code_departement"]
    assert ours["26"] == by_commune[departement == "26"].sum()
    # The census of Mayotte is another one: unknown, no zero.
    if name == "plus_65":
        assert np.isnan(ours["976"])
        assert by_commune[departement == "976"].isna().all()


def test_the_extract_of_structures_says_nothing_of_other_communes() -> None:
    found = stocks.values("structures")
    assert found.sum() == len(store.read("ess_structures"))
    assert (found.dropna() >= 1).all()
    assert stocks.values("structures", "region").sum() == found.sum()


@pytest.mark.parametrize("level", LEVELS)
def test_a_sign_stands_inside_its_unit(level: str) -> None:
    places = stocks.places(level)
    assert set(places.index) == set(communes.units(level).index)
    assert places.notna().all().all()
    if level != "commune":
        contours = communes.simplified_contours(level).reindex(places.index)
        points = shapely.points(places[["longitude", "latitude"]].to_numpy())
        assert shapely.dwithin(contours.to_numpy(), points, 1e-3).all()


def test_every_stock_has_sources() -> None:
    for name, stock in stocks.STOCKS.items():
        assert stock.id == name
        assert all(source in catalog.SOURCES for source in stock.source_ids)


@pytest.mark.parametrize("name", stocks.STOCKS)
def test_circles_are_sent_largest_first_and_never_for_nothing(name: str) -> None:
    sent = web.stock_columns(name, "departement")
    assert len({len(column) for column in sent.values()}) == 1
    assert sent["valeurs"] == sorted(sent["valeurs"], reverse=True)
    assert sent["valeurs"][-1] > 0
