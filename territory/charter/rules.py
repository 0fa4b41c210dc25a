"""What answers a criterion in the table of suppliers: a closed list of columns and of rules.

A charter is a file anybody may write: it names a column and a rule of these lists, nothing else.
Silence answers nothing: only a column that holds a « non » can say that a criterion is not met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import suppliers
from territory.errors import InvalidInputError
from territory.text import NBSP, excerpt, join, trimmed, written_day

#: States of an answer; every question is put so that « oui » meets the criterion.
MET: Final = "oui"
NOT_MET: Final = "non"
UNKNOWN: Final = "inconnu"
#: State → words.
STATES: Final[Mapping[str, str]] = {
    MET: "atteint", NOT_MET: "non atteint", UNKNOWN: "inconnu",
}

Kind = Literal["oui_non", "oui", "parmi", "au_plus"]

#: Rule → what it says of a cell.
KINDS: Final[Mapping[str, str]] = {
    "oui_non": "oui : atteint ; non : non atteint",
    "oui": "oui : atteint ; non ne prouve rien",
    "parmi": "une des valeurs : atteint ; leur absence ne prouve rien",
    "au_plus": "au plus la limite : atteint ; au-delà : non atteint",
}

#: Labels that the lists of establishments give (column ``labels``).
MENTIONS: Final = (
    "agriculture biologique", "RGE", "organisme de formation", "Qualiopi", "société à mission",
    "achats responsables", "entreprise du patrimoine vivant", "ESAT", "EA", "EATT", "GEIQ",
)
#: Precision of a place → how a supplier was placed.
_PLACED: Final[Mapping[str, str]] = {
    "adresse": "placé à son adresse", "voie": "placé dans sa rue",
    "commune": "placé à la commune près",
}
#: Largest limit of a distance, the largest radius of a perimeter.
MAX_KM: Final = 300.0

_Texts = Callable[[pd.DataFrame], pd.Series]


def looked_at(suppliers: pd.DataFrame) -> pd.DataFrame:
    """Columns that rules and sources read, texts as objects, empty where missing.

    Made once for all the criteria: to take the texts out of their Arrow columns costs more than to
    judge them.
    """
    kept = suppliers[[column for column in suppliers.columns if column in LOOKED_AT]]
    texts = kept.select_dtypes(exclude="number").columns
    return kept.assign(**{
        column: pd.Series(kept[column].to_numpy(dtype=object, na_value=""), kept.index, object)
        for column in texts
    })


def _cells(table: pd.DataFrame, column: str) -> pd.Series:
    """Cells of a column of :func:`looked_at`, empty when the table has no such column."""
    if column not in table:
        return pd.Series("", index=table.index, dtype=object)
    return table[column]


def _of(column: str) -> _Texts:
    """Source of a column that says its own, else the row's."""
    def said(table: pd.DataFrame) -> pd.Series:
        own = _cells(table, f"{column}_source")
        return own.where(own != "", _cells(table, "source"))
    return said


def _with_row(words: _Texts) -> _Texts:
    """Words followed by the source of the row; nothing where the row has none."""
    def said(table: pd.DataFrame) -> pd.Series:
        source = _cells(table, "source")
        return (words(table) + ", " + source).where(source != "", "")
    return said


def _place(table: pd.DataFrame) -> pd.Series:
    return _cells(table, "precision_geo").map(_PLACED).fillna("placé on ne sait comment")


def _from(table: pd.DataFrame) -> pd.Series:
    since = _cells(table, "distance_depuis").replace("", "un point non précisé")
    return "distance depuis " + since


def _declared_range(table: pd.DataFrame) -> pd.Series:
    return f"portée déclarée («{NBSP}" + _cells(table, "portee") + f"{NBSP}»)"


@dataclass(frozen=True)
class Fact:
    """A column a charter may look at.

    Attributes
    ----------
    label
        French noun phrase.
    kinds
        Rules that make sense of it.
    source
        Table → text of the source of each cell, empty when nobody says it.
    possible
        Values a rule ``parmi`` may look for.
    """

    label: str
    kinds: tuple[Kind, ...]
    source: _Texts
    possible: tuple[str, ...] = ()


_FLAG: Final[tuple[Kind, ...]] = ("oui_non", "oui")

FACTS: Final[Mapping[str, Fact]] = {
    "dans_perimetre": Fact("dans le périmètre", _FLAG, _with_row(_place)),
    "dessert_le_centre": Fact("dessert le centre", _FLAG, _with_row(_declared_range)),
    "distance_km": Fact("distance", ("au_plus",), _with_row(_from)),
    "est_ess": Fact("ESS", _FLAG, _of("est_ess")),
    "est_siae": Fact("SIAE", _FLAG, _of("est_siae")),
    "est_esus": Fact("ESUS", _FLAG, _of("est_esus")),
    "est_employeur": Fact("employeur", _FLAG, _of("est_employeur")),
    "famille_ess": Fact("famille de l’ESS", ("parmi",), _of("est_ess"),
                        tuple(set(suppliers.FAMILIES) - {"inconnue"})),
    "labels": Fact("labels et mentions", ("parmi",), _of("labels"), MENTIONS),
}


