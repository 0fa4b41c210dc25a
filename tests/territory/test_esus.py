"""The list of ESUS approvals: read whatever its form, refused plainly, joined by SIREN."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pandas as pd
import pytest

from territory import settings
from territory.errors import InvalidInputError, SourceError
from territory.schemas import ETABLISSEMENTS
from territory.sources import esus
from tests.doubles.server import Double
from tests.doubles.world import luhn_key
from tests.territory.french import is_french_sentence

#: Invented SIREN; the first two lose their zeros when they become numbers.
SIRENS = [base + luhn_key(base) for base in ("00552032", "04444444", "12345678", "33333333")]


def approvals(**columns: list[object]) -> pd.DataFrame:
    table = pd.DataFrame({"Dénomination": [f"Société fictive {i}" for i in range(len(SIRENS))],
                          "N° SIREN": SIRENS, "Région": "Bretagne"})
    return table.assign(**columns)


def xlsx(*sheets: pd.DataFrame, header: bool = True) -> bytes:
    buffer = io.BytesIO()
    with pd.ExcelWriter(buffer) as writer:
        for rank, sheet in enumerate(sheets):
            sheet.to_excel(writer, sheet_name=f"Feuille {rank}", index=False, header=header)
    return buffer.getvalue()


def titled(*rows: list[object]) -> pd.DataFrame:
    return pd.DataFrame([["Agréments ESUS en cours", None, None], [None] * 3, *rows])


NUMBERS = approvals(**{"N° SIREN": [int(code) for code in SIRENS]})


@pytest.mark.parametrize("content", [
    pytest.param(xlsx(approvals()), id="header"),
    pytest.param(xlsx(approvals(), header=False), id="no header: the first row counts"),
    pytest.param(xlsx(NUMBERS), id="numbers that lost their zeros"),
    pytest.param(xlsx(NUMBERS, header=False), id="numbers without header"),
    pytest.param(xlsx(approvals(**{"N° SIREN": [f"{s[:3]} {s[3:6]} {s[6:]}" for s in SIRENS]})),
                 id="spaces"),
    pytest.param(xlsx(approvals()[["Dénomination", "Région", "N° SIREN"]]), id="third column"),
    pytest.param(xlsx(approvals()[["N° SIREN"]]), id="only column"),
    pytest.param(
        xlsx(titled(["Nom", "Région", "SIREN"], *(["A", "", s] for s in SIRENS)), header=False),
        id="title above the header"),
    pytest.param(xlsx(pd.DataFrame({"Lisez-moi": ["Liste par SIREN"]}), approvals()[:2],
                      approvals()[1:]), id="several sheets"),
    pytest.param(
        xlsx(approvals(Dénomination=["La Siren fictive", f"SA {SIRENS[2]}", "B", "C"])),
        id="names that say siren"),
    pytest.param(approvals().to_csv(index=False).encode("utf-8-sig"), id="CSV"),
    pytest.param(approvals().to_csv(index=False, sep=";").encode("cp1252"), id="CSV of Excel"),
    pytest.param(approvals()[["N° SIREN"]].to_csv(index=False).encode(), id="CSV, one column"),
    pytest.param("\n".join(SIRENS).encode(), id="bare SIREN"),
])
def test_every_form_gives_the_same_siren(content: bytes) -> None:
    assert esus.read(content, "liste").to_dict("list") == {"siren": sorted(SIRENS)}


def test_what_is_no_siren_is_left_out() -> None:
    table = approvals(**{"N° SIREN": [SIRENS[2], "123456789", "en cours", None]})
    assert list(esus.read(xlsx(table), "liste.xlsx")["siren"]) == [SIRENS[2]]


@pytest.mark.parametrize("content", [
    b"", b"\n\n", b"PK\x03\x04 not a zip", b"\x00" * 500, b"%PDF-1.4 \x81\xff",
    b"<html><body>Maintenance</body></html>", b"nom;siren\n", xlsx(pd.DataFrame()),
    xlsx(approvals())[:-300],
])
def test_anything_else_is_refused_in_french(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        esus.read(content, "liste.xlsx")
    assert is_french_sentence(caught.value.user_message)
    assert "liste.xlsx" in caught.value.user_message


def test_a_huge_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SourceError, match="trop gros"):
        esus.read(b"0" * 20_000_001, "liste.csv")
    # A small archive may hold a huge sheet.
    monkeypatch.setattr(esus, "_MAX_UNZIPPED", 2_000)
    with pytest.raises(SourceError, match="trop gros"):
        esus.read(xlsx(approvals()), "liste.xlsx")


def test_the_list_comes_from_a_file_or_from_the_address_of_the_setting(tmp_path: Path) -> None:
    (tmp_path / "liste.xlsx").write_bytes(xlsx(approvals()))
    nowhere = settings.load({})
    assert len(esus.fetch(nowhere, file=tmp_path / "liste.xlsx")) == len(SIRENS)
    with pytest.raises(InvalidInputError) as caught:
        esus.fetch(nowhere)
    assert is_french_sentence(caught.value.user_message)
    with Double(files=tmp_path) as double:
        there = settings.load({"TERRITORY_ESUS_URL": f"{double.sirene_url}/liste.xlsx"})
        assert len(esus.fetch(there)) == len(SIRENS)
        gone = settings.load({"TERRITORY_ESUS_URL": f"{double.sirene_url}/ancienne.xlsx"})
        with pytest.raises(SourceError) as refused:
            esus.fetch(gone)
    assert is_french_sentence(refused.value.user_message)


def test_approved_units_are_marked_and_the_others_stay_as_they_were() -> None:
    places = pd.DataFrame("", index=[3, 5, 8], columns=ETABLISSEMENTS.names).assign(
        siren=[SIRENS[0], SIRENS[3], ""], est_esus="inconnu")
    before = places.copy()
    joined = esus.join(places, pd.DataFrame({"siren": SIRENS[:2]}), dt.date(2026, 5, 1))
    pd.testing.assert_frame_equal(places, before)
    assert list(joined["est_esus"]) == ["oui", "inconnu", "inconnu"], "not listed is not a no"
    assert list(joined["est_esus_source"]) == [
        "Liste nationale des agréments ESUS (Trésor), 1er mai 2026", "", ""]
    assert list(joined.index) == [3, 5, 8]
