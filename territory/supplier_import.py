"""A person's file of suppliers, completed by the lists of this machine and, on demand, by services.

Only SIRET (to the API Recherche d'entreprises) and addresses (to the Géoplateforme) are sent, and
only when asked for.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from territory import directory, employers
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import geocodage, recherche
from territory.supplier_file import RawFile
from territory.supplier_rows import Imported, by_role, siret_of, suppliers
from territory.text import NBSP, join, number, plural

#: Seconds the geocoder takes for a chunk.
_CHUNK_S: Final = 4.0


@dataclass(frozen=True)
class Needs:
    """What public services could add to a file.

    Attributes
    ----------
    sirets
        Those no list of this machine knows.
    addresses
        Rows without coordinates nor SIRET, that have an address; columns of
        :func:`territory.sources.geocodage.locate`.
    """

    sirets: tuple[str, ...]
    addresses: pd.DataFrame

    def __bool__(self) -> bool:
        return bool(self.sirets) or len(self.addresses) > 0

    def sentence(self) -> str:
        """Say it in French, with the time it takes."""
        parts = []
        if self.sirets:
            parts.append(f"{plural(len(self.sirets), 'SIRET', 'SIRET')} à l’API Recherche "
                         "d’entreprises")
        if len(self.addresses):
            parts.append(f"{plural(len(self.addresses), 'adresse')} à la Géoplateforme (IGN)")
        seconds = len(self.sirets) / recherche.PER_SECOND + _CHUNK_S * math.ceil(
            len(self.addresses) / geocodage.CHUNK
        )
        wait = (
            f"{number(max(5, round(seconds / 5) * 5))}{NBSP}secondes" if seconds < 90
            else plural(round(seconds / 60), "minute")
        )
        return f"Demander {join(parts)} (environ {wait})"


def needs(raw: RawFile, mapping: Mapping[str, str], settings: Settings) -> Needs:
    """Tell what services could add, without asking them.

    Raises
    ------
    InvalidInputError
        No column holds names or SIRET.
    DataError
        The local store is damaged.
    """
    cells = by_role(raw, mapping)
    sirets, known = _known(cells, settings)
    # What the service says of a SIRET may spare its address.
    return Needs(_unknown(sirets, known), _addresses(cells, sirets != ""))


def bring(
    raw: RawFile,
    mapping: Mapping[str, str],
    settings: Settings,
    *,
    ask: bool = False,
    watch: Watch | None = None,
) -> Imported:
    """Turn a file into suppliers.

    Parameters
    ----------
    raw, mapping
        The file, and role → column (:func:`territory.supplier_file.guess_columns`).
    settings
        Local store, addresses of the services.
    ask
        Whether to ask the services for what the lists of this machine do not know.
    watch
        Told of progress; when it stops the work, what came is used.

    Raises
    ------
    InvalidInputError
        No column holds names or SIRET.
    DataError
        The local store is damaged.
    """
    watch = watch or Watch()
    cells = by_role(raw, mapping)
    sirets, known = _known(cells, settings)
    left_out: dict[str, str] = {}
    located: pd.DataFrame | None = None
    failures: list[str] = []
    if ask:
        found = employers.identify(_unknown(sirets, known), settings, watch)
        known = pd.concat([known, found.table], ignore_index=True)
        left_out = found.left_out
        located, failure = geocodage.locate(
            _addresses(cells, sirets.isin(known["siret"])), settings, watch
        )
        failures = list(dict.fromkeys(text for text in (found.failure, failure) if text))
    made = suppliers(raw, mapping, day=dt.datetime.now().astimezone().date(), known=known,
                     left_out=left_out, located=located)
    return replace(made, failure=" ".join(failures))


def _known(cells: pd.DataFrame, settings: Settings) -> tuple[pd.Series, pd.DataFrame]:
    """SIRET of each row, empty when none is valid; establishments this machine knows by them."""
    sirets = cells["siret"].map(siret_of)
    return sirets, directory.known_sirets(sorted(set(sirets) - {""}), settings)


def _unknown(sirets: pd.Series, known: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(set(sirets) - set(known["siret"]) - {""}))


def _addresses(cells: pd.DataFrame, placed: pd.Series) -> pd.DataFrame:
    """Rows whose address is worth asking: not placed otherwise, and without coordinates."""
    own = (cells["latitude"] != "") & (cells["longitude"] != "")
    return cells.loc[~own & ~placed & (cells["adresse"] != ""), list(geocodage.ASKED)]
