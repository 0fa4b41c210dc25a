"""Approvals ESUS (entreprise solidaire d'utilité sociale): the list of the Trésor, by SIREN.

The spreadsheet changes its address at each issue: it is read from a file the person downloaded, or
from the address of the setting ``TERRITORY_ESUS_URL``.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from territory.codes import is_siren
from territory.errors import InvalidInputError, SourceError
from territory.progress import Watch
from territory.settings import Settings
from territory.sources._http import Client
from territory.text import date, fold

NAME: Final = "Liste nationale des agréments ESUS (Trésor)"
_MAX_BYTES: Final = 20_000_000
_MAX_UNZIPPED: Final = 300_000_000
#: Without a header that says so, the SIREN is in the second column.
_USUAL_COLUMN: Final = 1
#: Rows among which the header may be: a title may stand above it.
_HEADER_ROWS: Final = 20


def fetch(
    settings: Settings, *, file: Path | None = None, watch: Watch | None = None
) -> pd.DataFrame:
    """Read the list from a file, else from the address of the setting.

    Returns
    -------
    pandas.DataFrame
        ``siren``, each once.

    Raises
    ------
    InvalidInputError
        Neither a file nor an address.
    SourceError
        The list cannot be fetched or read.
    """
    if file is not None:
        return read(file.read_bytes(), file.name)
    if not settings.esus_url:
        msg = (
            "L’adresse du tableau des agréments ESUS change à chaque parution : téléchargez-le sur "
            "le site du Trésor et donnez-le par --fichier, ou écrivez son adresse dans "
            "TERRITORY_ESUS_URL."
        )
        raise InvalidInputError(msg)
    service = Client("le site du Trésor", settings.esus_url, offline=settings.offline, watch=watch)
    return read(service.get_bytes(settings.esus_url), settings.esus_url.rsplit("/", 1)[-1])


def read(content: bytes, name: str) -> pd.DataFrame:
    """Read the spreadsheet (XLSX) or a CSV of it; every sheet counts.

    Raises
    ------
    SourceError
        The file is neither, or holds no SIREN.
    """
    _fits(len(content), _MAX_BYTES, name)
    try:
        sheets = _xlsx(content, name) if content[:2] == b"PK" else [_csv(content)]
    except SourceError:
        raise
    except Exception as error:
        # The readers raise errors of a dozen kinds for a file of another form.
        msg = f"Le fichier {name} n’est ni un tableau XLSX ni un CSV lisible."
        raise SourceError(msg) from error
    found = {siren for sheet in sheets for siren in _sirens(sheet)}
    if not found:
        msg = f"Le fichier {name} ne contient aucun SIREN : ce n’est pas la liste des agréments."
        raise SourceError(msg)
    return pd.DataFrame({"siren": sorted(found)})


def _fits(size: int, limit: int, name: str) -> None:
    if size > limit:
        msg = f"Le fichier {name} est trop gros pour une liste d’agréments."
        raise SourceError(msg)


def _xlsx(content: bytes, name: str) -> list[pd.DataFrame]:
    """Cells of every sheet, header included."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _fits(sum(member.file_size for member in archive.infolist()), _MAX_UNZIPPED, name)
    sheets = pd.read_excel(io.BytesIO(content), sheet_name=None, header=None, dtype=str)
    return list(sheets.values())


def _csv(content: bytes) -> pd.DataFrame:
    """Cells of a CSV, header included, whatever its separator and encoding."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252")
    lines = text.splitlines()[:_HEADER_ROWS]
    header = next((line for line in lines if "siren" in fold(line)), lines[0])
    separator = max(";,\t|", key=header.count)
    return pd.DataFrame(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _sirens(sheet: pd.DataFrame) -> list[str]:
    """SIREN of the fullest of the columns named so, the usual one and the first."""
    top = sheet.head(_HEADER_ROWS)
    named = [c for c in sheet if any("siren" in fold(str(cell)).split() for cell in top[c])]
    return max((_codes(sheet[c]) for c in (*named, *sheet.columns[_USUAL_COLUMN::-1])), key=len,
               default=[])


def _codes(column: pd.Series) -> list[str]:
    cells = [re.sub(r"\D", "", str(cell).removesuffix(".0")) for cell in column.dropna()]
    # A spreadsheet may have made numbers of them: the zeros in front are put back.
    return [code for cell in cells if 6 <= len(cell) <= 9 and is_siren(code := cell.zfill(9))]


def join(establishments: pd.DataFrame, listed: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Mark the establishments of approved units; the others keep their ``inconnu``.

    Parameters
    ----------
    establishments
        Columns of ``schemas.ETABLISSEMENTS``.
    listed
        See :func:`fetch`.
    day
        When it was fetched.
    """
    table = establishments.copy()
    known = table["siren"].isin(listed["siren"]).to_numpy()
    table["est_esus"] = np.where(known, "oui", table["est_esus"])
    table["est_esus_source"] = np.where(known, f"{NAME}, {date(day)}", table["est_esus_source"])
    return table
