"""What every message shown to a person must look like."""

from __future__ import annotations

import re

_ENGLISH = re.compile(
    r"\b(?:the|is not|not found|invalid|error|expected|no such|must be|arguments|failed)\b",
    re.IGNORECASE,
)


def is_french_sentence(text: str) -> bool:
    """One line, a capital or a guillemet first, a full stop last, no word of English libraries."""
    return (
        "\n" not in text
        and text.endswith(".")
        and (text[0].isupper() or text[0] in "«-")
        and not _ENGLISH.search(text)
    )
