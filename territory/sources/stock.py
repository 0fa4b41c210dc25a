"""The bulk files of Sirene: brought to the local store, and cut down to ESS employers by DuckDB.

Only the columns needed are read. The units are filtered first, then the establishments by them,
then the geolocation by those: the large files are each read once, from one end to the other.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import json
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from territory.errors import SourceError
from territory.ess import EMPLOYING_SIZES, LEGAL_CATEGORIES
from territory.files import write_bytes
from territory.progress import Watch
from territory.settings import Settings
from territory.sources._http import Client

#: Role of a file → its path under the setting ``TERRITORY_SIRENE_URL``.
FILES: Final[Mapping[str, str]] = {
    "unites": "stock/StockUniteLegale_utf8.parquet",
    "etablissements": "stock/StockEtablissement_utf8.parquet",
    "geolocalisation":
        "geoloc/GeolocalisationEtablissement_Sirene_pour_etudes_statistiques_utf8.parquet",
}
#: DuckDB's own share of memory; the rest of the process needs as much again at most.
MEMORY: Final = "900MB"
_POLL_S: Final = 0.3

#: Columns read, by file; the names are Insee's.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "unites": (
        "siren", "statutDiffusionUniteLegale", "denominationUniteLegale", "sigleUniteLegale",
        "categorieJuridiqueUniteLegale", "economieSocialeSolidaireUniteLegale",
        "etatAdministratifUniteLegale", "activitePrincipaleUniteLegale",
    ),
    "etablissements": (
        "siren", "siret", "statutDiffusionEtablissement", "trancheEffectifsEtablissement",
        "anneeEffectifsEtablissement", "caractereEmployeurEtablissement",
        "etatAdministratifEtablissement", "codeCommuneEtablissement",
        "libelleCommuneEtablissement", "codePostalEtablissement", "numeroVoieEtablissement",
        "typeVoieEtablissement", "libelleVoieEtablissement", "enseigne1Etablissement",
        "denominationUsuelleEtablissement", "activitePrincipaleEtablissement",
        "activitePrincipaleNAF25Etablissement",
    ),
    "geolocalisation": ("siret", "qualite_xy", "y_latitude", "x_longitude", "plg_code_commune"),
}


#: Columns an older file may lack.
RECENT: Final = ("activitePrincipaleNAF25Etablissement",)


@dataclass(frozen=True)
class StockFile:
    """A bulk file on this machine.

    Attributes
    ----------
    path, size, sha256, day
        Where, how many bytes, digest, day of the stock (ISO).
    """

    path: Path
    size: int
    sha256: str
    day: str

    def to_json(self) -> dict[str, Any]:
        """Return name, size, digest and day."""
        return {**asdict(self), "path": self.path.name}


def bring(settings: Settings, watch: Watch) -> dict[str, StockFile]:
    """Download the files that are absent or older than the freshness setting.

    Raises
    ------
    SourceError
        A file cannot be brought whole.
    """
    folder = settings.data_dir / "telechargements"
    service = Client("le site des fichiers Sirene", settings.sirene_url, offline=settings.offline,
                     watch=watch)
    return {
        role: fetched(service, f"/{path}", folder / Path(path).name, settings.fresh_days)
        for role, path in FILES.items()
    }


def fetched(service: Client, url: str, path: Path, fresh_days: int) -> StockFile:
    """Return a file brought before when it is fresh and undamaged, else bring it.

    Raises
    ------
    SourceError
        It cannot be brought whole.
    """
    return _kept(path, fresh_days) or _downloaded(service, url, path)


def given(folder: Path, watch: Watch) -> dict[str, StockFile]:
    """Find the files in a folder somebody filled.

    Raises
    ------
    SourceError
        One is not there.
    """
    found = {}
    for role, path in FILES.items():
        file = folder / Path(path).name
        if not file.is_file():
            msg = f"Le dossier {folder} ne contient pas {file.name}."
            raise SourceError(msg)
        watch.tell(0, None, f"Lecture de {file.name}")
        found[role] = given_file(file)
    return found


def given_file(path: Path) -> StockFile:
    """Describe a file somebody brought; its day is that of its last change."""
    day = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date().isoformat()
    return StockFile(path, path.stat().st_size, _sha256(path), day)


def _kept(path: Path, fresh_days: int) -> StockFile | None:
    """Return a file brought before, when it is fresh and still what its ticket says."""
    try:
        content = json.loads(_ticket(path).read_text(encoding="utf-8"))
        fetched = dt.datetime.fromisoformat(content["recupere"])
        known = StockFile(path, int(content["size"]), str(content["sha256"]), str(content["day"]))
        same = path.stat().st_size == known.size and _sha256(path) == known.sha256
    except (OSError, ValueError, KeyError, TypeError):
        return None
    fresh = dt.datetime.now(dt.UTC) - fetched < dt.timedelta(days=fresh_days)
    return known if same and fresh else None


def distrust(files: Mapping[str, StockFile]) -> None:
    """Forget that files were brought whole, so that the next fetch brings them again."""
    for file in files.values():
        _ticket(file.path).unlink(missing_ok=True)


def _ticket(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")


def _downloaded(service: Client, url: str, path: Path) -> StockFile:
    got = service.download(url, path)
    try:
        day = email.utils.parsedate_to_datetime(got.last_modified).date()
    except ValueError:
        day = dt.datetime.now(dt.UTC).date()
    file = StockFile(got.path, got.size, got.sha256, day.isoformat())
    ticket = {**file.to_json(), "recupere": dt.datetime.now(dt.UTC).isoformat(), "url": got.url}
    write_bytes(_ticket(path), json.dumps(ticket, indent=1).encode())
    return file


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Extract:
    """What the files hold of ESS employers.

    Attributes
    ----------
    rows
        One row an open employer establishment of a unit that may be of the ESS; columns of
        :func:`extract`.
    counts
        French label → rows counted on the way.
    """

    rows: pd.DataFrame
    counts: dict[str, int]


def extract(
    files: Mapping[str, StockFile],
    *,
    departement: str | None,
    listed: pd.Series | None,
    scratch: Path,
    watch: Watch,
) -> Extract:
    """Cut the files down to the open employer establishments of units that may be of the ESS.

    A unit may be of the ESS when its Sirene flag is O, its category one of the law, or its SIREN
    on the ESS France list. Natural persons and what may not be shown are left in the files.

    Parameters
    ----------
    files
        See :func:`bring`.
    departement
        Code of the only département wanted, None for France.
    listed
        SIREN of the ESS France list, None when it is not there.
    scratch
        Folder for what does not fit in memory; nothing is left in it.
    watch
        Told of the share done; may stop the work.

    Returns
    -------
    Extract
        ``siret``, ``siren``, ``nom``, ``sigle``, ``categorie_juridique``, ``drapeau_sirene``,
        ``sur_liste_ess``, ``naf_unite``, ``caractere``, ``tranche``, ``annee``, ``code``,
        ``libelle_commune``, ``code_postal``, ``voie``, ``enseigne``, ``usuel``, ``naf``,
        ``naf_2025``, ``longitude``, ``latitude``, ``qualite``, ``commune_geo``: texts, empty when
        blank, but the coordinates.

    Raises
    ------
    SourceError
        A file is damaged or lacks a column.
    """
    with _engine(scratch) as base:
        work = _Work(base, watch)
        present = {role: _check(base, role, file.path) for role, file in files.items()}
        recent = RECENT[0] if RECENT[0] in present["etablissements"] else "NULL"
        names = pd.DataFrame({"siren": listed if listed is not None else pd.Series(dtype=str)})
        base.register("liste", names)
        work.run(_UNITS.format(path=_quoted(files["unites"].path), categories=_CATEGORIES),
                 0.0, 0.35, "Lecture des unités légales")
        path = _quoted(files["etablissements"].path)
        area = "" if departement is None else (
            f"AND starts_with(codeCommuneEtablissement, '{_letters(departement.upper())}')"
        )
        work.run(_COUNTS.format(path=path, sizes=_SIZES, area=area), 0.35, 0.5,
                 "Compte des établissements")
        row = base.execute("SELECT * FROM comptes").fetchone()
        labels = [name for name, *_ in base.execute("DESCRIBE comptes").fetchall()]
        query = _ESTABLISHMENTS.format(path=path, sizes=_SIZES, area=area, naf_2025=recent)
        work.run(query, 0.5, 0.8,
                 "Lecture des établissements")
        work.run(_PLACES.format(path=_quoted(files["geolocalisation"].path)), 0.8, 1.0,
                 "Lecture de la géolocalisation")
        rows = base.execute("SELECT * FROM resultat ORDER BY code, siret").df()
    texts = rows.columns.difference(["longitude", "latitude", "sur_liste_ess"])
    rows[texts] = rows[texts].fillna("").astype(str)
    counts = dict(zip(labels, (int(n or 0) for n in row or ()), strict=True))
    return Extract(rows, counts)


_CATEGORIES: Final = ", ".join(f"'{code}'" for code in sorted(LEGAL_CATEGORIES))
_SIZES: Final = ", ".join(f"'{code}'" for code in EMPLOYING_SIZES)

_UNITS: Final = """
CREATE TEMP TABLE unites AS
SELECT u.siren, denominationUniteLegale AS nom, sigleUniteLegale AS sigle,
       categorieJuridiqueUniteLegale::VARCHAR AS categorie_juridique,
       coalesce(economieSocialeSolidaireUniteLegale, '') AS drapeau_sirene,
       activitePrincipaleUniteLegale AS naf_unite,
       u.siren IN (SELECT siren FROM liste) AS sur_liste_ess
