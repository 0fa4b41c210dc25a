"""The directory of a perimeter: the fullest list of suppliers known for it, and what it lacks."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from territory import national_list, provenance, register, store, suppliers
from territory.codes import COG_VINTAGE, departement_of
from territory.employers import communes_of, missing
from territory.errors import InvalidInputError
from territory.national_list import NATIONAL
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.register import Hole, State
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.suppliers import EXTRACT_SOURCES, Criteria, Selection, SupplierIndex
from territory.text import date, join, number, plural

Kind = Literal["extrait", "perimetre", "france"]

#: What a bulk build calls the establishments whose commune is of another vintage.
NO_COMMUNE: Final = "sans commune actuelle"

#: Embedded tables that say where places and communes are.
_GROUND: Final = ("communes", "contours")

#: Networks named in a sentence.
_NAMED: Final = 5

_READING: Final = (
    "Une filière « présumée » ne vient que du code NAF ; « inconnu » ne veut pas dire « non »."
)
EXTRACT_NOTE: Final = (
    "Extrait embarqué de quelques centaines de structures : une absence ne veut rien dire, et "
    "l’existence actuelle des structures n’est pas vérifiée. « inconnu » ne veut pas dire « non »."
)


@dataclass(frozen=True, eq=False)
class Directory:
    """A list to search, and what to say of it.

    Attributes
    ----------
    kind
        ``extrait``: the embedded extract; ``perimetre``: communes asked one by one; ``france``:
        the bulk list of France or of départements.
    index
        What is searched.
    source_ids
        Keys of ``catalog.SOURCES``.
    key
        Changes with the content.
    oldest, newest
        Days the list was fetched, None for the extract.
    communes
        Communes of the perimeter.
    missing
        Those of them never fetched to the end.
    holes
        What a service did not give, each once.
    tables
        Versions of all the tables a search in it rests on.
    departements
        Codes of those a bulk list is made of; empty when it is of all France.
    """

    kind: Kind
    index: SupplierIndex
    source_ids: tuple[str, ...]
    key: str
    oldest: dt.date | None = None
    newest: dt.date | None = None
    communes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    holes: tuple[Hole, ...] = ()
    tables: tuple[TableVersion, ...] = ()
    departements: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Say in French what was searched, and of when."""
        if self.oldest is None or self.newest is None:
            return "Extrait embarqué : une absence ne veut rien dire."
        days = (
            f"le {date(self.newest)}" if self.oldest == self.newest
            else f"entre le {date(self.oldest)} et le {date(self.newest)}"
        )
        if self.kind == "france":
            return f"Établissements employeurs de l’ESS, base Sirene récupérée {days}."
        return (
            f"Établissements employeurs de l’ESS, API Recherche d’entreprises interrogée {days}."
        )

    def gaps(self) -> list[str]:
        """Say in French, one sentence each, what may be missing; empty when nothing is known."""
        said = []
        if self.missing:
            said.append(
                f"Liste incomplète : {plural(len(self.missing), 'commune')} sur "
                f"{len(self.communes)} sans réponse entière."
            )
        networks = sorted({hole.detail for hole in self.holes if hole.kind == "reseau"})
        if networks:
            named = networks[:_NAMED] + (["d’autres"] if len(networks) > _NAMED else [])
            said.append(
                "Réseaux de plus de 100 établissements, dont le service peut omettre une partie "
                f"({number(len(networks))}) : {join(named)}."
            )
        others = sorted({h.detail for h in self.holes if h.kind in {"plafond", "ecart", "vide"}})
        said += [f"{detail[:1].upper()}{detail[1:]}." for detail in others]
        return said

    def note(self) -> str:
        """Say everything at once, for the files that leave."""
        if self.kind == "extrait":
            return EXTRACT_NOTE
        return " ".join([self.sentence(), *self.gaps(), _READING])


def extract() -> Directory:
    """Return the embedded extract."""
    return Directory(
        "extrait", suppliers.embedded(), EXTRACT_SOURCES, f"extrait-{store.version()}",
        tables=provenance.embedded("ess_structures", *_GROUND),
    )


def of(perimeter: Perimeter | None, settings: Settings) -> Directory:
    """Choose the fullest list known for a perimeter.

    The communes asked one by one, when all were; else the bulk list; else what was asked of them;
    else the embedded extract. Of two whole lists, the one whose oldest part is the more recent.
    Without a perimeter, the national list if there is one, else the extract.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    if perimeter is None:
        return _bulk(settings, ()) or extract()
    try:
        codes = communes_of(perimeter)
    except InvalidInputError:
        return extract()
    states = register.of(settings).states(codes)
    bulk = _bulk(settings, codes)
    whole = not missing(codes, states)
    if bulk is not None and bulk.oldest is not None and not (
        whole and min(_day(s) for s in states.values()) >= bulk.oldest
    ):
        return bulk
    if states:
        return _asked(settings, codes, states)
    return extract()


def whole(settings: Settings) -> Directory:
    """Return the widest list known: the national one, else those of départements, else the extract.

    Communes asked one by one are not in it: they are those of somebody's perimeter, and change.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    before = f"{NATIONAL}_"
    parts = sorted(name.removeprefix(before) for name in store.of(settings).tables()
                   if name.startswith(before))
    return _bulk_of(settings, tuple(parts), ()) or extract()


