"""The supplier search against brute force on the ellipsoid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyproj import Geod

from territory import communes as communes_module
from territory import suppliers
from territory.codes import ARRONDISSEMENTS, departement_of
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.schemas import SUPPLIERS
from territory.suppliers import FAMILIES, Criteria, SupplierIndex, search
from territory.text import NBSP
from tests.territory.french import is_french_sentence

WGS84 = Geod(ellps="WGS84")
CENTRES = 200
POINTS = 20_000
SEED = 20_261_122


def fake_structures(
    codes: np.ndarray, longitudes: np.ndarray, latitudes: np.ndarray, seed: int = SEED
) -> pd.DataFrame:
    """A structure table with the columns of the extract; invented, lives here only."""
    rng = np.random.default_rng(seed)
    n = len(codes)
    table = pd.DataFrame("", index=range(n), columns=SUPPLIERS.names)
    return table.drop(columns=list(suppliers.SEARCH_COLUMNS)).assign(
        id=np.arange(n),
        nom=[f"Structure {i}" for i in range(n)],
        code_insee=codes,
        code_departement=[departement_of(code) for code in codes],
        longitude=longitudes,
        latitude=latitudes,
        filiere=rng.choice(["Restauration", "Numérique", "inconnue"], n),
        filiere_origine=rng.choice(["declaree", "presumee_naf", "inconnue"], n),
        famille_ess=rng.choice(list(FAMILIES), n),
        est_siae=rng.choice(["oui", "non", "inconnu"], n),
        est_employeur=rng.choice(["oui", "non", "inconnu"], n),
    )


@pytest.fixture(scope="module")
def random_structures(communes: pd.DataFrame) -> pd.DataFrame:
    """20 000 invented places around the reference points of all communes, overseas included.

    Shaken by up to some 20 km, so that many leave the commune they say; one in fifty has no
    coordinates.
    """
    rng = np.random.default_rng(SEED)
    home = communes.iloc[rng.integers(0, len(communes), POINTS)]
    reach = rng.choice([0.0, 0.01, 0.2], POINTS)
    longitudes = home["longitude"].to_numpy() + reach * rng.uniform(-1, 1, POINTS)
    latitudes = home["latitude"].to_numpy() + reach * rng.uniform(-1, 1, POINTS)
    unplaced = rng.random(POINTS) < 0.02
    longitudes[unplaced] = np.nan
    latitudes[unplaced & (rng.random(POINTS) < 0.5)] = np.nan
    return fake_structures(home["code_insee"].to_numpy(), longitudes, latitudes)


@pytest.fixture(scope="module")
def random_index(random_structures: pd.DataFrame) -> SupplierIndex:
    return SupplierIndex(random_structures)


@pytest.fixture(scope="module")
def perimeters(communes: pd.DataFrame) -> list[Perimeter]:
    """200 centres over all France and overseas, radii 1 to 150 km; half communes, half points."""
    rng = np.random.default_rng(SEED)
    overseas = communes[communes["code_departement"].str.len() == 3]
    capitals = communes.loc[["75056", "69123", "13055", "75112", "2A004", "97411", "29155"]]
    mainland = communes.sample(CENTRES - len(capitals) - 40, random_state=SEED)
    picked = pd.concat([capitals, overseas.sample(40, random_state=SEED), mainland])
    radii = np.geomspace(1, 150, CENTRES)[rng.permutation(CENTRES)]
    made = []
    for rank, (code, radius) in enumerate(zip(picked["code_insee"], radii, strict=True)):
        commune = communes_module.get(code)
        if rank < len(capitals) or rank % 2:
            made.append(Perimeter.around_commune(commune, radius))
        else:
            east, north = rng.uniform(-0.1, 0.1, 2)
            made.append(
                Perimeter.around_point(commune.longitude + east, commune.latitude + north, radius)
            )
    return made


def brute_force(table: pd.DataFrame, perimeter: Perimeter) -> dict[int, float]:
    """Position → kilometres of the rows in a perimeter of one disc, by measuring every row."""
    (disc,) = perimeter.discs
    lons = table["longitude"].to_numpy(dtype=float)
    lats = table["latitude"].to_numpy(dtype=float)
    n = len(table)
    placed = ~(np.isnan(lons) | np.isnan(lats))
    km = np.full(n, np.nan)
    km[placed] = np.asarray(
        WGS84.inv(
            np.full(placed.sum(), disc.longitude), np.full(placed.sum(), disc.latitude),
            lons[placed], lats[placed],
        )[2]
    ) / 1000
    own = [disc.code_commune, *ARRONDISSEMENTS.get(disc.code_commune or "", ())]
    inside = (km <= disc.radius_km) | table["code_insee"].isin(own).to_numpy()
    return {int(i): float(km[i]) for i in np.flatnonzero(inside)}


def check_against_brute_force(index: SupplierIndex, perimeter: Perimeter) -> int:
    expected = brute_force(index.table, perimeter)
    found = search(perimeter, index=index)
    assert sorted(found["id"]) == sorted(index.table["id"].iloc[list(expected)])
    position = pd.Series(range(len(index.table)), index=index.table["id"])
    wanted = np.array([expected[i] for i in position[found["id"]]])
    np.testing.assert_allclose(found["distance_km"].to_numpy(), wanted, atol=0.0005001)
    # Sorted; what has no coordinates comes last.
    assert (np.diff(wanted[~np.isnan(wanted)]) >= 0).all()
    assert not np.isnan(wanted[: (~np.isnan(wanted)).sum()]).any()
    return len(expected)


def test_the_centres_are_everywhere(perimeters: list[Perimeter]) -> None:
    assert len(perimeters) == CENTRES
    lons = np.array([p.discs[0].longitude for p in perimeters])
    lats = np.array([p.discs[0].latitude for p in perimeters])
    radii = np.array([p.discs[0].radius_km for p in perimeters])
    assert (lats < 0).sum() > 5
    assert ((lons < -50) & (lats > 0)).sum() > 10
    assert (radii.min(), radii.max()) == (1, 150)
    assert 0.4 < np.mean([p.discs[0].code_commune is None for p in perimeters]) < 0.6


def test_the_extract_is_searched_exactly(perimeters: list[Perimeter]) -> None:
    found = [check_against_brute_force(suppliers.embedded(), p) for p in perimeters]
    # The comparison says nothing if nothing is ever found.
    assert sum(found) > 300
    assert min(found) == 0


def test_random_places_are_searched_exactly(
    perimeters: list[Perimeter], random_index: SupplierIndex
) -> None:
    found = [check_against_brute_force(random_index, p) for p in perimeters]
    assert sum(found) > 20_000
    assert max(found) > 1000


def test_a_place_at_the_radius_is_in_and_one_metre_farther_is_out() -> None:
    # Every azimuth, in the places where a flat circle would be most wrong.
    for code in ("97411", "97302", "29019", "75056"):
        commune = communes_module.get(code)
        azimuths = np.arange(0, 360, 15.0)
        lons, lats = [], []
        for metres in (29_999.0, 30_001.0):
            lon, lat, _ = WGS84.fwd(
                np.full(24, commune.longitude), np.full(24, commune.latitude), azimuths,
                np.full(24, metres),
            )
            lons.extend(lon)
            lats.extend(lat)
        table = fake_structures(np.full(48, "26281"), np.array(lons), np.array(lats))
        found = search(Perimeter.around_commune(commune, 30), index=SupplierIndex(table))
        assert sorted(found["id"]) == list(range(24))


def test_enlarging_never_loses(random_index: SupplierIndex) -> None:
    for code in ("26281", "75056", "97411", "97302"):
        smaller: set[int] = set()
        for radius in (0.1, 1, 5, 20, 60, 150, 300):
            around = Perimeter.around_commune(communes_module.get(code), radius)
            larger = set(search(around, index=random_index)["id"])
            assert smaller <= larger
            smaller = larger
        assert smaller


def test_a_union_finds_what_each_disc_finds(random_index: SupplierIndex) -> None:
    one = Perimeter.around_commune(communes_module.get("26281"), 40)
    two = Perimeter.around_commune(communes_module.get("69123"), 60)
    both = search(Perimeter((*one.discs, *two.discs)), index=random_index)
    alone = [search(p, index=random_index) for p in (one, two)]
    assert set(both["id"]) == set(alone[0]["id"]) | set(alone[1]["id"])
    assert both["id"].is_unique
    # Each distance is the one to the nearest centre, and says which.
    by_id = [t.set_index("id")["distance_km"].reindex(both["id"]).to_numpy() for t in alone]
    np.testing.assert_array_equal(both["distance_km"], np.fmin(*by_id))
    nearer = np.where(
        np.nan_to_num(by_id[0], nan=np.inf) <= np.nan_to_num(by_id[1], nan=np.inf), 0, 1
    )
    placed = both["distance_km"].notna().to_numpy()
    labels = np.array(["mairie de Romans-sur-Isère", "mairie de Lyon"])
    assert both["distance_depuis"].to_numpy()[placed].tolist() == labels[nearer[placed]].tolist()


# --- What a result says ----------------------------------------------------------------------


@pytest.fixture
def around_romans() -> Perimeter:
    return Perimeter.around_commune(communes_module.get("26281"), 30)


def test_columns_are_the_declared_ones_in_order(around_romans: Perimeter) -> None:
    found = search(around_romans)
    assert list(found.columns[: len(SUPPLIERS.names)]) == SUPPLIERS.names
    assert "id" in found.columns
    SUPPLIERS.validate(found)
    assert list(found.index) == list(range(len(found)))


def test_distances_have_three_decimals_and_say_their_origin(around_romans: Perimeter) -> None:
    found = search(around_romans)
    assert len(found) > 20
    assert (found["distance_km"] == found["distance_km"].round(3)).all()
    assert set(found["distance_depuis"]) == {"mairie de Romans-sur-Isère"}
    assert set(found["dans_perimetre"]) == {"oui"}


def test_no_delivery_range_is_ever_guessed(around_romans: Perimeter) -> None:
    assert set(search(around_romans)["dessert_le_centre"]) == {"inconnu"}


def test_an_empty_result_keeps_its_columns() -> None:
    found = search(Perimeter.around_point(-54.0, 2.5, 1))
    assert len(found) == 0
    assert list(found.columns[: len(SUPPLIERS.names)]) == SUPPLIERS.names


def test_a_structure_without_coordinates_is_found_by_its_commune_only() -> None:
    table = fake_structures(
        np.array(["26281", "26281", "26057"]),
        np.array([np.nan, 5.05, np.nan]), np.array([np.nan, 45.04, 45.03]),
    )
    index = SupplierIndex(table)
    romans = communes_module.get("26281")
    by_commune = search(Perimeter.around_commune(romans, 300), index=index)
    assert by_commune["id"].tolist() == [1, 0]
    assert by_commune["distance_km"].isna().tolist() == [False, True]
    by_point = search(
        Perimeter.around_point(romans.longitude, romans.latitude, 300), index=index
    )
    assert by_point["id"].tolist() == [1]


def test_one_address_keeps_the_order_of_the_table_and_what_has_no_place_ends_the_list() -> None:
    rng = np.random.default_rng(7)
    # Thirty places, each of several structures, and structures of Romans without coordinates.
    places = 5.05 + rng.random(30) / 10
    lons = np.append(rng.choice(places, 400), [np.nan] * 5)
    order = rng.permutation(len(lons))
    table = pd.DataFrame({
        "longitude": lons[order], "latitude": np.where(np.isnan(lons), np.nan, 45.05)[order],
        "code_insee": "26281",
    })
    index = SupplierIndex(table)
    for perimeter in (
        Perimeter.around_commune(communes_module.get("26281"), 20),
        Perimeter.around_commune(communes_module.get("26281"), 20)
        | Perimeter.around_point(5.1, 45.05, 3),
    ):
        rows, distances, _ = index.within(perimeter)
        expected = pd.DataFrame({"km": distances, "row": rows}).sort_values(
            ["km", "row"], na_position="last", kind="stable"
        )
        assert rows.tolist() == expected["row"].tolist()
        assert np.isnan(distances[-5:]).all()
        assert len(rows) == len(table)


def test_a_structure_said_in_the_commune_but_placed_over_the_sea_is_in_at_its_true_distance(
) -> None:
    table = pd.DataFrame({"longitude": [5.05, -61.5], "latitude": [45.05, 16.2],
                          "code_insee": ["26281", "26281"]})
    romans = communes_module.get("26281")
    rows, distances, _ = SupplierIndex(table).within(Perimeter.around_commune(romans, 10))
    _, _, metres = Geod(ellps="WGS84").inv(romans.longitude, romans.latitude, -61.5, 16.2)
    assert rows.tolist() == [0, 1]
    assert distances[1] == pytest.approx(metres / 1000, abs=1e-6)


def test_an_index_may_hold_nothing(around_romans: Perimeter) -> None:
    nowhere = fake_structures(np.array(["26281"]), np.array([np.nan]), np.array([np.nan]))
    assert search(around_romans, index=SupplierIndex(nowhere))["id"].tolist() == [0]
    empty = fake_structures(np.array([], dtype=object), np.array([]), np.array([]))
    assert len(search(around_romans, index=SupplierIndex(empty))) == 0


def test_a_whole_commune_is_in_whatever_the_radius(structures: pd.DataFrame) -> None:
    lyon = Perimeter.around_commune(communes_module.get("69123"), 0.1)
    expected = structures["code_insee"].isin(["69123", *ARRONDISSEMENTS["69123"]])
    assert expected.sum() > 3
    assert set(structures["id"][expected]) <= set(search(lyon)["id"])


# --- Criteria --------------------------------------------------------------------------------

FIVE = pd.DataFrame(
    {
        "filiere": ["Restauration", "Restauration", "Numérique", "inconnue", "Textile"],
        "filiere_origine": ["declaree", "presumee_naf", "declaree", "inconnue", "presumee_naf"],
        "famille_ess": ["association", "cooperative", "inconnue", "esat_ea", "association"],
        "est_siae": ["oui", "non", "inconnu", "inconnu", "oui"],
        "est_employeur": ["oui", "inconnu", "oui", "non", "inconnu"],
    }
)


@pytest.mark.parametrize(
    ("criteria", "kept"),
    [
        (Criteria(), [0, 1, 2, 3, 4]),
        (Criteria(filieres=("Restauration",)), [0, 1]),
        (Criteria(filieres=("Restauration", "Numérique")), [0, 1, 2]),
        (Criteria(filieres=("rien de tel",)), []),
        (Criteria(familles=("association",)), [0, 4]),
        (Criteria(familles=("association", "esat_ea")), [0, 3, 4]),
        # « inconnu » is not « oui ».
        (Criteria(siae_only=True), [0, 4]),
        (Criteria(employers_only=True), [0, 2]),
        (Criteria(include_presumed=False), [0, 2, 3]),
        (Criteria(filieres=("Restauration",), include_presumed=False), [0]),
        (Criteria(familles=("association",), siae_only=True, employers_only=True), [0]),
    ],
)
def test_masks(criteria: Criteria, kept: list[int]) -> None:
    mask = criteria.mask(FIVE)
    assert mask.dtype == bool
    assert np.flatnonzero(mask).tolist() == kept


def test_criteria_narrow_a_search(random_index: SupplierIndex, around_romans: Perimeter) -> None:
    every = search(around_romans, index=random_index)
    siae = search(around_romans, Criteria(siae_only=True), random_index)
    assert 0 < len(siae) < len(every)
    assert siae["id"].tolist() == every.loc[every["est_siae"] == "oui", "id"].tolist()


@pytest.mark.parametrize(
    "family", ["", "Association", "<script>", "=1+1", "association,cooperative", "\x00", "nan"]
)
def test_an_unknown_family_is_refused_in_french(family: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Criteria(familles=(family,))
    assert is_french_sentence(caught.value.user_message)
    assert "association" in caught.value.user_message


@pytest.mark.parametrize(
    "trade", ["(", "*", "[a-z]", "<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "", "\x00"]
)
def test_a_hostile_trade_finds_nothing_and_breaks_nothing(
    trade: str, around_romans: Perimeter
) -> None:
    assert len(search(around_romans, Criteria(filieres=(trade,)))) == 0


def test_families_of_the_extract_are_known(structures: pd.DataFrame) -> None:
    assert set(structures["famille_ess"]) <= set(FAMILIES)


# --- The sentence ----------------------------------------------------------------------------


def test_sentences(around_romans: Perimeter) -> None:
    assert suppliers.sentence(0, around_romans).startswith("Aucune structure trouvée à 30")
    assert suppliers.sentence(1, around_romans).startswith(f"1{NBSP}structure trouvée à 30")
    assert suppliers.sentence(37, around_romans).startswith(f"37{NBSP}structures trouvées à")
    told = suppliers.sentence(
        2, around_romans,
        Criteria(filieres=("Restauration", "Textile et artisanat"), familles=("esat_ea",),
                 siae_only=True, employers_only=True, include_presumed=False),
    )
    for words in (
        "filière : restauration ou textile et artisanat", "famille : ESAT ou entreprise adaptée",
        "SIAE", "employeurs connus comme tels", "filières présumées exclues",
    ):
        assert words in told
    assert is_french_sentence(told.replace(f"2{NBSP}structures", "Structures"))
    # Public procurement law forbids choosing by location: never said, never suggested.
    assert "réserv" not in told


def test_a_selection_reads_what_the_whole_table_says() -> None:
    """The nearest rows, a column and the count are those of the table, filters included."""
    here = Perimeter.around_commune(communes_module.get("26281"), 60)
    for criteria in (Criteria(), Criteria(filieres=("Numérique",)), Criteria(siae_only=True)):
        chosen = suppliers.select(here, criteria)
        found = search(here, criteria)
        assert len(chosen) == len(found)
        pd.testing.assert_frame_equal(chosen.table(7), found.head(7))
        some = ["dessert_le_centre", "nom", "distance_km", "distance_depuis"]
        pd.testing.assert_frame_equal(chosen.table(7, some), found[some].head(7))
        assert chosen.columns == list(found)
        pd.testing.assert_series_equal(chosen.column("filiere"), found["filiere"])


def test_what_an_index_remembers_cannot_be_changed() -> None:
    index = suppliers.embedded()
    here = Perimeter.around_commune(communes_module.get("26281"), 30)
    for array in (*index.within(here), index.distances_km(5.05, 45.04)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert index.within(here)[0] is index.within(here)[0]


def test_families_of_an_index_are_those_of_its_table() -> None:
    table = suppliers.embedded().table
    assert suppliers.embedded().families == set(table["famille_ess"])
    assert SupplierIndex(table.iloc[:0].reset_index(drop=True)).families == frozenset()


def test_text_columns_of_an_index_are_in_one_piece() -> None:
    table = suppliers.embedded().table
    pieces = [table.iloc[:100].reset_index(drop=True), table.iloc[100:].reset_index(drop=True)]
    cut = pd.concat(pieces, ignore_index=True)
    index = SupplierIndex(cut)
    pd.testing.assert_frame_equal(index.table, cut)
    assert {pa.chunked_array(pa.array(index.table[c])).num_chunks
            for c in ("nom", "siret", "filiere")} == {1}
