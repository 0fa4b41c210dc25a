"""One declared schema per table: what each column holds, in which unit, from which source.

The same declaration validates a table when it is built, names its columns in exports, and makes
the data dictionary and the Table Schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from territory.errors import DataError

Kind = Literal["texte", "entier", "nombre", "oui_non_inconnu", "liste", "date", "geometrie"]

#: The three states of every yes-or-no answer.
TRISTATE = ("oui", "non", "inconnu")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name
        Column name, also the field's name in machine exports.
    label
        French label shown on screen and in spreadsheets.
    kind
        ``liste`` takes its values in ``values``; ``oui_non_inconnu`` in :data:`TRISTATE`.
    definition
        One French sentence.
    unit
        Unit of a number, empty for text.
    nullable
        Whether a cell may be missing.
    unique
        Whether values are all different.
    values
        Allowed values of a list.
    pattern
        Regular expression a whole text must match.
    """

    name: str
    label: str
    kind: Kind = "texte"
    definition: str = ""
    unit: str = ""
    nullable: bool = True
    unique: bool = False
    values: tuple[str, ...] = ()
    pattern: str = ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """Values the column may take, empty when free."""
        return TRISTATE if self.kind == "oui_non_inconnu" else self.values


def _fault(error: Any) -> str:
    """Say in French what pandera found: the column, the fault and the first offender."""
    if error.reason_code.name == "COLUMN_NOT_IN_DATAFRAME":
        return f"la colonne « {error.failure_cases} » manque"
    fault = {
        "SERIES_CONTAINS_NULLS": "cellule vide",
        "SERIES_CONTAINS_DUPLICATES": "valeur répétée",
    }.get(error.reason_code.name, "valeur inattendue")
    first = error.failure_cases.iloc[0]
    offender = f"{first['failure_case']!r}, rang {first['index']}"
    return f"colonne « {error.schema.name} », {fault} ({offender})"


@dataclass(frozen=True)
class Schema:
    """A table: its name, what a row is, its columns."""

    name: str
    title: str
    columns: tuple[Column, ...] = field(default=())

    @property
    def names(self) -> list[str]:
        """Column names, in order."""
        return [column.name for column in self.columns]

    @property
    def labels(self) -> dict[str, str]:
        """Column name → French label."""
        return {column.name: column.label for column in self.columns}

    def validate(self, table: pd.DataFrame) -> None:
        """Check a table against the declaration.

        Raises
        ------
        DataError
            A column is missing, a mandatory cell is empty, a value is out of its list or pattern,
            or a unique column repeats. The message names table, column and first offender.
        """
        # Imported here: only builds validate, and pandera is slow to import.
        import pandera.pandas as pa

        columns = {}
        for c in self.columns:
            checks = []
            if c.allowed:
                checks.append(pa.Check.isin(c.allowed))
            if c.pattern:
                # Not str_matches: its « $ » lets a final newline through.
                checks.append(
                    pa.Check(lambda texts, form=c.pattern: texts.str.fullmatch(f"(?:{form})"))
                )
            columns[c.name] = pa.Column(None, checks, nullable=c.nullable, unique=c.unique)
        try:
            pa.DataFrameSchema(columns, strict=False).validate(table)
        except pa.errors.SchemaError as error:
            msg = f"La table « {self.name} » ne respecte pas son schéma : {_fault(error)}."
            raise DataError(msg) from error

    def dictionary(self) -> pd.DataFrame:
        """Return the data dictionary: champ, libellé, type, unité, définition, one row a column."""
        rows = [
            {
                "champ": c.name,
                "libelle": c.label,
                "type": c.kind,
                "unite": c.unit,
                "definition": c.definition,
            }
            for c in self.columns
        ]
        return pd.DataFrame(rows)

    def table_schema(self) -> dict[str, Any]:
        """Return the declaration as a Table Schema (Frictionless Data) descriptor."""
        types = {"entier": "integer", "nombre": "number", "date": "date", "geometrie": "geojson"}
        fields = []
        for c in self.columns:
            constraints: dict[str, Any] = {}
            if not c.nullable:
                constraints["required"] = True
            if c.unique:
                constraints["unique"] = True
            if c.allowed:
                constraints["enum"] = list(c.allowed)
            if c.pattern:
                constraints["pattern"] = c.pattern
            fields.append(
                {
                    "name": c.name,
                    "title": c.label,
                    "type": types.get(c.kind, "string"),
                    "description": c.definition,
                    **({"constraints": constraints} if constraints else {}),
                }
            )
        return {"name": self.name, "title": self.title, "fields": fields}


