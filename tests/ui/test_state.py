"""The state a link carries."""

from __future__ import annotations

import base64
import dataclasses
import zlib
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from layers.breaks import COUNTED, USUAL, Cut
from territory import communes, filieres, geo, indicators, stocks
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.suppliers import FAMILIES, Criteria
from tests.territory import areas
from ui.lien import MAX_LENGTH, pack, unpack
from ui.state import EXCLUSION, LAYERS, STATUSES, Request, radius_text, read_url, write_url

# --- Round trip ------------------------------------------------------------------------------


def subsets(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), unique=True).map(tuple)


radii = st.floats(0.1, 300)
points = st.sampled_from(sorted(geo.TERRITORIES)).flatmap(
    lambda name: st.tuples(
        st.floats(geo.TERRITORIES[name][0], geo.TERRITORIES[name][2]),
        st.floats(geo.TERRITORIES[name][1], geo.TERRITORIES[name][3]),
    )
)
perimeters = st.one_of(
    st.none(),
    st.builds(
        lambda rank, r: Perimeter.around_commune(
            communes.get(communes.table().index[rank]), r
        ),
        st.integers(0, 34_919), radii,
    ),
    st.builds(lambda p, r: Perimeter.around_point(*p, r), points, radii),
    areas.perimeters,
)
criteria = st.builds(
    Criteria,
    filieres=subsets([*filieres.names(), filieres.UNKNOWN]),
    familles=subsets(list(FAMILIES)),
    siae_only=st.booleans(),
    employers_only=st.booleans(),
)
layers = st.sets(st.sampled_from(list(LAYERS))).map(
    lambda chosen: tuple(name for name in LAYERS if name in chosen)
)
cuts = st.one_of(
    st.builds(Cut, st.sampled_from(COUNTED), st.integers(3, 9)),
    st.builds(Cut, st.sampled_from(["ecart_type", "head_tail"])),
    st.lists(st.integers(-10**6, 10**6), min_size=1, max_size=8, unique=True).map(
        lambda limits: Cut("limites", limits=tuple(map(float, sorted(limits))))
    ),
)
requests = st.builds(
    Request, perimeter=perimeters, criteria=criteria, layers=layers,
    indicator=st.sampled_from(list(indicators.INDICATORS)), cut=cuts,
    circles=st.sampled_from(["", *stocks.STOCKS]),
).flatmap(
    lambda request: st.sampled_from(["", *indicators.comparable(request.indicator)]).map(
        lambda other: dataclasses.replace(request, compared=other)
    )
)


@given(requests)
def test_a_link_reopens_the_same_screen(request: Request) -> None:
    assert read_url(write_url(request)) == request


@given(requests)
def test_a_link_survives_a_browser(request: Request) -> None:
    link = urlencode(write_url(request))
    assert read_url(dict(parse_qsl(link, keep_blank_values=True))) == request


def test_the_first_screen_has_a_bare_address() -> None:
    assert write_url(Request()) == {}
    assert read_url({}) == Request()


def test_names_are_the_design_s() -> None:
    full = write_url(
        Request(
            perimeter=Perimeter.around_commune(communes.get("26281"), 12.4),
            criteria=Criteria(("Restauration", "Numérique"), ("association",), True, True),
            layers=(), indicator="part_qpv_2022",
        )
    )
    assert full == {
        "commune": "26281", "rayon": "12.4", "filiere": "Restauration,Numérique",
        "famille": "association", "statut": "siae,employeur", "couches": "aucune",
        "indicateur": "part_qpv_2022",
    }
    assert write_url(Request(perimeter=Perimeter.around_point(5.05, 45.04, 300))) == {
        "lon": "5.050000", "lat": "45.040000", "rayon": "300",
    }


# --- What a person writes by hand ------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "code", "radius"),
    [
        ({"commune": "26281"}, "26281", 30),
        ({"commune": "romans sur isere", "rayon": "12,4"}, "26281", 12.4),
        ({"commune": " 2a004 ", "rayon": "5 km"}, "2A004", 5),
        # A code wins over the postcode it also is: a link must not become ambiguous.
        ({"commune": "26100"}, "26100", 30),
        ({"commune": "13001"}, "13001", 30),
        ({"commune": "26281", "lon": "2", "lat": "48"}, "26281", 30),
    ],
)
def test_communes(parameters: dict[str, str], code: str, radius: float) -> None:
    found = read_url(parameters)
    assert found.messages == ()
    assert found.perimeter == Perimeter.around_commune(communes.get(code), radius)


