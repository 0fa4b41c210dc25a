"""Progress of long work on a terminal, and Ctrl-C.

A first Ctrl-C stops the work at the next answer and keeps what arrived; a second one cuts it.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from territory.progress import Watch
from territory.text import number

_BAR = 30
_REFRESH_S = 0.2


class TerminalWatch(Watch):
    """A progress bar on the terminal; silent elsewhere. Ctrl-C asks the work to stop."""

    def __init__(self) -> None:
        self._stopped = False
        self._shown = 0.0

    @property
    def stopped(self) -> bool:
        """Whether Ctrl-C was pressed."""
        return self._stopped

    def stop(self, *_: object) -> None:
        """Ask the work to stop; a second Ctrl-C is the system's."""
        self._stopped = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def tell(self, done: int, total: int | None, label: str) -> None:
        """Draw the bar, a few times a second."""
        now = time.monotonic()
        if not sys.stderr.isatty() or (now - self._shown < _REFRESH_S and done != total):
            return
        self._shown = now
        share = min(done / total, 1.0) if total else 0.0
        full = round(share * _BAR)
        figures = f"{number(100 * share)} %" if total else number(done)
        sys.stderr.write(f"\r[{'█' * full}{'·' * (_BAR - full)}] {figures} {label}\033[K")
        sys.stderr.flush()

    @contextmanager
    def listening(self) -> Iterator[TerminalWatch]:
        """Take Ctrl-C while the work lasts, and leave the terminal clean."""
        previous = signal.signal(signal.SIGINT, self.stop)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, previous)
            if sys.stderr.isatty():
                sys.stderr.write("\r\033[K")
                sys.stderr.flush()
