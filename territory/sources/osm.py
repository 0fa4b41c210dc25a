"""Cash machines of OpenStreetMap, by Overpass: a survey of volunteers, never complete.

What is there is counted; what is not says nothing. No commune is covered, so that a commune
without machine stays unknown.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from territory import communes, geo
from territory.codes import commune_of
from territory.errors import InvalidInputError, SourceError
from territory.geodesic import earth_vectors, line_m
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import guichets, releve
from territory.sources._http import Client, json_number
from territory.sources.guichets import Supply
from territory.sources.releve import Scope
from territory.text import excerpt, fold

SOURCE: Final = "dab_osm"
KINDS: Final = ("dab",)
#: A bank this close to a machine that may be its own does not count for another, metres.
SAME_PLACE_M: Final = 40.0
#: Time the service is given, seconds; the client waits a little longer.
_TIMEOUT_S: Final = 180
_PATIENCE_S = _TIMEOUT_S + 30.0
#: France and its overseas départements, whose areas have codes of their own.
_FRANCE: Final = '["ISO3166-1"~"^(FR|GP|MQ|GF|RE|YT)$"]["boundary"="administrative"]'

#: Reasons an element is left out.
NOWHERE: Final = "sans coordonnées"
OTHER: Final = "ni distributeur ni banque qui en a un"
TWICE: Final = "banque dont le distributeur est déjà compté"

INCOMPLETE: Final = (
    "OpenStreetMap est un relevé de bénévoles, incomplet : une commune sans distributeur y est "
    "inconnue, pas sans distributeur."
)
REPLACED: Final = "Chaque récupération remplace la précédente, quelle que soit son étendue."

Degrees = npt.NDArray[np.float64]


def fetch(
    settings: Settings,
    *,
    codes: Collection[str] | None = None,
    file: Path | None = None,
    scope: Scope | None = None,
    watch: Watch | None = None,
) -> Supply:
    """Bring the cash machines of communes, or read a file of them.

    Parameters
    ----------
    settings
        Address of Overpass.
    codes
        Communes wanted; all by default. An arrondissement stands for its whole commune.
    file
        Answer of Overpass (JSON), or CSV of the model form (see ``releve``).
    scope
        For the model form, where it is whole.
    watch
        Told of progress; may stop the work.

    Raises
    ------
    InvalidInputError
        The file cannot be read.
    SourceError, StoppedError
        The service refuses, stays silent or cut its answer; somebody asked to stop.
    """
    watch = watch or Watch()
    today = dt.date.today().isoformat()
    if file is not None:
        content, day = releve.content(file)
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return releve.read(releve.sheet(file), SOURCE, KINDS, scope or Scope())
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError) as error:
            msg = f"Le fichier {file.name} n’est pas une réponse lisible d’Overpass."
            raise InvalidInputError(msg) from error
        return read(answer, day, codes)
    service = Client("Overpass (OpenStreetMap)", settings.overpass_url, offline=settings.offline,
                     per_second=1.0, timeout_s=_PATIENCE_S, watch=watch)
    return read(service.post_form("", {"data": query(codes)}), today, codes)


def query(codes: Collection[str] | None = None) -> str:
    """Write the query in Overpass QL: the box around communes, or France by its areas."""
    where, declared = "(area.zone)", f"area{_FRANCE}->.zone;\n"
    if codes is not None:
        contours = communes.contours()
        shapes = np.asarray(contours[contours.index.isin(list(codes))], dtype=object)
        if not len(shapes):
            msg = "Aucune de ces communes n’a de contour : il n’y a nulle part où chercher."
            raise InvalidInputError(msg)
        west, south, east, north = shapely.total_bounds(shapes)
        where, declared = f"({south:.5f},{west:.5f},{north:.5f},{east:.5f})", ""
    return (
        f"[out:json][timeout:{_TIMEOUT_S}];\n{declared}"
        f'(nwr["amenity"="atm"]{where};nwr["amenity"="bank"]["atm"="yes"]{where};);\n'
        "out center tags;"
    )


def read(answer: object, day: str, codes: Collection[str] | None = None) -> Supply:
    """Read an answer of Overpass.

    Parameters
    ----------
    answer
        JSON.
    day
        When it was asked (ISO); the answer's own date wins.
    codes
        Communes kept; all by default.

    Raises
    ------
    SourceError
        It is of another form, or was cut on the way.
    """
    elements = answer.get("elements") if isinstance(answer, Mapping) else None
    if not isinstance(answer, Mapping) or not isinstance(elements, list):
        msg = "Overpass a changé de forme : sa réponse n’est pas lisible."
        raise SourceError(msg)
    remark = str(answer.get("remark") or "")
    if re.search(r"error|time[d ]*out", remark, re.IGNORECASE):
        msg = (
            "Overpass a coupé sa réponse avant la fin : rien n’en est gardé. Demandez une étendue "
            "plus petite, ou réessayez plus tard."
        )
        raise SourceError(msg)
    day = _base_day(answer) or day
    found, left_out = _machines(elements)
    if found.empty and left_out[NOWHERE]:
        msg = "Overpass a changé de forme : ses réponses n’ont pas de coordonnées."
        raise SourceError(msg)
    found["code"] = communes.holding(found["longitude"], found["latitude"])
    # Before the cut: the machine of a bank may be on the other side of a border.
    found["deux_fois"] = _told_twice(found)
    if codes is not None:
        # The box is larger than the communes: what is around was not asked for.
        wanted = {commune_of(code) for code in codes}
        found = found[found["code"].map(commune_of).isin(wanted)]
    twice = found["deux_fois"].astype(bool)
    left_out[TWICE] = int(twice.sum())
    placed = guichets.place(found[~twice], {
        "millesime": day[:4], "source": "© les contributeurs d’OpenStreetMap, ODbL",
        "source_date": day,
    })
    left_out.update(placed.left_out)
    return Supply(
        SOURCE, placed.table, KINDS, day[:4], day,
        left_out={why: n for why, n in left_out.items() if n},
        incomplete=(INCOMPLETE, REPLACED, *placed.remarks()),
    )


def _base_day(answer: Mapping[str, Any]) -> str:
    """Day of the base that answered, empty when it does not say it."""
    header = answer.get("osm3s")
    said = str(header.get("timestamp_osm_base"))[:10] if isinstance(header, Mapping) else ""
    try:
        day = dt.date.fromisoformat(said)
    except ValueError:
        return ""
    # OpenStreetMap began in 2004: another year is a base that was never filled.
    return day.isoformat() if 2004 <= day.year <= dt.date.today().year else ""


def _machines(elements: list[Any]) -> tuple[pd.DataFrame, Counter[str]]:
    """Read elements: rows without their commune, and reason → elements left out.

    ``banque`` tells a bank that has a machine from a machine, ``noms`` its folded operator and
    brand.
    """
    left_out: Counter[str] = Counter()
    known: set[tuple[object, object]] = set()
    rows = []
    for element in elements:
        tags = element.get("tags") if isinstance(element, Mapping) else None
        machine = isinstance(tags, Mapping) and tags.get("amenity") == "atm"
        bank = (isinstance(tags, Mapping) and tags.get("amenity") == "bank"
                and tags.get("atm") == "yes")
        if not isinstance(tags, Mapping) or not (machine or bank):
            left_out[OTHER] += 1
            continue
        key = (str(element.get("type")), str(element.get("id")))
        if key in known:
            continue
        known.add(key)
        longitude, latitude = _point(element)
        if math.isnan(longitude):
            left_out[NOWHERE] += 1
            continue
        names = {fold(str(tags[k])) for k in ("operator", "brand") if tags.get(k)} - {""}
        rows.append({
            "type": "dab", "nombre": 1, "nom": _name(tags), "longitude": longitude,
            "latitude": latitude, "precision_geo": "adresse", "banque": bank, "noms": names,
        })
    return pd.DataFrame(rows, columns=["type", "nombre", "nom", "longitude", "latitude",
                                       "precision_geo", "banque", "noms"]), left_out


def _told_twice(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Banks whose machine is drawn too, :data:`SAME_PLACE_M` away at most.

    It may be theirs when both name the same operator or brand, or when one of them names none.
    Neighbouring machines are never merged: two in a row are two.
    """
    twice = np.zeros(len(table), dtype=bool)
    banks = np.flatnonzero(table["banque"].astype(bool))
    machines = np.flatnonzero(~table["banque"].astype(bool))
    if not len(banks) or not len(machines):
        return twice
    points: Degrees = table[["longitude", "latitude"]].to_numpy(dtype=float)
    vectors = earth_vectors(points[:, 0], points[:, 1])
    near = cKDTree(vectors[machines]).query_ball_point(vectors[banks], line_m(SAME_PLACE_M / 1000))
    for bank, neighbours in zip(banks, near, strict=True):
        names = table["noms"].iloc[bank]
        around = machines[neighbours]
        longitude, latitude = points[bank]
        km = geo.distance_km(longitude, latitude, points[around, 0], points[around, 1])
        twice[bank] = any(
            not names or not (theirs := table["noms"].iloc[machine]) or bool(names & theirs)
            for machine in around[km * 1000 <= SAME_PLACE_M]
        )
    return twice


def _point(element: Mapping[str, Any]) -> tuple[float, float]:
    """Longitude and latitude of an element or of its centre, NaN when it has none."""
    centre = element.get("center")
    place = centre if isinstance(centre, Mapping) else element
    longitude, latitude = json_number(place.get("lon")), json_number(place.get("lat"))
    if abs(longitude) <= 180 and abs(latitude) <= 90:
        return longitude, latitude
    return math.nan, math.nan


def _name(tags: Mapping[str, Any]) -> str:
    said = next((tags[key] for key in ("name", "operator", "brand") if tags.get(key)), "")
    return excerpt(said, 200)
