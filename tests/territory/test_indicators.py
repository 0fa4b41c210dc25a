"""Indicators against the computed rows of the banking facts table, and by their properties.

The oracle was computed from the same published sources by other means (one sum over communes of
the source's own vintage). It differs from ours on purpose in a few départements, each explained.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from territory import catalog, communes, indicators
from territory.errors import InvalidInputError
from territory.indicators import fragility as module
from territory.indicators.fragility import FragilityMeasure, ratio, ratio_by
from tests.territory.french import is_french_sentence

#: Communes split since 2020: figures of the whole belong to none of the parts, so we leave out
#: Neussargues en Pinatelle (15) and Essarts en Bocage (85); the oracle keeps them.
SPLIT = {"15", "85"}
#: A commune without income merged with others since: the whole is missing (Ardennes).
MERGED_WITHOUT_INCOME = {"08"}
#: The oracle leaves communes without income out of housing aid too; ours keeps their figures.
WITHOUT_INCOME = {"14", "2B", "52", "65", "86", "973"}

ORACLE = {
    "revenu_imposable_par_hab": ("revenu_imposable_par_hab_2022", 1, SPLIT | MERGED_WITHOUT_INCOME),
    "part_pop_couverte_aides_logement": ("part_aides_logement_2022", 2, SPLIT | WITHOUT_INCOME),
    "part_pop_qpv": ("part_qpv_2022", 2, SPLIT),
    "part_65_ans_et_plus": ("part_65p_2021", 2, SPLIT),
}


@pytest.fixture(scope="module")
def published(facts) -> pd.DataFrame:
    table = pd.read_csv(facts / "bancaire_departements.csv", dtype=str)
    return table[table["indicateur"].isin(ORACLE)]


@pytest.mark.parametrize("name", ORACLE)
def test_departements_equal_the_published_sums(name: str, published: pd.DataFrame) -> None:
    indicator, decimals, explained = ORACLE[name]
    rows = published[published["indicateur"] == name].set_index("code_dep")["valeur"].astype(float)
    assert len(rows) >= 100
    ours = indicators.values(indicator, "departement").reindex(rows.index)
    gap = (ours - rows).abs()
    half_unit = 0.5 * 10**-decimals + 1e-9
    assert set(gap.index[~(gap <= half_unit)]) == explained
    # Explained is not unbounded.
    assert (gap / rows)[list(explained)].max() < 0.02


def test_housing_aid_equals_the_oracle_where_it_looks(
    fragility: pd.DataFrame, whole_communes: pd.DataFrame, published: pd.DataFrame
) -> None:
    # The same sums, over communes with an income as the oracle does: the rest is explained.
    rows = published[published["indicateur"] == "part_pop_couverte_aides_logement"]
    oracle = rows.set_index("code_dep")["valeur"].astype(float)
    kept = fragility[fragility["revenu_imposable_2022"].notna()]
    groups = whole_communes["code_departement"].reindex(kept.index)
    ours = (
        100 * kept["benef_aides_logement_2022"].groupby(groups).sum()
        / kept["pop_insee_2022"].groupby(groups).sum()
    ).astype(float)
    gap = (ours - oracle).abs()
    assert set(gap.index[~(gap <= 0.005 + 1e-9)]) == SPLIT | MERGED_WITHOUT_INCOME


def test_france_is_plausible(fragility: pd.DataFrame) -> None:
    sums = fragility.sum()
    assert 100 * sums["pop_65p_2021"] / sums["pop_2021"] == pytest.approx(20.9, abs=0.5)
    assert 100 * sums["benef_aides_logement_2022"] / sums["pop_insee_2022"] == pytest.approx(
        18, abs=2
    )
    assert sums["pop_qpv_2022"] == pytest.approx(5.3e6, rel=0.05)


def test_zero_income_is_missing_and_never_zero(fragility: pd.DataFrame) -> None:
    for year in (2020, 2021, 2022):
        assert not (fragility[f"revenu_imposable_{year}"] == 0).any()
        values = indicators.values(f"revenu_imposable_par_hab_{year}")
        assert values.min() > 0


def test_mayotte_has_no_census_ages_and_paris_has() -> None:
    ages = indicators.values("part_65p_2021")
    assert ages.filter(regex="^976").isna().all()
    assert np.isnan(indicators.values("part_65p_2021", "departement")["976"])
    assert ages["75056"] == pytest.approx(17.3, abs=1)
    assert ages[[f"751{n:02d}" for n in range(1, 21)]].notna().all()


@pytest.mark.parametrize("indicator", indicators.INDICATORS)
@pytest.mark.parametrize("level", list(communes.LEVELS))
def test_values_are_plain_numbers_by_code(indicator: str, level: communes.Level) -> None:
    values = indicators.values(indicator, level)
    assert values.dtype == np.float64
    assert values.index.is_unique
    assert set(communes.units(level).index) <= set(values.index)
    assert not np.isinf(values).any()
    known = values.dropna()
    assert len(known) > 0.9 * len(values)
    assert known.min() >= 0
    if indicators.INDICATORS[indicator].unit == "%":
        # Beneficiaries are counted otherwise than inhabitants: tiny communes may pass 100 %.
        assert (known > 100).mean() < 0.001
        assert known.median() < 60


def test_a_larger_unit_lies_between_its_communes(whole_communes: pd.DataFrame) -> None:
    values = indicators.values("part_aides_logement_2022").reindex(whole_communes.index)
    groups = values.groupby(whole_communes["code_departement"])
    units = indicators.values("part_aides_logement_2022", "departement")
    assert (units >= groups.min() - 1e-9).all()
    assert (units <= groups.max() + 1e-9).all()


# --- Ratios one can compute by hand ----------------------------------------------------------

SHARE = FragilityMeasure("aidees", "habitants", 100.0)


def table(rows: dict[str, tuple[float | None, float | None]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["aidees", "habitants"]).astype(
        "Float64"
    )


def test_ratio_by_hand() -> None:
    rows = table({"a": (10, 100), "b": (0, 50), "c": (None, 50), "d": (5, None), "e": (0, 0),
                  "f": (3, 0)})
    found = ratio(rows, SHARE)
    assert found.dtype == np.float64
    assert found[["a", "b"]].tolist() == [10, 0]
    # Missing terms and communes without inhabitants have no share; a share of zero is known.
    assert found[["c", "d", "e", "f"]].isna().all()


def test_ratio_by_sums_only_what_is_known_on_both_sides() -> None:
    rows = table({"a": (10, 100), "b": (30, 100), "c": (None, 100)})
    groups = pd.Series("X", index=rows.index)
    population = pd.Series([100, 100, 100], index=rows.index)
    # (10 + 30) / (100 + 100), and not / 300.
    assert ratio_by(rows, SHARE, groups, population)["X"] == pytest.approx(20)


def test_less_than_half_of_the_population_known_is_missing() -> None:
    rows = table({"a": (10, 100), "b": (None, 100), "c": (10, 100), "d": (None, 101)})
    groups = pd.Series({"a": "half", "b": "half", "c": "less", "d": "less"})
    population = pd.Series({"a": 100, "b": 100, "c": 100, "d": 101})
    found = ratio_by(rows, SHARE, groups, population)
    assert module.MIN_COVERAGE == 0.5
    assert found["half"] == pytest.approx(10)
    assert np.isnan(found["less"])


def test_coverage_is_weighed_by_inhabitants_and_not_by_communes() -> None:
    rows = table({"town": (10, 1000), "v1": (None, 10), "v2": (None, 10), "v3": (None, 10)})
    groups = pd.Series("X", index=rows.index)
    population = pd.Series([1000, 10, 10, 10], index=rows.index)
    assert ratio_by(rows, SHARE, groups, population)["X"] == pytest.approx(1)


def test_a_unit_of_nobody_and_communes_of_no_unit() -> None:
    rows = table({"a": (0, 0), "b": (1, 10)})
    found = ratio_by(
        rows, SHARE, pd.Series({"a": "empty", "b": None}), pd.Series({"a": 0, "b": 10})
    )
    assert list(found.index) == ["empty"]
    assert np.isnan(found["empty"])


def test_unknown_population_weighs_nothing() -> None:
    rows = table({"a": (1, 10), "b": (None, 10)})
    population = pd.Series({"a": 10, "b": None}, dtype="Int64")
    found = ratio_by(rows, SHARE, pd.Series("X", index=rows.index), population)
    assert found["X"] == pytest.approx(10)


@examples(max_examples=8)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(indicators.INDICATORS)))
def test_deleting_cells_only_deletes_values(seed: int, indicator: str) -> None:
    rng = np.random.default_rng(seed)
    measure = indicators.INDICATORS[indicator].measure
    base = communes.store.read("fragilite").set_index("code_insee")
    base = base[[measure.numerator, measure.denominator]]
    before = ratio(base, measure)
    damaged = base.mask(rng.random(base.shape) < 0.1)
    after = ratio(damaged, measure)
    assert after.isna().sum() > before.isna().sum()
    touched = damaged.isna().any(axis=1) & base.notna().all(axis=1)
    assert after[touched].isna().all()
    pd.testing.assert_series_equal(after[~touched], before[~touched])


# --- The register ----------------------------------------------------------------------------


def test_the_default_comes_first() -> None:
    assert next(iter(indicators.INDICATORS)) == indicators.DEFAULT_INDICATOR


@pytest.mark.parametrize("indicator", indicators.INDICATORS.values(), ids=lambda i: i.id)
def test_each_indicator_says_what_it_is(indicator: indicators.Indicator) -> None:
    assert indicator.source_id in catalog.SOURCES
    assert indicator.vintage in indicator.id
    assert indicator.vintage in indicator.label
    assert indicator.definition.endswith(".")
    assert indicator.unit in {"%", "€"}
    assert indicator.higher_is_worse is (indicator.unit == "%")


def test_an_unknown_indicator_is_refused_in_french() -> None:
    with pytest.raises(InvalidInputError) as caught:
        indicators.values("taux_de_bonheur")
    assert is_french_sentence(caught.value.user_message)
    assert indicators.DEFAULT_INDICATOR in caught.value.user_message


@pytest.mark.parametrize("level", list(communes.LEVELS))
def test_the_table_of_a_level(level: communes.Level) -> None:
    found = indicators.table(level)
    assert len(found) == len(communes.units(level))
    assert set(indicators.INDICATORS) <= set(found.columns)
    assert list(found.columns[:4]) == ["code", "nom", "population", "communes"]
    known = {c.name for c in indicators.columns()}
    from territory.schemas import columns_of

    bare = [c.name for c in columns_of(found.columns) if c.label == c.name]
    assert set(bare) <= known
