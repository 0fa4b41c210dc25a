"""Contributions to the table of poles: hostile files, what is to be mended, what would change."""

from __future__ import annotations

import codecs
import csv
import io
import json

import pandas as pd
import pytest

from territory import ptce
from territory.cli import main
from territory.errors import InvalidInputError
from territory.ptce import contribution, evidence, sheet
from territory.ptce.vocabulary import ADDED
from tests.territory.french import is_french_sentence

NEW = {
    "nom": "Pôle d’essai", "nom_court": "Essai", "commune": "Ambérieu-en-Bugey",
    "code_insee": "01004", "precision": "commune", "region": "Auvergne-Rhône-Alpes",
    "statut": "ptce_cite_par_cress", "source_titre": "CRESS, courrier", "source_date": "2026-03",
}


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return contribution.as_text(ptce.table())


def written(*rows: dict[str, str], separator: str = ";") -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerows([names, *([row.get(name, "") for name in names] for row in rows)])
    return text.getvalue().encode()


def checked(base: pd.DataFrame, content: bytes) -> contribution.Checked:
    found = contribution.check("essai.csv", content, base, ptce.facts())
    assert is_french_sentence(found.sentence())
    for problem in found.problems:
        assert is_french_sentence(problem.sentence()), problem.sentence()
    for change in found.changes:
        assert is_french_sentence(change.sentence()), change.sentence()
    return found


# --- What it changes --------------------------------------------------------------------------


def test_a_new_pole_and_a_corrected_field_are_told(base: pd.DataFrame) -> None:
    found = checked(base, written(
        NEW, {"nom": "Réuniverre", "filiere": "verre", "source_titre": "CRESS, 2026"}))
    assert found.sound
    assert found.changes[0] == contribution.Change("Pôle d’essai")
    assert contribution.Change("Réuniverre", "filiere", "", "verre") in found.changes
    assert {c.column for c in found.changes[1:]} == {"filiere", "source_titre", "source_url"}


def test_an_empty_cell_changes_nothing_and_inconnu_empties(base: pd.DataFrame) -> None:
    held = base[base["nom"] == "Pôle Sud Archer"].iloc[0]
    archer = {"nom": "pole SUD archer", "annee_creation": "", **{
        column: held[column] for column in ("source_titre", "source_url", "source_date")}}
    found = checked(base, written(archer))
    # The name alone differs, by its case.
    assert [c.column for c in found.changes] == ["nom"]
    found = checked(base, written({**archer, "nom": held["nom"], "annee_creation": "inconnu"}))
    assert found.changes == (contribution.Change(held["nom"], "annee_creation", "2007", ""),)


def test_the_sources_of_a_line_join_those_of_the_pole(base: pd.DataFrame) -> None:
    sent = {"nom": "ARTIS", "filiere": "artisanat", "source_titre": "Courrier",
            "source_date": "2026-03"}
    found = contribution.read("essai.csv", written(sent), base)
    assert not found.problems
    for given in (found, contribution.read("bis.csv", written(sent, NEW), base)):
        laid = contribution.lay(base.assign(situation_source=""), given).set_index("nom")
        cells = laid.loc["ARTIS"]
        assert cells["source_titre"].split(";")[-1] == "Courrier"
        assert "Propositions (2012)" in cells["source_titre"]
        assert cells["source_date"].split(";") == ["2012", "", "2026-03"]
        assert len(cells["source_url"].split(";")) == 3
    # Sent twice, it is added once.
    again = contribution.read("ter.csv", written(sent), laid.reset_index())
    assert contribution.lay(laid.reset_index(), again).equals(laid.reset_index())


def test_a_sound_contribution_is_laid_over_the_table(base: pd.DataFrame) -> None:
    content = written(NEW, {"nom": "JADES", "situation": "actif", "situation_annee": "2026",
                            "source_titre": "CRESS Réunion"})
    found = contribution.read("essai.csv", content, base)
    assert not found.problems
    laid = contribution.lay(base.assign(situation_source=""), found).set_index("nom")
    assert len(laid) == len(base) + 1
    assert laid.loc["Pôle d’essai", "code_insee"] == "01004"
    assert laid.loc["Pôle d’essai", list(ADDED)].tolist() == [*list(ADDED.values())]
    assert laid.loc["JADES", "situation_source"] == "CRESS Réunion"
    assert laid.loc["Réuniverre", "situation"] == "inconnue"


