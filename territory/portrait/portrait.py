"""The portrait itself: who lives, who employs, which poles, which banks, and what is unknown."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from territory import catalog, communes, fiche, ptce
from territory.directory import Directory
from territory.exclusion import Measured
from territory.fiche import Atlas, Fiche
from territory.portrait import phrases, structures, totaux
from territory.portrait.figures import NOBODY, Figure, licence, of_fiche
from territory.portrait.structures import Structures
from territory.settings import Settings
from territory.suppliers import FAMILIES, lowered
from territory.territoires import Territoire
from territory.text import NBSP, date, number, plural

_EXTRACT: Final = "non calculé (extrait)"
_CUT: Final = "non calculé (liste incomplète)"


@dataclass(frozen=True, eq=False)
class Portrait:
    """What is known of a territory.

    Attributes
    ----------
    sheet
        The sheet of its access to banks: territory, containing units, ranks.
    measured
        What its maps are coloured from.
    day
        When it was made.
    sentences
        The essential, see :mod:`phrases`.
    figures
        Every figure, in reading order; their ids are the same in every portrait.
    structures
        ESS structures by family and by trade.
    poles, poles_near
        PTCE, see :func:`ptce.of_communes` (``dedans``: whole in it) and :func:`ptce.near_communes`.
    published
        Totals of the ESS published by others, see :func:`totaux.published`.
    unknown, notes
        French sentences: what is not known, and what the figures rest on.
    source_ids
        Keys of ``catalog.SOURCES``, each once.
    """

    sheet: Fiche
    measured: Measured
    day: dt.date
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    structures: Structures
    poles: pd.DataFrame
    poles_near: pd.DataFrame
    published: pd.DataFrame
    unknown: tuple[str, ...]
    notes: tuple[str, ...]
    source_ids: tuple[str, ...]

    @property
    def territoire(self) -> Territoire:
        """Whose portrait it is."""
        return self.sheet.territoire

    @property
    def around(self) -> tuple[Territoire, ...]:
        """Units that hold it, from the smallest to France."""
        return self.sheet.around

    def figure(self, figure_id: str) -> Figure:
        """Figure by its id.

        Raises
        ------
        KeyError
            No figure has it.
        """
        for one in self.figures:
            if one.id == figure_id:
                return one
        raise KeyError(figure_id)

    def sources(self) -> tuple[str, ...]:
        """One sentence a source: what, who, which vintage and licence."""
        return tuple(
            f"{one.title} ({one.producer}){NBSP}: {one.vintage} ; {one.licence}."
            for one in map(catalog.SOURCES.__getitem__, self.source_ids)
        )


def make(
    place: Territoire, known: Atlas, settings: Settings, machines: pd.Series | None = None
) -> Portrait:
    """Make the portrait of a territory from the fullest lists of this machine.

    Raises
    ------
    DataError
        The local store is damaged.
    """
    listed = structures.directory_of(place, settings)
    return of(place, known, listed, machines,
              wider=structures.wider_than(listed, place, settings))


def of(
    place: Territoire, known: Atlas, listed: Directory, machines: pd.Series | None = None,
    *, wider: Directory | None = None, day: dt.date | None = None,
) -> Portrait:
    """Make the portrait of a territory from given lists; see :func:`make` for those held here.

    Parameters
    ----------
    known
        Access to banks and fragility of every level.
    listed
        List of the ESS to count in, see :func:`structures.directory_of`.
    machines
        See :func:`supply.machines`.
    wider
        Where the nearest structures beyond are looked for, see :func:`structures.wider_than`.
    day
        Today by default.
    """
    sheet = fiche.of(place, known, machines)
    found = structures.of(place, sheet.around, listed, wider)
    poles, near = _inside(place), ptce.near_communes(place.codes)
    figures = (
        *_inhabitants(sheet), *_employers(sheet, found), *_poles(poles, near),
        *of_fiche(sheet, known.measured),
    )
    by_id: Mapping[str, Figure] = {one.id: one for one in figures}
    published = totaux.published([place, *sheet.around])
    counted = known.measured.counters.source_ids
    indebted = ("surendettement",) if known.measured.filings is not None else ()
    cited = ("ess_totaux",) if len(published) else ()
    return Portrait(
        sheet, known.measured, day or dt.date.today(), phrases.of(sheet, by_id, found), figures,
        found, poles, near, published, tuple(_unknown(sheet, found, published)),
        (found.directory.note(), *sheet.notes),
        tuple(dict.fromkeys((
            "communes", "populations", *listed.source_ids, "naf_filieres", "ptce", *cited,
            *counted, "dgcl", "recensement", *indebted,
        ))),
    )


def _inhabitants(sheet: Fiche) -> list[Figure]:
    place = sheet.territoire
    people, base = catalog.SOURCES["populations"], catalog.SOURCES["communes"]
    return [
        Figure(
            "population", "habitants", "Habitants", "", 0,
            math.nan if sheet.population is None else float(sheet.population),
            "Population municipale des communes du territoire.", people.attribution,
            people.vintage, people.licence,
            beside={one.label: _people(one) for one in sheet.around},
        ),
        Figure(
            "communes", "habitants", "Communes", "", 0, float(len(place.codes)),
            "Communes entières du territoire ; d’un périmètre, celles dont le point de référence "
            "est dedans.", base.attribution, base.vintage, base.licence,
            beside={one.label: float(len(one.codes)) for one in sheet.around},
        ),
    ]


def _people(place: Territoire) -> float:
    """Inhabitants, NaN when those of a commune are unknown."""
    known = communes.whole().loc[list(place.codes), "population"]
    return math.nan if known.isna().any() else float(known.sum())


def _employers(sheet: Fiche, found: Structures) -> list[Figure]:
    source, vintage, allowed = _listed(found.directory)
    whole, extract = found.coverage == "complete", found.coverage == "extrait"
    why = _EXTRACT if extract else "" if whole else _CUT
    cut = found.coverage == "incomplete"

    def figure(
        id_: str, label: str, value: float, definition: str, *, unit: str = "", decimals: int = 0,
        at_least: bool = False, reason: str = "", beside: Mapping[str, float] | None = None,
    ) -> Figure:
        return Figure(id_, "ess", label, unit, decimals, value, definition, source, vintage,
                      allowed, at_least=at_least, why=reason, beside=beside or {})

    count = math.nan if extract else float(found.count)
    people = math.nan if sheet.population is None else float(sheet.population)
    rate = 1_000 * count / people if whole and people else math.nan
    others = {
        one.label: 1_000 * found.counts[one.label] / total
        for one in sheet.around if one.label in found.counts and (total := _people(one))
    }
    beside = {one.label: others.get(one.label, math.nan) for one in sheet.around}
    made = [
        figure("ess_employeurs", "Établissements employeurs de l’ESS", count,
               "Établissements ouverts, de l’ESS et employeurs d’après leurs listes, dans les "
               "communes du territoire.", at_least=cut, reason=why,
               beside={one.label: float(found.counts.get(one.label, math.nan))
                       for one in sheet.around}),
        figure("ess_pour_1000", "Établissements employeurs de l’ESS pour 1 000 habitants", rate,
               "Rapporté à la population municipale ; calculé d’une liste entière seulement, et "
               "comparé dans la même liste.", decimals=1,
               reason=why or (NOBODY if people == 0 else ""), beside=beside),
        figure("ess_emplois", "Salariés de ces établissements",
               math.nan if extract else found.jobs,
               "Somme des bornes basses des tranches d’effectif connues : un minimum, jamais un "
               "total.", at_least=True, reason=_EXTRACT if extract else ""),
        figure("ess_sans_effectif", "Établissements d’effectif inconnu",
               math.nan if extract else float(found.count - found.sized),
               "Établissements sans tranche d’effectif, comptés pour zéro salarié dans le "
               "minimum.", reason=_EXTRACT if extract else ""),
    ]
    counts = found.families.set_index("famille")["nombre"]
    for family, label in FAMILIES.items():
        if family == "hors_ess":
            continue
        made.append(figure(
            f"famille_{family}", f"Établissements employeurs : {lowered(label)}",
            math.nan if extract else float(counts.get(family, 0)),
            "Famille de l’ESS d’après la forme juridique et les listes.", at_least=cut,
            reason=_EXTRACT if extract else "",
        ))
    made.append(figure(
        "ess_extrait", "Structures de l’extrait embarqué", float(found.count) if extract else (
            math.nan),
        "Structures citées dans l’extrait de ce projet : une absence ne veut rien dire.",
        reason="" if extract else "sans objet (liste récupérée)",
    ))
    return made


def _listed(listed: Directory) -> tuple[str, str, str]:
    """Source, vintage and licence of a list of structures."""
    sources = [catalog.SOURCES[one] for one in listed.source_ids]
    if listed.oldest is None or listed.newest is None:
        vintage = " ; ".join(dict.fromkeys(one.vintage for one in sources))
    else:
        days = dict.fromkeys((date(listed.oldest), date(listed.newest)))
        vintage = f"état du {' au '.join(days)}"
    return catalog.attribution(listed.source_ids), vintage, licence(listed.source_ids)


def _inside(place: Territoire) -> pd.DataFrame:
    """PTCE of a territory; ``dedans`` tells those whose unit lies whole in it."""
    poles = ptce.of_communes(place.codes)
    whole = communes.whole()
    held = whole.index.isin(place.codes)
    beyond: dict[str, set[str]] = {
        level: set(whole.loc[~held, f"code_{level}"].dropna())
        for level in ("epci", "departement", "region")
    }
    return poles.assign(dedans=[
        level == "commune" or code not in beyond[level]
        for level, code in zip(poles["niveau"], poles["code"], strict=True)
    ])


def _poles(poles: pd.DataFrame, near: pd.DataFrame) -> list[Figure]:
    source = catalog.SOURCES["ptce"]
    inside = poles["dedans"]

    def figure(id_: str, label: str, value: int, definition: str) -> Figure:
        return Figure(id_, "ptce", label, "", 0, float(value), definition, source.attribution,
                      source.vintage, source.licence, at_least=True)

    return [
        figure("ptce_dedans", "PTCE du territoire", int(inside.sum()),
               "Leur commune, ou le territoire où ils sont connus, est dedans. Relevé non "
               "exhaustif : « a été nommé ou retenu », pas « est actif aujourd’hui »."),
        figure("ptce_plus_large", "PTCE connus par un territoire plus large", int((~inside).sum()),
               "Connus à la seule échelle d’un EPCI, d’un département ou d’une région qui dépasse "
               "le territoire : peut-être ailleurs ; relevé non exhaustif."),
        figure("ptce_30_km", f"PTCE à {ptce.AROUND_KM:g} km au plus", len(near),
               "Hors du territoire, à vol d’oiseau du point de référence de sa commune la plus "
               "proche ; seuls ceux dont la commune est connue ; relevé non exhaustif."),
    ]


def _unknown(sheet: Fiche, found: Structures, published: pd.DataFrame) -> list[str]:
    said = list(found.directory.gaps())
    if found.coverage == "extrait":
        said.append(
            "Nombre d’employeurs de l’ESS et de leurs salariés : seul l’extrait embarqué est "
            "disponible. Pour l’avoir : python -m territory fetch ess, ou fetch sirene."
        )
    else:
        unsized = found.count - found.sized
        if unsized:
            said.append(
                f"Effectif inconnu{NBSP}: {plural(unsized, 'établissement')} sur "
                f"{number(found.count)}."
            )
        if found.doubtful:
            said.append(
                "Appartenance à l’ESS ou emploi de salariés non confirmés, établissements non "
                f"comptés{NBSP}: {number(found.doubtful)}."
            )
    if found.untraded:
        said.append(
            f"Filière inconnue{NBSP}: {plural(found.untraded, 'structure')} sur "
            f"{number(found.count)}."
        )
    if found.presumed:
        said.append(
            f"Filière seulement présumée d’après le code NAF{NBSP}: "
            f"{plural(found.presumed, 'structure')} sur {number(found.count)}."
        )
    if found.wider is None:
        said.append("Structures les plus proches au-delà : la liste s’arrête à ce territoire.")
    elif found.wider.kind == "perimetre":
        said.append(
            "Structures les plus proches au-delà : cherchées dans les seules communes interrogées."
        )
    elif found.wider.departements:
        said.append(
            "Structures les plus proches au-delà : cherchées dans les seuls départements "
            "récupérés."
        )
    said.append("PTCE : relevé non exhaustif, dont l’activité aujourd’hui n’est pas vérifiée.")
    if sheet.territoire.kind in {"departement", "region"} and (
        sheet.territoire.label not in set(published["territoire"])
    ):
        said.append("Total officiel de l’ESS de ce territoire : aucun n’est relevé.")
    return [*said, *sheet.unknown]