def test_a_point() -> None:
    found = read_url({"lon": "5.05", "lat": "45.04", "rayon": "10"})
    assert found.perimeter == Perimeter.around_point(5.05, 45.04, 10)


def test_lists_ignore_case_blanks_and_empty_items() -> None:
    found = read_url({"filiere": " restauration ,, NUMERIQUE ", "famille": "association,"})
    assert found.criteria == Criteria(("Restauration", "Numérique"), ("association",))
    assert found.messages == ()


def test_layers_come_in_drawing_order() -> None:
    assert read_url({"couches": "indicateur,structures"}).layers == ("structures", "indicateur")
    assert read_url({"couches": "aucune"}).layers == ()


# --- Malformed links -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"commune": "Atlantide"}, "Aucune commune trouvée pour « Atlantide »"),
        ({"commune": "saint-denis"}, "Plusieurs communes répondent"),
        ({"commune": " "}, "Aucune commune"),
        ({"commune": "99999"}, "Aucune commune"),
        ({"rayon": "beaucoup"}, "n’est pas un nombre de kilomètres"),
        ({"rayon": "0"}, "compris entre"),
        ({"rayon": "nan"}, "compris entre"),
        ({"rayon": ""}, "n’est pas un nombre"),
        ({"lon": "5"}, "longitude et une latitude"),
        ({"lat": "45"}, "longitude et une latitude"),
        ({"lon": "x", "lat": "y"}, "longitude et une latitude"),
        ({"lon": "-30", "lat": "45"}, "hors de France"),
        ({"lon": "inf", "lat": "nan"}, "hors de France"),
        ({"filiere": "licornes"}, "La filière « licornes » n’existe pas"),
        ({"famille": "tribu"}, "La famille « tribu » n’existe pas"),
        ({"statut": "roi"}, "Le statut « roi » n’existe pas"),
        ({"couches": "nuages"}, "La couche « nuages » n’existe pas"),
        ({"indicateur": "bonheur"}, "L’indicateur « bonheur » n’existe pas"),
        ({"indicateur": ""}, "n’existe pas"),
        ({"cercles": "or"}, "La quantité « or » n’existe pas"),
        ({"comparer": "2019"}, "années comparables : 2021, 2020"),
        ({"methode": "hasard"}, "La méthode « hasard » n’existe pas"),
        ({"classes": "12"}, "compris entre 3 et 9"),
        ({"classes": "²"}, "n’est pas un entier"),
        ({"classes": "-5"}, "n’est pas un entier"),
        ({"methode": "ecart_type", "classes": "4"}, "ne prend pas de nombre de classes"),
        ({"methode": "jenks", "limites": "4,5"}, "qu’avec la méthode « limites »"),
        ({"methode": "limites"}, "au moins une limite"),
        ({"limites": "4,trois"}, "« trois » n’est pas un nombre"),
        ({"limites": "5,4"}, "en croissant"),
        ({"limites": "4.25"}, "trop de décimales"),
        ({"limites": "nan"}, "nombre fini"),
    ],
)
def test_a_bad_value_is_ignored_and_said_in_french(
    parameters: dict[str, str], words: str
) -> None:
    found = read_url(parameters)
    (message,) = found.messages
    assert message.startswith("Lien : ")
    assert message.endswith(".")
    assert words in message
    assert found == Request(messages=found.messages)


def test_one_bad_value_does_not_lose_the_others() -> None:
    found = read_url(
        {"commune": "26281", "rayon": "loin", "filiere": "licornes,Restauration",
         "famille": "tribu,association", "indicateur": "bonheur", "couches": "ptce"}
    )
    assert found.perimeter == Perimeter.around_commune(communes.get("26281"), 30)
    assert found.criteria == Criteria(("Restauration",), ("association",))
    assert found.layers == ("ptce",)
    assert len(found.messages) == 4


NAMES = ["commune", "lon", "lat", "rayon", "filiere", "famille", "statut", "couches",
         "indicateur", "methode", "classes", "limites", "cercles", "comparer", "page", "autre"]
hostile = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.sampled_from(
        ["<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "</script>", "%00", "\x00", "\ud800",
         "1e999", "-0", "５", "26281", "26100", "5.05", "45.04", "siae", ",,,", "a" * 2000,
         "jenks", "7", "1e308,2e308"]
    ),
)


