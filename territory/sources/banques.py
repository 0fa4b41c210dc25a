"""Bank counters from the API Recherche d'entreprises, commune by commune.

The filter on the activity works on the legal unit, and a regional bank is one unit of hundreds of
establishments of which an answer shows at most 100: fit to list who is present in a commune, not
to count a département. For that there is the BPE.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from territory import communes, store, supply
from territory.codes import ARRONDISSEMENTS
from territory.errors import DataError, InvalidInputError, SourceError, StoppedError
from territory.progress import Quiet, Watch
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources import ess_rows, guichets, recherche, releve
from territory.sources._http import Client
from territory.sources.ess import Batch
from territory.sources.guichets import Supply
from territory.sources.recherche import EXACT_TOTAL, FORM, MAX_MATCHES, Unit
from territory.sources.releve import Scope
from territory.text import excerpt, join, plural

SOURCE: Final = "banques"
KINDS: Final = ("banque",)
#: « Autres intermédiations monétaires »: the banks, NAF rév. 2.
ACTIVITY: Final = "64.19Z"
#: Widest perimeter asked, kilometres: some 700 communes, one request each at least.
MAX_RADIUS_KM: Final = 50.0

_QUERY: Final = {"activite_principale": ACTIVITY, "etat_administratif": "A", **FORM}
_SAID: Final = f"{ess_rows.SERVICE} (Sirene), établissements bancaires ({ACTIVITY})"
#: Names told in a sentence.
_NAMED: Final = 5


def fetch(
    settings: Settings,
    *,
    codes: Collection[str] = (),
    file: Path | None = None,
    scope: Scope | None = None,
    watch: Watch | None = None,
) -> Supply:
    """Ask the banks of communes, or read a file of them.

    What was known of other communes is kept beside; a file takes the place of everything.

    Parameters
    ----------
    settings
        Address of the service, local store.
    codes
        Communes, arrondissements in place of Paris, Lyon and Marseille; with an answer of the
        service given as a file, the communes it was asked for.
    file
        Answer of the service (JSON), or CSV of the model form (see ``releve``).
    scope
        For the model form, where it is whole.
    watch
        Told of the communes done; may stop the work.

    Returns
    -------
    Supply
        Its ``communes`` lack those that a failure or a stop left unasked; ``incomplete`` says why.

    Raises
    ------
    InvalidInputError
        The file cannot be read, or no commune is given.
    SourceError, StoppedError
        Nothing could be asked; somebody asked to stop before anything came.
    """
    day = dt.date.today().isoformat()
    if file is not None:
        content, day = releve.content(file)
        if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
            return releve.read(releve.sheet(file), SOURCE, KINDS, scope or Scope())
        return _from_answer(content, file.name, tuple(codes), day)
    if not codes:
        msg = "Indiquez une commune, ou un lieu et un rayon, pour chercher les banques."
        raise InvalidInputError(msg)
    asked = sorted(set(codes))
    watch = watch or Watch()
    service = recherche.client(settings.recherche_entreprises_url, offline=settings.offline,
                               watch=Quiet(watch))
    found = _Found()
    failure = ""
    for rank, code in enumerate(asked):
        watch.tell(rank, len(asked), "Banques, commune par commune")
        try:
            watch.check()
            found.add(code, *_listed(service, code))
        except (SourceError, StoppedError) as error:
            if not found.done:
                raise
            failure = error.user_message
            break
    return merged(_supply(found, day, failure, len(asked)), settings)


@dataclass
class _Found:
    """What the communes asked so far gave."""

    done: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    #: Commune → why its list may be cut, in French.
    doubts: dict[str, list[str]] = field(default_factory=dict)
    networks: set[str] = field(default_factory=set)

    def add(self, code: str, batch: Batch, doubts: list[str]) -> None:
        """Take in what one commune gave."""
        self.done.append(code)
        for siret, (match, siren) in batch.matches.items():
            unit = batch.units[siren]
            if match.get("activite_principale") != ACTIVITY:
                self.left_out["d’une autre activité"] += 1
            elif why := ess_rows.refusal(siret, match, unit):
                self.left_out[why] += 1
            else:
                self.rows.append(ess_rows.row(siret, siren, match, unit))
        here = [siren for _, siren in batch.matches.values()]
        for siren in set(here):
            unit = batch.units[siren]
            if not recherche.public(unit):
                continue
            if len(recherche.matches(unit)) >= MAX_MATCHES:
                doubts = [*doubts, f"{_named(unit)} y a au moins {MAX_MATCHES} établissements"]
            elif recherche.number(unit, "nombre_etablissements") > MAX_MATCHES:
                self.networks.add(_named(unit))
        if doubts:
            self.doubts[code] = doubts


def _listed(service: Client, code: str) -> tuple[Batch, list[str]]:
    """Ask one commune: what came, and why it may not be all."""
    batch = Batch((code,))

    def ask(page: int) -> tuple[int, list[Unit]]:
        total, units = recherche.page(service, {**_QUERY, "code_commune": code}, page)
        return total, _checked(units)

    total, units, bare = recherche.listed(ask, batch.add, EXACT_TOTAL)
    doubts = []
    if total > EXACT_TOTAL:
        doubts.append(f"plus de {EXACT_TOTAL} unités légales annoncées")
    elif len(units) < total:
        doubts.append(f"{total} unités légales annoncées et {len(units)} reçues")
    if bare:
        doubts.append(plural(len(bare), "unité légale reçue sans ses établissements",
                             "unités légales reçues sans leurs établissements"))
    return batch, doubts


def _checked(units: list[Unit]) -> list[Unit]:
    # An unknown filter is ignored in silence: the answer must prove that this one is not.
    if not all(unit.get("activite_principale") == ACTIVITY for unit in units):
        msg = (
            "L’API Recherche d’entreprises ne limite plus ses réponses aux banques : elles ne sont "
            "pas gardées."
        )
        raise SourceError(msg)
    return units


def _from_answer(content: bytes, name: str, codes: tuple[str, ...], day: str) -> Supply:
    """Read an answer of the service that somebody kept, for the communes it was asked for."""
    try:
        total, units = recherche.read(json.loads(content))
        _checked(units)
    except (ValueError, RecursionError, SourceError) as error:
        msg = (
            f"Le fichier {name} n’est pas une réponse lisible de l’API Recherche d’entreprises sur "
            "les banques."
        )
        raise InvalidInputError(msg) from error
    if not codes:
        msg = f"Dites par --commune de quelle commune {name} est la réponse."
        raise InvalidInputError(msg)
    found = _Found()
    lacking = [f"{total} unités légales annoncées et {len(units)} dans le fichier"]
    for code in sorted(set(codes)):
        batch = Batch((code,))
        for unit in units:
            batch.add(unit)
        found.add(code, batch, lacking if len(units) < total else [])
    return _of_cities(_supply(found, day, "", len(found.done)))


def _supply(found: _Found, day: str, failure: str, asked: int) -> Supply:
    raw = pd.DataFrame({
        "type": "banque",
        "code": [row["code_insee"] for row in found.rows],
        "nombre": 1,
        "nom": [releve.name(row["enseigne"] or row["nom"]) for row in found.rows],
        "longitude": [row["longitude"] for row in found.rows],
        "latitude": [row["latitude"] for row in found.rows],
        "precision_geo": "adresse",
    })
    placed = guichets.place(raw, {"millesime": day[:4], "source": _SAID, "source_date": day})
    remarks = [f"{communes.get(code).nom} ({code}) : nombre de banques inconnu, "
               f"{join(why)}." for code, why in found.doubts.items()]
    if found.networks:
        names = sorted(found.networks)
        more = ["d’autres"] if len(names) > _NAMED else []
        remarks.append(
            "Réseaux de plus de 100 établissements, dont le service peut omettre une partie "
            f"({len(names)}) : {join(names[:_NAMED] + more)}."
        )
    if failure:
        remarks.append(
            f"Communes demandées : {len(found.done)} sur {asked}, les autres restent comme elles "
            f"étaient. {failure}"
        )
    left_out = Counter({why: n for why, n in found.left_out.items() if n})
    left_out.update(placed.left_out)
    return Supply(
        SOURCE, placed.table, KINDS, day[:4], day, communes=dict.fromkeys(found.done, day),
        unknown=dict.fromkeys(found.doubts, KINDS), left_out=dict(left_out),
        incomplete=(*remarks, *placed.remarks()),
    )


def merged(found: Supply, settings: Settings) -> Supply:
    """Add what the local store knows of the communes that were not asked this time."""
    name = f"{supply.PREFIX}{SOURCE}"
    local = store.of(settings)
    entry = local.tables().get(name)
    if entry is None:
        return _of_cities(found)
    try:
        former = local.read(name)[GUICHETS.names]
    except DataError:
        told = "La table précédente était endommagée : elle est remplacée."
        return _of_cities(replace(found, incomplete=(*found.incomplete, told)))
    former = former[~former["code_insee"].isin(list(found.communes))]
    days = _others(entry["communes"], found)
    unknown = _others(entry["inconnues"], found)
    told = f"Communes demandées auparavant et gardées : {len(days)}."
    return _of_cities(replace(
        found,
        table=_stacked(former, found.table),
        departements=tuple(entry["departements"]),
        communes={**days, **found.communes},
        unknown={**{code: tuple(kinds) for code, kinds in unknown.items()}, **found.unknown},
        incomplete=(*found.incomplete, *([told] if days else [])),
    ))


def _others(by_commune: Mapping[str, Any], found: Supply) -> dict[str, Any]:
    """Entries of the communes that were not asked; those of whole cities are worked out again."""
    return {code: value for code, value in by_commune.items()
            if code not in found.communes and code not in ARRONDISSEMENTS}


def _stacked(former: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    held = [table for table in (former, new) if len(table)]
    if not held:
        return new
    return pd.concat(held).sort_values(["type", "code_insee", "nom"], kind="stable",
                                       ignore_index=True)


def _of_cities(found: Supply) -> Supply:
    """Say of Paris, Lyon and Marseille what their arrondissements say together.

    A city of which some arrondissements alone were asked is unknown: their sum is not its own.
    """
    days, unknown = dict(found.communes), dict(found.unknown)
    for city, parts in ARRONDISSEMENTS.items():
        asked = [days[part] for part in parts if part in days]
        if len(asked) == len(parts):
            days[city] = min(asked)
        elif asked:
            unknown[city] = KINDS
    return replace(found, communes=days, unknown=unknown)


def _named(unit: Unit) -> str:
    return f"{excerpt(unit.get('nom_complet') or '')} ({unit.get('siren')})"
