"""The commands ``echelle``, ``sensibilite``, ``groupement`` and ``lots``: what an offer allows."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from territory import (
    besoin,
    cli_sortie,
    communes,
    desserte,
    directory,
    echelle,
    filieres,
    groupement,
    lots,
    sensibilite,
    settings,
    supplier_file,
)
from territory.directory import Directory, Result
from territory.errors import InvalidInputError
from territory.perimeter import DEFAULT_RADIUS_KM, Perimeter
from territory.schemas import Column
from territory.suppliers import Criteria
from territory.text import NBSP, capital, first_of, number, plural, trimmed

#: Reads the perimeter of a command's options.
Reader = Callable[[argparse.Namespace], Perimeter]
#: Writes a table in a file format: arguments, table, title, source ids, context.
Exporter = Callable[..., None]

#: Names told for one rung or one side of the edge in the text.
_NAMED = 12


def declare(add: Callable[..., argparse.ArgumentParser], reader: Reader, export: Exporter) -> None:
    """Declare the four commands.

    Parameters
    ----------
    add
        Adds a command: name, function to run, French help.
    reader, export
        See :data:`Reader` and :data:`Exporter`.
    """
    ladder = add("echelle", lambda a: _ladder(a, reader, export),
                 "Cherche de la commune à la France jusqu’à trouver assez de fournisseurs.")
    ladder.add_argument("--autour", required=True, metavar="COMMUNE",
                        help="Code Insee ou nom de commune.")
    _trades(ladder)
    ladder.add_argument("--nombre", type=int, required=True, metavar="N",
                        help="Nombre de fournisseurs cherchés.")
    ladder.add_argument("--effectif-min", type=int, metavar="N",
                        help="Salariés d’un fournisseur, au moins ; un effectif inconnu est compté "
                        "à part.")
    ladder.add_argument("--pas", default=",".join(trimmed(km) for km in echelle.STEPS_KM),
                        help="Pas de distance, en kilomètres (10,20,30,50).")
    _format(ladder)

    edge = add("sensibilite", lambda a: _edge(a, reader, export),
               "Dit qui entre et qui sort quand le rayon change un peu.")
    _around(edge)
    _trades(edge)
    edge.add_argument("--marge", default="10", metavar="P",
                      help="Pourcentage du rayon, en plus et en moins (10).")
    _format(edge)

    group = add("groupement", lambda a: _group(a, reader, export),
                "Propose le plus petit groupe de fournisseurs qui couvre plusieurs filières.")
    _around(group)
    _trades(group)
    _format(group)

    cut = add("lots", lambda a: _lots(a, export),
              "Propose de couper un besoin en lots qui ont chacun assez de fournisseurs.")
    cut.add_argument("--fichier", type=Path, metavar="FICHIER",
                     help="Besoin (CSV, XLSX) : lieu (code Insee), filiere, quantite facultative.")
    cut.add_argument("--modele", action="store_true",
                     help="Donne un modèle à remplir (CSV), à la place d’une proposition.")
    cut.add_argument("--par-lot", type=int, default=3, metavar="N",
                     help="Fournisseurs capables qu’un lot doit avoir (3).")
    cut.add_argument("--rayon-km", default=trimmed(lots.REACH_KM), metavar="R",
                     help="Distance d’un fournisseur à chaque lieu, au plus (50).")
    cut.add_argument("--par", default="lieu", choices=list(lots.BY),
                     help="Ce qu’un lot ne coupe pas : lieu (par défaut), filiere ou ligne.")
    cut.add_argument("--objectif", default="concurrence", choices=list(lots.OBJECTIVES),
                     help="Entre les coupes du moins de lots : concurrence (par défaut) ou "
                     "equilibre.")
    _format(cut)


def _around(to: argparse.ArgumentParser) -> None:
    to.add_argument("--autour", required=True, metavar="LIEU",
                    help="Code Insee, nom de commune ou LON,LAT.")
    to.add_argument("--rayon-km", default=str(DEFAULT_RADIUS_KM), metavar="R",
                    help="Rayon, de 0,1 à 300 km (30).")


def _trades(to: argparse.ArgumentParser) -> None:
    to.add_argument("--filiere", action="append", default=[],
                    help="Filière ; peut être répétée.")


def _format(to: argparse.ArgumentParser) -> None:
    to.add_argument("--format", default="texte", help="texte (par défaut), json ou csv.")
    cli_sortie.declare(to)


def _wanted(arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple(filieres.resolve(name) for name in arguments.filiere)


def declare_reach(to: argparse.ArgumentParser) -> None:
    """Declare the option of ``suppliers`` that adds those of elsewhere."""
    to.add_argument("--portee", action="store_true",
                    help="Ajoute, à la fin, les fournisseurs hors du périmètre qui disent y livrer "
                    "(« Dans le périmètre » : non).")


def reached(
    arguments: argparse.Namespace, result: Result
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Give the suppliers of a search, with those of elsewhere when asked, and what to say of it."""
    if not arguments.portee:
        return result.found, ()
    listed = result.directory
    found = desserte.measure(result.perimeter, result.criteria, listed.index, result.brought)
    both = pd.concat([result.found, found.outside], ignore_index=True)
    texts = both.select_dtypes(exclude="number").columns
    both[texts] = both[texts].fillna("")
    lacking = desserte.blind_spot(listed)
    return both, (found.sentence(), *found.notes(), *([lacking] if lacking else []))


