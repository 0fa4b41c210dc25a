"""``python -m territory``: the command line."""

import sys

from territory.cli import main

if __name__ == "__main__":
    sys.exit(main())
