"""Years of counters side by side: only those of one source, and what happened between two."""

from __future__ import annotations

from pathlib import Path

import pytest

from territory import millesimes, settings, supply, territoires
from territory.millesimes import EVENTS, Year
from territory.settings import Settings
from tests.territory import counters


@pytest.fixture
def current(tmp_path: Path) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})


@pytest.fixture
def years(current: Settings) -> list[Year]:
    counters.kept(current, "2018")
    counters.kept(current, "2024", unknown={"26362": ("banque",)})
    # Another source of another year is of another count.
    counters.kept(current, "2020", source="poste",
                  table=counters.rows(counters.counts(), "bureau_poste", "2020"))
    return millesimes.held(current)


def test_only_the_years_of_one_source_are_beside_each_other(years: list[Year]) -> None:
    assert [(year.source_id, year.year) for year in years] == [("bpe", 2018), ("bpe", 2024)]


def test_figures_of_a_territory_year_by_year(years: list[Year]) -> None:
    place = territoires.of_code("38")
    table = millesimes.of_territory(years, place)
    codes = list(place.codes)
    for year in (2018, 2024):
        counts = counters.counts(year)[codes]
        assert table.loc[year, "guichets"] == counts.sum()
        assert table.loc[year, "communes_equipees"] == (counts >= 1).sum()
    assert table.loc[2024, "minutes"] > table.loc[2018, "minutes"]


def test_an_unknown_commune_leaves_the_year_unknown(years: list[Year]) -> None:
    table = millesimes.of_territory(years, territoires.of_code("26"))
    assert table.loc[2018, ["guichets", "communes_equipees"]].notna().all()
    assert table.loc[2024, ["guichets", "communes_equipees"]].isna().all()
    drawn = millesimes.series(years, territoires.of_code("26"))
    assert drawn is not None
    assert [point.period for point in drawn.points] == ["2018"]
    alone = millesimes.series(years[1:], territoires.of_code("26362"))
    assert alone is None


def test_what_happened_between_two_years_is_what_the_counts_say(years: list[Year]) -> None:
    place = territoires.of_code("38")
    moved = millesimes.changes(*years, place)
    old, new = (counters.counts(y)[list(place.codes)] for y in (2018, 2024))
    lost = set(old.index[(old >= 1) & (new == 0)])
    assert set(moved.index[moved["evenement"] == "perdu"]) == lost
    assert lost
    assert moved["evenement"].iloc[0] == "perdu"
    assert set(moved["evenement"]) <= set(EVENTS)
    farther = moved[moved["evenement"] == "plus_loin"]
    assert (farther["minutes_apres"] > farther["minutes_avant"]).all()
    # Of a commune that is unknown in one year nothing is said.
    assert "26362" not in millesimes.changes(*years, territoires.of_code("26")).index


def test_a_series_of_years_apart_is_not_joined(years: list[Year]) -> None:
    drawn = millesimes.series(years, territoires.of_code("38"))
    assert drawn is not None
    assert [len(run) for run in drawn.segments[0].runs()] == [1, 1]
    assert drawn.change("2018", "2024").difference < 0


def test_machines_are_counted_apart(current: Settings) -> None:
    assert supply.machines(current) is None
    counters.kept(current, "", source="dab_osm",
                  table=counters.rows(counters.counts(), "dab", ""))
    seen = supply.machines(current)
    assert seen is not None
    assert seen["26281"] == counters.counts()["26281"]
    assert millesimes.held(current) == []
