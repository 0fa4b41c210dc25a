"""An indicator as a choropleth layer."""

from __future__ import annotations

import functools

import geopandas as gpd

from layers.base import Layer
from layers.style import FAMILY_PALETTE, Classification, classify
from territory import catalog, communes, indicators
from territory.communes import Level


@functools.cache
def classification(indicator_id: str, level: Level = "commune") -> Classification:
    """Classes of an indicator over all units of a level; dark is the worrying end."""
    indicator = indicators.get(indicator_id)
    units = communes.units(level).index
    return classify(
        indicators.values(indicator_id, level).reindex(units),
        palette=FAMILY_PALETTE[indicator.palette],
        unit=indicator.unit,
        decimals=indicator.decimals,
        darkest_low=not indicator.higher_is_worse,
    )


def choropleth(
    indicator_id: str, level: Level = "commune", codes: list[str] | None = None
) -> Layer:
    """Build the layer of an indicator, classes taken over all France.

    Parameters
    ----------
    indicator_id
        Key of ``indicators.INDICATORS``.
    level
        Level of the units.
    codes
        Units kept; all by default.

    Returns
    -------
    Layer
        Simplified contours, EPSG:4326, and columns ``code``, ``nom``, ``valeur``.
    """
    indicator = indicators.get(indicator_id)
    contours = communes.simplified_contours(level)
    if codes is not None:
        contours = contours[contours.index.isin(codes)]
    names = communes.units(level)["nom"].reindex(contours.index)
    values = indicators.values(indicator_id, level).reindex(contours.index)
    table = gpd.GeoDataFrame(
        {"code": contours.index, "nom": names.to_numpy(), "valeur": values.to_numpy()},
        geometry=contours.array,
        crs=4326,
    )
    return Layer(
        id=indicator.id,
        title=indicator.label,
        kind="choropleth",
        table=table,
        key="code",
        name="nom",
        value="valeur",
        classes=classification(indicator_id, level),
        details={"valeur": indicator.short_label},
        attribution=catalog.attribution([indicator.source_id, "communes"]),
        vintage=indicator.vintage,
        sentence=f"{indicator.label}, par {communes.LEVELS[level]}. {indicators.SUPPLY_MISSING}",
    )
