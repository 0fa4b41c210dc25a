"""A perimeter in French words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from territory import communes
from territory.perimeter.disc import Disc
from territory.perimeter.drawn import Polygone
from territory.perimeter.isochrone import Isochrone
from territory.perimeter.operations import (
    Area,
    Difference,
    Intersection,
    Tampon,
    Union,
    leaves,
)
from territory.perimeter.units import Unites
from territory.text import NBSP, join, number, plural, trimmed

#: Beyond, a sentence is no longer read: it gives the count of each kind of area instead.
MAX_LENGTH: Final = 600
#: Names of a list before « et 12 autres ».
_NAMED: Final = 5


def sentence(areas: Sequence[Area]) -> str:
    """Say where, as the end of a French sentence: « à 30 km … », « dans la commune de … »."""
    text = _either(areas)
    return text if len(text) <= MAX_LENGTH else _summary(areas)


def where(area: Area) -> str:
    """Say where an area is: « à 30 km … », « dans la commune de … »."""
    if isinstance(area, Disc):
        return _disc(area)
    if isinstance(area, Polygone):
        return f"dans la {area.label}"
    if isinstance(area, Isochrone):
        return _isochrone(area)
    if isinstance(area, Unites):
        return join([f"dans {text}" for text in _units(area)], "ou")
    if isinstance(area, Union):
        return _either(area.zones)
    if isinstance(area, Intersection):
        return f"à la fois {join([_grouped(zone) for zone in area.zones])}"
    if isinstance(area, Difference):
        return f"{_grouped(area.zone)}, sauf {removed(area.sauf)}"
    return f"{_grouped(area.zone)}, avec {_kilometres(area)} de plus tout autour"


def _either(areas: Sequence[Area]) -> str:
    if len(areas) == 1:
        return where(areas[0])
    # Units already read « … ou … ».
    return join([where(a) if isinstance(a, Unites) else _grouped(a) for a in areas], "ou")


def _grouped(area: Area) -> str:
    """Brackets where words alone would not say what goes with what."""
    text = where(area)
    compound = isinstance(area, Union | Intersection | Difference | Tampon) or (
        isinstance(area, Unites) and len(_units(area)) > 1
    )
    return f"({text})" if compound else text


def removed(area: Area) -> str:
    """Say what is taken away: « sauf la commune de … », « sauf à 5 km … »."""
    if isinstance(area, Unites):
        return join(_units(area))
    if isinstance(area, Polygone):
        return f"la {area.label}"
    return _grouped(area)


def _disc(disc: Disc) -> str:
    radius = f"{trimmed(disc.radius_km, 3)}{NBSP}km"
    if disc.code_commune is not None:
        commune = communes.get(disc.code_commune)
        return (
            f"à {radius} à vol d’oiseau autour de {commune.nom} "
            f"({commune.nom_departement}), commune entière comprise"
        )
    return f"à {radius} à vol d’oiseau autour du {disc.center_label}"


def _isochrone(zone: Isochrone) -> str:
    if zone.code_commune is not None:
        home = communes.get(zone.code_commune)
        departure = f"{_of(home.nom)} ({home.nom_departement})"
    else:
        departure = f"du {zone.center_label}"
    about = "environ " if zone.estimated else ""
    return f"à {about}{zone.duration} {departure} selon {zone.basis}"


def _kilometres(area: Tampon) -> str:
    return f"{trimmed(area.distance_km, 3)}{NBSP}km"


def _units(area: Unites) -> list[str]:
    """Noun groups, one by level: « les communes de A et B », « le département Drôme »."""
    said = []
    towns = [_of(name) for name in area.names("commune")]
    if len(towns) == 1:
        said.append(f"la commune {towns[0]}")
    elif towns:
        said.append(f"les communes {_listed(towns, 'communes')}")
    groups = area.names("epci")
    if len(groups) == 1 and re.match(r"(?:Communauté|Métropole) ", groups[0]):
        said.append(f"la {groups[0]}")
    elif groups:
        names = [f"«{NBSP}{name}{NBSP}»" for name in groups]
        head = "l’intercommunalité" if len(groups) == 1 else "les intercommunalités"
        said.append(f"{head} {_listed(names, 'intercommunalités')}")
    for level, one, many in (
        ("departement", "le département", "départements"), ("region", "la région", "régions"),
    ):
        names = area.names(level)  # type: ignore[arg-type]
        if names:
            head = one if len(names) == 1 else f"les {many}"
            said.append(f"{head} {_listed(names, many)}")
    return said


def _of(name: str) -> str:
    """« de » and the name of a commune, with elision and contraction."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    # No rule for H, which is aspirated in some names only.
    return f"d’{name}" if re.match(r"[AEIOUÉÈÊÂÎÔŒ]|Y[^aeiou]", name) else f"de {name}"


def _listed(names: Sequence[str], what: str) -> str:
    if len(names) <= _NAMED + 1:
        return join(names)
    return join([*names[:_NAMED], f"{number(len(names) - _NAMED)} autres {what}"])


def _summary(areas: Sequence[Area]) -> str:
    every = [leaf for area in areas for leaf in leaves(area)]
    kinds = Counter(type(leaf) for leaf in every)
    units = sum(len(leaf.codes) for leaf in every if isinstance(leaf, Unites))
    parts = [
        text for count, text in (
            (kinds[Disc], plural(kinds[Disc], "disque")),
            (units, plural(units, "territoire entier", "territoires entiers")),
            (kinds[Polygone], plural(kinds[Polygone], "zone dessinée", "zones dessinées")),
            (kinds[Isochrone], plural(kinds[Isochrone], "zone de trajet", "zones de trajet")),
        ) if count
    ]
    first = where(every[0])
    first = first if len(first) < MAX_LENGTH // 2 else ""
    return (
        f"dans un périmètre composé de {join(parts)}{f' (le premier : {first})' if first else ''}"
    )
