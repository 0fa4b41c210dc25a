"""Where a PTCE could be born: what is counted, what stays unknown, and the published back-test."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from territory import (
    communes,
    directory,
    ingredients,
    naissance,
    naissance_doc,
    naissance_retrotest,
    ptce,
    store,
)
from territory.cli import main
from territory.directory import Directory
from territory.errors import DataError, InvalidInputError
from territory.filieres import presumed
from territory.suppliers import SupplierIndex
from tests.conftest import ROOT
from tests.territory.french import is_french_sentence
from tests.territory.real import real_file

A, B = "200068781", "242600534"  # Valence Romans, the Diois


def structures(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows like those of the extract, unknown where nothing is said."""
    base = dict.fromkeys(store.read("ess_structures").columns, "")
    unknown = dict.fromkeys(("est_ess", "est_siae", "est_esus", "est_employeur"), "inconnu")
    base |= unknown | {"famille_ess": "inconnue", "filiere": "inconnue",
                       "longitude": np.nan, "latitude": np.nan}
    return pd.DataFrame([base | row | {"id": i} for i, row in enumerate(rows)])


def asso(**more: Any) -> dict[str, Any]:
    return {"nom": "Une association", "code_insee": "26281", "est_ess": "oui",
            "famille_ess": "association", "filiere": "Numérique"} | more


def listed(table: pd.DataFrame, kind: Any = "extrait") -> Directory:
    return dataclasses.replace(directory.extract(), index=SupplierIndex(table), kind=kind)


def counted(*rows: dict[str, Any], complete: bool = False) -> pd.DataFrame:
    table = structures(*rows)
    epci = ingredients.epci_of(table["code_insee"])
    return ingredients.components(table, epci, complete=complete)


def test_kinds_and_trades_are_counted_once_each() -> None:
    found = counted(
        asso(), asso(est_siae="oui"), asso(famille_ess="cooperative", filiere="Habitat ; Santé"),
        asso(filiere="inconnue"), asso(code_insee="26113", famille_ess="mutuelle"),
    )
    assert found.loc[A, ["organisations", "genres", "filieres"]].tolist() == [4, 3, 3]
    assert found.loc[A, "filieres_noms"] == "Habitat, Numérique, Santé"
    assert found.loc[B, ["organisations", "genres", "filieres"]].tolist() == [1, 1, 1]


def test_several_establishments_of_one_unit_are_one_organisation() -> None:
    found = counted(asso(siren="111111111"), asso(siren="111111111"), asso(), asso())
    assert found.loc[A, "organisations"] == 3


def test_what_is_not_known_to_belong_is_not_counted_but_said() -> None:
    table = structures(asso(), asso(est_ess="inconnu"), asso(est_ess="non"),
                       asso(est_ess="non", est_siae="oui"))
    found = naissance.of(listed(table))
    assert (found.structures, found.unconfirmed) == (2, 1)
    assert any("inconnue et n’est pas comptée pour 1" in note for note in found.notes())


def test_a_silent_list_leaves_training_unknown_and_a_complete_one_does_not() -> None:
    rows = (asso(naf="85.59A", nom="École"), asso(code_insee="26113", naf="88.99B"))
    assert counted(*rows)["formation"].fillna(-1).to_dict() == {A: 1, B: -1}
    assert counted(*rows, complete=True)["formation"].to_dict() == {A: 1, B: 0}
    # One activity unknown is enough: it could be the one.
    more = (*rows, asso(code_insee="26113"))
    assert np.isnan(counted(*more, complete=True).loc[B, "formation"])


@pytest.mark.parametrize(("said", "shared"), [
    ("Tiers-lieu rural", True), ("espace de coworking", True), ("pépinière d’entreprises", True),
    ("Hôtel d'activités", True), ("pépinière de fruitiers", False), ("médiation", False),
])
def test_shared_premises_are_attested_by_words_never_denied(said: str, shared: bool) -> None:
    found = counted(asso(activite=said), complete=True).loc[A, "lieux"]
    assert found == 1 if shared else np.isnan(found)


def test_unknown_kinds_and_trades_are_unknown_not_zero() -> None:
    found = counted(asso(famille_ess="inconnue", filiere="inconnue"))
    assert found.loc[A, ["genres", "filieres"]].isna().all()
    assert found.loc[A, "organisations"] == 1


def test_notes_and_bounds_by_hand() -> None:
    found = ingredients.scored(pd.DataFrame({
        "organisations": [10, 4, 4, 1], "genres": [3.0, np.nan, 1, 1],
        "filieres": [2.0, 1, np.nan, 1], "formation": np.nan, "lieux": [1.0, np.nan, np.nan, 0],
    }, index=list("abcd")))
    assert found["note_organisations"].tolist() == [87.5, 50, 50, 12.5]
    assert found["note_genres"].round(2).fillna(-1).tolist() == [83.33, -1, 33.33, 33.33]
    assert found["note_filieres"].round(2).fillna(-1).tolist() == [83.33, 33.33, -1, 33.33]
    assert found.loc["b", "score"] == pytest.approx((50 + 100 / 3) / 2)
    assert found.loc["b", "score_min"] == pytest.approx((50 + 100 / 3) / 5)
    assert found.loc["b", "score_max"] == pytest.approx((50 + 100 / 3 + 300) / 5)
    assert found["notes_connues"].tolist() == [4, 2, 2, 4]
    assert (found["score_min"] <= found["score"]).all()
    assert (found["score"] <= found["score_max"]).all()


