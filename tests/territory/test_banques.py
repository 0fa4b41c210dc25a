"""Banks by commune: who is present, what a list may hide, and one commune added to another."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from territory import settings, supply
from territory.errors import InvalidInputError, OfflineError, SourceError, StoppedError
from territory.progress import Watch
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources import banques, recherche
from territory.sources.releve import Scope
from territory.store import Store
from tests.doubles.server import Double
from tests.doubles.world import Unit, World
from tests.territory.french import is_french_sentence

TODAY = dt.date.today().isoformat()


def bank(world: World, code: str, name: str, others: int = 0, **fixed: object) -> Unit:
    """A bank of the world, with so many more establishments in the same commune."""
    unit = world._unit(code, name=name, naf="64.19Z", section="K", ess=False, **fixed)
    unit.establishments = unit.establishments[:1]
    unit.establishments[0].sign = None
    for _ in range(others):
        world._establishment(unit, code, "03").sign = None
    return unit


@pytest.fixture
def world() -> World:
    world = World({"26281": 5, "26057": 5, "75101": 2, "75102": 2}, networks=0)
    for unit in world.units:
        # Those that the draw made banks would make the counts below depend on it.
        unit.naf = "94.99Z" if unit.naf == "64.19Z" else unit.naf
    bank(world, "26281", "Banque fictive", 2)
    bank(world, "26281", "Caisse fictive").establishments[0].sign = "Agence fictive du centre"
    bank(world, "26057", '=HYPERLINK("http://exemple.invalid")')
    bank(world, "75101", "Banque parisienne fictive")
    world.by_siren = {unit.siren: unit for unit in world.units}
    return world


@pytest.fixture
def double(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    monkeypatch.setattr(recherche, "PER_SECOND", 2000.0)
    monkeypatch.setattr("tests.doubles.server.PER_SECOND", 10_000)
    with Double(world) as double:
        yield double


@pytest.fixture
def current(double: Double, tmp_path: Path) -> Settings:
    return settings.load({**double.environment, "TERRITORY_DATA_DIR": str(tmp_path / "donnees")})


def names(found: Any) -> dict[str, list[str]]:
    GUICHETS.validate(found.table)
    return found.table.groupby("code_insee")["nom"].apply(sorted).to_dict()


def test_one_commune_is_asked_and_covered(double: Double, current: Settings) -> None:
    found = banques.fetch(current, codes=["26281"])
    assert names(found) == {
        "26281": ["Agence fictive du centre", "Banque fictive", "Banque fictive", "Banque fictive"]}
    assert found.communes == {"26281": TODAY}
    assert found.departements == ()
    assert found.unknown == {}
    assert found.kinds == ("banque",)
    assert found.incomplete == ()
    asked = double.log[0].params
    assert asked["activite_principale"] == "64.19Z"
    assert asked["code_commune"] == "26281"
    assert asked["limite_matching_etablissements"] == "100"
    assert "est_ess" not in asked
    assert double.refused() == []


def test_a_commune_without_bank_is_a_zero_and_its_neighbour_unknown(
    double: Double, world: World, current: Settings
) -> None:
    for unit in world.units:
        if unit.naf == "64.19Z" and unit.establishments[0].commune == "26057":
            unit.naf = "94.99Z"
    supply.keep(banques.fetch(current, codes=["26057"]), current)
    known = supply.counters(current, source="banques")
    assert known is not None
    assert known.counts[["26057", "26281"]].fillna(-1).tolist() == [0, -1]


def test_what_may_not_be_kept_is_counted(world: World, double: Double, current: Settings) -> None:
    unit = next(u for u in world.units if u.name == "Banque fictive")
    unit.establishments[0].state = "F"
    unit.establishments[1].naf = "66.22Z"
    bank(world, "26281", "[NON-DIFFUSIBLE]", diffusion="P")
    found = banques.fetch(current, codes=["26281"])
    assert len(found.table) == 2
    assert found.left_out == {"fermés": 1, "d’une autre activité": 1, "non diffusibles": 1}
    assert not any("NON-DIFF" in said for said in found.incomplete)


def test_coordinates_are_those_given_and_checked(
    world: World, double: Double, current: Settings
) -> None:
    unit = next(u for u in world.units if u.name == "Banque fictive")
    for place, (lon, lat) in zip(unit.establishments, (
        ("5.0517", "45.0464"), ("45.0464", "5.0517"), ("NaN", "inf")), strict=True
    ):
        place.longitude, place.latitude = lon, lat
    found = banques.fetch(current, codes=["26281"])
    here = found.table[found.table["nom"] == "Banque fictive"]
    assert here["longitude"].notna().tolist().count(True) == 1
    assert sorted(here["precision_geo"]) == ["adresse", "commune", "commune"]


def test_a_list_of_a_hundred_may_be_cut_and_makes_its_commune_unknown(
    world: World, double: Double, current: Settings
) -> None:
    bank(world, "26281", "Grande banque fictive", 99)
    found = banques.fetch(current, codes=["26057", "26281"])
    assert found.unknown == {"26281": ("banque",)}
    assert any("Grande banque fictive" in said for said in found.incomplete)
    assert all(is_french_sentence(said) for said in found.incomplete)
    supply.keep(found, current)
    known = supply.counters(current, source="banques")
    assert known is not None
    assert known.counts[["26057", "26281"]].fillna(-1).tolist() == [1, -1]


def test_a_network_cut_into_slices_is_named(
    world: World, double: Double, current: Settings
) -> None:
    unit = bank(world, "26057", "Réseau bancaire fictif", 120)
    world._establishment(unit, "26281", "03")
    found = banques.fetch(current, codes=["26281"])
    assert len(found.table) == 5
    assert found.unknown == {}
    assert any("Réseau bancaire fictif" in said for said in found.incomplete)
    assert all(is_french_sentence(said) for said in found.incomplete)


def test_pages_that_overlap_are_read_again(
    world: World, double: Double, current: Settings
) -> None:
    for rank in range(60):
        bank(world, "26281", f"Petite banque fictive {rank}")
    double.recherche.replicas = 3
    found = banques.fetch(current, codes=["26281"])
    assert len(found.table) == 64
    assert found.unknown == {}


def test_units_that_come_without_their_establishments_make_the_commune_unknown(
    double: Double, current: Settings
) -> None:
    double.recherche.bare = 1.0
    found = banques.fetch(current, codes=["26281"])
    assert found.table.empty
    assert found.unknown == {"26281": ("banque",)}
    assert all(is_french_sentence(said) for said in found.incomplete)


def test_a_filter_that_is_ignored_is_noticed(
    double: Double, current: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = double.recherche.search
    monkeypatch.setattr(double.recherche, "search", lambda params: search(
        {k: v for k, v in params.items() if k != "activite_principale"}))
    with pytest.raises(SourceError, match="ne limite plus") as caught:
        banques.fetch(current, codes=["26281"])
    assert is_french_sentence(caught.value.user_message)


def test_a_second_commune_does_not_lose_the_first(
    world: World, double: Double, current: Settings
) -> None:
    supply.keep(banques.fetch(current, codes=["26281"]), current)
    found = banques.fetch(current, codes=["26057"])
    assert set(names(found)) == {"26281", "26057"}
    assert found.communes == {"26281": TODAY, "26057": TODAY}
    assert "1" in found.incomplete[-1]
    assert all(is_french_sentence(said) for said in found.incomplete)
    supply.keep(found, current)
    # Asked again, a commune is replaced: a bank that left is no longer there.
    next(u for u in world.units if u.name == "Banque fictive").naf = "94.99Z"
    double.recherche._ranked.clear()
    again = banques.fetch(current, codes=["26281"])
    assert names(again) == {"26281": ["Agence fictive du centre"],
                            "26057": ['=HYPERLINK("http://exemple.invalid")']}


def test_a_doubt_goes_when_its_commune_is_asked_again(
    world: World, double: Double, current: Settings
) -> None:
    double.recherche.bare = 1.0
    supply.keep(banques.fetch(current, codes=["26281"]), current)
    double.recherche.bare = 0.0
    other = banques.fetch(current, codes=["26057"])
    assert other.unknown == {"26281": ("banque",)}
    supply.keep(other, current)
    assert banques.fetch(current, codes=["26281"]).unknown == {}


def test_a_city_is_known_when_all_its_arrondissements_are(
    double: Double, current: Settings
) -> None:
    part = banques.fetch(current, codes=["75101", "75102"])
    assert part.unknown == {"75056": ("banque",)}
    supply.keep(part, current)
    others = [f"751{n:02d}" for n in range(3, 21)]
    whole = banques.fetch(current, codes=others)
    assert whole.unknown == {}
    assert whole.communes["75056"] == TODAY
    supply.keep(whole, current)
    known = supply.counters(current, source="banques")
    assert known is not None
    assert known.counts["75056"] == 1


def test_a_damaged_former_table_is_replaced(double: Double, current: Settings) -> None:
    supply.keep(banques.fetch(current, codes=["26281"]), current)
    local = Store(current.data_dir)
    local.path(local.tables()["guichets_banques"]["fichier"]).write_bytes(b"abime")
    found = banques.fetch(current, codes=["26057"])
    assert list(found.communes) == ["26057"]
    assert "endommagée" in found.incomplete[-1]


def test_a_failure_on_the_way_keeps_what_came(double: Double, current: Settings) -> None:
    double.faults.dead_from = 2
    found = banques.fetch(current, codes=["26281", "26057"])
    assert list(found.communes) == ["26057"]
    assert any("1 sur 2" in said for said in found.incomplete)
    assert all(is_french_sentence(said) for said in found.incomplete)
    double.faults.dead_from = 1
    with pytest.raises(SourceError):
        banques.fetch(current, codes=["26281"])


@pytest.mark.parametrize("kind", ["429_bare", "html", "500", "cut", "reset"])
def test_a_bad_day_is_waited_out(kind: str, double: Double, current: Settings) -> None:
    double.faults.at = {1: kind}
    assert len(banques.fetch(current, codes=["26281"]).table) == 4


def test_offline_or_stopped_nothing_leaves(double: Double, current: Settings) -> None:
    class Stopped(Watch):
        @property
        def stopped(self) -> bool:
            return True

    with pytest.raises(OfflineError):
        banques.fetch(replace(current, offline=True), codes=["26281"])
    with pytest.raises(StoppedError):
        banques.fetch(current, codes=["26281"], watch=Stopped())
    with pytest.raises(InvalidInputError):
        banques.fetch(current)
    assert double.log == []


def test_an_answer_kept_in_a_file_is_read(
    world: World, double: Double, current: Settings, tmp_path: Path
) -> None:
    answer = double.recherche.search({
        **banques._QUERY, "code_commune": "26281", "per_page": "25"})
    file = tmp_path / "reponse.json"
    file.write_text(json.dumps(answer), encoding="utf-8")
    found = banques.fetch(current, file=file, codes=["26281"])
    assert len(found.table) == 4
    assert list(found.communes) == ["26281"]
    assert double.log == []
    with pytest.raises(InvalidInputError, match="--commune"):
        banques.fetch(current, file=file)
    file.write_text(json.dumps({**answer, "total_results": 90}), encoding="utf-8")
    assert banques.fetch(current, file=file, codes=["26281"]).unknown == {"26281": ("banque",)}
    for broken in ("{", "{}", json.dumps({"results": [{"siren": "1"}], "total_results": 1})):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(InvalidInputError, match="lisible") as caught:
            banques.fetch(current, file=file, codes=["26281"])
        assert is_french_sentence(caught.value.user_message)


def test_a_file_takes_the_place_of_everything(current: Settings, tmp_path: Path) -> None:
    supply.keep(banques.fetch(current, codes=["26281"]), current)
    file = tmp_path / "banques.csv"
    file.write_text("code_insee;nombre\n26057;3\n", encoding="utf-8")
    found = banques.fetch(current, file=file, scope=Scope("26"))
    assert found.departements == ("26",)
    assert set(found.table["code_insee"]) == {"26057"}
    # And a commune asked afterwards takes the place of what the file said of it alone.
    supply.keep(found, current)
    after = banques.fetch(current, codes=["26281"])
    assert after.departements == ("26",)
    assert after.table.groupby("code_insee")["nombre"].sum().to_dict() == {"26057": 3, "26281": 4}
