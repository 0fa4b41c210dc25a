"""Invented values and points on the real tiles; nothing here is shown as real anywhere."""

from __future__ import annotations

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
        if table == "structures":
            return structures(self._count)
        if table == "ptce":
            return {
                "id": [0], "lon": [4.89], "lat": [44.93], "nom": ["PTCE d’essai"],
                "commune": ["Valence"], "filiere": [""],
                "zones": [
                    {"niveau": "departement", "code": "07", "noms": ["Pôle <b>A</b>", "Pôle B"]}
                ],
            }
        return super().points(table)


def structures(count: int) -> dict[str, Any]:
    """A crowd at one place, one hostile name alone at Valence, then ``count`` scattered ones."""
    draw = np.random.default_rng(7)
    lon = [ROMANS[0]] * CROWD + [4.90] + draw.uniform(-4.5, 8, count).round(5).tolist()
    lat = [ROMANS[1]] * CROWD + [44.90] + draw.uniform(42.5, 51, count).round(5).tolist()
    rows = len(lon)
    return {
        "id": list(range(rows)),
        "lon": lon,
        "lat": lat,
        "nom": [f"{HOSTILE} {i}" if i in (0, CROWD) else f"Structure {i}" for i in range(rows)],
        "famille": ["association" if i % 3 else "cooperative" for i in range(rows)],
        "commune": ["Romans-sur-Isère"] * rows,
        "filiere": ["Essai"] * rows,
        "precision": ["commune"] * rows,
    }
