"""A large file is written by another process, the same as here."""

from __future__ import annotations

import subprocess

import pandas as pd
import pytest

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from territory import store
from ui import ecriture

CONTEXT = ExportContext("Une liste d’essai.")


@pytest.fixture(scope="module")
def large() -> pd.DataFrame:
    few = store.read("ess_structures")
    return pd.concat([few] * 5, ignore_index=True)


@pytest.mark.parametrize("form", ["csv_excel", "geojson"])
def test_a_large_file_is_the_same_from_the_other_process(
    form: str, large: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = FORMATS[form].write(large, CONTEXT)
    started = []
    run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda *args, **options: started.append(args) or run(*args, **options)
    )
    assert ecriture.write(form, large, CONTEXT) == here
    assert len(started) == 1


def test_a_small_file_starts_no_process(
    large: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    few = large.head(20)
    assert ecriture.write("csv_excel", few, CONTEXT) == FORMATS["csv_excel"].write(few, CONTEXT)


def test_a_process_that_dies_gives_no_file(
    large: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ecriture.sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="code 1"):
        ecriture.write("csv_excel", large, CONTEXT)
