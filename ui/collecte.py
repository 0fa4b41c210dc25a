"""The button that asks for all the ESS employers of a perimeter, its progress and its end.

The work runs in a thread of its own: the page stays usable, another session too. What arrives is
kept in the local store commune by commune, so leaving the page loses nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import streamlit as st

from territory import employers, settings
from territory.directory import Directory
from territory.employers import Estimate, Report
from territory.errors import TerritoryError
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.text import NBSP, join, number, plural
from ui.markdown import literal

_JOB = "collecte"
_SAID = "collecte_dite"
_EVERY_S = 0.7


class Job(Watch):
    """A fetch under way, read by the page while a thread works."""

    def __init__(self, codes: Sequence[str]) -> None:
        self.codes = tuple(codes)
        self.done = 0
        self.total: int | None = None
        self.report: Report | None = None
        self.failure = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="collecte", daemon=True)

    @property
    def stopped(self) -> bool:
        """Whether the person asked to stop."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether the work has ended, well or not."""
        return self.report is not None or bool(self.failure)

    def tell(self, done: int, total: int | None, label: str) -> None:
        """Hear of progress, from the thread."""
        self.done, self.total = done, total

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the work to stop after the answer it waits for."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self.report = employers.refresh(self.codes, settings.load(), self)
        except TerritoryError as error:
            self.failure = error.user_message


def running() -> Job | None:
    """Return the fetch under way in this session."""
    job: Job | None = st.session_state.get(_JOB)
    return job


def panel(perimeter: Perimeter, directory: Directory) -> None:
    """Draw the button with its estimate, or the progress, or what the last fetch says."""
    job = running()
    if job is not None and not job.over:
        _progress()
        return
    if job is not None:
        st.session_state[_SAID] = job
        st.session_state[_JOB] = None
    _offer(perimeter, directory)
    _outcome()


def _offer(perimeter: Perimeter, directory: Directory) -> None:
    current = settings.load()
    codes = employers.communes_of(perimeter)
    expected = employers.estimate(codes, current)
    fresh = not expected.to_ask
    if fresh and directory.kind == "perimetre":
        return
    if directory.kind == "france":
        with st.popover("Actualiser ce périmètre", icon=":material/refresh:"):
            _button(expected, offline=current.offline)
        return
    with st.container(border=True, key="bloc_collecte"):
        _button(expected, offline=current.offline)


def _button(expected: Estimate, *, offline: bool) -> None:
    again = len(expected.to_ask) < len(expected.codes)
    st.button(
        "Compléter la liste de ce périmètre" if again
        else "Chercher toutes les structures de l’ESS de ce périmètre",
        key="lancer_collecte",
        icon=":material/travel_explore:",
        type="primary",
        on_click=_start,
        args=(expected.codes,),
        disabled=offline,
    )
    if offline:
        st.caption("Le réglage TERRITORY_OFFLINE=1 interdit les appels extérieurs.")
    else:
        st.caption(
            f"API Recherche d’entreprises (État) : {expected.sentence()} Seuls les codes des "
            "communes lui sont envoyés."
        )


def _start(codes: tuple[str, ...]) -> None:
    job = Job(codes)
    st.session_state[_JOB] = job
    st.session_state[_SAID] = None
    job.start()


@st.fragment(run_every=_EVERY_S)
def _progress() -> None:
    job = running()
    if job is None or job.over:
        st.rerun()
    with st.container(border=True, key="bloc_collecte"):
        share = 0.0 if not job.total else min(job.done / job.total, 1.0)
        st.progress(
            share,
            f"Interrogation de l’API Recherche d’entreprises : {number(job.done)}"
            f"{f' appels sur environ {number(job.total)}' if job.total else ' appels'}",
        )
        st.button(
            "Arrêt demandé…" if job.stopped else "Arrêter", key="arreter_collecte",
            icon=":material/stop_circle:", on_click=job.stop, disabled=job.stopped,
            help="Ce qui est arrivé est gardé ; vous pourrez reprendre plus tard.",
        )


def _outcome() -> None:
    job: Job | None = st.session_state.get(_SAID)
    if job is None:
        return
    if job.failure:
        st.error(literal(job.failure), icon=":material/error:")
        return
    report = job.report
    if report is None:
        return
    for failure in report.failures:
        st.warning(
            f"{literal(failure)} Ce qui est arrivé est gardé : "
            f"{plural(len(report.asked), 'commune')} sur "
            f"{number(len(report.codes) - len(report.reread))}.",
            icon=":material/cloud_off:",
        )
    if report.stopped:
        st.info(
            f"Recherche arrêtée. Ce qui est arrivé est gardé "
            f"({plural(len(report.asked), 'commune complète', 'communes complètes')}).",
            icon=":material/stop_circle:",
        )
    if report.left_out:
        said = join(
            [f"{number(n)}{NBSP}{reason}" for reason, n in report.left_out.most_common()]
        )
        st.caption(f"Établissements reçus et non gardés : {said}.")


