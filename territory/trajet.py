"""Where one may go in some minutes: by the roads when the service answers, else an estimate.

The one that is used is always said, and why when it is the estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from territory.errors import SourceError
from territory.perimeter import Isochrone
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import isochrone as source


@dataclass(frozen=True)
class Trip:
    """A travel-time zone, and why it is not the one of a service.

    Attributes
    ----------
    isochrone
        The zone.
    reason
        French sentence; empty when the service drew the zone.
    """

    isochrone: Isochrone
    reason: str = ""

    def sentence(self) -> str:
        """Say which of the two it is, and why."""
        note = self.isochrone.note()
        return f"{self.reason} Une estimation remplace sa réponse. {note}" if self.reason else note


def zone(
    longitude: object, latitude: object, minutes: object, mode: object, settings: Settings, *,
    code_commune: str | None = None, watch: Watch | None = None,
) -> Trip:
    """Ask the Géoplateforme for a zone, and estimate it from distance if it does not answer.

    Parameters
    ----------
    longitude, latitude, minutes, mode, settings, code_commune, watch
        Those of :func:`territory.sources.isochrone.around`.

    Raises
    ------
    InvalidInputError
        The point, the duration or the mode is out of bounds.
    StoppedError
        Somebody asked to stop.
    """
    try:
        return Trip(source.around(longitude, latitude, minutes, mode, settings,
                                  code_commune=code_commune, watch=watch))
    except SourceError as error:
        estimate = Isochrone.estimate(
            longitude, latitude, minutes, mode, code_commune=code_commune
        )
        return Trip(estimate, error.user_message)
