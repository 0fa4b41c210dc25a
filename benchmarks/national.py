"""A local store with a synthetic national list, for measures at full scale.

Places follow the population of communes; nobody is named and the application never ships them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.points import structures
from territory import communes, filieres
from territory.schemas import ETABLISSEMENTS
from territory.sources import sirene
from territory.store import Store, to_parquet_bytes
from territory.suppliers import FAMILIES

_DAY: Final = "2026-01-01"


def employers(count: int) -> pd.DataFrame:
    """Invent a national list whose texts are as diverse as those of Sirene.

    Returns
    -------
    pandas.DataFrame
        Columns of ``schemas.ETABLISSEMENTS``.
    """
    draw = np.random.default_rng(1)
    table = structures(count)
    rank = np.arange(count)
    base = communes.table().loc[table["code_insee"]]
    trades = np.array([*filieres.names(), ""], dtype=object)
    trade = trades[draw.integers(0, len(trades), count)]
    number = draw.integers(1, 400, count)
    code = np.char.add(np.char.mod("%02d", draw.integers(1, 97, count)), ".10Z")
    table = table.assign(
        siret=np.char.mod("%014d", 30_000_000_000_000 + rank),
        siren=np.char.mod("%09d", 300_000_000 + rank // 2),
        nom=np.char.add("ETABLISSEMENT D’ESSAI ", rank.astype(str)),
        adresse=np.char.add(number.astype(str), " rue de l’Essai"),
        code_postal=table["code_insee"],
        commune=base["nom"].to_numpy(),
        code_departement=base["code_departement"].to_numpy(),
        naf=code,
        naf_nomenclature="NAFRev2",
        activite=np.char.add("Activité d’essai ", code),
        filiere=trade,
        filiere_origine=np.where(trade == "", "inconnue", "presumee_naf"),
        famille_ess=draw.choice(list(FAMILIES), count),
        est_ess="oui",
        est_employeur="oui",
        est_siae=draw.choice(["oui", "inconnu"], count, p=[0.02, 0.98]),
        est_esus="inconnu",
        tranche_effectif=draw.choice(["1 ou 2 salariés", "3 à 5 salariés", ""], count),
        portee="",
        verifie="",
        source="Liste d’essai",
        source_date=_DAY,
    )
    table = table.reindex(columns=ETABLISSEMENTS.names)
    texts = [c.name for c in ETABLISSEMENTS.columns if c.kind not in {"nombre", "entier"}]
    table[texts] = table[texts].fillna("").astype("str")
    return table


def write(folder: Path, count: int) -> None:
    """Write the national list in a local store."""
    table = employers(count)
    Store(folder).replace_table(
        sirene.TABLE, to_parquet_bytes(table),
        {"lignes": len(table), "recupere_le": _DAY, "comptes": {}, "source": "sirene"},
    )
