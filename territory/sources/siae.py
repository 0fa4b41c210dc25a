"""Structures of insertion and of disability that declare what they sell: Le Marché de l'inclusion.

The service asks for a personal token, gives 100 structures a page, and neither coordinates nor a
delivery range. Its sector names are read at run time and turned into filières by the rules below.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from territory.errors import InvalidInputError, SourceError, SourceRefusedError
from territory.filieres import SEPARATOR, UNKNOWN
from territory.progress import Watch
from territory.settings import Settings
from territory.sources._http import Client
from territory.text import date, fold

NAME: Final = "Le Marché de l’inclusion"
_PAGE: Final = 100
_TOKEN_FORM: Final = re.compile(r"[A-Za-z0-9]{64,}")

#: Structures d'insertion par l'activité économique (code du travail, art. L. 5132-4). GEIQ and
#: SEP are in the same directory without being of that list; EA, EATT and ESAT are of the field of
#: disability.
SIAE_KINDS: Final = ("EI", "AI", "ACI", "ETTI", "EITI")

COLUMNS: Final = (
    "siret", "siren", "nom", "type_siae", "siae", "secteurs", "filiere", "prestations", "adresse",
    "code_postal", "commune", "site_web", "mis_a_jour_le",
)

#: Filière → beginnings of words of a sector's name, folded; the first line that holds wins.
_WORDS: Final = (
    ("Réemploi et déchets", "recycl|collecte|dechet|reconditionn|occasion|deconstruction"),
    ("Garage et véhicules", "nettoyage de vehicule|garage|flottes? de vehicule"),
    ("Transports doux", "velo"),
    ("Propreté et services", "blanchisserie|pressing|repassage|linge|nettoyage|proprete|desinfect"),
    ("Propreté et services", "covid"),
    ("Sécurité", r"securite|\bgarde\b|surveillance|mediation"),
    ("Industrie et sous-traitance", "sous traitance|metallurgie|plasturgie|mecano|chimique"),
    ("Industrie et sous-traitance", "industri|machines|ouvrages metal|traitements? thermique"),
    ("Restauration", "traiteur|restaurant|cantine|plateaux|(autre|materiels de) restauration"),
    ("Restauration", "restauration collective"),
    ("Logistique", "livraison|logistique|demenagement|transport|coursier|manutention"),
    ("Agriculture et alimentation", "confitur|apicult|fromag|boulang|producteur|agricult|maraich"),
    ("Agriculture et alimentation", "elevage|peche|horticult|agro|production et transf"),
    ("Espaces verts et nature", "sylvicult|forest|espaces? vert|naturel|ecologique|jardin|plantes"),
    ("Espaces verts et nature", "parkings|espace urbain"),
    ("Energies renouvelables", "energetique"),
    ("Ecoconstruction", "chantier|travaux|peinture|carrelage|electricite|plomberie|menuiserie|btp"),
    ("Ecoconstruction", "batiment|materiaux"),
    ("Textile et artisanat", "couture|confection|textile|artisanat|bois|pierre|mobilier|cordonn"),
    ("Textile et artisanat", "ameublement|amenagement int"),
    ("Numérique", "informatique|logiciel|internet|numerisation|donnees|support"),
    ("Bureautique et accueil", "accueil|secretariat|archivage|papeterie|conciergerie"),
    ("Bureautique et accueil", "administratif|affaires"),
    ("Communication et impression", "communication|impression|signaletique|promotionnel|evenement"),
    ("Communication et impression", "audiovisuel"),
    ("Sport et loisirs", "sport"),
    ("Tourisme solidaire", "touris|hotellerie"),
    ("Culture et médias", "cultur|spectacle|livres|animation|divertissement"),
    ("Conseil et formation", "conseil|formation|traduction|ressources humaines"),
    ("Santé", "medico|soins"),
    ("Services à la personne", "menagere|services? a la personne"),
    ("Réemploi et déchets", "reparation"),
)
_SECTORS: Final = tuple((re.compile(rf"\b(?:{words})"), filiere) for filiere, words in _WORDS)


def filiere_of(sector: str) -> str:
    """Filière of a sector as the directory names it; ``inconnue`` when no rule holds."""
    folded = fold(sector)
    return next((filiere for words, filiere in _SECTORS if words.search(folded)), UNKNOWN)


def fetch(
    settings: Settings, *, departement: str | None = None, watch: Watch | None = None
) -> pd.DataFrame:
    """Fetch the directory, or one département of it.

    Returns
    -------
    pandas.DataFrame
        :data:`COLUMNS`, one row a SIRET: ``type_siae`` its kinds (« ACI, EI »), ``siae`` oui or
        non, ``secteurs`` as declared, ``filiere`` by the rules, several separated by « ; ».

    Raises
    ------
    InvalidInputError
        No token, or one of another form.
    SourceError
        The service refuses, stays silent or changed its form.
    """
    token = settings.marche_inclusion_token
    if not _TOKEN_FORM.fullmatch(token):
        what = "manque" if not token else "n’a pas la bonne forme (64 lettres et chiffres au moins)"
        msg = (
            f"Le jeton du Marché de l’inclusion {what}. Demandez-en un sur son site, puis écrivez-"
            "le dans TERRITORY_MARCHE_INCLUSION_TOKEN."
        )
        raise InvalidInputError(msg)
    watch = watch or Watch()
    service = Client(
        "le Marché de l’inclusion", settings.marche_inclusion_url, offline=settings.offline,
        headers={"Authorization": f"Bearer {token}"}, watch=watch,
    )
    asked = {"limit": str(_PAGE), "is_active": "true"}
    if departement is not None:
        asked["department"] = departement
    found: list[Mapping[str, Any]] = []
    while True:
        try:
            answer = service.get_json("/siae/", {**asked, "offset": str(len(found))})
        except SourceRefusedError as error:
            if error.status != 401:
                raise
            msg = "Le Marché de l’inclusion refuse ce jeton : il est faux ou périmé."
            raise SourceError(msg) from error
        results = answer.get("results") if isinstance(answer, dict) else None
        if (
            not isinstance(results, list)
            or not all(isinstance(row, Mapping) for row in results)
            or not isinstance(answer.get("count"), int)
        ):
            msg = "Le Marché de l’inclusion a changé de forme : sa réponse n’est pas lisible."
            raise SourceError(msg)
        found += results
        watch.tell(len(found), answer["count"], f"Récupération du {NAME.removeprefix('Le ')}")
        if not results or len(found) >= answer["count"]:
            break
    if len(found) < answer["count"]:
        msg = (
            f"Le Marché de l’inclusion annonce {answer['count']} structures et en donne "
            f"{len(found)} : la liste précédente est gardée."
        )
        raise SourceError(msg)
    return read(found)


def read(structures: list[Mapping[str, Any]]) -> pd.DataFrame:
    """Make the table of answered structures; those without SIRET are left out."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for structure in structures:
        siret = _text(structure, "siret")
        if len(siret) == 14 and structure.get("is_active") is not False:
            rows.setdefault(siret, []).append(structure)
    return pd.DataFrame([_row(siret, same) for siret, same in rows.items()], columns=list(COLUMNS))


