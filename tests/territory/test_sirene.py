"""The bulk build on files of Sirene's shape, against a row-by-row reading of the same files."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from territory import communes, directory, settings
from territory.errors import SourceError, StoppedError
from territory.ess import LEGAL_CATEGORIES
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import liste_ess, sirene, stock
from territory.store import Store
from territory.suppliers import Criteria
from tests.conftest import ROOT
from tests.doubles import stock as generator
from tests.doubles.server import Double
from tests.doubles.world import World
from tests.territory.french import is_french_sentence

EMPLOYING = {"01", "02", "03", "11", "12", "21", "22", "31", "32", "41", "42", "51", "52", "53"}
OUT = ("84", "97", "98", "99", "94.11", "94.12", "94.20", "94.91", "94.92")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files under their paths on the server."""
    folder = tmp_path_factory.mktemp("source")
    generator.write(folder, 40_000, 26_000)
    return folder


@pytest.fixture(scope="module")
def folder(tree: Path) -> Path:
    """The same files in one folder, as somebody would bring them."""
    flat = tree / "ensemble"
    flat.mkdir()
    for name in stock.FILES.values():
        (flat / Path(name).name).write_bytes((tree / name).read_bytes())
    return flat


def store_of(tmp_path: Path, **others: str) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(tmp_path), **others})


def read_all(folder: Path, role: str) -> pd.DataFrame:
    path = folder / Path(stock.FILES[role]).name
    return duckdb.sql(f"SELECT * FROM read_parquet('{path}')").df()


def expected(folder: Path, listed: set[str]) -> dict[str, dict[str, object]]:
    """Employers by SIRET, one row at a time, with the words of the reference."""
    units = {u.siren: u for u in read_all(folder, "unites").itertuples()}
    places = {p.siret: p for p in read_all(folder, "geolocalisation").itertuples()}
    known = communes.table()
    kept = {}
    for e in read_all(folder, "etablissements").itertuples():
        unit = units[e.siren]
        category = unit.categorieJuridiqueUniteLegale
        naf = e.activitePrincipaleEtablissement
        naf = naf if isinstance(naf, str) else ""
        flagged = unit.economieSocialeSolidaireUniteLegale == "O"
        statutory = category in LEGAL_CATEGORIES and not (
            unit.activitePrincipaleUniteLegale.startswith(OUT)
        )
        public = category.startswith("7") and not (flagged or e.siren in listed)
        employs = (
            e.caractereEmployeurEtablissement == "O"
            or e.trancheEffectifsEtablissement in EMPLOYING
        )
        if not (
            unit.etatAdministratifUniteLegale == "A" and unit.statutDiffusionUniteLegale == "O"
            and category != "1000" and isinstance(unit.denominationUniteLegale, str)
            and e.etatAdministratifEtablissement == "A" and e.statutDiffusionEtablissement == "O"
            and employs and (flagged or e.siren in listed or statutory) and not public
        ):
            continue
        place = places.get(e.siret)
        code = e.codeCommuneEtablissement
        if code not in known.index:
            if place is None:
                continue
            code = place.plg_code_commune
        precise = place is not None and place.qualite_xy != "33" and (
            place.x_longitude != 55.5 or code.startswith("974")
        )
        kept[e.siret] = {
            "code_insee": code,
            "longitude": place.x_longitude if precise else known.loc[code, "longitude"],
            "latitude": place.y_latitude if precise else known.loc[code, "latitude"],
            "precision_geo": {"11": "adresse"}.get(place.qualite_xy, "voie") if precise
            else "commune",
            "naf": naf,
        }
    return kept


