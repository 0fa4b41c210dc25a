"""The table of settings: one name, one default, one sentence and one environment variable each.

Settings are read from the environment once, when :func:`load` is called; nothing changes them
afterwards, so that two users of one server never share a mutable switch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from territory.errors import InvalidInputError

#: The tables that ship with the code.
EMBEDDED_DIR = Path(__file__).resolve().parent.parent / "data"


@dataclass(frozen=True)
class Setting:
    """One line of the table.

    Attributes
    ----------
    name
        Field of :class:`Settings`.
    variable
        Environment variable that overrides the default.
    default
        Value used when the variable is absent or empty, as text.
    help
        One sentence in French.
    secret
        Never printed.
    """

    name: str
    variable: str
    default: str
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "data_dir",
        "TERRITORY_DATA_DIR",
        platformdirs.user_data_dir("perimetre", appauthor=False),
        "Dossier local où sont rangées les sources téléchargées.",
    ),
    Setting(
        "store",
        "TERRITORY_STORE",
        "",
        "Base PostgreSQL avec PostGIS partagée par plusieurs serveurs (postgresql://…), jamais "
        "affichée ; vide : le dossier local.",
        secret=True,
    ),
    Setting("offline", "TERRITORY_OFFLINE", "0", "1 interdit tout appel au réseau."),
    Setting(
        "recherche_entreprises_url",
        "TERRITORY_RECHERCHE_ENTREPRISES_URL",
        "https://recherche-entreprises.api.gouv.fr",
        "Adresse de l’API Recherche d’entreprises.",
    ),
    Setting(
        "geoplateforme_url",
        "TERRITORY_GEOPLATEFORME_URL",
        "https://data.geopf.fr",
        "Adresse de la Géoplateforme (IGN) : géocodage, itinéraires, fonds de carte.",
    ),
    Setting(
        "sirene_url",
        "TERRITORY_SIRENE_URL",
        "https://object.files.data.gouv.fr/data-pipeline-open/siren",
        "Adresse des fichiers Sirene.",
    ),
    Setting(
        "marche_inclusion_url",
        "TERRITORY_MARCHE_INCLUSION_URL",
        "https://lemarche.inclusion.beta.gouv.fr/api",
        "Adresse de l’API du Marché de l’inclusion.",
    ),
    Setting(
        "marche_inclusion_token",
        "TERRITORY_MARCHE_INCLUSION_TOKEN",
        "",
        "Jeton personnel du Marché de l’inclusion, jamais affiché.",
        secret=True,
    ),
    Setting(
        "liste_ess_url",
        "TERRITORY_LISTE_ESS_URL",
        "https://static.data.gouv.fr/resources/liste-des-entreprises-de-less/20231120-102604/"
        "entreprisesess.csv",
        "Adresse de la liste des entreprises de l’ESS (ESS France).",
    ),
    Setting(
        "esus_url",
        "TERRITORY_ESUS_URL",
        "",
        "Adresse du tableau des agréments ESUS (Trésor) ; elle change à chaque parution.",
    ),
    Setting(
        "fresh_days",
        "TERRITORY_FRESH_DAYS",
        "7",
        "Nombre de jours pendant lesquels une liste téléchargée est relue sans appel.",
    ),
    Setting(
        "melodi_url",
        "TERRITORY_MELODI_URL",
        "https://api.insee.fr/melodi",
        "Adresse de l’API Melodi de l’Insee.",
    ),
    Setting(
        "overpass_url",
        "TERRITORY_OVERPASS_URL",
        "https://overpass-api.de/api/interpreter",
        "Adresse d’Overpass (OpenStreetMap).",
    ),
    Setting(
        "webstat_url",
        "TERRITORY_WEBSTAT_URL",
        "https://webstat.banque-france.fr/api/explore/v2.1",
        "Adresse de WebStat (Banque de France).",
    ),
    Setting(
        "webstat_key",
        "TERRITORY_WEBSTAT_KEY",
        "",
        "Clé personnelle et gratuite de WebStat, jamais affichée.",
        secret=True,
    ),
    Setting(
        "laposte_url",
        "TERRITORY_LAPOSTE_URL",
        "https://data.laposte.fr/data-fair/api/v1/datasets/laposte-poincont2",
        "Adresse du jeu de données des points de contact de La Poste.",
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings in force. Fields are documented by :data:`SETTINGS`.

    A secret is not in the ``repr``, which tracebacks and logs show.
    """

    data_dir: Path
    store: str = field(repr=False)
    offline: bool
    recherche_entreprises_url: str
    geoplateforme_url: str
    sirene_url: str
    marche_inclusion_url: str
    marche_inclusion_token: str = field(repr=False)
    liste_ess_url: str
    esus_url: str
    fresh_days: int
    melodi_url: str
    overpass_url: str
    webstat_url: str
    webstat_key: str = field(repr=False)
    laposte_url: str


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment.

    Raises
    ------
    InvalidInputError
        ``TERRITORY_OFFLINE`` is neither 0 nor 1, a number is none, or ``TERRITORY_STORE`` is no
        address of a PostgreSQL database.
    """
    values = {s.name: environ.get(s.variable) or s.default for s in SETTINGS}
    if values["offline"] not in {"0", "1"}:
        msg = f"TERRITORY_OFFLINE vaut « {values['offline']} » : écrivez 0 ou 1."
        raise InvalidInputError(msg)
    if not re.fullmatch(r"[0-9]{1,4}", values["fresh_days"]):
        msg = (
            f"TERRITORY_FRESH_DAYS vaut « {values['fresh_days']} » : écrivez un nombre de jours, "
            "de 0 à 9999."
        )
        raise InvalidInputError(msg)
    urls = {s.name: values[s.name].rstrip("/") for s in SETTINGS if s.name.endswith("_url")}
    return Settings(
        data_dir=Path(values["data_dir"]).expanduser(),
        store=_store(values["store"].strip()),
        offline=values["offline"] == "1",
        marche_inclusion_token=values["marche_inclusion_token"].strip(),
        fresh_days=int(values["fresh_days"]),
        webstat_key=values["webstat_key"].strip(),
        **urls,
    )


def _store(address: str) -> str:
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        well_formed = parts.scheme in {"postgresql", "postgres"} and len(parts.path) > 1
        # Read to be checked: a port that is no number raises.
        well_formed &= parts.port is None or parts.port > 0
    except ValueError:
        well_formed = False
    if not well_formed:
        # Not said: it may hold a password. Nor is the former error, which quotes it.
        msg = (
            "TERRITORY_STORE n’est pas l’adresse d’une base PostgreSQL : écrivez "
            "postgresql://utilisateur:mot-de-passe@machine:5432/base."
        )
        raise InvalidInputError(msg) from None
    return address
