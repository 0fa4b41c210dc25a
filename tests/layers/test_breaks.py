"""Every method against mapclassify; what is true of any classes; limits as people write them."""

from __future__ import annotations

import time
import warnings

import mapclassify
import numpy as np
import pandas as pd
import pytest
from branca.utilities import color_brewer
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from layers import style
from layers.breaks import (
    COUNTED,
    MEANINGS,
    METHODS,
    USUAL,
    Cut,
    classes_of,
    fitted_limits,
    read_limits,
    written_limits,
)
from layers.choropleth import national_classes
from layers.fisher import fisher_limits
from territory import indicators
from territory.errors import InvalidInputError
from tests.territory.french import is_french_sentence

COUNTS = range(3, 10)
SAMPLES = {
    "normal": np.random.default_rng(1).normal(50, 12, 900),
    "long tail": np.random.default_rng(2).pareto(1.2, 900) * 10,
    "few values": np.random.default_rng(3).integers(0, 25, 900).astype(float),
}


def cut_of(values, cut: Cut, decimals: int = 1) -> style.Classes:
    return classes_of(pd.Series(values, dtype=float), column="v", decimals=decimals, cut=cut)


def groups(classes: np.ndarray) -> list[int]:
    """Return the classes renumbered without the empty ones, which not everyone keeps."""
    return np.unique(classes, return_inverse=True)[1].tolist()


def deviations(values: np.ndarray, limits: list[float]) -> float:
    classes = np.searchsorted(limits, values, side="left")
    return sum(
        float(((own := values[classes == k]) - own.mean()).__pow__(2).sum())
        for k in np.unique(classes)
    )


# --- mapclassify ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("count", COUNTS)
def test_equal_ranges_are_those_of_mapclassify(name: str, count: int) -> None:
    values = SAMPLES[name].round(1)
    ours = cut_of(values, Cut("egales", count))
    theirs = mapclassify.EqualInterval(values, count)
    # Binary fractions put mapclassify's limits a hair under the number they stand for.
    apart = np.abs(values[:, None] - theirs.bins[:-1]).min(axis=1) > 1e-9
    assert groups(ours.index(values)[apart]) == groups(theirs.yb[apart])
    assert apart.mean() > 0.5
    assert len(ours.colours) == count


@pytest.mark.parametrize("name", SAMPLES)
def test_mean_and_deviations_are_those_of_mapclassify(name: str) -> None:
    values = SAMPLES[name].round(1)
    ours = cut_of(values, Cut("ecart_type"))
    assert groups(ours.index(values)) == groups(mapclassify.StdMean(values).yb)


@pytest.mark.parametrize("name", SAMPLES)
def test_nested_means_are_the_first_of_mapclassify(name: str) -> None:
    values = SAMPLES[name].round(1)
    ours = np.array(cut_of(values, Cut("head_tail")).breaks)
    theirs = np.floor(mapclassify.HeadTailBreaks(values).bins * 10 + 1e-6) / 10
    assert ours.size >= 1
    assert ours == pytest.approx(theirs[: ours.size], abs=1e-9)
    # It stopped because the head is no minority any more, or at nine classes.
    heads = [(values > limit).sum() for limit in ours]
    parents = [values.size, *heads[:-1]]
    shares = [head / parent for head, parent in zip(heads, parents, strict=True)]
    assert all(share <= 0.4 for share in shares[:-1])
    assert shares[-1] > 0.4 or ours.size == style.MAX_CLASSES - 1


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("count", [3, 5, 9])
def test_quantiles_are_near_those_of_mapclassify(name: str, count: int) -> None:
    values = SAMPLES[name].round(1)
    exact = mapclassify.Quantiles(values, count).bins[:-1]
    ours = np.array(cut_of(values, Cut("quantiles", count)).breaks)
    if ours.size == exact.size:
        assert np.abs(exact - ours).max() <= max(np.diff(exact).min() / 2, 0.05) + 1e-9
    else:
        assert name == "few values"  # several quantiles are one value


@pytest.mark.parametrize("seed", range(25))
def test_natural_breaks_are_as_good_as_those_of_mapclassify(seed: int) -> None:
    draw = np.random.default_rng(seed)
    values = draw.gamma(1, 5, draw.integers(12, 60)).round(int(draw.integers(0, 3)))
    count = min(int(draw.integers(2, 9)), np.unique(values).size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that numba is not there
        theirs = mapclassify.FisherJenks(values, count).bins[:-1]
    ours = fisher_limits(values, count)
    assert len(ours) == count - 1
    assert deviations(values, ours) <= deviations(values, list(theirs)) + 1e-9


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9), st.integers(2, 5))
def test_natural_breaks_are_the_best_of_all(values: list[int], count: int) -> None:
    numbers = np.array(values, dtype=float)
    ours = fisher_limits(numbers, count)
    distinct = np.unique(numbers)
    assert len(ours) == min(count, distinct.size) - 1

    def best(first: int, left: int) -> float:
        rest = numbers[numbers >= distinct[first]]
        alone = float(((rest - rest.mean()) ** 2).sum())
        if left == 1:
            return alone
        starts = range(first + 1, distinct.size)
        cuts = []
        for s in starts:
            own = numbers[(numbers >= distinct[first]) & (numbers < distinct[s])]
            cuts.append(float(((own - own.mean()) ** 2).sum()) + best(s, left - 1))
        return min([alone, *cuts])

    assert deviations(numbers, ours) == pytest.approx(best(0, count), abs=1e-9)


