"""What a portrait shows, part by part: the same document is set as HTML, as PDF and on screen."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from layers.portrait.maps import AID, SmallMap, maps
from layers.style import FAMILY_MARKERS, PERIMETER_STROKE
from territory import catalog, ptce
from territory.catalog import Source
from territory.portrait import Figure, Portrait
from territory.territoires import Territoire
from territory.text import NBSP, capital, date, number, plural, unbreakable

#: Colours of a comparison: the territory, and what it is beside.
MINE: Final = PERIMETER_STROKE.colour
OTHERS: Final = "#9db0b5"
#: Trades and poles that are listed; the file in JSON has them all.
_LISTED: Final = 15
#: Beyond, a structure is another world's: overseas the nearest may be an ocean away.
_FAR_KM: Final = 300.0

_HEADS: Final = {"commune": "Commune", "epci": "EPCI", "departement": "Département",
                 "region": "Région", "france": "France", "perimetre": "Périmètre"}


@dataclass(frozen=True)
class Key:
    """A figure in large: name, value, and a line under it."""

    label: str
    value: str
    under: str


@dataclass(frozen=True)
class Bars:
    """A chart of horizontal bars, whose numbers are written.

    ``rows``: label, share of the longest bar (0 to 1), value as written, colour; ``wide`` takes
    the whole width of a page.
    """

    title: str
    rows: tuple[tuple[str, float, str, str], ...]
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    ``numbers`` are the ranks of the columns set to the right; ``widths`` the shares of the others
    in print, in their order.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    widths: tuple[float, ...] = ()
    after: str = ""


@dataclass(frozen=True)
class Section:
    """A heading and what is under it, in this order."""

    id: str
    title: str
    texts: tuple[str, ...] = ()
    bars: tuple[Bars, ...] = ()
    tables: tuple[Table, ...] = ()
    items: tuple[str, ...] = ()
    maps: tuple[SmallMap, ...] = ()


@dataclass(frozen=True)
class Document:
    """A portrait to be set."""

    title: str
    name: str
    date: str
    sentences: tuple[str, ...]
    keys: tuple[Key, ...]
    sections: tuple[Section, ...]


class _Origins:
    """Numbers the sources of the figures, so that each is written once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, figure: Figure) -> str:
        rank = self._numbers.setdefault(figure.origin, len(self._numbers) + 1)
        return f"[{rank}]"

    def items(self, sources: Iterable[Source]) -> tuple[str, ...]:
        """Origins by number, then the sources that none of them names."""
        named = " ".join(self._numbers)
        return (
            *(f"[{rank}] {capital(origin)}." for origin, rank in self._numbers.items()),
            *(f"{one.title} ({one.producer}){NBSP}: {one.vintage} ; {one.licence}."
              for one in sources if one.attribution not in named),
        )


def document(portrait: Portrait) -> Document:
    """Lay a portrait out; every number is that of the portrait."""
    origins = _Origins()
    name = typographic(portrait.territoire.label)
    keys = _keys(portrait, origins)
    sections = [
        _maps(portrait),
        _employers(portrait, origins),
        _supply(portrait),
        _poles(portrait),
        _banks(portrait, origins),
        Section("inconnu", "Ce que l’on ne sait pas", items=_texts(portrait.unknown)),
        Section("sources", "D’où viennent les chiffres",
                items=_texts(origins.items(map(catalog.SOURCES.__getitem__, portrait.source_ids))),
                texts=_texts(portrait.notes)),
    ]
    return Document(
        f"Portrait{NBSP}: {name}", name, f"Établi le {date(portrait.day)} avec Périmètre",
        _texts(portrait.sentences), keys, tuple(sections),
    )


def definitions(portrait: Portrait) -> Table:
    """Every figure with its definition and origin, for a document one may unfold."""
    rows = tuple(
        (typographic(one.label), one.written, unbreakable(one.definition), unbreakable(one.origin))
        for one in portrait.figures
    )
    return Table("Tous les chiffres", ("Chiffre", "Valeur", "Définition",
                                       "Source, millésime et licence"), rows, (1,))


