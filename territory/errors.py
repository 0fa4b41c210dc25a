"""The errors of the domain, each carrying a sentence in French for the person at the screen."""

from __future__ import annotations


class TerritoryError(Exception):
    """Base of every error raised on purpose.

    Parameters
    ----------
    user_message
        One sentence in French, ready for the screen or for stderr.
    """

    def __init__(self, user_message: str) -> None:
        super().__init__(user_message)
        self.user_message = user_message


class InvalidInputError(TerritoryError, ValueError):
    """What the user typed, drew or linked to cannot be used as it is."""


class UnknownPlaceError(InvalidInputError):
    """No commune answers to this name, code or postcode."""


class AmbiguousPlaceError(InvalidInputError):
    """Several communes answer; the message lists them."""


class DataError(TerritoryError):
    """A table is missing, damaged or breaks its declared schema."""


class SourceError(TerritoryError):
    """A source could not be fetched or read."""


class SourceRefusedError(SourceError):
    """A service refused a request: asking again the same way is of no use.

    Attributes
    ----------
    status
        HTTP status.
    """

    def __init__(self, user_message: str, status: int) -> None:
        super().__init__(user_message)
        self.status = status


class SourceUnavailableError(SourceError):
    """A service did not answer, or not in its own form; it may later."""


class OfflineError(SourceUnavailableError):
    """The setting ``TERRITORY_OFFLINE`` forbids the call."""


class StoppedError(TerritoryError):
    """Somebody asked long work to stop."""
