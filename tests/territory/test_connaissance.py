"""What the list does not say: shares by hand, silence apart from zero, the columns that leave."""

from __future__ import annotations

import csv
import dataclasses
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.choropleth import choropleth
from layers.style import NOTE_OF_USE, PALETTE_OF_USE
from territory import catalog, communes, connaissance, directory
from territory.cli import main
from territory.communes import Level
from territory.connaissance import INDICATORS, QUESTIONS, ROWS
from territory.directory import Directory
from territory.suppliers import SupplierIndex
from tests.territory.french import is_french_sentence
from tests.territory.test_naissance import structures

KNOWN = {"code_insee": "26281", "filiere_origine": "declaree", "portee": "30 km", "est_ess": "oui",
         "est_siae": "non", "est_esus": "non", "est_employeur": "oui"}
BLANK = {"filiere_origine": "inconnue", "portee": "", "est_ess": "inconnu", "est_siae": "inconnu",
         "est_esus": "inconnu", "est_employeur": "inconnu"}
LEVELS: tuple[Level, ...] = ("commune", "epci", "departement", "region")


def listed(*rows: dict[str, Any]) -> Directory:
    table = structures(*(KNOWN | row for row in rows))
    return dataclasses.replace(directory.extract(), index=SupplierIndex(table))


def test_shares_by_hand_at_every_level() -> None:
    # Romans-sur-Isère and Valence are of one EPCI, Die of another.
    found = listed({}, {"portee": ""}, {"code_insee": "26362", "portee": "", "est_ess": "inconnu"},
                   {"code_insee": "26113"} | BLANK)
    by_commune = connaissance.table(found, "commune")
    assert by_commune.loc["26281", [ROWS, "part_portee_inconnue"]].tolist() == [2, 50]
    assert by_commune.loc["26362", "part_ess_inconnue"] == 100
    by_epci = connaissance.table(found, "epci")
    assert by_epci.loc["200068781", ROWS] == 3
    assert by_epci.loc["200068781", "part_portee_inconnue"] == pytest.approx(200 / 3)
    assert by_epci.loc["200068781", "part_ess_inconnue"] == pytest.approx(100 / 3)
    assert connaissance.table(found, "departement").loc["26", "part_portee_inconnue"] == 75
    assert connaissance.table(found, "region").loc["84", "part_siae_inconnue"] == 25


def test_a_place_the_list_ignores_has_no_share_and_says_why() -> None:
    found = connaissance.table(listed({}))
    assert found.loc["26281", list(INDICATORS)].tolist() == [0] * len(QUESTIONS)
    assert found.loc["26362", ROWS] == 0
    assert found.loc["26362", list(INDICATORS)].isna().all()
    why = connaissance.reasons(found)
    assert "26281" not in why.index
    assert why["26362"] == "Aucune structure dans la liste."


def test_an_arrondissement_counts_for_its_commune() -> None:
    found = connaissance.table(listed({"code_insee": "75104"}))
    assert found.loc["75056", ROWS] == 1
    assert "75104" not in found.index


def test_a_presumed_trade_is_known_as_presumed() -> None:
    found = connaissance.unknown(listed({"filiere_origine": "presumee_naf"}).index.table)
    assert not found["filiere"].any()


@given(st.lists(st.tuples(
    st.sampled_from(["26281", "26362", "26113", "38185", "75104", "97411"]),
    st.lists(st.booleans(), min_size=6, max_size=6),
), min_size=1, max_size=12))
def test_no_level_loses_or_invents_an_unknown_answer(
    rows: list[tuple[str, list[bool]]]
) -> None:
    found = listed(*(
        {"code_insee": code, **{key: BLANK[key] for key, blank in zip(BLANK, blanks, strict=True)
                                if blank}}
        for code, blanks in rows
    ))
    expected = np.array([blanks for _, blanks in rows]).sum(axis=0)
    for level in LEVELS:
        table = connaissance.table(found, level)
        assert table[ROWS].sum() == len(rows)
        counts = table[list(INDICATORS)].mul(table[ROWS], axis=0).sum() / 100
        assert counts.to_numpy() == pytest.approx(expected)


def test_what_to_ask_first_is_where_most_answers_are_missing() -> None:
    found = listed({}, BLANK, {"code_insee": "26113", "portee": "", "est_esus": "inconnu"})
    ranked = connaissance.to_survey(found)
    assert ranked["code"].tolist() == ["200068781", "242600534"]
    assert ranked["reponses_inconnues"].tolist() == [6, 2]
    assert connaissance.to_survey(found, least=2)["code"].tolist() == ["200068781"]


@pytest.mark.parametrize("level", LEVELS)
def test_the_extract_says_what_it_never_says(level: Level) -> None:
    said = connaissance.sentence(directory.extract(), level)
    assert is_french_sentence(said)
    assert "portée de livraison" in said


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=lambda one: one.id)
def test_each_is_a_full_indicator_that_draws_a_layer(indicator: connaissance.Indicator) -> None:
    extract = directory.extract()
    one = connaissance.described(indicator.id, extract)
    assert one.source_id in catalog.SOURCES
    assert one.vintage
    assert is_french_sentence(one.definition)
    assert one.palette in PALETTE_OF_USE
    assert is_french_sentence(NOTE_OF_USE[one.palette])
    layer = choropleth(one, connaissance.table(extract, "epci")[one.id], "epci")
    assert len(layer.table) == len(communes.units("epci"))


def test_the_columns_leave_with_the_indicators(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["indicators", "--niveau", "epci", "--territoire", "200068781"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    expected = connaissance.table(directory.extract(), "epci").loc["200068781"]
    assert int(rows[0][ROWS]) == expected[ROWS]
    assert float(rows[0]["part_ess_inconnue"]) == pytest.approx(expected["part_ess_inconnue"])


def test_every_column_is_declared() -> None:
    declared = {column.name for column in connaissance.columns()}
    assert set(connaissance.table(directory.extract()).columns) == declared
    assert isinstance(connaissance.reasons(pd.DataFrame({ROWS: [1]})), pd.Series)
