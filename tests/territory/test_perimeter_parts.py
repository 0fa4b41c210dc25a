"""The parts of a perimeter."""

from __future__ import annotations

import functools
import operator

import shapely
from hypothesis import given
from hypothesis import settings as examples

from territory import communes
from territory.perimeter import Perimeter
from tests.territory import areas

ROMANS = Perimeter.around_commune(communes.get("26281"), 10)
VALENCE = Perimeter.of_units("26362")
PLUMES = Perimeter.of_shape(shapely.box(5.0, 45.0, 5.1, 45.1), "Les Plumes")


def labels(perimeter: Perimeter) -> list[str]:
    return [part.label for part in perimeter.parts()]


def test_each_unit_is_a_part_and_what_is_taken_away_comes_last() -> None:
    perimeter = (Perimeter.of_units("26281", "26362", "38") | ROMANS) - PLUMES - VALENCE
    assert labels(perimeter) == [
        "À 10\u00a0km à vol d’oiseau autour de Romans-sur-Isère (Drôme), commune entière comprise",
        "Dans la commune de Romans-sur-Isère (Drôme)",
        "Dans la commune de Valence (Drôme)",
        "Dans le département Isère",
        "Sauf la commune de Valence (Drôme)",
        "Sauf la zone dessinée «\u00a0Les Plumes\u00a0»",
    ]


def test_a_part_taken_back_leaves_what_one_would_have_without_it() -> None:
    perimeter = (ROMANS | PLUMES) - VALENCE
    disc, drawn, valence = perimeter.parts()
    assert Perimeter(disc.others) == PLUMES - VALENCE
    assert Perimeter(drawn.others) == ROMANS - VALENCE
    assert Perimeter(valence.others).digest() == (PLUMES | ROMANS).digest()
    assert not (ROMANS - VALENCE).parts()[0].others


def test_what_is_one_idea_is_one_part() -> None:
    assert len((ROMANS & PLUMES).parts()) == len(PLUMES.tampon(2).parts()) == 1


@given(areas.perimeters)
@examples(max_examples=60)
def test_the_parts_together_are_the_perimeter(perimeter: Perimeter) -> None:
    found = perimeter.parts()
    kept = _union([Perimeter((part.area,)) for part in found if not part.taken_away])
    taken = [Perimeter((part.area,)) for part in found if part.taken_away]
    assert (kept - _union(taken) if taken else kept).area == perimeter.area


def _union(perimeters: list[Perimeter]) -> Perimeter:
    return functools.reduce(operator.or_, perimeters)
