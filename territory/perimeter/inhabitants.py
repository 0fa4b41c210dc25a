"""Communes a perimeter touches, and how many people live in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely

from territory import communes
from territory.codes import commune_of
from territory.perimeter.extent import areas_km2, clipped, contours_of, possible_communes
from territory.perimeter.operations import Area
from territory.text import number, plural

#: Square metre: what contours and overlays can be trusted for; less is not touching.
_LEAST_KM2: Final = 1e-6


def communes_touched(area: Area) -> pd.DataFrame:
    """Communes a perimeter touches, each with its share.

    Parameters
    ----------
    area
        Where.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``code_insee`` (arrondissements left to their commune), sorted: ``nom``,
        ``code_departement``, ``population`` (municipal, missing where unknown), ``part``
        (``entiere`` or ``partielle``), ``part_surface`` (0 to 1, geodesic areas),
        ``part_population`` (0 to 1), ``population_dedans`` (inhabitants, missing where unknown)
        and ``population_estimee`` (True where the commune is cut: its people are then taken as
        spread evenly over its area).
    """
    codes = np.array(sorted({commune_of(c) for c in possible_communes(area)}), dtype=object)
    contours = contours_of(codes)
    parts = clipped(area, codes, contours)
    share = np.where(shapely.is_empty(parts), 0.0, 1.0)
    # Only a commune that was cut is measured.
    cut = np.flatnonzero([a is not b for a, b in zip(parts, contours, strict=True)])
    cut = cut[~shapely.is_empty(parts[cut])]
    inside, whole = areas_km2(parts[cut]), areas_km2(contours[cut])
    inside[inside < _LEAST_KM2] = 0
    inside[whole - inside < _LEAST_KM2] = whole[whole - inside < _LEAST_KM2]
    share[cut] = inside / whole
    kept = share > 0
    table = communes.table().loc[list(codes[kept]), ["nom", "code_departement", "population"]]
    partial = share[kept] < 1
    people: pd.Series = table["population"].astype("Float64") * share[kept]
    return table.assign(
        part=np.where(partial, "partielle", "entiere"),
        part_surface=share[kept],
        part_population=share[kept],
        population_dedans=people.round().astype("Int64"),
        population_estimee=partial,
    )


@dataclass(frozen=True)
class Population:
    """Inhabitants of a perimeter, municipal population.

    Attributes
    ----------
    known
        Inhabitants of the communes wholly in.
    estimated
        Inhabitants of the parts of the others, by their share of area.
    whole, cut
        Number of communes wholly and partly in.
    unknown
        Communes whose population is unknown, counted in neither sum.
    """

    known: int
    estimated: int
    whole: int
    cut: int
    unknown: int = 0

    @property
    def total(self) -> int:
        """Known and estimated together."""
        return self.known + self.estimated

    def sentence(self) -> str:
        """Say it in French, what is estimated apart."""
        if not self.whole and not self.cut:
            return "Aucune commune n’est touchée par ce périmètre."
        whole = plural(self.whole, "commune entière", "communes entières")
        head = f"Population : {plural(self.known, 'habitant')}"
        if self.cut:
            cut = plural(self.cut, "commune coupée", "communes coupées")
            head = (
                f"Population : environ {plural(self.total, 'habitant')}, dont "
                f"{number(self.known)} dans {whole} et {number(self.estimated)} estimés d’après "
                f"la surface dans {cut}"
            )
        else:
            head += f" dans {whole}"
        if self.unknown:
            head += f" ({plural(self.unknown, 'commune')} de population inconnue)"
        return f"{head}."


def population(table: pd.DataFrame) -> Population:
    """Add up a table of :func:`communes_touched`."""
    partial = table["population_estimee"].to_numpy(dtype=bool)
    people: pd.Series = table["population_dedans"]
    return Population(
        known=int(people[~partial].sum()), estimated=int(people[partial].sum()),
        whole=int((~partial).sum()), cut=int(partial.sum()), unknown=int(people.isna().sum()),
    )
