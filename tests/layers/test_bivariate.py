"""Nine classes anyone can tell apart, said in words everywhere, grey with its reason."""

from __future__ import annotations

import dataclasses
import gzip
import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers import style, web
from layers.base import Layer, LayerError
from layers.bivariate import CROSSING, bivariate
from layers.choropleth import choropleth
from layers.export import FORMATS
from layers.folium_map import MAX_POLYGONS, DocumentTooLargeError, standalone_html
from layers.legend import legend, to_html, to_text
from layers.reading import rows_as_text
from territory import store
from territory.indicators import composite
from tests.layers import vision
from tests.layers.conftest import HOSTILE_NAMES
from tests.territory.french import is_french_sentence

LAYERS_JS = Path(__file__).parents[2] / "ui/carte/static/layers.js"
WORST = "d’accès plus difficile et plus fragile (exclusion bancaire)"
GREY = "donnée absente sur un axe au moins"
#: Two classes are told apart (see ``style.CROSSED_COLOURS``); a sign over a class, or its grey.
APART, SIGN_APART = 12, 10


def softened(colours: np.ndarray) -> np.ndarray:
    """Colours as the live map mixes them with the land."""
    share = float(re.search(r"SOFTNESS = ([\d.]+)", LAYERS_JS.read_text()).group(1))
    return colours * (1 - share) + vision.rgb([style.LAND]) * share


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_differences_are_those_of_the_published_pairs(one, other, difference):
    assert vision.ciede2000(np.array(one), np.array(other)) == pytest.approx(difference, abs=1e-4)


@pytest.mark.parametrize("name", vision.VISIONS)
class TestPalette:
    def test_any_two_classes_are_told_apart(self, name):
        for colours in (vision.rgb(CROSSING.colours), softened(vision.rgb(CROSSING.colours))):
            differences = vision.distances(colours, name)
            np.fill_diagonal(differences, np.inf)
            assert differences.min() >= APART

    def test_signs_and_grey_stay_visible(self, name):
        classes = vision.lab(vision.rgb(CROSSING.colours), name)
        signs = [style.PTCE_MARKER.colour, style.PERIMETER_STROKE.colour, style.ABSENT_COLOUR]
        for sign in vision.lab(vision.rgb(signs), name):
            assert vision.ciede2000(classes, sign).min() >= SIGN_APART

    def test_each_step_is_darker(self, name):
        light = vision.lab(vision.rgb(CROSSING.colours), name)[:, 0].reshape(3, 3)
        assert (np.diff(light, axis=0) < 0).all()
        assert (np.diff(light, axis=1) < 0).all()
        assert light.argmin() == 8


class TestStyle:
    def test_keys_go_row_by_row(self):
        assert CROSSING.keys == ("1-1", "1-2", "1-3", "2-1", "2-2", "2-3", "3-1", "3-2", "3-3")
        assert CROSSING.labels[2] == "d’accès plus facile et plus fragile"
        assert CROSSING.labels[6] == "d’accès plus difficile et moins fragile"

    def test_only_the_worst_corner_is_called_exclusion(self):
        assert [label for label in CROSSING.labels if "exclusion" in label] == [WORST]
        assert CROSSING.written("3-3") == WORST

    @pytest.mark.parametrize("dtype", ["string", object])
    def test_index_and_colour(self, dtype):
        values = pd.Series(["1-1", pd.NA, "3-3", "2-1"], dtype=dtype)
        assert CROSSING.index(values).tolist() == [0, -1, 8, 3]
        assert CROSSING.index(values).dtype == np.int8
        assert CROSSING.colour(values).tolist() == [
            CROSSING.colours[0], style.ABSENT_COLOUR, CROSSING.colours[8], CROSSING.colours[3],
        ]

    def test_it_reads_what_the_crossing_writes(self):
        draw = np.random.default_rng(0)
        codes = [f"{i:05}" for i in range(500)]
        scores = pd.DataFrame(draw.uniform(0, 100, (500, 2)), index=codes)
        scores.iloc[:7, 0] = np.nan
        people = pd.Series(draw.integers(50, 5000, 500).astype(float), index=codes)
        classes = composite.crossing(scores[0], scores[1], people)
        assert (CROSSING.index(classes) == -1).sum() == 7
        assert set(CROSSING.index(classes)) == set(range(-1, 9))

    @pytest.mark.parametrize("value", [None, pd.NA, float("nan"), "4-1", "3 mars"])
    def test_the_unknown_is_said(self, value):
        assert CROSSING.written(value) == GREY
        assert CROSSING.written(value, "rien n’est connu") == f"{GREY}\u00a0: rien n’est connu"

    def test_a_crossing_is_three_by_three(self):
        with pytest.raises(ValueError, match="neuf couleurs"):
            dataclasses.replace(CROSSING, colours=CROSSING.colours[:8])
        with pytest.raises(ValueError, match="trois paliers"):
            dataclasses.replace(CROSSING, steps=(("a", "b"), ("a", "b", "c")))

    def test_notes_are_sentences(self):
        for note in (CROSSING.note, *style.NOTE_OF_USE.values()):
            assert is_french_sentence(note)
        assert set(style.NOTE_OF_USE) == set(style.PALETTE_OF_USE)


