"""Territories one may ask a sheet of: communes, larger units, France, and one's own perimeter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from territory import communes
from territory.codes import commune_of
from territory.communes import Level
from territory.errors import InvalidInputError, UnknownPlaceError
from territory.perimeter import Perimeter
from territory.text import NBSP, excerpt, trimmed

Kind = Literal["commune", "epci", "departement", "region", "france", "perimetre"]

_LEVELS: Final[tuple[Level, ...]] = ("commune", "epci", "departement", "region")


@dataclass(frozen=True)
class Territoire:
    """A set of whole communes with a name.

    Attributes
    ----------
    kind
        What it is.
    code
        Insee code, SIREN of an EPCI; empty for France and a perimeter.
    name
        ``Romans-sur-Isère``, ``Drôme``…
    codes
        Its communes, in the order of the commune table.
    """

    kind: Kind
    code: str
    name: str
    codes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name that tells homonyms apart: ``Romans-sur-Isère (26, Drôme)``."""
        if self.kind == "commune":
            return communes.get(self.code).label
        if self.kind == "departement":
            return f"{self.name} ({self.code})"
        if self.kind == "region":
            return f"{self.name} (région)"
        return self.name

    @property
    def address(self) -> str:
        """Code :func:`of_code` reads back: ``26281``, ``R84``, ``FR``; empty for a perimeter."""
        return {"region": f"R{self.code}", "france": "FR"}.get(self.kind, self.code)

    @property
    def departements(self) -> tuple[str, ...]:
        """Codes of the départements it lies in."""
        return tuple(sorted(set(communes.whole().loc[list(self.codes), "code_departement"])))


def unit(kind: Kind, code: str) -> Territoire:
    """Return a unit by its code.

    Raises
    ------
    UnknownPlaceError
        No unit of this kind has this code.
    """
    if kind == "france":
        return Territoire("france", "", "France", tuple(communes.whole().index))
    if kind == "commune":
        code = communes.get(code).code_insee
        # An arrondissement is not a unit of the figures: its commune answers.
        code = commune_of(code)
        return Territoire("commune", code, communes.get(code).nom, (code,))
    if kind not in _LEVELS or code not in communes.units(kind).index:
        msg = f"Aucun territoire ne porte le code « {excerpt(code)} »."
        raise UnknownPlaceError(msg)
    whole = communes.whole()
    held = whole.index[(whole[f"code_{kind}"] == code).to_numpy(dtype=bool)]
    return Territoire(kind, code, str(communes.units(kind).loc[code, "nom"]), tuple(held))


def of_code(text: str) -> Territoire:
    """Return the unit a code stands for: ``26281``, ``200040459``, ``26``, ``R84`` or ``FR``.

    Raises
    ------
    UnknownPlaceError
        No unit has this code.
    """
    code = text.strip().upper()
    if code in {"FR", "FRANCE"}:
        return unit("france", "")
    if re.fullmatch(r"R\d{2}", code):
        return unit("region", code[1:])
    if re.fullmatch(r"\d{9}", code):
        return unit("epci", code)
    if re.fullmatch(r"\d{2}|2[AB]|97\d", code):
        return unit("departement", code)
    return unit("commune", code)


def inside(perimeter: Perimeter) -> pd.Index:
    """Codes of the communes whose reference point is in a perimeter, in the order of the table."""
    whole = communes.whole()
    held, _ = perimeter.distances_km(whole["longitude"], whole["latitude"], whole.index)
    return whole.index[held]


def of_perimeter(perimeter: Perimeter) -> Territoire:
    """Communes whose reference point is in a perimeter.

    Raises
    ------
    InvalidInputError
        No reference point is in it.
    """
    codes = tuple(inside(perimeter))
    if not codes:
        msg = (
            "Aucune commune n’a son point de référence dans ce périmètre : agrandissez-le pour "
            "avoir sa fiche."
        )
        raise InvalidInputError(msg)
    if not perimeter.only_discs:
        return Territoire("perimetre", "", f"Périmètre {perimeter.sentence()}", codes)
    disc = perimeter.discs[0]
    place = disc.center_label.removeprefix("mairie de ").removeprefix("point central de ")
    name = f"Périmètre de {trimmed(disc.radius_km, 3)}{NBSP}km autour de {place}"
    return Territoire("perimetre", "", name, codes)


def containing(territoire: Territoire) -> list[Territoire]:
    """Units that hold a territory whole, from the smallest to France."""
    if territoire.kind == "france":
        return []
    held = communes.whole().loc[list(territoire.codes)]
    above: list[Territoire] = []
    for level in _LEVELS[1:]:
        codes = set(held[f"code_{level}"].dropna())
        if level == territoire.kind or len(codes) != 1 or held[f"code_{level}"].isna().any():
            continue
        one = unit(level, str(codes.pop()))
        if len(one.codes) > len(territoire.codes) and (not above or one.codes != above[-1].codes):
            above.append(one)
    return [*above, unit("france", "")]