def _day(state: State) -> dt.date:
    """Day of a list where this machine is."""
    return state.fetched.astimezone().date()


def _asked(settings: Settings, codes: tuple[str, ...], states: dict[str, State]) -> Directory:
    stamp = "|".join(f"{c} {s.fetched.isoformat()}" for c, s in sorted(states.items()))
    known = store.of(settings).tables()
    made_of = f"{','.join(codes)}|{stamp}|{national_list.lists(known)}"
    digest = hashlib.sha256(made_of.encode()).hexdigest()[:16]
    # A cut list counts in the dates too: what it holds is of that day.
    days = [_day(state) for state in states.values()]
    asked = tuple((code, state.complete) for code, state in sorted(states.items()))
    index, content = _register_index(settings, codes, asked, digest)
    listed = TableVersion.of(provenance.ASKED, provenance.days(min(days), max(days)), content)
    return Directory(
        "perimetre", index, ("ess",), f"perimetre-{digest}",
        min(days), max(days), codes, tuple(missing(codes, states)),
        tuple(dict.fromkeys(h for s in states.values() for h in s.holes)),
        (listed, *_versions(settings, national_list.joined(known))),
    )


@functools.lru_cache(maxsize=16)
def _register_index(
    settings: Settings, codes: tuple[str, ...], asked: tuple[tuple[str, bool], ...], digest: str
) -> tuple[SupplierIndex, str]:
    """Index and digest of what the register holds; ``digest`` changes when it does."""
    rows = register.of(settings).read(codes)
    table = national_list.completed(rows, settings, store.of(settings).tables())
    return SupplierIndex(national_list.numbered(table)), store.rows_digest(rows, asked)


def _bulk(settings: Settings, codes: Sequence[str]) -> Directory | None:
    """Return the national list, or those of all the départements of the communes."""
    return _bulk_of(settings, tuple(sorted({departement_of(code) for code in codes})), codes)


def _bulk_of(
    settings: Settings, parts: tuple[str, ...], codes: Sequence[str]
) -> Directory | None:
    """Return the national list, or those of all the départements named."""
    tables = store.of(settings).tables()
    parts = () if NATIONAL in tables else parts
    wanted = national_list.names(parts)
    if any(name not in tables for name in wanted):
        return None
    days = [dt.date.fromisoformat(tables[name]["recupere_le"]) for name in wanted]
    digest = national_list.digest(tables, wanted)
    return Directory(
        "france", national_list.index(settings, wanted, digest), ("sirene",),
        "-".join(["france", *parts, digest]).lower(),
        min(days), max(days), tuple(codes), holes=_bulk_holes([tables[name] for name in wanted]),
        tables=_versions(settings, [*wanted, *national_list.joined(tables)]),
        departements=parts,
    )


def _bulk_holes(entries: Sequence[Mapping[str, Any]]) -> tuple[Hole, ...]:
    lost = sum(entry.get("comptes", {}).get(NO_COMMUNE, 0) for entry in entries)
    if not lost:
        return ()
    return (Hole("ecart", f"{plural(lost, 'établissement')} de France dans des communes que le COG "
                 f"{COG_VINTAGE} ne connaît pas, laissés de côté"),)


def _versions(settings: Settings, names: Sequence[str]) -> tuple[TableVersion, ...]:
    """Versions of tables of the local store, and of those that say where places are."""
    return (*provenance.fetched(store.of(settings), names), *provenance.embedded(*_GROUND))


@dataclass(frozen=True)
class Fetched:
    """What the local store holds of a source: rows, day, communes when it came one by one."""

    rows: int
    day: dt.date
    communes: int | None = None


def fetched(settings: Settings) -> dict[str, Fetched]:
    """Tell what the local store holds, by source id; absent sources are not in it."""
    held: dict[str, Fetched] = {}
    asked = register.of(settings)
    states = asked.states()
    if states:
        newest = max(_day(state) for state in states.values())
        held["ess"] = Fetched(asked.count(), newest, len(states))
    for source, entries in _by_source(store.of(settings).tables()).items():
        days = [dt.date.fromisoformat(entry["recupere_le"]) for entry in entries]
        held[source] = Fetched(sum(entry["lignes"] for entry in entries), min(days))
    return held


