"""PTCE: which ones a perimeter meets, each at the scale at which it is known."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from territory import communes, store
from territory.codes import commune_of
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.geodesic import distances_km, earth_vectors
from territory.perimeter import Perimeter
from territory.ptce import vocabulary
from territory.text import excerpt, fold

#: How far a PTCE is said to be around, kilometres.
AROUND_KM: Final = 30.0
_WIDE: Final[tuple[Level, ...]] = ("epci", "departement", "region")

#: What the list is and is not, wherever it is shown.
READING: Final = (
    "Relevé des pôles que des sources nomment ou disent retenus, non exhaustif : environ 218 PTCE "
    "étaient annoncés en octobre 2023. Être dans la liste ne dit pas qu’un pôle est actif "
    "aujourd’hui, et leur nombre par région suit les sources lues : il ne classe rien."
)


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
    labels = [vocabulary.labelled(codes, vocabulary.STATUSES) for codes in rows["statut"]]
    return rows.assign(niveau=level, code=code, statut_libelle=labels)


def facts(nom_court: str | None = None) -> pd.DataFrame:
    """Facts told about poles, columns of ``schemas.PTCE_FACTS``; of one pole when it is named."""
    rows = store.read("ptce_faits")
    return rows if nom_court is None else rows[rows["nom_court"] == nom_court]


def get(name: str) -> pd.Series:
    """Row of :func:`table` of a pole, by its name or short name, whatever case and accents.

    Raises
    ------
    InvalidInputError
        No pole bears this name, or several do; the sentence lists them.
    """
    rows = table()
    wanted = fold(name)
    other = facts()
    also = other.loc[
        (other["champ"] == "autre_nom") & (other["valeur"].map(fold) == wanted), "nom_court"
    ]
    same = (rows["nom"].map(fold) == wanted) | (rows["nom_court"].map(fold) == wanted)
    found = rows[same | rows["nom_court"].isin(also)]
    if found.empty and wanted:
        found = rows[[wanted in fold(one) for one in rows["nom"]]]
    if len(found) == 1:
        return found.iloc[0]
    if found.empty:
        msg = f"Aucun pôle de la liste ne s’appelle « {excerpt(name)} »."
    else:
        names = ", ".join(sorted(found["nom_court"])[:8])
        msg = f"Plusieurs pôles répondent à « {excerpt(name)} » : {names}."
    raise InvalidInputError(msg)


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
    km = np.round(distances, 3)
    known = np.flatnonzero(home)
    wide = np.flatnonzero((rows["niveau"] != "commune").to_numpy())
    met = wide[_met(perimeter, rows["niveau"].iloc[wide], rows["code"].iloc[wide])]
    order = pd.Categorical(rows["niveau"].iloc[met], _WIDE).codes
    # The rows are read once, when all are known: each reading costs every column of the table.
    found = np.concatenate([
        known[np.argsort(km[known], kind="stable")], met[np.argsort(order, kind="stable")]
    ])
    km[wide] = np.nan
    return rows.iloc[found].assign(distance_km=km[found]).reset_index(drop=True)


def _met(perimeter: Perimeter, levels: pd.Series, codes: pd.Series) -> npt.NDArray[np.bool_]:
    """Whether a perimeter touches the unit of each pole, by the communes touched."""
    # Nothing is cut along a border of communes by discs alone: those they meet, they touch.
    touched: Iterable[str] = (
        {commune_of(code) for code in perimeter.possible_communes()} if perimeter.only_discs
        else perimeter.communes_touched().index
    )
    return _held(levels, codes, touched)


def of_communes(codes: Sequence[str]) -> pd.DataFrame:
    """PTCE of whole communes, by their codes: the rule of :func:`within` without any geometry.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`table`: those whose commune is one of them, then those known by an EPCI, a
        département or a région that has one of them.
    """
    rows = table()
    found = rows[_held(rows["niveau"], rows["code"], codes)]
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
    elsewhere = ~_held(rows["niveau"], rows["code"], codes)
    rows = rows[(rows["niveau"] == "commune").to_numpy() & elsewhere]
    homes = communes.table().loc[list(codes), ["longitude", "latitude"]].to_numpy(dtype=float)
    at = rows[["longitude", "latitude"]].to_numpy(dtype=float)
    _, nearest = cKDTree(earth_vectors(*homes.T)).query(earth_vectors(*at.T))
    found = rows.assign(distance_km=distances_km(homes[nearest], at))
    found = found[found["distance_km"] <= radius_km]
    near: pd.DataFrame = found.sort_values("distance_km", kind="stable", ignore_index=True)
    return near


def _held(
    levels: pd.Series, codes: pd.Series, within_communes: Iterable[str]
) -> npt.NDArray[np.bool_]:
    """Whether some communes have the unit, of a level and a code, of each pole; shape (n,)."""
    inside = list(within_communes)
    known = communes.table().loc[inside, [f"code_{level}" for level in _WIDE]]
    units = {"commune": set(inside)} | {level: set(known[f"code_{level}"]) for level in _WIDE}
    return np.array([
        (commune_of(code) if level == "commune" else code) in units[level]
        for level, code in zip(levels, codes, strict=True)
    ], dtype=bool)
