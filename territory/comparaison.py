"""Two to five territories side by side: one table of their portraits, a line a figure.

Portraits are joined on the id of their figures. A figure is set beside another of the same source
and vintage only: two counts of different lists say nothing of each other. Nothing is ranked, and
the sentences are those of the widest gaps between rates, by a rule that is said.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from territory import exclusion
from territory.errors import InvalidInputError
from territory.portrait import THEMES, Figure, Portrait
from territory.portrait.form import number_form, place_form
from territory.schemas import Column
from territory.territoires import Kind, Territoire
from territory.text import NBSP, join, number, plural

FORMAT: Final = "comparaison-territoires"
VERSION: Final = 1
#: Territories of a comparison.
FEWEST: Final = 2
MOST: Final = 5

#: Written in place of a value that comes from another list than the one it would be set beside.
OTHER_LIST: Final = "pas de la même liste"
#: Written where a figure of larger territories has no meaning: shares of the inhabitants of one
#: commune are all or nothing.
ONE_COMMUNE: Final = "sans objet (une commune)"

#: A gap is said from this ratio of the highest to the lowest…
_RATIO: Final = 1.25
#: … of figures none of which is lower, in their unit: three times next to nothing is nothing.
_FLOOR: Final = 1.0
_GAPS: Final = 2
#: Rates, by their unit or their id; ratios of counts, changes and indices have no meaning here.
_RATE_UNITS: Final = frozenset({"%", "min", "€", "pour 100 000"})
_RATES: Final = frozenset({"ess_pour_1000", "densite", "e2sfca"})
#: The density of counters is not compared under so many inhabitants, as its definition says.
_DENSITY: Final = "densite"
_DENSE_FROM: Final = 2_000
#: In Mayotte, housing aid follows other rules.
_AID: Final = "part_aides_logement_2022"

_EXTRACT: Final = "ess_extrait"

_NAMES: Final[dict[Kind, str]] = {
    "commune": "commune", "epci": "EPCI", "departement": "département", "region": "région",
    "france": "France", "perimetre": "périmètre",
}


@dataclass(frozen=True)
class Cell:
    """A figure of one territory.

    Attributes
    ----------
    value
        NaN when unknown or not comparable, infinite when there is none within reach.
    written
        As documents print it: the value, ``inconnu``, or why there is none.
    at_least
        The value is a lower bound.
    """

    value: float
    written: str
    at_least: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)


@dataclass(frozen=True)
class Row:
    """A figure of every territory.

    Attributes
    ----------
    figure
        Says the label, unit, definition, source, vintage and licence of the whole line; its value
        is that of one territory.
    cells
        In the order of the territories.
    """

    figure: Figure
    cells: tuple[Cell, ...]

    @property
    def known(self) -> bool:
        """Whether it is known of one territory at least."""
        return any(cell.known for cell in self.cells)


@dataclass(frozen=True)
class Gap:
    """The highest and the lowest of a rate known everywhere, as ranks of territories."""

    row: Row
    high: int
    low: int

    @property
    def ratio(self) -> float:
        """Highest over lowest."""
        return self.row.cells[self.high].value / self.row.cells[self.low].value


@dataclass(frozen=True, eq=False)
class Comparison:
    """Territories side by side.

    Attributes
    ----------
    portraits
        In the order they were asked.
    rows
        A line a figure, in the reading order of a portrait.
    """

    portraits: tuple[Portrait, ...]
    rows: tuple[Row, ...]

    @property
    def places(self) -> tuple[Territoire, ...]:
        """The territories."""
        return tuple(one.territoire for one in self.portraits)

    @property
    def title(self) -> str:
        """Name the territories."""
        return f"Comparaison{NBSP}: {join([one.label for one in self.places])}"

    @property
    def unknown(self) -> tuple[str, ...]:
        """Labels of the figures that are known of no territory."""
        return tuple(row.figure.label for row in self.rows if not row.known)

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Keys of ``catalog.SOURCES``, each once."""
        return tuple(dict.fromkeys(itertools.chain.from_iterable(
            one.source_ids for one in self.portraits)))

    def gaps(self) -> tuple[Gap, ...]:
        """Find the widest gap, then the widest of another theme.

        Only rates known of every territory count, with no lower bound among them.
        """
        found: list[Gap] = []
        wide = [gap for gap in map(self._gap, self.rows) if gap is not None]
        for gap in sorted(wide, key=lambda one: -one.ratio):
            if gap.row.figure.theme not in {one.row.figure.theme for one in found}:
                found.append(gap)
        return tuple(found[:_GAPS])

    def _gap(self, row: Row) -> Gap | None:
        if not self._compared(row):
            return None
        values = [cell.value for cell in row.cells]
        high, low = values.index(max(values)), values.index(min(values))
        if values[low] < _FLOOR or values[high] < _RATIO * values[low]:
            return None
        return Gap(row, high, low)

    def _compared(self, row: Row) -> bool:
        """Whether the ratio of two values of a line has a meaning."""
        figure = row.figure
        if figure.unit not in _RATE_UNITS and figure.id not in _RATES:
            return False
        if not all(math.isfinite(cell.value) and not cell.at_least for cell in row.cells):
            return False
        if figure.id == _AID and self._mahorais():
            return False
        people = [one.sheet.population or 0 for one in self.portraits]
        return figure.id != _DENSITY or min(people) >= _DENSE_FROM

    def _mahorais(self) -> list[str]:
        """Territories of Mayotte alone."""
        return [one.label for one in self.places if one.departements == (exclusion.MAYOTTE,)]

    def sentences(self) -> tuple[str, ...]:
        """Say the widest gaps in one or two plain French sentences."""
        found = self.gaps()
        if not found:
            if not any(self._compared(row) for row in self.rows):
                return ("Aucun taux n’est connu de tous ces territoires : aucun écart n’est dit.",)
            return (
                "Aucun des taux connus de tous ces territoires ne s’écarte d’un quart ou plus.",
            )
        starts = ("Le plus grand écart", "Le plus grand écart d’un autre thème")
        return tuple(
            f"{start}{NBSP}: {self._said(gap)}." for start, gap in zip(starts, found, strict=False)
        )

    def _said(self, gap: Gap) -> str:
        label = gap.row.figure.label
        # Acronyms keep their capitals.
        named = label if label[:2].isupper() else f"{label[:1].lower()}{label[1:]}"
        high, low = (
            f"{gap.row.cells[rank].written} pour {self.places[rank].label}"
            for rank in (gap.high, gap.low)
        )
        return f"{named}, {high} contre {low}, soit un rapport de{NBSP}{number(gap.ratio, 1)}"

    def notes(self) -> tuple[str, ...]:
        """Say in French how to read the table, one sentence each."""
        said = []
        kinds = list(dict.fromkeys(one.kind for one in self.places))
        if len(kinds) > 1:
            said.append(
                f"Échelons différents ({join([_NAMES[kind] for kind in kinds])})"
                f"{NBSP}: les parts et les taux se comparent, pas les nombres."
            )
        said += self._overlaps()
        lists = [row for row in self.rows if any(c.written == OTHER_LIST for c in row.cells)]
        if lists:
            said.append(
                f"Comptés dans des listes ou à des dates différentes, donc non comparés{NBSP}: "
                f"{plural(len(lists), 'chiffre')}, marqués «{NBSP}{OTHER_LIST}{NBSP}». La liste "
                "retenue est celle du premier territoire pour lequel le chiffre est connu."
            )
        if any(row.figure.id == _EXTRACT and row.known for row in self.rows):
            said.append(
                "Extrait de l’ESS : ses nombres ne disent rien du nombre réel de structures, ni "
                "d’un territoire à l’autre."
            )
        for name in self._mahorais():
            said.append(
                f"Aide au logement{NBSP}: elle suit d’autres règles à Mayotte, et n’est pas "
                f"comparée pour {name}."
            )
        said.append(
            "Écarts dits : les deux plus grands rapports du plus élevé au plus faible, de thèmes "
            f"différents, parmi les parts et les taux connus de tous, à partir de "
            f"{number(_RATIO, 2)} et sans valeur inférieure à 1. Un écart n’est pas un jugement."
        )
        return tuple(said)

    def _overlaps(self) -> list[str]:
        held, shared = [], []
        # That every other is in France goes without saying.
        bounded = [one for one in self.places if one.kind != "france"]
        for one, other in itertools.combinations(bounded, 2):
            small, large = sorted((one, other), key=lambda place: len(place.codes))
            common = len(set(small.codes) & set(large.codes))
            if common == len(small.codes):
                held.append(f"{small.label} dans {large.label}")
            elif common:
                shared.append(f"{one.label} et {other.label} ({plural(common, 'commune')})")
        said = []
        if held:
            said.append(f"Territoires que comptent aussi les chiffres d’un autre{NBSP}: "
                        f"{' ; '.join(held)}.")
        if shared:
            said.append(f"Territoires qui ont des communes en commun{NBSP}: {' ; '.join(shared)}.")
        return said

    def names(self) -> tuple[str, ...]:
        """Name a column for each territory: its code, ``perimetre`` for one's own."""
        return tuple(place.address or "perimetre" for place in self.places)

    def table(self) -> pd.DataFrame:
        """Everything as one table, for a file; see :meth:`columns`.

        A value is a number or nothing: ``remarques`` then says why.
        """
        rows = []
        for row in self.rows:
            one = row.figure
            told = [
                f"{place.label} : {cell.written}"
                for place, cell in zip(self.places, row.cells, strict=True)
                if not math.isfinite(cell.value)
            ]
            bounds = [
                place.label for place, cell in zip(self.places, row.cells, strict=True)
                if cell.at_least and cell.known
            ]
            values = [cell.value if math.isfinite(cell.value) else math.nan for cell in row.cells]
            rows.append({
                "theme": THEMES[one.theme], "indicateur": one.label, "unite": one.unit,
                **dict(zip(self.names(), values, strict=True)),
                "au_moins": " ; ".join(bounds), "remarques": " ; ".join(told),
                "definition": one.definition, "source": one.source, "millesime": one.vintage,
                "licence": one.licence,
            })
        return pd.DataFrame(rows)

    def columns(self) -> tuple[Column, ...]:
        """Declare the columns of :meth:`table`, for exports."""
        return (
            Column("theme", "Thème"), Column("indicateur", "Indicateur"), Column("unite", "Unité"),
            *(Column(name, place.label, "nombre", "Vide : voir les remarques.")
              for name, place in zip(self.names(), self.places, strict=True)),
            Column("au_moins", "Au moins", definition="Territoires dont la valeur est un minimum."),
            Column("remarques", "Remarques", definition="Pourquoi une valeur manque."),
            Column("definition", "Définition"), Column("source", "Source"),
            Column("millesime", "Millésime"), Column("licence", "Licence"),
        )

    def to_json(self) -> dict[str, Any]:
        """Write everything: no NaN, an unknown value is null and its text says why."""
        return {
            "format": FORMAT, "version": VERSION,
            "etabli_le": max(one.day for one in self.portraits).isoformat(),
            "territoires": [place_form(one) for one in self.places],
            "phrases": list(self.sentences()),
            "chiffres": [{
                "id": row.figure.id, "theme": THEMES[row.figure.theme],
                "libelle": row.figure.label, "unite": row.figure.unit,
                "valeurs": [{
                    "territoire": name, "valeur": number_form(cell.value), "ecrit": cell.written,
                    "au_moins": cell.at_least,
                } for name, cell in zip(self.names(), row.cells, strict=True)],
                "definition": row.figure.definition, "source": row.figure.source,
                "millesime": row.figure.vintage, "licence": row.figure.licence,
            } for row in self.rows],
            "remarques": list(self.notes()),
            "sources": list(dict.fromkeys(itertools.chain.from_iterable(
                one.sources() for one in self.portraits))),
        }


