"""Contours of communes as a valid coverage: no hole, no overlap, shared borders identical.

The package's contours come from several updates: communes that absorbed a neighbour kept their
old contour (leaving holes), a few have none, and about 200 km of borders differ on their two
sides. The functions here are pure; :func:`repair` is the one to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from territory import geo

#: Widest sliver, in degrees (about 110 m), closed between two contours; real enclaves are wider.
GAP_WIDTH = 0.001

#: Vertices kept by the simplified level: tolerance in degrees, about 800 m. An effective-area
#: (Visvalingam) simplification that treats a shared border once, GEOS ``coverage_simplify``.
SIMPLIFY_TOLERANCE = 0.008

_Geometries = Any


def holes(geometries: _Geometries) -> _Geometries:
    """Interior rings of the union of a set of polygons, as polygons, shape (n,)."""
    parts = shapely.get_parts(shapely.union_all(geometries))
    rings = [
        shapely.get_interior_ring(part, index)
        for part in parts
        for index in range(shapely.get_num_interior_rings(part))
    ]
    return shapely.polygons(rings) if rings else np.array([], dtype=object)


def repair(
    contours: gpd.GeoSeries, earlier: gpd.GeoDataFrame, passage: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Make a valid coverage of commune contours.

    Three steps: communes re-created from a commune nouvelle take the contour of the commune
    déléguée they were; each hole goes to the commune that absorbed the earlier commune lying
    there; remaining mismatched edges are resolved by GEOS ``coverage_clean``.

    Parameters
    ----------
    contours
        EPSG:4326, indexed by current commune code; missing where the package has none.
    earlier
        EPSG:4326, columns ``code``, ``type`` (COM, COMD…), ``geometry``: an earlier vintage.
    passage
        Abolished code → current code.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed like ``contours``: ``geometry`` and ``contour_origine`` (``source``, ``complete``
        or ``reconstitue``).
    """
    shapes = contours.to_numpy().copy()
    origin = pd.Series("source", index=contours.index)
    position = {code: i for i, code in enumerate(contours.index)}

    known = earlier[~shapely.is_missing(earlier.geometry.to_numpy())]
    delegated = known[known["type"] == "COMD"].set_index("code").geometry
    former = known[known["type"] == "COM"]

    missing = [c for c in contours.index if shapely.is_missing(shapes[position[c]])]
    for code in missing:
        if code in delegated.index and code not in passage:
            shape = delegated[code]
            _cut(shapes, shape)
            shapes[position[code]] = shape
            origin[code] = "reconstitue"

    tree = shapely.STRtree(former.geometry.to_numpy())
    gaps = holes(shapes[~shapely.is_missing(shapes)])
    for gap in gaps:
        inside = tree.query(shapely.point_on_surface(gap), predicate="within")
        current = {
            passage.get(code, code) for code in former["code"].to_numpy()[inside]
        } & set(position)
        # A hole with no former commune inside is foreign ground (Llívia) or a sliver for later.
        for code in current:
            index = position[code]
            absent = shapely.is_missing(shapes[index])
            shapes[index] = gap if absent else shapely.union(shapes[index], gap)
            origin[code] = "reconstitue" if absent else "complete"

    left = contours.index[shapely.is_missing(shapes)]
    if len(left):
        msg = f"no contour could be found for {', '.join(left)}"
        raise ValueError(msg)
    # types-shapely stops at shapely 2.1; coverage_clean is of 2.2.
    cleaned = shapely.coverage_clean(shapes, gap_width=GAP_WIDTH)  # type: ignore[attr-defined]
    return gpd.GeoDataFrame(
        {"contour_origine": origin},
        geometry=gpd.GeoSeries(_multi(cleaned), index=contours.index, crs=4326),
    )


def _cut(shapes: _Geometries, shape: Any) -> None:
    """Remove a shape, in place, from every contour that overlaps it."""
    for i in np.flatnonzero(shapely.intersects(shapes, shape)):
        shapes[i] = shapely.difference(shapes[i], shape)


def _multi(geometries: _Geometries) -> _Geometries:
    """Give every contour the same type, MultiPolygon, dropping what is not a surface."""
    result = np.empty(len(geometries), dtype=object)
    for i, geometry in enumerate(geometries):
        parts = shapely.get_parts(geometry)
        polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        result[i] = shapely.multipolygons(polygons)
    return result


def simplify(contours: gpd.GeoSeries, tolerance: float = SIMPLIFY_TOLERANCE) -> gpd.GeoSeries:
    """Simplify a coverage, each shared border once, so that neighbours still fit exactly."""
    return gpd.GeoSeries(
        _multi(shapely.coverage_simplify(contours.to_numpy(), tolerance)),
        index=contours.index,
        crs=contours.crs,
    )


def dissolve(contours: gpd.GeoSeries, groups: pd.Series) -> gpd.GeoSeries:
    """Contours of larger units made from a coverage of communes.

    Parameters
    ----------
    contours
        Valid coverage, EPSG:4326, indexed by commune.
    groups
        Code of the unit of each commune, same index; communes without a unit are left out.

    Returns
    -------
    geopandas.GeoSeries
        EPSG:4326, indexed by unit code, sorted.
    """
    codes = sorted(groups.dropna().unique())
    shapes = [
        shapely.coverage_union_all(contours[(groups == code).to_numpy()].to_numpy())
        for code in codes
    ]
    return gpd.GeoSeries(_multi(np.array(shapes, dtype=object)), index=codes, crs=contours.crs)


def reference_points(contours: gpd.GeoSeries, town_halls: _Geometries) -> pd.DataFrame:
    """Point that stands for each commune.

    Parameters
    ----------
    contours
        EPSG:4326.
    town_halls
        Point or None, same order.

    Returns
    -------
    pandas.DataFrame
        Indexed like ``contours``: ``longitude``, ``latitude`` (degrees, 6 decimals, about 10 cm)
        and ``point_reference``: ``mairie`` when the town hall lies in the contour, else
        ``interieur``, a point inside the largest part.
    """
    shapes = contours.to_numpy()
    usable = ~shapely.is_missing(town_halls) & ~shapely.is_empty(town_halls)
    within = usable & shapely.covers(shapes, np.where(usable, town_halls, None))
    points = np.where(within, town_halls, shapely.point_on_surface(shapes))
    return pd.DataFrame(
        {
            "longitude": np.round(shapely.get_x(points), 6),
            "latitude": np.round(shapely.get_y(points), 6),
            "point_reference": np.where(within, "mairie", "interieur"),
        },
        index=contours.index,
    )


def areas(contours: gpd.GeoSeries) -> pd.Series:
    """Geodesic areas, square kilometres, 3 decimals, indexed like the contours."""
    return pd.Series(np.round(geo.area_km2(contours.to_numpy()), 3), index=contours.index)
