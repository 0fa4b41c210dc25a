"""The doubles behave as the reference says."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import requests

from tests.doubles.marche import TOKEN
from tests.doubles.recherche import Recherche, RefusedError, near_point
from tests.doubles.server import Double, Faults
from tests.doubles.webstat import KEY
from tests.doubles.world import EMPLOYING_SIZES, World

ROMANS = {"lat": "45.0464", "long": "5.0517"}
MANY = {"code_commune": "26281", "per_page": "25", "limite_matching_etablissements": "100"}


@functools.cache
def service() -> Recherche:
    return Recherche(World.small())


def search(**params: str) -> dict[str, Any]:
    return service().search(params)


def near(**params: str) -> dict[str, Any]:
    return near_point(service(), {**ROMANS, **params})


NOTHING = "Veuillez indiquer au moins un paramètre de recherche."
TOO_FAR = (
    "Le nombre total de résultats est restreint à 10 000. Pour garantir cela, le produit du numéro "
    "de page (par défaut, page = 1) et du nombre de résultats par page (par défaut, per_page = "
    "10), c'est-à-dire `page * per_page`, ne doit pas excéder 10 000."
)
SHORT = (
    "3 caractères minimum pour les termes de la requête (ou utilisez au moins un filtre)"
)
CLOSED = (
    "Au moins un paramètre `section_activite_principale` est non valide. Les valeurs valides : "
    f"{list('ABCDEFGHIJKLMNOPQRSTU')}."
)
MINIMAL = (
    "Veuillez indiquer si vous souhaitez une réponse minimale avec le filtre `minimal=True`` avant "
    "de préciser les champs à inclure."
)
INCLUDE = (
    "Au moins un champ à inclure est non valide. Les champs valides : ['complements', "
    "'dirigeants', 'finances', 'score', 'siege', 'matching_etablissements', 'tva']."
)
NO_POINT = "Les paramètres 'lat' et 'long' sont obligatoires pour une recherche géographique."
POINT = "Les paramètres 'lat', 'long' ne sont autorisés que pour une recherche géographique."


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, NOTHING),
        ({"tranche_effectif_salarie_entreprise": "12"}, NOTHING),
        ({"page": "2", "per_page": "25"}, NOTHING),
        ({"q": "ab"}, SHORT),
        ({"q": "abc", "per_page": "26"},
         "Veuillez indiquer un paramètre `per_page` entre `1` et `25`, par défaut `10`."),
        ({"q": "abc", "per_page": "0"},
         "Veuillez indiquer un paramètre `per_page` entre `1` et `25`, par défaut `10`."),
        ({"q": "abc", "page": "1001", "per_page": "1"},
         "Veuillez indiquer un paramètre `page` entre `1` et `1000`, par défaut `1`."),
        # Numbers are named as inside the service.
        ({"q": "abc", "limite_matching_etablissements": "101"},
         "Veuillez indiquer un paramètre `matching_size` entre `1` et `100`, par défaut `10`."),
        ({"q": "abc", "page": "un"}, "Veuillez indiquer un paramètre `page` entier."),
        ({"q": "abc", "page": "401", "per_page": "25"}, TOO_FAR),
        ({"q": "abc", **ROMANS}, POINT),
        ({"code_commune": "26281", "lat": "45"}, POINT),
        ({"est_ess": "oui"}, "est_ess doit prendre la valeur 'true' ou 'false' !"),
        ({"code_commune": "26281,2628"},
         "Au moins une valeur du paramètre commune est non valide."),
        ({"code_commune": "20004"}, "Au moins une valeur du paramètre commune est non valide."),
        ({"code_postal": "2610"}, "Au moins une valeur du paramètre code_postal est non valide."),
        ({"epci": "26"}, "Au moins une valeur du paramètre epci est non valide."),
        ({"section_activite_principale": "Z"}, CLOSED),
        ({"q": "abc", "include": "siege"}, MINIMAL),
        ({"q": "abc", "minimal": "true", "include": "siege,slug"}, INCLUDE),
    ],
)
def test_every_refusal_of_a_search_is_word_for_word(params: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        search(**params)
    assert (str(caught.value), caught.value.status) == (message, 400)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"lat": ""}, NO_POINT),
        ({"q": "abc"}, "Le paramètre 'terms' n'est pas autorisé pour une recherche géographique."),
        ({"radius": "51"},
         "Veuillez indiquer un paramètre `radius` entre `0.001` et `50`, par défaut `5`."),
        ({"lat": "90.5"},
         "Veuillez indiquer un paramètre `lat` entre `-90` et `90`, par défaut `None`."),
        ({"radius": "loin"}, "Veuillez indiquer un paramètre `radius` flottant."),
        ({"long": "nan"}, "Veuillez indiquer un paramètre `lon` flottant."),
        ({"est_ess": "1"}, "est_ess doit prendre la valeur 'true' ou 'false' !"),
    ],
)
def test_every_refusal_near_a_point_is_word_for_word(params: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError) as caught:
        near(**params)
    assert str(caught.value) == message


def test_refusals_faults_and_lost_paths_travel_as_documented() -> None:
    with Double(World.small(), Faults(at={3: "500", 4: "429"})) as double:
        base = double.recherche_url
        answers = [requests.get(f"{base}/{path}", timeout=5) for path in (
            "search", "ailleurs", "search?q=abc", "search?q=abc", "search?q=abc")]
    assert [answer.status_code for answer in answers] == [400, 404, 500, 429, 200]
    assert [answer.json() for answer in answers[:3]] == [
        {"erreur": NOTHING}, {"erreur": "Ressource non trouvée."},
        {"erreur": "Une erreur inattendue s'est produite. Veuillez réessayer plus tard."}]
    assert answers[3].headers["Retry-After"] == "1"
    with pytest.raises(requests.JSONDecodeError):
        answers[3].json()


def test_unknown_parameters_are_ignored_beside_known_ones() -> None:
    assert search(est_ess="true", tranche_effectif_salarie_entreprise="53") == search(
        est_ess="true")
    assert search(est_ess="TRUE")["total_results"] > search(
        est_ess="true", tranche_effectif_salarie="12")["total_results"] > 0


def test_an_identifier_in_q_overrides_every_filter() -> None:
    unit = next(u for u in service().world.units if len(u.establishments) == 2)
    siret = unit.establishments[1].siret
    elsewhere = {"est_ess": "false", "code_commune": "97411"}
    by_siret = search(q=f"{siret[:9]} {siret[9:]}", **elsewhere)
    assert by_siret["total_results"] == 1
    assert [m["siret"] for m in by_siret["results"][0]["matching_etablissements"]] == [siret]
    by_siren = search(q=unit.siren, **elsewhere)
    assert by_siren["results"][0]["siren"] == unit.siren
    assert by_siren["results"][0]["matching_etablissements"] == []
    assert search(q="99999999999999")["results"] == []


def test_three_communes_answer_by_arrondissement_only() -> None:
    paris = Recherche(World({"75101": 5, "75120": 4}, networks=0))
    assert paris.search({"code_commune": "75056"})["total_results"] == 0
    whole = paris.search({"code_commune": "75101,75120", "etat_administratif": "A"})
    assert whole["total_results"] >= 9


def test_pages_follow_each_other_and_the_total_saturates() -> None:
    first, second = search(**MANY), search(**MANY, page="2")
    assert (len(first["results"]), first["page"], second["page"]) == (25, 1, 2)
    assert first["total_pages"] == -(-first["total_results"] // 25)
    assert {u["siren"] for u in first["results"]}.isdisjoint(u["siren"] for u in second["results"])
    crowd = Recherche(World({"26281": 10_050}, networks=0))
    last = crowd.search({**MANY, "page": "400"})
    assert (last["total_results"], last["total_pages"], len(last["results"])) == (10_000, 400, 25)


def test_open_establishments_come_first_and_traps_are_there() -> None:
    units = [unit for page in range(1, 8) for unit in search(**MANY, page=str(page))["results"]]
    opened = [unit["nombre_etablissements_ouverts"] for unit in units]
    assert opened == sorted(opened, reverse=True)
    matches = [match for unit in units for match in unit["matching_etablissements"]]
    assert {match["etat_administratif"] for match in matches} == {"A", "F"}
    for unit in units:
        states = [match["etat_administratif"] for match in unit["matching_etablissements"]]
        assert states == sorted(states)
    seen = {(m["caractere_employeur"], m["tranche_effectif_salarie"]) for m in matches}
    assert ("O", "NN") in seen
    assert any(character == "N" and size in EMPLOYING_SIZES for character, size in seen)
    assert any(m["latitude"] is None for m in matches)
    assert {type(m["latitude"]) for m in matches} == {str, type(None)}
    assert any("[NON-DIFFUSIBLE]" in m["adresse"] for m in matches)


def test_near_a_point_only_the_activity_filters() -> None:
    everything = near(radius="10", per_page="25")
    assert near(radius="10", per_page="25", est_ess="true") == everything
    assert near(radius="10", per_page="25", code_commune="97411", est_siae="true") == everything
    section = near(radius="10", section_activite_principale="Q")
    assert 0 < section["total_results"] < everything["total_results"]
    assert near(radius="0.001")["total_results"] < near()["total_results"]
    assert "[NON-DIFFUSIBLE]" not in {unit["nom_complet"] for unit in everything["results"]}


def test_the_market_answers_bare_arrays_by_number_and_refuses_in_plain_text() -> None:
    world = World.small()
    unit = next(u for u in world.units if u.siae and "," in u.siae)
    with Double(world) as double:
        def ask(path: str, token: str = TOKEN) -> requests.Response:
            return requests.get(f"{double.marche_url}/siae/{path}", timeout=5,
                                headers={"Authorization": f"Bearer {token}"} if token else {})

        by_siren = ask(f"siren/{unit.siren}/").json()
        assert sorted(s["kind"] for s in by_siren) == sorted(unit.siae.split(", "))
        short = ask("siret/123/")
        assert (short.status_code, short.text) == (400, "siret must be 14 caracters long")
        page = ask("?kind=ACI&kind=EI&limit=1").json()
        assert set(page) == {"count", "next", "previous", "results"}
        assert (len(page["results"]), page["count"] > 1) == (1, True)
        assert {s["kind"] for s in ask("?kind=ACI").json()["results"]} == {"ACI"}
        assert [ask("", token).json()["detail"] for token in ("", "f" * 63 + "-", "a" * 64)] == [
            "Token too short. Possible security issue detected.",
            "Token contains invalid characters. Possible security issue detected.",
            "Invalid or expired token"]


def test_webstat_asks_for_a_key_and_gives_the_series_wanted() -> None:
    asked = {"where": 'series_key IN("IFI.M.D2A.SUREN.DEPOT", "IFI.M.D48.SUREN.DEPOT")',
             "select": "series_key,time_period,obs_value"}
    with Double(World.small()) as double:
        def ask(key: str, **params: str) -> requests.Response:
            return requests.get(
                f"{double.webstat_url}/catalog/datasets/observations/exports/csv/", timeout=5,
                params=params, headers={"Authorization": f"Apikey {key}"})

        assert [ask("autre", **asked).status_code, ask(KEY).status_code] == [401, 400]
        header, first, *_ = ask(KEY, **asked).content.decode("utf-8-sig").splitlines()
    assert header == "series_key;time_period;obs_value"
    assert first.startswith("IFI.M.D2A.SUREN.DEPOT;2019-01;")


def test_la_poste_overpass_and_routes_answer_as_documented() -> None:
    with Double(World.small()) as double:
        first = requests.get(f"{double.laposte_url}/lines", {"size": "3"}, timeout=5).json()
        assert (first["total"], len(first["results"])) == (8, 3)
        assert first["next"].startswith("https://donnees.invalid/"), "the public address"
        assert {"identifiant_a", "caracteristique_du_site", "code_insee"} <= set(
            first["results"][0])
        assert requests.get(f"{double.laposte_url}/autre", timeout=5).status_code == 404

        query = ('[out:json];(nwr["amenity"="atm"](45.0,4.9,45.1,5.2););out center tags;')
        found = requests.post(double.overpass_url, {"data": query}, timeout=5).json()
        assert {e["type"] for e in found["elements"]} <= {"node", "way"}
        assert requests.post(double.overpass_url, {"data": "x"}, timeout=5).status_code == 400
        assert requests.get(double.overpass_url, timeout=5).status_code == 404

        route = f"{double.geoplateforme_url}/navigation/itineraire"
        asked = {"resource": "bdtopo-osrm", "start": "5.05,45.04", "end": "4.89,44.93",
                 "timeUnit": "minute", "distanceUnit": "kilometer"}
        answered = requests.get(route, asked, timeout=5).json()
        assert 15 < answered["distance"] < 30
        assert 15 < answered["duration"] < 40
        assert requests.get(route, {**asked, "start": "x"}, timeout=5).status_code == 400

        zone = f"{double.geoplateforme_url}/navigation/isochrone"
        asked = {"resource": "bdtopo-valhalla", "point": "5.05,45.04", "costType": "time",
                 "costValue": "20", "timeUnit": "minute", "profile": "car"}
        answered = requests.get(zone, asked, timeout=5).json()
        assert set(answered) == {
            "point", "resource", "resourceVersion", "costType", "costValue", "profile",
            "direction", "timeUnit", "crs", "constraints", "alerts", "geometry"}
        assert answered["geometry"]["type"] == "Polygon"
        for wrong in ({"resource": "bdtopo-osrm"}, {"point": "x"}, {"costValue": "-3"},
                      {"profile": "bike"}):
            assert requests.get(zone, {**asked, **wrong}, timeout=5).status_code == 400


def test_faults_hit_the_service_they_are_meant_for() -> None:
    faults = Faults(at={1: "html", 2: "429"}, service="/laposte/")
    with Double(World.small(), faults) as double:
        lines = f"{double.laposte_url}/lines"
        assert requests.get(f"{double.recherche_url}/health", timeout=5).status_code == 200
        assert "html" in requests.get(lines, timeout=5).headers["content-type"]
        assert requests.get(lines, timeout=5).status_code == 429
        assert requests.get(lines, timeout=5).json()["total"] == 8
