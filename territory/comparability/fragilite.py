"""Series of over-indebtedness, fragile clients, savings and credit."""

from __future__ import annotations

from typing import Final

from territory.comparability.declaration import (
    AS_PUBLISHED,
    BDF,
    MAINLAND,
    PRESS,
    Declared,
    Method,
    Rupture,
    one,
)


def _filings(edition: str, scope: str) -> Method:
    return Method(f"Édition {edition}", f"dossiers déposés, Panorama statistique {edition}",
                  "DREES, d’après la Banque de France", ("surendettement_dossiers_deposes",),
                  "dossiers", scope, source=f"Panorama statistique {edition}")


_EDITIONS: Final = Rupture(
    "Édition 2015", "Édition 2020", None, "autre édition",
    "Les éditions 2015 et 2020 du Panorama ne donnent pas le même nombre pour 2008 : la série a "
    "été révisée entre les deux, et leurs points ne sont pas joints.",
)

FRAGILE: Final = (
    Declared(
        "surendettement_dossiers", "Dossiers de surendettement déposés (métropole)",
        "Dossiers déposés dans l’année auprès des commissions de surendettement.",
        (_filings("2015", MAINLAND), _filings("2020", MAINLAND)), (_EDITIONS,),
    ),
    Declared(
        "surendettement_dossiers_france", "Dossiers de surendettement déposés (France)",
        "Dossiers déposés dans l’année auprès des commissions de surendettement.",
        (
            _filings("2020", "France entière"),
            one("dossiers déposés, champ tel que publié", "Observatoire de l’inclusion bancaire",
                 "surendettement_dossiers_deposes", "dossiers", AS_PUBLISHED),
        ),
        (
            Rupture("Édition 2020", "Observatoire de l’inclusion bancaire", 2020.5, "autre champ",
                    "Le Panorama dit « France entière » ; les chiffres de l’Observatoire sont lus "
                    "dans la presse, qui ne dit pas si l’outre-mer est compris."),
        ),
    ),
    Declared(
        "surendettement_taux", "Surendettement rapporté à la population",
        "Situations, puis dossiers de surendettement, rapportés aux habitants.",
        (
            Method("Situations", "situations de surendettement pour 100 000 habitants", BDF,
                   ("surendettement_pour_100000_hab",), "pour 100 000 habitants", AS_PUBLISHED,
                   until=2018),
            Method("Dossiers, 15 ans et plus", "dossiers pour 100 000 habitants de 15 ans et plus",
                   BDF, ("surendettement_pour_100000_hab",),
                   "pour 100 000 habitants de 15 ans et plus", AS_PUBLISHED, since=2019),
            Method("Dossiers, base non dite", "dossiers pour 100 000 habitants", BDF,
                   ("surendettement_pour_100000_hab",), "pour 100 000 habitants", AS_PUBLISHED,
                   since=2019),
        ),
        (
            Rupture("Situations", "Dossiers, 15 ans et plus", 2020, "situations, puis dossiers",
                    "Jusqu’en 2018 sont comptées des situations de surendettement, ensuite des "
                    "dossiers déposés, et pour les seuls habitants de 15 ans et plus : ce n’est ni "
                    "la même chose ni la même population."),
            Rupture("Dossiers, 15 ans et plus", "Dossiers, base non dite", 2022.5, "base non dite",
                    "Les articles de presse qui donnent 2023 et 2024 n’écrivent pas « de 15 ans et "
                    "plus » ; l’ordre de grandeur le laisse penser, mais la base n’étant pas dite, "
                    "2022 n’est pas joint à la suite."),
        ),
        (PRESS,),
    ),
    Declared(
        "surendettement_dossiers_local", "Dossiers de surendettement déposés",
        "Dossiers déposés dans l’année auprès des commissions de surendettement.",
        (
            _filings("2015", ""), _filings("2020", ""),
            Method("Banque de France (presse)", "dossiers déposés, relevés dans un même article",
                   BDF, ("surendettement_dossiers_deposes",), "dossiers",
                   source="Petites affiches des Alpes-Maritimes"),
        ),
        (_EDITIONS,), levels=("regions", "departements"),
    ),
    Declared(
        "clients_fragiles", "Clients repérés comme fragiles par leur banque",
        "Personnes repérées par leur banque comme financièrement fragiles, en millions.",
        (one("clients fragiles", "Observatoire de l’inclusion bancaire", "clients_fragiles",
              "millions de personnes", "France"),),
        cautions=(("Chaque banque repère ses clients : une hausse peut venir d’un meilleur "
                  "repérage."),
                  "Les chiffres de 2023 et de 2024 sont arrondis au dixième de million."),
    ),
    Declared(
        "ficp_inscrits", "Personnes inscrites au fichier des incidents de crédit (FICP)",
        "Personnes inscrites à la fin de l’année.",
        (one("personnes inscrites", "Observatoire de l’inclusion bancaire", "ficp_inscrits",
              "personnes", "France"),),
    ),
)

_BY_COUNTER: Final = (
    "Les opérations sont rattachées au guichet qui les a enregistrées, pas au domicile du client.",
    "Une réorganisation de réseau ou une titrisation déplace ces chiffres à épargne constante.",
    PRESS,
)

_BALANCES: Final = (
    ("depots_bancaires", "Dépôts bancaires", "dépôts"),
    ("credits_bancaires", "Crédits bancaires", "crédits"),
)

SAVINGS: Final = (
    *(
        Declared(
            name, title, f"Encours de {what}, au guichet de la banque.",
            (
                one(f"encours de {what}, selon le guichet", BDF, name, "Md€", MAINLAND),
                one(f"encours de {what}, selon le guichet", BDF, name, "Md€"),
            ),
            cautions=_BY_COUNTER, levels=("national", "regions"),
        )
        for name, title, what in _BALANCES
    ),
    Declared(
        "part_depots_region", "Part dans les dépôts de la région",
        "Part du département dans les dépôts bancaires de sa région.",
        (one("part des dépôts de la région", BDF, "part_depots_region",
              "% des dépôts bancaires d'Occitanie"),),
        cautions=_BY_COUNTER, levels=("departements",),
    ),
)
