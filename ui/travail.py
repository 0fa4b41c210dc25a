"""Long work in a thread of its own: the page stays usable, shows how far it is, and may stop it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

from territory.errors import TerritoryError
from territory.progress import Watch
from territory.text import number

_EVERY_S = 0.7
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Job(Watch, Generic[T]):
    """Work under way, read by the page while a thread does it.

    Parameters
    ----------
    work
        Given this watch; what it returns is kept in :attr:`result`.
    """

    def __init__(self, work: Callable[[Watch], T]) -> None:
        self.done = 0
        self.total: int | None = None
        self.label = ""
        self.result: T | None = None
        self.failure = ""
        self._work = work
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="travail", daemon=True)

    @property
    def stopped(self) -> bool:
        """Whether the person asked to stop."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether the work has ended, well or not."""
        return self.result is not None or bool(self.failure)

    def tell(self, done: int, total: int | None, label: str) -> None:
        """Hear of progress, from the thread."""
        self.done, self.total, self.label = done, total, label

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the work to stop after the answer it waits for."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self.result = self._work(self)
        except TerritoryError as error:
            self.failure = error.user_message
        except Exception:
            # The page waits for this thread: it must hear of any end.
            _log.exception("long work failed")
            self.failure = "Une erreur inattendue a arrêté ce travail. Recommencez, ou signalez-le."


@st.fragment(run_every=_EVERY_S)
def progress(job: Job[T], what: str, *, key: str) -> None:
    """Draw how far a job is and the button that stops it; run the page again at its end."""
    if job.over:
        st.rerun()
    with st.container(border=True):
        share = min(job.done / job.total, 1.0) if job.total else 0.0
        said = f"{number(job.done)}{f' sur {number(job.total)}' if job.total else ''}"
        st.progress(share, f"{job.label or what} : {said}")
        st.button(
            "Arrêt demandé…" if job.stopped else "Arrêter", key=key,
            icon=":material/stop_circle:", on_click=job.stop, disabled=job.stopped,
            help="Ce qui est arrivé est gardé ; vous pourrez reprendre plus tard.",
        )
