"""The directory of a perimeter: the fullest list of suppliers known for it, and what it lacks."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from territory import provenance, store, suppliers
from territory.codes import COG_VINTAGE, departement_of
from territory.employers import communes_of, missing
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.register import Hole, Register, State
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import esus, siae
from territory.store import Store
from territory.suppliers import EXTRACT_SOURCES, Criteria, Selection, SupplierIndex
from territory.text import date, join, number, plural

Kind = Literal["extrait", "perimetre", "france"]

#: Table of the local store with the national list; followed by a département's code for its own.
NATIONAL: Final = provenance.BULK

#: What a bulk build calls the establishments whose commune is of another vintage.
NO_COMMUNE: Final = "sans commune actuelle"

#: Embedded tables that say where places and communes are.
_GROUND: Final = ("communes", "contours")

_building: Final = threading.Lock()

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

    Raises
    ------
    DataError
        The local store is damaged.
    """
    if perimeter is None:
        return extract()
    try:
        codes = communes_of(perimeter)
    except InvalidInputError:
        return extract()
    states = Register(settings.data_dir).states(codes)
    bulk = _bulk(settings.data_dir, codes)
    whole = not missing(codes, states)
    if bulk is not None and bulk.oldest is not None and not (
        whole and min(_day(s) for s in states.values()) >= bulk.oldest
    ):
        return bulk
    if states:
        return _asked(settings.data_dir, codes, states)
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
    parts = [name.removeprefix(before) for name in Store(settings.data_dir).tables()
             if name.startswith(before)]
    return _bulk_of(settings.data_dir, sorted(parts), ()) or extract()


def _day(state: State) -> dt.date:
    """Day of a list where this machine is."""
    return state.fetched.astimezone().date()


def _asked(folder: Path, codes: tuple[str, ...], states: dict[str, State]) -> Directory:
    stamp = "|".join(f"{c} {s.fetched.isoformat()}" for c, s in sorted(states.items()))
    digest = hashlib.sha256(f"{','.join(codes)}|{stamp}|{_lists(folder)}".encode()).hexdigest()[:16]
    # A cut list counts in the dates too: what it holds is of that day.
    days = [_day(state) for state in states.values()]
    asked = tuple((code, state.complete) for code, state in sorted(states.items()))
    index, content = _register_index(folder, codes, asked, digest)
    listed = TableVersion.of(provenance.ASKED, provenance.days(min(days), max(days)), content)
    return Directory(
        "perimetre", index, ("ess",), f"perimetre-{digest}",
        min(days), max(days), codes, tuple(missing(codes, states)),
        tuple(dict.fromkeys(h for s in states.values() for h in s.holes)),
        (listed, *_versions(folder, _joined(folder))),
    )


@functools.lru_cache(maxsize=16)
def _register_index(
    folder: Path, codes: tuple[str, ...], asked: tuple[tuple[str, bool], ...], digest: str
) -> tuple[SupplierIndex, str]:
    """Index and digest of what the register holds; ``digest`` changes when it does."""
    rows = Register(folder).read(codes)
    return SupplierIndex(_numbered(_listed(rows, folder))), store.rows_digest(rows, asked)


def _bulk(folder: Path, codes: Sequence[str]) -> Directory | None:
    """Return the national list, or those of all the départements of the communes."""
    return _bulk_of(folder, sorted({departement_of(code) for code in codes}), codes)


def _bulk_of(folder: Path, parts: Sequence[str], codes: Sequence[str]) -> Directory | None:
    """Return the national list, or those of all the départements named."""
    tables = Store(folder).tables()
    wanted = [NATIONAL]
    if NATIONAL in tables:
        parts = ()
    else:
        wanted = [f"{NATIONAL}_{code}" for code in parts]
    if not wanted or any(name not in tables for name in wanted):
        return None
    days = [dt.date.fromisoformat(tables[name]["recupere_le"]) for name in wanted]
    digest = _bulk_digest(folder, tables, wanted)
    return Directory(
        "france", _bulk_index(folder, tuple(wanted), digest), ("sirene",), f"france-{digest}",
        min(days), max(days), tuple(codes), holes=_bulk_holes([tables[name] for name in wanted]),
        tables=_versions(folder, [*wanted, *_joined(folder)]),
        departements=tuple(parts),
    )


