"""What the live map shows for the state of the page: one function from state to view."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
import streamlit as st

from layers import style, web
from layers.breaks import USUAL, Cut
from layers.legend import legend, to_text
from layers.registry import LAYERS
from territory import catalog, communes, settings, stocks
from territory import directory as directories
from territory.communes import Level
from territory.directory import Directory, Result
from territory.national_list import NATIONAL
from territory.perimeter import Perimeter
from territory.stocks import STOCKS
from territory.suppliers import Criteria
from territory.text import NBSP, number, plural, trimmed
from ui import carte, indicateurs, onglets, search
from ui.carte.annuaires import publish
from ui.markdown import literal

GROUND = "fond"
_GROUNDS = {
    "contours": "Contours seuls",
    "plan_ign": "Plan IGN (appel extérieur)",
    "osm": "OpenStreetMap (appel extérieur)",
}

#: Overlay of the page → layers of the registry, for the legend in words.
_LEGENDS = {"structures": ("structures",), "ptce": ("ptce", "ptce_territoires")}


def view(
    result: Result | None,
    criteria: Criteria,
    layers: tuple[str, ...],
    indicator_id: str,
    own: pd.DataFrame | None = None,
    level: Level = "commune",
    cut: Cut = USUAL,
    circles: str = "",
    curtain: carte.Curtain | None = None,
) -> carte.MapView:
    """Describe the map: overlays, indicator, perimeter and where to look.

    Parameters
    ----------
    result
        What was found, None before a perimeter is set.
    criteria
        Filters in force, also before a perimeter is set.
    layers, indicator_id
        Overlays shown, indicator that colours the communes.
    own
        Suppliers of the person's own file.
    level
        Territories that are coloured.
    cut
        How the indicator is cut into classes.
    circles
        Stock drawn as circles, empty for none.
    curtain
        Another vintage beside the indicator.
    """
    perimeter = result and result.perimeter
    directory = result.directory if result else directories.of(None, settings.load())
    sources = ["communes"]
    coloured = structures = poles = ring = None
    if "indicateur" in layers:
        coloured = indicateurs.coloured(indicator_id, level, cut)
        sources += indicateurs.source_ids(indicator_id)
    if "structures" in layers:
        structures = _structures(perimeter, criteria, directory, own)
        sources += directory.source_ids
    if "ptce" in layers:
        marker = style.PTCE_MARKER
        poles = carte.Ptce(carte.MarkerStyle(marker.colour, marker.shape, marker.label))
        sources.append("ptce")
    if circles:
        sources += STOCKS[circles].source_ids
    if result is not None:
        ring = _ring(result)
    return carte.MapView(
        titre="Carte des structures de l’ESS, des PTCE et de la fragilité des communes",
        attribution=catalog.attribution(sources),
        niveau=level,
        choroplethe=coloured,
        rideau=curtain if coloured is not None else None,
        cercles=carte.Circles(circles, STOCKS[circles].label, STOCKS[circles].short_label)
        if circles else None,
        structures=structures,
        ptce=poles,
        perimetre=ring,
        vue=search.viewpoint(),
        fond=st.session_state.get(GROUND, "contours"),
    )


def _ring(result: Result) -> carte.Perimeter:
    """Perimeter as the map draws it: a disc the hand can take hold of, else an area."""
    perimeter = result.perimeter
    count = plural(result.count, "structure")
    disc = perimeter.disc
    if disc is None or search.mode() != "remplace":
        # What is added to or taken from it is drawn anew: nothing to take hold of.
        shapes = shapely.get_parts(perimeter.outline())
        zones = tuple(
            tuple(tuple(ring.coords) for ring in (shape.exterior, *shape.interiors))
            for shape in shapes
        )
        return carte.Perimeter(libelle=count, zones=zones)
    return carte.Perimeter(
        disc.longitude, disc.latitude, disc.radius_km,
        f"{trimmed(disc.radius_km, 1)}{NBSP}km · {count}", tuple(disc.outline().exterior.coords),
        communes=disc.whole_communes,
    )


def _structures(
    perimeter: Perimeter | None,
    criteria: Criteria,
    directory: Directory,
    own: pd.DataFrame | None,
) -> carte.Structures:
    table = directory.index.table
    rows = [table] if own is None else [table, own]
    present = directory.index.families
    if own is not None:
        present |= set(own["famille_ess"])
    markers = {
        family: marker
        for family, marker in web.marker_data(style.FAMILY_STYLE).items()
        if family in present
    }
    twice = None if own is None else _own_sirets(table, own)
    mask = None
    if criteria != Criteria() or (twice is not None and twice.any()):
        kept = [criteria.mask(part) for part in rows]
        if twice is not None:
            kept[0] &= ~twice
        mask = carte.bitset(np.concatenate(kept))
    return carte.Structures(
        {family: carte.MarkerStyle(**marker) for family, marker in markers.items()},
        mask,
        annuaire=None if directory.kind == "extrait" else publish(directory.key, table),
        couverture=_covered(perimeter, directory),
        ajouts=None if own is None else web.structure_columns(own),
    )


def _own_sirets(table: pd.DataFrame, own: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Rows of a list that the person's own file hides, as in :func:`territory.directory.search`."""
    return table["siret"].isin(set(own["siret"]) - {""}).to_numpy(dtype=bool)