def test_the_table_itself_is_a_contribution_that_changes_nothing(base: pd.DataFrame) -> None:
    content = base.to_csv(index=False).encode()
    found = checked(base, content)
    # The founding text has no address: its slot is empty in the table as stored.
    assert found.problems == ()
    assert found.changes == ()
    assert found.rows == len(base)


@pytest.mark.parametrize("form", ["csv", "csv_excel"])
def test_the_list_as_exported_can_be_corrected_and_sent_back(
    base: pd.DataFrame, tmp_path, form: str
) -> None:
    path = tmp_path / "liste.csv"
    assert main(["ptce", "liste", "--format", form, "--sortie", str(path)]) == 0
    found = checked(base, path.read_bytes())
    assert found.problems == ()
    assert found.changes == ()
    mark = ";" if form == "csv_excel" else ","
    text = path.read_text(encoding="utf-8-sig")
    text = text.replace(f"{mark}sport-santé{mark}", f"{mark}sport et santé{mark}")
    found = checked(base, text.encode())
    assert found.changes == (
        contribution.Change("LABSPORT", "filiere", "sport-santé", "sport et santé"),)


def test_the_contributions_shipped_are_sound(base: pd.DataFrame, facts) -> None:
    for name in ("ptce_contributions", "ptce_complements"):
        path = facts / f"{name}.csv"
        assert checked(base, path.read_bytes()).problems == ()


def test_facts_are_checked_and_compared(base: pd.DataFrame) -> None:
    rows = [
        {"nom_court": "ARTIS", "champ": "emplois", "valeur": "140", "preuve": "Rapport.",
         "source_titre": "ARTIS, 2026"},
        {"nom_court": "artis", "champ": "critere_projet", "valeur": "oui", "preuve": "Charte.",
         "source_titre": "ARTIS, 2026"},
    ]
    found = checked(base, written(*rows))
    assert found.changes == (contribution.Change("ARTIS", "emplois", "environ 130", "140"),
                             contribution.Change("artis", "critere_projet", "", "oui"))


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"nom_court": "Personne"}, "nom_court"), ({"champ": "humeur"}, "champ"),
        ({"valeur": "peut-être"}, "valeur"), ({"valeur": ""}, "valeur"),
        ({"preuve": ""}, "preuve"), ({"source_titre": ""}, "source_titre"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"source_date": "mars 2026"}, "source_date"),
        ({"champ": "critere_nombre"}, "champ"), ({"champ": "membres", "valeur": "des"}, "valeur"),
        ({"champ": "nature", "valeur": "pôle"}, "valeur"),
        ({"champ": "code_epci", "valeur": "20004071"}, "valeur"),
    ],
)
def test_a_wrong_fact_is_told_with_its_place(
    base: pd.DataFrame, cells: dict[str, str], column: str
) -> None:
    fact = {"nom_court": "ARTIS", "champ": "critere_projet", "valeur": "oui", "preuve": "Charte.",
            "source_titre": "ARTIS", "source_url": "", "source_date": ""}
    found = checked(base, written({**fact, **cells}))
    assert [(p.line, p.column) for p in found.problems] == [(2, column)]


