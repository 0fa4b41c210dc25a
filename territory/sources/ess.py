"""ESS employers from the API Recherche d'entreprises, by groups of communes.

The limits of the service (see ``recherche``) ask for groups small enough to be listed whole, counts
checked against the announced total, large communes listed again by activity and by size, a second
look commune by commune for large units, and every doubt returned as a hole instead of being passed
over.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from territory import communes
from territory.errors import SourceError
from territory.register import Hole
from territory.sources import recherche
from territory.sources._http import Client
from territory.sources.recherche import (
    EXACT_TOTAL,
    FORM,
    MAX_MATCHES,
    MAX_RESULTS,
    PER_PAGE,
    Unit,
    matches,
    number,
    public,
)
from territory.text import excerpt, plural

#: Codes in one query: the address stays short.
MAX_CODES: Final = 80
#: Units a group of communes should hold.
_GROUP_UNITS: Final = 1_500
#: One legal unit flagged ESS for this many inhabitants: 1 156 764 units in the 2022 stock.
INHABITANTS_A_UNIT: Final = 58

_NO_LIMIT: Final = 1_000_000

_SECTIONS: Final = tuple("ABCDEFGHIJKLMNOPQRSTU")
_SIZES: Final = ("NN", "00", "01", "02", "03", "11", "12", "21", "22", "31", "32", "41", "42",
                 "51", "52", "53")

_Split = tuple[str, tuple[str, ...]]
#: What a commune too long for one query is split by, in turn.
_SPLITS: Final[tuple[_Split, ...]] = (
    ("section_activite_principale", _SECTIONS), ("tranche_effectif_salarie", _SIZES),
)

_QUERY: Final = {"est_ess": "true", "etat_administratif": "A", **FORM}


@dataclass
class Batch:
    """What a group of communes gave.

    Attributes
    ----------
    codes
        Communes asked.
    units
        SIREN → legal unit as answered.
    matches
        SIRET → (establishment as answered, SIREN); those of the communes asked only.
    holes
        Commune → what is missing there.
    complete
        False when the work was cut on the way.
    """

    codes: tuple[str, ...]
    units: dict[str, Unit] = field(default_factory=dict)
    matches: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)
    holes: dict[str, list[Hole]] = field(default_factory=dict)
    complete: bool = True

    def add(self, unit: Unit) -> bool:
        """Take in an answered unit; tell whether an establishment of the communes came with it."""
        siren = str(unit.get("siren") or "")
        self.units.setdefault(siren, unit)
        here = [match for match in matches(unit)
                if str(match.get("commune") or "") in self.codes and match.get("siret")]
        self.matches.update({str(match["siret"]): (match, siren) for match in here})
        return bool(here)

    def doubt(self, code: str, kind: str, detail: str) -> None:
        """Note a hole in a commune, once."""
        hole = Hole(kind, detail)
        known = self.holes.setdefault(code, [])
        if hole not in known:
            known.append(hole)


def groups(populations: Mapping[str, int | None]) -> list[tuple[str, ...]]:
    """Group communes so that one query lists each group whole.

    Parameters
    ----------
    populations
        Commune or arrondissement code → inhabitants, None when unknown.
    """
    made: list[tuple[str, ...]] = []
    current: list[str] = []
    expected = 0.0
    for code in sorted(populations):
        units = (populations[code] or INHABITANTS_A_UNIT) / INHABITANTS_A_UNIT
        if current and (len(current) == MAX_CODES or expected + units > _GROUP_UNITS):
            made.append(tuple(current))
            current, expected = [], 0.0
        current.append(code)
        expected += units
    if current:
        made.append(tuple(current))
    return made


def expected_requests(populations: Mapping[str, int | None]) -> int:
    """Estimate the requests that communes will take, before any is sent."""
    made = groups(populations)
    pages = 0
    for group in made:
        units = sum(populations[code] or 0 for code in group) / INHABITANTS_A_UNIT
        pages += max(1, math.ceil(units / PER_PAGE))
        if units > EXACT_TOTAL:
            # Once whole, once by activity, and each size looked at.
            pages += math.ceil(units / PER_PAGE) + len(_SECTIONS) + len(_SIZES)
    # Large units are looked for again in each commune of a group of several.
    return pages + sum(len(group) for group in made if len(group) > 1)


def collect(service: Client, codes: Sequence[str], batch: Batch) -> None:
    """List the ESS units of a group of communes, with their establishments there.

    Parameters
    ----------
    service
        See :func:`recherche.client`.
    codes
        At most :data:`MAX_CODES` communes or arrondissements (75056 finds nothing).
    batch
        Filled as answers arrive: what it holds when an error is raised is what arrived.

    Raises
    ------
    SourceError, StoppedError
        The service refuses, stays silent, or somebody asked to stop.
    """
    _Sweep(service, batch).communes(tuple(codes))


def establishment(service: Client, siret: str) -> tuple[Unit, Mapping[str, Any]] | None:
    """Ask for one establishment: its legal unit and itself as answered, None when unknown.

    Raises
    ------
    SourceError, StoppedError
        The service refuses, stays silent, or somebody asked to stop.
    """
    _, units = recherche.page(service, {"q": siret, **FORM})
    for unit in units:
        for match in matches(unit):
            if match.get("siret") == siret:
                return unit, match
    return None


class _Sweep:
    def __init__(self, service: Client, batch: Batch) -> None:
        self._service = service
        self._batch = batch

    def communes(self, codes: tuple[str, ...]) -> None:
        filters = {"code_commune": ",".join(codes)}
        if len(codes) == 1:
            found = self._parts(codes[0], filters, _SPLITS)
        else:
            total, found, bare = self._list(filters, EXACT_TOTAL)
            if total > EXACT_TOTAL or len(found) < total or bare:
                middle = len(codes) // 2
                self.communes(codes[:middle])
                self.communes(codes[middle:])
                return
        self._large_units(codes, found)

    def _parts(
        self, code: str, filters: Mapping[str, str], splits: Sequence[_Split]
    ) -> dict[str, Unit]:
        """List the units of one commune; what is too long to be proved whole also part by part."""
        total, found, bare = self._list(filters, MAX_RESULTS - 1, once=bool(splits))
        proved = total <= EXACT_TOTAL and len(found) >= total
        if proved or not splits:
            if total >= MAX_RESULTS:
                # Nothing left to split by: the first 10 000 are listed.
                _, found, bare = self._list(filters, _NO_LIMIT)
                self._ceiling(code, "plus de 10 000 unités légales de même activité et de même "
                              "tranche d’effectif : 10 000 sont listées")
            self._check(code, total, found, bare)
            return found
        (name, values), *others = splits
        for value in values:
            found |= self._parts(code, {**filters, name: value}, others)
        if total >= MAX_RESULTS:
            # No query asks for what is blank.
            self._ceiling(code, "plus de 10 000 unités légales : celles dont l’activité ou la "
                          "tranche d’effectif manque ont pu échapper à la liste")
        if splits is _SPLITS:
            self._by_size(code, filters, found)
            self._check(code, total, found, ())
        return found

    def _by_size(self, code: str, filters: Mapping[str, str], found: dict[str, Unit]) -> None:
        """Count each size against what the activities gave: units without activity are in none."""
        for size in _SIZES:
            part = {**filters, "tranche_effectif_salarie": size}
            total, _ = self._page(part, 1)
            have = sum(1 for u in found.values() if u.get("tranche_effectif_salarie") == size)
            if have < total < MAX_RESULTS:
                total, sized, bare = self._list(part, MAX_RESULTS - 1)
                self._check(code, total, sized, bare)
                found |= sized

    def _list(
        self, filters: Mapping[str, str], limit: int, *, once: bool = False
    ) -> tuple[int, dict[str, Unit], set[str]]:
        """List the units of a query into the batch; see :func:`recherche.listed`."""
        return recherche.listed(
            lambda page: self._page(filters, page), self._batch.add, limit, once=once
        )

    def _check(
        self, code: str, total: int, found: Mapping[str, Unit], bare: Collection[str]
    ) -> None:
        """Note what a query announced and did not give; above 3 000 a total is an estimate."""
        tolerated = 0 if total <= EXACT_TOTAL else total // 10
        if total < MAX_RESULTS and len(found) < total - tolerated:
            lacking = plural(total - len(found), "unité légale annoncée et non reçue",
                             "unités légales annoncées et non reçues")
            self._batch.doubt(code, "ecart", f"{_name(code)} : {lacking}")
        if bare:
            lacking = plural(len(bare), "unité légale reçue sans ses établissements",
                             "unités légales reçues sans leurs établissements")
            self._batch.doubt(code, "ecart", f"{_name(code)} : {lacking}")

    def _ceiling(self, code: str, detail: str) -> None:
        self._batch.doubt(code, "plafond", f"{_name(code)} : {detail}")

    def _page(self, filters: Mapping[str, str], page: int) -> tuple[int, list[Unit]]:
        total, units = recherche.page(self._service, {**_QUERY, **filters}, page)
        # An unknown filter is ignored in silence: the answer must prove that this one is not.
        if not all(_is_ess(unit) for unit in units):
            msg = (
                "L’API Recherche d’entreprises ne limite plus ses réponses aux structures de "
                "l’ESS : elles ne sont pas gardées."
            )
            raise SourceError(msg)
        return total, units

    # ---- units of more than 100 establishments ----------------------------------------------

    def _large_units(self, codes: tuple[str, ...], found: Mapping[str, Unit]) -> None:
        # Of those that may not be shown nothing is kept, not even their name.
        large = {siren: unit for siren, unit in found.items()
                 if public(unit) and self._lacks(unit)}
        if not large:
            return
        if len(codes) > 1:
            fewest = min(number(u, "nombre_etablissements_ouverts") for u in large.values())
            for code in codes:
                self._first(code, fewest, set(large))
            large = {siren: unit for siren, unit in large.items() if self._lacks(unit)}
        for siren, unit in large.items():
            name = excerpt(unit.get("nom_complet") or siren)
            for code in codes:
                if len(codes) == 1 or any(
                    s == siren and match.get("commune") == code
                    for match, s in self._batch.matches.values()
                ):
                    self._batch.doubt(code, "reseau", f"{name} ({siren})")

    def _lacks(self, unit: Unit) -> bool:
        """Tell whether establishments of a unit may be missing from what arrived."""
        siren = str(unit.get("siren"))
        answered = len(matches(unit))
        sliced = number(unit, "nombre_etablissements") > MAX_MATCHES
        if not sliced and answered < MAX_MATCHES:
            return False
        here = sum(
            1 for match, owner in self._batch.matches.values()
            if owner == siren and match.get("etat_administratif") == "A"
        )
        return here < number(unit, "nombre_etablissements_ouverts")

    def _first(self, code: str, fewest: int, wanted: set[str]) -> None:
        """Look in one commune for large units: the service gives the largest first."""
        for page in range(1, MAX_RESULTS // PER_PAGE + 1):
            _, units = self._page({"code_commune": code}, page)
            for unit in units:
                if str(unit.get("siren")) in wanted:
                    self._batch.add(unit)
            smallest = number(units[-1], "nombre_etablissements_ouverts") if units else 0
            if len(units) < PER_PAGE or smallest < fewest:
                return


def _is_ess(unit: Unit) -> bool:
    complements = unit.get("complements")
    return isinstance(complements, Mapping) and complements.get("est_ess") is True


def _name(code: str) -> str:
    return f"{communes.get(code).nom} ({code})"
