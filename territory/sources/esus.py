"""Approvals ESUS (entreprise solidaire d'utilité sociale): the list of the Trésor, by SIREN.

The spreadsheet changes its address at each issue: it is read from a file the person downloaded, or
from the address of the setting ``TERRITORY_ESUS_URL``.
"""

from __future__ import annotations

import datetime as dt
import io
import re
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
#: Without a header that says so, the SIREN is in the second column.
_USUAL_COLUMN: Final = 1


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
    if len(content) > _MAX_BYTES:
        msg = f"Le fichier {name} est trop gros pour une liste d’agréments."
        raise SourceError(msg)
    try:
        if content[:2] == b"PK":
            sheets = list(pd.read_excel(io.BytesIO(content), sheet_name=None, dtype=str).values())
        else:
            text = content.decode("utf-8-sig")
            sheets = [pd.read_csv(io.StringIO(text), dtype=str, sep=None, engine="python")]
    except Exception as error:
        # The readers raise errors of a dozen kinds for a file of another form.
        msg = f"Le fichier {name} n’est ni un tableau XLSX ni un CSV lisible."
        raise SourceError(msg) from error
    found = {siren for sheet in sheets for siren in _sirens(sheet)}
    if not found:
        msg = f"Le fichier {name} ne contient aucun SIREN : ce n’est pas la liste des agréments."
        raise SourceError(msg)
    return pd.DataFrame({"siren": sorted(found)})


def _sirens(sheet: pd.DataFrame) -> list[str]:
    named = [c for c in sheet.columns if "siren" in fold(str(c))]
    column = named[0] if named else (
        sheet.columns[_USUAL_COLUMN] if len(sheet.columns) > _USUAL_COLUMN else None
    )
    if column is None:
        return []
    cells = [re.sub(r"\D", "", str(cell).removesuffix(".0")) for cell in sheet[column].dropna()]
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
