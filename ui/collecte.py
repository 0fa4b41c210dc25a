"""The button that asks for all the ESS employers of a perimeter, its progress and its end.

The work runs in a thread of its own: the page stays usable, another session too. What arrives is
kept in the local store commune by commune, so leaving the page loses nothing.
"""

from __future__ import annotations

import streamlit as st

from territory import employers, settings
from territory.directory import Directory
from territory.employers import Estimate, Report
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.text import NBSP, join, number, plural
from ui import onglets
from ui.markdown import literal
from ui.travail import Job, progress

_JOB = "collecte"
_SAID = "collecte_dite"


def running() -> Job[Report] | None:
    """Return the fetch under way in this session."""
    job: Job[Report] | None = st.session_state.get(_JOB)
    return job


def receive() -> None:
    """Take in a fetch that has just ended, before the page reads the lists."""
    job = running()
    if job is not None and job.over:
        st.session_state[_SAID] = job
        st.session_state[_JOB] = None


def panel(perimeter: Perimeter, directory: Directory) -> None:
    """Draw the button with its estimate, or the progress, or what the last fetch says."""
    job = running()
    if job is not None:
        progress(job, "Interrogation de l’API Recherche d’entreprises", key="arreter_collecte")
        return
    _offer(perimeter, directory)
    _outcome()


def _offer(perimeter: Perimeter, directory: Directory) -> None:
    if directory.kind == "france":
        onglets.menu(
            onglets.Panel("Actualiser ce périmètre", lambda: _estimated(perimeter, directory)),
            key="actualiser", icon=":material/refresh:",
        )
    else:
        _estimated(perimeter, directory)


def _estimated(perimeter: Perimeter, directory: Directory) -> None:
    current = settings.load()
    try:
        codes = employers.communes_of(perimeter)
    except InvalidInputError as error:
        st.caption(literal(error.user_message))
        return
    expected = employers.estimate(codes, current)
    if not expected.to_ask and directory.kind == "perimetre":
        return
    with st.container(border=directory.kind != "france", key="bloc_collecte"):
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
    job = Job(lambda watch: employers.refresh(codes, settings.load(), watch))
    st.session_state[_JOB] = job
    st.session_state[_SAID] = None
    job.start()


def _outcome() -> None:
    job: Job[Report] | None = st.session_state.get(_SAID)
    if job is None:
        return
    if job.failure:
        st.error(literal(job.failure), icon=":material/error:")
        return
    report = job.result
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
            f"Recherche arrêtée. Ce qui est arrivé est gardé : "
            f"{plural(report.kept, 'établissement')}, "
            f"{plural(len(report.asked), 'commune complète', 'communes complètes')} sur "
            f"{number(len(report.codes) - len(report.reread))}.",
            icon=":material/stop_circle:",
        )
    if report.left_out:
        said = join(
            [f"{number(n)}{NBSP}{reason}" for reason, n in report.left_out.most_common()]
        )
        st.caption(f"Établissements reçus et non gardés : {said}.")
