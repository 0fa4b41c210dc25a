"""The part of a page on where a PTCE could be born, through a small script."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from territory import directory, naissance
from ui import naissance as part


def _script() -> None:
    from ui import naissance as part

    part.draw()


def shown() -> AppTest:
    return AppTest.from_function(_script, default_timeout=30).run()


def words(run: AppTest) -> str:
    said = "\n".join(e.value for e in (*run.markdown, *run.caption, *run.warning, *run.info))
    return said.replace("\\", "").replace("\u00a0", " ")  # escapes of Markdown


@pytest.fixture(autouse=True)
def afresh() -> Any:
    part.figures.clear()
    yield
    part.figures.clear()


def test_it_says_first_that_it_ranks_an_extract() -> None:
    run = shown()
    assert not run.exception
    assert "extrait" in run.warning[0].value
    assert "pas celui de la France" in run.warning[0].value


def test_the_top_of_the_ranking_is_shown_with_its_reasons() -> None:
    run = shown()
    top, worth = (frame.value for frame in run.dataframe)
    found = naissance.of(directory.extract())
    assert top["Intercommunalité"].tolist() == found.first(20)["nom"].tolist()
    assert top["Raisons"].str.startswith("La liste y connaît").all()
    assert found.first(1)["raisons"].iloc[0].replace("\u00a0", " ") in words(run)
    told = json.loads(part.FIGURES.read_text(encoding="utf-8"))
    assert told["conclusion"].replace("\u00a0", " ") in words(run)
    assert len(worth) == len(told["resultats"])
    # The published figures are of the list that is ranked: nothing to add.
    assert "autre liste" not in words(run)


def test_a_chosen_place_says_what_is_unknown_of_it() -> None:
    run = shown()
    run.selectbox[0].set_value("200068781").run()
    assert not run.exception
    assert "Formation ou recherche : inconnu" in words(run)
    assert "au rang 1 sur" in words(run)


def test_an_unknown_count_is_written_so() -> None:
    rows = naissance.of(directory.extract()).table.head(2).assign(genres=[float("nan"), 3.0])
    assert part.shown_rows(rows)["Genres"].tolist() == ["inconnu", "3"]
    assert isinstance(part.shown_rows(rows.head(0)), pd.DataFrame)


def test_figures_of_another_list_say_so_and_absent_ones_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = json.loads(part.FIGURES.read_text(encoding="utf-8"))
    told["tables"][0]["sha256"] = "0" * 16
    other = tmp_path / "ptce.json"
    other.write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(part, "FIGURES", other)
    assert "autre liste" in words(shown())
    part.figures.clear()
    monkeypatch.setattr(part, "FIGURES", tmp_path / "absent.json")
    assert "n’a pas été publiée" in words(shown())