def _bulk_holes(entries: Sequence[Mapping[str, Any]]) -> tuple[Hole, ...]:
    lost = sum(entry.get("comptes", {}).get(NO_COMMUNE, 0) for entry in entries)
    if not lost:
        return ()
    return (Hole("ecart", f"{plural(lost, 'établissement')} de France dans des communes que le COG "
                 f"{COG_VINTAGE} ne connaît pas, laissés de côté"),)


def _bulk_digest(folder: Path, tables: Mapping[str, Any], names: Sequence[str]) -> str:
    stamps = [str(tables[name]["sha256"]) for name in names]
    return hashlib.sha256(f"{'|'.join(stamps)}|{_lists(folder)}".encode()).hexdigest()[:16]


def prepare(settings: Settings) -> None:
    """Build the index of the national list, if there is one, before anybody waits for it.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    tables = Store(settings.data_dir).tables()
    if NATIONAL in tables:
        digest = _bulk_digest(settings.data_dir, tables, [NATIONAL])
        _bulk_index(settings.data_dir, (NATIONAL,), digest)


def _bulk_index(folder: Path, names: tuple[str, ...], digest: str) -> SupplierIndex:
    # Whoever comes while it is being built waits for that one: two would take twice the memory.
    with _building:
        return _built(folder, names, digest)


@functools.lru_cache(maxsize=2)
def _built(folder: Path, names: tuple[str, ...], digest: str) -> SupplierIndex:
    local = Store(folder)
    tables = [pd.DataFrame(local.read(name, ETABLISSEMENTS.names)) for name in names]
    index = SupplierIndex(_numbered(_listed(pd.concat(tables, ignore_index=True), folder)))
    _ = index.units
    return index


def _listed(table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Add what the lists of the local store say: SIAE, ESUS, declared trades."""
    local = Store(folder)
    known = local.tables()
    for name, source in (("siae", siae), ("esus", esus)):
        if name in known:
            day = dt.date.fromisoformat(known[name]["recupere_le"])
            table = source.join(table, local.read(name), day)
    return table


def _joined(folder: Path) -> list[str]:
    """Tables of the local store that say more of the structures of a list."""
    known = Store(folder).tables()
    return [name for name in ("siae", "esus") if name in known]


def _lists(folder: Path) -> str:
    known = Store(folder).tables()
    return "|".join(str(known[name]["sha256"]) for name in _joined(folder))


def _versions(folder: Path, names: Sequence[str]) -> tuple[TableVersion, ...]:
    """Versions of tables of the local store, and of those that say where places are."""
    return (*provenance.fetched(Store(folder), names), *provenance.embedded(*_GROUND))


@dataclass(frozen=True)
class Fetched:
    """What the local store holds of a source: rows, day, communes when it came one by one."""

    rows: int
    day: dt.date
    communes: int | None = None


def fetched(settings: Settings) -> dict[str, Fetched]:
    """Tell what the local store holds, by source id; absent sources are not in it."""
    held: dict[str, Fetched] = {}
    register = Register(settings.data_dir)
    states = register.states()
    if states:
        newest = max(_day(state) for state in states.values())
        held["ess"] = Fetched(register.count(), newest, len(states))
    for source, entries in _by_source(Store(settings.data_dir).tables()).items():
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
    folder = settings.data_dir
    found = [_listed(Register(folder).find(sirets), folder)]
    tables = Store(folder).tables()
    names = [NATIONAL] if NATIONAL in tables else [n for n in tables if n.startswith(NATIONAL)]
    if names:
        index = _bulk_index(folder, tuple(names), _bulk_digest(folder, tables, names))
        found.append(index.table[index.table["siret"].isin(sirets)][ETABLISSEMENTS.names])
    return pd.concat(found, ignore_index=True).drop_duplicates("siret")


def _numbered(table: pd.DataFrame) -> pd.DataFrame:
    return table.reset_index(drop=True).assign(id=range(len(table)))


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

    def nearest(self, count: int) -> pd.DataFrame:
        """First rows of :attr:`found`."""
        return self.selection.table(count) if self.merged is None else self.merged.head(count)

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
    mine = suppliers.search(perimeter, criteria, SupplierIndex(_numbered(own)))
    twice = found["siret"].isin(set(own["siret"]) - {""})
    both = pd.concat([found[~twice], mine], ignore_index=True)
    texts = both.select_dtypes(exclude="number").columns
    both[texts] = both[texts].fillna("")
    both = both.sort_values("distance_km", kind="stable", na_position="last", ignore_index=True)
    return Result(perimeter, criteria, directory, selection, len(mine), own, both)
