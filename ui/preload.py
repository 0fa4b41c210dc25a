"""What the first visitor would otherwise wait for, read while the server starts."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import threading

import pyarrow as pa

from layers.choropleth import national_classes
from territory import communes, indicators, national_list, ptce, settings, suppliers
from territory.errors import TerritoryError
from ui import calcul

#: Pages import these; folium and the spreadsheet writer take most of a second.
_MODULES = ("ui.composition", "ui.fichier", "ui.search", "ui.results", "ui.downloads", "ui.mapping",
            "ui.valeurs")


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
    _settle()


def _settle() -> None:
    """Set aside what was read, and return to the system what reading left free.

    The tables stay as long as the server: to go through their objects again at each full
    collection costs every page a tenth of a second now and then. A C library that has no call to
    give memory back does nothing.
    """
    gc.collect()
    gc.freeze()
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
