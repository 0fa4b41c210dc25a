"""The portrait of a territory: its figures, each with its source, and what is not known of it."""

from territory.portrait.figures import THEMES, Figure
from territory.portrait.form import FORMAT, VERSION, to_json
from territory.portrait.portrait import Portrait, of
from territory.portrait.structures import directory_of

__all__ = ["FORMAT", "THEMES", "VERSION", "Figure", "Portrait", "directory_of", "of", "to_json"]
