"""The page « Pôles (PTCE) », run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from territory import ptce
from territory.ptce import contribution
from territory.ptce.vocabulary import STATUSES
from tests.ui.test_pages import page, texts
from ui import poles


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))


def opened() -> AppTest:
    run = page("ptce").run()
    assert not run.exception
    return run


def field(run: AppTest, key: str):
    kinds = (*run.selectbox, *run.multiselect, *run.text_input)
    return next(element for element in kinds if element.key == key)


def html(run: AppTest) -> str:
    return " ".join(element.proto.body for element in run.get("html"))


def test_the_page_says_what_the_list_is_not() -> None:
    said = texts(opened())
    assert "La liste n’est pas complète" in said
    assert "218" in said
    assert "il ne classe rien" in said


def test_every_status_of_the_table_is_counted_with_its_year() -> None:
    counted = poles.by_status(ptce.table())
    assert counted["poles"].sum() == sum(len(s.split(";")) for s in ptce.table()["statut"])
    rows = set(counted[["statut", "annee", "poles"]].itertuples(index=False, name=None))
    assert ("Lauréat AMI 2021", "2021", 15) in rows
    assert ("Pôle témoin 2011-2012", "2011-2012", 8) in rows
    assert set(counted["statut"].str.lower()) == {label.lower() for label in STATUSES.values()}


@pytest.mark.parametrize(
    ("key", "value", "count"),
    [
        ("ptce_statut", ["laureat_ami_2023"], 14), ("ptce_origine", "citoyenne", 1),
        ("ptce_situation", "termine", 1), ("ptce_departement", "26", 2),
        ("ptce_mots", "CULTURE", None),
    ],
)
def test_filters_keep_the_poles_that_answer(key: str, value: object, count: int | None) -> None:
    run = opened()
    field(run, key).set_value(value).run()
    assert not run.exception
    shown = next(frame.value for frame in run.dataframe if "sources" in frame.value)
    assert 0 < len(shown) < len(ptce.table())
    if count is not None:
        assert len(shown) == count
    assert f"sur {len(ptce.table())}" in texts(run)


def test_a_filter_that_nothing_answers_says_so_and_stays_usable() -> None:
    run = opened()
    field(run, "ptce_mots").set_value("zzz").run()
    assert not run.exception
    assert "Aucun pôle de la liste ne répond" in texts(run)
    assert not any(element.key == "ptce_pole" for element in run.selectbox)
    field(run, "ptce_mots").set_value("").run()
    assert field(run, "ptce_pole").value == ptce.table()["nom"].iloc[0]


@pytest.mark.parametrize("name", ["ARTIS", "JADES", "Le PHARES (Cité Phares)", "Fontaine O Livres"])
def test_a_sheet_gives_facts_and_nineteen_answers(name: str) -> None:
    run = opened()
    field(run, "ptce_pole").set_value(name).run()
    assert not run.exception
    written = html(run)
    assert written.count('role="rowheader"') >= 9 + 19
    assert "ne peut pas être dit PTCE" in texts(run)
    assert "inconnu" in written


def test_only_the_open_tab_is_drawn_and_the_filters_outlive_it() -> None:
    run = opened()
    field(run, "ptce_mots").set_value("culture").run()
    run.session_state["ptce_onglet"] = "Où un pôle pourrait naître"
    run.run()
    assert not run.exception
    assert any(element.key == "naissance_lieu" for element in run.selectbox)
    assert not any(element.key == "ptce_mots" for element in run.text_input)
    run.session_state["ptce_onglet"] = "Les pôles connus"
    run.run()
    assert field(run, "ptce_mots").value == "culture"


def test_a_closed_pole_is_shown_as_history() -> None:
    run = opened()
    closed = ptce.get("Initiatives et Cité")["nom"]
    field(run, "ptce_pole").set_value(closed).run()
    assert not run.exception
    assert "Pôle historique" in run.warning[0].value


def test_a_sheet_of_every_pole_can_be_written() -> None:
    for _, row in ptce.table().iterrows():
        lines = poles._facts_table(row, ptce.facts(row["nom_court"]))
        assert ">nan<" not in lines
        assert "&lt;NA&gt;" not in lines
        assert len(poles._sources(row)) == row["source_titre"].count(";") + 1
        assert poles.place(row)


def test_the_outcome_of_a_contribution_is_drawn() -> None:
    def draw() -> None:
        import streamlit as st

        from ui import poles

        poles.outcome(st.session_state["essai"])

    base = contribution.as_text(ptce.table())
    for content, words in (
        (b"nom;source_titre;filiere\nJADES;CRESS;verre", "Pôle JADES, filiere"),
        (b"nom;source_titre;filiere\nJADES;CRESS;=1+1", "formule de tableur"),
    ):
        run = AppTest.from_function(draw)
        run.session_state["essai"] = contribution.check("e.csv", content, base, ptce.facts())
        run.run()
        assert not run.exception
        assert words in texts(run)
