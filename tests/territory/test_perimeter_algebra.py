"""Union, intersection, difference and buffer: the places they hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Proj

from territory import communes, directory, employers, geo, ptce, suppliers, territoires
from territory.codes import ARRONDISSEMENTS
from territory.errors import InvalidInputError
from territory.perimeter import Difference, Disc, Perimeter, Polygone, Tampon, Unites, extent
from territory.suppliers import Criteria, SupplierIndex
from tests.territory import areas
from tests.territory.french import is_french_sentence

ROMANS = communes.get("26281")
EACH = 30
SQUARE = shapely.box(5.0, 45.0, 5.1, 45.1)


def _places() -> pd.DataFrame:
    """Reference points of one commune in thirty and of all arrondissements; places moved away from
    their commune, without coordinates, without a code, without anything."""
    table = communes.table()
    some = table.iloc[::EACH][["longitude", "latitude", "code_insee"]]
    cities = table[table.index.isin([*ARRONDISSEMENTS, *sum(ARRONDISSEMENTS.values(), ())])]
    near = table[table["code_departement"].isin(["26", "2A", "2B", "973", "974", "976", "971"])]
    every = pd.concat([some, cities[some.columns], near[some.columns]], ignore_index=True)
    rng = np.random.default_rng(5)
    moved = every.sample(800, random_state=1)
    moved = moved.assign(
        longitude=moved["longitude"] + rng.normal(0, 0.05, 800),
        latitude=moved["latitude"] + rng.normal(0, 0.05, 800),
    )
    lost = every.sample(500, random_state=2).assign(longitude=np.nan, latitude=np.nan)
    nameless = every.sample(500, random_state=3).assign(code_insee=None)
    nothing = pd.DataFrame({"longitude": [np.nan], "latitude": [np.nan], "code_insee": ["99999"]})
    return pd.concat([every, moved, lost, nameless, nothing], ignore_index=True)


PLACES = _places()
INDEX = SupplierIndex(PLACES)


def held(perimeter: Perimeter) -> np.ndarray:
    return perimeter.contains(PLACES["longitude"], PLACES["latitude"], PLACES["code_insee"])


# --- Set logic -------------------------------------------------------------------------------


@given(areas.perimeters, areas.perimeters)
@settings(max_examples=25)
def test_operations_agree_with_set_logic(one: Perimeter, other: Perimeter) -> None:
    a, b = held(one), held(other)
    assert (held(one | other) == (a | b)).all()
    assert (held(one & other) == (a & b)).all()
    assert (held(one - other) == (a & ~b)).all()
    assert not held(one - one).any()


@given(areas.leaves, st.floats(0.1, 300))
@settings(max_examples=25)
def test_widening_never_loses(perimeter: Perimeter, distance: float) -> None:
    before = held(perimeter)
    near = held(perimeter.tampon(distance))
    assert not (before & ~near).any()
    assert not (near & ~held(perimeter.tampon(min(300, distance * 1.5)))).any()


@given(areas.discs(), st.floats(0.1, 300), st.floats(0.1, 300))
def test_a_larger_radius_never_loses(perimeter: Perimeter, one: float, other: float) -> None:
    small, large = sorted((one, other))
    small, large = perimeter.with_radius(small), perimeter.with_radius(large)
    assert not (held(small) & ~held(large)).any()
    rest = Perimeter.of_units("26", "974")
    assert not (held(small & rest) & ~held(large & rest)).any()


@given(areas.perimeters)
@settings(max_examples=30)
def test_the_index_finds_what_a_look_at_every_place_finds(perimeter: Perimeter) -> None:
    rows, distances, ranks = INDEX.within(perimeter)
    assert sorted(rows) == np.flatnonzero(held(perimeter)).tolist()
    finite = distances[np.isfinite(distances)]
    assert (np.diff(finite) >= 0).all()
    assert ((ranks >= 0) & (ranks < len(perimeter.centers))).all()
    for rank, center in enumerate(perimeter.centers):
        mine = rows[ranks == rank]
        expected = geo.distance_km(
            center.longitude, center.latitude,
            PLACES["longitude"].iloc[mine], PLACES["latitude"].iloc[mine],
        )
        np.testing.assert_array_equal(distances[ranks == rank], expected)


@given(areas.perimeters)
@settings(max_examples=30)
def test_every_place_is_in_a_commune_that_may_hold_one(perimeter: Perimeter) -> None:
    """Places really in the commune they say: those moved away may be held from elsewhere."""
    count = len(communes.table().iloc[::EACH])
    codes = set(PLACES["code_insee"][:count][held(perimeter)[:count]])
    possible = perimeter.possible_communes(1.0)
    for code in codes:
        # Paris by its own code stands for at least one arrondissement.
        assert set(ARRONDISSEMENTS.get(code, (code,))) & possible


# --- Plain discs are what they were -----------------------------------------------------------


@given(st.lists(areas.discs(), min_size=1, max_size=4))
def test_discs_alone_are_judged_and_measured_as_before(ones: list[Perimeter]) -> None:
    perimeter = Perimeter(tuple(disc for one in ones for disc in one.discs))
    codes = PLACES["code_insee"]
    distances = np.full(len(codes), np.inf)
    inside = np.zeros(len(codes), dtype=bool)
    for disc in perimeter.discs:
        to = geo.distance_km(
            disc.longitude, disc.latitude, PLACES["longitude"], PLACES["latitude"]
        )
        within = (to <= disc.radius_km) | np.asarray(codes.isin(disc.whole_communes))
        inside |= within
        distances = np.where(within, np.fmin(distances, to), distances)
    found, measured = perimeter.distances_km(PLACES["longitude"], PLACES["latitude"], codes)
    np.testing.assert_array_equal(found, inside)
    np.testing.assert_array_equal(measured, distances)
    assert perimeter.areas == perimeter.discs == perimeter.centers


# --- Each kind of area ------------------------------------------------------------------------


def test_units_hold_a_place_by_its_code_and_not_by_its_point() -> None:
    drome = Perimeter.of_units("26")
    # In the Drôme by its point and in the Isère by its code, and the other way round; no code.
    inside = drome.contains(
        [5.05, 5.72, np.nan, 5.05, 5.72], [45.04, 45.19, np.nan, 45.04, 45.19],
        ["38185", "26281", "26281", None, None],
    )
    assert inside.tolist() == [False, True, True, True, False]


def test_paris_alone_says_nothing_of_the_arrondissement_the_point_does() -> None:
    first = Perimeter.of_units("75101")
    louvre, vincennes = (2.3364, 48.8606), (2.435, 48.835)
    inside = first.contains(
        [louvre[0], vincennes[0], np.nan, np.nan, louvre[0]],
        [louvre[1], vincennes[1], np.nan, np.nan, louvre[1]],
        ["75056", "75056", "75056", "75101", "75102"],
    )
    assert inside.tolist() == [True, False, False, True, False]
    whole = Perimeter.of_units("75056")
    assert whole.contains([np.nan] * 2, [np.nan] * 2, ["75112", "75056"]).all()
    every = Perimeter.of_units(*ARRONDISSEMENTS["75056"])
    assert every.contains([louvre[0]], [louvre[1]], ["75056"]).all()


def test_units_read_every_level() -> None:
    (area,) = Perimeter.of_units("r84", " 26281 ", "26281", "200068781").areas
    assert isinstance(area, Unites)
    assert area.codes == ("200068781", "26281", "R84")
    assert set(area.communes) == set(territoires.of_code("R84").codes)


@pytest.mark.parametrize("codes", [(), ("",), ("99999",), ("1",), (None,), (26281,), ("R99",),
                                   ("\ud800",), ("26281",) * 5001])
def test_a_wrong_code_gets_a_french_sentence(codes: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.of_units(*codes)
    assert is_french_sentence(caught.value.user_message)


def test_an_abolished_commune_is_named_with_the_one_it_joined() -> None:
    former, current = next(iter(communes.passage().items()))
    with pytest.raises(InvalidInputError, match=f"n’existe plus.*{current}"):
        Perimeter.of_units(former)


def test_a_drawn_area_holds_its_border_and_communes_by_their_point() -> None:
    drawn = Perimeter.of_shape(shapely.box(5.0, 45.0, 5.1, 45.1))
    inside = drawn.contains(
        [5.0, 5.1, 5.05, 5.1000001, np.nan, np.nan], [45.0, 45.05, 45.05, 45.05, np.nan, np.nan],
        ["38185", None, "26281", "26281", "26281", "38185"],
    )
    assert inside.tolist() == [True, True, True, False, True, False]


def test_a_shape_that_crosses_itself_becomes_its_lobes() -> None:
    bow = shapely.Polygon([(5, 45), (5.2, 45.2), (5.2, 45), (5, 45.2)])
    (area,) = Perimeter.of_shape(bow).areas
    assert isinstance(area, Polygone)
    assert area.shape.is_valid
    assert area.shape.area == pytest.approx(0.02)
    assert Polygone(area.coordonnees) == area


@pytest.mark.parametrize(
    "shape",
    [shapely.Point(5, 45), shapely.LineString([(5, 45), (6, 46)]), shapely.Polygon(),
     shapely.Polygon([(5, 45), (5, 45), (5, 45), (5, 45)]),
     shapely.Polygon([(5, 45), (6, 46), (7, 47)]), shapely.box(5, 45, 5 + 1e-8, 45 + 1e-8),
     shapely.box(-60, 10, 5, 45), shapely.box(100, 10, 110, 20), shapely.box(-8, 38, -7, 39),
     shapely.Point(5, 45).buffer(1, quad_segs=5000),
     # Six hundred edges that all cross each other: not to be repaired while a person waits.
     shapely.Polygon([(5 + np.cos(2.1 * n) / 10, 45 + np.sin(2.1 * n) / 10) for n in range(600)])],
)
def test_a_shape_of_no_use_gets_a_french_sentence(shape: shapely.Geometry) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.of_shape(shape)
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("name", ["<b>a</b>", "`a`", "[a](b)", "a" * 81, "\ud800", "\x00", "$a$"])
def test_a_name_that_a_page_could_run_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Perimeter.of_shape(SQUARE, name)
    assert is_french_sentence(caught.value.user_message)


# --- Buffers ----------------------------------------------------------------------------------


def _true_distances(shape: shapely.Geometry, lons: np.ndarray, lats: np.ndarray) -> np.ndarray:
    """Oracle: distances in a projection centred on the place, where they are true (Snyder 1987)."""
    fine = shapely.segmentize(shape, 0.001)
    found = []
    for lon, lat in zip(lons, lats, strict=True):
        local = Proj(proj="aeqd", lon_0=lon, lat_0=lat, ellps="WGS84")
        flat = shapely.transform(fine, lambda xy, p=local: np.column_stack(p(xy[:, 0], xy[:, 1])))
        found.append(shapely.distance(flat, shapely.Point(0, 0)) / 1000)
    return np.array(found)


@pytest.mark.parametrize("distance", [0.1, 3, 40, 300])
@pytest.mark.parametrize(
    ("lon", "lat"), [(5.0, 45.0), (9.1, 42.1), (55.5, -21.1), (-52.7, 4.9), (45.15, -12.8),
                     (-61.5, 16.2), (-4.5, 48.4)],
)
def test_a_buffer_is_a_geodesic_distance_everywhere(
    lon: float, lat: float, distance: float
) -> None:
    shape = shapely.union(
        shapely.box(lon - 0.15, lat - 0.1, lon, lat), shapely.box(lon, lat - 0.02, lon + 0.2, lat)
    )
    perimeter = Perimeter.of_shape(shape).tampon(distance)
    rng = np.random.default_rng(3)
    # Half of the places within 2 % of the edge, where an error would show.
    azimuths, far = rng.uniform(0, 360, 60), rng.uniform(0.5, 1.5, 60) * distance
    far[:30] = distance * rng.uniform(0.98, 1.02, 30)
    edge = shapely.line_interpolate_point(shape.exterior, rng.uniform(0, 1, 60), normalized=True)
    lons, lats, _ = geo.GEOD.fwd(
        shapely.get_x(edge), shapely.get_y(edge), azimuths, far * 1000
    )
    true = _true_distances(shape, lons, lats)
    sure = np.abs(true - distance) > 0.002
    inside = perimeter.contains(lons, lats, [None] * 60)
    assert (inside == (true <= distance))[sure].all()
    assert sure.sum() > 40
    # The edge that is drawn stands where the places change sides.
    drawn = shapely.intersects_xy(perimeter.outline(), lons, lats)
    clear = np.abs(true - distance) > max(0.005, 0.002 * distance)
    assert (drawn == inside)[clear].all()


def test_a_buffer_crosses_the_borders_of_projected_systems() -> None:
    """Guadeloupe and Martinique are of one CRS, Guyane of another: 300 km reach from one place."""
    far = Perimeter.of_units("97105").tampon(300)
    assert far.contains([np.nan, np.nan, np.nan], [np.nan] * 3,
                        ["97209", "97120", "97302"]).tolist() == [True, True, False]


def test_a_buffer_of_a_disc_is_a_larger_disc() -> None:
    point = Perimeter.around_point(5, 45, 20)
    wide, disc = held(point.tampon(10)), held(Perimeter.around_point(5, 45, 30))
    # A place of a commune without coordinates is judged by its point in the buffer only.
    located = PLACES["longitude"].notna().to_numpy()
    assert (wide == disc)[located].all()


def test_a_buffer_of_nothing_is_nothing() -> None:
    nothing = Perimeter.of_units("26281") - Perimeter.of_units("26281")
    assert not held(nothing.tampon(300)).any()
    assert INDEX.within(nothing.tampon(300))[0].size == 0
    assert nothing.tampon(3).area_km2() == 0
    assert nothing.sentence()
    assert len(nothing.communes_touched()) == 0


# --- From what distances are measured ---------------------------------------------------------


def test_distances_are_from_the_discs_that_hold_then_from_any() -> None:
    mixed = Perimeter.around_commune(ROMANS, 5) | Perimeter.of_units("26362")
    found = mixed.measured([5.05, 4.89], [45.04, 44.93], ["26281", "26362"])
    assert found.inside.all()
    assert found.distances_km[0] < 5 < found.distances_km[1]
    assert set(mixed.distance_depuis(found.ranks)) == {"mairie de Romans-sur-Isère"}


def test_without_a_disc_distances_are_from_a_representative_point() -> None:
    town = Perimeter.of_units("26281")
    assert town.discs == ()
    assert town.distance_depuis([0]).tolist() == ["mairie de Romans-sur-Isère"]
    _, (here,) = town.distances_km([ROMANS.longitude], [ROMANS.latitude], pd.Index(["26281"]))
    assert here == 0
    drome = Perimeter.of_units("26")
    (center,) = drome.centers
    assert center.home_code is not None
    assert center.home_code.startswith("26")
    assert drome.distance_depuis([0])[0].startswith("point central du périmètre à ")
    outside = drome.distances_km([2.35], [48.85], pd.Index(["75056"]))
    assert outside[1].tolist() == [np.inf]


def test_a_disc_taken_away_is_no_centre() -> None:
    ring = Perimeter.around_commune(ROMANS, 30) - Perimeter.around_point(5, 45, 3)
    assert [disc.code_commune for disc in ring.discs] == ["26281"]
    assert ring.with_radius(40) == Perimeter.around_commune(ROMANS, 40) - (
        Perimeter.around_point(5, 45, 3)
    )
    with pytest.raises(InvalidInputError, match="n’a pas de rayon"):
        Perimeter.of_units("26").with_radius(3)


# --- Canonical form ---------------------------------------------------------------------------


@given(areas.leaves, areas.leaves, areas.leaves)
@settings(max_examples=30)
def test_what_means_the_same_is_equal(a: Perimeter, b: Perimeter, c: Perimeter) -> None:
    for one, other in [
        (a | b, b | a), ((a | b) | c, a | (b | c)), (a | a, a | a | a), (a & b, b & a),
        ((a & b) & c, a & (c & b)), (a - b - c, a - c - b), (a - b - c, a - (b | c)),
        (a & a, a | a),
    ]:
        assert one == other
        assert hash(one) == hash(other)
        assert one.digest() == other.digest()


def test_a_ring_may_start_anywhere_and_turn_either_way() -> None:
    ring = [(5.0, 45.0), (5.1, 45.0), (5.1, 45.1), (5.0, 45.1)]
    ones = {
        Perimeter.of_shape(shapely.Polygon(turn[k:] + turn[:k]))
        for turn in (ring, ring[::-1]) for k in range(4)
    }
    assert len({one.digest() for one in ones}) == len(ones) == 1
    (area,) = ones.pop().areas
    assert isinstance(area, Polygone)
    assert area.coordonnees[0][0][:2] == ((5.0, 45.0), (5.1, 45.0))


def test_bounds_of_size() -> None:
    wide = Perimeter.around_point(5, 45, 1)
    for n in range(2, 101):
        wide |= Perimeter.around_point(5, 45, n)
    for refused in (lambda: wide & Perimeter.of_units("26"), lambda: wide - wide):
        with pytest.raises(InvalidInputError, match=r"101 zones|200 zones"):
            refused()
    deep: Perimeter = Perimeter.of_units("26")
    for _ in range(19):
        deep = deep.tampon(1)
    with pytest.raises(InvalidInputError, match="21 opérations emboîtées"):
        deep.tampon(1)
    round_shape = shapely.Point(5, 45).buffer(1, quad_segs=1500)
    with pytest.raises(InvalidInputError, match="sommets"):
        Perimeter.of_shape(round_shape) | Perimeter.of_shape(shapely.affinity.translate(
            round_shape, 0.1))


# --- Callers ----------------------------------------------------------------------------------


def test_suppliers_of_a_mixed_perimeter() -> None:
    index = suppliers.embedded()
    mixed = (Perimeter.around_commune(ROMANS, 40) & Perimeter.of_units("26")) | (
        Perimeter.of_units("97411")
    )
    found = suppliers.search(mixed)
    assert len(found)
    table = index.table
    expected = mixed.contains(table["longitude"], table["latitude"], table["code_insee"])
    assert len(found) == expected.sum()
    assert set(found["code_insee"].str[:2]) <= {"26", "97"}
    result = directory.search(mixed, Criteria(), directory.extract())
    assert f"trouvées {mixed.sentence()}." in result.sentence()


def test_communes_asked_for_units_are_theirs_and_no_neighbour() -> None:
    assert employers.communes_of(Perimeter.of_units("26281", "26362")) == ("26281", "26362")
    assert employers.communes_of(Perimeter.of_units("75056")) == tuple(
        sorted(ARRONDISSEMENTS["75056"])
    )
    assert employers.communes_of(Perimeter.of_units("75101")) == ("75101",)
    both = Perimeter.of_units("26") & Perimeter.around_commune(ROMANS, 10)
    assert set(employers.communes_of(both)) <= set(territoires.of_code("26").codes)
    without = Perimeter.around_commune(ROMANS, 10) - Perimeter.of_units("26281")
    assert "26281" not in employers.communes_of(without)
    with pytest.raises(InvalidInputError):
        employers.communes_of(Perimeter.of_units("26") & Perimeter.of_units("974"))


def test_poles_of_a_unit_are_not_those_of_its_neighbours() -> None:
    drome = ptce.within(Perimeter.of_units("26"))
    wide = drome[drome["niveau"] != "commune"]
    assert set(wide[wide["niveau"] == "departement"]["code"]) <= {"26"}
    assert set(wide[wide["niveau"] == "region"]["code"]) <= {"84"}


def test_a_sheet_of_whole_units_is_of_their_communes() -> None:
    sheet = territoires.of_perimeter(Perimeter.of_units("200068781"))
    assert set(sheet.codes) == set(territoires.of_code("200068781").codes)
    assert "Romans" in sheet.name


def test_a_tree_is_frozen() -> None:
    area = Tampon(Difference(Unites(("26",)), Disc(5, 45, 3)), 2)
    with pytest.raises(AttributeError):
        area.distance_km = 3  # type: ignore[misc]
    assert hash(area) == hash(Tampon(Difference(Unites(("26",)), Disc(5, 45, 3)), "2"))  # type: ignore[arg-type]
    assert extent.geometry(area).area > 0
