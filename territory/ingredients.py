"""What gathers in an EPCI that a PTCE could be made of: counts, attestations, and their notes.

See :mod:`territory.naissance`, which ranks the EPCI by them. Nothing unknown is counted as absent.
"""

from __future__ import annotations

from typing import Final, cast

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from territory import communes, filieres
from territory.codes import commune_of
from territory.suppliers import FAMILIES
from territory.text import first_of

#: Higher education, continuing training, research and development (NAF rév. 2).
LEARNING: Final = ("72", "85.42", "85.59")
#: Words of a name or an activity that attest shared premises.
PREMISES: Final = (
    r"tiers[- ]lieu|coworking|pépinière d.entreprises|couveuse d.|incubateur"
    r"|h[oô]tel d.(?:entreprises|activités)"
)

#: Kind → French noun; the families of the law, then two qualities any of them may have.
KINDS: Final[dict[str, str]] = {
    **{name: FAMILIES[name] for name in ("association", "cooperative", "mutuelle", "fondation",
                                         "societe_commerciale_ess")},
    "siae": "Structure d’insertion (SIAE)",
    "esus": "Entreprise agréée ESUS",
}

#: Component → what its note is, in French.
COMPONENTS: Final[dict[str, str]] = {
    "organisations": "Nombre d’organisations de l’ESS ou de l’insertion",
    "genres": "Nombre de genres d’organisations",
    "filieres": "Nombre de filières",
    "formation": "Formation ou recherche",
    "lieux": "Lieux partagés",
}

#: Names behind an attestation.
_NAMED: Final = 3


def counted(rows: pd.DataFrame) -> np.ndarray:
    """Boolean array, shape (n,): the structures known to be of the ESS, SIAE or ESUS."""
    known = [(rows[name] == "oui").to_numpy() for name in ("est_ess", "est_siae", "est_esus")]
    return cast("np.ndarray", np.logical_or.reduce(known))


def doubtful(rows: pd.DataFrame) -> np.ndarray:
    """Boolean array, shape (n,): the structures of which nothing says whether they belong."""
    return ~counted(rows) & (rows["est_ess"] == "inconnu").to_numpy()


def epci_of(codes: pd.Series) -> pd.Series:
    """EPCI of commune codes, same index; missing where there is none."""
    known = communes.table()["code_epci"].astype(object)
    whole = codes.map({code: commune_of(code) for code in codes.dropna().unique()})
    return whole.map(known).astype(object)


def components(rows: pd.DataFrame, epci: pd.Series, *, complete: bool) -> pd.DataFrame:
    """Count what gathers in each EPCI.

    Parameters
    ----------
    rows
        Columns of ``schemas.STRUCTURES`` read here: ``siren``, ``nom``, ``naf``, ``filiere``,
        ``famille_ess``, ``est_ess``, ``est_siae``, ``est_esus``, and ``activite`` if it is there.
    epci
        EPCI of each row, same index; rows without one are left out.
    complete
        Whether the silence of the list on training or research means that there is none.

    Returns
    -------
    pandas.DataFrame
        Indexed by EPCI with at least one structure counted: ``organisations`` (distinct SIREN,
        each row without one standing for itself), ``genres`` and ``filieres`` (distinct known
        ones; NaN when none is known), ``formation`` and ``lieux`` (1, 0 or NaN), and the names
        behind each, as texts. ``genres`` and ``filieres`` are at least so many: what is unknown
        of a structure is not in them.
    """
    kept = counted(rows) & epci.notna().to_numpy()
    rows, unit = rows[kept], epci[kept]
    own = pd.Series([f"ligne {i}" for i in range(len(rows))], index=rows.index)
    siren = rows["siren"].fillna("").astype(object)
    table = pd.DataFrame({"organisations": siren.where(siren != "", own).groupby(unit).nunique()})
    for name, pairs in (("genres", _kinds(rows)), ("filieres", _trades(rows))):
        named = pairs.groupby(unit.reindex(pairs.index)).agg(lambda one: sorted(set(one)))
        table[name] = named.map(len).reindex(table.index).astype(float)
        table[f"{name}_noms"] = named.map(", ".join).reindex(table.index).fillna("")
    naf = rows["naf"].fillna("").astype(object)
    learns = naf.str.startswith(LEARNING)
    silent = (naf == "").groupby(unit).any() if complete else pd.Series(True, index=table.index)
    table = table.join(_attested(rows["nom"], learns, unit, "formation", silent))
    said = rows["nom"].fillna("")
    if "activite" in rows:
        said = said + " " + rows["activite"].fillna("")
    shared = said.str.contains(PREMISES, case=False, regex=True)
    # No list here is one of premises: its silence never means that there are none.
    always = pd.Series(True, index=table.index)
    return table.join(_attested(rows["nom"], shared, unit, "lieux", always))


def _kinds(rows: pd.DataFrame) -> pd.Series:
    family = rows["famille_ess"].map(KINDS)
    siae = (rows["est_siae"] == "oui").map({True: KINDS["siae"]})
    esus = (rows["est_esus"] == "oui").map({True: KINDS["esus"]})
    return pd.concat([family, siae, esus]).dropna()


def _trades(rows: pd.DataFrame) -> pd.Series:
    trades = rows["filiere"].fillna("").map(filieres.split).explode().dropna()
    return trades[~trades.isin([filieres.UNKNOWN, filieres.OUT_OF_FIELD, ""])]


def _attested(
    names: pd.Series, found: pd.Series, unit: pd.Series, name: str, silent: pd.Series
) -> pd.DataFrame:
    """Write 1 where something is attested, NaN where silence says nothing, else 0; and names."""
    found = found.astype(bool)
    any_found = found.groupby(unit).any().astype(float)
    named = names[found].groupby(unit[found]).agg(
        lambda one: first_of(sorted(set(one)), _NAMED)
    )
    return pd.DataFrame({
        name: any_found.mask((any_found == 0) & silent.reindex(any_found.index)),
        f"{name}_noms": named.reindex(any_found.index).fillna(""),
    })


def scored(found: pd.DataFrame) -> pd.DataFrame:
    """Give notes from 0 to 100 and their mean.

    The note of a count is its mid-rank among the places where it is known,
    ``100 × (B + T / 2) / n`` with B places below and T equal (itself among them); that of an
    attestation is 0 or 100. ``score`` is the mean of the known notes; ``score_min`` and
    ``score_max`` put 0 and 100 in place of the unknown ones.

    Parameters
    ----------
    found
        See :func:`components`.
    """
    notes = pd.DataFrame({
        **{name: _mid_rank(found[name]) for name in ("organisations", "genres", "filieres")},
        **{name: 100 * found[name].astype(float) for name in ("formation", "lieux")},
    })
    return found.assign(
        **{f"note_{name}": notes[name] for name in COMPONENTS},
        notes_connues=notes.notna().sum(axis=1),
        score=notes.mean(axis=1),
        score_min=notes.fillna(0).mean(axis=1),
        score_max=notes.fillna(100).mean(axis=1),
    )


def _mid_rank(values: pd.Series) -> pd.Series:
    known = values.dropna()
    ranks = (rankdata(known) - 0.5) / max(len(known), 1)
    return pd.Series(100 * ranks, index=known.index).reindex(values.index)
