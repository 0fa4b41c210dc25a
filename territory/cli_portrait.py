"""The commands ``portrait``, ``comparer`` and ``semblables``: territories, alone or together."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from territory import (
    cli_sortie,
    comparaison,
    exclusion,
    portrait,
    semblables,
    settings,
    supply,
    territoires,
)
from territory.communes import Level
from territory.comparaison import Comparison
from territory.errors import InvalidInputError
from territory.fiche import Atlas
from territory.perimeter import MAX_FILE_BYTES, Perimeter
from territory.portrait import THEMES, Portrait
from territory.territoires import Territoire
from territory.text import join, number

#: Sets a portrait in a format that layers make: ``pdf`` or ``html``.
Printer = Callable[[Portrait, str], bytes]

#: Writes a table in a file format: arguments, table, title, source ids, context.
Exporter = Callable[..., None]

_FORMATS: Final = ("texte", "json", "csv", "csv_excel", "xlsx")
_ENDS: Final = (".pdf", ".html", ".json")


def declare(
    add: Callable[..., argparse.ArgumentParser], print_portrait: Printer, export: Exporter
) -> None:
    """Declare the three commands.

    Parameters
    ----------
    add
        Adds a command: name, function to run, French help.
    print_portrait, export
        See :data:`Printer` and :data:`Exporter`.
    """
    to = add("portrait", lambda a: _run(a, print_portrait),
             "Portrait d’un territoire : employeurs de l’ESS, offre, PTCE, banques, fragilité.")
    to.add_argument("code", metavar="CODE", nargs="?",
                    help="Commune (26281), EPCI (SIREN), département (26), région (R84) ou FR.")
    to.add_argument("--perimetre", type=Path, metavar="FICHIER",
                    help="Fichier de périmètre (JSON), à la place d’un code : ses communes.")
    _counted(to)
    to.add_argument("--format", default="texte",
                    help="Sans --sortie : texte (par défaut) ou json.")
    to.add_argument("--sortie", type=Path, metavar="FICHIER",
                    help="Fichier à écrire (.pdf, .html ou .json) ; la sortie standard sinon.")


    several = add("comparer", lambda a: _compare(a, export),
                  "Met de deux à cinq territoires côte à côte, et dit les plus grands écarts.")
    several.add_argument("codes", metavar="CODE", nargs="+",
                         help="Communes, EPCI, départements, régions ou FR, mêlés ou non.")
    _counted(several)
    _formatted(several)

    alike = add("semblables", lambda a: _alike(a, export),
                "Cherche les territoires de même échelon les plus semblables, et dit la règle.")
    alike.add_argument("code", metavar="CODE", help="Commune, EPCI (SIREN) ou département.")
    alike.add_argument("--nombre", type=int, default=10, metavar="N",
                       help=f"Territoires donnés, {semblables.MOST} au plus (10).")
    _formatted(alike)


def _counted(to: argparse.ArgumentParser) -> None:
    to.add_argument("--offre", choices=list(supply.LEVELS),
                    help="Guichets comptés, quand ils sont récupérés ; par défaut, le premier "
                    "niveau connu.")


def _formatted(to: argparse.ArgumentParser) -> None:
    to.add_argument("--format", default="texte",
                    help="texte (par défaut), json, csv, csv_excel ou xlsx.")
    cli_sortie.declare(to)


def _run(arguments: argparse.Namespace, print_portrait: Printer) -> None:
    """Run ``portrait``.

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
    (made,) = _made([_place(arguments)], arguments.offre)
    if out is None:
        cli_sortie.write(None, _json(made) if arguments.format == "json" else _text(made))
    elif out.suffix.lower() == ".json":
        cli_sortie.write(out, _json(made))
    else:
        cli_sortie.write(out, print_portrait(made, out.suffix.lower().removeprefix(".")))


