"""Fields outlive the tab that draws them, and the page."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from ui import onglets


def page() -> None:
    import streamlit as st

    from ui import onglets

    def field(key: str) -> None:
        st.number_input(key, value=st.session_state.get(key, 1), key=key)

    here = st.session_state.get("essai", "une")
    onglets.enter(here)
    if here != "vide":
        names = (f"{here}_premier", f"{here}_second")
        onglets.draw(
            [onglets.Panel(name, lambda name=name: field(name), (name,)) for name in names],
            key=f"onglets_{here}",
        )


def test_what_was_chosen_on_a_page_is_there_when_one_comes_back() -> None:
    run = AppTest.from_function(page).run()
    run.number_input(key="une_premier").set_value(7).run()
    for elsewhere in ("deux", "vide", "deux"):
        run.session_state["essai"] = elsewhere
        run.run()
    run.number_input(key="deux_premier").set_value(9).run()
    run.session_state["essai"] = "une"
    run.run()
    assert run.number_input(key="une_premier").value == 7
    run.session_state["onglets_une"] = "une_second"
    run.run()
    run.number_input(key="une_second").set_value(5).run()
    run.session_state["onglets_une"] = "une_premier"
    run.run()
    assert run.number_input(key="une_premier").value == 7
    run.session_state["essai"] = "deux"
    run.run()
    assert run.number_input(key="deux_premier").value == 9
    assert not run.exception


def folded() -> None:
    import streamlit as st

    from ui import onglets

    def field() -> None:
        st.session_state["dessins"] = st.session_state.get("dessins", 0) + 1
        st.number_input("champ", value=st.session_state.get("champ", 1), key="champ")

    panel = onglets.Panel("Volet", field, ("champ",))
    draw = st.session_state.get("comment", onglets.fold)
    draw(panel, key="volet", icon=":material/tune:")


@pytest.mark.parametrize("how", [onglets.fold, onglets.menu])
def test_what_is_closed_is_not_computed_and_forgets_nothing(how: Callable[..., None]) -> None:
    run = AppTest.from_function(folded)
    run.session_state["comment"] = how
    run.run()
    assert "dessins" not in run.session_state
    assert not run.number_input
    run.session_state["volet"] = True
    run.run()
    run.number_input(key="champ").set_value(8).run()
    for opened in (False, False, True):
        run.session_state["volet"] = opened
        run.run()
        assert bool(run.number_input) is opened
    assert run.number_input(key="champ").value == 8
    assert not run.exception


def test_what_goes_on_in_a_closed_fold_is_computed() -> None:
    run = AppTest.from_function(folded)
    run.session_state["comment"] = functools.partial(onglets.fold, always=True)
    run.run()
    assert run.number_input(key="champ").value == 1
    assert not run.exception
