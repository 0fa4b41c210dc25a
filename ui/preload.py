"""What the first visitor would otherwise wait for, read while the server starts."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import threading

import pyarrow as pa

from layers.choropleth import national_classes
from territory import communes, indicators, national_list, ptce, settings, suppliers
from territory.errors import TerritoryError
from ui import calcul

#: Pages import these; folium and the spreadsheet writer take most of a second.
_MODULES = ("ui.search", "ui.results", "ui.downloads", "ui.mapping", "ui.valeurs")


def start() -> None:
    """Read the tables of the first screen and of the first search in a thread of their own."""
    threading.Thread(target=_read, name="preload", daemon=True).start()


def _read() -> None:
    # A damaged base is said by the page that needs it; the server starts all the same.
    with contextlib.suppress(TerritoryError):
        for module in _MODULES:
            importlib.import_module(module)
        for indicator in indicators.INDICATORS:
            national_classes(indicator)
        communes.find("paris")
        suppliers.embedded()
        national_list.prepare(settings.load())
        ptce.table()
        # The first point drawn by hand is named after the commune that holds it.
        communes.at(2.35, 48.85)
        calcul.warm()
        # The legends count units: they read which there are.
        importlib.import_module("ui.mapping").warm()
    _give_back()


def _give_back() -> None:
    """Return to the system what reading the tables left free: it keeps a tenth of the memory.

    A C library that has no such call does nothing.
    """
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
