"""Over-indebtedness filings: whole or refused, twelve months for all, a key never shown."""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from territory import communes, settings, surendettement
from territory.cli import main
from territory.errors import (
    DataError,
    InvalidInputError,
    SourceError,
    SourceRefusedError,
    SourceUnavailableError,
)
from territory.schemas import SURENDETTEMENT
from territory.settings import Settings
from territory.sources import surendettement as webstat
from territory.store import Store
from tests.doubles.server import Double
from tests.doubles.webstat import DEPARTEMENTS, KEY, months
from tests.doubles.world import World
from tests.territory.french import is_french_sentence
from tests.territory.test_http import Server, answer

WRONG = "d" * 56
DAY = dt.date(2026, 9, 14)
HEADER = "series_key;time_period;obs_value\n"


def row(code: str, month: str, value: object) -> str:
    return f"IFI.M.D{code}.SUREN.DEPOT;{month};{value}\n"


def lines(code: str, counts: dict[str, object]) -> str:
    return "".join(row(code, month, value) for month, value in counts.items())


def year(value: object, start: str = "2024-01", count: int = 12) -> dict[str, object]:
    return {str(m): value for m in pd.period_range(start, periods=count, freq="M")}


def read(text: str) -> webstat.Filings:
    return webstat.read(text.encode(), "Le fichier essai.csv", day=DAY)


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with Double(World({"26281": 1}, networks=0)) as running:
        yield running


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.01)
    running = Server()
    yield running
    running.close()


def current(folder: Path, url: str, key: str = KEY) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(folder / "donnees"),
                          "TERRITORY_WEBSTAT_URL": url, "TERRITORY_WEBSTAT_KEY": key})


# --- the service -----------------------------------------------------------------------------


def test_every_series_is_asked_at_once_and_read_whole(double: Double, tmp_path: Path) -> None:
    double.log.clear()
    found = webstat.fetch(current(tmp_path, double.webstat_url))
    SURENDETTEMENT.validate(found.table)
    assert list(found.table.columns) == SURENDETTEMENT.names
    (asked,) = double.log
    assert asked.path == "/webstat/catalog/datasets/observations/exports/csv/"
    assert asked.params["where"].count("IFI.M.D") == 96
    values = found.table.set_index(["code_departement", "mois"])["dossiers"]
    assert values.to_dict() == double.webstat.filings
    said = found.to_json()
    assert (said["lignes"], said["mois"]) == (len(values), len(months()))
    assert said["departements"] == sorted(DEPARTEMENTS)
    assert said["departements_absents"] == said["incomplet"] == []
    assert said["dernier_mois"] == months()[-1]
    assert said["date"] == dt.date.today().isoformat()


