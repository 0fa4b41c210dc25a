"""Synthetic establishments in every territory of the base, for comparisons only."""

from __future__ import annotations

import numpy as np
import pandas as pd

from territory import communes
from territory.schemas import ETABLISSEMENTS


def establishments(count: int, seed: int = 7) -> pd.DataFrame:
    """Draw rows of ``schemas.ETABLISSEMENTS``; a tenth has no coordinates, some no known commune.

    Overseas communes come as often as the others, so that every territory has some.
    """
    rng = np.random.default_rng(seed)
    every = communes.whole()
    away = every[every["code_departement"].str.startswith("97")]
    home = pd.concat([
        every.iloc[rng.integers(0, len(every), count - count // 3)],
        away.iloc[rng.integers(0, len(away), count // 3)],
    ]).reset_index(drop=True)
    placed = rng.random(count) > 0.1
    table = pd.DataFrame("", index=range(count), columns=ETABLISSEMENTS.names)
    known = rng.random(count) > 0.05
    return table.assign(
        siret=[f"{300000000 + i:09d}{i % 99999:05d}" for i in range(count)],
        siren=[f"{300000000 + i:09d}" for i in range(count)],
        nom=[f"Structure d’essai {i}" for i in rng.permutation(count)],
        code_insee=home["code_insee"].where(known, "99999"),
        commune=home["nom"], code_departement=home["code_departement"],
        longitude=np.where(placed, home["longitude"] + rng.normal(0, 0.05, count), np.nan),
        latitude=np.where(placed, home["latitude"] + rng.normal(0, 0.05, count), np.nan),
        precision_geo="adresse", filiere="Vie associative", filiere_origine="presumee_naf",
        famille_ess=rng.choice(["association", "cooperative"], count), est_ess="oui",
        est_employeur="oui", est_siae="inconnu", est_esus="inconnu", source="essai",
    )
