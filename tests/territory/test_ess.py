"""Who is of the ESS and who employs: the rule by hand, then on real legal units."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from territory import ess
from territory.schemas import ETABLISSEMENTS
from territory.sources import siae
from tests.territory.real import real_file

DAY = dt.date(2026, 11, 1)
LAW = "Forme juridique, loi du 31 juillet 2014, art. 1"
OUTSIDE = "Forme juridique hors de la loi du 31 juillet 2014, art. 1"
SIRENE = "Sirene, 1er novembre 2026"
LIST = "Liste ESS France, 20 novembre 2023"

#: Families of the real categories, from the reference rather than from the product's table.
FAMILIES = {
    "association": ("9220", "9221", "9230", "9260"),
    "cooperative": ("5432", "5453", "5458", "5460", "5532", "5558", "5560", "5651", "5658", "5660",
                    "6317", "6318", "6560"),
    "fondation": ("9300",),
}


def unit(
    category: str = "", flag: str = "", *, siren: str = "412345678", naf: str = "62.01Z",
    listed: bool = False, name: str = "Structure",
) -> dict[str, object]:
    return {"siren": siren, "categorie_juridique": category, "naf": naf, "drapeau_sirene": flag,
            "sur_liste_ess": listed, "nom": name}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # 1. The flag wins over everything, public bodies and activities out of the field included.
        (unit("9220", "O"), ("oui", SIRENE, "association")),
        (unit("5710", "O"), ("oui", SIRENE, "societe_commerciale_ess")),
        (unit("7410", "O"), ("oui", SIRENE, "inconnue")),
        (unit("9224", "O", naf="94.11Z", listed=True), ("oui", SIRENE, "inconnue")),
        (unit("", "O", siren="210000001"), ("oui", SIRENE, "inconnue")),
        # 2. So does the list, even over a flag that says no.
        (unit("5499", "N", listed=True), ("oui", LIST, "societe_commerciale_ess")),
        (unit("8510", listed=True), ("oui", LIST, "inconnue")),
        # 3. Public bodies and the forms article 1 leaves out.
        (unit("7210"), ("non", OUTSIDE, "hors_ess")),
        (unit("4140", "N"), ("non", OUTSIDE, "hors_ess")),
        (unit("", siren="213802812"), ("non", OUTSIDE, "hors_ess")),
        (unit("", siren="130000000"), ("non", OUTSIDE, "hors_ess")),
        (unit("9224"), ("non", OUTSIDE, "hors_ess")),
        (unit("8510"), ("non", OUTSIDE, "hors_ess")),
        (unit("8310", "N"), ("non", OUTSIDE, "hors_ess")),
        # Units of every kind are numbered from 10 today: that says nothing of them.
        (unit("", siren="100029172"), ("inconnu", "", "inconnue")),
        (unit("5710", siren="120029172"), ("inconnu", "", "inconnue")),
        # 4. The categories of the law, in the field; a flag « N » does not undo the law.
        (unit("9220"), ("oui", LAW, "association")),
        (unit("9220", siren="100029172"), ("oui", LAW, "association")),
        (unit("5558", "N"), ("oui", LAW, "cooperative")),
        (unit("8210", naf=""), ("oui", LAW, "mutuelle")),
        (unit("9300"), ("oui", LAW, "fondation")),
        # … out of the field they are neither yes nor no, whatever the flag.
        (unit("9220", naf="94.91Z"), ("inconnu", "", "association")),
        (unit("9220", "N", naf="84.12Z"), ("inconnu", "", "association")),
        (unit("9220", naf="94.99Z"), ("oui", LAW, "association")),
        # 5. No category of the law, and Sirene says no.
        (unit("5710", "N"), ("non", SIRENE, "hors_ess")),
        (unit("", "N"), ("non", SIRENE, "hors_ess")),
        # 6. Nothing says anything: not being listed is not an answer.
        (unit("5710"), ("inconnu", "", "inconnue")),
        (unit("9210"), ("inconnu", "", "inconnue")),
        (unit("9240"), ("inconnu", "", "inconnue")),
        (unit(""), ("inconnu", "", "inconnue")),
    ],
)
def test_the_first_rule_that_holds_answers(
    given: dict[str, object], expected: tuple[str, str, str]
) -> None:
    answer = ess.classify(pd.DataFrame([given], index=[7]), DAY)
    assert list(answer.index) == [7]
    assert tuple(answer.loc[7]) == expected


@pytest.mark.parametrize(
    ("category", "name", "family"),
    [
        ("5710", "SCOP Les Fictifs", "cooperative"),
        ("5499", "Épicerie fictive (scic)", "cooperative"),
        ("5710", "FICTIVE S.C.I.C. SAS", "cooperative"),
        ("5710", "Société coopérative fictive", "cooperative"),
        ("5710", "Télescopes et épiscopes fictifs", "societe_commerciale_ess"),
        ("5710", "SCOPEX", "societe_commerciale_ess"),
        ("5458", "Sans mot qui le dise", "cooperative"),
        ("9220", "Les amis de la SCOP", "association"),
        ("3120", "SCOP étrangère", "inconnue"),
        ("", "SCOP sans forme connue", "inconnue"),
    ],
)
def test_a_name_makes_a_cooperative_of_a_commercial_company_only(
    category: str, name: str, family: str
) -> None:
    assert list(ess.family(pd.Series([category]), pd.Series([name]))) == [family]


@pytest.mark.parametrize(
    ("active", "character", "size", "employs"),
    [
        (True, "O", "12", "oui"),
        (True, "N", "02", "oui"),  # seen in real answers: the two fields disagree
        (True, "O", "NN", "oui"),  # and the other way round
        (True, "O", "", "oui"),
        (True, "", "53", "oui"),
        (True, "N", "NN", "non"),
        (True, "N", "", "non"),
        (True, "", "00", "non"),
        (True, "", "", "inconnu"),
        (True, "", "99", "inconnu"),
        (False, "O", "12", "non"),
        (False, "", "", "non"),
    ],
)
def test_an_employer_is_told_by_two_fields_and_silence_is_unknown(
    active: bool, character: str, size: str, employs: str
) -> None:
    answer = ess.employs(pd.Series([active]), pd.Series([character]), pd.Series([size]))
    assert list(answer) == [employs]


def test_sizes_are_said_in_words_with_their_year() -> None:
    assert ess.size_words("12", "2023") == "20 à 49 salariés (2023)"
    assert ess.size_words("NN") == "aucun salarié"
    assert ess.size_words("", "2023") == ess.size_words("99", "2023") == ""


@pytest.fixture(scope="module")
def digital() -> pd.DataFrame:
    """Real legal units of digital activities, judged with their Sirene flag and without."""
    table = pd.read_csv(
        real_file("ess_numerique_unites_legales_2026.csv"), dtype=str, keep_default_na=False
    ).rename(columns={"denomination": "nom", "famille_ess": "theirs"})
    table["drapeau_sirene"] = table["flag_ess_sirene"].map({"True": "O", "": ""})
    table["sur_liste_ess"] = False
    judged = ess.classify(table, DAY)
    unflagged = ess.classify(table.assign(drapeau_sirene=""), DAY)
    return table.join(judged).assign(without_flag=unflagged["est_ess"])


def test_real_units_that_sirene_flags_are_of_the_ess(digital: pd.DataFrame) -> None:
    flagged = digital[digital["drapeau_sirene"] == "O"]
    assert len(flagged) > 3000
    assert set(flagged["est_ess"]) == {"oui"}
    assert set(flagged["est_ess_source"]) == {SIRENE}


def test_real_categories_of_the_law_have_the_family_of_the_reference(digital: pd.DataFrame) -> None:
    for family, categories in FAMILIES.items():
        inside = digital[digital["categorie_juridique"].isin(categories)]
        assert set(inside["categorie_juridique"]) == set(categories)
        assert set(inside["famille_ess"]) == {family}
        assert set(inside["without_flag"]) == {"oui"}, "the law is enough"
    statutory = {c for categories in FAMILIES.values() for c in categories}
    others = digital[~digital["categorie_juridique"].isin(statutory)]
    assert set(others["without_flag"]) == {"inconnu", "non"}, "no other category is by itself"


def test_families_differ_from_another_mapping_in_two_known_categories(
    digital: pd.DataFrame,
) -> None:
    mapped = digital[digital["theirs"] != ""]
    differing = mapped[mapped["theirs"] != mapped["famille_ess"]]
    assert set(zip(differing["categorie_juridique"], differing["theirs"],
                   differing["famille_ess"], strict=True)) == {
        # Undeclared associations: no legal person, which cannot employ under its own name.
        ("9210", "association", "inconnue"),
        # « Autre personne morale de droit privé »: among them groupements de coopération
        # sanitaire, foreign limited companies and a trust, of which none is a foundation.
        ("9900", "fondation", "inconnue"),
    }
    # What that mapping leaves blank and the table of the law knows: SICA, craftsmen's, consumers'
    # and other cooperatives in the form of a SARL, an SA or a civil company. Beside them, SAS that
    # call themselves so.
    blank = digital[(digital["theirs"] == "") & (digital["famille_ess"] == "cooperative")]
    by_category = blank[blank["categorie_juridique"].isin(ess.LEGAL_CATEGORIES)]
    assert set(by_category["categorie_juridique"]) == {
        "5432", "5453", "5460", "5532", "5651", "5658", "5660", "6560"}
    assert set(blank["categorie_juridique"]) - set(by_category["categorie_juridique"]) == {"5710"}


def test_no_real_public_body_is_of_the_ess_by_its_category(digital: pd.DataFrame) -> None:
    public = digital[digital["categorie_juridique"].str.startswith(("4", "7"))]
    assert len(public) == 2
    assert set(public["without_flag"]) == {"non"}


def test_units_numbered_from_10_are_judged_like_the_others(digital: pd.DataFrame) -> None:
    """Their SIREN looks like those of public bodies: they are associations and companies."""
    recent = digital[digital["siren"].str.startswith("10")]
    assert len(recent) > 20
    associations = recent["categorie_juridique"] == "9220"
    assert set(recent.loc[associations, "without_flag"]) == {"oui"}
    assert set(recent.loc[~associations, "without_flag"]) == {"inconnu"}


def test_real_communes_that_run_an_insertion_workshop_are_siae_and_not_ess() -> None:
    table = pd.read_csv(real_file("ess_siae_2019_2021.csv"), dtype=str, keep_default_na=False)
    table = table.rename(columns={"denomination": "nom"})
    judged = ess.classify(
        table.assign(categorie_juridique="", drapeau_sirene="", sur_liste_ess=False), DAY
    )
    public = table["personne_publique"] == "1"
    assert public.sum() == 236
    assert set(judged.loc[public, "est_ess"]) == {"non"}
    assert set(judged.loc[~public, "est_ess"]) == {"inconnu"}, "nothing else is known of them"
    assert set(table.loc[public, "type_siae"]) <= set(siae.SIAE_KINDS)

    listed = siae.read([
        {"siret": row.siret, "kind": row.type_siae, "name": row.nom} for row in table.itertuples()
    ])
    # Eleven structures are there twice, with two kinds.
    twice = table.groupby("siret")["type_siae"].agg(lambda kinds: ", ".join(sorted(set(kinds))))
    assert (listed.set_index("siret")["type_siae"] == twice[listed["siret"]]).all()
    assert listed["type_siae"].str.contains(",").sum() == 11

    places = pd.DataFrame("", index=table.index, columns=ETABLISSEMENTS.names)
    places = places.assign(siret=table["siret"], siren=table["siren"], est_siae="inconnu",
                           est_ess=judged["est_ess"], famille_ess=judged["famille_ess"])
    joined = siae.join(places[public], listed, DAY)
    assert set(joined["est_siae"]) == {"oui"}
    assert set(joined["est_ess"]) == {"non"}
    assert set(joined["famille_ess"]) == {"hors_ess"}
