"""The API Recherche d'entreprises as it is documented: same limits, same refusals, same traps."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doubles.world import CATEGORIES, Establishment, Unit, World

Params = dict[str, str]

CAP = 10_000
SECTIONS = tuple("ABCDEFGHIJKLMNOPQRSTU")
SIZES = ("NN", "00", "01", "02", "03", "11", "12", "21", "22", "31", "32", "41", "42", "51", "52",
         "53")
LEGAL = (*CATEGORIES, "1000", "5192", "5460", "5532", "7210", "8310")
INCLUDE = ("complements", "dirigeants", "finances", "score", "siege", "matching_etablissements",
           "tva")
BOOLEANS = (
    "est_ess", "est_siae", "est_societe_mission", "est_association", "est_bio", "est_rge",
    "est_finess", "est_uai", "est_qualiopi", "est_organisme_formation",
    "est_entrepreneur_individuel", "est_entrepreneur_spectacle", "est_achats_responsables",
    "est_alim_confiance", "est_patrimoine_vivant", "est_administration",
    "est_collectivite_territoriale", "egapro_renseignee", "convention_collective_renseignee",
)
FILTERS = (
    *BOOLEANS, "activite_principale", "section_activite_principale", "categorie_entreprise",
    "code_commune", "code_postal", "departement", "region", "epci", "etat_administratif",
    "nature_juridique", "tranche_effectif_salarie",
)
_COMMUNE = re.compile(r"([013-9]\d|2[AB1-9])\d{3}")
_INTEGERS = {
    # parameter: (name in messages, low, high, default)
    "page": ("page", 1, 1000, 1),
    "per_page": ("per_page", 1, 25, 10),
    "limite_matching_etablissements": ("matching_size", 1, 100, 10),
}
_FLOATS = {
    "lat": ("lat", -90, 90, None),
    "long": ("lon", -180, 180, None),
    "radius": ("radius", 0.001, 50, 5),
}


class RefusedError(Exception):
    """A request the service refuses: status and message."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Asked:
    page: int
    per_page: int
    matches: int
    include: tuple[str, ...]
    unit: Callable[[Unit], bool]
    place: Callable[[Establishment], bool]
    codes: tuple[str, ...]
    placed: bool


