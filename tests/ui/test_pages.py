"""The pages « Dans le temps » and « Épargne et crédit », run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from territory import publications, saturation, series
from territory.epargne import LIMITS
from territory.sources.depots_credits import mainland, open_file, read
from territory.text import unbreakable
from tests.conftest import ROOT
from ui import courbes, etats

LONG = 60


def page(name: str) -> AppTest:
    return AppTest.from_file(str(ROOT / "ui" / "screens" / f"{name}.py"), default_timeout=LONG)


def texts(run: AppTest) -> str:
    said = " ".join(str(element.value) for element in (*run.markdown, *run.info, *run.caption))
    return said.replace("\\", "")


@pytest.fixture(scope="module")
def brought():
    rows = [f"{code};2;{0.4 if code == '48' else 1.5};31/07/2021"
            for code in mainland("departement")]
    content = "\n".join(["Code;Dépôts (Md€);Crédits (Md€);Date", *rows]).encode()
    return read(open_file("essai.csv", content))


def test_every_series_can_be_chosen_and_says_its_breaks() -> None:
    run = page("evolution").run()
    assert not run.exception
    assert unbreakable(saturation.sentence()) in texts(run)
    for identifier, _ in series.available()[""]:
        run.selectbox[1].set_value(identifier).run()
        assert not run.exception
        for rupture in series.series(identifier).breaks:
            assert unbreakable(rupture.sentence) in texts(run)


def test_another_place_has_its_own_series() -> None:
    run = page("evolution").run()
    run.selectbox[0].set_value("976").run()
    assert not run.exception
    assert "Mayotte" in run.subheader[0].value


def test_without_a_table_the_page_says_how_to_get_one() -> None:
    run = page("epargne").run()
    assert not run.exception
    assert [header.value for header in run.header] == [
        "Apporter la table", "Ce qui n’est pas publié, et qui devrait le publier"]


def test_a_table_gives_gaps_questions_and_limits(brought) -> None:
    run = page("epargne")
    run.session_state["encours"] = brought
    run.run()
    assert not run.exception
    for limit in LIMITS:
        assert unbreakable(limit) in texts(run)
    assert any(code.value.startswith("Lozère") for code in run.code)
    run.radio[1].set_value("hors_idf").run()
    assert "sans l’Île-de-France" in texts(run)
    run.radio[0].set_value("régions").run()
    assert not run.exception
    assert "13\u00a0régions" in texts(run)


def test_a_table_can_be_taken_away_and_brought_back(brought) -> None:
    run = page("epargne")
    run.session_state["encours"] = brought
    run.run()
    next(b for b in run.button if b.label == "Retirer cette table").click().run()
    assert run.header[0].value == "Apporter la table"
    next(b for b in run.button if b.label == "Rétablir la table retirée").click().run()
    assert run.header[0].value == "Écarts à la référence"


@pytest.mark.parametrize("identifier", ["dab_nombre", "agences", "depots_bancaires"])
def test_a_chart_joins_no_gap_and_says_itself_in_words(identifier: str) -> None:
    found = series.series(identifier)
    drawn = courbes.chart(found).to_dict()
    assert drawn["description"].startswith(found.title)
    rows = next(v for v in drawn["datasets"].values() if "troncon" in v[0])
    assert len(rows) == len(found.points)
    runs = sum(len(segment.runs()) for segment in found.segments)
    assert len({row["troncon"] for row in rows}) == runs
    rules = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "rule"]
    assert len(rules) == any(b.position is not None for b in found.breaks)
    assert "http" not in str({k: v for k, v in drawn.items() if k != "$schema"})


def test_the_map_of_states_is_light_and_has_its_text() -> None:
    known = publications.known()
    assert len(etats.chart(known).to_json(indent=None)) < 300_000
    lines = " ".join(etats.as_text(known))
    assert all(str(name) in lines for name in known["nom"])
