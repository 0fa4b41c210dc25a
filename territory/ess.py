"""Who belongs to the économie sociale et solidaire, of which family, and who employs.

The rule follows article 1 of the loi n° 2014-856 du 31 juillet 2014 and the answers of three
lists: the Sirene flag, the ESS France list and the legal categories. Each answer says which list it
comes from. Not being listed is never an answer: it stays ``inconnu``.

The table of legal categories is this project's own, made from Insee's labels (catégories
juridiques, niveau III); Insee publishes its list of the statistical field in notes only.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory.text import date

#: Day of the ESS France list.
LIST_DAY: Final = dt.date(2023, 11, 20)

_COOPERATIVES: Final = (
    *range(5191, 5197), 5432, 5443, 5451, 5453, 5454, 5455, 5458, 5459, 5460, 5532, 5543, 5547,
    *range(5551, 5556), 5558, 5559, 5560, 5632, 5643, 5647, *range(5651, 5661), 6100, 6316, 6317,
    6318, 6532, 6543, 6551, 6554, 6558, 6560, 6595, 6596,
)
#: Legal category → family. Left out on purpose: 9210, an undeclared association, is no legal
#: person and employs nobody under its name; 9240, a congregation, is debated.
LEGAL_CATEGORIES: Final[dict[str, str]] = {
    **{str(code): "cooperative" for code in _COOPERATIVES},
    **dict.fromkeys(("9220", "9221", "9222", "9223", "9230", "9260"), "association"),
    **dict.fromkeys(("6411", "8210", "8250", "8290"), "mutuelle"),
    "9300": "fondation",
}

#: Forms that article 1 does not name and that are no commercial company: lawyers' associations,
#: institutions de prévoyance, works councils; persons of public law (4…, 7…) besides.
OUTSIDE_FORMS: Final = ("9224", "8510", "8310")

#: Activities out of the statistical field (this project's list): public administration,
#: households as employers, extraterritorial bodies, employers', professional, trade-union,
#: religious and political organisations.
OUT_OF_SCOPE: Final = ("84", "97", "98", "99", "94.11", "94.12", "94.20", "94.91", "94.92")

_COOPERATIVE_NAME: Final = re.compile(
    r"\b(?:SCOP|SCIC|S\.C\.O\.P|S\.C\.I\.C|SOCI[EÉ]T[EÉ] COOP[EÉ]RATIVE"
    r"|COOP[EÉ]RATIVE OUVRI[EÈ]RE)\b",
    re.IGNORECASE,
)

#: Insee size code → words.
SIZE_LABELS: Final[dict[str, str]] = {
    "NN": "aucun salarié", "00": "aucun salarié en fin d’année", "01": "1 ou 2 salariés",
    "02": "3 à 5 salariés", "03": "6 à 9 salariés", "11": "10 à 19 salariés",
    "12": "20 à 49 salariés", "21": "50 à 99 salariés", "22": "100 à 199 salariés",
    "31": "200 à 249 salariés", "32": "250 à 499 salariés", "41": "500 à 999 salariés",
    "42": "1 000 à 1 999 salariés", "51": "2 000 à 4 999 salariés",
    "52": "5 000 à 9 999 salariés", "53": "10 000 salariés et plus",
}
#: Size codes of at least one employee.
EMPLOYING_SIZES: Final = tuple(code for code in SIZE_LABELS if code not in {"NN", "00"})


def size_words(code: str, year: str = "") -> str:
    """Say a size code: ``12``, ``2023`` → « 20 à 49 salariés (2023) »; empty when unknown."""
    words = SIZE_LABELS.get(code, "")
    return f"{words} ({year})" if words and year else words


def employs(active: pd.Series, character: pd.Series, size: pd.Series) -> npt.NDArray[np.object_]:
    """Tell which establishments employ: ``oui``, ``non`` or ``inconnu``.

    An open establishment employs when Sirene calls it an employer or gives it a size of at least
    one: both are needed, for they disagree (« N » with a size, « O » with « NN »). It does not
    when Sirene says « N » or a size of none, and nothing says the contrary. Silence is unknown.

    Parameters
    ----------
    active
        Shape (n,), bool: open.
    character
        ``caractereEmployeur``: O, N or blank.
    size
        ``trancheEffectifs``: a key of :data:`SIZE_LABELS`, or blank.
    """
    yes = (character == "O") | size.isin(EMPLOYING_SIZES)
    no = (character == "N") | size.isin(("NN", "00"))
    answer = np.where(yes, "oui", np.where(no, "non", "inconnu"))
    return np.where(active, answer, "non").astype(object)


def family(category: pd.Series, name: pd.Series) -> npt.NDArray[np.object_]:
    """Family of units known to be of the ESS, keys of ``suppliers.FAMILIES``.

    A category outside the table is a commercial ESS company (article 1, II-2°), or a cooperative
    whose name says so: SAS and SARL may be Scop or Scic without a category of their own. Blank
    categories, public bodies and the forms of :data:`OUTSIDE_FORMS` have no family here.

    Parameters
    ----------
    category, name
        Legal category (four digits) and name, shape (n,).
    """
    by_category = category.map(LEGAL_CATEGORIES)
    commercial = category.str.match(r"[56]\d{3}$")
    named = name.str.contains(_COOPERATIVE_NAME)
    other = np.where(
        commercial, np.where(named, "cooperative", "societe_commerciale_ess"), "inconnue"
    )
    return np.where(by_category.notna(), by_category, other).astype(object)


def classify(table: pd.DataFrame, sirene_day: dt.date) -> pd.DataFrame:
    """Answer « is it of the ESS, and of which family » for legal units.

    Parameters
    ----------
    table
        ``siren``, ``categorie_juridique``, ``naf`` (with its dot), ``drapeau_sirene`` (O, N or
        empty), ``sur_liste_ess`` (bool; False when not on the list or the list is not there) and
        ``nom``, all text but one; empty when unknown.
    sirene_day
        Day of the Sirene answers.

    Returns
    -------
    pandas.DataFrame
        Same index: ``est_ess``, ``est_ess_source`` (list and date, empty when unknown),
        ``famille_ess``. The first of these rules that holds:

        1. Sirene flag « O »: oui;
        2. on the ESS France list: oui;
        3. public body (category in 4 or 7; where it is blank, SIREN in 2 or in 11 to 19), or a
           form of :data:`OUTSIDE_FORMS`: non;
        4. category of the law, activity in the field: oui;
        5. Sirene flag « N », and no category of the law: non;
        6. else inconnu.
    """
    category, naf = table["categorie_juridique"], table["naf"]
    statutory = category.isin(LEGAL_CATEGORIES)
    # Since the end of 2025 units of every kind get a SIREN in 10: the category decides if known.
    public = category.str.startswith(("4", "7")) | (
        (category == "") & table["siren"].str.match(r"1[1-9]|2")
    )
    outside = public | category.isin(OUTSIDE_FORMS)
    sirene = f"Sirene, {date(sirene_day)}"
    law = "loi du 31 juillet 2014, art. 1"
    rules: list[tuple[pd.Series, str, str]] = [
        (table["drapeau_sirene"] == "O", "oui", sirene),
        (table["sur_liste_ess"].astype(bool), "oui", f"Liste ESS France, {date(LIST_DAY)}"),
        (outside, "non", f"Forme juridique hors de la {law}"),
        (statutory & ~naf.str.startswith(OUT_OF_SCOPE), "oui", f"Forme juridique, {law}"),
        ((table["drapeau_sirene"] == "N") & ~statutory, "non", sirene),
    ]
    conditions = [rule[0].to_numpy(dtype=bool) for rule in rules]
    answer = np.select(conditions, [rule[1] for rule in rules], "inconnu").astype(object)
    families = family(category, table["nom"])
    return pd.DataFrame(
        {
            "est_ess": answer,
            "est_ess_source": np.select(conditions, [rule[2] for rule in rules], "").astype(object),
            "famille_ess": np.where(
                answer == "oui", families,
                np.where(answer == "non", "hors_ess",
                         np.where(statutory, families, "inconnue")),
            ).astype(object),
        },
        index=table.index,
    )

