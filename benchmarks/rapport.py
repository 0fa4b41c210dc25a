"""``docs/performance.md``, written from the figures kept in ``docs/performance.json``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from territory.text import NBSP, date, number

ROOT: Final = Path(__file__).resolve().parents[1]
DOCUMENT: Final = ROOT / "docs" / "performance.md"
OURS: Final = "Périmètre"

@dataclass(frozen=True)
class Section:
    """Title of a part, and how it was measured."""

    title: str
    how: str


SECTIONS: Final[dict[str, Section]] = {
    "ecran": Section(
        "Toutes les communes de France à l’écran",
        "De l’adresse à l’image de la France colorée, dans le même Chromium sans carte graphique, "
        "mêmes contours, même indicateur, mêmes classes. La nôtre est l’application entière, "
        "médiane de visites à un serveur en marche. folium est pris là où sa documentation le met, "
        "dans une page Streamlit ([`benchmarks/simple_map.py`](../benchmarks/simple_map.py)), puis "
        "avec un avantage : une page nue. Les scripts de ces voies viennent de la mémoire ; leur "
        "temps comprend l’écriture de la carte, que l’on attend aussi.",
    ),
    "trace": Section(
        "De la main à la liste",
        "Un rayon tracé à la souris sur 250 000 structures d’essai, en dix mouvements de 30 ms, du "
        "relâchement du bouton jusqu’à ce que la page dise le nouveau compte et se repose. L’autre "
        "voie est l’application que montre la documentation de streamlit-folium "
        "([`benchmarks/simple_app.py`](../benchmarks/simple_app.py)) : elle ne calcule pas de "
        "distance. La nôtre donne en plus le compte pendant le geste. Médiane de trois serveurs : "
        "la mémoire de l’autre voie, et son temps avec elle, changent de l’un à l’autre. Le "
        "navigateur n’a pas de carte graphique et s’en arrange seul : il compose la page par le "
        "processeur, et n’émule une carte graphique que pour dessiner la France.",
    ),
    "trace_emulee": Section(
        "De la main à la liste, une carte graphique émulée",
        "La même chose, quand Chromium est forcé de composer toute la page sur une carte graphique "
        "que le processeur émule. Chromium ne le fait pas de lui-même ; c’est ainsi que les "
        "chiffres d’avant le 29 novembre 2026 avaient été pris. Chaque image y coûte davantage, "
        "et la carte de Périmètre en dessine plus que celle de l’autre voie.",
    ),
    "recherche": Section(
        "Chercher les structures d’un rayon : 250 000 points",
        "Lignes trouvées, distances géodésiques, la plus proche d’abord. PostGIS a un index et ses "
        "lignes sont reçues ; geopandas suit la recette usuelle (tampon et jointure en "
        "Lambert-93), dont les distances planes diffèrent.",
    ),
    "recherche_5m": Section(
        "Chercher les structures d’un rayon : 5 millions de points", "Les mêmes voies.",
    ),
    "acces": Section(
        "Guichet le plus proche et E2SFCA",
        "Métropole, depuis les coordonnées. `access` mesurerait lui-même chaque commune à chaque "
        "commune équipée, plus que cette machine n’en tient : il le fait pour une région, et "
        "reçoit pour la France les paires d’une jointure. La somme des résultats est le contrôle.",
    ),
    "exports": Section(
        "Écrire toute la France",
        "Nos fichiers portent en plus sources, millésimes, licences et libellés, et neutralisent "
        "les formules.",
    ),
    "mesures": Section("L’application", "Extrait embarqué, une personne."),
    "portrait": Section("Portraits", "230 000 employeurs et des guichets d’essai, tables chaudes : "
                 "chiffres, page HTML et PDF."),
    "charge": Section(
        "Cinquante personnes à la fois",
        "Par le protocole de Streamlit, sans navigateur : du message envoyé à la fin du script, "
        "attente comprise, avec une liste nationale d’essai de 250 000 structures. Les personnes "
        "tournent sur la même machine que le serveur.",
    ),
}


def write(known: dict[str, Any]) -> None:
    """Write the document."""
    DOCUMENT.write_text(text(known), encoding="utf-8")


def text(known: dict[str, Any]) -> str:
    """Document of the figures kept."""
    host = known["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in host["versions"].items())
    intro = (
        "Ces chiffres sont ceux d’une machine, un jour, par `make bench` ; le fichier "
        "[`performance.json`](performance.json) les garde tous. Ce qui est comparé l’est dans la "
        "même suite, sur les mêmes données, les résultats contrôlés."
    )
    where = (
        f"Machine : {host['processeur']}, {host['coeurs']} cœurs, {host['memoire_go']} Go, "
        f"{host['systeme']}, Python {host['python']}. Périmètre {known['version']} ; {versions}."
    )
    lines = ["# Performance", "", intro, "", where]
    for part, section in SECTIONS.items():
        if part not in known["parties"]:
            continue
        taken = known["parties"][part]
        day = date(dt.date.fromisoformat(taken["jour"]))
        when = f"Relevé le {day}, charge de la machine au départ : {number(taken['charge'], 1)}."
        lines += ["", f"## {section.title}", "", section.how, "", when, ""]
        records = taken["releves"]
        lines += _compared(records) if any("voie" in one for one in records) else _alone(records)
    return "\n".join(lines) + "\n"


def _alone(records: list[dict[str, Any]]) -> list[str]:
    rows = [
        f"| {one['mesure']} | {_figure(one['valeur'])}{NBSP}{one['unite']} | {one['comment']} |"
        for one in records
    ]
    return ["| Mesure | Valeur | Comment |", "| --- | ---: | --- |", *rows]


def _compared(records: list[dict[str, Any]]) -> list[str]:
    """A table of ways side by side, each with its ratio to ours."""
    ways = list(dict.fromkeys(one["voie"] for one in records))
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    failures = []
    for one in records:
        if "mesure" not in one or "echec" in one:
            failures.append(f"- {one['voie']} : {one.get('echec', 'arrêté')}.")
            continue
        cells.setdefault(one["mesure"], {})[one["voie"]] = one
    lines = [f"| Mesure | {' | '.join(ways)} |", f"| --- |{' ---: |' * len(ways)}"]
    for what, by_way in cells.items():
        row = [_cell(by_way.get(way), by_way.get(OURS), way) for way in ways]
        lines.append(f"| {what} | {' | '.join(row)} |")
    return [*lines, *([""] if failures else []), *failures]


def _cell(one: dict[str, Any] | None, mine: dict[str, Any] | None, way: str) -> str:
    if one is None:
        return "–"
    said = []
    for key, unit, scale in (("ms", "ms", 1.0), ("octets", "Mo", 1e6), ("memoire_mo", "Mo", 1.0)):
        if key not in one:
            continue
        told = f"{_figure(one[key] / scale)}{NBSP}{unit}"
        if way != OURS and mine is not None and mine.get(key):
            told += f" (× {_figure(one[key] / mine[key])})"
        said.append(f"mémoire {told}" if key == "memoire_mo" and len(said) else told)
    if "trouves" in one:
        same = way == OURS or mine is None or one["resultat"] == mine["resultat"]
        said.append(f"{number(one['trouves'])} trouvées{'' if same else ', d’autres'}")
    elif "resultat" in one:
        said.append(f"somme {number(one['resultat'], 1)}")
    return " ; ".join(said)


def _figure(value: float) -> str:
    """Three significant digits."""
    if value == 0:
        return "0"
    return number(value, 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3)
