"""Which places an area holds: exact tests on points and on commune codes.

=========  ==================================  ===============================================
Area       A place with coordinates            A place known by its commune only
=========  ==================================  ===============================================
Disc       geodesic distance ≤ radius, or its  in when its commune is the one the disc is
           commune is the one of the centre    centred on, else out
Unites     by its commune; by its point where  by its commune
           the commune is unknown, or is
           Paris, Lyon or Marseille and only
           some arrondissements are in
Polygone   in the polygon or on its border     by the reference point of its commune
Isochrone  as Polygone                         as Polygone
Tampon     in the area, or at most the         by its commune or its reference point, as the
           distance from its border            area inside
=========  ==================================  ===============================================

Operations follow: union is « ou », intersection « et », difference « et non ».
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from territory import communes, geo
from territory.perimeter import extent
from territory.perimeter.disc import Disc
from territory.perimeter.operations import Area, Difference, Intersection, Union
from territory.perimeter.rings import Outlined
from territory.perimeter.units import Unites

Mask = npt.NDArray[np.bool_]

#: Shortest degree of latitude of the ellipsoid, at the equator (110.574), rounded down.
_KM_PER_LATITUDE: Final = 110.57


@dataclass(frozen=True, eq=False)
class Places:
    """Places to be judged.

    Attributes
    ----------
    longitudes, latitudes
        Degrees, shape (n,); NaN where a place is known by its commune only.
    codes
        Commune code of each, shape (n,); a code no commune has, or a missing one, is unknown.
    """

    longitudes: geo.Array
    latitudes: geo.Array
    codes: pd.Index

    @classmethod
    def of(cls, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, codes: Any) -> Places:
        """Read columns of any kind; codes that are categories are compared once each."""
        if not isinstance(codes, pd.CategoricalIndex):
            codes = pd.Index(np.asarray(codes, dtype=object), dtype=object)
        return cls(
            np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float), codes
        )

    def __len__(self) -> int:
        return len(self.longitudes)

    @functools.cached_property
    def known(self) -> Mask:
        """Places whose commune code the base knows."""
        return np.asarray(_known_codes().get_indexer(self.codes) >= 0)

    @functools.cached_property
    def points(self) -> tuple[geo.Array, geo.Array]:
        """Own point of each place, else the reference point of its commune, else NaN."""
        lons, lats = self.longitudes.copy(), self.latitudes.copy()
        lost = np.flatnonzero(~(np.isfinite(lons) & np.isfinite(lats)))
        if len(lost):
            table = communes.table()[["longitude", "latitude"]]
            found = table.reindex(self.codes[lost].astype(object))
            lons[lost], lats[lost] = found.to_numpy(dtype=float).T
        return lons, lats


@functools.cache
def _known_codes() -> pd.Index:
    # Objects, not Arrow texts: a look-up of 5 000 codes then takes 1 ms rather than 270.
    known: pd.Index = pd.Index(np.asarray(communes.table().index, dtype=object), dtype=object)
    return known


def contains(area: Area, places: Places) -> Mask:
    """Tell which places are in an area, shape (n,)."""
    if isinstance(area, Disc):
        return measured_in_disc(area, places)[0]
    if isinstance(area, Unites):
        return _in_units(area, places)
    if isinstance(area, Outlined):
        return _covered(area.shape, *places.points)
    if isinstance(area, Union):
        return functools.reduce(np.logical_or, (contains(zone, places) for zone in area.zones))
    if isinstance(area, Intersection):
        return functools.reduce(np.logical_and, (contains(zone, places) for zone in area.zones))
    if isinstance(area, Difference):
        return contains(area.zone, places) & ~contains(area.sauf, places)
    lons, lats = places.points
    inside = contains(area.zone, places) | _covered(extent.geometry(area.zone), lons, lats)
    left = np.flatnonzero(~inside & np.isfinite(lons) & np.isfinite(lats))
    inside[left] = extent.near_border(area.zone, area.distance_km, lons[left], lats[left])
    return inside


def measured_in_disc(disc: Disc, places: Places) -> tuple[Mask, geo.Array]:
    """Tell which places are in a disc, and how far from its centre they are.

    Returns
    -------
    inside, distances
        Shape (n,); kilometres, NaN without coordinates, infinite for a place whose latitude alone
        tells that it is out.
    """
    home = np.zeros(len(places), dtype=bool)
    if disc.whole_communes:
        home = np.asarray(places.codes.isin(disc.whole_communes))
    # The shortest way between two parallels is a meridian.
    reach = disc.radius_km / _KM_PER_LATITUDE
    near = ~(np.abs(places.latitudes - disc.latitude) > reach)
    rows = np.flatnonzero(home | near)
    to = np.full(len(places), np.inf)
    to[rows] = geo.distance_km(
        disc.longitude, disc.latitude, places.longitudes[rows], places.latitudes[rows]
    )
    return home | (to <= disc.radius_km), to


def _in_units(area: Unites, places: Places) -> Mask:
    inside = np.asarray(places.codes.isin(area.place_codes))
    unsure = ~places.known | np.asarray(places.codes.isin(area.split_communes))
    unsure &= np.isfinite(places.longitudes) & np.isfinite(places.latitudes)
    rows = np.flatnonzero(unsure)
    if len(rows):
        shape = extent.geometry(area)
        inside[rows] = _covered(shape, places.longitudes[rows], places.latitudes[rows])
    return inside


def _covered(shape: Any, longitudes: geo.Array, latitudes: geo.Array) -> Mask:
    located = np.isfinite(longitudes) & np.isfinite(latitudes)
    inside = np.zeros(len(longitudes), dtype=bool)
    inside[located] = shapely.intersects_xy(shape, longitudes[located], latitudes[located])
    return inside
