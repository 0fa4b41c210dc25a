"""What a page may colour with, beside the embedded indicators."""

from __future__ import annotations

import gzip
import json

import pytest
from streamlit.testing.v1 import AppTest

from territory import connaissance, directory
from ui import indicateurs
from ui.carte.calculs import published
from ui.state import KNOWLEDGE, LOCAL, decimals, read_url


def test_what_the_list_does_not_say_is_always_offered_and_is_no_counter() -> None:
    assert set(KNOWLEDGE) <= set(indicateurs.options())
    assert not set(KNOWLEDGE) & set(LOCAL)
    for name in KNOWLEDGE:
        assert indicateurs.is_computed(name)
        assert not indicateurs.is_local(name)
        assert decimals(name) == 0
        assert read_url({"indicateur": name}, offered=indicateurs.options()).indicator == name


@pytest.mark.parametrize("name", KNOWLEDGE)
def test_the_map_is_given_shares_and_why_a_place_is_grey(name: str) -> None:
    seen = indicateurs.coloured(name, "epci")
    assert seen.adresse is not None
    key = seen.adresse.rsplit("/", 1)[1].removesuffix(".json")
    content = json.loads(gzip.decompress(published(key) or b""))
    expected = connaissance.table(directory.extract(), "epci")
    assert content["codes"] == list(expected.index)
    grey = {code for code, rank in zip(content["codes"], content["classes"], strict=True)
            if rank == -1}
    assert grey == set(expected.index[expected[connaissance.ROWS] == 0])
    assert set(content["raisons"]) == grey
    assert set(content["raisons"].values()) == {"Aucune structure dans la liste."}


def test_documents_and_sources_of_it_name_the_list() -> None:
    assert list(indicateurs.source_ids("part_ess_inconnue")) == ["ess_structures", "ess_aura"]
    layer = indicateurs.layer("part_ess_inconnue", "departement")
    assert "structures" in layer.sentence
    assert indicateurs.stamp("part_ess_inconnue") == directory.extract().key
    assert indicateurs.stamp("part_65p_2021") is None


def _values() -> None:
    from ui import valeurs

    valeurs.draw("part_ess_inconnue", None, "epci")


def test_the_list_of_values_says_on_how_many_structures_each_rests() -> None:
    run = AppTest.from_function(_values, default_timeout=30).run()
    assert not run.exception
    shown = run.dataframe[0].value.set_index("code")
    expected = connaissance.table(directory.extract(), "epci")
    assert (shown["lignes"] == expected[connaissance.ROWS].reindex(shown.index)).all()
    silent = shown[shown["lignes"] == 0]
    assert silent["valeur"].isna().all()
    assert set(silent["lecture"]) == {"Aucune structure dans la liste"}
    assert set(shown["lecture"][shown["lignes"] > 0]) == {""}
    assert indicateurs.rows_behind("part_65p_2021") is None
