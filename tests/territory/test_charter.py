"""Answers, marks, ranks and reasons: against twelve suppliers marked by hand, then in general."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territory import charter
from territory.charter import MET, NOT_MET, UNKNOWN, Assessment, Declaration, Rule
from territory.charter.marks import ANSWERS, on_axis
from territory.charter.rules import FACTS, KINDS, MENTIONS
from territory.errors import InvalidInputError
from territory.sources import ess_rows, siae
from territory.text import written_day
from tests.territory import charter_cases
from tests.territory.charter_cases import CASES, WEIGHTS
from tests.territory.french import is_french_sentence

NAMES = list(CASES)


@pytest.fixture(scope="module")
def assessed() -> Assessment:
    ours = charter.default().reweighted(WEIGHTS)
    return charter.assess(charter_cases.suppliers(), ours, charter_cases.declarations())


def mark(assessed: Assessment, name: str, axis: str) -> pd.Series:
    found = assessed.marks
    (row,) = found[(found["fournisseur"] == NAMES.index(name)) & (found["axe"] == axis)].index
    return found.loc[row]


# --- The twelve --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_twelve_suppliers_come_out_as_marked_by_hand(assessed: Assessment, name: str) -> None:
    by_hand = CASES[name][2]
    for axis in charter.default().axes:
        found = mark(assessed, name, axis.id)
        if axis.id in by_hand:
            met, known, asked = by_hand[axis.id]
            assert found["note"] == pytest.approx(met / known, abs=1e-12)
            assert found["part_connue"] == pytest.approx(known / asked, abs=1e-12)
        else:
            assert np.isnan(found["note"])
            assert found["part_connue"] == 0


def test_there_are_twelve_and_each_state_of_each_kind_is_seen(assessed: Assessment) -> None:
    assert len(CASES) == 12
    assert set(assessed.answers["etat"]) == {MET, NOT_MET, UNKNOWN}
    from_a_list = assessed.answers[assessed.answers["role"] == ""]
    assert set(from_a_list["etat"]) == {MET, NOT_MET, UNKNOWN}


def test_no_answer_without_a_source_and_no_mark_without_an_answer(assessed: Assessment) -> None:
    known = assessed.answers["etat"] != UNKNOWN
    assert (assessed.answers.loc[known, "source"] != "").all()
    assert (assessed.answers.loc[~known, ["source", "date", "role", "preuve"]] == "").all(axis=None)
    signed = assessed.answers.loc[known].groupby(["fournisseur", "axe"]).size()
    marked = assessed.marks[assessed.marks["note"].notna()]
    assert {(m.fournisseur, m.axe) for m in marked.itertuples()} == set(signed.index)


def test_sources_say_their_own_day_before_the_row_s(assessed: Assessment) -> None:
    found = assessed.answers.set_index(["fournisseur", "critere"])
    half = NAMES.index("Ligne inventée à moitié sourcée")
    assert found.loc[(half, "ess"), ["source", "date"]].tolist() == [
        "Sirene, 3 mars 2026", "2026-03-03"]
    pont = NAMES.index("Scop inventée du Pont")
    assert found.loc[(pont, "ess"), "date"] == "2026-10-01"
    assert found.loc[(pont, "dans_perimetre"), "source"] == (
        f"placé à son adresse, {charter_cases.LIST}")


def test_a_declaration_fills_what_is_unknown_and_only_flags_what_is_known(
    assessed: Assessment,
) -> None:
    found = assessed.answers.set_index(["fournisseur", "critere"])
    transport = NAMES.index("Transport inventé")
    assert found.loc[(transport, "ess"), "etat"] == MET
    assert found["contredit"].sum() == 1
    assert found.loc[(transport, "ess"), "contredit"]
    said = found.loc[(transport, "mobilite_douce")]
    assert said[["etat", "source", "date", "role"]].tolist() == [
        MET, "déclaration (acheteuse)", "2026-11-02", "acheteuse"]


def test_a_trade_is_asked_its_own_criteria_and_no_other(assessed: Assessment) -> None:
    asked = assessed.answers.groupby("fournisseur")["critere"].agg(set)
    common = {c.id for c in charter.default().criteria if not c.filieres}
    assert asked[NAMES.index("Structure inventée dont on ne sait rien")] == common
    assert asked[NAMES.index("Auberge inventée du Lac")] - common == {
        "bio", "saison", "gaspillage", "retombees_locales"}


# --- Why -----------------------------------------------------------------------------------------


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_why_says_rank_answers_sources_and_what_is_unknown(assessed: Assessment) -> None:
    said = plain(assessed.why(NAMES.index("Fondation inventée"), "proximite"))
    assert said.startswith("Rang 9 sur 9 : 0 % pour « Proximité ».")
    assert "Non atteint : dans le périmètre (placé à son adresse, Liste inventée" in said
    assert "Financement éthique : 50 % de ce qui est connu." in said
    assert "financement éthique (déclaration (acheteuse), 2 novembre 2026)" in said
    assert "Inconnu : intermédiaires utiles seulement, " in said
    tied = plain(assessed.why(NAMES.index("Ferme inventée"), "proximite"))
    assert tied.startswith("Rang 1 sur 9, ex æquo avec 4 autres : 100 % pour « Proximité ».")
    nothing = plain(assessed.why(NAMES.index("Ligne inventée sans source"), "total"))
    assert nothing.startswith("Sans rang : rien n’est connu en moyenne des axes notés. Inconnu : ")
    transport = plain(assessed.why(NAMES.index("Transport inventé"), "total"))
    assert "de l’ESS (Liste inventée pour l’essai, 1er octobre 2026, contredit par une" in transport
    for supplier in range(12):
        for by in ("", "total", "ecologie"):
            assert is_french_sentence(assessed.why(supplier, by))


def test_a_stranger_has_no_reason_and_no_axis_is_invented(assessed: Assessment) -> None:
    for asked in ((99, ""), (0, "beauté")):
        with pytest.raises(InvalidInputError) as caught:
            assessed.why(*asked)
        assert is_french_sentence(caught.value.user_message)


def test_the_table_holds_the_marks_and_no_total_unless_asked(assessed: Assessment) -> None:
    suppliers = charter_cases.suppliers()
    table = assessed.table(suppliers)
    assert [c.name for c in assessed.columns()] == list(table.columns[len(suppliers.columns):])
    assert not {"note_totale", "rang_charte"} & set(table.columns)
    assert table["nom"].tolist() == NAMES
    assert table["note_utilite_sociale"].tolist()[:4] == pytest.approx(
        [100, 100, 0, np.nan], nan_ok=True)
    assert table["connu_utilite_sociale"].tolist()[:3] == [100.0, 66.7, 66.7]
    ranked = assessed.table(suppliers, total=True)
    assert [c.name for c in assessed.columns(total=True)] == list(
        ranked.columns[len(suppliers.columns):])
    assert ranked["rang_charte"].dropna().is_monotonic_increasing
    assert ranked["rang_charte"].isna().tolist() == [False] * 10 + [True] * 2
    # Both have nothing: they keep their order, at the end.
    assert ranked["nom"].tolist()[-2:] == NAMES[5:7]
    nothing = suppliers[:0]
    assert charter.assess(nothing, charter.default()).table(nothing, total=True).empty


def test_the_total_is_the_mean_of_the_axes_that_have_a_mark(assessed: Assessment) -> None:
    found = charter.total(assessed.marks)
    third = NAMES.index("Bâti inventé")
    assert found.loc[third, "total"] == pytest.approx((1 + 0 + 0 + 1) / 4)
    assert found.loc[third, "part_connue"] == pytest.approx((1 / 2 + 2 / 3 + 1 / 2 + 1 / 3) / 10)
    assert found.loc[third, "axes_notes"] == 4
    alone = charter.total(assessed.marks, {a.id: 0 for a in charter.default().axes
                                           if a.id != "ecologie"})
    pd.testing.assert_series_equal(
        alone["total"], on_axis(assessed.marks, "ecologie"), check_names=False)


def test_equal_marks_share_a_rank_and_keep_their_order() -> None:
    scores = pd.Series([0.5, np.nan, 1.0, 0.5, 0.0], index=list("abcde"))
    assert charter.ranks(scores).tolist() == [2, pd.NA, 1, 2, 4]
    assert list(charter.ordered(scores)) == list("cadeb")


# --- In general ----------------------------------------------------------------------------------

rows = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from("xyz"), st.integers(0, 9),
              st.sampled_from([MET, NOT_MET, UNKNOWN])),
    min_size=1, max_size=25,
)
Row = tuple[int, str, int, str]


def table(rows: list[Row]) -> tuple[pd.DataFrame, dict[str, float]]:
    """Answers of up to three suppliers, each criterion its own, and weights."""
    frame = pd.DataFrame(
        [{"fournisseur": who, "critere": f"c{i}", "axe": axis, "etat": state}
         for i, (who, axis, _, state) in enumerate(rows)])
    return frame.reindex(columns=ANSWERS, fill_value=""), {
        f"c{i}": float(weight) for i, (_, _, weight, _) in enumerate(rows)}


def noted(rows: list[Row]) -> dict[tuple[int, str], tuple[float, float]]:
    found = charter.marks(*table(rows))
    return {(m.fournisseur, m.axe): (m.note, m.part_connue) for m in found.itertuples()}


def same(a: float, b: float) -> bool:
    return a == b or (np.isnan(a) and np.isnan(b))


@given(rows)
def test_a_mark_is_the_share_met_of_what_is_known(rows: list[Row]) -> None:
    for (who, axis), (note, known) in noted(rows).items():
        own = [(w, s) for f, a, w, s in rows if (f, a) == (who, axis)]
        asked = sum(w for w, _ in own)
        told = sum(w for w, s in own if s != UNKNOWN)
        met = sum(w for w, s in own if s == MET)
        for found, part, whole in ((note, met, told), (known, told, asked)):
            assert np.isnan(found) if not whole else found == pytest.approx(part / whole)


@given(rows, st.data())
def test_one_weight_moves_its_axis_and_nothing_else(rows: list[Row], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(rows) - 1))
    weight = data.draw(st.integers(0, 100))
    who, axis, _, state = rows[at]
    before, after = noted(rows), noted([*rows[:at], (who, axis, weight, state), *rows[at + 1:]])
    assert list(before) == list(after)
    for key in before:
        if key != (who, axis):
            assert all(map(same, before[key], after[key]))
    if state == UNKNOWN:
        # Only the share that is known may move.
        assert same(before[who, axis][0], after[who, axis][0])


@given(rows)
def test_a_mark_does_not_depend_on_what_is_unknown(rows: list[Row]) -> None:
    known = [row for row in rows if row[3] != UNKNOWN]
    if not known:
        assert all(np.isnan(note) for note, _ in noted(rows).values())
        return
    without = noted(known)
    for key, (note, _) in noted(rows).items():
        assert same(note, without[key][0]) if key in without else np.isnan(note)


@given(rows, st.data())
def test_unknown_stands_between_not_met_and_met(rows: list[Row], data: st.DataObject) -> None:
    """Never worse than « not met », never better than « met »."""
    at = data.draw(st.integers(0, len(rows) - 1))
    who, axis, weight, _ = rows[at]

    def with_state(state: str) -> float:
        return noted([*rows[:at], (who, axis, weight, state), *rows[at + 1:]])[who, axis][0]

    no, unknown, yes = (with_state(state) for state in (NOT_MET, UNKNOWN, MET))
    if not np.isnan(unknown):
        assert no <= unknown <= yes


@given(rows, st.sampled_from([-1.0, 100.5, float("nan"), float("inf"), None, "2", True]))
def test_a_weight_that_is_none_is_refused(rows: list[Row], weight: object) -> None:
    answers, weights = table(rows)
    for wrong in ({**weights, "c0": weight}, {k: w for k, w in weights.items() if k != "c0"}):
        with pytest.raises(InvalidInputError) as caught:
            charter.marks(answers, wrong)  # type: ignore[arg-type]
        assert is_french_sentence(caught.value.user_message)


def test_reweighting_asks_nothing_anew_and_changes_one_axis(assessed: Assessment) -> None:
    heavier = assessed.reweighted({"siae": 5})
    assert heavier.answers is assessed.answers
    moved = heavier.marks[heavier.marks["part_connue"] != assessed.marks["part_connue"]]
    assert set(moved["axe"]) == {"insertion"}
    with pytest.raises(InvalidInputError):
        assessed.reweighted({"inexistant": 1})
    with pytest.raises(InvalidInputError):
        assessed.reweighted({"siae": 101})


# --- Rules ---------------------------------------------------------------------------------------


def test_every_label_that_a_list_gives_can_be_asked_for() -> None:
    given_ = {*ess_rows._ESTABLISHMENT_LABELS.values(), *ess_rows._UNIT_LABELS.values()}
    assert given_ < set(MENTIONS)
    assert not set(MENTIONS) & set(siae.SIAE_KINDS)
    assert {kind for fact in FACTS.values() for kind in fact.kinds} == set(KINDS)


def test_what_a_table_does_not_hold_is_unknown() -> None:
    bare = charter_cases.suppliers().drop(columns=["labels", "distance_km", "est_esus"])
    for rule in (Rule("labels", "parmi", ("RGE",)), Rule("distance_km", "au_plus", limit=10),
                 Rule("est_esus", "oui_non")):
        assert set(rule.states(bare)) == {UNKNOWN}
    cells = bare.assign(est_esus=[None, "Oui", "", "oui", "non", 1, *["x"] * 6],
                        distance_km=[np.nan, 9.9, 10.0, 10.1, "12", "?", *[np.inf] * 6])
    assert Rule("est_esus", "oui_non").states(cells)[:6].tolist() == [
        UNKNOWN, UNKNOWN, UNKNOWN, MET, NOT_MET, UNKNOWN]
    assert Rule("distance_km", "au_plus", limit=10).states(cells)[:7].tolist() == [
        UNKNOWN, MET, MET, NOT_MET, NOT_MET, UNKNOWN, UNKNOWN]


def test_a_label_is_a_whole_one() -> None:
    cells = charter_cases.suppliers()[:4].assign(labels=["RGE", "Qualiopi ; RGE", "ARGEAU", "EA;"])
    assert Rule("labels", "parmi", ("RGE",)).states(cells).tolist() == [MET, MET, UNKNOWN, UNKNOWN]
    assert Rule("labels", "parmi", ("EA",)).states(cells)[3] == MET


@pytest.mark.parametrize("wrong", [
    ("nom", "oui_non"), ("est_ess", "parmi"), ("labels", "oui"), ("labels", "parmi"),
    ("labels", "parmi", ("Rge",)), ("est_ess", "oui", ("oui",)), ("distance_km", "au_plus"),
    ("distance_km", "au_plus", (), 0.0), ("distance_km", "au_plus", (), 301.0),
    ("est_ess", "oui_non", (), 10.0), ("__class__", "oui"),
])
def test_a_rule_out_of_the_lists_is_refused(wrong: tuple) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Rule(*wrong)
    assert is_french_sentence(caught.value.user_message)


def test_a_written_day_is_read_back() -> None:
    assert written_day("Sirene, 1er mai 2026") == dt.date(2026, 5, 1)
    assert written_day("3 août 2021") == dt.date(2021, 8, 3)
    for text in ("", "loi du 31 juillet 2014, art. 1", "31 juin 2020", "13 mai 0000", "mai 2026"):
        assert written_day(text) is None


# --- Declarations --------------------------------------------------------------------------------


def declared(day: int, state: str, criterion: str = "prix_juste", **who: str) -> Declaration:
    return Declaration(criterion, state, "Contrat lu", dt.date(2026, 1, day), "élue",
                       **(who or {"name": "structure inventée, dont on ne SAIT rien",
                                  "commune": "26281"}))


def state_of(suppliers: pd.DataFrame, *found: Declaration) -> str:
    answers = charter.answers(suppliers, charter.default(), found)
    return str(answers.set_index(["fournisseur", "critere"]).loc[(5, "prix_juste"), "etat"])


def test_the_latest_declaration_wins_and_of_one_day_the_last_given() -> None:
    suppliers = charter_cases.suppliers()
    assert state_of(suppliers) == UNKNOWN
    assert state_of(suppliers, declared(2, MET), declared(1, NOT_MET)) == MET
    assert state_of(suppliers, declared(1, NOT_MET), declared(2, MET)) == MET
    assert state_of(suppliers, declared(1, MET), declared(1, NOT_MET)) == NOT_MET


def test_a_declaration_that_answers_nothing_here_is_said() -> None:
    suppliers = charter_cases.suppliers()
    suppliers.loc[11, "nom"] = suppliers.loc[10, "nom"]
    suppliers.loc[0, "siret"] = "30000001600018"
    ours = charter.default()
    used = [declared(1, MET), declared(1, MET, siret="30000001600018")]
    lost = [
        declared(1, MET, siret="30000002400012"),
        declared(1, MET, name="Transport inventé", commune="26281"),  # two namesakes
        declared(1, MET, name="Ferme inventée", commune="26362"),
        declared(1, MET, "inexistant"),
        declared(1, MET, "dans_perimetre"),  # worked out, never declared
        declared(1, MET, "bio"),  # not of this trade
    ]
    assert charter.unused(suppliers, ours, [*used, *lost]) == lost
    known = charter.answers(suppliers, ours, [*used, *lost])
    assert (known["role"] != "").sum() == 2
