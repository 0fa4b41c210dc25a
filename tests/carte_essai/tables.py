"""Invented values and points on the real tiles; nothing here is shown as real anywhere."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from territory import store
from ui.carte.tables import EmbeddedTables

HOSTILE = "<img src=x onerror=alert(1)>"
ROMANS = (5.05, 45.05)
CROWD = 300
ABSENT = "26281"
INDICATORS = {"essai_a": 0, "essai_b": 1}


def crossing() -> tuple[pd.Series, pd.Series]:
    """Invented classes ``a-f`` of the communes, smooth on the map, and why one is grey."""
    table = store.read("communes").set_index("code_insee")
    up = (np.sin(table["longitude"] * 3) + 1) * 1.5
    across = (np.cos(table["latitude"] * 4) + 1) * 1.5
    thirds = [axis.clip(0, 2.99).astype(int) + 1 for axis in (up, across)]
    classes = thirds[0].astype("string") + "-" + thirds[1].astype("string")
    reasons = pd.Series("", index=table.index)
    reasons[ABSENT] = f"données connues pour 30 % du poids seulement {HOSTILE}"
    return classes.mask(table.index == ABSENT), reasons


class ToyTables(EmbeddedTables):
    """Real tiles, invented values by commune and ``count`` invented structures."""

    def __init__(self, count: int = 0) -> None:
        self._count = count

    def values(self, level: str, indicator: str) -> dict[str, Any] | None:
        if indicator not in INDICATORS or level != "commune":
            return None
        codes = store.read("communes")["code_insee"]
        hashes = pd.util.hash_array(codes.to_numpy(dtype=object))
        numbers = hashes >> np.uint64(8 * INDICATORS[indicator])
        values = (numbers % np.uint64(1000)).astype(float) / 10
        absent = (codes == ABSENT).to_numpy()
        classes = np.where(absent, -1, np.minimum(values // 20, 4).astype(int))
        return {
            "codes": codes.to_list(),
            "classes": [int(c) for c in classes],
            "valeurs": [None if a else float(v) for a, v in zip(absent, values, strict=True)],
        }

    def points(self, table: str) -> dict[str, Any]:
        if table == "ptce":
            return {
                "id": [0], "lon": [4.89], "lat": [44.93], "nom": ["PTCE d’essai"],
                "commune": ["Valence"], "filiere": [""],
                "zones": [
                    {"niveau": "departement", "code": "07", "noms": ["Pôle <b>A</b>", "Pôle B"]}
                ],
            }
        return super().points(table)

    def structures(self, key: str | None) -> pd.DataFrame | None:
        return structures(self._count) if key is None else super().structures(key)


@functools.cache
def structures(count: int) -> pd.DataFrame:
    """A crowd at one place, one hostile name alone at Valence, then ``count`` scattered ones.

    The scattered ones gather around communes as people do; one of 500 is known by its commune only.
    """
    draw = np.random.default_rng(7)
    towns = store.read("communes")
    towns = towns[towns["type"] == "COM"]
    weights = towns["population"].astype(float).to_numpy()
    homes = towns.iloc[draw.choice(len(towns), count, p=weights / weights.sum())]
    near = draw.normal(0, 0.02, (2, count)).round(6)
    near[:, 499::500] = np.nan
    rows = CROWD + 1 + count
    rank = np.arange(rows)
    sizes = np.array(["", "NN", "01", "12", "53"])
    return pd.DataFrame(
        {
            "id": rank,
            "siret": "",
            "longitude": np.r_[[ROMANS[0]] * CROWD, 4.90, homes["longitude"] + near[0]],
            "latitude": np.r_[[ROMANS[1]] * CROWD, 44.90, homes["latitude"] + near[1]],
            "nom": [f"{HOSTILE} {i}" if i in (0, CROWD) else f"Structure {i}" for i in rank],
            "adresse": "",
            "famille_ess": np.where(rank % 3, "association", "cooperative"),
            "commune": np.r_[["Romans-sur-Isère"] * CROWD, ["Valence"], homes["nom"]],
            "code_insee": np.r_[["26281"] * CROWD, ["26362"], homes["code_insee"]],
            "filiere": np.array(["Essai", "Autre ; Essai", "inconnue"])[rank % 7 % 3],
            "tranche_effectif": sizes[rank % len(sizes)],
            "precision_geo": "commune",
        }
    )
