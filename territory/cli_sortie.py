"""Where a command writes: the file that is named, else the standard output."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from territory import files


def declare(to: argparse.ArgumentParser) -> None:
    """Declare ``--sortie``."""
    to.add_argument("--sortie", type=Path, metavar="FICHIER",
                    help="Fichier à écrire ; la sortie standard sinon.")


def write(path: Path | None, content: str | bytes) -> None:
    """Write a content, as it is: a text ends with its own new line."""
    if path is not None:
        files.write_bytes(path, content.encode() if isinstance(content, str) else content)
    elif isinstance(content, str):
        print(content, end="")  # noqa: T201
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
