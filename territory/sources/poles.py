"""PTCE of the fact tables: the table received, the facts and the contributions laid over it.

``ptce.csv`` stays as it was received. ``ptce_complements.csv`` holds facts, one a line, each with
its proof and source; ``ptce_contributions.csv`` the lines that people sent and that were checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from territory.errors import DataError
from territory.ptce import contribution, evidence
from territory.ptce.sheet import Sheet
from territory.ptce.vocabulary import ADDED, STATUS_YEARS
from territory.sources.faits import read
from territory.text import fold

#: The founding text, cited by its title where a source gives this mark instead of an address.
FOUNDING_TEXT: Final = "doc:labo-ess-propositions-2012"
_FOUNDING_TITLE: Final = "Labo de l'ESS, Propositions (2012)"
_FOUNDING_YEAR: Final = "2012"
_MULTISECTOR: Final = "multisectoriel"


def complements(folder: Path) -> pd.DataFrame:
    """Facts about poles, columns of ``schemas.PTCE_FACTS``, in the order of the file.

    Raises
    ------
    DataError
        The file is not sound, or speaks of a pole that the tables do not hold.
    """
    found = evidence.read(*_file(folder, "ptce_complements"))
    evidence.unknown_poles(found, _received(folder)["nom_court"])
    _sound(found)
    return evidence.table(found)


def table(folder: Path, communes: pd.DataFrame) -> pd.DataFrame:
    """PTCE, with the columns of ``schemas.PTCE``.

    Parameters
    ----------
    folder
        The fact tables.
    communes
        Commune table indexed by ``code_insee``.

    Returns
    -------
    pandas.DataFrame
        A point is given only where a source names the commune: the commune's reference point.
        Elsewhere the narrowest unit that is known is given by its code, and ``resolution`` says
        how: an EPCI when its short name is the area's, or when a complement proves it; the
        département when named.

    Raises
    ------
    DataError
        A file of facts is not sound.
    """
    rows, named = _told(_received(folder), complements(folder))
    at = communes.reindex(rows["code_insee"].where(rows["code_insee"] != ""))
    region_codes = communes.drop_duplicates("code_region").set_index("nom_region")["code_region"]
    departements = communes.drop_duplicates("code_departement").set_index("nom_departement")[
        "code_departement"
    ]
    rows["code_region"] = rows["region"].map(region_codes)
    bracketed = rows["territoire"].str.extract(r"\(([^)]+)\)$")[0].map(departements)
    whole = rows["territoire"].where(rows["precision"] == "departement").map(departements)
    exact = pd.Series(at["code_departement"].to_numpy())
    rows["code_departement"] = (
        exact.fillna(whole).fillna(bracketed).fillna(named["code_departement"])
    )
    area = rows["territoire"].where(rows["precision"] == "intercommunalite")
    by_name = area.map(_epci_by_short_name(communes))
    rows["code_epci"] = by_name.fillna(named["code_epci"])
    rows["resolution"] = _resolution(rows, by_name, named["code_departement"])
    rows["longitude"] = at["longitude"].to_numpy()
    rows["latitude"] = at["latitude"].to_numpy()
    rows["annees_statut"] = [
        ";".join(_year(one, titles, dates) for one in codes.split(";"))
        for codes, titles, dates in rows[["statut", "source_titre", "source_date"]].itertuples(
            index=False
        )
    ]
    for column in ("annee_creation", "situation_annee"):
        rows[column] = pd.to_numeric(rows[column]).astype("Int64")
    rows["source_url"] = [
        ";".join("" if u == FOUNDING_TEXT else u for u in urls.split(";"))
        for urls in rows["source_url"]
    ]
    for column in ("commune", "code_insee", "territoire"):
        rows[column] = rows[column].where(rows[column] != "")
    return rows.sort_values("nom", kind="stable").reset_index(drop=True)


def _received(folder: Path) -> pd.DataFrame:
    """Read the table received, added columns unknown, with the contributions over it, as text."""
    rows = read(folder, "ptce").assign(**ADDED)
    several = rows["filiere"].str.contains(_MULTISECTOR)
    rows["structure"] = rows["structure"].mask(several, "multisectorielle")
    sent = contribution.read_cells(*_file(folder, "ptce_contributions"))
    _sound(sent)
    return contribution.lay(rows, sent)


def _file(folder: Path, name: str) -> tuple[str, bytes]:
    path = folder / f"{name}.csv"
    return path.name, path.read_bytes()


def _sound(found: Sheet) -> None:
    if found.problems:
        msg = f"Le fichier {found.name} n’est pas valable. {found.problems[0].sentence()}"
        raise DataError(msg)


def _told(rows: pd.DataFrame, told: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lay facts over the columns of the table; give apart the codes they prove."""
    rows = rows.copy()
    ranks = {fold(name): rank for rank, name in enumerate(rows["nom_court"])}
    codes = pd.DataFrame({"code_epci": pd.NA, "code_departement": pd.NA}, index=rows.index,
                         dtype="str")
    for fact in told.to_dict("records"):
        column, rank = fact["champ"], ranks[fold(fact["nom_court"])]
        if column in codes:
            codes.loc[rank, column] = fact["valeur"]
        elif column in evidence.TABLE_FIELDS:
            rows.loc[rank, column] = fact["valeur"]
            if column == "situation":
                rows.loc[rank, "situation_source"] = fact["source_titre"]
    return rows, codes


def _resolution(
    rows: pd.DataFrame, by_name: pd.Series, departement: pd.Series
) -> pd.Series:
    """Say how the narrowest unit of each pole was found."""
    found = pd.Series("region", index=rows.index, dtype="str")
    found = found.mask(rows["code_departement"].notna(), "departement_nom")
    found = found.mask(departement.notna(), "departement_releve")
    found = found.mask(rows["code_epci"].notna(), "epci_releve")
    found = found.mask(by_name.notna(), "epci_nom")
    return found.mask(rows["code_insee"] != "", "commune")


def _year(status: str, titles: str, dates: str) -> str:
    """Year of a status: its own, else that of the page that gives it; empty when none tells."""
    if status in STATUS_YEARS:
        return STATUS_YEARS[status]
    sources = titles.split(";")
    if status == "pole_cite_par_labo_ess" and _FOUNDING_TITLE in sources:
        return _FOUNDING_YEAR
    # With several pages, which one names the pole so is not said.
    return dates[:4] if len(sources) == 1 else ""


def _epci_by_short_name(communes: pd.DataFrame) -> dict[str, str]:
    """Area name as a source may write it → EPCI code, only where one EPCI answers."""
    names = communes.dropna(subset=["code_epci"]).drop_duplicates("code_epci")
    found: dict[str, set[str]] = {}
    for code, name in zip(names["code_epci"], names["nom_epci"], strict=True):
        short = name
        for kind in ("Communauté d'agglomération ", "Communauté de communes ",
                     "Communauté urbaine ", "Métropole "):
            short = short.removeprefix(kind)
        bare = short.removeprefix("du ").removeprefix("de ").removeprefix("d'")
        for form in {name, short, bare}:
            found.setdefault(form, set()).add(code)
    return {form: codes.pop() for form, codes in found.items() if len(codes) == 1}
