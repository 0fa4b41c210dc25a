"""Toy tables one can draw by hand, with names nobody should trust."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers.export.metadata import ExportContext
from territory.catalog import SOURCES

HOSTILE_NAMES = (
    "<img src=x onerror=alert(1)>",
    '=HYPERLINK("http://exemple.invalid";"clic")',
    "</script><script>alert(2)</script>",
    "L’Atelier d’à côté & fils",
)


@pytest.fixture
def suppliers() -> pd.DataFrame:
    """Four suppliers; the last one has no coordinates."""
    return pd.DataFrame(
        {
            "siret": ["00000000000001", "", "12345678901234", ""],
            "nom": HOSTILE_NAMES,
            "code_insee": ["01004", "2A004", "97411", "26281"],
            "code_departement": ["01", "2A", "974", "26"],
            "commune": ["Ambérieu-en-Bugey", "Ajaccio", "Saint-Denis", "Romans-sur-Isère"],
            "longitude": [5.36, 8.7381234567, 55.45, float("nan")],
            "latitude": [45.96, 41.9192345678, -20.88, float("nan")],
            "precision_geo": ["adresse", "commune", "commune", "commune"],
            "filiere": ["Numérique", "inconnue", "Restauration", "Restauration"],
            "famille_ess": ["association", "inconnue", "esat_ea", "cooperative"],
            "est_siae": ["oui", "non", "inconnu", "inconnu"],
            "distance_km": [0.0, 12.345, 29.999, float("nan")],
        }
    )


@pytest.fixture
def squares() -> gpd.GeoDataFrame:
    """Three unit squares side by side near 0°, values 1, 2 and missing."""
    return gpd.GeoDataFrame(
        {"code": ["A", "B", "C"], "nom": HOSTILE_NAMES[:3], "valeur": [1.0, 2.0, float("nan")]},
        geometry=[shapely.box(x, 45, x + 1, 46) for x in range(3)],
        crs=4326,
    )


@pytest.fixture
def context() -> ExportContext:
    """What a file of the toy suppliers says of itself."""
    return ExportContext(
        title="4 structures trouvées",
        sources=(SOURCES["ess_structures"],),
        perimeter_sentence="à 30\u00a0km à vol d’oiseau autour de Romans-sur-Isère",
        criteria_sentence="filière : restauration",
        generated=dt.date(2026, 11, 22),
        notes=("Ceci est un extrait.",),
    )