def check(places: Sequence[Territoire]) -> None:
    """Refuse territories that cannot be set side by side.

    Raises
    ------
    InvalidInputError
        Fewer than two, more than five, or two of the same communes.
    """
    if not FEWEST <= len(places) <= MOST:
        msg = f"Une comparaison réunit de deux à cinq territoires, pas {number(len(places))}."
        raise InvalidInputError(msg)
    for one, other in itertools.combinations(places, 2):
        if (one.kind, one.code, one.codes) == (other.kind, other.code, other.codes):
            raise InvalidInputError(f"Le territoire {one.label} est donné deux fois.")
        if set(one.codes) == set(other.codes):
            msg = f"Les mêmes communes forment {one.label} et {other.label} : rien à comparer."
            raise InvalidInputError(msg)
    if sum(one.kind == "perimetre" for one in places) > 1:
        raise InvalidInputError("Un seul périmètre peut entrer dans une comparaison.")


def compare(portraits: Sequence[Portrait]) -> Comparison:
    """Set two to five portraits side by side.

    Raises
    ------
    InvalidInputError
        See :func:`check`; or access to banks is not computed alike in all.
    """
    check([one.territoire for one in portraits])
    ways = {(one.measured.offer, one.measured.assumptions, one.measured.counters.year)
            for one in portraits}
    if len(ways) > 1:
        msg = "L’accès aux banques de ces portraits n’est pas calculé avec les mêmes réglages."
        raise InvalidInputError(msg)
    # A commune has fewer figures: the longest portrait gives the order.
    longest = max(portraits, key=lambda one: len(one.figures))
    order = dict.fromkeys(
        figure.id for one in (longest, *portraits) for figure in one.figures)
    held = [{figure.id: figure for figure in one.figures} for one in portraits]
    rows = tuple(_row([figures.get(id_) for figures in held]) for id_ in order)
    return Comparison(tuple(portraits), rows)


def _row(figures: Sequence[Figure | None]) -> Row:
    present = [one for one in figures if one is not None]
    leader = next((one for one in present if one.known), present[0])
    return Row(leader, tuple(_cell(one, leader) for one in figures))


def _cell(figure: Figure | None, leader: Figure) -> Cell:
    if figure is None:
        return Cell(math.nan, ONE_COMMUNE)
    if figure.known and (figure.source, figure.vintage) != (leader.source, leader.vintage):
        return Cell(math.nan, OTHER_LIST)
    return Cell(figure.value, figure.written, figure.at_least and figure.known)
