"""The sourcing note: what a buyer puts in the file of a purchase before the call for tenders.

Every number is counted from the tables it is given; nothing is estimated here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import catalog, charter, communes, directory, echelle, filieres, sensibilite
from territory.charter import UNKNOWN, Assessment, Charter, Declaration
from territory.directory import Result
from territory.echelle import Ladder, Need
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.sensibilite import Sensitivity
from territory.settings import Settings
from territory.suppliers import FAMILIES
from territory.text import NBSP, date, number, plural, unbreakable

#: Suppliers named in the note; the rest is counted, and is in the file of the search.
LISTED: Final = 60
#: Letters of a place in a title.
_TITLE: Final = 90
LEGAL: Final = (
    "Cette note sert à connaître l’offre avant une consultation (sourcing, article R. 2111-1 du "
    "code de la commande publique). La localisation n’est pas un critère d’attribution : le marché "
    "reste ouvert à tous, et les opérateurs rencontrés ne doivent pas en tirer d’avantage."
)


@dataclass(frozen=True, eq=False)
class Note:
    """A sourcing note, part by part.

    Attributes
    ----------
    title, day
        Heading and date.
    need
        French sentences: where, what, in which list.
    found
        French sentences: counts.
    suppliers
        ``nom``, ``commune``, ``distance``, ``famille``, ``filiere``, written for a reader; at
        most :data:`LISTED`.
    more
        Suppliers found and not listed.
    criteria
        ``axe``, ``connus``, ``atteints``: for each axis of the charter, the suppliers of whom
        something is known, and those who meet all that is known; of how many.
    unknown
        French sentences: what was not found, and what is not known.
    context
        French sentences: ladder and edge.
    sources
        One sentence a source, with its vintage and licence.
    """

    title: str
    day: dt.date
    need: tuple[str, ...]
    found: tuple[str, ...]
    suppliers: pd.DataFrame
    more: int
    criteria: pd.DataFrame
    unknown: tuple[str, ...]
    context: tuple[str, ...]
    sources: tuple[str, ...]

    def markdown(self) -> str:
        """Write it as Markdown; texts of the tables cannot leave their cell."""
        lines = [f"# {self.title}", "", f"Note du {date(self.day)}.", ""]
        for heading, sentences in (("Besoin", self.need), ("Ce qui a été trouvé", self.found)):
            lines += [f"## {heading}", "", *(f"- {_text(one)}" for one in sentences), ""]
        lines += _table(self.suppliers, ("Nom", "Commune", "Distance", "Famille", "Filière"))
        if self.more:
            lines += ["", f"Et {plural(self.more, 'autre')}, dans le fichier de la recherche."]
        lines += ["", "## Ce que dit la charte", ""]
        lines += _table(self.criteria, ("Axe", "Fournisseurs dont on sait quelque chose",
                                        "Dont tout ce qui est connu est atteint"))
        for heading, sentences in (
            ("Ce qui n’a pas été trouvé, ou n’est pas connu", self.unknown),
            ("Regarder plus près, ou plus loin", self.context), ("Sources", self.sources),
            ("Rappel", (LEGAL,)),
        ):
            lines += ["", f"## {heading}", "", *(f"- {_text(one)}" for one in sentences)]
        return "\n".join(lines) + "\n"


def of(
    result: Result, chosen: Charter, declared: tuple[Declaration, ...], wanted: int, day: dt.date,
    settings: Settings,
) -> Note:
    """Write the note of a search, and look closer and farther for it.

    Parameters
    ----------
    result
        The search.
    chosen, declared
        Charter and evidence entered by hand.
    wanted
        Suppliers looked for, 1 to 1 000: what the ladder climbs for.
    day
        Of the note.
    settings
        The local store, where the list is known beyond the perimeter.

    Raises
    ------
    InvalidInputError
        ``wanted`` is out of bounds.
    """
    return write(
        result, charter.assess(result.found, chosen, declared), _ladder(result, wanted),
        _edge(result, settings), day,
    )


def _ladder(result: Result, wanted: int) -> Ladder | None:
    """Ladder from the commune of the centre; None when no commune is."""
    need = Need(result.criteria, wanted)
    home = echelle.origin(result.perimeter)
    if home is None:
        return None
    return echelle.climb(communes.get(home), need, result.directory.index)


def _edge(result: Result, settings: Settings) -> Sensitivity | None:
    try:
        _, outer_km = sensibilite.radii(result.perimeter, sensibilite.MARGIN_PERCENT)
        # The list must be known as far as those who would enter.
        wide = directory.of(result.perimeter.with_radius(outer_km), settings)
        return sensibilite.measure(result.perimeter, result.criteria, wide.index)
    except InvalidInputError:
        return None  # Several centres, or a margin that leads out of the radii that exist.


def write(
    result: Result, assessed: Assessment, ladder: Ladder | None, edge: Sensitivity | None,
    day: dt.date,
) -> Note:
    """Write the note of a search.

    Parameters
    ----------
    result
        The search.
    assessed
        What the charter says of the suppliers found, in their order.
    ladder, edge
        What they say of the same need, None when they do not apply.
    """
    found = result.found
    context = [*([ladder.sentence()] if ladder is not None else []),
               *([edge.sentence()] if edge is not None else [])]
    return Note(
        title=f"Note de sourcing : fournisseurs de l’ESS {_place(result.perimeter)}",
        day=day,
        need=_need(result), found=_found(found), suppliers=_listed(found.head(LISTED)),
        more=max(0, len(found) - LISTED), criteria=_criteria(assessed),
        unknown=_unknown(result, assessed), context=tuple(context),
        sources=tuple(
            f"{one.attribution}. Millésime : {one.vintage}. Licence : {one.licence}."
            for one in (catalog.SOURCES[s] for s in (*result.source_ids, "communes"))
        ),
    )


def _place(perimeter: Perimeter) -> str:
    """Say where in a title: the need says it whole."""
    if (disc := perimeter.disc) is not None:
        return f"autour de {disc.center_label.removeprefix('mairie de ')}"
    sentence = perimeter.sentence()
    return sentence if len(sentence) <= _TITLE else "dans un périmètre composé"


def _need(result: Result) -> tuple[str, ...]:
    where = result.perimeter.sentence()
    asked = result.criteria.sentence()
    return (
        f"Périmètre : {where}.",
        f"Filtres : {asked}." if asked else "Filtres : aucun.",
        result.directory.sentence(),
    )


def _found(found: pd.DataFrame) -> tuple[str, ...]:
    if found.empty:
        return ("Aucune structure n’a été trouvée.",)
    families = found["famille_ess"].value_counts()
    named = " ; ".join(f"{FAMILIES[str(family)]} : {number(count)}"
                       for family, count in families.items())
    insertion = int((found["est_siae"] == "oui").sum())
    delivers = int((found["dessert_le_centre"] == "oui").sum())
    return (
        f"{plural(len(found), 'structure trouvée', 'structures trouvées')}.",
        f"Par famille : {named}.",
        f"Structures d’insertion connues comme telles : {number(insertion)}.",
        f"Structures qui disent desservir le centre : {number(delivers)}.",
    )


def _listed(found: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({
        "nom": found["nom"],
        "commune": found["commune"],
        "distance": [
            "inconnue" if pd.isna(km) else f"{number(km, 1)}{NBSP}km"
            for km in found["distance_km"]
        ],
        "famille": found["famille_ess"].map(FAMILIES),
        "filiere": [
            "inconnue" if trade in {"", filieres.UNKNOWN} else trade for trade in found["filiere"]
        ],
    }).reset_index(drop=True)


def _criteria(assessed: Assessment) -> pd.DataFrame:
    rows = []
    for axis in assessed.charter.axes:
        marks = assessed.marks[assessed.marks["axe"] == axis.id]
        rows.append({
            "axe": axis.label,
            "connus": f"{int(marks['note'].notna().sum())} sur {len(marks)}",
            "atteints": str(int((marks["note"] == 1).sum())),
        })
    return pd.DataFrame(rows)


def _unknown(result: Result, assessed: Assessment) -> tuple[str, ...]:
    found = result.found
    said = []
    if found.empty:
        said.append("Aucune structure ne répond à ces filtres dans ce périmètre.")
    trades = int((found["filiere_origine"] == "inconnue").sum())
    if trades:
        said.append(f"Filière inconnue : {plural(trades, 'structure')}.")
    reach = int((found["dessert_le_centre"] == "inconnu").sum())
    if reach:
        said.append(f"Portée de livraison inconnue : {plural(reach, 'structure')}.")
    rough = int((found["precision_geo"] == "commune").sum())
    if rough:
        said.append(f"Lieu connu à la commune près : {plural(rough, 'structure')}.")
    silent = [
        criterion.label for criterion in assessed.charter.criteria
        if (states := assessed.answers.loc[assessed.answers["critere"] == criterion.id, "etat"]
            ).size and (states == UNKNOWN).all()
    ]
    if silent:
        said.append(f"Critères dont rien n’est connu pour personne : {', '.join(silent)}.")
    return (*said, *result.directory.gaps(), result.directory.note())


def _table(rows: pd.DataFrame, heads: tuple[str, ...]) -> list[str]:
    if rows.empty:
        return ["Rien à montrer."]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows.to_numpy())]


def _cell(text: object) -> str:
    line = _one_line(str(text))
    for mark in "\\`*_{}[]<>|#!":
        line = line.replace(mark, f"\\{mark}")
    return line


def _text(sentence: str) -> str:
    return unbreakable(_one_line(sentence)).replace("<", "\\<").replace("[", "\\[")


def _one_line(text: str) -> str:
    # Not str.split: it would take the no-break spaces of numbers for blanks.
    return re.sub(r"[ \t\r\n\v\f\x85\u2028\u2029]+", " ", text).strip()

