"""The state a link carries: URL parameters ↔ perimeter, criteria, layers and indicator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from layers.breaks import COUNTED, METHODS, USUAL, Cut, fitted_limits
from territory import communes, connaissance, eloignement, exclusion, filieres, indicators, stocks
from territory.communes import Level
from territory.errors import InvalidInputError
from territory.indicators import Indicator
from territory.perimeter import DEFAULT_RADIUS_KM, Perimeter, check_radius
from territory.suppliers import Criteria
from territory.text import excerpt, trimmed
from ui import lien

T = TypeVar("T")

#: What a list parameter says when nothing is chosen.
_NONE = "aucune"

#: The crossing of éloignement and fragility, as a link names it.
EXCLUSION = "exclusion_bancaire"
#: Other indicators of the counters fetched here.
LOCAL: dict[str, Indicator] = {**eloignement.INDICATORS, exclusion.INDEX.id: exclusion.INDEX}
#: What the list of structures held here leaves unknown.
KNOWLEDGE: Mapping[str, Indicator] = connaissance.INDICATORS

#: Overlays, in drawing order; all shown by default.
LAYERS: dict[str, str] = {
    "structures": "Structures de l’ESS",
    "ptce": "PTCE",
    "indicateur": "Indicateur",
}

#: Territories that may be coloured.
LEVELS: dict[Level, str] = {
    "commune": "Communes", "epci": "EPCI", "departement": "Départements", "region": "Régions",
}

STATUSES: dict[str, str] = {
    "siae": "Structures d’insertion (SIAE)",
    "employeur": "Employeurs",
}


@dataclass(frozen=True)
class Request:
    """What a link asks for.

    Attributes
    ----------
    perimeter
        None on the first screen.
    criteria
        Filters of the list.
    layers
        Overlays shown, keys of :data:`LAYERS`.
    indicator
        Key of ``indicators.INDICATORS``.
    messages
        One French sentence for each value that was ignored.
    level
        Territories that are coloured.
    cut
        How the indicator is cut into classes.
    circles
        Stock drawn as circles, key of ``stocks.STOCKS``; empty for none.
    compared
        Other vintage of the indicator, one of ``indicators.comparable``; empty for none.
    """

    perimeter: Perimeter | None = None
    criteria: Criteria = field(default_factory=Criteria)
    layers: tuple[str, ...] = tuple(LAYERS)
    indicator: str = indicators.DEFAULT_INDICATOR
    messages: tuple[str, ...] = ()
    level: Level = "commune"
    cut: Cut = USUAL
    circles: str = ""
    compared: str = ""


def read_url(
    parameters: Mapping[str, str],
    *,
    offered: Collection[str] = tuple(indicators.INDICATORS),
    default: str = indicators.DEFAULT_INDICATOR,
    missing: str = "",
) -> Request:
    """Read a link; a value that makes no sense is ignored and said, never an error.

    Parameters
    ----------
    parameters
        Name → text. Lists are comma-separated.
    offered, default
        Indicators that can be shown, and the one of a link that names none.
    missing
        Said of an indicator that exists and is not offered.
    """
    messages: list[str] = []

    def attempt(read: Callable[[], T], fallback: T) -> T:
        try:
            return read()
        except InvalidInputError as error:
            messages.append(f"Lien : {error.user_message}")
            return fallback

    radius = attempt(
        lambda: check_radius(parameters.get("rayon", DEFAULT_RADIUS_KM)), DEFAULT_RADIUS_KM
    )
    perimeter = attempt(lambda: _perimeter(parameters, radius), None)
    chosen = tuple(
        name
        for text in _items(parameters.get("filiere"))
        if (name := attempt(lambda text=text: filieres.resolve(text), None)) is not None
    )
    families = tuple(
        name
        for name in _items(parameters.get("famille"))
        if attempt(lambda name=name: bool(Criteria(familles=(name,))), False)
    )
    statuses = _known(parameters.get("statut"), STATUSES, "Le statut", messages)
    layers = tuple(LAYERS)
    if "couches" in parameters:
        shown = _known(parameters["couches"], LAYERS, "La couche", messages)
        if shown or _NONE in _items(parameters["couches"]):
            layers = shown
    indicator = parameters.get("indicateur", default)
    if indicator not in offered:
        messages.append(_not_offered(indicator, missing))
        indicator = default
    criteria = Criteria(
        filieres=chosen,
        familles=families,
        siae_only="siae" in statuses,
        employers_only="employeur" in statuses,
        include_presumed=parameters.get("presumees") != "non",
    )
    levels = _known(parameters.get("niveau"), LEVELS, "L’échelon", messages) or ("commune",)
    cut = attempt(lambda: _cut(parameters, indicator), USUAL)
    circles = _known(parameters.get("cercles"), stocks.STOCKS, "La quantité", messages) or ("",)
    year = parameters.get("comparer", "").strip()
    compared = attempt(lambda: _compared(year, indicator), "")
    return Request(
        perimeter, criteria, layers, indicator, tuple(messages), levels[0], cut, circles[0],
        compared,
    )


def _compared(year: str, indicator_id: str) -> str:
    """Read the other vintage of an indicator from its year."""
    if not year:
        return ""
    years = {indicators.get(i).vintage: i for i in indicators.comparable(indicator_id)}
    if year not in years:
        known = f"années comparables : {', '.join(years)}" if years else "il n’en a pas d’autre"
        msg = f"Le millésime « {excerpt(year, 20)} » de cet indicateur n’existe pas ({known})."
        raise InvalidInputError(msg)
    return years[year]


def _cut(parameters: Mapping[str, str], indicator_id: str) -> Cut:
    """Read how the classes are cut: method, number, own limits."""
    texts = {name: parameters.get(name, "").strip() for name in ("methode", "classes", "limites")}
    if not any(texts.values()):
        return USUAL
    if indicator_id == EXCLUSION:
        msg = "Un croisement a toujours ses neuf classes : celles du lien sont laissées de côté."
        raise InvalidInputError(msg)
    method = texts["methode"] or ("limites" if texts["limites"] else USUAL.method)
    if method not in METHODS:
        msg = (
            f"La méthode « {excerpt(method)} » n’existe pas (choix : {', '.join(METHODS)})."
        )
        raise InvalidInputError(msg)
    if texts["limites"] and method != "limites":
        msg = "Les limites de classes ne vont qu’avec la méthode « limites »."
        raise InvalidInputError(msg)
    if texts["classes"] and method not in COUNTED:
        msg = f"La méthode « {method} » ne prend pas de nombre de classes."
        raise InvalidInputError(msg)
    limits = tuple(_limit(item) for item in _items(texts["limites"]))
    if limits:
        limits = fitted_limits(limits, decimals(indicator_id))
    return Cut(method, _count(texts["classes"]), limits)


def _limit(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        msg = f"La limite de classe « {excerpt(text, 20)} » n’est pas un nombre."
        raise InvalidInputError(msg) from error


def _count(text: str) -> int:
    if not text:
        return USUAL.count
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        msg = f"Le nombre de classes « {excerpt(text, 20)} » n’est pas un entier."
        raise InvalidInputError(msg)
    return int(text)


def decimals(indicator_id: str) -> int:
    """Decimals an indicator is written with."""
    one = LOCAL.get(indicator_id) or KNOWLEDGE.get(indicator_id) or indicators.get(indicator_id)
    return one.decimals


def _not_offered(indicator_id: str, missing: str) -> str:
    if missing and (indicator_id == EXCLUSION or indicator_id in LOCAL):
        return f"Lien : {missing}"
    try:
        indicators.get(indicator_id)
    except InvalidInputError as error:
        return f"Lien : {error.user_message}"
    return f"Lien : l’indicateur « {excerpt(indicator_id)} » n’est pas proposé ici."


def write_url(
    request: Request, *, default: str = indicators.DEFAULT_INDICATOR
) -> dict[str, str]:
    """Write a request as URL parameters; what equals the default is left out."""
    parameters: dict[str, str] = {}
    if request.perimeter is not None:
        parameters |= _place(request.perimeter)
    criteria = request.criteria
    statuses = [
        name
        for name, asked in (("siae", criteria.siae_only), ("employeur", criteria.employers_only))
        if asked
    ]
    for name, values in (
        ("filiere", criteria.filieres), ("famille", criteria.familles), ("statut", statuses)
    ):
        if values:
            parameters[name] = ",".join(values)
    if not criteria.include_presumed:
        parameters["presumees"] = "non"
    if request.layers != tuple(LAYERS):
        parameters["couches"] = ",".join(request.layers) or _NONE
    if request.level != "commune":
        parameters["niveau"] = request.level
    if request.indicator != default:
        parameters["indicateur"] = request.indicator
    if request.compared:
        parameters["comparer"] = indicators.get(request.compared).vintage
    if request.circles:
        parameters["cercles"] = request.circles
    if request.indicator != EXCLUSION:
        parameters |= _classes(request.cut)
    return parameters


def _classes(cut: Cut) -> dict[str, str]:
    """Parameters of a cut; none for the usual one."""
    if cut == USUAL:
        return {}
    if cut.method == "limites":
        return {"methode": cut.method, "limites": ",".join(f"{x:.15g}" for x in cut.limits)}
    if cut.method not in COUNTED:
        return {"methode": cut.method}
    return {"methode": cut.method, "classes": str(cut.count)}


def _place(perimeter: Perimeter) -> dict[str, str]:
    """Parameters of a perimeter; none when it is too detailed for a link."""
    disc = perimeter.disc
    if disc is None:
        packed = lien.pack(perimeter)
        return {} if packed is None else {"perimetre": packed}
    radius = {"rayon": f"{disc.radius_km:g}"}
    if disc.code_commune is not None:
        return {"commune": disc.code_commune, **radius}
    return {"lon": f"{disc.longitude:.6f}", "lat": f"{disc.latitude:.6f}", **radius}


def _perimeter(parameters: Mapping[str, str], radius_km: float) -> Perimeter | None:
    if parameters.get("perimetre"):
        return lien.unpack(parameters["perimetre"])
    if parameters.get("commune"):
        text = parameters["commune"].strip()
        known = text.upper() in communes.table().index
        commune = communes.get(text.upper()) if known else communes.resolve(text)
        return Perimeter.around_commune(commune, radius_km)
    if "lon" in parameters or "lat" in parameters:
        return Perimeter.around_point(
            parameters.get("lon", "?"), parameters.get("lat", "?"), radius_km
        )
    return None


def _items(text: str | None) -> list[str]:
    return [item.strip() for item in (text or "").split(",") if item.strip()]


def _known(
    text: str | None, allowed: Mapping[str, str], what: str, messages: list[str]
) -> tuple[str, ...]:
    """Items that exist, in the order of ``allowed``; each unknown one is said and left out."""
    items = _items(text)
    messages += [
        f"Lien : {what} « {excerpt(item)} » n’existe pas (choix : {', '.join(allowed)})."
        for item in items
        if item not in allowed and item != _NONE
    ]
    return tuple(name for name in allowed if name in items)


def radius_text(radius_km: float) -> str:
    """Radius as shown in its field: ``30``, ``12,4``."""
    return trimmed(radius_km, 3)
