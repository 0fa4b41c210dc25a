"""The Géoplateforme as it is documented: geocoding, where places are the communes' own points, and
routing, where a road is a third longer than the flight of a crow."""

from __future__ import annotations

import csv
import io
import json
import re
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from territory import communes, geo
from territory.text import fold
from tests.doubles.recherche import RefusedError

MAX_LINES = 200_000
_ADDED = ("longitude", "latitude", "result_score", "result_label", "result_type",
          "result_citycode", "result_postcode", "result_city", "result_status")


#: Kilometres an hour of the invented cars.
SPEED = 50.0
#: Those of the invented cars and walkers, by profile.
PACES = {"car": SPEED, "pedestrian": 4.0}


class Geoplateforme:
    """Answers of ``/geocodage`` and ``/navigation``."""

    def __init__(self) -> None:
        #: Ends no road leads to, as they are written in a request.
        self.islands: set[str] = set()
        #: Put in place of fields of a route.
        self.route: dict[str, Any] = {}
        #: Put in place of fields of an isochrone.
        self.isochrone: dict[str, Any] = {}

    def answer(
        self, path: str, params: dict[str, str], body: bytes, media: str
    ) -> tuple[bytes, str]:
        """Answer a request: content and media type."""
        if path == "/geocodage/search" and params.get("q"):
            found = _locate(params["q"], params.get("citycode", ""), params.get("postcode", ""))
            features = [] if found is None else [_feature(found)]
            content = {"type": "FeatureCollection", "features": features, "query": params["q"],
                       "licence": "ETALAB-2.0", "attribution": "BAN"}
            return json.dumps(content).encode(), "application/json"
        if path == "/geocodage/search/csv":
            return _csv(body, media), "text/csv"
        if path == "/navigation/itineraire":
            return json.dumps(self._route(params)).encode(), "application/json"
        if path == "/navigation/isochrone":
            return json.dumps(self._isochrone(params)).encode(), "application/json"
        raise RefusedError("Ressource non trouvée.", 404)

    def _isochrone(self, params: dict[str, str]) -> dict[str, Any]:
        """Far along some roads, near between them, and a mountain in the middle of the way."""
        allowed = {"resource": {"bdtopo-valhalla", "bdtopo-pgr"}, "costType": {"time", "distance"},
                   "profile": set(PACES), "direction": {"departure", "arrival"},
                   "timeUnit": {"hour", "minute", "second"}, "geometryFormat": {"geojson"},
                   "crs": {"EPSG:4326"}}
        defaults = {"profile": "car", "direction": "departure", "timeUnit": "second",
                    "geometryFormat": "geojson", "crs": "EPSG:4326"}
        told = {**defaults, **params}
        for name, values in allowed.items():
            if told.get(name) not in values:
                raise RefusedError(f"Parameter '{name}' is invalid")
        if not re.fullmatch(r"-?[0-9.]+,-?[0-9.]+", told.get("point", "")):
            raise RefusedError("Parameter 'point' is invalid")
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", told.get("costValue", "")):
            raise RefusedError("Parameter 'costValue' is invalid")
        if told["point"] in self.islands:
            raise RefusedError("No path found", 404)
        x, y = map(float, told["point"].split(","))
        hours = float(told["costValue"]) / {"hour": 1, "minute": 60, "second": 3600}[
            told["timeUnit"]]
        reach = PACES[told["profile"]] * hours * 3 / 4
        kept = ("point", "resource", "costType", "profile", "direction", "timeUnit", "crs")
        return {
            **{name: told[name] for name in kept}, "resourceVersion": "2026-11-01",
            "costValue": float(told["costValue"]), "constraints": [], "alerts": [],
            "geometry": {"type": "Polygon", "coordinates": [
                _ring(x, y, reach), _ring(x + 0.002 * reach, y, reach / 20)[::-1]]},
            **self.isochrone,
        }

    def _route(self, params: dict[str, str]) -> dict[str, Any]:
        if params.get("resource") not in {"bdtopo-osrm", "bdtopo-valhalla", "bdtopo-pgr"}:
            raise RefusedError("Parameter 'resource' is invalid")
        ends = [params.get(name, "") for name in ("start", "end")]
        if not all(re.fullmatch(r"-?[0-9.]+,-?[0-9.]+", end) for end in ends):
            raise RefusedError("Parameter 'start' is invalid")
        if self.islands & set(ends):
            raise RefusedError("No path found", 404)
        (x1, y1), (x2, y2) = (tuple(map(float, end.split(","))) for end in ends)
        km = 4 / 3 * float(geo.distance_km(x1, y1, [x2], [y2])[0])
        hours = km / SPEED
        times = {"second": 3600 * hours, "minute": 60 * hours, "hour": hours}
        lengths = {"meter": 1000 * km, "kilometer": km}
        units = {"timeUnit": params.get("timeUnit", "minute"),
                 "distanceUnit": params.get("distanceUnit", "meter")}
        return {
            "resource": params["resource"], "resourceVersion": "2026-11-01",
            "start": params["start"], "end": params["end"], "profile": params.get("profile"),
            "optimization": params.get("optimization"), **units,
            "distance": lengths[units["distanceUnit"]], "duration": times[units["timeUnit"]],
            "portions": [], "constraints": [], **self.route,
        }