_CODE_INSEE = r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-6]\d{2}"

COMMUNES = Schema(
    "communes",
    "Communes de France et arrondissements de Paris, Lyon et Marseille",
    (
        Column("code_insee", "Code Insee", definition="Code officiel géographique.",
               nullable=False, unique=True, pattern=_CODE_INSEE),
        Column("nom", "Commune", definition="Nom du COG, article compris.", nullable=False),
        Column("type", "Type", "liste", "COM : commune ; ARM : arrondissement municipal.",
               nullable=False, values=("COM", "ARM")),
        Column("code_parent", "Commune de rattachement", definition="Pour un arrondissement.",
               pattern=_CODE_INSEE),
        Column("code_departement", "Code département", nullable=False, pattern=r"\d{2}|2[AB]|97\d"),
        Column("nom_departement", "Département", nullable=False),
        Column("code_region", "Code région", nullable=False, pattern=r"\d{2}"),
        Column("nom_region", "Région", nullable=False),
        Column("code_epci", "Code EPCI", definition="SIREN de l’EPCI à fiscalité propre.",
               pattern=r"\d{9}"),
        Column("nom_epci", "EPCI"),
        Column("codes_postaux", "Codes postaux", definition="Séparés par une espace.",
               nullable=False),
        Column("population", "Population municipale", "entier", unit="habitants"),
        Column("superficie_km2", "Superficie", "nombre", "Aire géodésique du contour.", "km²",
               nullable=False),
        Column("longitude", "Longitude", "nombre", "Point de référence.", "degrés",
               nullable=False),
        Column("latitude", "Latitude", "nombre", "Point de référence.", "degrés", nullable=False),
        Column("point_reference", "Point de référence", "liste",
               "mairie : la mairie, quand elle est dans le contour ; interieur : un point du "
               "contour.", nullable=False, values=("mairie", "interieur")),
        Column("contour_origine", "Origine du contour", "liste",
               "source : contour du paquet ; complete : partie absorbée ajoutée ; "
               "reconstitue : contour absent, repris d’une version antérieure.",
               nullable=False, values=("source", "complete", "reconstitue")),
    ),
)

