"""Run the doubles by hand: ``python -m tests.doubles --port 8600``, then start the application."""

from __future__ import annotations

import argparse
import time

from tests.doubles.server import Double
from tests.doubles.world import World


def main() -> None:
    parser = argparse.ArgumentParser(description="Serveur d’essai : toutes ses données sont "
                                     "inventées.")
    parser.add_argument("--port", type=int, default=8600)
    port = parser.parse_args().port
    with Double(World.large(), port=port) as double:
        print("Serveur d’essai : toutes ses données sont INVENTÉES. Pour s’en servir :")
        settings = " ".join(f"{name}={url}" for name, url in double.environment.items())
        print(f"  {settings} TERRITORY_DATA_DIR=$(mktemp -d) make run")
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


main()
