"""Trades."""

from __future__ import annotations

import pytest

from territory import filieres, store
from territory.errors import InvalidInputError
from tests.territory.french import is_french_sentence


def test_names_are_sorted_and_leave_out_what_is_out_of_scope() -> None:
    names = filieres.names()
    assert len(names) == len(set(names)) > 20
    assert "hors champ" not in names
    # A link lists trades between commas.
    assert not any("," in name for name in names)


@pytest.mark.parametrize("text", ["Restauration", "restauration", " RESTAURATION ", "réstauration"])
def test_resolve_ignores_case_and_accents(text: str) -> None:
    assert filieres.resolve(text) == "Restauration"


def test_the_unknown_trade_can_be_asked_for() -> None:
    assert filieres.resolve("Inconnue") == filieres.UNKNOWN


@pytest.mark.parametrize("text", ["", "*", "Restau", "<script>", "hors champ"])
def test_an_unknown_trade_is_refused_in_french(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        filieres.resolve(text)
    assert is_french_sentence(caught.value.user_message)
    assert "Restauration" in caught.value.user_message


def test_the_longest_prefix_wins() -> None:
    table = store.read("naf_filieres").set_index("naf_prefixe")["filiere"]
    assert table["01.30Z"] != table["01"]
    assert filieres.presumed("01.30Z") == table["01.30Z"]
    assert filieres.presumed("01.11Z") == table["01"]
    assert filieres.presumed(" 01.30Z ") == table["01.30Z"]


@pytest.mark.parametrize("code", ["", "0", "ZZ", "00.00Z"])
def test_an_unknown_code_presumes_nothing(code: str) -> None:
    assert filieres.presumed(code) == filieres.UNKNOWN


def test_prefixes_are_unique() -> None:
    assert store.read("naf_filieres")["naf_prefixe"].is_unique