@pytest.fixture
def contours() -> gpd.GeoSeries:
    """Four squares side by side; the third commune has no class, the fourth is not in the table."""
    codes = ["26281", "26362", "26057", "07019"]
    return gpd.GeoSeries([shapely.box(5 + i, 45, 6 + i, 46) for i in range(4)], codes, crs=4326)


@pytest.fixture
def crossed(contours) -> Layer:
    classes = pd.Series(["3-3", "1-2", pd.NA], index=contours.index[:3], dtype="string")
    reasons = pd.Series(["sans objet", "", HOSTILE_NAMES[0]], index=classes.index)
    return bivariate(
        classes, "commune", id="croisement", title="Croisement <b>", sentence="Un essai.",
        attribution="Personne", vintage="2026", contours=contours, reasons=reasons,
    )


class TestLayer:
    def test_table(self, crossed):
        assert list(crossed.table.columns) == ["code", "nom", "classe", "raison", "geometry"]
        assert crossed.table["nom"].iloc[0] == "Romans-sur-Isère"
        # A place that is not grey has nothing to explain.
        assert crossed.table["raison"].fillna("").tolist() == ["", "", HOSTILE_NAMES[0], ""]

    def test_without_contours_nor_reasons(self):
        classes = pd.Series(["3-1"], index=["26"], dtype="string")
        layer = bivariate(
            classes, "departement", id="x", title="X", sentence="X.", attribution="X", vintage="",
        )
        assert list(layer.table.columns) == ["code", "nom", "classe"]
        assert layer.labels == {"nom": "Département", "classe": "Situation"}

    def test_an_impossible_class_is_refused(self, crossed):
        with pytest.raises(LayerError, match="« 4-1 »") as error:
            dataclasses.replace(crossed, table=crossed.table.assign(classe="4-1"))
        assert is_french_sentence(error.value.user_message)
        with pytest.raises(LayerError, match="colonne raison"):
            dataclasses.replace(crossed, table=crossed.table.drop(columns="raison"))

    def test_rows_are_written_in_words_with_the_reason(self, crossed):
        assert rows_as_text(crossed)["Situation"].tolist() == [
            WORST, "d’accès plus facile et de fragilité moyenne",
            f"{GREY}\u00a0: {HOSTILE_NAMES[0]}", GREY,
        ]

    @pytest.mark.parametrize("name", ["geojson", "gpkg", "geoparquet", "csv", "xlsx"])
    def test_it_is_exported(self, crossed, context, name):
        assert FORMATS[name].write(crossed.table, context)


