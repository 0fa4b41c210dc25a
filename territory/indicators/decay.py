"""Weights of distance in a floating catchment area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from territory.errors import InvalidInputError
from territory.geo import Array
from territory.indicators.sites import positive


class Decay(Protocol):
    """Weight of a distance in a catchment area; zero beyond ``radius_km``."""

    @property
    def radius_km(self) -> float:
        """Radius of the catchment area, kilometres."""

    def __call__(self, km: Array) -> Array:
        """Weights, same shape as the distances."""


@dataclass(frozen=True)
class Rings:
    """Step function: ``weights[r]`` up to ``limits_km[r]`` included (Luo and Qi 2009).

    The default weights are those of PySAL ``access`` (1, 0.68, 0.22), over 5, 10 and 20 km.
    """

    limits_km: tuple[float, ...] = (5.0, 10.0, 20.0)
    weights: tuple[float, ...] = (1.0, 0.68, 0.22)

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip((0.0, *self.limits_km), self.limits_km, strict=False))
        falling = all(a >= b for a, b in zip(self.weights, (*self.weights[1:], 0.0), strict=True))
        if not self.limits_km or len(self.limits_km) != len(self.weights) or not (
            rising and falling
        ):
            msg = (
                "Les couronnes vont du plus près au plus loin, avec autant de poids, positifs et "
                "qui ne remontent pas."
            )
            raise InvalidInputError(msg)

    @property
    def radius_km(self) -> float:
        """Outer limit."""
        return self.limits_km[-1]

    def __call__(self, km: Array) -> Array:
        """Weight of the ring each distance falls in."""
        return np.array([*self.weights, 0.0])[np.searchsorted(self.limits_km, km, side="left")]


@dataclass(frozen=True)
class Gaussian:
    """Truncated Gaussian: ``W(d) = (exp(-(d/D)²/2) - exp(-1/2)) / (1 - exp(-1/2))``, 0 beyond D."""

    radius_km: float = 20.0

    def __post_init__(self) -> None:
        positive(self.radius_km, "Le rayon")

    def __call__(self, km: Array) -> Array:
        """Weights from 1 at the place to 0 at the radius."""
        edge = np.exp(-0.5)
        shape = (np.exp(-0.5 * (km / self.radius_km) ** 2) - edge) / (1 - edge)
        return np.where(km <= self.radius_km, shape, 0.0)


#: The default catchment.
RINGS = Rings()
