"""The command ``charte``, and the marks that ``suppliers --charte`` adds to its file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from territory import charter, cli_dossier
from territory.charter import Charter, Criterion, Declaration
from territory.charter.assessment import READING, REMINDER
from territory.charter.reading import MAX_BYTES
from territory.errors import InvalidInputError
from territory.schemas import Column
from territory.text import NBSP, join, number, trimmed


@dataclass(frozen=True, eq=False)
class Noted:
    """A table of suppliers with the marks asked for, what they follow, and what its file says."""

    table: pd.DataFrame
    charter: Charter
    declared: tuple[Declaration, ...] = ()
    columns: tuple[Column, ...] = ()
    notes: tuple[str, ...] = ()


def declare_marks(to: argparse.ArgumentParser) -> None:
    """Declare the options of ``suppliers`` that ask for marks."""
    to.add_argument("--charte", nargs="?", const="", metavar="FICHIER",
                    help="Ajoute les notes par axe de la charte, et pourquoi ; celle du logiciel, "
                    "ou la vôtre (JSON).")
    to.add_argument("--preuves", type=Path, metavar="DOSSIER",
                    help="Avec --charte : compte les preuves saisies à la main dans un dossier de "
                    "recherche (JSON) ; sans fichier de charte, celle du dossier.")
    to.add_argument("--total", action="store_true",
                    help="Avec --charte : ajoute une note totale et un rang, et trie par rang.")


def noted(arguments: argparse.Namespace, found: pd.DataFrame) -> Noted:
    """Add to suppliers the marks that were asked for.

    Raises
    ------
    InvalidInputError
        ``--total`` or ``--preuves`` without ``--charte``, or a file that is no charter and no
        search.
    """
    if arguments.charte is None:
        for option, given in (("total", arguments.total), ("preuves", arguments.preuves)):
            if given:
                msg = f"L’option --{option} demande --charte."
                raise InvalidInputError(msg)
        return Noted(found, charter.default())
    chosen, declared = _rules(arguments)
    assessed = charter.assess(found, chosen, declared)
    return Noted(
        assessed.table(found, total=arguments.total).reset_index(drop=True), chosen, declared,
        assessed.columns(total=arguments.total),
        (f"{chosen.sentence()} Empreinte{NBSP}: {chosen.digest()}.", READING, REMINDER,
         *_cited(found, chosen, declared)),
    )


def _cited(
    found: pd.DataFrame, chosen: Charter, declared: tuple[Declaration, ...]
) -> Iterator[str]:
    for one in declared:
        yield f"Preuve saisie{NBSP}: {one.source()}, {one.evidence.removesuffix('.')}."
    useless = len(charter.unused(found, chosen, declared))
    if useless:
        yield (
            f"Preuves saisies sans effet{NBSP}: {number(useless)}, faute de fournisseur trouvé ou "
            "de critère de cette charte qui leur réponde."
        )


def _rules(arguments: argparse.Namespace) -> tuple[Charter, tuple[Declaration, ...]]:
    """Charter and evidence that the options ask for."""
    chosen = charter.default()
    declared: tuple[Declaration, ...] = ()
    if arguments.preuves is not None:
        kept = cli_dossier.read(arguments.preuves)
        chosen, declared = kept.charter, kept.declared
    if arguments.charte:
        chosen = _open(Path(arguments.charte))
    return chosen, declared


def declare(to: argparse.ArgumentParser) -> None:
    """Declare the options of ``charte``."""
    to.add_argument("--verifier", type=Path, metavar="FICHIER",
                    help="Vérifie le fichier d’une charte (JSON) et dit ce qui la distingue de "
                    "celle du logiciel.")
    to.add_argument("--format", default="texte",
                    help="texte (par défaut), ou json : la charte entière, à reprendre.")


def run(arguments: argparse.Namespace) -> None:
    """Run the command ``charte``.

    Raises
    ------
    InvalidInputError
        Unknown format, or a file that is no charter.
    """
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {arguments.format} : choix possibles : texte, json."
        raise InvalidInputError(msg)
    own = None if arguments.verifier is None else _open(arguments.verifier)
    if arguments.format == "json":
        text = json.dumps((own or charter.default()).to_json(), ensure_ascii=False, indent=1)
    else:
        text = _text(charter.default()) if own is None else _checked(own, charter.default())
    print(text)  # noqa: T201


def _open(path: Path) -> Charter:
    with path.open("rb") as stream:
        return charter.read(path.name, stream.read(MAX_BYTES + 1))


def _text(chosen: Charter) -> str:
    texts = {reference.id: reference for reference in chosen.references}
    lines = [chosen.sentence(), *([chosen.note] if chosen.note else [])]
    for axis in chosen.axes:
        lines += ["", axis.label]
        for criterion in chosen.criteria:
            if criterion.axis == axis.id:
                cited = " ; ".join(texts[one].sentence() for one in criterion.references)
                weight = f"poids {trimmed(criterion.weight, 3)}{_trades(criterion)}"
                lines += [
                    f"- {criterion.id} ({weight}){NBSP}: {criterion.question}",
                    f"  Preuve{NBSP}: {criterion.evidence}",
                    f"  Réponse{NBSP}: {criterion.origin()}.",
                    f"  Texte{NBSP}: {cited}.",
                ]
    return "\n".join(lines)


def _trades(criterion: Criterion) -> str:
    return f" ; {join(list(criterion.filieres))}" if criterion.filieres else ""


def _checked(own: Charter, ours: Charter) -> str:
    """Say that a charter is valid, and what it changes of ours."""
    before, after = ({c.id: c for c in one.criteria} for one in (ours, own))
    lists = {
        "Critères ajoutés": [one for one in after if one not in before],
        "Critères retirés": [one for one in before if one not in after],
        "Critères d’un autre poids": [
            f"{one} ({trimmed(before[one].weight, 3)} → {trimmed(after[one].weight, 3)})"
            for one in after if one in before and after[one].weight != before[one].weight
        ],
    }
    lines = [f"{label}{NBSP}: {', '.join(ids)}." for label, ids in lists.items() if ids]
    return "\n".join(["Cette charte est valable.", own.sentence(), *lines])
