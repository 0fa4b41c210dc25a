"""The command ``dossier``: opens the file of a search, runs it again and says what changed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from territory import charter, directory, dossier, files, settings
from territory.directory import Result
from territory.dossier import MAX_BYTES, Comparison
from territory.errors import InvalidInputError


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the arguments of the command."""
    to.add_argument("fichier", type=Path, metavar="FICHIER", help="Dossier de recherche (JSON).")
    to.add_argument("--format", default="texte", help="texte (par défaut) ou json.")


def declare_keep(to: argparse.ArgumentParser) -> None:
    """Declare the option of ``suppliers`` that keeps the search in a file."""
    to.add_argument("--dossier", type=Path, metavar="FICHIER",
                    help="Garde aussi la recherche dans un dossier (JSON), à rouvrir ici ou dans "
                    "la page « Circuit court ».")


def keep(arguments: argparse.Namespace, result: Result) -> None:
    """Write the file of a search when it is asked for, in one move."""
    if arguments.dossier is not None:
        files.write_bytes(arguments.dossier, dossier.of(result, charter.default()).to_bytes())


def run(arguments: argparse.Namespace) -> None:
    """Run the command.

    Raises
    ------
    InvalidInputError
        The file is not of the form, or the format is unknown.
    """
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {arguments.format} : choix possibles : texte, json."
        raise InvalidInputError(msg)
    with arguments.fichier.open("rb") as stream:
        kept = dossier.read(stream.read(MAX_BYTES + 1))
    listed = directory.of(kept.perimeter, settings.load())
    found = dossier.compare(kept, directory.search(kept.perimeter, kept.criteria, listed))
    if arguments.format == "json":
        text = json.dumps(_data(found), ensure_ascii=False, indent=1) + "\n"
    else:
        text = _text(found)
    print(text, end="")  # noqa: T201


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
