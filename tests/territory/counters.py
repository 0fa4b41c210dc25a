"""A made-up supply of counters over the real communes, for tests only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from territory import communes, supply
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources.guichets import Supply

POSTAL = ("bureau_poste", "relais_poste", "agence_postale")


def whole() -> pd.DataFrame:
    every = communes.table()
    return every[every["type"] == "COM"]


def counts(year: int = 2024) -> pd.Series:
    """Banks by commune: one for 2 500 inhabitants above 3 000; villages lost theirs since."""
    people = whole()["population"].astype(float).fillna(0)
    banks = (people // 2500).where(people > 3000, 0.0)
    if year < 2024:
        banks = banks + ((people > 1500) & (people <= 3000)).astype(float)
    return banks


def rows(banks: pd.Series, kind: str, year: str, **columns: object) -> pd.DataFrame:
    held = banks[banks > 0]
    table = pd.DataFrame({
        "type": kind, "code_insee": held.index, "nombre": held.to_numpy(dtype="int64"), "nom": "",
        "longitude": np.nan, "latitude": np.nan, "precision_geo": "commune", "millesime": year,
        "source": f"Essai {year}", "source_date": f"{year or 2024}-06-30",
    }).assign(**columns)
    return table[GUICHETS.names].reset_index(drop=True)


def kept(
    current: Settings, year: str = "2024", *, source: str = "bpe", postal: bool = True,
    unknown: dict[str, tuple[str, ...]] | None = None, table: pd.DataFrame | None = None,
    kinds: tuple[str, ...] | None = None,
) -> None:
    """Put it in the local store: banks, and a post office wherever 500 people live."""
    kinds = kinds or ("banque", *(POSTAL if postal else ()))
    if table is None:
        people = whole()["population"].astype(float).fillna(0)
        parts = [rows(counts(int(year or 2024)), "banque", year)]
        if postal:
            parts.append(rows((people > 500).astype(float), "agence_postale", year))
        table = pd.concat(parts, ignore_index=True)
    every = tuple(sorted(set(whole()["code_departement"])))
    found = Supply(source, table, kinds, year, f"{year or 2024}-06-30", every,
                   unknown=unknown or {})
    supply.keep(found, current)
