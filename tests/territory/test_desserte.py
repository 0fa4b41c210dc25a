"""Who delivers here: same answers as the truth table, whoever is outside, and nothing unknown."""

from __future__ import annotations

import dataclasses
import io
import itertools
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from territory import cli, communes, desserte, directory, portee, suppliers
from territory.desserte import Desserte
from territory.geo import distance_km
from territory.perimeter import Perimeter
from territory.provenance import TableVersion
from territory.reach import reach
from territory.schemas import SUPPLIERS, TRISTATE
from territory.suppliers import Criteria, SupplierIndex
from tests.territory.french import is_french_sentence
from tests.territory.test_reach import HERE, PLACES, RANGES, supplier

ROMANS = communes.get("26281")
TWO = HERE.union(Perimeter.around_commune(communes.get("69123"), 10))


def declared(seed: int = 3) -> pd.DataFrame:
    """Give the extract ranges drawn at random, and some of it no place."""
    draw = random.Random(seed)
    table = suppliers.embedded().table.copy()
    table["portee"] = [draw.choice(list(RANGES)) for _ in range(len(table))]
    lost = [draw.random() < 0.1 for _ in range(len(table))]
    table.loc[lost, ["longitude", "latitude"]] = np.nan
    return table


@pytest.mark.parametrize("perimeter", [HERE, HERE.with_radius(60), TWO], ids=["10", "60", "deux"])
@pytest.mark.parametrize("criteria", [Criteria(), Criteria(familles=("association",))])
def test_brute_force_gives_the_same_counts_and_the_same_suppliers(
    perimeter: Perimeter, criteria: Criteria
) -> None:
    table = declared()
    found = desserte.measure(perimeter, criteria, SupplierIndex(table))
    answers = reach(table, perimeter)
    pairs: dict[tuple[str, str], int] = dict.fromkeys(itertools.product(TRISTATE, TRISTATE), 0)
    expected = {}
    for row in table.to_dict("records"):
        if criteria.familles and row["famille_ess"] not in criteria.familles:
            continue
        answer = answers.loc[table["id"] == row["id"]].iloc[0]
        pairs[answer["dans_perimetre"], answer["dessert"]] += 1
        if (answer["dans_perimetre"], answer["dessert"]) == ("non", "oui"):
            expected[row["id"]] = min(
                float(distance_km(c.longitude, c.latitude, [row["longitude"]],
                                  [row["latitude"]])[0])
                for c in perimeter.centers
            )
    assert dict(found.counts) == pairs
    assert pairs["non", "oui"] > 5
    assert pairs["non", "inconnu"] > 5
    outside = found.outside
    assert dict(zip(outside["id"], outside["distance_km"], strict=True)) == pytest.approx(
        expected, abs=0.001)
    assert outside["distance_km"].is_monotonic_increasing
    assert set(outside["dans_perimetre"]) == {"non"}
    assert set(outside["dessert_le_centre"]) == {"oui"}
    assert found.undeclared == (table.loc[criteria.mask(table), "portee"] == "").sum()
    inside = suppliers.search(perimeter, criteria, SupplierIndex(table))
    assert list(outside.columns) == list(inside.columns)
    assert not set(outside["id"]) & set(inside["id"])
    SUPPLIERS.validate(outside)


def of(rows: list[dict[str, object]]) -> Desserte:
    empty = suppliers.embedded().table.iloc[:0]
    table = pd.concat([empty, pd.DataFrame(rows)], ignore_index=True) if rows else empty
    texts = table.select_dtypes(exclude="number").columns
    table[texts] = table[texts].fillna("")
    return desserte.measure(HERE, Criteria(), SupplierIndex(table.assign(id=range(len(table)))))


def test_every_place_and_range_is_counted_in_its_case() -> None:
    rows = [supplier(place, text) for place in PLACES for text in RANGES]
    found = of(rows)
    assert sum(found.counts.values()) == len(rows)
    # France, 30 km and the four areas that hold Romans.
    assert found.counts["non", "oui"] == len(found.outside) == 6
    assert set(found.outside["portee"]) == {
        text for text, (_, outside, *_) in RANGES.items() if outside == "oui"}
    assert found.counts["inconnu", "oui"] == 5, "counted, and never listed as outside"
    assert found.counts["non", "inconnu"] == 2
    assert found.undeclared == len(PLACES)


