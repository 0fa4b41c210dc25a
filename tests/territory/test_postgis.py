"""The shared store against a real PostgreSQL with PostGIS: the same as the local folder."""

from __future__ import annotations

import datetime as dt
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from territory import register, store
from territory import settings as setting_module
from territory.errors import DataError
from territory.postgis.tables import PostgisStore
from territory.register import Hole, Register
from territory.settings import Settings
from territory.store import Store, to_parquet_bytes
from tests.doubles.postgres import Postgres
from tests.territory.french import is_french_sentence
from tests.territory.places import establishments

NOW = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)
TABLE = pd.DataFrame({
    "code_insee": ["01004", "2A004", None],
    "nom": ["L’Œuvre « à » nous", "", "deux\nlignes\r\n, et \\. des \"guillemets\""],
    "nombre": [1.5, float("nan"), 0.1 + 0.2],
    "entier": pd.array([1, None, 2**62], dtype="Int64"),
    "oui": pd.array([True, None, False], dtype="boolean"),
    "compte": [3, 2, 1],
    "jour": [dt.date(2026, 1, 31), None, dt.date(1899, 12, 31)],
    "vide": [None, None, None],
})


@pytest.fixture
def url(postgis: Postgres) -> str:
    return postgis.database()


@pytest.fixture
def shared(url: str, tmp_path: Path) -> Settings:
    return setting_module.load({"TERRITORY_STORE": url, "TERRITORY_DATA_DIR": str(tmp_path)})


def both(shared: PostgisStore, local: Store, table: pd.DataFrame, **entry: object) -> None:
    content = to_parquet_bytes(table)
    for one in (shared, local):
        one.replace_table("t", content, {"lignes": len(table), **entry})


def same(shared: PostgisStore, local: Store, columns: list[str] | None = None) -> None:
    ours, theirs = shared.read("t", columns), local.read("t", columns)
    assert type(ours) is type(theirs)
    pd.testing.assert_frame_equal(ours, theirs)


def test_the_settings_name_the_store(shared: Settings, tmp_path: Path) -> None:
    assert isinstance(store.of(shared), PostgisStore)
    alone = setting_module.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    assert isinstance(store.of(alone), Store)
    assert isinstance(register.of(alone), Register)


def test_every_kind_of_column_comes_back_the_same(url: str, tmp_path: Path) -> None:
    shared, local = PostgisStore(url), Store(tmp_path)
    assert shared.tables() == {}
    both(shared, local, TABLE, recupere_le="2026-11-28", comptes={"à": 1})
    same(shared, local)
    same(shared, local, ["oui", "nom"])
    same(shared, local, ["vide"])
    ours, theirs = shared.tables()["t"], local.tables()["t"]
    assert {**ours, "fichier": ""} == {**theirs, "fichier": ""}
    assert shared.rows_digest("t") == local.rows_digest("t")
    both(shared, local, TABLE.iloc[:0])
    same(shared, local)


def test_places_come_back_with_their_geometry(url: str, tmp_path: Path) -> None:
    table = establishments(300)
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326)
    shared, local = PostgisStore(url), Store(tmp_path)
    both(shared, local, points, geo=True)
    same(shared, local)
    same(shared, local, ["siret", "longitude"])
    same(shared, local, ["siret", "geometry"])
    with psycopg.connect(url) as base:
        version = shared.tables()["t"]["fichier"]
        indexed = base.execute("SELECT indexdef FROM pg_indexes WHERE tablename = %s", (version,))
        said = " ".join(text for (text,) in indexed)
        assert "gist" in said
        assert "geography" in said
        (kind,) = base.execute("SELECT type FROM public.geometry_columns WHERE f_table_name = %s "
                               "AND f_geometry_column = '_lieu'", (version,)).fetchone() or ("",)
    assert kind == "POINT"


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
frames = st.integers(0, 6).flatmap(lambda n: st.fixed_dictionaries({
    "texte": st.lists(st.none() | texts, min_size=n, max_size=n).map(
        lambda values: pd.array(values, dtype="str")),
    "nombre": st.lists(st.none() | st.floats(allow_nan=False), min_size=n, max_size=n).map(
        lambda values: pd.array(values, dtype="Float64")),
    "brut": st.lists(st.floats(), min_size=n, max_size=n).map(lambda v: np.array(v, dtype=float)),
    "entier": st.lists(st.integers(-2**63, 2**63 - 1), min_size=n, max_size=n).map(
        lambda values: np.array(values, dtype="int64")),
    "oui": st.lists(st.none() | st.booleans(), min_size=n, max_size=n).map(
        lambda values: pd.array(values, dtype="boolean")),
})).map(pd.DataFrame)


