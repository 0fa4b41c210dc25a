"""Bulk files of Sirene's shape, of any size, with invented content: deterministic, by DuckDB."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from territory import communes
from territory.sources.stock import FILES

#: Columns of the real files that nobody should read: they make up most of their weight.
_BALLAST_UNIT = """
    'Ballast ' || md5(i::VARCHAR) AS denominationUsuelle1UniteLegale,
    DATE '2001-01-01' + (i % 9000)::INTEGER AS dateCreationUniteLegale,
    md5((i + 1)::VARCHAR) AS prenomUsuelUniteLegale, 'PME' AS categorieEntreprise,
    i % 7 AS nombrePeriodesUniteLegale
"""
_BALLAST_PLACE = """
    md5(i::VARCHAR) AS complementAdresseEtablissement, i % 9 AS nombrePeriodesEtablissement,
    DATE '2001-01-01' + (i % 9000)::INTEGER AS dateCreationEtablissement,
    md5((i + 2)::VARCHAR) AS identifiantAdresseEtablissement,
    (i * 13 % 1200000)::VARCHAR AS coordonneeLambertAbscisseEtablissement
"""


def write(folder: Path, establishments: int, units: int, memory: str = "2GB") -> dict[str, Path]:
    """Write the three files.

    Parameters
    ----------
    folder
        Where; paths as under the setting of the bulk files.
    establishments, units
        Rows; the geolocation has 86 % of the first.
    memory
        What DuckDB may take to write them.

    Returns
    -------
    dict
        Role → file.
    """
    paths = {role: folder / name for role, name in FILES.items()}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    table = communes.table()
    known = table[(table["type"] == "ARM") | ~table.index.isin(["75056", "69123", "13055"])]
    base = duckdb.connect(config={"memory_limit": memory, "preserve_insertion_order": False,
                                  "threads": 2, "temp_directory": str(folder)})
    frame = pd.DataFrame({"code_insee": known.index, "nom": known["nom"].to_numpy(),
                          "longitude": known["longitude"].to_numpy(),
                          "latitude": known["latitude"].to_numpy()})
    base.register("codes", frame.assign(rang=range(len(frame))))
    base.execute("CREATE TABLE lieux AS SELECT * FROM codes")
    shape = {"units": units, "establishments": establishments, "communes": len(frame)}
    for role, query in (("unites", _UNITS), ("etablissements", _ESTABLISHMENTS),
                        ("geolocalisation", _PLACES)):
        base.execute(f"COPY ({query.format(**shape)}) TO '{paths[role]}' "
                     "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")
    base.close()
    return paths


_UNITS = (
    """
SELECT lpad((300000000 + i)::VARCHAR, 9, '0') AS siren,
  CASE WHEN hash(i, 1) % 100 < 13 THEN 'P' ELSE 'O' END AS statutDiffusionUniteLegale,
  CASE WHEN hash(i, 4) % 1000 < 560 THEN NULL
       ELSE 'Structure fictive ' || i::VARCHAR END AS denominationUniteLegale,
  CASE WHEN hash(i, 2) % 9 = 0 THEN 'SF' || i::VARCHAR END AS sigleUniteLegale,
  CASE WHEN hash(i, 4) % 1000 < 560 THEN '1000'
       WHEN hash(i, 4) % 1000 < 620 THEN '9220' WHEN hash(i, 4) % 1000 < 630 THEN '5458'
       WHEN hash(i, 4) % 1000 < 640 THEN '7210' WHEN hash(i, 4) % 1000 < 643 THEN '9300'
       WHEN hash(i, 4) % 1000 < 820 THEN '5499' ELSE '5710' END AS categorieJuridiqueUniteLegale,
  CASE hash(i, 5) % 20 WHEN 0 THEN 'O' WHEN 1 THEN 'N' WHEN 2 THEN 'N' END
    AS economieSocialeSolidaireUniteLegale,
  CASE WHEN hash(i, 6) % 10 < 4 THEN 'C' ELSE 'A' END AS etatAdministratifUniteLegale,
  CASE WHEN hash(i, 7) % 10 < 3 THEN '02' ELSE 'NN' END AS trancheEffectifsUniteLegale,
  '2023' AS anneeEffectifsUniteLegale, NULL::VARCHAR AS caractereEmployeurUniteLegale,
  CASE hash(i, 8) % 6 WHEN 0 THEN '94.91Z' ELSE '94.99Z' END AS activitePrincipaleUniteLegale,
  '94.99Y' AS activitePrincipaleNAF25UniteLegale,
  'N' AS societeMissionUniteLegale, NULL::VARCHAR AS identifiantAssociationUniteLegale,
  '00012' AS nicSiegeUniteLegale,
