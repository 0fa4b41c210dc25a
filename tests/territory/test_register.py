"""The register of fetched communes: replaced whole, kept when cut, safe from kills and crowds."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from territory.errors import DataError
from territory.register import Hole, Register
from territory.schemas import ETABLISSEMENTS
from tests.territory.french import is_french_sentence

NOW = dt.datetime(2026, 11, 23, 8, 30, tzinfo=dt.UTC)


def rows(code: str, count: int, name: str = "Structure") -> pd.DataFrame:
    table = pd.DataFrame("", index=range(count), columns=ETABLISSEMENTS.names)
    table["siret"] = [f"{code:0>5}{i:09d}" for i in range(count)]
    table["nom"] = [f"{name} {i:04d}" for i in range(count)]
    table["code_insee"] = code
    table["longitude"], table["latitude"] = 5.05, 45.04
    return table


def save(register: Register, codes: list[str], table: pd.DataFrame, **options: object) -> None:
    settings = {"fetched": NOW, "complete": True, **options}
    register.save(codes, table, {}, **settings)  # type: ignore[arg-type]


def test_what_was_saved_is_read_back(tmp_path: Path) -> None:
    register = Register(tmp_path)
    table = pd.concat([rows("01004", 2), rows("2A004", 1)], ignore_index=True)
    table.loc[0, "longitude"] = float("nan")
    register.save(["01004", "2A004", "97411"], table,
                  {"01004": [Hole("reseau", "Réseau fictif")]}, fetched=NOW, complete=True)
    back = register.read(["2A004", "01004"])
    assert list(back.columns) == ETABLISSEMENTS.names
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    states = register.states()
    assert set(states) == {"01004", "2A004", "97411"}, "a commune without any is known as such"
    assert states["01004"].fetched == NOW
    assert states["01004"].holes == (Hole("reseau", "Réseau fictif"),)
    assert states["97411"].holes == ()
    assert register.count() == 3
    assert set(register.states(["2A004", "75101"])) == {"2A004"}


def test_a_second_cut_keeps_what_the_first_one_brought(tmp_path: Path) -> None:
    register = Register(tmp_path)
    first, second = rows("26281", 5), rows("26281", 7, "Plus tard").iloc[3:]
    save(register, ["26281"], first, complete=False)
    save(register, ["26281"], second, complete=False)
    names = register.read(["26281"])["nom"].tolist()
    assert names == ["Plus tard 0003", "Plus tard 0004", "Plus tard 0005", "Plus tard 0006",
                     "Structure 0000", "Structure 0001", "Structure 0002"]
    assert register.counts(["26281", "01004"]) == {"26281": 7}
    save(register, ["26281"], first.iloc[:2])
    assert register.counts(["26281"]) == {"26281": 2}, "a whole list replaces them all"


def test_establishments_are_found_by_siret(tmp_path: Path) -> None:
    register = Register(tmp_path)
    save(register, ["26281", "01004"], pd.concat([rows("26281", 3), rows("01004", 1)]))
    wanted = ["01004000000000", "26281000000002", "99999999999999"]
    assert register.find(wanted)["siret"].tolist() == wanted[:2]
    assert register.find([]).empty


@pytest.mark.parametrize(
    ("column", "value"),
    [("recupere", "hier"), ("lacunes", "{"), ("lacunes", '[{"autre": 1}]'), ("lacunes", "3")],
)
def test_a_register_somebody_else_wrote_is_said_damaged(
    column: str, value: str, tmp_path: Path
) -> None:
    register = Register(tmp_path)
    save(register, ["26281"], rows("26281", 1))
    with closing(sqlite3.connect(register.path)) as base, base:
        base.execute(f"UPDATE communes SET {column} = ?", (value,))
    with pytest.raises(DataError) as caught:
        register.states()
    assert is_french_sentence(caught.value.user_message)


def test_nothing_fetched_is_nothing(tmp_path: Path) -> None:
    register = Register(tmp_path / "absent")
    assert register.states() == {}
    assert register.count() == 0
    assert register.read(["26281"]).empty
    assert not (tmp_path / "absent").exists(), "reading creates nothing"


def test_a_commune_is_replaced_and_its_neighbours_are_left_alone(tmp_path: Path) -> None:
    register = Register(tmp_path)
    save(register, ["26281", "26282"], pd.concat([rows("26281", 3), rows("26282", 2)]))
    save(register, ["26281"], rows("26281", 1, "Autre"))
    assert list(register.read(["26281"])["nom"]) == ["Autre 0000"]
    assert len(register.read(["26282"])) == 2


def test_rows_of_other_communes_are_not_kept(tmp_path: Path) -> None:
    register = Register(tmp_path)
    save(register, ["26281"], pd.concat([rows("26281", 1), rows("26282", 1)]))
    assert register.count() == 1


def test_a_cut_list_never_replaces_a_whole_one(tmp_path: Path) -> None:
    register = Register(tmp_path)
    save(register, ["26281"], rows("26281", 5))
    later = NOW + dt.timedelta(days=9)
    save(register, ["26281", "26282"],
         pd.concat([rows("26281", 1), rows("26282", 1)]), fetched=later, complete=False)
    assert len(register.read(["26281"])) == 5
    assert register.states()["26281"].complete
    assert register.states()["26281"].fetched == NOW
    assert len(register.read(["26282"])) == 1, "what arrived of the other is kept"
    assert not register.states()["26282"].complete
    save(register, ["26282"], rows("26282", 4), fetched=later)
    assert register.states()["26282"].complete


def _write_for_ever(folder: Path) -> None:
    register = Register(folder)
    for turn in range(10_000):
        save(register, ["26281"], rows("26281", 400, f"Tour {turn}"))


def test_a_kill_at_any_moment_leaves_a_whole_list(tmp_path: Path) -> None:
    register = Register(tmp_path)
    save(register, ["26281"], rows("26281", 400, "Avant"))
    draw = random.Random(3)
    for _ in range(10):
        process = multiprocessing.get_context("spawn").Process(
            target=_write_for_ever, args=(tmp_path,)
        )
        process.start()
        before = len(register.read(["26281"]))
        time.sleep(draw.uniform(0.3, 2.0))
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        back = register.read(["26281"])
        assert before == len(back) == 400
        assert len(set(back["nom"].str.rsplit(n=1).str[0])) == 1, "one list, not a mixture"


def _write_own(folder: Path, code: str) -> None:
    for _ in range(20):
        save(Register(folder), [code], rows(code, 30))


def test_processes_do_not_lose_each_other_s_communes(tmp_path: Path) -> None:
    codes = [f"2628{i}" for i in range(4)]
    workers = [
        multiprocessing.get_context("spawn").Process(target=_write_own, args=(tmp_path, code))
        for code in codes
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    assert Register(tmp_path).count() == 120
    assert set(Register(tmp_path).states()) == set(codes)


def test_a_damaged_file_is_said_in_french(tmp_path: Path) -> None:
    register = Register(tmp_path)
    register.path.write_bytes(b"not a database" * 100)
    for attempt in (register.states, register.count, lambda: register.read(["26281"])):
        with pytest.raises(DataError) as caught:
            attempt()
        assert is_french_sentence(caught.value.user_message)
        assert register.path.name in caught.value.user_message
