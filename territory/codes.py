"""Official codes: commune (INSEE), EPCI, SIREN, SIRET, département; COG vintages.

Codes are text, always: ``01004`` and ``2A004`` lose their meaning as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

#: Vintage of the code officiel géographique of the embedded base.
COG_VINTAGE = "2025"

# ASCII digits only: \d alone would take those of every script.
_COMMUNE = re.compile(r"(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])\d{3}|97[1-6]\d{2}", re.ASCII)
_POSTCODE = re.compile(r"[0-9]{5}")
_SIREN = re.compile(r"[0-9]{9}")
_SIRET = re.compile(r"[0-9]{14}")
_REV2 = re.compile(r"[0-9]{2}\.[0-9]{2}[A-FZ]")
_NAF_2025 = re.compile(r"[0-9]{2}\.[0-9]{2}[G-Y]")

#: Municipal arrondissements of the three communes that have them.
ARRONDISSEMENTS: Mapping[str, tuple[str, ...]] = {
    "75056": tuple(f"751{n:02d}" for n in range(1, 21)),
    "69123": tuple(f"6938{n}" for n in range(1, 10)),
    "13055": tuple(f"132{n:02d}" for n in range(1, 17)),
}
_PARENT = {arm: commune for commune, arms in ARRONDISSEMENTS.items() for arm in arms}


def is_commune(code: str) -> bool:
    """Tell whether a text has the form of a commune (or arrondissement) code."""
    return _COMMUNE.fullmatch(code) is not None


def is_postcode(code: str) -> bool:
    """Tell whether a text has the form of a postcode."""
    return _POSTCODE.fullmatch(code) is not None


def departement_of(code_insee: str) -> str:
    """Département of a code: ``26281`` → ``26``, ``2A004`` → ``2A``, ``97411`` → ``974``."""
    return code_insee[:3] if code_insee.startswith("97") else code_insee[:2]


def commune_of(code_insee: str) -> str:
    """Commune of an arrondissement of Paris, Lyon or Marseille; any other code as it is."""
    return _PARENT.get(code_insee, code_insee)


def is_siren(code: str) -> bool:
    """Tell whether a text is a SIREN: nine digits whose Luhn sum is a multiple of ten."""
    return _SIREN.fullmatch(code) is not None and _luhn(code) % 10 == 0


def is_siret(code: str) -> bool:
    """Tell whether a text is a SIRET.

    Fourteen digits with a Luhn sum multiple of ten; the establishments of La Poste (SIREN
    356000000) follow a plain sum multiple of five instead (INSEE, Sirene documentation).
    """
    if _SIRET.fullmatch(code) is None:
        return False
    if code.startswith("356000000"):
        return sum(map(int, code)) % 5 == 0 or _luhn(code) % 10 == 0
    return _luhn(code) % 10 == 0


def _luhn(digits: str) -> int:
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total


def naf_nomenclature(code: str) -> str:
    """Nomenclature of an activity code: ``NAF rév. 2``, ``NAF 2025``, empty for an older one.

    Their last letters differ: A to F or Z in rév. 2, G to Y in 2025 (``56.29A``, ``56.11J``).
    """
    if _REV2.fullmatch(code):
        return "NAF rév. 2"
    return "NAF 2025" if _NAF_2025.fullmatch(code) else ""


def carry_to_cog(codes: pd.Series, passage: Mapping[str, str], current: set[str]) -> pd.Series:
    """Carry commune codes of an older COG to the current one.

    Parameters
    ----------
    codes
        Commune codes of any vintage.
    passage
        Old code → commune that absorbed it.
    current
        Codes of the current COG.

    Returns
    -------
    pandas.Series
        Current codes, same index; missing where no current commune is known.
    """
    return codes.map(lambda code: code if code in current else passage.get(code))
