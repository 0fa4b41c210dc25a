"""Savings and credit: the published check, references, régions, words that accuse nobody."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from territory import communes, epargne
from territory.epargne import LIMITS, by_region, compare, reading, reference_of
from territory.errors import InvalidInputError
from territory.sources.depots_credits import Balances, mainland, open_file, read
from tests.territory.french import is_french_sentence

HEAD = "Code;Département;Dépôts (Md€);Crédits (Md€);Date"
PARIS_REGION = ["75", "77", "78", "91", "92", "93", "94", "95"]


def balances(*rows: str) -> Balances:
    return read(open_file("t.csv", "\n".join([HEAD, *rows]).encode()))


def country(**changed: tuple[object, object]) -> Balances:
    """Every département with 2 and 1, billions, but for some."""
    given = dict.fromkeys(mainland("departement"), (2, 1))
    given |= {code.removeprefix("d"): pair for code, pair in changed.items()}
    return balances(*(f"{code};;{d};{c};07/2021" for code, (d, c) in given.items()))


def row(found: epargne.Comparison, code: str) -> pd.Series:
    return found.table.set_index("code").loc[code]


def test_the_published_points_of_occitanie() -> None:
    # Banque de France, end of July 2021 and July 2023, as the chamber of Occitanie gives them.
    found = compare(balances(";Occitanie;185,2;172,5;juillet 2021",
                             ";France métropolitaine;2643;2475,8;juillet 2021"))
    occitanie = row(found, "76")
    assert found.usual == pytest.approx(0.937, abs=0.0005)
    assert occitanie["credit_sur_depot"] == pytest.approx(0.931, abs=0.0005)
    assert occitanie["ecart_relatif"] == pytest.approx(-0.6, abs=0.05)
    assert occitanie["ecart"] == pytest.approx(-1000, abs=20)
    assert occitanie["question"] == "non"
    later = compare(balances(";Occitanie;195;191,9;juillet 2023"))
    assert row(later, "76")["credit_sur_depot"] == pytest.approx(0.984, abs=0.0005)
    assert math.isnan(row(later, "76")["ecart_relatif"]), "no reference in this file"
    assert row(later, "76")["question"] == "inconnu"


def test_the_sum_is_the_reference_when_every_departement_is_there() -> None:
    found = compare(country(d48=(2, 0.4)))
    assert found.whole.tolist() == pytest.approx([192_000, 95_400])
    assert found.table["code"].iloc[0] == "48"
    assert row(found, "48")["question"] == "oui"
    assert (found.table["question"] == "oui").sum() == 1


def test_a_missing_departement_makes_the_reference_unknown_not_smaller() -> None:
    found = compare(country(d48=("s", 1)))
    assert found.whole.isna().any()
    assert found.table["ecart_relatif"].isna().all()
    assert set(found.table["question"]) == {"inconnu"}
    assert is_french_sentence(found.sentence())
    assert row(found, "26")["credit_sur_depot"] == 0.5


def test_paris_and_its_region_can_be_left_out_of_the_reference() -> None:
    made = country(**{f"d{code}": (20, 1) for code in PARIS_REGION})
    everywhere, elsewhere = compare(made), compare(made, "hors_idf")
    assert elsewhere.whole.tolist() == [88 * 2000, 88 * 1000]
    assert everywhere.usual < elsewhere.usual == 0.5
    assert row(elsewhere, "26")["ecart_relatif"] == pytest.approx(0)
    # With a total and the eight départements known, the rest is a difference.
    rows = [f"{code};;20;1;07/2021" for code in PARIS_REGION]
    partial = balances(*rows, "26;;2;1;07/2021", ";France métropolitaine;336;96;07/2021")
    assert reference_of(partial, "hors_idf").tolist() == [176_000, 88_000]
    # One of the eight unknown: so is the difference.
    unknown = balances(*rows[1:], "26;;2;1;07/2021", ";France métropolitaine;336;96;07/2021")
    assert reference_of(unknown, "hors_idf").isna().all()
    assert reference_of(unknown, "metropole").notna().all()


def test_a_region_is_the_sum_of_its_parts_and_unknown_without_one() -> None:
    regions = by_region(country(d09=("n.d.", 1)))
    assert regions.level == "region"
    assert len(regions.table) == 13
    assert math.isnan(regions.table.loc["76", "depots"])
    assert regions.table.loc["76", "credits"] == 13_000
    assert regions.table.loc["53", ["depots", "credits"]].tolist() == [8000, 4000]
    assert "Occitanie" in regions.notes[-1]
    # An absent row is no more a zero than a secret one.
    corsica = by_region(balances("2A;;2;1;07/2021"))
    assert corsica.table.index.tolist() == ["94"]
    assert corsica.table.isna().loc["94", ["depots", "credits"]].all()
    assert by_region(regions) is regions


def test_figures_for_an_inhabitant_use_the_population_of_the_base() -> None:
    found = row(compare(country()), "26")
    people = communes.units("departement").loc["26", "population"]
    assert found["population"] == people
    assert found["depots_par_habitant"] == pytest.approx(2e9 / people, abs=0.5)


def test_the_alert_is_a_question_and_never_a_fault() -> None:
    found = compare(country(d48=(2, 0.4), d23=(2, 0.3)))
    assert "non des fautes" in found.sentence()
    assert len(found.questions()) == 2
    for text in found.questions():
        assert text.endswith("?")
        assert text.startswith(("Creuse", "Lozère"))
        assert "fin juillet 2021" in text
    words = " ".join([found.sentence(), *found.questions(), *found.notes()]).casefold()
    for blame in ("insuffisant", "mauvais", "abandon", "anormal", "discrimin"):
        assert blame not in words
    assert compare(country()).questions() == ()
    assert "Aucun territoire" in compare(country()).sentence()


def test_the_limits_go_with_every_result() -> None:
    assert all(map(is_french_sentence, LIMITS))
    assert set(LIMITS) <= set(compare(country()).notes())
    told = " ".join(LIMITS)
    for word in ("guichet", "300 banques", "spécialisés", "ne résident pas", "métropole",
                 "titrisation", "Paris"):
        assert word in told


def test_columns_are_those_declared() -> None:
    assert list(compare(country()).table.columns) == [c.name for c in epargne.columns()]


@pytest.mark.parametrize(
    ("gap", "words"),
    [(-60, "sous la moitié"), (-20, "moins de crédit"), (-3, "proche"), (4, "proche"),
     (30, "plus de crédit"), (math.nan, "inconnu")],
)
def test_a_gap_is_read_in_neutral_words(gap: float, words: str) -> None:
    assert reading(gap).startswith(words)


def test_an_unknown_reference_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        compare(country(), "paris")
    assert is_french_sentence(caught.value.user_message)
