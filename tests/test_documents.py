"""The documents tell the truth about today: figures, files, commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks import rapport
from territory import ptce, settings, store
from territory.cli import _parser, main

ROOT = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_data_notes_give_the_counts_of_the_last_build() -> None:
    said = re.sub(r"(?<=\d) (?=\d{3})", "", text("docs/donnees.md"))
    report = json.loads(store.path("rapport.json").read_text(encoding="utf-8"))
    for label, count in report.items():
        if count:
            assert re.search(rf"\b{count}\b", said) or count < 10, f"{label} : {count}"
    assert f"({int((ptce.table()['niveau'] == 'epci').sum())} lignes)" in said


def test_every_file_of_the_base_is_named_in_the_data_notes() -> None:
    said = text("docs/donnees.md")
    for path in store.path("").iterdir():
        if path.is_file():
            assert path.name in said, path.name


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/guide.md", "docs/donnees.md", "docs/deploiement.md", "docs/ptce.md",
     "docs/performance.md"],
)
def test_links_and_pictures_of_the_documents_exist(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text(name)):
        if not target.startswith("http"):
            assert ((ROOT / name).parent / target).is_file(), target


def test_the_commands_of_the_guide_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"python -m territory (.+)", text("docs/guide.md") + text("README.md"))
    assert len(commands) >= 4
    for command in commands:
        arguments = [a.strip('"') for a in re.findall(r'"[^"]+"|[^\s`"]+', command)]
        if arguments == ["--help"]:
            continue
        if arguments[0] == "fetch" or {"--fournisseurs", "--fichier"} & set(arguments):
            # Asks a service or a file of the person's: its words must be understood.
            _parser().parse_args(arguments)
            continue
        assert main(arguments) == 0, command


def test_the_deployment_names_settings_and_services_that_exist() -> None:
    known = {setting.variable for setting in settings.SETTINGS}
    compose = text("docs/deploiement/compose.yml")
    named = re.findall(r"TERRITORY_\w+", text("docs/deploiement.md") + compose)
    assert set(named) <= known
    servers = re.findall(r"server (\w+):8501", text("docs/deploiement/nginx.conf"))
    assert len(servers) == 2
    for service in servers:
        assert f"\n  {service}:\n" in compose
    commands = re.findall(r"recolte (fetch .+)", text("docs/deploiement.md") + compose)
    for command in commands:
        _parser().parse_args(command.strip("`").split("` |")[0].split())


def test_make_offers_what_the_readme_says() -> None:
    targets = re.findall(r"^(\w+):", text("Makefile"), re.MULTILINE)
    for target in re.findall(r"make (\w+)", text("README.md") + text(".ci/run")):
        assert target in targets


def test_the_figures_of_performance_are_those_kept() -> None:
    kept = json.loads(text("docs/performance.json"))
    assert rapport.text(kept) == text("docs/performance.md")
