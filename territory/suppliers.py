"""The supplier search: perimeter × criteria → a table ranked by distance."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from territory import filieres, geo, store
from territory.errors import InvalidInputError
from territory.perimeter import (
    Area,
    Difference,
    Disc,
    Intersection,
    Perimeter,
    Tampon,
    Union,
    Unites,
    extent,
)
from territory.reach import served
from territory.schemas import SUPPLIERS
from territory.text import excerpt, join, plural

#: Family id → French label.
FAMILIES: dict[str, str] = {
    "association": "Association",
    "cooperative": "Coopérative",
    "mutuelle": "Mutuelle",
    "fondation": "Fondation",
    "societe_commerciale_ess": "Société commerciale de l’ESS",
    "esat_ea": "ESAT ou entreprise adaptée",
    "hors_ess": "Hors de l’ESS",
    "inconnue": "Famille inconnue",
}

#: Columns the search adds to a structure.
SEARCH_COLUMNS = ("distance_km", "distance_depuis", "dans_perimetre", "dessert_le_centre")

#: Sources of the embedded extract, keys of ``catalog.SOURCES``.
EXTRACT_SOURCES = ("ess_structures", "ess_aura")


@dataclass(frozen=True)
class Criteria:
    """What is asked of a supplier besides being in the perimeter.

    Attributes
    ----------
    filieres
        Trades kept; empty keeps all.
    familles
        ESS families kept; empty keeps all.
    siae_only
        Keep only structures known to be SIAE.
    employers_only
        Keep only structures known to employ.
    include_presumed
        Keep structures whose trade is only presumed from NAF.
    """

    filieres: tuple[str, ...] = ()
    familles: tuple[str, ...] = ()
    siae_only: bool = False
    employers_only: bool = False
    include_presumed: bool = True

    def __post_init__(self) -> None:
        for family in self.familles:
            if family not in FAMILIES:
                msg = (
                    f"La famille « {excerpt(family)} » n’existe pas. Familles connues : "
                    f"{', '.join(FAMILIES)}."
                )
                raise InvalidInputError(msg)

    def mask(self, table: pd.DataFrame) -> np.ndarray:
        """Boolean array, shape (n,): the rows of a structure table that meet the criteria."""
        keep = np.ones(len(table), dtype=bool)
        if self.filieres:
            keep &= filieres.matches(table["filiere"], self.filieres)
        if self.familles:
            keep &= table["famille_ess"].isin(self.familles).to_numpy()
        if self.siae_only:
            keep &= (table["est_siae"] == "oui").to_numpy()
        if self.employers_only:
            keep &= (table["est_employeur"] == "oui").to_numpy()
        if not self.include_presumed:
            keep &= (table["filiere_origine"] != "presumee_naf").to_numpy()
        return keep

    def sentence(self) -> str:
        """Say the criteria in French; empty when nothing is asked."""
        parts = []
        if self.filieres:
            parts.append(f"filière : {join([f.lower() for f in self.filieres], 'ou')}")
        if self.familles:
            parts.append(f"famille : {join([_lower(FAMILIES[f]) for f in self.familles], 'ou')}")
        if self.siae_only:
            parts.append("structures d’insertion (SIAE) connues comme telles")
        if self.employers_only:
            parts.append("employeurs connus comme tels")
        if not self.include_presumed:
            parts.append("filières présumées exclues")
        return " ; ".join(parts)


def _lower(label: str) -> str:
    return label if label.startswith("ESAT") else label[0].lower() + label[1:]


class SupplierIndex:
    """Structures and a tree over their places, built once and shared by all queries.

    Parameters
    ----------
    table
        Columns of ``schemas.STRUCTURES``; rows without coordinates can be found by commune only.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self._longitudes = table["longitude"].to_numpy(dtype=float)
        self._latitudes = table["latitude"].to_numpy(dtype=float)
        self._located = np.flatnonzero(
            np.isfinite(self._longitudes) & np.isfinite(self._latitudes)
        )
        self._tree = cKDTree(
            geo.unit_vectors(self._longitudes[self._located], self._latitudes[self._located])
        )
        self._codes = table["code_insee"].to_numpy(dtype=object)
        #: Known by their commune only.
        self._unplaced = np.setdiff1d(np.arange(len(table)), self._located)
        self._by_commune = table.groupby("code_insee").indices

    def within(self, perimeter: Perimeter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows inside a perimeter.

        Returns
        -------
        rows, distances, centers
            Positions in the table, kilometres to the nearest centre (NaN without coordinates) and
            rank of that centre in ``perimeter.centers``; same shape (n,), sorted by distance.
        """
        near = [self._candidates(area) for area in perimeter.areas]
        rows = functools.reduce(np.union1d, near)
        found = perimeter.measured(
            self._longitudes[rows], self._latitudes[rows], self._codes[rows]
        )
        inside = np.flatnonzero(found.inside)
        # NaN sorts last: a structure without coordinates ends the list.
        order = inside[np.argsort(found.distances_km[inside], kind="stable")]
        return rows[order], found.distances_km[order], found.ranks[order]

    def _candidates(self, area: Area) -> np.ndarray:
        """Rows that may be in an area, a few more than are."""
        if isinstance(area, Disc):
            near = self._around(area.longitude, area.latitude, area.radius_km)
            return np.union1d(near, self._in_communes(area.whole_communes))
        if isinstance(area, Union):
            return functools.reduce(np.union1d, map(self._candidates, area.zones))
        if isinstance(area, Intersection):
            return functools.reduce(np.intersect1d, map(self._candidates, area.zones))
        if isinstance(area, Difference):
            return self._candidates(area.zone)
        named = self._unplaced
        if isinstance(area, Unites):
            named = self._in_communes(area.place_codes)
        elif isinstance(area, Tampon):
            # A place in by its code stays in, wherever its point is.
            named = np.union1d(named, self._candidates(area.zone))
        west, south, east, north = extent.bounds(area)
        boxed = (self._longitudes >= west) & (self._longitudes <= east)
        boxed &= (self._latitudes >= south) & (self._latitudes <= north)
        return np.union1d(np.flatnonzero(boxed), named)

    def _in_communes(self, wanted: Iterable[str]) -> np.ndarray:
        rows = [self._by_commune[code] for code in wanted if code in self._by_commune]
        return np.concatenate(rows) if rows else np.zeros(0, dtype=int)

    def _around(self, longitude: float, latitude: float, radius_km: float) -> np.ndarray:
        center = geo.unit_vectors([longitude], [latitude])[0]
        near = self._tree.query_ball_point(center, geo.chord_bound(radius_km))
        candidates: np.ndarray = self._located[np.asarray(near, dtype=int)]
        return candidates


@functools.cache
def embedded() -> SupplierIndex:
    """Index of the embedded extract, built once."""
    return SupplierIndex(store.read("ess_structures"))


def search(
    perimeter: Perimeter, criteria: Criteria | None = None, index: SupplierIndex | None = None
) -> pd.DataFrame:
    """Find the suppliers of a perimeter.

    A place is in a disc when its geodesic distance (WGS 84) to the centre is at most the radius,
    or when it lies in the commune the disc is centred on; for the other areas, see
    :mod:`territory.perimeter.membership`.

    Parameters
    ----------
    perimeter
        Where.
    criteria
        Which; all by default.
    index
        Structures searched; the embedded extract by default.

    Returns
    -------
    pandas.DataFrame
        Columns of ``schemas.SUPPLIERS`` then ``id`` and what the structures say of themselves,
        sorted by ``distance_km`` (geodesic, 3 decimals). ``dessert_le_centre`` is
        :func:`territory.reach.served`; ``inconnu`` wherever no range is declared.
    """
    index = index or embedded()
    rows, distances, centers = index.within(perimeter)
    inside = index.table.iloc[rows]
    if criteria is not None and criteria != Criteria():
        keep = criteria.mask(inside)
        inside, distances, centers = inside[keep], distances[keep], centers[keep]
    found: pd.DataFrame = inside.assign(
        distance_km=np.round(distances, 3),
        distance_depuis=perimeter.distance_depuis(centers),
        dans_perimetre="oui",
        dessert_le_centre=served(inside, perimeter),
    )
    others = [c for c in found.columns if c not in SUPPLIERS.names]
    return found[[*SUPPLIERS.names, *others]].reset_index(drop=True)


def sentence(count: int, perimeter: Perimeter, criteria: Criteria | None = None) -> str:
    """Say a result in one French sentence: count, perimeter, criteria."""
    asked = (criteria or Criteria()).sentence()
    head = plural(count, "structure trouvée", "structures trouvées")
    if count == 0:
        head = "Aucune structure trouvée"
    return f"{head} {perimeter.sentence()}{f' ({asked})' if asked else ''}."
