"""The subsidiarity ladder: how far one must look before a need is met.

From the commune to France, each rung keeps all that the rungs below had and says what it adds.
The buyer's order is that of the founding texts of the circuit court: the nearby perimeter first,
then the next one, and no rung skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from territory import communes, effectifs, filieres
from territory.codes import commune_of
from territory.communes import Commune
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter, check_radius
from territory.suppliers import Criteria, SupplierIndex
from territory.text import NBSP, capital, join, number, plural, trimmed

Kind = Literal["commune", "epci", "distance", "departement", "region", "france"]

#: Kilometres of the rungs between the EPCI and the département.
STEPS_KM: Final = (10.0, 20.0, 30.0, 50.0)
MAX_STEPS: Final = 20
MAX_COUNT: Final = 1_000

METHOD: Final = (
    "Chaque échelon garde ce que les précédents ont trouvé et dit ce qu’il ajoute : le département "
    "garde donc les structures d’un département voisin trouvées par un pas de distance. Les "
    "distances sont à vol d’oiseau, depuis le point de référence de la commune, qui est comprise "
    "en entier."
)


@dataclass(frozen=True)
class Need:
    """What a buyer looks for.

    Attributes
    ----------
    criteria
        Trades, families, statuses.
    count
        Suppliers wanted, 1 to 1 000.
    min_size
        Fewest employees of a supplier; None asks nothing.
    """

    criteria: Criteria
    count: int
    min_size: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            msg = f"Le nombre de fournisseurs doit être compris entre 1 et {number(MAX_COUNT)}."
            raise InvalidInputError(msg)
        if self.min_size is not None and self.min_size < 1:
            msg = "L’effectif minimal doit valoir au moins 1 salarié."
            raise InvalidInputError(msg)

    def sentence(self) -> str:
        """Say the need in French."""
        asked = self.criteria.sentence()
        size = (
            "" if self.min_size is None
            else f" d’au moins {plural(self.min_size, 'salarié')}"
        )
        wanted = plural(self.count, "fournisseur cherché", "fournisseurs cherchés")
        return f"Besoin{NBSP}: {wanted}{size}{f' ({asked})' if asked else ''}."


@dataclass(frozen=True)
class Rung:
    """One rung, the rungs below included.

    Attributes
    ----------
    kind, code
        What it is; ``code`` is that of the unit, kilometres for a distance, empty otherwise.
    label
        Short, with its article: ``l’EPCI``, ``les 10 km``.
    name
        Of the unit; empty for a distance, France and a commune without EPCI.
    count
        Suppliers known to meet the need, up to this rung.
    added
        Those of them that the rung below did not have.
    here
        Suppliers known to meet the need inside the rung itself, the rungs below left out.
    unknown, added_unknown
        The same as ``count`` and ``added`` for suppliers whose size does not answer.
    untraded
        Structures up to this rung without any known trade: they may meet the need or not.
    """

    kind: Kind
    code: str
    label: str
    name: str
    count: int
    added: int
    here: int
    unknown: int = 0
    added_unknown: int = 0
    untraded: int = 0

    @property
    def plural_label(self) -> bool:
        """Whether a verb after the label is plural."""
        return self.kind == "distance"


@dataclass(frozen=True, eq=False)
class Ladder:
    """A need looked for from the commune to France.

    Attributes
    ----------
    origin, need
        Where, what.
    rungs
        From the commune to France.
    source
        Table the structures are rows of; shared, must not be changed.
    rows, ranks, sizes, distances
        Those that meet the need or whose size does not answer, by rung then distance, shape (n,):
        positions in ``source``, position of the first rung that has each, ``oui`` or ``inconnu``
        to the size asked, kilometres (NaN without coordinates).
    """

    origin: Commune
    need: Need
    rungs: tuple[Rung, ...]
    source: pd.DataFrame
    rows: np.ndarray
    ranks: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray

    @property
    def suppliers(self) -> pd.DataFrame:
        """The structures, written out anew at each reading: they may be all those of France.

        Columns of ``schemas.STRUCTURES`` or ``ETABLISSEMENTS``, then ``rang_echelon``,
        ``echelon``, ``taille_suffisante`` and ``distance_km`` (3 decimals).
        """
        return self._written(slice(None))

    @property
    def sufficient(self) -> Rung | None:
        """First rung with enough suppliers known to meet the need."""
        return next((r for r in self.rungs if r.count >= self.need.count), None)

    @property
    def possible(self) -> Rung | None:
        """First rung with enough suppliers if every unknown size were large enough."""
        return next((r for r in self.rungs if r.count + r.unknown >= self.need.count), None)

    def added(self, rung: Rung) -> pd.DataFrame:
        """Suppliers that a rung adds to the one below, the nearest first."""
        return self._written(self._of(rung))

    def names(self, rung: Rung) -> list[str]:
        """Names of the suppliers that a rung adds, the nearest first."""
        return self.source["nom"].take(self.rows[self._of(rung)]).to_list()

    def _of(self, rung: Rung) -> slice:
        """Where the suppliers that a rung adds are: the ranks are sorted."""
        rank = self.rungs.index(rung)
        first, last = np.searchsorted(self.ranks, [rank, rank + 1])
        return slice(int(first), int(last))

    def _written(self, part: slice) -> pd.DataFrame:
        labels = np.array([rung.label for rung in self.rungs], dtype=object)
        found = self.source.iloc[self.rows[part]].assign(
            rang_echelon=self.ranks[part],
            echelon=labels[self.ranks[part]],
            taille_suffisante=self.sizes[part],
            distance_km=np.round(self.distances[part], 3),
        )
        return found.set_axis(pd.RangeIndex(len(self.rows))[part], axis=0)

    def sentence(self) -> str:
        """Say in French which rung suffices, and how far those below were."""
        wanted = self.need.count
        enough = self.sufficient
        if enough is None:
            top = self.rungs[-1]
            found = plural(top.count, "fournisseur trouvé", "fournisseurs trouvés")
            if top.count == 0:
                found = "aucun fournisseur trouvé"
            apart = f"{NBSP}; {number(top.unknown)} d’effectif inconnu" if top.unknown else ""
            return (
                f"Aucun échelon ne suffit{NBSP}: {found} jusqu’à la France entière, pour "
                f"{number(wanted)} à trouver{apart}."
            )
        verb = "suffisent" if enough.plural_label else "suffit"
        answer = f"{enough.label} {verb} avec {number(enough.count)}"
        below = self.rungs[: self.rungs.index(enough)]
        if not below:
            asked = plural(wanted, "fournisseur demandé", "fournisseurs demandés")
            return f"{capital(answer)} pour {asked}."
        short = [f"({number(rung.count)} sur {number(wanted)})" for rung in below]
        if len(below) == 1:
            only = "suffisent" if below[0].plural_label else "suffit"
            fails = f"{below[0].label} ne {only} pas {short[0]}"
        else:
            named = [f"{rung.label} {so}" for rung, so in zip(below, short, strict=True)]
            fails = f"{join(named)} ne suffisent pas"
        return f"{capital(fails)}{NBSP}; {answer}."

    def notes(self) -> list[str]:
        """Say in French what is counted apart, one sentence each."""
        said = []
        last = self.sufficient or self.rungs[-1]
        if last.unknown:
            one = last.unknown == 1
            said.append(
                f"Comptées à part, faute d’effectif qui réponde{NBSP}: "
                f"{plural(last.unknown, 'structure')} jusqu’à cet échelon, qui "
                f"{'peut' if one else 'peuvent'} convenir ou non."
            )
        may = self.possible
        if may is not None and may != self.sufficient:
            verb = "suffiraient" if may.plural_label else "suffirait"
            said.append(f"Si les effectifs inconnus convenaient, {may.label} {verb}.")
        if last.untraded:
            said.append(
                f"Sans filière connue jusqu’à cet échelon{NBSP}: "
                f"{plural(last.untraded, 'structure')}, qui ne sont pas comptées."
                if last.untraded > 1 else
                f"Sans filière connue jusqu’à cet échelon{NBSP}: une structure, qui n’est pas "
                "comptée."
            )
        if self.origin.code_epci is None:
            said.append(f"{self.origin.nom} n’appartient à aucun EPCI.")
        return [*said, METHOD]

    def table(self) -> pd.DataFrame:
        """One row a rung, for files."""
        return pd.DataFrame(
            {
                "rang_echelon": rank, "type_echelon": r.kind, "code": r.code, "echelon": r.label,
                "nom": r.name,
                "trouves": r.count, "ajoutes": r.added, "dans_echelon": r.here,
                "taille_inconnue": r.unknown, "taille_inconnue_ajoutes": r.added_unknown,
                "filiere_inconnue": r.untraded, "suffit": r.count >= self.need.count,
                "noms_ajoutes": " ; ".join(self.names(r)),
            }
            for rank, r in enumerate(self.rungs)
        )


def origin(perimeter: Perimeter) -> str | None:
    """Code of the commune a ladder starts from: that of the first disc centred in one.

    Without any disc, the only commune of the perimeter if it is one; None when nothing says it.
    """
    if perimeter.discs:
        return next((code for d in perimeter.discs if (code := d.home_code) is not None), None)
    return perimeter.centers[0].code_commune


def limits(listed: Directory) -> list[str]:
    """Say in French which rungs a list does not cover whole, besides what it says of itself."""
    said = ""
    if listed.kind == "perimetre":
        said = "La liste vient des communes interrogées"
    elif listed.departements:
        names = communes.units("departement")["nom"].reindex(list(listed.departements))
        said = f"La liste ne couvre que des départements ({', '.join(names)})"
    if not said:
        return []
    return [f"{said}{NBSP}: au-delà, les échelons ne comptent que ce qu’elle en contient."]


def check_steps(steps: Sequence[object]) -> tuple[float, ...]:
    """Return distance rungs in kilometres, growing, each once.

    Raises
    ------
    InvalidInputError
        One is no radius, or there are more than 20.
    """
    if len(steps) > MAX_STEPS:
        msg = f"L’échelle a au plus {MAX_STEPS} pas de distance."
        raise InvalidInputError(msg)
    return tuple(sorted({check_radius(step) for step in steps}))


def climb(
    origin: Commune, need: Need, index: SupplierIndex, steps: Sequence[object] = STEPS_KM
) -> Ladder:
    """Look for a need rung by rung, from a commune to France.

    Parameters
    ----------
    origin
        Commune of the buyer; the whole of Paris, Lyon or Marseille for an arrondissement.
    need
        What is looked for.
    index
        Structures searched.
    steps
        Kilometres of the distance rungs, geodesic (WGS 84) from the commune's reference point.

    Raises
    ------
    InvalidInputError
        A step is no radius.
    """
    radii = check_steps(steps)
    table = index.table
    fits = need.criteria.mask(table)
    size = np.full(len(table), "oui", dtype=object)
    if need.min_size is not None:
        size = effectifs.at_least(table["tranche_effectif"], need.min_size)
    candidates = np.flatnonzero(fits & (size != "non"))
    # A structure without a known trade says nothing of the need: it is counted, apart.
    untraded = np.zeros(0, dtype=int)
    if need.criteria.filieres and filieres.UNKNOWN not in need.criteria.filieres:
        blind = replace(need.criteria, filieres=(filieres.UNKNOWN,))
        untraded = np.flatnonzero(blind.mask(table) & (size != "non"))

    first, inside, distance = _placed(origin, index, candidates, radii)
    first_untraded, _, _ = _placed(origin, index, untraded, radii)
    known = size[candidates] == "oui"
    names = _names(origin, radii)
    rungs = []
    for rank, (kind, code, label, name) in enumerate(names):
        rungs.append(Rung(
            kind, code, label, name,
            count=int((known & (first <= rank)).sum()),
            added=int((known & (first == rank)).sum()),
            here=int((known & inside[rank]).sum()),
            unknown=int((~known & (first <= rank)).sum()),
            added_unknown=int((~known & (first == rank)).sum()),
            untraded=int((first_untraded <= rank).sum()),
        ))
    order = np.lexsort((distance, first))  # NaN sorts last within its rung
    return Ladder(
        origin, need, tuple(rungs), table, candidates[order], first[order],
        size[candidates][order], distance[order],
    )


def _names(origin: Commune, radii: tuple[float, ...]) -> list[tuple[Kind, str, str, str]]:
    """Kind, code, French label and name of the rungs, from the smallest."""
    home = communes.table().loc[commune_of(origin.code_insee)]
    return [
        ("commune", str(home["code_insee"]), "la commune", str(home["nom"])),
        ("epci", origin.code_epci or "", "l’EPCI", origin.nom_epci or ""),
        *(("distance", trimmed(km, 3), f"les {trimmed(km, 3)}{NBSP}km", "") for km in radii),
        ("departement", origin.code_departement, "le département", origin.nom_departement),
        ("region", str(home["code_region"]), "la région", origin.nom_region),
        ("france", "", "la France", ""),
    ]


def _placed(
    origin: Commune, index: SupplierIndex, rows: np.ndarray, radii: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First rung of each structure, shape (n,); rungs that hold it, (rungs, n); km, (n,)."""
    distance = index.distances_km(origin.longitude, origin.latitude)[rows]
    home = communes.table().loc[commune_of(origin.code_insee)]
    ranks, units = index.units
    wanted = {
        "commune": home["code_insee"], "code_epci": home["code_epci"],
        "code_departement": origin.code_departement, "code_region": home["code_region"],
    }
    # Compared once a commune. Outside any EPCI that rung adds nobody: a missing code equals none.
    commune, epci, departement, region = (
        units[name].eq(code).to_numpy(dtype=bool)[ranks[rows]] if pd.notna(code)
        else np.zeros(len(rows), dtype=bool)
        for name, code in wanted.items()
    )
    inside = np.array([
        commune,
        epci,
        *((distance <= km) | commune for km in radii),
        departement,
        region,
        np.ones(len(rows), dtype=bool),
    ])
    return inside.argmax(axis=0), inside, distance
