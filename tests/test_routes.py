"""The routes beside Streamlit, the French page and the seam of the map, without a browser."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from layers import web
from layers.bivariate import CROSSING
from territory import store
from territory.errors import DataError
from tests.carte_essai.tables import HOSTILE, ToyTables
from ui.carte import (
    Choropleth,
    Grid,
    LegendClass,
    MapView,
    Perimeter,
    bitset,
    calculs,
    composant,
)
from ui.carte.adresses import STATIC_DIR, code_version, computed_url
from ui.carte.archive import TileArchive
from ui.carte.composant import MapEvent, read_gesture
from ui.carte.tables import EmbeddedTables
from ui.langue import FrenchPage
from ui.routes import routes


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def get(app: Any, path: str, **headers: str) -> Answer:
    """One GET through the ASGI interface."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "server": ("localhost", 80), "client": ("localhost", 1),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
    }
    asyncio.run(app(scope, receive, send))
    start = sent[0]
    return Answer(
        start["status"],
        {k.decode(): v.decode() for k, v in start["headers"]},
        b"".join(m.get("body", b"") for m in sent[1:]),
    )


@pytest.fixture(scope="module")
def app() -> Starlette:
    return Starlette(routes=routes(ToyTables()))


def test_health_gives_versions(app: Starlette) -> None:
    answer = get(app, "/sante")
    assert answer.status == 200
    assert answer.json()["statut"] == "ok"
    assert answer.json()["versions"]["donnees"] == store.version()


def test_health_says_what_is_broken() -> None:
    def broken() -> str:
        raise DataError("La base embarquée est absente.")

    answer = get(Starlette(routes=routes(SimpleNamespace(version=broken))), "/sante")
    assert answer.status == 503
    assert answer.json()["erreur"] == "La base embarquée est absente."


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/carte/maplibre-gl.js", "text/javascript"),
        (f"/carte/{code_version()}/maplibre-gl.css", "text/css"),
        (f"/carte/{code_version()}/carte.js", "text/javascript"),
        (f"/carte/{code_version()}/carte.css", "text/css"),
    ],
)
def test_scripts(app: Starlette, path: str, kind: str) -> None:
    answer = get(app, path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)
    assert len(answer.body) > 1000
    year = "31536000" in answer.headers["cache-control"]
    assert year == (code_version() in path)


def test_every_module_named_by_another_is_served(app: Starlette) -> None:
    for path in STATIC_DIR.iterdir():
        assert get(app, f"/carte/{code_version()}/{path.name}").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/carte/inconnu.js", "/carte/x/../../app.py", "/carte/x/pywidget.js", "/carte/",
        "/tuiles/v/11/0/0.pbf", "/tuiles/v/3/0/0.pbf", "/tuiles/v/5/32/0.pbf",
        "/tuiles/v/5/0/32.pbf",
        "/tuiles/v/5/-1/0.pbf", "/tuiles/v/cinq/0/0.pbf", "/tuiles/v/5/0/0.png",
        "/valeurs/v/commune/inconnu.json", "/valeurs/v/canton/essai_a.json",
        "/valeurs/v/commune/ESSAI_A.json", "/valeurs/v/points/communes.json",
        "/valeurs/v/commune/..%2Fessai_a.json", "/valeurs/",
    ],
)
def test_anything_else_is_404_in_json(app: Starlette, path: str) -> None:
    answer = get(app, path)
    assert answer.status == 404
    assert answer.json() == {"erreur": "Cette adresse ne correspond à aucune donnée."}


def test_tile_is_gzipped_mvt_with_long_cache(app: Starlette) -> None:
    path = f"/tuiles/{store.version()}/5/16/11.pbf"
    answer = get(app, path, accept_encoding="gzip, br")
    assert answer.status == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    plain = get(app, path)
    assert "content-encoding" not in plain.headers
    assert plain.body == gzip.decompress(answer.body)
    assert b"communes" in plain.body
    known = get(app, path, if_none_match=f'W/{answer.headers["etag"]}, "autre"')
    assert (known.status, known.body) == (304, b"")


def test_tile_at_sea_is_empty(app: Starlette) -> None:
    assert get(app, f"/tuiles/{store.version()}/6/0/0.pbf").status == 204


