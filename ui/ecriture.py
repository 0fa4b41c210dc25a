"""Files too long to write beside the pages: a process of its own writes them, one at a time.

The writers of GeoJSON and GeoPackage keep the interpreter to themselves for seconds on a large
list; nobody's page would move meanwhile. ``python -m ui.ecriture`` is that process.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

import pandas as pd

from layers.export import FORMATS
from layers.export.metadata import ExportContext

#: Rows written in less time than it takes to start a process.
_SMALL: Final = 2_000
_ROOT: Final = Path(__file__).resolve().parent.parent
#: One at a time: each holds a copy of its table.
_turn: Final = threading.Lock()


def write(form: str, table: pd.DataFrame, context: ExportContext) -> bytes:
    """Write a table in a format, away from the pages when it is large.

    Parameters
    ----------
    form
        Key of ``layers.export.FORMATS``.
    table, context
        As :attr:`layers.export.Format.write` takes them.

    Raises
    ------
    RuntimeError
        The process ended without an answer; its trace is in the log of the server.
    """
    if len(table) <= _SMALL:
        return FORMATS[form].write(table, context)
    asked = pickle.dumps((form, table, context), protocol=pickle.HIGHEST_PROTOCOL)
    with _turn:
        done = subprocess.run(
            [sys.executable, "-m", "ui.ecriture"], input=asked, stdout=subprocess.PIPE, cwd=_ROOT,
            check=False,
        )
    if done.returncode != 0:
        msg = f"the process that writes {form} ended with code {done.returncode}"
        raise RuntimeError(msg)
    return done.stdout


def _answer() -> None:
    """Read what is asked on the standard input, from the server alone, and write the file."""
    if hasattr(os, "nice"):
        os.nice(5)  # Pages come first.
    form, table, context = pickle.load(sys.stdin.buffer)  # noqa: S301  (the server wrote it)
    content = FORMATS[form].write(table, context)
    sys.stdout.buffer.write(content)


if __name__ == "__main__":
    _answer()
