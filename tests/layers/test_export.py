"""Every format gives the same rows back, keeps codes as text, and runs nothing."""

from __future__ import annotations

import io
import itertools
import json

import geopandas as gpd
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest

from layers.export import FORMATS
from layers.export.cells import neutral
from tests.layers.conftest import HOSTILE_NAMES

TEXTS = ["siret", "code_insee", "code_departement", "commune"]


def read_back(name: str, content: bytes, context, columns, folder) -> pd.DataFrame:
    """Read a file the way its users do, columns under their machine names."""
    stream = io.BytesIO(content)
    names = {column.label: column.name for column in context.columns(columns)}
    if name == "csv":
        return pd.read_csv(stream, dtype=dict.fromkeys(TEXTS, str), keep_default_na=True)
    if name == "csv_excel":
        labels = {column.name: column.label for column in context.columns(columns)}
        texts = {labels[column]: str for column in TEXTS}
        table = pd.read_csv(stream, sep=";", decimal=",", encoding="utf-8-sig", dtype=texts)
        return table.rename(columns=names)
    if name == "xlsx":
        rows = list(openpyxl.load_workbook(stream)["Fournisseurs"].iter_rows(values_only=True))
        return pd.DataFrame(rows[1:], columns=[names[label] for label in rows[0]])
    if name == "geoparquet":
        return gpd.read_parquet(stream)
    path = folder / f"f.{FORMATS[name].extension}"
    path.write_bytes(content)
    return pyogrio.read_dataframe(path)


@pytest.mark.parametrize("name", FORMATS)
def test_what_goes_in_comes_out(name, suppliers, context, tmp_path):
    content = FORMATS[name].write(suppliers, context)
    table = read_back(name, content, context, suppliers.columns, tmp_path)
    assert len(table) == len(suppliers)
    for column in TEXTS:
        assert table[column].fillna("").tolist() == suppliers[column].tolist()
    for column in ("distance_km", "longitude", "latitude"):
        numbers = pd.to_numeric(table[column]).to_numpy(dtype=float)
        assert numbers == pytest.approx(suppliers[column].to_numpy(), nan_ok=True)
    assert [n.removeprefix("'") for n in table["nom"]] == list(HOSTILE_NAMES)
    if FORMATS[name].geographic:
        assert table.crs.to_epsg() == 4326
        assert table.geometry.isna().tolist() == [False, False, False, True]
        assert table.geometry.iloc[1].x == pytest.approx(8.7381234567, abs=1e-7)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_result_is_a_file_too(name, suppliers, context, tmp_path):
    content = FORMATS[name].write(suppliers.iloc[:0], context)
    assert read_back(name, content, context, suppliers.columns, tmp_path).empty


@pytest.mark.parametrize("name", [n for n in FORMATS if n != "gpkg"])
def test_same_table_same_bytes(name, suppliers, context):
    write = FORMATS[name].write
    assert write(suppliers, context) == write(suppliers, context)


@pytest.mark.parametrize("name", FORMATS)
def test_the_table_is_not_touched(name, suppliers, context):
    before = suppliers.copy(deep=True)
    FORMATS[name].write(suppliers, context)
    pd.testing.assert_frame_equal(suppliers, before)


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@x", "\tx", "\rx", " =x", "＝x"])
def test_formulas_become_texts(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("value", ["01004", "L’Haÿ-les-Roses", "", -2.5, None, "a=b"])
def test_the_rest_is_left_alone(value):
    assert neutral(value) == value


def test_no_cell_of_a_csv_begins_like_a_formula(suppliers, context):
    for name in ("csv", "csv_excel"):
        text = FORMATS[name].write(suppliers, context).decode("utf-8-sig")
        assert "=HYPERLINK" in text
        assert "'=HYPERLINK" in text


def test_french_csv_has_its_habits(suppliers, context):
    content = FORMATS["csv_excel"].write(suppliers, context)
    assert content.startswith(b"\xef\xbb\xbf")
    head, first, *_ = content.decode("utf-8-sig").split("\r\n")
    assert "Code Insee;" in head
    assert ";01004;" in first
    assert "12,345" in content.decode()


def test_machine_csv_has_its_own(suppliers, context):
    content = FORMATS["csv"].write(suppliers, context)
    assert content.decode().splitlines()[0].split(",") == list(suppliers.columns)
    assert b"12.345" in content


class TestWorkbook:
    @pytest.fixture
    def book(self, suppliers, context):
        return openpyxl.load_workbook(io.BytesIO(FORMATS["xlsx"].write(suppliers, context)))

    def test_nothing_is_a_formula_or_a_link(self, book):
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert not any(cell.hyperlink for cell in cells)

    def test_codes_are_texts_and_distances_numbers(self, book):
        sheet = book["Fournisseurs"]
        row = {head.value: cell for head, cell in zip(sheet[1], sheet[3], strict=True)}
        assert row["Code Insee"].value == "2A004"
        assert row["Code Insee"].number_format == "@"
        assert row["Distance (km)"].value == 12.345
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None

    def test_readme_says_where_it_comes_from(self, book, context):
        rows = book["Lisez-moi"].iter_rows(values_only=True)
        text = "\n".join(str(value) for row in rows for value in row if value)
        for expected in (
            context.perimeter_sentence, "filière : restauration", "22 novembre 2026", "extrait",
            context.sources[0].licence, context.sources[0].attribution, context.sources[0].missing,
            "Distance géodésique",
        ):
            assert expected in text


def test_geojson_follows_rfc_7946(suppliers, context):
    content = json.loads(FORMATS["geojson"].write(suppliers, context))
    assert "crs" not in content
    assert content["features"][1]["geometry"]["coordinates"] == [8.7381235, 41.9192346]
    assert content["features"][3]["geometry"] is None
    assert content["features"][3]["properties"]["distance_km"] is None


def test_polygons_are_wound_the_right_way(squares, context):
    content = json.loads(FORMATS["geojson"].write(squares, context))
    ring = content["features"][0]["geometry"]["coordinates"][0]
    signed = sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))
    assert signed > 0


def test_geopackage_describes_its_layer(suppliers, context, tmp_path):
    path = tmp_path / "f.gpkg"
    path.write_bytes(FORMATS["gpkg"].write(suppliers, context))
    assert [name for name, _ in pyogrio.list_layers(path)] == ["fournisseurs"]
    info = pyogrio.read_info(path)
    assert info["layer_metadata"]["IDENTIFIER"] == context.title
    assert context.sources[0].attribution in info["layer_metadata"]["DESCRIPTION"]


def test_geoparquet_has_a_covering_box(suppliers, context):
    stream = io.BytesIO(FORMATS["geoparquet"].write(suppliers, context))
    geo = json.loads(pq.read_schema(stream).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    assert "bbox" in geo["columns"]["geometry"]["covering"]
