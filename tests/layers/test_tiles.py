"""Tiles: what is encoded is what GDAL reads, without a hole, twice the same."""

from __future__ import annotations

import gzip

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pmtiles.reader import MemorySource, Reader, all_tiles

from layers import tiles
from layers.mvt import encode_layer
from territory import store

WORLD = 2 * 20_037_508.342789244


def grid(side: int, west: float, south: float, step: float):
    """A chessboard of side × side communes in four départements, two régions and one EPCI."""
    rows = [
        {
            "code_insee": f"{column:02d}{row:03d}", "nom": f"L’Île-{column}-{row}", "type": "COM",
            "code_departement": f"{2 * (column >= side / 2) + (row >= side / 2)}",
            "code_region": f"R{int(column >= side / 2)}",
            "code_epci": "200000001" if column < side / 2 else None, "nom_epci": "Agglo",
            "geometry": shapely.box(
                west + column * step, south + row * step,
                west + (column + 1) * step, south + (row + 1) * step,
            ),
        }
        for column in range(side)
        for row in range(side)
    ]
    table = gpd.GeoDataFrame(rows, crs=4326)
    table["nom_departement"] = "Dép. " + table["code_departement"]
    table["nom_region"] = "Région " + table["code_region"]
    return table.drop(columns="geometry"), table[["code_insee", "geometry"]]


@pytest.fixture(scope="module")
def toy():
    communes, contours = grid(6, 2.0, 46.0, 0.1)
    tiny = communes.iloc[[0]].assign(code_insee="99999", nom="Minuscule", type="ARM")
    point = gpd.GeoDataFrame(
        {"code_insee": ["99999"]}, geometry=[shapely.box(2, 46, 2.0001, 46.0001)], crs=4326
    )
    return pd.concat([communes, tiny]), pd.concat([contours, point])


@pytest.fixture(scope="module")
def archive(toy) -> bytes:
    return tiles.build(*toy)


def read(archive: bytes, layer: str, zoom: int, folder) -> gpd.GeoDataFrame:
    path = folder / "tuiles.pmtiles"
    path.write_bytes(archive)
    return pyogrio.read_dataframe(path, layer=layer, ZOOM_LEVEL=zoom, CLIP="NO")


def test_same_tables_same_bytes(toy, archive):
    communes, contours = toy
    shuffled = contours.sample(frac=1, random_state=1)
    assert tiles.build(communes.sample(frac=1, random_state=2), shuffled) == archive


def test_archive_describes_itself(archive):
    reader = Reader(MemorySource(archive))
    header, metadata = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (4, 10)
    assert header["min_lon_e7"] == 20_000_000
    assert [layer["id"] for layer in metadata["vector_layers"]] == list(tiles.LAYER_FIELDS)
    assert "IGN" in metadata["attribution"]


@pytest.mark.parametrize("zoom", range(tiles.MIN_ZOOM, tiles.MAX_ZOOM + 1))
def test_every_unit_is_in_the_tiles_of_every_zoom(toy, archive, zoom, tmp_path):
    communes = read(archive, "communes", zoom, tmp_path)
    assert set(communes["code"]) == set(toy[0].query("type == 'COM'")["code_insee"])
    assert set(communes["dep"]) == {"0", "1", "2", "3"}
    assert set(read(archive, "arrondissements", zoom, tmp_path)["nom"]) == {"Minuscule"}
    assert set(read(archive, "departements", zoom, tmp_path)["code"]) == {"0", "1", "2", "3"}
    assert set(read(archive, "regions", zoom, tmp_path)["nom"]) == {"Région R0", "Région R1"}
    assert set(read(archive, "epci", zoom, tmp_path)["code"]) == {"200000001"}


