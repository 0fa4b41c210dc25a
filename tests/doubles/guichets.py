"""Overpass and the open data service of La Poste, for invented counters on real communes."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode

from territory import communes
from tests.doubles.recherche import RefusedError
from tests.doubles.world import World

POSTAL = ("Bureau de poste", "Agence postale communale", "Relais poste commerçant",
          "Agence postale intercommunale")
PRECISIONS = ("Géocodé au numéro", "Géocodé au centre de la commune", "Géocodé au milieu de la rue")


class Poste:
    """The lines of the data set: one point a commune of the world, every kind in turn."""

    def __init__(self, world: World) -> None:
        self.rows = [_point(rank, code) for rank, code in enumerate(sorted(world.codes))]
        #: Most rows of a page, whatever is asked.
        self.most = 10_000
        #: Announced in place of the true total.
        self.total: int | None = None
        #: Where the address of the next page points; the real service names its public address.
        self.public = "https://donnees.invalid/api/v1/datasets/laposte-poincont2"
        #: Whether the next page is always the same one.
        self.circles = False

    def answer(self, path: str, params: dict[str, str]) -> Any:
        """Answer a request."""
        if path != "/lines":
            raise RefusedError("Jeu de données introuvable.", 404)
        size = min(int(params.get("size", 12)), self.most)
        after = int(params.get("after", 0))
        shown = self.rows[after : after + size]
        answer: dict[str, Any] = {
            "total": len(self.rows) if self.total is None else self.total,
            # The service adds its own fields to those of the producer.
            "results": [{"_id": f"ligne-{after + i}", "_score": None, **row}
                        for i, row in enumerate(shown)],
        }
        if after + size < len(self.rows) or self.circles:
            further = size if self.circles else after + size
            answer["next"] = f"{self.public}/lines?{urlencode({'size': size, 'after': further})}"
        return answer


def _point(rank: int, code: str) -> dict[str, Any]:
    home = communes.get(code)
    return {
        "identifiant_a": f"{rank:05d}A", "libelle_du_site": f"SITE FICTIF {rank}",
        "caracteristique_du_site": POSTAL[rank % len(POSTAL)], "adresse": "1 RUE FICTIVE",
        "code_postal": (home.codes_postaux or ("",))[0], "localite": home.nom.upper(),
        "code_insee": code, "pays": "FRANCE", "latitude": home.latitude,
        "longitude": home.longitude, "precision_du_geocodage": PRECISIONS[rank % len(PRECISIONS)],
    }


class Overpass:
    """Answers to a query of cash machines: those in its boxes, or all for a query by areas."""

    def __init__(self, world: World) -> None:
        self.elements = [
            element for rank, code in enumerate(sorted(world.codes)) if rank % 3 == 0
            for element in _machines(rank, code)
        ]
        #: What the service says of a query it gave up.
        self.remark = ""
        self.queries: list[str] = []

    def answer(self, body: bytes) -> Any:
        """Answer a form."""
        query = parse_qs(body.decode()).get("data", [""])[0]
        self.queries.append(query)
        if "[out:json]" not in query or "out center tags" not in query:
            raise RefusedError("line 1: parse error: Unknown type")
        boxes = [tuple(map(float, box.split(",")))
                 for box in re.findall(r"\((-?[0-9.]+(?:,-?[0-9.]+){3})\)", query)]
        answer = {
            "version": 0.6, "generator": "Overpass API fictive",
            "osm3s": {"timestamp_osm_base": "2026-11-20T08:00:00Z", "copyright": "ODbL"},
            "elements": [e for e in self.elements if not boxes or any(_in(e, b) for b in boxes)],
        }
        return {**answer, "remark": self.remark} if self.remark else answer


def _machines(rank: int, code: str) -> list[dict[str, Any]]:
    home = communes.get(code)
    longitude, latitude = home.longitude, home.latitude
    return [
        {"type": "node", "id": 1000 + rank, "lat": latitude, "lon": longitude,
         "tags": {"amenity": "atm", "operator": "Banque fictive"}},
        {"type": "way", "id": 1000 + rank,
         "center": {"lat": latitude + 0.0001, "lon": longitude},
         "tags": {"amenity": "bank", "atm": "yes", "brand": "Banque fictive"}},
    ]


def _in(element: dict[str, Any], box: tuple[float, ...]) -> bool:
    place = element.get("center", element)
    south, west, north, east = box
    try:
        return bool(south <= place["lat"] <= north and west <= place["lon"] <= east)
    except (KeyError, TypeError):
        return True
