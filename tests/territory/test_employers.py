"""The live search against a known world: exactly what there is, or plainly what lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from territory import communes, directory, employers, settings
from territory.errors import InvalidInputError
from territory.perimeter import Perimeter
from territory.progress import Watch
from territory.register import Register
from territory.settings import Settings
from territory.sources import ess as service
from territory.sources import ess_rows, recherche
from territory.suppliers import Criteria
from tests.doubles.recherche import Recherche
from tests.doubles.server import Double, Faults
from tests.doubles.world import World
from tests.territory.french import is_french_sentence

ROMANS = Perimeter.around_commune(communes.get("26281"), 10)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask as fast as the machine can: the pace has a test of its own."""
    monkeypatch.setattr(recherche, "PER_SECOND", 2000.0)
    monkeypatch.setattr("tests.doubles.server.PER_SECOND", 10_000)


def settings_for(double: Double, folder: Path, **others: str) -> Settings:
    return settings.load({**double.environment, "TERRITORY_DATA_DIR": str(folder), **others})


def sirets(current: Settings, codes: tuple[str, ...]) -> set[str]:
    return set(Register(current.data_dir).read(codes)["siret"])


def named_networks(current: Settings, codes: tuple[str, ...]) -> set[str]:
    """SIREN of the networks said to be incomplete."""
    return {
        hole.detail[-10:-1]
        for state in Register(current.data_dir).states(codes).values()
        for hole in state.holes
        if hole.kind == "reseau"
    }


def test_a_perimeter_gives_exactly_its_employers_at_the_pace_asked(tmp_path: Path) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world) as double:
        report = employers.refresh(codes, settings_for(double, tmp_path))
        assert double.busiest_second() <= 7
        assert double.refused() == [], "the real service would accept every request"
    assert report.failures == []
    assert sirets(settings_for(double, tmp_path), codes) == world.employers(codes)
    assert report.kept == len(world.employers(codes)) > 50


@pytest.mark.usefixtures("hurried")
@pytest.mark.slow
@pytest.mark.parametrize("faults", [{}, {"500": 0.02, "cut": 0.02, "html": 0.02, "reset": 0.01}],
                         ids=["a good day", "a bad day"])
