"""Series of branches: four counts that are never chained, and the counters overseas."""

from __future__ import annotations

from typing import Final

from territory.comparability.declaration import (
    Declared,
    Method,
    Rupture,
    one,
)

BRANCHES: Final = (
    Declared(
        "agences", "Agences bancaires, selon qui compte",
        "Quatre comptages d’agences, de sources et de champs différents.",
        (
            Method("BCE", "agences, Banque centrale européenne", "BCE", ("agences_nombre_bce",),
                   "agences", "France"),
            Method("Infostat", "agences, Infostat Marketing, agences postales comprises",
                   "Infostat Marketing", ("agences_nombre_infostat",), "agences", "France"),
            Method("UFC-Que Choisir", "points d’accueil, UFC-Que Choisir", "UFC-Que Choisir",
                   ("agences_nombre_quechoisir",), "points d'accueil", "France"),
            Method("Caisse des Dépôts", "agences hors agences postales, Caisse des Dépôts",
                   "Caisse des Dépôts", ("agences_hors_postales_cdc",), "agences",
                   "métropole et outre-mer", rounded=True),
        ),
        (
            Rupture("BCE", "Infostat", None, "autre comptage",
                    "Infostat compte les agences postales ; la BCE compte autrement : aucune année "
                    "commune ne permet de passer de l’une à l’autre."),
            Rupture("Infostat", "UFC-Que Choisir", None, "autre comptage",
                    "UFC-Que Choisir compte des « points d’accueil », Infostat des agences."),
            Rupture("UFC-Que Choisir", "Caisse des Dépôts", None, "autre comptage",
                    "La Caisse des Dépôts écarte les agences postales, comprend l’outre-mer et "
                    "donne un chiffre « environ »."),
        ),
        ("Chaque comptage ne se compare qu’à lui-même.",),
    ),
    Declared(
        "agences_densite", "Agences bancaires rapportées à la population",
        "Agences selon la Banque centrale européenne.",
        (
            Method("Pour 100 000 habitants", "agences pour 100 000 habitants (BCE)", "BCE",
                   ("agences_pour_100000_hab",), "pour 100 000 habitants", "France"),
            Method("Par million d’habitants", "agences par million d’habitants (BCE)", "BCE",
                   ("agences_par_million_hab",), "par million d'habitants", "France"),
        ),
        (
            Rupture("Pour 100 000 habitants", "Par million d’habitants", None, "autre unité",
                    "Les deux relevés ne sont pas dans la même unité, ni lus dans la même "
                    "publication : ils ne sont pas joints."),
        ),
    ),
    Declared(
        "hab_par_guichet", "Habitants par guichet bancaire",
        "Population divisée par le nombre de guichets, selon l’IEDOM.",
        (
            one("habitants par guichet, France hors départements d’outre-mer", "IEDOM",
                 "hab_par_guichet", "habitants", "France hors DOM"),
            one("habitants par guichet", "IEDOM", "hab_par_guichet", "habitants"),
        ),
        cautions=("La population au dénominateur est celle de l’édition citée.",),
        levels=("national", "departements"),
    ),
    Declared(
        "hab_par_dab", "Habitants par distributeur",
        "Population divisée par le nombre de distributeurs, selon l’IEDOM.",
        (
            one("habitants par distributeur, France hors départements d’outre-mer", "IEDOM",
                 "hab_par_dab", "habitants", "France hors DOM"),
            one("habitants par distributeur", "IEDOM", "hab_par_dab", "habitants"),
        ),
        cautions=("La population au dénominateur est celle de l’édition citée.",),
        levels=("national", "departements"),
    ),
    Declared(
        "dab_outre_mer", "Distributeurs outre-mer", "Automates en service, selon l’IEDOM.",
        (one("automates", "IEDOM", "dab", "automates"),), levels=("departements",),
    ),
    Declared(
        "guichets_outre_mer", "Guichets bancaires outre-mer", "Guichets ouverts, selon l’IEDOM.",
        (one("guichets", "IEDOM", "guichets_bancaires", "guichets"),), levels=("departements",),
    ),
)
