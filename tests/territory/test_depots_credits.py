"""The table of deposits and credits: recognised whatever its form, refused rather than guessed.

Amounts are made up, except the published totals of the worked check.
"""

from __future__ import annotations

import io
import math

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory.errors import InvalidInputError
from territory.sources import depots_credits
from territory.sources.depots_credits import mainland, model, open_file, read, recognise
from territory.sources.depots_credits.cells import amount, month_said, month_written, unit_said
from tests.territory.french import is_french_sentence

HEAD = "Code;Département;Dépôts (M€);Crédits (M€);Date"


def table(*rows: str, head: str = HEAD, name: str = "depots.csv"):
    return open_file(name, "\n".join([head, *rows]).encode())


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def whole_country(factor: float = 1.0) -> list[str]:
    return [f"{code};{name};{100 * factor + rank};{90 * factor + rank};31/07/2021"
            for rank, (code, name) in enumerate(mainland("departement").items())]


def refusal(*rows: str, head: str = HEAD, unit=None) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read(table(*rows, head=head), unit)
    assert is_french_sentence(caught.value.user_message), caught.value.user_message
    return caught.value.user_message


def outcome(work):
    """What some work returns, or what it tells the person."""
    try:
        return work()
    except InvalidInputError as error:
        return error.user_message


# --- What is recognised ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "row"),
    [
        (HEAD, "26;Drôme;1 234,5;1 000;31/07/2021"),
        ("Départements;Encours de dépôts en millions d'euros;Encours de crédits (M d’€);Mois",
         "Drôme;1\u202f234,5;1\u00a0000;juillet 2021"),
        ("dep,depots_millions,credits_millions,date", '26,1234.5,1000,2021-07-31'),
        ("Territoire\tDEPOTS M EUR\tCREDITS M EUR\tPériode", "26 - Drôme\t1234,5\t1000\t2021-07"),
        ("Zone;Total dépôts (M€);dont livrets, dépôts (M€);Crédits (M€);date",
         "Drôme (26);1234,5;12;1000;07/2021"),
        ("Code INSEE 2025;Dépôts;Crédits;Unité;Fin de mois",
         "26;1234,5;1000;millions d’euros;31/07/2021"),
        ("Unnamed;Dépôts fin juillet 2021 (M€);Crédits fin juillet 2021 (M€)", "Drôme;1234,5;1000"),
    ],
)
def test_headers_are_recognised_in_many_forms(head: str, row: str) -> None:
    found = read(table(row, head=head))
    assert found.table.loc["26", ["nom", "depots", "credits"]].tolist() == ["Drôme", 1234.5, 1000]
    assert found.period == "2021-07"
    assert found.when == "fin juillet 2021"
    assert (found.level, found.table.loc["26", "ligne"]) == ("departement", 2)


def test_a_title_above_the_header_gives_the_unit_and_the_month() -> None:
    content = workbook([
        ["Dépôts et crédits dans les départements, en milliards d’euros, fin juillet 2021"],
        [None], ["", "Dépôts", "Crédits"], ["Ain", 2.5, 2.25],
        ["Corse-du-Sud", 1.5, "s"], ["Paris", 600, 500],
        ["Source : Banque de France"],
    ])
    found = read(open_file("table.xlsx", content))
    assert found.table["depots"].to_dict() == {"01": 2500, "2A": 1500, "75": 600_000}
    assert math.isnan(found.table.loc["2A", "credits"])
    assert found.period == "2021-07"
    assert any("Corse-du-Sud" in note for note in found.notes)


def test_billions_and_millions_are_the_same_amounts() -> None:
    heads = "Code;Dépôts;Crédits"
    millions = read(table("26;1234;1000", head=heads), "millions").table
    billions = read(table("26;1,234;1", head=heads), "milliards").table
    assert millions.loc["26", ["depots", "credits"]].tolist() == pytest.approx(
        billions.loc["26", ["depots", "credits"]].tolist())


def test_the_unit_is_asked_when_unsaid_and_never_contradicted() -> None:
    assert not recognise(table("26;1;1", head="Code;Dépôts;Crédits")).says_unit
    assert "millions ou en milliards" in refusal("26;1;1", head="Code;Dépôts;Crédits")
    assert "vous dites" in refusal("26;Drôme;1;1;", unit="milliards")
    assert recognise(table("26;Drôme;1;1;")).says_unit


