"""PTCE: which ones a perimeter meets, each at the scale at which it is known."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from territory import communes, geo, store
from territory.codes import commune_of
from territory.communes import Level
from territory.perimeter import Perimeter

#: How far a PTCE is said to be around, kilometres.
AROUND_KM: Final = 30.0
_WIDE: Final[tuple[Level, ...]] = ("epci", "departement", "region")

#: Precision of a row → French words.
SCALES: dict[str, str] = {
    "commune": "commune connue",
    "intercommunalite": "connu à l’échelle d’une intercommunalité ou d’un pays",
    "departement": "connu à l’échelle du département",
    "region": "connu à l’échelle de la région",
}

#: Status of the founding lists → French label; others are shown as their own words.
STATUSES: dict[str, str] = {
    "laureat_2013": "lauréat 2013",
    "reconnu_etat_2014": "retenu par l’État en 2014",
    "laureat_2015": "lauréat 2015",
    "laureat_ami_2021": "lauréat AMI 2021",
    "ptce_emergent": "émergent (AMI 2021)",
    "laureat_ami_2022": "lauréat AMI 2022",
    "laureat_ami_2023": "lauréat AMI 2023",
    "pole_temoin": "pôle témoin 2011-2012",
    "pole_cite_par_labo_ess": "cité par le Labo de l’ESS",
    "ptce_emergent_2012": "émergent en 2012",
    "ptce_cite_par_cress": "cité par une CRESS",
    "signataire_charte_2014": "signataire de la charte de 2014",
    "ptce_labellise": "labellisé",
    "ptce_regional": "régional",
    "ptce_autodeclare": "se déclare PTCE",
    "ptce_cite_par_presse": "cité par la presse",
    "ptce_cite_par_rtes": "cité par le RTES",
    "ptce_cite_par_fiche": "cité par une fiche",
}


@functools.cache
def table() -> pd.DataFrame:
    """PTCE table with, for rows without a commune, the unit they are drawn as.

    Returns
    -------
    pandas.DataFrame
        Columns of ``schemas.PTCE`` plus ``niveau`` (``commune``, ``epci``, ``departement`` or
        ``region``: the narrowest unit whose code is known) and ``code`` of that unit. A pole whose
        area name resolves to no EPCI is drawn as the département its name gives, else the région.
    """
    rows = store.read("ptce")
    levels: tuple[tuple[Level, str], ...] = (
        ("commune", "code_insee"),
        ("epci", "code_epci"),
        ("departement", "code_departement"),
        ("region", "code_region"),
    )
    level = pd.Series(pd.NA, index=rows.index, dtype="str")
    code = pd.Series(pd.NA, index=rows.index, dtype="str")
    for name, column in levels:
        fill = level.isna() & rows[column].notna()
        level = level.mask(fill, name)
        code = code.mask(fill, rows[column])
    return rows.assign(niveau=level, code=code, statut_libelle=[_status(s) for s in rows["statut"]])


def _status(codes: str) -> str:
    return ", ".join(STATUSES.get(code, code.replace("_", " ")) for code in codes.split(";"))


def within(perimeter: Perimeter) -> pd.DataFrame:
    """PTCE a perimeter meets.

    Parameters
    ----------
    perimeter
        Where.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`table`, with ``distance_km`` (geodesic, to the nearest centre) for those
        whose commune is known and lies in the perimeter, first and sorted; then those known by an
        EPCI, département or région that the perimeter touches, without a distance.
    """
    rows = table()
    home, distances = perimeter.distances_km(
        rows["longitude"], rows["latitude"], rows["code_insee"]
    )
    known = rows[home].assign(distance_km=np.round(distances[home], 3))
    area = rows[(rows["niveau"] != "commune").to_numpy()]
    met = _met(perimeter, area)
    wide = area[met].assign(distance_km=np.nan)
    order = pd.Categorical(wide["niveau"], ["epci", "departement", "region"])
    wide = wide.iloc[np.argsort(order.codes, kind="stable")]
    return pd.concat([known.sort_values("distance_km"), wide], ignore_index=True)


def _met(perimeter: Perimeter, poles: pd.DataFrame) -> list[bool]:
    """Whether a perimeter touches the unit of each pole."""
    if not perimeter.only_discs:
        # By the communes touched: the contour of a whole unit also touches its neighbours.
        return _held(poles, perimeter.communes_touched().index)
    outline = perimeter.outline()
    shapely.prepare(outline)
    return [
        bool(shapely.intersects(outline, communes.simplified_contours(level)[code]))
        for level, code in zip(poles["niveau"], poles["code"], strict=True)
    ]


def of_communes(codes: Sequence[str]) -> pd.DataFrame:
    """PTCE of whole communes, by their codes: the rule of :func:`within` without any geometry.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`table`: those whose commune is one of them, then those known by an EPCI, a
        département or a région that has one of them.
    """
    rows = table()
    found = rows[_held(rows, codes)]
    order = pd.Categorical(found["niveau"], ["commune", *_WIDE])
    return found.iloc[np.argsort(order.codes, kind="stable")].reset_index(drop=True)


def near_communes(codes: Sequence[str], radius_km: float = AROUND_KM) -> pd.DataFrame:
    """PTCE whose commune is known, out of some whole communes and close to one of them.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`table` with ``distance_km`` (geodesic, from the reference point of the
        nearest of the communes), the nearest first.
    """
    rows = table()
    rows = rows[(rows["niveau"] == "commune").to_numpy() & ~np.array(_held(rows, codes))]
    homes = communes.table().loc[list(codes), ["longitude", "latitude"]].to_numpy(dtype=float)
    at = rows[["longitude", "latitude"]].to_numpy(dtype=float)
    tree = cKDTree(geo.earth_vectors(homes[:, 0], homes[:, 1]))
    _, nearest = tree.query(geo.earth_vectors(at[:, 0], at[:, 1]))
    found = rows.assign(distance_km=geo.distances_km(homes[nearest], at))
    found = found[found["distance_km"] <= radius_km]
    near: pd.DataFrame = found.sort_values("distance_km", kind="stable", ignore_index=True)
    return near


def _held(poles: pd.DataFrame, codes: Sequence[str] | pd.Index) -> list[bool]:
    """Whether some communes have the unit of each pole."""
    rows = communes.table().loc[list(codes)]
    units: dict[str, set[str]] = {"commune": {str(code) for code in codes}}
    for level in _WIDE:
        units[level] = set(rows[f"code_{level}"].dropna())
    return [
        (commune_of(code) if level == "commune" else code) in units[level]
        for level, code in zip(poles["niveau"], poles["code"], strict=True)
    ]