"""
    + _BALLAST_UNIT
    + " FROM range({units}) r(i)"
)

_SIRET = (
    "lpad((300000000 + i % {units})::VARCHAR, 9, '0') || lpad((i // {units} + 1)::VARCHAR, 5, '0')"
)

_ESTABLISHMENTS = (
    "SELECT lpad((300000000 + i % {units})::VARCHAR, 9, '0') AS siren, " + _SIRET + " AS siret,"
    """
  CASE WHEN hash(i, 11) % 100 < 13 THEN 'P' ELSE 'O' END AS statutDiffusionEtablissement,
  CASE hash(i, 12) % 12 WHEN 0 THEN '01' WHEN 1 THEN '12' WHEN 2 THEN 'NN' WHEN 3 THEN NULL
       ELSE '00' END AS trancheEffectifsEtablissement,
  '2023' AS anneeEffectifsEtablissement,
  CASE hash(i, 13) % 8 WHEN 0 THEN 'O' WHEN 1 THEN NULL ELSE 'N' END
    AS caractereEmployeurEtablissement,
  i < {units} AS etablissementSiege,
  CASE WHEN hash(i, 14) % 10 < 5 THEN 'F' ELSE 'A' END AS etatAdministratifEtablissement,
  CASE WHEN hash(i, 15) % 5000 = 0 THEN '01999' ELSE code_insee END AS codeCommuneEtablissement,
  upper(nom) AS libelleCommuneEtablissement, '00000' AS codePostalEtablissement,
  (i % 90)::VARCHAR AS numeroVoieEtablissement, 'RUE' AS typeVoieEtablissement,
  'FICTIVE ' || (i % 700)::VARCHAR AS libelleVoieEtablissement,
  CASE WHEN hash(i, 16) % 8 = 0 THEN 'Enseigne ' || i::VARCHAR END AS enseigne1Etablissement,
  NULL::VARCHAR AS enseigne2Etablissement, NULL::VARCHAR AS enseigne3Etablissement,
  NULL::VARCHAR AS denominationUsuelleEtablissement,
  CASE hash(i, 17) % 7 WHEN 0 THEN '56.29A' WHEN 1 THEN '88.99B' WHEN 2 THEN '94.91Z'
       WHEN 3 THEN NULL ELSE '94.99Z' END AS activitePrincipaleEtablissement,
  '94.99Y' AS activitePrincipaleNAF25Etablissement,
"""
    + _BALLAST_PLACE
    + " FROM range({establishments}) r(i) JOIN lieux ON rang = (hash(i, 18) % {communes})::BIGINT"
)

_PLACES = (
    "SELECT " + _SIRET + " AS siret, (i % 900000)::DOUBLE AS x, (i % 800000)::DOUBLE AS y,"
    """
  CASE WHEN hash(i, 21) % 1000 < 625 THEN '11' WHEN hash(i, 21) % 1000 < 801 THEN '33'
       WHEN hash(i, 21) % 1000 < 960 THEN '12' WHEN hash(i, 21) % 1000 < 980 THEN '21'
       ELSE '22' END AS qualite_xy,
  CASE WHEN code_insee LIKE '971%' THEN '5490' WHEN code_insee LIKE '974%' THEN '2975'
       ELSE '2154' END AS epsg,
  code_insee AS plg_code_commune, 'HZ' AS plg_iris,
  -- One in a thousand is in another territory.
  CASE WHEN hash(i, 25) % 1000 = 0 THEN -21.0
       ELSE latitude + (hash(i, 22) % 1000)::DOUBLE / 1e5 END AS y_latitude,
  CASE WHEN hash(i, 25) % 1000 = 0 THEN 55.5
       ELSE longitude + (hash(i, 23) % 1000)::DOUBLE / 1e5 END AS x_longitude
 FROM range({establishments}) r(i) JOIN lieux ON rang = (hash(i, 18) % {communes})::BIGINT
 WHERE hash(i, 24) % 100 < 86
"""
)
