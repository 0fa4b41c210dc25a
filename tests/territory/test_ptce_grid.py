"""The grid of 2011: nineteen answers, thresholds on both sides, nothing met for lack of data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from territory import directory, ptce, settings
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.ptce import assessment, declared, surroundings
from territory.ptce.assessment import assess
from territory.ptce.criteria import CRITERIA, GROUPS, MET, NOT_MET, UNKNOWN, criterion, of_group
from territory.ptce.declared import Pole, Said
from territory.ptce.evidence import Count, count_of
from territory.suppliers import SupplierIndex
from tests.territory.french import is_french_sentence

#: The poles the founding text names → origin, structure and functions it gives them.
ELEVEN = {
    "Pôle Sud Archer": ("entrepreneuriale", None, "centre_multifonction"),
    "Maison des solidarités": ("citoyenne", "inconnue", "inconnue"),
    "Les Ecossolies": ("collectivite", None, "inconnue"),
    "Sicoval-Ramonville": ("collectivite", None, "inconnue"),
    "Initiatives et Cité": ("inconnue", "sectorielle", "inconnue"),
    "Pôle Services à la Personne PACA": ("inconnue", "sectorielle", "inconnue"),
    "Le PHARES": ("inconnue", None, "hebergement"),
    "ARTIS": ("inconnue", "multisectorielle", "hebergement"),
    "PES Sud-Essonne": ("inconnue", None, "centre_multifonction"),
    "Énergies citoyennes Pays de Vilaine": ("inconnue", None, "inconnue"),
    "Culture et Coopération": ("inconnue", None, "inconnue"),
}


def pole(**told) -> Pole:
    return Pole("Essai", **told)


def of_list(name: str) -> assessment.Assessment:
    return assess(declared.from_rows(ptce.get(name), ptce.facts(name)))


def full() -> dict[str, Said]:
    """Every criterion a person may answer, answered oui."""
    return {c.id: Said(MET, "Vu sur place.", "Essai, 2026") for c in CRITERIA if c.declarable}


def test_the_grid_is_eight_six_and_five() -> None:
    assert [len(of_group(group)) for group in GROUPS] == [8, 6, 5]
    assert len({c.id for c in CRITERIA}) == 19
    for one in CRITERIA:
        assert one.question[-1] == "." or one.question.endswith("?")
        assert one.words(UNKNOWN) == "inconnu"
    with pytest.raises(InvalidInputError) as caught:
        criterion("inventé")
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize(
    ("members", "state", "words"),
    [
        (4, NOT_MET, "sous le seuil bas"),
        (5, MET, "seuil bas atteint"),
        (9, MET, "seuil bas atteint"),
        (10, MET, "seuil atteint"),
        (11, MET, "seuil atteint"),
    ],
)
def test_thresholds_on_both_sides(members: int, state: str, words: str) -> None:
    kinds = {"ess": Count(members - 1), "entreprise": Count(1)}
    found = assess(pole(members=Count(members), kinds=kinds)).answer("nombre")
    assert found.state == state
    assert words in found.evidence
    assert found.mode == "calculé"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        # Said roughly, half is certain; a lower bound sets no maximum.
        ({"members": Count(8, "environ")}, UNKNOWN),
        ({"members": Count(4, "au moins")}, UNKNOWN),
        ({"members": Count(4, "environ")}, UNKNOWN),
        # The number is there, the types are not known.
        ({"members": Count(12)}, UNKNOWN),
        ({"members": Count(12), "kinds": {"ess": Count(3)}}, UNKNOWN),
        ({"members": Count(12), "kinds": {"ess": Count(12)}}, NOT_MET),
        ({"kinds": {"ess": Count(4), "entreprise": Count(1)}}, MET),
        ({"kinds": {"ess": Count(3), "entreprise": Count(1)}}, UNKNOWN),
        ({}, UNKNOWN),
    ],
)
def test_a_number_said_roughly_or_in_part(told: dict, state: str) -> None:
    assert assess(pole(**told)).answer("nombre").state == state


def test_nothing_known_answers_nothing() -> None:
    found = assess(pole())
    assert {one.state for one in found.answers} == {UNKNOWN}
    assert {one.mode for one in found.answers} == {"sans réponse"}
    assert found.verdict == "indecis"
    assert "ne peut pas être dit" in found.sentence()


@pytest.mark.parametrize(
    ("nature", "words"),
    [
        ("agence_ou_chambre", "qu’une agence de développement ou une chambre de commerce"),
        ("reseau_politique", "qu’un réseau d’animation et de représentation (CRESS)"),
        ("projet_ponctuel", "que la création d’une entreprise ou un projet ponctuel"),
        ("reseau_creation", "qu’un réseau d’aide à la création d’activité"),
        ("observatoire", "qu’un observatoire ou un centre de ressources"),
    ],
)
def test_one_of_the_five_alone_is_no_pole_whatever_else_is_said(nature: str, words: str) -> None:
    kinds = {"ess": Count(20), "entreprise": Count(20)}
    found = assess(pole(nature=nature, kinds=kinds, answers=full()))
    assert found.verdict == "n_est_pas"
    assert "n’est pas un PTCE" in found.sentence()
    assert words in found.sentence()
    assert [one.criterion.id for one in found.answers
            if one.criterion.group == "exclusion" and one.state == MET] == [nature]


def test_all_that_must_hold_and_no_exclusion_answers_the_grid() -> None:
    kinds = {"ess": Count(6), "collectivite": Count(1), "entreprise": Count(3)}
    found = assess(pole(nature="regroupement", kinds=kinds, answers=full()))
    assert found.verdict == "repond"
    # One unknown, and nothing can be said any more.
    for lacking in ("projet", "duree"):
        answers = {name: said for name, said in full().items() if name != lacking}
        left = assess(pole(nature="regroupement", kinds=kinds, answers=answers))
        assert left.verdict == "indecis"
        assert "1 des 8 critères" in left.sentence()
    assert assess(pole(kinds=kinds, answers=full())).verdict == "indecis"


def test_criteria_on_trial_conclude_nothing() -> None:
    kinds = {"ess": Count(6), "collectivite": Count(1)}
    answers = {**full(), "gouvernance": Said(NOT_MET, "Non.", "Essai")}
    found = assess(pole(nature="regroupement", kinds=kinds, answers=answers))
    assert found.verdict == "repond"


def test_two_proofs_that_disagree_leave_it_unknown() -> None:
    answers = {"collectivite": Said(NOT_MET, "Aucune collectivité.", "Essai")}
    found = assess(pole(kinds={"collectivite": Count(1)}, answers=answers))
    assert found.answer("collectivite").state == UNKNOWN
    assert "se contredisent" in found.answer("collectivite").evidence


@pytest.mark.parametrize(
    "told",
    [
        {"nature": "inventée"}, {"kinds": {"martiens": Count(3)}},
        {"answers": {"nombre": Said(MET, "Oui.", "Essai")}},
        {"answers": {"projet": Said(UNKNOWN, "Peut-être.", "Essai")}},
        {"members": Count(3), "kinds": {"ess": Count(4)}},
    ],
)
def test_a_pole_that_contradicts_itself_is_refused(told: dict) -> None:
    with pytest.raises(InvalidInputError) as caught:
        pole(**told)
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("name", ELEVEN)
def test_the_eleven_poles_come_out_as_the_text_describes_them(name: str) -> None:
    row = ptce.get(name)
    origin, structure, functions = ELEVEN[name]
    assert row["origine"] == origin
    assert structure is None or row["structure"] == structure
    assert row["fonctions"] == functions
    assert "Propositions (2012)" in row["source_titre"]
    found = of_list(name)
    # A short text cannot fill a grid: no pole is said to be one, and no exclusion applies.
    assert found.verdict == ("n_est_pas" if name == "PES Sud-Essonne" else "indecis")
    assert found.count("exclusion", MET) == 0
    assert is_french_sentence(found.sentence())
    for one in found.answers:
        assert is_french_sentence(one.evidence), one.evidence
        if one.state != UNKNOWN:
            assert "2012" in one.evidence


def test_what_the_text_counts_is_judged() -> None:
    assert of_list("ARTIS").answer("nombre").state == MET
    assert of_list("ARTIS").answer("acteurs_divers").state == MET
    assert of_list("Pôle Sud Archer").answer("nombre").evidence.startswith(
        "Organisations\u00a0: au moins 7, seuil bas atteint")
    # Three firms: the text names it all the same, and the table says so.
    assert of_list("PES Sud-Essonne").answer("nombre").state == NOT_MET
    notes = ptce.facts("PES Sud-Essonne").query("champ == 'note'")["valeur"]
    assert notes.str.contains("sous le seuil").any()
    # Neither roughly ten ESS structures nor ten firms of one trade tell two types.
    for name in ("Le PHARES", "Initiatives et Cité", "Culture et Coopération"):
        assert of_list(name).answer("nombre").state == UNKNOWN
    for name in ("Les Ecossolies", "Sicoval-Ramonville"):
        assert of_list(name).answer("collectivite").state == MET


def test_only_the_pole_a_source_says_closed_is_closed() -> None:
    table = ptce.table()
    closed = table[table["situation"] != "inconnue"]
    assert closed["nom_court"].tolist() == ["Initiatives et Cité"]
    assert closed["situation"].tolist() == ["termine"]
    assert closed["situation_source"].str.contains("Journal des Entreprises").all()
    assert closed["situation_annee"].isna().all()


# --- Around -----------------------------------------------------------------------------------


def test_neighbours_document_a_criterion_and_never_meet_it() -> None:
    row = ptce.get("Les Ecossolies")
    perimeter = Perimeter.of_units(str(row["code"]))
    near = surroundings.count(row, perimeter, directory.extract())
    told = declared.from_rows(row, ptce.facts("Les Ecossolies"))
    without, with_them = assess(told), assess(told, near)
    assert [a.state for a in without.answers] == [a.state for a in with_them.answers]
    assert "Nantes Métropole" in with_them.answer("collectivite").around
    assert "ne veut rien dire" in with_them.answer("nombre").around
    assert near.research is None  # The extract bears no NAF: unknown, not zero.
    for said in (near.structures(), near.firms(), near.bodies(), near.authorities(), near.source):
        assert is_french_sentence(said) or said[0].isdigit()


def test_a_list_with_naf_counts_research_and_training() -> None:
    row = ptce.get("Les Ecossolies")
    rows = directory.extract().index.table.head(6).assign(
        code_insee="44109", longitude=-1.5534, latitude=47.2184, famille_ess="association",
        naf=["72.19Z", "85.42Z", "85.59A", "85.20Z", "47.11F", ""],
    )
    listed = replace(directory.extract(), index=SupplierIndex(rows.reset_index(drop=True)))
    near = surroundings.count(row, Perimeter.of_units("44109"), listed)
    assert near.research == 3
    assert near.ess == {"association": 6}


def test_a_pole_known_by_its_region_has_no_neighbours() -> None:
    row = ptce.get("Mady&co")
    assert surroundings.around(row, settings.load()) is None


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [("12", 12, ""), ("Au moins 7", 7, "au moins"), ("environ  20", 20, "environ")],
)
def test_numbers_as_people_write_them(text: str, value: int, bound: str) -> None:
    assert count_of(text) == Count(value, bound)


@pytest.mark.parametrize("text", ["", "beaucoup", "-3", "1,5", "123456", "presque 3"])
def test_other_texts_are_no_number(text: str) -> None:
    assert count_of(text) is None