def typographic(text: object) -> str:
    """Write an outside text with the apostrophe of the documents."""
    return str(text).replace("'", "’")


def _texts(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(unbreakable(typographic(one)) for one in sentences)


def _keys(portrait: Portrait, origins: _Origins) -> tuple[Key, ...]:
    listed = portrait.structures
    people = portrait.figure("population")
    employers = portrait.figure("ess_extrait" if listed.coverage == "extrait" else "ess_employeurs")
    poles, near = portrait.figure("ptce_dedans"), portrait.figure("ptce_30_km")
    minutes = portrait.figure("minutes")
    bank = minutes if minutes.known else portrait.figure(AID)
    rate = portrait.figure("ess_pour_1000")
    under = f"{rate.written} pour 1 000 habitants" if rate.known else rate.why
    if listed.coverage == "extrait":
        under = "un extrait, pas un total"
    return (
        Key(f"Habitants {origins.mark(people)}", people.written,
            plural(len(portrait.territoire.codes), "commune")),
        Key(f"{'Structures de l’extrait' if listed.coverage == 'extrait' else 'Employeurs ESS'} "
            f"{origins.mark(employers)}", employers.written, under),
        Key(f"PTCE relevés {origins.mark(poles)}",
            number(poles.value),
            f"{number(near.value) + ' de plus' if near.value else 'aucun autre'} à "
            f"{ptce.AROUND_KM:g}{NBSP}km"),
        Key(f"{'Temps au guichet' if minutes.known else 'Aides au logement'} "
            f"{origins.mark(bank)}", bank.written if bank.known else "–",
            _france(bank) if bank.known else bank.why or "inconnu"),
    )


def _france(figure: Figure) -> str:
    if "France" not in figure.beside:
        return ""
    return f"France{NBSP}: {figure.other(figure.beside['France'])}"


def _maps(portrait: Portrait) -> Section:
    """Put the maps side by side; a lone one has the comparison of what it shows beside it."""
    drawn = maps(portrait)
    return Section("cartes", "Cartes", bars=_aid(portrait) if len(drawn) == 1 else (), maps=drawn)


def _aid(portrait: Portrait) -> tuple[Bars, ...]:
    return _beside("Habitants couverts par une aide au logement (2022)", portrait.figure(AID),
                   portrait)


def _beside(title: str, figure: Figure, portrait: Portrait) -> tuple[Bars, ...]:
    """Compare a figure with the containing units, those of which it is known."""
    values = {portrait.territoire.label: figure.value, **figure.beside}
    known = {where: value for where, value in values.items() if math.isfinite(value)}
    longest = max(known.values(), default=0.0)
    if portrait.territoire.label not in known or len(known) < 2 or longest <= 0:
        return ()
    return (Bars(title, tuple(
        (typographic(where), value / longest, figure.other(value), MINE if rank == 0 else OTHERS)
        for rank, (where, value) in enumerate(known.items())
    )),)


def _employers(portrait: Portrait, origins: _Origins) -> Section:
    found = portrait.structures
    extract = found.coverage == "extrait"
    marked = portrait.figure("ess_extrait" if extract else "ess_employeurs")
    texts = [f"{found.directory.sentence()} {origins.mark(marked)}"]
    jobs = portrait.figure("ess_emplois")
    if not extract and found.count:
        unsized = int(portrait.figure("ess_sans_effectif").value)
        besides = f" ; effectif inconnu pour {plural(unsized, 'établissement')}" if unsized else ""
        texts.append(
            f"Salariés{NBSP}: {jobs.written}, d’après les tranches d’effectif connues{besides}."
        )
    bars = []
    if len(found.families):
        longest = max(found.families["nombre"].tolist())
        bars.append(Bars(
            "Structures de l’extrait par famille" if extract else "Établissements par famille",
            tuple(
                (row["libelle"], row["nombre"] / longest, _family(row["nombre"], row["emplois"]),
                 FAMILY_MARKERS[row["famille"]].colour)
                for row in found.families.to_dict("records")
            ),
            wide=True,
        ))
    bars += _beside("Établissements pour 1 000 habitants", portrait.figure("ess_pour_1000"),
                    portrait)
    return Section("ess", "Employeurs de l’économie sociale et solidaire", _texts(tuple(texts)),
                   tuple(bars), _published(portrait.published))


def _family(count: int, jobs: float) -> str:
    """Write ``12 (au moins 140 salariés)``."""
    said = number(count)
    if math.isnan(jobs) or not jobs:
        return said
    return f"{said} (au moins {plural(int(jobs), 'salarié')})"


def _published(rows: pd.DataFrame) -> tuple[Table, ...]:
    if rows.empty:
        return ()
    def written(value: float, unit: str = "") -> str:
        if math.isnan(value):
            return "–"
        return number(value, 1 if unit else 0) + (f"{NBSP}{unit}" if unit else "")
    return (Table(
        "Totaux publiés, à ne comparer ni entre eux ni avec la liste",
        ("Territoire", "Année", "Établissements", "Emplois", "Part de l’emploi", "Source"),
        tuple(
            (typographic(row.territoire), str(row.annee or "–"),
             written(float(str(row.etablissements_employeurs))), written(float(str(row.emplois))),
             written(float(str(row.part_emploi_pct)), "%"), typographic(row.source_titre))
            for row in rows.itertuples()
        ),
        (1, 2, 3, 4), (1.0, 2.0),
    ),)


def _supply(portrait: Portrait) -> Section:
    found = portrait.structures
    extract = found.coverage == "extrait"
    texts = []
    if extract:
        texts.append("Dans le seul extrait : l’absence d’une filière n’y veut rien dire.")
    if found.presumed:
        texts.append(
            f"Filière présumée d’après le code NAF pour {plural(found.presumed, 'structure')} sur "
            f"{number(found.count)} : à vérifier auprès d’elles."
        )
    if not len(found.trades):
        texts.append("Aucune filière n’est connue ici.")
    tables = []
    if len(found.trades):
        more = len(found.trades) - _LISTED
        tables.append(Table(
            "Filières présentes", ("Filière", "Structures", "La plus proche au-delà"),
            tuple((str(row.filiere), number(float(str(row.nombre))), _nearest(row))
                  for row in found.trades.head(_LISTED).itertuples()), (1,), (1.0, 2.4),
            f"Et {plural(more, 'autre filière', 'autres filières')}, dans le fichier JSON."
            if more > 0 else "",
        ))
    if len(found.absent):
        tables.append(Table(
            "Filières absentes de l’extrait" if extract else "Filières absentes",
            ("Filière", "Dans l’extrait" if extract else "Dans toute la liste",
             "La plus proche au-delà"),
            tuple((str(row.filiere), number(float(str(row.ailleurs))), _nearest(row))
                  for row in found.absent.itertuples()), (1,), (1.0, 2.4),
        ))
    return Section("offre", "Qui pourrait fournir quoi", _texts(tuple(texts)),
                   tables=tuple(tables))


def _nearest(row: object) -> str:
    km = float(getattr(row, "proche_km", math.nan))
    if math.isnan(km):
        return "inconnue"
    if km > _FAR_KM:
        return f"à plus de {_FAR_KM:g}{NBSP}km"
    return typographic(
        f"{number(km, 1)}{NBSP}km : {getattr(row, 'proche_nom', '')}, "
        f"{getattr(row, 'proche_commune', '')}"
    )


def _poles(portrait: Portrait) -> Section:
    title = "Pôles territoriaux de coopération économique (PTCE)"
    said = ("Relevé non exhaustif : un PTCE « a été nommé ou retenu », son activité aujourd’hui "
            "n’est pas vérifiée.")
    poles = portrait.poles
    # Known by a région only, a pole is anywhere in it: it is counted, not listed.
    vague = ~poles["dedans"] & (poles["niveau"] == "region")
    rows = [_pole(row) for table in (poles[~vague], portrait.poles_near)
            for row in table.head(_LISTED).to_dict("records")]
    more = sum(max(0, len(t) - _LISTED) for t in (poles[~vague], portrait.poles_near))
    after = [
        f"Et {plural(more, 'autre')}, dans le fichier JSON." if more else "",
        f"Connus à la seule échelle de la région{NBSP}: {number(int(vague.sum()))}{NBSP}PTCE."
        if vague.any() else "",
    ]
    if not rows:
        none = (f"Aucun PTCE n’est relevé ici ni à {ptce.AROUND_KM:g}{NBSP}km, à une échelle plus "
                "fine que la région.")
        return Section("ptce", title, _texts((none, *filter(None, after), said)))
    table = Table("PTCE du territoire et alentour", ("PTCE", "Lieu", "Où", "Statut relevé"),
                  tuple(rows), (), (1.2, 1.2, 1.4, 1.4), " ".join(filter(None, after)))
    return Section("ptce", title, _texts((said,)), tables=(table,))


def _pole(row: dict[Hashable, Any]) -> tuple[str, ...]:
    where = row["commune"] if row["niveau"] == "commune" else row["territoire"]
    if "distance_km" in row:
        how = f"à {number(row['distance_km'], 1)}{NBSP}km"
    elif row["dedans"]:
        how = "dans le territoire"
    else:
        scale = {"epci": "de l’EPCI", "departement": "du département"}.get(row["niveau"], "connue")
        how = f"peut-être : connu à l’échelle {scale}"
    texts = (row["nom_court"] or row["nom"], where if isinstance(where, str) else "–", how,
             row["statut_libelle"])
    return tuple(unbreakable(typographic(text)) for text in texts)


def _banks(portrait: Portrait, origins: _Origins) -> Section:
    place = portrait.territoire
    figures = [
        one for one in portrait.figures if one.theme in {"eloignement", "fragilite", "croisement"}
        and (one.known or any(not math.isnan(v) for v in one.beside.values()))
    ]
    near = portrait.around[-1:] if len(portrait.around) < 2 else _chosen(portrait.around)
    rows = []
    for one in figures:
        rank = next((r for unit in near for r in one.ranks if r.where == unit.label), None)
        said = "–" if rank is None else f"{rank.nth(place.kind)} sur {number(rank.among)}"
        rows.append((
            typographic(f"{one.label} {origins.mark(one)}"), one.written,
            *(one.other(one.beside.get(unit.label, math.nan)) for unit in portrait.around), said,
        ))
    heads = ("Chiffre", _HEADS[place.kind], *(_HEADS[unit.kind] for unit in portrait.around),
             f"Rang ({_HEADS[near[0].kind].lower() if near[0].kind != 'france' else 'France'})"
             if near else "Rang")
    texts = []
    if place.kind == "commune":
        options = portrait.sheet.options
        texts.append(
            f"À une fermeture près{NBSP}: {portrait.sheet.closure}. Guichets à 10{NBSP}km à la "
            f"ronde{NBSP}: {'inconnu' if options is None else number(options)}."
        )
    texts.append("Rang 1 : le moins favorable. Les rangs et les évolutions sont ceux de la fiche "
                 "« Accès aux banques ».")
    bars = _beside("Temps estimé au guichet le plus proche", portrait.figure("minutes"), portrait)
    # Without counters the other one is beside the only map.
    bars = (*bars, *_aid(portrait)) if portrait.measured.counters.source_ids else ()
    named = " ; ".join(f"{_HEADS[one.kind]}{NBSP}: {one.label}" for one in portrait.around
                       if one.kind != "france")
    return Section(
        "banques", "Accès aux banques et fragilité", _texts(tuple(texts)), bars,
        (Table("Chiffres comparés", heads, tuple(rows), tuple(range(1, len(heads))),
               after=typographic(f"{named}." if named else "")),),
    )


def _chosen(around: tuple[Territoire, ...]) -> tuple[Territoire, ...]:
    """Choose the unit the rank is told in: the département of a commune, else France."""
    return tuple(one for one in around if one.kind == "departement") or around[-1:]