def test_the_build_keeps_exactly_the_employers_of_the_ess(folder: Path, tmp_path: Path) -> None:
    listed = {f"{300_000_000 + i}" for i in range(0, 26_000, 90)}
    source = tmp_path / "fichiers"
    source.mkdir()
    for file in folder.iterdir():
        (source / file.name).symlink_to(file)
    (source / liste_ess.FILENAME).write_text(
        "SIREN;Nom ou raison sociale de l'entreprise\n"
        + "\n".join(f"{code};x" for code in sorted(listed)), encoding="utf-8"
    )
    report = sirene.fetch(store_of(tmp_path), files=source)
    table = Store(tmp_path).read(sirene.TABLE)
    truth = expected(folder, listed)
    assert len(truth) > 100
    assert set(table["siret"]) == set(truth)
    assert list(table.columns) == [*ETABLISSEMENTS.names, "geometry"]
    for row in table.itertuples():
        wanted = truth[row.siret]
        assert row.code_insee == wanted["code_insee"]
        assert row.precision_geo == wanted["precision_geo"]
        assert math.isclose(row.longitude, wanted["longitude"])
        assert math.isclose(row.latitude, wanted["latitude"])
        assert row.naf == wanted["naf"]
    assert set(table["est_ess"]) == {"oui"}
    assert table["est_ess_source"].str.contains("Liste ESS France").any()
    assert table["est_ess_source"].str.contains("Sirene").any()
    assert report.rows == len(truth)
    assert report.counts["fermés"] > 0
    assert report.to_json()["fichiers"]["unites"]["sha256"]
    assert Store(tmp_path).tables()[sirene.TABLE]["recupere_le"] == report.day
    assert sorted(p.name for p in (tmp_path / "brouillon").iterdir()) == [], "nothing left behind"


def test_a_departement_has_a_table_of_its_own(folder: Path, tmp_path: Path) -> None:
    current = store_of(tmp_path)
    sirene.fetch(current, files=folder)
    whole = Store(tmp_path).read(sirene.TABLE)
    sirene.fetch(current, departement="62", files=folder)
    part = Store(tmp_path).read(f"{sirene.TABLE}_62")
    assert set(part["code_departement"]) == {"62"}
    assert set(part["siret"]) == set(whole.loc[whole["code_departement"] == "62", "siret"])
    assert len(Store(tmp_path).read(sirene.TABLE)) == len(whole)


def test_a_search_reads_the_bulk_list(folder: Path, tmp_path: Path) -> None:
    current = store_of(tmp_path)
    around = Perimeter.around_commune(communes.get("69123"), 60)
    assert directory.of(around, current).kind == "extrait"
    sirene.fetch(current, files=folder)
    chosen = directory.of(around, current)
    assert chosen.kind == "france"
    found = directory.search(around, Criteria(), chosen).found
    assert len(found) > 0
    assert (found["distance_km"] <= 60).all()
    assert "base Sirene" in chosen.sentence()


def test_files_are_brought_whole_even_cut_and_kept_while_fresh(
    tree: Path, tmp_path: Path
) -> None:
    with Double(World.small(), files=tree) as double:
        (tree / liste_ess.FILENAME).write_text("SIREN\n300000001\n")
        current = store_of(tmp_path, **double.environment,
                           TERRITORY_LISTE_ESS_URL=f"{double.sirene_url}/{liste_ess.FILENAME}")
        double.cut_files_after = 400_000
        report = sirene.fetch(current)
        asked = len(double.log)
        assert asked > 4, "several cuts were got over"
        again = sirene.fetch(current)
        assert len(double.log) == asked, "fresh files are not asked again"
        # A byte of the kept file changes: it is brought again.
        kept = tmp_path / "telechargements" / Path(stock.FILES["unites"]).name
        content = bytearray(kept.read_bytes())
        content[len(content) // 2] ^= 1
        kept.write_bytes(bytes(content))
        sirene.fetch(current)
        assert len(double.log) > asked
    assert report.rows == again.rows > 0
    for role, name in stock.FILES.items():
        assert report.files[role]["size"] == (tree / name).stat().st_size


def test_a_file_that_came_whole_and_cannot_be_read_is_brought_again(
    tree: Path, tmp_path: Path
) -> None:
    (tree / liste_ess.FILENAME).write_text("SIREN\n300000001\n")
    target = tree / stock.FILES["geolocalisation"]
    good = target.read_bytes()
    with Double(World.small(), files=tree) as double:
        current = store_of(tmp_path, **double.environment,
                           TERRITORY_LISTE_ESS_URL=f"{double.sirene_url}/{liste_ess.FILENAME}")
        target.write_bytes(b"PAR1" + bytes(1000) + b"PAR1")
        with pytest.raises(SourceError):
            sirene.fetch(current)
        target.write_bytes(good)
        assert sirene.fetch(current).rows > 0


@pytest.mark.parametrize("damage", ["cut", "text", "column"])
def test_a_file_of_another_form_is_said_and_the_table_stays(
    folder: Path, tmp_path: Path, damage: str
) -> None:
    current = store_of(tmp_path)
    sirene.fetch(current, files=folder)
    before = Store(tmp_path).tables()[sirene.TABLE]["sha256"]
    wrong = tmp_path / "fichiers"
    wrong.mkdir()
    for file in folder.iterdir():
        (wrong / file.name).write_bytes(file.read_bytes())
    target = wrong / Path(stock.FILES["etablissements"]).name
    if damage == "cut":
        target.write_bytes(target.read_bytes()[:100_000])
    elif damage == "text":
        target.write_text("<html>maintenance</html>")
    else:
        duckdb.sql(f"COPY (SELECT * EXCLUDE (etatAdministratifEtablissement) FROM "
                   f"read_parquet('{folder / target.name}')) TO '{target}' (FORMAT parquet)")
    with pytest.raises(SourceError) as caught:
        sirene.fetch(current, files=wrong)
    assert is_french_sentence(caught.value.user_message)
    assert Store(tmp_path).tables()[sirene.TABLE]["sha256"] == before


def test_a_folder_without_the_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="StockUniteLegale"):
        sirene.fetch(store_of(tmp_path), files=tmp_path)


