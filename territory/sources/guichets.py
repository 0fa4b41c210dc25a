"""What the sources of counters have in common: the supply they give, on today's communes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from territory import communes
from territory.codes import ARRONDISSEMENTS, COG_VINTAGE, carry_to_cog, departement_of, is_commune
from territory.schemas import GUICHETS
from territory.text import NBSP, plural

#: Kind of counter → its name in a sentence.
KINDS: Final[Mapping[str, str]] = {
    "banque": "guichets bancaires",
    "bureau_poste": "bureaux de poste",
    "relais_poste": "relais poste",
    "agence_postale": "agences postales",
    "dab": "distributeurs de billets",
}

#: Reasons a row is left out.
OUTSIDE: Final = "hors de la métropole et des départements d’outre-mer"
NO_COMMUNE: Final = f"commune absente du COG {COG_VINTAGE}"


@dataclass(frozen=True, eq=False)
class Supply:
    """Counters of one source, and what may be said of where there is none.

    A commune without row has no counter only when it is covered and the answer there is not
    unknown.

    Attributes
    ----------
    source
        Key of ``catalog.SOURCES``, or ``importe``.
    table
        Columns of ``schemas.GUICHETS``.
    kinds
        Kinds the source lists, also those of which it has none.
    millesime
        Year described, empty when unknown.
    day
        When it was published or fetched (ISO).
    departements
        Départements covered whole.
    communes
        Commune covered besides → day it was fetched (ISO).
    unknown
        Commune → kinds the source keeps secret there, or all when it does not know the commune.
    left_out
        French reason → rows left out.
    incomplete
        Sentences on what the source does not hold.
    """

    source: str
    table: pd.DataFrame
    kinds: tuple[str, ...]
    millesime: str
    day: str
    departements: tuple[str, ...] = ()
    communes: Mapping[str, str] = field(default_factory=dict)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()

    def totals(self) -> dict[str, int]:
        """Counters of each kind listed, those of which there is none included."""
        sums = self.table.groupby("type")["nombre"].sum()
        return {kind: int(sums.get(kind, 0)) for kind in self.kinds}

    def to_json(self) -> dict[str, Any]:
        """Return what a script needs."""
        return {
            "source": self.source,
            "lignes": len(self.table),
            "guichets": self.totals(),
            "communes_equipees": int(self.table["code_insee"].nunique()),
            "millesime": self.millesime or None,
            "date": self.day,
            "departements": list(self.departements),
            "communes_couvertes": len(self.communes) or None,
            "communes_inconnues": len(self.unknown),
            "ecartes": dict(self.left_out),
            "incomplet": list(self.incomplete),
        }


@dataclass(frozen=True, eq=False)
class Placed:
    """Rows carried to today's communes.

    Attributes
    ----------
    table
        Columns of ``schemas.GUICHETS``.
    left_out
        French reason → rows left out; see also ``moved``.
    moved
        Points too far from their commune, whose coordinates are not kept.
    lost
        Codes of the rows left out that no commune of today answers to.
    """

    table: pd.DataFrame
    left_out: dict[str, int]
    moved: int
    lost: tuple[str, ...]

    def remarks(self) -> list[str]:
        """Say in French what carrying the rows cost."""
        said = []
        if self.lost:
            said.append(
                f"Le COG{NBSP}{COG_VINTAGE} ne connaît pas {plural(len(self.lost), 'code')} de "
                "commune d’un autre millésime : leurs guichets ne sont comptés nulle part."
            )
        if self.moved:
            said.append(
                f"Loin de la commune indiquée : {plural(self.moved, 'point')}, à placer à la "
                "commune près."
            )
        return said


def place(raw: pd.DataFrame, said: Mapping[str, str]) -> Placed:
    """Carry counters to today's communes and check where they are.

    Parameters
    ----------
    raw
        ``type``, ``code`` (commune of any vintage), ``nombre``, and optionally ``nom``,
        ``longitude``, ``latitude`` (NaN when unknown), ``precision_geo``. Rows without any
        coordinates column are totals: those that a merger brings together are added.
    said
        ``millesime``, ``source`` and ``source_date`` of all rows.
        A point whose code is unknown takes the commune that holds it.
    """
    points = "longitude" in raw
    raw = raw.reset_index(drop=True)
    code = carry_to_cog(raw["code"], communes.passage(), set(communes.table().index)).astype(object)
    if points:
        lon, lat = raw["longitude"].astype(float), raw["latitude"].astype(float)
        unmatched = code.isna()
        held = communes.holding(lon[unmatched], lat[unmatched])
        code[unmatched] = pd.Series(held).replace("", None).to_numpy()
    outside = ~raw["code"].map(is_commune).astype(bool) & code.isna()
    lost = code.isna() & ~outside
    table = pd.DataFrame({
        "type": raw["type"],
        "code_insee": code,
        "nombre": raw["nombre"].astype("int64"),
        "nom": raw.get("nom", ""),
        "longitude": np.nan,
        "latitude": np.nan,
        "precision_geo": "commune",
    })
    moved = 0
    if points:
        known = lon.notna() & lat.notna()
        close = communes.near(code, lon, lat)
        moved = int((known & ~close & code.notna()).sum())
        table["longitude"], table["latitude"] = lon.where(close), lat.where(close)
        table["precision_geo"] = raw["precision_geo"].where(close, "commune")
    table = table[code.notna()].reset_index(drop=True)
    if not points:
        table = table.groupby(["type", "code_insee"], as_index=False, sort=True).agg(
            {c: "sum" if c == "nombre" else "first" for c in table.columns[2:]}
        )
        # « first » skips what is missing, and forgets the type of a column that is all so.
        table[["longitude", "latitude"]] = np.nan
    table = table.assign(**said).sort_values(["type", "code_insee", "nom"], kind="stable",
                                             ignore_index=True)
    reasons = {OUTSIDE: int(outside.sum()), NO_COMMUNE: int(lost.sum())}
    return Placed(table[GUICHETS.names], {why: n for why, n in reasons.items() if n}, moved,
                  tuple(sorted(set(raw.loc[lost, "code"]))))


def departements(table: pd.DataFrame) -> tuple[str, ...]:
    """Départements in which a table has at least one counter."""
    return tuple(sorted({departement_of(code) for code in table["code_insee"]}))


def without_double_parents(raw: pd.DataFrame) -> pd.DataFrame:
    """Drop the totals of Paris, Lyon and Marseille where their arrondissements are there too."""
    held = set(raw["code"])
    twice = {city for city, parts in ARRONDISSEMENTS.items() if held & set(parts)}
    return raw[~raw["code"].isin(twice)]
