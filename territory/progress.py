"""Progress of long work, and the wish to stop it."""

from __future__ import annotations

from territory.errors import StoppedError


class Watch:
    """Told how far a piece of work is; may ask it to stop.

    This one says nothing and never stops; the command line and the pages have their own.
    """

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the work to stop."""
        return False

    def tell(self, done: int, total: int | None, label: str) -> None:
        """Hear of progress.

        Parameters
        ----------
        done, total
            In any unit; ``total`` is None while it is unknown.
        label
            What is being done, in French.
        """

    def check(self) -> None:
        """Stop the work here if somebody asked for it.

        Raises
        ------
        StoppedError
            The work was asked to stop.
        """
        if self.stopped:
            msg = "Arrêté à votre demande ; ce qui était arrivé est gardé."
            raise StoppedError(msg)


class Quiet(Watch):
    """Relays the wish to stop of another watch, and tells it nothing.

    For a step of some work that counts its own progress.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    @property
    def stopped(self) -> bool:
        """Whether somebody asked the work to stop."""
        return self._watch.stopped
