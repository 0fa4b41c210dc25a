"""Documents open alone, say everything in French, and run nothing that a name contains."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from layers import folium_map as documents
from layers.base import Layer, LayerError
from layers.page import MAX_LISTED
from layers.perimeter import ground
from layers.points import structures
from layers.style import Classes
from territory.perimeter import Disc, Perimeter

#: Elements that load something by themselves; a link waits for a click.
EXTERNAL = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//")


@pytest.fixture
def perimeter() -> Perimeter:
    return Perimeter((Disc(5.05, 45.04, 30),))


@pytest.fixture
def coloured(squares) -> Layer:
    return Layer(
        id="essai", title="Part <b>grasse</b>", sentence="Un essai.", table=squares,
        style=Classes("valeur", (1.0,), ("#eeeeee", "#222222"), "%", 1),
        labels={"nom": "Commune", "valeur": "Part"}, attribution="Personne", vintage="2026",
    )


@pytest.fixture
def html(coloured, suppliers, perimeter) -> str:
    return documents.standalone_html(
        [coloured, structures(suppliers)],
        title="Carte d’essai <script>", sentence="Quatre structures & un rayon.",
        perimeter=perimeter,
    ).decode()


def test_a_document_asks_nothing_of_anyone(html):
    assert not EXTERNAL.search(html)
    assert "url(images" not in html
    assert "sourceMappingURL" not in html
    assert "default-src 'none'" in html
    for library in ("jquery", "bootstrap", "font-awesome", "cdn."):
        assert library not in html.lower()


def test_a_document_is_french_and_complete(html):
    assert '<html lang="fr">' in html
    assert "<title>Carte d’essai &lt;script&gt;</title>" in html
    for expected in (
        "Quatre structures &amp; un rayon.", "donnée absente", "plus de 1\u00a0%", "Millésime",
        "Agrandir", "Réduire", "imperial: false", "projet indépendant, non officiel",
        "ESAT ou entreprise adaptée",
    ):
        assert expected in html


def test_no_name_becomes_markup(html):
    assert "<img src=x" not in html
    assert "alert(2)</script>" not in html
    assert "<b>grasse" not in html
    # Tooltips are written as HTML by Leaflet: the data must be escaped twice over.
    assert r"\u0026lt;img src=x onerror=alert(1)\u0026gt;" in html


def test_too_many_polygons_are_refused_with_a_reason():
    many = gpd.GeoSeries([shapely.box(0, 0, 1, 1)] * 1501, index=map(str, range(1501)), crs=4326)
    with pytest.raises(documents.DocumentTooLargeError, match="1\u202f500 territoires") as error:
        documents.folium_map([ground(many)])
    assert "périmètre plus petit" in error.value.user_message


def test_too_many_points_are_refused(suppliers):
    with pytest.raises(documents.DocumentTooLargeError, match="points"):
        documents.folium_map([structures(suppliers.sample(2001, replace=True, random_state=0))])


def test_too_many_bytes_are_refused(coloured, monkeypatch):
    monkeypatch.setattr(documents, "MAX_BYTES", 10_000)
    with pytest.raises(documents.DocumentTooLargeError, match="Mo"):
        documents.standalone_html([coloured], title="Lourde", sentence="Trop.")


def test_areas_without_contours_cannot_be_drawn(coloured, suppliers):
    bare = Layer(**{**vars(coloured), "table": coloured.table.drop(columns="geometry")})
    with pytest.raises(LayerError, match="contours"):
        documents.folium_map([structures(suppliers), bare])


def test_a_map_of_the_whole_country_opens_on_the_metropole(squares, coloured):
    overseas = squares.assign(geometry=squares.translate(50, -65))
    both = Layer(**{**vars(coloured), "table": pd.concat([squares, overseas])})
    script = documents.folium_map([both]).get_root().render()
    assert "[[41.3, -5.2], [51.15, 9.6]]" in script


def test_a_map_of_nothing_is_refused(suppliers):
    with pytest.raises(LayerError, match="rien à dessiner"):
        documents.folium_map([structures(suppliers.iloc[3:])])


def test_long_lists_say_what_they_leave_out(suppliers):
    many = suppliers.sample(MAX_LISTED + 12, replace=True, random_state=0, ignore_index=True)
    html = documents.standalone_html([structures(many)], title="Longue", sentence="Liste.").decode()
    assert html.count("<tr><td>") == MAX_LISTED
    assert "12\u00a0autres lignes" in html


def test_a_notebook_map_is_offline_too(coloured, perimeter):
    html = documents.folium_map([coloured], perimeter).get_root().render()
    assert not EXTERNAL.search(html)
    assert "Part &lt;b&gt;grasse" in html


def test_the_colour_of_a_polygon_is_the_colour_of_its_legend(html):
    assert html.count("#222222") >= 2
    assert '"fillColor": "url(#hachures)"' in html
