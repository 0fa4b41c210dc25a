"""The supplier search: perimeter × criteria → a table ranked by distance."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.spatial import cKDTree

from territory import communes, filieres, geo, store
from territory.codes import commune_of, departement_of
from territory.errors import InvalidInputError
from territory.geodesic import couples_km, earth_vectors, line_m
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
from territory.reach import SERVED_BY, served
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

#: Perimeters whose rows an index remembers; each takes 24 bytes a structure found.
_REMEMBERED: Final = 64

#: Points whose distances to all structures an index remembers, 8 bytes a structure.
_ORIGINS: Final = 16

#: A part of a table of which this share, or more, is marked rather than sorted.
_MANY: Final = 200

#: Rows from which sorting by counting is faster.
_COUNTED: Final = 1_000

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

    #: What :meth:`mask` reads.
    COLUMNS: ClassVar = ("filiere", "famille_ess", "est_siae", "est_employeur", "filiere_origine")

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
            parts.append(f"famille : {join([lowered(FAMILIES[f]) for f in self.familles], 'ou')}")
        if self.siae_only:
            parts.append("structures d’insertion (SIAE) connues comme telles")
        if self.employers_only:
            parts.append("employeurs connus comme tels")
        if not self.include_presumed:
            parts.append("filières présumées exclues")
        return " ; ".join(parts)


def lowered(label: str) -> str:
    """Write the label of a family within a sentence."""
    return label if label.startswith("ESAT") else label[0].lower() + label[1:]


class SupplierIndex:
    """Structures and a tree over their places, built once and shared by all queries.

    Parameters
    ----------
    table
        Columns of ``schemas.STRUCTURES``; rows without coordinates can be found by commune only.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        # A column in several pieces is joined anew whenever a few of its rows are read.
        self.table = _whole(table)
        self._longitudes = table["longitude"].to_numpy(dtype=float)
        self._latitudes = table["latitude"].to_numpy(dtype=float)
        vectors = earth_vectors(self._longitudes, self._latitudes)
        #: Known by their commune only: for the tree, at the centre of the Earth, far from all.
        self._unplaced = np.flatnonzero(np.isnan(vectors).any(axis=1))
        vectors[self._unplaced] = 0
        self._tree = cKDTree(vectors, copy_data=False)
        self._codes = pd.CategoricalIndex(table["code_insee"].to_numpy(dtype=object))
        self._by_commune = table.groupby("code_insee").indices
        # A page asks the same perimeter again at every change of a filter or of an indicator.
        self._remembered = functools.lru_cache(maxsize=_REMEMBERED)(self._within)
        self._measured = functools.lru_cache(maxsize=_ORIGINS)(self._distances)

    def within(self, perimeter: Perimeter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows inside a perimeter.

        Returns
        -------
        rows, distances, centers
            Positions in the table, kilometres to the nearest centre (NaN without coordinates) and
            rank of that centre in ``perimeter.centers``; same shape (n,), sorted by distance.
            Shared by all callers, read-only.
        """
        return self._remembered(perimeter)

    def found(
        self, perimeter: Perimeter
    ) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
        """Table to read what is inside a perimeter in, then :meth:`within`, positions in it."""
        return self.table, *self.within(perimeter)

    def _within(self, perimeter: Perimeter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        disc = perimeter.disc
        if disc is not None:
            rows, distances = self._in_disc(disc)
            ranks = np.zeros(len(rows), dtype=int)
        else:
            near = self._either(*(self._candidates(area) for area in perimeter.areas))
            found = perimeter.measured(
                self._longitudes[near], self._latitudes[near], self._codes[near]
            )
            rows, distances = near[found.inside], found.distances_km[found.inside]
            ranks = found.ranks[found.inside]
        order = _nearest_first(distances, rows)
        answer = rows[order], distances[order], ranks[order]
        for array in answer:
            array.flags.writeable = False
        return answer

    def _in_disc(self, disc: Disc) -> tuple[np.ndarray, np.ndarray]:
        """Find and measure what is in a lone disc, as :mod:`.perimeter.membership` would.

        From the coordinates that the tree holds: nothing of each place is read again.

        Returns
        -------
        rows, distances
            In no order, kilometres to the centre, NaN without coordinates; both shape (n,).
        """
        center = earth_vectors([disc.longitude], [disc.latitude])
        rows = self._around(center, disc)
        to = couples_km(center, self._tree.data, None, rows)
        inside = to <= disc.radius_km
        if disc.whole_communes:
            inside |= self._codes[rows].isin(disc.whole_communes)
            # In by its commune only: without coordinates, or with wrong ones.
            lost = np.flatnonzero(np.isinf(to))
            to[lost] = geo.distance_km(
                disc.longitude, disc.latitude, self._longitudes[rows[lost]],
                self._latitudes[rows[lost]],
            )
        return rows[inside], to[inside]

    def _candidates(self, area: Area) -> np.ndarray:
        """Rows that may be in an area, a few more than are."""
        if isinstance(area, Disc):
            return self._around(earth_vectors([area.longitude], [area.latitude]), area)
        if isinstance(area, Union):
            return self._either(*map(self._candidates, area.zones))
        if isinstance(area, Intersection):
            return functools.reduce(np.intersect1d, map(self._candidates, area.zones))
        if isinstance(area, Difference):
            return self._candidates(area.zone)
        named = self._unplaced
        if isinstance(area, Unites):
            named = self._in_communes(area.place_codes)
        elif isinstance(area, Tampon):
            # A place in by its code stays in, wherever its point is.
            named = self._either(named, self._candidates(area.zone))
        west, south, east, north = extent.bounds(area)
        boxed = (self._longitudes >= west) & (self._longitudes <= east)
        boxed &= (self._latitudes >= south) & (self._latitudes <= north)
        return self._either(np.flatnonzero(boxed), named)

    @functools.cached_property
    def families(self) -> frozenset[str]:
        """ESS families there are."""
        return frozenset(self.table["famille_ess"].unique())

    @functools.cached_property
    def units(self) -> tuple[np.ndarray, pd.DataFrame]:
        """Units the structures are in, looked up once a commune code.

        Returns
        -------
        ranks, table
            Rank in the table of the code of each row, shape (n,); ``commune`` (an arrondissement's
            whole commune), ``code_epci``, ``code_departement`` and ``code_region``, objects,
            missing where unknown.
        """
        ranks, codes = pd.factorize(self._codes)
        whole = pd.Series([commune_of(code) for code in codes], dtype=object)
        known = communes.table()[["code_epci", "code_region"]].astype(object)
        known.index = known.index.astype(object)
        table = known.reindex(whole).reset_index(drop=True)
        return ranks, table.assign(
            commune=whole, code_departement=pd.Series(map(departement_of, whole), dtype=object)
        )

    def _either(self, *rows: np.ndarray) -> np.ndarray:
        """Rows of any of these, sorted, each once; those of one alone as they are."""
        if len(rows) == 1:
            return rows[0]
        if sum(map(len, rows)) < len(self.table) // _MANY:
            return np.unique(np.concatenate(rows))
        # To mark and read again is faster than to sort.
        marked = np.zeros(len(self.table), dtype=bool)
        for some in rows:
            marked[some] = True
        return np.flatnonzero(marked)

    def _in_communes(self, wanted: Iterable[str]) -> np.ndarray:
        rows = [self._by_commune[code] for code in wanted if code in self._by_commune]
        return np.concatenate(rows) if rows else np.zeros(0, dtype=int)

    def distances_km(self, longitude: float, latitude: float) -> np.ndarray:
        """Geodesic distances of all the rows from a point, shape (n,), NaN without coordinates.

        Shared by all callers, read-only.
        """
        return self._measured(longitude, latitude)

    def _distances(self, longitude: float, latitude: float) -> np.ndarray:
        to = geo.distance_km(longitude, latitude, self._longitudes, self._latitudes)
        to.flags.writeable = False
        return to

    def _around(self, center: np.ndarray, disc: Disc) -> np.ndarray:
        """Rows that may be in a disc of this centre, shape (1, 3), in no order."""
        # Three times faster than a list of rows: no number becomes a Python object.
        near: np.ndarray = cKDTree(center).sparse_distance_matrix(
            self._tree, line_m(disc.radius_km), output_type="ndarray"
        )["j"].copy()
        if not disc.whole_communes:
            return near
        return self._either(near, self._in_communes(disc.whole_communes))


def _nearest_first(distances_km: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Order of rows by distance then by number, NaN last.

    Parameters
    ----------
    distances_km, rows
        Shape (n,).
    """
    if len(rows) < _COUNTED:
        order = np.argsort(distances_km)
    else:
        # Floats that are not negative have the order of their bits, and 16 bits are sorted by
        # counting: half the time of a comparison sort.
        order = np.lexsort(distances_km.view("<u2").reshape(-1, 4).T)
    ordered = distances_km[order]
    same = ordered[1:] == ordered[:-1]
    if len(rows) and np.isnan(ordered[-1]):
        same |= np.isnan(ordered[:-1])
    if same.any():
        # Only equal distances are sorted again, by the rank of the first of each.
        group = np.concatenate([[0], np.cumsum(~same)])
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        order[tied] = order[tied][np.lexsort((rows[order[tied]], group[tied]))]
    return order


def _whole(table: pd.DataFrame) -> pd.DataFrame:
    """Put each text column in one piece of memory."""
    joined: dict[str, Any] = {}
    texts = [str(name) for name in table if isinstance(table[name].dtype, pd.StringDtype)]
    for name in texts:
        pieces = pa.chunked_array(pa.array(table[name]))
        if pieces.num_chunks > 1:
            joined[name] = pd.array(pa.concat_arrays(pieces.chunks), dtype=table[name].dtype)
    return table.assign(**joined)


@functools.cache
def embedded() -> SupplierIndex:
    """Index of the embedded extract, built once."""
    return SupplierIndex(store.read("ess_structures"))


@dataclass(frozen=True, eq=False)
class Selection:
    """Suppliers found, kept as rows of a shared table and written out only where they are read.

    A search around Paris finds tens of thousands of them, of which a page shows the first ones: it
    costs 20 bytes each as long as nobody asks for the whole table.

    Attributes
    ----------
    perimeter
        What was searched.
    source
        Table of :meth:`SupplierIndex.found`; shared, must not be changed.
    rows, distances, centers
        See :meth:`SupplierIndex.found`.
    """

    perimeter: Perimeter
    source: pd.DataFrame
    rows: np.ndarray
    distances: np.ndarray
    centers: np.ndarray

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> pd.Series:
        """One column of the source, for all the suppliers found."""
        return self.source[name].take(self.rows).reset_index(drop=True)

    @property
    def columns(self) -> list[str]:
        """Columns of :meth:`table`."""
        others = [str(c) for c in self.source if c not in SUPPLIERS.names]
        return [*SUPPLIERS.names, *others]

    def table(
        self, count: int | None = None, columns: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Write the nearest suppliers, all by default; :attr:`columns`, or some of them."""
        rows = self.rows[:count]
        made: dict[str, Callable[[], Any]] = {
            "distance_km": lambda: np.round(self.distances[:count], 3),
            "distance_depuis": lambda: self.perimeter.distance_depuis(self.centers[:count]),
            "dans_perimetre": lambda: pd.array(["oui"] * len(rows), dtype="str"),
            "dessert_le_centre":
                lambda: served(self.source[list(SERVED_BY)].iloc[rows], self.perimeter),
        }
        # Column by column: a frame that is read row by row is written three times on the way.
        return pd.DataFrame({
            name: made[name]() if name in made else self.source[name].array.take(rows)
            for name in (self.columns if columns is None else columns)
        })


def select(
    perimeter: Perimeter, criteria: Criteria | None = None, index: SupplierIndex | None = None
) -> Selection:
    """Find the suppliers of a perimeter without writing them out; parameters of :func:`search`."""
    index = index or embedded()
    source, rows, distances, centers = index.found(perimeter)
    if criteria is not None and criteria != Criteria():
        keep = criteria.mask(source[list(Criteria.COLUMNS)].iloc[rows])
        rows, distances, centers = rows[keep], distances[keep], centers[keep]
    return Selection(perimeter, source, rows, distances, centers)


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
    return select(perimeter, criteria, index).table()


def sentence(count: int, perimeter: Perimeter, criteria: Criteria | None = None) -> str:
    """Say a result in one French sentence: count, perimeter, criteria."""
    asked = (criteria or Criteria()).sentence()
    head = plural(count, "structure trouvée", "structures trouvées")
    if count == 0:
        head = "Aucune structure trouvée"
    return f"{head} {perimeter.sentence()}{f' ({asked})' if asked else ''}."
