"""Bank and postal counters of the Base permanente des équipements (Insee), by commune or by point.

The bulk file is brought from Melodi, or given: this one, the points, or those of former years. It
is read out of its archive as it comes, and only four codes are kept.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import numpy as np
import pandas as pd
from pyproj import Transformer

from territory import communes
from territory.codes import ARRONDISSEMENTS, departement_of
from territory.errors import InvalidInputError, SourceError, SourceRefusedError
from territory.geo import legal_epsg
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import guichets
from territory.sources._http import Client
from territory.sources.guichets import Supply
from territory.text import plural

SOURCE: Final = "bpe"
DEFAULT_YEAR: Final = "2024"
#: Code of the BPE → kind of counter. No code is that of a cash machine.
CODES: Final[Mapping[str, str]] = {
    "A203": "banque", "A206": "bureau_poste", "A207": "relais_poste", "A208": "agence_postale",
}
#: Town halls: a file that has them mentions every commune of its own vintage.
_TOWN_HALL: Final = "A129"
_CHUNK: Final = 200_000
#: Thirty times the counters of France: another file would fill the memory.
_MAX_ROWS: Final = 2_000_000
#: Melodi allows thirty requests a minute.
_PER_SECOND: Final = 0.5

_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
#: Role → headers that name it, in the order they are preferred.
_HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("GEO", "DEPCOM", "CODGEO"),
    "objet": ("GEO_OBJECT",),
    "equipement": ("FACILITY_TYPE", "TYPEQU"),
    "mesure": ("BPE_MEASURE",),
    "nombre": ("OBS_VALUE", "NB_EQUIP"),
    "annee": ("TIME_PERIOD", "AN"),
    "nom": ("NOMRS",),
    "longitude": ("LONGITUDE",),
    "latitude": ("LATITUDE",),
    "x": ("LAMBERT_X",),
    "y": ("LAMBERT_Y",),
    "qualite": ("QUALITE_XY",),
}


def fetch(
    settings: Settings,
    *,
    millesime: str | None = None,
    file: Path | None = None,
    watch: Watch | None = None,
) -> Supply:
    """Bring the counts of a year, or read a file that was brought before.

    Parameters
    ----------
    settings
        Address, local store, freshness of the downloads.
    millesime
        Year, 2024 by default; for a file, needed only when it does not say it.
    file
        ZIP or CSV of the BPE: counts or points, today's columns or older ones.
    watch
        Told of progress; may stop the work.

    Raises
    ------
    InvalidInputError
        The year has no four digits, or is nowhere said.
    SourceError, StoppedError
        The file cannot be brought or read; somebody asked to stop.
    """
    # Imported here: the bulk files of Sirene, which share the downloads, need DuckDB.
    from territory.sources import stock

    watch = watch or Watch()
    if millesime is not None and not _YEAR.fullmatch(millesime):
        msg = f"--millesime {millesime} : écrivez une année, comme {DEFAULT_YEAR}."
        raise InvalidInputError(msg)
    if file is not None:
        given = stock.given_file(file)
        return read(given.path, day=given.day, millesime=millesime, watch=watch)
    year = millesime or DEFAULT_YEAR
    service = Client("l’API Melodi de l’Insee", settings.melodi_url, offline=settings.offline,
                     per_second=_PER_SECOND, watch=watch)
    path = settings.data_dir / "telechargements" / f"DS_BPE_{year}_CSV_FR.zip"
    try:
        brought = stock.fetched(service, f"/file/DS_BPE/DS_BPE_{year}_CSV_FR", path,
                                settings.fresh_days)
    except SourceRefusedError as error:
        if error.status != 404:
            raise
        msg = (
            f"L’Insee ne publie pas la BPE {year} à cette adresse : essayez une autre année par "
            "--millesime, ou donnez un fichier par --fichier."
        )
        raise SourceError(msg) from error
    try:
        return read(brought.path, day=brought.day, millesime=year, watch=watch)
    except SourceError:
        # A file that arrived whole and cannot be read must not be believed next time.
        stock.distrust({"bpe": brought})
        raise


def read(
    path: Path,
    *,
    day: str,
    millesime: str | None = None,
    watch: Watch | None = None,
) -> Supply:
    """Read a file of the BPE, recognised by its columns.

    Parameters
    ----------
    path
        ZIP or CSV.
    day
        Its date (ISO).
    millesime
        Year, when the file does not say it; of several years, the one wanted.
    watch
        Told of the bytes read; may stop the work.

    Raises
    ------
    InvalidInputError
        The year is nowhere said.
    SourceError
        The file is damaged or of another form.
    """
    watch = watch or Watch()
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            found = _scan(path, encoding, watch)
            break
        except UnicodeDecodeError:
            continue
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError, EOFError,
                RuntimeError) as error:
            msg = f"Le fichier {path.name} est endommagé ou n’est pas de la BPE."
            raise SourceError(msg) from error
    else:
        msg = f"Le fichier {path.name} n’est pas un texte lisible."
        raise SourceError(msg)
    return _supply(found, path.name, day, millesime)


@dataclass
class _Found:
    """What a reading kept: rows of the four codes, and every commune and kind mentioned."""

    points: bool
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    mentioned: set[str] = field(default_factory=set)
    has_town_halls: bool = False


def _scan(path: Path, encoding: str, watch: Watch) -> _Found:
    with _table(path, encoding) as (stream, columns, separator):
        found = _Found(points="longitude" in columns or "x" in columns)
        names = {name: role for role, name in columns.items()}
        kept: list[pd.DataFrame] = []
        rows = seen = 0
        for chunk in pd.read_csv(
            stream, sep=separator, usecols=list(names), dtype=str, chunksize=_CHUNK,
            keep_default_na=False, on_bad_lines="error",
        ):
            watch.check()
            seen += len(chunk)
            watch.tell(seen, None, f"Lecture de {path.name}")
            chunk = chunk.rename(columns=names)
            chunk["code"] = chunk["code"].map(_commune)
            if "objet" in chunk:
                chunk = chunk[chunk["objet"].isin(["COM", "ARM"])]
            found.mentioned.update(chunk["code"].unique())
            found.has_town_halls |= bool((chunk["equipement"] == _TOWN_HALL).any())
            kept.append(chunk[chunk["equipement"].isin(list(CODES))])
            rows += len(kept[-1])
            if rows > _MAX_ROWS:
                msg = "plus de lignes que la BPE n’en a"
                raise ValueError(msg)
        found.rows = (
            pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=[*columns])
        )
    return found


def _commune(text: str) -> str:
    """Code of a commune: « COM-01004 » of Melodi, « 2025-COM-01004 », « 1004 » of a spreadsheet."""
    return text.strip().rpartition("-")[2].zfill(5)


@contextmanager
def _table(path: Path, encoding: str) -> Iterator[tuple[IO[str], dict[str, str], str]]:
    """Open the table of a file, alone or in an archive: stream, role → header, separator."""
    with path.open("rb") as raw:
        if raw.read(2) != b"PK":
            raw.seek(0)
            with io.TextIOWrapper(raw, encoding=encoding, newline="") as stream:
                columns, separator = _recognised(stream.readline())
                if not columns:
                    msg = "colonnes inconnues"
                    raise ValueError(msg)
                stream.seek(0)
                yield stream, columns, separator
            return
    with zipfile.ZipFile(path) as archive:
        tables = [m for m in archive.infolist() if m.filename.lower().endswith((".csv", ".txt"))]
        for member in sorted(tables, key=lambda m: -m.file_size):
            with archive.open(member) as content, io.TextIOWrapper(content, encoding) as stream:
                columns, separator = _recognised(stream.readline())
            if columns:
                # Opened again: what a line was read of cannot be rewound without reading it all.
                with (archive.open(member) as content,
                      io.TextIOWrapper(content, encoding, newline="") as stream):
                    yield stream, columns, separator
                return
    msg = "aucune table de la BPE dans l’archive"
    raise ValueError(msg)


def _recognised(header: str) -> tuple[dict[str, str], str]:
    """Role → header of a known form, empty for another table; and the separator."""
    separator = max(";,\t|", key=header.count)
    present = {name.strip().strip('"'): name for name in header.strip().split(separator)}
    found = {}
    for role, names in _HEADERS.items():
        name = next((n for n in names if n in present), None)
        if name is not None:
            found[role] = name
    placed = {"longitude", "latitude"} <= set(found) or {"x", "y"} <= set(found)
    known = {"code", "equipement"} <= set(found) and (placed or "nombre" in found)
    return (found if known else {}), separator


def _supply(found: _Found, name: str, day: str, millesime: str | None) -> Supply:
    rows, year = _of_one_year(found.rows, name, millesime)
    rows = _measured(rows, name)
    rows["type"] = rows["equipement"].map(CODES)
    number = (
        pd.to_numeric(rows["nombre"].str.strip(), errors="coerce") if "nombre" in rows
        else pd.Series(1.0, index=rows.index)
    )
    rows["nombre"] = number.where(number >= 0)
    if not found.points:
        rows = guichets.without_double_parents(rows)
        # Domain and subdomain may come with their total: the same counters, said again.
        rows = rows.drop_duplicates(["code", "type", "nombre"])
    secret = rows[rows["nombre"].isna()]
    rows = rows[rows["nombre"] > 0].copy()
    if rows.empty:
        msg = f"Le fichier {name} ne contient ni banque ni point postal (codes A203, A206 à A208)."
        raise SourceError(msg)
    raw = rows[["type", "code", "nombre"]]
    if found.points:
        lon, lat = _degrees(rows)
        quality = rows["qualite"].str.strip().str.upper().str[:1] if "qualite" in rows else ""
        good = pd.Series(quality, index=rows.index).isin(["A", "B"])
        raw = raw.assign(
            nom=rows["nom"].str.strip() if "nom" in rows else "", longitude=lon, latitude=lat,
            precision_geo=np.where(good, "adresse", "commune"),
        )
    said = {"millesime": year, "source": f"Insee, base permanente des équipements {year}",
            "source_date": day}
    placed = guichets.place(raw, said)
    covered = guichets.departements(placed.table)
    unknown = {code: set(secret.loc[secret["code"] == code, "type"])
               for code in secret["code"].unique()}
    kinds = tuple(kind for kind in CODES.values() if kind in set(rows["type"]))
    absent = _absent(found, covered)
    for code in absent:
        unknown[code] = set(kinds)
    left_out = dict(placed.left_out)
    if len(secret):
        left_out["valeur secrète ou illisible"] = len(secret)
    remarks = placed.remarks()
    if absent:
        remarks.append(
            "Le fichier ne connaît pas "
            f"{plural(len(absent), 'commune actuelle', 'communes actuelles')} : leur nombre de "
            "guichets est inconnu."
        )
    return Supply(
        SOURCE, placed.table, kinds, year, day, covered,
        unknown={code: tuple(sorted(missing)) for code, missing in sorted(unknown.items())},
        left_out=left_out, incomplete=tuple(remarks),
    )


def _of_one_year(
    rows: pd.DataFrame, name: str, millesime: str | None
) -> tuple[pd.DataFrame, str]:
    """Rows of one year: the one wanted, else the only one or the last that the file has."""
    years = rows["annee"].str.strip() if "annee" in rows else pd.Series("", index=rows.index)
    said = sorted({year for year in years.unique() if _YEAR.fullmatch(year)})
    if not said:
        if millesime is None:
            msg = f"Le fichier {name} ne dit pas son année : donnez-la par --millesime."
            raise InvalidInputError(msg)
        return rows.copy(), millesime
    year = millesime or said[-1]
    if year not in said:
        msg = f"Le fichier {name} décrit {', '.join(said)}, pas {year}."
        raise InvalidInputError(msg)
    return rows[years == year].copy(), year


def _measured(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows that count facilities: other measures (seats, places) may come beside."""
    if "mesure" not in rows or rows["mesure"].nunique() < 2:
        return rows
    counted = rows[rows["mesure"] == "FACILITIES"]
    if counted.empty:
        msg = f"Le fichier {name} a changé de forme : plusieurs mesures, aucune connue."
        raise SourceError(msg)
    return counted.copy()


