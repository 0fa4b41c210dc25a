"""The list of ESS enterprises that ESS France publishes: SIREN only, of 20 November 2023."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from territory.errors import SourceError
from territory.progress import Watch
from territory.settings import Settings
from territory.sources._http import Client
from territory.text import fold

FILENAME: Final = "entreprisesess.csv"


def siren(settings: Settings, files: Path | None, watch: Watch) -> pd.Series | None:
    """SIREN of the list: from a folder somebody filled, else downloaded once.

    Parameters
    ----------
    settings
        Address and local store.
    files
        Folder where ``entreprisesess.csv`` may be; None to download it.

    Returns
    -------
    pandas.Series or None
        Nine digits, each once; None when the folder does not hold it. The list never changes: it
        is downloaded once.

    Raises
    ------
    SourceError
        It cannot be brought or read.
    """
    folder = settings.data_dir / "telechargements" if files is None else files
    path = folder / FILENAME
    if not path.is_file():
        if files is not None:
            return None
        Client("le site de la liste ESS France", settings.liste_ess_url, offline=settings.offline,
               watch=watch).download(settings.liste_ess_url, path)
    return read(path)


def read(path: Path) -> pd.Series:
    """Read the SIREN of the CSV, whatever its separator and encoding.

    Raises
    ------
    SourceError
        It has no such column, or none of its lines is a SIREN.
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with path.open(encoding=encoding) as stream:
                header = stream.readline()
            separator = max(";,\t|", key=header.count)
            names = [name.strip().strip('"') for name in header.strip().split(separator)]
            column = next((n for n in names if fold(n) == "siren"), None)
            if column is None:
                break
            table = pd.read_csv(path, sep=separator, usecols=[column], dtype=str,
                                encoding=encoding)
            found = table[column].dropna().str.replace(r"\D", "", regex=True)
            found = found[found.str.len().between(6, 9)].str.zfill(9)
            if len(found):
                return found.drop_duplicates().reset_index(drop=True)
            break
        except UnicodeDecodeError:
            continue
        except (ValueError, OSError) as error:
            msg = f"La liste {path.name} est illisible ; supprimez-la et relancez la commande."
            raise SourceError(msg) from error
    msg = f"La liste {path.name} n’a pas de colonne SIREN remplie : elle a changé de forme."
    raise SourceError(msg)
