"""Contact points of La Poste: post offices, agencies of communes, counters in shops.

Brought from its open data service, or read from a file: today's columns, those of former years, or
the model form (see ``releve``).
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from territory.codes import departement_of
from territory.errors import InvalidInputError, SourceError
from territory.progress import Watch
from territory.settings import Settings
from territory.sources import guichets, releve
from territory.sources._http import Client
from territory.sources.guichets import Supply
from territory.sources.releve import Scope
from territory.text import excerpt, fold, plural

SOURCE: Final = "poste"
SERVICE: Final = "La Poste, points de contact"
KINDS: Final = ("bureau_poste", "agence_postale", "relais_poste")
_PAGE: Final = "10000"
#: Ten times the contact points there are: a service that gives more goes round in circles.
_MAX_ROWS: Final = 200_000

#: Beginning of a folded name → kind.
_NAMES: Final = (
    (re.compile(r"bureau de poste\b"), "bureau_poste"),
    (re.compile(r"(?:la poste )?agence (?:postale )?(?:inter)?communale\b"), "agence_postale"),
    (re.compile(r"(?:la poste )?relais\b|point partenaire\b"), "relais_poste"),
)
#: Word of a folded geocoding quality → precision.
_PRECISIONS: Final = (("numero", "adresse"), ("commune", "commune"), ("rue", "voie"),
                      ("voie", "voie"), ("ilot", "voie"))
#: Folded headers of both forms that are read; the identifier has two names.
_FIELDS: Final = ("libelle du site", "caracteristique du site", "code insee", "latitude",
                  "longitude", "precision du geocodage")
_IDENTIFIERS: Final = ("identifiant a", "identifiant du site")
#: Unknown names of kinds told one by one; the others are counted together.
_NAMED: Final = 8


def fetch(
    settings: Settings,
    *,
    scope: Scope | None = None,
    file: Path | None = None,
    watch: Watch | None = None,
) -> Supply:
    """Bring the contact points of France, or read a file of them.

    Parameters
    ----------
    settings
        Address of the service.
    scope
        A département to keep alone; for a file, where it is whole.
    file
        CSV, today's columns, older ones or the model form.
    watch
        Told of progress; may stop the work.

    Raises
    ------
    InvalidInputError
        The file cannot be read.
    SourceError, StoppedError
        The list cannot be brought or read; somebody asked to stop.
    """
    scope = scope or Scope()
    if file is not None:
        return _from_file(file, scope)
    rows, announced = _brought(settings, watch or Watch())
    day = dt.date.today()
    # A list that came short proves nothing of the communes it does not mention.
    whole = len(rows) >= announced
    covered = Scope(scope.departement, france=True).departements() if whole else ()
    remarks = []
    if len(rows) != announced:
        remarks.append(
            f"La Poste annonce {plural(announced, 'point')} de contact et en a donné {len(rows)}"
            f"{'' if whole else ' : une commune sans ligne est inconnue'}."
        )
    found = _supply(rows, day.isoformat(), str(day.year), SERVICE, scope.departement, remarks)
    if found is None:
        msg = "La Poste n’a donné aucun point de contact connu : la liste précédente est gardée."
        raise SourceError(msg)
    return _covering(found, covered)


def kind_of(text: str) -> str | None:
    """Kind of a contact point by the name La Poste gives it; None for another."""
    folded = fold(text)
    return next((kind for words, kind in _NAMES if words.match(folded)), None)


def _from_file(file: Path, scope: Scope) -> Supply:
    given = releve.sheet(file)
    if "caracteristique du site" not in given.table:
        return releve.read(given, SOURCE, KINDS, scope, kind_of)
    missing = [header for header in _FIELDS[:5] if header not in given.table]
    if missing:
        msg = f"Le fichier {file.name} n’a pas la colonne « {missing[0].replace(' ', '_')} »."
        raise InvalidInputError(msg)
    found = _supply(given.table, given.day, "", f"{SERVICE} (fichier {excerpt(file.name)})",
                    scope.departement, [], given.left_out)
    if found is None:
        msg = f"Le fichier {file.name} ne contient aucun point de contact connu."
        raise InvalidInputError(msg)
    # La Poste publishes France whole: a file without any row of a département was cut to others.
    return _covering(found, scope.departements() or guichets.departements(found.table))


def _brought(settings: Settings, watch: Watch) -> tuple[pd.DataFrame, int]:
    """Rows of the service, texts, and the number it announces."""
    service = Client("le service de données de La Poste", settings.laposte_url,
                     offline=settings.offline, timeout_s=60, watch=watch)
    asked: dict[str, str] | None = {"size": _PAGE}
    seen = set()
    rows: list[dict[str, str]] = []
    announced = 0
    while asked is not None and tuple(sorted(asked.items())) not in seen:
        seen.add(tuple(sorted(asked.items())))
        announced, results, following = _page(service.get_json("/lines", asked))
        rows += [_texts(row) for row in results]
        watch.tell(len(rows), announced, "Récupération des points de contact de La Poste")
        if len(rows) > _MAX_ROWS:
            msg = "La liste de La Poste ne finit pas : elle n’est pas gardée."
            raise SourceError(msg)
        # Only the query of the next address is taken: it is sent to the address of the setting.
        asked = dict(parse_qsl(urlsplit(following).query)) if following and results else None
    return pd.DataFrame(rows, columns=[_IDENTIFIERS[0], *_FIELDS], dtype=object), announced


def _page(answer: object) -> tuple[int, list[Mapping[str, Any]], str]:
    """Announced total, rows and address of the next page, empty for the last."""
    results = answer.get("results") if isinstance(answer, dict) else None
    total = answer.get("total") if isinstance(answer, dict) else None
    following = answer.get("next") if isinstance(answer, dict) else None
    if (
        not isinstance(results, list)
        or not all(isinstance(row, Mapping) for row in results)
        or not isinstance(total, int)
        or not isinstance(following, str | None)
        or (results and not any("caracteristique_du_site" in row for row in results))
    ):
        msg = "Le service de données de La Poste a changé de forme : sa réponse n’est pas lisible."
        raise SourceError(msg)
    return total, results, following or ""


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {fold(key): str(value) for key, value in row.items()
            if isinstance(value, str | int | float) and not isinstance(value, bool)}


def _supply(
    rows: pd.DataFrame, day: str, year: str, said: str, departement: str | None,
    remarks: list[str], refused: Mapping[str, int] | None = None,
) -> Supply | None:
    """Read rows of either form; None when none is of a known kind. Nothing is covered yet."""
    rows = rows.reindex(columns=[*_IDENTIFIERS, *_FIELDS], fill_value="").fillna("")
    identifier = rows[_IDENTIFIERS[0]].where(rows[_IDENTIFIERS[0]] != "", rows[_IDENTIFIERS[1]])
    # The same identifier said twice the same way is one point; without one, each row is.
    rows = rows[(identifier == "") | ~rows.duplicated()]
    repeated = int(identifier[rows.index][identifier[rows.index] != ""].duplicated().sum())
    kinds = rows["caracteristique du site"].map(kind_of).astype(object)
    left_out = Counter(refused or {})
    unknown = rows.loc[kinds.isna(), "caracteristique du site"].map(excerpt).value_counts()
    for rank, (name, count) in enumerate(unknown.items()):
        told = f"type « {name} », non reconnu" if rank < _NAMED else "autres types non reconnus"
        left_out[told] += int(count)
    rows, kinds = rows[kinds.notna()], kinds[kinds.notna()]
    if rows.empty:
        return None
    raw = pd.DataFrame({
        "type": kinds,
        "code": rows["code insee"].map(releve.code),
        "nombre": 1,
        "nom": rows["libelle du site"].map(releve.name),
        "longitude": releve.degrees(rows, "longitude", 180),
        "latitude": releve.degrees(rows, "latitude", 90),
        "precision_geo": rows["precision du geocodage"].map(_precision),
    })
    placed = guichets.place(raw, {"millesime": year, "source": said, "source_date": day})
    left_out.update(placed.left_out)
    table = placed.table
    if departement is not None:
        # What lies elsewhere was not asked for: it is not counted as left out.
        table = table[table["code_insee"].map(departement_of) == departement]
    if repeated:
        remarks.append(f"{plural(repeated, 'identifiant')} de La Poste décrit de deux façons : "
                       "chacune compte pour un point.")
    return Supply(
        SOURCE, table.reset_index(drop=True), tuple(k for k in KINDS if k in set(kinds)), year,
        day, left_out=dict(left_out), incomplete=(*remarks, *placed.remarks()),
    )


def _covering(found: Supply, departements: tuple[str, ...]) -> Supply:
    return Supply(**{**vars(found), "departements": departements})


def _precision(text: str) -> str:
    words = fold(text)
    return next((precision for word, precision in _PRECISIONS if word in words), "commune")
