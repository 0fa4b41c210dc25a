"""Outside text in messages stays text."""

from __future__ import annotations

import re

import pytest

from territory.text import NBSP
from ui.markdown import literal

HOSTILE = [
    "![x](https://exemple.invalid/a.png)", ":material/home:", "**gras**", "<b>", "$x$", "a_b",
    "une\\barre",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_mark_is_escaped_and_nothing_is_lost(text: str) -> None:
    escaped = literal(text)
    assert re.sub(r"\\(.)", r"\1", escaped) == text
    assert not re.search(r"(?<!\\)[!\[*<$_:]", escaped)


def test_no_line_breaks_where_french_allows_none() -> None:
    said = literal("Le « Fournil » : est-il SIAE ?").replace("\\", "")
    assert said == f"Le «{NBSP}Fournil{NBSP}»{NBSP}: est-il SIAE{NBSP}?"