# --- What is to be mended ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"code_insee": "1004"}, "code_insee", "le zéro de 01004"),
        ({"code_insee": "01999"}, "code_insee", "commune actuelle"),
        ({"code_insee": "1004.0"}, "code_insee", "cinq caractères"),
        ({"commune": "Amberieux"}, "commune", "Ambérieu-en-Bugey"),
        ({"region": "Rhône-Alpes"}, "region", "nom officiel"),
        ({"region": "Bretagne"}, "region", "Auvergne-Rhône-Alpes"),
        ({"precision": "region"}, "code_insee", "rien, puisque"),
        ({"code_insee": "", "commune": ""}, "code_insee", "un code Insee"),
        ({"precision": "quartier"}, "precision", "un code parmi"),
        ({"statut": "meilleur"}, "statut", "laureat_2013"),
        ({"statut": "laureat_2013;meilleur"}, "statut", "laureat_2013"),
        ({"origine": "divine"}, "origine", "citoyenne"),
        ({"annee_creation": "12"}, "annee_creation", "quatre chiffres"),
        ({"situation": "actif", "situation_annee": "2099"}, "situation_annee", "passée"),
        ({"site_web": "www.essai.fr"}, "site_web", "http://"),
        ({"source_titre": ""}, "source_titre", "une valeur"),
        ({"source_url": "https://a.fr;https://b.fr"}, "source_url", "autant de valeurs"),
        ({"source_date": "31/12/2025"}, "source_date", "AAAA-MM-JJ"),
        ({"filiere": "=HYPERLINK(\"http://a\")"}, "filiere", "formule"),
        ({"filiere": "@SUM(A1)"}, "filiere", "formule"),
        ({"filiere": " +33"}, "filiere", "formule"),
        ({"filiere": "\N{FULLWIDTH EQUALS SIGN}1"}, "filiere", "formule"),
        ({"filiere": "a\x1b[31m"}, "filiere", "caractère de commande"),
        ({"filiere": "x" * 2_001}, "filiere", "caractères au plus"),
        ({"nom_court": "ARTIS", "nom": "JADES"}, "nom_court", "celui d’un autre"),
        ({"couleur": "bleu"}, "couleur", "une colonne parmi"),
    ],
)
def test_each_fault_is_told_with_its_line_column_reading_and_wish(
    base: pd.DataFrame, cells: dict[str, str], column: str, words: str
) -> None:
    found = checked(base, written({**NEW, **cells}))
    assert not found.sound
    assert found.changes == ()
    told = [p for p in found.problems if p.column == column]
    assert told, found.problems
    assert told[0].line == (1 if column == "couleur" else 2)
    assert words in told[0].expected


def test_a_corsican_code_and_a_leading_zero_stay_text(base: pd.DataFrame) -> None:
    ajaccio = {**NEW, "nom": "Pôle corse", "nom_court": "Corse", "commune": "Ajaccio",
               "code_insee": "2A004", "region": "Corse"}
    found = contribution.read("essai.csv", written(NEW, ajaccio), base)
    assert not found.problems
    assert [row.cells["code_insee"] for row in found.rows] == ["01004", "2A004"]


def test_a_refused_or_missing_cell_is_told_once(base: pd.DataFrame) -> None:
    found = checked(base, written({"nom": "Pôle neuf", "source_titre": "=1"}))
    told = [(p.line, p.column) for p in found.problems]
    assert len(set(told)) == len(told)
    assert (2, "source_titre") in told


def test_a_pole_named_twice_is_told(base: pd.DataFrame) -> None:
    found = checked(base, written(NEW, NEW))
    assert [(p.line, p.column) for p in found.problems] == [(3, "nom"), (3, "nom_court")]


def test_lines_are_those_of_the_file_even_after_a_cell_of_several(base: pd.DataFrame) -> None:
    content = (
        'nom,statut,source_titre\n"JADES","laureat\n_2013",a\n\nRéuniverre,faux,b\n'
    ).encode()
    found = checked(base, content)
    assert [p.line for p in found.problems] == [2, 5]


def test_missing_columns_and_too_many_cells_are_told(base: pd.DataFrame) -> None:
    found = checked(base, b"filiere;region\nverre;Bretagne;;x")
    assert {p.column for p in found.problems if p.line == 1} == {"nom", "source_titre"}
    assert any("autant que d’en-têtes" in p.expected for p in found.problems)


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16", b""), ("cp1252", b"")],
)
def test_forms_that_spreadsheets_write(
    base: pd.DataFrame, separator: str, encoding: str, mark: bytes
) -> None:
    text = written(NEW, separator=separator).decode().replace("\n", "\r\n")
    found = checked(base, mark + text.encode(encoding))
    assert found.sound
    assert found.changes[0].pole == "Pôle d’essai"


