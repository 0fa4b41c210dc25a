"""Declared schemas."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from territory import schemas, store
from territory.errors import DataError
from territory.schemas import Column, Schema
from tests.territory.french import is_french_sentence

TOY = Schema(
    "essai",
    "Table d’essai",
    (
        Column("code", "Code", nullable=False, unique=True, pattern=r"\d{5}|"),
        Column("oui", "Oui ?", "oui_non_inconnu", "Trois états.", nullable=False),
        Column("genre", "Genre", "liste", values=("a", "b")),
        Column("taille", "Taille", "nombre", "Une taille.", "km"),
    ),
)


def rows(**changes: list[object]) -> pd.DataFrame:
    good = {"code": ["26281", ""], "oui": ["oui", "inconnu"], "genre": ["a", None],
            "taille": [1.5, None]}
    return pd.DataFrame({**good, **changes})


def test_a_good_table_passes() -> None:
    TOY.validate(rows())
    TOY.validate(rows(of_no_interest=[1, 2]))


@pytest.mark.parametrize(
    ("column", "cells", "words"),
    [
        ("code", ["2628", "26282"], "« code », valeur inattendue ('2628'"),
        ("code", ["26281\n", "26282"], "« code », valeur inattendue"),
        ("code", ["x26281", "26282"], "« code », valeur inattendue"),
        ("code", ["26281", "26281"], "« code », valeur répétée ('26281'"),
        ("code", ["26281", None], "« code », cellule vide"),
        ("oui", ["oui", "peut-être"], "« oui », valeur inattendue ('peut-être'"),
        ("oui", ["oui", None], "« oui », cellule vide"),
        ("oui", [True, False], "« oui », valeur inattendue"),
        ("genre", ["a", "c"], "« genre », valeur inattendue ('c'"),
    ],
)
def test_a_fault_is_named_in_french(column: str, cells: list[object], words: str) -> None:
    with pytest.raises(DataError) as caught:
        TOY.validate(rows(**{column: cells}))
    message = caught.value.user_message
    assert message.startswith("La table « essai » ne respecte pas son schéma : ")
    assert words in message
    assert is_french_sentence(message)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="la colonne « taille » manque") as caught:
        TOY.validate(rows().drop(columns="taille"))
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("name", ["communes", "ess_structures", "ptce", "fragilite"])
def test_the_real_tables_keep_their_schema(name: str) -> None:
    schema, table = schemas.SCHEMAS[name], store.read(name)
    schema.validate(table)
    assert list(table.columns) == schema.names


def test_dictionary() -> None:
    found = TOY.dictionary()
    assert found.columns.tolist() == ["champ", "libelle", "type", "unite", "definition"]
    assert found.loc[3].tolist() == ["taille", "Taille", "nombre", "km", "Une taille."]
    assert len(found) == 4


def test_table_schema() -> None:
    made = TOY.table_schema()
    assert (made["name"], made["title"]) == ("essai", "Table d’essai")
    code, oui, genre, size = made["fields"]
    assert code == {
        "name": "code", "title": "Code", "type": "string", "description": "",
        "constraints": {"required": True, "unique": True, "pattern": r"\d{5}|"},
    }
    assert oui["constraints"] == {"required": True, "enum": ["oui", "non", "inconnu"]}
    assert genre["constraints"] == {"enum": ["a", "b"]}
    assert size["type"] == "number"
    assert "constraints" not in size


@pytest.mark.parametrize("schema", schemas.SCHEMAS.values(), ids=lambda s: s.name)
def test_declarations_are_complete(schema: Schema) -> None:
    assert len(set(schema.names)) == len(schema.names)
    assert len(set(schema.labels.values())) == len(schema.labels) or schema.name == "communes"
    for column in schema.columns:
        assert column.label
        assert column.label[0].isupper() or column.label[0].isdigit()
        assert not column.definition or column.definition.endswith(".")
        re.compile(column.pattern)
        if column.kind == "liste":
            assert column.allowed


def test_supplier_columns_are_the_design_s() -> None:
    promised = (
        "siret siren nom enseigne adresse code_postal code_insee commune code_departement "
        "longitude latitude precision_geo naf naf_nomenclature filiere filiere_origine "
        "famille_ess est_ess est_employeur est_siae est_esus tranche_effectif portee distance_km "
        "distance_depuis dans_perimetre dessert_le_centre source source_date"
    )
    assert " ".join(schemas.SUPPLIERS.names) == promised


def test_columns_of_keeps_the_order_and_the_undeclared() -> None:
    found = schemas.columns_of(["distance_km", "inconnue_au_bataillon", "nom"])
    assert [c.name for c in found] == ["distance_km", "inconnue_au_bataillon", "nom"]
    assert [c.label for c in found] == ["Distance (km)", "inconnue_au_bataillon", "Nom"]
