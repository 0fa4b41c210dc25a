"""Which facts compare over time, which do not, and why: the declared table of the series.

A *method* gathers facts of one producer, one way of counting, one unit and one scope (« champ »).
Two methods of a series are shown together and never joined; a *break* says in French what changed.
"""

from __future__ import annotations

from typing import Final

from territory.comparability.agences import BRANCHES
from territory.comparability.declaration import Declared, Level, Method, Rupture
from territory.comparability.especes import CASH
from territory.comparability.fragilite import FRAGILE, SAVINGS

__all__ = ["LEFT_OUT", "SERIES", "Declared", "Level", "Method", "Rupture"]

#: Series id → declaration, in the order of the screen.
SERIES: Final[dict[str, Declared]] = {
    declared.id: declared for declared in (*CASH, *BRANCHES, *FRAGILE, *SAVINGS)
}

#: Indicators known for several years that make no series, and why.
LEFT_OUT: Final[dict[str, str]] = {
    "surendettement_classe": "Une classe (« plus de 290 ») ne se soustrait pas, et les bornes des "
    "classes changent d’une année à l’autre.",
}
