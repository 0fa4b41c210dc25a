"""Rows of a person's own file turned into suppliers: checked, placed, and each answered for.

A row is kept as it is, kept with a correction, or refused; the report says which and why. A place
comes from the row's own coordinates, else from its SIRET when a list knows it, else from the
geocoded address, else from its commune. What the row says of itself comes before what a list says.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import pandas as pd

from territory import communes, filieres, geo, portee
from territory.codes import commune_of, departement_of, is_siren, is_siret
from territory.errors import InvalidInputError
from territory.schemas import ETABLISSEMENTS
from territory.supplier_file import ROLES, RawFile
from territory.text import excerpt, fold, join, number

#: Below this the geocoder is not sure enough of what it found.
MIN_SCORE: Final = 0.5
#: What the source of an answer is called when the file itself gives it.
FROM_FILE: Final = "Fichier importé"

Outcome = Literal["gardée", "corrigée", "refusée"]

_YES = {"oui", "o", "x", "1", "vrai", "true", "yes"}
_NO = {"non", "n", "0", "faux", "false", "no"}
#: Kind of answer of the geocoder → precision; any other is the commune's.
_PRECISIONS: Final = {"housenumber": "adresse", "street": "voie", "locality": "voie"}
#: What nobody said of a supplier.
_UNSAID: Final = {
    "filiere": filieres.UNKNOWN, "filiere_origine": "inconnue", "famille_ess": "inconnue",
    "est_ess": "inconnu", "est_employeur": "inconnu", "est_siae": "inconnu", "est_esus": "inconnu",
}


@dataclass(frozen=True)
class Imported:
    """What became of a file.

    Attributes
    ----------
    name
        Its name.
    table
        Suppliers kept, columns of ``schemas.ETABLISSEMENTS``.
    report
        ``ligne``, ``nom``, ``etat`` (gardée, corrigée, refusée), ``detail``: one row a row of the
        file, in its order.
    failure
        What cut the completion by public services, in French; empty when nothing did.
    """

    name: str
    table: pd.DataFrame
    report: pd.DataFrame
    failure: str = ""

    def count(self, outcome: Outcome) -> int:
        """Rows of an outcome."""
        return int((self.report["etat"] == outcome).sum())


class _RefusedError(Exception):
    pass


@dataclass
class _Row:
    """A row being read: its cells by role, and what is said of it."""

    cells: Mapping[str, str]
    corrections: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __getitem__(self, role: str) -> str:
        return self.cells.get(role, "")


@dataclass(frozen=True)
class _Place:
    code: str
    longitude: float
    latitude: float
    precision: str


def by_role(raw: RawFile, mapping: Mapping[str, str]) -> pd.DataFrame:
    """Cells of a file by role, one column a role of ``supplier_file.ROLES``.

    Raises
    ------
    InvalidInputError
        No column is said to hold the names or the SIRET.
    """
    if not mapping.get("nom") and not mapping.get("siret"):
        msg = "Dites quelle colonne contient le nom des fournisseurs, ou leur SIRET."
        raise InvalidInputError(msg)
    return pd.DataFrame(
        {role: raw.table[mapping[role]] if mapping.get(role) in raw.table.columns else ""
         for role in ROLES},
        index=raw.table.index,
    ).fillna("")


def siret_of(text: str) -> str:
    """Read a SIRET as people write it: spaces, dots, zeros lost in front; empty when it is none."""
    digits = re.sub(r"[\s.]", "", text)
    padded = digits.zfill(14) if digits.isdigit() and 11 <= len(digits) <= 14 else digits
    return padded if is_siret(padded) else ""


def suppliers(
    raw: RawFile,
    mapping: Mapping[str, str],
    *,
    day: dt.date,
    known: pd.DataFrame | None = None,
    left_out: Mapping[str, str] | None = None,
    located: pd.DataFrame | None = None,
) -> Imported:
    """Turn the rows of a file into suppliers.

    Parameters
    ----------
    raw, mapping
        The file, and role → column (:func:`territory.supplier_file.guess_columns`).
    day
        Of the import.
    known
        Establishments by SIRET, columns of ``schemas.ETABLISSEMENTS``, from any list.
    left_out
        SIRET → why a service would not give it, in French.
    located
        Answers of the geocoder by row of the file: ``longitude``, ``latitude``, ``score``,
        ``type``, ``code_insee``; NaN where it found nothing.

    Raises
    ------
    InvalidInputError
        See :func:`by_role`.
    """
    cells = by_role(raw, mapping)
    listed: dict[str, dict[str, Any]] = (
        {} if known is None else {str(row["siret"]): row for row in _records(known)}
    )
    answers: dict[int, dict[str, Any]] = (
        {} if located is None else dict(zip(located.index, _records(located), strict=True))
    )
    refusals = left_out or {}
    kept: list[dict[str, Any]] = []
    report = []
    seen: dict[tuple[str, ...], int] = {}
    for line, values in zip(cells.index, _records(cells), strict=True):
        row = _Row(values)
        siret = _siret(row)
        if siret in refusals:
            row.remarks.append(refusals[siret])
        try:
            supplier = _supplier(row, siret, listed.get(siret, {}), answers.get(line))
            _check_new(supplier, line, seen)
        except _RefusedError as refusal:
            said = " ; ".join([str(refusal), *row.remarks])
            report.append((line, row["nom"] or siret, "refusée", said))
            continue
        kept.append(supplier)
        outcome = "corrigée" if row.corrections else "gardée"
        said = " ; ".join(row.corrections + row.remarks)
        report.append((line, supplier["nom"], outcome, said))
    table = pd.DataFrame(kept, columns=ETABLISSEMENTS.names)
    table["source"] = f"{FROM_FILE} : {raw.name}"
    table["source_date"] = day.isoformat()
    texts = [c for c in ETABLISSEMENTS.names if c not in {"longitude", "latitude"}]
    table[texts] = table[texts].astype(str)
    table = table.astype({"longitude": float, "latitude": float})
    return Imported(
        raw.name, table, pd.DataFrame(report, columns=["ligne", "nom", "etat", "detail"])
    )


def cleaned(imported: Imported) -> pd.DataFrame:
    """Write the suppliers kept the way a file gives them, placed and corrected.

    Returns
    -------
    pandas.DataFrame
        One column a role of ``supplier_file.ROLES``, under its label: read back, it gives the same
        suppliers without asking anybody.
    """
    table = imported.table
    made = {}
    for role, (label, _) in ROLES.items():
        cells = table[role]
        if role.startswith("est_"):
            cells = cells.replace("inconnu", "")
        elif role == "filiere":
            cells = cells.where(table["filiere_origine"] == "declaree", "")
        made[label] = cells
    return pd.DataFrame(made)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _check_new(supplier: Mapping[str, Any], line: int, seen: dict[tuple[str, ...], int]) -> None:
    """Refuse a row that repeats another: same SIRET, or same name at the same address."""
    key = (supplier["siret"],) if supplier["siret"] else (
        fold(supplier["nom"]), supplier["code_insee"], fold(supplier["adresse"])
    )
    twin = seen.setdefault(key, line)
    if twin != line:
        msg = f"même fournisseur que la ligne {twin}"
        raise _RefusedError(msg)


def _supplier(
    row: _Row, siret: str, listed: Mapping[str, Any], located: Mapping[str, Any] | None
) -> dict[str, Any]:
    name = row["nom"] or str(listed.get("nom", ""))
    if not name:
        msg = "pas de nom, et SIRET inconnu des listes" if siret else "pas de nom"
        raise _RefusedError(msg)
    where = _place(row, located, listed)
    supplier: dict[str, Any] = {**dict.fromkeys(ETABLISSEMENTS.names, ""), **_UNSAID}
    supplier.update({c: listed[c] for c in ETABLISSEMENTS.names if listed.get(c)})
    own = {
        "siret": siret,
        "siren": siret[:9] or _siren(row),
        "nom": name,
        "enseigne": row["enseigne"],
        "adresse": row["adresse"],
        "code_postal": _postcode(row),
        "portee": _range(row),
        "site_web": row["site_web"],
    }
    supplier.update({column: text for column, text in own.items() if text})
    supplier.update({
        "code_insee": where.code,
        "commune": communes.get(where.code).nom,
        "code_departement": departement_of(where.code),
        "longitude": where.longitude,
        "latitude": where.latitude,
        "precision_geo": where.precision,
    })
    _say_trade(row, supplier)
    for flag in ("est_ess", "est_siae", "est_esus"):
        answer = _flag(row, flag)
        if answer != "inconnu":
            supplier[flag], supplier[f"{flag}_source"] = answer, FROM_FILE
    return supplier


def _siret(row: _Row) -> str:
    if not row["siret"]:
        return ""
    siret = siret_of(row["siret"])
    if not siret:
        row.corrections.append(f"SIRET « {excerpt(row['siret'], 20)} » non valable, laissé vide")
    elif len(re.sub(r"\D", "", row["siret"])) < len(siret):
        row.corrections.append("zéros de tête du SIRET remis")
    return siret


def _siren(row: _Row) -> str:
    text = re.sub(r"\s", "", row["siren"]).zfill(9) if row["siren"] else ""
    if text and not is_siren(text):
        row.corrections.append(f"SIREN « {excerpt(row['siren'], 20)} » non valable, laissé vide")
        return ""
    return text


def _postcode(row: _Row) -> str:
    text = row["code_postal"].replace(" ", "")
    if re.fullmatch(r"[0-9]{4}", text):
        row.corrections.append("zéro de tête du code postal remis")
        return f"0{text}"
    return text if re.fullmatch(r"[0-9]{5}", text) else ""


# ---- place --------------------------------------------------------------------------------------


def _place(
    row: _Row, located: Mapping[str, Any] | None, listed: Mapping[str, Any]
) -> _Place:
    place = _own_point(row) or _listed_place(row, listed) or _geocoded(row, located)
    if place is None:
        code = _own_commune(row)
        home = communes.get(code)
        row.remarks.append("placé au point de référence de sa commune")
        return _Place(code, home.longitude, home.latitude, "commune")
    said, _, _ = _commune_said(row["code_insee"], row["code_postal"], row["commune"])
    if said is not None and commune_of(said) != commune_of(place.code):
        row.corrections.append(
            f"lieu retenu à {communes.get(place.code).label}, et non à {communes.get(said).label}"
        )
    return place


def _own_point(row: _Row) -> _Place | None:
    if not row["latitude"] or not row["longitude"]:
        return None
    try:
        lat, lon = (float(row[axis].replace(",", ".")) for axis in ("latitude", "longitude"))
    except ValueError:
        row.corrections.append("coordonnées illisibles, non reprises")
        return None
    if geo.territory_at(lon, lat) is None and geo.territory_at(lat, lon) is not None:
        lon, lat = lat, lon
        row.corrections.append("latitude et longitude étaient inversées")
    if geo.territory_at(lon, lat) is None:
        converted = geo.from_lambert93(lon, lat)
        if converted is None:
            msg = f"point ({number(lon, 3)} ; {number(lat, 3)}) hors de France"
            raise _RefusedError(msg)
        lon, lat = converted
        row.corrections.append("coordonnées Lambert 93 converties")
    here = communes.at(lon, lat)
    if here is not None:
        return _Place(here.code_insee, lon, lat, "adresse")
    # At the edge of a simplified contour, the row's own commune decides.
    return _Place(_own_commune(row), lon, lat, "adresse")


def _listed_place(row: _Row, listed: Mapping[str, Any]) -> _Place | None:
    if not listed or listed["code_insee"] not in communes.table().index:
        return None
    row.remarks.append("placé d’après son SIRET")
    return _Place(listed["code_insee"], float(listed["longitude"]), float(listed["latitude"]),
                  listed["precision_geo"])


def _geocoded(row: _Row, located: Mapping[str, Any] | None) -> _Place | None:
    if located is None:
        return None
    if pd.isna(located["longitude"]):
        row.remarks.append("adresse non trouvée")
        return None
    note = number(located["score"], 2)
    if located["score"] < MIN_SCORE or located["code_insee"] not in communes.table().index:
        row.remarks.append(f"adresse trop incertaine (note {note})")
        return None
    row.remarks.append(f"adresse trouvée (note {note})")
    return _Place(located["code_insee"], located["longitude"], located["latitude"],
                  _PRECISIONS.get(located["type"], "commune"))


def _own_commune(row: _Row) -> str:
    code, corrections, candidates = _commune_said(
        row["code_insee"], row["code_postal"], row["commune"]
    )
    row.corrections += [c for c in corrections if c not in row.corrections]
    if code is not None:
        return code
    if candidates:
        msg = f"plusieurs communes possibles : {join(list(candidates[:4]), 'ou')}"
        raise _RefusedError(msg)
    msg = "aucun lieu reconnu : ni coordonnées, ni adresse trouvée, ni commune"
    raise _RefusedError(msg)


@functools.lru_cache(maxsize=4096)
def _commune_said(
    insee: str, postcode: str, name: str
) -> tuple[str | None, tuple[str, ...], tuple[str, ...]]:
    """Commune a row names: its code or None, corrections made, labels when several answer."""
    index = communes.table().index
    code = insee.upper()
    if code.isdigit() and len(code) == 4 and f"0{code}" in index:
        return f"0{code}", ("zéro de tête du code Insee remis",), ()
    if code in index:
        return code, (), ()
    if re.fullmatch(r"[0-9]{4}", postcode):
        postcode = f"0{postcode}"
    found = communes.find(postcode, 50) if re.fullmatch(r"[0-9]{5}", postcode) else []
    here = [c for c in found if postcode in c.codes_postaux]
    if not name:
        candidates = here
    else:
        candidates = [c for c in here if fold(c.nom) == fold(name)]
        candidates = candidates or communes.candidates_for(name)
    if len(candidates) == 1:
        return candidates[0].code_insee, (), ()
    return None, (), tuple(c.label for c in candidates)


# ---- what it sells, where it goes, what it is ---------------------------------------------------


def _say_trade(row: _Row, supplier: dict[str, Any]) -> None:
    """Write the trades the row declares; what the table does not know stays in the words."""
    names, others = [], []
    for text in re.split(r"[;|]", row["filiere"]):
        if not text.strip():
            continue
        try:
            names.append(filieres.resolve(text))
        except InvalidInputError:
            others.append(text.strip())
    if others:
        row.remarks.append(f"filière non reconnue : {excerpt(', '.join(others))}")
    declared = [name for name in dict.fromkeys(names) if name != filieres.UNKNOWN]
    if declared:
        supplier |= {
            "filiere": filieres.SEPARATOR.join(declared), "filiere_origine": "declaree",
            "filiere_source": FROM_FILE, "filiere_certitude": "",
        }
    activity = " ; ".join(part for part in (row["activite"], *others) if part)
    if activity:
        supplier["activite"] = activity


def _range(row: _Row) -> str:
    try:
        return portee.normalise(row["portee"])
    except InvalidInputError:
        row.corrections.append(f"portée « {excerpt(row['portee'], 30)} » non comprise, laissée "
                               "vide")
        return ""


def _flag(row: _Row, role: str) -> str:
    answer = fold(row[role])
    return "oui" if answer in _YES else "non" if answer in _NO else "inconnu"