def test_address_of_another_version_is_not_kept(app: Starlette) -> None:
    answer = get(app, "/tuiles/ancienne/5/16/11.pbf")
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_values_asked_together_are_made_once() -> None:
    tables = ToyTables()
    made = []
    values = tables.values

    def counted(level: str, indicator: str) -> Any:
        made.append(indicator)
        time.sleep(0.05)
        return values(level, indicator)

    tables.values = counted  # type: ignore[method-assign]
    app = Starlette(routes=routes(tables))
    path = f"/valeurs/{store.version()}/commune/essai_a.json"
    with ThreadPoolExecutor(8) as browsers:
        answers = list(browsers.map(lambda _: get(app, path, accept_encoding="gzip"), range(8)))
    assert made == ["essai_a"]
    assert {answer.status for answer in answers} == {200}
    assert len({(answer.headers["etag"], answer.body) for answer in answers}) == 1
    known = get(app, path, if_none_match=answers[0].headers["etag"])
    assert (known.status, known.body) == (304, b"")


def test_values_are_aligned_columns(app: Starlette) -> None:
    content = get(app, f"/valeurs/{store.version()}/commune/essai_a.json").json()
    assert len(content["codes"]) == len(content["classes"]) == len(content["valeurs"]) > 34_900
    absent = [c for c, v in zip(content["codes"], content["valeurs"], strict=True) if v is None]
    assert absent == ["26281"]
    assert content["classes"][content["codes"].index("26281")] == -1


def test_damaged_archive_is_said(tmp_path: Any) -> None:
    path = tmp_path / "tuiles.pmtiles"
    path.write_bytes(b"not an archive")
    with pytest.raises(DataError, match=r"tuiles\.pmtiles est absent ou endommagé"):
        TileArchive(path)
    with pytest.raises(DataError):
        TileArchive(tmp_path / "absent.pmtiles")