class Cells(HTMLParser):
    """Tags and texts of the cells of a table."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[tuple[str, str | None, str]] = []
        self.depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag in ("td", "th"):
            self.cells.append((tag, dict(attrs).get("scope"), ""))
            self.depth = 1

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.depth = 0

    def handle_data(self, data):
        if self.depth:
            tag, scope, text = self.cells[-1]
            self.cells[-1] = (tag, scope, text + data)


class TestLegend:
    def test_text_has_a_sentence_for_each_class_that_has_places(self, crossed):
        text = to_text(legend(crossed))
        assert text.splitlines() == [
            "Croisement <b>",
            ("Deux axes sont croisés\u00a0: «\u00a0Éloignement des guichets\u00a0» et "
            "«\u00a0Fragilité des habitants\u00a0»."),
            "– D’accès plus facile et de fragilité moyenne\u00a0: 1\u00a0territoire.",
            ("– D’accès plus difficile et plus fragile (exclusion bancaire)\u00a0: "
             "1\u00a0territoire."),
            "– Donnée absente sur un axe au moins\u00a0: 2\u00a0territoires.",
            CROSSING.note,
            "Personne. Millésime\u00a0: 2026.",
        ]
        assert all(is_french_sentence(line.removeprefix("– ")) for line in text.splitlines()[1:])

    def test_html_is_a_table_with_headers_and_counts(self, crossed):
        html = to_html(legend(crossed))
        cells = Cells(html).cells
        assert [text for _, scope, text in cells if scope == "col"] == list(CROSSING.steps[1])
        assert [text for _, scope, text in cells if scope == "row"] == list(CROSSING.steps[0][::-1])
        assert [text for _, scope, text in cells if scope and scope.endswith("group")] == [
            "Fragilité des habitants →", "Éloignement des guichets →",
        ]
        counted = [text for tag, _, text in cells if tag == "td" and text]
        assert len(counted) == 9
        assert counted[2] == f"{WORST}\u00a0: 1"  # the top right
        assert counted[7] == "d’accès plus facile et de fragilité moyenne\u00a0: 1"
        assert "<b>" not in html
        assert all(colour in html for colour in CROSSING.colours)
        assert f"<span>{GREY}</span><small>2</small>" in html


class TestDocument:
    def test_fills_words_and_reason(self, crossed):
        html = standalone_html([crossed], title="Essai", sentence="Un essai.").decode()
        for colour in (CROSSING.colours[8], CROSSING.colours[1]):
            assert f'"fillColor": "{colour}"' in html
        assert html.count('"fillColor": "url(#hachures)"') == 2
        assert WORST in html
        assert "<img src=x" not in html
        # The tooltip is written as HTML by Leaflet: escaped twice over.
        assert r"\u0026lt;img src=x onerror=alert(1)\u0026gt;" in html

    def test_too_many_places_are_refused(self, contours):
        count = MAX_POLYGONS + 1
        many = gpd.GeoSeries([contours.iloc[0]] * count, [str(i) for i in range(count)], crs=4326)
        layer = bivariate(
            pd.Series("2-2", many.index, dtype="string"), "commune", id="x", title="X",
            sentence="X.", attribution="X", vintage="", contours=many,
        )
        with pytest.raises(DocumentTooLargeError):
            standalone_html([layer], title="Essai", sentence="Un essai.")


class TestLiveMap:
    def test_crossing(self):
        classes = pd.Series(["3-3", pd.NA, "1-2", pd.NA], index=list("ABCD"), dtype="string")
        reasons = pd.Series(["sans objet", "rien n’est connu", "", ""], index=list("ABCD"))
        content = web.computed_values(classes, CROSSING, reasons=reasons)
        assert content == {
            "codes": list("ABCD"), "classes": [8, -1, 1, -1], "valeurs": [None] * 4,
            "raisons": {"B": "rien n’est connu"},
        }
        json.dumps(content, allow_nan=False)

    def test_numbers(self):
        values = pd.Series([1.234, np.nan, 9.0], index=list("ABC"))
        limits = style.Classes("valeur", (5.0,), ("#a", "#b"))
        assert web.computed_values(values, limits, 1) == {
            "codes": list("ABC"), "classes": [0, -1, 1], "valeurs": [1.2, None, 9.0],
        }

    def test_axes_and_classes(self):
        data = web.class_data(CROSSING)
        assert data[8] == {"couleur": CROSSING.colours[8], "libelle": WORST}
        assert web.grid_data(CROSSING)["paliers_verticaux"] == CROSSING.steps[0]

    def test_all_communes_with_every_reason_stay_light(self):
        codes = store.read("communes")["code_insee"]
        draw = np.random.default_rng(0)
        classes = pd.Series(draw.choice(CROSSING.keys, len(codes)), index=codes, dtype="string")
        reasons = pd.Series(
            [f"données connues pour {p} % du poids seulement" for p in draw.integers(0, 60, 34_969)]
            [: len(codes)], index=codes,
        )
        for content in (
            web.computed_values(classes, CROSSING, reasons=reasons),
            web.computed_values(classes.mask(classes != ""), CROSSING, reasons=reasons),
            web.computed_values(
                pd.Series(draw.uniform(0, 60, len(codes)), index=codes),
                style.Classes("valeur", (20.0,), ("#a", "#b")), 1,
            ),
        ):
            assert len(content["codes"]) >= 34_875
            assert len(gzip.compress(json.dumps(content).encode(), 6)) <= 300_000


@dataclass(frozen=True)
class Computed:
    """A figure that no register knows."""

    id: str = "minutes"
    label: str = "Minutes jusqu’au guichet le plus proche"
    short_label: str = "Minutes"
    unit: str = "min"
    decimals: int = 0
    higher_is_worse: bool = True
    source_id: str = "dgcl"
    vintage: str = "2024"
    definition: str = "À vol d’oiseau."
    palette: str = "eloignement"


def test_a_figure_computed_at_run_time_is_an_indicator_too():
    values = pd.Series(np.arange(100.0), index=[f"{i:05}" for i in range(1001, 1101)])
    layer = choropleth(Computed(), values, "commune")
    assert layer.style.colours == style.PALETTES["YlGnBu"]
    assert layer.style.note == "Plus la teinte est foncée, plus les guichets sont éloignés."
    assert layer.labels["valeur"] == "Minutes"
