"""A layer is right at construction or is not; its legend counts every row."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layers import legend, web
from layers.base import Layer, LayerError, geometries
from layers.choropleth import national_classes
from layers.points import structures
from layers.ptce import ptce_areas, ptce_points
from layers.reading import rows_as_text
from layers.style import Classes, Stroke


@pytest.fixture
def coloured(squares) -> Layer:
    return Layer(
        id="essai", title="Essai", sentence="Un essai.", table=squares,
        style=Classes("valeur", (1.0,), ("#eeeeee", "#222222"), "%", 1),
        labels={"nom": "Commune", "valeur": "Part"}, attribution="Personne", vintage="2026",
    )


@pytest.fixture
def poles() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "nom": ["Ici", "Là", "Ailleurs"],
            "niveau": ["commune", "departement", "departement"],
            "code": ["26281", "26", "26"],
            "commune": ["Romans-sur-Isère", None, None],
            "filiere": ["énergie", "", ""],
            "longitude": [5.05, None, None],
            "latitude": [45.04, None, None],
        }
    )


@pytest.mark.parametrize("field", ["id", "title", "sentence", "attribution"])
def test_texts_are_mandatory(coloured, field):
    with pytest.raises(LayerError, match="vide"):
        dataclasses.replace(coloured, **{field: " "})


def test_missing_columns_are_named(coloured):
    with pytest.raises(LayerError, match="colonnes absente") as error:
        dataclasses.replace(coloured, labels={"absente": "Absente"})
    assert error.value.user_message.endswith(".")


def test_coordinates_must_be_wgs84(coloured, squares):
    with pytest.raises(LayerError, match="WGS"):
        dataclasses.replace(coloured, table=squares.to_crs(2154))
    with pytest.raises(LayerError, match="numérique"):
        dataclasses.replace(coloured, table=squares.assign(valeur="1"))


def test_points_must_be_on_the_globe(suppliers):
    with pytest.raises(LayerError, match="latitude"):
        structures(suppliers.assign(latitude=91.0))


def test_a_layer_cannot_be_changed(coloured):
    with pytest.raises(dataclasses.FrozenInstanceError):
        coloured.title = "Autre"
    with pytest.raises(TypeError):
        coloured.labels["x"] = "y"


def test_rows_without_coordinates_are_kept(suppliers):
    places = geometries(suppliers)
    assert len(places) == 4
    assert places.geometry.isna().tolist() == [False, False, False, True]
    assert places.crs.to_epsg() == 4326
    assert geometries(suppliers.drop(columns="longitude")).geometry.isna().all()


def test_legend_counts_every_row(coloured, suppliers):
    assert [(e.label, e.count) for e in legend.legend(coloured).entries] == [
        ("1\u00a0%", 1) if coloured.style.minimum == 1 else ("1\u00a0% ou moins", 1),
        ("plus de 1\u00a0%", 1),
        ("donnée absente", 1),
    ]
    families = legend.legend(structures(suppliers)).entries
    assert sum(e.count for e in families) == len(suppliers)
    assert "ESAT ou entreprise adaptée" in {e.label for e in families}
    assert "Mutuelle" not in {e.label for e in families}


def test_legend_as_text_says_limits_counts_and_origin(coloured):
    text = legend.to_text(legend.legend(coloured))
    assert text.splitlines() == [
        "Essai",
        "– 1\u00a0% ou moins\u00a0: 1",
        "– plus de 1\u00a0%\u00a0: 1",
        "– donnée absente\u00a0: 1",
        "Personne. Millésime\u00a0: 2026.",
    ]


def test_legend_html_is_escaped(coloured):
    hostile = dataclasses.replace(coloured, title="<img src=x onerror=alert(1)>")
    html = legend.to_html(legend.legend(hostile))
    assert "<img" not in html
    assert "&lt;img" in html


def test_rows_are_written_for_people(coloured, suppliers):
    assert rows_as_text(coloured)["Part"].tolist() == ["1,0\u00a0%", "2,0\u00a0%", "donnée absente"]
    texts = rows_as_text(structures(suppliers))
    assert texts["Famille de l’ESS"].tolist()[2] == "ESAT ou entreprise adaptée"
    assert texts["Distance (km)"].tolist() == ["0", "12,3", "30", "–"]


def test_a_ptce_without_commune_is_never_a_point(poles):
    points, areas = ptce_points(poles), ptce_areas(poles)
    assert points.table["nom"].tolist() == ["Ici"]
    assert areas.table[["niveau", "code", "noms", "nombre"]].to_numpy().tolist() == [
        ["departement", "26", "Là ; Ailleurs", 2]
    ]
    assert isinstance(areas.style, Stroke)


def test_ptce_areas_take_the_contour_of_their_level(poles, squares):
    contours = {"departement": gpd.GeoSeries([squares.geometry[0]], index=["26"], crs=4326)}
    table = ptce_areas(poles, contours).table
    assert table.geometry.geom_equals(squares.geometry.iloc[[0]]).all()


def test_what_the_live_map_fetches(coloured, suppliers, poles):
    assert [c["couleur"] for c in web.class_data(coloured.style)] == ["#eeeeee", "#222222"]
    sizes = ["12", "NN", "", "00"]
    columns = web.structure_columns(suppliers.assign(adresse="", tranche_effectif=sizes))
    assert columns["lon"] == [5.36, 8.738123, 55.45, None]
    assert columns["nom"] == suppliers["nom"].tolist()
    assert columns["effectif"] == [20, None, None, 0]
    assert columns["filieres"][3] == ["Restauration"]
    lines = web.structure_lines(suppliers.assign(adresse="").iloc[[2, 0]])
    assert lines["nom"] == [suppliers["nom"][2], suppliers["nom"][0]]
    assert "lon" not in lines
    placed = web.ptce_columns(poles)
    assert placed["nom"] == ["Ici"]
    assert placed["zones"] == [
        {"niveau": "departement", "code": "26", "noms": ["Là", "Ailleurs"]}
    ]
    assert web.marker_data(structures(suppliers).style)["esat_ea"]["forme"] == "triangle_bas"


def test_the_live_map_and_the_legend_share_their_classes():
    fetched = web.indicator_values("part_aides_logement_2022", "departement")
    classes = national_classes("part_aides_logement_2022", "departement")
    assert len(fetched["codes"]) == len(fetched["classes"]) == len(fetched["valeurs"]) == 101
    for rank, value in zip(fetched["classes"], fetched["valeurs"], strict=True):
        assert rank == classes.index(np.array([value]))[0] or value in classes.breaks

