"""ESS structures as a point layer."""

from __future__ import annotations

import pandas as pd

from layers.base import Layer
from layers.export.geodata import with_geometry
from layers.style import FAMILY_MARKERS
from territory import catalog, store
from territory.text import plural


def structures(table: pd.DataFrame | None = None) -> Layer:
    """Build the layer of ESS structures.

    Parameters
    ----------
    table
        Rows of ``suppliers.search`` or of the extract (default: the whole extract); rows without
        coordinates are left out of the layer, they stay in lists.
    """
    rows = store.read("ess_structures") if table is None else table
    placed = rows[rows["longitude"].notna() & rows["latitude"].notna()]
    return Layer(
        id="structures",
        title="Structures de l’ESS",
        kind="points",
        table=with_geometry(placed),
        key="id",
        name="nom",
        category="famille_ess",
        markers=dict(FAMILY_MARKERS),
        details={"commune": "Commune", "filiere": "Filière", "precision_geo": "Précision du lieu"},
        attribution=catalog.attribution(["ess_structures", "ess_aura"]),
        vintage=catalog.SOURCES["ess_structures"].vintage,
        sentence=f"{plural(len(placed), 'structure')} de l’ESS, extrait embarqué : une absence ne "
        "veut rien dire.",
    )
