"""The command line: French help, exit codes 0 (done), 1 (could not), 2 (asked wrongly).

It is the package's front door and, alone in ``territory``, calls ``layers`` for file formats and
tiles; it does so inside the commands that need them.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import geopandas as gpd
import pandas as pd

from territory import (
    catalog,
    cli_charte,
    cli_dossier,
    cli_epargne,
    cli_fetch,
    cli_fiche,
    cli_naissance,
    cli_offre,
    cli_perimetre,
    cli_portrait,
    cli_ptce,
    cli_sortie,
    communes,
    connaissance,
    directory,
    eloignement,
    exclusion,
    filieres,
    indicators,
    schemas,
    settings,
    store,
    supplier_file,
    supplier_import,
    suppliers,
    supply,
)
from territory.errors import InvalidInputError, TerritoryError
from territory.perimeter import DEFAULT_RADIUS_KM
from territory.terminal import TerminalWatch

#: argparse's own English fragments, and their French.
_FRENCH = {
    "ignored explicit argument": "aucune valeur n’est attendue, reçu",
    "argument ": "",
    "the following arguments are required": "il manque",
    "unrecognized arguments": "argument inconnu",
    "expected one argument": "une valeur est attendue",
    "expected at most one argument": "une seule valeur est attendue",
    "invalid choice": "choix inconnu",
    "choose from": "choix possibles",
    "invalid int value": "nombre entier attendu, reçu",
    "ambiguous option": "option ambiguë",
    "could match": "peut désigner",
}


class _Help(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, prefix or "Usage : ")


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Help, **options)
        self._positionals.title = "Arguments"
        self._optionals.title = "Options"
        # Brest is at -4.49,48.39: a value that begins like a number is never an option.
        self._negative_number_matcher = re.compile(r"-\.?\d")
        self.add_argument("-h", "--help", action="help", help="Affiche cette aide.")

    def error(self, message: str) -> NoReturn:
        for english, french in _FRENCH.items():
            message = message.replace(english, french)
        msg = f"{message}. Aide : {self.prog} --help"
        raise InvalidInputError(msg)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit code. A known error is one French sentence on stderr.
    """
    parser = _parser()
    try:
        arguments = parser.parse_args(argv)
        if arguments.run is None:
            parser.print_help(sys.stderr)
            return 2
        arguments.run(arguments)
    except InvalidInputError as error:
        return _fail(error.user_message, 2)
    except TerritoryError as error:
        return _fail(error.user_message, 1)
    except BrokenPipeError:
        # The reader (head, less) has had enough; the interpreter must not complain on exit.
        sys.stdout = None
        return 0
    except OSError as error:
        return _fail(_file_fault(error), 1)
    return 0


def _file_fault(error: OSError) -> str:
    # A failed move names its temporary file first, the wanted one second.
    name = error.filename2 or error.filename or "demandé"
    if isinstance(error, FileNotFoundError):
        return f"Le fichier {name} est introuvable."
    return f"Le fichier {name} ne peut pas être lu ou écrit."


