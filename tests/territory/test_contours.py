"""Contours as a coverage, on maps one can draw by hand.

The pinwheel: four rectangles around a unit hole, on a 3 × 3 degree square::

    C C C        hole: [1, 2] × [1, 2]
    D . B   ->   D is [0, 1] × [1, 3], C is [1, 3] × [2, 3],
    A A B        A is [0, 2] × [0, 1], B is [2, 3] × [0, 2]
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from territory import contours

PINWHEEL = {
    "A": box(0, 0, 2, 1),
    "B": box(2, 0, 3, 2),
    "C": box(1, 2, 3, 3),
    "D": box(0, 1, 1, 3),
}
HOLE = box(1, 1, 2, 2)


def series(shapes: dict[str, object]) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(shapes.values()), index=list(shapes), crs=4326)


def earlier(rows: list[tuple[str, str, object]]) -> gpd.GeoDataFrame:
    codes, kinds, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    return gpd.GeoDataFrame(
        {"code": list(codes), "type": list(kinds)}, geometry=list(shapes), crs=4326
    )


NOTHING = earlier([("Z", "COM", box(50, 50, 51, 51))])


def is_coverage(shapes: gpd.GeoSeries) -> bool:
    return bool(
        shapely.coverage_is_valid(shapes.to_numpy()) and shapely.is_valid(shapes.to_numpy()).all()
    )


def test_holes_of_a_pinwheel() -> None:
    (hole,) = contours.holes(np.array(list(PINWHEEL.values())))
    assert hole.equals(HOLE)
    assert len(contours.holes(np.array([box(0, 0, 1, 1), box(5, 5, 6, 6)]))) == 0


def test_a_hole_goes_to_the_commune_that_absorbed_it() -> None:
    before = earlier([*((c, "COM", s) for c, s in PINWHEEL.items()), ("X", "COM", HOLE)])
    repaired = contours.repair(series(PINWHEEL), before, {"X": "A"})
    assert repaired.geometry["A"].equals(PINWHEEL["A"] | HOLE)
    assert repaired.geometry["B"].equals(PINWHEEL["B"])
    assert repaired["contour_origine"].to_dict() == {
        "A": "complete", "B": "source", "C": "source", "D": "source",
    }
    assert is_coverage(repaired.geometry)
    assert shapely.union_all(repaired.geometry.to_numpy()).equals(box(0, 0, 3, 3))


def test_a_hole_of_foreign_ground_stays_a_hole() -> None:
    repaired = contours.repair(series(PINWHEEL), NOTHING, {})
    (hole,) = contours.holes(repaired.geometry.to_numpy())
    assert hole.equals(HOLE)
    assert set(repaired["contour_origine"]) == {"source"}


def test_an_absorbed_commune_whose_heir_is_elsewhere_fills_nothing() -> None:
    repaired = contours.repair(series(PINWHEEL), earlier([("X", "COM", HOLE)]), {"X": "unknown"})
    assert shapely.area(repaired.geometry.to_numpy()).sum() == pytest.approx(8)


def test_a_missing_contour_takes_the_hole_where_it_was() -> None:
    current = series({**PINWHEEL, "X": None})
    repaired = contours.repair(current, earlier([("X", "COM", HOLE)]), {})
    assert repaired.geometry["X"].equals(HOLE)
    assert repaired["contour_origine"]["X"] == "reconstitue"
    assert is_coverage(repaired.geometry)


def test_a_recreated_commune_is_cut_out_of_the_one_it_left() -> None:
    # E left A, which still shows the whole: A is [0, 2] × [0, 1], E was its right half.
    current = series({**PINWHEEL, "E": None})
    before = earlier([("E", "COMD", box(1, 0, 2, 1))])
    repaired = contours.repair(current, before, {})
    assert repaired.geometry["E"].equals(box(1, 0, 2, 1))
    assert repaired.geometry["A"].equals(box(0, 0, 1, 1))
    assert repaired["contour_origine"]["E"] == "reconstitue"
    assert is_coverage(repaired.geometry)


def test_a_contour_found_nowhere_is_said() -> None:
    with pytest.raises(ValueError, match="E"):
        contours.repair(series({**PINWHEEL, "E": None}), NOTHING, {})


def test_an_overlap_is_resolved() -> None:
    # B bites A by a strip of 0.01°.
    shapes = {**PINWHEEL, "B": box(1.99, 0, 3, 2)}
    assert not is_coverage(series(shapes))
    repaired = contours.repair(series(shapes), NOTHING, {}).geometry
    assert is_coverage(repaired)
    assert repaired["A"].intersection(repaired["B"]).area == 0
    # Nothing lost, nothing counted twice. B's strip along the hole stays B's.
    union = shapely.union_all(np.array(list(shapes.values())))
    assert shapely.area(repaired.to_numpy()).sum() == pytest.approx(union.area)


def test_a_sliver_is_closed_and_a_real_gap_is_not() -> None:
    # Between D and the rest of the square, a closed slot as wide as asked.
    def slot(width: float) -> gpd.GeoSeries:
        return series(
            {
                "A": box(0, 0, 3, 1),
                "B": box(0, 1, 1, 2),
                "C": box(1 + width, 1, 3, 2),
                "D": box(0, 2, 3, 3),
            }
        )

    closed = contours.repair(slot(contours.GAP_WIDTH * 0.8), NOTHING, {}).geometry
    assert len(contours.holes(closed.to_numpy())) == 0
    assert is_coverage(closed)
    kept = contours.repair(slot(contours.GAP_WIDTH * 5), NOTHING, {}).geometry
    assert len(contours.holes(kept.to_numpy())) == 1


def test_every_contour_is_a_multipolygon() -> None:
    repaired = contours.repair(series(PINWHEEL), NOTHING, {}).geometry
    assert set(repaired.geom_type) == {"MultiPolygon"}
    assert repaired.crs.to_epsg() == 4326


def test_the_input_is_left_alone() -> None:
    current = series({**PINWHEEL, "E": None})
    contours.repair(current, earlier([("E", "COMD", box(1, 0, 2, 1))]), {})
    assert current["A"].equals(PINWHEEL["A"])
    assert current["E"] is None


def wavy(fit: bool) -> gpd.GeoSeries:
    """Two squares whose shared border zigzags by a hair."""
    border = [(1 + (0.001 if i % 2 else 0), i / 20) for i in range(21)]
    left = shapely.Polygon([(0, 0), *border, (0, 1)])
    right = shapely.Polygon([(2, 0), *(border if fit else [(1, 0), (1, 1)]), (2, 1)])
    return series({"L": left, "R": right})


def test_simplifying_keeps_borders_shared() -> None:
    before = wavy(fit=True)
    assert is_coverage(before)
    after = contours.simplify(before, 0.01)
    assert is_coverage(after)
    # 48 vertices before.
    assert shapely.get_num_coordinates(after.to_numpy()).sum() <= 16
    assert after["L"].intersection(after["R"]).length > 0.9
    assert list(after.index) == ["L", "R"]
    assert after.crs.to_epsg() == 4326


def test_the_coverage_check_can_fail() -> None:
    assert not is_coverage(wavy(fit=False))


def test_dissolve_makes_units_and_leaves_the_lone_ones_out() -> None:
    repaired = contours.repair(
        series(PINWHEEL), earlier([("X", "COM", HOLE)]), {"X": "A"}
    ).geometry
    groups = pd.Series({"A": "west", "B": "east", "C": "east", "D": None})
    units = contours.dissolve(repaired, groups)
    assert list(units.index) == ["east", "west"]
    assert units["east"].equals(PINWHEEL["B"] | PINWHEEL["C"])
    assert units["west"].equals(PINWHEEL["A"] | HOLE)
    assert is_coverage(units)


def test_reference_points() -> None:
    shapes = series({c: box(i, 0, i + 1, 1) for i, c in enumerate("ABCDE")})
    halls = np.array(
        [
            shapely.Point(0.25, 0.75),  # inside
            shapely.Point(9, 9),        # in another country
            None,                       # unknown
            shapely.Point(),            # empty
            shapely.Point(4.0, 0.5),    # on the border
        ],
        dtype=object,
    )
    points = contours.reference_points(shapes, halls)
    assert points["point_reference"].tolist() == [
        "mairie", "interieur", "interieur", "interieur", "mairie",
    ]
    assert (points.loc["A", "longitude"], points.loc["A", "latitude"]) == (0.25, 0.75)
    inside = shapely.covers(
        shapes.to_numpy(), shapely.points(points["longitude"], points["latitude"])
    )
    assert inside.all()


def test_the_point_of_a_crescent_is_in_it() -> None:
    crescent = series({"A": box(0, 0, 3, 3) - box(0.5, 0.5, 3, 3)})
    assert not crescent["A"].covers(crescent["A"].centroid)
    point = contours.reference_points(crescent, np.array([None], dtype=object)).loc["A"]
    assert crescent["A"].covers(shapely.Point(point["longitude"], point["latitude"]))


def test_areas_are_square_kilometres_of_the_ellipsoid() -> None:
    areas = contours.areas(series({"A": box(0, 0, 1, 1), "B": box(0, 60, 1, 61)}))
    assert areas["A"] == pytest.approx(111.32 * 110.57, rel=1e-3)
    # At 60° a degree of longitude is half as long.
    assert areas["B"] / areas["A"] == pytest.approx(0.495, abs=0.01)
