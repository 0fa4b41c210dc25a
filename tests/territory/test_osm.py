"""Cash machines of OpenStreetMap: what is there counts, what is not says nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from territory import communes, geo, settings, store, supply
from territory.errors import InvalidInputError, OfflineError, SourceError
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources import osm
from tests.doubles.server import Double, Faults
from tests.doubles.world import World
from tests.territory.french import is_french_sentence

LON, LAT = 5.0517, 45.0464


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    with Double(World.small(), Faults(service="/overpass/")) as double:
        yield double


@pytest.fixture
def current(double: Double, tmp_path: Path) -> Settings:
    return settings.load({**double.environment, "TERRITORY_DATA_DIR": str(tmp_path)})


def atm(rank: int, lon: Any = LON, lat: Any = LAT, **tags: Any) -> dict[str, Any]:
    return {"type": "node", "id": rank, "lon": lon, "lat": lat,
            "tags": {"amenity": "atm", **tags}}


def bank(rank: int, lon: float = LON, lat: float = LAT, **tags: Any) -> dict[str, Any]:
    return {"type": "way", "id": rank, "center": {"lon": lon, "lat": lat},
            "tags": {"amenity": "bank", "atm": "yes", **tags}}


def names(*elements: Any) -> list[str]:
    found = osm.read({"elements": list(elements)}, "2026-11-28")
    GUICHETS.validate(found.table)
    return sorted(found.table["nom"])


def test_communes_are_asked_by_their_box_and_cut_to_themselves(
    double: Double, current: Settings
) -> None:
    double.overpass.elements = [
        atm(1, operator="Banque fictive"),
        atm(2, *communes.contours()["26057"].representative_point().coords[0]),
        atm(3, 2.35, 48.85),
        bank(4), bank(5, *communes.contours()["26057"].representative_point().coords[0]),
    ]
    found = osm.fetch(current, codes=["26281"])
    GUICHETS.validate(found.table)
    assert list(found.table["code_insee"]) == ["26281"]
    assert found.left_out == {osm.TWICE: 1}, "what is around was not asked for"
    query = double.overpass.queries[0]
    assert 'nwr["amenity"="atm"](' in query
    assert 'nwr["amenity"="bank"]["atm"="yes"](' in query
    assert "area" not in query
    assert found.day == "2026-11-20", "the base says its day"
    assert found.millesime == "2026"
    assert found.table["source"].iloc[0] == "© les contributeurs d’OpenStreetMap, ODbL"


def test_france_is_asked_by_its_areas(double: Double, current: Settings) -> None:
    double.overpass.elements.append(atm(7, 6.14, 49.61))  # Luxembourg
    found = osm.fetch(current)
    assert 'area["ISO3166-1"~"^(FR|' in double.overpass.queries[0]
    assert found.totals() == {"dab": 3}
    assert found.left_out == {osm.TWICE: 3,
                              "hors de la métropole et des départements d’outre-mer": 1}


def test_no_commune_is_covered(double: Double, current: Settings) -> None:
    found = osm.fetch(current)
    assert found.departements == ()
    assert found.communes == {}
    assert found.incomplete[:2] == (osm.INCOMPLETE, osm.REPLACED)
    assert all(is_french_sentence(said) for said in found.incomplete)
    supply.keep(found, current)
    double.overpass.elements = []
    supply.keep(osm.fetch(current, codes=["26281"]), current)
    table = store.Store(current.data_dir).read("guichets_dab_osm")
    assert table.empty, "an area takes the place of another"


def test_a_part_of_paris_stands_for_paris(double: Double, current: Settings) -> None:
    double.overpass.elements = [
        atm(code, *communes.contours()[f"751{code:02d}"].representative_point().coords[0])
        for code in (1, 2)
    ]
    found = osm.fetch(current, codes=["75101", "75102"])
    assert list(found.table["code_insee"]) == ["75101", "75102"]


@pytest.mark.parametrize("remark", [
    'runtime error: Query timed out in "query" at line 3 after 181 seconds.',
    "runtime error: Query run out of memory using about 2048 MB of RAM.",
    "Timeout", "an ERROR happened",
])
def test_a_cut_answer_is_refused(remark: str, double: Double, current: Settings) -> None:
    double.overpass.remark = remark
    with pytest.raises(SourceError, match="coupé sa réponse") as caught:
        osm.fetch(current)
    assert is_french_sentence(caught.value.user_message)


def test_another_remark_is_no_fault(double: Double, current: Settings) -> None:
    double.overpass.remark = "Ce jeu est mis à jour chaque minute."
    assert len(osm.fetch(current).table) == 3


def test_a_bank_and_its_machine_are_one() -> None:
    def metres(count: float) -> float:
        return LAT + count / 111_150

    km = geo.distance_km(LON, LAT, [LON, LON], [metres(39), metres(41)])
    assert km[0] < 0.04 < km[1]
    near, far = metres(39), metres(41)
    assert names(atm(1, name="A"), bank(2, name="B")) == ["A"]
    assert names(atm(1, name="A"), bank(2, lat=near, name="B")) == ["A"]
    assert names(atm(1, name="A"), bank(2, lat=far, name="B")) == ["A", "B"]
    same = {"operator": "Crédit Fictif"}
    assert names(atm(1, name="A", **same), bank(2, name="B", brand="CREDIT FICTIF")) == ["A"]
    assert names(atm(1, name="A", **same), bank(2, name="B", brand="Autre")) == ["A", "B"]
    assert names(atm(1, name="A", **same), bank(2, name="B")) == ["A"]
    # Machines in a row are several, banks too; an element twice in the answer is one.
    assert names(atm(1, name="A"), atm(2, name="A"), atm(2, name="A")) == ["A", "A"]
    assert names(bank(1, name="B"), bank(2, name="C")) == ["B", "C"]
    assert names(atm(1, name="A"), bank(1, name="B", lat=far)) == ["A", "B"], "a way and a node"


def test_hostile_elements_are_left_out_and_counted() -> None:
    found = osm.read({"elements": [
        atm(1, name='=HYPERLINK("http://exemple.invalid")'),
        atm(2, None, None), atm(3, float("nan"), LAT), atm(4, "5.05", "45.04"),
        atm(5, 10**400, LAT), atm(6, LAT, LON), atm(7, 500, 45), atm(8, True, True),
        {"type": "node", "id": 9, "tags": {"amenity": "bank", "atm": "no"}},
        {"type": "node", "id": 10}, "texte", None, {"tags": []},
        atm(11, name=["liste"], operator={"a": 1}),
    ]}, "2026-11-28")
    GUICHETS.validate(found.table)
    assert len(found.table) == 2
    assert '=HYPERLINK("http://exemple.invalid")' in set(found.table["nom"])
    assert found.left_out == {
        osm.NOWHERE: 6, osm.OTHER: 5, "hors de la métropole et des départements d’outre-mer": 1}


@pytest.mark.parametrize("said", ["0001-01-01T00:00:00Z", "hier", None, "3026-01-01T00:00:00Z"])
def test_a_base_that_does_not_know_its_day_takes_that_of_the_question(said: object) -> None:
    found = osm.read({"elements": [atm(1)], "osm3s": {"timestamp_osm_base": said}}, "2026-11-28")
    GUICHETS.validate(found.table)
    assert found.day == "2026-11-28"


def test_machines_without_any_coordinates_are_a_change_of_form() -> None:
    with pytest.raises(SourceError, match="coordonnées"):
        osm.read({"elements": [atm(1, None, None)]}, "2026-11-28")


@pytest.mark.parametrize("answer", [[], {}, {"elements": {}}, "texte", None])
def test_an_answer_of_another_form_is_said(answer: object) -> None:
    with pytest.raises(SourceError, match="changé de forme") as caught:
        osm.read(answer, "2026-11-28")
    assert is_french_sentence(caught.value.user_message)


@pytest.mark.parametrize("kind", ["429_bare", "500", "html", "cut", "empty"])
def test_a_bad_day_is_waited_out(
    kind: str, double: Double, current: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    double.faults.at = {1: kind}
    assert len(osm.fetch(current).table) == 3
    assert [entry.path for entry in double.log] == ["/overpass/api/interpreter"] * 2


def test_a_service_that_stays_silent_is_said(
    double: Double, current: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osm, "_PATIENCE_S", 0.05)
    double.faults.probability, double.faults.delay_s = {"slow": 1.0}, 0.3
    with pytest.raises(SourceError, match="Overpass") as caught:
        osm.fetch(current)
    assert is_french_sentence(caught.value.user_message)


def test_offline_nothing_leaves(double: Double) -> None:
    with pytest.raises(OfflineError):
        osm.fetch(settings.load({**double.environment, "TERRITORY_OFFLINE": "1"}))
    assert double.log == []


def test_no_contour_no_query() -> None:
    with pytest.raises(InvalidInputError):
        osm.query([])


def test_an_answer_kept_in_a_file_is_read(current: Settings, tmp_path: Path) -> None:
    file = tmp_path / "overpass.json"
    file.write_text(json.dumps({"elements": [atm(1), atm(2, 4.8924, 44.9333)]}), "utf-8-sig")
    assert osm.fetch(current, file=file).totals() == {"dab": 2}
    assert osm.fetch(current, file=file, codes=["26281"]).totals() == {"dab": 1}
    file.write_text('{"elements": [', "utf-8")
    with pytest.raises(InvalidInputError, match="Overpass") as caught:
        osm.fetch(current, file=file)
    assert is_french_sentence(caught.value.user_message)
