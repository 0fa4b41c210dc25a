"""The ground of a perimeter: area, communes touched, inhabitants, words."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings

from territory import communes, geo
from territory.perimeter import MAX_CODES, Perimeter, extent
from territory.perimeter.wording import MAX_LENGTH
from territory.text import NBSP
from tests.territory import areas
from tests.territory.french import is_french_sentence

ROMANS = communes.get("26281")


# --- Area ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [(5.0, 45.0), (9.1, 42.1), (55.5, -21.1), (-52.7, 4.9)])
@pytest.mark.parametrize("radius", [0.1, 30, 300])
def test_the_area_of_a_disc(place: tuple[float, float], radius: float) -> None:
    found = Perimeter.around_point(*place, radius).area_km2()
    # Area of a geodesic disc on a sphere of the radius of the Earth; the ellipsoid differs by its
    # curvature, less than one in a thousand of an excess that is itself small.
    sphere = 2 * np.pi * 6371.0088**2 * (1 - np.cos(radius / 6371.0088))
    assert found == pytest.approx(sphere, rel=5e-5)


def test_the_area_of_units_is_the_sum_of_their_communes(whole_communes: pd.DataFrame) -> None:
    for code in ("26", "2A", "973", "974", "976"):
        inside = whole_communes[whole_communes["code_departement"] == code]
        found = Perimeter.of_units(code).area_km2()
        assert found == pytest.approx(inside["superficie_km2"].sum(), rel=3e-6)


# --- Communes touched -------------------------------------------------------------------------


def _by_hand(perimeter: Perimeter) -> pd.Series:
    """Every commune of France cut by the ground of the perimeter: share of its area inside."""
    table = communes.table()
    shapes = communes.contours()[(table["type"] == "COM").to_numpy()]
    ground = perimeter.outline()
    for disc in perimeter.discs:
        if perimeter.only_discs:
            home = [shapes[c] for c in disc.whole_communes[:1]]
            ground = shapely.union_all([ground, disc.outline(720), *home])
    bounds = shapely.bounds(ground)
    boxes = shapely.bounds(shapes.to_numpy())
    near = (boxes[:, 0] <= bounds[2]) & (boxes[:, 2] >= bounds[0])
    near &= (boxes[:, 1] <= bounds[3]) & (boxes[:, 3] >= bounds[1])
    shapes = shapes[near]
    parts = extent.areas_km2(shapely.intersection(ground, shapes.to_numpy()))
    whole = extent.areas_km2(shapes.to_numpy())
    share = pd.Series(parts / whole, index=shapes.index)
    return share[parts > 1e-6].sort_index()


CASES = {
    "disc": Perimeter.around_commune(ROMANS, 25),
    "corse": Perimeter.around_commune(communes.get("2A004"), 60) - Perimeter.of_units("2B"),
    "reunion": Perimeter.around_point(55.5, -21.1, 20) | Perimeter.of_units("97411"),
    "guyane": Perimeter.around_commune(communes.get("97302"), 120),
    "mayotte": Perimeter.of_units("976") & Perimeter.around_point(45.15, -12.8, 12),
    "drawn": Perimeter.of_shape(shapely.box(4.9, 44.9, 5.3, 45.2)),
    "paris": Perimeter.of_units("75101", "75108") | Perimeter.of_units("93008"),
    "nested": (Perimeter.of_units("26").tampon(2) & Perimeter.around_commune(ROMANS, 60))
    - Perimeter.of_shape(shapely.box(4.9, 44.9, 5.3, 45.2)),
}


@pytest.mark.parametrize("name", CASES)
def test_communes_touched_are_those_found_by_cutting_every_commune(name: str) -> None:
    found = CASES[name].communes_touched()
    expected = _by_hand(CASES[name])
    # A part of less than ten square metres may go either way between two orders of cutting.
    sure = expected * communes.table()["superficie_km2"].reindex(expected.index) > 1e-5
    assert set(expected.index[sure]) <= set(found.index)
    assert set(found.index) <= set(expected.index)
    both = found.index.intersection(expected.index)
    np.testing.assert_allclose(found.loc[both, "part_surface"], expected[both], atol=1e-5)


@given(areas.perimeters)
@settings(max_examples=25)
def test_shares_make_sense(perimeter: Perimeter) -> None:
    table = perimeter.communes_touched()
    assert table.index.is_monotonic_increasing
    assert table.index.is_unique
    assert ((table["part_surface"] > 0) & (table["part_surface"] <= 1)).all()
    whole = table["part"] == "entiere"
    assert (table["part_surface"][whole] == 1).all()
    assert (table["population_dedans"][whole] == table["population"][whole]).all()
    assert (table["population_estimee"] == ~whole).all()
    assert (table["population_dedans"] <= table["population"]).all()
    ground = (
        table["part_surface"] * geo.area_km2(communes.contours().loc[table.index].to_numpy())
    ).sum()
    # The rest of the area is sea, or abroad.
    assert ground <= perimeter.area_km2() * (1 + 1e-6) + 1e-3
    said = perimeter.population()
    assert said.total == table["population_dedans"].sum()
    assert is_french_sentence(said.sentence())


def test_the_population_of_units_is_known() -> None:
    said = Perimeter.of_units("26").population()
    assert said.known == said.total == communes.units("departement").loc["26", "population"]
    assert said.cut == 0
    assert said.sentence().endswith("communes entières.")
    cut = Perimeter.around_commune(ROMANS, 10).population()
    assert cut.whole >= 1
    assert "estimés d’après la surface" in cut.sentence()


def test_a_disc_of_50_km_takes_less_than_300_ms() -> None:
    Perimeter.around_commune(ROMANS, 20).communes_touched()  # contours read, tree built
    durations = []
    for _ in range(3):
        # Another centre each time: nothing is kept from the one before.
        place = Perimeter.around_point(2.35 + 0.01 * len(durations), 48.85, 50)
        start = time.perf_counter()
        assert len(place.communes_touched()) > 900
        durations.append(time.perf_counter() - start)
    assert min(durations) < 0.3


# --- Words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("perimeter", "words"),
    [
        (Perimeter.of_units("26281"), "dans la commune de Romans-sur-Isère (Drôme)"),
        (Perimeter.of_units("76351", "72181", "07010"),
         "dans les communes d’Annonay (Ardèche), du Mans (Sarthe) et du Havre (Seine-Maritime)"),
        (Perimeter.of_units("200068781"),
         "dans la Communauté d’agglomération Valence Romans Agglo"),
        (Perimeter.of_units("26", "07"), "dans les départements Ardèche et Drôme"),
        (Perimeter.of_units("R84", "26281"),
         "dans la commune de Romans-sur-Isère (Drôme) ou dans la région Auvergne-Rhône-Alpes"),
        (Perimeter.around_commune(ROMANS, 30) - Perimeter.of_units("26281", "26362"),
         (f"à 30{NBSP}km à vol d’oiseau autour de Romans-sur-Isère (Drôme), commune entière "
          "comprise, sauf les communes de Romans-sur-Isère (Drôme) et de Valence (Drôme)")),
        (Perimeter.around_point(5.05, 45.04, 30) & Perimeter.of_units("26"),
         (f"à la fois à 30{NBSP}km à vol d’oiseau autour du point choisi à Bourg-de-Péage "
          "(5,0500 ; 45,0400) et dans le département Drôme")),
        (Perimeter.of_units("26").tampon(5),
         f"dans le département Drôme, avec 5{NBSP}km de plus tout autour"),
        (Perimeter.of_shape(shapely.box(5.0, 45.0, 5.1, 45.1), "Vallée"),
         f"dans la zone dessinée «{NBSP}Vallée{NBSP}»"),
        (Perimeter.of_shape(shapely.box(5.0, 45.0, 5.1, 45.1)),
         f"dans la zone dessinée vers Romans-sur-Isère (Drôme), 4{NBSP}sommets"),
    ],
)
def test_sentences(perimeter: Perimeter, words: str) -> None:
    assert perimeter.sentence() == words


@given(areas.perimeters)
@settings(max_examples=40)
def test_every_sentence_is_short_and_names_its_places(perimeter: Perimeter) -> None:
    said = perimeter.sentence()
    assert len(said) <= MAX_LENGTH
    assert is_french_sentence(f"Structures trouvées {said}.")
    assert not any(code in said for code in ("26281", "R84", "200068781"))


def test_long_lists_are_cut() -> None:
    drome = communes.table().query("code_departement == '26'").index
    said = Perimeter.of_units(*drome).sentence()
    assert said.count("(Drôme)") == 5
    assert said.endswith(f"et {len(drome) - 5} autres communes")
    many = Perimeter.around_point(5, 45, 1)
    for n in range(2, 30):
        many |= Perimeter.around_point(5 + n / 100, 45, 1)
    assert "29" in (many - Perimeter.of_units("26")).sentence()
    assert len(many.sentence()) <= MAX_LENGTH
    assert len(drome) < MAX_CODES
