"""The characterisation grid of 2011: eight criteria that must hold, six on trial, five exclusions.

The ideas are those of the working group's note (Labo de l’ESS, RTES, CNCRES, COORACE, February
2011, annexed to the proposals of 2012); the words are this project's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from territory.errors import InvalidInputError
from territory.text import excerpt

Group = Literal["incontournable", "essai", "exclusion"]
State = Literal["rempli", "non rempli", "inconnu"]

MET: Final[State] = "rempli"
NOT_MET: Final[State] = "non rempli"
UNKNOWN: Final[State] = "inconnu"
STATES: Final[tuple[State, ...]] = (MET, NOT_MET, UNKNOWN)

#: Where the grid comes from.
SOURCE: Final = (
    "Groupe de travail PTCE, « Premiers éléments caractérisant les PTCE », février 2011, en annexe "
    "des Propositions du Labo de l’ESS (2012)"
)

#: Group → French title.
GROUPS: Final[dict[Group, str]] = {
    "incontournable": "Huit critères incontournables",
    "essai": "Six critères à l’essai",
    "exclusion": "Cinq formes qui, seules, ne sont pas un PTCE",
}

#: State → word shown; an exclusion that is met is one that applies.
_WORDS: Final[dict[State, str]] = {MET: "rempli", NOT_MET: "non rempli", UNKNOWN: "inconnu"}
_EXCLUSION_WORDS: Final[dict[State, str]] = {
    MET: "s’applique", NOT_MET: "ne s’applique pas", UNKNOWN: "inconnu",
}

#: The text says « 5/10 » : from five the low threshold is reached, from ten the threshold is.
LOW_THRESHOLD: Final = 5
THRESHOLD: Final = 10


@dataclass(frozen=True)
class Criterion:
    """One line of the grid.

    Attributes
    ----------
    id
        Short stable name.
    group
        Key of :data:`GROUPS`.
    label
        French noun phrase; for an exclusion, what the group would be and no more.
    question
        French question; « oui » meets the criterion.
    declarable
        Whether a person may answer it; otherwise members or nature answer.
    """

    id: str
    group: Group
    label: str
    question: str
    declarable: bool = True

    def words(self, state: State) -> str:
        """Say a state in French, as it reads in its group."""
        return (_EXCLUSION_WORDS if self.group == "exclusion" else _WORDS)[state]


CRITERIA: Final[tuple[Criterion, ...]] = (
    Criterion(
        "acteurs_divers", "incontournable", "L’ESS avec d’autres parties",
        "Des acteurs de l’ESS y sont-ils associés à d’autres : collectivités, PME, partenaires "
        "sociaux, recherche ou formation ?",
    ),
    Criterion(
        "nombre", "incontournable", "Un nombre significatif d’organisations",
        "Au moins 5 à 10 organisations, de types différents, s’y regroupent-elles ? De 5 à 9, le "
        "seuil bas est atteint ; à partir de 10, le seuil est atteint.",
        declarable=False,
    ),
    Criterion(
        "projet", "incontournable", "Un projet partagé et écrit",
        "Une stratégie commune de développement, ancrée dans la durée sur le territoire, est-elle "
        "écrite ?",
    ),
    Criterion(
        "ancrage", "incontournable", "Des membres intégrés localement",
        "Les membres ont-ils des réseaux et des partenariats locaux d’importance ?",
    ),
    Criterion(
        "utilite_sociale", "incontournable", "Une utilité sociale reconnue",
        "La plupart des activités ont-elles une utilité sociale reconnue ?",
    ),
    Criterion(
        "duree", "incontournable", "Un engagement de long terme",
        "La coopération est-elle formalisée, au-delà d’un seul projet ?",
    ),
    Criterion(
        "engagement", "incontournable", "Un engagement économique entre membres",
        "Les membres mettent-ils en commun des ressources ou des locaux, ou investissent-ils "
        "ensemble dans des activités ?",
    ),
    Criterion(
        "collectivite", "incontournable", "Une collectivité partenaire",
        "Une collectivité locale au moins est-elle partenaire ?",
    ),
    Criterion(
        "lieu", "essai", "Un lieu ou une zone visible",
        "Locaux partagés, zone d’activités ou réseau d’entreprises du territoire le rendent-ils "
        "visible ?",
    ),
    Criterion(
        "recherche", "essai", "De la recherche-développement",
        "Un programme d’expérimentation ou une fonction d’incubateur y est-il mené, avec ou sans "
        "organisme de recherche ?",
    ),
    Criterion(
        "gouvernance", "essai", "Une gouvernance démocratique",
        "Les statuts et la pratique sont-ils démocratiques ?",
    ),
    Criterion(
        "politiques_ess", "essai", "Un lien aux politiques et réseaux de l’ESS",
        "Est-il inscrit dans les politiques de l’ESS du territoire et rattaché à ses réseaux ?",
    ),
    Criterion(
        "evaluation", "essai", "Une évaluation",
        "Le fonctionnement et les résultats sont-ils évalués ?",
    ),
    Criterion(
        "emplois", "essai", "Des emplois en nombre significatif",
        "Le nombre d’emplois est-il significatif ? Le texte ne donne pas de seuil : seul un acteur "
        "du pôle peut répondre.",
    ),
    Criterion(
        "projet_ponctuel", "exclusion", "La création d’une entreprise ou un projet ponctuel",
        "N’est-ce qu’une dynamique autour d’une entreprise à créer ou d’un projet ponctuel ?",
        declarable=False,
    ),
    Criterion(
        "reseau_politique", "exclusion", "Un réseau d’animation et de représentation (CRESS)",
        "N’est-ce qu’un réseau politique d’animation et de représentation de l’ESS ?",
        declarable=False,
    ),
    Criterion(
        "agence_ou_chambre", "exclusion",
        "Une agence de développement ou une chambre de commerce",
        "N’est-ce qu’une agence de développement ou une chambre de commerce et d’industrie ?",
        declarable=False,
    ),
    Criterion(
        "reseau_creation", "exclusion", "Un réseau d’aide à la création d’activité",
        "N’est-ce qu’un réseau d’accompagnement à la création d’activité ?",
        declarable=False,
    ),
    Criterion(
        "observatoire", "exclusion", "Un observatoire ou un centre de ressources",
        "N’est-ce qu’un observatoire ou un centre de ressources ?",
        declarable=False,
    ),
)


def criterion(criterion_id: str) -> Criterion:
    """Return a criterion by its id.

    Raises
    ------
    InvalidInputError
        The grid has none of this name.
    """
    for one in CRITERIA:
        if one.id == criterion_id:
            return one
    msg = f"La grille n’a pas de critère « {excerpt(criterion_id)} »."
    raise InvalidInputError(msg)


def of_group(group: Group) -> tuple[Criterion, ...]:
    """Return the criteria of a group, in order."""
    return tuple(one for one in CRITERIA if one.group == group)
