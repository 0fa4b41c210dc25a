"""The two outside backgrounds the user may choose; neither is asked for by default."""

from __future__ import annotations

from dataclasses import dataclass

from territory import settings

_WMTS = (
    "/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


@dataclass(frozen=True)
class RasterGround:
    """A raster background of an outside service.

    Attributes
    ----------
    nom
        What the user reads.
    tuiles
        Address of a 256-pixel tile, with {z}, {x} and {y}.
    attribution, lien
        Words the service asks for, and the page they lead to.
    zoom_max
        Last zoom the service has.
    """

    nom: str
    tuiles: str
    attribution: str
    lien: str
    zoom_max: int

    def to_data(self) -> dict[str, str | int]:
        """JSON-able description for the component."""
        return dict(vars(self))


GROUNDS: dict[str, RasterGround] = {
    "plan_ign": RasterGround(
        nom="Plan IGN",
        tuiles=settings.load().geoplateforme_url + _WMTS,
        attribution="Plan IGN © IGN – Géoplateforme",
        lien="https://geoservices.ign.fr/",
        zoom_max=18,
    ),
    "osm": RasterGround(
        nom="OpenStreetMap",
        tuiles="https://tile.openstreetmap.org/{z}/{x}/{y}.png",
        attribution="© les contributeurs d’OpenStreetMap (ODbL)",
        lien="https://www.openstreetmap.org/copyright",
        zoom_max=19,
    ),
}
