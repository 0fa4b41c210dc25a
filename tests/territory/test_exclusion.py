"""The crossing of éloignement and fragility, over the real communes and a made-up supply."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from territory import communes, exclusion, settings, surendettement
from territory.errors import InvalidInputError
from territory.exclusion import Measured, Weights
from tests.territory import counters
from tests.territory.french import is_french_sentence


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    folder = tmp_path_factory.mktemp("donnees")
    current = settings.load({"TERRITORY_DATA_DIR": str(folder)})
    counters.kept(current, "2018")
    counters.kept(current, "2024")
    found = exclusion.measure(current)
    assert found is not None
    return found


def test_thirds_are_of_inhabitants(measured: Measured) -> None:
    crossed = exclusion.cross(measured)
    people = measured.population.astype(float).fillna(0)
    third = crossed["classe"].str[2].astype("float")
    shares = people.groupby(third).sum() / people[third.notna()].sum()
    assert shares.between(0.28, 0.39).all()


def test_only_the_worst_of_both_is_called_exclusion() -> None:
    classes = [f"{a}-{f}" for a in (1, 2, 3) for f in (1, 2, 3)]
    said = {one for one in classes if "exclusion bancaire" in exclusion.words(one)}
    assert said == {"3-3"}
    assert exclusion.words(pd.NA) == "inconnue"
    # A third of the régions is in that class whatever they live.
    assert "exclusion" not in exclusion.words("3-3", "region")


def test_what_is_not_known_enough_is_grey_and_says_why(measured: Measured) -> None:
    crossed = exclusion.cross(measured)
    grey = crossed["classe"].isna()
    assert (crossed.loc[grey, "raison"] != "").all()
    assert (crossed.loc[~grey, "raison"] == "").all()
    assert crossed.loc[grey, "indice"].isna().all()


def test_mayotte_is_grey_rather_than_little_fragile(measured: Measured) -> None:
    crossed = exclusion.cross(measured)
    home = communes.table().loc[crossed.index, "code_departement"]
    assert crossed.loc[home == "976", "classe"].isna().all()
    assert crossed.loc[home == "976", "raison"].str.startswith("fragilité").all()
    assert exclusion.cross(measured, "departement").loc["976", "raison"] != ""


def test_one_weight_moves_only_its_axis(measured: Measured) -> None:
    usual = exclusion.cross(measured)
    heavier = Weights(access=(("minutes", 90.0), ("minutes_postal", 5.0), ("e2sfca", 5.0),
                              ("evolution", 0.0)))
    moved = exclusion.cross(measured, weights=heavier)
    assert not moved["eloignement"].equals(usual["eloignement"])
    assert moved["fragilite"].equals(usual["fragilite"])
    with pytest.raises(InvalidInputError):
        exclusion.cross(measured, weights=Weights(access=(("minutes", 0.0),)))


@pytest.mark.parametrize("level", ["epci", "departement", "region"])
def test_larger_units_are_means_over_their_inhabitants(measured: Measured, level: str) -> None:
    crossed = exclusion.cross(measured)
    units = exclusion.cross(measured, level)  # type: ignore[arg-type]
    home = communes.table().loc[crossed.index, f"code_{level}"]
    people = measured.population.astype(float)
    known_units = units.index[units["classe"].notna()]
    for code in known_units[[0, len(known_units) // 2, -1]]:
        inside = home == code
        score, weight = crossed.loc[inside, "eloignement"], people[inside]
        known = score.notna() & weight.notna()
        expected = np.average(score[known], weights=weight[known])
        assert units.loc[code, "eloignement"] == pytest.approx(expected)
        classes = crossed.loc[inside, "classe"]
        told = classes.notna() & weight.notna()
        share = 100 * weight[told & (classes == "3-3")].sum() / weight[told].sum()
        assert units.loc[code, "part_exclusion"] == pytest.approx(share)


def test_without_supply_fragility_alone_is_known() -> None:
    alone = exclusion.unsupplied()
    crossed = exclusion.cross(alone)
    assert crossed["eloignement"].isna().all()
    assert crossed["classe"].isna().all()
    assert crossed["fragilite"].notna().mean() > 0.99
    assert len(exclusion.unknown_components(alone)) == 5


def test_over_indebtedness_is_that_of_the_departement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Filings:
        per_100_000 = pd.Series({"26": 250.0, "75": 150.0})

    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    counters.kept(current)
    assert exclusion.stamp(current) is not None
    monkeypatch.setattr(surendettement, "yearly", lambda settings: Filings())
    found = exclusion.measure(current)
    assert found is not None
    assert found.fragility.loc[["26281", "75056", "01001"], "surendettement"].fillna(-1).tolist(
    ) == [250.0, 150.0, -1.0]
    assert found.fragility_ranks.loc["01001", "surendettement"] != 0


def test_stability_is_reproducible_and_holds_the_rank(measured: Measured) -> None:
    first = exclusion.stability(measured, draws=5)
    assert first.equals(exclusion.stability(measured, draws=5))
    rank = exclusion.cross(measured)["rang"]
    known = rank.notna()
    assert (first.loc[known, "rang_min"] <= rank[known] + 1e-9).all()
    assert (first.loc[known, "rang_max"] >= rank[known] - 1e-9).all()


def test_the_method_is_said_in_french() -> None:
    assert is_french_sentence(exclusion.METHOD)
