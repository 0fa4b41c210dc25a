"""Series over time: what is joined compares, what does not is told."""

from __future__ import annotations

import csv
import itertools
import math
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import saturation, store
from territory import series as module
from territory.comparability import LEFT_OUT, SERIES
from territory.errors import InvalidInputError
from territory.series import Segment, Series, series
from territory.text import trimmed
from tests.territory.french import is_french_sentence

ALL = [(identifier, code) for code, held in module.available().items() for identifier, _ in held]


def every(pair: tuple[str, str]) -> Series:
    return series(*pair)


@given(st.sampled_from(ALL))
def test_no_segment_mixes_methods_units_or_scopes(pair: tuple[str, str]) -> None:
    for segment in every(pair).segments:
        assert len({(p.vintage.source, p.vintage.method) for p in segment.points}) == 1
        assert len({p.unit for p in segment.points}) == 1
        assert len({p.scope for p in segment.points}) == 1
        positions = [p.position for p in segment.points]
        assert positions == sorted(set(positions)), "one point a period"


@given(st.sampled_from(ALL))
def test_lines_join_following_years_only(pair: tuple[str, str]) -> None:
    for segment in every(pair).segments:
        runs = segment.runs()
        assert tuple(itertools.chain.from_iterable(runs)) == segment.points
        for run in runs:
            assert [p.year for p in run] == list(range(run[0].year, run[0].year + len(run)))


@given(st.sampled_from(ALL))
def test_every_point_is_a_line_of_its_fact_table(pair: tuple[str, str]) -> None:
    folder = Path(store.path("")) / "faits"
    for point in every(pair).points:
        with (folder / point.file).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        fact = rows[point.line - 2]
        assert float(fact["valeur"]) == point.value
        assert (fact["indicateur"], fact["annee"], fact["unite"], fact["source_url"],
                fact["source_titre"]) == (point.indicator, point.period, point.unit,
                                          point.source_url, point.source_title)
        assert point.source_url.startswith("http")


@given(st.sampled_from(ALL))
def test_what_is_said_is_french_and_breaks_say_why(pair: tuple[str, str]) -> None:
    found = every(pair)
    assert is_french_sentence(found.sentence())
    assert is_french_sentence(found.definition)
    for text in (*found.cautions, *(b.sentence for b in found.breaks)):
        assert is_french_sentence(text)
        assert "{" not in text
    # Segments that follow each other have a break between them.
    assert len(found.breaks) == len(found.segments) - 1
    assert bool(found.not_to_compare()) == (len(found.segments) > 1)


@given(st.sampled_from(ALL), st.data())
def test_a_change_crosses_no_break(pair: tuple[str, str], data: st.DataObject) -> None:
    found = every(pair)
    first, last = data.draw(st.tuples(st.sampled_from(found.points), st.sampled_from(found.points)))
    together = any({first.period, last.period} <= {p.period for p in s.points}
                   for s in found.segments)
    if together and first.position < last.position:
        change = found.change(first.period, last.period)
        assert change.difference == change.last.value - change.first.value
        assert math.isnan(change.percent) == first.unit.startswith("%")
    else:
        with pytest.raises(InvalidInputError) as caught:
            found.change(first.period, last.period)
        assert is_french_sentence(caught.value.user_message)


def test_every_indicator_known_for_several_years_is_declared_or_left_out_for_a_reason() -> None:
    facts = store.read("bancaire")
    facts = facts[facts["annee"].str.fullmatch(r"\d{4}(?:-\d{2})?")]
    facts = facts[~facts["source_titre"].str.contains(r"\[calcul\]")]
    place = facts["niveau"] + facts["code_reg"] + facts["code_dep"]
    held = facts.groupby([place, "indicateur"])["annee"].nunique()
    several = set(held[held > 1].index.get_level_values("indicateur"))
    declared = {name for one in SERIES.values() for name in one.indicators()}
    assert several <= declared | set(LEFT_OUT)
    assert all(is_french_sentence(why) for why in LEFT_OUT.values())


def test_no_national_fact_of_a_declared_series_is_forgotten() -> None:
    facts = store.read("bancaire")
    facts = facts[facts["niveau"] == "national"]
    declared = {name for one in SERIES.values() for name in one.indicators()}
    lines = {p.line for pair in ALL if not pair[1] for p in every(pair).points}
    wanted = {line for line, name in enumerate(facts["indicateur"], start=2) if name in declared}
    assert lines == wanted


