"""The command ``ptce``: lists the poles, shows the grid of one, checks a contribution."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from territory import cli_sortie, ptce, settings
from territory.errors import DataError, InvalidInputError
from territory.ptce import assessment, contribution, declared, evidence, sheet, surroundings
from territory.ptce.criteria import GROUPS, SOURCE
from territory.text import NBSP, excerpt, fold

#: Columns of the list, in the order of the file.
COLUMNS = (
    "nom", "nom_court", "commune", "code_insee", "territoire", "precision", "region",
    "code_region", "code_departement", "code_epci", "resolution", "filiere", "structure",
    "fonctions", "origine", "structure_porteuse", "statut", "annees_statut", "statut_libelle",
    "annee_creation", "situation", "situation_annee", "situation_source", "site_web",
    "source_titre", "source_url", "source_date", "extrait_court", "longitude", "latitude",
)


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the actions of the command and their arguments."""
    actions = to.add_subparsers(title="Actions", metavar="ACTION", parser_class=type(to),
                                required=True, dest="action")

    def action(name: str, text: str) -> argparse.ArgumentParser:
        return actions.add_parser(name, help=text, description=text)

    listing = action("liste", "Liste les pôles que des sources nomment.")
    listing.add_argument("--format", default="csv", help="csv (par défaut), json, csv_excel, "
                         "xlsx, geojson, gpkg ou geoparquet.")
    grid = action("grille", "Répond aux 19 critères de la grille de 2011 pour un pôle.")
    grid.add_argument("nom", metavar="NOM", help="Nom ou nom court du pôle.")
    grid.add_argument("--faits", type=Path, metavar="FICHIER",
                      help="Faits déclarés (CSV), comptés après ceux de la liste ; ils peuvent "
                      "porter sur un organisme absent de la liste.")
    grid.add_argument("--format", default="texte", help="texte (par défaut) ou json.")
    check = action("verifier", "Vérifie une contribution ligne à ligne, et dit ce qu’elle "
                   "changerait.")
    check.add_argument("fichier", type=Path, metavar="FICHIER",
                       help="CSV : des pôles, ou des faits sur des pôles.")
    check.add_argument("--format", default="texte", help="texte (par défaut) ou json.")
    form = action("modele", "Donne le modèle d’une contribution, à remplir (CSV).")
    form.add_argument("--faits", action="store_true",
                      help="Le modèle des faits, une ligne par fait, au lieu de celui des pôles.")
    for one in (listing, form):
        cli_sortie.declare(one)


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
        Unknown pole or format.
    DataError
        The contribution has problems, which were all printed.
    """
    if arguments.action == "liste":
        _list(arguments, export)
    elif arguments.action == "grille":
        _grid(arguments)
    elif arguments.action == "verifier":
        _check(arguments)
    else:
        model = evidence.model() if arguments.faits else contribution.model()
        cli_sortie.write(arguments.sortie, model)


def _list(arguments: argparse.Namespace, export: Callable[..., None]) -> None:
    table = ptce.table()[list(COLUMNS)]
    if arguments.format == "json":
        content = {"remarque": ptce.READING, "poles": _records(table)}
        cli_sortie.write(arguments.sortie, (_json(content) + "\n").encode())
        return
    export(arguments, table, f"{len(table)} PTCE nommés par des sources", ("ptce", "communes"),
           notes=(ptce.READING,))


def _grid(arguments: argparse.Namespace) -> None:
    _known_format(arguments)
    told = None if arguments.faits is None else _facts(arguments.faits)
    row = _row(arguments.nom, told)
    facts = ptce.facts(str(row["nom_court"]))
    if told is not None:
        about = told[told["nom_court"].map(fold).isin(
            [fold(str(row["nom_court"])), fold(str(row["nom"]))]
        )]
        facts = pd.concat([facts, about], ignore_index=True)
    near = surroundings.around(row, settings.load())
    found = assessment.assess(declared.from_rows(row, facts), near)
    if arguments.format == "json":
        _print(_json({"pole": found.pole.name, "conclusion": found.verdict,
                      "phrase": found.sentence(), "source": SOURCE,
                      "remarque": assessment.READING, "reponses": _records(found.table())}))
        return
    _print(found.sentence())
    for group, title in GROUPS.items():
        _print(f"\n{title}")
        for one in found.answers:
            if one.criterion.group == group:
                _print(f"- {one.criterion.label}{NBSP}: {one.words}"
                       f"{'' if one.mode == 'sans réponse' else f' ({one.mode})'}. "
                       f"{one.evidence}")
                if one.around:
                    _print(f"  Autour{NBSP}: {one.around}")
    _print(f"\n{assessment.READING}\nSource{NBSP}: {SOURCE}.")


def _row(name: str, told: pd.DataFrame | None) -> pd.Series:
    """Row of a pole of the list; else an unknown body that the facts speak of."""
    try:
        return ptce.get(name)
    except InvalidInputError:
        if told is None or fold(name) not in set(told["nom_court"].map(fold)):
            raise
    return pd.Series({"nom": name, "nom_court": name, "origine": "inconnue",
                      "fonctions": "inconnue", "niveau": ""})


def _facts(path: Path) -> pd.DataFrame:
    found = evidence.read(path.name, _content(path))
    if found.problems:
        first = found.problems[0].sentence()
        msg = f"Le fichier {path.name} n’est pas valable. {first}"
        raise InvalidInputError(msg)
    return evidence.table(found)


def _check(arguments: argparse.Namespace) -> None:
    _known_format(arguments)
    path: Path = arguments.fichier
    try:
        found = contribution.check(path.name, _content(path), contribution.as_text(ptce.table()),
                                   ptce.facts())
    except InvalidInputError as error:
        raise DataError(error.user_message) from error
    if arguments.format == "json":
        _print(_json({
            "phrase": found.sentence(),
            "problemes": [{"ligne": p.line, "colonne": p.column, "lu": p.read,
                           "attendu": p.expected, "phrase": p.sentence()}
                          for p in found.problems],
            "changements": [{"pole": c.pole, "champ": c.column, "avant": c.before,
                             "apres": c.after, "phrase": c.sentence()} for c in found.changes],
        }))
    else:
        for line in (*(p.sentence() for p in found.problems),
                     *(c.sentence() for c in found.changes)):
            _print(line)
        if found.sound:
            _print(found.sentence())
    if not found.sound:
        raise DataError(found.sentence())


def _content(path: Path) -> bytes:
    """Bytes of a file, one more than is allowed at most: the reader refuses them."""
    with path.open("rb") as stream:
        return stream.read(sheet.MAX_BYTES + 1)


def _known_format(arguments: argparse.Namespace) -> None:
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {excerpt(arguments.format)} : choix possibles : texte, json."
        raise InvalidInputError(msg)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in table.astype(object).where(table.notna(), None).to_dict("records")
    ]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str)


def _print(line: str) -> None:
    print(line)  # noqa: T201
