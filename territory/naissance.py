"""Where a PTCE could be born: intercommunalités ranked by what gathers there, and why.

The unit is the EPCI. A PTCE joins organisations that work together every day, so a commune is too
small and a département too wide; and of the poles whose place is known, all are known by a commune
or an EPCI. That an EPCI is a local authority is true of every one of them: said, never counted.

The score follows the criteria of the founding texts (several kinds of organisations, several
trades, training or research, shared premises). It is a plain mean of notes that are shown: nobody
has fixed weights. An unknown note is left out of the mean and bounds say what it could change.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from territory import communes, ingredients, territoires
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.ingredients import COMPONENTS, LEARNING
from territory.schemas import Column
from territory.text import NBSP, capital, first_of, join, number, plural, trimmed

#: Organisations a grouping needs: « at least 5 to 10 » (Labo de l'ESS, 2011, criterion 2).
ENOUGH: Final = 5

METHOD: Final = (
    "Le score est la moyenne simple des notes connues, de 0 à 100. Les trois premières (nombre "
    "d’organisations, de genres, de filières) sont le rang parmi les intercommunalités de la "
    "liste ; les deux autres (formation ou recherche, lieux partagés) valent 100 quand la liste en "
    "atteste, et ne peuvent donc guère que relever un score. Une note inconnue est laissée de "
    "côté, jamais comptée pour zéro : les deux bornes disent ce que vaudrait le score si elle "
    "était de 0 ou de 100."
)
AUTHORITY: Final = (
    "Un PTCE suppose le partenariat d’une collectivité : une intercommunalité en est toujours une, "
    "ce critère ne départage donc personne et n’est pas compté."
)

_LISTED: Final = 4


@dataclass(frozen=True, eq=False)
class Potential:
    """Ranked intercommunalités, and what the ranking rests on.

    Attributes
    ----------
    directory
        The list that was read.
    complete
        Whether that list claims to hold every ESS employer: only then may a silence mean « non ».
    table
        One row an EPCI of the list, columns of :func:`columns`, the best first.
    structures
        Rows of the list that were counted, as ESS or SIAE.
    unconfirmed
        Rows whose belonging is unknown, not counted.
    outside
        Rows in a commune of no EPCI, left out.
    """

    directory: Directory
    complete: bool
    table: pd.DataFrame
    structures: int
    unconfirmed: int
    outside: int

    def sentence(self) -> str:
        """Say in French what is ranked."""
        every = len(communes.units("epci"))
        return (
            f"Sont classées {number(len(self.table))} intercommunalités sur {number(every)}, "
            f"celles où la liste connaît au moins une structure de l’ESS ou de l’insertion "
            f"({plural(self.structures, 'structure')} en tout)."
        )

    def notes(self) -> list[str]:
        """Say in French what it rests on and what is not known, one sentence each."""
        said = []
        if self.directory.departements:
            said.append(
                "La liste lue ne couvre que ces départements : "
                f"{', '.join(self.directory.departements)}. Ce classement n’est pas celui de la "
                "France, et une intercommunalité à cheval sur un autre y est incomplète."
            )
        elif not self.complete:
            said.append(
                "La liste lue est un extrait : ce classement est celui de l’extrait, pas celui de "
                "la France ; une intercommunalité absente ou basse peut être la mieux pourvue."
            )
        said += [self.sentence(), self.directory.note(), METHOD, AUTHORITY]
        if self.unconfirmed:
            said.append(
                "L’appartenance à l’ESS est inconnue et n’est pas comptée pour "
                f"{plural(self.unconfirmed, 'structure')} de la liste."
            )
        for name in COMPONENTS:
            unknown = int(self.table[f"note_{name}"].isna().sum())
            if unknown:
                said.append(
                    f"{COMPONENTS[name]}{NBSP}: inconnu pour "
                    f"{plural(unknown, 'intercommunalité')} sur {number(len(self.table))}."
                )
        if self.outside:
            said.append(
                f"Hors de toute intercommunalité{NBSP}: {plural(self.outside, 'structure')}."
            )
        return said

    def first(self, count: int | None = None) -> pd.DataFrame:
        """Best rows among those known to hold :data:`ENOUGH` organisations."""
        enough = self.table[self.table["assez"] == "oui"]
        return enough if count is None else enough.head(count)


def of(directory: Directory, excluded: Iterable[int] = ()) -> Potential:
    """Rank the intercommunalités of a list.

    Parameters
    ----------
    directory
        What is read; see :func:`territory.directory.whole`.
    excluded
        Positions of rows to leave out, for a back-test.

    Returns
    -------
    Potential
        Equal scores are in the order of the codes.
    """
    complete = directory.kind == "france" and not directory.departements
    rows = directory.index.table
    if excluded := list(excluded):
        rows = rows.drop(index=rows.index[excluded])
    epci = ingredients.epci_of(rows["code_insee"])
    belongs = ingredients.counted(rows)
    table = ingredients.scored(ingredients.components(rows, epci, complete=complete))
    units = communes.units("epci").reindex(table.index)
    table = table.assign(nom=units["nom"], population=units["population"],
                         code_region=units["code_region"])
    people = table["population"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    table["densite"] = 10_000 * table["organisations"] / np.where(people > 0, people, np.nan)
    table["assez"] = np.where(
        table["organisations"] >= ENOUGH, "oui", "non" if complete else "inconnu"
    )
    table = table.sort_index().sort_values("score", ascending=False, kind="stable")
    table["rang"] = table["score"].rank(method="min", ascending=False).astype(int)
    table = table.round({str(name): 2 for name in table
                         if str(name).startswith(("note_", "score", "densite"))})
    table["raisons"] = [reason(row) for row in table.to_dict("records")]
    placed = epci.notna().to_numpy()
    return Potential(
        directory, complete, table.rename_axis("code").reset_index()[[c.name for c in columns()]],
        int((belongs & placed).sum()), int((ingredients.doubtful(rows) & placed).sum()),
        int((belongs & ~placed).sum()),
    )


def reason(row: dict[Any, Any]) -> str:
    """Say in one French sentence what a place holds and what is not known of it."""
    parts = [
        plural(int(row["organisations"]), "organisation de l’ESS ou de l’insertion",
               "organisations de l’ESS ou de l’insertion"),
    ]
    kinds, trades = row["genres"], row["filieres"]
    parts.append(
        "genres inconnus" if pd.isna(kinds) else
        f"{plural(int(kinds), 'genre')} ("
        f"{', '.join(k[:1].lower() + k[1:] for k in row['genres_noms'].split(', '))})"
    )
    parts.append(
        "filières inconnues" if pd.isna(trades) else
        f"{plural(int(trades), 'filière')} ({first_of(row['filieres_noms'].split(', '), _LISTED)})"
    )
    for name in ("formation", "lieux"):
        label = COMPONENTS[name].lower()
        value = row[name]
        parts.append(
            f"{label}{NBSP}: inconnu" if pd.isna(value) else
            f"{label}{NBSP}: d’après {row[f'{name}_noms']}" if value else
            f"{label}{NBSP}: aucune dans la liste"
        )
    return f"La liste y connaît {f'{NBSP}; '.join(parts)}."


def inside(found: Potential, code: str) -> pd.DataFrame:
    """Return the rows of a territory, best first, ranked as in the whole list.

    Parameters
    ----------
    code
        EPCI (SIREN), commune of one, département (``26``), région (``R84``) or ``FR``. An EPCI is
        of a territory as soon as one of its communes is.

    Raises
    ------
    InvalidInputError
        No such territory, one of no EPCI, or one of which the list knows nothing.
    """
    asked = territoires.of_code(code)
    wanted = set(communes.whole().loc[list(asked.codes), "code_epci"].dropna())
    if not wanted:
        msg = f"Ce territoire n’est dans aucune intercommunalité{NBSP}: {asked.name}."
        raise InvalidInputError(msg)
    rows: pd.DataFrame = found.table[found.table["code"].isin(wanted)]
    if rows.empty:
        msg = (
            f"La liste ne connaît aucune structure de l’ESS ici{NBSP}: {asked.name}. Le score est "
            "inconnu, pas nul."
        )
        raise InvalidInputError(msg)
    return rows


def verdict(row: pd.Series, found: Potential) -> str:
    """Say in French the score and the rank of a place, and how sure they are."""
    return capital(
        f"{row['nom']} a un score de {trimmed(row['score'])} sur 100 (entre "
        f"{trimmed(row['score_min'])} et {trimmed(row['score_max'])} selon ce qui est inconnu), "
        f"au rang {number(row['rang'])} sur {number(len(found.table))}."
    )


@functools.cache
def columns() -> tuple[Column, ...]:
    """Declare the columns of :attr:`Potential.table`."""
    three = "oui, non ou inconnu"
    return (
        Column("rang", "Rang", "entier", "Rang parmi les intercommunalités de la liste."),
        Column("code", "SIREN de l’EPCI"),
        Column("nom", "Intercommunalité"),
        Column("code_region", "Région", definition="Code ; vide quand l’EPCI est sur plusieurs."),
        Column("population", "Population", "entier"),
        Column("score", "Score", "nombre", METHOD),
        Column("score_min", "Score, borne basse", "nombre", "Les notes inconnues valant 0."),
        Column("score_max", "Score, borne haute", "nombre", "Les notes inconnues valant 100."),
        Column("notes_connues", "Notes connues", "entier", "Sur cinq."),
        Column("assez", f"Au moins {ENOUGH} organisations", definition=three),
        *(Column(f"note_{name}", f"Note : {label.lower()}", "nombre", "De 0 à 100 ; vide si "
                 "inconnue.") for name, label in COMPONENTS.items()),
        Column("organisations", COMPONENTS["organisations"], "entier",
               "SIREN distincts ; une ligne sans SIREN compte pour une."),
        Column("densite", "Organisations pour 10 000 habitants", "nombre"),
        Column("genres", COMPONENTS["genres"], "nombre", "Genres distincts connus."),
        Column("genres_noms", "Genres"),
        Column("filieres", COMPONENTS["filieres"], "nombre", "Filières distinctes connues."),
        Column("filieres_noms", "Filières"),
        Column("formation", COMPONENTS["formation"], "nombre", "1 attestée, 0 aucune dans une "
               f"liste complète, vide si inconnu (NAF {join(LEARNING)})."),
        Column("formation_noms", "Organismes de formation ou de recherche"),
        Column("lieux", COMPONENTS["lieux"], "nombre", "1 attestés par un nom ou une activité, "
               "vide si inconnu."),
        Column("lieux_noms", "Lieux partagés : noms"),
        Column("raisons", "Raisons"),
    )
