"""The JSON form of a portrait, versioned; see ``docs/schema/portrait.schema.json``."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

from territory.portrait.figures import THEMES, Figure
from territory.portrait.portrait import Portrait
from territory.territoires import Territoire

FORMAT: Final = "portrait-territoire"
VERSION: Final = 1

#: What is said of a PTCE.
_POLE: Final = ("nom", "commune", "code_insee", "territoire", "niveau", "filiere", "origine",
                "statut_libelle", "annee_creation", "source_titre", "source_url")


def to_json(portrait: Portrait) -> dict[str, Any]:
    """Write a portrait: no NaN, an unknown value is null and its text says why."""
    found = portrait.structures
    return {
        "format": FORMAT, "version": VERSION, "etabli_le": portrait.day.isoformat(),
        "territoire": place_form(portrait.territoire),
        "contenants": [place_form(one) for one in portrait.around],
        "phrases": list(portrait.sentences),
        "chiffres": [_figure(one, portrait.territoire.kind) for one in portrait.figures],
        "liste_ess": {"couverture": found.coverage, "phrase": found.directory.sentence(),
                      "empreinte": found.directory.key},
        "familles": _records(found.families),
        "filieres": _records(found.trades),
        "filieres_absentes": _records(found.absent),
        "ptce": {"ici": _records(portrait.poles[[*_POLE, "dedans"]]),
                 "autour": _records(portrait.poles_near[[*_POLE, "distance_km"]])},
        "totaux_publies": _records(portrait.published),
        "classe": portrait.sheet.klass,
        "a_une_fermeture": portrait.sheet.closure or None,
        "distributeurs_osm": portrait.sheet.machines,
        "faits": _records(portrait.sheet.facts),
        "inconnu": list(portrait.unknown),
        "notes": list(portrait.notes),
        "sources": list(portrait.sources()),
    }


def place_form(place: Territoire) -> dict[str, Any]:
    """Write a territory; a perimeter by its communes, for it has no code."""
    said: dict[str, Any] = {"niveau": place.kind, "code": place.code, "nom": place.name,
                            "libelle": place.label, "communes": len(place.codes)}
    if place.kind == "perimetre":
        said["codes_communes"] = list(place.codes)
    return said


def _figure(one: Figure, kind: str) -> dict[str, Any]:
    return {
        "id": one.id, "theme": THEMES[one.theme], "libelle": one.label, "unite": one.unit,
        "valeur": number_form(one.value), "ecrit": one.written, "au_moins": one.at_least,
        "comparaisons": [{"territoire": where, "valeur": number_form(value),
                          "ecrit": one.other(value)} for where, value in one.beside.items()],
        "rangs": [{"rang": rank.rank, "ex_aequo": rank.tied, "parmi": rank.among,
                   "dans": rank.where, "ecrit": rank.sentence(kind)} for rank in one.ranks],
        "definition": one.definition, "source": one.source, "millesime": one.vintage,
        "licence": one.licence,
    }


def number_form(value: float) -> float | None:
    """Write a number: null when it is unknown, or infinite, which JSON has not."""
    return value if math.isfinite(value) else None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = table.astype(object).where(table.notna(), None)
    return [dict(zip(rows.columns, row, strict=True)) for row in rows.to_numpy()]
