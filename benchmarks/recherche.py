"""Suppliers of a radius, distances included: ours beside what a user would otherwise write.

``python -m benchmarks.recherche --points 250000``. Same points, same centres, same radii; each way
answers with the rows found and their geodesic distances, nearest first. geopandas is given the
usual recipe (buffer in metres in the legal CRS, then a spatial join), whose planar distances differ
from geodesic ones: how many rows differ is told. PostGIS and DuckDB are given an index.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.points import places
from benchmarks.releve import Record, digest, main, memory_mb, timed
from territory import communes, geo
from territory.perimeter import Perimeter
from territory.suppliers import SupplierIndex

RADII_KM = (5, 30, 100)
CENTRES = {"Romans-sur-Isère": "26281", "Paris": "75056", "Rodez": "12202"}
#: Times each search is made, at least; the quick ones more, for half a second.
TIMES = 7
MOST_TIMES = 200


def _cases() -> list[tuple[str, float, float, int]]:
    return [
        (f"{name}, {radius} km", communes.get(code).longitude, communes.get(code).latitude, radius)
        for name, code in CENTRES.items() for radius in RADII_KM
    ]


def _taken(search: Callable[[], Any]) -> tuple[float, Any]:
    """Median of a search, milliseconds, and its answer."""
    once, _ = timed(search, 1)
    return timed(search, max(TIMES, min(MOST_TIMES, int(500 / once))))


def ours(arguments: argparse.Namespace) -> Iterable[Record]:
    points = places(arguments.points)
    preparation, index = timed(lambda: SupplierIndex(points), 1)
    yield {"mesure": "préparation", "ms": preparation}
    for name, lon, lat, radius in _cases():
        perimeter = Perimeter.around_point(lon, lat, radius)
        # What the index remembers of a perimeter already asked for would be no search.
        ms, (rows, _, _) = _taken(lambda p=perimeter: index._within(p))
        yield {"mesure": name, "ms": ms, "trouves": len(rows), "resultat": digest(rows)}
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


def geopandas_join(arguments: argparse.Namespace) -> Iterable[Record]:
    import geopandas as gpd
    import shapely

    points = places(arguments.points)

    def prepare() -> gpd.GeoDataFrame:
        shapes = gpd.points_from_xy(points["longitude"], points["latitude"], crs=4326)
        table = gpd.GeoDataFrame(points, geometry=shapes).to_crs(2154)
        table.sindex  # noqa: B018 - builds it
        return table

    preparation, table = timed(prepare, 1)
    yield {"mesure": "préparation", "ms": preparation}
    for name, lon, lat, radius in _cases():
        centre = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326)

        def search(centre: gpd.GeoSeries = centre, radius: int = radius) -> pd.DataFrame:
            there = centre.to_crs(2154)
            zone = gpd.GeoDataFrame(geometry=there.buffer(1000 * radius))
            found = table.sjoin(zone, predicate="within")
            return found.assign(km=found.distance(there.iloc[0]) / 1000).sort_values("km")

        ms, found = _taken(search)
        exact = geo.distance_km(lon, lat, points["longitude"], points["latitude"]) <= radius
        differing = len(np.setxor1d(np.flatnonzero(exact), found.index.to_numpy()))
        yield {"mesure": name, "ms": ms, "trouves": len(found), "resultat": digest(found.index),
               "differences": differing}
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


@contextmanager
def _server() -> Iterator[str]:
    """A PostgreSQL of its own on a socket, thrown away at the end."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        msg = "PostgreSQL n’est pas installé"
        raise SystemExit(msg)
    bin_dir = binaries[-1].parent
    with tempfile.TemporaryDirectory() as folder:
        shutil.chown(folder, "postgres")
        runner = ["runuser", "-u", "postgres", "--"]

        def run(*words: str) -> None:
            # The server inherits what it is started with: a pipe would never be closed.
            subprocess.run([*runner, *words], check=True, cwd=folder, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        run(str(bin_dir / "initdb"), "-D", f"{folder}/base", "-U", "postgres", "--auth=trust")
        options = (f"-k {folder} -c listen_addresses='' -c shared_buffers=2GB -c work_mem=256MB "
                   "-c maintenance_work_mem=1GB -c fsync=off")
        run(str(bin_dir / "pg_ctl"), "-D", f"{folder}/base", "-o", options, "-w", "start")
        try:
            yield f"host={folder} user=postgres dbname=postgres"
        finally:
            run(str(bin_dir / "pg_ctl"), "-D", f"{folder}/base", "-m", "immediate", "stop")


def postgis(arguments: argparse.Namespace) -> Iterable[Record]:
    import psycopg

    points = places(arguments.points)
    with _server() as address, psycopg.connect(address, autocommit=True) as database:
        database.execute("CREATE EXTENSION postgis")

        def prepare() -> None:
            database.execute("CREATE TABLE lieux (id int, lon float8, lat float8)")
            with database.cursor().copy("COPY lieux FROM STDIN") as copy:
                for row in zip(range(len(points)), points["longitude"], points["latitude"],
                               strict=True):
                    copy.write_row(row)
            database.execute("ALTER TABLE lieux ADD g geography(Point)")
            database.execute("UPDATE lieux SET g = ST_MakePoint(lon, lat)::geography")
            database.execute("CREATE INDEX ON lieux USING gist (g)")
            database.execute("VACUUM ANALYZE lieux")

        preparation, _ = timed(prepare, 1)
        yield {"mesure": "préparation", "ms": preparation}
        query = (
            "SELECT id, ST_Distance(g, c) AS m FROM lieux, "
            "(SELECT ST_MakePoint(%s, %s)::geography AS c) AS centre "
            "WHERE ST_DWithin(g, c, %s) ORDER BY m"
        )
        for name, lon, lat, radius in _cases():
            asked = (lon, lat, 1000.0 * radius)
            ms, found = _taken(lambda a=asked: database.execute(query, a).fetchall())
            yield {"mesure": name, "ms": ms, "trouves": len(found),
                   "resultat": digest(row[0] for row in found)}


def duckdb_spatial(arguments: argparse.Namespace) -> Iterable[Record]:
    import duckdb

    database = duckdb.connect()
    try:
        database.execute("INSTALL spatial")
        database.execute("LOAD spatial")
    except duckdb.Error:
        # The extension comes from its own repository, not with the package.
        yield {"mesure": "préparation", "echec": "l’extension « spatial » ne peut être téléchargée"}
        return
    points = places(arguments.points)  # noqa: F841 - read by the database under this name

    def prepare() -> None:
        database.execute("CREATE TABLE lieux AS SELECT row_number() OVER () - 1 AS id, longitude, "
                         "latitude, ST_Point(longitude, latitude) AS g FROM points")
        database.execute("CREATE INDEX i ON lieux USING RTREE (g)")

    preparation, _ = timed(prepare, 1)
    yield {"mesure": "préparation", "ms": preparation}
    for name, lon, lat, radius in _cases():
        query = (
            "SELECT id, ST_Distance_Spheroid(ST_Point(latitude, longitude), ST_Point(?, ?)) AS m "
            "FROM lieux WHERE ST_Within(g, ST_Buffer(ST_Point(?, ?), ?)) AND m <= ? ORDER BY m"
        )
        degrees = radius / 111 / np.cos(np.radians(lat))
        asked = (lat, lon, lon, lat, degrees * 1.05, 1000.0 * radius)
        ms, found = _taken(lambda q=query, a=asked: database.execute(q, a).fetchall())
        yield {"mesure": name, "ms": ms, "trouves": len(found),
               "resultat": digest(row[0] for row in found)}
    yield {"mesure": "mémoire", "memoire_mo": memory_mb()}


WAYS = {"Périmètre": ours, "geopandas, buffer et sjoin": geopandas_join,
        "PostGIS, ST_DWithin": postgis, "DuckDB spatial": duckdb_spatial}

if __name__ == "__main__":
    main("benchmarks.recherche", WAYS,
         lambda parser: parser.add_argument("--points", type=int, default=250_000))
