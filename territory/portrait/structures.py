"""The structures of the ESS of a territory: by family, by trade, and the nearest ones beyond.

A structure is of a territory by the code of its commune. The embedded extract is never taken for a
list: it is counted as an extract, and no rate is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from territory import communes, directory, effectifs, filieres, register
from territory.codes import commune_of
from territory.directory import Directory
from territory.geodesic import distances_km, earth_vectors
from territory.perimeter import Perimeter
from territory.settings import Settings
from territory.suppliers import FAMILIES
from territory.territoires import Territoire

Coverage = Literal["extrait", "incomplete", "complete"]

#: More codes than a perimeter of units takes: régions then choose the list.
_MOST_CODES: Final = 5_000
#: Trades that are absent and are named.
_ABSENT: Final = 8
_NEAREST: Final = ("proche_km", "proche_nom", "proche_commune")


@dataclass(frozen=True, eq=False)
class Structures:
    """What a list knows of a territory.

    Attributes
    ----------
    directory
        The list.
    coverage
        ``complete``: a whole list of its communes; ``incomplete``: some of them; ``extrait``.
    count
        Structures of the territory. Of a list: known to be of the ESS and to employ. Of the
        extract: those it does not say to be outside.
    doubtful
        Other structures of a list there, of which one of the two is not known.
    jobs
        Sum of the lower bounds of the known size bands, NaN when none is known.
    sized
        Structures whose size band is known.
    untraded
        Structures without any known trade.
    presumed
        Structures whose trade is only presumed from their NAF code.
    families
        ``famille``, ``libelle``, ``nombre``, ``emplois`` (lower bound, NaN), the largest first.
    trades
        ``filiere``, ``nombre``, then the nearest structure beyond: ``proche_km`` (geodesic, from
        the reference point of the nearest commune of the territory), ``proche_nom``,
        ``proche_commune``; the most frequent first.
    absent
        Trades that nobody has here, the most frequent of the list first: ``filiere``,
        ``ailleurs`` (structures of the list), and the nearest.
    wider
        List the nearest beyond were looked for in, None when no list reaches beyond.
    counts
        Structures of each containing unit the list holds whole, by label.
    """

    directory: Directory
    coverage: Coverage
    count: int
    doubtful: int
    jobs: float
    sized: int
    untraded: int
    presumed: int
    families: pd.DataFrame
    trades: pd.DataFrame
    absent: pd.DataFrame
    wider: Directory | None
    counts: dict[str, int]


def directory_of(place: Territoire, settings: Settings) -> Directory:
    """Choose the fullest list known for a territory.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    codes: Sequence[str] = place.codes
    if place.kind in {"commune", "epci", "departement"}:
        codes = [place.code]
    elif place.kind == "region":
        codes = [f"R{place.code}"]
    elif place.kind == "france" or len(codes) > _MOST_CODES:
        held = communes.whole().loc[list(place.codes), "code_region"]
        codes = [f"R{code}" for code in sorted(set(held))]
    return directory.of(Perimeter.of_units(*codes), settings)


