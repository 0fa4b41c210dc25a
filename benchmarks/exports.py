"""Files of all France: ours beside the plain writers of geopandas and pandas.

``python -m benchmarks.exports``. Communes with their contours and indicators, then a synthetic list
of 250 000 suppliers. Ours add the sources, vintages and licences, neutralise formulas, round
coordinates and declare the columns; the plain writers write the table as it is.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from benchmarks import national
from benchmarks.releve import Record, main, memory_mb, timed
from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import catalog, communes, indicators

CONTEXT = ExportContext(
    title="Mesure", sources=(catalog.SOURCES["communes"], catalog.SOURCES["dgcl"])
)
GEOGRAPHIC = ("geojson", "gpkg", "geoparquet")
FLAT = ("csv", "xlsx")


def _country() -> gpd.GeoDataFrame:
    table = indicators.table("commune")
    shapes = communes.contours().reindex(table["code"]).to_numpy()
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def _record(what: str, write: Callable[[], int]) -> Record:
    ms, size = timed(write, 1)
    return {"mesure": what, "ms": ms, "octets": size}


def ours(arguments: argparse.Namespace) -> Iterable[Record]:
    country = _country()
    for name in GEOGRAPHIC:
        yield _record(f"communes de France, {FORMATS[name].label}",
                      lambda name=name: len(FORMATS[name].write(country, CONTEXT)))
    listed = national.employers(arguments.lignes)
    for name in FLAT:
        yield _record(f"250 000 structures, {FORMATS[name].label}",
                      lambda name=name: len(FORMATS[name].write(listed, CONTEXT)))
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def plain(arguments: argparse.Namespace) -> Iterable[Record]:
    country = _country()
    with tempfile.TemporaryDirectory() as folder:
        def geographic(name: str) -> int:
            path = Path(folder) / f"f.{name}"
            if name == "geoparquet":
                country.to_parquet(path)
            else:
                country.to_file(path, driver={"geojson": "GeoJSON", "gpkg": "GPKG"}[name])
            return path.stat().st_size

        def flat(name: str, table: pd.DataFrame) -> int:
            path = Path(folder) / f"f.{name}"
            if name == "csv":
                table.to_csv(path, index=False)
            else:
                table.to_excel(path, index=False)
            return path.stat().st_size

        for name in GEOGRAPHIC:
            yield _record(f"communes de France, {FORMATS[name].label}",
                          lambda name=name: geographic(name))
        listed = national.employers(arguments.lignes)
        for name in FLAT:
            yield _record(f"250 000 structures, {FORMATS[name].label}",
                          lambda name=name: flat(name, listed))
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


WAYS = {"Périmètre": ours, "to_file, to_parquet, to_csv, to_excel": plain}

if __name__ == "__main__":
    main("benchmarks.exports", WAYS,
         lambda parser: parser.add_argument("--lignes", type=int, default=250_000))
