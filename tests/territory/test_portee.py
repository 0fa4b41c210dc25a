"""Declared delivery ranges: read as people write them, kept in one form, tested against places."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import communes, portee
from territory.errors import InvalidInputError
from territory.portee import Portee
from tests.territory.french import is_french_sentence

ROMANS_EPCI = str(communes.get("26281").code_epci)
LYON_EPCI = str(communes.get("69123").code_epci)

DIGITS = st.text("0123456789", min_size=1, max_size=12)
zone_codes = st.sampled_from(["01004", "2A004", "26281", "75056", "75101", "97411", "01", "26",
                              "2A", "974", "R84", "R01", "R94", ROMANS_EPCI, LYON_EPCI])


@st.composite
def written(draw: st.DrawFn) -> str:
    """A range as somebody may write it."""
    form = draw(st.sampled_from(["country", "distance", "zones", "codes"]))
    if form == "country":
        return draw(st.sampled_from(["", "France", " FRANCE ", "France entière", "pays"]))
    if form == "distance":
        decimals = draw(st.sampled_from(["", ".", ","]))
        number = f"{draw(st.integers(1, 1999))}{decimals and decimals + draw(DIGITS)}"
        return number + draw(st.sampled_from([" km", "km", " KM", " kilomètres", " kilometre"]))
    # One code alone may be a distance: « 26 ».
    codes = draw(st.lists(zone_codes, min_size=2 if form == "codes" else 1, max_size=6))
    head = "" if form == "codes" else draw(st.sampled_from(["zones : ", "Zone:", "ZONES :"]))
    return head + draw(st.sampled_from([",", " ; ", ", "])).join(codes).lower()


@given(written())
def test_what_is_stored_is_read_back_as_it_was(text: str) -> None:
    stored = portee.normalise(text)
    assert portee.parse(stored) == portee.parse(text)
    assert portee.normalise(stored) == stored


@pytest.mark.parametrize(
    ("text", "stored", "said"),
    [
        ("", "", "portée inconnue"),
        (" \n\t ", "", "portée inconnue"),
        ("France entière", "France", "livre dans toute la France"),
        ("30km", "30 km", "livre à 30 km autour de son adresse"),
        ("12,50 Kilomètres", "12.5 km", "livre à 12,5 km autour de son adresse"),
        ("2000 km", "2000 km", "livre à 2 000 km autour de son adresse"),
        ("0,04 km", "0.04 km", "livre à 0,04 km autour de son adresse"),
        ("zones : 38281; r84 ;26,26", "zones : 26, 38281, R84",
         "livre dans : Drôme, Noyarey et Auvergne-Rhône-Alpes"),
        ("26281", "zones : 26281", "livre dans : Romans-sur-Isère"),
        ("2a", "zones : 2A", "livre dans : Corse-du-Sud"),
        (LYON_EPCI, f"zones : {LYON_EPCI}", "livre dans : Métropole de Lyon"),
        ("zones : 84", "zones : 84", "livre dans : Vaucluse"),
        ("26,38", "zones : 26, 38", "livre dans : Drôme et Isère"),
    ],
)
def test_each_form_is_stored_one_way_and_said_in_french(
    text: str, stored: str, said: str
) -> None:
    assert portee.normalise(text) == stored
    sentence = portee.parse(text).sentence().replace("\u00a0", " ").replace("\u202f", " ")
    assert sentence == said


@pytest.mark.parametrize("text", ["26", "974", "30", "1500", "12,5"])
def test_a_bare_number_that_could_be_both_is_asked_again(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        portee.parse(text)
    assert is_french_sentence(caught.value.user_message)
    assert f"« {text} km »" in caught.value.user_message


@pytest.mark.parametrize("text", [
    "0 km", "0,0004 km", "2001 km", "-5 km", "1e3 km", "nan km", "inf km", "30 miles",
    "zones :", "zones : ,;",
    "zones : 26 ; nulle part", "00000", "99999", "R99", "zones : R26", "Drôme", "<script>",
    "=1+1", "'; DROP TABLE communes;--", "\x00", "٢٦", "9" * 100_000, "26 ;" * 100_000 + "x",
    ",".join(["26281"] * 501),
])
def test_anything_else_is_refused_in_one_short_french_sentence(text: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        portee.parse(text)
    assert is_french_sentence(caught.value.user_message)
    assert len(caught.value.user_message) < 300


@given(st.text() | st.text("0123456789.,;: kmzonesRAfrance"))
def test_whatever_is_accepted_is_stored_for_good(text: str) -> None:
    try:
        stored = portee.normalise(text)
    except InvalidInputError:
        return
    assert portee.normalise(stored) == stored


@pytest.mark.parametrize(
    ("declared", "home", "km", "answer"),
    [
        ("France", None, math.nan, "oui"),
        ("30 km", None, 30.0, "oui"),
        ("30 km", "26281", 30.001, "non"),
        ("30 km", "26281", math.nan, "inconnu"),
        ("", "26281", 0.0, "inconnu"),
        ("zones : 26281", "26281", 900.0, "oui"),
        ("zones : 26282", "26281", 0.0, "non"),
        ("zones : 26", "26281", math.nan, "oui"),
        ("zones : 38", "26281", 1.0, "non"),
        (f"zones : {ROMANS_EPCI}", "26281", 1.0, "oui"),
        (f"zones : {ROMANS_EPCI}", "38281", 1.0, "non"),
        # The Vaucluse is 84, and Auvergne-Rhône-Alpes R84.
        ("zones : R84", "26281", 1.0, "oui"),
        ("zones : 84", "26281", 1.0, "non"),
        ("zones : 84", "84007", 1.0, "oui"),
        ("zones : R84", "84007", 1.0, "non"),
        ("zones : 01, R93", "84007", 1.0, "oui"),
        ("zones : 2A", "2A004", 1.0, "oui"),
        ("zones : 974", "97411", 1.0, "oui"),
        # Four islands have no EPCI.
        ("zones : 22", "22016", 1.0, "oui"),
        (f"zones : {ROMANS_EPCI}", "22016", 1.0, "non"),
        # A point at sea has no commune.
        ("zones : 26", None, 1.0, "inconnu"),
        # Paris, Lyon and Marseille hold their arrondissements.
        ("zones : 75056", "75101", 1.0, "oui"),
        ("zones : 75101", "75101", 1.0, "oui"),
        ("zones : 75102", "75101", 1.0, "non"),
        ("zones : R11", "75120", 1.0, "oui"),
        (f"zones : {LYON_EPCI}", "69381", 1.0, "oui"),
        ("zones : 69", "69381", 1.0, "oui"),
        ("zones : 13055", "13216", 1.0, "oui"),
    ],
)
def test_a_place_is_served_or_not_or_nobody_knows(
    declared: str, home: str | None, km: float, answer: str
) -> None:
    assert portee.serves(portee.parse(declared), home, km) == answer


def test_stored_texts_are_answered_one_by_one_and_unreadable_ones_are_unknown() -> None:
    texts = pd.Series(["France", "10 km", "10 km", "", "n’importe quoi", "zones : 38", "26"],
                      index=range(10, 17))
    answers = portee.serves_each(texts, "26281", np.array([1, 9, 11, 1, 1, 1, math.nan]))
    assert list(answers) == ["oui", "oui", "non", "inconnu", "inconnu", "non", "inconnu"]
    assert portee.serves_each(texts[:0], "26281", np.array([])).shape == (0,)


def test_nothing_declared_is_written_as_nothing() -> None:
    assert str(Portee()) == ""
    assert portee.serves(Portee(zones=()), "26281", 1.0) == "inconnu"
