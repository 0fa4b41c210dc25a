"""What the live map shows for the state of the page: one function from state to view."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import shapely
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from layers import style, web
from layers.breaks import USUAL, Cut
from layers.legend import legend, to_text
from layers.registry import LAYERS
from territory import catalog, communes, exclusion, settings, stocks
from territory.communes import Level
from territory.directory import Directory, Result, extract
from territory.perimeter import RADIUS_MAX_KM, Disc, Perimeter
from territory.stocks import STOCKS
from territory.suppliers import Criteria
from territory.text import NBSP, number, plural, trimmed
from ui import calcul, carte, indicateurs, search
from ui.carte.annuaires import publish
from ui.markdown import literal

_GROUND = "fond"
_GROUNDS = {
    "contours": "Contours seuls",
    "plan_ign": "Plan IGN (appel extérieur)",
    "osm": "OpenStreetMap (appel extérieur)",
}

#: Suppliers of a bulk list sent to the map, the nearest ones.
_MOST_POINTS = 20_000

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
    """
    perimeter = result and result.perimeter
    directory = result.directory if result else extract()
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
        cercles=carte.Circles(circles, STOCKS[circles].label, STOCKS[circles].short_label)
        if circles else None,
        structures=structures,
        ptce=poles,
        perimetre=ring,
        vue=search.viewpoint(),
        fond=st.session_state.get(_GROUND, "contours"),
    )


def _ring(result: Result) -> carte.Perimeter:
    """Perimeter as the map draws it: a disc the hand can take hold of, else an area."""
    perimeter = result.perimeter
    count = plural(len(result.found), "structure")
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
    )


def _structures(
    perimeter: Perimeter | None,
    criteria: Criteria,
    directory: Directory,
    own: pd.DataFrame | None,
) -> carte.Structures:
    table, key, covered = _around(perimeter, directory)
    rows = [table] if own is None else [table, own]
    present = {family for part in rows for family in part["famille_ess"].unique()}
    markers = {
        family: marker
        for family, marker in web.marker_data(style.FAMILY_STYLE).items()
        if family in present
    }
    mask = None
    if criteria != Criteria():
        mask = carte.bitset(np.concatenate([criteria.mask(part) for part in rows]))
    return carte.Structures(
        {family: carte.MarkerStyle(**marker) for family, marker in markers.items()},
        mask,
        annuaire=key,
        couverture=covered,
        ajouts=None if own is None else web.structure_columns(own),
    )


def _around(
    perimeter: Perimeter | None, directory: Directory
) -> tuple[pd.DataFrame, str | None, tuple[float, float, float] | None]:
    """Rows of a directory the map shows, the key they are fetched under, where they are all."""
    table = directory.index.table
    if perimeter is None or directory.kind == "extrait":
        return table, None, None
    disc = perimeter.disc
    if directory.kind == "perimetre":
        whole = None if disc is None or directory.missing else disc
        return table, publish(directory.key, table), _covered(whole, perimeter)
    # Room to move the circle before asking again; an area is not moved.
    wide = perimeter if disc is None else perimeter.with_radius(
        min(RADIUS_MAX_KM, 2 * disc.radius_km)
    )
    rows, distances, _ = directory.index.within(wide)
    covered = _covered(wide.disc, perimeter)
    if len(rows) > _MOST_POINTS:
        rows = rows[:_MOST_POINTS]
        covered = (*covered[:2], min(covered[2], float(distances[_MOST_POINTS])))
    near = table.iloc[rows]
    place = hashlib.sha256(f"{wide.digest()}|{len(rows)}".encode()).hexdigest()[:12]
    return near, publish(f"{directory.key}-{place}", near), covered


def _covered(disc: Disc | None, perimeter: Perimeter) -> tuple[float, float, float]:
    """Disc (longitude, latitude, kilometres) the map may count in; of no radius without one."""
    if disc is None:
        center = perimeter.centers[0]
        return center.longitude, center.latitude, 0.0
    return disc.longitude, disc.latitude, disc.radius_km


def ground_choice(where: DeltaGenerator) -> None:
    """Draw the choice of background; two of the three call another host and say so."""
    where.selectbox(
        "Fond de carte", list(_GROUNDS), key=_GROUND, format_func=lambda g: _GROUNDS[g]
    )
    if st.session_state[_GROUND] != "contours":
        where.caption("Ce fond charge des images chez un tiers, qui voit votre adresse IP.")


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
    made_of = (exclusion.stamp(settings.load()), calcul.choice(), calcul.weights())
    with st.expander("Légende en texte", icon=":material/format_list_bulleted:"):
        for name in names:
            title, *lines = _legend(name, level, cut, made_of)
            st.markdown(f"**{title}**\n\n" + "\n".join(_bullet(line) for line in lines))
        if circles:
            st.markdown(literal(_circles_in_words(circles, level)))


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