def _ring(x: float, y: float, reach_km: float) -> list[list[float]]:
    azimuths = range(360, 0, -5)
    far = [1000 * reach_km * (1.0 if rank % 2 else 0.6) for rank in range(len(azimuths))]
    lons, lats, _ = geo.GEOD.fwd([x] * len(far), [y] * len(far), list(azimuths), far)
    ring = [[float(lon), float(lat)] for lon, lat in zip(lons, lats, strict=True)]
    return [*ring, ring[0]]


def _csv(body: bytes, media: str) -> bytes:
    message = BytesParser(policy=HTTP).parsebytes(
        f"Content-Type: {media}\r\n\r\n".encode() + body
    )
    parts: dict[str, list[bytes]] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        parts.setdefault(str(name), []).append(part.get_payload(decode=True) or b"")
    if "data" not in parts:
        raise RefusedError("A CSV file must be provided in data field")
    rows = list(csv.DictReader(io.StringIO(parts["data"][0].decode("utf-8"))))
    if len(rows) > MAX_LINES:
        raise RefusedError("Too many lines")
    columns = [value.decode() for value in parts.get("columns", [])]
    named = {key: parts[key][0].decode() for key in ("citycode", "postcode") if key in parts}
    out = io.StringIO()
    writer = csv.DictWriter(out, [*(rows[0] if rows else {}), *_ADDED], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        text = " ".join(row[c] for c in columns or row)
        found = _locate(text, row.get(named.get("citycode", ""), ""),
                        row.get(named.get("postcode", ""), ""))
        writer.writerow({**row, **_result(found)})
    return out.getvalue().encode()


def _locate(text: str, citycode: str, postcode: str) -> dict[str, Any] | None:
    """Point of the commune a text names, a little aside for a numbered address."""
    table = communes.table()
    code = citycode if citycode in table.index else None
    if code is None:
        words = fold(text)
        here = communes.find(postcode, 40) if postcode else []
        named = [c for c in here if fold(c.nom) in words] or here
        if not named:
            tail = re.sub(r"^.*\d{5}\s*", "", text)
            named = communes.candidates_for(tail)[:1] if tail.strip() else []
        if not named:
            return None
        code = named[0].code_insee
    home = communes.get(code)
    numbered = re.match(r"\s*\d+", text) is not None
    return {
        "longitude": round(home.longitude + (0.004 if numbered else 0.0), 6),
        "latitude": round(home.latitude + (0.003 if numbered else 0.0), 6),
        "score": 0.32 if "introuvable" in fold(text) else 0.93 if numbered else 0.71,
        "type": "housenumber" if numbered else "municipality", "citycode": code,
        "postcode": (home.codes_postaux or ("",))[0], "city": home.nom, "label": text,
    }


def _result(found: dict[str, Any] | None) -> dict[str, Any]:
    if found is None:
        return {**dict.fromkeys(_ADDED, ""), "result_status": "not-found"}
    return {
        "longitude": found["longitude"], "latitude": found["latitude"],
        "result_score": found["score"], "result_label": found["label"],
        "result_type": found["type"], "result_citycode": found["citycode"],
        "result_postcode": found["postcode"], "result_city": found["city"],
        "result_status": "ok",
    }


def _feature(found: dict[str, Any]) -> dict[str, Any]:
    place = {k: v for k, v in found.items() if k not in {"longitude", "latitude"}}
    return {"type": "Feature", "properties": place,
            "geometry": {"type": "Point", "coordinates": [found["longitude"], found["latitude"]]}}
