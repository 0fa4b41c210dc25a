"""The communes, the units made of them, and how to find one by what a person types."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, cast

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from territory import codes, store
from territory.errors import AmbiguousPlaceError, UnknownPlaceError
from territory.text import excerpt, fold, join

Level = Literal["commune", "epci", "departement", "region"]

#: Levels from the smallest to the largest, with their French names.
LEVELS: dict[Level, str] = {
    "commune": "commune",
    "epci": "intercommunalité (EPCI)",
    "departement": "département",
    "region": "région",
}

#: About 3 km: more than simplification moves a contour, less than the width of a commune.
NEAR_DEG: Final = 0.03

#: How many homonyms a message lists.
_LISTED = 8


@dataclass(frozen=True)
class Commune:
    """A commune, or a municipal arrondissement of Paris, Lyon or Marseille.

    Attributes
    ----------
    code_insee, nom
        Code and name of the COG, article included.
    code_departement, nom_departement, nom_region, code_epci, nom_epci
        Where it lies; ``code_epci`` and ``nom_epci`` are None for four islands.
    codes_postaux
        Postcodes.
    population
        Municipal population, None when unknown.
    longitude, latitude
        Reference point, degrees (EPSG:4326).
    point_reference
        ``mairie`` or ``interieur``: what that point is.
    """

    code_insee: str
    nom: str
    code_departement: str
    nom_departement: str
    nom_region: str
    code_epci: str | None
    nom_epci: str | None
    codes_postaux: tuple[str, ...]
    population: int | None
    longitude: float
    latitude: float
    point_reference: str

    @property
    def label(self) -> str:
        """Name that tells homonyms apart: ``Romans-sur-Isère (26, Drôme)``."""
        return f"{self.nom} ({self.code_departement}, {self.nom_departement})"

    @property
    def reference_label(self) -> str:
        """What distances from this commune are measured from, in French."""
        if self.point_reference == "mairie":
            return f"mairie de {self.nom}"
        return f"point central de {self.nom}"


@functools.cache
def table() -> pd.DataFrame:
    """Commune table indexed by ``code_insee``; shared, must not be changed."""
    return store.read("communes").set_index("code_insee", drop=False)


@functools.cache
def whole() -> pd.DataFrame:
    """Rows of :func:`table` that are communes, arrondissements left out; not to be changed."""
    return table()[table()["type"] == "COM"]


@functools.cache
def passage() -> Mapping[str, str]:
    """Former commune code → current commune, for :func:`codes.carry_to_cog`; not to be changed."""
    former = store.read("passage").set_index("code_ancien")["code_insee"]
    return MappingProxyType(dict(former))


@functools.cache
def _names() -> pd.DataFrame:
    """Search index: folded name, with and without its article, and population, by code."""
    communes = table()
    folded = [fold(name) for name in communes["nom"]]
    bare = [re.sub(r"^(?:le|la|les|l|aux|las|los) (?=.)", "", name) for name in folded]
    return pd.DataFrame(
        {
            "nom": folded,
            "nu": bare,
            "population": communes["population"].astype(float).fillna(0).to_numpy(),
            "type": communes["type"].to_numpy(),
        },
        index=communes.index,
    )


@functools.lru_cache(maxsize=4_096)
def get(code_insee: str) -> Commune:
    """Return a commune by its code.

    Raises
    ------
    UnknownPlaceError
        No commune has this code.
    """
    row: Any
    try:
        row = table().loc[code_insee]
    except KeyError as error:
        msg = f"Aucune commune n’a le code « {excerpt(code_insee)} »."
        raise UnknownPlaceError(msg) from error
    return Commune(
        code_insee=row["code_insee"],
        nom=row["nom"],
        code_departement=row["code_departement"],
        nom_departement=row["nom_departement"],
        nom_region=row["nom_region"],
        code_epci=None if pd.isna(row["code_epci"]) else row["code_epci"],
        nom_epci=None if pd.isna(row["nom_epci"]) else row["nom_epci"],
        codes_postaux=tuple(row["codes_postaux"].split()),
        population=None if pd.isna(row["population"]) else int(row["population"]),
        longitude=float(row["longitude"]),
        latitude=float(row["latitude"]),
        point_reference=row["point_reference"],
    )


def find(text: str, limit: int = 20) -> list[Commune]:
    """Find communes by code, postcode or name.

    Case, accents, hyphens and apostrophes do not matter; ``St`` reads as ``Saint``. A name may be
    followed by a département (``Saint-Denis (974)`` or ``saint denis 974``).

    Parameters
    ----------
    text
        What the person typed.
    limit
        Largest number of communes returned.

    Returns
    -------
    list of Commune
        Best first: whole name, then beginning of the name, then a word of it; the more
        populated first. Empty when nothing answers.
    """
    return [get(code) for code in _ranked(text)[:limit]]


def resolve(text: str) -> Commune:
    """Return the one commune a text stands for.

    Raises
    ------
    UnknownPlaceError
        Nothing answers.
    AmbiguousPlaceError
        Several communes answer equally well; the message lists them.
    """
    candidates = candidates_for(text)
    if not candidates:
        shown = excerpt(text) or "(vide)"
        msg = (
            f"Aucune commune trouvée pour « {shown} ». "
            "Essayez le nom, le code postal ou le code Insee."
        )
        raise UnknownPlaceError(msg)
    if len(candidates) > 1:
        labels = [f"{c.label} {c.code_insee}" for c in candidates[:_LISTED]]
        more = "" if len(candidates) <= _LISTED else f", et {len(candidates) - _LISTED} autres"
        msg = (
            f"Plusieurs communes répondent à « {excerpt(text)} » : "
            f"{join(labels, 'ou') if not more else ', '.join(labels)}{more}. "
            "Précisez avec le département ou le code Insee."
        )
        raise AmbiguousPlaceError(msg)
    return candidates[0]


def candidates_for(text: str) -> list[Commune]:
    """Communes that answer equally well: one when the text is clear, several for homonyms."""
    ranked = _ranked(text)
    if len(ranked) < 2:
        return [get(code) for code in ranked]
    name, _ = _split_departement(text)
    names = _names().loc[ranked]
    exact = names[(names["nom"] == name) | (names["nu"] == name)]
    whole = exact[exact["nom"] == name]
    begins = names[names["nom"].str.startswith(name) | names["nu"].str.startswith(name)]
    pool = next(group for group in (whole, exact, begins, names) if len(group))
    return [get(code) for code in pool.index]


def _split_departement(text: str) -> tuple[str, str | None]:
    """Split ``saint denis (974)`` or ``Romans (26, Drôme)`` into folded name and département."""
    match = re.fullmatch(
        r"\s*(.*?\S)\s*(?:\(\s*([0-9]{2,3}|2[abAB])\b[^)]*\)|\s([0-9]{2}|2[abAB]|97[0-9]))\s*", text
    )
    if match is None:
        return fold(text), None
    return fold(match[1]), (match[2] or match[3]).upper()


def _ranked(text: str) -> list[str]:
    """Codes of the communes that answer, best first."""
    typed = text.strip().upper()
    communes = table()
    found: list[str] = []
    if codes.is_postcode(typed):
        by_postcode = communes[communes["codes_postaux"].str.contains(typed, regex=False)]
        # A postcode of Paris, Lyon or Marseille names an arrondissement, not the whole commune.
        parents = set(by_postcode["code_parent"].dropna())
        found = [code for code in by_postcode.index if code not in parents]
    # 26100 is the postcode of Romans-sur-Isère and the code of Combovin: both answer.
    if typed in communes.index and typed not in found:
        found.append(typed)
    if found:
        return found
    name, departement = _split_departement(text)
    if not name:
        return []
    names = _names()
    if departement:
        names = names[(communes["code_departement"] == departement).to_numpy()]
    whole = (names["nom"] == name) | (names["nu"] == name)
    begins = names["nom"].str.startswith(name) | names["nu"].str.startswith(name)
    word = names["nom"].str.contains(rf"\b{re.escape(name)}", regex=True)
    if len(name) < 2:
        begins = word = whole
    rank = pd.Series(3, index=names.index).mask(word, 2).mask(begins, 1).mask(whole, 0)
    hits = names.assign(rank=rank)[rank < 3]
    hits = hits.sort_values(
        ["rank", "type", "population"], ascending=[True, False, False], kind="stable"
    )
    # An arrondissement comes after communes of the same rank ("COM" sorts above "ARM").
    return list(hits.index)


@functools.cache
def units(level: Level) -> pd.DataFrame:
    """Units of a level made from the communes.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: ``nom``, ``population`` (sum, Int64), ``communes`` (count),
        ``code_departement`` and ``code_region`` where the unit lies in one; communes also have
        ``code_epci``. Arrondissements are
        not units of their own.
    """
    if level == "commune":
        return whole().assign(communes=1)[
            ["nom", "population", "communes", "code_epci", "code_departement", "code_region"]
        ]
    groups = whole().dropna(subset=[f"code_{level}"]).groupby(f"code_{level}")
    return pd.DataFrame(
        {
            "nom": groups[f"nom_{level}"].first(),
            "population": groups["population"].sum(),
            "communes": groups.size(),
            "code_departement": groups["code_departement"].agg(_only),
            "code_region": groups["code_region"].agg(_only),
        }
    ).rename_axis("code")


def _only(values: pd.Series) -> str | None:
    unique = values.unique()
    return str(unique[0]) if len(unique) == 1 else None


@functools.cache
def contours() -> gpd.GeoSeries:
    """Full-precision contours of communes and arrondissements, EPSG:4326, indexed by code."""
    return cast("gpd.GeoSeries", store.read("contours").set_index("code_insee")["geometry"])


@functools.cache
def simplified_contours(level: Level) -> gpd.GeoSeries:
    """Simplified contours of a level, EPSG:4326, indexed by code; neighbours fit exactly."""
    of_level = store.read_level("contours_simplifies", level).set_index("code")
    return cast("gpd.GeoSeries", of_level["geometry"])


@functools.cache
def _whole_contours() -> gpd.GeoSeries:
    shapes = contours()
    whole = (table()["type"].reindex(shapes.index) == "COM").to_numpy()
    return cast("gpd.GeoSeries", shapes[whole])


@functools.lru_cache(maxsize=1_024)
def at(longitude: float, latitude: float) -> Commune | None:
    """Commune that holds a point (degrees), None at sea or abroad."""
    shapes = _whole_contours()
    found = shapes.sindex.query(shapely.Point(longitude, latitude), predicate="intersects")
    return get(str(shapes.index[found[0]])) if len(found) else None


def near(
    codes: pd.Series, longitudes: npt.ArrayLike, latitudes: npt.ArrayLike
) -> npt.NDArray[np.bool_]:
    """Boolean array, shape (n,): the places (degrees) in or close to the commune said to be theirs.

    Close is :data:`NEAR_DEG` of its contour, for contours are simplified; a place without
    coordinates, or whose commune is unknown, is not.
    """
    x, y = np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float)
    known = np.isfinite(x) & np.isfinite(y)
    close = np.zeros(len(codes), dtype=bool)
    shapes = np.asarray(contours().reindex(codes[known]), dtype=object)
    close[known] = shapely.dwithin(shapes, shapely.points(x[known], y[known]), NEAR_DEG)
    return close


def holding(longitudes: npt.ArrayLike, latitudes: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Codes of the communes that hold points (degrees), shape (n,).

    Arrondissements take the place of Paris, Lyon and Marseille; the code is empty at sea, abroad
    or where a coordinate is missing.
    """
    x, y = np.asarray(longitudes, dtype=float), np.asarray(latitudes, dtype=float)
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    held = np.full(len(x), "", dtype=object)
    shapes = contours().drop(list(codes.ARRONDISSEMENTS))
    points, found = shapes.sindex.query(shapely.points(x[known], y[known]), predicate="intersects")
    # A point on a border is in both: the first code, whatever the order of the index.
    for position, code in sorted(zip(known[points], shapes.index[found], strict=True),
                                 reverse=True):
        held[position] = code
    return held


def touching(area: shapely.Geometry) -> list[str]:
    """Codes of the communes that share at least a point with an area (EPSG:4326), sorted."""
    shapes = _whole_contours()
    return sorted(shapes.index[shapes.sindex.query(area, predicate="intersects")])