@pytest.mark.parametrize("zoom", [4, 7, 10])
def test_the_coverage_has_no_hole(toy, archive, zoom, tmp_path):
    drawn = shapely.union_all(read(archive, "communes", zoom, tmp_path).make_valid().to_numpy())
    whole = toy[1].to_crs(3857).union_all()
    pixel_m = WORLD / (512 << zoom)
    assert whole.buffer(-pixel_m).difference(drawn).area < 0.25 * pixel_m**2


@pytest.fixture(scope="module")
def embedded() -> bytes:
    return store.path("tuiles.pmtiles").read_bytes()


def test_embedded_tiles_hold_every_commune_at_the_first_zoom(embedded, whole_communes, tmp_path):
    assert len(embedded) < 17_000_000
    assert set(read(embedded, "communes", 4, tmp_path)["code"]) == set(whole_communes.index)


@pytest.mark.parametrize("zoom", [5, 7, 9])
def test_embedded_tiles_leave_no_hole_inland(embedded, zoom, tmp_path):
    """Champagne, far from any coast, where GDAL's own encoder left a hole of 33 pixels."""
    west, south, east, north = 330_000, 6_130_000, 560_000, 6_400_000
    communes = read(embedded, "communes", zoom, tmp_path).cx[west:east, south:north]
    drawn = shapely.union_all(communes.make_valid().to_numpy())
    pixel_m = WORLD / (512 << zoom)
    holes = shapely.get_parts(shapely.box(west, south, east, north).difference(drawn))
    assert shapely.area(holes).max(initial=0) < 0.1 * pixel_m**2


def test_small_tiles_are_gzipped_once(archive):
    for _, content in all_tiles(MemorySource(archive)):
        assert gzip.decompress(content)[:1] == b"\x1a"


class TestEncoding:
    """One polygon at a time, read back by GDAL."""

    @staticmethod
    def decode(content: bytes, tmp_path) -> gpd.GeoDataFrame:
        path = tmp_path / "0.pbf"
        path.write_bytes(content)
        return pyogrio.read_dataframe(path, X=0, Y=0, Z=0, CLIP="NO")

    @staticmethod
    def to_grid(shape, extent: int = 4096):
        """Back from EPSG:3857 to tile units."""
        return shapely.transform(
            shape, lambda m: (m * (1, -1) + WORLD / 2) * extent / WORLD
        )

    def test_hole_and_parts_survive(self, tmp_path):
        ring = shapely.Polygon(
            [(0, 0), (100, 0), (100, 100), (0, 100)], [[(10, 10), (10, 20), (20, 20), (20, 10)]]
        )
        shape = shapely.MultiPolygon([ring, shapely.box(200, 200, 300, 260)])
        content = encode_layer("l", np.array([shape]), {"nom": ["Œuf"]}, 4096)
        decoded = self.decode(content, tmp_path)
        assert decoded["nom"].tolist() == ["Œuf"]
        back = self.to_grid(decoded.geometry[0])
        assert back.symmetric_difference(shape).area == pytest.approx(0, abs=1e-3)

    def test_what_rounding_wipes_out_is_left_out(self):
        dust = np.array([shapely.box(1.1, 1.1, 1.2, 1.2), shapely.Polygon()])
        assert encode_layer("l", dust, {"nom": ["a", "b"]}, 4096) == b""
        assert encode_layer("l", np.array([], dtype=object), {"nom": []}, 4096) == b""

    def test_borders_round_the_same_on_both_sides(self, tmp_path):
        edge = [(50.4, 0), (47.3, 33.3), (52.6, 66.6), (50.4, 100)]
        left = shapely.Polygon([(0, 0), *edge, (0, 100)])
        right = shapely.Polygon([(100, 0), (100, 100), *edge[::-1]])
        content = encode_layer("l", np.array([left, right]), {"code": ["g", "d"]}, 4096)
        one, other = (self.to_grid(g) for g in self.decode(content, tmp_path).geometry)
        assert one.union(other).area == pytest.approx(100 * 100, abs=1e-2)
        assert one.intersection(other).area == pytest.approx(0, abs=1e-2)
