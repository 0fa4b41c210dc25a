"""The perimeter of a command: around a place by radius or by travel time, or from a file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from territory import communes, settings, trajet
from territory.errors import InvalidInputError
from territory.perimeter import DEFAULT_RADIUS_KM, MAX_FILE_BYTES, MODES, Perimeter
from territory.terminal import TerminalWatch

_Place = tuple[float | str, float | str, str | None]


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the arguments of a search."""
    to.add_argument("--autour", metavar="LIEU", help="Code Insee, nom de commune ou LON,LAT.")
    to.add_argument("--rayon-km", metavar="R", help="Rayon, de 0,1 à 300 km (30).")
    to.add_argument("--minutes", metavar="M",
                    help="Temps de trajet, de 1 à 120 minutes, à la place du rayon : par les "
                    "routes si la Géoplateforme répond, sinon estimé d’après la distance. La "
                    "sortie d’erreur dit lequel des deux.")
    to.add_argument("--mode", choices=list(MODES), help="voiture (par défaut) ou pied.")
    to.add_argument("--perimetre", type=Path, metavar="FICHIER",
                    help="Fichier de périmètre (JSON), à la place de --autour.")


def read(arguments: argparse.Namespace) -> Perimeter:
    """Make the perimeter that is asked.

    Parameters
    ----------
    arguments
        ``autour`` and ``rayon_km``; where the command has them, ``minutes``, ``mode`` and
        ``perimetre``.

    Raises
    ------
    InvalidInputError
        No place, too many ways to say it, or one of them is wrong.
    """
    file, minutes, mode = (
        getattr(arguments, name, None) for name in ("perimetre", "minutes", "mode")
    )
    if (arguments.autour is None) == (file is None):
        msg = "Indiquez soit --autour, soit --perimetre."
        raise InvalidInputError(msg)
    if minutes is not None and (file is not None or arguments.rayon_km is not None):
        msg = "Indiquez soit --minutes, soit --rayon-km ou --perimetre."
        raise InvalidInputError(msg)
    if mode is not None and minutes is None:
        msg = "Indiquez --minutes avec --mode : un rayon n’a pas de mode de trajet."
        raise InvalidInputError(msg)
    if file is not None:
        with file.open("rb") as stream:
            return Perimeter.from_bytes(stream.read(MAX_FILE_BYTES + 1))
    longitude, latitude, code = _place(arguments.autour)
    if minutes is not None:
        return _within(longitude, latitude, code, minutes, mode or "voiture")
    radius = DEFAULT_RADIUS_KM if arguments.rayon_km is None else arguments.rayon_km
    if code is None:
        return Perimeter.around_point(longitude, latitude, radius)
    return Perimeter.around_commune(communes.get(code), radius)


def _place(text: str) -> _Place:
    """Read a place: its point, and its commune if it is one."""
    place = text.strip()
    longitude, comma, latitude = place.partition(",")
    if comma and _is_number(longitude) and _is_number(latitude):
        return longitude, latitude, None
    known = place.upper() in communes.table().index
    commune = communes.get(place.upper()) if known else communes.resolve(place)
    return commune.longitude, commune.latitude, commune.code_insee


def _within(
    longitude: float | str, latitude: float | str, code: str | None, minutes: str, mode: str
) -> Perimeter:
    with TerminalWatch().listening() as watch:
        found = trajet.zone(
            longitude, latitude, minutes, mode, settings.load(), code_commune=code, watch=watch
        )
    print(found.sentence(), file=sys.stderr)  # noqa: T201
    return Perimeter.of_isochrone(found.isochrone)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