def _ladder(arguments: argparse.Namespace, reader: Reader, export: Exporter) -> None:
    steps = echelle.check_steps([step for step in arguments.pas.split(",") if step.strip()])
    arguments.rayon_km = max(steps, default=DEFAULT_RADIUS_KM)
    perimeter = reader(arguments)
    code = perimeter.discs[0].code_commune
    if code is None:
        msg = "L’échelle part d’une commune : donnez son nom ou son code Insee."
        raise InvalidInputError(msg)
    need = echelle.Need(Criteria(_wanted(arguments)), arguments.nombre, arguments.effectif_min)
    listed = directory.of(perimeter, settings.load())
    found = echelle.climb(communes.get(code), need, listed.index, steps)
    notes = [*found.notes(), *echelle.limits(listed), listed.note()]
    table = found.table()
    lines = [need.sentence(), found.sentence(), ""]
    for rung in found.rungs:
        name = f" ({rung.name})" if rung.name else ""
        unknown = (
            f", et {number(rung.added_unknown)} d’effectif inconnu" if rung.added_unknown else ""
        )
        who = first_of(list(found.added(rung)["nom"]), _NAMED)
        lines.append(
            f"{capital(rung.label)}{name}{NBSP}: {number(rung.count)} ; ajoute "
            f"{number(rung.added)}{unknown}{f'{NBSP}: {who}' if who else ''}."
        )
    _write(
        arguments, export, lines, notes, table, found.sentence(), listed, _LADDER_COLUMNS,
        besoin=need.sentence(), origine=code,
        echelon_suffisant=None if found.sufficient is None else found.sufficient.label,
        echelons=_records(table),
        fournisseurs=_records(found.suppliers[[*_IDENTITY, "echelon", "taille_suffisante"]]),
    )


def _edge(arguments: argparse.Namespace, reader: Reader, export: Exporter) -> None:
    perimeter = reader(arguments)
    margin = sensibilite.check_margin(arguments.marge)
    _, outer_km = sensibilite.radii(perimeter, margin)
    # The list must be known as far as those who would enter.
    listed = directory.of(perimeter.with_radius(outer_km), settings.load())
    found = sensibilite.measure(perimeter, Criteria(_wanted(arguments)), listed.index, margin)
    notes = [*found.notes(), listed.note()]
    lines = [found.sentence(), ""]
    for label, table in (("Entreraient", found.entering), ("Sortiraient", found.leaving)):
        who = first_of(list(table["nom"]), _NAMED)
        lines.append(f"{label}{NBSP}: {who or 'personne'}.")
    lines += ["", "Rayon (km)  Structures  Emplois (au moins, au plus)  Effectif inconnu"]
    lines += [
        f"{number(row['rayon_km'], 2):>10}  {number(row['structures']):>10}  "
        f"{_count(row['emplois_min']):>12} {_count(row['emplois_max']):>14}  "
        f"{number(row['effectif_inconnu']):>16}"
        for row in found.curve.to_dict("records")
    ]
    _write(
        arguments, export, lines, notes, found.curve, found.sentence(), listed,
        sensibilite.columns(), fragile=found.fragile, rayon_interieur_km=found.inner_km,
        rayon_exterieur_km=found.outer_km, structures=len(found.inside),
        entrent=_records(found.entering[_IDENTITY]), sortent=_records(found.leaving[_IDENTITY]),
        courbe=_records(found.curve),
    )


