"""The command ``naissance``: where a PTCE could be born, and what its score is worth."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from territory import (
    cli_sortie,
    communes,
    directory,
    files,
    naissance,
    naissance_doc,
    settings,
)
from territory.errors import InvalidInputError
from territory.naissance import Potential
from territory.naissance_retrotest import run as backtest

_ALWAYS = ("communes", "populations")


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    to.add_argument("--territoire", metavar="CODE",
                    help="Une intercommunalité (SIREN), une de ses communes, un département (26) "
                    "ou une région (R84) ; les rangs restent ceux de toute la liste.")
    to.add_argument("--nombre", type=int, default=20, metavar="N",
                    help="Intercommunalités listées (20) ; les fichiers les ont toutes.")
    to.add_argument("--retrotest", action="store_true",
                    help="Cache les PTCE connus et mesure si le score les retrouve.")
    to.add_argument("--document", type=Path, metavar="FICHIER",
                    help="Avec --retrotest : réécrit le passage chiffré de ce document, et ses "
                    "chiffres en JSON à côté.")
    to.add_argument("--format", default="texte",
                    help="texte (par défaut), json, csv, csv_excel, xlsx, geojson, gpkg ou "
                    "geoparquet.")
    cli_sortie.declare(to)


def run(arguments: argparse.Namespace, export: Callable[..., None]) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        See :func:`declare`.
    export
        Writes a table in a file format: arguments, table, title, source ids, context.

    Raises
    ------
    InvalidInputError
        An unknown place, a number below 1 or options that do not go together.
    DataError
        The document has no passage to write.
    """
    if arguments.nombre < 1:
        raise InvalidInputError("--nombre doit valoir au moins 1.")
    if arguments.document is not None and not arguments.retrotest:
        raise InvalidInputError("--document s’emploie avec --retrotest.")
    listed = directory.whole(settings.load())
    if arguments.retrotest:
        _backtest(arguments, listed)
        return
    found = naissance.of(listed)
    table = found.table
    if arguments.territoire is not None:
        table = naissance.inside(found, arguments.territoire).reset_index(drop=True)
    if arguments.format == "texte":
        shown = found.first() if arguments.territoire is None else table
        cli_sortie.write(arguments.sortie, _text(found, shown.head(arguments.nombre)))
    elif arguments.format == "json":
        rows = table.astype(object).where(table.notna(), None)
        content = {"complete": found.complete, "remarques": found.notes(),
                   "intercommunalites": rows.to_dict("records")}
        text = json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n"
        cli_sortie.write(arguments.sortie, text)
    else:
        export(
            arguments, table, "Où un PTCE pourrait naître, par intercommunalité",
            (*listed.source_ids, *_ALWAYS), notes=tuple(found.notes()),
            declared=naissance.columns(), contours=communes.simplified_contours("epci"),
        )


def _backtest(arguments: argparse.Namespace, listed: directory.Directory) -> None:
    if arguments.format not in {"texte", "json", "csv"} or arguments.territoire is not None:
        msg = "--retrotest s’écrit en texte, en json ou en csv, et pour toute la liste."
        raise InvalidInputError(msg)
    figures = backtest(listed).to_json()
    document: Path | None = arguments.document
    if document is not None:
        text = naissance_doc.insert(document.read_text(encoding="utf-8"), figures)
        files.write_bytes(document, text.encode())
        files.write_bytes(document.with_suffix(".json"), naissance_doc.to_json(figures).encode())
    if arguments.format == "json":
        cli_sortie.write(arguments.sortie, naissance_doc.to_json(figures))
    elif arguments.format == "csv":
        cli_sortie.write(arguments.sortie, naissance_doc.table(figures).to_csv(index=False))
    else:
        cli_sortie.write(arguments.sortie, naissance_doc.markdown(figures))


def _text(found: Potential, rows: pd.DataFrame) -> str:
    lines = [f"{naissance.verdict(row, found)}\n  {row['raisons']}" for _, row in rows.iterrows()]
    return "\n".join([*lines, "", *found.notes()]) + "\n"