def _row(siret: str, same: list[Mapping[str, Any]]) -> dict[str, str]:
    first = same[0]
    kinds = sorted({_text(s, "kind") for s in same} - {""})
    sectors = sorted({name for s in same for name in _names(s.get("sectors"))})
    trades = sorted({filiere_of(name) for name in sectors} - {UNKNOWN})
    # Older answers name the field in the singular.
    offers = {str(p) for s in same for p in (s.get("presta_types") or s.get("presta_type") or ())}
    return {
        "siret": siret,
        "siren": siret[:9],
        "nom": _text(first, "brand") or _text(first, "name"),
        "type_siae": ", ".join(kinds),
        "siae": "oui" if set(kinds) & set(SIAE_KINDS) else "non",
        "secteurs": SEPARATOR.join(sectors),
        "filiere": SEPARATOR.join(trades) or UNKNOWN,
        "prestations": ", ".join(sorted(offers)),
        "adresse": _text(first, "address"),
        "code_postal": _text(first, "post_code"),
        "commune": _text(first, "city"),
        "site_web": _text(first, "contact_website"),
        "mis_a_jour_le": max(_text(s, "updated_at")[:10] for s in same),
    }


def join(establishments: pd.DataFrame, listed: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Add to establishments what the directory declares of them, by SIRET.

    A trade that is declared takes the place of a presumed one. The kind holds for the legal unit
    (one agreement covers its establishments), so ``est_siae`` also goes by SIREN; a structure that
    is not listed keeps its ``inconnu``.

    Parameters
    ----------
    establishments
        Columns of ``schemas.ETABLISSEMENTS``.
    listed
        See :func:`fetch`.
    day
        When it was fetched.
    """
    table = establishments.copy()
    said = f"{NAME}, {date(day)}"
    integration = listed[listed["siae"] == "oui"]
    kinds = integration.groupby("siren")["type_siae"].agg(lambda texts: _siae_kinds(*texts))
    own = integration.set_index("siret")["type_siae"].map(_siae_kinds)
    kind = _found(table["siret"], own).fillna(_found(table["siren"], kinds))
    known = kind.notna().to_numpy()
    table["est_siae"] = np.where(known, "oui", table["est_siae"])
    table["type_siae"] = np.where(known, kind.fillna(""), table["type_siae"])
    table["est_siae_source"] = np.where(known, said, table["est_siae_source"])
    by_siret = listed.set_index("siret")
    trade = _found(table["siret"], by_siret["filiere"]).fillna(UNKNOWN)
    declared = (trade != UNKNOWN).to_numpy()
    for column, value in (
        ("filiere", trade), ("filiere_origine", "declaree"), ("filiere_source", said),
        ("filiere_certitude", ""),
    ):
        table[column] = np.where(declared, value, table[column])
    for column, source in (("activite", "secteurs"), ("site_web", "site_web")):
        text = _found(table["siret"], by_siret[source]).fillna("")
        table[column] = np.where(text != "", text, table[column])
    return table


def _found(keys: pd.Series, texts: pd.Series) -> pd.Series:
    """Texts by key; of no numeric type when no key is known."""
    return keys.map(texts).astype(object)


def _siae_kinds(*texts: str) -> str:
    """Kinds of SIAE of several cells: a SIRET may also be a GEIQ, which is none."""
    kinds = {kind for text in texts for kind in text.split(", ")}
    return ", ".join(sorted(kinds & set(SIAE_KINDS)))


def _names(sectors: object) -> list[str]:
    if not isinstance(sectors, list):
        return []
    named = [s["name"] for s in sectors if isinstance(s, Mapping) and s.get("name")]
    return [" ".join(str(name).split()) for name in named]


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""
