"""Package ``@etalab/decoupage-administratif``: COG, populations, EPCI, and absorbed communes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from territory.sources.packages import member


def _json(archive: Path, name: str) -> Any:
    return json.loads(member(archive, f"package/data/{name}.json"))


def read_communes(archive: Path) -> pd.DataFrame:
    """Read current communes and arrondissements.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``nom``, ``code_departement``, ``code_region``, ``codes_postaux``,
        ``population`` (municipal, Int64), ``code_epci`` and ``nom_epci`` (missing outside EPCI).
    """
    entries = [
        e
        for e in _json(archive, "communes")
        if e["type"] in {"commune-actuelle", "arrondissement-municipal"}
    ]
    epci = {
        member_["code"]: (group["code"], group["nom"])
        for group in _json(archive, "epci")
        for member_ in group["membres"]
    }
    none = (None, None)
    return pd.DataFrame(
        {
            "code": [e["code"] for e in entries],
            "nom": [e["nom"] for e in entries],
            "code_departement": [e.get("departement") for e in entries],
            "code_region": [e.get("region") for e in entries],
            "codes_postaux": [" ".join(sorted(set(e.get("codesPostaux", [])))) for e in entries],
            "population": pd.array([e.get("population") for e in entries], dtype="Int64"),
            "code_epci": [epci.get(e["code"], none)[0] for e in entries],
            "nom_epci": [epci.get(e["code"], none)[1] for e in entries],
        }
    )


def read_passage(archive: Path) -> dict[str, str]:
    """Read the passage of abolished commune codes to the commune that absorbed them."""
    passage: dict[str, str] = {}
    for entry in _json(archive, "communes"):
        if entry["type"] in {"commune-deleguee", "commune-associee"}:
            passage.setdefault(entry["code"], entry["chefLieu"])
        for former in entry.get("anciensCodes", []):
            passage[former] = entry["code"]
    return passage
