"""Savings collected and credit granted by territory: the gap to a reference, and its limits.

After the loan-to-deposit test of the Community Reinvestment Act (Section 109): a ratio under half
of the reference's is a question to put to the banks, never a fault.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

import pandas as pd

from territory import communes
from territory.errors import InvalidInputError
from territory.indicators.banking import ALERT, deposits_and_credits
from territory.schemas import Column, answers
from territory.sources.depots_credits import Balances, Level, mainland
from territory.text import NBSP, excerpt, number, plural, trimmed

Reference = Literal["metropole", "hors_idf"]

#: Reference → its name in a sentence.
REFERENCES: Final[Mapping[Reference, str]] = {
    "metropole": "la France métropolitaine",
    "hors_idf": "la métropole sans l’Île-de-France",
}
_PARIS_REGION: Final = "11"
_AMOUNTS: Final = ["depots", "credits"]
#: Relative gap, %, under which a territory is said close to the reference (our choice).
CLOSE: Final = 5.0

#: To be printed beside every result.
LIMITS: Final[tuple[str, ...]] = (
    ("Les opérations sont rattachées au guichet qui les a enregistrées, pas au domicile du "
     "déposant ni de l’emprunteur."),
    ("Environ 300 banques de la Fédération bancaire française sont comptées ; les prêteurs "
     "spécialisés ne le sont pas."),
    "Les clients qui ne résident pas en France sont compris.",
    "La table couvre la métropole ; outre-mer, l’IEDOM publie des chiffres d’un autre champ.",
    ("Une réorganisation de réseau ou une titrisation déplace ces montants sans que rien ne change "
     "pour les habitants."),
    ("Paris concentre les dépôts, ceux des sièges d’entreprises compris : lisez aussi l’écart à la "
     "métropole sans l’Île-de-France."),
    "Rien n’est connu par commune ni par intercommunalité, et rien n’en est déduit ici.",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Territories against a reference.

    Attributes
    ----------
    balances
        What was compared.
    reference
        Key of :data:`REFERENCES`.
    whole
        ``depots`` and ``credits`` of the reference, millions of euros; NaN when not known.
    table
        One row a territory, the widest negative gap first, unknown last; columns as
        :func:`columns` declares them.
    """

    balances: Balances
    reference: Reference
    whole: pd.Series
    table: pd.DataFrame

    @property
    def usual(self) -> float:
        """Credit for one euro of deposits in the reference, NaN when not known."""
        return float(self.whole["credits"]) / float(self.whole["depots"])

    def sentence(self) -> str:
        """Say in French what the comparison found."""
        noun = "département" if self.balances.level == "departement" else "région"
        of = f"{plural(len(self.table), noun)} ({self.balances.when})"
        if math.isnan(self.usual):
            return (
                f"Sur {of}, aucun écart n’est calculé : ce fichier ne fait pas connaître "
                f"{REFERENCES[self.reference]}."
            )
        asked = int((self.table["question"] == "oui").sum())
        alert = (
            f"{plural(asked, 'territoire est', 'territoires sont')} sous la moitié de cette "
            f"valeur : {'une question' if asked == 1 else 'des questions'} à poser, non "
            f"{'une faute' if asked == 1 else 'des fautes'}."
            if asked else "Aucun territoire n’est sous la moitié de cette valeur."
        )
        return (
            f"Sur {of}, face à {REFERENCES[self.reference]} où 1{NBSP}€ "
            f"de dépôts va avec {number(self.usual, 3)}{NBSP}€ de crédits. {alert}"
        )

    def questions(self) -> tuple[str, ...]:
        """Write, for each territory under the alert, a question ready to be sent."""
        asked = self.table[self.table["question"] == "oui"]
        usual = f"{number(self.usual, 2)}{NBSP}€ pour {REFERENCES[self.reference]}"
        return tuple(
            f"{row['nom']}, {self.balances.when} : pour 1{NBSP}€ de dépôts aux guichets, "
            f"{number(float(row['credit_sur_depot']), 2)}{NBSP}€ de crédits y sont en cours, "
            f"contre {usual} ; qu’est-ce qui explique cet écart (siège, plateforme de crédit, "
            "titrisation, demande locale), et quels crédits accordez-vous aux habitants et aux "
            "entreprises de ce territoire ?"
            for row in asked.to_dict("records")
        )

    def notes(self) -> tuple[str, ...]:
        """List what to print beside the figures: checks of the file, then limits."""
        return (*self.balances.notes, *LIMITS)


