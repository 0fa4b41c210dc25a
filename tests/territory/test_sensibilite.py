"""The edge of a radius, drawn by hand and recounted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from territory import communes as commune_module
from territory import sensibilite, suppliers
from territory.effectifs import BANDS
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.sensibilite import measure
from territory.suppliers import Criteria, SupplierIndex
from tests.territory.french import is_french_sentence
from tests.territory.offre import index
from tests.territory.test_suppliers import brute_force, fake_structures

ROMANS = commune_module.get("26281")
SEED = 20_261_128


def around(*km: float, radius: float = 10.0, margin: object = 10, **more: object):
    """Suppliers so many kilometres north of Romans, in another commune so that distance decides."""
    rows = [{"code_insee": "26281", "km": one, **more} for one in km]
    listed = index(*rows)
    listed.table["code_insee"] = "38185"
    point = Perimeter.around_point(ROMANS.longitude, ROMANS.latitude, radius)
    return measure(point, Criteria(), SupplierIndex(listed.table), margin)


def test_who_enters_and_who_leaves_at_ten_percent() -> None:
    found = around(1, 8.99, 9.01, 9.99, 10.01, 10.99, 11.01)
    assert (found.inner_km, found.outer_km) == (9.0, 11.0)
    assert list(found.inside["nom"]) == ["S0", "S1", "S2", "S3"]
    assert list(found.leaving["nom"]) == ["S2", "S3"]
    assert list(found.entering["nom"]) == ["S4", "S5"]
    assert found.names() == ("S4 et S5", "S2 et S3")
    assert found.shares == (0.5, 0.5)
    assert found.fragile
    assert found.sentence() == (
        "À 10\u00a0km, 4\u00a0structures\u00a0; avec 10\u00a0% de rayon en plus, "
        "2\u00a0entreraient\u00a0; avec 10\u00a0% en moins, 2\u00a0sortiraient."
    )


@pytest.mark.parametrize(
    ("km", "fragile"),
    [((1, 2, 3, 4, 5, 10.5), False), ((1, 2, 3, 4, 10.5), True), ((1, 2, 3, 4, 9.5), False),
     ((1, 2, 3, 9.5), True), ((), False), ((10.5,), True), ((30,), False)],
)
def test_fragile_is_more_than_a_fifth_and_only_told(km: tuple[float, ...], fragile: bool) -> None:
    # One in five is a fifth, no more.
    found = around(*km)
    assert found.fragile is fragile
    assert any(note.startswith("Pour information") for note in found.notes()) is fragile
    for text in (found.sentence(), *found.notes()):
        assert is_french_sentence(text), text


def test_the_centre_s_own_commune_never_leaves() -> None:
    listed = index({"km": 0.95}, {"km": 5.0}, {"latitude": np.nan})
    found = measure(Perimeter.around_commune(ROMANS, 1), Criteria(), listed)
    assert len(found.inside) == 3
    assert found.leaving.empty
    assert set(found.curve["structures"]) == {3}
    assert any("Sans coordonnées" in note for note in found.notes())


def test_jobs_are_an_interval_and_unknown_sizes_are_apart() -> None:
    rows = [{"km": 0.5, "tranche_effectif": "01"}, {"km": 2, "tranche_effectif": ""},
            {"km": 4, "tranche_effectif": "12"}, {"km": 9, "tranche_effectif": "53"}]
    table = index(*rows).table.assign(code_insee="38185")
    point = Perimeter.around_point(ROMANS.longitude, ROMANS.latitude, 10)
    curve = measure(point, Criteria(), SupplierIndex(table)).curve.set_index("rayon_km")
    assert list(curve.columns) == [c.name for c in sensibilite.columns()][1:]
    assert curve.loc[0.55].tolist() == [1, 1, 2, 0]
    assert curve.loc[2.2].tolist() == [2, 1, 2, 1]
    assert curve.loc[4.4].tolist() == [3, 21, 51, 1]
    assert curve.loc[10.0, "emplois_min"] == 10_021
    assert pd.isna(curve.loc[10.0, "emplois_max"])


def test_jobs_nobody_tells_are_unknown_and_not_zero() -> None:
    curve = around(1.0, radius=2).curve
    assert curve["emplois_min"].isna().iloc[-1]
    assert curve["emplois_min"].iloc[0] == 0  # nobody there, hence no job


def test_a_place_known_by_its_commune_is_told_at_the_edge() -> None:
    found = around(9.5, 10.5, precision_geo="commune")
    assert any("à la commune près pour 2\u00a0structures sur 2" in note for note in found.notes())


@pytest.mark.parametrize("margin", [0, -1, 51, "x", "nan", ""])
def test_margins_out_of_bounds_are_refused(margin: object) -> None:
    with pytest.raises(InvalidInputError) as fault:
        around(1, margin=margin)
    assert is_french_sentence(fault.value.user_message)


@pytest.mark.parametrize("radius", [0.1, 300])
def test_radii_beyond_the_bounds_are_refused(radius: float) -> None:
    with pytest.raises(InvalidInputError) as fault:
        around(1, radius=radius)
    assert is_french_sentence(fault.value.user_message)


DISC = Perimeter.around_commune(ROMANS, 10)
DROME = Perimeter.of_units("26")


@pytest.mark.parametrize(
    "other",
    [Perimeter((*DISC.discs, *Perimeter.around_point(5, 45, 10).discs)), DROME, DISC | DROME,
     DISC & DROME, DISC - DROME, DISC.tampon(1)],
    ids=["two", "units", "union", "intersection", "difference", "buffer"],
)
def test_only_one_disc_has_an_edge(other: Perimeter) -> None:
    with pytest.raises(InvalidInputError, match="autour d’un seul rayon") as fault:
        measure(other, Criteria(), index({}))
    assert is_french_sentence(fault.value.user_message)
    assert sensibilite.disc(DISC) is DISC.discs[0]


@pytest.mark.parametrize(
    ("sizes", "said", "sized"),
    [((), "aucune structure", False), (("",), "l’unique structure n’a pas", False),
     (("", "NN"), "aucune des 2\u00a0structures", False),
     (("12", "01"), "au moins 21\u00a0emplois et au plus 51.", True),
     (("12", ""), "49\u00a0; 1\u00a0structure d’effectif inconnu, comptée à part.", True),
     (("53", "", ""), "emplois\u00a0; 2\u00a0structures d’effectif inconnu, comptées", True)],
)
def test_jobs_are_said_with_unknown_sizes_apart(
    sizes: tuple[str, ...], said: str, sized: bool
) -> None:
    rows = [{"tranche_effectif": size} for size in sizes]
    found = measure(DISC, Criteria(), index(*rows))
    assert said in found.jobs_sentence()
    assert found.sized is sized
    assert is_french_sentence(found.jobs_sentence())


@pytest.mark.slow
def test_fifty_curves_equal_a_recount_and_never_fall(communes: pd.DataFrame) -> None:
    rng = np.random.default_rng(SEED)
    home = communes.iloc[rng.integers(0, len(communes), 4_000)]
    lons, lats = (home[c].to_numpy() + 0.1 * rng.uniform(-1, 1, len(home))
                  for c in ("longitude", "latitude"))
    lats[rng.random(len(home)) < 0.02] = np.nan
    table = fake_structures(home["code_insee"].to_numpy(), lons, lats)
    table["tranche_effectif"] = rng.choice(["", "NN", "00", "01", "12", "41"], len(home))
    listed = SupplierIndex(table)
    seen = 0
    picked = ["75056", "75112", "97411", *communes.sample(47, random_state=3).index]
    for code in picked:
        perimeter = Perimeter.around_commune(commune_module.get(code), rng.uniform(1, 150))
        found = measure(perimeter, Criteria(("Restauration",)), listed, rng.uniform(1, 40))
        told = found.curve.dropna()
        for column in found.curve:
            assert (np.diff(told[column].to_numpy(dtype=float)) >= 0).all()
        for row in found.curve.to_dict("records"):
            inside = table.iloc[sorted(brute_force(table, perimeter.with_radius(row["rayon_km"])))]
            inside = inside[inside["filiere"] == "Restauration"]
            sized = [BANDS[c] for c in inside["tranche_effectif"] if c in BANDS]
            assert row["structures"] == len(inside)
            assert row["effectif_inconnu"] == len(inside) - len(sized)
            if sized:
                assert (row["emplois_min"], row["emplois_max"]) == tuple(
                    map(sum, zip(*sized, strict=True))
                )
        sizes = {
            km: set(suppliers.search(perimeter.with_radius(km), Criteria(("Restauration",)),
                                     listed)["id"])
            for km in (found.inner_km, perimeter.discs[0].radius_km, found.outer_km)
        }
        inner, now, outer = sizes.values()
        assert set(found.inside["id"]) == now
        assert set(found.leaving["id"]) == now - inner
        assert set(found.entering["id"]) == outer - now
        seen += len(outer - inner)
    assert len(picked) == 50
    assert seen > 200