SUPPLIERS = Schema(
    "fournisseurs",
    "Structures de l’ESS et fournisseurs d’un périmètre",
    (
        Column("siret", "SIRET", definition="14 chiffres, ou vide quand il est inconnu.",
               pattern=r"\d{14}|"),
        Column("siren", "SIREN", pattern=r"\d{9}|"),
        Column("nom", "Nom", nullable=False),
        Column("enseigne", "Enseigne"),
        Column("adresse", "Adresse"),
        Column("code_postal", "Code postal"),
        Column("code_insee", "Code Insee", nullable=False, pattern=_CODE_INSEE),
        Column("commune", "Commune", nullable=False),
        Column("code_departement", "Département", nullable=False),
        Column("longitude", "Longitude", "nombre", unit="degrés"),
        Column("latitude", "Latitude", "nombre", unit="degrés"),
        Column("precision_geo", "Précision du lieu", "liste",
               "adresse, voie ou commune (point de référence de la commune).",
               nullable=False, values=("adresse", "voie", "commune")),
        Column("naf", "Code NAF"),
        Column("naf_nomenclature", "Nomenclature NAF"),
        Column("filiere", "Filière", nullable=False),
        Column("filiere_origine", "Origine de la filière", "liste",
               "declaree : lue dans une source ; presumee_naf : présumée d’après le code NAF.",
               nullable=False, values=("declaree", "presumee_naf", "inconnue")),
        Column("famille_ess", "Famille de l’ESS", nullable=False),
        Column("est_ess", "ESS", "oui_non_inconnu", nullable=False),
        Column("est_employeur", "Employeur", "oui_non_inconnu", nullable=False),
        Column("est_siae", "SIAE", "oui_non_inconnu",
               "Structure d’insertion par l’activité économique.", nullable=False),
        Column("est_esus", "ESUS", "oui_non_inconnu",
               "Entreprise solidaire d’utilité sociale.", nullable=False),
        Column("tranche_effectif", "Effectif"),
        Column("portee", "Portée déclarée", definition="Zone de livraison déclarée, ou vide."),
        Column("distance_km", "Distance (km)", "nombre",
               "Distance géodésique (WGS 84), à vol d’oiseau.", "km"),
        Column("distance_depuis", "Distance mesurée depuis"),
        Column("dans_perimetre", "Dans le périmètre", "oui_non_inconnu"),
        Column("dessert_le_centre", "Dessert le centre", "oui_non_inconnu",
               "Un centre au moins est dans la portée déclarée du fournisseur."),
        Column("source", "Source", nullable=False),
        Column("source_date", "Date de la source"),
    ),
)

STRUCTURES = Schema(
    "ess_structures",
    "Structures de l’ESS, extrait embarqué",
    (
        Column("id", "Identifiant", "entier", "Rang stable dans l’extrait.", nullable=False,
               unique=True),
        *(c for c in SUPPLIERS.columns
          if c.name not in {"distance_km", "distance_depuis", "dans_perimetre",
                            "dessert_le_centre"}),
        Column("activite", "Activité", definition="Ce que la source dit de l’activité."),
        Column("effectif_source", "Effectif selon la source"),
        Column("site_web", "Site web"),
        Column("source_url", "Adresse de la source"),
        Column("verifie", "Vérifié", definition="Ce qui a été lu dans la source, et remarques."),
    ),
)

#: What a national list says beside the columns of an extract.
ETABLISSEMENTS = Schema(
    "etablissements_ess",
    "Établissements employeurs de l’ESS",
    (
        *(c for c in STRUCTURES.columns if c.name != "id"),
        Column("naf_2025", "Code NAF 2025", definition="Remplace la NAF rév. 2 au 1er janvier "
               "2027."),
        Column("categorie_juridique", "Catégorie juridique", definition="Insee, niveau III.",
               pattern=r"\d{4}|"),
        Column("type_siae", "Type de SIAE", definition="EI, AI, ACI, ETTI, EITI ; plusieurs "
               "séparés par une virgule."),
        Column("labels", "Labels et mentions", definition="Séparés par « ; »."),
        Column("est_ess_source", "ESS, d’après"),
        Column("est_employeur_source", "Employeur, d’après"),
        Column("est_siae_source", "SIAE, d’après"),
        Column("est_esus_source", "ESUS, d’après"),
        Column("filiere_source", "Filière, d’après"),
        Column("filiere_certitude", "Certitude de la filière", "liste",
               "Pour une filière présumée : forte, moyenne ou faible, d’après la table NAF.",
               values=("forte", "moyenne", "faible", "")),
    ),
)