def _degrees(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Longitudes and latitudes, from the projected coordinates in files that have only these."""
    def numbers(role: str) -> pd.Series:
        return pd.to_numeric(rows[role].str.strip().str.replace(",", "."), errors="coerce")

    if {"longitude", "latitude"} <= set(rows.columns):
        return numbers("longitude"), numbers("latitude")
    x, y = numbers("x"), numbers("y")
    lon, lat = pd.Series(np.nan, index=rows.index), pd.Series(np.nan, index=rows.index)
    # Overseas, older files give the local UTM; its former systems differ from the legal one by
    # less than the files' own precision.
    systems = rows["code"].map(legal_epsg)
    for epsg in systems.unique():
        of = (systems == epsg) & x.notna() & y.notna()
        inverse = Transformer.from_crs(int(epsg), 4326, always_xy=True)
        lon[of], lat[of] = inverse.transform(x[of].to_numpy(), y[of].to_numpy())
    return lon.where(np.isfinite(lon)), lat.where(np.isfinite(lat))


def _absent(found: _Found, covered: tuple[str, ...]) -> list[str]:
    """Today's communes that a file of all facilities never mentions: it is of an older COG.

    Every commune has a town hall: one without any row is not a commune without counter. A file
    that does not list town halls says nothing of that.
    """
    if not found.has_town_halls:
        return []
    passage = communes.passage()
    mentioned = {passage.get(code, code) for code in found.mentioned} | found.mentioned
    for city, parts in ARRONDISSEMENTS.items():
        if mentioned & {city, *parts}:
            mentioned |= {city, *parts}
    return [code for code in communes.table().index
            if departement_of(code) in covered and code not in mentioned]
