"""What the API Recherche d'entreprises answers, read as rows of ``schemas.ETABLISSEMENTS``.

Kept: open employer establishments of diffusible legal persons. Everything left out is counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from territory import communes, ess, filieres
from territory.codes import departement_of, is_siret, naf_nomenclature
from territory.schemas import ETABLISSEMENTS
from territory.sources.ess import Batch
from territory.sources.siae import SIAE_KINDS
from territory.text import date

SERVICE = "API Recherche d’entreprises"
SOURCE = f"{SERVICE} (Sirene, liste ESS France)"
#: What the service writes in place of what may not be shown.
_MASKED = "[NON-DIFFUSIBLE]"
_NATURAL_PERSON = "1000"

#: Reason an establishment is left out, for one.
_ONE = {"fermés": "fermé", "non diffusibles": "non diffusible",
        "de personnes physiques": "d’une personne physique",
        "au SIRET non valable": "au SIRET non valable"}

#: Field of an establishment or unit → label it stands for.
_ESTABLISHMENT_LABELS = {"liste_id_bio": "agriculture biologique", "liste_rge": "RGE",
                         "liste_id_organisme_formation": "organisme de formation"}
_UNIT_LABELS = {"est_qualiopi": "Qualiopi", "est_societe_mission": "société à mission",
                "est_achats_responsables": "achats responsables",
                "est_patrimoine_vivant": "entreprise du patrimoine vivant"}


def rows(batch: Batch, day: dt.date) -> tuple[pd.DataFrame, dict[str, int]]:
    """Make the rows of a batch.

    Parameters
    ----------
    batch
        What a group of communes answered.
    day
        When it was asked.

    Returns
    -------
    table, left_out
        Columns of ``schemas.ETABLISSEMENTS``; French reason → establishments left out.
    """
    left_out: Counter[str] = Counter()
    kept = []
    for siret, (match, siren) in batch.matches.items():
        unit = batch.units[siren]
        reason = refusal(siret, match, unit)
        if reason:
            left_out[reason] += 1
        else:
            kept.append(row(siret, siren, match, unit))
    table = pd.DataFrame(kept, columns=list(row("", "", {}, {})))
    employing = _employing(table)
    left_out["sans salarié"] = int((employing == "non").sum())
    left_out["dont l’emploi de salariés est inconnu"] = int((employing == "inconnu").sum())
    table = table[employing == "oui"].reset_index(drop=True)
    return _completed(table, day), {reason: n for reason, n in left_out.items() if n}


def identified(
    answers: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]], day: dt.date
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Make the rows of establishments asked by SIRET, of the ESS or not, employers or not.

    Parameters
    ----------
    answers
        SIRET → its legal unit and itself, as answered.
    day
        When they were asked.

    Returns
    -------
    table, left_out
        Columns of ``schemas.ETABLISSEMENTS``; SIRET → why it is not in the table, in French.
    """
    left_out = {}
    kept = []
    for siret, (unit, match) in answers.items():
        reason = refusal(siret, match, unit)
        if reason:
            left_out[siret] = f"établissement {_ONE[reason]}, selon l’{SERVICE}"
        else:
            kept.append(row(siret, siret[:9], match, unit))
    table = pd.DataFrame(kept, columns=list(row("", "", {}, {})))
    return _completed(table, day), left_out


def _employing(table: pd.DataFrame) -> npt.NDArray[np.object_]:
    everywhere = pd.Series(True, index=table.index)
    return ess.employs(everywhere, table["caractere_employeur"], table["tranche_effectif"])


def refusal(siret: str, match: Mapping[str, Any], unit: Mapping[str, Any]) -> str:
    """Why an establishment is not kept, in French; empty when it is."""
    if match.get("etat_administratif") != "A" or unit.get("etat_administratif") != "A":
        return "fermés"
    names = (unit.get("nom_complet"), unit.get("nom_raison_sociale"), match.get("adresse"))
    masked = any(_MASKED in str(name) for name in names)
    if masked or {unit.get("statut_diffusion"),
                  match.get("statut_diffusion_etablissement")} != {"O"}:
        return "non diffusibles"
    if _text(unit, "nature_juridique") == _NATURAL_PERSON or _complement(
        unit, "est_entrepreneur_individuel"
    ):
        return "de personnes physiques"
    return "" if is_siret(siret) else "au SIRET non valable"


