"""What is published of money and territories, at which level, and whom to ask for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from territory import communes, store
from territory.sources.depots_credits import OVERSEAS, Balances, mainland
from territory.text import NBSP, month, trimmed

State = Literal["publie", "a_importer", "cle", "rapport", "carte", "national", "non_publie"]

#: State of a publication → its words.
STATES: Final[Mapping[State, str]] = {
    "publie": "publié en données ouvertes",
    "a_importer": "table à demander ou à télécharger soi-même",
    "cle": "publié, avec une clé personnelle",
    "rapport": "dans des rapports, sans fichier",
    "carte": "une carte et des totaux, sans fichier",
    "national": "total national seulement",
    "non_publie": "non publié",
}


@dataclass(frozen=True)
class Publication:
    """What exists of a subject at a level.

    Attributes
    ----------
    subject, level
        Noun phrases.
    state
        Key of :data:`STATES`.
    producer
        Who publishes it, or should.
    known
        What exists, one French sentence.
    request
        One French sentence ready to be sent; empty when nothing is to be asked.
    """

    subject: str
    level: str
    state: State
    producer: str
    known: str
    request: str


_SAVINGS: Final = "Épargne collectée et crédits accordés"

PUBLICATIONS: Final[tuple[Publication, ...]] = (
    Publication(
        _SAVINGS, "commune", "non_publie", "Banque de France et banques",
        "Personne ne publie ces montants par commune.",
        "Nous vous demandons de publier chaque année, par commune et en données ouvertes, "
        "l’épargne que vous collectez et les crédits que vous accordez, avec leur définition et "
        "les règles de secret appliquées.",
    ),
    Publication(
        _SAVINGS, "intercommunalité (EPCI)", "non_publie", "Banque de France et banques",
        "Personne ne publie ces montants par intercommunalité.",
        "Nous vous demandons de publier chaque année, par intercommunalité et en données "
        "ouvertes, l’épargne collectée et les crédits accordés, dans un format commun à toutes "
        "les banques.",
    ),
    Publication(
        _SAVINGS, "établissement bancaire, par territoire", "non_publie", "Banques",
        "Aucune banque ne publie, par territoire, ce qu’elle collecte et ce qu’elle prête.",
        "Nous vous demandons de publier, pour chaque département où vous avez des guichets, "
        "l’épargne que vous y collectez et les crédits que vous y accordez.",
    ),
    Publication(
        _SAVINGS, "département de métropole", "a_importer", "Banque de France",
        "La table mensuelle « Dépôts et crédits dans les régions françaises » (Stat Info) existe ; "
        "elle s’importe sur cette page.",
        "Nous vous demandons la table « Dépôts et crédits dans les régions françaises » du dernier "
        "mois disponible, par département, en CSV ou en XLSX, et sa publication régulière en "
        "données ouvertes.",
    ),
    Publication(
        _SAVINGS, "département d’outre-mer", "rapport", "IEDOM",
        "L’IEDOM publie des rapports annuels par territoire, d’un autre champ que la table de la "
        "métropole.",
        "Nous vous demandons les encours de dépôts et de crédits de chaque département "
        "d’outre-mer, en fichier, avec leur champ et leur date.",
    ),
    Publication(
        "Distributeurs de billets", "commune", "carte", "Banque de France",
        "La Banque de France publie une carte et des totaux, sans fichier par commune.",
        "Nous vous demandons de publier en données ouvertes le fichier par commune qui a servi à "
        "la carte de l’accès du public aux espèces.",
    ),
    Publication(
        "Distributeurs de billets", "outre-mer", "rapport", "IEDOM",
        "L’état des lieux de la Banque de France porte sur la seule métropole ; l’IEDOM donne des "
        "totaux par territoire.",
        "Nous vous demandons le nombre de distributeurs par commune de chaque territoire "
        "d’outre-mer, en fichier, à la même date que l’état des lieux de la métropole.",
    ),
    Publication(
        "Points privatifs chez les commerçants", "commune", "national",
        "Banque de France et banques",
        "Seul leur nombre total est publié.",
        "Nous vous demandons de publier la liste des points privatifs, leur commune, leur réseau "
        "et leurs conditions d’accès.",
    ),
    Publication(
        "Guichets bancaires", "commune", "publie", "Insee",
        "La base permanente des équipements compte les guichets par commune (code A203).", "",
    ),
    Publication(
        "Dossiers de surendettement", "département de métropole", "cle", "Banque de France",
        "WebStat donne une série mensuelle par département, à qui demande une clé personnelle.",
        "Nous vous demandons d’ouvrir sans clé les séries départementales de dossiers de "
        "surendettement, outre-mer compris.",
    ),
    Publication(
        "Dossiers de surendettement", "commune ou intercommunalité", "non_publie",
        "Banque de France",
        "Rien n’est publié sous le département.",
        "Nous vous demandons le nombre de dossiers de surendettement déposés par intercommunalité, "
        "avec les règles de secret appliquées.",
    ),
    Publication(
        "Clients fragiles et offre spécifique", "département", "national",
        "Observatoire de l’inclusion bancaire et banques",
        "Les rapports annuels donnent des totaux nationaux.",
        "Nous vous demandons le nombre de clients repérés comme fragiles et de bénéficiaires de "
        "l’offre spécifique, par département.",
    ),
)


def table() -> pd.DataFrame:
    """Make the table of publications, headers in French."""
    return pd.DataFrame(
        [(p.subject, p.level, STATES[p.state], p.producer, p.known, p.request)
         for p in PUBLICATIONS],
        columns=["Sujet", "Échelon", "État", "Qui devrait publier", "Ce qui existe",
                 "Demande à envoyer"],
    )


#: What this page knows of a département's savings and credit → its words.
KNOWN: Final[Mapping[str, str]] = {
    "importe": "importé dans cette session",
    "partiel": "chiffre partiel relevé dans une publication",
    "non_publie": "non publié en données ouvertes",
    "outre_mer": "hors de cette table (rapports de l’IEDOM)",
}
_PARTIAL: Final = ("depots_bancaires", "credits_bancaires", "part_depots_region")


def known(balances: Balances | None = None) -> pd.DataFrame:
    """Tell, for each département, what is known of its savings and credit.

    Parameters
    ----------
    balances
        What was imported, if anything. A table of régions says nothing of départements.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``nom``, ``etat`` (key of :data:`KNOWN`), ``detail`` (the partial figures
        in French, else empty).
    """
    names = communes.units("departement")["nom"]
    partial = _partial_figures()
    state = pd.Series("non_publie", index=names.index)
    state[state.index.isin(OVERSEAS)] = "outre_mer"
    state[state.index.isin(list(partial))] = "partiel"
    if balances is not None and balances.level == "departement":
        given = balances.table[["depots", "credits"]].notna().all(axis=1)
        state[state.index.isin(given.index[given])] = "importe"
    detail = [partial.get(str(code), "") for code in names.index]
    return pd.DataFrame({"nom": names, "etat": state, "detail": detail}, index=names.index)


def _partial_figures() -> dict[str, str]:
    """Code of a département → what publications say of its savings or credit, newest first."""
    facts = store.read("bancaire")
    facts = facts[(facts["niveau"] == "departements") & facts["indicateur"].isin(_PARTIAL)
                  & facts["code_dep"].isin(list(mainland("departement")))]
    said: dict[str, list[str]] = {}
    for fact in facts.sort_values("annee", ascending=False, kind="stable").to_dict("records"):
        unit = str(fact["unite"]).replace("'", "’")
        what = {"depots_bancaires": " de dépôts", "credits_bancaires": " de crédits"}.get(
            str(fact["indicateur"]), "")
        figure = f"{trimmed(float(fact['valeur']), 2)}{NBSP}{unit}{what}"
        said.setdefault(str(fact["code_dep"]), []).append(f"{figure} ({month(fact['annee'])})")
    return {code: " ; ".join(figures) for code, figures in said.items()}
