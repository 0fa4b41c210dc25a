"""The command ``dossier``: opens the file of a search, runs it again and says what changed."""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from territory import directory, dossier, echelle, files, settings, sourcing
from territory.charter import Charter, Declaration
from territory.directory import Result
from territory.dossier import MAX_BYTES, Comparison
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.sourcing import Note
from territory.text import join

#: Writes a table in a file format: arguments, table, title, source ids, context.
Exporter = Callable[..., None]
#: Sets a note as a PDF: note, perimeter, suppliers found.
Printer = Callable[[Note, Perimeter, pd.DataFrame], bytes]

#: End of the name of a list → its format.
_LISTS: Final = {".xlsx": "xlsx", ".csv": "csv", ".geojson": "geojson", ".gpkg": "gpkg",
                 ".parquet": "geoparquet"}
_NOTES: Final = (".pdf", ".md")


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    to.add_argument("fichier", type=Path, metavar="FICHIER", help="Dossier de recherche (JSON).")
    to.add_argument("--format", default="texte", help="texte (par défaut) ou json.")
    to.add_argument("--note", type=Path, metavar="NOTE",
                    help="Écrit aussi la note de sourcing de la recherche (.pdf ou .md).")
    to.add_argument("--nombre", type=int, default=3, metavar="N",
                    help="Fournisseurs cherchés, pour l’échelle de la note (3).")
    to.add_argument("--liste", type=Path, metavar="LISTE",
                    help="Écrit aussi les fournisseurs trouvés aujourd’hui (.xlsx, .csv, .geojson, "
                    ".gpkg ou .parquet).")


def declare_keep(to: argparse.ArgumentParser) -> None:
    """Declare the option of ``suppliers`` that keeps the search in a file."""
    to.add_argument("--dossier", type=Path, metavar="FICHIER",
                    help="Garde aussi la recherche dans un dossier (JSON), à rouvrir ici ou dans "
                    "la page « Circuit court ».")


def keep(
    path: Path | None, result: Result, chosen: Charter, declared: tuple[Declaration, ...]
) -> None:
    """Write the file of a search when it is asked for, in one move."""
    if path is not None:
        files.write_bytes(path, dossier.of(result, chosen, declared).to_bytes())


def read(path: Path) -> dossier.Dossier:
    """Read the file of a search.

    Raises
    ------
    InvalidInputError
        It is not of the form.
    """
    with path.open("rb") as stream:
        return dossier.read(stream.read(MAX_BYTES + 1))


def run(arguments: argparse.Namespace, export: Exporter, print_note: Printer) -> None:
    """Run the command.

    Parameters
    ----------
    arguments
        See :func:`declare`.
    export, print_note
        See :data:`Exporter` and :data:`Printer`.

    Raises
    ------
    InvalidInputError
        The file is not of the form, or a format is unknown.
    """
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {arguments.format} : choix possibles : texte, json."
        raise InvalidInputError(msg)
    _check("--note", arguments.note, _NOTES)
    _check("--liste", arguments.liste, tuple(_LISTS))
    if not 1 <= arguments.nombre <= echelle.MAX_COUNT:
        msg = f"--nombre doit être compris entre 1 et {echelle.MAX_COUNT}."
        raise InvalidInputError(msg)
    kept = read(arguments.fichier)
    listed = directory.of(kept.perimeter, settings.load())
    result = directory.search(kept.perimeter, kept.criteria, listed)
    found = dossier.compare(kept, result)
    if arguments.note is not None:
        files.write_bytes(arguments.note, _note(arguments, found, result, print_note))
    if arguments.liste is not None:
        asked = argparse.Namespace(format=_LISTS[arguments.liste.suffix.lower()],
                                   sortie=arguments.liste)
        export(
            asked, result.found, result.sentence(), (*result.source_ids, "communes"),
            perimeter_sentence=result.perimeter.sentence(),
            criteria_sentence=result.criteria.sentence(), notes=(found.sentence(), result.note()),
        )
    if arguments.format == "json":
        text = json.dumps(_data(found), ensure_ascii=False, indent=1) + "\n"
    else:
        text = _text(found)
    print(text, end="")  # noqa: T201


def _check(option: str, path: Path | None, ends: tuple[str, ...]) -> None:
    if path is not None and path.suffix.lower() not in ends:
        msg = f"{option} {path.name} : le nom doit finir par {join(ends, 'ou')}."
        raise InvalidInputError(msg)


def _note(
    arguments: argparse.Namespace, found: Comparison, result: Result, print_note: Printer
) -> bytes:
    kept = found.dossier
    note = sourcing.of(result, kept.charter, kept.declared, arguments.nombre, dt.date.today(),
                       settings.load())
    # The search was made again: the note says of which file, and what is no more the same.
    note = dataclasses.replace(note, need=(*note.need, found.sentence()))
    if arguments.note.suffix.lower() == ".md":
        return note.markdown().encode()
    return print_note(note, result.perimeter, result.found)


def _data(found: Comparison) -> dict[str, object]:
    return {
        "enregistre_le": found.dossier.saved.isoformat(), "empreinte": found.dossier.digest,
        "empreinte_aujourdhui": found.digest, "meme_liste": found.same_data,
        "phrase": found.sentence(), "entrent": found.entered.to_dict("records"),
        "sortent": found.left.to_dict("records"), "donnees": _tables(found),
    }


def _tables(found: Comparison) -> list[dict[str, object]]:
    """Tables of the file beside those of now; None where one has no such table."""
    before, now = ({one.id: one.to_json() for one in tables}
                   for tables in (found.dossier.tables, found.tables))
    return [{"table": name, "avant": before.get(name), "maintenant": now.get(name)}
            for name in dict.fromkeys([*before, *now])]


def _text(found: Comparison) -> str:
    lines = [found.dossier.perimeter.sentence(), found.sentence()]
    for title, rows in (("Entrent", found.entered), ("Sortent", found.left)):
        if len(rows):
            lines.append(f"{title} :")
            lines += [f"- {nom} ({code}) : {why}" for nom, code, why in rows.to_numpy()]
    return "\n".join(lines) + "\n"
