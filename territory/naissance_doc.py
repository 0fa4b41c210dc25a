"""The published figures of the back-test: a passage of ``docs/ptce.md`` and the JSON beside it.

Both are written by one command, and a test writes them again: they cannot drift from the code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from territory.errors import DataError
from territory.naissance import AUTHORITY, METHOD
from territory.naissance_retrotest import FIELDS, LEAKS, POLES, REFERENCES
from territory.text import NBSP, capital, join, number, plural

BEGIN: Final = "<!-- Passage écrit par « python -m territory naissance --document ». -->"
END: Final = "<!-- Fin du passage écrit par la commande. -->"

_DRAWN: Final = (
    "Tirages : {draws}, graine {seed}. Intervalles à 95 % par rééchantillonnage des "
    "intercommunalités qui ont un PTCE. La probabilité p face au hasard vient d’une permutation à "
    "l’intérieur de chaque région, pour qu’une région mieux relevée ne passe pas pour une "
    "découverte ; face à un autre classement, de l’échange au hasard des deux classements, pôle "
    "par pôle. À égalité de score, la place est partagée, d’où des nombres de pôles qui ne sont "
    "pas entiers."
)
_MAIN: Final = (
    "Le résultat principal, choisi avant tout calcul, est la première ligne du premier tableau. "
    "Les autres sont donnés pour être complet : en lire plusieurs, c’est augmenter la chance d’en "
    "trouver un bon. Dans le dernier tableau, la tête du classement contient toutes les "
    "intercommunalités de la liste dès qu’elle en compte plus qu’elle : il mesure alors surtout "
    "que la liste et les PTCE ont été relevés aux mêmes endroits."
)

Figures = Mapping[str, Any]


def insert(document: str, figures: Figures) -> str:
    """Return a document with its written passage made anew.

    Raises
    ------
    DataError
        The document does not have the two marks, once each and in order.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        msg = (
            "Le document n’a pas les deux marques du passage à écrire : laissez-lui les lignes "
            f"« {BEGIN} » et « {END} »."
        )
        raise DataError(msg)
    return f"{before}{BEGIN}\n\n{markdown(figures)}\n{END}{after}"


def to_json(figures: Figures) -> str:
    """Write the figures as JSON text."""
    return json.dumps(figures, ensure_ascii=False, indent=1) + "\n"


def table(figures: Figures) -> pd.DataFrame:
    """Return the results as a flat table, one row a field, a set of poles and a share."""
    rows = []
    for row in figures["resultats"]:
        flat = {key: value for key, value in row.items() if not isinstance(value, dict | list)}
        flat["ic_bas"], flat["ic_haut"] = row["intervalle"]
        for name in REFERENCES:
            one = row[name]
            flat |= {f"{name}_{key}": one[key] for key in ("trouves", "rapport", "p")}
            flat[f"{name}_ic_bas"], flat[f"{name}_ic_haut"] = one["intervalle"]
        rows.append(flat)
    return pd.DataFrame(rows)


def markdown(figures: Figures) -> str:
    """Write the passage: what was done, the figures, what they cannot say."""
    f = figures
    reasons = join([
        f"{label} ({number(f['structures_retirees_par_motif'][name])})"
        for name, label in LEAKS.items()
    ], "ou")
    what = "une liste complète" if f["complete"] else "un extrait"
    said = (
        (f"Liste lue{NBSP}: {what}, "
         f"{plural(f['structures'], 'structure comptée', 'structures comptées')} dans "
         f"{plural(f['intercommunalites_classees'], 'intercommunalité')} sur "
         f"{number(f['intercommunalites'])}. {f['liste_note']}"),
        (f"Structures retirées avant de classer{NBSP}: {number(f['structures_retirees'])}. Une "
         f"structure est retirée quand {reasons}{NBSP}; elle peut l’être pour plusieurs raisons."),
        (f"PTCE cachés{NBSP}: {number(f['ptce_places'])} des {number(f['ptce'])} de la table, "
         "ceux dont la commune ou l’intercommunalité est connue, dans "
         f"{plural(f['intercommunalites_avec_ptce'], 'intercommunalité')}, dont "
         f"{number(f['intercommunalites_avec_ptce_classees'])} où la liste connaît une structure."),
        _DRAWN.format(draws=number(f["tirages"]), seed=f["graine"]),
        _MAIN,
    )
    lines = [f"**{f['conclusion']}**", "", *(f"- {one}" for one in said), ""]
    groups: dict[tuple[str, str], list[Figures]] = {}
    for row in f["resultats"]:
        groups.setdefault((row["champ"], row["poles"]), []).append(row)
    for (field, poles), rows in groups.items():
        first = rows[0]
        ranked = (
            f"Lieux classés{NBSP}: {number(first['lieux'])}, dont {number(first['caches'])} avec "
            "un PTCE caché."
        )
        lines += [f"### {capital(FIELDS[field])}, {POLES[poles]}", "", ranked, "", *_table(rows),
                  ""]
    lines += [
        "### Ce que ces chiffres ne disent pas", "",
        *(f"- {text}" for text in f["precautions"]), "",
        "### La formule", "",
        METHOD, "",
        AUTHORITY, "",
    ]
    return "\n".join(lines)


def _table(rows: list[Figures]) -> list[str]:
    heads = ["Tête du classement", "PTCE retrouvés", "Lift face au hasard", "p"]
    for label in REFERENCES.values():
        heads += [f"Retrouvés par « {label} »", "Rapport des deux", "p"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for row in rows:
        cells = [
            f"{number(100 * row['part'])}{NBSP}% ({plural(row['premiers'], 'lieu', 'lieux')})",
            f"{figure(row['trouves'], 1)} sur {number(row['caches'])}",
            f"{figure(row['lift'])} {_interval(row)}", figure(row["p"], 4),
        ]
        for name in REFERENCES:
            one = row[name]
            cells += [figure(one["trouves"], 1), f"{figure(one['rapport'])} {_interval(one)}",
                      figure(one["p"], 4)]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _interval(row: Figures) -> str:
    low, high = row["intervalle"]
    return f"[{figure(low)} ; {figure(high)}]"


def figure(value: float | str | None, decimals: int = 2) -> str:
    """Write a figure in French; « – » where nothing can be computed, ``infini`` as it is."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else number(value, decimals)
