"""Classes are readable, never empty, near those of mapclassify; families differ by sight."""

from __future__ import annotations

import itertools

import mapclassify
import numpy as np
import pandas as pd
import pytest

from layers import breaks, style
from territory.suppliers import FAMILIES


def classes_of(values, **options) -> style.Classes:
    return breaks.classes_of(pd.Series(values, dtype=float), column="valeur", **options)


def test_five_readable_classes_of_like_size():
    classes = classes_of(np.arange(1000), unit="%")
    assert classes.breaks == (200, 400, 600, 800)
    assert classes.labels == (
        "200\u00a0% ou moins", "plus de 200 à 400\u00a0%", "plus de 400 à 600\u00a0%",
        "plus de 600 à 800\u00a0%", "plus de 800\u00a0%",
    )


def test_limits_stay_near_those_of_mapclassify():
    values = np.random.default_rng(0).gamma(3, 4, size=5000)
    exact = mapclassify.Quantiles(values, 5).bins[:-1]
    rounded = classes_of(values, decimals=1).breaks
    assert np.abs(exact - rounded).max() <= np.diff(exact).min() / 2


def test_upper_limit_belongs_to_its_class():
    classes = style.Classes("v", (10.0, 20.0), ("#a", "#b", "#c"))
    assert classes.index(np.array([10, 10.01, 20, 21, np.nan])).tolist() == [0, 1, 1, 2, -1]
    assert classes.colour(np.array([10, np.nan])).tolist() == ["#a", style.ABSENT_COLOUR]


def test_a_crowd_of_zeros_is_a_class_of_its_own():
    classes = classes_of([0.0] * 90 + list(range(1, 101)), unit="%", decimals=1)
    assert classes.breaks[0] == 0
    assert classes.labels[0] == "0\u00a0%"
    assert classes.labels[1].startswith("plus de 0 à ")


@pytest.mark.parametrize(
    ("values", "count"),
    [([], 1), ([np.nan], 1), ([7.0, 7.0], 1), ([1.0, 2.0], 2), ([0.0, 0.0, 0.0, 5.0], 2)],
)
def test_few_values_make_few_classes(values, count):
    classes = classes_of(values)
    assert len(classes.colours) == len(classes.labels) == count


@pytest.mark.parametrize("scale", [0.001, 1, 1e6])
@pytest.mark.parametrize("seed", range(5))
def test_classes_are_never_empty(scale, seed):
    values = np.random.default_rng(seed).lognormal(0, 1.5, 400) * scale
    classes = classes_of(values, decimals=6)
    assert list(classes.breaks) == sorted(set(classes.breaks))
    assert np.bincount(classes.index(values), minlength=len(classes.colours)).min() > 0


def test_dark_is_low_reverses_the_palette():
    palette = style.PALETTES["OrRd"]
    assert classes_of(range(100), palette="OrRd").colours == palette
    assert classes_of(range(100), palette="OrRd", dark_is_low=True).colours == palette[::-1]


def test_values_are_written_in_french():
    classes = style.Classes("v", (), ("#a",), "€", 0)
    assert classes.written(12345.6) == "12\u202f346\u00a0€"
    assert classes.written(float("nan")) == "donnée absente"


def test_limits_and_colours_must_agree():
    with pytest.raises(ValueError, match="ensemble"):
        style.Classes("v", (1.0,), ("#a",))
    with pytest.raises(ValueError, match="croissantes"):
        style.Classes("v", (2.0, 1.0), ("#a", "#b", "#c"))


def test_families_differ_by_colour_and_by_shape():
    assert set(style.FAMILY_MARKERS) == set(FAMILIES)
    markers = [*style.FAMILY_MARKERS.values(), style.PTCE_MARKER]
    for one, other in itertools.combinations(markers, 2):
        assert one.colour != other.colour
        assert one.shape != other.shape


@pytest.mark.parametrize("palette", style.PALETTES.values(), ids=style.PALETTES)
def test_palettes_go_from_light_to_dark(palette):
    def luminance(colour: str) -> float:
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lights = [luminance(colour) for colour in palette]
    assert len(palette) == style.USUAL_CLASSES
    assert lights == sorted(lights, reverse=True)
