"""Leaflet, read from its installed package and made to fit inside a document."""

from __future__ import annotations

import base64
import functools
import re
from pathlib import Path

from xstatic.pkg import leaflet


@functools.cache
def leaflet_js() -> str:
    """Leaflet's script, safe inside a ``<script>`` element and without its source map."""
    text = _read("leaflet.js")
    # A stray closing tag would end the element; the source map would be a request.
    return re.sub(r"//# sourceMappingURL=.*", "", text).replace("</script", r"<\/script")


@functools.cache
def leaflet_css() -> str:
    """Leaflet's style sheet, its few images as data inside."""
    return re.sub(r"url\(images/([\w.-]+)\)", _as_data, _read("leaflet.css"))


def _as_data(found: re.Match[str]) -> str:
    content = (_folder() / "images" / found[1]).read_bytes()
    return f"url(data:image/png;base64,{base64.b64encode(content).decode('ascii')})"


def _read(name: str) -> str:
    return (_folder() / name).read_text(encoding="utf-8")


def _folder() -> Path:
    return Path(leaflet.BASE_DIR)
