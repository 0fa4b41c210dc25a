"""Real files kept beside the project: read in place, never copied into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT


def real_file(name: str) -> Path:
    """Path of a real file; the test that asks for an absent one is skipped, and says so."""
    path = ROOT.parent / "shared" / "real" / name
    if not path.is_file():
        pytest.skip(f"the real file {name} is absent")
    return path
