"""The command ``fetch``: brings a source into the local store, and says what came."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

from territory import communes, employers, settings, store, supply, surendettement
from territory.errors import InvalidInputError, SourceError
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import banques, bpe, esus, laposte, osm, siae
from territory.sources import surendettement as webstat
from territory.sources.releve import Scope
from territory.terminal import TerminalWatch
from territory.text import NBSP, trimmed


def run(arguments: argparse.Namespace, place: Callable[[argparse.Namespace], Perimeter]) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        ``source``, ``commune``, ``departement``, ``autour``, ``rayon_km``, ``france``,
        ``fichier``, ``format``.
    place
        Reads ``--autour`` and ``--rayon-km``.

    Raises
    ------
    InvalidInputError
        Unknown source, or an area the source does not take.
    SourceError
        The source could not be brought whole; what came is kept and printed first.
    """
    if arguments.source not in _FETCHERS:
        msg = (
            f"La source « {arguments.source} » ne se récupère pas. Sources possibles : "
            f"{', '.join(_FETCHERS)}."
        )
        raise InvalidInputError(msg)
    chosen = [arguments.commune, arguments.departement, arguments.autour, arguments.france or None]
    if sum(area is not None for area in chosen) > 1:
        msg = "Choisissez une seule étendue : --commune, --departement, --autour ou --france."
        raise InvalidInputError(msg)
    current = settings.load()
    with TerminalWatch().listening() as watch:
        said, failure = _FETCHERS[arguments.source](arguments, current, watch, place)
    if arguments.format == "json":
        print(json.dumps(said, ensure_ascii=False, indent=1, default=str))  # noqa: T201
    else:
        for key, value in said.items():
            print(f"{key:<24} {_words(value)}")  # noqa: T201
    if failure:
        raise SourceError(failure)


Said = tuple[dict[str, Any], str]


def _ess(
    arguments: argparse.Namespace, current: Settings, watch: Watch,
    place: Callable[[argparse.Namespace], Perimeter],
) -> Said:
    codes = _codes(arguments, place)
    if codes is None:
        msg = (
            "Indiquez une étendue : --commune, --departement, ou --autour et --rayon-km. Pour "
            "toute la France : fetch sirene --france."
        )
        raise InvalidInputError(msg)
    report = employers.refresh(codes, current, watch)
    said = report.to_json(current)
    failure = " ".join(report.failures)
    if report.stopped:
        failure = "Arrêté à votre demande ; ce qui était arrivé est gardé."
    return said, failure


def _sirene(
    arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any
) -> Said:
    # Imported here: DuckDB is for this command alone.
    from territory.sources import sirene

    if arguments.departement is None and not arguments.france:
        msg = "Indiquez --france ou --departement."
        raise InvalidInputError(msg)
    if arguments.departement is not None:
        _of_departement(arguments.departement)
    report = sirene.fetch(
        current, departement=arguments.departement, files=arguments.fichier, watch=watch
    )
    return report.to_json(), ""


def _siae(arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any) -> Said:
    table = siae.fetch(current, departement=arguments.departement, watch=watch)
    return _kept("siae", table, current), ""


def _esus(arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any) -> Said:
    table = esus.fetch(current, file=arguments.fichier, watch=watch)
    return _kept("esus", table, current), ""


def _bpe(arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any) -> Said:
    found = bpe.fetch(current, millesime=arguments.millesime, file=arguments.fichier, watch=watch)
    supply.keep(found, current)
    return found.to_json(), ""


def _surendettement(
    arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any
) -> Said:
    found = webstat.fetch(current, file=arguments.fichier, watch=watch)
    surendettement.keep(found, current)
    year = surendettement.yearly(current)
    return {**found.to_json(), "douze_mois": year and year.period}, ""
def _poste(arguments: argparse.Namespace, current: Settings, watch: Watch, place: Any) -> Said:
    if arguments.commune is not None or arguments.autour is not None:
        msg = (
            "La liste de La Poste se récupère pour toute la France, ou se réduit à un département "
            "par --departement."
        )
        raise InvalidInputError(msg)
    found = laposte.fetch(current, scope=_scope(arguments), file=arguments.fichier, watch=watch)
    supply.keep(found, current)
    return found.to_json(), ""


