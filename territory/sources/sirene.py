"""All ESS employer establishments of France, or of a département, from the bulk files of Sirene."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from territory import communes, ess, filieres, store
from territory.codes import departement_of, naf_nomenclature
from territory.errors import SourceError
from territory.progress import Watch
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import liste_ess, stock
from territory.text import date

TABLE: Final = "etablissements_ess"

#: Insee's quality of a place → precision shown. 33 is the commune only, whatever its figures say.
_PRECISION: Final = {"11": "adresse", "12": "voie", "21": "voie", "22": "voie"}


@dataclass(frozen=True)
class Report:
    """What a build did.

    Attributes
    ----------
    table
        Name in the local store.
    rows
        Establishments kept.
    day
        Day of the stock (ISO).
    counts
        French label → rows counted or left out on the way.
    files
        Role → name, size, digest and day of each file.
    """

    table: str
    rows: int
    day: str
    counts: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Return what a script needs."""
        return {"source": "sirene", "table": self.table, "lignes": self.rows, "date": self.day,
                "comptes": dict(self.counts), "fichiers": dict(self.files)}


def fetch(
    settings: Settings,
    *,
    departement: str | None = None,
    files: Path | None = None,
    watch: Watch | None = None,
) -> Report:
    """Bring the files, cut them down, and replace the table in one move.

    Parameters
    ----------
    settings
        Address, local store, freshness of the downloads.
    departement
        Code of the only département wanted; its table is apart from the national one.
    files
        Folder that already holds the three files; nothing is then downloaded.
    watch
        Told of progress; may stop the work. The former table stays until the new one is whole.

    Raises
    ------
    SourceError, StoppedError
        A file cannot be brought or read; somebody asked to stop.
    """
    watch = watch or Watch()
    found = stock.given(files, watch) if files is not None else stock.bring(settings, watch)
    listed = liste_ess.siren(settings, files, watch)
    try:
        extracted = stock.extract(
            found, departement=departement, listed=listed,
            scratch=settings.data_dir / "brouillon", watch=watch,
        )
    except SourceError:
        # A file that arrived whole and cannot be read must not be believed next time.
        stock.distrust(found)
        raise
    day = dt.date.fromisoformat(found["etablissements"].day)
    watch.tell(1000, 1000, "Écriture de la table")
    table, counts = rows(extracted.rows, day)
    if table.empty:
        msg = (
            "Ces fichiers ne contiennent aucun employeur de l’ESS ; la table précédente est gardée."
        )
        raise SourceError(msg)
    name = TABLE if departement is None else f"{TABLE}_{departement.upper()}"
    described = {role: file.to_json() for role, file in found.items()}
    points = gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(table["longitude"], table["latitude"]), crs=4326
    )
    everything = {**extracted.counts, **counts,
                  "SIREN de la liste ESS France": 0 if listed is None else len(listed)}
    store.of(settings).replace_table(
        name, store.to_parquet_bytes(points),
        {"lignes": len(table), "geo": True, "recupere_le": day.isoformat(),
         "comptes": everything, "sources": described},
    )
    return Report(name, len(table), day.isoformat(), everything, described)


def rows(raw: pd.DataFrame, day: dt.date) -> tuple[pd.DataFrame, dict[str, int]]:
    """Make the rows of ``schemas.ETABLISSEMENTS`` from what the files hold.

    Parameters
    ----------
    raw
        See :func:`territory.sources.stock.extract`.
    day
        Day of the stock.

    Returns
    -------
    table, counts
        The rows kept; French reason → rows left out.
    """
    home = communes.table()
    code = raw["code"].where(raw["code"].isin(home.index), raw["commune_geo"])
    # Sirene lists a few communes of an older COG: the geolocation may know today's.
    current = code.isin(home.index)
    # Of the ESS is the legal unit, by its own activity.
    judged = ess.classify(raw.assign(naf=raw["naf_unite"]), day)
    keep = (current & (judged["est_ess"] == "oui")).to_numpy()
    counts = {
        "sans commune actuelle": int((~current).sum()),
        "hors de l’ESS ou inconnus": int((current & (judged["est_ess"] != "oui")).sum()),
    }
    raw, judged = raw[keep].reset_index(drop=True), judged[keep].reset_index(drop=True)
    code = code[keep].reset_index(drop=True)
    at = home.loc[code].reset_index(drop=True)
    said = f"Sirene, {date(day)}"
    precision = raw["qualite"].map(_PRECISION)
    near = communes.near(code, raw["longitude"], raw["latitude"])
    placed = precision.notna().to_numpy() & near
    no = pd.Series(False, index=raw.index)
    table = pd.DataFrame(
        {
            "siret": raw["siret"],
            "siren": raw["siren"],
            "nom": _named(raw["nom"], raw["sigle"]),
            "enseigne": raw["enseigne"].where(raw["enseigne"] != "", raw["usuel"]),
            "adresse": (raw["voie"] + " " + raw["code_postal"] + " "
                        + raw["libelle_commune"]).str.strip(),
            "code_postal": raw["code_postal"],
            "code_insee": code,
            "commune": at["nom"],
            "code_departement": code.map(departement_of),
            "longitude": np.where(placed, raw["longitude"], at["longitude"]),
            "latitude": np.where(placed, raw["latitude"], at["latitude"]),
            "precision_geo": np.where(placed, precision.fillna(""), "commune"),
            "naf": raw["naf"],
            "naf_nomenclature": raw["naf"].map(naf_nomenclature),
            "naf_2025": raw["naf_2025"],
            "categorie_juridique": raw["categorie_juridique"],
            "est_employeur": "oui",
            "est_employeur_source": said,
            "tranche_effectif": raw["tranche"],
            "effectif_source": [
                ess.size_words(size, year)
                for size, year in zip(raw["tranche"], raw["annee"], strict=True)
            ],
            "est_siae": "inconnu",
            "est_esus": "inconnu",
            "source": "Base Sirene (Insee), stock mensuel",
            "source_date": day.isoformat(),
        }
    )
    table = pd.concat(
        [table, judged, filieres.of_establishments(table["naf"], bio=no, rge=no)], axis=1
    )
    for column in ETABLISSEMENTS.names:
        if column not in table:
            table[column] = ""
    return table[ETABLISSEMENTS.names], counts


def _named(name: pd.Series, short: pd.Series) -> pd.Series:
    return name.where(short == "", name + " (" + short + ")")
