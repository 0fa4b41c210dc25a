"""Fact tables of this project (``data/faits/*.csv``): ESS structures, totals, bank facts.

Every row cites the page it was read in. The functions turn these readings into tables with
declared columns, and never turn an unknown into a no.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from territory.codes import departement_of
from territory.text import fold

#: Directories of ESAT and entreprises adaptées: shown as such, not as ESS.
_DISABILITY_DIRECTORIES = ("hosmoz", "gesat")

_ESS_FAMILIES = ("association", "cooperative", "mutuelle", "fondation", "societe_commerciale_ess")


def read(folder: Path, name: str) -> pd.DataFrame:
    """Read one fact table as text; an empty cell stays an empty text."""
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)


def structures(folder: Path, communes: pd.DataFrame) -> pd.DataFrame:
    """ESS structures extract, with the columns of ``schemas.STRUCTURES``.

    Parameters
    ----------
    folder
        The fact tables.
    communes
        Commune table indexed by ``code_insee``: names, postcodes and reference points.

    Returns
    -------
    pandas.DataFrame
        One row a structure. A structure known by its commune only takes the commune's reference
        point and ``precision_geo`` says ``commune``. Rows of both files that bear the same name in
        the same commune are one structure, placed by the more precise file.
    """
    main = _main_extract(folder)
    places = _digital_places(folder)
    keys = [fold(n) + c for n, c in zip(places["nom"], places["code_insee"], strict=True)]
    located = places.assign(key=keys).drop_duplicates("key").set_index("key")
    main_keys = [fold(n) + c for n, c in zip(main["nom"], main["code_insee"], strict=True)]
    for column in ("longitude", "latitude"):
        main[column] = located[column].reindex(main_keys).to_numpy()
    main["adresse"] = main["adresse"].where(
        main["adresse"] != "", located["adresse"].reindex(main_keys).fillna("").to_numpy()
    )
    new = ~pd.Index(keys).isin(main_keys)
    table: pd.DataFrame = pd.concat([main, places[new]], ignore_index=True)

    home = communes.loc[table["code_insee"]].reset_index(drop=True)
    located_row = table["longitude"].notna()
    table["longitude"] = table["longitude"].where(located_row, home["longitude"])
    table["latitude"] = table["latitude"].where(located_row, home["latitude"])
    table["precision_geo"] = np.where(located_row, "adresse", "commune")
    table["commune"] = home["nom"]
    table["code_departement"] = table["code_insee"].map(departement_of)
    # A single postcode is certain; with several, which one applies is unknown.
    single = ~home["codes_postaux"].str.contains(" ")
    table["code_postal"] = home["codes_postaux"].where(single, "")
    for empty in ("siret", "siren", "enseigne", "naf", "naf_nomenclature", "tranche_effectif",
                  "portee"):
        table[empty] = ""
    table["est_esus"] = "inconnu"
    table = table.sort_values(["code_insee", "nom"], kind="stable").reset_index(drop=True)
    table["id"] = table.index
    return table


def _main_extract(folder: Path) -> pd.DataFrame:
    raw = read(folder, "ess_structures")
    disability = raw["forme"].isin(["esat", "ea"]) | raw["source_url"].str.contains(
        "|".join(_DISABILITY_DIRECTORIES), case=False
    )
    family = raw["famille_ess"].where(~disability, "esat_ea")
    by_name_only = raw["verifie"].str.contains("d'après le nom")
    return pd.DataFrame(
        {
            "nom": raw["nom"],
            "adresse": raw["adresse"],
            "code_insee": raw["code_insee"],
            "filiere": raw["filiere"],
            "filiere_origine": np.where(by_name_only, "inconnue", "declaree"),
            "famille_ess": family,
            "est_ess": np.where(family.isin(_ESS_FAMILIES), "oui", "inconnu"),
            "est_employeur": np.where(
                raw["effectif_source"].str.contains(r"salari|\bETP\b|CDDI", case=False),
                "oui", "inconnu",
            ),
            # « non » is a reading of a page, not a list: only « oui » is kept.
            "est_siae": raw["est_siae"].where(raw["est_siae"] == "oui", "inconnu"),
            "activite": raw["activite"],
            "effectif_source": raw["effectif_source"],
            "site_web": raw["site_web"],
            "source": raw["source_titre"],
            "source_url": raw["source_url"],
            "source_date": raw["source_date"],
            "verifie": raw["verifie"],
        }
    )


def _digital_places(folder: Path) -> pd.DataFrame:
    raw = read(folder, "ess_structures_aura")
    return pd.DataFrame(
        {
            "nom": raw["nom"],
            "adresse": raw["adresse"],
            "code_insee": raw["code_insee"],
            "longitude": raw["longitude"].astype(float),
            "latitude": raw["latitude"].astype(float),
            "filiere": "Numérique",
            "filiere_origine": "declaree",
            "famille_ess": raw["famille_ess"],
            "est_ess": np.where(raw["famille_ess"] == "association", "oui", "inconnu"),
            "est_employeur": "inconnu",
            "est_siae": "inconnu",
            "activite": raw["activite"],
            "effectif_source": "",
            "site_web": "",
            "source": raw["source"],
            "source_url": "",
            "source_date": raw["date_maj"],
            "verifie": "lieu de médiation numérique, retenu d’après son nom",
        }
    )
