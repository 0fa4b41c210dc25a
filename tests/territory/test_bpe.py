"""The BPE: every form of its files, on today's communes, and never a zero for a secret."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from territory import settings
from territory.errors import InvalidInputError, SourceError
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources import bpe
from tests.doubles.server import Double
from tests.territory.french import is_french_sentence

# Invented counts in the shape of the bulk file of Melodi.
BULK = """GEO;GEO_OBJECT;FACILITY_DOM;FACILITY_SDOM;FACILITY_TYPE;BPE_MEASURE;TIME_PERIOD;OBS_VALUE
2025-COM-26281;COM;A;A2;A203;FACILITIES;2024;7
2025-COM-26281;COM;A;A2;A206;FACILITIES;2024;2
2025-COM-01004;COM;A;A2;A203;FACILITIES;2024;3
2025-COM-2A004;COM;A;A2;A203;FACILITIES;2024;
2025-COM-2A041;COM;A;A2;A203;FACILITIES;2024;1
2025-ARM-75101;ARM;A;A2;A203;FACILITIES;2024;40
2025-COM-75056;COM;A;A2;A203;FACILITIES;2024;900
2025-DEP-26;DEP;A;A2;A203;FACILITIES;2024;300
2025-COM-26281;COM;A;A2;A504;FACILITIES;2024;12
2025-COM-26281;COM;_T;_T;_T;FACILITIES;2024;999
2025-COM-01015;COM;A;A2;A207;FACILITIES;2024;1
2025-COM-99999;COM;A;A2;A203;FACILITIES;2024;1
"""
POINTS = """AN;NOMRS;DEPCOM;TYPEQU;LONGITUDE;LATITUDE;QUALITE_XY
2025;BANQUE FICTIVE;26281;A203;5.0512;45.0441;B
2025;BANQUE FICTIVE;26281;A203;5.0512;45.0441;B
2025;RELAIS <b>FICTIF</b>;26281;A207;5.0520;45.0440;M
2025;BANQUE AILLEURS;26281;A203;55.45;-20.88;A
2025;SANS LIEU;01004;A208;;;_Z
"""


def zipped(text: str, name: str = "DS_BPE_2024_data.csv") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("DS_BPE_2024_metadata.csv", "COD_VAR;COD_MOD;LIB_MOD\nA;B;C\n")
        archive.writestr(name, text)
    return buffer.getvalue()


def given(folder: Path, content: bytes, name: str = "bpe.zip") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def current(folder: Path, **others: str) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(folder), **others})


def counts(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    return table.groupby(["type", "code_insee"])["nombre"].sum().to_dict()


def test_the_bulk_file_is_read_on_today_s_communes(tmp_path: Path) -> None:
    found = bpe.fetch(current(tmp_path), file=given(tmp_path, zipped(BULK)))
    GUICHETS.validate(found.table)
    assert counts(found.table) == {
        ("banque", "26281"): 7, ("bureau_poste", "26281"): 2, ("banque", "01004"): 3,
        ("banque", "2A041"): 1, ("banque", "75101"): 40,
        ("relais_poste", "01015"): 1,
    }
    assert found.millesime == "2024"
    assert found.departements == ("01", "26", "2A", "75")
    assert found.unknown == {"2A004": ("banque",)}, "a secret is not a zero"
    said = found.to_json()
    assert said["ecartes"]["valeur secrète ou illisible"] == 1
    assert said["guichets"] == {"banque": 51, "bureau_poste": 2, "relais_poste": 1}
    assert sum(n for why, n in said["ecartes"].items() if "commune" in why or "hors" in why) == 1


def test_points_keep_their_place_and_several_at_one_address_stay_several(tmp_path: Path) -> None:
    file = given(tmp_path, POINTS.encode(), "BPE25.csv")
    found = bpe.fetch(current(tmp_path), file=file)
    GUICHETS.validate(found.table)
    assert counts(found.table) == {("banque", "26281"): 3, ("relais_poste", "26281"): 1,
                                   ("agence_postale", "01004"): 1}
    banks = found.table[found.table["type"] == "banque"]
    assert (banks["precision_geo"] == "adresse").sum() == 2
    far = banks[banks["nom"] == "BANQUE AILLEURS"].iloc[0]
    assert far["precision_geo"] == "commune"
    assert pd.isna(far["longitude"])
    assert "RELAIS <b>FICTIF</b>" in set(found.table["nom"]), "escaped where it is shown"
    assert found.millesime == "2025"


@pytest.mark.parametrize("header", ["DEPCOM;TYPEQU;NB_EQUIP", "CODGEO;TYPEQU;NB_EQUIP"])
def test_older_counts_need_their_year(header: str, tmp_path: Path) -> None:
    file = given(tmp_path, f"{header}\n1004;A203;3\n26281;A203;5\n".encode(), "vieux.csv")
    found = bpe.fetch(current(tmp_path), file=file, millesime="2018")
    assert counts(found.table) == {("banque", "01004"): 3, ("banque", "26281"): 5}
    with pytest.raises(InvalidInputError, match="--millesime"):
        bpe.fetch(current(tmp_path), file=file)


def test_a_former_commune_is_carried_to_the_one_that_absorbed_it(tmp_path: Path) -> None:
    # Arbignieu (01015) and Saint-Bois (01340) have made Arboys en Bugey since 2016.
    file = given(tmp_path, b"DEPCOM;TYPEQU;NB_EQUIP\n01015;A208;1\n01340;A208;2\n", "vieux.csv")
    found = bpe.fetch(current(tmp_path), file=file, millesime="2013")
    assert counts(found.table) == {("agence_postale", "01015"): 3}


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"PK\x03\x04", "a.zip", "endommagé"), (b"a;b\n1;2\n", "a.csv", "endommagé"),
     (b"", "a.csv", "endommagé"), (zipped("a;b\n", "autre.csv"), "a.zip", "endommagé"),
     (b"DEPCOM;TYPEQU;NB_EQUIP\n26281;A504;3\n", "a.csv", "ne contient ni banque")],
)
def test_another_file_is_refused_in_french(
    content: bytes, name: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        bpe.fetch(current(tmp_path), file=given(tmp_path, content, name), millesime="2013")
    assert is_french_sentence(caught.value.user_message)


def test_the_bulk_file_is_brought_once_and_a_missing_year_is_said(tmp_path: Path) -> None:
    tree = tmp_path / "insee" / "file" / "DS_BPE"
    tree.mkdir(parents=True)
    (tree / "DS_BPE_2024_CSV_FR").write_bytes(zipped(BULK))
    with Double(files=tmp_path / "insee") as double:
        asked = current(tmp_path / "donnees", TERRITORY_MELODI_URL=double.sirene_url)
        first, again = bpe.fetch(asked), bpe.fetch(asked)
        assert [entry.path for entry in double.log] == ["/sirene/file/DS_BPE/DS_BPE_2024_CSV_FR"]
        pd.testing.assert_frame_equal(first.table, again.table)
        with pytest.raises(SourceError, match="2031"):
            bpe.fetch(asked, millesime="2031")
    with pytest.raises(InvalidInputError, match="écrivez une année"):
        bpe.fetch(current(tmp_path), millesime="24")