def test_a_number_in_a_title_is_not_a_month() -> None:
    assert month_written("Tableau 3 2021") == ""
    assert month_written("au 31/07/2021") == "2021-07"
    assert month_said("3/2021") == "2021-03"


# --- What is missing, what is refused ----------------------------------------------------------


@pytest.mark.parametrize("mark", ["", "s", "S", "n.d.", "nd", "–", "…", "secret", "n.c."])
def test_secrecy_is_missing_and_never_zero(mark: str) -> None:
    found = read(table(f"26;Drôme;{mark};10;", "07;Ardèche;5;5;"))
    assert math.isnan(found.table.loc["26", "depots"])
    assert found.table.loc["26", "credits"] == 10
    assert any("reste inconnu" in note and "Drôme" in note for note in found.notes)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("99;;1;1;", "« 99 » n’est pas un département"),
        (";Drome-Provençale;1;1;", "n’est pas un département"),
        ("26;Ardèche;1;1;", "deux territoires"),
        ("26;Drôme;-3;1;", "négatif"), ("26;Drôme;−3;1;", "négatif"),
        ("26;Drôme;beaucoup;1;", "n’est pas un nombre"),
        ("26;Drôme;1,234.5;1;", "n’est pas un nombre"),
        ("26;Drôme;1e5;1;", "n’est pas un nombre"), ("26;Drôme;inf;1;", "n’est pas un nombre"),
        ("26;Drôme;=1+1;1;", "n’est pas un nombre"), ("26;Drôme;=s;1;", "n’est pas un nombre"),
        ("07;Ardèche;1;1;", "est déjà ligne 2"),
        ("971;Guadeloupe;1;1;", "n’est pas dans le champ"),
        (";;1;1;", "aucun département n’est nommé"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(row: str, said: str) -> None:
    message = refusal("07;Ardèche;1;1;", row)
    assert said in message
    assert "ligne 3" in message


def test_many_faults_are_counted_and_the_first_listed() -> None:
    message = refusal(*[f"{n};;1;1;" for n in range(300, 320)])
    assert "20\u00a0fautes" in message
    assert message.count("ligne ") == 5


def test_mixed_dates_are_refused_with_their_lines() -> None:
    message = refusal("07;Ardèche;1;1;31/07/2021", "26;Drôme;1;1;31/08/2021")
    assert "juillet 2021 (ligne 2)" in message
    assert "août 2021 (ligne 3)" in message
    assert "illisible" in refusal("07;Ardèche;1;1;hier")
    assert "plusieurs dates" in refusal(
        "07;1;1", head="Code;Dépôts fin juillet 2021 (M€);Crédits fin août 2021 (M€)")


def test_overseas_rows_without_figures_are_left_alone() -> None:
    found = read(table("07;Ardèche;1;1;", "974;La Réunion;;;", "976;Mayotte;s;s;"))
    assert list(found.table.index) == ["07"]


@pytest.mark.parametrize("name", ["table.ods", "table.geojson", "table.gpkg", "table", "a.xls"])
def test_other_forms_are_refused(name: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        open_file(name, b"x")
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize(
    ("head", "said"),
    # Ranks under a header that does not say « code » are not départements.
    [("series_key;time_period;obs_value", "WebStat"), ("a;b;c", "en-tête"),
     ("Code;Dépôts (M€);Autre", "en-tête"), ("Nuance;Dépôts (M€);Crédits (M€)", "département"),
     ("Code;Dépôts à vue;Dépôts à terme;Crédits", "Plusieurs colonnes")],
)
def test_an_unknown_layout_says_what_is_expected(head: str, said: str) -> None:
    assert said in refusal("1;1;1;1", head=head, unit="millions")


def test_the_file_is_bounded_and_damaged_ones_are_refused() -> None:
    rows = [f"26;Drôme;{n};1;" for n in range(2_100)]
    for name, content in (("grand.csv", "\n".join([HEAD, *rows]).encode()),
                          ("faux.xlsx", b"PK\x03\x04 faux"), ("vide.csv", b"")):
        with pytest.raises(InvalidInputError) as caught:
            open_file(name, content)
        assert is_french_sentence(caught.value.user_message)


def test_a_formula_is_not_computed() -> None:
    content = workbook([["Code", "Dépôts (M€)", "Crédits (M€)"], ["26", "=1+1", 5], ["07", 1, 1]])
    # A formula that no spreadsheet has shown has no value: it is unknown, not two.
    assert math.isnan(read(open_file("t.xlsx", content)).table.loc["26", "depots"])


@given(st.text(max_size=40))
def test_any_cell_is_a_number_a_mark_or_a_french_refusal(text: str) -> None:
    said = outcome(lambda: amount(text))
    if isinstance(said, str):
        assert not said.endswith(".")
    else:
        assert math.isnan(said) or said >= 0


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused_in_french(content: bytes) -> None:
    said = outcome(lambda: read(open_file("depots.csv", content), "millions"))
    assert not isinstance(said, str) or is_french_sentence(said)


# --- Totals ------------------------------------------------------------------------------------


def sums() -> tuple[float, float]:
    found = read(table(*whole_country())).table
    return found["depots"].sum(), found["credits"].sum()


@pytest.mark.parametrize("label", ["Total", "France métropolitaine", "MÉTROPOLE", "Ensemble"])
def test_a_total_is_the_reference_and_is_not_counted(label: str) -> None:
    deposits, credit = sums()
    found = read(table(*whole_country(), f";{label};{deposits};{credit};"))
    assert len(found.table) == 96
    assert found.whole.tolist() == [deposits, credit]
    assert "est la somme" in found.notes[0]


def test_a_total_that_does_not_fit_is_said() -> None:
    deposits, credit = sums()
    found = read(table(*whole_country(), f";Total;{deposits * 1.1};{credit};"))
    assert "s’écarte de 9,1 %" in found.notes[0]
    assert is_french_sentence(found.notes[0])


def test_the_total_of_a_part_is_not_the_metropole() -> None:
    found = read(table("26;Drôme;10;5;", "07;Ardèche;5;5;", ";Total;15;10;"))
    assert found.whole is None
    assert "94\u00a0territoires" in found.notes[0]
    named = read(table("26;Drôme;10;5;", ";France métropolitaine;2643000;2475800;"))
    assert named.whole.tolist() == [2_643_000, 2_475_800]


def test_regions_within_a_table_of_departements_are_checked_not_counted() -> None:
    right = read(table("2A;Corse-du-Sud;4;2;", "2B;Haute-Corse;6;3;", ";Corse;10;5;"))
    assert list(right.table.index) == ["2A", "2B"]
    assert right.notes == ()
    wrong = read(table("2A;Corse-du-Sud;4;2;", "2B;Haute-Corse;6;3;", ";Corse;99;5;"))
    assert "ligne 4 (Corse)" in wrong.notes[0]


def test_a_table_of_regions_alone_is_read_as_such() -> None:
    found = read(table(";Occitanie;185,2;172,5;", head=HEAD.replace("M€", "Md€")))
    assert (found.level, found.table.loc["76", "depots"]) == ("region", 185_200)


# --- The model ---------------------------------------------------------------------------------


def test_the_model_is_read_once_filled_and_refused_empty() -> None:
    with pytest.raises(InvalidInputError, match="à aucun territoire"):
        read(open_file("modele.csv", model()))
    filled = model().decode("utf-8-sig").replace(";;;\r\n", ";10;5;31/07/2021\r\n")
    found = read(open_file("modele.csv", filled.encode("utf-8-sig")))
    assert list(found.table.index) == sorted(mainland("departement"))
    assert not set(found.table.index) & set(depots_credits.OVERSEAS)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("Dépôts (M€)", "millions"), ("Dépôts (Md€)", "milliards"),
     ("en millions d’euros", "millions"),
     ("Mds €", "milliards"), ("Dépôts", None), ("millions ou milliards", None)],
)
def test_units_are_read_from_words(text: str, unit: str | None) -> None:
    assert unit_said(text) == unit
