"""The tabs of « Circuit court » that cut a need, climb and look at the edge, without a browser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from territory import communes, lots, sensibilite
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from territory.text import unbreakable
from tests.territory.french import is_french_sentence
from tests.territory.offre import index
from tests.ui.test_pages import page
from ui import bord

ROMANS = Perimeter.around_commune(communes.get("26281"), 30)
VALENCE = Perimeter.around_commune(communes.get("26362"), 30)
AT_SEA = Perimeter.around_point(4.5, 43.2, 10)
EDGE, LADDER, LOTS = 2, 1, 4


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))


def opened(need: list[tuple[object, ...]] | None = None, tab: str = "Lots") -> AppTest:
    run = page("circuit")
    run.session_state["lecture"] = tab
    run.query_params["commune"] = "26281"
    if need is not None:
        run.session_state["lots_besoin"] = pd.DataFrame(
            need, columns=["commune", "filiere", "quantite"]
        ).astype({"commune": object, "filiere": object, "quantite": float})
    run.run()
    assert not run.exception
    return run


def said(run: AppTest, tab: int) -> list[str]:
    drawn = run.tabs[tab]
    elements = (*drawn.markdown, *drawn.info, *drawn.warning, *drawn.caption)
    return [str(element.value).replace("\\", "") for element in elements]


def of(perimeter: Perimeter) -> AppTest:
    """The page with a perimeter that no link can ask for, tabs alone."""
    run = AppTest.from_function(_tabs, default_timeout=60)
    run.session_state["essai"] = perimeter
    run.run()
    assert not run.exception
    return run


def _tabs() -> None:
    import streamlit as st

    from territory import directory, settings
    from territory.suppliers import Criteria
    from ui import bord, echelle, lots

    perimeter = st.session_state["essai"]
    listed = directory.of(perimeter, settings.load())
    _, ladder, edge, _, cut = st.tabs(list("abcde"))
    with ladder:
        echelle.draw(perimeter, Criteria(), listed)
    with edge:
        bord.draw(perimeter, Criteria(), listed)
    with cut:
        lots.draw(perimeter, Criteria())


def test_only_the_open_tab_is_drawn_and_the_others_keep_what_was_chosen() -> None:
    run = opened(tab="Échelle")
    assert [len(tab.caption) > 0 for tab in run.tabs] == [False, True, False, False, False, False]
    run.number_input(key="echelle_nombre").set_value(7).run()
    for tab in ("Groupement", "Bord du rayon"):
        run.session_state["lecture"] = tab
        run.run()
    run.slider(key="bord_marge").set_value(30).run()
    run.session_state["lecture"] = "Échelle"
    run.run()
    assert run.number_input(key="echelle_nombre").value == 7
    run.session_state["lecture"] = "Bord du rayon"
    run.run()
    assert run.slider(key="bord_marge").value == 30
    assert not run.exception


# --- Lots ------------------------------------------------------------------------------------


def test_an_untouched_need_is_the_commune_of_the_perimeter_and_says_what_to_do() -> None:
    run = opened()
    table = run.tabs[LOTS].dataframe[0].value
    assert table["commune"].tolist() == ["Romans-sur-Isère (26, Drôme)"]
    assert table[["filiere", "quantite"]].isna().all(axis=None)
    assert any(text.startswith("Donnez au moins une ligne") for text in said(run, LOTS))
    run.session_state["perimetre"] = VALENCE
    run.run()
    assert run.tabs[LOTS].dataframe[0].value["commune"].tolist() == ["Valence (26, Drôme)"]


NEED = [("26281", "Agriculture et alimentation", 10), ("Valence (26)", "Restauration", np.nan),
        ("Die", None, np.nan)]


def test_a_need_gives_the_lots_of_the_domain_and_the_files() -> None:
    run = opened(NEED)
    (number, reach) = run.tabs[LOTS].number_input
    assert (number.value, reach.value) == (3, 50.0)
    number.set_value(1).run()
    found = run.session_state["lots_proposition"][1]
    assert isinstance(found, lots.Split)
    texts = said(run, LOTS)
    assert f"**{found.sentence()}**" in texts
    assert {unbreakable(note) for note in found.notes()} <= set(texts)
    assert "Sans commune ou sans filière, la ligne 3 ne compte pas encore." in texts
    table = run.tabs[LOTS].dataframe[1].value
    assert table["capables"].tolist() == [len(p.able) for p in (*found.lots, *found.short)]
    names = [button.label for button in run.tabs[LOTS].get("download_button")]
    assert len(names) == 3
    # Nothing is lost: another perimeter leaves the need that was typed.
    run.session_state["perimetre"] = VALENCE
    run.run()
    assert len(run.tabs[LOTS].dataframe[0].value) == 3


def test_the_lot_seen_is_never_of_another_cut() -> None:
    run = opened(NEED[:2])
    seen = run.tabs[LOTS].selectbox[0]
    seen.set_value(seen.options[1]).run()
    before = run.tabs[LOTS].selectbox[0].value
    assert before == "Aucun lot : Restauration à Valence"
    run.tabs[LOTS].number_input[0].set_value(1).run()
    assert not run.exception
    seen = run.tabs[LOTS].selectbox[0]
    assert seen.options[1] == "Lot 2 : Restauration à Valence"
    assert seen.value == seen.options[0]


@pytest.mark.parametrize(
    "row", [("Nulle-Part", "Restauration", 1), ("26281", "Restauration", -1), ("26281", "x", 1)]
)
def test_a_wrong_line_is_refused_in_a_sentence(row: tuple[object, ...]) -> None:
    run = opened([row])
    (warning,) = [str(w.value).replace("\\", "") for w in run.tabs[LOTS].warning]
    assert warning.startswith("Ligne 1 du besoin")
    assert is_french_sentence(warning)
    assert "lots_proposition" not in run.session_state


@pytest.mark.parametrize("code", ["26281", "26362"])
def test_the_filters_of_the_page_are_said(code: str) -> None:
    run = opened([(code, "Restauration", 1)])
    run.session_state["filieres"], run.session_state["statuts"] = ["Numérique"], ["siae"]
    run.run()
    texts = said(run, LOTS)
    assert any(text.startswith("Filtres de la page appliqués") for text in texts)
    assert any(text.startswith("Le filtre de filière de la page") for text in texts)


def test_the_need_can_be_emptied_and_brought_back() -> None:
    run = opened(NEED)
    next(b for b in run.button if b.label == "Vider le tableau").click().run()
    assert len(run.tabs[LOTS].dataframe[0].value) == 1
    next(b for b in run.button if b.label == "Rétablir le besoin remplacé").click().run()
    assert len(run.tabs[LOTS].dataframe[0].value) == 3


# --- Ladder and edge -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "perimeter",
    [Perimeter.of_units("26"), ROMANS | VALENCE, ROMANS - Perimeter.of_units("26362"),
     Perimeter((*AT_SEA.discs, *VALENCE.discs)), ROMANS & Perimeter.of_units("38")],
    ids=["units", "two", "difference", "sea", "intersection"],
)
def test_perimeters_that_are_no_single_disc_are_said(perimeter: Perimeter) -> None:
    run = of(perimeter)
    assert any(t.startswith("Le bord se mesure autour d’un seul rayon") for t in said(run, EDGE))
    assert not run.tabs[EDGE].slider


def test_a_ladder_starts_from_a_disc_on_land_else_asks() -> None:
    started = of(Perimeter((*AT_SEA.discs, *VALENCE.discs))).tabs[LADDER].dataframe[0].value
    assert started["Échelon"].iloc[0] == "La commune (Valence)"
    run = of(Perimeter.of_units("26"))
    assert any("donnez-la" in text for text in said(run, LADDER))
    field = run.tabs[LADDER].text_input[0]
    field.set_value("Nulle-Part").run()
    assert is_french_sentence(str(run.tabs[LADDER].warning[0].value).replace("\\", ""))
    field.set_value("Die").run()
    assert run.tabs[LADDER].dataframe[0].value["Échelon"].iloc[0] == "La commune (Die)"


def measured(*sizes: str) -> sensibilite.Sensitivity:
    rows = [{"code_insee": "26281", "km": 2.0 * rank, "tranche_effectif": size}
            for rank, size in enumerate(sizes, start=1)]
    listed = index(*rows)
    listed.table["code_insee"] = "38185"
    return sensibilite.measure(ROMANS.with_radius(10), Criteria(), listed)


def test_the_charts_share_their_radii_and_join_nothing_over_the_unknown() -> None:
    found = measured("", "12", "53")
    drawn = [chart(found).to_dict() for chart in (bord._chart, bord._jobs)]
    domains = [layer["encoding"]["x"]["scale"]["domain"] for one in drawn
               for layer in one["layer"] if "scale" in layer["encoding"]["x"]]
    assert domains == [[0, found.outer_km]] * 3
    rows = next(v for v in drawn[1]["datasets"].values() if "sans_min" in v[0])
    known = [row for row in rows if row["emplois_min"] is not None]
    # No job before the first structure, then only an unknown size, then 20 at least.
    assert [len({r["sans_min"] for r in known if r["emplois_min"] == jobs}) for jobs in (0, 20)] \
        == [1, 1]
    assert known[0]["sans_min"] != known[-1]["sans_min"]
    assert rows[-1]["emplois_max"] is None


def test_jobs_are_not_drawn_when_every_size_is_unknown() -> None:
    run = opened(tab="Bord du rayon")
    # The embedded extract gives no size at all.
    assert any("les emplois sont inconnus" in text for text in said(run, EDGE))
    assert len(run.tabs[EDGE].get("vega_lite_chart")) == 1
