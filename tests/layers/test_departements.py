"""The sheet of départements: every one of them, light, overseas beside."""

from __future__ import annotations

import json

from shapely.geometry import shape

from layers.departements import sheet
from territory import communes


def test_every_departement_is_drawn_and_the_small_ones_twice() -> None:
    outlines, labels = sheet()
    codes = [outline.code for outline in outlines]
    assert set(codes) == set(communes.units("departement").index)
    assert {code for code in codes if codes.count(code) == 2} == {"75", "92", "93", "94"}
    assert [label.text for label in labels][1:] == [
        "Guadeloupe", "Martinique", "Guyane", "La Réunion", "Mayotte"]


def test_the_sheet_is_light_valid_and_its_insets_touch_nothing() -> None:
    outlines, _ = sheet()
    content = json.dumps([outline.geometry for outline in outlines])
    assert len(content) < 150_000
    shapes = {}
    for outline in outlines:
        drawn = shape(outline.geometry)
        assert not drawn.is_empty
        shapes.setdefault(outline.code, []).append(drawn)
    mainland = min(drawn.bounds[1] for code, (drawn, *_) in shapes.items() if len(code) == 2)
    for code in ("971", "972", "973", "974", "976"):
        assert shapes[code][0].bounds[3] < mainland, "under the métropole"
        assert shapes[code][0].area > 500, "large enough to be seen"