def test_the_first_publication_of_2018_is_not_chained_to_what_follows() -> None:
    machines = series("dab_nombre")
    first, revised = machines.segments
    assert [p.period for p in first.points] == ["2015", "2018"]
    assert [p.period for p in revised.points] == [str(year) for year in range(2018, 2025)]
    assert first.points[-1].value == 52_697
    assert revised.points[0].value == 52_451
    (rupture,) = machines.breaks
    assert rupture.position == 2018
    for figure in (52_697, 52_451):
        assert trimmed(figure) in rupture.sentence
    with pytest.raises(InvalidInputError, match="ne se comparent pas"):
        machines.change("2015", "2019")
    assert machines.change("2018", "2024").percent == pytest.approx(-18.8, abs=0.05)


def test_branch_counts_are_four_segments_and_never_one() -> None:
    found = series("agences")
    assert [s.method.short for s in found.segments] == [
        "BCE", "Infostat", "UFC-Que Choisir", "Caisse des Dépôts"]
    # Counts that overlap in time have no date of break.
    assert {b.position for b in found.breaks} == {None}
    with pytest.raises(InvalidInputError):
        found.change("2016", "2020")


def test_situations_and_filings_are_never_joined() -> None:
    found = series("surendettement_taux")
    assert [[p.period for p in s.points] for s in found.segments] == [
        ["2017", "2018"], ["2022"], ["2023", "2024"]]
    with pytest.raises(InvalidInputError, match="situations"):
        found.change("2018", "2022")


def test_a_rounded_figure_is_not_compared_to_an_exact_one() -> None:
    for name, years in (("communes_avec_dab", ("2020", "2024")), ("dab_sites", ("2023", "2024"))):
        with pytest.raises(InvalidInputError):
            series(name).change(*years)


def test_the_five_minute_share_has_two_points_and_no_change() -> None:
    found = series("part_pop_dab_ou_prive_5min")
    assert [s.whole() for s in found.segments] == [None, None]
    assert found.sentence().count("aucune évolution") == 2


def test_the_total_of_2020_was_revised_as_the_caution_says() -> None:
    facts = store.read("bancaire")
    facts = facts[(facts["niveau"] == "national") & (facts["annee"] == "2020")]
    value = facts.set_index("indicateur")["valeur"].astype(float, errors="ignore")
    parts = float(value["dab_nombre"]) + float(value["points_prives_commerces"])
    assert float(value["points_acces_especes_total"]) != parts


def test_the_key_message_is_computed_from_the_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    machines, reach = saturation.changes()
    assert (machines.first.year, machines.last.year) == (2018, 2024)
    assert machines.percent == pytest.approx(-19, abs=0.5)
    assert abs(reach.difference) < 0.15
    said = saturation.sentence()
    assert is_french_sentence(said)
    assert re.search(r"baissé de 19\s%", said)
    changed = store.read("bancaire").copy()
    last = (changed["indicateur"] == "dab_nombre") & (changed["annee"] == "2024")
    changed.loc[last, "valeur"] = "60000"
    monkeypatch.setattr(store, "read", lambda name: changed)
    assert re.search(r"augmenté de 14\s%", saturation.sentence())
    assert "saturé" not in saturation.sentence()


def test_a_gap_is_a_gap() -> None:
    segment = series("points_prives_commerces").segments[0]
    assert [[p.period for p in run] for run in segment.runs()] == [
        ["2018"], ["2020", "2021", "2022", "2023", "2024"]]
    with pytest.raises(InvalidInputError, match="2019"):
        segment.change("2018", "2019")


def test_months_are_never_joined() -> None:
    segment = series("depots_bancaires", "R76").segments[0]
    assert all(len(run) == 1 for run in segment.runs())
    assert segment.points[0].when == "juillet 2021"
    assert segment.points[0].position == pytest.approx(2021 + 7 / 12)


@pytest.mark.parametrize(("name", "place"), [("inconnue", ""), ("dab_nombre", "11"),
                                             ("dab_nombre", "R76"), ("depots_bancaires", "999")])
def test_unknown_series_and_places_are_refused_in_french(name: str, place: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        series(name, place)
    assert is_french_sentence(caught.value.user_message)


def test_the_table_has_a_row_a_point_with_its_source() -> None:
    found = series("dab_nombre")
    table = found.table()
    assert len(table) == len(found.points)
    assert table["source_url"].str.startswith("http").all()
    assert table["fait"].str.fullmatch(r"bancaire_national\.csv, ligne \d+").all()
    assert table["champ"].unique().tolist() == ["France métropolitaine"]
    assert isinstance(found.segments[0], Segment)
    assert isinstance(table, pd.DataFrame)


def test_changes_are_written_with_their_sign() -> None:
    assert [module.signed(v, 1) for v in (1.25, -18.83, 0.04, -0.04)] == ["+1,2", "−18,8", "0", "0"]