def test_the_extract_says_that_it_ranks_the_extract() -> None:
    found = naissance.of(directory.extract())
    assert not found.complete
    assert "extrait" in found.notes()[0]
    assert set(found.table["assez"]) == {"oui", "inconnu"}
    assert (found.first()["organisations"] >= naissance.ENOUGH).all()
    assert len(found.first(3)) == 3
    assert found.table["score"].is_monotonic_decreasing
    # Training is written nowhere in the extract.
    assert found.table["formation"].isna().all()
    for text in (*found.notes(), *found.table["raisons"]):
        assert is_french_sentence(text.split(". ")[-1]), text
    assert is_french_sentence(naissance.verdict(found.table.iloc[0], found))
    assert list(found.table) == [column.name for column in naissance.columns()]


def test_a_list_without_anybody_ranks_nothing_and_breaks_nothing() -> None:
    nobody = listed(structures(asso(est_ess="non"), asso(est_ess="inconnu")))
    found = naissance.of(nobody)
    assert found.table.empty
    assert found.first().empty
    told = naissance_retrotest.run(nobody).to_json()
    assert "ne dit rien" in told["conclusion"]
    assert told["resultats"][0]["lift"] is None
    assert "–" in naissance_doc.markdown(told)


def test_a_complete_list_may_say_no() -> None:
    found = naissance.of(listed(structures(asso(), asso()), "france"))
    assert found.complete
    assert found.table["assez"].tolist() == ["non"]
    assert not any("extrait :" in note for note in found.notes())


def test_a_place_answers_by_its_code_or_one_of_its_communes() -> None:
    found = naissance.of(directory.extract())
    for code in (A, "26281"):
        assert naissance.inside(found, code)["code"].tolist() == [A]
    # Île-de-Bréhat is in no EPCI; of another EPCI the list knows nothing.
    unlisted = sorted(set(communes.units("epci").index) - set(found.table["code"]))[0]
    for code in ("22016", unlisted, "99999", "976"):
        with pytest.raises(InvalidInputError) as error:
            naissance.inside(found, code)
        assert is_french_sentence(error.value.user_message.split(". ")[-1])


def test_a_departement_or_a_region_keeps_the_places_in_it_and_their_ranks() -> None:
    found = naissance.of(directory.extract())
    drome = naissance.inside(found, "26")
    assert {A, B} <= set(drome["code"])
    assert set(drome["code"]) <= set(naissance.inside(found, "R84")["code"])
    assert drome["rang"].tolist() == found.table[found.table["code"].isin(drome["code"])][
        "rang"].tolist()
    assert naissance.inside(found, "FR").equals(found.table)


def test_lists_of_departements_are_not_taken_for_france() -> None:
    found = naissance.of(dataclasses.replace(
        listed(structures(asso(naf="88.99B")), "france"), departements=("26",)
    ))
    assert not found.complete
    assert "que ces départements : 26" in found.notes()[0]
    assert found.table["assez"].tolist() == ["inconnu"]
    assert found.table["formation"].isna().all()


def test_who_carries_a_pole_is_found_out() -> None:
    poles = pd.DataFrame({
        "nom": ["PTCE Centre Isère", "TERA"], "nom_court": ["PTCE Centre Isère", "TERA"],
        "structure_porteuse": ["Ateliers Gersois d'Innovation et d'Insertion (AG2I)",
                               "association Les Tracols et SCIC La Serre"],
        "source_url": ["https://a.fr/x;https://b.fr/y", ""],
    })
    rows = structures(
        {"nom": "Entreprises Centre-Isère"}, {"nom": "Tera"}, {"nom": "Teranova"},
        {"nom": "AG2I (atelier)"}, {"nom": "LES TRACOLS"}, {"nom": "Chantier d'insertion"},
        {"nom": "La Serre"}, {"nom": "X", "source_url": "https://b.fr/y"},
        {"nom": "Y", "activite": "anime le PTCE local"}, {"nom": "Z"},
    )
    found = naissance_retrotest.leaking(rows, poles)
    assert found["nom"].tolist() == [True, True, False, True, True, False, True] + [False] * 3
    assert np.flatnonzero(found["page"]).tolist() == [7]
    assert np.flatnonzero(found["texte"]).tolist() == [8]


def test_the_carriers_of_the_extract_leave_the_list_that_is_ranked() -> None:
    rows = directory.extract().index.table
    leaks = naissance_retrotest.leaking(rows, ptce.table())
    gone = set(rows["nom"][np.logical_or.reduce(list(leaks.values()))])
    assert {"Groupe Archer", "La Place des Possibles", "Fibr'Ethik"} <= gone
    assert not any("Restos" in name for name in gone)