#: Columns that rules and sources read.
LOOKED_AT: Final = frozenset({
    *FACTS, *(f"{column}_source" for column in FACTS), "source", "source_date", "precision_geo",
    "distance_depuis", "portee",
})


@dataclass(frozen=True)
class Rule:
    """How a column answers a criterion.

    Attributes
    ----------
    column
        Key of :data:`FACTS`.
    kind
        Key of :data:`KINDS`.
    wanted
        For ``parmi``: values looked for among those of the cell, separated by « ; ».
    limit
        For ``au_plus``: kilometres.

    Raises
    ------
    InvalidInputError
        The column, the rule or its values are not of the lists above.
    """

    column: str
    kind: Kind
    wanted: tuple[str, ...] = ()
    limit: float | None = None

    def __post_init__(self) -> None:
        fact = FACTS.get(self.column)
        if fact is None:
            msg = (
                f"La colonne « {excerpt(self.column)} » ne répond à aucun critère. Colonnes "
                f"possibles : {', '.join(FACTS)}."
            )
            raise InvalidInputError(msg)
        if self.kind not in fact.kinds:
            msg = (
                f"La colonne « {self.column} » ne se lit pas par la règle « {excerpt(self.kind)} » "
                f"mais par {join([f'« {kind} »' for kind in fact.kinds], 'ou')}."
            )
            raise InvalidInputError(msg)
        wrong = sorted(set(self.wanted) - set(fact.possible))
        if wrong or (self.kind == "parmi") != bool(self.wanted):
            which = f"La valeur « {excerpt(wrong[0])} »" if wrong else "La liste de valeurs"
            possible = ", ".join(sorted(fact.possible)) or "aucune"
            msg = (
                f"{which} ne convient pas à la colonne « {self.column} ». Valeurs possibles : "
                f"{possible}."
            )
            raise InvalidInputError(msg)
        if (self.kind == "au_plus") != (self.limit is not None) or not (
            self.limit is None or 0 < self.limit <= MAX_KM
        ):
            msg = (
                f"La colonne « {self.column} » demande une limite entre 0 et {MAX_KM:.0f} "
                "kilomètres avec la règle « au_plus », et aucune sinon."
            )
            raise InvalidInputError(msg)

    def sentence(self) -> str:
        """Say in French where the answer comes from."""
        what = f"colonne « {self.column} »"
        if self.kind == "au_plus" and self.limit is not None:
            return f"{what}, {trimmed(self.limit, 3)}{NBSP}km au plus"
        if self.kind == "parmi":
            return f"{what}, {join(list(self.wanted), 'ou')}"
        return what if self.kind == "oui_non" else f"{what}, quand elle dit oui"

    def states(self, table: pd.DataFrame) -> npt.NDArray[np.object_]:
        """State of each row of a table of suppliers, shape (n,)."""
        if self.kind == "au_plus":
            if self.column not in table:
                return np.full(len(table), UNKNOWN, dtype=object)
            number = pd.to_numeric(table[self.column], errors="coerce").to_numpy(dtype=float)
            answer = np.where(number <= (self.limit or 0.0), MET, NOT_MET)
            return np.where(np.isfinite(number), answer, UNKNOWN).astype(object)
        cells = _cells(table, self.column)
        if self.kind == "parmi":
            wanted = set(self.wanted)
            holds = {cell for cell in cells.unique()
                     if wanted & {part.strip() for part in cell.split(";")}}
            return np.where(cells.isin(holds), MET, UNKNOWN).astype(object)
        no = NOT_MET if self.kind == "oui_non" else UNKNOWN
        return cells.map({"oui": MET, "non": no}).fillna(UNKNOWN).to_numpy(dtype=object)


def evaluate(
    rules: tuple[Rule, ...], table: pd.DataFrame
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Answer a criterion by its rules, for the rows of a table of :func:`looked_at`.

    One rule that says « atteint » is enough; « non atteint » is said when no rule says better.
    A source comes with every answer: what nobody signs stays unknown.

    Returns
    -------
    states, sources, days
        Shape (n,) each; days are ISO, or as the row writes it, empty when unknown.
    """
    state = np.full(len(table), UNKNOWN, dtype=object)
    source = np.full(len(table), "", dtype=object)
    for rule in rules:
        said = FACTS[rule.column].source(table).to_numpy(dtype=object)
        found = np.where(said != "", rule.states(table), UNKNOWN)
        better = ((state == UNKNOWN) & (found != UNKNOWN)) | ((state == NOT_MET) & (found == MET))
        state[better], source[better] = found[better], said[better]
    return state, source, _days(source, table)


def _days(sources: npt.NDArray[Any], table: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Day of each source: the one it ends with, else the row's; empty without a source."""
    own = {text: written_day(str(text)) for text in set(sources)}
    if not any(own):
        return sources  # nothing is answered: criteria that only a declaration answers
    rows = _cells(table, "source_date")
    return np.array(
        ["" if not text else day.isoformat() if (day := own[text]) else row
         for text, row in zip(sources, rows, strict=True)],
        dtype=object,
    )
