"""PTCE: the list of those that sources name, the grid of 2011, and how to correct the list."""

from territory.ptce.poles import READING, facts, get, table, within
from territory.ptce.vocabulary import SCALES, STATUSES

__all__ = ["READING", "SCALES", "STATUSES", "facts", "get", "table", "within"]
