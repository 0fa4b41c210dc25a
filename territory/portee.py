"""The delivery range a supplier declares: all France, some kilometres, named areas, or unknown.

It is the supplier's own word, apart from the buyer's radius: one says where a supplier is looked
for, the other where it goes (the Marché de l'inclusion models the same three kinds).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import communes
from territory.codes import commune_of
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, fold, join, trimmed

#: What a person may write for the whole country.
_COUNTRY = {"france", "france entiere", "toute la france", "pays", "country", "national"}
_KILOMETRES = re.compile(r"(\d{1,4}(?:[.,]\d+)?)\s*(?:km|kilom[eè]tres?)?", re.IGNORECASE)
_ZONES = re.compile(r"zones?\s*:\s*", re.IGNORECASE)
_MAX_ZONES = 500
_COMMUNE_LENGTH = 5


@dataclass(frozen=True)
class Portee:
    """A declared range; nothing set means that nobody declared it.

    Attributes
    ----------
    france
        The whole country.
    radius_km
        Kilometres around the supplier's own place.
    zones
        Codes: commune (``26281``), département (``26``, ``2A``, ``974``), EPCI (nine digits),
        région (``R84``, for 84 is also the Vaucluse).
    """

    france: bool = False
    radius_km: float | None = None
    zones: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Text kept in the column ``portee``; :func:`parse` reads it back."""
        if self.france:
            return "France"
        if self.radius_km is not None:
            return f"{self.radius_km:.7g} km"
        return f"zones : {', '.join(self.zones)}" if self.zones else ""

    def sentence(self) -> str:
        """Say it in French."""
        if self.france:
            return "livre dans toute la France"
        if self.radius_km is not None:
            return f"livre à {trimmed(self.radius_km, 3)}{NBSP}km autour de son adresse"
        if self.zones:
            return f"livre dans : {join([_zone_name(zone) for zone in self.zones])}"
        return "portée inconnue"


def parse(text: str) -> Portee:
    """Read a range as a person or a source writes it.

    ``France``, ``30 km``, ``zones : 26, 38281, R84``, or the codes alone.

    Raises
    ------
    InvalidInputError
        It is none of these, a code is no area's, or a bare number could be both.
    """
    written = " ".join(text.split())
    if not written:
        return Portee()
    if fold(written) in _COUNTRY:
        return Portee(france=True)
    bare = _ZONES.sub("", written, count=1)
    distance = _KILOMETRES.fullmatch(written)
    if distance is not None and written == distance[1] and len(written) < _COMMUNE_LENGTH:
        msg = (
            f"La portée « {written} » peut être une distance ou un département : écrivez "
            f"« {written} km » ou « zones : {written} »."
        )
        raise InvalidInputError(msg)
    if distance is not None and written != distance[1]:
        # To the metre: the stored text reads back as the same number.
        radius = round(float(distance[1].replace(",", ".")), 3)
        if 0 < radius <= 2000:
            return Portee(radius_km=radius)
    zones = [zone.strip().upper() for zone in re.split(r"[,;]", bare) if zone.strip()]
    unknown = [zone for zone in zones if not _is_zone(zone)]
    if unknown or not zones or len(zones) > _MAX_ZONES:
        what = excerpt(unknown[0] if unknown else written)
        msg = (
            f"La portée « {what} » n’est pas comprise : écrivez « France », un nombre de "
            "kilomètres (« 30 km ») ou des codes de communes, de départements, d’EPCI ou de "
            "régions (« 26 ; 38281 ; R84 »)."
        )
        raise InvalidInputError(msg)
    return Portee(zones=tuple(sorted(set(zones))))


def normalise(text: str) -> str:
    """Write a range the one way it is stored; same errors as :func:`parse`."""
    return str(parse(text))


def serves(portee: Portee, home_code: str | None, distance_km: float) -> str:
    """Tell whether a supplier says it delivers to a place: ``oui``, ``non`` or ``inconnu``.

    Parameters
    ----------
    portee
        What the supplier declares.
    home_code
        Commune or arrondissement of the place; None when it has none.
    distance_km
        From the supplier to the place; NaN when unknown.
    """
    if portee.france:
        return "oui"
    if portee.radius_km is not None:
        if np.isnan(distance_km):
            return "inconnu"
        return "oui" if distance_km <= portee.radius_km else "non"
    if portee.zones and home_code is not None:
        return "oui" if set(portee.zones) & _areas_of(home_code) else "non"
    return "inconnu"


def serves_each(
    portees: pd.Series, home_code: str | None, distances_km: npt.NDArray[np.float64]
) -> npt.NDArray[np.object_]:
    """Answer :func:`serves` for stored texts, shape (n,); an unreadable one is unknown."""
    read = {text: _parsed_or_none(text) for text in portees.unique()}
    return np.array(
        [serves(read[text], home_code, km) for text, km in zip(portees, distances_km, strict=True)],
        dtype=object,
    )


def _parsed_or_none(text: str) -> Portee:
    try:
        return parse(text)
    except InvalidInputError:
        return Portee()


@functools.lru_cache(maxsize=256)
def _areas_of(code: str) -> frozenset[str]:
    """Codes of every area that holds a commune, itself included."""
    table = communes.table()
    if code not in table.index:
        return frozenset({code})
    whole = commune_of(code)
    home = table.loc[whole]
    codes = {code, whole, str(home["code_departement"]), f"R{home['code_region']}"}
    if isinstance(home["code_epci"], str):
        codes.add(home["code_epci"])
    return frozenset(codes)


@functools.cache
def _names() -> dict[str, str]:
    table = communes.table()
    names = {str(code): str(name) for code, name in table["nom"].items()}
    for column, prefix in (("epci", ""), ("departement", ""), ("region", "R")):
        pairs = table.dropna(subset=[f"code_{column}"]).drop_duplicates(f"code_{column}")
        names |= {
            f"{prefix}{code}": str(name)
            for code, name in zip(pairs[f"code_{column}"], pairs[f"nom_{column}"], strict=True)
        }
    return names


def _is_zone(code: str) -> bool:
    return code.upper() in _names()


def _zone_name(code: str) -> str:
    return _names().get(code, code)
