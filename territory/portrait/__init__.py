"""The portrait of a territory: its figures, each with its source, and what is not known of it."""

from territory.portrait.figures import THEMES, Figure
from territory.portrait.form import FORMAT, VERSION, to_json
from territory.portrait.portrait import Portrait, make, of

__all__ = ["FORMAT", "THEMES", "VERSION", "Figure", "Portrait", "make", "of", "to_json"]
