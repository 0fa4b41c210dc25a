"""Suppliers one can draw by hand, for the ladder, the edge, the groups and the lots; invented."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from territory import communes, suppliers
from territory.codes import departement_of
from territory.geo import GEOD
from territory.schemas import SUPPLIERS
from territory.suppliers import SupplierIndex


def table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Structures with the columns of the extract.

    Each row may give ``code_insee`` (Romans), ``km`` north of its reference point (0), ``filiere``,
    ``tranche_effectif`` and any other column.
    """
    if not rows:
        return table([{}]).iloc[:0]
    made = []
    for rank, given in enumerate(rows):
        row = {"code_insee": "26281", "km": 0.0, **given}
        home = communes.get(str(row["code_insee"]))
        lon, lat, _ = GEOD.fwd(home.longitude, home.latitude, 0, 1000 * float(str(row.pop("km"))))
        made.append({
            "id": rank, "nom": f"S{rank}", "commune": home.nom,
            "code_departement": departement_of(home.code_insee), "longitude": lon, "latitude": lat,
            "filiere": "Restauration", "filiere_origine": "declaree", "famille_ess": "association",
            "est_siae": "inconnu", "est_employeur": "inconnu", "precision_geo": "adresse", **row,
        })
    blank = {c: "" for c in SUPPLIERS.names if c not in suppliers.SEARCH_COLUMNS}
    return pd.DataFrame([{**blank, **row} for row in made])


def index(*rows: dict[str, object]) -> SupplierIndex:
    """Index of :func:`table`."""
    return SupplierIndex(table(rows))
