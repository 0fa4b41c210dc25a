"""PTCE: the list of those that sources name, the grid of 2011, and how to correct the list."""

from territory.ptce.poles import (
    AROUND_KM,
    READING,
    facts,
    get,
    near_communes,
    of_communes,
    table,
    within,
)
from territory.ptce.vocabulary import SCALES, STATUSES

__all__ = [
    "AROUND_KM",
    "READING",
    "SCALES",
    "STATUSES",
    "facts",
    "get",
    "near_communes",
    "of_communes",
    "table",
    "within",
]