def _covered(
    perimeter: Perimeter | None, directory: Directory
) -> tuple[float, float, float] | None:
    """Disc (longitude, latitude, kilometres) the map may count in: where the list is whole.

    None: everywhere. Of no radius where nobody knows of a disc.
    """
    national = any(version.id == NATIONAL for version in directory.tables)
    if perimeter is None or directory.kind == "extrait" or national:
        return None
    disc = perimeter.disc
    if disc is None or directory.missing:
        center = perimeter.centers[0]
        return center.longitude, center.latitude, 0.0
    return disc.longitude, disc.latitude, disc.radius_km


def ground_choice() -> None:
    """Draw the choice of background; two of the three call another host and say so."""
    grounds = list(_GROUNDS)
    chosen = st.selectbox(
        "Fond de carte", grounds, key=GROUND, format_func=lambda g: _GROUNDS[g],
        index=grounds.index(st.session_state.get(GROUND, grounds[0])),
    )
    if chosen != "contours":
        st.caption("Ce fond charge des images chez un tiers, qui voit votre adresse IP.")


def legend_as_text(
    indicator_id: str,
    layers: tuple[str, ...],
    level: Level,
    cut: Cut = USUAL,
    circles: str = "",
) -> None:
    """Write the legend in words, for those who do not see the map."""
    names = [indicator_id] if "indicateur" in layers else []
    for overlay, shown in _LEGENDS.items():
        names += shown if overlay in layers else ()

    def draw() -> None:
        for name in names:
            title, *lines = _legend(name, level, cut, indicateurs.stamp(name))
            st.markdown(f"**{title}**\n\n" + "\n".join(_bullet(line) for line in lines))
        if circles:
            st.markdown(literal(_circles_in_words(circles, level)))

    onglets.fold(onglets.Panel("Légende en texte", draw), key="legende_en_texte",
                 icon=":material/format_list_bulleted:")


def warm() -> None:
    """Read what the legends of the first screen count."""
    indicator = indicateurs.without_contours(indicateurs.default(), "commune", USUAL)
    for layer in (indicator, *(LAYERS[name]() for shown in _LEGENDS.values() for name in shown)):
        legend(layer)


def _circles_in_words(circles: str, level: Level) -> str:
    """Say what circles are and which is the largest."""
    values = stocks.values(circles, level)
    largest = values.idxmax()
    name = communes.units(level)["nom"][largest]
    return (
        f"Cercles : {STOCKS[circles].label}, surface proportionnelle à la valeur. Le plus grand : "
        f"{name}, {number(values[largest])}. Sans donnée : "
        f"{plural(int(len(communes.units(level)) - values.notna().sum()), 'territoire')}."
    )


@st.cache_data(show_spinner=False, max_entries=64)
def _legend(name: str, level: Level, cut: Cut, made_of: object) -> list[str]:
    """Write once; ``made_of`` changes with what the values are computed from."""
    layer = (
        indicateurs.without_contours(name, level, cut) if name in indicateurs.IDS
        else LAYERS[name]()
    )
    return to_text(legend(layer)).splitlines()


def _bullet(line: str) -> str:
    return f"- {line.removeprefix('– ')}" if line.startswith("– ") else f"\n{line}"
