"""What the list of structures does not say, place by place: to guide a survey.

A share is of the structures of the list in a place, and is given with how many there are. A place
where the list has none has no share: « aucune structure dans la liste », which is not 0 %.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from territory import communes
from territory.catalog import SOURCES
from territory.codes import commune_of
from territory.communes import Level
from territory.directory import Directory
from territory.indicators import Indicator
from territory.schemas import Column
from territory.text import NBSP, capital, join, number, plural

NONE: Final = "aucune structure dans la liste"

#: Number of structures each share rests on; the column beside the shares.
ROWS: Final = "structures_liste"

_PLURAL: Final[Mapping[Level, str]] = {
    "commune": "communes", "epci": "EPCI", "departement": "départements", "region": "régions",
}

#: Question → what is unknown of a structure when its answer is missing, and a legend's title.
QUESTIONS: Final[dict[str, tuple[str, str]]] = {
    "filiere": ("la filière", "Filière inconnue"),
    "portee": ("la portée de livraison", "Portée inconnue"),
    "ess": ("l’appartenance à l’ESS", "Appartenance inconnue"),
    "siae": ("le statut de structure d’insertion (SIAE)", "Statut SIAE inconnu"),
    "esus": ("l’agrément ESUS", "Agrément ESUS inconnu"),
    "employeur": ("le fait d’employer", "Employeur ou non : inconnu"),
}


def _indicator(question: str) -> Indicator:
    what, short = QUESTIONS[question]
    return Indicator(
        f"part_{question}_inconnue", f"Part des structures dont on ignore {what}", short, "%", 0,
        True, "ess_structures", "",
        f"Structures de la liste dont on ignore {what}, rapportées à toutes celles de la liste au "
        f"même endroit. En gris : {NONE}, ce qui n’est pas 0 %.",
        palette="connaissance",
    )


#: Column of :func:`table` → indicator. Vintage and source are those of the list that is held.
INDICATORS: Final[Mapping[str, Indicator]] = {
    one.id: one for one in (_indicator(question) for question in QUESTIONS)
}


def unknown(rows: pd.DataFrame) -> pd.DataFrame:
    """Tell what is unknown of each structure.

    Parameters
    ----------
    rows
        Columns of ``schemas.STRUCTURES`` read here: ``filiere_origine``, ``portee``, ``est_ess``,
        ``est_siae``, ``est_esus``, ``est_employeur``.

    Returns
    -------
    pandas.DataFrame
        Same index, bool, columns the keys of :data:`QUESTIONS`. A trade presumed from the activity
        code is known, as presumed.
    """
    return pd.DataFrame({
        "filiere": rows["filiere_origine"] == "inconnue",
        "portee": rows["portee"].fillna("") == "",
        **{name: rows[f"est_{name}"] == "inconnu" for name in ("ess", "siae", "esus", "employeur")},
    }).astype(bool)


def table(directory: Directory, level: Level = "commune") -> pd.DataFrame:
    """Give the shares of a level, every unit of France in it.

    Returns
    -------
    pandas.DataFrame
        Indexed by code: :data:`ROWS` (0 where the list has none) and the columns of
        :data:`INDICATORS`, percent, NaN where the list has none.
    """
    rows = directory.index.table
    units = communes.units(level)
    codes = rows["code_insee"]
    unit = codes.map({code: commune_of(code) for code in codes.dropna().unique()})
    if level != "commune":
        unit = unit.map(communes.table()[f"code_{level}"].astype(object))
    groups = unknown(rows).groupby(unit.to_numpy())
    shares = (100 * groups.mean()).rename(columns=lambda name: f"part_{name}_inconnue")
    count = groups.size().reindex(units.index).fillna(0).astype(int)
    return shares.reindex(units.index).assign(**{ROWS: count})[[ROWS, *INDICATORS]]


def reasons(shares: pd.DataFrame) -> pd.Series:
    """Say in French why a place is grey, text by code, only for those that are."""
    grey = shares.index[shares[ROWS] == 0]
    return pd.Series(f"{capital(NONE)}.", index=grey, dtype=object)


def columns() -> tuple[Column, ...]:
    """Declare the columns of :func:`table`, for exports."""
    return (
        Column(ROWS, "Structures de la liste", "entier",
               "Nombre de lignes sur lesquelles portent les parts ; 0 : aucune dans la liste."),
        *(Column(i.id, i.label, "nombre", i.definition, i.unit) for i in INDICATORS.values()),
    )


def described(indicator_id: str, directory: Directory) -> Indicator:
    """Describe an indicator with the list it rests on: its source, its day, what it is.

    Raises
    ------
    KeyError
        Unknown indicator.
    """
    source_id = directory.source_ids[0]
    vintage = directory.oldest.isoformat() if directory.oldest else SOURCES[source_id].vintage
    one = INDICATORS[indicator_id]
    return dataclasses.replace(
        one, source_id=source_id, vintage=vintage,
        definition=f"{one.definition} {directory.sentence()}",
    )


def sentence(directory: Directory, level: Level = "commune") -> str:
    """Say in French over what the shares are taken, and where the list is silent."""
    shares = table(directory, level)
    silent = int((shares[ROWS] == 0).sum())
    total = int(shares[ROWS].sum())
    every = unknown(directory.index.table)
    nobody = [QUESTIONS[name][0] for name in QUESTIONS if len(every) and bool(every[name].all())]
    said = (
        f"La liste compte {plural(total, 'structure')}{NBSP}; elle n’en a aucune dans "
        f"{number(silent)} {_PLURAL[level]} sur {number(len(shares))}, où rien n’est donc mesuré"
    )
    if nobody:
        said += f"{NBSP}; elle ne dit jamais {join(nobody, 'ni')}"
    return f"{said}."


def to_survey(directory: Directory, level: Level = "epci", least: int = 1) -> pd.DataFrame:
    """List the places to ask first: those where most answers are missing.

    Parameters
    ----------
    directory
        The list.
    level
        What a place is.
    least
        Structures a place must have in the list.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``nom``, the columns of :func:`table` and ``reponses_inconnues``: answers missing,
        all questions together, most first, then by code.
    """
    shares = table(directory, level)
    kept = shares[shares[ROWS] >= max(least, 1)]
    lacking = kept[list(INDICATORS)].mul(kept[ROWS], axis=0).sum(axis=1) / 100
    names = communes.units(level)["nom"].reindex(kept.index)
    answer = kept.assign(nom=names, reponses_inconnues=np.rint(lacking).astype(int))
    answer = answer.sort_index().sort_values("reponses_inconnues", ascending=False, kind="stable")
    return answer.rename_axis("code").reset_index()[
        ["code", "nom", ROWS, "reponses_inconnues", *INDICATORS]
    ]