@examples(max_examples=100)
@given(st.dictionaries(st.sampled_from(NAMES), hostile, max_size=6))
def test_no_link_breaks_the_page(parameters: dict[str, str]) -> None:
    found = read_url(parameters)
    assert all(m.startswith("Lien : ") and m.endswith(".") for m in found.messages)
    # What was understood makes a link that needs no message.
    again = read_url(write_url(found))
    assert again.messages == ()
    assert again.perimeter == found.perimeter
    assert again.criteria == found.criteria


def test_labels_are_french() -> None:
    assert list(LAYERS) == ["structures", "ptce", "indicateur"]
    assert list(STATUSES) == ["siae", "employeur"]
    assert radius_text(30.0) == "30"
    assert radius_text(12.4) == "12,4"
    assert radius_text(0.125) == "0,125"


def test_classes_travel_in_the_link() -> None:
    assert write_url(Request(cut=Cut("jenks", 7))) == {"methode": "jenks", "classes": "7"}
    assert write_url(Request(cut=Cut("head_tail"))) == {"methode": "head_tail"}
    own = Cut("limites", limits=(5.0, 12.5, 20.0))
    assert write_url(Request(cut=own)) == {"methode": "limites", "limites": "5,12.5,20"}
    assert read_url({"limites": "5, 12.5 ,20"}).cut == own
    assert read_url({"classes": "7"}).cut == Cut("quantiles", 7)
    crossed = read_url({"methode": "jenks"}, offered=(EXCLUSION,), default=EXCLUSION)
    assert crossed.cut == USUAL
    assert "neuf classes" in crossed.messages[0]


# --- What depends on the counters of a server -------------------------------------------------


def test_a_level_of_the_map_travels_in_the_link() -> None:
    assert write_url(Request(level="epci")) == {"niveau": "epci"}
    assert read_url({"niveau": "epci"}).level == "epci"
    wrong = read_url({"niveau": "canton"})
    assert wrong.level == "commune"
    assert "L’échelon « canton » n’existe pas" in wrong.messages[0]


def test_an_indicator_of_counters_that_are_not_there_is_said() -> None:
    found = read_url({"indicateur": "minutes"}, missing="Rien n’est récupéré.")
    assert found.indicator == indicators.DEFAULT_INDICATOR
    assert found.messages == ("Lien : Rien n’est récupéré.",)
    offered = (EXCLUSION, *indicators.INDICATORS)
    crossed = read_url({}, offered=offered, default=EXCLUSION)
    assert crossed.indicator == EXCLUSION
    assert write_url(crossed, default=EXCLUSION) == {}
    # The same link elsewhere must not change of indicator in silence.
    assert write_url(crossed) == {"indicateur": EXCLUSION}


# --- A perimeter that a commune and a radius do not say ---------------------------------------


def test_a_composed_perimeter_travels_in_the_link() -> None:
    perimeter = Perimeter.of_units("26", "38") - Perimeter.around_commune(communes.get("26281"), 5)
    parameters = write_url(Request(perimeter))
    assert list(parameters) == ["perimetre"]
    assert len(parameters["perimetre"]) < 300
    assert read_url(parameters).perimeter == perimeter


def test_a_too_detailed_perimeter_is_left_out_of_the_link() -> None:
    angles = np.linspace(0, 2 * np.pi, 3_000, endpoint=False)
    radius = 0.5 + 0.01 * np.sin(angles * 97)
    shape = shapely.Polygon(
        np.column_stack([5 + radius * np.cos(angles), 45 + radius * np.sin(angles)])
    )
    perimeter = Perimeter.of_shape(shape)
    assert pack(perimeter) is None
    assert write_url(Request(perimeter)) == {}


@pytest.mark.parametrize(
    "text",
    [
        "x", "%00", "é" * 20, "A" * (MAX_LENGTH + 1), "eJw", "=" * 8,
        (pack(Perimeter.of_units("26")) or "")[:-6],
        base64.urlsafe_b64encode(zlib.compress(b" " * 3_000_000)).decode(),
        base64.urlsafe_b64encode(zlib.compress(b'{"format": "autre"}')).decode().rstrip("="),
    ],
    ids=["letter", "percent", "accents", "long", "cut", "padding", "shortened", "bomb", "other"],
)
def test_a_spoilt_perimeter_is_said_and_left_out(text: str) -> None:
    request = read_url({"perimetre": text})
    assert request.perimeter is None
    assert len(request.messages) == 1
    assert request.messages[0].startswith("Lien : ")
    with pytest.raises(InvalidInputError):
        unpack(text)
