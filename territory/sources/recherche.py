"""The API Recherche d'entreprises: its limits, and how one query is listed whole in spite of them.

The service answers at most 10 000 legal units a query, 25 a page, and at most 100 establishments
of a unit. It sorts by number of open establishments only, so pages of ties may overlap; units of
more than 100 establishments are indexed in slices of which an answer shows one (search-api,
``app/elastic/es_search_runner.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from territory.errors import SourceError
from territory.progress import Watch
from territory.sources._http import Client

PATH: Final = "/search"
#: Limits of the service.
PER_PAGE: Final = 25
MAX_RESULTS: Final = 10_000
MAX_MATCHES: Final = 100
#: Seven a second are allowed: evenly spaced, six never make more, whatever the network does.
PER_SECOND: Final = 6.0
#: Above this the service estimates totals (Elasticsearch, cardinality) instead of counting.
EXACT_TOTAL: Final = 3_000
#: Asked with every query.
FORM: Final[Mapping[str, str]] = {
    "minimal": "true",
    "include": "matching_etablissements,complements",
    "limite_matching_etablissements": str(MAX_MATCHES),
}
#: Passes over one query: while each brings something, and a few that bring nothing.
_MOST_PASSES: Final = 12
_IDLE_PASSES: Final = 2

Unit = Mapping[str, Any]


def client(base_url: str, *, offline: bool, watch: Watch | None = None) -> Client:
    """Client of the service, at a pace it accepts."""
    return Client(
        "l’API Recherche d’entreprises", base_url, offline=offline, per_second=PER_SECOND,
        watch=watch,
    )


def page(
    service: Client, params: Mapping[str, str], rank: int | None = None
) -> tuple[int, list[Unit]]:
    """Ask one page: the announced total, and the legal units as answered.

    Parameters
    ----------
    service
        See :func:`client`.
    params
        Filters, and :data:`FORM`.
    rank
        Page from 1; None for a query of few answers.

    Raises
    ------
    SourceError, StoppedError
        The service refuses, stays silent or changed its form; somebody asked to stop.
    """
    paged = {} if rank is None else {"page": str(rank), "per_page": str(PER_PAGE)}
    return read(service.get_json(PATH, {**params, **paged}))


def read(answer: object) -> tuple[int, list[Unit]]:
    """Read one answer: the announced total, and the legal units.

    Raises
    ------
    SourceError
        It is of another form.
    """
    results = answer.get("results") if isinstance(answer, dict) else None
    total = answer.get("total_results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or not isinstance(total, int):
        msg = "L’API Recherche d’entreprises a changé de forme : sa réponse n’est pas lisible."
        raise SourceError(msg)
    return total, [unit for unit in results if isinstance(unit, dict)]


def listed(
    ask: Callable[[int], tuple[int, list[Unit]]], take: Callable[[Unit], bool], limit: int, *,
    once: bool = False,
) -> tuple[int, dict[str, Unit], set[str]]:
    """List the units of a query, unless it announces more than ``limit``.

    Pages of ties may overlap from one request to the next: while units lack, ask again; when the
    total is only an estimate, until a pass brings nothing new, or ``once``.

    Parameters
    ----------
    ask
        Gives a page of the query, from 1.
    take
        Takes in a unit; tells whether one of the establishments wanted came with it.
    limit
        Largest total listed.
    once
        One pass is enough where the total is an estimate.

    Returns
    -------
    total, units, bare
        As announced; by SIREN; SIREN of those that may be named and came without any of the
        establishments wanted.
    """
    found: dict[str, Unit] = {}
    placed: set[str] = set()
    bare: set[str] = set()
    total = 0
    idle = 0  # passes in a row that brought nothing new
    for _ in range(_MOST_PASSES):
        before = len(found)
        for rank in range(1, MAX_RESULTS // PER_PAGE + 1):
            announced, units = ask(rank)
            total = max(total, announced)
            if total > limit:
                return total, {}, set()
            for unit in units:
                siren = str(unit.get("siren"))
                found[siren] = unit
                if take(unit):
                    placed.add(siren)
            if len(units) < PER_PAGE:
                break
        bare = {siren for siren in found.keys() - placed if public(found[siren])}
        idle = idle + 1 if len(found) == before else 0
        complete = len(found) >= total and not bare
        whole = complete if total <= EXACT_TOTAL else (once or idle > 0)
        if whole or idle == _IDLE_PASSES:
            break
    return total, found, bare


def matches(unit: Unit) -> list[Mapping[str, Any]]:
    """Return the establishments that came with a unit."""
    came = unit.get("matching_etablissements")
    return [m for m in came if isinstance(m, Mapping)] if isinstance(came, list) else []


def number(unit: Unit, key: str) -> int:
    """Whole number of a unit; 0 when it does not say it."""
    value = unit.get(key)
    return value if isinstance(value, int) else 0


def public(unit: Unit) -> bool:
    """Whether a unit may be named: diffusible, and no natural person."""
    return unit.get("statut_diffusion") == "O" and unit.get("nature_juridique") != "1000"