def _fail(message: str, code: int) -> int:
    print(f"Erreur : {message}", file=sys.stderr)  # noqa: T201
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m territory",
        description="Périmètre : territoires, fournisseurs de l’ESS, PTCE, indicateurs bancaires.",
    )
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(
        title="Commandes", metavar="COMMANDE", parser_class=_Parser, prog=parser.prog
    )

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        return added

    def text_or_json(to: argparse.ArgumentParser) -> None:
        to.add_argument("--format", default="texte", help="texte (par défaut) ou json.")

    def file_format(to: argparse.ArgumentParser) -> None:
        to.add_argument("--format", default="csv",
                        help="csv (par défaut), csv_excel, xlsx, geojson, gpkg ou geoparquet.")
        cli_sortie.declare(to)

    def counted(to: argparse.ArgumentParser) -> None:
        to.add_argument("--offre", choices=list(supply.LEVELS),
                        help=f"Guichets comptés, quand ils sont récupérés : "
                        f"{', '.join(supply.LEVELS)} ; par défaut, le premier qui est connu.")

    text_or_json(command("sources", _sources,
                         "Liste les sources : producteur, millésime, licence, lignes, état."))

    build = command("build-embedded", _build,
                    "Reconstruit data/ depuis les paquets épinglés et les tables de faits.")
    build.add_argument("--paquets", type=Path, metavar="DOSSIER",
                       help="Où garder les paquets téléchargés.")
    text_or_json(build)

    fetch = command("fetch", lambda a: cli_fetch.run(a, cli_perimetre.read),
                    "Récupère une source dans le dossier local ; reprend où elle s’était arrêtée.")
    fetch.add_argument("source", metavar="SOURCE", help="ess, sirene, siae, esus, bpe, banques, "
                       "poste, dab_osm ou surendettement.")
    fetch.add_argument("--commune", metavar="CODE", help="Une commune (ess, banques, dab_osm).")
    fetch.add_argument("--departement", metavar="CODE", help="Un département (ess, sirene, siae, "
                       "poste, dab_osm) ; avec --fichier, celui dont le fichier contient tout.")
    fetch.add_argument("--autour", metavar="LIEU", help="Code Insee, nom de commune ou LON,LAT "
                       "(ess, dab_osm ; banques jusqu’à 50 km).")
    fetch.add_argument("--rayon-km", default=str(DEFAULT_RADIUS_KM), metavar="R",
                       help="Rayon, de 0,1 à 300 km (30).")
    fetch.add_argument("--france", action="store_true", help="La France entière (sirene, poste, "
                       "dab_osm) ; avec --fichier, le fichier contient tout.")
    fetch.add_argument("--millesime", metavar="ANNÉE", help="Année voulue (bpe).")
    fetch.add_argument("--fichier", type=Path, metavar="CHEMIN",
                       help="Fichier ou dossier déjà téléchargé, à la place d’un appel ; pour "
                       "banques, poste et dab_osm, aussi un relevé au modèle décrit dans le guide.")
    text_or_json(fetch)

    find = command("communes", _communes, "Cherche des communes.")
    find.add_argument("texte", metavar="TEXTE", help="Nom, code Insee ou code postal.")
    find.add_argument("--limite", type=int, default=20, help="Nombre de réponses (20).")
    text_or_json(find)

    search = command("suppliers", _suppliers, "Cherche les fournisseurs d’un périmètre.")
    cli_perimetre.declare(search)
    search.add_argument("--fournisseurs", type=Path, metavar="FICHIER",
                        help="Vos fournisseurs (CSV, XLSX, GeoJSON, GeoPackage), cherchés avec les "
                        "autres ; les lignes refusées sont dites sur la sortie d’erreur.")
    search.add_argument("--completer", action="store_true",
                        help="Demande aux services publics les SIRET et adresses de ce fichier.")
    search.add_argument("--filiere", action="append", default=[],
                        help="Filière ; peut être répétée.")
    search.add_argument("--famille", action="append", default=[],
                        help=f"Famille ({', '.join(suppliers.FAMILIES)}) ; peut être répétée.")
    search.add_argument("--siae", action="store_true", help="Structures d’insertion seulement.")
    search.add_argument("--employeurs-seulement", action="store_true",
                        help="Employeurs connus comme tels seulement.")
    cli_charte.declare_marks(search)
    cli_dossier.declare_keep(search)
    cli_offre.declare_reach(search)
    file_format(search)

    table = command("indicators", _indicators, "Donne les indicateurs d’un échelon.")
    table.add_argument("--niveau", default="commune",
                       help="commune (par défaut), epci, departement ou region.")
    table.add_argument("--territoire", metavar="CODE",
                       help="Code d’une unité, ou de l’EPCI, du département ou de la région (R84) "
                       "qui en contient.")
    counted(table)
    file_format(table)

    sheet = command("fiche", cli_fiche.run,
                    "Fiche d’accès aux banques d’un territoire, et questions à poser aux banques.")
    sheet.add_argument("code", metavar="CODE",
                       help="Commune (26281), EPCI (SIREN), département (26), région (R84) ou FR.")
    counted(sheet)
    sheet.add_argument("--format", default="texte",
                       help="texte (par défaut), json, ou markdown pour les questions.")
    cli_sortie.declare(sheet)

    cli_portrait.declare(command, _portrait, _export)
    cli_epargne.declare(command(
        "epargne", lambda a: cli_epargne.run(a, _export),
        "Compare dépôts et crédits par territoire, depuis la table de la Banque de France.",
    ))

    cli_naissance.declare(command(
        "naissance", lambda a: cli_naissance.run(a, _export),
        "Dit où un PTCE pourrait naître, et si ce score retrouve les PTCE connus.",
    ))

    cli_dossier.declare(command(
        "dossier", lambda a: cli_dossier.run(a, _export, _note_pdf),
        "Rouvre une recherche gardée, et dit qui entre et qui sort.",
    ))
    cli_charte.declare(command("charte", cli_charte.run,
                               "Affiche la charte du circuit court, ou vérifie la vôtre."))

    cli_offre.declare(command, cli_perimetre.read, _export)
    cli_ptce.declare(command("ptce", lambda a: cli_ptce.run(a, _export),
                             "Liste les PTCE, donne la grille d’un pôle, vérifie vos corrections."))

    text_or_json(command("settings", _settings, "Affiche les réglages et leurs valeurs."))
    return parser


