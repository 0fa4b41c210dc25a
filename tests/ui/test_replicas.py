"""What one replica publishes for the map, another one over the same store serves the same."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from starlette.applications import Starlette

from territory import communes, directory, national_list, register, store
from territory import settings as setting_module
from territory.directory import Directory
from territory.national_list import NATIONAL
from territory.perimeter import Perimeter
from territory.settings import Settings
from tests.doubles.postgres import Postgres
from tests.territory.french import is_french_sentence
from tests.territory.places import establishments
from tests.test_routes import Answer, get
from ui.carte import annuaires, calculs
from ui.carte.tables import EmbeddedTables
from ui.routes import routes

HERE = Perimeter.around_commune(communes.get("97411"), 10)
LISTED = establishments(600)
VALUES = {"codes": ["01004"], "classes": [0], "valeurs": [1.5]}
DIGEST = "0123456789abcdef"


@pytest.fixture
def current(postgis: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("TERRITORY_STORE", postgis.database())
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path))
    return setting_module.load()


def put(current: Settings, name: str, rows: int) -> None:
    store.of(current).replace_table(name, store.to_parquet_bytes(LISTED.head(rows)),
                                    {"lignes": rows, "recupere_le": "2026-11-20"})


def ask(current: Settings, day: int) -> None:
    """Fill the register for the communes of the perimeter."""
    codes = directory.communes_of(HERE)
    rows = LISTED.head(30 + day).assign(code_insee=codes[0])
    register.of(current).save(codes, rows, {}, complete=True,
                              fetched=dt.datetime(2026, 11, day, 12, tzinfo=dt.UTC))


def another() -> Starlette:
    """Forget all that this process holds: what answers then is another replica."""
    annuaires._tables.clear()
    calculs._contents.clear()
    national_list._built.cache_clear()
    directory._register_index.cache_clear()
    return Starlette(routes=routes(EmbeddedTables()))


def published(current: Settings) -> Directory:
    listed = directory.of(HERE, current)
    annuaires.publish(listed.key, listed.index.table)
    return listed


def answers(app: Starlette, key: str) -> list[Answer]:
    return [get(app, f"/valeurs/v/annuaires/{key}{what}") for what in (".bin", "/3-0-29.json")]


@pytest.mark.parametrize("name", [NATIONAL, f"{NATIONAL}_974", "communes"])
def test_a_list_is_the_same_from_both(name: str, current: Settings) -> None:
    first = another()
    if name == "communes":
        ask(current, 20)
    else:
        put(current, name, 600)
    key = published(current).key
    said = answers(first, key)
    assert [answer.status for answer in said] == [200, 200]
    second = another()
    assert answers(second, key) == said
    assert all("etag" in answer.headers for answer in said)


def test_a_list_asked_anew_meanwhile_is_still_served_as_it_was(current: Settings) -> None:
    first = another()
    ask(current, 20)
    key = published(current).key
    said = answers(first, key)
    ask(current, 21)
    second = another()
    assert published(current).key != key
    assert answers(second, key) == said


def test_a_bulk_list_of_another_day_is_not_passed_off_as_the_one_asked(current: Settings) -> None:
    put(current, NATIONAL, 600)
    key = published(current).key
    put(current, NATIONAL, 500)
    assert [answer.status for answer in answers(another(), key)] == [404, 404]
    for unknown in (f"france-{DIGEST}", f"france-26-2a-{DIGEST}", f"perimetre-{DIGEST}"):
        assert [answer.status for answer in answers(another(), unknown)] == [404, 404]


def test_computed_values_are_the_same_from_both(current: Settings) -> None:
    first = another()
    address = f"/valeurs/v/calculs/{calculs.publish(f'calcul-{DIGEST}', VALUES)}.json"
    said = get(first, address)
    assert said.json() == VALUES
    assert get(another(), address) == said
    assert get(another(), address.replace(DIGEST, DIGEST[::-1])).status == 404


def test_a_store_that_fails_costs_the_map_of_others_only(
    postgis: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("territory.postgis.connection._PATIENCE_S", 0.5)
    monkeypatch.setenv("TERRITORY_STORE", postgis.url("absente"))
    first = another()
    key = f"perimetre-{DIGEST}"
    annuaires.publish(key, LISTED)
    (said,) = [r.getMessage() for r in caplog.records if r.name == "ui.carte.partage"]
    assert is_french_sentence(said)
    assert answers(first, key)[0].status == 200
    second = another()
    for address in (f"annuaires/{key}.bin", f"calculs/{key}.json"):
        failed = get(second, f"/valeurs/v/{address}")
        assert failed.status == 503
        assert is_french_sentence(failed.json()["erreur"])