def test_an_unknown_range_is_never_a_yes() -> None:
    found = of([supplier("dehors", ""), supplier("dehors", "n’importe quoi")])
    assert found.outside.empty
    assert found.counts["non", "inconnu"] == 2
    assert "n’est pas un refus" in found.notes()[0]


@pytest.mark.parametrize("rows", [
    [], [supplier("dehors", "France")], [supplier("dehors", "France")] * 3,
    [supplier("dehors", "")], [supplier("dedans", "")] * 2,
])
def test_what_is_said_is_french(rows: list[dict[str, object]]) -> None:
    found = of(rows)
    for said in (found.sentence(), *found.notes(), desserte.HOW):
        assert is_french_sentence(said), said
    count = len(found.outside)
    assert (f"{count}\u00a0fournisseur" in found.sentence()) == (count > 0)


def test_how_to_declare_a_range_is_what_is_read() -> None:
    for example in ("France", "30\u00a0km", "26 ; 38281 ; R84"):
        assert example in desserte.HOW
        assert portee.parse(example) != portee.Portee()


def test_the_person_s_own_suppliers_count_and_hide_the_list_s() -> None:
    table = declared()
    siret = "30000001600015"
    table.loc[table.index[0], ["siret", "portee", "longitude", "latitude", "code_insee"]] = [
        siret, "France", 2.35, 48.85, "75104"]
    index = SupplierIndex(table)
    plain = desserte.measure(HERE, Criteria(), index)
    assert siret in set(plain.outside["siret"])
    own = table.iloc[[0, 1]].assign(siret=[siret, ""], portee=["zones : 84", "France"],
                                    longitude=5.05, latitude=46.0, code_insee="01053",
                                    nom=["Le mien", "Un autre"])
    found = desserte.measure(HERE, Criteria(), index, own.drop(columns="id"))
    assert siret not in set(found.outside["siret"])
    assert set(found.outside["nom"]) - set(plain.outside["nom"]) == {"Un autre"}
    assert sum(found.counts.values()) == sum(plain.counts.values()) + 1
    assert len(index.table) == len(table)


def test_what_a_list_cannot_know_of_the_outside_is_said() -> None:
    extract = directory.extract()
    assert desserte.blind_spot(extract) == ""
    asked = dataclasses.replace(extract, kind="perimetre")
    national, drome = (TableVersion(name, "2026-11-20", "0" * 16)
                       for name in (directory.NATIONAL, f"{directory.NATIONAL}_26"))
    some = dataclasses.replace(extract, kind="france", tables=(drome,))
    for listed in (asked, some):
        assert is_french_sentence(desserte.blind_spot(listed))
    assert desserte.blind_spot(dataclasses.replace(some, tables=(national,))) == ""


OWN = """nom;commune;code_insee;portee
Traiteur de Lyon;Lyon;69123;France
Atelier de Grenoble;Grenoble;38185;150 km
Voisin;Romans-sur-Isère;26281;10 km
Loin;Lille;59350;50 km
"""


def test_the_command_adds_those_that_come_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "donnees"))
    file = tmp_path / "mes-fournisseurs.csv"
    file.write_text(OWN, encoding="utf-8")

    def run(*argv: str) -> pd.DataFrame:
        asked = ["suppliers", "--autour", "26281", "--rayon-km", "30", "--fournisseurs", str(file)]
        assert cli.main([*asked, *argv]) == 0
        return pd.read_csv(io.StringIO(capsys.readouterr().out), dtype={"code_insee": str})

    plain, wide = run(), run("--portee")
    pd.testing.assert_frame_equal(wide.iloc[:len(plain)][plain.columns], plain)
    added = wide.iloc[len(plain):]
    assert added["nom"].tolist() == ["Atelier de Grenoble", "Traiteur de Lyon"]
    assert set(added["dans_perimetre"]) == {"non"}
    assert 50 < added["distance_km"].iloc[0] < 100
    marked = run("--portee", "--charte")
    assert marked["nom"].tolist() == wide["nom"].tolist()