def _banques(
    arguments: argparse.Namespace, current: Settings, watch: Watch,
    place: Callable[[argparse.Namespace], Perimeter],
) -> Said:
    file = arguments.fichier
    if file is None and (arguments.departement is not None or arguments.france):
        msg = (
            "L’API Recherche d’entreprises ne compte pas les banques d’un département : elle "
            "filtre les unités légales, et ne montre que 100 établissements de chacune. Récupérez "
            "la base permanente des équipements : fetch bpe."
        )
        raise InvalidInputError(msg)
    codes = None
    if arguments.commune is not None or arguments.autour is not None:
        if arguments.autour is not None:
            _narrow(place(arguments))
        codes = _codes(arguments, place)
    if file is None and codes is None:
        msg = "Indiquez une étendue : --commune, ou --autour et --rayon-km."
        raise InvalidInputError(msg)
    found = banques.fetch(current, codes=codes or (), file=file, scope=_scope(arguments),
                          watch=watch)
    supply.keep(found, current)
    unasked = set(codes or ()) - set(found.communes) if file is None else ()
    return found.to_json(), (
        f"La récupération s’est arrêtée avant la fin : communes restantes, {len(unasked)} ; ce qui "
        "était arrivé est gardé." if unasked else ""
    )


def _narrow(perimeter: Perimeter) -> None:
    widest = perimeter.reach_km
    if widest > banques.MAX_RADIUS_KM:
        msg = (
            "Les banques se cherchent commune par commune : le rayon est limité à "
            f"{trimmed(banques.MAX_RADIUS_KM)}{NBSP}km. Au-delà : fetch bpe."
        )
        raise InvalidInputError(msg)


def _dab_osm(
    arguments: argparse.Namespace, current: Settings, watch: Watch,
    place: Callable[[argparse.Namespace], Perimeter],
) -> Said:
    codes = _codes(arguments, place)
    if codes is None and not arguments.france and arguments.fichier is None:
        msg = (
            "Indiquez une étendue : --commune, --departement, --autour et --rayon-km, ou --france."
        )
        raise InvalidInputError(msg)
    found = osm.fetch(current, codes=codes, file=arguments.fichier, scope=_scope(arguments),
                      watch=watch)
    supply.keep(found, current)
    return found.to_json(), ""


def _codes(
    arguments: argparse.Namespace, place: Callable[[argparse.Namespace], Perimeter]
) -> tuple[str, ...] | None:
    """Communes of the area asked, by arrondissement; None for none, and for France."""
    if arguments.commune is not None:
        home = communes.get(arguments.commune.upper())
        return employers.by_arrondissement([home.code_insee])
    if arguments.departement is not None:
        return employers.by_arrondissement(_of_departement(arguments.departement))
    if arguments.autour is not None:
        return employers.communes_of(place(arguments))
    return None


def _scope(arguments: argparse.Namespace) -> Scope:
    """Where the person says that a list is whole."""
    if arguments.departement is not None:
        _of_departement(arguments.departement)
        return Scope(arguments.departement.upper())
    return Scope(france=arguments.france)


def _kept(name: str, table: Any, current: Settings) -> dict[str, Any]:
    today = dt.date.today().isoformat()
    store.of(current).replace_table(name, store.to_parquet_bytes(table), {"lignes": len(table),
                                                              "recupere_le": today})
    return {"source": name, "lignes": len(table), "recupere_le": today}


_FETCHERS: dict[str, Callable[..., Said]] = {
    "ess": _ess, "sirene": _sirene, "siae": _siae, "esus": _esus, "bpe": _bpe,
    "surendettement": _surendettement,
    "banques": _banques, "poste": _poste, "dab_osm": _dab_osm,
}


def _of_departement(code: str) -> list[str]:
    every = communes.whole()
    inside = every[every["code_departement"] == code.upper()]
    if inside.empty:
        msg = f"Aucun département ne porte le code « {code} »."
        raise InvalidInputError(msg)
    return list(inside.index)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list) and value and all(str(item).endswith(".") for item in value):
        return " ".join(map(str, value))
    if isinstance(value, list):
        return f"{len(value)}" if len(value) > 8 else ", ".join(map(str, value)) or "aucun"
    if isinstance(value, dict):
        return ", ".join(f"{k} : {v}" for k, v in value.items()) or "aucun"
    return "inconnu" if value is None else str(value)