def test_a_wide_perimeter_with_a_commune_over_the_ceiling(
    faults: dict[str, float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    world = World.large()
    assert sum(len(unit.establishments) for unit in world.units) >= 20_000
    codes = employers.communes_of(ROMANS.with_radius(30))
    assert len(codes) >= 60
    with Double(world, Faults(faults, seed=2)) as double:
        current = settings_for(double, tmp_path)
        report = employers.refresh(codes, current)
        assert double.refused() == []
    assert report.failures == []
    found, expected = sirets(current, codes), world.employers(codes)
    assert found - expected == set(), "nothing that should not be there"
    lacking = expected - found
    networks = named_networks(current, codes)
    others = {siret for siret in lacking if siret[:9] not in networks}
    assert {world.establishment(siret).commune for siret in others} <= {"26362"}, (
        "what lacks belongs to networks that are named, or to the commune over the ceiling"
    )
    assert len(lacking) <= 20
    assert len(others) <= 3
    assert not any("caché" in gap for gap in directory.of(ROMANS.with_radius(30), current).gaps())
    saturated = Register(current.data_dir).states(["26362"])["26362"]
    assert "plafond" in {hole.kind for hole in saturated.holes}
    gaps = directory.of(ROMANS.with_radius(30), current).gaps()
    assert any("10 000 unités légales" in gap for gap in gaps)
    assert any("Réseau fictif" in gap for gap in gaps)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("kind", ["429_bare", "500", "cut", "html", "empty", "reset", "slow"])
def test_faults_change_nothing_to_the_answer(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    monkeypatch.setattr("territory.sources._http.MAX_WAIT_S", 2.0)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    with Double(world, Faults({kind: 0.15}, seed=4)) as double:
        current = settings_for(double, tmp_path)
        report = employers.refresh(codes, current)
        hit = [entry for entry in double.searches() if entry.fault == kind]
        assert len(hit) > 2
    assert report.failures == []
    assert sirets(current, codes) == world.employers(codes)


@pytest.mark.usefixtures("hurried")
def test_faults_of_every_kind_at_once_change_nothing_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    kinds = ("429", "429_bare", "500", "cut", "html", "empty", "reset", "slow")
    with Double(world, Faults(dict.fromkeys(kinds, 0.04), seed=8)) as double:
        double.recherche.replicas = 2
        current = settings_for(double, tmp_path)
        report = employers.refresh(codes, current)
        assert len({entry.fault for entry in double.searches()}) > 5
    assert report.failures == []
    assert sirets(current, codes) == world.employers(codes)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("units", [2_000, 4_500])
def test_pages_that_overlap_lose_nobody(units: int, tmp_path: Path) -> None:
    # Two copies of the index order ties each its own way: pages of one pass overlap.
    world = World({"26362": units}, networks=0, seed=5)
    with Double(world) as double:
        double.recherche.replicas = 2
        current = settings_for(double, tmp_path)
        report = employers.refresh(("26362",), current)
        assert double.refused() == []
    assert report.failures == []
    assert sirets(current, ("26362",)) == world.employers(["26362"])


@pytest.mark.usefixtures("hurried")
def test_units_that_come_without_their_establishments_are_counted(tmp_path: Path) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world) as double:
        double.recherche.bare = 0.3
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
    lacking = {siret[:9] for siret in world.employers(codes) - sirets(current, codes)}
    assert lacking
    gaps = " ".join(directory.of(ROMANS, current).gaps()).replace("\u00a0", " ")
    assert "Romans-sur-Isère (26281) : " in gaps
    assert "unités légales reçues sans leurs établissements" in gaps


@pytest.mark.usefixtures("hurried")
def test_a_service_that_ignores_the_filter_is_not_believed(tmp_path: Path) -> None:
    with Double() as double:
        double.recherche.ignores_ess = True
        current = settings_for(double, tmp_path)
        report = employers.refresh(("26281",), current)
    assert "ne limite plus ses réponses" in report.failures[0]
    assert directory.of(ROMANS, current).kind == "extrait"


@pytest.mark.usefixtures("hurried")
def test_a_first_failure_leaves_the_extract_and_a_later_one_what_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world, Faults(dead_from=1)) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
        assert directory.of(ROMANS, current).kind == "extrait"
        double.faults.dead_from = len(double.searches()) + 8
        employers.refresh(codes, current)
        came = sirets(current, codes)
        assert came
        double.faults.dead_from = 1
        employers.refresh(codes, current)
    assert sirets(current, codes) == came


@pytest.mark.usefixtures("hurried")
def test_a_list_that_vanishes_is_not_believed(tmp_path: Path) -> None:
    world = World.small()
    with Double(world) as double:
        current = settings_for(double, tmp_path, TERRITORY_FRESH_DAYS="0")
        employers.refresh(("26281",), current)
        before = sirets(current, ("26281",))
        double.recherche = Recherche(World({"26057": 5}, networks=0))
        report = employers.refresh(("26281",), current)
    assert sirets(current, ("26281",)) == before
    assert "la liste précédente est gardée" in report.failures[0]
    assert is_french_sentence(report.failures[0])


@pytest.mark.usefixtures("hurried")
def test_silence_about_a_town_is_doubted(tmp_path: Path) -> None:
    with Double(World({"26057": 30}, networks=0)) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(employers.communes_of(ROMANS), current)
    gaps = directory.of(ROMANS, current).gaps()
    assert any("Romans-sur-Isère (26281) : aucune unité légale reçue" in gap for gap in gaps)
    assert not any("Bourg-de-Péage" in gap for gap in gaps)


@pytest.mark.usefixtures("hurried")
def test_two_people_asking_at_once_ask_once(tmp_path: Path) -> None:
    codes = employers.communes_of(ROMANS)
    with Double() as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, settings_for(double, tmp_path / "alone"))
        alone = len(double.searches())
        double.log.clear()
        with ThreadPoolExecutor() as pool:
            reports = list(pool.map(lambda _: employers.refresh(codes, current), range(3)))
        assert len(double.searches()) == alone
    assert sorted(c for report in reports for c in report.asked) == sorted(codes)


@pytest.mark.usefixtures("hurried")
def test_a_place_far_from_its_commune_is_the_commune_s(tmp_path: Path) -> None:
    world = World({"26057": 40}, networks=0)
    for unit in world.units:
        for establishment in unit.establishments:
            establishment.longitude, establishment.latitude = "55.45", "-20.88"
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(("26057",), current)
    table = Register(current.data_dir).read(("26057",))
    home = communes.get("26057")
    assert len(table) > 3
    assert set(table["longitude"]) == {home.longitude}
    assert set(table["precision_geo"]) == {"commune"}


