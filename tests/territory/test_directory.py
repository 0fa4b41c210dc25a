"""The directory: which list is searched, what is said of it, and a person's own suppliers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from territory import communes, directory, employers, settings
from territory.directory import NATIONAL, Directory
from territory.perimeter import Perimeter
from territory.register import Hole, Register
from territory.schemas import ETABLISSEMENTS
from territory.settings import Settings
from territory.sources import siae
from territory.store import Store, to_parquet_bytes
from territory.suppliers import Criteria
from tests.territory.french import is_french_sentence

#: Communes of two départements, Drôme and Isère.
HERE = Perimeter.around_commune(communes.get("26281"), 10)
CODES = employers.communes_of(HERE)
CRITERIA = Criteria()


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 11, number, 12, tzinfo=dt.UTC)


def rows(names: dict[str, str], code: str = "26281", km_north: float = 0.0) -> pd.DataFrame:
    """Establishments by SIRET → name, of a commune, at the centre or north of it."""
    center = communes.get("26281")
    table = pd.DataFrame("", index=range(len(names)), columns=ETABLISSEMENTS.names)
    return table.assign(
        siret=list(names), siren=[siret[:9] for siret in names], nom=list(names.values()),
        code_insee=code, commune=communes.get(code).nom, code_departement=code[:2],
        longitude=center.longitude, latitude=center.latitude + km_north / 111.2,
        precision_geo="adresse", filiere="Vie associative", filiere_origine="presumee_naf",
        famille_ess="association", est_ess="oui", est_employeur="oui", est_siae="inconnu",
        est_esus="inconnu", source="essai",
    )


A, B, C, D = "30000001600015", "30000002400011", "30000003200014", "30000004000018"


@pytest.fixture
def current(tmp_path: Path) -> Settings:
    return settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})


def keep(
    current: Settings, table: pd.DataFrame, when: int, codes: tuple[str, ...] = CODES,
    complete: bool = True, holes: dict[str, list[Hole]] | None = None,
) -> None:
    """Fill the register."""
    Register(current.data_dir).save(codes, table, holes or {}, fetched=day(when),
                                    complete=complete)


def put(current: Settings, name: str, table: pd.DataFrame, when: int) -> None:
    """Replace a table of the local store."""
    Store(current.data_dir).replace_table(
        name, to_parquet_bytes(table),
        {"lignes": len(table), "recupere_le": day(when).date().isoformat()})


def chosen(current: Settings) -> tuple[Directory, list[str]]:
    found = directory.of(HERE, current)
    return found, sorted(directory.search(HERE, CRITERIA, found).found["nom"])


def test_without_any_list_the_extract_is_searched_and_says_what_it_is(current: Settings) -> None:
    sea = Perimeter.around_point(-2.6, 46.4, 1)
    for perimeter in (HERE, None, sea):
        found = directory.of(perimeter, current)
        assert found.kind == "extrait"
        assert found.gaps() == []
        assert found.note() == directory.EXTRACT_NOTE
        assert "une absence ne veut rien dire" in found.sentence()
    assert directory.fetched(current) == {}


def test_communes_asked_to_the_end_are_searched_and_dated(current: Settings) -> None:
    keep(current, rows({A: "Du registre"}), 20)
    found, names = chosen(current)
    assert (found.kind, names, found.source_ids) == ("perimetre", ["Du registre"], ("ess",))
    assert found.sentence() == ("Établissements employeurs de l’ESS, API Recherche d’entreprises "
                                "interrogée le 20 novembre 2026.")
    assert found.gaps() == []
    keep(current, rows({B: "Plus tard"}), 22, ("26281",))
    found, names = chosen(current)
    assert names == ["Plus tard"], "the new answer is searched, not a former index"
    assert "entre le 20 novembre 2026 et le 22 novembre 2026" in found.sentence()


@pytest.mark.parametrize(
    ("asked", "complete", "lacking"), [(CODES[1:], True, 1), (CODES, False, len(CODES))]
)
def test_communes_asked_in_part_are_searched_and_what_lacks_is_counted(
    asked: tuple[str, ...], complete: bool, lacking: int, current: Settings
) -> None:
    keep(current, rows({A: "Du registre"}), 20, asked, complete)
    found, names = chosen(current)
    assert (found.kind, names, len(found.missing)) == ("perimetre", ["Du registre"], lacking)
    said = found.gaps()[0].replace("\u00a0", " ")
    assert said.startswith(f"Liste incomplète : {lacking} commune")
    assert said.endswith(f" sur {len(CODES)} sans réponse entière.")


@pytest.mark.parametrize(
    ("register_day", "bulk_day", "kind"), [(20, 10, "perimetre"), (20, 20, "perimetre"),
                                           (20, 21, "france")],
)
def test_of_two_whole_lists_the_newer_one_is_searched(
    register_day: int, bulk_day: int, kind: str, current: Settings
) -> None:
    keep(current, rows({A: "Du registre"}), register_day)
    put(current, NATIONAL, rows({B: "De Sirene"}), bulk_day)
    found, names = chosen(current)
    assert found.kind == kind
    assert names == [{"perimetre": "Du registre", "france": "De Sirene"}[kind]]


def test_the_bulk_list_wins_over_a_register_that_lacks_communes(current: Settings) -> None:
    keep(current, rows({A: "Du registre"}), 22, CODES[1:])
    put(current, NATIONAL, rows({B: "De Sirene"}), 1)
    found, names = chosen(current)
    assert (found.kind, names, found.missing) == ("france", ["De Sirene"], ())
    assert found.sentence() == ("Établissements employeurs de l’ESS, base Sirene récupérée "
                                "le 1er novembre 2026.")


def test_lists_of_departements_count_when_all_of_them_are_there(current: Settings) -> None:
    put(current, f"{NATIONAL}_26", rows({A: "Drôme"}), 5)
    assert directory.of(HERE, current).kind == "extrait"
    inside = next(code for code in CODES if code.startswith("38"))
    put(current, f"{NATIONAL}_38", rows({B: "Isère"}, inside), 9)
    found, names = chosen(current)
    assert (found.kind, names) == ("france", ["Drôme", "Isère"])
    assert (found.oldest, found.newest) == (day(5).date(), day(9).date())
    assert found.departements == ("26", "38")
    assert found.index.table["id"].is_unique
    put(current, NATIONAL, rows({C: "Nationale"}), 2)
    found, names = chosen(current)
    assert (found.departements, names) == ((), ["Nationale"])


def test_holes_are_said_once_in_french(current: Settings) -> None:
    networks = [Hole("reseau", f"Réseau fictif {i} (30000000{i})") for i in range(7)]
    keep(current, rows({A: "Du registre"}), 20, holes={
        "26281": [*networks, Hole("plafond", "plus de 10 000 unités légales")],
        "26088": [networks[0], Hole("interrompu", "arrêt"), Hole("ecart", "3 unités en moins")]})
    found = directory.of(HERE, current)
    assert len(found.holes) == 10
    gaps = found.gaps()
    assert gaps[0].startswith("Réseaux de plus de 100 établissements, dont le service peut omettre "
                              "une partie (7)")
    assert gaps[0].endswith("Réseau fictif 4 (300000004) et d’autres.")
    assert gaps[1:] == ["3 unités en moins.", "Plus de 10 000 unités légales."]
    assert found.note().startswith(f"{found.sentence()} {gaps[0]}")
    assert "« inconnu » ne veut pas dire « non »" in found.note()
    for said in (gaps[0], gaps[2], found.sentence(), found.note()):
        assert is_french_sentence(said)


@pytest.mark.parametrize("kind", ["perimetre", "france"])
def test_lists_that_come_later_are_joined(kind: str, current: Settings) -> None:
    table = rows({A: "Structure"})
    if kind == "france":
        put(current, NATIONAL, table, 10)
    else:
        keep(current, table, 10)
    before = directory.of(HERE, current)
    put(current, "siae", siae.read([
        {"siret": A, "kind": "EI", "sectors": [{"name": "Traiteur"}], "updated_at": ""}]), 11)
    put(current, "esus", pd.DataFrame({"siren": [A[:9]]}), 12)
    after = directory.of(HERE, current)
    assert after.kind == kind
    assert after.key != before.key
    (row,) = directory.search(HERE, CRITERIA, after).found.to_dict("records")
    assert (row["est_siae"], row["type_siae"], row["est_esus"]) == ("oui", "EI", "oui")
    assert (row["filiere"], row["filiere_origine"]) == ("Restauration", "declaree")
    assert row["est_siae_source"].endswith("11 novembre 2026")
    assert row["est_esus_source"].endswith("12 novembre 2026")


def test_the_store_says_what_it_holds_and_of_when(current: Settings) -> None:
    keep(current, rows({A: "Du registre"}), 20)
    keep(current, rows({A: "Du registre", B: "Autre"}), 22, ("26281",))
    put(current, f"{NATIONAL}_26", rows({A: "Drôme"}), 15)
    put(current, NATIONAL, rows({A: "Un", B: "Deux", C: "Trois"}), 3)
    put(current, "esus", pd.DataFrame({"siren": [A[:9]]}), 12)
    held = directory.fetched(current)
    assert set(held) == {"ess", "sirene", "esus"}
    assert held["ess"] == directory.Fetched(2, day(22).date(), len(CODES))
    assert held["sirene"] == directory.Fetched(3, day(3).date())
    assert held["esus"] == directory.Fetched(1, day(12).date())


def test_the_widest_list_is_the_national_one_else_that_of_the_departements_else_the_extract(
    current: Settings,
) -> None:
    assert directory.whole(current).kind == "extrait"
    put(current, f"{NATIONAL}_26", rows({A: "Drôme"}), 15)
    put(current, f"{NATIONAL}_38", rows({B: "Isère"}), 9)
    found = directory.whole(current)
    assert (found.kind, found.departements) == ("france", ("26", "38"))
    assert sorted(found.index.table["nom"]) == ["Drôme", "Isère"]
    put(current, NATIONAL, rows({C: "Nationale"}), 2)
    found = directory.whole(current)
    assert (found.departements, found.index.table["nom"].tolist()) == ((), ["Nationale"])


def test_lists_of_departements_are_counted_together(current: Settings) -> None:
    put(current, f"{NATIONAL}_26", rows({A: "Drôme"}), 15)
    put(current, f"{NATIONAL}_38", rows({B: "Isère", C: "Autre"}), 9)
    assert directory.fetched(current) == {"sirene": directory.Fetched(3, day(9).date())}


def test_one_commune_asked_today_does_not_make_an_old_list_new(current: Settings) -> None:
    keep(current, rows({A: "Du registre"}), 2)
    keep(current, rows({A: "Du registre"}), 24, ("26281",))
    put(current, NATIONAL, rows({B: "De Sirene"}), 20)
    assert chosen(current)[1] == ["De Sirene"]


def test_what_a_bulk_list_left_aside_is_said(current: Settings) -> None:
    Store(current.data_dir).replace_table(
        NATIONAL, to_parquet_bytes(rows({A: "De Sirene"})),
        {"lignes": 1, "recupere_le": "2026-11-20", "comptes": {"sans commune actuelle": 7}})
    (said,) = directory.of(HERE, current).gaps()
    assert "communes que le COG 2025 ne connaît pas" in said


def test_establishments_are_found_by_siret_in_every_list(current: Settings) -> None:
    assert directory.known_sirets([A], current).empty
    keep(current, rows({A: "Du registre", C: "Registre seul"}), 20)
    put(current, NATIONAL, rows({A: "De Sirene", B: "Sirene seule"}), 3)
    put(current, "esus", pd.DataFrame({"siren": [B[:9], C[:9]]}), 12)
    known = directory.known_sirets([A, B, C, D], current)
    assert list(known.columns) == ETABLISSEMENTS.names
    assert dict(zip(known["siret"], known["nom"], strict=True)) == {
        A: "Du registre", B: "Sirene seule", C: "Registre seul"}
    assert dict(zip(known["siret"], known["est_esus"], strict=True)) == {
        A: "inconnu", B: "oui", C: "oui"}


def own(**columns: Any) -> pd.DataFrame:
    """Four suppliers of a person: known by SIRET, nearer, without place, far away."""
    table = pd.concat([rows({A: "Le mien"}, km_north=2.5), rows({"": "Sans SIRET"}, km_north=0.5),
                       rows({"": "Sans lieu"}), rows({D: "Loin"}, "26198", 40)],
                      ignore_index=True)
    table.loc[2, ["longitude", "latitude"]] = np.nan
    return table.assign(**columns)


def test_a_person_s_own_suppliers_are_ranked_with_the_others(current: Settings) -> None:
    known = pd.concat([rows({A: "Le leur"}, km_north=1), rows({B: "À deux km"}, km_north=2),
                       rows({C: "À trois km"}, km_north=3)])
    keep(current, known, 20)
    found = directory.of(HERE, current)
    result = directory.search(HERE, CRITERIA, found, own(filiere_certitude=None))
    assert list(result.found["nom"]) == [
        "Sans SIRET", "À deux km", "Le mien", "À trois km", "Sans lieu"]
    assert result.own == 3, "those of the perimeter"
    assert list(result.found["distance_km"].round(1).fillna(-1)) == [0.5, 2, 2.5, 3, -1]
    assert not result.found.select_dtypes(exclude="number").isna().any(axis=None)
    assert result.note() == f"{found.note()} 3\u00a0fournisseurs viennent d’un fichier importé."
    assert result.sentence().startswith("5\u00a0structures trouvées")
    assert len(found.index.table) == 3, "nothing of it enters the shared list"


@pytest.mark.parametrize("brought", [None, own().iloc[:0]])
def test_without_own_suppliers_nothing_is_said_of_them(
    brought: pd.DataFrame | None, current: Settings
) -> None:
    keep(current, rows({A: "Le leur"}), 20)
    found = directory.of(HERE, current)
    result = directory.search(HERE, CRITERIA, found, brought)
    assert (result.own, list(result.found["nom"])) == (0, ["Le leur"])
    assert result.note() == found.note()
    assert result.source_ids == ("ess",)


def test_criteria_hold_for_own_suppliers_too(current: Settings) -> None:
    keep(current, rows({B: "Le leur"}), 20)
    mine = own(filiere=["Restauration", "Restauration", "Logistique", "Restauration"])
    result = directory.search(HERE, Criteria(filieres=("Restauration",)),
                              directory.of(HERE, current), mine)
    assert list(result.found["nom"]) == ["Sans SIRET", "Le mien"]
    assert result.own == 2
    assert result.unknown_trades == 0


def test_the_person_s_word_hides_the_list_s_even_where_it_fails_the_criteria(
    current: Settings,
) -> None:
    keep(current, rows({A: "Le leur"}), 20)
    found = directory.of(HERE, current)
    elsewhere = rows({A: "Le mien"}, "26198", 40)
    assert directory.search(HERE, CRITERIA, found, elsewhere).found.empty
    other_trade = rows({A: "Le mien"}).assign(filiere="Logistique")
    asked = Criteria(filieres=("Vie associative",))
    assert directory.search(HERE, asked, found, other_trade).found.empty
