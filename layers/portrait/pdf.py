"""The portrait as a tagged PDF (PDF/UA-1)."""

from __future__ import annotations

import dataclasses

from layers.export import typeset
from layers.portrait.document import document
from territory.portrait import Portrait


def portrait_pdf(portrait: Portrait) -> bytes:
    """Set a portrait as a PDF."""
    return typeset.pdf("portrait.typ", dataclasses.asdict(document(portrait)))