def _sources(arguments: argparse.Namespace) -> None:
    held = directory.fetched(settings.load())
    rows = [_source_row(source, held.get(source.id)) for source in catalog.SOURCES.values()]
    if _wants_json(arguments):
        _print_json(rows)
        return
    for row in rows:
        count = "–" if row["lignes"] is None else row["lignes"]
        _print(
            f"{row['id']:<15} {row['etat']:<10} {count:>6} lignes  {row['producteur']} ; "
            f"{row['millesime']} ; {row['licence']}"
        )


def _source_row(source: catalog.Source, held: directory.Fetched | None) -> dict[str, Any]:
    tables = store.manifest()["tables"]
    counts = [tables[name]["lignes"] for name in source.tables if name in tables]
    if held is not None:
        counts = [held.rows]
    return {
        "id": source.id,
        "producteur": source.producer,
        "titre": source.title,
        "millesime": source.vintage,
        "licence": source.licence,
        "attribution": source.attribution,
        "page": source.url,
        "lignes": counts[0] if counts else None,
        "recuperee_le": held and held.day.isoformat(),
        "etat": "en cache" if held else "embarquée" if counts else "absente",
        "manque": source.missing,
    }


def _build(arguments: argparse.Namespace) -> None:
    from layers import tiles
    from territory.build import build_embedded

    as_json = _wants_json(arguments)

    def tell(rank: int, total: int, label: str) -> None:
        if sys.stderr.isatty():
            print(f"[{rank}/{total}] {label}…", file=sys.stderr)  # noqa: T201

    folder = arguments.paquets or settings.load().data_dir / "paquets"
    report = build_embedded(store.Store(), folder, tiles.build, tell)
    if as_json:
        _print_json(report.counts)
        return
    for label, count in report.counts.items():
        _print(f"{count:>7}  {label}")


def _communes(arguments: argparse.Namespace) -> None:
    if arguments.limite < 1:
        msg = "--limite doit valoir au moins 1."
        raise InvalidInputError(msg)
    found = communes.find(arguments.texte, arguments.limite)
    if _wants_json(arguments):
        _print_json([asdict(commune) for commune in found])
        return
    if not found:
        communes.resolve(arguments.texte)
    for c in found:
        population = "population inconnue" if c.population is None else f"{c.population} hab."
        _print(f"{c.code_insee}  {c.label}  {' '.join(c.codes_postaux)}  {population}")


def _suppliers(arguments: argparse.Namespace) -> None:
    perimeter = cli_perimetre.read(arguments)
    criteria = suppliers.Criteria(
        filieres=tuple(filieres.resolve(name) for name in arguments.filiere),
        familles=tuple(arguments.famille),
        siae_only=arguments.siae,
        employers_only=arguments.employeurs_seulement,
    )
    own = _own_suppliers(arguments)
    result = directory.search(perimeter, criteria, directory.of(perimeter, settings.load()), own)
    found, reached = cli_offre.reached(arguments, result)
    noted = cli_charte.noted(arguments, found)
    cli_dossier.keep(arguments.dossier, result, noted.charter, noted.declared)
    _export(
        arguments, noted.table, result.sentence(), (*result.source_ids, "communes"),
        perimeter_sentence=perimeter.sentence(), criteria_sentence=criteria.sentence(),
        notes=(result.note(), *reached, *noted.notes), declared=noted.columns,
    )


def _own_suppliers(arguments: argparse.Namespace) -> pd.DataFrame | None:
    """Read a person's own suppliers; say on stderr what was refused and what is lacking."""
    file: Path | None = arguments.fournisseurs
    if file is None:
        return None
    raw = supplier_file.read_file(file.name, file.read_bytes())
    with TerminalWatch().listening() as watch:
        made = supplier_import.bring(
            raw, supplier_file.guess_columns(raw.table), settings.load(),
            ask=arguments.completer, watch=watch,
        )
    refused = made.report[made.report["etat"] == "refusée"]
    lines = [f"Ligne {line}, {name or 'sans nom'} : refusée, {why}."
             for line, name, why in zip(refused["ligne"], refused["nom"], refused["detail"],
                                        strict=True)]
    for line in [made.failure, *lines]:
        if line:
            print(line, file=sys.stderr)  # noqa: T201
    return made.table


