"""The perimeter object."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from territory import communes, geo
from territory.communes import Commune
from territory.errors import InvalidInputError
from territory.perimeter import extent, form, inhabitants, wording
from territory.perimeter.center import Center, RepresentativePoint
from territory.perimeter.disc import Disc, check_point, check_radius
from territory.perimeter.drawn import Polygone
from territory.perimeter.inhabitants import Population
from territory.perimeter.isochrone import Isochrone
from territory.perimeter.membership import Mask, Places, contains, measured_in_disc
from territory.perimeter.operations import (
    Area,
    Leaf,
    Tampon,
    Union,
    difference,
    intersection,
    leaves,
    replaced,
    union,
)
from territory.perimeter.parts import Part, parts
from territory.perimeter.units import Unites


@dataclass(frozen=True, eq=False)
class Measured:
    """Places judged and measured.

    Attributes
    ----------
    inside
        Shape (n,).
    distances_km
        Geodesic, to the center of rank ``ranks``, shape (n,); NaN without coordinates, infinite
        outside.
    ranks
        Rank in ``Perimeter.centers``, shape (n,): the nearest of those whose disc or travel-time
        zone holds the place, else the nearest of all.
    """

    inside: Mask
    distances_km: geo.Array
    ranks: npt.NDArray[np.int_]


@dataclass(frozen=True)
class Perimeter:
    """A union of areas, at least one.

    Discs alone keep the order they are given in: the first is the one screens show. Any other
    union is put in canonical order (see :mod:`territory.perimeter.operations`), so that equal
    meanings are equal objects with one digest.

    Attributes
    ----------
    areas
        Discs, drawn areas, travel-time zones, units, and operations on them.
    """

    areas: tuple[Area, ...]

    def __post_init__(self) -> None:
        if not self.areas:
            msg = "Un périmètre a au moins un centre."
            raise InvalidInputError(msg)
        if not self.only_discs:
            whole = union(self.areas)
            object.__setattr__(self, "areas", whole.zones if isinstance(whole, Union) else (whole,))

    # --- Making one ---------------------------------------------------------------------------

    @classmethod
    def around_commune(cls, commune: Commune, radius_km: object) -> Perimeter:
        """Disc centred on the reference point of a commune, which is wholly in."""
        return cls(
            (Disc(commune.longitude, commune.latitude, check_radius(radius_km),
                  commune.code_insee),)
        )

    @classmethod
    def around_point(cls, longitude: object, latitude: object, radius_km: object) -> Perimeter:
        """Disc centred on a point, degrees."""
        lon, lat = check_point(longitude, latitude)
        return cls((Disc(lon, lat, check_radius(radius_km)),))

    @classmethod
    def of_units(cls, *codes: str) -> Perimeter:
        """Whole units by code: ``26281``, ``200068781`` (EPCI), ``26``, ``R84``.

        Raises
        ------
        InvalidInputError
            No code, or one that no unit has.
        """
        return cls((Unites(codes),))

    @classmethod
    def of_shape(cls, shape: shapely.Geometry, nom: str = "") -> Perimeter:
        """Drawn area, a shapely Polygon or MultiPolygon in EPSG:4326.

        Raises
        ------
        InvalidInputError
            No surface, too many vertices, too far from France, or a name that is not accepted.
        """
        return cls((Polygone.of(shape, nom),))

    @classmethod
    def of_isochrone(cls, isochrone: Isochrone) -> Perimeter:
        """Places reached in some minutes: :meth:`Isochrone.estimate`, or what a service drew."""
        return cls((isochrone,))

    def with_radius(self, radius_km: object) -> Perimeter:
        """Return the same centres with another radius; what is taken away does not change.

        Raises
        ------
        InvalidInputError
            The radius is out of bounds, or the perimeter has no disc.
        """
        radius = check_radius(radius_km)
        if not self.discs:
            msg = "Ce périmètre n’a pas de rayon : il ne contient aucun disque."
            raise InvalidInputError(msg)

        def change(leaf: Leaf) -> Leaf:
            return replace(leaf, radius_km=radius) if isinstance(leaf, Disc) else leaf

        return Perimeter(tuple(replaced(area, change) for area in self.areas))

    # --- Operations ---------------------------------------------------------------------------

    @functools.cached_property
    def area(self) -> Area:
        """The whole as one expression, in canonical form."""
        return union(self.areas)

    def union(self, other: Perimeter) -> Perimeter:
        """Places of one or the other."""
        return _perimeter(union([self.area, other.area]))

    def intersection(self, other: Perimeter) -> Perimeter:
        """Places of both."""
        return _perimeter(intersection([self.area, other.area]))

    def difference(self, other: Perimeter) -> Perimeter:
        """Places that are not in the other."""
        return _perimeter(difference(self.area, other.area))

    def tampon(self, distance_km: object) -> Perimeter:
        """Places in it or at most some kilometres from it (0.1 to 300, geodesic)."""
        return _perimeter(Tampon(self.area, check_radius(distance_km)))

    __or__ = union
    __and__ = intersection
    __sub__ = difference

    # --- What it is made of -------------------------------------------------------------------

    @property
    def only_discs(self) -> bool:
        """Whether it is a plain union of discs."""
        return all(isinstance(area, Disc) for area in self.areas)

    @property
    def discs(self) -> tuple[Disc, ...]:
        """Discs of the perimeter, those taken away left out; may be empty."""
        discs = [leaf for leaf in self._leaves() if isinstance(leaf, Disc)]
        return tuple(discs) if self.only_discs else tuple(dict.fromkeys(discs))

    @property
    def isochrones(self) -> tuple[Isochrone, ...]:
        """Travel-time zones of the perimeter, those taken away left out; may be empty."""
        found = [leaf for leaf in self._leaves() if isinstance(leaf, Isochrone)]
        return tuple(dict.fromkeys(found))

    @property
    def disc(self) -> Disc | None:
        """The disc of a perimeter that is only that, None for any other."""
        return self.discs[0] if self.only_discs and len(self.areas) == 1 else None

    @functools.cached_property
    def centers(self) -> tuple[Center, ...]:
        """What distances are measured from.

        The centres of its discs and the departures of its travel-time zones, else one
        representative point.
        """
        return (*self.discs, *self.isochrones) or (self._representative,)

    @property
    def _representative(self) -> RepresentativePoint:
        area = self.areas[0]
        if len(self.areas) == 1 and isinstance(area, Unites) and len(area.communes) == 1:
            home = communes.get(area.communes[0])
            return RepresentativePoint(home.longitude, home.latitude, home.code_insee)
        shape = extent.geometry(self.area)
        if shape.is_empty:
            # Nothing is in: any point will do, and this one is where the person looks.
            first = next(iter(self._leaves()))
            shape = extent.geometry(first)
        parts = shapely.get_parts(shape)
        largest = parts[int(np.argmax(shapely.area(parts)))]
        inside = shapely.point_on_surface(largest)
        return RepresentativePoint(round(inside.x, 6), round(inside.y, 6))

    def parts(self) -> tuple[Part, ...]:
        """Its parts, each with what would be left without it; see :func:`parts.parts`."""
        return parts(self.areas)

    def _leaves(self) -> Iterable[Leaf]:
        return (leaf for area in self.areas for leaf in leaves(area, excluded=False))

    # --- Places -------------------------------------------------------------------------------

    def contains(
        self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, codes: Any
    ) -> Mask:
        """Tell which places are in.

        Parameters
        ----------
        longitudes, latitudes
            Degrees, shape (n,); NaN where a place is known by its commune only.
        codes
            Commune code of each place, shape (n,).

        Returns
        -------
        numpy.ndarray
            Booleans, shape (n,).
        """
        return self._contains(Places.of(longitudes, latitudes, codes))

    def _contains(self, places: Places) -> Mask:
        inside: Mask = np.logical_or.reduce([contains(area, places) for area in self.areas])
        return inside

    def measured(
        self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, codes: Any
    ) -> Measured:
        """Judge places and measure those that are in; parameters of :meth:`contains`."""
        places = Places.of(longitudes, latitudes, codes)
        only = self.disc
        if only is not None:
            # Judged by the very distance that is asked: a disc measures its places once.
            inside, to = measured_in_disc(only, places)
            return Measured(inside, np.where(inside, to, np.inf), np.zeros(len(places), dtype=int))
        inside = self._contains(places)
        distances = np.full(len(places), np.inf)
        ranks = np.zeros(len(places), dtype=int)
        held = np.zeros(len(places), dtype=bool)
        rows = np.flatnonzero(inside)
        here = Places(places.longitudes[rows], places.latitudes[rows], places.codes[rows])
        for rank, center in enumerate(self.centers):
            to = geo.distance_km(
                center.longitude, center.latitude, here.longitudes, here.latitudes
            )
            holds = np.ones(len(rows), dtype=bool)
            if isinstance(center, Disc):
                holds = (to <= center.radius_km) | np.asarray(
                    here.codes.isin(center.whole_communes)
                )
            elif isinstance(center, Isochrone):
                holds = contains(center, here)
            better = (holds & ~held[rows]) | ((holds == held[rows]) & ~(to >= distances[rows]))
            distances[rows[better]] = to[better]
            ranks[rows[better]] = rank
            held[rows] |= holds
        return Measured(inside, distances, ranks)

    def distances_km(
        self, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike, codes: pd.Series | pd.Index
    ) -> tuple[npt.NDArray[np.bool_], geo.Array]:
        """Tell which places are in, and how far from the nearest centre that holds them.

        Without any, distances are from a representative point: :meth:`distance_depuis` says from
        what.

        Parameters
        ----------
        longitudes, latitudes
            Degrees, shape (n,); NaN where a place is known by its commune only.
        codes
            Commune code of each place, shape (n,).

        Returns
        -------
        inside, distances
            Shape (n,); kilometres, infinite outside or without coordinates.
        """
        found = self.measured(longitudes, latitudes, codes)
        distances = np.where(np.isnan(found.distances_km), np.inf, found.distances_km)
        return found.inside, distances

    def distance_depuis(self, ranks: npt.ArrayLike) -> npt.NDArray[np.object_]:
        """Say what each distance is measured from, in French, for the ranks of :meth:`measured`."""
        labels = np.array([center.center_label for center in self.centers], dtype=object)
        chosen: npt.NDArray[np.object_] = labels[np.asarray(ranks, dtype=int)]
        return chosen

    # --- Ground and people --------------------------------------------------------------------

    def outline(self, points: int = 180, margin_km: float = 0.0) -> Any:
        """Outline as a polygon or multipolygon, EPSG:4326, wider by a margin.

        Of discs alone it shows the circles; a centre commune that juts out is in too. Of any other
        expression it is the ground itself, circles of 720 points, and may be empty.
        """
        if self.only_discs:
            return shapely.union_all([disc.outline(points, margin_km) for disc in self.discs])
        return extent.widened(extent.geometry(self.area), margin_km)

    @property
    def reach_km(self) -> float:
        """Largest radius of its discs; of any other expression, half the diagonal of its box."""
        if self.only_discs:
            return max(disc.radius_km for disc in self.discs)
        shape = extent.geometry(self.area)
        if shape.is_empty:
            return 0.0
        west, south, east, north = shape.bounds
        return float(geo.distance_km(west, south, [east], [north])[0]) / 2

    def area_km2(self) -> float:
        """Geodesic area (WGS 84), sea and foreign ground included, square kilometres."""
        return float(extent.areas_km2(np.array([extent.geometry(self.area)], dtype=object))[0])

    def possible_communes(self, margin_km: float = 0.0) -> frozenset[str]:
        """Codes of every commune that may hold a place of it, arrondissements for three of them.

        All but units are widened by the margin; their places are known by code.
        """
        return extent.possible_communes(self.area, margin_km)

    def communes_touched(self) -> pd.DataFrame:
        """Communes touched, wholly or partly; see :func:`inhabitants.communes_touched`."""
        return inhabitants.communes_touched(self.area)

    def population(self) -> Population:
        """Inhabitants, known in whole communes and estimated by area in cut ones."""
        return inhabitants.population(self.communes_touched())

    # --- Words and files ----------------------------------------------------------------------

    def sentence(self) -> str:
        """Say the perimeter in French, for screens and files."""
        return wording.sentence(self.areas)

    def notes(self) -> tuple[str, ...]:
        """Say what its travel-time zones rest on, one French sentence each, removed ones too."""
        return tuple(zone.note() for zone in self._every_isochrone())

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Keys of ``catalog.SOURCES`` of what a service drew of it."""
        drawn = any(not zone.estimated for zone in self._every_isochrone())
        return ("isochrones",) if drawn else ()

    def _every_isochrone(self) -> Iterable[Isochrone]:
        every = (leaf for area in self.areas for leaf in leaves(area))
        return dict.fromkeys(leaf for leaf in every if isinstance(leaf, Isochrone))

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form: sorted, complete, readable; see ``docs/schema``."""
        return form.write(self.areas, self.sentence())

    @classmethod
    def from_json(cls, content: object) -> Perimeter:
        """Read the JSON form; a file by someone else is untrusted.

        Raises
        ------
        InvalidInputError
            The form, version, types, bounds, sizes or codes are wrong.
        """
        return cls(form.read(content))

    @classmethod
    def from_bytes(cls, content: bytes) -> Perimeter:
        """Read the bytes of a JSON file, 5 MB at most; errors of :meth:`from_json`."""
        return cls(form.read(form.parse(content)))

    def digest(self) -> str:
        """Short digest of the JSON form, the same on any machine."""
        return form.digest(self.to_json())


def _perimeter(area: Area) -> Perimeter:
    """Make a perimeter of an expression; a union of discs gives its discs, in canonical order."""
    return Perimeter(area.zones if isinstance(area, Union) else (area,))
