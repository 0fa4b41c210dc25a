"""What open data show around a pole: possible partners, never members.

A neighbour is no member: what is found around a pole documents a criterion and never meets it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes, directory, suppliers
from territory.communes import Level
from territory.directory import Directory
from territory.perimeter import Perimeter
from territory.settings import Settings
from territory.text import NBSP, join, plural

#: NAF of research (division 72), higher education (85.4) and training of adults (85.5).
RESEARCH_NAF: Final = ("72", "85.4", "85.5")
_ESS: Final = ("association", "cooperative", "mutuelle", "fondation", "societe_commerciale_ess")
#: An EPCI is the widest area whose neighbours say something of a pole.
_NEAR: Final[tuple[Level, ...]] = ("commune", "epci")


@dataclass(frozen=True)
class Surroundings:
    """Organisations of a pole's commune or EPCI.

    Attributes
    ----------
    place
        French name of the area.
    ess
        Family id → structures known; families without any left out.
    research
        Structures whose NAF is of research, higher education or training; None when the list
        bears no NAF.
    others
        Structures known to be out of the ESS; the lists hold few of them.
    local_authorities
        Commune, EPCI, département and région the area lies in.
    source
        French sentence: what was searched, and its limit.
    """

    place: str
    ess: dict[str, int]
    research: int | None
    others: int
    local_authorities: tuple[str, ...]
    source: str

    def structures(self) -> str:
        """Say the ESS structures known around; none known is not none."""
        if not self.ess:
            return f"Aucune structure de l’ESS connue ici ({self.place}), ce qui ne prouve rien."
        kinds = [
            f"{_small(suppliers.FAMILIES[family])}{NBSP}: {count}"
            for family, count in self.ess.items()
        ]
        return (
            f"{plural(sum(self.ess.values()), 'structure')} de l’ESS dans la liste pour "
            f"{self.place} ({', '.join(kinds)})."
        )

    def firms(self) -> str:
        """Say the other firms known around."""
        return (
            f"Hors de l’ESS, la liste connaît ici {plural(self.others, 'structure')}."
            if self.others else "La liste ne connaît ici aucune entreprise hors de l’ESS ; elle ne "
            "les recense pas."
        )

    def bodies(self) -> str:
        """Say the research and training bodies known around."""
        if self.research is None:
            return "La liste ne porte pas de code NAF : recherche et formation y sont inconnues."
        if not self.research:
            return (
                "Aucun organisme de recherche ou de formation dans la liste, qui ne contient que "
                "l’ESS."
            )
        return (
            f"{plural(self.research, 'structure')} de l’ESS de recherche, d’enseignement supérieur "
            "ou de formation d’adultes (NAF 72, 85.4, 85.5)."
        )

    def authorities(self) -> str:
        """Say the local authorities of the place."""
        return f"Collectivités du lieu{NBSP}: {join(list(self.local_authorities))}."


def around(pole: pd.Series, settings: Settings) -> Surroundings | None:
    """Count the possible partners of a pole.

    Parameters
    ----------
    pole
        Row of :func:`territory.ptce.table`.
    settings
        Where the fetched lists are.

    Returns
    -------
    Surroundings or None
        None when the pole is known by its département or région only: its neighbours would say
        nothing of it.
    """
    if pole["niveau"] not in _NEAR:
        return None
    perimeter = Perimeter.of_units(str(pole["code"]))
    return count(pole, perimeter, directory.of(perimeter, settings))


def count(pole: pd.Series, perimeter: Perimeter, listed: Directory) -> Surroundings:
    """Count the possible partners of a pole in a list."""
    found = suppliers.select(perimeter, None, listed.index)
    families = found.column("famille_ess")
    naf = found.column("naf").fillna("").astype(str)
    told = families.value_counts()
    return Surroundings(
        place=_place(pole),
        ess={family: int(told[family]) for family in _ESS if family in told},
        research=int(naf.str.startswith(RESEARCH_NAF).sum()) if (naf != "").any() else None,
        others=int((families == "hors_ess").sum()),
        local_authorities=_authorities(pole),
        source=listed.sentence(),
    )


def _small(label: str) -> str:
    return label[:1].lower() + label[1:]


def _place(pole: pd.Series) -> str:
    return str(communes.units(pole["niveau"]).loc[pole["code"], "nom"]).replace("'", "’")


def _authorities(pole: pd.Series) -> tuple[str, ...]:
    """Names of the units that hold the area, the area itself first."""
    unit = communes.units(pole["niveau"]).loc[pole["code"]]
    names = [_place(pole)]
    for level in ("epci", "departement", "region"):
        code = unit.get(f"code_{level}")
        if code is not None and pd.notna(code):
            names.append(str(communes.units(level).loc[code, "nom"]).replace("'", "’"))
    return tuple(dict.fromkeys(names))
