"""Twelve invented suppliers and the marks a person gave them by hand; none of them exists.

Weights are those of our charter but for « ess », which weighs 2. A mark is (met, known, all): the
weights met, known and asked on an axis. An axis that is not written has nothing known.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from territory.charter import Declaration
from territory.schemas import ETABLISSEMENTS

LIST = "Liste inventée pour l’essai"
DAY = dt.date(2026, 11, 2)
WEIGHTS = {"ess": 2.0}

Marks = dict[str, tuple[int, int, int]]

_BLANK = {
    **dict.fromkeys(ETABLISSEMENTS.names, ""),
    **dict.fromkeys(("est_ess", "est_siae", "est_esus", "est_employeur", "dans_perimetre",
                     "dessert_le_centre"), "inconnu"),
    "filiere": "inconnue", "famille_ess": "inconnue", "precision_geo": "adresse",
    "code_insee": "26281", "source": LIST, "source_date": "2026-10-01", "distance_km": float("nan"),
}

#: Name → cells that are not blank, declarations (criterion, state), marks by hand.
CASES: dict[str, tuple[dict[str, str], tuple[tuple[str, str], ...], Marks]] = {
    "Scop inventée du Pont": (
        {"filiere": "Numérique", "famille_ess": "cooperative", "est_ess": "oui", "est_esus": "oui",
         "dans_perimetre": "oui", "dessert_le_centre": "oui"},
        (),
        {"proximite": (2, 2, 2), "utilite_sociale": (3, 3, 3), "participation": (1, 1, 2)},
    ),
    "Atelier inventé du Bois": (
        {"filiere": "Textile et artisanat", "famille_ess": "association", "est_ess": "oui",
         "est_siae": "oui", "dans_perimetre": "oui", "dessert_le_centre": "non"},
        (),
        {"proximite": (1, 2, 2), "utilite_sociale": (2, 2, 3), "insertion": (1, 1, 2),
         "participation": (1, 1, 2)},
    ),
    # An ESUS « non » proves nothing; a firm out of the ESS may be democratic.
    "Bâti inventé": (
        {"filiere": "Ecoconstruction", "famille_ess": "hors_ess", "est_ess": "non",
         "est_siae": "non", "est_esus": "non", "labels": "RGE", "dans_perimetre": "oui"},
        (),
        {"proximite": (1, 1, 2), "utilite_sociale": (0, 2, 3), "insertion": (0, 1, 2),
         "ecologie": (1, 1, 3)},
    ),
    "Ferme inventée": (
        {"filiere": "Agriculture et alimentation", "labels": "agriculture biologique",
         "dans_perimetre": "oui", "dessert_le_centre": "oui"},
        (("saison", "oui"), ("prix_juste", "oui")),
        {"proximite": (2, 2, 2), "ecologie": (2, 2, 3), "equite": (1, 1, 2)},
    ),
    "ESAT inventé des Lilas": (
        {"filiere": "Espaces verts et nature", "famille_ess": "esat_ea", "dans_perimetre": "non",
         "dessert_le_centre": "oui"},
        (),
        {"proximite": (1, 2, 2), "insertion": (1, 1, 2)},
    ),
    "Structure inventée dont on ne sait rien": ({}, (), {}),
    # Answers that nobody signs are no answers.
    "Ligne inventée sans source": (
        {"source": "", "est_ess": "oui", "est_siae": "oui", "dans_perimetre": "oui",
         "famille_ess": "association", "labels": "ESAT"},
        (),
        {},
    ),
    # Only the answers that say their own source count.
    "Ligne inventée à moitié sourcée": (
        {"source": "", "est_ess": "oui", "est_ess_source": "Sirene, 3 mars 2026",
         "famille_ess": "association", "labels": "EA ; Qualiopi", "dans_perimetre": "oui"},
        (),
        {"utilite_sociale": (2, 2, 3), "participation": (1, 1, 2)},
    ),
    "Auberge inventée du Lac": (
        {"filiere": "Restauration ; Tourisme solidaire", "est_ess": "non",
         "dans_perimetre": "oui", "dessert_le_centre": "non"},
        (("retombees_locales", "oui"), ("utilite_sociale", "non"), ("gaspillage", "non"),
         ("saison", "oui")),
        {"proximite": (2, 3, 3), "utilite_sociale": (0, 3, 3), "ecologie": (1, 2, 4)},
    ),
    "Mutuelle inventée": (
        {"filiere": "Santé", "famille_ess": "mutuelle", "est_ess": "oui", "dans_perimetre": "oui"},
        (("dessert_le_centre", "oui"), ("habitants_associes", "non"), ("acces_pour_tous", "oui"),
         ("cooperation_locale", "oui"), ("lien_social", "non")),
        {"proximite": (2, 2, 2), "utilite_sociale": (2, 2, 3), "participation": (1, 2, 2),
         "lien_social": (2, 3, 3)},
    ),
    # Its declaration says the contrary of Sirene: flagged, and nothing moves.
    "Transport inventé": (
        {"filiere": "Logistique", "famille_ess": "societe_commerciale_ess", "est_ess": "oui",
         "est_esus": "oui", "labels": "achats responsables", "dans_perimetre": "oui",
         "dessert_le_centre": "oui"},
        (("ess", "non"), ("mobilite_douce", "oui")),
        {"proximite": (2, 2, 2), "utilite_sociale": (3, 3, 3), "equite": (1, 1, 2),
         "ecologie": (1, 1, 2)},
    ),
    "Fondation inventée": (
        {"filiere": "Culture et médias", "famille_ess": "fondation", "est_ess": "oui",
         "est_siae": "non", "dans_perimetre": "non", "dessert_le_centre": "non"},
        (("financement_ethique", "oui"), ("investissements_ethiques", "non"),
         ("prix_expliques", "non"), ("comptes_lisibles", "oui")),
        {"proximite": (0, 2, 2), "utilite_sociale": (2, 2, 3), "insertion": (0, 1, 2),
         "financement": (1, 2, 2), "transparence": (1, 2, 2)},
    ),
}


def suppliers() -> pd.DataFrame:
    """Return the twelve, in the columns of a list of suppliers."""
    return pd.DataFrame([{**_BLANK, "nom": name, **cells} for name, (cells, _, _) in CASES.items()])


def declarations() -> list[Declaration]:
    """Return what was entered by hand, by name and commune."""
    return [
        Declaration(criterion, state, "Document inventé, lu pour l’essai", DAY, "acheteuse",
                    name=name, commune="26281")
        for name, (_, declared, _) in CASES.items() for criterion, state in declared
    ]
