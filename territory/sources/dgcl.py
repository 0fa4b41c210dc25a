"""DGCL, criteria used to share out State grants to communes, in package dotations-locales-back."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd

from territory.sources.packages import member

YEARS = (2020, 2021, 2022)

# The headings change wording from one year to the next; these endings do not.
_COLUMNS = {
    "code_insee": r"Informations générales - Code INSEE de la commune$",
    "pop_insee": r"Population INSEE de l'année N\s*$",
    "benef_aides_logement": r"Nombre de bénéficiaires des aides au logement de la commune$",
    "revenu_imposable": r"Revenu imposable des habitants de la commune$",
    "pop_qpv": r"Population QPV$",
    "zrr": r"Commune située en ZRR$",
}


def read(archive: Path, year: int) -> pd.DataFrame:
    """Read one vintage.

    Parameters
    ----------
    archive
        The source archive of the package.
    year
        One of :data:`YEARS`.

    Returns
    -------
    pandas.DataFrame
        COG of that year: ``code_insee`` and, as floats, ``pop_insee``, ``benef_aides_logement``
        (persons), ``revenu_imposable`` (euros, zero read as missing), ``pop_qpv``; ``zrr`` as
        ``oui``, ``non`` or ``inconnu``. Pacific territories and collectivités other than
        départements are left out.
    """
    folder = archive.name.removesuffix(".tar.gz")
    raw = member(archive, f"{folder}/data/criteres_repartition_{year}.csv")
    table = pd.read_csv(io.BytesIO(raw), dtype=str)
    names = {}
    for name, ending in _COLUMNS.items():
        (names[name],) = [c for c in table.columns if re.search(ending, c)]
    table = table[list(names.values())].set_axis(list(names), axis=1)
    table = table[~table["code_insee"].str.match(r"97[578]|98")]
    numbers = table.columns.difference(["code_insee", "zrr"])
    table[numbers] = table[numbers].apply(pd.to_numeric)
    table["revenu_imposable"] = table["revenu_imposable"].where(table["revenu_imposable"] > 0)
    table["zrr"] = table["zrr"].str.strip().str.upper().map(_yes_no).fillna("inconnu")
    return table.reset_index(drop=True)


def _yes_no(text: str) -> str:
    return {"1": "oui", "OUI": "oui", "0": "non", "NON": "non"}.get(text, "inconnu")
