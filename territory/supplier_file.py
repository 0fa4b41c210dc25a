"""A person's own file of suppliers: read whatever its form, its columns recognised.

The file is untrusted, and nothing of it is stored or sent: the table lives where the caller keeps
it.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import functools
import io
import itertools
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from territory.errors import InvalidInputError
from territory.text import excerpt, fold

MAX_BYTES: Final = 20_000_000
MAX_ROWS: Final = 50_000
MAX_COLUMNS: Final = 200
_MAX_UNZIPPED: Final = 300_000_000
_MAX_CELL: Final = 2_000
#: Rows looked at to tell what a column holds.
_SAMPLE: Final = 200

#: Role → French label, and headers that name it, folded. The order is that of the screen.
ROLES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "nom": ("Nom", ("nom", "raison sociale", "denomination", "nom de la structure", "structure",
                    "fournisseur", "entreprise", "organisme", "name", "nom du fournisseur",
                    "nom raison sociale", "societe")),
    "siret": ("SIRET", ("siret", "n siret", "numero siret", "no siret", "code siret")),
    "siren": ("SIREN", ("siren", "n siren", "numero siren")),
    "enseigne": ("Enseigne", ("enseigne", "marque", "nom commercial")),
    "adresse": ("Adresse", ("adresse", "address", "rue", "voie", "adresse postale", "adresse 1",
                            "numero et voie")),
    "code_postal": ("Code postal", ("code postal", "cp", "codepostal", "postcode", "code post")),
    "commune": ("Commune", ("commune", "ville", "city", "localite", "nom commune",
                            "libelle commune")),
    "code_insee": ("Code Insee", ("code insee", "insee", "code commune", "codgeo", "code geo",
                                  "citycode", "insee com", "depcom")),
    "latitude": ("Latitude", ("latitude", "lat", "y latitude")),
    "longitude": ("Longitude", ("longitude", "lon", "long", "lng", "x longitude")),
    "filiere": ("Filière", ("filiere", "secteur", "trade", "secteur d activite", "metier")),
    "activite": ("Activité", ("activite", "description", "produits", "offre")),
    "portee": ("Portée de livraison", ("portee", "zone de livraison", "livraison",
                                       "perimetre de livraison", "zone d intervention",
                                       "portee declaree")),
    "site_web": ("Site web", ("site web", "site", "url", "web", "site internet")),
    "est_ess": ("ESS (oui/non)", ("ess", "est ess")),
    "est_siae": ("SIAE (oui/non)", ("siae", "est siae", "insertion")),
    "est_esus": ("ESUS (oui/non)", ("esus", "est esus")),
}


@dataclass(frozen=True)
class RawFile:
    """A file as it was read.

    Attributes
    ----------
    name
        Its name.
    table
        Every cell a text, empty when blank; the index is the line of the file, header excluded
        (2 for the first row under a header).
    """

    name: str
    table: pd.DataFrame


def read_file(name: str, content: bytes) -> RawFile:
    """Read a CSV, XLSX, GeoJSON or GeoPackage file that nobody vouches for.

    Raises
    ------
    InvalidInputError
        Too large, of another form, damaged or empty; the sentence says which.
    """
    if len(content) > MAX_BYTES:
        msg = f"Le fichier {excerpt(name)} dépasse {MAX_BYTES // 1_000_000} Mo."
        raise InvalidInputError(msg)
    if not content.strip():
        msg = f"Le fichier {excerpt(name)} est vide."
        raise InvalidInputError(msg)
    ending = Path(name).suffix.lower()
    readers: dict[str, Callable[[bytes], pd.DataFrame]] = {
        ".csv": _read_csv, ".txt": _read_csv, ".tsv": _read_csv, ".xlsx": _read_xlsx,
        ".geojson": _read_geojson, ".json": _read_geojson, ".gpkg": _read_gpkg,
    }
    if ending not in readers:
        msg = (
            f"Le fichier {excerpt(name)} n’est pas d’une forme connue : CSV, XLSX, GeoJSON ou "
            "GeoPackage."
        )
        raise InvalidInputError(msg)
    try:
        table = readers[ending](content)
    except InvalidInputError:
        raise
    except Exception as error:
        # Readers of damaged files raise whatever they like: none of it is the person's business.
        msg = f"Le fichier {excerpt(name)} est endommagé ou n’est pas du {ending[1:].upper()}."
        raise InvalidInputError(msg) from error
    if len(table.columns) > MAX_COLUMNS or len(table) > MAX_ROWS:
        msg = f"Le fichier {excerpt(name)} dépasse {MAX_ROWS} lignes ou {MAX_COLUMNS} colonnes."
        raise InvalidInputError(msg)
    table = table.map(_cell)
    table = table.loc[(table != "").any(axis=1)]
    if table.empty:
        msg = f"Le fichier {excerpt(name)} ne contient aucune ligne."
        raise InvalidInputError(msg)
    return RawFile(name, table)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        # A spreadsheet keeps codes as numbers: 26281.0 was 26281.
        value = int(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    return str(value).replace("\x00", "").strip()[:_MAX_CELL]


def _headed(rows: list[list[Any]]) -> pd.DataFrame:
    """Make a table of rows, the first one naming the columns; short rows are filled."""
    if not rows:
        return pd.DataFrame()
    width = max(map(len, rows))
    head = [str(_cell(name)) for name in rows[0]] + [""] * (width - len(rows[0]))
    seen: dict[str, int] = {}
    names = []
    for position, name in enumerate(head, start=1):
        name = name or f"colonne {position}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    body = [row + [""] * (width - len(row)) for row in rows[1 : MAX_ROWS + 2]]
    return pd.DataFrame(body, columns=names, index=range(2, len(body) + 2), dtype=object)


def _read_csv(content: bytes) -> pd.DataFrame:
    text = _decoded(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";,\t|", key=first.count)
    csv.field_size_limit(1_000_000)
    lines = csv.reader(io.StringIO(text), delimiter=separator)
    return _headed(list(itertools.islice(lines, MAX_ROWS + 2)))


def _decoded(content: bytes) -> str:
    """Text of a file whose encoding nobody says: UTF-8, Excel's « Unicode », else Windows."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _read_xlsx(content: bytes) -> pd.DataFrame:
    import openpyxl  # slow to import, and for this alone

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(item.file_size for item in archive.infolist()) > _MAX_UNZIPPED:
            msg = "Ce tableur se décompresse en un fichier démesuré : il n’est pas ouvert."
            raise InvalidInputError(msg)
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = [
                list(row)
                for row in sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1,
                                           values_only=True)
            ]
            if any(value is not None for row in rows for value in row):
                while rows and all(value is None for value in rows[0]):
                    rows.pop(0)
                return _without_empty_columns(_headed(rows))
    finally:
        book.close()
    return pd.DataFrame()


