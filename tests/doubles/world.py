"""A known world of invented legal units and establishments, for the doubles and their tests.

Codes of communes are real, so that perimeters mean something; names, SIREN, SIRET, addresses and
sizes are invented and say so. The truth functions are written apart from the product's code.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from territory import communes, geo

#: Legal categories of the invented units and how often they come.
CATEGORIES = {"9220": 880, "9230": 8, "9221": 5, "9260": 6, "5458": 12, "5558": 4, "5560": 8,
              "5710": 30, "5499": 18, "6316": 5, "6411": 2, "8210": 5, "9300": 5, "6598": 4}
#: NAF rev. 2 code → its section, and how often it comes.
ACTIVITIES = {
    "94.99Z": ("S", 420), "88.99B": ("Q", 120), "93.12Z": ("R", 110), "90.01Z": ("R", 70),
    "85.59A": ("P", 50), "56.29A": ("I", 16), "56.10A": ("I", 14), "56.21Z": ("I", 6),
    "87.30A": ("Q", 25), "78.20Z": ("N", 12), "81.21Z": ("N", 14), "38.11Z": ("E", 8),
    "01.13Z": ("A", 12), "43.39Z": ("F", 10), "62.01Z": ("J", 9), "49.39A": ("H", 6),
    "47.11A": ("G", 10), "64.19Z": ("K", 9), "70.22Z": ("M", 8), "94.91Z": ("S", 15),
}
EMPLOYING_SIZES = ("01", "02", "03", "11", "12", "21", "22", "31", "32", "41", "42", "51", "52",
                   "53")


@dataclass
class Establishment:
    """One establishment as Sirene would know it."""

    siret: str
    siren: str
    commune: str
    postcode: str
    state: str
    employer: str | None
    size: str | None
    naf: str | None
    longitude: str | None
    latitude: str | None
    diffusion: str
    head_office: bool
    sign: str | None = None
    bio: bool = False
    rge: bool = False


@dataclass
class Unit:
    """One legal unit and its establishments."""

    siren: str
    name: str
    category: str
    naf: str | None
    section: str | None
    size: str | None
    state: str
    diffusion: str
    ess: bool
    siae: str | None = None
    sole_trader: bool = False
    establishments: list[Establishment] = field(default_factory=list)

    @property
    def open_count(self) -> int:
        """Open establishments of the unit."""
        return sum(1 for e in self.establishments if e.state == "A")


def luhn_key(digits: str) -> str:
    """Digit that makes the Luhn sum a multiple of ten when it is written after ``digits``."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - position % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


