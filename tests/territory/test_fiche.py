"""The sheet of a territory, its ranks, its questions, and what it writes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from layers.note import note_html
from territory import atlas, communes, exclusion, fiche, questions, settings, territoires
from territory.cli import main
from territory.errors import InvalidInputError, UnknownPlaceError
from territory.fiche import Atlas
from territory.perimeter import Perimeter
from territory.questions import Question
from territory.territoires import Territoire
from tests.territory import counters


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("donnees")
    current = settings.load({"TERRITORY_DATA_DIR": str(folder)})
    counters.kept(current, "2018")
    counters.kept(current, "2024", unknown={"26362": ("banque",)})
    return folder


@pytest.fixture(scope="module")
def known(folder: Path) -> Atlas:
    measured = exclusion.measure(settings.load({"TERRITORY_DATA_DIR": str(folder)}))
    assert measured is not None
    return Atlas(measured)


@pytest.mark.parametrize(
    ("code", "kind", "above"),
    [
        ("26281", "commune", ["epci", "departement", "region", "france"]),
        ("01004", "commune", ["epci", "departement", "region", "france"]),
        ("2A004", "commune", ["epci", "departement", "region", "france"]),
        ("75101", "commune", ["epci", "region", "france"]),
        ("2a", "departement", ["region", "france"]),
        ("R84", "region", ["france"]),
        ("FR", "france", []),
        ("974", "departement", ["france"]),
    ],
)
def test_a_code_names_a_territory_and_those_that_hold_it(
    code: str, kind: str, above: list[str]
) -> None:
    place = territoires.of_code(code)
    assert place.kind == kind
    assert [one.kind for one in territoires.containing(place)] == above
    inside = set(place.codes)
    for one in territoires.containing(place):
        assert inside < set(one.codes)


@pytest.mark.parametrize("code", ["99999", "96", "R99", "123456789", "", "<script>"])
def test_a_code_of_nothing_is_refused(code: str) -> None:
    with pytest.raises(UnknownPlaceError):
        territoires.of_code(code)


def test_a_perimeter_is_the_communes_whose_reference_point_is_inside() -> None:
    place = territoires.of_perimeter(Perimeter.around_commune(communes.get("26281"), 10))
    every = counters.whole()
    inside, _ = Perimeter.around_commune(communes.get("26281"), 10).distances_km(
        every["longitude"], every["latitude"], every.index)
    assert set(place.codes) == set(every.index[inside])
    with pytest.raises(InvalidInputError):
        territoires.of_perimeter(Perimeter.around_point(-4.0, 47.0, 1))


def test_figures_of_a_departement_are_those_of_its_communes(known: Atlas) -> None:
    measured = known.measured
    assert measured.evolution is not None
    row = known.level("departement").loc["38"]
    codes = list(territoires.of_code("38").codes)
    people = measured.population[codes].astype(float)
    access = measured.access.loc[codes]
    assert row["habitants"] == people.sum()
    assert row["guichets"] == access["guichets"].sum()
    assert row["minutes"] == pytest.approx((people * access["minutes"]).sum() / people.sum())
    far = people[access["minutes"] > 15].sum()
    assert row["part_15"] == pytest.approx(100 * far / people.sum())
    moved = measured.evolution.table.loc[codes, "eloignement_km"] > 0
    assert row["part_plus_loin"] == pytest.approx(100 * people[moved].sum() / people.sum())
    assert row["densite"] == pytest.approx(10_000 * row["guichets"] / row["habitants"])


def test_a_perimeter_and_the_unit_of_the_same_communes_agree(known: Atlas) -> None:
    unit = territoires.of_code("38")
    mine = known.of(Territoire("perimetre", "", "Essai", unit.codes))
    assert mine.to_dict() == pytest.approx(known.of(unit).to_dict(), nan_ok=True)


def test_an_unknown_count_leaves_its_departement_unknown(known: Atlas) -> None:
    sheet = fiche.of(territoires.of_code("26362"), known)
    figures = {figure.id: figure for figure in sheet.figures}
    assert figures["guichets"].written(sheet.value("guichets")) == "inconnu"
    assert "Guichets" in " ".join(sheet.unknown)
    assert sheet.options is None
    assert known.level("departement").loc["26", ["guichets", "densite"]].isna().all()


def test_ranks_are_those_one_counts_by_hand(known: Atlas) -> None:
    sheet = fiche.of(territoires.of_code("38185"), known)
    of_isere = communes.units("commune").query("code_departement == '38'").index
    for figure in ("e2sfca", "part_aides_logement_2022"):
        column = known.level("commune")[figure].reindex(of_isere).dropna()
        mine = column["38185"]
        worse = (column > mine).sum() if figure.startswith("part") else (column < mine).sum()
        rank = next(r for r in sheet.ranks[figure] if r.where == "Isère (38)")
        assert (rank.rank, rank.among) == (worse + 1, len(column))
        assert rank.sentence("commune").endswith("communes, Isère (38)")


def test_a_rank_that_most_share_is_not_told(known: Atlas) -> None:
    # Most communes of the département have no one in a quartier prioritaire.
    sheet = fiche.of(territoires.of_code("26001"), known)
    assert all(r.where != "Drôme (26)" or r.tied <= r.among / 2
               for ranks in sheet.ranks.values() for r in ranks)


def test_the_nearest_equipped_communes_are_in_order(known: Atlas) -> None:
    sheet = fiche.of(territoires.of_code("26001"), known)
    near = sheet.near["distance_km"]
    assert near.is_monotonic_increasing
    assert near.iloc[0] == pytest.approx(known.measured.access.loc["26001", "distance_km"])
    assert (sheet.near["guichets"] >= 1).all()


@pytest.mark.parametrize("code", ["26281", "26001", "26362", "26", "974", "97611", "R11", "FR",
                                  "200068781"])
def test_every_sheet_has_a_headline_and_questions(known: Atlas, code: str) -> None:
    try:
        place = territoires.of_code(code)
    except UnknownPlaceError:
        place = territoires.unit("epci", str(communes.units("epci").index[0]))
    sheet = fiche.of(place, known)
    assert fiche.headline(sheet).endswith(".")
    found = questions.of(sheet, known)
    assert len(found) >= 2
    assert all(one.ask.endswith("?") for one in found)
    assert not any(" nan" in f"{one.ask}{one.because}" for one in found)


def test_questions_count_the_people_they_name(known: Atlas) -> None:
    place = territoires.of_code("48")
    far = known.measured.access.loc[list(place.codes), "minutes"] > 15
    people = int(known.measured.population[far.index[far]].sum())
    said = next(one for one in questions.of(fiche.of(place, known), known)
                if one.because.startswith("À plus de 15"))
    assert f"{people:,}".replace(",", "\u202f") in said.because


def test_overseas_says_that_no_official_series_holds(known: Atlas) -> None:
    assert fiche.OVERSEAS in fiche.of(territoires.of_code("97411"), known).notes
    assert fiche.OVERSEAS not in fiche.of(territoires.of_code("26"), known).notes


def test_the_page_escapes_what_it_is_given(known: Atlas) -> None:
    evil = "<img src=x onerror=alert(1)>"
    place = territoires.of_code("26001")
    sheet = fiche.of(Territoire("perimetre", "", evil, place.codes), known)
    page = note_html(sheet, [Question(evil, evil)], dt.date(2026, 11, 28))
    assert "<img" not in page
    assert page.count("&lt;img") >= 3
    assert "default-src 'none'" in page


def test_every_figure_of_the_file_is_that_of_the_table(known: Atlas) -> None:
    sheet = fiche.of(territoires.of_code("26281"), known)
    table = sheet.table().set_index("indicateur")
    for figure in sheet.figures:
        for where, value in sheet.of(figure).items():
            assert table.loc[figure.label, where] == pytest.approx(value, nan_ok=True)
    assert (table["source"] != "").all()
    assert {figure.theme for figure in sheet.figures} == set(atlas.THEMES)


def test_the_command_writes_the_sheet(
    folder: Path, known: Atlas, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(folder))
    assert main(["fiche", "26281", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    # Measured once; the other forms are of the same measure.
    monkeypatch.setattr(exclusion, "measure", lambda *_: known.measured)
    assert said["territoire"]["code"] == "26281"
    assert said["chiffres"]["guichets"]["valeurs"]["Romans-sur-Isère (26, Drôme)"] == 13
    assert main(["fiche", "R84"]) == 0
    assert "Ce que l’on ne sait pas" in capsys.readouterr().out
    out = tmp_path / "note.md"
    assert main(["fiche", "26", "--format", "markdown", "--sortie", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("# Questions à poser aux banques")
    assert main(["fiche", "99999"]) == 2
    assert main(["fiche", "26", "--format", "pdf"]) == 2


def test_the_command_tells_fragility_alone_without_supply(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TERRITORY_DATA_DIR", str(tmp_path / "vide"))
    assert main(["fiche", "26", "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    here = "Drôme (26)"
    assert said["chiffres"]["minutes"]["valeurs"][here] is None
    assert said["chiffres"]["part_aides_logement_2022"]["valeurs"][here] > 0
    assert "fetch bpe" in " ".join(said["notes"])
