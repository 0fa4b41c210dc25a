"""The perimeter: what the user draws, names or types, as one frozen object.

Areas (geodesic discs, drawn polygons, travel-time zones, whole communes, EPCI, départements and
régions) combined by union, intersection, difference and buffer. See :class:`Perimeter`; which
places are in is said in :mod:`territory.perimeter.membership`, canonical order in
:mod:`territory.perimeter.operations`.
"""

from __future__ import annotations

from territory.perimeter.center import Center, RepresentativePoint
from territory.perimeter.disc import (
    DEFAULT_RADIUS_KM,
    RADIUS_MAX_KM,
    RADIUS_MIN_KM,
    Disc,
    check_point,
    check_radius,
)
from territory.perimeter.drawn import Polygone
from territory.perimeter.form import EXPRESSION_VERSION, FORMAT_VERSION, MAX_FILE_BYTES
from territory.perimeter.inhabitants import Population
from territory.perimeter.isochrone import (
    MINUTES_MAX,
    MINUTES_MIN,
    MODES,
    Isochrone,
    Mode,
    check_minutes,
    check_mode,
)
from territory.perimeter.operations import (
    MAX_AREAS,
    MAX_DEPTH,
    Area,
    Difference,
    Intersection,
    Tampon,
    Union,
)
from territory.perimeter.parts import Part
from territory.perimeter.perimeter import Measured, Perimeter
from territory.perimeter.rings import MAX_VERTICES
from territory.perimeter.units import MAX_CODES, Unites

__all__ = [
    "DEFAULT_RADIUS_KM",
    "EXPRESSION_VERSION",
    "FORMAT_VERSION",
    "MAX_AREAS",
    "MAX_CODES",
    "MAX_DEPTH",
    "MAX_FILE_BYTES",
    "MAX_VERTICES",
    "MINUTES_MAX",
    "MINUTES_MIN",
    "MODES",
    "RADIUS_MAX_KM",
    "RADIUS_MIN_KM",
    "Area",
    "Center",
    "Difference",
    "Disc",
    "Intersection",
    "Isochrone",
    "Measured",
    "Mode",
    "Part",
    "Perimeter",
    "Polygone",
    "Population",
    "RepresentativePoint",
    "Tampon",
    "Union",
    "Unites",
    "check_minutes",
    "check_mode",
    "check_point",
    "check_radius",
]
