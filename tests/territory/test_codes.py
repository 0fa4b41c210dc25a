"""Official codes."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import codes

# Published examples: the INSEE's own SIREN, La Poste's head office, the usual textbook company.
VALID_SIREN = ["732829320", "120027016", "356000000"]
VALID_SIRET = ["73282932000074", "12002701600563", "35600000000048"]


def luhn_by_hand(digits: str) -> int:
    """The textbook statement: from the right, every second digit doubled, digits summed."""
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        doubled = str(int(digit) * 2) if rank % 2 else digit
        total += sum(map(int, doubled))
    return total


@pytest.mark.parametrize("code", VALID_SIREN)
def test_known_siren(code: str) -> None:
    assert codes.is_siren(code)


@pytest.mark.parametrize("code", VALID_SIRET)
def test_known_siret(code: str) -> None:
    assert codes.is_siret(code)


@pytest.mark.parametrize(
    "code", ["", "73282932", "7328293200", "73282932A", " 732829320", "732829320\n", "٧٣٢٨٢٩٣٢٠"]
)
def test_what_is_no_siren(code: str) -> None:
    assert not codes.is_siren(code)


@pytest.mark.parametrize(
    "code", ["", "732829320", "7328293200007", "73282932000075", "73282932000074\n",
             "٧٣٢٨٢٩٣٢٠٠٠٠٧٤"]
)
def test_what_is_no_siret(code: str) -> None:
    assert not codes.is_siret(code)


@given(st.text("0123456789", min_size=9, max_size=9))
def test_siren_is_the_textbook_luhn(digits: str) -> None:
    assert codes.is_siren(digits) == (luhn_by_hand(digits) % 10 == 0)


@given(st.sampled_from(VALID_SIREN), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(code: str, rank: int, shift: int) -> None:
    wrong = code[:rank] + str((int(code[rank]) + shift) % 10) + code[rank + 1 :]
    assert not codes.is_siren(wrong)


def test_la_poste_sums_its_digits_instead() -> None:
    # 3+5+6 = 14; 14 + 4+9+8+3+7 = 45, a multiple of five, while Luhn fails.
    assert luhn_by_hand("35600000049837") % 10 != 0
    assert codes.is_siret("35600000049837")
    assert not codes.is_siret("35600000049838")
    # The rule is La Poste's alone: same sum of digits (45), another company.
    assert sum(map(int, "65300000049837")) == 45
    assert not codes.is_siret("65300000049837")


@pytest.mark.parametrize(
    ("code", "departement"),
    [("01004", "01"), ("26281", "26"), ("2A004", "2A"), ("2B033", "2B"), ("75056", "75"),
     ("97105", "971"), ("97411", "974"), ("97611", "976")],
)
def test_departement_of(code: str, departement: str) -> None:
    assert codes.departement_of(code) == departement


def test_every_departement_code_has_one_name(communes: pd.DataFrame) -> None:
    names = communes.groupby(communes["code_insee"].map(codes.departement_of))["nom_departement"]
    assert names.nunique().eq(1).all()
    assert len(names) == 101


@pytest.mark.parametrize("code", ["01004", "26281", "2A004", "2B366", "95680", "97411", "13216"])
def test_commune_codes(code: str) -> None:
    assert codes.is_commune(code)


@pytest.mark.parametrize(
    "code",
    ["", "1004", "00001", "2C004", "2a004", "96001", "97701", "98818", "99100", "262811",
     "26281\n", " 26281", "٢٦٢٨١"],
)
def test_what_is_no_commune_code(code: str) -> None:
    assert not codes.is_commune(code)


def test_every_code_of_the_base_has_the_form(communes: pd.DataFrame) -> None:
    assert all(map(codes.is_commune, communes["code_insee"]))


def test_postcodes() -> None:
    assert codes.is_postcode("26100")
    assert codes.is_postcode("98000")
    assert not any(map(codes.is_postcode, ["2610", "261000", "2A004", "٢٦١٠٠", ""]))


def test_arrondissements_are_those_of_the_base(communes: pd.DataFrame) -> None:
    arms = communes[communes["type"] == "ARM"]
    expected = {code: parent for parent, arms_ in codes.ARRONDISSEMENTS.items() for code in arms_}
    assert dict(zip(arms["code_insee"], arms["code_parent"], strict=True)) == expected
    assert len(expected) == 20 + 9 + 16


def test_commune_of() -> None:
    assert codes.commune_of("75112") == "75056"
    assert codes.commune_of("69389") == "69123"
    assert codes.commune_of("13216") == "13055"
    assert codes.commune_of("75056") == "75056"
    assert codes.commune_of("26281") == "26281"


def test_carry_to_cog() -> None:
    old = pd.Series(["A", "B", "C", "D"], index=[7, 8, 9, 10])
    # A is current, B went to A, C is current and must not follow the passage, D is unknown.
    carried = codes.carry_to_cog(old, {"B": "A", "C": "A"}, {"A", "C"})
    assert list(carried.index) == [7, 8, 9, 10]
    assert list(carried[:3]) == ["A", "A", "C"]
    assert carried.isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("code", "nomenclature"),
    [("56.29A", "NAF rév. 2"), ("94.99Z", "NAF rév. 2"), ("68.20F", "NAF rév. 2"),
     ("94.99Y", "NAF 2025"), ("56.11J", "NAF 2025"), ("47.11G", "NAF 2025"),
     ("51.5L", ""), ("", ""), ("9499Z", ""), ("94.99z", "")],
)
def test_an_activity_code_tells_its_nomenclature(code: str, nomenclature: str) -> None:
    assert codes.naf_nomenclature(code) == nomenclature
