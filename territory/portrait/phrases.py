"""The essential of a territory in three plain sentences, by rules that hold at the extremes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from territory import exclusion, fiche
from territory.fiche import Fiche
from territory.portrait.figures import Figure
from territory.portrait.structures import Structures
from territory.territoires import Territoire
from territory.text import number, plural

#: Kind → the territory as the subject of a sentence whose title bears its name.
_SUBJECTS: Final[Mapping[str, str]] = {
    "epci": "L’intercommunalité", "departement": "Le département", "region": "La région",
    "perimetre": "Ce périmètre", "france": "La France",
}
_AID: Final = "part_aides_logement_2022"


def of(
    sheet: Fiche, figures: Mapping[str, Figure], found: Structures
) -> tuple[str, str, str]:
    """Say who lives there, who employs in the ESS, and how far the bank is."""
    return (
        inhabitants(sheet.territoire, sheet.population, figures[_AID]),
        employers(figures["ess_pour_1000"], found),
        banks(sheet),
    )


def inhabitants(place: Territoire, population: int | None, aid: Figure) -> str:
    """Say how many live there, and how many of them get a housing aid."""
    subject = f"{place.name} compte"
    if place.kind != "commune":
        subject = f"{_SUBJECTS[place.kind]} réunit {plural(len(place.codes), 'commune')} et"
    if population is None:
        return f"{subject} un nombre d’habitants en partie inconnu."
    if population == 0:
        # Six communes destroyed in 1916 are kept without inhabitants, « mortes pour la France ».
        return f"{place.name} n’a aucun habitant." if place.kind == "commune" else (
            f"{subject} aucun habitant."
        )
    said = f"{subject} {plural(population, 'habitant')}"
    # In Mayotte housing aid follows other rules: its share says nothing of fragility there.
    if not aid.known or place.departements == (exclusion.MAYOTTE,):
        return f"{said}."
    country = aid.beside.get("France")
    beside = "" if country is None else f", contre {aid.other(country)} en France"
    return f"{said}, dont {aid.written} sont couverts par une aide au logement{beside}."


def employers(rate: Figure, found: Structures) -> str:
    """Say how many establishments of the ESS employ, and how many people at least."""
    if found.coverage == "extrait":
        if not found.count:
            return (
                "Seul un extrait de l’ESS est disponible, et aucune structure d’ici n’y figure : "
                "cela ne dit rien de leur nombre réel."
            )
        held = plural(found.count, "structure y figure", "structures y figurent")
        return (
            f"Seul un extrait de l’ESS est disponible : {held} pour ce territoire, sans rien dire "
            "de leur nombre réel."
        )
    if found.coverage == "incomplete":
        if not found.count:
            return (
                "La liste des employeurs de l’ESS est incomplète, et n’en connaît encore aucun "
                "ici."
            )
        return (
            f"La liste des employeurs de l’ESS est incomplète : elle compte au moins "
            f"{_establishments(found.count)}{_jobs(found)}."
        )
    if not found.count:
        return "Aucun établissement employeur de l’ESS n’y est connu."
    said = f"On y compte {_establishments(found.count)}"
    if rate.known:
        country = rate.beside.get("France", math.nan)
        beside = "" if math.isnan(country) else f" (France : {number(country, rate.decimals)})"
        said += f", soit {number(rate.value, rate.decimals)} pour 1 000 habitants{beside}"
    return f"{said}{_jobs(found)}."


def _establishments(count: int) -> str:
    return plural(count, "établissement employeur de l’ESS", "établissements employeurs de l’ESS")


def _jobs(found: Structures) -> str:
    if math.isnan(found.jobs) or not found.jobs:
        return ""
    verb = "emploie" if found.count < 2 else "emploient"
    it = "il" if found.count < 2 else "ils"
    return f" ; {it} {verb} au moins {plural(int(found.jobs), 'salarié')}"


def banks(sheet: Fiche) -> str:
    """Say how far the counters are, without the words of the crossing."""
    if sheet.population == 0:
        return "Sans habitant, l’éloignement des guichets bancaires n’y est pas mesuré."
    said = fiche.access(sheet)
    # A sentence may not begin with a digit.
    return f"Côté banques, {said}" if said[:1].isdigit() else said