FROM read_parquet({path}) u
WHERE etatAdministratifUniteLegale = 'A' AND statutDiffusionUniteLegale = 'O'
  AND categorieJuridiqueUniteLegale::VARCHAR <> '1000'
  AND denominationUniteLegale IS NOT NULL AND denominationUniteLegale <> ''
  AND (economieSocialeSolidaireUniteLegale = 'O'
       OR categorieJuridiqueUniteLegale::VARCHAR IN ({categories})
       OR u.siren IN (SELECT siren FROM liste))
"""

_EMPLOYS: Final = """(coalesce(caractereEmployeurEtablissement, '') = 'O'
    OR coalesce(trancheEffectifsEtablissement, '') IN ({sizes}))"""

_COUNTS: Final = (
    """
CREATE TEMP TABLE comptes AS
SELECT count(*) AS "établissements des unités retenues",
       count(*) FILTER (etatAdministratifEtablissement <> 'A') AS "fermés",
       count(*) FILTER (etatAdministratifEtablissement = 'A'
                        AND statutDiffusionEtablissement <> 'O') AS "non diffusibles",
       count(*) FILTER (etatAdministratifEtablissement = 'A'
                        AND statutDiffusionEtablissement = 'O'
                        AND NOT """ + _EMPLOYS + """) AS "sans salarié connu"
