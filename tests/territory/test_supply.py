"""The supply of counters on this machine, and what the command line makes of it."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from territory import eloignement, settings, supply
from territory.cli import main
from territory.errors import DataError
from territory.settings import Settings
from territory.sources import bpe
from tests.territory.real import real_file
from tests.territory.test_bpe import BULK, given, zipped


@pytest.fixture
def current(tmp_path: Path) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(tmp_path / "donnees")})


def test_absence_is_zero_only_where_the_source_covers(current: Settings, tmp_path: Path) -> None:
    supply.keep(bpe.fetch(current, file=given(tmp_path, zipped(BULK))), current)
    known = supply.counters(current)
    assert known is not None
    wanted = ["26281", "26057", "2A004", "75056", "97411", "69123"]
    assert known.counts[wanted].fillna(-1).tolist() == [7, 0, -1, 40, -1, -1]
    assert known.year == "2024"
    both = supply.counters(current, "banque_ou_bureau")
    assert both is not None
    assert both.counts["26281"] == 9
    # The file lists no agence postale: with them nothing is known anywhere.
    every = supply.counters(current, "banque_ou_postal")
    assert every is not None
    assert every.counts.isna().all()


def test_nothing_fetched_is_no_supply(current: Settings) -> None:
    assert supply.counters(current) is None
    assert eloignement.access(current) is None


def test_a_supply_that_breaks_its_schema_leaves_the_former_one(
    current: Settings, tmp_path: Path
) -> None:
    found = bpe.fetch(current, file=given(tmp_path, zipped(BULK)))
    supply.keep(found, current)
    found.table.loc[0, "type"] = "guichet magique"
    with pytest.raises(DataError):
        supply.keep(found, current)
    known = supply.counters(current)
    assert known is not None
    assert known.counts["26281"] == 7


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> pd.DataFrame:
    assert main(list(arguments)) == 0
    return pd.read_csv(io.StringIO(capsys.readouterr().out), dtype={"code": str}, low_memory=False)


def test_the_national_run_from_a_file_of_real_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = pd.read_csv(real_file("bpe_banques_poste_communes_2009_2013.csv"), dtype=str)
    rows = real[(real["banques_2013"] != "0") & ~real["depcom"].str.startswith("976")]
    file = tmp_path / "bpe-2013.csv"
    rows.assign(TYPEQU="A203").rename(
        columns={"depcom": "DEPCOM", "banques_2013": "NB_EQUIP"}
    )[["DEPCOM", "TYPEQU", "NB_EQUIP"]].to_csv(file, sep=";", index=False)
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))

    before = run(capsys, "indicators", "--niveau", "departement")
    assert "minutes" not in before.columns
    assert main(["fetch", "bpe", "--fichier", str(file), "--millesime", "2013"]) == 0
    capsys.readouterr()

    communes = run(capsys, "indicators", "--niveau", "commune").set_index("code")
    assert len(communes) == 34_875
    assert communes.loc["26281", "distance_km"] == 0
    assert set(communes["a_une_fermeture"]) == {"oui", "non", "inconnu"}
    # Mayotte is left out of the file: nothing is known there, and it is not a zero.
    assert communes.loc["97611", ["guichets", "minutes", "e2sfca"]].isna().all()
    assert communes.loc["97611", "a_une_fermeture"] == "inconnu"

    departements = run(capsys, "indicators", "--niveau", "departement").set_index("code")
    assert departements.loc["2A", "part_15"] > departements.loc["75", "part_15"] == 0
    assert departements["minutes"].notna().sum() >= 96
    assert pd.isna(departements.loc["976", "minutes"])


def test_a_file_of_indicators_says_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    out = tmp_path / "departements.xlsx"
    assert main(["indicators", "--niveau", "departement", "--format", "xlsx",
                 "--sortie", str(out)]) == 0
    sheet = openpyxl.load_workbook(out)["Lisez-moi"]
    said = " ".join(str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    assert "fetch bpe" in said