@pytest.mark.parametrize(
    "key", ["", "court", "é" * 56, f"{KEY} {KEY}", f"{KEY}\r\nX: y", "c" * 201]
)
def test_a_key_of_another_form_is_never_sent(key: str, double: Double, tmp_path: Path) -> None:
    double.log.clear()
    with pytest.raises(InvalidInputError) as caught:
        webstat.fetch(current(tmp_path, double.webstat_url, key))
    message = caught.value.user_message
    assert is_french_sentence(message)
    assert "TERRITORY_WEBSTAT_KEY" in message
    assert "--fichier" in message
    assert not key or key not in message
    assert double.log == []


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_said_once_in_french_and_never_with_the_key(
    status: int, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers = [answer(f'{{"message": "bad key {WRONG}"}}'.encode(), status)]
    with pytest.raises(SourceRefusedError) as caught:
        webstat.fetch(current(tmp_path, server.url, WRONG))
    assert server.headers[0]["Authorization"] == f"Apikey {WRONG}"
    assert len(server.headers) == 1, "asking again is of no use"
    assert is_french_sentence(caught.value.user_message)
    assert ("TERRITORY_WEBSTAT_KEY" in caught.value.user_message) is (status in {401, 403})
    assert WRONG not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert WRONG not in caplog.text


@pytest.mark.parametrize(("body", "media", "status"), [
    (b"<html><body>Maintenance</body></html>", "text/html", 200),
    (b"<html><body>Maintenance</body></html>", "text/csv", 200),
    (b"<!DOCTYPE html>\n<p>a; b\n", "text/csv", 200),
    (b"", "text/csv", 200),
    (b";;\n", "text/csv", 200),
    (b'{"errorcode": 10002}', "application/json", 200),
    (b"slow down", "text/plain", 429),
    (b"", "text/plain", 503),
    ((HEADER + row("48", "2024-01", 45))[:-2].encode(), "text/csv", 200),
    ((HEADER + "IFI.M.D48.SUREN.DEPOT;2024-01\n").encode(), "text/csv", 200),
    ((HEADER + 'IFI.M.D48.SUREN.DEPOT;2024-01;"4').encode(), "text/csv", 200),
    (HEADER.encode(), "text/csv", 200),
    ((HEADER + row("48", "2024-01", "")).encode(), "text/csv", 200),
    (HEADER.replace("obs_value", "valeur").encode(), "text/csv", 200),
    (b"PK\x03\x04\x81\x8d" + b"\x00" * 50, "text/csv", 200),
])
def test_anything_but_whole_series_is_refused(
    body: bytes, media: str, status: int, server: Server, tmp_path: Path
) -> None:
    server.answers = [answer(body, status, media)]
    with pytest.raises(SourceError) as caught:
        webstat.fetch(current(tmp_path, server.url))
    assert is_french_sentence(caught.value.user_message)
    if status != 200:
        assert isinstance(caught.value, SourceUnavailableError)
    # The same from a person is that person's file.
    file = tmp_path / "séries.csv"
    file.write_bytes(body)
    with pytest.raises(InvalidInputError) as given:
        webstat.fetch(current(tmp_path, server.url), file=file)
    assert is_french_sentence(given.value.user_message)
    assert "séries.csv" in given.value.user_message


def test_the_key_does_not_follow_a_redirection_to_another_host(
    server: Server, tmp_path: Path
) -> None:
    other = Server()
    other.answers = [answer((HEADER + row("48", "2024-01", 45)).encode(), 200, "text/csv")]
    server.answers = [answer(status=302, Location=f"{other.url}/ailleurs")]
    found = webstat.fetch(current(tmp_path, server.url))
    other.close()
    assert found.covered() == ["48"]
    assert "Authorization" in server.headers[0]
    assert "Authorization" not in other.headers[0]


def test_a_huge_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webstat, "_MAX_BYTES", 100)
    with pytest.raises(SourceError, match="dépasse"):
        read(HEADER + lines("48", year(4)))
    file = tmp_path / "a.csv"
    file.write_text(HEADER + lines("48", year(4)), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="dépasse"):
        webstat.fetch(current(tmp_path, "http://127.0.0.1:9"), file=file)


# --- the forms -------------------------------------------------------------------------------

LONG = HEADER + lines("48", {"2024-01": 12, "2024-02": 9}) + lines("2A", {"2024-01": 30})
EXPORT = """Titre :;Lozère, dossiers déposés;Corse-du-Sud, dossiers déposés
Code série :;IFI.M.D48.SUREN.DEPOT;IFI.M.D2A.SUREN.DEPOT
Unité :;Nombre;Nombre
Magnitude :;Unités (0);Unités (0)
Méthode d'observation :;Somme (S);Somme (S)
Source :;Banque de France;Banque de France
2024-02-29;9;
2024-01-31;12;30
"""