def _group(arguments: argparse.Namespace, reader: Reader, export: Exporter) -> None:
    perimeter = reader(arguments)
    trades = _wanted(arguments)
    listed = directory.of(perimeter, settings.load())
    found = groupement.find(perimeter, trades, listed.index)
    table = found.members[[*_IDENTITY, "filieres_couvertes", "filiere_origine"]]
    lines = [found.sentence(), ""]
    lines += [
        f"{row.nom}, {row.commune}, {_km(row.distance_km)}{NBSP}: {row.filieres_couvertes}."
        for row in table.itertuples()
    ]
    _write(
        arguments, export, lines, [*found.notes(), listed.note()], table, found.sentence(), listed,
        _GROUP_COLUMNS, filieres=list(found.trades), filieres_sans_personne=list(found.missing),
        exact=found.exact, membres_au_moins=found.fewest, candidats=found.candidates,
        membres=_records(table),
    )


def _lots(arguments: argparse.Namespace, export: Exporter) -> None:
    if arguments.modele:
        cli_sortie.write(arguments.sortie, besoin.model().decode())
        return
    if arguments.fichier is None:
        msg = "Indiquez --fichier, la liste de vos besoins, ou --modele pour un modèle."
        raise InvalidInputError(msg)
    file: Path = arguments.fichier
    need = besoin.read(supplier_file.read_file(file.name, file.read_bytes()))
    listed = directory.of(lots.perimeter(need, arguments.rayon_km), settings.load())
    found = lots.split(
        need, listed.index, arguments.par_lot, reach_km=arguments.rayon_km, by=arguments.par,
        objective=arguments.objectif,
    )
    table = found.table()
    lines = [found.sentence(), ""]
    for rank, lot in enumerate(found.lots, start=1):
        able = plural(len(lot.able), "fournisseur capable", "fournisseurs capables")
        lines.append(
            f"Lot {rank}{NBSP}: {lot.label()} ; {able}, dont {number(lot.unsized)} d’effectif "
            f"inconnu{NBSP}: {first_of(list(lot.able['nom']), _NAMED)}."
        )
    _write(
        arguments, export, lines, [*found.notes(), listed.note()], table, found.sentence(), listed,
        lots.columns(), exact=found.exact, lots_au_moins=found.fewest, lots=len(found.lots),
        lignes=_records(table),
    )


_IDENTITY = ["siret", "nom", "code_insee", "commune", "filiere", "distance_km"]

_LADDER_COLUMNS = (
    Column("rang_echelon", "Rang", "entier"),
    Column("type_echelon", "Type d’échelon"),
    Column("code", "Code"),
    Column("echelon", "Échelon"),
    Column("nom", "Nom"),
    Column("trouves", "Trouvés", "entier", "Échelons plus petits compris."),
    Column("ajoutes", "Ajoutés", "entier", "De plus qu’à l’échelon d’avant."),
    Column("dans_echelon", "Dans l’échelon même", "entier"),
    Column("taille_inconnue", "Effectif inconnu", "entier", "Comptés à part."),
    Column("taille_inconnue_ajoutes", "Effectif inconnu, ajoutés", "entier"),
    Column("filiere_inconnue", "Filière inconnue", "entier", "Comptées à part."),
    Column("suffit", "Suffit"),
    Column("noms_ajoutes", "Noms ajoutés"),
)
_GROUP_COLUMNS = (Column("filieres_couvertes", "Filières couvertes"),)


def _write(
    arguments: argparse.Namespace, export: Exporter, lines: Sequence[str], notes: Sequence[str],
    table: pd.DataFrame, sentence: str, listed: Directory, columns: tuple[Column, ...],
    **content: Any,
) -> None:
    """Write an answer as text, JSON or a file of its table."""
    if arguments.format == "texte":
        cli_sortie.write(arguments.sortie, "\n".join([*lines, "", *notes]) + "\n")
    elif arguments.format == "json":
        said = {"phrase": sentence, **content, "remarques": list(notes)}
        text = json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
        cli_sortie.write(arguments.sortie, text)
    elif arguments.format == "csv":
        export(arguments, table, sentence, (*listed.source_ids, "communes"), notes=tuple(notes),
               declared=columns)
    else:
        msg = f"--format {arguments.format} : choix possibles : texte, json, csv."
        raise InvalidInputError(msg)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows for JSON: what is missing is null."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _count(value: Any) -> str:
    return "–" if pd.isna(value) else number(int(value))


def _km(value: Any) -> str:
    return "distance inconnue" if pd.isna(value) else f"{number(value, 1)}{NBSP}km"
