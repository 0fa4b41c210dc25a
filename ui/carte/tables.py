"""The public tables behind the routes of the live map, as plain JSON-able columns."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import indicators, store
from ui.carte.archive import TileArchive

#: Towns named on the map, most populated first.
TOWN_COUNT = 8000

Classify = Callable[[str, str, pd.Series], npt.NDArray[np.int_]]


class EmbeddedTables:
    """What the routes serve, read from the embedded base.

    Parameters
    ----------
    classify
        ``classify(indicator_id, level, values)`` gives the class of every value, 0 for the
        lowest, −1 where the value is missing; the legend's limits come from the same place.
    """

    def __init__(self, classify: Classify) -> None:
        self._classify = classify

    def version(self) -> str:
        """Short digest of the embedded base."""
        return store.version()

    def zooms(self) -> tuple[int, int]:
        """First and last zoom of the vector tiles."""
        return self._archive.zooms

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Gzipped MVT of one tile, None where there is nothing."""
        return self._archive.tile(z, x, y)

    @functools.cached_property
    def _archive(self) -> TileArchive:
        return TileArchive(store.path("tuiles.pmtiles"))

    def values(self, level: str, indicator: str) -> dict[str, Any] | None:
        """Codes, classes and values of an indicator; None when there is no such indicator."""
        known = indicators.INDICATORS.get(indicator)
        if known is None:
            return None
        series = indicators.values(indicator, level)
        classes = self._classify(indicator, level, series)
        return {
            "codes": series.index.to_list(),
            "classes": [int(c) for c in classes],
            "valeurs": _numbers(series, known.decimals),
        }

    def points(self, table: str) -> dict[str, Any]:
        """Points of "structures", "ptce" or "villes", column-wise."""
        return {"structures": structures, "ptce": ptce, "villes": towns}[table]()


def structures() -> dict[str, Any]:
    """ESS structures in the row order of the table ``ess_structures``; raw texts."""
    table = store.read("ess_structures")
    return {
        "id": table["id"].to_list(),
        "lon": _numbers(table["longitude"], 6),
        "lat": _numbers(table["latitude"], 6),
        "nom": _texts(table["nom"]),
        "famille": _texts(table["famille_ess"]),
        "commune": _texts(table["commune"]),
        "filiere": _texts(table["filiere"]),
        "precision": _texts(table["precision_geo"]),
    }


def ptce() -> dict[str, Any]:
    """PTCE: points where the commune is known, codes of territories for the others.

    ``zones`` lists the territories with the names of their PTCE; a PTCE whose territory has no
    code is in neither, only in the list beside the map.
    """
    table = store.read("ptce")
    placed = table[(table["precision"] == "commune") & table["longitude"].notna()]
    return {
        "id": placed.index.to_list(),
        "lon": _numbers(placed["longitude"], 6),
        "lat": _numbers(placed["latitude"], 6),
        "nom": _texts(placed["nom"]),
        "commune": _texts(placed["commune"]),
        "filiere": _texts(placed["filiere"]),
        "zones": _zones(table.drop(placed.index)),
    }


def _zones(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Names of the PTCE by territory, the smallest territory whose code is known."""
    found: dict[tuple[str, str], list[str]] = {}
    columns = {
        "intercommunalite": ("epci", "code_epci"),
        "departement": ("departement", "code_departement"),
        "region": ("region", "code_region"),
    }
    order = list(columns)
    for row in table.to_dict("records"):
        start = order.index(row["precision"]) if row["precision"] in order else 0
        for precision in order[start:]:
            level, column = columns[precision]
            code = row.get(column)
            if isinstance(code, str) and code:
                found.setdefault((level, code), []).append(str(row["nom"]))
                break
    return [
        {"niveau": level, "code": code, "noms": names} for (level, code), names in found.items()
    ]


def towns() -> dict[str, Any]:
    """Names and places of the most populated communes, in that order."""
    table = store.read("communes")
    whole = table[(table["type"] == "COM") & table["longitude"].notna()]
    largest = whole.sort_values("population", ascending=False, kind="stable").head(TOWN_COUNT)
    return {
        "nom": _texts(largest["nom"]),
        "lon": _numbers(largest["longitude"], 4),
        "lat": _numbers(largest["latitude"], 4),
    }


def _numbers(series: pd.Series, decimals: int) -> list[float | None]:
    """Round the numbers; None where one is missing (JSON knows no NaN)."""
    values = series.astype(float).round(decimals)
    return [None if np.isnan(v) else v for v in values.to_list()]


def _texts(series: pd.Series) -> list[str]:
    return series.fillna("").astype(str).to_list()
