"""Territories side by side: only what is comparable, and gaps by a rule that is said."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import math
from collections.abc import Sequence

import pytest

from territory import (
    communes,
    comparaison,
    directory,
    portrait,
    territoires,
)
from territory.comparaison import ONE_COMMUNE, OTHER_LIST, Comparison, compare
from territory.directory import Directory
from territory.errors import InvalidInputError
from territory.fiche import Atlas
from territory.indicators.banking import Assumptions
from territory.perimeter import Perimeter
from territory.portrait import Figure, Portrait
from territory.text import NBSP
from tests.territory import portraits
from tests.territory.french import is_french_sentence

AID = "part_aides_logement_2022"
NATIONAL = portraits.listed(portraits.national(300))


@functools.cache
def made(code: str, known: Atlas | None = None) -> Portrait:
    return counted(code, NATIONAL, known)


def counted(code: str, listed: Directory, known: Atlas | None = None) -> Portrait:
    """The portrait counted in a list."""
    return portrait.of(territoires.of_code(code), known or portraits.fragility_only(), listed,
                       day=portraits.DAY)


def changed(one: Portrait, **values: float) -> Portrait:
    """The same portrait with other values of some figures."""
    figures = tuple(
        dataclasses.replace(f, value=values[f.id]) if f.id in values else f for f in one.figures)
    return dataclasses.replace(one, figures=figures)


def alone(one: Portrait, *kept: str) -> Portrait:
    """The same portrait, its other figures unknown."""
    figures = tuple(
        f if f.id in kept else dataclasses.replace(f, value=math.nan) for f in one.figures)
    return dataclasses.replace(one, figures=figures)


def row(found: Comparison, figure: str) -> comparaison.Row:
    return next(one for one in found.rows if one.figure.id == figure)


def written(found: Comparison, figure: str) -> list[str]:
    return [cell.written for cell in row(found, figure).cells]


def figure_of(one: Portrait, figure: str) -> Figure:
    return one.figure(figure)


def test_every_cell_is_the_figure_of_its_portrait(known: Atlas) -> None:
    several = [made(code, known) for code in ("26281", "26362", "200040459", "26", "R84")]
    found = compare(several)
    ids = [one.figure.id for one in found.rows]
    assert ids == [one.id for one in several[-1].figures]
    for line in found.rows:
        for cell, one in zip(line.cells, several, strict=True):
            own = {f.id: f for f in one.figures}.get(line.figure.id)
            if own is None:
                assert cell.written == ONE_COMMUNE
                assert one.territoire.kind == "commune"
            else:
                assert cell.written == own.written
                assert cell.value == pytest.approx(own.value, nan_ok=True)


def test_an_unknown_is_said_and_never_zero(known: Atlas) -> None:
    found = compare([made("26281", known), made("26362", known)])
    assert written(found, "guichets")[1] == "inconnu"
    assert math.isnan(row(found, "guichets").cells[1].value)
    table = found.table().set_index("indicateur")
    assert math.isnan(table.loc["Guichets", "26362"])
    assert table.loc["Guichets", "remarques"] == "Valence (26, Drôme) : inconnu"


def test_two_lists_are_never_compared() -> None:
    asked = dataclasses.replace(
        portraits.listed(portraits.national(300), "perimetre"), communes=("26362",))
    day = dt.date(2025, 1, 1)
    older = dataclasses.replace(NATIONAL, oldest=day, newest=day)
    several = [counted("26058", directory.extract()), made("26281"), counted("26362", asked),
               counted("26004", older)]
    found = compare(several)
    # The first that is known gives the list; the extract counts nothing.
    assert written(found, "ess_employeurs")[0] == "non calculé (extrait)"
    assert written(found, "ess_employeurs")[1] == figure_of(several[1], "ess_employeurs").written
    assert written(found, "ess_employeurs")[2:] == [OTHER_LIST, OTHER_LIST]
    assert not any(c.known for c in row(found, "ess_pour_1000").cells[2:])
    assert row(found, "ess_employeurs").figure.source == figure_of(
        several[1], "ess_employeurs").source
    assert any("pas de la même liste" in note.replace(NBSP, " ") for note in found.notes())
    # The rest does not depend on that list.
    assert all(cell.known for cell in row(found, AID).cells)


def test_another_vintage_is_not_compared() -> None:
    one, other = made("26281"), made("26362")
    aged = tuple(dataclasses.replace(f, vintage="2019") if f.id == AID else f
                 for f in other.figures)
    found = compare([one, dataclasses.replace(other, figures=aged)])
    assert written(found, AID)[1] == OTHER_LIST


def test_a_lower_bound_stays_one_and_makes_no_gap() -> None:
    found = compare([made("26281"), made("26362")])
    assert all(cell.at_least for cell in row(found, "ess_emplois").cells if cell.known)
    table = found.table().set_index("indicateur")
    assert "Romans-sur-Isère" in table.loc["PTCE du territoire", "au_moins"]
    assert not {gap.row.figure.theme for gap in found.gaps()} & {"ptce", "habitants"}


def test_the_widest_gap_is_said_with_its_ratio() -> None:
    one, other = (alone(made(code), AID, "part_65p_2021") for code in ("26281", "26362"))
    found = compare([changed(one, **{AID: 30.0, "part_65p_2021": 20.0}),
                     changed(other, **{AID: 10.0, "part_65p_2021": 30.0})])
    assert found.sentences() == (
        (f"Le plus grand écart{NBSP}: part des habitants couverts par une aide au logement "
         "(2022), "
         f"30,0{NBSP}% pour Romans-sur-Isère (26, Drôme) contre 10,0{NBSP}% pour Valence (26, "
         f"Drôme), soit un rapport de{NBSP}3,0."),
    )
    (gap,) = found.gaps()
    assert (gap.high, gap.low, gap.ratio) == (0, 1, 3.0)


@pytest.mark.parametrize("values", [(10.0, math.nan), (10.0, 0.0), (3.0, 0.9), (10.0, 8.1)])
def test_nothing_is_made_of_an_unknown_a_zero_or_a_little(values: tuple[float, float]) -> None:
    several = [changed(alone(made(code), AID), **{AID: value})
               for code, value in zip(("26281", "26362"), values, strict=True)]
    found = compare(several)
    assert found.gaps() == ()
    (said,) = found.sentences()
    assert said.startswith("Aucun taux" if math.isnan(values[1]) else "Aucun des taux")


def test_none_within_reach_is_not_a_number(known: Atlas) -> None:
    several = [changed(alone(made(code, known), "minutes"), minutes=value)
               for code, value in (("26281", 3.0), ("26058", math.inf))]
    found = compare(several)
    assert found.gaps() == ()
    assert written(found, "minutes")[1] == "aucun"
    line = found.table().set_index("indicateur").loc["Temps estimé au guichet le plus proche"]
    assert math.isnan(line["26058"])
    assert line["remarques"].endswith("aucun")


def test_two_gaps_are_of_two_themes(known: Atlas) -> None:
    found = compare([made(code, known) for code in ("75056", "48", "23")])
    themes = [gap.row.figure.theme for gap in found.gaps()]
    assert len(themes) == len(set(themes)) == len(found.sentences())
    assert [gap.ratio for gap in found.gaps()] == sorted(
        (gap.ratio for gap in found.gaps()), reverse=True)


def test_mayotte_and_the_density_of_a_village_make_no_gap(known: Atlas) -> None:
    found = compare([alone(made(code), AID) for code in ("976", "26")])
    assert found.gaps() == ()
    assert any("Mayotte" in note for note in found.notes())
    few = communes.whole()["population"].astype(float)
    village = str(few[(few > 50) & (few < 200)].index[0])
    several = [changed(alone(made(code, known), "densite"), densite=value)
               for code, value in (("26281", 2.0), (village, 80.0))]
    assert compare(several).gaps() == ()


def test_levels_and_overlaps_are_said() -> None:
    found = compare([made("26281"), made("26"), made("R84")])
    notes = " ".join(found.notes()).replace(NBSP, " ")
    assert "Échelons différents (commune, département et région)" in notes
    assert "Romans-sur-Isère (26, Drôme) dans Drôme (26)" in notes
    place = territoires.of_perimeter(Perimeter.around_commune(communes.get("26281"), 20))
    mine = portrait.of(place, portraits.fragility_only(), NATIONAL)
    epci = str(communes.whole().loc["26281", "code_epci"])
    both = compare([mine, made(epci)])
    assert both.names() == ("perimetre", epci)
    assert "communes en commun" in " ".join(both.notes()).replace(NBSP, " ")


@pytest.mark.parametrize("codes", [
    ("26281",), ("26281", "26362", "26", "R84", "FR", "48"), ("26281", "26", "26281"),
    ("75", "75056"),
])
def test_too_few_too_many_and_twice_are_refused(codes: Sequence[str]) -> None:
    with pytest.raises(InvalidInputError) as raised:
        comparaison.check([territoires.of_code(code) for code in codes])
    assert is_french_sentence(raised.value.user_message)


def test_other_settings_are_refused() -> None:
    one, other = made("26281"), made("26362")
    slower = dataclasses.replace(other.measured, assumptions=Assumptions(speed_kmh=30.0))
    with pytest.raises(InvalidInputError, match="réglages"):
        compare([one, dataclasses.replace(other, measured=slower)])


@pytest.mark.parametrize("codes", [
    ("26281", "200040459"), ("974", "976", "2A"), ("55039", "26281"),
    ("01001", "R84", "FR", "75056", "22016"),
])
def test_what_is_said_holds_at_the_extremes(codes: Sequence[str], known: Atlas) -> None:
    found = compare([made(code, known) for code in codes])
    for said in (*found.sentences(), *found.notes()):
        assert is_french_sentence(said)
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert len(content["territoires"]) == len(codes)
    assert {len(one["valeurs"]) for one in content["chiffres"]} == {len(codes)}
    assert [c.name for c in found.columns()] == list(found.table().columns)
    assert all(one.figure.source and one.figure.vintage for one in found.rows)


def test_an_address_reads_back() -> None:
    for code in ("26281", "200040459", "26", "2A", "974", "R84", "FR"):
        assert territoires.of_code(code).address == code