def unpacked(content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and columns, read as the browser does."""
    length = int.from_bytes(content[:4], "little")
    head = json.loads(content[4 : 4 + length])
    columns = {
        name: np.frombuffer(content, f"<{c['type']}", head["lignes"], 4 + length + c["debut"])
        for name, c in head["colonnes"].items()
    }
    return head, columns


def test_structures_are_packed_once_and_keep_their_rows() -> None:
    table = store.read("ess_structures").copy()
    table.loc[3, ["longitude", "latitude"]] = np.nan
    table.loc[4, "tranche_effectif"] = "12"
    table.loc[5, "filiere"] = "Numérique ; Restauration"
    asked: list[str | None] = []

    def structures(key: str | None) -> Any:
        asked.append(key)
        return table if key in {None, "france-0123"} else None

    tables = SimpleNamespace(version=store.version, structures=structures)
    served = Starlette(routes=routes(tables))
    path = f"/valeurs/{store.version()}/points/structures.bin"
    answer = get(served, path, accept_encoding="gzip")
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    head, columns = unpacked(gzip.decompress(answer.body))
    assert head["lignes"] == len(table)
    assert all(c["debut"] % 4 == 0 for c in head["colonnes"].values())
    placed = table["longitude"].notna().to_numpy()
    np.testing.assert_allclose(columns["lon"][placed] / 1e7, table["longitude"][placed], atol=6e-8)
    np.testing.assert_allclose(columns["lat"][placed] / 1e7, table["latitude"][placed], atol=6e-8)
    assert set(columns["lon"][~placed]) == {-(2**31)}
    assert [head["familles"][i] for i in columns["famille"]] == table["famille_ess"].to_list()
    assert [head["communes"][i] for i in columns["commune"]] == table["code_insee"].to_list()
    assert head["filieres"][columns["filiere"][5]] == ["Numérique", "Restauration"]
    assert head["effectifs"][columns["effectif"][4]] == 20
    assert head["effectifs"][columns["effectif"][0]] is None
    known = get(served, path, if_none_match=answer.headers["etag"])
    assert (known.status, known.body) == (304, b"")
    assert asked == [None]
    assert get(served, "/valeurs/v/annuaires/france-0123.bin").status == 200
    assert get(served, "/valeurs/v/annuaires/france-4567.bin").status == 404
    assert get(served, "/valeurs/v/annuaires/..%2Ffrance.bin").status == 404


def test_names_are_given_for_the_rows_asked_and_no_others(app: Starlette) -> None:
    folder = f"/valeurs/{store.version()}/points/structures"
    content = get(app, f"{folder}/300-2.json").json()
    assert content["nom"] == [f"{HOSTILE} 300", "Structure 2"]
    assert content["commune"] == ["Valence", "Romans-sur-Isère"]
    most = "-".join(["7"] * 200)
    assert len(get(app, f"{folder}/{most}.json").json()["nom"]) == 200
    for rows in (f"{most}-7", "301", "-1", "a", "1,2", "99999999", "1--2"):
        assert get(app, f"{folder}/{rows}.json").status == 404
    # Of another version, the same numbers would name others.
    assert get(app, "/valeurs/ancienne/points/structures/2.json").status == 404
    assert get(app, "/valeurs/v/annuaires/france-4567/2.json").status == 404


def test_other_points_are_json() -> None:
    tables = EmbeddedTables()
    json.dumps([tables.points(name) for name in ("ptce", "villes")], allow_nan=False)


def test_no_ptce_is_placed_at_an_invented_address() -> None:
    table = store.read("ptce")
    content = EmbeddedTables().points("ptce")
    assert len(content["nom"]) == int((table["precision"] == "commune").sum())
    in_zones = sum(len(zone["noms"]) for zone in content["zones"])
    assert in_zones <= int((table["precision"] != "commune").sum())
    assert {zone["niveau"] for zone in content["zones"]} <= {"epci", "departement", "region"}


# ---- French page ------------------------------------------------------------------------------

_PAGE = (
    '<!DOCTYPE html><html lang="en"><head><title>Streamlit</title></head><body>'
    "<noscript>You need to\nenable JavaScript</noscript><p>title</p></body></html>"
)


def _french() -> FrenchPage:
    async def page(request: Any) -> HTMLResponse:
        assert "accept-encoding" not in request.headers
        return HTMLResponse(_PAGE, headers={"etag": '"x"'})

    async def data(_: Any) -> JSONResponse:
        return JSONResponse({"html": _PAGE})

    return FrenchPage(
        Starlette(routes=[Route("/", page), Route("/donnees", page), Route("/a.json", data)]),
        head="<script></script>",
    )


@pytest.mark.parametrize("path", ["/", "/donnees"])
def test_page_says_it_is_french(path: str) -> None:
    answer = get(_french(), path, accept="*/*", accept_encoding="gzip")
    page = answer.body.decode()
    assert '<html lang="fr">' in page
    assert "<title>Périmètre</title>" in page
    assert "JavaScript pour afficher" in page
    assert "You need" not in page
    assert "<script></script></head>" in page
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert "etag" not in answer.headers


def test_other_answers_are_left_alone() -> None:
    answer = get(_french(), "/a.json", accept_encoding="gzip")
    assert answer.json() == {"html": _PAGE}


# ---- seam -------------------------------------------------------------------------------------


def test_gesture_is_read() -> None:
    message = {"type": "trace", "lon": 5.05, "lat": 45, "rayon_km": 12.4, "sequence": 1763.0}
    assert read_gesture(message) == MapEvent("drawn", 5.05, 45.0, 12.4, 1763)
    assert read_gesture({"type": "supprime", "sequence": 3}) == MapEvent("deleted", sequence=3)


@pytest.mark.parametrize(
    "message",
    [
        None, "trace", 3, [], {}, {"type": "trace"}, {"type": "autre", "sequence": 1},
        {"type": "trace", "lon": 5, "lat": 45, "rayon_km": 12},
        {"type": "trace", "lon": 5, "lat": 45, "rayon_km": 12, "sequence": float("nan")},
        {"type": "trace", "lon": 5, "lat": 45, "rayon_km": 301, "sequence": 1},
        {"type": "trace", "lon": 5, "lat": 45, "rayon_km": 0, "sequence": 1},
        {"type": "trace", "lon": 5, "lat": 95, "rayon_km": 10, "sequence": 1},
        {"type": "trace", "lon": "5", "lat": 45, "rayon_km": 10, "sequence": 1},
        {"type": "trace", "lon": True, "lat": 45, "rayon_km": 10, "sequence": 1},
        {"type": "trace", "lon": float("inf"), "lat": 45, "rayon_km": 10, "sequence": 1},
        {"type": "supprime", "sequence": "1"},
    ],
)
def test_a_gesture_that_makes_no_sense_is_no_gesture(message: object) -> None:
    assert read_gesture(message) == MapEvent()


def test_gesture_without_a_mounted_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composant.st, "session_state", {})
    assert composant.gesture(key="carte") == MapEvent()


def test_bitset_is_least_significant_first() -> None:
    visible = np.zeros(11, dtype=bool)
    visible[[0, 3, 9]] = True
    assert bitset(visible) == "CQI="  # 0b00001001, 0b00000010


def test_view_is_json_and_calls_no_one_by_default() -> None:
    outline = tuple((5.0 + i / 1000, 45.0) for i in range(180))
    view = MapView("Carte", "IGN", perimetre=Perimeter(5.0, 45.0, 30.0, "30 km", outline))
    text = json.dumps(view.to_data(), allow_nan=False)
    assert "http" not in text
    assert len(text) < 10_000
    assert "data.geopf.fr" in json.dumps(MapView("Carte", "IGN", fond="plan_ign").to_data())


# ---- values computed at run time ----------------------------------------------------------------

DIGEST = "0123456789abcdef"


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(calculs, "_contents", OrderedDict())
    return calculs


def test_computed_values_are_served_and_kept_a_year(app: Starlette, computed: Any) -> None:
    content = {"codes": ["26281"], "classes": [-1], "valeurs": [None], "raisons": {"26281": "né"}}
    assert computed.publish(f"croisement-{DIGEST}", content) == f"croisement-{DIGEST}"
    path = computed_url(f"croisement-{DIGEST}")
    answer = get(app, path, accept_encoding="gzip")
    assert answer.status == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert json.loads(gzip.decompress(answer.body)) == content
    assert get(app, path).json() == content
    known = get(app, path, if_none_match=answer.headers["etag"])
    assert (known.status, known.body) == (304, b"")


@pytest.mark.parametrize(
    "key", [DIGEST, f"autre-{DIGEST}", "croisement", "..%2F0123456789ab", f"A-{DIGEST}", "0" * 65]
)
def test_unknown_computed_values_are_404_in_json(
    app: Starlette, computed: Any, key: str
) -> None:
    computed.publish(f"croisement-{DIGEST}", {"codes": []})
    answer = get(app, f"/valeurs/v/calculs/{key}.json")
    assert answer.status == 404
    assert answer.json() == {"erreur": "Cette adresse ne correspond à aucune donnée."}
    # A miss is not remembered.
    if calculs.KEY.fullmatch(key):
        computed.publish(key, {"codes": []})
        assert get(app, f"/valeurs/v/calculs/{key}.json").status == 200


def test_the_oldest_computed_values_go(computed: Any) -> None:
    keys = [computed.publish(f"{i:012x}", {"n": i}) for i in range(33)]
    assert [computed.published(key) is None for key in keys] == [True] + [False] * 32
    computed.published(keys[1])
    computed.publish("f" * 12, {})
    assert computed.published(keys[1]) is not None
    assert len(computed._contents) == 32


def test_a_key_is_a_digest_and_its_content_json(computed: Any) -> None:
    with pytest.raises(ValueError, match="empreinte"):
        computed.publish("croisement", {})
    with pytest.raises(ValueError, match="JSON"):
        computed.publish(DIGEST, {"valeurs": [float("nan")]})


def test_publishing_is_safe_between_threads(computed: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: computed.publish(f"{i % 50:012x}", {"n": i % 50}), range(400)))
    assert len(computed._contents) == 32
    for key, body in computed._contents.items():
        assert json.loads(gzip.decompress(body)) == {"n": int(key, 16)}


def test_a_crossing_tells_its_axes_and_its_address() -> None:
    classes = tuple(LegendClass(**one) for one in web.class_data(CROSSING))
    shown = Choropleth(
        "croisement", "Croisement", "Situation", "", 0, classes, CROSSING.absent,
        Grid(**web.grid_data(CROSSING)), computed_url(DIGEST),
    )
    data = json.loads(json.dumps(MapView("Carte", "IGN", choroplethe=shown).to_data()))
    assert data["choroplethe"]["url"].endswith(f"/calculs/{DIGEST}.json")
    assert data["choroplethe"]["grille"]["vertical"] == "Éloignement des guichets"
    assert data["choroplethe"]["grille"]["paliers_horizontaux"][2] == "plus fragile"
    with pytest.raises(ValueError, match="neuf classes"):
        Choropleth("x", "x", "x", "", 0, classes[:5], grille=Grid(**web.grid_data(CROSSING)))


def test_one_figure_keeps_its_embedded_address() -> None:
    shown = Choropleth("essai_a", "A", "A", "%", 1, (LegendClass("#fef0d9", "peu"),))
    data = MapView("Carte", "IGN", choroplethe=shown).to_data()["choroplethe"]
    assert data["url"].endswith("/commune/essai_a.json")
    assert data["grille"] is None


def test_circles_of_a_stock_are_served() -> None:
    app = Starlette(routes=routes(EmbeddedTables()))
    version = store.version()
    answer = get(app, f"/valeurs/{version}/cercles/region/population.json")
    assert answer.status == 200
    assert "immutable" in answer.headers["cache-control"]
    sent = answer.json()
    assert sent["codes"][0] == "11"
    assert len(sent["codes"]) == len(sent["lon"]) == len(sent["lat"]) == len(sent["valeurs"])
    for wrong in ("canton/population", "region/or", "region/../population"):
        assert get(app, f"/valeurs/{version}/cercles/{wrong}.json").status == 404