FROM read_parquet({path}) SEMI JOIN unites USING (siren)
WHERE true {area}
"""
)

_ESTABLISHMENTS: Final = (
    """
CREATE TEMP TABLE etablissements AS
SELECT siret, siren, nom, sigle, categorie_juridique, drapeau_sirene, sur_liste_ess, naf_unite,
       caractereEmployeurEtablissement AS caractere, trancheEffectifsEtablissement AS tranche,
       anneeEffectifsEtablissement::VARCHAR AS annee, codeCommuneEtablissement AS code,
       libelleCommuneEtablissement AS libelle_commune, codePostalEtablissement AS code_postal,
       concat_ws(' ', numeroVoieEtablissement::VARCHAR, typeVoieEtablissement,
                 libelleVoieEtablissement) AS voie,
       enseigne1Etablissement AS enseigne, denominationUsuelleEtablissement AS usuel,
       activitePrincipaleEtablissement AS naf, {naf_2025} AS naf_2025
FROM read_parquet({path}) JOIN unites USING (siren)
WHERE etatAdministratifEtablissement = 'A' AND statutDiffusionEtablissement = 'O'
  AND """ + _EMPLOYS + """ {area}
"""
)

_PLACES: Final = """
CREATE TEMP TABLE resultat AS
WITH lieux AS (
    SELECT siret, x_longitude::DOUBLE AS longitude, y_latitude::DOUBLE AS latitude,
           qualite_xy::VARCHAR AS qualite, plg_code_commune AS commune_geo
    FROM read_parquet({path}) SEMI JOIN etablissements USING (siret)
)
SELECT etablissements.*, longitude, latitude, qualite, commune_geo
FROM etablissements LEFT JOIN lieux USING (siret)
"""


class _Work:
    """Runs queries that can be watched and stopped."""

    def __init__(self, base: duckdb.DuckDBPyConnection, watch: Watch) -> None:
        self._base = base
        self._watch = watch

    def run(self, query: str, start: float, end: float, label: str) -> None:
        failures: list[Exception] = []

        def execute() -> None:
            try:
                self._base.execute(query)
            except Exception as error:
                failures.append(error)

        worker = threading.Thread(target=execute, name="duckdb")
        worker.start()
        while worker.is_alive():
            worker.join(_POLL_S)
            share = max(0.0, self._base.query_progress()) / 100 if worker.is_alive() else 1.0
            self._watch.tell(round(1000 * (start + (end - start) * share)), 1000, label)
            if self._watch.stopped and worker.is_alive():
                self._base.interrupt()
        self._watch.check()
        if failures:
            msg = (
                f"{label} : un fichier est endommagé ou d’une autre forme ; téléchargez-le encore."
            )
            raise SourceError(msg) from failures[0]


@contextmanager
def _engine(scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="duckdb-") as folder:
        base = duckdb.connect(":memory:", config={
            "memory_limit": MEMORY, "temp_directory": folder, "threads": 2,
            "preserve_insertion_order": False,
        })
        try:
            yield base
        finally:
            base.close()


def _check(base: duckdb.DuckDBPyConnection, role: str, path: Path) -> set[str]:
    """Return the columns of a file; refuse one that lacks some, before minutes of work."""
    try:
        described = base.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)])
        present = {name for name, *_ in described.fetchall()}
    except duckdb.Error as error:
        msg = f"Le fichier {path.name} n’est pas un Parquet lisible ; téléchargez-le encore."
        raise SourceError(msg) from error
    missing = [name for name in COLUMNS[role] if name not in present | set(RECENT)]
    if missing:
        msg = f"Le fichier {path.name} a changé de forme : il manque {', '.join(missing)}."
        raise SourceError(msg)
    return present


def _quoted(path: Path) -> str:
    text = str(path).replace("'", "''")
    return f"'{text}'"


def _letters(code: str) -> str:
    """Keep the letters and digits of a code: it goes in a query."""
    return "".join(c for c in code if c.isalnum())

