"""Outside text made safe for Streamlit's messages, which read Markdown."""

from __future__ import annotations

import re

from territory.text import unbreakable

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=^\"'/@])")


def literal(text: str) -> str:
    """Write a text so that Markdown shows it as it is.

    A link of somebody else's could otherwise put an image in a message, and have the reader's
    browser fetch it. No line breaks between a word and its guillemets, or before « : » and « ; ».
    """
    return _PUNCTUATION.sub(r"\\\1", unbreakable(text))