PTCE = Schema(
    "ptce",
    "Pôles territoriaux de coopération économique",
    (
        Column("nom", "Nom", nullable=False, unique=True),
        Column("nom_court", "Nom court", nullable=False, unique=True),
        Column("commune", "Commune"),
        Column("code_insee", "Code Insee", pattern=_CODE_INSEE),
        Column("territoire", "Territoire", definition="Nom de la zone selon la source."),
        Column("precision", "Précision", "liste", "Échelon auquel le pôle est connu.",
               nullable=False,
               values=("commune", "intercommunalite", "departement", "region")),
        Column("region", "Région", nullable=False),
        Column("code_region", "Code région", nullable=False, pattern=r"\d{2}"),
        Column("code_departement", "Code département", pattern=r"\d{2}|2[AB]|97\d"),
        Column("code_epci", "Code EPCI", definition="Quand le nom de la zone est celui d’un EPCI, "
               "ou qu’un fait relevé le prouve.", pattern=r"\d{9}"),
        Column("resolution", "Résolution", "liste", "Comment l’unité dessinée a été trouvée.",
               nullable=False,
               values=("commune", "epci_nom", "epci_releve", "departement_nom",
                       "departement_releve", "region")),
        Column("filiere", "Filière"),
        Column("origine", "Origine", "liste", nullable=False,
               values=("entrepreneuriale", "citoyenne", "collectivite", "inconnue")),
        Column("structure", "Secteurs", "liste", "Un secteur ou plusieurs, quand une source le "
               "dit.", nullable=False, values=("multisectorielle", "sectorielle", "inconnue")),
        Column("fonctions", "Fonctions", definition="promotion, hebergement, centre_multifonction "
               "ou inconnue ; séparées par « ; ».", nullable=False),
        Column("structure_porteuse", "Structure porteuse"),
        Column("statut", "Statut", definition="Un ou plusieurs, séparés par « ; ».",
               nullable=False),
        Column("annees_statut", "Années des statuts", definition="Dans l’ordre des statuts, "
               "séparées par « ; » ; vide quand la source n’est pas datée.", nullable=False),
        Column("annee_creation", "Année de création", "entier"),
        Column("situation", "Situation", "liste", "Seulement quand une source lue la dit.",
               nullable=False, values=("actif", "termine", "inconnue")),
        Column("situation_annee", "Année de la situation", "entier"),
        Column("situation_source", "Source de la situation"),
        Column("site_web", "Site web"),
        Column("source_url", "Adresses des sources", nullable=False),
        Column("source_titre", "Sources", nullable=False),
        Column("source_date", "Dates des sources"),
        Column("extrait_court", "En bref"),
        Column("longitude", "Longitude", "nombre", "Commune connue seulement.", "degrés"),
        Column("latitude", "Latitude", "nombre", "Commune connue seulement.", "degrés"),
    ),
)

PTCE_FACTS = Schema(
    "ptce_faits",
    "Faits relevés sur des PTCE",
    (
        Column("nom_court", "Pôle", nullable=False),
        Column("champ", "Champ", nullable=False),
        Column("valeur", "Valeur", nullable=False),
        Column("preuve", "Preuve", definition="Ce que dit la source, en nos mots.",
               nullable=False),
        Column("source_titre", "Source", nullable=False),
        Column("source_url", "Adresse de la source"),
        Column("source_date", "Date de la source"),
    ),
)

PASSAGE = Schema(
    "passage",
    "Passage des anciennes communes aux communes actuelles",
    (
        Column("code_ancien", "Ancien code Insee", nullable=False, unique=True,
               pattern=_CODE_INSEE),
        Column("code_insee", "Code Insee", definition="Commune actuelle qui l’a absorbée.",
               nullable=False, pattern=_CODE_INSEE),
    ),
)

