"""The ladder against brute force: nearest k, and sets of communes."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod

from territory import communes as commune_module
from territory import echelle
from territory.codes import ARRONDISSEMENTS
from territory.directory import Directory
from territory.echelle import STEPS_KM, Need, climb
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.suppliers import Criteria, SupplierIndex
from territory.text import NBSP
from tests.territory.french import is_french_sentence
from tests.territory.offre import index
from tests.territory.test_suppliers import fake_structures

WGS84 = Geod(ellps="WGS84")
ROMANS = commune_module.get("26281")
NEEDS = 1_000
SEED = 20_261_128
KINDS = ["commune", "epci", *["distance"] * 4, "departement", "region", "france"]


def ladder(rows: list[dict[str, object]], count: int = 1, **options: object) -> echelle.Ladder:
    need = Need(Criteria(("Restauration",)), count, options.pop("min_size", None))  # type: ignore[arg-type]
    return climb(options.pop("origin", ROMANS), need, index(*rows), **options)  # type: ignore[arg-type]


# One supplier a rung: Romans; Valence (same EPCI, 16 km); 4, 15, 25 and 45 km in other EPCI;
# Nyons, Drôme, some 80 km; Aurillac, same région; Paris.
ONE_EACH: list[dict[str, object]] = [
    {"code_insee": "75056"}, {"code_insee": "15014"}, {"code_insee": "26220"},
    {"code_insee": "38185", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude + 0.40},
    {"code_insee": "38185", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude + 0.23},
    {"code_insee": "38185", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude + 0.14},
    {"code_insee": "38185", "longitude": ROMANS.longitude, "latitude": ROMANS.latitude + 0.04},
    {"code_insee": "26362"}, {"code_insee": "26281"},
]


def test_each_rung_adds_the_one_drawn_for_it_and_none_is_skipped() -> None:
    found = ladder(ONE_EACH, 9)
    assert [rung.kind for rung in found.rungs] == KINDS
    assert [rung.count for rung in found.rungs] == list(range(1, 10))
    assert [rung.added for rung in found.rungs] == [1] * 9
    assert [list(found.added(rung)["nom"]) for rung in found.rungs] == [
        [f"S{n}"] for n in range(8, -1, -1)
    ]
    assert found.sufficient is found.rungs[-1]


def test_the_sentence_of_the_issue() -> None:
    rows = [{}] + [{"code_insee": "26362"}] * 3
    said = ladder(rows, 3).sentence()
    assert said == f"La commune ne suffit pas (1 sur 3){NBSP}; l’EPCI suffit avec 4."


@pytest.mark.parametrize("count", [1, 2, 3, 4, 9, 10, 1000])
@pytest.mark.parametrize("size", [None, 10])
def test_every_sentence_is_french(count: int, size: int | None) -> None:
    sized = [{**row, "tranche_effectif": ("12", "")[n % 2]} for n, row in enumerate(ONE_EACH)]
    found = ladder([*sized, {"filiere": "inconnue"}], count, min_size=size)
    for text in (found.sentence(), found.need.sentence(), *found.notes()):
        assert is_french_sentence(text), text


AT_SEA = Perimeter.around_point(4.5, 43.2, 10)
IN_VALENCE = Perimeter.around_point(4.89, 44.93, 10)
DROME = Perimeter.of_units("26")


@pytest.mark.parametrize(
    ("perimeter", "code"),
    [
        (Perimeter.around_commune(ROMANS, 10), "26281"),
        (Perimeter((*AT_SEA.discs, *IN_VALENCE.discs)), "26362"),
        (DROME - IN_VALENCE, None), (IN_VALENCE - DROME, "26362"), (AT_SEA, None), (DROME, None),
        (AT_SEA | Perimeter.of_units("26281"), None), (Perimeter.of_units("26281"), "26281"),
    ],
)
def test_a_ladder_starts_from_the_first_disc_that_has_a_commune(
    perimeter: Perimeter, code: str | None
) -> None:
    assert echelle.origin(perimeter) == code


def test_what_a_list_does_not_cover_is_said_once_for_all() -> None:
    supply = index({})
    whole = [Directory(kind, supply, (), "k") for kind in ("extrait", "france")]
    assert [echelle.limits(listed) for listed in whole] == [[], []]
    (asked,) = echelle.limits(Directory("perimetre", supply, (), "k"))
    (parts,) = echelle.limits(Directory("france", supply, (), "k", departements=("26", "2A")))
    assert asked.startswith("La liste vient des communes interrogées")
    assert "(Drôme, Corse-du-Sud)" in parts
    assert is_french_sentence(asked)
    assert is_french_sentence(parts)


def test_nothing_anywhere_is_said() -> None:
    found = ladder([{"filiere": "Numérique"}])
    assert found.sufficient is None
    assert found.possible is None
    assert "aucun fournisseur" in found.sentence()
    assert found.suppliers.empty
    empty = climb(ROMANS, Need(Criteria(), 1), SupplierIndex(index({}).table.iloc[:0]))
    assert [rung.count for rung in empty.rungs] == [0] * 9


def test_unknown_sizes_are_counted_apart_and_never_as_too_small() -> None:
    rows = [{"tranche_effectif": code} for code in ("21", "12", "", "NN", "11", "00")]
    rows.append({"code_insee": "26362", "tranche_effectif": "21"})
    found = ladder(rows, 2, min_size=30)
    commune, epci = found.rungs[:2]
    # 50 to 99 is enough; 20 to 49, blank and « NN » do not answer; 10 to 19 and 0 are too small.
    assert (commune.count, commune.unknown) == (1, 3)
    assert (epci.count, epci.added, epci.unknown, epci.added_unknown) == (2, 1, 3, 0)
    assert found.sufficient is epci
    assert found.possible is commune
    assert set(found.suppliers["nom"]) == {"S0", "S1", "S2", "S3", "S6"}
    assert any("la commune suffirait" in note for note in found.notes())


def test_unknown_trades_are_counted_apart() -> None:
    found = ladder([{}, {"filiere": "inconnue", "filiere_origine": "inconnue"}])
    assert (found.rungs[0].count, found.rungs[0].untraded) == (1, 1)


def test_a_commune_without_epci_keeps_its_rung_and_says_so() -> None:
    found = ladder([{"code_insee": "22016"}, {"code_insee": "29155"}], 1,
                   origin=commune_module.get("22016"))
    assert [rung.kind for rung in found.rungs] == KINDS
    assert (found.rungs[1].added, found.rungs[1].here, found.rungs[1].code) == (0, 0, "")
    assert any("aucun EPCI" in note for note in found.notes())


def test_an_arrondissement_climbs_from_its_whole_commune() -> None:
    found = ladder([{"code_insee": "75101"}, {"code_insee": "75056"}], 1,
                   origin=commune_module.get("75120"))
    assert found.rungs[0].name == "Paris"
    assert found.rungs[0].count == 2


def test_a_supplier_without_coordinates_is_found_by_its_units() -> None:
    found = ladder([{"code_insee": "26220", "longitude": np.nan, "latitude": np.nan}])
    assert [r.kind for r in found.rungs if r.added] == ["departement"]
    assert found.suppliers["distance_km"].isna().all()


def test_own_steps_are_sorted_once_each_and_checked() -> None:
    assert echelle.check_steps(["20", 5, "5 km"]) == (5.0, 20.0)
    assert len(ladder([{}], steps=()).rungs) == 5
    for wrong in (["0"], ["x"], [301], range(1, 22)):
        with pytest.raises(InvalidInputError) as fault:
            echelle.check_steps(list(wrong))
        assert is_french_sentence(fault.value.user_message)


@pytest.mark.parametrize(("count", "size"), [(0, None), (1001, None), (1, 0)])
def test_impossible_needs_are_refused(count: int, size: int | None) -> None:
    with pytest.raises(InvalidInputError) as fault:
        Need(Criteria(), count, size)
    assert is_french_sentence(fault.value.user_message)


# --- Oracles ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(communes: pd.DataFrame) -> SupplierIndex:
    """2 000 invented places, half of them around the Rhône valley; some without coordinates."""
    rng = np.random.default_rng(SEED)
    near = communes[communes["code_departement"].isin(["26", "07", "38"])]
    home = pd.concat([communes.sample(1_000, random_state=SEED),
                      near.sample(1_000, random_state=SEED, replace=True)])
    lons = home["longitude"].to_numpy() + 0.05 * rng.uniform(-1, 1, len(home))
    lats = home["latitude"].to_numpy() + 0.05 * rng.uniform(-1, 1, len(home))
    lats[rng.random(len(home)) < 0.02] = np.nan
    table = fake_structures(home["code_insee"].to_numpy(), lons, lats)
    bands = ["", "NN", "01", "03", "11", "12", "21"]
    return SupplierIndex(table.assign(tranche_effectif=rng.choice(bands, len(home))))


@pytest.fixture(scope="module")
def origins(communes: pd.DataFrame) -> list[str]:
    near = communes[communes["code_departement"].isin(["26", "07", "38"])]
    special = ["75120", "69123", "22016", "2A004", "97411", "97608"]
    return [*special, *near.sample(NEEDS // 2, random_state=1).index,
            *communes.sample(NEEDS // 2 - len(special), random_state=2).index]


def measured(table: pd.DataFrame, origin: commune_module.Commune) -> np.ndarray:
    lons, lats = (table[c].to_numpy(dtype=float) for c in ("longitude", "latitude"))
    km = np.full(len(table), np.inf)
    placed = np.isfinite(lons) & np.isfinite(lats)
    n = int(placed.sum())
    km[placed] = np.asarray(WGS84.inv(
        np.full(n, origin.longitude), np.full(n, origin.latitude), lons[placed], lats[placed]
    )[2]) / 1000
    return km


@functools.cache
def codes_of(kind: str) -> dict[str, set[str]]:
    """Unit → codes of its communes, arrondissements included, read row by row."""
    table = commune_module.table()
    units: dict[str, set[str]] = {}
    for code, unit in zip(table.index, table[f"code_{kind}"], strict=True):
        if isinstance(unit, str):
            units.setdefault(unit, set()).add(code)
    return units


@pytest.mark.slow
def test_the_ladder_equals_nearest_k_and_set_logic_on_a_thousand_needs(
    crowd: SupplierIndex, origins: list[str]
) -> None:
    rng = np.random.default_rng(SEED)
    table = crowd.table
    outcomes = []
    for code in origins:
        origin = commune_module.get(code)
        trade = ("Restauration", "Numérique")[rng.integers(2)]
        need = Need(Criteria((trade,)), int(rng.integers(1, 30)),
                    int(rng.integers(1, 60)) if rng.random() < 0.3 else None)
        found = climb(origin, need, crowd)
        home = origin.code_insee
        city = next((c for c, arms in ARRONDISSEMENTS.items() if home in arms), home)
        units = [{city, *ARRONDISSEMENTS.get(city, ())},
                 codes_of("epci").get(origin.code_epci or "", set()),
                 codes_of("departement")[origin.code_departement],
                 codes_of("region")[commune_module.table().loc[home, "code_region"]]]

        kept = table[table["filiere"] == trade]
        if need.min_size is not None:
            # Bands whose lowest figure reaches the threshold.
            lowest = {"01": 1, "03": 6, "11": 10, "12": 20, "21": 50}
            kept = kept[kept["tranche_effectif"].map(lowest).fillna(0) >= need.min_size]
        km = measured(kept, origin)
        of = [np.array([one in unit for one in kept["code_insee"]], dtype=bool) for unit in units]
        # How far one must go for each: nowhere inside commune and EPCI, then kilometres.
        effort = np.where(of[0], -2.0, np.where(of[1], -1.0, km))
        far = effort > STEPS_KM[-1]
        effort[far] = np.where(of[2], 1e6, np.where(of[3], 1e7, 1e8))[far]
        bounds = [-2.0, -1.0, *STEPS_KM, 1e6, 1e7, 1e8]
        nearest = np.sort(effort)
        expected = None
        if len(nearest) >= need.count:
            expected = next(r for r, b in enumerate(bounds) if nearest[need.count - 1] <= b)
        rank = None if found.sufficient is None else found.rungs.index(found.sufficient)
        assert rank == expected
        assert [r.count for r in found.rungs] == [int((effort <= b).sum()) for b in bounds]
        here = [of[0], of[1], *((km <= s) | of[0] for s in STEPS_KM), of[2], of[3],
                np.ones(len(kept), dtype=bool)]
        assert [r.here for r in found.rungs] == [int(h.sum()) for h in here]
        # A rung never loses what a lower one had.
        assert [r.added for r in found.rungs] == list(
            np.diff([0, *(r.count for r in found.rungs)])
        )
        outcomes.append(rank)
    assert len(outcomes) == NEEDS
    # The comparison says nothing if the same rung always answers.
    assert set(outcomes) >= {*range(1, 9)}
