"""Every layer by name is built on the embedded base; a colour means the same everywhere."""

from __future__ import annotations

import pytest
import shapely

from layers import registry
from layers.choropleth import national_classes
from layers.folium_map import MAX_POLYGONS
from layers.legend import legend, to_html, to_text
from territory import communes, suppliers
from territory.perimeter import Perimeter


@pytest.mark.parametrize("name", registry.LAYERS)
def test_every_layer_is_built_and_described(name):
    layer = registry.LAYERS[name]()
    described = legend(layer)
    assert len(layer.table)
    assert layer.sentence.endswith(".")
    assert described.attribution in to_text(described)
    assert described.title in to_html(described).replace("&#x27;", "'")


def test_a_territory_keeps_the_classes_of_the_country():
    area = shapely.box(4.9, 44.9, 5.2, 45.1)
    name = "part_aides_logement_2022"
    layer = registry.indicator_layer(name, area=area)
    assert layer.style == national_classes(name)
    assert "26281" in set(layer.table["code"])
    assert len(layer.table) < 50


@pytest.mark.parametrize(
    ("radius_km", "level"), [(10, "Commune"), (250, "Intercommunalité (EPCI)")]
)
def test_a_document_chooses_the_finest_level_that_fits(radius_km, level):
    perimeter = Perimeter.around_commune(communes.get("26281"), radius_km)
    found = suppliers.search(perimeter)
    layers = registry.document_layers(
        perimeter, found, sentence="Essai.",
        coloured=lambda level, area: registry.indicator_layer(
            "part_aides_logement_2022", level, area=area
        ),
    )
    coloured = next(layer for layer in layers if layer.id == "part_aides_logement_2022")
    assert coloured.labels["nom"] == level
    areas = [layer for layer in layers if "geometry" in layer.table]
    assert sum(len(layer.table) for layer in areas) < MAX_POLYGONS