FRAGILITY = Schema(
    "fragilite",
    "Fragilité des habitants par commune",
    (
        Column("code_insee", "Code Insee", nullable=False, unique=True, pattern=_CODE_INSEE),
        *(
            column
            for year in (2020, 2021, 2022)
            for column in (
                Column(f"pop_insee_{year}", f"Population totale {year}", "entier",
                       "Dénominateur des parts DGCL.", "habitants"),
                Column(f"benef_aides_logement_{year}", f"Personnes couvertes par une aide au "
                       f"logement {year}", "entier", unit="personnes"),
                Column(f"revenu_imposable_{year}", f"Revenu imposable {year}", "nombre",
                       "Somme sur la commune.", "€"),
                Column(f"pop_qpv_{year}", f"Population en QPV {year}", "entier",
                       "Quartiers prioritaires, périmètre antérieur à 2024.", "habitants"),
            )
        ),
        Column("zrr_2022", "Zone de revitalisation rurale 2022", "oui_non_inconnu"),
        Column("pop_2021", "Population 2021", "entier", "Recensement.", "habitants"),
        Column("pop_0_19_2021", "Moins de 20 ans 2021", "entier", unit="habitants"),
        Column("pop_65p_2021", "65 ans et plus 2021", "entier", unit="habitants"),
    ),
)

GUICHETS = Schema(
    "guichets",
    "Guichets bancaires et postaux, distributeurs",
    (
        Column("type", "Type", "liste",
               "banque, bureau_poste, relais_poste, agence_postale ; dab : distributeur de "
               "billets.", nullable=False,
               values=("banque", "bureau_poste", "relais_poste", "agence_postale", "dab")),
        Column("code_insee", "Code Insee",
               definition="Commune actuelle, ou arrondissement de Paris, Lyon ou Marseille.",
               nullable=False, pattern=_CODE_INSEE),
        Column("nombre", "Nombre", "entier",
               "1 pour un point, sauf si la source en dit plusieurs ; le total de la commune quand "
               "la source ne donne pas de points.", "guichets", nullable=False),
        Column("nom", "Nom", definition="Vide quand la source ne le donne pas.", nullable=False),
        Column("longitude", "Longitude", "nombre", "Celle de la source, jamais déduite.",
               "degrés"),
        Column("latitude", "Latitude", "nombre", "Celle de la source, jamais déduite.", "degrés"),
        Column("precision_geo", "Précision du lieu", "liste",
               "adresse, voie ou commune (connu à la commune près).", nullable=False,
               values=("adresse", "voie", "commune")),
        Column("millesime", "Millésime", definition="Année décrite, vide si inconnue.",
               nullable=False, pattern=r"(?:19|20)\d{2}|"),
        Column("source", "Source", nullable=False),
        Column("source_date", "Date de la source", nullable=False),
    ),
)

SURENDETTEMENT = Schema(
    "surendettement",
    "Dossiers de surendettement déposés, par département et par mois",
    (
        Column("code_departement", "Code département", nullable=False, pattern=r"\d{2}|2[AB]|97\d"),
        Column("mois", "Mois", definition="Mois du dépôt, AAAA-MM.", nullable=False,
               pattern=r"20\d{2}-(?:0[1-9]|1[0-2])"),
        Column("dossiers", "Dossiers déposés", "entier",
               "Vide quand la source ne le dit pas, ou se contredit ; jamais zéro.", "dossiers"),
        Column("source", "Source", nullable=False),
        Column("source_date", "Date de la source", nullable=False),
    ),
)

SCHEMAS: dict[str, Schema] = {
    schema.name: schema
    for schema in (COMMUNES, SUPPLIERS, STRUCTURES, ETABLISSEMENTS, PTCE, PTCE_FACTS, FRAGILITY,
                   PASSAGE, GUICHETS, SURENDETTEMENT)
}


def answers(flags: pd.Series) -> pd.Series:
    """Write yes-or-no answers in words: oui, non or inconnu."""
    return flags.map({True: "oui", False: "non"}).astype(object).fillna("inconnu")


def columns_of(names: Iterable[str]) -> list[Column]:
    """Return the declared columns for names, in order; undeclared names get a bare declaration."""
    declared: dict[str, Column] = {}
    for schema in (SUPPLIERS, *SCHEMAS.values()):
        for column in schema.columns:
            declared.setdefault(column.name, column)
    return [declared.get(name, Column(name, name)) for name in names]
