"""The settings table."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from territory import settings
from territory.errors import InvalidInputError
from tests.territory.french import is_french_sentence

DESIGN_VARIABLES = {
    "TERRITORY_DATA_DIR", "TERRITORY_OFFLINE", "TERRITORY_RECHERCHE_ENTREPRISES_URL",
    "TERRITORY_GEOPLATEFORME_URL", "TERRITORY_SIRENE_URL", "TERRITORY_MARCHE_INCLUSION_URL",
    "TERRITORY_MELODI_URL", "TERRITORY_OVERPASS_URL",
}
#: Beside the design's: what the sources of ESS employers and of counters need.
OTHER_VARIABLES = {
    "TERRITORY_MARCHE_INCLUSION_TOKEN", "TERRITORY_LISTE_ESS_URL", "TERRITORY_ESUS_URL",
    "TERRITORY_FRESH_DAYS", "TERRITORY_WEBSTAT_URL", "TERRITORY_WEBSTAT_KEY",
    "TERRITORY_LAPOSTE_URL", "TERRITORY_STORE",
}
#: Empty until somebody fills them in.
PERSONAL = {"marche_inclusion_token", "esus_url", "webstat_key", "store"}


def test_the_table_is_the_design_s() -> None:
    assert {s.variable for s in settings.SETTINGS} == DESIGN_VARIABLES | OTHER_VARIABLES
    fields = [f.name for f in dataclasses.fields(settings.Settings)]
    assert [s.name for s in settings.SETTINGS] == fields


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda s: s.name)
def test_each_line_explains_itself(setting: settings.Setting) -> None:
    assert setting.help.endswith(".")
    assert bool(setting.default) is (setting.name not in PERSONAL)


def test_defaults() -> None:
    current = settings.load({})
    assert current.offline is False
    assert current.data_dir.name == "perimetre"
    assert current.recherche_entreprises_url == "https://recherche-entreprises.api.gouv.fr"
    assert settings.load({"TERRITORY_OFFLINE": ""}) == current


def test_the_environment_overrides() -> None:
    current = settings.load(
        {"TERRITORY_OFFLINE": "1", "TERRITORY_DATA_DIR": "~/ici",
         "TERRITORY_MELODI_URL": "http://127.0.0.1:9/m/"}
    )
    assert current.offline is True
    assert current.data_dir == Path.home() / "ici"
    assert current.melodi_url == "http://127.0.0.1:9/m"


@pytest.mark.parametrize("value", ["oui", "2", "true", " 1"])
def test_offline_is_zero_or_one(value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        settings.load({"TERRITORY_OFFLINE": value})
    assert is_french_sentence(caught.value.user_message)
    assert value in caught.value.user_message


@pytest.mark.parametrize("value", ["-1", "sept", "1.5", "²"])
def test_days_are_a_whole_number(value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        settings.load({"TERRITORY_FRESH_DAYS": value})
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("value", [
    "sqlite:///ici", "mysql://u:secret@h/b", "postgresql://u:secret@h", "secret",
    "postgresql://u:secret@h:port/b", "postgresql://u:secret@[h/b", "postgresql://u:secret@h:0/b",
])
def test_a_wrong_store_is_said_without_what_it_holds(value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        settings.load({"TERRITORY_STORE": value})
    assert is_french_sentence(caught.value.user_message)
    assert "secret" not in caught.value.user_message
    assert caught.value.__suppress_context__, "the former error may quote the address"


def test_settings_cannot_change_once_read() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.load({}).offline = True  # type: ignore[misc]


def test_a_secret_is_in_no_repr() -> None:
    secrets = {s.variable: "b" * 64 for s in settings.SETTINGS if s.secret}
    assert len(secrets) == 3
    secrets["TERRITORY_STORE"] = f"postgresql://moi:{'b' * 64}@base/perimetre"
    current = settings.load(secrets)
    assert current.store == secrets["TERRITORY_STORE"]
    assert current.webstat_key == current.marche_inclusion_token == "b" * 64
    assert "b" * 64 not in repr(current)


def test_the_embedded_base_lies_beside_the_code() -> None:
    assert (settings.EMBEDDED_DIR / "manifest.json").is_file()