@pytest.mark.usefixtures("hurried")
def test_a_service_that_dies_leaves_what_came_and_says_what_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    with Double(world, Faults(dead_from=20)) as double:
        current = settings_for(double, tmp_path)
        report = employers.refresh(codes, current)
        assert [is_french_sentence(failure) for failure in report.failures] == [True]
        states = Register(current.data_dir).states(codes)
        lacking = employers.missing(codes, states)
        assert lacking
        assert sirets(current, codes) < world.employers(codes)
        searched = directory.of(ROMANS, current)
        assert searched.missing == tuple(lacking)
        assert "Liste incomplète" in searched.gaps()[0]
        assert report.to_json(current)["communes_manquantes"] == lacking

        # The service is back: only what lacks is asked again.
        double.faults.dead_from = None
        double.log.clear()
        again = employers.refresh(codes, current)
        assert set(again.asked) == set(lacking)
        asked = {c for e in double.searches() for c in e.params["code_commune"].split(",")}
        assert asked == set(lacking)
    assert sirets(current, codes) == world.employers(codes)


@pytest.mark.usefixtures("hurried")
def test_somebody_may_stop_and_what_came_is_kept(tmp_path: Path) -> None:
    class After(Watch):
        calls = 0

        @property
        def stopped(self) -> bool:
            return self.calls > 12

        def tell(self, done: int, total: int | None, label: str) -> None:
            self.calls = done

    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        report = employers.refresh(codes, current, After())
        assert report.stopped
        assert len(double.searches()) <= 14
        kept = sirets(current, codes)
        assert set() < kept < world.employers(codes)


@pytest.mark.usefixtures("hurried")
def test_a_second_ask_reads_the_store_until_it_is_too_old(tmp_path: Path) -> None:
    codes = employers.communes_of(ROMANS)
    with Double() as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
        asked = len(double.searches())
        report = employers.refresh(codes, current)
        assert len(double.searches()) == asked
        assert set(report.reread) == set(codes)
        assert employers.estimate(codes, current).to_ask == ()
        old = settings_for(double, tmp_path, TERRITORY_FRESH_DAYS="0")
        employers.refresh(codes, old)
        assert len(double.searches()) == 2 * asked


def test_offline_asks_nothing_and_says_so(tmp_path: Path) -> None:
    with Double() as double:
        current = settings_for(double, tmp_path, TERRITORY_OFFLINE="1")
        report = employers.refresh(employers.communes_of(ROMANS), current)
        assert double.log == []
    assert "TERRITORY_OFFLINE" in report.failures[0]


@pytest.mark.usefixtures("hurried")
def test_nobody_that_may_not_be_shown_is_stored(tmp_path: Path) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
    stored = Register(current.data_dir).path.read_bytes()
    for secret in (b"[NON-DIFFUSIBLE]", b"Personne Physique", "masqué".encode()):
        assert secret not in stored
    table = Register(current.data_dir).read(codes)
    assert any(name.startswith("<script>") for name in table["nom"]), "escaped where it is shown"


@pytest.mark.usefixtures("hurried")
def test_paris_lyon_and_marseille_are_asked_by_arrondissement(tmp_path: Path) -> None:
    world = World({"69381": 40, "69386": 20, "69266": 30}, networks=0)
    around = Perimeter.around_commune(communes.get("69123"), 4)
    codes = employers.communes_of(around)
    assert "69123" not in codes
    assert {"69381", "69386", "69266"} <= set(codes)
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
    found = directory.search(around, Criteria(), directory.of(around, current)).found
    inside = world.employers(["69381", "69386"])
    assert inside <= set(found["siret"]), "the whole centre commune is in, arrondissements too"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("code", ["97411", "2A004", "01004"])
def test_codes_overseas_and_with_zeros_survive(code: str, tmp_path: Path) -> None:
    world = World({code: 80}, networks=0)
    around = Perimeter.around_commune(communes.get(code), 5)
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(employers.communes_of(around), current)
    found = directory.search(around, Criteria(), directory.of(around, current)).found
    assert set(found["siret"]) == world.employers([code])
    assert set(found["code_insee"]) == {code}


