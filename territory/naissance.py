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
from typing import Any, Final, cast

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from territory import communes, filieres
from territory.codes import commune_of
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.schemas import Column
from territory.suppliers import FAMILIES
from territory.text import NBSP, capital, excerpt, first_of, join, number, plural, trimmed

#: Organisations a grouping needs: « at least 5 to 10 » (Labo de l'ESS, 2011, criterion 2).
ENOUGH: Final = 5
#: Higher education, continuing training, research and development (NAF rév. 2).
LEARNING: Final = ("72", "85.42", "85.59")
#: Words of a name or an activity that attest shared premises.
PREMISES: Final = (
    r"tiers[- ]lieu|coworking|pépinière d.entreprises|couveuse d.|incubateur"
    r"|h[oô]tel d.(?:entreprises|activités)"
)

#: Kind → French noun; the families of the law, then two qualities any of them may have.
KINDS: Final[dict[str, str]] = {
    **{name: FAMILIES[name] for name in ("association", "cooperative", "mutuelle", "fondation",
                                         "societe_commerciale_ess")},
    "siae": "Structure d’insertion (SIAE)",
    "esus": "Entreprise agréée ESUS",
}

#: Component → what its note is, in French.
COMPONENTS: Final[dict[str, str]] = {
    "organisations": "Nombre d’organisations de l’ESS ou de l’insertion",
    "genres": "Nombre de genres d’organisations",
    "filieres": "Nombre de filières",
    "formation": "Formation ou recherche",
    "lieux": "Lieux partagés",
}

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

_NAMED: Final = 3
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
        if not self.complete:
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
    epci = epci_of(rows["code_insee"])
    belongs = counted(rows)
    table = scored(components(rows, epci, complete=complete))
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
        int((belongs & placed).sum()), int((doubtful(rows) & placed).sum()),
        int((belongs & ~placed).sum()),
    )


def counted(rows: pd.DataFrame) -> np.ndarray:
    """Boolean array, shape (n,): the structures known to be of the ESS, SIAE or ESUS."""
    known = [(rows[name] == "oui").to_numpy() for name in ("est_ess", "est_siae", "est_esus")]
    return cast("np.ndarray", np.logical_or.reduce(known))


def doubtful(rows: pd.DataFrame) -> np.ndarray:
    """Boolean array, shape (n,): the structures of which nothing says whether they belong."""
    return ~counted(rows) & (rows["est_ess"] == "inconnu").to_numpy()


def epci_of(codes: pd.Series) -> pd.Series:
    """EPCI of commune codes, same index; missing where there is none."""
    known = communes.table()["code_epci"].astype(object)
    whole = codes.map({code: commune_of(code) for code in codes.dropna().unique()})
    return whole.map(known).astype(object)


def components(rows: pd.DataFrame, epci: pd.Series, *, complete: bool) -> pd.DataFrame:
    """Count what gathers in each EPCI.

    Parameters
    ----------
    rows
        Columns of ``schemas.STRUCTURES`` read here: ``siren``, ``nom``, ``naf``, ``filiere``,
        ``famille_ess``, ``est_ess``, ``est_siae``, ``est_esus``, and ``activite`` if it is there.
    epci
        EPCI of each row, same index; rows without one are left out.
    complete
        Whether the silence of the list on training or research means that there is none.

    Returns
    -------
    pandas.DataFrame
        Indexed by EPCI with at least one structure counted: ``organisations`` (distinct SIREN,
        each row without one standing for itself), ``genres`` and ``filieres`` (distinct known
        ones; NaN when none is known), ``formation`` and ``lieux`` (1, 0 or NaN), and the names
        behind each, as texts. ``genres`` and ``filieres`` are at least so many: what is unknown
        of a structure is not in them.
    """
    kept = counted(rows) & epci.notna().to_numpy()
    rows, unit = rows[kept], epci[kept]
    own = pd.Series([f"ligne {i}" for i in range(len(rows))], index=rows.index)
    siren = rows["siren"].fillna("").astype(object)
    table = pd.DataFrame({"organisations": siren.where(siren != "", own).groupby(unit).nunique()})
    for name, pairs in (("genres", _kinds(rows)), ("filieres", _trades(rows))):
        named = pairs.groupby(unit.reindex(pairs.index)).agg(lambda one: sorted(set(one)))
        table[name] = named.map(len).reindex(table.index).astype(float)
        table[f"{name}_noms"] = named.map(", ".join).reindex(table.index).fillna("")
    naf = rows["naf"].fillna("").astype(object)
    learns = naf.str.startswith(LEARNING)
    silent = (naf == "").groupby(unit).any() if complete else pd.Series(True, index=table.index)
    table = table.join(_attested(rows["nom"], learns, unit, "formation", silent))
    said = rows["nom"].fillna("")
    if "activite" in rows:
        said = said + " " + rows["activite"].fillna("")
    shared = said.str.contains(PREMISES, case=False, regex=True)
    # No list here is one of premises: its silence never means that there are none.
    always = pd.Series(True, index=table.index)
    return table.join(_attested(rows["nom"], shared, unit, "lieux", always))


