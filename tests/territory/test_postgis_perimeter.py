"""Perimeters asked of PostGIS: the same suppliers, row for row, as the index held in memory."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
from hypothesis import given
from hypothesis import settings as options

from territory import communes, directory, geo, register, store, suppliers
from territory import settings as setting_module
from territory.directory import NATIONAL
from territory.errors import DataError
from territory.perimeter import Perimeter
from territory.postgis import around
from territory.settings import Settings
from territory.stored_index import StoredIndex
from territory.suppliers import Criteria
from tests.doubles.postgres import Postgres
from tests.territory import areas
from tests.territory.french import is_french_sentence
from tests.territory.places import establishments

COUNT = 4000
DAY = dt.date(2026, 11, 20)

#: The same settings twice: of a local folder, and of a shared store.
Pair = tuple[Settings, Settings]


def put(settings: Settings, name: str, table: pd.DataFrame) -> None:
    geo_entry = {"geo": True} if isinstance(table, gpd.GeoDataFrame) else {}
    store.of(settings).replace_table(
        name, store.to_parquet_bytes(table),
        {"lignes": len(table), "recupere_le": DAY.isoformat(), **geo_entry})


def pair(postgis: Postgres, folder: Path) -> Pair:
    alone = {"TERRITORY_DATA_DIR": str(folder)}
    return setting_module.load(alone), setting_module.load(
        {**alone, "TERRITORY_STORE": postgis.database()})


def points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326)


@pytest.fixture(scope="module")
def national(postgis: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A national list, and the two lists that say more of its structures."""
    both = pair(postgis, tmp_path_factory.mktemp("national"))
    table = establishments(COUNT)
    approved = pd.DataFrame({"siren": table["siren"].iloc[::3]})
    listed = pd.DataFrame({
        "siret": table["siret"].iloc[::5], "siren": table["siren"].iloc[::5], "siae": "oui",
        "type_siae": "EI", "filiere": "Restauration", "secteurs": "Traiteur", "site_web": "",
    })
    for settings in both:
        put(settings, NATIONAL, points(table))
        put(settings, "esus", approved)
        put(settings, "siae", listed)
    return both


def assert_same(
    both: Pair, perimeter: Perimeter, criteria: Criteria | None = None,
    codes: tuple[str, ...] = (),
) -> int:
    # The national list needs no commune: drawing the perimeters is long enough.
    lists = [directory._bulk(settings, codes) for settings in both]
    alone, shared = (one for one in lists if one is not None)
    assert type(shared.index) is StoredIndex
    assert type(alone.index) is not StoredIndex
    assert (alone.key, alone.tables, alone.gaps()) == (shared.key, shared.tables, shared.gaps())
    found = [suppliers.search(perimeter, criteria, one.index) for one in (alone, shared)]
    pd.testing.assert_frame_equal(*found)
    for ours, theirs in zip(alone.index.within(perimeter), shared.index.within(perimeter),
                            strict=True):
        assert ours.tolist() == pytest.approx(theirs.tolist(), nan_ok=True, abs=0)
    assert not shared.index._all.cache_info().currsize, "nobody read the whole list"
    return len(found[0])


@given(perimeter=areas.perimeters)
@options(max_examples=20)
def test_any_perimeter_finds_the_same_rows_in_the_same_order(
    perimeter: Perimeter, national: Pair
) -> None:
    assert_same(national, perimeter)


@pytest.mark.parametrize("code", areas.TOWNS)
def test_discs_of_every_territory_find_some_and_the_same(code: str, national: Pair) -> None:
    perimeter = Perimeter.around_commune(communes.get(code), 60)
    assert assert_same(national, perimeter) > 0
    assert_same(national, perimeter, Criteria(siae_only=True))
    assert_same(national, perimeter, Criteria(familles=("cooperative",)))


