"""WebStat's observations as the service gives them: a CSV with a mark of UTF-8, and a key to ask.

All figures are invented.
"""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from tests.doubles.recherche import RefusedError

KEY = "c0ffee" * 9 + "00"
DEPARTEMENTS = tuple(
    code for n in range(1, 96) for code in (("2A", "2B") if n == 20 else (f"{n:02d}",))
)


def months(last: str | None = None) -> list[str]:
    """Months of the series, from January 2019 to the last but one."""
    end = pd.Period(last or dt.date.today(), "M") - (0 if last else 2)
    return [str(month) for month in pd.period_range("2019-01", end, freq="M")]


class WebStat:
    """Answers of the service.

    Attributes
    ----------
    filings
        (département, month) → filings, None for a blank.
    """

    def __init__(self) -> None:
        self.filings: dict[tuple[str, str], int | None] = {
            (code, month): 20 + rank % 7 + position % 5
            for position, code in enumerate(DEPARTEMENTS) for rank, month in enumerate(months())
        }

    def answer(self, path: str, params: dict[str, str], authorization: str) -> tuple[bytes, str]:
        """Answer a request as an Explore API of Opendatasoft does."""
        if authorization != f"Apikey {KEY}":
            # A service that repeats what it was given, which no log may then hold.
            raise RefusedError(f"Invalid API key: {authorization}", 401)
        if path != "/catalog/datasets/observations/exports/csv/":
            raise RefusedError("Unknown dataset", 404)
        asked = re.fullmatch(r"series_key IN\((.*)\)", params.get("where", ""))
        if asked is None or params.get("select") != "series_key,time_period,obs_value":
            raise RefusedError("ODSQL query is malformed", 400)
        wanted = {text.strip().strip('"') for text in asked[1].split(",")}
        rows = [
            (f"IFI.M.D{code}.SUREN.DEPOT", month, "" if count is None else str(count))
            for (code, month), count in self.filings.items()
        ]
        lines = ["series_key;time_period;obs_value",
                 *(";".join(row) for row in rows if row[0] in wanted)]
        return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig"), "text/csv; charset=utf-8"