def _without_empty_columns(table: pd.DataFrame) -> pd.DataFrame:
    unnamed = [c for c in table.columns if re.fullmatch(r"colonne \d+", str(c))]
    return table.drop(columns=[c for c in unnamed if table[c].isna().all()])


def _read_geojson(content: bytes) -> pd.DataFrame:
    import shapely

    collection = json.loads(content.decode("utf-8-sig"))
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list):
        msg = "Ce fichier JSON n’est pas une FeatureCollection GeoJSON."
        raise InvalidInputError(msg)
    rows = []
    for feature in features[: MAX_ROWS + 1]:
        properties = feature.get("properties") if isinstance(feature, dict) else None
        row = {str(k): v for k, v in (properties or {}).items()
               if not isinstance(v, dict | list)}
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if geometry:
            point = shapely.from_geojson(json.dumps(geometry)).representative_point()
            row |= {"longitude": repr(point.x), "latitude": repr(point.y)}
        rows.append(row)
    return pd.DataFrame(rows, index=range(2, len(rows) + 2), dtype=object)


def _read_gpkg(content: bytes) -> pd.DataFrame:
    import geopandas as gpd
    import pyogrio

    # GDAL opens a file by what it holds: a virtual format would have it read others of the server.
    if not content.startswith(b"SQLite format 3\0"):
        msg = "Ce fichier n’est pas un GeoPackage."
        raise InvalidInputError(msg)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fichier.gpkg")
        path.write_bytes(content)
        layer = str(pyogrio.list_layers(path)[0][0])
        table = pyogrio.read_dataframe(path, layer=layer, max_features=MAX_ROWS + 1)
    if isinstance(table, gpd.GeoDataFrame):
        shapes = table.geometry if table.crs is None else table.geometry.to_crs(4326)
        points = shapes.representative_point()
        table = pd.DataFrame(table.drop(columns=table.geometry.name))
        table["longitude"], table["latitude"] = points.x, points.y
    return pd.DataFrame(table.set_axis(range(2, len(table) + 2)))


def guess_columns(table: pd.DataFrame) -> dict[str, str]:
    """Recognise the columns of a file.

    Returns
    -------
    dict
        Role of :data:`ROLES` → column, the roles recognised only; by its header first, then by
        what it holds (14 digits, five digits, degrees).
    """
    found: dict[str, str] = {}
    folded = {str(column): fold(str(column)) for column in table.columns}
    for role, (label, names) in ROLES.items():
        for name in (fold(label), *names):
            column = next((c for c, f in folded.items() if f == name and c not in found.values()),
                          None)
            if column is not None:
                found[role] = column
                break
    sample = table.head(_SAMPLE)
    for role, form in (("siret", r"\d{14}"), ("siren", r"\d{9}")):
        if role not in found:
            for column in folded:
                cells = sample[column][sample[column] != ""].str.replace(" ", "")
                if len(cells) and column not in found.values() and cells.str.fullmatch(form).all():
                    found[role] = column
                    break
    if "nom" not in found:
        free = [c for c in folded if c not in found.values()]
        texts = [c for c in free if sample[c].str.contains(r"[A-Za-z]{3}").mean() > 0.8]
        if texts:
            found["nom"] = texts[0]
    return found


@functools.cache
def model() -> bytes:
    """Make a CSV people can fill: the recognised headers and no row."""
    return ("\ufeff" + ";".join(label for label, _ in ROLES.values()) + "\r\n").encode()
