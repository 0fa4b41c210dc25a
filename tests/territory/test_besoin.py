"""The need of a buyer, from a file and typed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from territory import besoin
from territory.errors import InvalidInputError
from territory.supplier_file import RawFile, read_file
from tests.territory.french import is_french_sentence

FOOD = "Restauration"


def raw(text: str) -> RawFile:
    return read_file("besoins.csv", text.encode())


def lines(*rows: tuple[object, ...]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["commune", "filiere", "quantite"])
    return table.set_axis(range(1, len(rows) + 1))


def test_the_model_is_read_back() -> None:
    read = besoin.read(raw(besoin.model().decode()))
    assert read["commune"].tolist() == ["Romans-sur-Isère", "Valence", "Romans-sur-Isère"]
    assert read["quantite"].isna().tolist() == [False, False, True]


def test_headers_codes_and_numbers_as_people_write_them() -> None:
    read = besoin.read(raw("Filière;LIEU;Quantité\nrestauration;1004;1 200,5\n"
                         "RESTAURATION;01004;10\n"))
    assert read.to_dict("records") == [
        {"lieu": "01004", "commune": "Ambérieu-en-Bugey", "filiere": FOOD, "quantite": 1210.5}
    ]


@pytest.mark.parametrize(
    "text",
    ["lieu,quantite\n26281,3", "lieu,filiere\n99999,Restauration", "lieu,filiere\n26281,x",
     "lieu,filiere\n26281,inconnue", "lieu,filiere,quantite\n26281,Restauration,-1",
     "lieu,filiere,quantite\n26281,Restauration,beaucoup", "lieu,filiere\n,Restauration",
     "lieu,filiere,quantite\n26281,Restauration,inf", "lieu,filiere,quantite\n1,Restauration,nan",
     "lieu,filiere\n" + "26281,Restauration\n" * 501, "lieu,lieu,filiere\n1,2,x", "\x00", "a"],
)
def test_files_that_cannot_be_read_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInputError) as fault:
        besoin.read(raw(text))
    assert is_french_sentence(fault.value.user_message)


def test_typed_lines_are_those_of_the_file() -> None:
    typed = besoin.typed(lines(
        ("Romans-sur-Isère (26, Drôme)", FOOD, 1200.0), (" valence 26 ", "restauration", 800),
        ("26281", "Espaces verts et nature", np.nan),
    ))
    pd.testing.assert_frame_equal(typed, besoin.read(raw(besoin.model().decode())))


def test_the_same_place_by_name_and_by_code_is_added_up() -> None:
    assert besoin.typed(lines(("Valence (26)", FOOD, 1), ("26362", FOOD, 2.5))).to_dict(
        "records"
    ) == [{"lieu": "26362", "commune": "Valence", "filiere": FOOD, "quantite": 3.5}]
    unknown = besoin.typed(lines(("26362", FOOD, 1), ("26362", FOOD, None)))
    assert unknown["quantite"].isna().all()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("Nulle-Part", FOOD, None), "Ligne 1 du besoin\u00a0: aucune commune trouvée"),
        # 26100 is the postcode of Romans and the code of another commune.
        (("26100", FOOD, None), "Combovin"),
        (("Saint-Denis", FOOD, None), "Précisez"),
        (("26281", "Astronautique", None), "la filière «"),
        (("26281", "inconnue", None), "à préciser"),
        (("26281", FOOD, 0), "plus grand que zéro"),
        (("26281", FOOD, np.inf), "plus grand que zéro"),
        (("<img src=x>" * 50, FOOD, None), "Essayez le nom"),
    ],
)
def test_typed_lines_that_cannot_be_read_are_refused_with_a_sentence(
    row: tuple[object, ...], said: str
) -> None:
    with pytest.raises(InvalidInputError) as fault:
        besoin.typed(lines(row))
    assert said in fault.value.user_message
    assert is_french_sentence(fault.value.user_message)


def test_too_many_typed_lines_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="dépasse"):
        besoin.typed(lines(*[("26281", FOOD, 1)] * (besoin.MAX_LINES + 1)))
