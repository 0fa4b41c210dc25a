"""The command ``epargne``: savings collected and credit granted, from a person's own table."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from territory import cli_sortie, communes, epargne
from territory.errors import InvalidInputError
from territory.sources import depots_credits
from territory.sources.depots_credits import UNITS
from territory.text import NBSP, number

_LEVELS = ("departement", "region")


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    to.add_argument("--fichier", type=Path, metavar="FICHIER",
                    help="Table de la Banque de France, CSV ou XLSX.")
    to.add_argument("--modele", action="store_true",
                    help="Donne un modèle à remplir (CSV), à la place d’une comparaison.")
    to.add_argument("--unite", choices=list(UNITS),
                    help="Unité des montants, quand le fichier ne la dit pas.")
    to.add_argument("--reference", default="metropole", choices=list(epargne.REFERENCES),
                    help="metropole (par défaut) ou hors_idf : la métropole sans "
                    "l’Île-de-France.")
    to.add_argument("--niveau", default="departement", choices=list(_LEVELS),
                    help="departement (par défaut) ou region.")
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
        No file, or a file that cannot be read as it is.
    """
    if arguments.modele:
        cli_sortie.write(arguments.sortie, depots_credits.model().decode("utf-8"))
        return
    if arguments.fichier is None:
        msg = "Indiquez --fichier, la table de la Banque de France, ou --modele pour un modèle."
        raise InvalidInputError(msg)
    file: Path = arguments.fichier
    raw = depots_credits.open_file(file.name, file.read_bytes())
    balances = depots_credits.read(raw, arguments.unite)
    if arguments.niveau == "region":
        balances = epargne.by_region(balances)
    found = epargne.compare(balances, arguments.reference)
    if arguments.format in {"texte", "json"}:
        make = _json if arguments.format == "json" else _text
        cli_sortie.write(arguments.sortie, make(found) + "\n")
        return
    export(
        arguments, found.table, found.sentence(), ("depots_credits", "populations"),
        notes=(*found.notes(), *found.questions()), declared=epargne.columns(),
        contours=communes.simplified_contours(balances.level),
    )


def _text(found: epargne.Comparison) -> str:
    lines = [found.sentence(), ""]
    lines += [
        f"{row['code']:<4} {row['nom']:<28} {_figure(row['credit_sur_depot'], 3):>7} €/€  "
        f"{_figure(row['ecart_relatif'], 1):>7} %  {_figure(row['ecart'], 0):>9} M€  "
        f"{epargne.reading(float(row['ecart_relatif']))}"
        for row in found.table.to_dict("records")
    ]
    lines += ["", *(f"Question{NBSP}: {text}" for text in found.questions()), *found.notes()]
    return "\n".join(lines)


def _figure(value: float, decimals: int) -> str:
    return "–" if pd.isna(value) else number(float(value), decimals).replace("-", "−")


def _json(found: epargne.Comparison) -> str:
    rows = found.table.astype(object).where(found.table.notna(), None).to_dict("records")
    content: dict[str, Any] = {
        "phrase": found.sentence(),
        "periode": found.balances.period or None,
        "niveau": found.balances.level,
        "reference": found.reference,
        "territoires": rows,
        "questions": found.questions(),
        "remarques": found.notes(),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=str)
