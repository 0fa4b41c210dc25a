"""The arrows of the design, read from the imports of every module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

HTTP_CLIENTS = ("requests", "httpx", "urllib3", "aiohttp", "urllib.request", "http.client")
MAX_LINES = 500


def modules(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(p.relative_to(ROOT) for p in found)


def imported(source: str, package: tuple[str, ...]) -> Iterator[str]:
    """Dotted names a module imports, anywhere in it, relative imports resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            origin = ".".join((*base, *(node.module or "").split("."))).strip(".")
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name | ast.Attribute)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in
            {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def imports_of(path: Path) -> set[str]:
    return set(imported((ROOT / path).read_text(encoding="utf-8"), path.parent.parts))


def uses(path: Path, *packages: str) -> list[str]:
    return sorted(
        name
        for name in imports_of(path)
        if any(name == p or name.startswith(f"{p}.") for p in packages)
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import folium.plugins as p", {"folium.plugins"}),
        ("from layers import tiles", {"layers", "layers.tiles"}),
        ("def f():\n    import streamlit", {"streamlit"}),
        ("from . import geo", {"territory", "territory.geo"}),
        ("from .sources import dgcl", {"territory.sources", "territory.sources.dgcl"}),
        ("import importlib\nimportlib.import_module('ui.main')", {"importlib", "ui.main"}),
    ],
)
def test_the_reader_of_imports_sees_every_form(source: str, expected: set[str]) -> None:
    assert set(imported(source, ("territory",))) == expected


def test_every_package_is_read() -> None:
    assert len(modules("territory")) > 15
    assert modules("layers")


@pytest.mark.parametrize("path", modules("territory"), ids=str)
def test_territory_draws_nothing_and_knows_no_screen(path: Path) -> None:
    forbidden = ["ui", "app", "folium", "branca", "streamlit", "starlette", "maplibre"]
    if path != Path("territory/cli.py"):
        forbidden.append("layers")
    assert uses(path, *forbidden) == []


@pytest.mark.parametrize("path", modules("layers"), ids=str)
def test_layers_know_neither_streamlit_nor_the_pages(path: Path) -> None:
    assert uses(path, "streamlit", "starlette", "ui", "app") == []


@pytest.mark.parametrize("path", modules("territory", "layers", "ui"), ids=str)
def test_folium_has_one_home(path: Path) -> None:
    if path != Path("layers/folium_map.py"):
        assert uses(path, "folium", "branca") == []


@pytest.mark.parametrize("path", modules("territory", "layers", "ui"), ids=str)
def test_the_network_has_one_door(path: Path) -> None:
    if path != Path("territory/sources/_http.py"):
        assert uses(path, *HTTP_CLIENTS) == []


@pytest.mark.parametrize("path", modules("territory", "layers", "ui"), ids=str)
def test_the_shared_database_has_one_home(path: Path) -> None:
    if path.parent != Path("territory/postgis"):
        assert uses(path, "psycopg", "psycopg_pool") == []


def test_only_the_command_line_calls_layers_and_only_inside_its_commands() -> None:
    tree = ast.parse((ROOT / "territory/cli.py").read_text(encoding="utf-8"))
    at_top = [
        node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("layers")
    ]
    assert at_top == []


@pytest.mark.parametrize("path", modules("territory", "layers"), ids=str)
def test_files_stay_small(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= MAX_LINES
