"""Words a PTCE is told with: each code and its French label, the columns that people may write."""

from __future__ import annotations

from typing import Final

#: Precision of a row → French words.
SCALES: Final[dict[str, str]] = {
    "commune": "commune connue",
    "intercommunalite": "connu à l’échelle d’une intercommunalité ou d’un pays",
    "departement": "connu à l’échelle du département",
    "region": "connu à l’échelle de la région",
}

#: Status of the founding lists → French label; others are shown as their own words.
STATUSES: Final[dict[str, str]] = {
    "laureat_2013": "lauréat 2013",
    "reconnu_etat_2014": "retenu par l’État en 2014",
    "laureat_2015": "lauréat 2015",
    "laureat_ami_2021": "lauréat AMI 2021",
    "ptce_emergent": "émergent (AMI 2021)",
    "laureat_ami_2022": "lauréat AMI 2022",
    "laureat_ami_2023": "lauréat AMI 2023",
    "pole_temoin": "pôle témoin 2011-2012",
    "pole_cite_par_labo_ess": "cité par le Labo de l’ESS",
    "ptce_emergent_2012": "émergent en 2012",
    "ptce_cite_par_cress": "cité par une CRESS",
    "signataire_charte_2014": "signataire de la charte de 2014",
    "ptce_labellise": "labellisé",
    "ptce_regional": "régional",
    "ptce_autodeclare": "se déclare PTCE",
    "ptce_cite_par_presse": "cité par la presse",
    "ptce_cite_par_rtes": "cité par le RTES",
    "ptce_cite_par_fiche": "cité par une fiche",
}

#: Status → the year it bears by itself; a citation takes that of the page it was read in.
STATUS_YEARS: Final[dict[str, str]] = {
    "laureat_2013": "2013",
    "reconnu_etat_2014": "2014",
    "laureat_2015": "2015",
    "laureat_ami_2021": "2021",
    "ptce_emergent": "2021",
    "laureat_ami_2022": "2022",
    "laureat_ami_2023": "2023",
    "pole_temoin": "2011-2012",
    "ptce_emergent_2012": "2012",
    "signataire_charte_2014": "2014",
}

ORIGINS: Final[dict[str, str]] = {
    "entrepreneuriale": "entrepreneuriale",
    "citoyenne": "citoyenne",
    "collectivite": "impulsée par une collectivité",
    "inconnue": "inconnue",
}

STRUCTURES: Final[dict[str, str]] = {
    "multisectorielle": "plusieurs secteurs",
    "sectorielle": "un secteur",
    "inconnue": "inconnue",
}

#: Functions of the Brest study (2009), as the founding text takes them up.
FUNCTIONS: Final[dict[str, str]] = {
    "promotion": "sensibilisation et promotion",
    "hebergement": "locaux partagés",
    "centre_multifonction": "centre multifonction",
    "inconnue": "inconnues",
}

SITUATIONS: Final[dict[str, str]] = {
    "actif": "actif",
    "termine": "terminé",
    "inconnue": "inconnue",
}

#: How the unit a pole is drawn as was found.
RESOLUTIONS: Final[dict[str, str]] = {
    "commune": "commune nommée par la source",
    "epci_nom": "le nom de la zone est celui d’un seul EPCI",
    "epci_releve": "EPCI relevé par ce projet, avec sa preuve",
    "departement_nom": "département nommé par la source",
    "departement_releve": "département relevé par ce projet, avec sa preuve",
    "region": "région seulement",
}

#: Columns of the received table, in its order.
RECEIVED: Final = (
    "nom", "nom_court", "commune", "code_insee", "territoire", "precision", "region", "filiere",
    "origine", "structure_porteuse", "statut", "annee_creation", "site_web", "source_url",
    "source_titre", "source_date", "extrait_court",
)

#: Columns this project adds, and what they hold when nobody said.
ADDED: Final[dict[str, str]] = {
    "structure": "inconnue",
    "fonctions": "inconnue",
    "situation": "inconnue",
    "situation_annee": "",
    "situation_source": "",
}

#: Closed lists: column → code → label. ``statut`` and ``fonctions`` take several, split on « ; ».
LISTS: Final[dict[str, dict[str, str]]] = {
    "precision": SCALES,
    "origine": ORIGINS,
    "structure": STRUCTURES,
    "fonctions": FUNCTIONS,
    "statut": STATUSES,
    "situation": SITUATIONS,
}
SEVERAL: Final = ("statut", "fonctions")

#: Member kind → French label.
MEMBERS: Final[dict[str, str]] = {
    "ess": "structures de l’ESS",
    "reseau": "réseaux",
    "entreprise": "entreprises hors de l’ESS",
    "collectivite": "collectivités",
    "recherche_formation": "organismes de recherche ou de formation",
    "partenaire_social": "partenaires sociaux",
    "autre": "autres",
}

#: What a declared body is as a whole: a real grouping, or one of the five exclusions alone.
GROUPING: Final = "regroupement"


def labelled(codes: str, labels: dict[str, str]) -> str:
    """Write codes split on « ; » in words; a code without a label keeps its own."""
    return ", ".join(labels.get(code, code.replace("_", " ")) for code in codes.split(";"))