def wider_than(listed: Directory, place: Territoire, settings: Settings) -> Directory | None:
    """Choose where to look beyond a territory: its list, or all the communes asked one by one.

    None when these are too many for a perimeter, or are the territory's own.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    if listed.kind != "perimetre":
        return listed
    asked = communes.table().index.intersection(list(register.of(settings).states()))
    codes = {*asked, *place.codes}
    if len(codes) > _MOST_CODES or {commune_of(code) for code in asked} <= set(place.codes):
        return None
    return directory.of(Perimeter.of_units(*sorted(codes)), settings)


def of(
    place: Territoire, around: Sequence[Territoire], listed: Directory,
    wider: Directory | None = None,
) -> Structures:
    """Count the structures of a territory in a list.

    Parameters
    ----------
    place, around
        The territory, and the units that hold it.
    listed
        See :func:`directory_of`.
    wider
        Where the nearest beyond are looked for, see :func:`wider_than`; by default the list, when
        it is more than the territory's own.
    """
    if wider is None and listed.kind != "perimetre":
        wider = listed
    table, kept = listed.index.table, _kept(listed)
    inside = _inside(place, listed)
    columns = ["famille_ess", "tranche_effectif", "filiere", "filiere_origine"]
    here = table.loc[inside & kept, columns]
    low, _ = effectifs.intervals(here["tranche_effectif"])
    known = ~np.isnan(low)
    jobs = float(low[known].sum()) if known.any() or here.empty else float("nan")
    totals, nearest = pd.Series(dtype=int), _nowhere()
    if wider is not None:
        rows, able = wider.index.table, _kept(wider)
        totals = _by_trade(rows.loc[able, "filiere"])
        nearest = _nearest(place, rows, able & ~_inside(place, wider))
    counted = _by_trade(here["filiere"])
    trades = counted.rename("nombre").rename_axis("filiere").reset_index()
    missing = [one for one in filieres.names() if one not in counted.index]
    elsewhere = totals.reindex(missing).fillna(0).astype(int)
    elsewhere = elsewhere[elsewhere > 0].sort_values(ascending=False, kind="stable")[:_ABSENT]
    absent = elsewhere.rename("ailleurs").rename_axis("filiere").reset_index()
    return Structures(
        listed, _coverage(listed), len(here), int((inside & ~kept).sum()), jobs, int(known.sum()),
        int((here["filiere_origine"] == "inconnue").sum()),
        int((here["filiere_origine"] == "presumee_naf").sum()),
        _families(here["famille_ess"], low),
        trades.join(nearest, on="filiere"), absent.join(nearest, on="filiere"), wider,
        {one.label: _count(one, listed, kept) for one in around if _held(one, listed)},
    )


def _coverage(listed: Directory) -> Coverage:
    if listed.kind == "extrait":
        return "extrait"
    return "incomplete" if listed.missing else "complete"


def _kept(listed: Directory) -> npt.NDArray[np.bool_]:
    table = listed.index.table
    if listed.kind == "extrait":
        return (table["est_ess"] != "non").to_numpy(dtype=bool)
    return ((table["est_ess"] == "oui") & (table["est_employeur"] == "oui")).to_numpy(dtype=bool)


def _held(unit: Territoire, listed: Directory) -> bool:
    """Whether a bulk list holds a unit whole."""
    if listed.kind != "france":
        return False
    return not listed.departements or set(unit.departements) <= set(listed.departements)


def _count(unit: Territoire, listed: Directory, kept: npt.NDArray[np.bool_]) -> int:
    return int((_inside(unit, listed) & kept).sum())


def _inside(place: Territoire, listed: Directory) -> npt.NDArray[np.bool_]:
    """Tell which rows of a list are of a territory, by the code of their commune."""
    ranks, units = listed.index.units
    held: npt.NDArray[np.bool_] = units["commune"].isin(place.codes).to_numpy(dtype=bool)[ranks]
    return held


def _families(family: pd.Series, low: effectifs.Array) -> pd.DataFrame:
    found = pd.DataFrame({"famille": family.to_numpy(), "emplois": low})
    # A group without any known size has an unknown sum, not a null one.
    grouped = found.groupby("famille")["emplois"]
    table = pd.DataFrame({"nombre": grouped.size(), "emplois": grouped.sum(min_count=1)})
    table = table.rename_axis("famille").reset_index()
    table.insert(1, "libelle", [FAMILIES.get(one, one) for one in table["famille"]])
    return table.sort_values(["nombre", "libelle"], ascending=[False, True], ignore_index=True)


def _by_trade(cells: pd.Series) -> pd.Series:
    """Structures by trade, the most frequent first; one that declares several counts for each."""
    totals: dict[str, int] = {}
    for cell, count in cells.value_counts().items():
        for trade in filieres.split(str(cell)):
            totals[trade] = totals.get(trade, 0) + int(count)
    named = pd.Series(totals, dtype=int).drop([filieres.UNKNOWN, ""], errors="ignore")
    return named.sort_index(kind="stable").sort_values(ascending=False, kind="stable")


def _nowhere() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_NEAREST), index=pd.Index([], name="filiere"))


def _nearest(
    place: Territoire, table: pd.DataFrame, beyond: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Nearest structure beyond a territory, by trade; see :attr:`Structures.trades`."""
    lon = table["longitude"].to_numpy(dtype=float)
    lat = table["latitude"].to_numpy(dtype=float)
    rows = np.flatnonzero(beyond & np.isfinite(lon) & np.isfinite(lat))
    if not len(rows):
        return _nowhere()
    homes = communes.table().loc[list(place.codes), ["longitude", "latitude"]].to_numpy(dtype=float)
    tree = cKDTree(earth_vectors(*homes.T))
    chord, home = tree.query(earth_vectors(lon[rows], lat[rows]))
    found = pd.DataFrame({"cellule": table["filiere"].to_numpy()[rows], "corde": chord})
    best: dict[str, int] = {}
    for cell, position in found.groupby("cellule")["corde"].idxmin().items():
        for trade in filieres.split(str(cell)):
            if trade not in best or chord[position] < chord[best[trade]]:
                best[trade] = int(position)
    chosen = np.array(list(best.values()), dtype=int)
    at = np.column_stack([lon[rows[chosen]], lat[rows[chosen]]])
    named = table.iloc[rows[chosen]]
    return pd.DataFrame({
        "proche_km": distances_km(homes[home[chosen]], at),
        "proche_nom": named["nom"].to_numpy(), "proche_commune": named["commune"].to_numpy(),
    }, index=pd.Index(list(best), name="filiere"))