def _kinds(rows: pd.DataFrame) -> pd.Series:
    family = rows["famille_ess"].map(KINDS)
    siae = (rows["est_siae"] == "oui").map({True: KINDS["siae"]})
    esus = (rows["est_esus"] == "oui").map({True: KINDS["esus"]})
    return pd.concat([family, siae, esus]).dropna()


def _trades(rows: pd.DataFrame) -> pd.Series:
    trades = rows["filiere"].fillna("").map(filieres.split).explode().dropna()
    return trades[~trades.isin([filieres.UNKNOWN, filieres.OUT_OF_FIELD, ""])]


def _attested(
    names: pd.Series, found: pd.Series, unit: pd.Series, name: str, silent: pd.Series
) -> pd.DataFrame:
    """Write 1 where something is attested, NaN where silence says nothing, else 0; and names."""
    found = found.astype(bool)
    any_found = found.groupby(unit).any().astype(float)
    named = names[found].groupby(unit[found]).agg(
        lambda one: first_of(sorted(set(one)), _NAMED)
    )
    return pd.DataFrame({
        name: any_found.mask((any_found == 0) & silent.reindex(any_found.index)),
        f"{name}_noms": named.reindex(any_found.index).fillna(""),
    })


def scored(found: pd.DataFrame) -> pd.DataFrame:
    """Give notes from 0 to 100 and their mean.

    The note of a count is its mid-rank among the places where it is known,
    ``100 × (B + T / 2) / n`` with B places below and T equal (itself among them); that of an
    attestation is 0 or 100. ``score`` is the mean of the known notes; ``score_min`` and
    ``score_max`` put 0 and 100 in place of the unknown ones.

    Parameters
    ----------
    found
        See :func:`components`.
    """
    notes = pd.DataFrame({
        **{name: _mid_rank(found[name]) for name in ("organisations", "genres", "filieres")},
        **{name: 100 * found[name].astype(float) for name in ("formation", "lieux")},
    })
    return found.assign(
        **{f"note_{name}": notes[name] for name in COMPONENTS},
        notes_connues=notes.notna().sum(axis=1),
        score=notes.mean(axis=1),
        score_min=notes.fillna(0).mean(axis=1),
        score_max=notes.fillna(100).mean(axis=1),
    )


def _mid_rank(values: pd.Series) -> pd.Series:
    known = values.dropna()
    ranks = (rankdata(known) - 0.5) / max(len(known), 1)
    return pd.Series(100 * ranks, index=known.index).reindex(values.index)


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


def place(found: Potential, code: str) -> pd.Series:
    """Return the row of an EPCI, named by its SIREN or by one of its communes.

    Raises
    ------
    InvalidInputError
        No such place, a commune of no EPCI, or an EPCI of which the list knows nothing.
    """
    units = communes.units("epci")
    epci = code
    if code not in units.index:
        home = communes.get(code)
        if home.code_epci is None:
            raise InvalidInputError(f"{home.label} n’est dans aucune intercommunalité.")
        epci = home.code_epci
    rows = found.table[found.table["code"] == epci]
    if rows.empty:
        msg = (
            f"La liste ne connaît aucune structure de l’ESS dans l’intercommunalité "
            f"« {excerpt(units.loc[epci, 'nom'])} »{NBSP}: son score est inconnu, pas nul."
        )
        raise InvalidInputError(msg)
    return rows.iloc[0]


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
