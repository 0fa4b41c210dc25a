"""Le Marché de l'inclusion's API as it is documented, for the invented SIAE of a world."""

from __future__ import annotations

import re
from typing import Any

from tests.doubles.recherche import RefusedError
from tests.doubles.world import World

TOKEN = "f" * 64
_SECTORS = ("Traiteur", "Nettoyage de locaux", "Création et entretien des espaces verts",
            "Recyclage textiles", "Secteur fictif sans règle")


class Marche:
    """Answers of the service: every unit of the world that is a SIAE, once a kind."""

    def __init__(self, world: World) -> None:
        self.structures = [
            _structure(rank, unit, place, kind)
            for rank, (unit, place, kind) in enumerate(
                (unit, unit.establishments[0], kind)
                for unit in world.units if unit.siae is not None
                for kind in unit.siae.split(", ")
            )
        ]

    def answer(self, path: str, pairs: list[tuple[str, str]], authorization: str) -> Any:
        """Answer a request; parameters may be repeated."""
        token = authorization.removeprefix("Bearer ")
        if len(token) < 64:
            raise DetailError("Token too short. Possible security issue detected.")
        if not token.isalnum():
            raise DetailError("Token contains invalid characters. Possible security issue "
                              "detected.")
        if token != TOKEN:
            raise DetailError("Invalid or expired token")
        if match := re.fullmatch(r"/siae/(siren|siret)/(\w+)/", path):
            field, value = match.groups()
            length = {"siren": 9, "siret": 14}[field]
            if len(value) != length:
                raise RefusedError(f"{field} must be {length} caracters long")
            return [s for s in self.structures if s["siret"].startswith(value)]
        if path != "/siae/":
            raise RefusedError("Ressource non trouvée.", 404)
        kinds = {v for name, v in pairs if name == "kind"}
        params = dict(pairs)
        found = [
            s for s in self.structures
            if (not kinds or s["kind"] in kinds)
            and params.get("department", s["department"]) == s["department"]
        ]
        limit, offset = int(params.get("limit", 100)), int(params.get("offset", 0))
        limit = min(limit, 100)
        after = offset + limit
        return {"count": len(found), "next": f"?offset={after}" if after < len(found) else None,
                "previous": None, "results": found[offset:after]}


class DetailError(RefusedError):
    """A refusal for want of a good token."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 401)


def _structure(rank: int, unit: Any, place: Any, kind: str) -> dict[str, Any]:
    # Older answers name the field in the singular.
    offers = "presta_type" if rank % 3 == 0 else "presta_types"
    return {
        "id": rank, "name": unit.name, "brand": "", "slug": f"structure-fictive-{rank}",
        "siret": place.siret, "nature": "HEAD_OFFICE", "kind": kind, "kind_parent": "Insertion",
        "contact_website": "", "contact_social_website": "", "logo_url": "",
        "address": "1 rue fictive", "city": f"Commune {place.commune}",
        "post_code": place.postcode, "department": place.commune[:2], "region": "Région",
        "is_qpv": False, "is_active": True,
        "sectors": [{"name": _SECTORS[rank % len(_SECTORS)], "slug": f"secteur-{rank % 5}"}],
        offers: ["PREST"], "networks": [], "offers": [], "client_references": [],
        "labels_old": [], "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2026-05-01T00:00:00Z",
    }