def _place(arguments: argparse.Namespace) -> Territoire:
    file: Path | None = arguments.perimetre
    if (arguments.code is None) == (file is None):
        msg = "Indiquez soit un code de territoire, soit --perimetre."
        raise InvalidInputError(msg)
    if file is None:
        return territoires.of_code(arguments.code)
    with file.open("rb") as stream:
        return territoires.of_perimeter(Perimeter.from_bytes(stream.read(MAX_FILE_BYTES + 1)))


def _made(places: Sequence[Territoire], offer: str | None) -> list[Portrait]:
    current = settings.load()
    measured = exclusion.measure(current, offer or supply.usual(current))
    known, machines = Atlas(measured or exclusion.unsupplied()), supply.machines(current)
    return [portrait.make(place, known, current, machines) for place in places]


def _json(made: Portrait) -> str:
    return _dumped(portrait.to_json(made))


def _dumped(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


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


def _compare(arguments: argparse.Namespace, export: Exporter) -> None:
    """Run ``comparer``.

    Raises
    ------
    InvalidInputError
        An unknown code, too few or too many, one twice, or an unknown format.
    """
    _check_format(arguments.format)
    places = [territoires.of_code(code) for code in arguments.codes]
    comparaison.check(places)
    found = comparaison.compare(_made(places, arguments.offre))
    if arguments.format in {"texte", "json"}:
        as_json = arguments.format == "json"
        text = _dumped(found.to_json()) if as_json else _side_by_side(found)
        cli_sortie.write(arguments.sortie, text)
        return
    export(
        arguments, found.table(), found.title, found.source_ids, declared=found.columns(),
        notes=(*found.sentences(), *found.notes()),
    )


def _side_by_side(found: Comparison) -> str:
    labels = [place.label for place in found.places]
    lines = [found.title, *found.sentences()]
    theme = ""
    for row in (one for one in found.rows if one.known):
        if row.figure.theme != theme:
            theme = row.figure.theme
            lines += ["", THEMES[row.figure.theme]]
        told = " ; ".join(f"{label} : {cell.written}"
                          for label, cell in zip(labels, row.cells, strict=True))
        lines.append(f"- {row.figure.label} – {told}")
    if found.unknown:
        lines += ["", f"Inconnu partout : {' ; '.join(found.unknown)}."]
    return "\n".join([*lines, "", *found.notes()]).replace("'", "’") + "\n"


def _alike(arguments: argparse.Namespace, export: Exporter) -> None:
    """Run ``semblables``.

    Raises
    ------
    InvalidInputError
        An unknown code, a level without any rule, a count out of bounds, or an unknown format.
    """
    _check_format(arguments.format)
    place = territoires.of_code(arguments.code)
    # A région or France is refused by the rule itself, with its sentence.
    found = semblables.like(place.code, cast("Level", place.kind), arguments.nombre)
    if arguments.format in {"texte", "json"}:
        rows = found.table.astype(object).where(found.table.notna(), None).to_dict("records")
        as_json = _dumped({"code": found.code, "niveau": found.level, "regle": found.sentence(),
                           "territoires": rows, "remarques": found.notes()})
        lines = [found.sentence(), ""]
        lines += [f"{row['code']:<10} {row['nom']} – {number(row['population'])} habitants, "
                  f"{number(row['densite'])} hab./km², écart {number(row['distance'], 2)}"
                  for row in rows]
        as_text = "\n".join([*lines, "", *found.notes()]).replace("'", "’").rstrip() + "\n"
        cli_sortie.write(arguments.sortie, as_json if arguments.format == "json" else as_text)
        return
    export(
        arguments, found.table, found.sentence(), ("communes", "populations", "dgcl"),
        declared=semblables.columns(), notes=found.notes(),
    )


def _check_format(asked: str) -> None:
    if asked not in _FORMATS:
        msg = f"--format {asked} : choix possibles : {', '.join(_FORMATS)}."
        raise InvalidInputError(msg)
