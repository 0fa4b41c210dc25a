"""The bulk build at full scale: ``python -m benchmarks.sirene [--lignes N] [--arrets N]``.

Generates files of Sirene's shape, builds the table in a process of its own, and reports its peak
memory and time beside a bare DuckDB read of the same columns; then kills the build at random
moments and checks each time that the previous table still reads.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from territory import settings
from territory.sources import sirene, stock
from territory.store import Store
from tests.doubles import stock as generator


def bare_read(folder: Path) -> float:
    """Seconds DuckDB takes to read the columns of the three files and do nothing with them."""
    began = time.perf_counter()
    base = duckdb.connect(config={"threads": 2})
    for role, name in stock.FILES.items():
        # A count would be answered by the file's statistics, without reading.
        sums = ", ".join(f"bit_xor(hash({column}))" for column in stock.COLUMNS[role])
        path = folder / Path(name).name
        base.execute(f"SELECT {sums} FROM read_parquet('{path}')").fetchone()
    return time.perf_counter() - began


def child(folder: str, store: str) -> None:
    current = settings.load({"TERRITORY_DATA_DIR": store})
    began = time.perf_counter()
    report = sirene.fetch(current, files=Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"secondes": round(time.perf_counter() - began, 1), "memoire_mo": round(peak),
                      "lignes": report.rows, "comptes": dict(report.counts)}, ensure_ascii=False))


def start(folder: Path, store: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "benchmarks.sirene", "--enfant", str(folder),
                             str(store)], stdout=subprocess.PIPE)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lignes", type=int, default=31_000_000)
    parser.add_argument("--arrets", type=int, default=10)
    parser.add_argument("--enfant", nargs=2)
    asked = parser.parse_args()
    if asked.enfant:
        child(*asked.enfant)
        return
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        began = time.perf_counter()
        files = generator.write(root / "source", asked.lignes, asked.lignes * 2 // 3)
        folder = root / "fichiers"
        folder.mkdir()
        for file in files.values():
            file.rename(folder / file.name)
        print(f"{asked.lignes} établissements, {asked.lignes * 2 // 3} unités, "
              f"{sum(f.stat().st_size for f in folder.iterdir()) / 1e9:.1f} Go, "
              f"écrits en {time.perf_counter() - began:.0f} s")
        print(f"lecture nue des mêmes colonnes : {bare_read(folder):.1f} s")
        store = root / "donnees"
        process = start(folder, store)
        output, _ = process.communicate()
        said = json.loads(output)
        print(f"construction : {said}")
        before = Store(store).tables()[sirene.TABLE]["sha256"]
        draw = random.Random(11)
        for _ in range(asked.arrets):
            process = start(folder, store)
            after = draw.uniform(0.5, said["secondes"] + 3)
            time.sleep(after)
            process.send_signal(signal.SIGKILL)
            process.wait()
            rows = len(Store(store).read(sirene.TABLE))
            entry = Store(store).tables()[sirene.TABLE]
            assert rows == said["lignes"], (rows, said)
            print(f"arrêt à {after:.1f} s : {rows} lignes lisibles, "
                  f"{'même' if entry['sha256'] == before else 'nouvelle'} table")


if __name__ == "__main__":
    os.nice(5)
    main()
