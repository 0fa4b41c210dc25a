"""The portrait as HTML and PDF: hostile names stay names, colours are those of the maps."""

from __future__ import annotations

import dataclasses
import itertools
import re

import pytest
import shapely

from layers.portrait import document, portrait_html, portrait_pdf
from layers.portrait.html import side_by_side_html
from layers.portrait.maps import maps
from layers.sheet import Sheet
from layers.style import FAMILY_MARKERS, PALETTES
from territory import communes, portrait, territoires
from territory.portrait import Portrait
from tests.layers.conftest import HOSTILE_NAMES
from tests.territory import portraits

TYPST = '#eval("1") *x* $a$ @b'


def made(code: str) -> Portrait:
    return portrait.of(territoires.of_code(code), portraits.fragility_only(),
                       portraits.listed(portraits.national()), day=portraits.DAY)


@pytest.fixture(scope="module")
def commune() -> Portrait:
    return made("69123")


def hostile(found: Portrait) -> Portrait:
    """The same with hostile names wherever a name comes from outside."""
    evil = f"{HOSTILE_NAMES[0]} {HOSTILE_NAMES[2]} {TYPST}"
    place = dataclasses.replace(found.territoire, kind="perimetre", code="", name=evil)
    trades = found.structures.trades.assign(proche_nom=evil, proche_commune=evil)
    return dataclasses.replace(
        found,
        sheet=dataclasses.replace(found.sheet, territoire=place),
        structures=dataclasses.replace(found.structures, trades=trades),
        poles=found.poles.assign(nom_court=evil, statut_libelle=evil),
        sentences=(evil, *found.sentences[1:]), unknown=(evil,),
    )


def test_a_hostile_name_stays_a_name(commune: Portrait) -> None:
    found = hostile(commune)
    page = portrait_html(found)
    assert "<img src=x" not in page
    assert "<script" not in page
    assert page.count("&lt;img src=x") > 5
    assert portrait_pdf(found).startswith(b"%PDF")


def test_the_page_asks_nothing_outside(commune: Portrait) -> None:
    page = portrait_html(commune)
    assert "default-src 'none'" in page
    assert re.findall(r'(?:src|href)="(?!data:|#)', page) == []
    assert 'lang="fr"' in page
    assert "@media print" in page
    # Every heading is followed by something, and every picture says itself.
    assert re.findall(r"</h[23]>\s*<h2", page) == []
    assert len(re.findall(r'<img [^>]*alt="Carte de ', page)) == page.count("<img ")


@pytest.mark.parametrize("code", ["26281", "974", "55050"])
def test_the_pdf_is_tagged_in_french_and_short(code: str) -> None:
    content = portrait_pdf(made(code))
    assert b"/StructTreeRoot" in content
    assert b"/Marked true" in content
    assert b"pdfuaid" in content
    assert re.search(rb"/Lang ?\(fr", content)
    counts = [int(n) for n in re.findall(rb"/Type ?/Pages\b[^>]*?/Count (\d+)", content)] or [
        int(n) for n in re.findall(rb"/Count (\d+)[^>]*?/Type ?/Pages\b", content)]
    assert not counts or 1 <= max(counts) <= 4


def test_every_number_of_the_document_is_that_of_the_portrait() -> None:
    found = made("26")
    shown = document(found)
    texts = {one.id: one for one in shown.sections}
    assert shown.keys[0].value == found.figure("population").written
    assert shown.keys[1].value == found.figure("ess_employeurs").written
    families = found.structures.families
    bars = next(one for one in texts["ess"].bars if one.wide)
    assert [row[0] for row in bars.rows] == families["libelle"].tolist()
    assert [row[3] for row in bars.rows] == [
        FAMILY_MARKERS[one].colour for one in families["famille"]]
    assert all(0 < row[1] <= 1 for row in bars.rows)
    banks = texts["banques"].tables[0]
    by_label = {one.label: one for one in found.figures}
    for row in banks.rows:
        assert row[1] == by_label[re.sub(r" \[\d+\]$", "", row[0])].written


def test_every_origin_is_told_once(commune: Portrait) -> None:
    shown = document(commune)
    items = next(one for one in shown.sections if one.id == "sources").items
    assert len(set(items)) == len(items)
    marks = set(re.findall(r"\[\d+\]", portrait_html(commune)))
    assert marks <= {item.split(" ")[0] for item in items}


@pytest.mark.parametrize("code", ["26281", "974", "R94"])
def test_the_map_is_coloured_as_the_others_and_reads_in_grey(code: str) -> None:
    (drawn,) = maps(made(code))
    colours = [colour for colour, label in drawn.legend if label != "donnée absente"]
    assert tuple(colours) == PALETTES["OrRd"]
    used = set(re.findall(r'fill="(#[0-9a-f]{6})" stroke="#4b5f66" stroke-width="[\d.]+" '
                          r'stroke-opacity="0.6"', drawn.svg))
    assert used <= set(colours)
    # In grey each class is darker than the one before, by enough to be told apart.
    grey = [0.299 * int(c[1:3], 16) + 0.587 * int(c[3:5], 16) + 0.114 * int(c[5:], 16)
            for c in colours]
    assert all(a - b >= 20 for a, b in itertools.pairwise(grey))
    assert drawn.text.startswith("Carte de ")
    assert drawn.text.endswith(".")


def test_maps_set_side_by_side_have_the_same_classes() -> None:
    several = {code: maps(made(code), "commune")[0] for code in ("26281", "FR")}
    limits = [[one for one in drawn.legend if one[1] != "donnée absente"]
              for drawn in several.values()]
    assert limits[0] == limits[1]
    page = side_by_side_html([(HOSTILE_NAMES[0], drawn) for drawn in several.values()])
    assert page.count("<img ") == 2
    assert page.count("<ul ") == 1
    assert HOSTILE_NAMES[0] not in page


def test_neighbours_still_fit_once_rounded() -> None:
    left, right = shapely.box(4.9, 45.0, 5.0, 45.1), shapely.box(5.0, 45.0, 5.1, 45.1)
    sheet = Sheet(shapely.union(left, right), 2154, 640, 480)
    points = [set(re.findall(r"[\d.]+,[\d.]+", sheet.path([box]))) for box in (left, right)]
    assert len(points[0] & points[1]) == 2
    assert sheet.path([]) == ""
    # Smaller than the rounding, it is no surface.
    assert sheet.path([shapely.box(5, 45, 5.000001, 45.000001)], 0) == ""


def test_a_large_territory_is_light() -> None:
    (drawn,) = maps(made("R84"))
    assert len(drawn.svg) < 700_000
    assert len(communes.units("commune").query("code_region == '84'")) > 4_000
