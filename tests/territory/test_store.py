"""The store: atomic writes, damage named in French, same table same bytes."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from territory import files, settings, store
from territory.errors import DataError
from tests.territory.french import is_french_sentence

TABLE = pd.DataFrame({"a": [1, 2, 3], "b": ["x", None, "é"]})
SHAPES = gpd.GeoDataFrame(
    {"code": ["1", "2"]}, geometry=gpd.points_from_xy([1.0, 2.0], [3.0, 4.0]), crs=4326
)


def is_french_and_says_how(message: str) -> bool:
    sentence, how = message.rsplit(". ", 1)[0], "python -m territory fetch."
    return message.endswith(how) and is_french_sentence(f"{sentence}.")


@pytest.fixture
def small(tmp_path: Path) -> store.Store:
    made = store.Store(tmp_path)
    made.write(
        {"t.parquet": store.to_parquet_bytes(TABLE), "g.parquet": store.to_parquet_bytes(SHAPES)},
        {"t": {"fichier": "t.parquet", "lignes": 3},
         "g": {"fichier": "g.parquet", "lignes": 2, "geo": True}},
    )
    return made


# --- The embedded base -----------------------------------------------------------------------


def test_nothing_is_damaged() -> None:
    assert store.Store().damaged() == []


def test_the_manifest_describes_every_file(root: Path) -> None:
    entries = store.manifest()["tables"].values()
    for entry in entries:
        content = (root / "data" / entry["fichier"]).read_bytes()
        assert len(content) == entry["octets"]
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    listed = {entry["fichier"] for entry in entries}
    present = {p.name for p in (root / "data").iterdir() if p.is_file()}
    assert present - listed == {"manifest.json", "rapport.json"}


def test_the_manifest_counts_rows() -> None:
    for name, entry in store.manifest()["tables"].items():
        if entry["fichier"].endswith(".parquet"):
            assert len(store.read(name)) == entry["lignes"]


def test_the_base_is_small_enough(root: Path) -> None:
    files = [p for p in (root / "data").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) <= 40e6


def test_geographic_tables_are_wgs84() -> None:
    for name, entry in store.manifest()["tables"].items():
        if entry.get("geo"):
            assert store.read(name).crs.to_epsg() == 4326


def test_a_table_is_read_once() -> None:
    assert store.read("communes") is store.read("communes")


# --- Writing ---------------------------------------------------------------------------------


def test_what_is_written_reads_back(small: store.Store) -> None:
    pd.testing.assert_frame_equal(small.read("t"), TABLE, check_dtype=False)
    found = small.read("g")
    assert isinstance(found, gpd.GeoDataFrame)
    assert found.crs.to_epsg() == 4326
    assert small.read("t", columns=["b"]).columns.tolist() == ["b"]
    assert small.damaged() == []


@pytest.mark.parametrize("table", [TABLE, SHAPES], ids=["plain", "geo"])
def test_same_table_same_bytes(table: pd.DataFrame) -> None:
    assert store.to_parquet_bytes(table) == store.to_parquet_bytes(table.copy())
    assert store.to_parquet_bytes(table) != store.to_parquet_bytes(table.iloc[::-1])


def test_real_tables_have_reproducible_bytes(root: Path) -> None:
    for name in ("ptce", "ess_structures"):
        stored = (root / "data" / f"{name}.parquet").read_bytes()
        assert store.to_parquet_bytes(store.read(name)) == stored


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_in_the_middle_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "t.bin"
    files.write_bytes(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if step == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError, match="No space"):
        files.write_bytes(path, b"new and longer")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.bin"]


def test_even_an_interruption_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        files.write_bytes(tmp_path / "t.bin", b"new")
    assert list(tmp_path.iterdir()) == []


def test_files_are_readable_by_all_and_folders_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "t.bin"
    files.write_bytes(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_manifest_comes_last(small: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    write = store.write_bytes

    def spy(path: Path, content: bytes) -> None:
        order.append(path.name)
        write(path, content)

    monkeypatch.setattr(store, "write_bytes", spy)
    small.write({"t.parquet": store.to_parquet_bytes(TABLE)},
                {"t": {"fichier": "t.parquet", "lignes": 3}})
    assert order == ["t.parquet", "manifest.json"]


def test_a_build_killed_between_two_files_is_seen(
    small: store.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write_bytes

    def die_at_the_manifest(path: Path, content: bytes) -> None:
        if path.name == store.MANIFEST:
            raise OSError("killed")
        write(path, content)

    monkeypatch.setattr(store, "write_bytes", die_at_the_manifest)
    with pytest.raises(OSError, match="killed"):
        small.write({"t.parquet": store.to_parquet_bytes(TABLE.iloc[:1])},
                    {"t": {"fichier": "t.parquet", "lignes": 1}})
    monkeypatch.undo()
    again = store.Store(small.folder)
    assert again.damaged() == ["t.parquet"]
    with pytest.raises(DataError):
        again.read("t")


def test_the_version_changes_with_any_table(small: store.Store) -> None:
    before = small.version
    assert before == store.Store(small.folder).version
    small.write({"t.parquet": store.to_parquet_bytes(TABLE.iloc[:1])},
                {"t": {"fichier": "t.parquet", "lignes": 1}})
    assert small.version != before
    assert small.version == store.Store(small.folder).version


# --- Damage ----------------------------------------------------------------------------------


def damaged_message(made: store.Store, name: str = "t") -> str:
    with pytest.raises(DataError) as caught:
        store.Store(made.folder).read(name)
    return caught.value.user_message


def test_a_file_of_another_size(small: store.Store) -> None:
    path = small.path("t.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    message = damaged_message(small)
    assert is_french_and_says_how(message)
    assert "t.parquet est endommagé" in message
    assert small.damaged() == ["t.parquet"]


def test_one_flipped_bit_anywhere_is_never_read_as_data(small: store.Store) -> None:
    path = small.path("t.parquet")
    good = path.read_bytes()
    for rank in range(0, len(good), 37):
        path.write_bytes(good[:rank] + bytes([good[rank] ^ 1]) + good[rank + 1 :])
        assert "t.parquet est endommagé" in damaged_message(small)


def test_a_file_of_garbage_of_the_right_size(small: store.Store) -> None:
    path = small.path("g.parquet")
    path.write_bytes(b"\0" * path.stat().st_size)
    assert "g.parquet est endommagé" in damaged_message(small, "g")


def test_a_missing_file(small: store.Store) -> None:
    small.path("t.parquet").unlink()
    message = damaged_message(small)
    assert is_french_and_says_how(message)
    assert "t.parquet est absent" in message
    assert small.damaged() == ["t.parquet"]


def test_a_folder_in_place_of_the_file(small: store.Store) -> None:
    small.path("t.parquet").unlink()
    small.path("t.parquet").mkdir()
    assert is_french_and_says_how(damaged_message(small))
    assert small.damaged() == ["t.parquet"]


def test_an_unknown_table(small: store.Store) -> None:
    message = damaged_message(small, "licornes")
    assert is_french_and_says_how(message)
    assert "« licornes »" in message


def test_a_missing_manifest(tmp_path: Path) -> None:
    message = damaged_message(store.Store(tmp_path))
    assert is_french_and_says_how(message)
    assert "manifest.json" in message


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b"{}", b'{"tables": []}', b'{"tables": {"t": 3}}',
     b'{"tables": {"t": {}}}', b'{"tables": {"t": {"fichier": "t.parquet"}}}',
     b"[" * 100_000],
)
def test_a_damaged_manifest(small: store.Store, content: bytes) -> None:
    small.path(store.MANIFEST).write_bytes(content)
    message = damaged_message(small)
    assert is_french_and_says_how(message)
    assert "manifest.json" in message


def test_the_manifest_is_readable(small: store.Store) -> None:
    text = small.path(store.MANIFEST).read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert list(json.loads(text)["tables"]) == ["g", "t"]


def test_the_default_store_is_the_embedded_base() -> None:
    assert store.Store().folder == settings.EMBEDDED_DIR
    assert store.path("x") == settings.EMBEDDED_DIR / "x"
    assert len(store.version()) == 12
