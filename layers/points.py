"""ESS structures as a layer: one marker a structure, colour and shape by family."""

from __future__ import annotations

import pandas as pd

from layers.base import Layer
from layers.style import FAMILY_STYLE
from territory import catalog
from territory.schemas import STRUCTURES, SUPPLIERS
from territory.suppliers import EXTRACT_SOURCES

_SHOWN = ("nom", "famille_ess", "commune", "filiere", "est_siae", "precision_geo", "distance_km")


def structures(
    table: pd.DataFrame,
    *,
    sentence: str = "Structures de l’ESS : un extrait, une absence ne veut rien dire.",
    source_ids: tuple[str, ...] = EXTRACT_SOURCES,
) -> Layer:
    """Make the layer of a table of structures or suppliers.

    Parameters
    ----------
    table : DataFrame
        Columns of ``schemas.STRUCTURES`` or of a supplier search, coordinates in degrees; rows
        without coordinates stay in the table and in the legend's counts, and are not drawn.
    sentence : str
        What was searched, in French.
    source_ids : tuple of str
        Keys of ``catalog.SOURCES``.

    Raises
    ------
    LayerError
        A column is missing, or a coordinate is outside the globe.
    """
    labels = STRUCTURES.labels | SUPPLIERS.labels
    return Layer(
        id="structures",
        title="Structures de l’ESS",
        sentence=sentence,
        table=table,
        style=FAMILY_STYLE,
        labels={name: labels[name] for name in _SHOWN if name in table.columns},
        attribution=catalog.attribution(source_ids),
        vintage=" ; ".join(dict.fromkeys(catalog.SOURCES[i].vintage for i in source_ids)),
    )
