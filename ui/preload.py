"""What the first visitor would otherwise wait for, read while the server starts."""

from __future__ import annotations

import contextlib
import importlib
import threading

from layers.choropleth import national_classes
from territory import communes, directory, indicators, ptce, settings, suppliers
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
        directory.prepare(settings.load())
        ptce.table()
        # The first point drawn by hand is named after the commune that holds it.
        communes.at(2.35, 48.85)
        calcul.warm()
