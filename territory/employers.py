"""ESS employers known on this machine: fetching a perimeter's, and choosing the list to search.

Three lists, from the fullest: the national one (``fetch sirene``), the communes asked to the API
Recherche d'entreprises one by one (``fetch ess``, or the button of the page), and the embedded
extract. A search says which one it read, of when, and what it lacks.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from territory import communes, register
from territory.codes import ARRONDISSEMENTS, COG_VINTAGE
from territory.errors import InvalidInputError, SourceError, StoppedError
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.register import Listing, State
from territory.settings import Settings
from territory.sources import ess as service
from territory.sources import recherche
from territory.sources._http import Client
from territory.sources.ess_rows import SERVICE, identified, rows
from territory.text import NBSP, number, plural

#: Groups that may fail one after the other before the service is left alone.
_FAILURES_IN_A_ROW: Final = 2
#: Contours are simplified, and a circle is drawn with straight sides.
_MARGIN_KM: Final = 1.0
#: Establishments whose sudden absence is not believed.
_BELIEVED: Final = 20
#: Inhabitants of a commune that has no unit of the ESS: less than one in a thousand.
_WITHOUT_UNIT: Final = 500
#: Requests a second really reached: the pace, and the time of an answer.
_USUAL_RATE: Final = 5.0

_asking = threading.Lock()


@dataclass(frozen=True)
class Estimate:
    """What a search will ask of the service.

    Attributes
    ----------
    codes
        Communes and arrondissements of the perimeter.
    to_ask
        Those whose list is absent, cut or out of date.
    requests, seconds
        Expected for them.
    """

    codes: tuple[str, ...]
    to_ask: tuple[str, ...]
    requests: int
    seconds: float

    def sentence(self) -> str:
        """Say it in French."""
        if not self.to_ask:
            return f"{plural(len(self.codes), 'commune')}, déjà à jour."
        wait = (
            f"{number(max(10, round(self.seconds, -1)))}{NBSP}secondes" if self.seconds < 90
            else plural(round(self.seconds / 60), "minute")
        )
        return (
            f"{plural(len(self.to_ask), 'commune')} à interroger, environ "
            f"{plural(self.requests, 'appel')} et {wait}."
        )


@dataclass
class Report:
    """What a fetch did.

    Attributes
    ----------
    codes
        Communes of the perimeter.
    reread
        Those whose list was fresh enough.
    asked
        Those asked to the end.
    kept
        Employer establishments of the communes asked.
    left_out
        French reason → establishments left out.
    requests
        Sent to the service.
    failures
        What cut the work, in French.
    """

    codes: tuple[str, ...]
    reread: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    kept: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    stopped: bool = False
    failures: list[str] = field(default_factory=list)

    def to_json(self, settings: Settings) -> dict[str, Any]:
        """Return what a script needs: counts, dates, what is incomplete and why."""
        states = register.of(settings).states(self.codes)
        found = len(register.of(settings).read(self.codes))
        dates = [state.fetched for state in states.values() if state.complete]
        return {
            "source": "ess",
            "communes": len(self.codes),
            "communes_relues": len(self.reread),
            "communes_interrogees": len(self.asked),
            "communes_manquantes": missing(self.codes, states),
            "etablissements": found,
            "ecartes": dict(self.left_out),
            "requetes": self.requests,
            "plus_ancienne": min(dates).isoformat() if dates else None,
            "plus_recente": max(dates).isoformat() if dates else None,
            "arrete": self.stopped,
            "echecs": self.failures,
            "incomplet": [
                {"code_insee": code, "motif": hole.kind, "detail": hole.detail}
                for code, state in sorted(states.items())
                for hole in state.holes
            ],
        }


def communes_of(perimeter: Perimeter) -> tuple[str, ...]:
    """Codes to ask for a perimeter: the communes it touches, arrondissements for three of them.

    Raises
    ------
    InvalidInputError
        The perimeter touches no commune.
    """
    codes = tuple(sorted(perimeter.possible_communes(_MARGIN_KM)))
    if not codes:
        msg = "Ce périmètre ne touche aucune commune : il n’y a personne à chercher."
        raise InvalidInputError(msg)
    return codes


def by_arrondissement(codes: Iterable[str]) -> tuple[str, ...]:
    """Replace Paris, Lyon and Marseille by their arrondissements; sorted, each once."""
    return tuple(sorted({part for code in codes for part in ARRONDISSEMENTS.get(code, (code,))}))


def missing(codes: Sequence[str], states: dict[str, State]) -> list[str]:
    """Codes whose list was never fetched to the end."""
    return [code for code in codes if code not in states or not states[code].complete]


def estimate(codes: Sequence[str], settings: Settings) -> Estimate:
    """Estimate a fetch before it starts, without any request."""
    to_ask = _stale(codes, settings)
    requests = service.expected_requests(_populations(to_ask))
    return Estimate(tuple(codes), tuple(to_ask), requests, requests / _USUAL_RATE)


def refresh(codes: Sequence[str], settings: Settings, watch: Watch | None = None) -> Report:
    """Fetch the lists of communes that are absent, cut or older than the freshness setting.

    Each group of communes is stored as soon as it is whole; when the work is cut, what arrived of
    the group under way is kept too, and marked so.

    Parameters
    ----------
    codes
        Communes and arrondissements, see :func:`communes_of`.
    settings
        Address, local store, freshness.
    watch
        Told of the requests done; may stop the work.

    Returns
    -------
    Report
        Failures and stops are in it: they are not raised.
    """
    watch = watch or Watch()
    listing = register.of(settings)
    stale = _stale(codes, settings)
    report = Report(tuple(codes), reread=tuple(c for c in codes if c not in set(stale)))
    expected = service.expected_requests(_populations(stale))
    counting = _Counting(watch, expected)
    asked_to = recherche.client(
        settings.recherche_entreprises_url, offline=settings.offline, watch=counting
    )
    failures = 0
    for group in service.groups(_populations(stale)):
        if failures == _FAILURES_IN_A_ROW or report.stopped:
            break
        with _turn(watch) as taken:
            if not taken:
                report.stopped = True
                break
            # Another session may have asked the same communes meanwhile.
            group = tuple(_stale(group, settings))
            if group and not _ask(asked_to, group, listing, report):
                failures += 1
            else:
                failures = 0
    report.requests = asked_to.sent
    return report


@contextmanager
def _turn(watch: Watch) -> Iterator[bool]:
    """One group at a time in this process: the pace is shared, and no commune is asked twice.

    False when the work was asked to stop while it waited.
    """
    while not _asking.acquire(timeout=0.2):
        if watch.stopped:
            yield False
            return
    try:
        yield True
    finally:
        _asking.release()


def _ask(
    asked_to: Client, group: tuple[str, ...], listing: Listing, report: Report
) -> bool:
    """Ask a group and store it; tell whether it went to its end."""
    batch = service.Batch(group)
    try:
        service.collect(asked_to, group, batch)
    except StoppedError:
        report.stopped = True
        batch.complete = False
    except SourceError as error:
        if error.user_message not in report.failures:
            report.failures.append(error.user_message)
        batch.complete = False
    now = dt.datetime.now(dt.UTC)
    table, left_out = rows(batch, now.astimezone().date())
    if batch.complete:
        _doubt_silence(batch)
        group = _believed(group, table, listing, report)
    elif table.empty:
        return False  # nothing arrived: nothing changes
    else:
        for code in group:
            batch.doubt(code, "interrompu", "la liste de cette commune a été interrompue")
    listing.save(group, table, batch.holes, fetched=now, complete=batch.complete)
    report.kept += len(table)
    report.left_out.update(left_out)
    if batch.complete:
        report.asked += group
    return batch.complete


def _doubt_silence(batch: service.Batch) -> None:
    """Note the communes that gave no unit at all and are too large for that.

    One that merged after the vintage of the embedded base is asked under a code of the past.
    """
    heard = {str(match.get("commune")) for match, _ in batch.matches.values()}
    for code, population in _populations(batch.codes).items():
        if code not in heard and (population or 0) >= _WITHOUT_UNIT:
            batch.doubt(
                code, "vide",
                f"{communes.get(code).nom} ({code}) : aucune unité légale reçue pour "
                f"{number(population or 0)} habitants ; la commune a peut-être fusionné depuis "
                f"{COG_VINTAGE}",
            )


def _believed(
    group: tuple[str, ...], table: pd.DataFrame, listing: Listing, report: Report
) -> tuple[str, ...]:
    """Codes whose new list is believed: one that was long and is empty now is not."""
    before = listing.counts(group)
    now = set(table["code_insee"])
    lost = [c for c in group if c not in now and before.get(c, 0) >= _BELIEVED]
    for code in lost:
        report.failures.append(
            f"L’API Recherche d’entreprises ne donne plus rien à {communes.get(code).nom} ({code}) "
            ": la liste précédente est gardée."
        )
    return tuple(code for code in group if code not in lost)


@dataclass(frozen=True)
class Identified:
    """Establishments asked by SIRET.

    Attributes
    ----------
    table
        Columns of ``schemas.ETABLISSEMENTS``, of the ESS or not.
    left_out
        SIRET → why it is not in the table, in French.
    failure
        What cut the work, in French; empty when nothing did.
    """

    table: pd.DataFrame
    left_out: dict[str, str]
    failure: str = ""


def identify(sirets: Sequence[str], settings: Settings, watch: Watch | None = None) -> Identified:
    """Ask the service for establishments, one SIRET a request; nothing is stored.

    Parameters
    ----------
    sirets
        Valid SIRET.
    settings
        Address of the service.
    watch
        Told of the requests done; may stop the work: what came is returned.
    """
    asked_to = recherche.client(
        settings.recherche_entreprises_url, offline=settings.offline,
        watch=_Counting(watch or Watch(), len(sirets)),
    )
    answers = {}
    unknown = {}
    failure = ""
    for siret in sirets:
        try:
            found = service.establishment(asked_to, siret)
        except (SourceError, StoppedError) as error:
            failure = error.user_message
            break
        if found is None:
            unknown[siret] = f"SIRET inconnu de l’{SERVICE}"
        else:
            answers[siret] = found
    table, left_out = identified(answers, dt.datetime.now().astimezone().date())
    return Identified(table, {**unknown, **left_out}, failure)


class _Counting(Watch):
    """Counts the requests about to be sent, and tells them to another watch."""

    def __init__(self, watch: Watch, expected: int) -> None:
        self._watch = watch
        self._expected = expected

    @property
    def stopped(self) -> bool:
        return self._watch.stopped

    def tell(self, done: int, total: int | None, label: str) -> None:
        self._watch.tell(done, max(self._expected, done), label)


def _stale(codes: Sequence[str], settings: Settings) -> list[str]:
    states = register.of(settings).states(codes)
    now = dt.datetime.now(dt.UTC)
    fresh = dt.timedelta(days=settings.fresh_days)
    return [
        code for code in codes
        if code not in states or not states[code].complete
        # A date of the future is a clock that was wrong.
        or not dt.timedelta(0) <= now - states[code].fetched < fresh
    ]


def _populations(codes: Iterable[str]) -> dict[str, int | None]:
    known = communes.table()["population"].reindex(list(codes))
    return {str(code): None if pd.isna(n) else int(n) for code, n in known.items()}
