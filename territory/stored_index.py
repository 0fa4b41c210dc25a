"""An index of structures that stay where they are stored: only those near come to be judged."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from territory.perimeter import Perimeter
from territory.suppliers import SupplierIndex

#: Perimeters whose structures are remembered; a wide one takes some megabytes.
_REMEMBERED: Final = 16


class StoredIndex(SupplierIndex):
    """Structures of a database, searched there; same answers as :class:`SupplierIndex`.

    Parameters
    ----------
    read
        Perimeter → the structures that may be in it, a few more than are, in the order of the
        whole table, with their position in it as ``id``; None → the whole table, which comes at
        the first call of what is about all structures, and stays.
    """

    def __init__(self, read: Callable[[Perimeter | None], pd.DataFrame]) -> None:
        # Not that of the parent, which builds its trees over a table held in memory.
        def index(perimeter: Perimeter | None) -> SupplierIndex:
            return SupplierIndex(read(perimeter))

        self._near = functools.lru_cache(maxsize=_REMEMBERED)(index)
        self._all = functools.cache(index)
        self._turn = threading.Lock()

    @property
    def _whole(self) -> SupplierIndex:
        # Whoever comes while it is read waits for that one: two would take twice the memory.
        with self._turn:
            return self._all(None)

    @property
    def table(self) -> pd.DataFrame:  # type: ignore[override]
        """The whole table."""
        return self._whole.table

    @property
    def units(self) -> tuple[np.ndarray, pd.DataFrame]:
        """Units the structures are in, see :attr:`SupplierIndex.units`."""
        return self._whole.units

    def distances_km(self, longitude: float, latitude: float) -> np.ndarray:
        """Distances of all the rows, see :meth:`SupplierIndex.distances_km`."""
        return self._whole.distances_km(longitude, latitude)

    def found(
        self, perimeter: Perimeter
    ) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
        """Table of the structures near a perimeter, and what is in it, positions being in it."""
        near = self._near(perimeter)
        return near.table, *near.within(perimeter)

    def within(self, perimeter: Perimeter) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Positions in the whole table, see :meth:`SupplierIndex.within`."""
        table, rows, distances, ranks = self.found(perimeter)
        return table["id"].to_numpy()[rows], distances, ranks
