"""Over-indebtedness filings by département and month: WebStat, Banque de France.

One series a département of métropole, monthly since January 2019: the filings (« dossiers
déposés ») with the commissions. The service asks for a free personal key; the CSV a person exported
from the WebStat site does as well.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd

from territory import communes
from territory.errors import InvalidInputError, SourceError, SourceRefusedError
from territory.progress import Watch
from territory.schemas import SURENDETTEMENT
from territory.settings import Settings
from territory.sources._http import Client
from territory.text import fold, join, number

SOURCE: Final = "surendettement"
NAME: Final = "Banque de France, WebStat, dossiers de surendettement déposés"
PATH: Final = "/catalog/datasets/observations/exports/csv/"

_SERIES: Final = re.compile(r"IFI\.M\.D([0-9]{2}|2[AB]|97[0-9])\.SUREN\.DEPOT")
_ANY_FILINGS: Final = re.compile(r"IFI\.M\.D\w+\.SUREN\.DEPOT", re.ASCII)
#: What an HTTP header may carry: a key of another form is never sent.
_KEY_FORM: Final = re.compile(r"[A-Za-z0-9_-]{16,200}")
#: Thirty times the series of France since 2019.
_MAX_BYTES: Final = 20_000_000
#: France files about 135 000 cases a year: six digits a month is already too many.
_COUNT: Final = re.compile(r"([0-9]{1,6})(?:[.,]0+)?")
_ABSENT: Final = frozenset({"", "-", "."})
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])(?:-[0-9]{2})?")
_DAY_FIRST: Final = re.compile(r"[0-9]{2}/(0[1-9]|1[0-2])/([0-9]{4})")

#: Reasons a row is left out.
OTHER_SERIES: Final = "autre série que les dossiers déposés par département"
NO_DEPARTEMENT: Final = "département inconnu"
NO_MONTH: Final = "mois illisible"
NOT_OVER: Final = "mois qui n’est pas terminé"
TWICE: Final = "ligne répétée"
#: Reasons a month of a département is unknown.
ILLEGIBLE: Final = "valeur illisible"
CONTRADICTION: Final = "valeurs qui se contredisent"


@dataclass(frozen=True, eq=False)
class Filings:
    """Filings known, and what the source lacks.

    Attributes
    ----------
    table
        Columns of ``schemas.SURENDETTEMENT``, one row a département and month.
    day
        When it was fetched, or the file last changed (ISO).
    left_out
        French reason → rows left out.
    unknown
        French reason → months of a département made unknown; blank ones are not counted here.
    """

    table: pd.DataFrame
    day: str
    left_out: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)

    @property
    def last_month(self) -> str:
        """Last month with at least one known value, ``YYYY-MM``."""
        return str(self._known["mois"].max())

    @property
    def _known(self) -> pd.DataFrame:
        return self.table.dropna(subset=["dossiers"])

    def covered(self) -> list[str]:
        """Départements of which at least one month is known."""
        return sorted(self._known["code_departement"].unique())

    def absent(self) -> list[str]:
        """Départements of métropole of which nothing is known."""
        return sorted(set(departements()) - set(self.covered()))

    def remarks(self) -> list[str]:
        """Say in French, one sentence each, what was refused and what is lacking."""
        said = [f"Lignes laissées de côté ({number(n)}) : {why}."
                for why, n in self.left_out.items()]
        said += [f"Mois rendus inconnus ({number(n)}) : {why}." for why, n in self.unknown.items()]
        if absent := self.absent():
            said.append(
                f"Départements de métropole sans donnée ({number(len(absent))}) : {join(absent)}."
            )
        return said

    def to_json(self) -> dict[str, Any]:
        """Return what a script needs."""
        known = self._known
        return {
            "source": SOURCE,
            "lignes": len(self.table),
            "mois": int(known["mois"].nunique()),
            "premier_mois": str(known["mois"].min()),
            "dernier_mois": self.last_month,
            "date": self.day,
            "departements": self.covered(),
            "departements_absents": self.absent(),
            "valeurs_inconnues": len(self.table) - len(known),
            "ecartes": dict(self.left_out),
            "rendus_inconnus": dict(self.unknown),
            "incomplet": self.remarks(),
        }


def departements() -> list[str]:
    """Départements the series covers: those of métropole."""
    return [code for code in communes.units("departement").index if not code.startswith("97")]


def fetch(
    settings: Settings, *, file: Path | None = None, watch: Watch | None = None
) -> Filings:
    """Bring every series with the person's own key, or read a file exported before.

    Parameters
    ----------
    settings
        Address and key.
    file
        CSV of WebStat: the observations of the service, or the export of the site.
    watch
        Told of progress; may stop the work.

    Raises
    ------
    InvalidInputError
        No key, a key of another form, or a file that is not of WebStat.
    SourceError, StoppedError
        The service refuses, stays silent or changed its form; somebody asked to stop.
    """
    if file is not None:
        try:
            return _given(file)
        except SourceError as error:
            raise InvalidInputError(error.user_message) from error
    content = _asked(settings, watch or Watch())
    return read(content, "La réponse de WebStat", day=dt.date.today())


def _given(file: Path) -> Filings:
    status = file.stat()
    subject = f"Le fichier {file.name}"
    _fits(status.st_size, subject)
    return read(file.read_bytes(), subject, day=dt.date.fromtimestamp(status.st_mtime))


def _asked(settings: Settings, watch: Watch) -> bytes:
    key = settings.webstat_key
    if not _KEY_FORM.fullmatch(key):
        what = "manque" if not key else "n’a pas la forme d’une clé"
        msg = (
            f"La clé de WebStat {what} : demandez-en une, gratuite, sur "
            "https://webstat.banque-france.fr et écrivez-la dans TERRITORY_WEBSTAT_KEY, ou donnez "
            "par --fichier le CSV exporté de ce site."
        )
        raise InvalidInputError(msg)
    service = Client(
        "le service WebStat de la Banque de France", settings.webstat_url,
        offline=settings.offline, timeout_s=60.0, headers={"Authorization": f"Apikey {key}"},
        watch=watch,
    )
    wanted = ",".join(f'"IFI.M.D{code}.SUREN.DEPOT"' for code in departements())
    params = {"where": f"series_key IN({wanted})", "select": "series_key,time_period,obs_value"}
    try:
        return service.get_bytes(PATH, params)
    except SourceRefusedError as error:
        status = error.status
    # Raised here and not above: a refusal may quote the key, and must not come along as a cause.
    if status in {401, 403}:
        msg = (
            "La Banque de France refuse cette clé de WebStat : elle est fausse, périmée ou sans "
            "droit sur ces séries. Vérifiez TERRITORY_WEBSTAT_KEY."
        )
    else:
        msg = f"Le service WebStat de la Banque de France a refusé la demande (code {status})."
    raise SourceRefusedError(msg, status)


def read(content: bytes, subject: str, *, day: dt.date) -> Filings:
    """Read a CSV of WebStat, of either form, whatever its separator.

    The observations of the service have one row a series and month (``series_key``,
    ``time_period``, ``obs_value``); the export of the site has one column a series, under rows of
    titles.

    Parameters
    ----------
    content
        Bytes of the CSV.
    subject
        Beginning of the messages: « Le fichier x.csv ».
    day
        Date of the content.

    Raises
    ------
    SourceError
        The content is cut, of another form, or without any filing.
    """
    _fits(len(content), subject)
    cells = _table(_text(content, subject), subject)
    left_out: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    found: dict[tuple[str, str], int | None] = {}
    contradicted: set[tuple[str, str]] = set()
    known = set(communes.units("departement").index)
    over = dt.date.today().strftime("%Y-%m")
    for series, period, text in cells:
        code, month = _SERIES.fullmatch(series), _month(period)
        if code is None or code[1] not in known:
            left_out[NO_DEPARTEMENT if _ANY_FILINGS.fullmatch(series) else OTHER_SERIES] += 1
        elif not month:
            left_out[NO_MONTH] += 1
        elif month >= over:
            left_out[NOT_OVER] += 1
        else:
            count = _count(text)
            if count is None and text not in _ABSENT:
                unknown[ILLEGIBLE] += 1
            place = (code[1], month)
            if place not in found:
                found[place] = count
            else:
                left_out[TWICE] += 1
                if found[place] != count:
                    contradicted.add(place)
    found |= dict.fromkeys(contradicted)
    if contradicted:
        unknown[CONTRADICTION] = len(contradicted)
    if all(count is None for count in found.values()):
        msg = (
            f"{subject} ne contient aucun dossier de surendettement par département (séries "
            "IFI.M.Dxx.SUREN.DEPOT)."
        )
        raise SourceError(msg)
    table = pd.DataFrame(
        [(code, month, count) for (code, month), count in sorted(found.items())],
        columns=SURENDETTEMENT.names[:3],
    ).astype({"dossiers": "Int64"})
    table = table.assign(source=NAME, source_date=day.isoformat())
    return Filings(table, day.isoformat(), dict(left_out), dict(unknown))


def _fits(size: int, subject: str) -> None:
    if size > _MAX_BYTES:
        msg = f"{subject} dépasse de loin la taille de ces séries."
        raise SourceError(msg)


def _text(content: bytes, subject: str) -> str:
    try:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252")
    except UnicodeDecodeError as error:
        msg = f"{subject} n’a pas la forme d’un texte lisible."
        raise SourceError(msg) from error
    if not text.strip():
        msg = f"{subject} ne contient rien."
        raise SourceError(msg)
    return text


def _table(text: str, subject: str) -> Iterator[tuple[str, str, str]]:
    """Series, period and value of every observation."""
    for separator in ";,\t":
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            rows = [[cell.strip() for cell in row] for row in lines if any(map(str.strip, row))]
        except csv.Error:
            continue
        form = _form(rows)
        if form is None:
            continue
        if not text.endswith(("\n", "\r")):
            # 4 may be the beginning of 45: the last figure of a cut answer is not believed.
            msg = f"{subject} s’arrête au milieu d’une ligne : une partie manque sans doute."
            raise SourceError(msg)
        short = next((rank for rank, row in enumerate(rows, 1) if len(row) != len(rows[0])), None)
        if short is not None:
            msg = f"{subject} s’interrompt ou change de forme à la ligne {short}."
            raise SourceError(msg)
        return form(rows, subject)
    msg = (
        f"{subject} n’a pas la forme attendue : un CSV de WebStat, avec les colonnes series_key, "
        "time_period et obs_value, ou une colonne par série."
    )
    raise SourceError(msg)


_Reader = Callable[[list[list[str]], str], Iterator[tuple[str, str, str]]]


def _form(rows: list[list[str]]) -> _Reader | None:
    if not rows:
        return None
    if {"series_key", "time_period", "obs_value"} <= {name.lower() for name in rows[0]}:
        return _observations
    if any(fold(row[0]) == "code serie" for row in rows[:10]):
        return _export
    return None


def _observations(rows: list[list[str]], subject: str) -> Iterator[tuple[str, str, str]]:
    header = [name.lower() for name in rows[0]]
    places = [header.index(name) for name in ("series_key", "time_period", "obs_value")]
    return ((row[places[0]], row[places[1]], row[places[2]]) for row in rows[1:])


def _export(rows: list[list[str]], subject: str) -> Iterator[tuple[str, str, str]]:
    """Observations of the export of the site, as those of 2024 were: titles, then dates.

    The titles end with a colon; their order and number do not matter.
    """
    titles = {fold(row[0]): row[1:] for row in rows if row[0].endswith(":")}
    if any("(0)" not in unit for unit in titles.get("magnitude", [])):
        msg = f"{subject} donne des dossiers par milliers ou autrement qu’à l’unité."
        raise SourceError(msg)
    series = titles.get("code serie", [])
    return ((key, row[0], cell) for row in rows if not row[0].endswith(":")
            for key, cell in zip(series, row[1:], strict=True))


def _month(text: str) -> str:
    """Month of a period, ``YYYY-MM``; empty when it is none."""
    if match := _YEAR_FIRST.fullmatch(text):
        return f"{match[1]}-{match[2]}"
    if match := _DAY_FIRST.fullmatch(text):
        return f"{match[2]}-{match[1]}"
    return ""


def _count(text: str) -> int | None:
    match = _COUNT.fullmatch(re.sub(r"\s", "", text))
    return None if match is None else int(match[1])
