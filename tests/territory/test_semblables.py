"""Places that look alike: a table drawn by hand, a symmetric distance, and what is unknown."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from territory import communes, geo, semblables
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.semblables import TRAITS
from tests.territory.french import is_french_sentence

LEVELS: tuple[Level, ...] = ("commune", "epci", "departement")


def places(**rows: tuple[float, float, float, float, bool]) -> pd.DataFrame:
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*TRAITS, "outre_mer"])
    return table.assign(nom=[name.upper() for name in table.index])


def test_by_hand() -> None:
    # Only the population differs: logarithms 2, 3, 4 and 6, of mean 3.75 and variance 2.1875.
    table = places(
        a=(math.exp(2), 10, 0, 0, False), b=(math.exp(3), 10, 0, 0, False),
        c=(math.exp(4), 10, 0, 0, False), d=(math.exp(6), 10, 0, 0, False),
    )
    found = semblables.like("c", "commune", 3, table)
    # b is 1 away, a and d 2: the code decides between them. Four traits share the square.
    assert found.table["code"].tolist() == ["b", "a", "d"]
    step = 1 / math.sqrt(2.1875) / 2
    assert found.table["distance"].tolist() == pytest.approx([step, 2 * step, 2 * step])
    assert found.candidates == 3


def test_equal_places_are_in_the_order_of_the_codes_whatever_that_of_the_table() -> None:
    table = places(**dict.fromkeys("edcba", (100, 10, 0, 0, False)))
    assert semblables.like("c", "commune", 9, table).table["code"].tolist() == list("abde")


def test_overseas_is_compared_with_overseas() -> None:
    table = places(a=(100, 10, 0, 0, True), b=(101, 10, 0, 0, False), c=(900, 90, 9, 9, True))
    assert semblables.like("a", "commune", 5, table).table["code"].tolist() == ["c"]
    alone = semblables.like("b", "commune", 5, table)
    assert alone.table.empty
    assert "Aucun autre territoire" in alone.notes()[-1]


def test_what_is_unknown_is_left_out_and_said() -> None:
    unknown = math.nan
    table = places(
        a=(100, 10, unknown, 5, False), b=(200, 20, 50, 5, False), c=(300, 30, 50, unknown, False),
        d=(400, unknown, 50, 5, False), e=(150, 15, unknown, 6, False),
    )
    found = semblables.like("a", "commune", 9, table)
    assert found.used == ("population", "densite", "part_qpv")
    assert found.missing == ("part_zrr",)
    assert set(found.table["code"]) == {"b", "e"}
    assert found.left_out == 2
    assert "revitalisation rurale" in found.notes()[0]
    for text in (found.sentence(), *found.notes()):
        assert is_french_sentence(text)
    with pytest.raises(InvalidInputError):
        semblables.like("d", "commune", 9, table)


known = st.floats(1, 1e6)
shares = st.one_of(st.just(math.nan), st.floats(0, 100))


@given(st.lists(st.tuples(known, known, shares, shares, st.booleans()), min_size=2, max_size=12),
       st.data())
def test_the_distance_is_symmetric_and_nobody_is_like_itself(
    rows: list[tuple[float, float, float, float, bool]], data: st.DataObject
) -> None:
    table = places(**{f"x{rank:02d}": row for rank, row in enumerate(rows)})
    one, other = data.draw(st.permutations(list(table.index)))[:2]
    scaled = semblables.standardised(table)
    there = semblables.distance(scaled.loc[one], scaled)[other]
    back = semblables.distance(scaled.loc[other], scaled)[one]
    assert there == pytest.approx(back)
    assert semblables.distance(scaled.loc[one], scaled)[one] == 0
    found = semblables.like(one, "commune", 100, table)
    assert one not in set(found.table["code"])
    assert found.table["distance"].is_monotonic_increasing
    assert len(found.table) == found.candidates
    # Listed one by the other, they are as far one way as the other when they know the same.
    mirror = semblables.like(other, "commune", 100, table)
    assume(found.used == mirror.used)
    seen = found.table.set_index("code")["distance"].get(other, np.nan)
    assert seen == pytest.approx(
        mirror.table.set_index("code")["distance"].get(one, np.nan), nan_ok=True, abs=1e-8
    )


@pytest.mark.parametrize(("code", "level", "count"), [
    ("99999", "commune", 5), ("26281", "epci", 5), ("26281", "commune", 0),
    ("26281", "commune", 101), ("84", "region", 5),
])
def test_what_cannot_be_compared_is_refused_in_french(code: str, level: Level, count: int) -> None:
    with pytest.raises(InvalidInputError) as error:
        semblables.like(code, level, count)
    assert is_french_sentence(error.value.user_message)


@pytest.mark.parametrize("level", LEVELS)
def test_every_place_of_a_level_has_its_traits(level: Level) -> None:
    found = semblables.traits(level)
    assert found.index.equals(communes.units(level).index)
    assert not found["outre_mer"].isna().any()
    for share in ("part_zrr", "part_qpv"):
        assert found[share].dropna().between(0, 100).all()
    # Six war-dead villages have nobody; nothing is zero that is unknown.
    assert found["population"].isna().sum() <= 6
    assert (found["densite"].dropna() > 0).all()


def test_the_traits_of_a_place_are_those_of_its_communes() -> None:
    inside = communes.whole()[communes.whole()["code_epci"] == "242600534"]
    found = semblables.traits("epci").loc["242600534"]
    area = geo.area_km2(communes.contours()[inside.index]).sum()
    assert found["population"] == inside["population"].sum()
    assert found["densite"] == pytest.approx(found["population"] / area, rel=1e-3)
    # The Diois was wholly in the zoning of 2022.
    assert found["part_zrr"] == 100


def test_known_places_have_sensible_neighbours() -> None:
    found = semblables.like("26281", "commune", 20)
    assert found.table["population"].between(10_000, 80_000).all()
    assert len(semblables.like("974", "departement").table) == 4
    assert all(code.startswith("97") for code in semblables.like("97411").table["code"])
    assert list(found.table) == [column.name for column in semblables.columns()]