@pytest.fixture(scope="module")
def pair(postgis: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[PostgisStore, Store]:
    return PostgisStore(postgis.database()), Store(tmp_path_factory.mktemp("local"))


@given(frame=frames)
@options(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_any_table_comes_back_frame_for_frame(
    frame: pd.DataFrame, pair: tuple[PostgisStore, Store]
) -> None:
    both(*pair, frame)
    same(*pair)


def test_a_replaced_table_is_read_in_its_new_version(url: str) -> None:
    shared = PostgisStore(url)
    for count in (1, 2, 3, 1):
        shared.replace_table("t", to_parquet_bytes(TABLE.iloc[:count]), {"lignes": count})
        assert len(shared.read("t")) == count
    with psycopg.connect(url) as base:
        (kept,) = base.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'perimetre' AND tablename LIKE 't-%'"
        ).fetchone() or (0,)
    assert kept == 2, "the last, and the one before for those who are reading it"


def test_a_kill_leaves_the_former_table_whole(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = PostgisStore(url)
    shared.replace_table("t", to_parquet_bytes(TABLE), {"lignes": 3})
    before = dict(shared.tables())

    class Killed(BaseException):
        pass

    def die(base: psycopg.Connection, table: str) -> None:
        raise Killed

    monkeypatch.setattr("territory.postgis.tables.index_places", die)
    with pytest.raises(Killed):
        shared.replace_table("t", to_parquet_bytes(establishments(20)), {"lignes": 20})
    monkeypatch.undo()
    assert shared.tables() == before
    pd.testing.assert_frame_equal(shared.read("t"), PostgisStore(url).read("t"))
    # The lock of the writers went with its transaction.
    shared.replace_table("t", to_parquet_bytes(establishments(20)), {"lignes": 20})
    assert len(shared.read("t")) == 20


def test_readers_see_one_version_or_the_other_while_it_is_replaced(url: str) -> None:
    shared = PostgisStore(url)
    versions = {count: to_parquet_bytes(establishments(count)) for count in range(40, 46)}
    shared.replace_table("t", versions[40], {"lignes": 40})
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(len(shared.read("t")))

    reader = threading.Thread(target=read)
    reader.start()
    for count, content in versions.items():
        shared.replace_table("t", content, {"lignes": count})
    done.set()
    reader.join()
    assert seen
    assert set(seen) <= set(versions)
    assert seen == sorted(seen)


def test_writers_of_other_tables_lose_nothing(url: str) -> None:
    def write(name: str) -> None:
        PostgisStore(url).replace_table(name, to_parquet_bytes(TABLE), {"lignes": 3})

    writers = [threading.Thread(target=write, args=(f"t{i}",)) for i in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(PostgisStore(url).tables()) == [f"t{i}" for i in range(6)]


def test_what_a_replica_shares_another_reads(url: str) -> None:
    assert PostgisStore(url).shared("france-0") is None
    PostgisStore(url).share("france-0", b"contenu")
    PostgisStore(url).share("france-0", b"contenu")
    assert PostgisStore(url).shared("france-0") == b"contenu"
    assert PostgisStore(url).shared("france-1") is None


# --- The register ----------------------------------------------------------------------------


def test_the_register_answers_as_the_local_one(shared: Settings, tmp_path: Path) -> None:
    ours, theirs = register.of(shared), Register(tmp_path)
    assert ours.states() == {}
    assert ours.count() == 0
    assert ours.read(["26281"]).empty
    assert ours.counts(["26281"]) == {}
    table = establishments(400)
    # Names that a French order and that of bytes put differently, and equals.
    table.loc[:5, ["nom", "siret"]] = [["Élan", ""], ["Zoé", ""], ["élan", ""], ["elan", ""],
                                       ["Élan", ""], ["Zoé", ""]]
    codes = sorted(set(table["code_insee"]))
    holes = {codes[0]: [Hole("reseau", "L’été")]}
    for turn, complete in enumerate((True, False, True)):
        some = table.iloc[turn * 7 :: turn + 1]
        asked = [*codes[turn :: turn + 1], "97411"]
        for one in (ours, theirs):
            one.save(asked, some, holes, fetched=NOW + dt.timedelta(days=turn), complete=complete)
        assert ours.states() == theirs.states()
        assert ours.states(codes[:3]) == theirs.states(codes[:3])
        assert ours.count() == theirs.count()
        assert ours.counts(codes) == theirs.counts(codes)
        pd.testing.assert_frame_equal(ours.read(codes), theirs.read(codes))
        sirets = table["siret"].tolist()[::3]
        pd.testing.assert_frame_equal(ours.find(sirets), theirs.find(sirets))
        pd.testing.assert_frame_equal(ours.find([]), theirs.find([]))


def test_a_register_somebody_else_wrote_is_said_damaged(shared: Settings, url: str) -> None:
    ours = register.of(shared)
    ours.save(["26281"], establishments(3), {}, fetched=NOW, complete=True)
    with psycopg.connect(url) as base:
        base.execute("UPDATE perimetre.ess_1_communes SET recupere = 'hier'")
    assert_refused(ours.states)


# --- What goes wrong -------------------------------------------------------------------------


def assert_refused(attempt: Callable[[], object], *unsaid: str) -> str:
    with pytest.raises(DataError) as caught:
        attempt()
    assert is_french_sentence(caught.value.user_message)
    for secret in unsaid:
        assert secret not in caught.value.user_message
        assert secret not in repr(caught.value)
    return caught.value.user_message


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = setting_module.load({"TERRITORY_STORE": "postgresql://moi@ici/base"})
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for module in [name for name in sys.modules if name.startswith("territory.postgis")]:
        monkeypatch.delitem(sys.modules, module)
    for of in (store.of, register.of):
        message = assert_refused(lambda of=of: of(shared))
        assert "pip install -r requirements-postgis.txt" in message


def test_an_unknown_table_is_said(url: str) -> None:
    shared = PostgisStore(url)
    assert "« t »" in assert_refused(lambda: shared.read("t"))
    shared.replace_table("u", to_parquet_bytes(TABLE), {"lignes": 3})
    assert "« t »" in assert_refused(lambda: shared.read("t"))
    assert_refused(lambda: shared.rows_digest("t"))


def test_a_table_somebody_emptied_or_dropped_is_never_read_as_data(url: str) -> None:
    shared = PostgisStore(url)
    shared.replace_table("t", to_parquet_bytes(TABLE), {"lignes": 3})
    version = shared.tables()["t"]["fichier"]
    with psycopg.connect(url) as base:
        base.execute(f'DELETE FROM perimetre."{version}" WHERE _rang = 1')
    assert "endommagée" in assert_refused(lambda: shared.read("t"))
    with psycopg.connect(url) as base:
        base.execute(f'DROP TABLE perimetre."{version}"')
    assert "endommagée" in assert_refused(lambda: shared.read("t"))


@pytest.mark.parametrize("table", [
    pd.DataFrame({"nul": ["a\0b"]}), pd.DataFrame({"liste": [[1, 2]]}),
])
def test_what_sql_cannot_keep_is_refused_whole(table: pd.DataFrame, url: str) -> None:
    shared = PostgisStore(url)
    assert_refused(lambda: shared.replace_table("t", to_parquet_bytes(table), {"lignes": 1}))
    assert shared.tables() == {}


def test_a_wrong_password_a_closed_port_and_no_database_are_said_without_the_secret(
    postgis: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("territory.postgis.connection._PATIENCE_S", 0.5)
    secret = "secret-jamais-dit"
    wrong = postgis.url("postgres", password=secret)
    for address in (wrong, wrong.replace(str(postgis.port), "1"), postgis.url("absente")):
        message = assert_refused(PostgisStore(address).tables, secret, address)
        assert "TERRITORY_STORE" in message


def test_a_database_that_dropped_its_connections_costs_nobody_an_answer(url: str) -> None:
    shared = PostgisStore(url)
    shared.replace_table("t", to_parquet_bytes(TABLE), {"lignes": 3})
    with psycopg.connect(url) as base:
        cut = base.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()").fetchall()
    assert cut
    assert len(shared.read("t")) == 3


def test_without_postgis_and_without_rights_it_is_said(postgis: Postgres) -> None:
    bare = postgis.database("template0")
    with psycopg.connect(bare, autocommit=True) as base:
        base.execute("CREATE ROLE invitee LOGIN PASSWORD 'invitee'")
    guest = postgis.url(bare.rsplit("/", 1)[1], "invitee", "invitee")
    attempt = PostgisStore(guest)
    assert attempt.tables() == {}, "reading creates nothing and needs no right"
    message = assert_refused(
        lambda: attempt.replace_table("t", to_parquet_bytes(TABLE), {"lignes": 3}))
    assert "CREATE EXTENSION postgis" in message


def test_a_replica_that_may_only_read_reads(postgis: Postgres, url: str) -> None:
    owner = PostgisStore(url)
    owner.replace_table("t", to_parquet_bytes(TABLE), {"lignes": 3})
    owner.share("france-0", b"contenu")
    with psycopg.connect(url, autocommit=True) as base:
        base.execute("CREATE ROLE lectrice LOGIN PASSWORD 'lectrice'")
        base.execute("GRANT USAGE ON SCHEMA perimetre TO lectrice")
        base.execute("GRANT SELECT ON ALL TABLES IN SCHEMA perimetre TO lectrice")
    reader = PostgisStore(postgis.url(url.rsplit("/", 1)[1], "lectrice", "lectrice"))
    pd.testing.assert_frame_equal(reader.read("t"), owner.read("t"))
    assert reader.shared("france-0") == b"contenu"
    assert_refused(lambda: reader.share("france-1", b"contenu"), "lectrice")
