"""A sheet a map is drawn on, as SVG: the legal projection of the territory, north up."""

from __future__ import annotations

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely

from layers.base import WGS84


class Sheet:
    """A window of the ground and its projection on a sheet.

    Parameters
    ----------
    area
        What is in the middle, EPSG:4326.
    epsg
        Projection, see :func:`territory.geo.legal_epsg`.
    width, height
        Of the sheet, in its own units.
    margin
        Around the area, as a share of its longest side.
    """

    def __init__(
        self, area: shapely.Geometry, epsg: int, width: float, height: float, margin: float = 0.06
    ) -> None:
        self.width, self.height, self._epsg = width, height, epsg
        x0, y0, x1, y1 = (float(b) for b in gpd.GeoSeries([area], crs=WGS84).to_crs(
            epsg).total_bounds)
        around = margin * max(x1 - x0, y1 - y0)
        self._scale = min(width / (x1 - x0 + 2 * around), height / (y1 - y0 + 2 * around))
        # Origin of the sheet, so that the area is in its middle.
        self._left = (x0 + x1) / 2 - width / 2 / self._scale
        self._top = (y0 + y1) / 2 + height / 2 / self._scale
        west, south, east, north = map(float, shapely.bounds(area))
        #: Ground to look for neighbours in, EPSG:4326, a little more than the sheet shows.
        self.window = shapely.box(west, south, east, north).buffer(
            0.5 * max(east - west, north - south))

    def path(self, shapes: Iterable[shapely.Geometry], decimals: int = 1) -> str:
        """Write polygons (EPSG:4326) as the data of one SVG path.

        Points that fall on the same place once rounded are written once: neighbours still fit.
        """
        projected = gpd.GeoSeries(list(shapes), crs=WGS84).to_crs(self._epsg)
        rings, owners = shapely.get_coordinates(
            shapely.get_rings(shapely.get_parts(projected.to_numpy())), return_index=True
        )
        drawn = np.round(self._drawn(rings), decimals)
        if not len(drawn):
            return ""
        again = np.r_[False, (drawn[1:] == drawn[:-1]).all(axis=1) & (owners[1:] == owners[:-1])]
        drawn, owners = drawn[~again], owners[~again]
        cuts = np.flatnonzero(np.diff(owners)) + 1
        texts = [f"{x:.{decimals}f},{y:.{decimals}f}" for x, y in drawn]
        parts = np.split(np.arange(len(texts)), cuts)
        # Less than a triangle once rounded is no surface.
        return " ".join(
            f"M{' '.join(texts[part[0]:part[-1] + 1])}Z" for part in parts if len(part) > 3
        )

    def points(self, longitudes: Iterable[float], latitudes: Iterable[float]) -> np.ndarray:
        """Places (degrees) on the sheet, shape (n, 2)."""
        places = gpd.GeoSeries.from_xy(
            np.asarray(list(longitudes), dtype=float), np.asarray(list(latitudes), dtype=float),
            crs=WGS84,
        ).to_crs(self._epsg)
        return self._drawn(np.column_stack([places.x, places.y]))

    def _drawn(self, metres: np.ndarray) -> np.ndarray:
        return np.column_stack([
            self._scale * (metres[:, 0] - self._left), self._scale * (self._top - metres[:, 1])
        ]).reshape(-1, 2)