def _by_source(tables: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Manifest entries by source: the national list says more than those of départements."""
    found: dict[str, list[Any]] = {}
    for name, entry in tables.items():
        if name.startswith(NATIONAL):
            if name == NATIONAL or NATIONAL not in tables:
                found.setdefault("sirene", []).append(entry)
        else:
            found.setdefault(str(entry.get("source") or name), []).append(entry)
    return found


def known_sirets(sirets: Sequence[str], settings: Settings) -> pd.DataFrame:
    """Find establishments of the local store by SIRET, columns of ``schemas.ETABLISSEMENTS``.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    tables = store.of(settings).tables()
    found = [national_list.completed(register.of(settings).find(sirets), settings, tables)]
    whole = (NATIONAL,) if NATIONAL in tables else ()
    names = whole or tuple(name for name in tables if name.startswith(NATIONAL))
    if names:
        listed = national_list.index(settings, names, national_list.digest(tables, names)).table
        found.append(listed[listed["siret"].isin(sirets)][ETABLISSEMENTS.names])
    return pd.concat(found, ignore_index=True).drop_duplicates("siret")


@dataclass(frozen=True, eq=False)
class Result:
    """A search that was made.

    Attributes
    ----------
    perimeter, criteria
        What was asked.
    directory
        What was searched.
    selection
        Suppliers of the directory.
    own
        How many suppliers come from the person's own file.
    brought
        That file's rows, None without one.
    merged
        Suppliers of both together, None without a file.
    """

    perimeter: Perimeter
    criteria: Criteria
    directory: Directory
    selection: Selection
    own: int = 0
    brought: pd.DataFrame | None = None
    merged: pd.DataFrame | None = None

    @property
    def count(self) -> int:
        """Suppliers found."""
        return len(self.selection if self.merged is None else self.merged)

    @property
    def found(self) -> pd.DataFrame:
        """Suppliers, see :func:`territory.suppliers.search`; written out anew at each reading."""
        return self.selection.table() if self.merged is None else self.merged

    @property
    def columns(self) -> list[str]:
        """Columns of :attr:`found`."""
        return self.selection.columns if self.merged is None else [str(c) for c in self.merged]

    def nearest(self, count: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """First rows of :attr:`found`, all the columns or some of them."""
        if self.merged is None:
            return self.selection.table(count, columns)
        return self.merged.head(count)[list(columns or self.columns)]

    def column(self, name: str) -> pd.Series:
        """One column of the directory for all of :attr:`found`, cheaper than the whole table."""
        return self.selection.column(name) if self.merged is None else self.merged[name]

    @property
    def tables(self) -> tuple[TableVersion, ...]:
        """Versions of the tables the search rests on, the person's own file among them."""
        if self.brought is None:
            return self.directory.tables
        own = TableVersion.of(provenance.IMPORTED, "", store.rows_digest(self.brought))
        return (*self.directory.tables, own)

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Keys of ``catalog.SOURCES`` of the suppliers, and of what drew the perimeter."""
        return (*self.directory.source_ids, *self.perimeter.source_ids)

    @property
    def unknown_trades(self) -> int:
        """Suppliers of the perimeter found without any known trade."""
        return int((self.column("filiere_origine") == "inconnue").sum())

    def sentence(self) -> str:
        """Say the result in French: count, perimeter, criteria."""
        return suppliers.sentence(self.count, self.perimeter, self.criteria)

    def note(self) -> str:
        """Say what was searched and what it lacks, for the files that leave."""
        own = plural(self.own, "fournisseur vient", "fournisseurs viennent")
        told = [self.directory.note(), *([f"{own} d’un fichier importé."] if self.own else []),
                *self.perimeter.notes()]
        return " ".join(told)


def search(
    perimeter: Perimeter,
    criteria: Criteria,
    directory: Directory,
    own: pd.DataFrame | None = None,
) -> Result:
    """Search a directory, and a person's own suppliers with it.

    Parameters
    ----------
    perimeter, criteria, directory
        Where, which, in what.
    own
        Rows of ``schemas.ETABLISSEMENTS`` the person brought; a SIRET of theirs hides the
        directory's row.
    """
    selection = suppliers.select(perimeter, criteria, directory.index)
    if own is None or own.empty:
        return Result(perimeter, criteria, directory, selection)
    found = selection.table()
    mine = suppliers.search(perimeter, criteria, SupplierIndex(national_list.numbered(own)))
    twice = found["siret"].isin(set(own["siret"]) - {""})
    both = pd.concat([found[~twice], mine], ignore_index=True)
    texts = both.select_dtypes(exclude="number").columns
    both[texts] = both[texts].fillna("")
    both = both.sort_values("distance_km", kind="stable", na_position="last", ignore_index=True)
    return Result(perimeter, criteria, directory, selection, len(mine), own, both)
