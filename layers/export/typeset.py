"""Documents set by Typst as tagged PDF (PDF/UA-1), in French."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Set a template of this folder; texts travel as data, so that none of them is ever markup.

    Parameters
    ----------
    template
        ``note.typ``…; it reads ``sys.inputs.donnees``.
    data
        What JSON can hold.
    """
    # Imported here: forty megabytes that only these documents need.
    import typst

    content = typst.compile(
        _FOLDER / template, sys_inputs={"donnees": json.dumps(data, ensure_ascii=False)},
        format="pdf", pdf_standards="ua-1", ignore_system_fonts=True,
    )
    return bytes(content)
