"""A person's own file: read whatever its form, refused with a sentence when it cannot be."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import supplier_file
from territory.errors import InvalidInputError
from territory.supplier_file import ROLES, guess_columns, model, read_file
from tests.territory.french import is_french_sentence

ROWS = [["Nom", "SIRET", "Ville"], ["Élan fictif", "01234567800012", "Bourg-en-Bresse"],
        ["Jardin fictif", "", "Ajaccio"]]


def xlsx(rows: list[list[object]], *, before: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(before):
        sheet.append([])
    for row in rows:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def text(separator: str) -> str:
    return "\r\n".join(separator.join(row) for row in ROWS) + "\r\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", text(";").encode("utf-8-sig")),
        ("a.csv", text(",").encode()),
        ("a.csv", text(";").encode("cp1252")),
        ("a.txt", text("\t").encode("utf-16")),
        ("a.XLSX", xlsx([list(row) for row in ROWS], before=2)),
    ],
)
def test_the_same_table_comes_out_of_every_form(name: str, content: bytes) -> None:
    read = read_file(name, content)
    assert read.table.to_numpy().tolist() == ROWS[1:]
    assert read.table.columns.tolist() == ROWS[0]
    assert read.table.index.tolist() == [2, 3], "lines as the person sees them"


def test_a_spreadsheet_s_numbers_are_codes_again() -> None:
    table = read_file("a.xlsx", xlsx([["Nom", "Insee", "SIRET"],
                                      ["Élan fictif", 26281, 12345678900012.0]])).table
    assert table.iloc[0].tolist() == ["Élan fictif", "26281", "12345678900012"]


@pytest.mark.parametrize("epsg", [4326, 2154])
def test_geographic_files_give_degrees(epsg: int, tmp_path: Path) -> None:
    places = gpd.GeoDataFrame(
        {"nom": ["Élan fictif", "Sans lieu"]},
        geometry=gpd.GeoSeries.from_wkt(["POINT (5.05 45.04)", None], crs=4326),
    ).to_crs(epsg)
    path = tmp_path / "lieux.gpkg"
    places.to_file(path, driver="GPKG")
    table = read_file("lieux.gpkg", path.read_bytes()).table
    assert float(table.loc[2, "longitude"]) == pytest.approx(5.05, abs=1e-8)
    assert float(table.loc[2, "latitude"]) == pytest.approx(45.04, abs=1e-8)
    assert table.loc[3, ["longitude", "latitude"]].tolist() == ["", ""]


def test_a_geojson_polygon_is_placed_inside_itself() -> None:
    square = [[[5.0, 45.0], [5.1, 45.0], [5.1, 45.1], [5.0, 45.1], [5.0, 45.0]]]
    collection = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"nom": "Élan fictif", "tags": {"x": 1}},
         "geometry": {"type": "Polygon", "coordinates": square}},
        {"type": "Feature", "properties": {"nom": "Sans lieu"}, "geometry": None}]}
    table = read_file("a.geojson", json.dumps(collection).encode()).table
    assert 5.0 < float(table.loc[2, "longitude"]) < 5.1
    assert table.loc[3].to_dict() == {"nom": "Sans lieu", "longitude": "", "latitude": ""}


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for rank in range(4):
            archive.writestr(f"xl/worksheets/sheet{rank}.xml", bytes(100_000_000))
    return buffer.getvalue()


#: A file that would have GDAL open another one.
VIRTUAL = (b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd"
            b"</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"", "vide"),
        ("a.csv", b" \r\n ", "vide"),
        ("a.csv", b"Nom;Ville\r\n;\r\n", "aucune ligne"),
        ("a.pdf", b"%PDF", "forme connue"),
        ("a.xlsx", b"PK\x03\x04 rien", "endommagé"),
        ("a.xlsx", text(";").encode(), "endommagé"),
        ("a.json", b'{"type": "Feature"}', "FeatureCollection"),
        ("a.json", b"[" * 100_000, "endommagé"),
        ("a.geojson", b'{"features": [{"geometry": {"type": "Point", "coordinates": ["a"]}}]}',
         "endommagé"),
        ("a.gpkg", b"SQLite format 3\x00 et rien", "endommagé"),
        ("a.gpkg", VIRTUAL, "GeoPackage"),
        ("![x](y).exe", b"MZ", "forme connue"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    name: str, content: bytes, said: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_file(name, content)
    assert said in caught.value.user_message
    assert is_french_sentence(caught.value.user_message)


def test_a_spreadsheet_that_swells_is_not_opened() -> None:
    with pytest.raises(InvalidInputError, match="démesuré"):
        read_file("a.xlsx", bomb())


def test_limits_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supplier_file, "MAX_ROWS", 3)
    with pytest.raises(InvalidInputError, match="3 lignes"):
        read_file("a.csv", b"Nom\n" + b"fictif\n" * 4)
    assert len(read_file("a.csv", b"Nom\n" + b"fictif\n" * 3).table) == 3
    monkeypatch.setattr(supplier_file, "MAX_BYTES", 10)
    with pytest.raises(InvalidInputError, match="dépasse"):
        read_file("a.csv", b"x" * 11)


@given(st.binary(max_size=400), st.sampled_from([".csv", ".xlsx", ".geojson", ".gpkg"]))
def test_no_content_does_anything_but_read_or_refuse(content: bytes, ending: str) -> None:
    with contextlib.suppress(InvalidInputError):
        table = read_file(f"a{ending}", content).table
        assert table.map(lambda cell: isinstance(cell, str) and "\x00" not in cell).all(axis=None)


def test_columns_are_recognised_by_their_header() -> None:
    headers = ["N° SIRET", "Raison sociale", "CP", "VILLE", "adresse", "Lat", "Lng", "Métier",
               "Zone de livraison", "Sans rapport"]
    found = guess_columns(pd.DataFrame([[""] * len(headers)], columns=headers))
    assert found == {
        "siret": "N° SIRET", "nom": "Raison sociale", "code_postal": "CP", "commune": "VILLE",
        "adresse": "adresse", "latitude": "Lat", "longitude": "Lng", "filiere": "Métier",
        "portee": "Zone de livraison",
    }


def test_columns_without_a_telling_header_are_recognised_by_what_they_hold() -> None:
    table = pd.DataFrame({"A": ["12345678900012", "123 456 789 00020"],
                          "B": ["Élan fictif", "Jardin fictif"]})
    assert guess_columns(table) == {"siret": "A", "nom": "B"}


def test_every_header_of_the_model_is_recognised() -> None:
    filled = model() + b";".join([b"x"] * len(ROLES)) + b"\r\n"
    table = read_file("modele.csv", filled).table
    assert guess_columns(table) == {role: label for role, (label, _) in ROLES.items()}
