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
from territory.sources import bpe, esus, siae
from territory.sources import surendettement as webstat
from territory.terminal import TerminalWatch


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
    if arguments.commune is not None:
        home = communes.get(arguments.commune.upper())
        codes = employers.by_arrondissement([home.code_insee])
    elif arguments.departement is not None:
        codes = employers.by_arrondissement(_of_departement(arguments.departement))
    elif arguments.autour is not None:
        codes = employers.communes_of(place(arguments))
    else:
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


def _kept(name: str, table: Any, current: Settings) -> dict[str, Any]:
    today = dt.date.today().isoformat()
    local = store.Store(current.data_dir)
    local.replace_table(name, store.to_parquet_bytes(table), {"lignes": len(table),
                                                              "recupere_le": today})
    return {"source": name, "lignes": len(table), "recupere_le": today}


_FETCHERS: dict[str, Callable[..., Said]] = {
    "ess": _ess, "sirene": _sirene, "siae": _siae, "esus": _esus, "bpe": _bpe,
    "surendettement": _surendettement,
}


def _of_departement(code: str) -> list[str]:
    every = communes.table()
    inside = every[(every["code_departement"] == code.upper()) & (every["type"] == "COM")]
    if inside.empty:
        msg = f"Aucun département ne porte le code « {code} »."
        raise InvalidInputError(msg)
    return list(inside.index)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return f"{len(value)}" if len(value) > 8 else ", ".join(map(str, value)) or "aucun"
    if isinstance(value, dict):
        return ", ".join(f"{k} : {v}" for k, v in value.items()) or "aucun"
    return "inconnu" if value is None else str(value)