def test_poles_are_placed_only_where_a_commune_or_an_epci_is_known() -> None:
    poles = ptce.table()
    where = naissance_retrotest.places(poles)
    assert set(poles["niveau"][where.notna()]) <= {"commune", "epci"}
    assert where[poles["nom_court"] == "Pôle Sud Archer"].tolist() == [A]


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    return naissance_retrotest.run(directory.extract()).to_json()


def test_the_published_figures_are_those_of_the_code(figures: dict[str, Any]) -> None:
    document = (ROOT / "docs/ptce.md").read_text(encoding="utf-8")
    again = naissance_doc.insert(document, figures)
    assert again == document, "docs/ptce.md a vieilli : lancez « make retrotest »."
    kept = json.loads((ROOT / "docs/ptce.json").read_text(encoding="utf-8"))
    assert kept == json.loads(naissance_doc.to_json(figures))


def test_the_published_figures_add_up(figures: dict[str, Any]) -> None:
    assert is_french_sentence(figures["conclusion"])
    assert all(is_french_sentence(text.split(". ")[-1]) for text in figures["precautions"])
    assert figures["intercommunalites_avec_ptce"] <= figures["ptce_places"] <= figures["ptce"]
    first = figures["resultats"][0]
    assert (first["champ"], first["poles"], first["part"]) == ("liste", "tous", 0.1)
    for row in figures["resultats"]:
        assert 0 <= row["trouves"] <= min(row["caches"], row["premiers"])
        assert row["lift"] == pytest.approx(
            row["trouves"] / row["caches"] * row["lieux"] / row["premiers"], abs=0.02
        )
        assert row["intervalle"][0] <= row["lift"] <= row["intervalle"][1]


@pytest.mark.parametrize("document", ["rien", naissance_doc.END + naissance_doc.BEGIN,
                                      naissance_doc.BEGIN * 2 + naissance_doc.END])
def test_a_document_without_its_marks_is_left_alone(
    document: str, figures: dict[str, Any]
) -> None:
    with pytest.raises(DataError):
        naissance_doc.insert(document, figures)


@pytest.mark.parametrize(("score", "versus", "said"), [
    (0.01, 0.01, "et il fait mieux"), (0.01, 0.5, "mais rien ne montre"),
    (0.5, 0.5, "rien ne montre que le score"), (0.5, 0.01, "mais il fait mieux"),
])
def test_the_conclusion_says_no_more_than_the_tests(
    score: float, versus: float, said: str
) -> None:
    other = {"p": versus}
    row = {"part": 0.1, "caches": 4, "p": score, "densite": other, "organisations": other}
    found = naissance_retrotest.conclusion(row)
    assert said in found
    assert is_french_sentence(found)
    assert "ne dit rien" in naissance_retrotest.conclusion(row | {"caches": 0})
    one_only = naissance_retrotest.conclusion(row | {"densite": {"p": 0.01}, "organisations":
                                                     {"p": 0.5}})
    assert "mieux que le classement par «\u00a0organisations par habitant" in one_only
    assert "que celui par «\u00a0nombre d’organisations\u00a0» (p = 0,5000)" in one_only
    assert is_french_sentence(one_only)


def test_the_command_gives_the_ranking_a_place_and_the_back_test(
    capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["naissance", "--nombre", "2"]) == 0
    assert "extrait" in capsys.readouterr().out
    assert main(["naissance", "--territoire", "26281", "--format", "json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert [row["code"] for row in content["intercommunalites"]] == [A]
    assert content["intercommunalites"][0]["formation"] is None
    assert main(["naissance", "--format", "csv"]) == 0
    assert capsys.readouterr().out.startswith("rang,code,nom")
    assert main(["naissance", "--retrotest", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["resultats"]


@pytest.mark.parametrize("arguments", [
    ["--nombre", "0"], ["--document", "x.md"], ["--retrotest", "--format", "xlsx"],
    ["--retrotest", "--territoire", A], ["--territoire", "99999"], ["--format", "docx"],
])
def test_the_command_refuses_in_french(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["naissance", *arguments]) == 2
    assert is_french_sentence(capsys.readouterr().err.strip())


def test_the_same_code_runs_on_a_national_list_of_one_kind() -> None:
    read = pd.read_csv(real_file("ess_siae_2019_2021.csv"), dtype=str).fillna("")
    rows = structures(*(
        {"nom": one["denomination"], "siren": one["siren"], "code_insee": one["code_commune"],
         "naf": one["naf"], "est_siae": "oui", "filiere": presumed(one["naf"]),
         "longitude": float(one["longitude"] or "nan"),
         "latitude": float(one["latitude"] or "nan")}
        for one in read.to_dict("records")
    ))
    found = naissance_retrotest.run(listed(rows, "france"))
    assert len(found.potential.table) > 700
    assert found.listed > 0.7 * found.hidden
    assert 0 < found.main["p"] <= 1
    # Of one kind only: every place has the same note for it.
    assert set(found.potential.table["note_genres"]) == {50.0}
