"""The portrait: every figure is that of the tables, every sentence holds at the extremes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest

from layers.portrait import portrait_html
from territory import (
    communes,
    directory,
    effectifs,
    fiche,
    filieres,
    geo,
    portrait,
    ptce,
    settings,
    store,
    territoires,
)
from territory.codes import commune_of
from territory.fiche import Atlas
from territory.perimeter import Perimeter
from territory.portrait import Portrait, phrases, structures, totaux
from territory.register import Register
from territory.schemas import ETABLISSEMENTS
from territory.territoires import Territoire
from tests.conftest import ROOT
from tests.territory import offre, portraits
from tests.territory.french import is_french_sentence

#: Communes « mortes pour la France », and the four islands without an EPCI.
DEAD = ("55039", "55050", "55139", "55189", "55239", "55307")
ISLANDS = ("22016", "29083", "29155", "85113")


def made(code: str, known: Atlas | None = None, listed: object = None) -> Portrait:
    place = territoires.of_code(code)
    return portrait.of(place, known or portraits.fragility_only(),
                       listed or portraits.listed(portraits.national()), day=portraits.DAY)  # type: ignore[arg-type]


def sample() -> list[str]:
    draw = np.random.default_rng(20)
    units = {level: communes.units(level) for level in ("commune", "epci", "departement")}  # type: ignore[arg-type]
    people = units["commune"]["population"].astype(float)
    return [
        *draw.choice(people.index, 3), *draw.choice(people.index, 2, p=people / people.sum()),
        *draw.choice(units["epci"].index, 2), draw.choice(units["departement"].index), "974",
    ]


@pytest.mark.parametrize("code", sample())
def test_every_figure_is_that_of_the_table(code: str, known: Atlas) -> None:
    found = made(code, known)
    place, rows = found.territoire, portraits.national()
    here = rows[rows["code_insee"].map(commune_of).isin(place.codes)]
    doubtful = here[here["est_employeur"] != "oui"]
    here = here[here["est_employeur"] == "oui"]
    value = {one.id: one.value for one in found.figures}
    assert value["ess_employeurs"] == len(here)
    assert found.structures.doubtful == len(doubtful)
    people = communes.whole().loc[list(place.codes), "population"].sum()
    assert value["population"] == people
    assert value["ess_pour_1000"] == pytest.approx(1000 * len(here) / people)
    low = [effectifs.BANDS[size][0] for size in here["tranche_effectif"]
           if size in effectifs.BANDS]
    assert value["ess_emplois"] == pytest.approx(sum(low) if low or here.empty else math.nan,
                                                 nan_ok=True)
    assert value["ess_sans_effectif"] == len(here) - len(low)
    for family, count in here["famille_ess"].value_counts().items():
        assert value[f"famille_{family}"] == count
    trades = [one for cell in here["filiere"] for one in filieres.split(cell) if one != "inconnue"]
    told = found.structures.trades.set_index("filiere")["nombre"]
    assert told.to_dict() == pd.Series(trades, dtype=object).value_counts().to_dict()
    assert not set(found.structures.absent["filiere"]) & set(trades)
    sheet = fiche.of(place, known)
    for one in sheet.figures:
        assert found.figure(one.id).value == pytest.approx(sheet.value(one.id), nan_ok=True)
        assert found.figure(one.id).ranks == sheet.ranks.get(one.id, ())
    page = portrait_html(found)
    assert all(one.written in page for one in found.figures)


def test_rates_are_compared_in_the_same_list() -> None:
    found = made("26281")
    rows = portraits.national()
    rows = rows[rows["est_employeur"] == "oui"]
    rate = found.figure("ess_pour_1000")
    drome = communes.units("departement").loc["26", "population"]
    counted = rows["code_departement"].eq("26").sum()
    assert rate.beside["Drôme (26)"] == pytest.approx(1000 * counted / drome)
    assert rate.beside["France"] == pytest.approx(
        1000 * len(rows) / communes.whole()["population"].sum())
    of_drome = portraits.listed(rows[rows["code_departement"] == "26"].reset_index(drop=True),
                                departements=("26",))
    beside = made("26281", listed=of_drome).figure("ess_pour_1000").beside
    assert not math.isnan(beside["Drôme (26)"])
    assert math.isnan(beside["France"])
    assert math.isnan(beside["Auvergne-Rhône-Alpes (région)"])


def test_the_nearest_beyond_is_the_one_a_loop_finds() -> None:
    found = made("200040459")
    rows = portraits.national()
    rows = rows[rows["est_employeur"] == "oui"]
    outside = rows[~rows["code_insee"].map(commune_of).isin(found.territoire.codes)]
    homes = communes.table().loc[list(found.territoire.codes)]
    for trade, told in found.structures.absent.set_index("filiere")["proche_km"].head(3).items():
        able = outside[filieres.matches(outside["filiere"], [trade])]
        best = min(
            geo.distance_km(home.longitude, home.latitude, able["longitude"],
                            able["latitude"]).min()
            for home in homes.itertuples()
        )
        assert told == pytest.approx(best, abs=1e-6)


def test_an_extract_is_called_an_extract_and_gives_no_rate() -> None:
    found = made("26", listed=directory.extract())
    assert found.structures.coverage == "extrait"
    for name in ("ess_employeurs", "ess_pour_1000", "ess_emplois", "famille_association"):
        assert found.figure(name).written == "non calculé (extrait)"
    rows = store.read("ess_structures")
    assert found.figure("ess_extrait").value == rows["code_departement"].eq("26").sum()
    assert "extrait" in found.sentences[1]
    assert "extrait embarqué" in " ".join(found.unknown)


def test_a_cut_list_says_at_least() -> None:
    cut = portraits.listed(portraits.national(), "perimetre", missing=("26001",))
    found = made("26", listed=cut)
    assert found.structures.coverage == "incomplete"
    assert found.figure("ess_employeurs").written.startswith("au moins ")
    none = dataclasses.replace(found.figure("ess_employeurs"), value=0.0)
    assert none.written == "aucun connu"
    assert found.figure("ess_pour_1000").written == "non calculé (liste incomplète)"
    assert "incomplète" in found.sentences[1]
    assert found.structures.trades["proche_km"].isna().all()
    assert "s’arrête à ce territoire" in " ".join(found.unknown)


@pytest.mark.parametrize("code", DEAD)
def test_without_inhabitants_nothing_is_divided(code: str) -> None:
    found = made(code)
    assert "n’a aucun habitant" in found.sentences[0]
    assert found.figure("ess_pour_1000").written == "sans objet (aucun habitant)"
    assert not any("nan" in one for one in found.sentences)
    assert not any(one.written == "nan" for one in found.figures)


@pytest.mark.parametrize("code", [ISLANDS[0], DEAD[0], "97611", "976", "R11", "FR", "75056",
                                  "200040459", "26362"])
@pytest.mark.parametrize("whole", [True, False])
def test_every_sentence_is_french(code: str, whole: bool, known: Atlas) -> None:
    found = made(code, known if whole else None,
                 portraits.listed(portraits.national()) if whole else directory.extract())
    assert len(found.sentences) == 3
    for sentence in (*found.sentences, *found.unknown, *found.notes, *found.sources()):
        assert is_french_sentence(sentence.replace("INSEE", "Insee")), sentence
        assert "nan" not in sentence.split()
    for one in found.figures:
        assert all((one.source, one.vintage, one.licence)), one.id
        assert one.definition.endswith("."), one.id


def test_the_sentences_agree_with_one_and_with_none() -> None:
    empty = portraits.listed(portraits.national().iloc[:0])
    assert made("26281", listed=empty).sentences[1] == (
        "Aucun établissement employeur de l’ESS n’y est connu.")
    one = portraits.national().iloc[:1].assign(code_insee="26281", est_employeur="oui",
                                               tranche_effectif="01")
    said = made("26281", listed=portraits.listed(one)).sentences[1]
    assert said.startswith("On y compte 1\u00a0établissement employeur de l’ESS, soit 0,0 pour")
    assert said.endswith("il emploie au moins 1\u00a0salarié.")


def test_an_epci_of_one_commune_and_a_territory_of_unknown_population(known: Atlas) -> None:
    alone = Territoire("epci", "000000000", "Seule", ("26281",))
    aid = made("26281").figure("part_aides_logement_2022")
    assert phrases.inhabitants(alone, 33_464, aid).startswith(
        "L’intercommunalité réunit 1\u00a0commune et 33\u202f464\u00a0habitants, dont")
    assert phrases.inhabitants(alone, None, aid) == (
        "L’intercommunalité réunit 1\u00a0commune et un nombre d’habitants en partie inconnu.")
    assert phrases.inhabitants(alone, 0, aid).endswith("et aucun habitant.")
    mayotte = territoires.of_code("976")
    assert "aide au logement" not in phrases.inhabitants(mayotte, 10, aid)


def test_a_perimeter_counts_its_whole_communes(known: Atlas) -> None:
    place = territoires.of_perimeter(Perimeter.around_commune(communes.get("26281"), 10))
    found = portrait.of(place, known, portraits.listed(portraits.national()))
    assert found.figure("communes").value == len(place.codes)
    assert found.sentences[0].startswith("Ce périmètre réunit ")
    content = portrait.to_json(found)
    assert content["territoire"]["codes_communes"] == list(place.codes)


@pytest.mark.parametrize("code", ["26281", "200040459", "26", "974", "R84"])
def test_poles_are_those_a_perimeter_of_units_meets(code: str) -> None:
    place = territoires.of_code(code)
    met = ptce.within(Perimeter.of_units(code))
    assert sorted(ptce.of_communes(place.codes)["nom"]) == sorted(met["nom"])
    near = ptce.near_communes(place.codes)
    assert near["distance_km"].is_monotonic_increasing
    assert (near["distance_km"] <= ptce.AROUND_KM).all()
    assert not set(near["nom"]) & set(met["nom"])


def test_a_pole_known_by_a_region_is_not_said_to_be_in_a_commune() -> None:
    commune, region = made("26281"), made("R84")
    assert commune.poles.set_index("nom")["dedans"].sum() < len(commune.poles)
    assert (commune.poles.loc[~commune.poles["dedans"], "niveau"] != "commune").all()
    assert region.poles["dedans"].all()


def test_published_totals_are_keyed_on_level_and_code() -> None:
    # 76 is the Seine-Maritime, and Occitanie.
    rows = totaux.published([territoires.of_code("76"), territoires.of_code("R76")])
    sources = store.read("ess_totaux")
    for row, level in zip(rows.itertuples(), ("departement", "region"), strict=True):
        own = sources[(sources["niveau"] == level) & (sources["code"] == "76")]
        assert row.source_titre in set(own["source_titre"])
        assert row.annee == own["annee"].max()
    # Overseas the total of the région is that of the département.
    assert len(totaux.published([territoires.of_code("974")])) == 1
    assert totaux.published([territoires.of_code("26281")]).empty


def test_the_form_is_the_published_one(known: Atlas) -> None:
    schema = json.loads((ROOT / "docs/schema/portrait.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for code, one in (("26281", known), ("974", None), (DEAD[0], None)):
        for listed in (None, directory.extract()):
            content = json.loads(json.dumps(portrait.to_json(made(code, one, listed)),
                                            allow_nan=False))
            jsonschema.validate(content, schema)
            assert content["version"] == portrait.VERSION


def test_several_portraits_make_one_table(known: Atlas) -> None:
    two = [made(code, known) for code in ("26281", "26362", "26001")]
    ids = [[one.id for one in found.figures] for found in two]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == len(ids[0])


def test_the_list_of_a_territory_is_the_fullest_known(tmp_path: Path) -> None:
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    for code in ("26281", "200040459", "R84", "FR"):
        assert structures.directory_of(territoires.of_code(code), current).kind == "extrait"


def test_communes_asked_one_by_one_serve_to_look_beyond(tmp_path: Path) -> None:
    current = settings.load({"TERRITORY_DATA_DIR": str(tmp_path)})
    rows = portraits.national()[["code_insee", "filiere"]].iloc[:2].assign(
        code_insee=["26281", "26057"], filiere="Restauration")
    table = offre.table(rows.to_dict("records")).assign(
        est_ess="oui", est_employeur="oui", siret=["30000001600015", "30000002400011"],
        tranche_effectif="12")
    table = table.reindex(columns=ETABLISSEMENTS.names, fill_value="")
    when = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    place = territoires.of_code("26281")

    def asked(codes: list[str]) -> Portrait:
        kept = table[table["code_insee"].isin(codes)]
        Register(current.data_dir).save(codes, kept, {}, fetched=when, complete=True)
        return portrait.make(place, portraits.fragility_only(), current)

    alone = asked(["26281"])
    assert alone.structures.coverage == "complete"
    assert alone.figure("ess_emplois").written == "au moins 20"
    assert alone.structures.wider is None
    near = asked(["26057"])
    assert near.figure("ess_employeurs").value == 1
    assert near.structures.trades["proche_commune"].tolist() == ["Bourg-de-Péage"]
    assert "seules communes interrogées" in " ".join(near.unknown)