@pytest.mark.usefixtures("hurried")
def test_rows_say_where_each_answer_comes_from(tmp_path: Path) -> None:
    world = World.small()
    codes = employers.communes_of(ROMANS)
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(codes, current)
    table = Register(current.data_dir).read(codes)
    today = dt.datetime.now().date().isoformat()
    assert set(table["source_date"]) == {today}
    assert set(table["naf_nomenclature"]) <= {"NAF rév. 2", ""}
    assert table.loc[table["naf"] != "", "naf_2025"].str.endswith("Y").all()
    for row in table.itertuples():
        unit = world.by_siren[row.siren]
        place = world.establishment(row.siret)
        assert row.est_siae == ("oui" if unit.siae else "inconnu"), "not listed is not a no"
        assert row.type_siae == (unit.siae or "")
        assert row.precision_geo == ("adresse" if place.latitude else "commune")
        if place.latitude is None:
            home = communes.get(place.commune)
            assert (row.longitude, row.latitude) == (home.longitude, home.latitude)
        declared = place.bio or place.rge
        assert (row.filiere_origine == "declaree") == declared
        assert (row.filiere_certitude != "") == (row.filiere_origine == "presumee_naf")
        assert row.tranche_effectif == (place.size or "")


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("kinds", "siae", "kept", "labels"),
    [("ACI, EI", "oui", "ACI, EI", ""), ("EI, ESAT", "oui", "EI", "ESAT"),
     ("ESAT", "inconnu", "", "ESAT"), ("", "oui", "", "")],
)
def test_only_kinds_of_siae_make_a_siae(
    kinds: str, siae: str, kept: str, labels: str, tmp_path: Path
) -> None:
    world = World({"26057": 30}, networks=0)
    for unit in world.units:
        unit.siae = kinds
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(("26057",), current)
    table = Register(current.data_dir).read(("26057",))
    assert set(table["est_siae"]) == {siae}
    assert set(table["type_siae"]) == {kept}
    assert table["labels"].str.startswith(labels).all()
    assert set(table["est_siae_source"] != "") == {siae == "oui"}


@pytest.mark.usefixtures("hurried")
def test_a_code_of_the_new_nomenclature_presumes_nothing(tmp_path: Path) -> None:
    world = World({"26057": 30}, networks=0)
    for unit in world.units:
        for establishment in unit.establishments:
            establishment.naf, establishment.bio, establishment.rge = "56.11J", False, False
    with Double(world) as double:
        current = settings_for(double, tmp_path)
        employers.refresh(("26057",), current)
    table = Register(current.data_dir).read(("26057",))
    assert set(table["naf_nomenclature"]) == {"NAF 2025"}
    assert set(table["filiere_origine"]) == {"inconnue"}


def test_groups_hold_every_commune_once_and_keep_addresses_short() -> None:
    populations = {str(code): 900 for code in range(26001, 26301)} | {"26362": 130_000, "x": None}
    made = service.groups(populations)
    assert sorted(code for group in made for code in group) == sorted(populations)
    assert max(map(len, made)) <= service.MAX_CODES
    assert ("26362",) in made, "a large commune is asked alone"


def test_an_estimate_says_how_long_it_will_take(tmp_path: Path) -> None:
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    narrow = employers.estimate(employers.communes_of(ROMANS), current)
    wide = employers.estimate(employers.communes_of(ROMANS.with_radius(60)), current)
    assert 0 < narrow.requests < wide.requests
    assert "communes à interroger" in narrow.sentence()
    assert "minutes" in wide.sentence()


def test_a_perimeter_at_sea_has_nobody() -> None:
    with pytest.raises(InvalidInputError) as caught:
        employers.communes_of(Perimeter.around_point(-2.6, 46.4, 1))
    assert is_french_sentence(caught.value.user_message)


def test_an_answer_of_another_form_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.doubles.recherche.Recherche.search", lambda *_: {"unites": []})
    with Double() as double:
        report = employers.refresh(("26281",), settings_for(double, tmp_path))
    assert "changé de forme" in report.failures[0]


@pytest.fixture
def sample() -> Iterator[service.Batch]:
    """A batch as the double answers it."""
    with Double() as double:
        batch = service.Batch(("26281",))
        service.collect(recherche.client(double.recherche_url, offline=False), ("26281",), batch)
        yield batch


def test_what_is_left_out_is_counted(sample: service.Batch) -> None:
    table, left_out = ess_rows.rows(sample, dt.date(2026, 11, 23))
    assert len(table) + sum(left_out.values()) == len(sample.matches)
    assert {"fermés", "sans salarié", "non diffusibles", "de personnes physiques"} <= set(left_out)
