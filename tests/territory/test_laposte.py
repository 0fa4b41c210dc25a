"""The contact points of La Poste: paged to the end, today's columns or those of 2021."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from territory import settings
from territory.errors import InvalidInputError, OfflineError, SourceError
from territory.schemas import GUICHETS
from territory.settings import Settings
from territory.sources import laposte
from territory.sources._http import Client
from territory.sources.releve import Scope
from tests.doubles.server import Double, Faults
from tests.doubles.world import World
from tests.territory.french import is_french_sentence
from tests.territory.real import real_file

OLD = (
    "#Identifiant_du_site;Libellé_du_site;Caractéristique_du_site;Code_INSEE;Latitude;Longitude;"
    "Précision_du_géocodage\n"
    "1A;BUREAU FICTIF;Bureau de Poste;26281;45.0464;5.0517;Géocodé au numéro\n"
    "1A;BUREAU FICTIF;Bureau de Poste;26281;45.0464;5.0517;Géocodé au numéro\n"
    "2A;AGENCE FICTIVE;Agence postale communale;1004;;;\n"
    "3A;RELAIS FICTIF;Relais poste commerçant;26281;45.0464;5.0517;"
    "Géocodé au centre de la commune\n"
    "4A;RELAIS FICTIF;Relais poste commerçant;26281;45.0464;5.0517;Géocodé au milieu de la rue\n"
)


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    monkeypatch.setattr("territory.sources._http.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("territory.sources._http.DEFAULT_RETRY_S", 0.05)
    with Double(World.small(), Faults(service="/laposte/")) as double:
        yield double


def current(double: Double, **others: str) -> Settings:
    return settings.load({**double.environment, **others})


def point(rank: int, **others: Any) -> dict[str, Any]:
    return {"identifiant_a": f"{rank}A", "libelle_du_site": "SITE FICTIF",
            "caracteristique_du_site": "Bureau de poste", "code_insee": "26281",
            "latitude": 45.0464, "longitude": 5.0517,
            "precision_du_geocodage": "Géocodé au numéro", **others}


def test_every_page_is_followed_on_the_address_of_the_setting(double: Double) -> None:
    double.poste.most = 3
    found = laposte.fetch(current(double))
    GUICHETS.validate(found.table)
    assert [entry.params.get("after") for entry in double.log] == [None, "3", "6"]
    assert {entry.path for entry in double.log} == {"/laposte/lines"}, "never another host"
    assert double.log[0].params["size"] == "10000"
    assert found.totals() == {"bureau_poste": 2, "agence_postale": 4, "relais_poste": 2}
    assert len(found.departements) == 101, "the list is that of France"
    assert found.incomplete == ()
    assert found.millesime == found.day[:4]
    assert set(found.table["precision_geo"]) == {"adresse", "commune", "voie"}


def test_one_departement_is_kept_and_covered_alone(double: Double) -> None:
    found = laposte.fetch(current(double), scope=Scope("38"))
    assert set(found.table["code_insee"]) == {"38095"}
    assert found.departements == ("38",)
    assert found.left_out == {}, "the others were not asked for"


def test_a_list_that_comes_short_covers_nothing(double: Double) -> None:
    double.poste.total = 20
    found = laposte.fetch(current(double))
    assert found.departements == ()
    assert "20" in found.incomplete[0]
    assert "8" in found.incomplete[0]
    assert is_french_sentence(found.incomplete[0])
    double.poste.total = 5
    more = laposte.fetch(current(double))
    assert len(more.departements) == 101
    assert len(more.incomplete) == 1


def test_a_next_page_that_is_always_the_same_ends(double: Double) -> None:
    double.poste.most, double.poste.circles = 4, True
    found = laposte.fetch(current(double))
    assert len(double.log) == 2
    assert len(found.table) == 8


def test_a_list_without_end_is_given_up(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = double.poste.answer

    def endless(path: str, params: dict[str, str]) -> Any:
        further = int(params.get("after", 0)) + 1
        return {**answer(path, {}), "next": f"http://ailleurs.invalid/?after={further}"}

    monkeypatch.setattr(double.poste, "answer", endless)
    monkeypatch.setattr(laposte, "_MAX_ROWS", 30)
    with pytest.raises(SourceError, match="ne finit pas"):
        laposte.fetch(current(double))


def test_several_at_one_address_stay_several_and_the_same_twice_is_one(double: Double) -> None:
    double.poste.rows = [point(1), point(1), point(2), point(3), point(3, libelle_du_site="AUTRE")]
    found = laposte.fetch(current(double))
    assert len(found.table) == 4
    assert any("1\u00a0identifiant" in said for said in found.incomplete)


def test_unknown_kinds_are_counted_with_their_name(double: Double) -> None:
    double.poste.rows = [
        point(1), point(2, caracteristique_du_site="Agence postale militaire"),
        point(3, caracteristique_du_site=None), point(4, caracteristique_du_site="RELAIS POSTE"),
        point(5, caracteristique_du_site="Point partenaire"),
        point(6, caracteristique_du_site="La Poste Agence Communale"),
    ] + [point(i, caracteristique_du_site=f"Nouveau {i}") for i in range(10, 30)]
    found = laposte.fetch(current(double))
    assert found.totals() == {"bureau_poste": 1, "agence_postale": 1, "relais_poste": 2}
    assert found.left_out["type « Agence postale militaire », non reconnu"] == 1
    assert sum(found.left_out.values()) == 22
    assert len(found.left_out) <= 10, "not one reason a name"


def test_hostile_values_are_kept_out_of_the_map_and_names_stay_texts(double: Double) -> None:
    double.poste.rows = [
        point(1, latitude=math.nan, longitude=math.nan),
        point(2, latitude=5.0517, longitude=45.0464),  # swapped
        point(3, latitude="1e400", longitude=-1e300),
        point(4, libelle_du_site='=HYPERLINK("http://exemple.invalid")\n'),
        point(5, code_insee="98818", latitude=-22.2, longitude=166.4),
        point(6, code_insee=None, latitude=None, longitude=None),
        point(7, code_insee="99999", latitude=45.0464, longitude=5.0517),
        point(8, code_insee=1004, latitude=None),
        point(9, libelle_du_site=["liste"], pays={"a": 1}),
    ]
    found = laposte.fetch(current(double))
    GUICHETS.validate(found.table)
    table = found.table.set_index("nom")
    assert '=HYPERLINK("http://exemple.invalid")' in table.index
    assert found.table["longitude"].notna().sum() == 3
    assert found.table["code_insee"].value_counts().to_dict() == {"26281": 6, "01004": 1}
    assert found.left_out == {"hors de la métropole et des départements d’outre-mer": 2}
    lost = found.table[found.table["longitude"].isna()]
    assert set(lost["precision_geo"]) == {"commune"}
    assert all(is_french_sentence(said) for said in found.incomplete)


@pytest.mark.parametrize("kind", ["429", "429_bare", "500", "html", "cut", "reset", "empty"])
def test_a_bad_day_of_the_service_is_waited_out(kind: str, double: Double) -> None:
    double.faults.at = {1: kind}
    assert len(laposte.fetch(current(double)).table) == 8
    assert len(double.log) == 2


def test_a_service_that_stays_silent_is_said(
    double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hasty(Client):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **{**named, "timeout_s": 0.05, "attempts": 2})

    monkeypatch.setattr(laposte, "Client", Hasty)
    double.faults.probability, double.faults.delay_s = {"slow": 1.0}, 0.5
    with pytest.raises(SourceError) as caught:
        laposte.fetch(current(double))
    assert is_french_sentence(caught.value.user_message)
    with pytest.raises(OfflineError):
        laposte.fetch(current(double, TERRITORY_OFFLINE="1"))


@pytest.mark.parametrize("answer", [
    [], {"total": 3}, {"total": "3", "results": []}, {"total": 1, "results": ["a"]},
    {"total": 1, "results": [{"autre": 1}]}, {"total": 1, "results": [], "next": 3},
])
def test_an_answer_of_another_form_is_said(
    answer: object, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double.poste, "answer", lambda *_: answer)
    with pytest.raises(SourceError, match="changé de forme"):
        laposte.fetch(current(double))


def test_an_empty_list_keeps_the_former_one(double: Double) -> None:
    double.poste.rows = []
    with pytest.raises(SourceError, match="liste précédente"):
        laposte.fetch(current(double))


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "laposte.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_the_headers_of_2021_are_read(encoding: str, tmp_path: Path) -> None:
    found = laposte.fetch(settings.load({}), file=written(tmp_path, OLD, encoding))
    GUICHETS.validate(found.table)
    assert found.totals() == {"bureau_poste": 1, "agence_postale": 1, "relais_poste": 2}
    assert found.departements == ("01", "26"), "those of which it has rows"
    assert found.millesime == ""
    agency = found.table[found.table["type"] == "agence_postale"].iloc[0]
    assert agency["code_insee"] == "01004"
    assert pd.isna(agency["longitude"])
    relays = found.table[found.table["type"] == "relais_poste"]
    assert set(relays["precision_geo"]) == {"commune", "voie"}
    assert relays["longitude"].notna().all(), "the source's own point, even a centre"


def test_today_s_headers_are_read_from_a_file_and_scoped(tmp_path: Path) -> None:
    text = OLD.replace("#Identifiant_du_site", "identifiant_a").replace(";", ",")
    found = laposte.fetch(settings.load({}), file=written(tmp_path, text), scope=Scope("26"))
    assert set(found.table["code_insee"]) == {"26281"}
    assert found.departements == ("26",)
    whole = laposte.fetch(settings.load({}), file=written(tmp_path, text),
                          scope=Scope(france=True))
    assert len(whole.departements) == 101


def test_a_file_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="code_insee") as caught:
        laposte.fetch(settings.load({}), file=written(tmp_path, OLD.replace("Code_INSEE", "X")))
    assert is_french_sentence(caught.value.user_message)
    with pytest.raises(InvalidInputError, match="aucun point"):
        laposte.fetch(settings.load({}), file=written(tmp_path, OLD.partition("\n")[0] + "\n"))


def test_the_real_file_of_2021() -> None:
    found = laposte.fetch(
        settings.load({}), file=real_file("laposte_points_contact_2021.csv"))
    GUICHETS.validate(found.table)
    # 17 700 rows: 7 776 post offices, 6 653 + 207 agencies, 3 063 relays and a military agency.
    left_out = dict(found.left_out)
    assert left_out.pop("type « Agence postale militaire », non reconnu") == 1
    assert len(found.table) + sum(left_out.values()) == 17_699
    assert sum(left_out.values()) <= 20
    totals = found.totals()
    for kind, rows in (("bureau_poste", 7_776), ("agence_postale", 6_860),
                       ("relais_poste", 3_063)):
        assert rows - 20 <= totals[kind] <= rows
    assert len(found.departements) == 101
    assert 2_500 <= (found.table["precision_geo"] == "commune").sum() <= 2_600
    # 26 rows have no coordinates; few are far from their commune.
    assert 20 <= found.table["longitude"].isna().sum() <= 50
    assert (found.table["code_insee"].str.startswith("97")).sum() > 200
