"""The JSON form of a perimeter; its schema is ``docs/schema/perimetre.schema.json``.

Version 1 holds discs only and is what such a perimeter still writes, in the order given: files of
it are about. Version 2 holds any expression, in canonical order (see ``operations``), with a
sentence for whoever opens the file; that sentence is not read back, nor part of the digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from territory import communes
from territory.errors import InvalidInputError
from territory.perimeter.disc import Disc, check_point, check_radius
from territory.perimeter.drawn import Polygone
from territory.perimeter.isochrone import Isochrone
from territory.perimeter.operations import (
    MAX_AREAS,
    MAX_DEPTH,
    Area,
    Difference,
    Intersection,
    Tampon,
    Union,
    difference,
    intersection,
    union,
)
from territory.perimeter.units import Unites
from territory.text import excerpt

#: Version of the JSON form of discs, and of any other expression.
FORMAT_VERSION: Final = 1
EXPRESSION_VERSION: Final = 2

#: The largest perimeter, indented, with room to spare.
MAX_FILE_BYTES: Final = 5_000_000

_FORM: Final = "Ce fichier n’est pas un périmètre de ce logiciel."


def write(areas: Sequence[Area], sentence: str) -> dict[str, Any]:
    """Write the union of areas: version 1 when all are discs, else version 2."""
    if all(isinstance(area, Disc) for area in areas):
        return {
            "format": "perimetre",
            "version": FORMAT_VERSION,
            "disques": [asdict(disc) for disc in areas],
        }
    return {
        "format": "perimetre",
        "version": EXPRESSION_VERSION,
        "phrase": sentence,
        "zone": _written(union(areas)),
    }


def digest(content: Mapping[str, Any]) -> str:
    """Short digest of a form, its sentence left out, the same on any machine."""
    kept = {key: value for key, value in content.items() if key != "phrase"}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _written(area: Area) -> dict[str, Any]:
    if isinstance(area, Disc):
        return {"type": "disque", **asdict(area)}
    if isinstance(area, Polygone):
        return {"type": "polygone", "nom": area.nom, "coordonnees": _lists(area.coordonnees)}
    if isinstance(area, Isochrone):
        return _written_isochrone(area)
    if isinstance(area, Unites):
        return {"type": "unites", "codes": list(area.codes)}
    if isinstance(area, Union | Intersection):
        kind = "union" if isinstance(area, Union) else "intersection"
        return {"type": kind, "zones": [_written(zone) for zone in area.zones]}
    if isinstance(area, Difference):
        return {"type": "difference", "zone": _written(area.zone), "sauf": _written(area.sauf)}
    return {"type": "tampon", "distance_km": area.distance_km, "zone": _written(area.zone)}


#: Keys of a travel-time zone, and those each origin adds. The disc of an estimate is worked out
#: again, so that no file can show another one under its sentence.
_TRAVEL: Final = ("longitude", "latitude", "code_commune", "minutes", "mode", "origine")
_BASIS: Final[Mapping[str, tuple[str, ...]]] = {
    "service": ("jour", "ressource", "coordonnees"), "estimation": ("vitesse_kmh", "detour"),
}


def _written_isochrone(zone: Isochrone) -> dict[str, Any]:
    keys = (*_TRAVEL, *_BASIS[zone.origine])
    return {"type": "isochrone", **{key: _lists(getattr(zone, key)) for key in keys}}


def _lists(value: Any) -> Any:
    return [_lists(item) for item in value] if isinstance(value, tuple) else value


def parse(content: bytes) -> object:
    """Read the bytes of a file as JSON.

    Raises
    ------
    InvalidInputError
        Too large, not UTF-8, or not JSON.
    """
    if len(content) > MAX_FILE_BYTES:
        msg = "Ce fichier est trop gros pour être un périmètre."
        raise InvalidInputError(msg)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        msg = "Ce fichier n’est pas un JSON lisible."
        raise InvalidInputError(msg) from error


def read(content: object) -> tuple[Area, ...]:
    """Read a form; a file by someone else is untrusted.

    Raises
    ------
    InvalidInputError
        The form, version, types, bounds, codes or sizes are wrong.
    """
    if not isinstance(content, dict) or content.get("format") != "perimetre":
        raise InvalidInputError(_FORM)
    version = content.get("version")
    if version == FORMAT_VERSION:
        return _discs(content.get("disques"))
    if version != EXPRESSION_VERSION or isinstance(version, float):
        msg = f"Ce fichier est d’une version inconnue ({_shown(version)})."
        raise InvalidInputError(msg)
    _only(content, {"format", "version", "phrase", "zone"})
    return (_Reader().area(content.get("zone"), MAX_DEPTH),)


def _discs(discs: object) -> tuple[Area, ...]:
    if not isinstance(discs, list) or not 1 <= len(discs) <= MAX_AREAS:
        raise InvalidInputError(_FORM)
    return tuple(_disc(disc) for disc in discs)


def _disc(disc: object) -> Disc:
    if not isinstance(disc, dict):
        raise InvalidInputError(_FORM)
    lon, lat = check_point(disc.get("longitude"), disc.get("latitude"))
    code = disc.get("code_commune")
    if code is not None:
        # A commune has one reference point: another one would make the labels lie.
        home = communes.get(str(code))
        code, lon, lat = home.code_insee, home.longitude, home.latitude
    return Disc(lon, lat, check_radius(disc.get("radius_km")), code)


class _Reader:
    """Reads an expression, counting its areas so that a wide file is refused early."""

    def __init__(self) -> None:
        self._left = MAX_AREAS

    def area(self, content: object, depth: int) -> Area:
        if not isinstance(content, dict):
            msg = "Une zone de ce périmètre n’est pas décrite par un objet JSON."
            raise InvalidInputError(msg)
        if depth < 1:
            msg = f"Ce périmètre est trop compliqué : plus de {MAX_DEPTH} opérations emboîtées."
            raise InvalidInputError(msg)
        kind = content.get("type")
        known: dict[str, tuple[set[str], Callable[[Any, int], Area]]] = {
            "disque": ({"longitude", "latitude", "radius_km", "code_commune"}, self._disc),
            "polygone": ({"coordonnees", "nom"}, self._polygone),
            "isochrone": ({*_TRAVEL, *sum(_BASIS.values(), ())}, self._isochrone),
            "unites": ({"codes"}, self._unites),
            "union": ({"zones"}, lambda c, d: union(self._members(c, d))),
            "intersection": ({"zones"}, lambda c, d: intersection(self._members(c, d))),
            "difference": ({"zone", "sauf"}, self._difference),
            "tampon": ({"zone", "distance_km"}, self._tampon),
        }
        if not isinstance(kind, str) or kind not in known:
            msg = f"Le type de zone « {_shown(kind)} » n’existe pas (types : {', '.join(known)})."
            raise InvalidInputError(msg)
        keys, build = known[kind]
        _only(content, keys | {"type"})
        return build(content, depth)

    def _leaf(self) -> None:
        self._left -= 1
        if self._left < 0:
            msg = f"Ce périmètre est trop compliqué : plus de {MAX_AREAS} zones."
            raise InvalidInputError(msg)

    def _disc(self, content: dict[str, Any], _: int) -> Area:
        self._leaf()
        for name in ("longitude", "latitude", "radius_km"):
            _number(content.get(name), name)
        code = content.get("code_commune")
        if code is not None and not isinstance(code, str):
            msg = "Le code de la commune d’un disque doit être un texte."
            raise InvalidInputError(msg)
        return _disc(content)

    def _polygone(self, content: dict[str, Any], _: int) -> Area:
        self._leaf()
        return Polygone(content.get("coordonnees"), content.get("nom", ""))  # type: ignore[arg-type]

    def _isochrone(self, content: dict[str, Any], _: int) -> Area:
        self._leaf()
        origin = content.get("origine")
        if not isinstance(origin, str) or origin not in _BASIS:
            msg = f"L’origine « {_shown(origin)} » d’une zone de trajet n’existe pas."
            raise InvalidInputError(msg)
        keys = (*_TRAVEL, *_BASIS[origin])
        _only(content, {"type", *keys})
        for name in ("longitude", "latitude", "minutes", "vitesse_kmh", "detour"):
            if name in keys:
                _number(content.get(name), name)
        given: dict[str, Any] = {key: content.get(key) for key in keys}
        return Isochrone(**given)

    def _unites(self, content: dict[str, Any], _: int) -> Area:
        self._leaf()
        return Unites(content.get("codes"))  # type: ignore[arg-type]

    def _difference(self, content: dict[str, Any], depth: int) -> Area:
        return difference(
            self.area(content.get("zone"), depth - 1), self.area(content.get("sauf"), depth - 1)
        )

    def _tampon(self, content: dict[str, Any], depth: int) -> Area:
        distance = _number(content.get("distance_km"), "distance_km")
        return Tampon(self.area(content.get("zone"), depth - 1), distance)

    def _members(self, content: dict[str, Any], depth: int) -> list[Area]:
        zones = content.get("zones")
        if not isinstance(zones, list) or not 1 <= len(zones) <= MAX_AREAS:
            msg = f"Une union ou une intersection porte sur une liste de 1 à {MAX_AREAS} zones."
            raise InvalidInputError(msg)
        return [self.area(zone, depth - 1) for zone in zones]


def _number(value: object, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e6:
        msg = f"La valeur de « {name} » n’est pas un nombre accepté."
        raise InvalidInputError(msg)
    return float(value)


def _only(content: dict[Any, Any], keys: set[str]) -> None:
    """Refuse a key nobody reads: a misspelt « sauf » would silently change the perimeter."""
    for key in content:
        if key not in keys:
            msg = f"Ce périmètre contient « {_shown(key)} », que ce logiciel ne connaît pas."
            raise InvalidInputError(msg)


def _shown(value: object) -> str:
    """Beginning of a value of a file, what cannot be printed left out."""
    if isinstance(value, str):
        return "".join(c for c in excerpt(value, 40) if c.isprintable())
    if isinstance(value, int | float) and abs(value) < 1e6:
        return str(value)
    return "vide" if value is None else "?"
