"""The command ``portrait``: the portrait of a territory, as text, JSON, HTML or PDF."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from territory import exclusion, files, portrait, settings, supply, territoires
from territory.errors import InvalidInputError
from territory.fiche import Atlas
from territory.perimeter import MAX_FILE_BYTES, Perimeter
from territory.portrait import THEMES, Portrait
from territory.territoires import Territoire
from territory.text import join

#: Sets a portrait in a format that layers make: ``pdf`` or ``html``.
Printer = Callable[[Portrait, str], bytes]

_ENDS: Final = (".pdf", ".html", ".json")


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    to.add_argument("code", metavar="CODE", nargs="?",
                    help="Commune (26281), EPCI (SIREN), département (26), région (R84) ou FR.")
    to.add_argument("--perimetre", type=Path, metavar="FICHIER",
                    help="Fichier de périmètre (JSON), à la place d’un code : ses communes.")
    to.add_argument("--offre", choices=list(supply.LEVELS),
                    help="Guichets comptés, quand ils sont récupérés ; par défaut, le premier "
                    "niveau connu.")
    to.add_argument("--format", default="texte",
                    help="Sans --sortie : texte (par défaut) ou json.")
    to.add_argument("--sortie", type=Path, metavar="FICHIER",
                    help="Fichier à écrire (.pdf, .html ou .json) ; la sortie standard sinon.")


def run(arguments: argparse.Namespace, print_portrait: Printer) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        See :func:`declare`.
    print_portrait
        See :data:`Printer`.

    Raises
    ------
    InvalidInputError
        No territory, two of them, an unknown one, or an unknown format.
    """
    out: Path | None = arguments.sortie
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {arguments.format} : choix possibles : texte, json."
        raise InvalidInputError(msg)
    if out is not None and out.suffix.lower() not in _ENDS:
        msg = f"--sortie {out.name} : le nom doit finir par {join(_ENDS, 'ou')}."
        raise InvalidInputError(msg)
    made = _made(_place(arguments), arguments.offre)
    if out is None:
        print(_json(made) if arguments.format == "json" else _text(made), end="")  # noqa: T201
    elif out.suffix.lower() == ".json":
        files.write_bytes(out, _json(made).encode())
    else:
        files.write_bytes(out, print_portrait(made, out.suffix.lower().removeprefix(".")))


def _place(arguments: argparse.Namespace) -> Territoire:
    file: Path | None = arguments.perimetre
    if (arguments.code is None) == (file is None):
        msg = "Indiquez soit un code de territoire, soit --perimetre."
        raise InvalidInputError(msg)
    if file is None:
        return territoires.of_code(arguments.code)
    with file.open("rb") as stream:
        return territoires.of_perimeter(Perimeter.from_bytes(stream.read(MAX_FILE_BYTES + 1)))


def _made(place: Territoire, offer: str | None) -> Portrait:
    current = settings.load()
    measured = exclusion.measure(current, offer or supply.usual(current))
    known = Atlas(measured or exclusion.unsupplied())
    return portrait.make(place, known, current, supply.machines(current))


def _json(made: Portrait) -> str:
    return json.dumps(portrait.to_json(made), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _text(made: Portrait) -> str:
    lines = [made.territoire.label, *made.sentences]
    for theme, title in THEMES.items():
        lines += ["", title]
        for one in made.figures:
            if one.theme == theme:
                beside = [f"{where} : {one.other(value)}" for where, value in one.beside.items()
                          if not math.isnan(value)]
                more = f" ({' ; '.join(beside)})" if beside else ""
                lines.append(f"- {one.label} : {one.written}{more}")
    trades = [f"{row['filiere']} : {row['nombre']}"
              for row in made.structures.trades.to_dict("records")]
    lines += ["", "Filières présentes", " ; ".join(trades) or "Aucune n’est connue."]
    lines += ["", "Ce que l’on ne sait pas", *(f"- {one}" for one in made.unknown)]
    lines += ["", "Sources", *(f"- {one}" for one in made.sources())]
    return "\n".join(lines).replace("'", "’") + "\n"
