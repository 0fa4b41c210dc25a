"""The choice of classes, run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from layers.breaks import USUAL, Cut
from layers.legend import legend, to_text
from territory import communes, directory, indicators, ptce
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence
from ui import downloads, indicateurs
from ui.carte import Curtain
from ui.markdown import literal
from ui.state import Request

INDICATOR = "part_aides_logement_2022"


def page() -> None:
    import streamlit as st

    from ui import classes

    st.session_state.setdefault("indicateur", "part_aides_logement_2022")
    st.selectbox("Indicateur", ["part_aides_logement_2022", "part_65p_2021"], key="indicateur",
                 on_change=classes.forget_limits)
    classes.panel(st.session_state["indicateur"], "commune")


@pytest.fixture
def run() -> AppTest:
    return AppTest.from_function(page, default_timeout=60).run()


def chosen(run: AppTest) -> Cut:
    assert not run.exception
    return run.session_state.get("classes", USUAL)


def method(run: AppTest, name: str) -> AppTest:
    return run.selectbox(key="classes_methode").set_value(name).run()


def test_a_method_and_a_number(run: AppTest) -> None:
    assert run.markdown[0].value == literal("Classes : Quantiles, 5\u00a0classes.")
    method(run, "jenks")
    run.button_group(key="classes_nombre").set_value(7).run()
    assert chosen(run) == Cut("jenks", 7)
    assert "7\u00a0classes" in run.markdown[0].value
    method(run, "ecart_type")
    assert not run.button_group
    # The number comes back with a method that takes one.
    method(run, "egales")
    assert chosen(run) == Cut("egales", 7)


def test_own_limits_start_from_those_in_force(run: AppTest) -> None:
    method(run, "limites")
    assert run.text_input(key="classes_limites").value == "4 ; 6 ; 9 ; 12"
    run.text_input(key="classes_limites").set_value("5 ; 12,5 ; 20").run()
    assert chosen(run) == Cut("limites", limits=(5.0, 12.5, 20.0))
    run.text_input(key="classes_limites").set_value("20 ; 5").run()
    (warning,) = run.warning
    assert "en croissant" in warning.value
    assert is_french_sentence(warning.value)
    assert chosen(run) == Cut("limites", limits=(5.0, 12.5, 20.0))


def test_two_quick_changes_that_come_together(run: AppTest) -> None:
    run.button_group(key="classes_nombre").set_value(4)
    method(run, "limites")
    assert chosen(run).method == "limites"
    run.text_input(key="classes_limites").set_value("1 ; 2")
    method(run, "jenks")
    assert chosen(run) == Cut("jenks", 4)


def test_back_to_the_first_classes(run: AppTest) -> None:
    assert not run.button
    method(run, "head_tail")
    run.button(key="classes_origine").click().run()
    assert chosen(run) == USUAL
    assert run.selectbox(key="classes_methode").value == "quantiles"
    assert not run.button


def test_own_limits_belong_to_one_indicator(run: AppTest) -> None:
    method(run, "limites")
    run.selectbox(key="indicateur").set_value("part_65p_2021").run()
    assert chosen(run) == USUAL
    method(run, "jenks")
    run.selectbox(key="indicateur").set_value(INDICATOR).run()
    assert chosen(run) == Cut("jenks", 5)


@pytest.mark.parametrize("level", ["commune", "departement"])
def test_map_legend_document_and_export_say_the_same_limits(level: str) -> None:
    cut = Cut("limites", limits=(5.0, 12.5, 20.0))
    drawn = indicateurs.coloured(INDICATOR, level, cut)
    assert drawn.limites == cut.limits
    words = [one.libelle for one in drawn.classes]
    assert words[1] == "plus de 5 à 12,5\u00a0%"
    said = to_text(legend(indicateurs.without_contours(INDICATOR, level, cut)))
    exported = downloads.classes_sentence(Request(indicator=INDICATOR, level=level, cut=cut))
    layer = indicateurs.layer(INDICATOR, level, cut=cut)
    assert is_french_sentence(exported)
    for label in words:
        assert label in said
        assert label in exported
        assert label in layer.style.labels
    assert "Limites choisies\u00a0: 4\u00a0classes." in said


def test_nothing_is_said_of_classes_nobody_changed() -> None:
    assert indicateurs.coloured(INDICATOR).limites is None
    assert downloads.classes_sentence(Request(indicator=INDICATOR)) == ""
    hidden = Request(indicator=INDICATOR, layers=("ptce",), cut=Cut("jenks"))
    assert downloads.classes_sentence(hidden) == ""


# --- Two vintages on the same classes ---------------------------------------------------------


def before_and_after() -> None:
    import streamlit as st

    from layers.breaks import Cut
    from ui import avant_apres

    name = "part_aides_logement_2021"
    cut = avant_apres.applied(name, "commune", Cut("jenks", 4))
    st.session_state["montre"] = (cut, avant_apres.curtain(name, cut))
    avant_apres.panel(name)


def test_two_vintages_share_their_limits() -> None:
    run = AppTest.from_function(before_and_after, default_timeout=60).run()
    assert run.session_state["montre"] == (Cut("jenks", 4), None)
    for year, sides in (("2020", ("2020", "2021", "gauche")), ("2022", ("2021", "2022", "droite"))):
        other = f"part_aides_logement_{year}"
        run.selectbox(key="avant_apres_autre").set_value(other).run()
        assert not run.exception
        cut, curtain = run.session_state["montre"]
        assert curtain == Curtain(other, *sides)
        made = indicateurs.classes("part_aides_logement_2021", "commune", Cut("jenks", 4))
        assert cut.limits == made.breaks
        assert all(is_french_sentence(c.value) for c in run.caption)


def test_only_vintages_of_one_figure_are_compared() -> None:
    assert indicators.comparable("revenu_imposable_par_hab_2021") == (
        "revenu_imposable_par_hab_2022", "revenu_imposable_par_hab_2020",
    )
    for single in ("part_65p_2021", "part_65p", "part_qpv_2022", "minutes", "exclusion_bancaire"):
        assert indicators.comparable(single) == ()


def test_a_document_of_too_many_structures_shows_the_nearest_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    perimeter = Perimeter.around_commune(communes.get("69123"), 30)
    result = directory.search(perimeter, Criteria(), directory.extract())
    whole = downloads.document(result, ("structures",), INDICATOR).decode()
    assert "les plus proches sur" not in whole
    monkeypatch.setattr(downloads, "MAX_POINTS", 10 + len(ptce.table()))
    cut = downloads.document(result, ("structures",), INDICATOR).decode()
    assert f"La carte montre les 10 structures les plus proches sur {result.count}." in cut
    assert len(cut) < len(whole)
