"""The tab « Comparer » of the page « Portrait », run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from territory import portrait, territoires
from territory.comparaison import Comparison, compare
from territory.exclusion import Weights
from territory.portrait import structures
from territory.territoires import Territoire
from tests.territory import portraits
from tests.ui.test_pages import page
from ui import calcul, comparaison
from ui.portrait import key as key_of


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))


def opened(code: str, beside: str) -> AppTest:
    run = page("portrait")
    run.query_params["territoire"] = code
    run.query_params["avec"] = beside
    run.run()
    assert not run.exception
    return run


def others(run: AppTest) -> list[str]:
    return list(run.session_state["comparer_avec"])


def warned(run: AppTest) -> str:
    return " ".join(one.value for one in run.warning).replace("\\", "")


def html(run: AppTest) -> str:
    return " ".join(one.proto.body for one in run.get("html"))


def test_a_link_opens_the_comparison() -> None:
    run = opened("26281", "26362,R84")
    assert others(run) == ["26362", "R84"]
    assert not run.warning
    shown = html(run)
    for place in ("Romans-sur-Isère", "Valence", "Auvergne-Rhône-Alpes"):
        assert f'data-label="{place}' in shown
    assert shown.count("<figure>") == 3
    assert shown.count('class="portrait-legende"') == 1
    assert any("rapport" in one.value for one in run.markdown)
    assert any("avec=26362,R84" in one.value for one in run.code)


def test_what_a_link_cannot_mean_is_said_and_left_out() -> None:
    run = opened("26281", "26362,99999,<script>,26281,26362,26,R84,FR,48")
    assert others(run) == ["26362", "26", "R84", "FR"]
    assert all(text in warned(run) for text in ("99999", "script", "26281", "48"))
    assert "Cinq territoires au plus" in " ".join(one.value for one in run.caption)


def test_territories_join_and_leave() -> None:
    run = opened("26281", "26362")
    run.text_input(key="comparer_commune").set_value("Die").run()
    assert others(run) == ["26362", "26113"]
    assert run.text_input(key="comparer_commune").value == ""
    run.text_input(key="comparer_commune").set_value("26113").run()
    assert "est déjà dans la comparaison" in warned(run)
    run.text_input(key="comparer_commune").set_value("Nullepart-les-Bains").run()
    assert warned(run)
    run.segmented_control(key="comparer_niveau").set_value("departement").run()
    run.selectbox(key="comparer_unite").set_value("26").run()
    assert others(run) == ["26362", "26113", "26"]
    assert not run.warning
    run.button(key="comparer_retirer_26362").click().run()
    assert others(run) == ["26113", "26"]
    assert run.query_params["avec"] in ("26113,26", ["26113,26"])
    assert not run.exception


def test_places_that_look_alike_are_proposed_with_the_rule() -> None:
    run = opened("26", "R84")
    assert any(one.value.startswith("Parmi") for one in run.caption)
    first = next(one for one in run.button if str(one.key).startswith("comparer_semblable_"))
    first.click().run()
    assert not run.exception
    assert others(run) == ["R84", str(first.key).removeprefix("comparer_semblable_")]


def test_the_same_communes_are_refused_and_the_chosen_one_leaves_the_others() -> None:
    assert "mêmes communes" in warned(opened("75056", "75"))
    run = opened("26281", "26362,26058")
    run.text_input(key="territoire_commune").set_value("26362").run()
    assert others(run) == ["26058"]
    assert not run.exception


def test_a_portrait_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = portrait.make

    def counted(place: Territoire, *parts: object) -> portrait.Portrait:
        made.append(place.address)
        return real(place, *parts)  # type: ignore[arg-type]

    monkeypatch.setattr(portrait, "make", counted)
    run = opened("07019", "07186")
    run.run()
    run.session_state[comparaison.TABS] = "Portrait"
    run.run()
    assert run.header
    assert sorted(made) == ["07019", "07186"]


def test_a_portrait_is_made_again_when_what_it_rests_on_changes(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    place = territoires.of_code("26281")
    keys = [key_of(place)]
    monkeypatch.setattr(calcul, "choice", lambda: calcul.Choice(speed_kmh=30.0))
    keys.append(key_of(place))
    monkeypatch.setattr(calcul, "weights", lambda: Weights(access=(("minutes", 1.0),)))
    keys.append(key_of(place))
    listed = portraits.listed(portraits.national())
    monkeypatch.setattr(structures, "directory_of", lambda *_: listed)
    keys.append(key_of(place))
    assert len(set(keys)) == 4
    assert key_of(place) == key_of(place)
    assert key_of(place) != key_of(territoires.of_code("26"))


def test_fields_outlive_their_tab() -> None:
    run = opened("26281", "26362")
    run.segmented_control(key="comparer_niveau").set_value("epci").run()
    for tab in ("Portrait", comparaison.TAB):
        run.session_state[comparaison.TABS] = tab
        run.run()
        assert not run.exception
    assert run.segmented_control(key="comparer_niveau").value == "epci"
    assert others(run) == ["26362"]


def compared(*places: Territoire) -> Comparison:
    listed = portraits.listed(portraits.national())
    return compare([portrait.of(one, portraits.fragility_only(), listed) for one in places])


def test_files_hold_every_figure() -> None:
    found = compared(*map(territoires.of_code, ("26281", "26362")))
    assert comparaison._content("xlsx", found).startswith(b"PK")
    text = comparaison._content("csv_excel", found).decode("utf-8-sig")
    assert "Valence (26, Drôme)" in text.splitlines()[0]
    assert len(text.splitlines()) == 1 + len(found.rows)


def test_a_hostile_name_stays_a_name() -> None:
    name = '"><img src=x onerror=alert(1)>'
    mine = Territoire("perimetre", "", name, ("26281", "26362"))
    shown = comparaison._table(compared(mine, territoires.of_code("26058")))
    assert "<img" not in shown
    assert shown.count("&quot;&gt;&lt;img") > 2