def test_headers_are_read_whatever_their_case(base: pd.DataFrame) -> None:
    found = checked(base, "Nom;Code INSEE;Source titre;filière\nJADES;;CRESS;verre".encode())
    assert found.sound


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", b";;;\n", b"\xff\xfe\x00", bytes(range(256)), b"PK\x03\x04classeur",
        b"a\x00b;c", b"x" * (sheet.MAX_BYTES + 1), b"nom;" * 200,
        b"nom;source_titre\n" + b"a;b\n" * (sheet.MAX_ROWS + 1),
    ],
    ids=range(10),
)
def test_hostile_files_are_refused_in_french(base: pd.DataFrame, content: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        contribution.check("essai.csv", content, base, ptce.facts())
    assert is_french_sentence(caught.value.user_message)


def test_a_cell_as_long_as_the_file_is_told_with_its_place(base: pd.DataFrame) -> None:
    content = b'nom;source_titre\nJADES;"' + b"a" * 200_000 + b'"\n'
    found = contribution.check("essai.csv", content, base, ptce.facts())
    (problem,) = found.problems
    assert (problem.line, problem.column) == (2, "source_titre")
    said = problem.sentence()
    assert is_french_sentence(said)
    assert len(said) < 400


def test_a_file_of_nothing_but_faults_is_cut_short(base: pd.DataFrame) -> None:
    rows = b"\n".join(b"JADES;=1;=1;=1;=1" for _ in range(1_000))
    found = contribution.check(
        "essai.csv", b"nom;filiere;site_web;territoire;source_titre\n" + rows, base, ptce.facts())
    assert len(found.problems) <= 500


# --- Commands ---------------------------------------------------------------------------------


def test_the_models_are_empty_sound_files(tmp_path, capfdbinary) -> None:
    for arguments, columns in (([], contribution.COLUMNS), (["--faits"], evidence.COLUMNS)):
        path = tmp_path / f"modele{len(arguments)}.csv"
        assert main(["ptce", "modele", *arguments, "--sortie", str(path)]) == 0
        head = path.read_text(encoding="utf-8-sig").strip().split(";")
        assert head == list(columns)
        assert main(["ptce", "verifier", str(path)]) == 0
        capfdbinary.readouterr()
        assert main(["ptce", "modele", *arguments]) == 0
        assert capfdbinary.readouterr().out == path.read_bytes()


def test_verifying_says_every_problem_and_fails(tmp_path, capsys) -> None:
    path = tmp_path / "essai.csv"
    path.write_bytes(written({**NEW, "code_insee": "1004", "statut": "faux"}))
    assert main(["ptce", "verifier", str(path)]) == 1
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert all(is_french_sentence(line) for line in out.splitlines())
    assert "2\u00a0problèmes à corriger" in err
    assert main(["ptce", "verifier", str(path), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["problemes"][0]["ligne"] == 2


def test_verifying_a_sound_file_says_what_would_change(tmp_path, capsys) -> None:
    path = tmp_path / "essai.csv"
    path.write_bytes(written(NEW))
    assert main(["ptce", "verifier", str(path)]) == 0
    out = capsys.readouterr().out
    assert "Nouveau pôle\u00a0: Pôle d’essai." in out
    assert "aucun problème" in out


def test_an_unreadable_or_absent_file_fails(tmp_path, capsys) -> None:
    path = tmp_path / "essai.csv"
    path.write_bytes(b"")
    assert main(["ptce", "verifier", str(path)]) == 1
    assert main(["ptce", "verifier", str(tmp_path / "absent.csv")]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "json", "geojson"])
def test_the_list_is_written(tmp_path, form: str) -> None:
    path = tmp_path / f"liste.{form}"
    assert main(["ptce", "liste", "--format", form, "--sortie", str(path)]) == 0
    text = path.read_text(encoding="utf-8")
    assert "Pôle Sud Archer" in text
    if form == "csv":
        read = pd.read_csv(path, dtype=str)
        assert len(read) == len(ptce.table())
        assert "01053" in set(read["code_insee"])
    else:
        assert len(json.loads(text)["poles" if form == "json" else "features"]) == 107


def test_a_chamber_declared_in_a_file_is_no_pole(tmp_path, capsys) -> None:
    path = tmp_path / "faits.csv"
    path.write_bytes(written({
        "nom_court": "CCI d’essai", "champ": "nature", "valeur": "agence_ou_chambre",
        "preuve": "Chambre de commerce seule.", "source_titre": "Essai"}))
    assert main(["ptce", "grille", "CCI d’essai", "--faits", str(path)]) == 0
    assert "« CCI d’essai » n’est pas un PTCE" in capsys.readouterr().out.replace("\u00a0", " ")
    assert main(["ptce", "grille", "CCI inconnue", "--faits", str(path)]) == 2
    assert main(["ptce", "grille", "Archer", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["reponses"]) == 19