def test_natural_breaks_of_the_country_are_exact_and_quick() -> None:
    values = indicators.values("revenu_imposable_par_hab_2022").dropna().to_numpy().round()
    start = time.perf_counter()
    limits = fisher_limits(values, 9)
    assert time.perf_counter() - start < 1
    assert fisher_limits(values[::-1].copy(), 9) == limits
    # No limit moved alone by a euro or so does better.
    least = deviations(values, limits)
    for rank in range(8):
        for step in (-1, 1):
            moved = [limit + step * (k == rank) for k, limit in enumerate(limits)]
            assert deviations(values, moved) >= least - 1e-3


# --- What is true of any classes --------------------------------------------------------------

cuts = st.one_of(
    st.builds(Cut, st.sampled_from(["quantiles", "jenks", "egales"]), st.integers(3, 9)),
    st.builds(Cut, st.sampled_from(["ecart_type", "head_tail"])),
    st.lists(st.integers(-500, 500), min_size=1, max_size=8, unique=True).map(
        lambda tenths: Cut("limites", limits=tuple(t / 10 for t in sorted(tenths)))
    ),
)
numbers = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=60)


@examples(max_examples=200)
@given(numbers, cuts, st.integers(0, 3))
def test_every_value_has_one_class_and_missing_stays_missing(values, cut, decimals) -> None:
    series = pd.Series(values, dtype=float)
    classes = classes_of(series, column="v", decimals=decimals, cut=cut)
    assert list(classes.breaks) == sorted(set(classes.breaks))
    assert len(classes.colours) == len(classes.labels) == len(classes.breaks) + 1 <= 9
    index = classes.index(series)
    assert ((index == -1) == series.isna()).all()
    assert index.max(initial=-1) < len(classes.colours)
    if cut == USUAL:
        return
    # As the live map does it, from what is written of each value.
    for value, rank in zip(series.round(decimals), index, strict=True):
        if not np.isnan(value):
            assert rank == sum(limit < value for limit in classes.breaks)
    if cut.method not in {"egales", "limites"} and series.notna().any():
        assert set(index[index >= 0]) == set(range(len(classes.colours)))


@pytest.mark.parametrize("method", COUNTED)
@pytest.mark.parametrize("count", COUNTS)
def test_a_map_of_france_has_the_classes_asked_for(method: str, count: int) -> None:
    name = "part_aides_logement_2022"
    classes = national_classes(name, "commune", Cut(method, count))
    assert len(classes.colours) == count
    assert len(set(classes.colours)) == count
    assert (f"{count}\u00a0classes." in classes.note) == (Cut(method, count) != USUAL)
    index = classes.index(indicators.values(name))
    assert ((index == -1) == indicators.values(name).isna().to_numpy()).all()


def test_the_usual_cut_is_what_it_was() -> None:
    one = national_classes("part_aides_logement_2022", "commune")
    assert one == national_classes("part_aides_logement_2022", "commune", USUAL)
    assert not one.as_written
    assert "classes." not in one.note


@pytest.mark.parametrize("palette", style.LONG_PALETTES)
def test_palettes_are_colorbrewer_s(palette: str) -> None:
    assert style.LONG_PALETTES[palette] == tuple(color_brewer(palette, 9))
    assert style.PALETTES[palette] == tuple(color_brewer(palette, 5))


def test_names_and_meanings_are_french() -> None:
    assert list(METHODS) == list(MEANINGS)
    assert all(is_french_sentence(text) for text in MEANINGS.values())
    assert is_french_sentence(Cut("limites", limits=(1.0,)).sentence(2))


# --- Limits as people write them --------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "decimals", "limits"),
    [
        ("5 ; 12,5 ; 20", 1, (5, 12.5, 20)), ("5;12.5;", 1, (5, 12.5)),
        ("12\u202f000 ; 15 000", 0, (12_000, 15_000)), ("-2,5;−1", 1, (-2.5, -1)), ("0", 0, (0,)),
    ],
)
def test_limits_are_read_in_french(text, decimals, limits) -> None:
    read = read_limits(text, decimals)
    assert read == limits
    assert read_limits(written_limits(read, decimals), decimals) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "au moins une limite"), (" ; ", "au moins une limite"),
        ("5 ; dix", "« dix » n’est pas un nombre"), ("5, 10, 20", "n’est pas un nombre"),
        ("10 ; 5", "en croissant : 5 vient après 10"), ("5 ; 5", "en croissant"),
        ("1;2;3;4;5;6;7;8;9", "8 limites : il y en a 9"), ("5 ; inf", "nombre fini"),
        ("nan", "nombre fini"), ("5,25", "a trop de décimales"),
        ("<b>", "n’est pas un nombre"),
    ],
)
def test_limits_that_cannot_be_are_refused_in_french(text: str, words: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_limits(text, 1)
    assert words in refused.value.user_message
    assert is_french_sentence(refused.value.user_message)


def test_whole_values_want_whole_limits() -> None:
    with pytest.raises(InvalidInputError, match="les valeurs n’en ont pas"):
        fitted_limits((10.5,), 0)


def test_a_cut_is_checked() -> None:
    for count in (2, 10, 0):
        with pytest.raises(InvalidInputError, match="entre 3 et 9"):
            Cut("jenks", count)
    with pytest.raises(InvalidInputError):
        Cut("limites")
    with pytest.raises(ValueError, match="méthode"):
        Cut("jenks", 5, (1.0,))
    # Of a method that asks no number, there is one cut only.
    assert Cut("head_tail", 7) == Cut("head_tail")


def test_a_value_is_in_the_class_of_what_is_written_of_it() -> None:
    classes = cut_of([0, 10], Cut("limites", limits=(5.0,)), decimals=0)
    assert classes.index(np.array([5.4, 5.6, np.nan])).tolist() == [0, 1, -1]
    assert classes.written(5.4) == "5"
