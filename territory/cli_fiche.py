"""The command ``fiche``: access to banks of one territory, and questions to put to the banks."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math

from territory import cli_sortie, exclusion, fiche, questions, settings, supply, territoires
from territory.errors import InvalidInputError
from territory.fiche import Atlas, Fiche

_FORMATS = ("texte", "json", "markdown")


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        ``code``, ``offre``, ``format``, ``sortie``.

    Raises
    ------
    InvalidInputError
        Unknown territory or format.
    """
    if arguments.format not in _FORMATS:
        msg = f"--format {arguments.format} : choix possibles : {', '.join(_FORMATS)}."
        raise InvalidInputError(msg)
    place = territoires.of_code(arguments.code)
    current = settings.load()
    offer = arguments.offre or supply.usual(current)
    known = Atlas(exclusion.measure(current, offer) or exclusion.unsupplied())
    sheet = fiche.of(place, known, supply.machines(current))
    asked = questions.of(sheet, known)
    if arguments.format == "json":
        text = json.dumps(_data(sheet, asked), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    elif arguments.format == "markdown":
        text = questions.note(sheet, asked, dt.date.today())
    else:
        text = _text(sheet)
    cli_sortie.write(arguments.sortie, text)


def _data(sheet: Fiche, asked: list[questions.Question]) -> dict[str, object]:
    return {
        "territoire": {"type": sheet.territoire.kind, "code": sheet.territoire.code,
                       "nom": sheet.territoire.label, "communes": len(sheet.territoire.codes)},
        "resume": fiche.headline(sheet),
        "classe": sheet.klass,
        "a_une_fermeture": sheet.closure or None,
        "chiffres": {
            figure.id: {
                "libelle": figure.label, "unite": figure.unit, "definition": figure.definition,
                "source": figure.source, "millesime": figure.vintage,
                "valeurs": {where: value if math.isfinite(value) else None
                            for where, value in sheet.of(figure).items()},
                "rangs": [rank.sentence(sheet.territoire.kind)
                          for rank in sheet.ranks.get(figure.id, ())],
            }
            for figure in sheet.figures
        },
        "distributeurs_osm": sheet.machines,
        "faits": sheet.facts.to_dict("records"),
        "questions": [vars(question) for question in asked],
        "inconnu": list(sheet.unknown),
        "notes": list(sheet.notes),
    }


def _text(sheet: Fiche) -> str:
    lines = [sheet.territoire.label, fiche.headline(sheet), ""]
    for figure in sheet.figures:
        values = [f"{where} : {figure.written(value)}"
                  for where, value in sheet.of(figure).items()]
        lines.append(f"{figure.label} : {' ; '.join(values)}")
    lines += ["", "Ce que l’on ne sait pas", *(f"- {one}" for one in sheet.unknown)]
    lines += ["", *sheet.notes]
    return "\n".join(lines) + "\n"