@pytest.mark.parametrize("content", [
    pytest.param(LONG.encode(), id="service"),
    pytest.param(LONG.replace(";", ",").encode("utf-8-sig"), id="comma"),
    pytest.param(LONG.replace("\n", "\r\n\r\n").encode(), id="blank lines"),
    pytest.param(LONG.upper().encode(), id="upper case"),
    pytest.param(LONG.replace(";12", ";12,0").encode(), id="decimals"),
    pytest.param("".join(f'x;"{line.replace(";", chr(34) + ";" + chr(34))}"\n'
                         for line in LONG.splitlines()).encode(), id="quotes, another column"),
    pytest.param(EXPORT.encode("cp1252"), id="export of the site"),
    pytest.param(EXPORT.replace("2024-02-29", "29/02/2024").replace("2024-01-31", "31/01/2024")
                 .encode("utf-8-sig"), id="export, French dates"),
])
def test_every_form_gives_the_same_filings(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "webstat.csv"
    file.write_bytes(content)
    found = webstat.fetch(current(tmp_path, "http://127.0.0.1:9", ""), file=file)
    known = found.table.dropna(subset=["dossiers"])
    assert list(known[["code_departement", "mois", "dossiers"]].itertuples(index=False, name=None)
                ) == [("2A", "2024-01", 30), ("48", "2024-01", 12), ("48", "2024-02", 9)]
    assert found.left_out == {}
    assert found.unknown == {}
    absent = f"{', '.join(found.absent()[:-1])} et 95"
    assert found.remarks() == [f"Départements de métropole sans donnée (94) : {absent}."]


def test_thousands_are_not_taken_for_units() -> None:
    with pytest.raises(SourceError, match="milliers") as caught:
        read(EXPORT.replace("Unités (0);", "Milliers (3);"))
    assert is_french_sentence(caught.value.user_message)


def test_what_is_refused_is_counted() -> None:
    now = pd.Period(dt.date.today(), "M")
    found = read(
        HEADER
        + lines("48", {"2024-01": 12, "2024-02": "N/A", "2024-03": "-3", "2024-04": "4.5",
                       "2024-05": "", "2024-06": "1\u202f204", "2024-07": 0, "2024-08": "1e3"})
        + row("48", "2024-01", 12)  # the same again
        + lines("2A", {"2024-01": 30}) + lines("2A", {"2024-01": 31}) + lines("2A", {"2024-01": 30})
        + lines("2A", {"2024-02": 7})
        + row("20", "2024-01", 5) + row("99", "2024-01", 5) + row("979", "2024-01", 5)
        + row("01", str(now), 5) + row("01", str(now + 40), 5)
        + row("01", "2024-T1", 5) + row("01", "2024-13", 5)
        + "IFI.M.FR.SUREN.DEPOT;2024-01;9000\nIFI.M.FR.FICP.INS_FICP;2024-01;9\n"
    )
    SURENDETTEMENT.validate(found.table)
    values = found.table.set_index(["code_departement", "mois"])["dossiers"]
    assert values.dropna().to_dict() == {
        ("2A", "2024-02"): 7, ("48", "2024-01"): 12, ("48", "2024-06"): 1204, ("48", "2024-07"): 0}
    assert found.left_out == {
        webstat.TWICE: 3, webstat.NO_DEPARTEMENT: 3, webstat.NOT_OVER: 2, webstat.NO_MONTH: 2,
        webstat.OTHER_SERIES: 2}
    assert found.unknown == {webstat.ILLEGIBLE: 4, webstat.CONTRADICTION: 1}
    assert all(is_french_sentence(said) for said in found.remarks())
    assert len(found.remarks()) == 8
    assert found.to_json()["valeurs_inconnues"] == len(values) - 4 == 6


# --- twelve months ---------------------------------------------------------------------------


def kept(folder: Path, text: str) -> surendettement.YearlyFilings | None:
    there = current(folder, "http://127.0.0.1:9")
    surendettement.keep(read(HEADER + text), there)
    return surendettement.yearly(there)


def test_the_same_twelve_months_count_for_all(tmp_path: Path) -> None:
    found = kept(
        tmp_path,
        lines("26", year(10, "2022-01", 36))
        + lines("48", {**year(2, "2022-01", 34)})  # two months late: everybody waits
        + lines("2A", {**year(3, "2022-01", 36), "2024-05": ""})  # a hole in the twelve months
        + lines("38", year(5, "2024-06", 7))  # began later
        + lines("69", year(9, "2019-01", 48)),  # stopped: does not hold the others back
    )
    assert found is not None
    assert found.period == "de novembre 2023 à octobre 2024"
    assert found.filings.dropna().to_dict() == {"26": 120, "48": 24}
    assert found.filings.index.tolist() == communes.units("departement").index.tolist()
    people = communes.units("departement")["population"]
    rate = found.per_100_000
    assert rate.dtype == float
    assert rate["26"] == pytest.approx(100_000 * 120 / people["26"])
    assert rate.notna().sum() == 2
    assert rate.name == "surendettement"
    assert {"971", "972", "973", "974", "976", "2A", "38", "69"} <= set(found.missing)
    assert found.source == (
        "Source : Banque de France, WebStat, dossiers de surendettement déposés de novembre 2023 "
        "à octobre 2024, récupérés le 14 septembre 2026."
    )
    assert "15 ans et plus" in found.sentence()
    assert "Outre-mer : inconnu" in found.sentence()
    assert "métropole (94) : 01, 02" in found.sentence()
    assert is_french_sentence(found.source)
    assert is_french_sentence(found.sentence())


def test_a_blank_in_the_last_month_moves_the_twelve_months_back(tmp_path: Path) -> None:
    counts = year(1, "2022-08", 25)
    found = kept(tmp_path, lines("26", counts) + lines("48", {**counts, "2024-08": "?"}))
    assert found is not None
    assert found.period == "d’août 2023 à juillet 2024"
    assert found.filings.dropna().to_dict() == {"26": 12, "48": 12}


def test_fewer_than_twelve_months_are_no_year(tmp_path: Path) -> None:
    assert kept(tmp_path, lines("26", year(1, "2024-01", 11))) is None
    assert kept(tmp_path, lines("26", year(1, "2024-01", 12))) is not None


def test_series_never_known_together_have_no_year(tmp_path: Path) -> None:
    assert kept(tmp_path, lines("26", year(1, "2024-01", 6))
                + lines("48", year(1, "2024-07", 6))) is None


def test_nothing_fetched_is_no_figure(tmp_path: Path) -> None:
    assert surendettement.yearly(current(tmp_path, "http://127.0.0.1:9")) is None
    assert is_french_sentence(surendettement.MISSING)
    (column,) = surendettement.columns()
    assert column.definition.endswith(".")


def test_filings_that_break_their_schema_leave_the_former_ones(tmp_path: Path) -> None:
    there = current(tmp_path, "http://127.0.0.1:9")
    surendettement.keep(read(HEADER + lines("26", year(1))), there)
    broken = read(HEADER + lines("26", year(2)))
    broken.table.loc[0, "mois"] = "janvier"
    with pytest.raises(DataError):
        surendettement.keep(broken, there)
    found = surendettement.yearly(there)
    assert found is not None
    assert found.filings["26"] == 12


# --- the command -----------------------------------------------------------------------------


def test_the_command_says_what_came_and_the_key_is_nowhere(
    double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "donnees"
    for name, value in (("DATA_DIR", folder), ("WEBSTAT_URL", double.webstat_url),
                        ("WEBSTAT_KEY", KEY)):
        monkeypatch.setenv(f"TERRITORY_{name}", str(value))
    assert main(["fetch", "surendettement", "--format", "json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (len(found["departements"]), found["mois"]) == (96, len(months()))
    known = surendettement.yearly(settings.load())
    assert known is not None
    assert found["douze_mois"] == known.period
    assert known.filings.isna().sum() == 5, "overseas only"
    entry = Store(folder).tables()["surendettement"]
    assert entry["millesime"] == months()[-1]
    # Every other command, and a key the service refuses.
    for command in ("fetch surendettement", "settings", "settings --format json", "sources"):
        assert main(command.split()) == 0
    others = capsys.readouterr()
    assert "TERRITORY_WEBSTAT_KEY=(renseigné)" in others.out
    assert f"en cache   {96 * len(months()):>6} lignes  Banque de France" in others.out
    monkeypatch.setenv("TERRITORY_WEBSTAT_KEY", WRONG)
    assert main(["fetch", "surendettement"]) == 1
    refused = capsys.readouterr()
    assert "refuse cette clé" in refused.err
    shown = [text for said in (printed, others, refused) for text in (said.out, said.err)]
    shown += [caplog.text, repr(settings.load())]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for secret in (KEY, WRONG):
        assert not any(secret in text for text in shown)
        assert not any(secret.encode() in path.read_bytes() for path in files)
        assert not any(secret in str(entry) for entry in double.log)
    assert Store(folder).tables()["surendettement"] == entry, "a refusal leaves the former table"


def test_without_key_the_command_says_how_to_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("TERRITORY_WEBSTAT_KEY", raising=False)
    assert main(["fetch", "surendettement"]) == 2
    said = capsys.readouterr().err
    assert "webstat.banque-france.fr" in said
    assert len(said.splitlines()) == 1
    file = tmp_path / "webstat.csv"
    file.write_text(HEADER + lines("26", year(4)), encoding="utf-8")
    assert main(["fetch", "surendettement", "--fichier", str(file), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["departements"], len(found["departements_absents"])) == (["26"], 95)