def compare(balances: Balances, reference: str = "metropole") -> Comparison:
    """Compare each territory to a reference.

    Parameters
    ----------
    balances
        See :func:`territory.sources.depots_credits.read`.
    reference
        Key of :data:`REFERENCES`.

    Raises
    ------
    InvalidInputError
        The reference is unknown.
    """
    if reference not in REFERENCES:
        msg = (f"La référence « {excerpt(reference)} » est inconnue : choisissez "
               f"{' ou '.join(REFERENCES)}.")
        raise InvalidInputError(msg)
    key = cast("Reference", reference)
    whole = reference_of(balances, key)
    found = deposits_and_credits(balances.table[_AMOUNTS], whole)
    people = communes.units(balances.level)["population"].reindex(balances.table.index)
    people = people.astype("Float64").astype(float)
    table = balances.table[["nom", *_AMOUNTS]].join(found)
    table["question"] = answers(table["question"])
    for role in _AMOUNTS:
        table[f"{role}_par_habitant"] = (1e6 * table[role] / people).round()
    table["population"] = people.astype("Int64")
    table = table.reset_index(names="code").sort_values(
        ["ecart_relatif", "code"], na_position="last", ignore_index=True)
    return Comparison(balances, key, whole, table[[c.name for c in columns()]])


def reference_of(balances: Balances, reference: Reference) -> pd.Series:
    """Amounts of a reference, millions of euros; NaN as soon as one it needs is not known."""
    table = balances.table[_AMOUNTS].astype(float)
    named = table.reindex(list(mainland(balances.level)))
    paris = named.index.isin(_paris_region(balances.level))
    if reference == "metropole":
        return _sum(named) if balances.whole is None else balances.whole.astype(float)
    others = _sum(named[~paris])
    if balances.whole is None or others.notna().all():
        return others
    return balances.whole - _sum(named[paris])


def _sum(table: pd.DataFrame) -> pd.Series:
    return table.sum(skipna=False)


def _paris_region(level: Level) -> list[str]:
    if level == "region":
        return [_PARIS_REGION]
    region = communes.units("departement")["code_region"]
    return list(region.index[region == _PARIS_REGION])


def by_region(balances: Balances) -> Balances:
    """Sum départements into régions; a région is unknown as soon as one of its parts is."""
    if balances.level == "region":
        return balances
    region = communes.units("departement")["code_region"]
    every = balances.table[_AMOUNTS].astype(float).reindex(list(mainland("departement")))
    summed = every.groupby(region.reindex(every.index)).sum(skipna=False)
    # A région none of whose départements is in the file is not in the answer either.
    summed = summed.loc[sorted(set(region.reindex(balances.table.index)))]
    summed.insert(0, "nom", [mainland("region")[code] for code in summed.index])
    partial = summed["nom"][summed[_AMOUNTS].isna().any(axis=1)].tolist()
    notes = balances.notes
    if partial:
        named = ", ".join(partial)
        notes = (*notes, f"Une région dont un département manque est inconnue : {named}.")
    return replace(balances, level="region", table=summed.rename_axis("code"), notes=notes)


def reading(gap: float) -> str:
    """Say a relative gap (%) in words that praise and blame nobody."""
    if math.isnan(gap):
        return "inconnu"
    if gap <= -100 * (1 - ALERT):
        return "sous la moitié de la référence"
    if abs(gap) <= CLOSE:
        return f"proche de la référence, à {trimmed(CLOSE)}{NBSP}% près"
    return "moins de crédit que la référence" if gap < 0 else "plus de crédit que la référence"


def columns() -> tuple[Column, ...]:
    """Declare the columns of a comparison."""
    return (
        Column("code", "Code"),
        Column("nom", "Territoire"),
        Column("credit_sur_depot", "Crédits pour 1 € de dépôts", "nombre",
               "Encours de crédits divisé par l’encours de dépôts.", "€"),
        Column("ecart_relatif", "Écart à la référence", "nombre",
               "Rapport du territoire divisé par celui de la référence, moins un.", "%"),
        Column("ecart", "Écart en montant", "nombre",
               "Crédits moins ce que donneraient les dépôts au rapport de la référence ; négatif : "
               "autant d’épargne prêtée ailleurs, au sens de cette table.", "M€"),
        Column("quotient", "Quotient de localisation", "nombre",
               "Part du territoire dans les crédits de la référence, divisée par sa part dans les "
               "dépôts."),
        Column("question", "Question à poser", "oui_non_inconnu",
               "Rapport sous la moitié de celui de la référence : une question, non une faute."),
        Column("depots", "Dépôts", "nombre", "Encours, selon le guichet.", "M€"),
        Column("credits", "Crédits", "nombre", "Encours, selon le guichet.", "M€"),
        Column("depots_par_habitant", "Dépôts par habitant", "nombre",
               "Population municipale 2023.", "€"),
        Column("credits_par_habitant", "Crédits par habitant", "nombre",
               "Population municipale 2023.", "€"),
        Column("population", "Population 2023", "nombre", unit="habitants"),
    )
