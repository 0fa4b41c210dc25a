"""Both reaches: the truth table of range × perimeter, several centres, one answer everywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from territory import communes, suppliers
from territory.geo import distance_km
from territory.perimeter import Disc, Perimeter
from territory.reach import both, reach, served
from territory.suppliers import SupplierIndex

ROMANS, LYON = communes.get("26281"), communes.get("69123")
HERE = Perimeter.around_commune(ROMANS, 10)
DEGREE_KM = 111.15

#: Where a supplier is → longitude, latitude, commune.
PLACES = {
    "dedans": (ROMANS.longitude, ROMANS.latitude + 5 / DEGREE_KM, "26281"),
    "dehors": (ROMANS.longitude, ROMANS.latitude + 20 / DEGREE_KM, "26330"),
    "inconnu": (np.nan, np.nan, "26330"),
    # Nobody knows where in the commune of the centre, and all of it is in.
    "commune du centre": (np.nan, np.nan, "26281"),
}

#: Range as it is stored → does it deliver to Romans, from each of the places above?
RANGES = {
    "": ("inconnu", "inconnu", "inconnu", "inconnu"),
    "n’importe quoi": ("inconnu", "inconnu", "inconnu", "inconnu"),
    "France": ("oui", "oui", "oui", "oui"),
    "3 km": ("non", "non", "inconnu", "inconnu"),
    "7 km": ("oui", "non", "inconnu", "inconnu"),
    "30 km": ("oui", "oui", "inconnu", "inconnu"),
    "zones : 26281": ("oui", "oui", "oui", "oui"),
    f"zones : {ROMANS.code_epci}": ("oui", "oui", "oui", "oui"),
    "zones : 26": ("oui", "oui", "oui", "oui"),
    "zones : R84": ("oui", "oui", "oui", "oui"),
    "zones : 84": ("non", "non", "non", "non"),
    "zones : 26330": ("non", "non", "non", "non"),
}
WITHIN = {"dedans": "oui", "dehors": "non", "inconnu": "inconnu", "commune du centre": "oui"}
BOTH = {
    ("oui", "oui"): "oui", ("oui", "non"): "non", ("oui", "inconnu"): "inconnu",
    ("non", "oui"): "non", ("non", "non"): "non", ("non", "inconnu"): "non",
    ("inconnu", "oui"): "inconnu", ("inconnu", "non"): "non", ("inconnu", "inconnu"): "inconnu",
}


def supplier(place: str, declared: str) -> dict[str, object]:
    longitude, latitude, code = PLACES[place]
    return {"longitude": longitude, "latitude": latitude, "code_insee": code, "portee": declared,
            "nom": "Romans-sur-Isère"}


def test_the_truth_table() -> None:
    cases = [(declared, place, answer) for declared, answers in RANGES.items()
             for place, answer in zip(PLACES, answers, strict=True)]
    table = pd.DataFrame([supplier(place, declared) for declared, place, _ in cases],
                         index=range(100, 100 + len(cases)))
    found = reach(table, HERE)
    assert list(found.columns) == ["dans_perimetre", "dessert", "les_deux"]
    assert found.index.equals(table.index)
    assert found["dans_perimetre"].tolist() == [WITHIN[place] for _, place, _ in cases]
    assert found["dessert"].tolist() == [answer for *_, answer in cases]
    assert found["les_deux"].tolist() == [
        BOTH[WITHIN[place], answer] for _, place, answer in cases]
    # Every pair of states that places and ranges can make is in the table.
    assert set(zip(found["dans_perimetre"], found["dessert"], strict=True)) == set(BOTH)


@pytest.mark.parametrize(("place", "declared", "radius", "within", "delivers"), [
    ("dehors", "30 km", 10, "non", "oui"),
    ("dehors", "10 km", 30, "oui", "non"),
])
def test_the_two_distances_are_not_exchanged(
    place: str, declared: str, radius: float, within: str, delivers: str
) -> None:
    """20 km apart: comparing the range with the radius, or each with the other's, fails here."""
    table = pd.DataFrame([supplier(place, declared)])
    found = reach(table, HERE.with_radius(radius))
    assert found.loc[0].tolist() == [within, delivers, "non"]
    kilometres = float(distance_km(
        ROMANS.longitude, ROMANS.latitude, table["longitude"], table["latitude"])[0])
    exchanged = ["oui" if kilometres <= float(declared.split()[0]) else "non",
                 "oui" if kilometres <= radius else "non"]
    assert exchanged != [within, delivers]


def test_both_answers_as_three_valued_logic() -> None:
    first, second = (np.array(side, dtype=object) for side in zip(*BOTH, strict=True))
    assert both(first, second).tolist() == list(BOTH.values())
    assert both(second, first).tolist() == list(BOTH.values())


def test_one_centre_served_is_enough_and_all_must_be_out_to_say_no() -> None:
    two = Perimeter((*HERE.discs, *Perimeter.around_commune(LYON, 10).discs))
    at_lyon = {"longitude": LYON.longitude, "latitude": LYON.latitude, "code_insee": "69381"}
    table = pd.DataFrame([
        {**at_lyon, "portee": declared}
        for declared in ("10 km", "zones : 26", "zones : 69381", "zones : 38", "")
    ])
    assert served(table, two).tolist() == ["oui", "oui", "non", "non", "inconnu"]
    at_sea = Perimeter((*HERE.discs, Disc(-4.9, 47.6, 10)))
    # No commune is at sea: nobody knows whether an area holds it.
    assert served(table, at_sea).tolist() == ["non", "oui", "inconnu", "inconnu", "inconnu"]


def test_a_name_joins_nothing() -> None:
    table = pd.DataFrame([supplier("dehors", "zones : 26330")])
    assert reach(table, HERE).loc[0, "dans_perimetre"] == "non"
    assert reach(table.assign(code_insee="26281"), HERE).loc[0, "dans_perimetre"] == "oui"


def test_the_search_gives_the_same_answers() -> None:
    table = suppliers.embedded().table.copy()
    declared = list(RANGES)
    table["portee"] = [declared[rank % len(declared)] for rank in range(len(table))]
    answers = reach(table, HERE.with_radius(60)).set_index(table["id"])
    found = suppliers.search(HERE.with_radius(60), index=SupplierIndex(table)).set_index("id")
    assert set(found.index) == set(answers.index[answers["dans_perimetre"] == "oui"])
    assert found["dessert_le_centre"].tolist() == answers.loc[found.index, "dessert"].tolist()
    assert set(found["dessert_le_centre"]) == {"oui", "non", "inconnu"}


def test_no_supplier_is_no_answer() -> None:
    nothing = pd.DataFrame([supplier("dedans", "")])[:0]
    assert reach(nothing, HERE).shape == (0, 3)
