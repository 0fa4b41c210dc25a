"""The public tables behind the routes of the live map."""

from __future__ import annotations

import functools
from typing import Any, cast

import pandas as pd

from layers import web
from territory import communes, indicators, ptce, stocks, store
from territory.communes import Level
from ui.carte import annuaires, calculs
from ui.carte.archive import TileArchive

#: Towns named on the map, most populated first.
TOWN_COUNT = 8000


class EmbeddedTables:
    """What the routes serve, read from the embedded base."""

    def version(self) -> str:
        """Short digest of the embedded base."""
        return store.version()

    def zooms(self) -> tuple[int, int]:
        """First and last zoom of the vector tiles."""
        return self._archive.zooms

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """Gzipped MVT of one tile, None where there is nothing."""
        return self._archive.tile(z, x, y)

    @functools.cached_property
    def _archive(self) -> TileArchive:
        return TileArchive(store.path("tuiles.pmtiles"))

    def values(self, level: str, indicator: str) -> dict[str, Any] | None:
        """Codes, classes and values of an indicator; None when there is no such indicator."""
        if indicator not in indicators.INDICATORS:
            return None
        return web.indicator_values(indicator, cast("Level", level))

    def stock(self, level: str, name: str) -> dict[str, Any] | None:
        """Circles of a stock; None when there is no such stock."""
        return web.stock_columns(name, cast("Level", level)) if name in stocks.STOCKS else None

    def computed(self, key: str) -> bytes | None:
        """Gzipped JSON of values this or another replica computed, None when unknown."""
        return calculs.published(key)

    def points(self, table: str) -> dict[str, Any]:
        """Points of "ptce" or "villes", column-wise."""
        if table == "ptce":
            return web.ptce_columns(ptce.table())
        return web.town_columns(communes.table(), TOWN_COUNT)

    def structures(self, key: str | None) -> pd.DataFrame | None:
        """Give a published directory, or the embedded extract; None for an unknown key."""
        return store.read("ess_structures") if key is None else annuaires.published(key)