class World:
    """Invented units over real communes.

    Parameters
    ----------
    counts
        Commune or arrondissement code → ESS units with their head office there.
    seed
        Same seed, same world.
    networks
        Units of more than 100 establishments, spread over all the communes.
    """

    def __init__(self, counts: dict[str, int], seed: int = 1, networks: int = 4) -> None:
        self._draw = random.Random(seed)
        self._serial = 0
        self.units: list[Unit] = []
        self.codes = tuple(counts)
        for code, count in counts.items():
            for _ in range(count):
                self._unit(code)
        for rank in range(networks):
            self._network(rank)
        self._oddities()
        self.by_siren = {unit.siren: unit for unit in self.units}

    @classmethod
    def small(cls) -> World:
        """A few hundred units around Romans-sur-Isère, for quick tests."""
        codes = ("26281", "26057", "26088", "26218", "38095", "26165", "26002", "26252")
        return cls({code: 120 if code == "26281" else 25 for code in codes}, networks=2)

    @classmethod
    @functools.cache
    def large(cls) -> World:
        """Over 20 000 establishments around Romans-sur-Isère, one commune over 10 000 units."""
        table = communes.table()
        home = table.loc["26281"]
        whole = table[table["type"] == "COM"]
        distances = geo.distance_km(
            home["longitude"], home["latitude"], whole["longitude"], whole["latitude"]
        )
        near = whole[distances <= 32]
        counts = {
            str(code): max(1, round(float(population) / 55))
            for code, population in near["population"].items()
        }
        # Valence: no commune here would saturate the service by itself, so this one does.
        counts["26362"] = 13_500
        counts |= {"69381": 30, "69386": 25, "75101": 40, "75120": 30, "97411": 300,
                   "2A004": 120, "01004": 60}
        return cls(counts, seed=7)

    # ---- what the product should find -------------------------------------------------------

    def employers(self, codes: Iterable[str]) -> set[str]:
        """SIRET of the open employer establishments of ESS units in communes, that may be shown."""
        wanted = set(codes)
        return {
            e.siret
            for unit in self.units
            if unit.ess and unit.state == "A" and unit.diffusion == "O"
            and unit.category != "1000" and not unit.sole_trader
            for e in unit.establishments
            if e.commune in wanted and e.state == "A" and e.diffusion == "O"
            and (e.employer == "O" or e.size in EMPLOYING_SIZES)
        }

    def establishment(self, siret: str) -> Establishment:
        """Return one establishment."""
        unit = self.by_siren[siret[:9]]
        return next(e for e in unit.establishments if e.siret == siret)

    @functools.cached_property
    def slices(self) -> list[tuple[Unit, list[Establishment]]]:
        """Documents of the index: a unit is cut every 100 establishments."""
        return [
            (unit, unit.establishments[start : start + 100])
            for unit in self.units
            for start in range(0, max(1, len(unit.establishments)), 100)
        ]

    @functools.cached_property
    def slices_by_commune(self) -> dict[str, list[int]]:
        """Positions in :attr:`slices` of the documents with an establishment in a commune."""
        found: dict[str, list[int]] = {}
        for position, (_, establishments) in enumerate(self.slices):
            for code in {e.commune for e in establishments}:
                found.setdefault(code, []).append(position)
        return found

    # ---- making it --------------------------------------------------------------------------

    def _siren(self) -> str:
        self._serial += 1
        base = f"{30_000_000 + self._serial}"
        return base + luhn_key(base)

    def _unit(self, code: str, **fixed: object) -> Unit:
        draw = self._draw
        category = draw.choices(list(CATEGORIES), list(CATEGORIES.values()))[0]
        naf = draw.choices(list(ACTIVITIES), [w for _, w in ACTIVITIES.values()])[0]
        employs = draw.random() < 0.18
        size = draw.choice(EMPLOYING_SIZES[:7]) if employs else draw.choice(("NN", "NN", "00"))
        siren = self._siren()
        unit = Unit(
            siren, f"Structure fictive {self._serial:05d}", category, naf, ACTIVITIES[naf][0],
            size if draw.random() > 0.004 else None, "A", "O", True,
        )
        if draw.random() < 0.003:
            unit.naf = unit.section = None
        if draw.random() < 0.02:
            unit.siae = draw.choice(("ACI", "EI", "ACI, EI", "AI", "ETTI"))
        for name, value in fixed.items():
            setattr(unit, name, value)
        self.units.append(unit)
        self._establishment(unit, code, size, head_office=True)
        while draw.random() < 0.08:
            self._establishment(unit, draw.choice(self.codes), size)
        if draw.random() < 0.15:
            # A closed one, for every answer shows some.
            self._establishment(unit, code, None).state = "F"
        return unit

    def _establishment(
        self, unit: Unit, code: str, size: str | None, *, head_office: bool = False
    ) -> Establishment:
        draw = self._draw
        base = f"{unit.siren}{len(unit.establishments) + 1:04d}"
        home = communes.get(code)
        employs = size in EMPLOYING_SIZES
        # Sirene's two fields disagree now and then, and both may be blank.
        employer: str | None = "O" if employs else "N"
        chance = draw.random()
        if chance < 0.03:
            employer = "N" if employs else "O"
        elif chance < 0.05:
            employer, size = ("O", None) if employs else (None, None)
        placed = draw.random() > 0.06
        made = Establishment(
            base + luhn_key(base), unit.siren, code, (home.codes_postaux or ("00000",))[0], "A",
            employer, size, unit.naf,
            f"{home.longitude + draw.uniform(-0.015, 0.015):.7f}" if placed else None,
            f"{home.latitude + draw.uniform(-0.012, 0.012):.7f}" if placed else None,
            "O", head_office,
            sign=f"Enseigne fictive {self._serial}" if chance > 0.9 else None,
            bio=chance > 0.985, rge=0.97 < chance <= 0.985,
        )
        unit.establishments.append(made)
        return made

    def _network(self, rank: int) -> None:
        unit = self._unit(self.codes[0], name=f"Réseau fictif {rank}", size="41", ess=True,
                          naf="88.99B", section="Q")
        # Sorted by commune: only the communes at a cut are spread over two slices.
        for code in self.codes:
            for _ in range(1 + self._draw.randrange(3)):
                self._establishment(unit, code, "03")
        while len(unit.establishments) <= 130:
            self._establishment(unit, self.codes[-1], "03")

    def _oddities(self) -> None:
        """Units that must not come through, and names that would do harm."""
        code = self.codes[0]
        for _ in range(20):
            self._unit(code, ess=False)
        for fixed in (
            {"diffusion": "P", "name": "[NON-DIFFUSIBLE]", "size": "12"},
            {"category": "1000", "sole_trader": True, "name": "Personne Physique Fictive"},
            {"state": "C", "name": "Unité cessée fictive", "size": "11"},
        ):
            unit = self._unit(code, **fixed)
            unit.establishments[0].size = "11"
            unit.establishments[0].employer = "O"
        # A legal person that asked not to be shown, and whose name the service does not hide.
        hidden = self._unit(code, name="Réseau caché fictif", diffusion="P", size="41")
        while len(hidden.establishments) <= 105:
            self._establishment(hidden, code, "03")
        masked = self._unit(code, name="Établissement masqué fictif", size="11")
        masked.establishments[0].diffusion = "P"
        masked.establishments[0].size, masked.establishments[0].employer = "11", "O"
        for name in ("<script>alert(1)</script> fictif", '=HYPERLINK("http://exemple.invalid")',
                     "![x](http://exemple.invalid/x.png) fictif"):
            hostile = self._unit(code, name=name, size="11")
            hostile.establishments[0].size, hostile.establishments[0].employer = "11", "O"