def test_somebody_may_stop_the_build(folder: Path, tmp_path: Path) -> None:
    class Soon(Watch):
        told = 0

        def tell(self, done: int, total: int | None, label: str) -> None:
            self.told += 1

        @property
        def stopped(self) -> bool:
            return self.told > 5

    with pytest.raises(StoppedError):
        sirene.fetch(store_of(tmp_path), files=folder, watch=Soon())
    assert Store(tmp_path).tables() == {}


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_former_table(folder: Path, tmp_path: Path) -> None:
    current = store_of(tmp_path)
    report = sirene.fetch(current, files=folder)
    script = ("import sys; from pathlib import Path; from territory import settings; "
              "from territory.sources import sirene; "
              "sirene.fetch(settings.load({'TERRITORY_DATA_DIR': sys.argv[1]}), "
              "files=Path(sys.argv[2]))")
    command = [sys.executable, "-c", script, str(tmp_path), str(folder)]
    began = time.monotonic()
    subprocess.run(command, check=True, cwd=ROOT)
    whole = time.monotonic() - began
    draw = random.Random(5)
    killed = tries = 0
    while killed < 6 and tries < 40:
        tries += 1
        process = subprocess.Popen(command, cwd=ROOT)
        time.sleep(draw.uniform(0.3, 1.0) * whole)
        alive = process.poll() is None
        killed += alive
        # Measured while the machine had other work: the next ones are awaited less.
        whole *= 1 if alive else 0.85
        process.kill()
        process.wait()
        assert len(Store(tmp_path).read(sirene.TABLE)) == report.rows
    assert killed > 3, "the kills fell on work under way"
    subprocess.run(command, check=True, cwd=ROOT)
    assert len(Store(tmp_path).read(sirene.TABLE)) == report.rows
    assert len(list(tmp_path.glob("etablissements_ess-*.parquet"))) == 1


@pytest.mark.parametrize(
    ("content", "expected_codes"),
    [
        ("SIREN;Nom\n300000001;é\n300000001;é\n", ["300000001"]),
        ('"SIREN","Nom"\n"005520135","a, b"\n', ["005520135"]),
        ("Nom\tSiren\nx\t5520135\n", ["005520135"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_list_of_ess_france_is_read_whatever_its_form(
    content: str, expected_codes: list[str], encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes(content.encode(encoding))
    assert list(liste_ess.read(path)) == expected_codes


@pytest.mark.parametrize("content", ["", "Nom;Ville\na;b\n", "SIREN\n\n", "<html></html>"])
def test_a_list_without_siren_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(content)
    with pytest.raises(SourceError) as caught:
        liste_ess.read(path)
    assert is_french_sentence(caught.value.user_message)
