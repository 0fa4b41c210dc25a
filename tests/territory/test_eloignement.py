"""Éloignement: years side by side, which source answers, located counters, change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from territory import eloignement, geo, settings, supply
from territory.errors import InvalidInputError
from territory.indicators.decay import Gaussian
from territory.settings import Settings
from tests.territory import counters
from tests.territory.french import is_french_sentence


@pytest.fixture
def current(tmp_path: Path) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})


def test_years_stay_side_by_side_and_the_newest_answers(current: Settings) -> None:
    counters.kept(current, "2018")
    counters.kept(current, "2024")
    assert [(h.source, h.year) for h in supply.held(current)] == [("bpe", "2024"), ("bpe", "2018")]
    newest = supply.counters(current)
    former = supply.counters(current, year="2018")
    assert newest is not None
    assert former is not None
    assert newest.year == "2024"
    assert newest.counts.equals(counters.counts(2024).rename(newest.counts.name))
    assert former.counts.sum() > newest.counts.sum()
    assert supply.years(current) == ("bpe", ["2024", "2018"])


def test_fetching_a_year_again_replaces_it_alone(current: Settings) -> None:
    counters.kept(current, "2018")
    counters.kept(current, "2024")
    before = supply.stamp(current)
    counters.kept(current, "2024", postal=False)
    assert supply.stamp(current) != before
    assert len(supply.held(current)) == 2


def test_each_kind_is_answered_by_the_first_source_that_lists_it(current: Settings) -> None:
    counters.kept(current, "2024", postal=False)
    people = counters.whole()["population"].astype(float).fillna(0)
    postal = counters.rows((people > 800).astype(float), "bureau_poste", "", source="Poste d’essai")
    counters.kept(current, "", source="poste", table=postal)
    both = supply.counters(current, "banque_ou_bureau")
    assert both is not None
    assert both.source_ids == ("bpe", "poste")
    expected = counters.counts() + (people > 800)
    assert both.counts.equals(expected.rename(both.counts.name))


def test_levels_are_offered_when_every_kind_is_known(current: Settings) -> None:
    assert supply.offers(current) == []
    people = counters.whole()["population"].astype(float).fillna(0)
    offices = counters.rows((people > 2000).astype(float), "bureau_poste", "")
    counters.kept(current, "", source="poste", table=offices, kinds=counters.POSTAL)
    assert supply.offers(current) == ["postal"]
    counters.kept(current, "2024", postal=False)
    assert supply.offers(current) == list(supply.LEVELS)


def test_far_from_a_postal_point_is_beyond_both_limits(current: Settings) -> None:
    people = counters.whole()["population"].astype(float).fillna(0)
    table = counters.rows((people > 8000).astype(float), "bureau_poste", "2024")
    counters.kept(current, "2024", table=table)
    post = supply.counters(current, "postal")
    assert post is not None
    far = eloignement.far_from_post(post)
    spent = eloignement.minutes(post)
    # At 45 km/h and a detour of 1.3, 20 minutes are 11.5 km: the time decides.
    assert far.astype(bool).equals((spent > 20).rename(far.name))
    slow = eloignement.far_from_post(post, eloignement.banking.Assumptions(1.0, 10.0))
    km = eloignement.minutes(post, eloignement.banking.Assumptions(1.0, 60.0))
    assert slow.astype(bool).equals((km > 5).rename(slow.name))


def test_machines_of_openstreetmap_are_never_a_supply(current: Settings) -> None:
    machines = counters.rows(counters.counts(), "dab", "")
    counters.kept(current, "", source="dab_osm", table=machines)
    assert supply.stamp(current) is None
    assert supply.counters(current) is None


def test_the_point_version_measures_to_the_counter_itself(current: Settings) -> None:
    home = counters.whole().loc["26281"]
    table = counters.rows(pd.Series({"26281": 1.0}), "banque", "2024")
    table["longitude"], table["latitude"] = home["longitude"] + 0.02, home["latitude"]
    counters.kept(current, "2024", table=table)
    access = eloignement.access(current)
    assert access is not None
    wanted = geo.distance_km(home["longitude"], home["latitude"], home["longitude"] + 0.02,
                             home["latitude"])
    assert access.loc["26281", "distance_km"] == 0
    assert access.loc["26281", "distance_point_km"] == pytest.approx(wanted, abs=1e-6)


def test_without_located_counters_the_point_version_is_unknown(current: Settings) -> None:
    counters.kept(current)
    access = eloignement.access(current)
    assert access is not None
    assert access["distance_point_km"].isna().all()


def test_an_unknown_commune_is_doubt_for_the_point_version_too(current: Settings) -> None:
    home = counters.whole().loc["26281"]
    table = counters.rows(pd.Series({"26281": 1.0, "26362": 1.0}), "banque", "2024")
    where = counters.whole().loc[["26281", "26362"]]
    table["longitude"] = where["longitude"].to_numpy()
    table["latitude"] = where["latitude"].to_numpy()
    counters.kept(current, "2024", table=table, unknown={"26281": ("banque",)})
    access = eloignement.access(current)
    assert access is not None
    assert np.isnan(access.loc["26281", "distance_point_km"]), home["nom"]
    assert access.loc["26362", "distance_point_km"] == 0


def test_change_between_two_years_counts_what_was_lost(current: Settings) -> None:
    assert eloignement.evolution(current) is None
    counters.kept(current, "2018")
    assert eloignement.evolution(current) is None
    counters.kept(current, "2024")
    evolved = eloignement.evolution(current)
    assert evolved is not None
    lost = evolved.table["perdu_le_dernier"]
    expected = (counters.counts(2018) > 0) & (counters.counts(2024) == 0)
    assert lost.astype(bool).equals(expected.rename(lost.name))
    assert (evolved.table["eloignement_km"] >= 0).all()
    assert is_french_sentence(evolved.sentence())
    with pytest.raises(InvalidInputError):
        eloignement.evolution(current, before="2024", after="2018")


def test_the_sentence_tells_every_assumption() -> None:
    told = eloignement.banking.Assumptions(1.5, 60, 20, decay=Gaussian(10))
    said = eloignement.sentence("banque_ou_postal", told)
    for part in ("1,5", "60", "20", "gaussienne sur 10", "relais poste"):
        assert part in said
    assert is_french_sentence(said)
