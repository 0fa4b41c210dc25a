"""The page « Portrait », run without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from territory import communes
from territory.perimeter import Perimeter
from tests.ui.test_pages import page
from ui import search


@pytest.fixture(autouse=True)
def _nothing_fetched(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))


def opened(code: str | None = None) -> AppTest:
    run = page("portrait")
    if code is not None:
        run.query_params["territoire"] = code
    run.run()
    assert not run.exception
    return run


def said(run: AppTest) -> str:
    return " ".join(str(one.value) for one in run.markdown).replace("\\", "")


def test_without_a_territory_the_page_says_what_it_gives() -> None:
    run = opened()
    assert run.title[0].value == "Portrait d’un territoire"
    assert "Choisissez une commune" in said(run)
    assert not run.header


@pytest.mark.parametrize(("code", "name"), [("26281", "Romans-sur-Isère"), ("974", "Réunion")])
def test_a_link_opens_the_portrait(code: str, name: str) -> None:
    run = opened(code)
    assert name in run.header[0].value.replace("\\", "")
    assert "Seul un extrait de l’ESS est disponible" in said(run)
    assert [one.value for one in run.subheader] == [
        "Cartes", "Employeurs de l’économie sociale et solidaire", "Qui pourrait fournir quoi",
        "Pôles territoriaux de coopération économique \\(PTCE\\)",
        "Accès aux banques et fragilité", "Ce que l’on ne sait pas", "D’où viennent les chiffres"]
    assert any(code in one.value for one in run.code)


def test_a_wrong_link_is_said() -> None:
    run = opened("99999")
    assert "Lien" in run.warning[0].value
    assert not run.header


def test_one_s_own_perimeter_has_a_portrait() -> None:
    run = page("portrait")
    run.session_state[search.PERIMETER] = Perimeter.around_commune(communes.get("26281"), 5)
    run.run()
    assert not run.exception
    run.segmented_control[0].set_value("perimetre").run()
    assert not run.exception
    assert "Ce périmètre réunit" in said(run)
    assert any("page « Explorer »" in one.value.replace("\u00a0", " ") for one in run.caption)