def _indicators(arguments: argparse.Namespace) -> None:
    if arguments.niveau not in communes.LEVELS:
        msg = f"--niveau {arguments.niveau} : choix possibles : {', '.join(communes.LEVELS)}."
        raise InvalidInputError(msg)
    table = indicators.table(arguments.niveau)
    current = settings.load()
    offer = arguments.offre or supply.usual(current)
    measured = exclusion.measure(current, offer)
    notes: tuple[str, ...] = (supply.MISSING,)
    if measured is not None:
        access = measured.access
        if arguments.niveau == "commune":
            access = access.assign(a_une_fermeture=schemas.answers(access["a_une_fermeture"]))
        else:
            access = eloignement.grouped(access, arguments.niveau)
        crossed = exclusion.cross(measured, arguments.niveau)
        table = table.join(access, on="code").join(crossed, on="code")
        notes = (eloignement.sentence(offer), exclusion.METHOD)
    listed = directory.whole(current)
    table = table.join(connaissance.table(listed, arguments.niveau), on="code")
    notes += (connaissance.sentence(listed, arguments.niveau), listed.note())
    code = arguments.territoire
    if code is not None:
        table = table[_within(table, code)].reset_index(drop=True)
        if table.empty:
            msg = f"Aucune unité du niveau « {arguments.niveau} » ne répond au code « {code} »."
            raise InvalidInputError(msg)
    _export(
        arguments, table, f"Indicateurs par {communes.LEVELS[arguments.niveau]}",
        ("dgcl", "recensement", "communes", "populations",
         *listed.source_ids, *(measured.counters.source_ids if measured else ())),
        declared=(*indicators.columns(), *eloignement.columns(), *exclusion.columns(),
                  *connaissance.columns()),
        notes=notes,
        contours=communes.simplified_contours(arguments.niveau),
    )


def _within(table: pd.DataFrame, code: str) -> pd.Series:
    """Rows of a unit or inside it; a région is written R84, for 84 is also the Vaucluse."""
    if code.upper().startswith("R"):
        return table["code_region"] == code[1:]
    within = table["code"] == code
    for column in ("code_epci", "code_departement"):
        if column in table.columns:
            within |= table[column] == code
    return within


def _settings(arguments: argparse.Namespace) -> None:
    current = asdict(settings.load())
    rows = [
        {
            "variable": s.variable,
            "valeur": _shown(s, current[s.name]),
            "defaut": s.default,
            "aide": s.help,
        }
        for s in settings.SETTINGS
    ]
    if _wants_json(arguments):
        _print_json(rows)
        return
    for row in rows:
        _print(f"{row['variable']}={row['valeur']}\n    {row['aide']}")


def _shown(setting: settings.Setting, value: object) -> str:
    if setting.secret:
        return "(renseigné)" if value else ""
    return str(int(value) if isinstance(value, bool) else value)


def _export(
    arguments: argparse.Namespace, table: Any, title: str, source_ids: tuple[str, ...],
    *, contours: gpd.GeoSeries | None = None, **context_fields: Any,
) -> None:
    from layers.export import FORMATS
    from layers.export.metadata import ExportContext

    if arguments.format not in FORMATS:
        msg = f"--format {arguments.format} : choix possibles : {', '.join(FORMATS)}."
        raise InvalidInputError(msg)
    sources = tuple(catalog.SOURCES[source_id] for source_id in source_ids)
    context = ExportContext(title=title, sources=sources, **context_fields)
    chosen = FORMATS[arguments.format]
    if chosen.geographic and contours is not None:
        table = gpd.GeoDataFrame(table, geometry=contours.reindex(table["code"]).array, crs=4326)
    content = chosen.write(table, context)
    cli_sortie.write(arguments.sortie, content)
    if arguments.sortie is not None:
        said = f"{len(table)} lignes écrites dans {arguments.sortie}."
        print(said, file=sys.stderr)  # noqa: T201


def _note_pdf(*parts: Any) -> bytes:
    from layers.export.note_pdf import note_pdf

    return note_pdf(*parts)


def _portrait(made: Any, form: str) -> bytes:
    from layers.portrait import portrait_html, portrait_pdf

    return portrait_pdf(made) if form == "pdf" else portrait_html(made).encode()


def _wants_json(arguments: argparse.Namespace) -> bool:
    if arguments.format not in {"texte", "json"}:
        msg = f"--format {arguments.format} : choix possibles : texte, json."
        raise InvalidInputError(msg)
    return bool(arguments.format == "json")


def _print_json(content: Any) -> None:
    _print(json.dumps(content, ensure_ascii=False, indent=1, default=str))


def _print(line: str) -> None:
    print(line)  # noqa: T201
