"""The charter of the circuit court: its criteria, what is known of each supplier, marks by axis."""

from territory.charter.assessment import Assessment, assess
from territory.charter.criteria import Axis, Charter, Criterion, Reference
from territory.charter.declaration import Declaration
from territory.charter.marks import answers, marks, ordered, ranks, total, unused
from territory.charter.reading import default, from_json, read
from territory.charter.rules import MET, NOT_MET, STATES, UNKNOWN, Rule

__all__ = [
    "MET", "NOT_MET", "STATES", "UNKNOWN", "Assessment", "Axis", "Charter", "Criterion",
    "Declaration", "Reference", "Rule", "answers", "assess", "default", "from_json", "marks",
    "ordered", "ranks", "read", "total", "unused",
]
