"""Invented lists of the ESS and supplies of counters to make portraits of real territories."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np
import pandas as pd

from territory import communes, filieres
from territory.directory import Directory
from territory.exclusion import unsupplied
from territory.fiche import Atlas
from territory.suppliers import SupplierIndex
from tests.territory import offre

DAY = dt.date(2026, 11, 28)
SIZES = ["", "NN", "00", "01", "03", "12", "41"]
FAMILIES = ["association", "cooperative", "mutuelle", "esat_ea", "inconnue"]


def listed(
    rows: pd.DataFrame, kind: str = "france", missing: tuple[str, ...] = (), **more: object
) -> Directory:
    """A list of that kind, fetched on a day."""
    return Directory(kind, SupplierIndex(rows), ("sirene" if kind == "france" else "ess",),  # type: ignore[arg-type]
                     f"{kind}-essai", DAY, DAY, missing=missing, communes=missing or ("26281",),
                     **more)  # type: ignore[arg-type]


@functools.cache
def national(count: int = 1_500) -> pd.DataFrame:
    """Employers of the ESS drawn at random, more of them where people live."""
    draw = np.random.default_rng(7)
    whole = communes.whole()
    people = whole["population"].astype(float).fillna(0.0)
    codes = draw.choice(whole.index, count, p=people / people.sum())
    trades = [*filieres.names()[:20], "inconnue", "Restauration ; Numérique"]
    chosen = draw.choice(trades, count)
    return offre.table([
        {"code_insee": str(code), "km": float(km), "filiere": str(trade),
         "filiere_origine": "inconnue" if trade == "inconnue" else "presumee_naf",
         "tranche_effectif": str(size), "famille_ess": str(family),
         "est_ess": "oui", "est_employeur": str(employs)}
        for code, km, trade, size, family, employs in zip(
            codes, draw.uniform(0, 2, count), chosen, draw.choice(SIZES, count),
            draw.choice(FAMILIES, count), draw.choice(["oui", "oui", "oui", "inconnu"], count),
            strict=True)
    ])


@functools.cache
def fragility_only() -> Atlas:
    """What is measured while no counter is fetched."""
    return Atlas(unsupplied())
