"""Counts made by hand: the model form, its refusals, and what it covers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from territory import settings, supply
from territory.errors import InvalidInputError
from territory.schemas import GUICHETS
from territory.sources import banques, laposte, osm, releve
from territory.sources.guichets import Supply
from territory.sources.releve import Scope
from tests.territory.french import is_french_sentence

MODEL = """Code_INSEE;Nombre;Nom;Longitude;Latitude;Remarque
26281;2;Banque fictive;5,0517;45,0464;x
1004;;Autre banque fictive;;;
2a004;3.0;;;;
;1;Sans code;5.0517;45.0464;
97411;1;=1+1;55.45;-20.88;
"""


def given(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "releve.csv"
    path.write_bytes(text.encode(encoding))
    return path


def read(folder: Path, text: str, scope: Scope | None = None) -> Supply:
    found = banques.fetch(settings.load({}), file=given(folder, text), scope=scope)
    GUICHETS.validate(found.table)
    return found


def counts(table: pd.DataFrame) -> dict[str, int]:
    return table.groupby("code_insee")["nombre"].sum().to_dict()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_model_is_read_and_covers_nothing_by_itself(encoding: str, tmp_path: Path) -> None:
    file = given(tmp_path, MODEL.replace("Remarque", "Précisé"), encoding)
    found = banques.fetch(settings.load({}), file=file)
    GUICHETS.validate(found.table)
    assert counts(found.table) == {"26281": 3, "01004": 1, "2A004": 3, "97411": 1}
    assert set(found.table["type"]) == {"banque"}
    assert "=1+1" in set(found.table["nom"])
    assert found.departements == ()
    assert found.communes == {}
    assert found.left_out == {}
    assert "--departement" in found.incomplete[0]
    assert all(is_french_sentence(said) for said in found.incomplete)
    placed = found.table[found.table["longitude"].notna()]
    assert len(placed) == 3


def test_who_says_the_file_is_whole_is_believed(tmp_path: Path) -> None:
    found = read(tmp_path, MODEL, Scope("26"))
    assert counts(found.table) == {"26281": 3}
    assert found.departements == ("26",)
    assert found.left_out == {releve.ELSEWHERE: 3}
    assert found.incomplete == ()
    assert len(read(tmp_path, MODEL, Scope(france=True)).departements) == 101


def test_refused_rows_are_counted_by_reason(tmp_path: Path) -> None:
    found = read(tmp_path, (
        "type,code_insee,nombre,longitude,latitude\n"
        "banque,26281,1,,\n"
        ",26281,1,,\n"
        "dab,26281,1,,\n"
        "banque,26281,-1,,\n"
        "banque,26281,beaucoup,,\n"
        "banque,26281,1.5,,\n"
        "banque,26281,1e400,,\n"
        "banque,Romans,1,,\n"
        "banque,,1,NaN,inf\n"
        "banque,,1,500,45\n"
        "banque,26999,1,,\n"
        "banque,98818,1,,\n"
        "banque,26281,1,45.05,5.05\n"
        "banque,26281,1,,,de trop\n"
        "\n"
    ))
    assert counts(found.table) == {"26281": 3}
    assert found.left_out == {
        releve.WRONG_KIND: 1, releve.WRONG_COUNT: 4, releve.NOWHERE: 4, releve.WRONG_LENGTH: 1,
        "commune absente du COG 2025": 1,
    }
    assert found.table["longitude"].isna().all(), "swapped coordinates are not kept"


def test_a_refused_row_is_no_zero_in_its_commune(tmp_path: Path) -> None:
    text = "type;code_insee;nombre\n;26281;2\n;26057;beaucoup\ndab;26218;1\n;26281;?\n"
    found = read(tmp_path, text, Scope("26"))
    assert found.unknown == dict.fromkeys(("26057", "26218", "26281"), ("banque",))
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})
    supply.keep(found, current)
    known = supply.counters(current, source="banques")
    assert known is not None
    assert known.counts[["26281", "26057", "26218", "26002"]].fillna(-1).tolist() == [-1, -1, -1, 0]


def test_a_zero_covers_its_commune(tmp_path: Path) -> None:
    found = read(tmp_path, "code_insee;nombre\n26281;2\n26057;0\n")
    assert counts(found.table) == {"26281": 2}
    assert list(found.communes) == ["26057"]
    assert found.unknown == {}
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})
    supply.keep(found, current)
    known = supply.counters(current, source="banques")
    assert known is not None
    assert known.counts[["26281", "26057", "26218"]].fillna(-1).tolist() == [2, 0, -1]


def test_a_zero_of_one_kind_says_nothing_of_the_others(tmp_path: Path) -> None:
    file = given(tmp_path, "type;code_insee;nombre\nbureau_poste;26057;0\nRelais poste;26281;1\n")
    found = laposte.fetch(settings.load({}), file=file)
    assert found.kinds == ("bureau_poste", "relais_poste")
    assert found.unknown == {"26057": ("agence_postale", "relais_poste")}


def test_cash_machines_have_the_same_model(tmp_path: Path) -> None:
    found = osm.fetch(settings.load({}), file=given(tmp_path, "longitude;latitude\n5.0517;45.04\n"))
    assert found.totals() == {"dab": 1}
    assert found.source == "dab_osm"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "en-têtes"), ("\n\n", "en-têtes"), ("nom;nom\na;b\n", "en-têtes"),
        ("nom;nombre\na;1\n", "code_insee"), ("longitude\n5\n", "code_insee"),
        ("code_insee\n", "aucune ligne"), ("code_insee\nx\n", "coordonnées"),
        ("code_insee\n2628\0\n", "texte"), (f'code_insee\n"{"9" * 20_000}"\n', "CSV"),
    ],
)
def test_another_file_is_refused_in_french(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        read(tmp_path, text)
    assert is_french_sentence(caught.value.user_message)


def test_a_file_is_limited_in_size_and_in_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releve, "MAX_ROWS", 3)
    with pytest.raises(InvalidInputError, match="trop de lignes"):
        read(tmp_path, "code_insee\n" + "26281\n" * 4)
    assert counts(read(tmp_path, "code_insee\n" + "26281\n" * 3).table) == {"26281": 3}
    monkeypatch.setattr(releve, "MAX_BYTES", 10)
    with pytest.raises(InvalidInputError, match="trop gros"):
        read(tmp_path, "code_insee\n26281\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [("1004", "01004"), ("01004", "01004"), ("1004.0", "01004"), (" 2a004 ", "2A004"),
     ("97411", "97411"), ("104", ""), ("99999", ""), ("²6281", ""), ("26281 bis", ""), ("", "")],
)
def test_a_code_is_a_text(text: str, code: str) -> None:
    assert releve.code(text) == code
