"""Totals of the ESS published by others, cited beside a territory's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from territory import communes, store
from territory.territoires import Territoire

#: Kind of a territory → level of the table.
_LEVELS: Final = {"departement": "departement", "region": "region", "france": "pays"}


def published(places: Sequence[Territoire]) -> pd.DataFrame:
    """Latest published total of the ESS of each territory that has one.

    Fields, years and sources differ: they are cited, never compared nor added.

    Returns
    -------
    pandas.DataFrame
        ``territoire``, ``annee``, ``etablissements_employeurs``, ``emplois``,
        ``part_emploi_pct`` (float64, NaN where the source does not say), ``source_titre``,
        ``source_url``; in the order of the territories.
    """
    rows = store.read("ess_totaux")
    numbers = ["etablissements_employeurs", "emplois", "part_emploi_pct"]
    rows = rows.assign(**{name: pd.to_numeric(rows[name], errors="coerce") for name in numbers})
    rows = rows[rows[numbers].notna().any(axis=1)]
    found = []
    for place in places:
        keys = _keys(place)
        own = [(level, code) in keys for level, code in zip(rows["niveau"], rows["code"],
                                                            strict=True)]
        latest = rows[own].sort_values("annee", ascending=False, kind="stable").head(1)
        found.append(latest.assign(territoire=place.label))
    columns = ["territoire", "annee", *numbers, "source_titre", "source_url"]
    return pd.concat(found)[columns].reset_index(drop=True)


def _keys(place: Territoire) -> set[tuple[str, str]]:
    """Level and code a total of a territory may be written under; a code alone names several."""
    if place.kind not in _LEVELS:
        return set()
    if place.kind == "france":
        return {("pays", "FR")}
    keys = {(_LEVELS[place.kind], place.code)}
    if place.kind == "departement":
        above = str(communes.units("departement")["code_region"][place.code])
        # Overseas a département is a région too, and its totals are written as the région's.
        if communes.units("region")["communes"][above] == len(place.codes):
            keys.add(("region", above))
    return keys
