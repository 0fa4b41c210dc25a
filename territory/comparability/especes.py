"""Series of the access to cash: machines, private points, share of inhabitants near one."""

from __future__ import annotations

from typing import Final

from territory.comparability.declaration import (
    ADULTS,
    BDF,
    MAINLAND,
    PRESS,
    Declared,
    Method,
    Rupture,
    one,
)

_PRIVATE: Final = (
    "Un point privatif, chez un commerçant, ne sert que les clients d’un réseau, aux heures du "
    "commerce et pour des montants plafonnés."
)
_SHARE: Final = (
    "La part est publiée au dixième de point : un écart d’un dixième peut n’être qu’un arrondi.",
    ("La publication de 2024 écrit « site équipé » et « trajet par la route », les précédentes "
     "« commune équipée » et « en voiture » ; le seuil n’a pas changé."),
)
CASH: Final = (
    Declared(
        "dab_nombre", "Distributeurs de billets",
        "Automates en service en France métropolitaine, à la fin de l’année.",
        (
            Method("Première publication", "distributeurs actifs, première publication", BDF,
                   ("dab_nombre",), "automates", MAINLAND, until=2018),
            Method("Série révisée", "distributeurs actifs, série révisée", BDF,
                   ("dab_nombre",), "automates", MAINLAND, since=2019,
                   also=("dab_nombre_revise",)),
        ),
        (
            Rupture("Première publication", "Série révisée", 2018, "révision de 2018",
                    "À la fin de 2018, la Banque de France a d’abord compté {avant} distributeurs, "
                    "puis {apres} dans une publication suivante : 2015 ne se compare qu’au premier "
                    "chiffre, les années suivantes qu’au second."),
        ),
        (PRESS,),
    ),
    Declared(
        "dab_sites", "Sites équipés d’un distributeur",
        "Un site peut réunir plusieurs automates.",
        (
            Method("Chiffre exact", "sites équipés, chiffre à l’unité", BDF, ("dab_sites",),
                   "sites", MAINLAND),
            Method("Chiffre arrondi", "sites équipés, « environ »", BDF, ("dab_sites",), "sites",
                   MAINLAND, rounded=True),
        ),
        (
            Rupture("Chiffre exact", "Chiffre arrondi", 2023.5, "chiffre arrondi",
                    "Le chiffre de 2024 est donné comme « environ » : sa différence avec 2023 ne "
                    "serait pas plus exacte que lui."),
        ),
    ),
    Declared(
        "points_prives_commerces", "Points privatifs chez les commerçants", _PRIVATE,
        (one("points privatifs", BDF, "points_prives_commerces", "points", MAINLAND),),
        cautions=(("Chaque année est celle de sa première publication ; le nombre de distributeurs "
                   "de 2018 a été révisé ensuite, celui des points privatifs a pu l’être aussi."),
                  PRESS),
    ),
    Declared(
        "points_acces_especes_total", "Distributeurs et points privatifs ensemble", _PRIVATE,
        (one("distributeurs et points privatifs", BDF, "points_acces_especes_total", "points",
              MAINLAND),),
        cautions=(("Le total de 2020 n’est pas la somme des deux chiffres publiés d’abord : "
                  "l’un des deux a été révisé, sans que l’on sache lequel."), PRESS),
    ),
    Declared(
        "communes_avec_dab", "Communes équipées d’un distributeur",
        "Communes qui ont au moins un distributeur en service.",
        (
            Method("Chiffre exact", "communes équipées, chiffre à l’unité", BDF,
                   ("communes_avec_dab",), "communes", MAINLAND),
            Method("Chiffre arrondi", "communes équipées, « un peu plus de »", BDF,
                   ("communes_avec_dab",), "communes", MAINLAND, rounded=True),
        ),
        (
            Rupture("Chiffre exact", "Chiffre arrondi", 2022, "chiffre arrondi",
                    "Le chiffre de 2024 est un plancher (« un peu plus de ») : il ne dit pas si le "
                    "nombre de communes équipées a baissé depuis 2020."),
        ),
        (("Les chiffres de 2019 et de 2020 sont lus dans une copie d’article, à recouper avec le "
         "rapport."),),
    ),
    Declared(
        "part_pop_dab_15min", "Habitants à 15 minutes au plus d’un distributeur",
        "Part des habitants de 15 ans et plus dont la commune est équipée, ou à 15 minutes au plus "
        "d’une commune équipée.",
        (one("commune équipée, ou à 15 minutes au plus en voiture", BDF, "part_pop_dab_15min",
              "%", ADULTS),),
        cautions=_SHARE,
    ),
    Declared(
        "part_pop_dab_ou_prive_15min",
        "Habitants à 15 minutes au plus d’un distributeur ou d’un point privatif", _PRIVATE,
        (one("distributeur ou point privatif à 15 minutes au plus", BDF,
              "part_pop_dab_ou_prive_15min", "%", ADULTS),),
        cautions=_SHARE,
    ),
    Declared(
        "part_pop_dab_10min", "Habitants à 10 minutes au plus d’un distributeur",
        "Part des habitants de 15 ans et plus.",
        (one("distributeur à 10 minutes au plus", BDF, "part_pop_dab_10min", "%", ADULTS),),
        cautions=_SHARE[:1],
    ),
    Declared(
        "part_pop_dab_ou_prive_10min",
        "Habitants à 10 minutes au plus d’un distributeur ou d’un point privatif", _PRIVATE,
        (one("distributeur ou point privatif à 10 minutes au plus", BDF,
              "part_pop_dab_ou_prive_10min", "%", ADULTS),),
        cautions=_SHARE[:1],
    ),
    Declared(
        "part_pop_dab_ou_prive_5min",
        "Habitants à 5 minutes au plus d’un distributeur ou d’un point privatif", _PRIVATE,
        (
            Method("Jusqu’en 2021", "« point d’accès aux espèces » à 5 minutes, rapport de 2021",
                   BDF, ("part_pop_dab_ou_prive_5min",), "%", ADULTS, until=2021),
            Method("Depuis 2022", "distributeur ou point privatif à 5 minutes, rapport de 2022",
                   BDF, ("part_pop_dab_ou_prive_5min",), "%", ADULTS, since=2022),
        ),
        (
            Rupture("Jusqu’en 2021", "Depuis 2022", 2021.5, "série non continue",
                    "Le chiffre de 2021 et celui de 2022 sont de deux séries qui ne se suivent "
                    "pas : leur différence n’est pas une baisse."),
        ),
    ),
    Declared(
        "temps_trajet", "Temps de trajet jusqu’à un distributeur",
        "Temps moyen des habitants des communes sans distributeur.",
        (
            Method("À la minute", "temps moyen, publié à la minute (rapport de 2018)", BDF,
                   ("temps_trajet_moyen_communes_non_equipees",), "minutes", MAINLAND,
                   until=2018),
            Method("Au dixième", "temps moyen par la route, publié au dixième de minute", BDF,
                   ("temps_trajet_moyen_communes_non_equipees",), "minutes", MAINLAND,
                   since=2019),
        ),
        (
            Rupture("À la minute", "Au dixième", 2020.5, "autre calcul",
                    "Le temps de 2018 est arrondi à la minute et celui des publications récentes "
                    "est calculé « par la route » au dixième : leur différence mêle les deux "
                    "calculs."),
        ),
    ),
    Declared(
        "dab_pour_10000_hab", "Distributeurs pour 10 000 habitants",
        "Distributeurs rapportés à la population de la métropole.",
        (one("densité publiée", BDF, "dab_pour_10000_hab", "pour 10 000 habitants",
              MAINLAND),),
        cautions=(("La densité est publiée au dixième : un écart d’un dixième peut n’être qu’un "
                  "arrondi."), PRESS),
    ),
)