def test_a_place_exactly_at_the_radius_is_in_both(national: Pair) -> None:
    home = communes.get("97411")
    around = suppliers.search(Perimeter.around_commune(home, 40), index=suppliers.SupplierIndex(
        establishments(COUNT).assign(id=range(COUNT))))
    place = around.dropna(subset=["longitude"]).iloc[-1]
    center = Perimeter.around_commune(home, 40).centers[0]
    km = float(geo.distance_km(center.longitude, center.latitude, place["longitude"],
                               place["latitude"]))
    assert assert_same(national, Perimeter.around_commune(home, km)) >= 1


def test_the_index_of_the_database_is_used(national: Pair, postgis: Postgres) -> None:
    settings = national[1]
    version = store.of(settings).tables()[NATIONAL]["fichier"]
    where = around.condition(Perimeter.around_commune(communes.get("26281"), 5).areas)
    with psycopg.connect(settings.store) as base:
        query = f'EXPLAIN SELECT _rang FROM perimetre."{version}" WHERE {where.as_string(base)}'
        plan = " ".join(line for (line,) in base.execute(query))
    assert "_lieu_idx" in plan or "geography_idx" in plan or "Bitmap Index Scan" in plan
    assert "Seq Scan" not in plan


def test_the_lists_of_departements_are_one_list(postgis: Postgres, tmp_path: Path) -> None:
    both = pair(postgis, tmp_path)
    table = establishments(COUNT)
    for settings in both:
        for code in ("26", "07", "974"):
            some = table[table["code_departement"] == code].reset_index(drop=True)
            put(settings, f"{NATIONAL}_{code}", points(some))
    valley = Perimeter.of_units("26", "07")
    codes = directory.communes_of(valley)
    assert assert_same(both, valley, codes=codes) > 0
    tables = [directory._bulk(settings, codes) for settings in both]
    alone, shared = (one.index for one in tables if one is not None)
    pd.testing.assert_frame_equal(alone.table, shared.table)
    (ours, named), (theirs, same) = alone.units, shared.units
    assert ours.tolist() == theirs.tolist()
    pd.testing.assert_frame_equal(named, same)
    distances = (index.distances_km(55.45, -20.88).tolist() for index in (alone, shared))
    assert next(distances) == pytest.approx(next(distances), nan_ok=True, abs=0)


def test_a_search_goes_on_over_one_replacement_and_says_the_next(
    postgis: Postgres, tmp_path: Path
) -> None:
    _, settings = pair(postgis, tmp_path)
    here, wider, widest = (
        Perimeter.around_commune(communes.get("97411"), km) for km in (60, 70, 80)
    )
    rows = establishments(600)
    put(settings, NATIONAL, points(rows))
    former = directory.of(here, settings).index
    found = suppliers.search(here, index=former)
    put(settings, NATIONAL, points(establishments(500, seed=8)))
    assert len(suppliers.search(wider, index=former)) >= len(found) > 0
    assert former.table["siret"].tolist() == rows["siret"].tolist()
    assert directory.of(here, settings).index is not former
    put(settings, NATIONAL, points(establishments(400, seed=9)))
    with pytest.raises(DataError) as caught:
        suppliers.search(widest, index=former)
    assert is_french_sentence(caught.value.user_message)


def test_communes_asked_one_by_one_are_the_same_directory(
    postgis: Postgres, tmp_path: Path
) -> None:
    both = pair(postgis, tmp_path)
    here = Perimeter.around_commune(communes.get("26281"), 15)
    codes = directory.communes_of(here)
    rows = establishments(50).assign(code_insee=[codes[i % len(codes)] for i in range(50)])
    when = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    for settings in both:
        register.of(settings).save(codes, rows, {}, fetched=when, complete=True)
    alone, shared = (directory.of(here, settings) for settings in both)
    assert alone.kind == shared.kind == "perimetre"
    assert (alone.key, alone.tables) == (shared.key, shared.tables)
    pd.testing.assert_frame_equal(alone.index.table, shared.index.table)
    assert directory.fetched(both[0]) == directory.fetched(both[1])