class Recherche:
    """Answers of the service for a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        #: Copies of the index that answer as it falls; each orders ties its own way.
        self.replicas = 1
        #: Share of the units whose establishments fail to come with them.
        self.bare = 0.0
        #: Whether ``est_ess`` is ignored, as an unknown parameter would be.
        self.ignores_ess = False
        self._draw = random.Random(6)
        # Pages of one query follow each other: it is worked out once.
        self._ranked: dict[frozenset[tuple[str, str]],
                           tuple[list[tuple[Unit, list[Establishment]]], int]] = {}

    def search(self, params: Params) -> dict[str, Any]:
        """Answer ``/search``."""
        if "lat" in params or "long" in params:
            raise RefusedError("Les paramètres 'lat', 'long' ne sont autorisés que pour une "
                               "recherche géographique.")
        if self.ignores_ess:
            params = {name: value for name, value in params.items() if name != "est_ess"}
        known = [name for name in ("q", *FILTERS) if params.get(name)]
        if not known:
            raise RefusedError("Veuillez indiquer au moins un paramètre de recherche.")
        q = params.get("q", "").strip()
        asked = _read(params)
        digits = q.replace(" ", "")
        if re.fullmatch(r"\d{9}|\d{14}", digits):
            return self._by_identifier(digits, asked)
        if q and len(q) < 3 and known == ["q"]:
            raise RefusedError("3 caractères minimum pour les termes de la requête (ou utilisez "
                               "au moins un filtre)")
        replica = self._draw.randrange(self.replicas)
        key = frozenset({*((k, v) for k, v in params.items() if k != "page"), ("", str(replica))})
        if key not in self._ranked:
            if len(self._ranked) > 50:
                self._ranked.clear()
            ranked, total = self._found(asked, q)
            if replica:
                ranked = sorted(ranked, key=lambda pair: (
                    -pair[0].open_count, random.Random(f"{replica}{pair[0].siren}").random()))
            self._ranked[key] = ranked, total
        ranked, total = self._ranked[key]
        first = (asked.page - 1) * asked.per_page
        shown = ranked[first : first + asked.per_page]
        answers = [_unit(unit, matching, asked) for unit, matching in shown]
        for answer in answers:
            if self.bare and random.Random(answer["siren"]).random() < self.bare:
                answer["matching_etablissements"] = None
        return _page(answers, total, asked)

    def _by_identifier(self, digits: str, asked: _Asked) -> dict[str, Any]:
        unit = self.world.by_siren.get(digits[:9])
        if unit is None:
            return _page([], 0, asked)
        same = [e for e in unit.establishments if e.siret == digits]
        if len(digits) == 14 and not same:
            return _page([], 0, asked)
        return _page([_unit(unit, same, asked)], 1, asked)

    def _found(
        self, asked: _Asked, q: str
    ) -> tuple[list[tuple[Unit, list[Establishment]]], int]:
        """Every unit that answers, in order, and the announced total."""
        slices = self.world.slices
        if asked.codes:
            positions = sorted({p for c in asked.codes
                                for p in self.world.slices_by_commune.get(c, ())})
        else:
            positions = list(range(len(slices)))
        # One document a unit: the first slice that answers hides the others.
        chosen: dict[str, tuple[Unit, list[Establishment]]] = {}
        documents = 0
        for position in positions:
            unit, establishments = slices[position]
            if not asked.unit(unit) or (q and q.casefold() not in unit.name.casefold()):
                continue
            # Units that may not be shown at all: natural persons that asked not to be.
            if unit.diffusion != "O" and unit.category == "1000":
                continue
            matching = [e for e in establishments if asked.place(e)] if asked.placed else []
            if asked.placed and not matching:
                continue
            documents += 1
            chosen.setdefault(unit.siren, (unit, matching))
        ranked = sorted(chosen.values(), key=lambda pair: -pair[0].open_count)
        return ranked, CAP if documents >= CAP else len(ranked)


def near_point(recherche: Recherche, params: Params) -> dict[str, Any]:
    """Answer ``/near_point``: only activity and section filter, the rest is ignored."""
    from territory import geo

    if params.get("q"):
        raise RefusedError("Le paramètre 'terms' n'est pas autorisé pour une recherche "
                           "géographique.")
    if not params.get("lat") or not params.get("long"):
        raise RefusedError("Les paramètres 'lat' et 'long' sont obligatoires pour une recherche "
                           "géographique.")
    lat, lon, radius = (_float(params, name) for name in _FLOATS)
    kept = {name: params[name] for name in params
            if name in ("activite_principale", "section_activite_principale", "page", "per_page",
                        "limite_matching_etablissements", "minimal", "include")}
    _read(params)
    asked = _read({**kept, "etat_administratif": ""})
    found = []
    for unit in recherche.world.units:
        if not asked.unit(unit) or unit.diffusion != "O":
            continue
        places = [e for e in unit.establishments if e.latitude is not None]
        if not places:
            continue
        km = geo.distance_km(lon, lat, [float(e.longitude or 0) for e in places],
                             [float(e.latitude or 0) for e in places])
        near = [e for e, d in zip(places, km, strict=True) if d <= radius]
        if near:
            found.append((unit, near))
    first = (asked.page - 1) * asked.per_page
    shown = found[first : first + asked.per_page]
    return _page([_unit(u, m, asked) for u, m in shown], min(len(found), CAP), asked)


def _read(params: Params) -> _Asked:
    numbers = {name: _integer(params, name) for name in _INTEGERS}
    if numbers["page"] * numbers["per_page"] > CAP:
        raise RefusedError(
            "Le nombre total de résultats est restreint à 10 000. Pour garantir cela, le produit "
            "du numéro de page (par défaut, page = 1) et du nombre de résultats par page (par "
            "défaut, per_page = 10), c'est-à-dire `page * per_page`, ne doit pas excéder 10 000."
        )
    flags = {name: _boolean(params, name) for name in BOOLEANS if params.get(name)}
    minimal = _boolean(params, "minimal") if params.get("minimal") else False
    include = INCLUDE
    if params.get("include"):
        if not minimal:
            raise RefusedError(
                "Veuillez indiquer si vous souhaitez une réponse minimale avec le filtre "
                "`minimal=True`` avant de préciser les champs à inclure."
            )
        include = tuple(params["include"].split(","))
        if set(include) - set(INCLUDE):
            raise RefusedError("Au moins un champ à inclure est non valide. Les champs valides : "
                               f"{list(INCLUDE)}.")
    elif minimal:
        include = ()
    codes = _list(params, "code_commune")
    if any(not _COMMUNE.fullmatch(code) for code in codes):
        raise RefusedError("Au moins une valeur du paramètre commune est non valide.")
    if any(not re.fullmatch(r"\d{9}", code) for code in _list(params, "epci")):
        raise RefusedError("Au moins une valeur du paramètre epci est non valide.")
    postcodes = _list(params, "code_postal")
    if any(not re.fullmatch(r"\d{5}", code) for code in postcodes):
        raise RefusedError("Au moins une valeur du paramètre code_postal est non valide.")
    sections = _closed(params, "section_activite_principale", SECTIONS)
    sizes = _closed(params, "tranche_effectif_salarie", SIZES)
    legal = _closed(params, "nature_juridique", LEGAL)
    states = _closed(params, "etat_administratif", ("A", "C"))
    activities = _list(params, "activite_principale")

    def unit(u: Unit) -> bool:
        return (
            (not sections or u.section in sections)
            and (not sizes or u.size in sizes)
            and (not legal or u.category in legal)
            and (not states or u.state in states)
            and (not activities or u.naf in activities)
            and ("est_ess" not in flags or u.ess is flags["est_ess"])
            and ("est_siae" not in flags or (u.siae is not None) is flags["est_siae"])
        )

    departements = _list(params, "departement")

    def place(e: Establishment) -> bool:
        return (
            (not codes or e.commune in codes)
            and (not postcodes or e.postcode in postcodes)
            and (not departements
                 or (e.commune[:3] if e.commune.startswith("97") else e.commune[:2])
                 in departements)
            and ("est_bio" not in flags or e.bio is flags["est_bio"])
            and ("est_rge" not in flags or e.rge is flags["est_rge"])
        )

    placed = bool(codes or postcodes or departements or {"est_bio", "est_rge"} & flags.keys())
    return _Asked(numbers["page"], numbers["per_page"], numbers["limite_matching_etablissements"],
                  include, unit, place, codes, placed)


def _integer(params: Params, name: str) -> int:
    said, low, high, default = _INTEGERS[name]
    text = params.get(name) or str(default)
    if not re.fullmatch(r"-?\d+", text):
        raise RefusedError(f"Veuillez indiquer un paramètre `{said}` entier.")
    value = int(text)
    _within(value, said, low, high, default)
    return value


def _float(params: Params, name: str) -> float:
    said, low, high, default = _FLOATS[name]
    text = params.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value:
        raise RefusedError(f"Veuillez indiquer un paramètre `{said}` flottant.")
    _within(value, said, low, high, default)
    return value


def _within(value: float, said: str, low: float, high: float, default: float | None) -> None:
    if not low <= value <= high:
        raise RefusedError(f"Veuillez indiquer un paramètre `{said}` entre `{low}` et `{high}`, "
                           f"par défaut `{default}`.")


def _boolean(params: Params, name: str) -> bool:
    value = params[name].lower()
    if value not in {"true", "false"}:
        raise RefusedError(f"{name} doit prendre la valeur 'true' ou 'false' !")
    return value == "true"


def _list(params: Params, name: str) -> tuple[str, ...]:
    return tuple(part for part in params.get(name, "").split(",") if part)


def _closed(params: Params, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    values = _list(params, name)
    if set(values) - set(allowed):
        raise RefusedError(f"Au moins un paramètre `{name}` est non valide. Les valeurs valides : "
                           f"{list(allowed)}.")
    return values


def _page(results: list[dict[str, Any]], total: int, asked: _Asked) -> dict[str, Any]:
    return {
        "results": results,
        "total_results": total,
        "page": asked.page,
        "per_page": asked.per_page,
        "total_pages": -(-total // asked.per_page),
    }


def _unit(unit: Unit, matching: list[Establishment], asked: _Asked) -> dict[str, Any]:
    matching = sorted(matching, key=lambda e: e.state)[: asked.matches]
    answer: dict[str, Any] = {
        "siren": unit.siren,
        "nom_complet": unit.name,
        "nom_raison_sociale": unit.name,
        "sigle": None,
        "nombre_etablissements": len(unit.establishments),
        "nombre_etablissements_ouverts": unit.open_count,
        "activite_principale": unit.naf,
        "activite_principale_naf25": _naf25(unit.naf),
        "categorie_entreprise": "PME",
        "caractere_employeur": None,
        "annee_categorie_entreprise": "2023",
        "date_creation": "2001-01-01",
        "date_fermeture": None if unit.state == "A" else "2024-01-01",
        "date_mise_a_jour": "2026-05-17T09:12:44",
        "date_mise_a_jour_insee": "2025-12-06T05:20:57",
        "date_mise_a_jour_rne": None,
        "etat_administratif": unit.state,
        "nature_juridique": unit.category,
        "section_activite_principale": unit.section,
        "tranche_effectif_salarie": unit.size,
        "annee_tranche_effectif_salarie": "2023" if unit.size else None,
        "statut_diffusion": unit.diffusion,
    }
    if "siege" in asked.include:
        answer["siege"] = _head_office(unit)
    if "dirigeants" in asked.include:
        answer["dirigeants"] = []
    if "finances" in asked.include:
        answer["finances"] = None
    if "matching_etablissements" in asked.include:
        answer["matching_etablissements"] = [_match(e, unit) for e in matching]
    if "complements" in asked.include:
        answer["complements"] = _complements(unit)
    return answer


def _match(e: Establishment, unit: Unit) -> dict[str, Any]:
    masked = e.diffusion != "O" or unit.diffusion != "O"
    return {
        "activite_principale": e.naf,
        "activite_principale_naf25": _naf25(e.naf),
        "ancien_siege": False,
        "annee_tranche_effectif_salarie": "2023" if e.size else None,
        "adresse": "[NON-DIFFUSIBLE]" if masked
        else f"1 RUE FICTIVE {e.postcode} COMMUNE {e.commune}",
        "caractere_employeur": e.employer,
        "code_postal": e.postcode,
        "commune": e.commune,
        "date_creation": "2001-01-01",
        "date_debut_activite": "2001-01-01",
        "date_fermeture": None if e.state == "A" else "2020-01-01",
        "epci": None,
        "est_siege": e.head_office,
        "etat_administratif": e.state,
        "geo_id": None,
        "latitude": None if masked else e.latitude,
        "libelle_commune": f"COMMUNE {e.commune}",
        "liste_enseignes": [e.sign] if e.sign else None,
        "liste_finess": None,
        "liste_id_bio": [f"bio-{e.siret}"] if e.bio else None,
        "liste_idcc": None,
        "liste_id_organisme_formation": None,
        "liste_rge": ["1911"] if e.rge else None,
        "liste_uai": None,
        "longitude": None if masked else e.longitude,
        "nom_commercial": None,
        "region": None,
        "siret": e.siret,
        "statut_diffusion_etablissement": e.diffusion,
        "tranche_effectif_salarie": e.size,
    }


def _head_office(unit: Unit) -> dict[str, Any]:
    home = unit.establishments[0]
    shared = _match(home, unit)
    shared.pop("ancien_siege")
    extra = dict.fromkeys((
        "activite_principale_registre_metier", "cedex", "code_pays_etranger",
        "complement_adresse", "date_mise_a_jour", "date_mise_a_jour_insee",
        "distribution_speciale", "geo_adresse", "indice_repetition", "libelle_cedex",
        "libelle_commune_etranger", "libelle_pays_etranger", "libelle_voie", "numero_voie",
        "dernier_numero_voie", "type_voie"))
    place = None if home.latitude is None else f"{home.latitude},{home.longitude}"
    return {**shared, **extra, "coordonnees": place,
            "departement": home.commune[:3] if home.commune[:2] == "97" else home.commune[:2]}


def _complements(unit: Unit) -> dict[str, Any]:
    no = (
        "est_achats_responsables", "est_alim_confiance", "est_avocat", "est_entrepreneur_spectacle",
        "est_finess", "est_organisme_formation", "est_qualiopi", "est_societe_mission", "est_uai",
        "est_patrimoine_vivant", "bilan_ges_renseigne", "a_aide_minimis", "a_aide_ademe",
        "est_administration", "est_service_public", "est_l100_3",
        "convention_collective_renseignee", "egapro_renseignee",
    )
    nothing = (
        "collectivite_territoriale", "liste_idcc", "liste_finess_juridique",
        "liste_id_organisme_formation", "statut_entrepreneur_spectacle", "identifiant_association",
    )
    return {
        **dict.fromkeys(no, False),
        **dict.fromkeys(nothing),
        "est_association": unit.category.startswith("92"),
        "est_bio": any(e.bio for e in unit.establishments),
        "est_rge": any(e.rge for e in unit.establishments),
        "est_ess": unit.ess,
        "est_entrepreneur_individuel": unit.sole_trader,
        "est_siae": unit.siae is not None,
        "type_siae": unit.siae,
    }


def _naf25(naf: str | None) -> str | None:
    return None if naf is None else f"{naf[:5]}Y"
