"""French text."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.text import NBSP, NNBSP, date, first_of, fold, join, month, number, plural, trimmed


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Haÿ-les-Roses", "l hay les roses"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("ST-ETIENNE", "saint etienne"),
        ("Ste Foy", "sainte foy"),
        ("Œuilly", "oeuilly"),
        ("Ville-d’Avray", "ville d avray"),
        ("  Romans -  sur - Isère ", "romans sur isere"),
        ("Stains", "stains"),
        ("", ""),
        ("☃", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_leaves_plain_words(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert set(once) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")


def test_case_does_not_matter_to_fold() -> None:
    assert fold("ÉVREUX") == fold("évreux") == fold("E\u0301vreux") == "evreux"


def test_numbers_are_french() -> None:
    assert number(12345.6, 1) == f"12{NNBSP}345,6"
    assert number(1234567) == f"1{NNBSP}234{NNBSP}567"
    assert number(-1234.5, 1) == f"-1{NNBSP}234,5"
    assert number(0) == "0"
    assert number(3.14159, 2) == "3,14"


def test_trimmed_numbers() -> None:
    assert trimmed(30.0) == "30"
    assert trimmed(12.4) == "12,4"
    assert trimmed(12.0, 3) == "12"
    assert trimmed(0.1) == "0,1"
    assert trimmed(0.125, 3) == "0,125"
    # Zeros before the comma are not decimals.
    assert trimmed(100, 0) == "100"
    assert trimmed(1000.0) == f"1{NNBSP}000"


def test_zero_and_one_are_singular() -> None:
    assert plural(0, "structure") == f"0{NBSP}structure"
    assert plural(1, "structure") == f"1{NBSP}structure"
    assert plural(2, "structure") == f"2{NBSP}structures"
    assert plural(12345, "commune") == f"12{NNBSP}345{NBSP}communes"
    assert plural(2, "structure trouvée", "structures trouvées") == f"2{NBSP}structures trouvées"


def test_dates() -> None:
    assert date(dt.date(2026, 5, 1)) == "1er mai 2026"
    assert date(dt.date(2026, 11, 22)) == "22 novembre 2026"
    assert date(dt.date(2026, 8, 31)) == "31 août 2026"
    assert [date(dt.date(2026, m, 2)).split()[1] for m in (1, 2, 12)] == [
        "janvier", "février", "décembre",
    ]


def test_months() -> None:
    assert [month(m) for m in ("2021-07", "2022-12")] == ["juillet 2021", "décembre 2022"]


def test_join() -> None:
    assert join([]) == ""
    assert join(["a"]) == "a"
    assert join(["a", "b"]) == "a et b"
    assert join(["a", "b", "c"]) == "a, b et c"
    assert join(["a", "b", "c"], "ou") == "a, b ou c"


def test_first_of() -> None:
    assert [first_of(list("abcd"), most) for most in (4, 3, 2)] == [
        "a, b, c, d", "a, b, c et 1 de plus", "a, b et 2 de plus",
    ]
    assert first_of([], 3) == ""