def row(
    siret: str, siren: str, match: Mapping[str, Any], unit: Mapping[str, Any]
) -> dict[str, Any]:
    """Read what the service says of an establishment and its legal unit."""
    signs = [str(s) for s in match.get("liste_enseignes") or () if s]
    kinds = _kinds(unit)
    integration = sorted(kinds & set(SIAE_KINDS))
    # The service calls SIAE all that the Marché lists, ESAT and GEIQ too.
    siae = _complement(unit, "est_siae") and (bool(integration) or not kinds)
    labels = [label for key, label in _ESTABLISHMENT_LABELS.items() if match.get(key)]
    labels += sorted(kinds - set(SIAE_KINDS))
    labels += [label for key, label in _UNIT_LABELS.items() if _complement(unit, key)]
    return {
        "siret": siret,
        "siren": siren,
        "nom": _text(unit, "nom_complet") or _text(unit, "nom_raison_sociale"),
        "enseigne": " ; ".join(signs) or _text(match, "nom_commercial"),
        "adresse": _text(match, "adresse"),
        "code_postal": _text(match, "code_postal"),
        "code_insee": _text(match, "commune"),
        "longitude": _degrees(match.get("longitude")),
        "latitude": _degrees(match.get("latitude")),
        "naf": _text(match, "activite_principale"),
        "naf_2025": _text(match, "activite_principale_naf25"),
        "categorie_juridique": _text(unit, "nature_juridique"),
        "est_ess": "oui" if _complement(unit, "est_ess") else "inconnu",
        "est_siae": "oui" if siae else "inconnu",
        "type_siae": ", ".join(integration) if siae else "",
        "caractere_employeur": _text(match, "caractere_employeur"),
        "tranche_effectif": _text(match, "tranche_effectif_salarie"),
        "annee_effectif": _text(match, "annee_tranche_effectif_salarie"),
        "labels": " ; ".join(labels),
        "bio": bool(match.get("liste_id_bio")),
        "rge": bool(match.get("liste_rge")),
    }


def _completed(table: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Add what is worked out from the answers: place, family, trade, sources."""
    home = communes.table().reindex(table["code_insee"]).reset_index(drop=True)
    placed = communes.near(table["code_insee"], table["longitude"], table["latitude"])
    said = f"{SOURCE}, {date(day)}"
    table["precision_geo"] = np.where(placed, "adresse", "commune")
    for axis in ("longitude", "latitude"):
        table[axis] = table[axis].astype(float).where(placed, home[axis].astype(float))
    table["commune"] = home["nom"].fillna("").astype(str)
    table["code_departement"] = [departement_of(code) for code in table["code_insee"]]
    table["naf_nomenclature"] = table["naf"].map(naf_nomenclature)
    of_ess = table["est_ess"] == "oui"
    families = ess.family(table["categorie_juridique"], table["nom"])
    table["famille_ess"] = np.where(of_ess, families, "inconnue")
    table["est_ess_source"] = np.where(of_ess, said, "")
    table["est_employeur"] = _employing(table)
    table["effectif_source"] = [
        ess.size_words(code, year)
        for code, year in zip(table["tranche_effectif"], table["annee_effectif"], strict=True)
    ]
    table["est_employeur_source"] = np.where(table["est_employeur"] == "inconnu", "", said)
    table["est_siae_source"] = np.where(
        table["est_siae"] == "oui",
        f"Marché de l’inclusion (unité légale), par l’{SERVICE}, {date(day)}", "",
    )
    table["est_esus"] = "inconnu"
    trades = filieres.of_establishments(table["naf"], bio=table["bio"], rge=table["rge"])
    for column in trades:
        table[column] = trades[column]
    table["source"] = SOURCE
    table["source_date"] = day.isoformat()
    for column in ETABLISSEMENTS.names:
        if column not in table:
            table[column] = ""
    return table[ETABLISSEMENTS.names]


def _complement(unit: Mapping[str, Any], key: str) -> bool:
    complements = unit.get("complements")
    return isinstance(complements, Mapping) and complements.get(key) is True


def _kinds(unit: Mapping[str, Any]) -> set[str]:
    """Kinds the Marché de l'inclusion gives a unit: « ACI, EI »."""
    text = _text(unit.get("complements") or {}, "type_siae")
    return {kind.strip() for kind in text.split(",")} - {""}


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


def _degrees(value: object) -> float:
    """Read a coordinate, a text in the answers; NaN when blank or unreadable."""
    try:
        return float(str(value))
    except ValueError:
        return float("nan")
