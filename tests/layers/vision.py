"""How far apart colours look, to everyone and to those who see two primaries only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Linear RGB as a dichromat sees it: Machado, Oliveira and Fernandes (2009), severity 1.
VISIONS: Final[dict[str, Array]] = {
    "trichromate": np.eye(3),
    "protanope": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deutéranope": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "tritanope": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
}

#: Linear sRGB to CIE XYZ, and its white (D65, IEC 61966-2-1).
_XYZ: Final = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])


def rgb(colours: Sequence[str]) -> Array:
    """sRGB of ``#rrggbb`` texts, 0 to 1, shape (n, 3)."""
    return np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255


def lab(srgb: Array, vision: str = "trichromate") -> Array:
    """CIE L*a*b* (D65) of sRGB colours as a vision perceives them, shape (n, 3)."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ VISIONS[vision].T, 0, 1)
    ratios = (seen @ _XYZ.T) / _XYZ.sum(axis=1)
    f = np.where(ratios > (6 / 29) ** 3, np.cbrt(ratios), ratios * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )


def ciede2000(one: Array, other: Array) -> Array:
    """Difference of L*a*b* colours, CIE DE2000 as Sharma, Wu and Dalal (2005) write it."""
    mean_chroma = (np.hypot(one[..., 1], one[..., 2]) + np.hypot(other[..., 1], other[..., 2])) / 2
    g = 1.5 - 0.5 * np.sqrt(mean_chroma**7 / (mean_chroma**7 + 25.0**7))
    a1, a2 = one[..., 1] * g, other[..., 1] * g
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(other[..., 2], a2)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0.0, (h2 - h1 + 180) % 360 - 180)
    hue = np.where(
        grey, h1 + h2,
        np.where(np.abs(h1 - h2) <= 180, (h1 + h2) / 2,
                 np.where(h1 + h2 < 360, (h1 + h2 + 360) / 2, (h1 + h2 - 360) / 2)),
    )
    light, chroma = (one[..., 0] + other[..., 0]) / 2, (c1 + c2) / 2
    wave = [np.cos(np.radians(k * hue - shift)) for k, shift in ((1, 30), (2, 0), (3, -6), (4, 63))]
    t = 1 - 0.17 * wave[0] + 0.24 * wave[1] + 0.32 * wave[2] - 0.20 * wave[3]
    s_light = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_chroma, s_hue = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    spread = 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    rotation = -spread * np.sin(np.radians(60 * np.exp(-(((hue - 275) / 25) ** 2))))
    d_light = (other[..., 0] - one[..., 0]) / s_light
    d_chroma = (c2 - c1) / s_chroma
    d_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / s_hue
    return np.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + rotation * d_chroma * d_hue)


def distances(colours: Array, vision: str = "trichromate") -> Array:
    """Difference of every two colours (sRGB), shape (n, n)."""
    seen = lab(colours, vision)
    return ciede2000(seen[:, None], seen[None, :])
