"""Addresses of what the live map fetches, each carrying the version of what it serves."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import streamlit as st

from territory import store

STATIC_DIR = Path(__file__).parent / "static"


@functools.cache
def code_version() -> str:
    """Short hash of our scripts: a new release never meets an old script in a cache."""
    digest = hashlib.sha256()
    for path in sorted(STATIC_DIR.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def base_path() -> str:
    """Path under which the app is served: "" or "/something" (``server.baseUrlPath``)."""
    prefix = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{prefix}" if prefix else ""


def scripts_url() -> str:
    """Folder of our modules and of MapLibre GL."""
    return f"{base_path()}/carte/{code_version()}/"


def head_html() -> str:
    """Tags of every page: the styles, and the map's code, fetched while Streamlit itself starts.

    Every module is named, so that none waits for the one that imports it. The grey blocks that
    Streamlit shows meanwhile do not throb: each of their frames takes the processor from the map
    where there is no graphics card.
    """
    base = scripts_url()
    modules = sorted(path.name for path in STATIC_DIR.glob("*.js"))
    styles = sorted(path.name for path in STATIC_DIR.glob("*.css"))
    return "".join(
        [
            "<style>[data-testid=stSkeleton]{animation:none!important}</style>",
            *(f'<link rel="stylesheet" href="{base}{name}">' for name in styles),
            f'<link rel="preload" as="script" href="{base}maplibre-gl.js">',
            *(f'<link rel="modulepreload" href="{base}{name}">' for name in modules),
            f'<script type="module" src="{base}amorce.js"></script>',
        ]
    )


def tiles_url() -> str:
    """Template of the vector tiles, with {z}, {x} and {y}."""
    return f"{base_path()}/tuiles/{store.version()}/{{z}}/{{x}}/{{y}}.pbf"


def values_url(level: str, indicator: str) -> str:
    """Values of an indicator at a level (commune, epci, departement, region)."""
    return f"{base_path()}/valeurs/{store.version()}/{level}/{indicator}.json"


def stock_url(level: str, stock: str) -> str:
    """Circles of a stock at a level."""
    return f"{base_path()}/valeurs/{store.version()}/cercles/{level}/{stock}.json"


def points_url(table: str) -> str:
    """Points of a table: "ptce" or "villes"."""
    return f"{base_path()}/valeurs/{store.version()}/points/{table}.json"


def structures_url(key: str | None) -> str:
    """Packed points of a published directory (its key changes with its content), or the extract."""
    return f"{_list_path(key)}.bin"


def lines_url(key: str | None) -> str:
    """Template of what rows of the same list say, with {lignes}: numbers joined by hyphens."""
    return f"{_list_path(key)}/{{lignes}}.json"


def _list_path(key: str | None) -> str:
    name = "points/structures" if key is None else f"annuaires/{key}"
    return f"{base_path()}/valeurs/{store.version()}/{name}"


def computed_url(key: str) -> str:
    """Values that this process computed (:func:`ui.carte.calculs.publish`)."""
    return f"{base_path()}/valeurs/{store.version()}/calculs/{key}.json"


def towns_url() -> str:
    """Names of the main towns."""
    return points_url("villes")
