"""Every measure, one after the other, and the document they make: ``python -m benchmarks``.

Each part runs in a process of its own and its records go to ``docs/performance.json`` as soon as
it ends; ``docs/performance.md`` is written from that file alone (:mod:`benchmarks.rapport`). A part
can be taken again by its name: ``python -m benchmarks ecran recherche``.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks import rapport
from territory import __version__

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "docs" / "performance.json"

#: Part → arguments of its module: what comes before an underscore.
PARTS: Final[dict[str, list[str]]] = {
    "ecran": [],
    "trace": [],
    "trace_emulee": ["--carte-emulee"],
    "recherche": [],
    "recherche_5m": ["--points", "5000000"],
    "acces": [],
    "exports": [],
    "mesures": [],
    "portrait": ["--essai", "230000"],
    "charge": ["--personnes", "50", "--pause", "15"],
}
_LIBRARIES: Final = (
    "streamlit", "folium", "streamlit-folium", "geopandas", "shapely", "pyproj", "pandas", "numpy",
    "scipy", "pyarrow", "duckdb", "access", "maplibre",
)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine(),
    )
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processeur": model, "coeurs": os.cpu_count(), "memoire_go": round(pages / 1024**3),
        "systeme": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in _LIBRARIES},
    }


def run(part: str) -> dict[str, Any]:
    """Run a part; its records, the day and the load of the machine before it."""
    load = round(os.getloadavg()[0], 1)
    print(f"— {part} (charge de la machine : {load})", flush=True)
    records = []
    with subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{part.partition('_')[0]}", *PARTS[part]],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if line.startswith("{") and "charge_machine" not in line:
                records.append(json.loads(line))
    return {"jour": dt.date.today().isoformat(), "charge": load, "code": process.returncode,
            "releves": records}


def main() -> None:
    """Run the parts asked, all by default, and write both documents."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parties", nargs="*", metavar="PARTIE", help=", ".join(PARTS))
    parser.add_argument("--document", action="store_true", help="n’écrire que le document")
    asked = parser.parse_args()
    if unknown := set(asked.parties) - set(PARTS):
        parser.error(f"parties inconnues : {', '.join(sorted(unknown))}")
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    for part in () if asked.document else asked.parties or PARTS:
        known = {**known, "version": __version__, "machine": machine(),
                 "parties": {**known.get("parties", {}), part: run(part)}}
        text = json.dumps(known, ensure_ascii=False, indent=1) + "\n"
        RESULTS.write_text(text, encoding="utf-8")
    rapport.write(known)


if __name__ == "__main__":
    main()
