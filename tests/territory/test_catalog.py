"""The sources."""

from __future__ import annotations

import re

import pytest

from territory import catalog, store

DESIGN_IDS = {"ess", "sirene", "siae", "esus", "banques", "poste", "bpe", "dab_osm", "communes",
              "filosofi"}


def test_the_design_s_sources_are_there() -> None:
    assert set(catalog.SOURCES) >= DESIGN_IDS


@pytest.mark.parametrize("source", catalog.SOURCES.values(), ids=lambda s: s.id)
def test_each_source_says_everything(source: catalog.Source) -> None:
    for text in (source.producer, source.title, source.licence, source.attribution,
                 source.vintage, source.missing):
        assert text == text.strip() != ""
    assert source.missing.endswith(".")
    assert re.fullmatch(r"https://[^\s<>\"']+", source.url)
    # A shipped source has tables; a remote one has none yet.
    assert bool(source.tables) == (source.access == "embarquee")
    assert set(source.tables) <= set(store.manifest()["tables"])


def test_every_table_has_a_source() -> None:
    told = {table for source in catalog.SOURCES.values() for table in source.tables}
    derived = {"ecarts", "tuiles"}
    assert set(store.manifest()["tables"]) - told == derived


def test_attribution_names_each_once() -> None:
    told = catalog.attribution(["dgcl", "communes", "dgcl"])
    assert told == (
        f"{catalog.SOURCES['dgcl'].attribution} · {catalog.SOURCES['communes'].attribution}"
    )
    assert catalog.attribution([]) == ""
    with pytest.raises(KeyError):
        catalog.attribution(["inconnue"])


def test_ids_are_keys() -> None:
    assert all(key == source.id for key, source in catalog.SOURCES.items())
