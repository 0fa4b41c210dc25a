"""Over-indebtedness of the départements: the filings of the last twelve months known for all."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import communes, store
from territory.schemas import SURENDETTEMENT, Column
from territory.settings import Settings
from territory.sources.surendettement import NAME, Filings
from territory.text import date, join, month, number

TABLE: Final = SURENDETTEMENT.name
MONTHS: Final = 12

#: Said wherever over-indebtedness would be shown while its table has not been fetched.
MISSING: Final = (
    "Surendettement inconnu : les dossiers déposés ne sont pas récupérés. Pour les avoir : python "
    "-m territory fetch surendettement, avec une clé gratuite de WebStat, ou --fichier et le CSV "
    "exporté de ce site."
)
#: How far the rate is from the one the Banque de France publishes.
DEFINITION: Final = (
    "Dossiers de surendettement déposés en douze mois pour 100 000 habitants (population "
    "municipale 2023). La Banque de France rapporte les siens aux habitants de 15 ans et plus : "
    "les deux chiffres ne se comparent pas."
)


@dataclass(frozen=True, eq=False)
class YearlyFilings:
    """Filings of twelve months, the same ones for every département.

    Attributes
    ----------
    filings
        Int64 by code of every département, overseas included; missing where one of the months is.
    first, last
        First day of the first and of the last month.
    day
        When they were fetched.
    """

    filings: pd.Series
    first: dt.date
    last: dt.date
    day: dt.date

    @property
    def per_100_000(self) -> pd.Series:
        """Filings per 100 000 inhabitants (municipal population), float64 by département.

        It is the fragility indicator ``surendettement``. The rate of the Banque de France is per
        inhabitants aged 15 and over: a lower denominator, hence a higher figure.
        """
        people = communes.units("departement")["population"].reindex(self.filings.index)
        rate = 100_000 * self.filings.astype("Float64") / people.astype("Float64")
        return rate.astype("float64").rename("surendettement")

    @property
    def period(self) -> str:
        """The twelve months in French: « de septembre 2025 à août 2026 »."""
        start = month(f"{self.first:%Y-%m}")
        return f"{'d’' if start[0] in 'ao' else 'de '}{start} à {month(f'{self.last:%Y-%m}')}"

    @property
    def source(self) -> str:
        """Sentence to print with every figure."""
        return f"Source : {NAME} {self.period}, récupérés le {date(self.day)}."

    @property
    def missing(self) -> list[str]:
        """Départements whose figure is unknown."""
        return list(self.filings.index[self.filings.isna()])

    def sentence(self) -> str:
        """Say in French what the figures are, and where they are unknown."""
        absent = [code for code in self.missing if not code.startswith("97")]
        said = f"{DEFINITION} Mêmes douze mois pour tous : {self.period}."
        if absent:
            said += f" Inconnu en métropole ({number(len(absent))}) : {join(absent)}."
        return f"{said} Outre-mer : inconnu, la série ne le publie pas."


def keep(filings: Filings, settings: Settings) -> None:
    """Check filings against their schema and put them in the local store, in one move.

    Raises
    ------
    DataError
        They break their schema; the former table stays.
    """
    SURENDETTEMENT.validate(filings.table)
    store.of(settings).replace_table(
        TABLE, store.to_parquet_bytes(filings.table),
        {
            "lignes": len(filings.table), "recupere_le": dt.date.today().isoformat(),
            "millesime": filings.last_month, "date": filings.day,
        },
    )


def yearly(settings: Settings) -> YearlyFilings | None:
    """Sum the last twelve months known in every département that has data.

    The months are the same for all, so that départements compare. A département whose series
    stopped twelve months before the others would hold everybody in the past: it does not count for
    the choice of the months, and is missing.

    Returns
    -------
    YearlyFilings or None
        None when the table is not in the local store, or no département has twelve months.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    local = store.of(settings)
    if TABLE not in local.tables():
        return None
    table = local.read(TABLE).dropna(subset=["dossiers"])
    counts = table.assign(
        mois=pd.PeriodIndex(table["mois"], freq="M"), dossiers=table["dossiers"].astype(float)
    ).pivot_table(index="mois", columns="code_departement", values="dossiers", aggfunc="first")
    last = _last_common(counts)
    if last is None:
        return None
    window = pd.period_range(end=last, periods=MONTHS, freq="M")
    sums = counts.reindex(window).sum(skipna=False)
    filings = sums.reindex(communes.units("departement").index).astype("Int64")
    if filings.isna().all():
        return None
    return YearlyFilings(
        filings.rename("dossiers"), window[0].start_time.date(), window[-1].start_time.date(),
        dt.date.fromisoformat(table["source_date"].iloc[0]),
    )


def _last_common(counts: pd.DataFrame) -> pd.Period | None:
    """Last month known in all the départements whose series goes on; see :func:`yearly`."""
    ends = pd.Series({code: column.last_valid_index() for code, column in counts.items()})
    if ends.empty:
        return None
    going_on = [code for code, end in ends.items() if end > ends.max() - MONTHS]
    common = counts[going_on].dropna().index
    return None if common.empty else common[-1]


def columns() -> tuple[Column, ...]:
    """Declare the column of the rate, with what it rests on."""
    return (
        Column("surendettement", "Dossiers de surendettement pour 100 000 habitants", "nombre",
               DEFINITION),
    )
