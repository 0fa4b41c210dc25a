"""The map without WebGL: what fits in the address of a frame, and what is said when it does not."""

from __future__ import annotations

import base64
import re

import pytest
from streamlit.testing.v1 import AppTest

from territory import communes, directory
from territory.perimeter import Perimeter
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence
from ui import simple


def _drawn() -> None:
    import streamlit as st

    from ui import simple

    simple.show(st.session_state["essai"], ("structures",), "part_aides_logement_2022")


@pytest.fixture
def run() -> AppTest:
    lyon = Perimeter.around_commune(communes.get("69123"), 30)
    run = AppTest.from_function(_drawn, default_timeout=60)
    run.session_state["essai"] = directory.search(lyon, Criteria(), directory.extract())
    return run


def test_the_nearest_structures_are_drawn_and_the_others_told(
    run: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simple, "_MOST", 10)
    run.run()
    assert not run.exception
    (frame,) = run.get("iframe")
    document = base64.b64decode(re.sub("^data:.*base64,", "", frame.proto.src)).decode()
    assert "La carte montre les 10 structures les plus proches sur" in document


def test_a_document_no_browser_would_open_is_told(
    run: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simple, "_LONGEST", 10_000)
    run.run()
    assert not run.exception
    assert not run.get("iframe")
    (warning,) = run.warning
    assert is_french_sentence(warning.value)
