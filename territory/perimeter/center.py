"""What distances are measured from."""

from __future__ import annotations

from dataclasses import dataclass

from territory import communes
from territory.perimeter.disc import Disc, Placed
from territory.perimeter.isochrone import Isochrone
from territory.text import number


@dataclass(frozen=True)
class RepresentativePoint(Placed):
    """What distances are measured from where a perimeter has neither disc nor departure.

    Attributes
    ----------
    longitude, latitude
        Degrees (EPSG:4326): the reference point of the only commune, else a point inside.
    code_commune
        The only commune of the perimeter, else None.
    """

    longitude: float
    latitude: float
    code_commune: str | None = None

    @property
    def center_label(self) -> str:
        """What it is, in French."""
        if self.code_commune is not None:
            return communes.get(self.code_commune).reference_label
        place = communes.at(self.longitude, self.latitude)
        where = f" à {place.nom}" if place is not None else ""
        return (
            f"point central du périmètre{where} ({number(self.longitude, 4)} ; "
            f"{number(self.latitude, 4)})"
        )


Center = Disc | Isochrone | RepresentativePoint
