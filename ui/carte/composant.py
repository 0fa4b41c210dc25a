"""Mounting of the map component and reading of its gestures."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui.carte.adresses import STATIC_DIR, scripts_url
from ui.carte.vue import MapView

_RADIUS_KM = (0.1, 300.0)


@dataclass(frozen=True)
class MapEvent:
    """The last completed gesture.

    Attributes
    ----------
    kind
        "none" when nothing was ever drawn, "drawn" (also moved or resized), "deleted".
    longitude, latitude
        Centre, degrees, when drawn.
    radius_km
        Radius, kilometres, between 0.1 and 300, when drawn.
    sequence
        Grows with each gesture, also after the map is mounted again; the same event comes back
        at every run until the next one, so compare it with the last one dealt with.
    """

    kind: Literal["none", "drawn", "deleted"] = "none"
    longitude: float | None = None
    latitude: float | None = None
    radius_km: float | None = None
    sequence: int = 0


@functools.cache
def _component() -> Callable[..., Any]:
    """Register the component on first use, so that importing this module starts no runtime."""
    return st.components.v2.component(
        "perimetre_carte",
        css=(STATIC_DIR / "carte.css").read_text(encoding="utf-8"),
        js=(Path(__file__).parent / "composant.js").read_text(encoding="utf-8"),
        isolate_styles=False,
    )


def gesture(*, key: str = "carte") -> MapEvent:
    """Read the last completed gesture of a map, before mounting it.

    Parameters
    ----------
    key
        The key given to :func:`carte`.

    Returns
    -------
    MapEvent
        Kind "none" when there is nothing, or when what the browser sent makes no sense.
    """
    state = st.session_state.get(key)
    message = state.get("geste") if isinstance(state, Mapping) else None
    return read_gesture(message)


def read_gesture(message: object) -> MapEvent:
    """Turn what the browser sent into an event; the browser is not trusted."""
    if not isinstance(message, Mapping):
        return MapEvent()
    sequence = message.get("sequence")
    if not isinstance(sequence, int | float) or not math.isfinite(sequence) or sequence <= 0:
        return MapEvent()
    if message.get("type") == "supprime":
        return MapEvent("deleted", sequence=int(sequence))
    numbers = [message.get(name) for name in ("lon", "lat", "rayon_km")]
    if message.get("type") != "trace" or not all(
        isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n)
        for n in numbers
    ):
        return MapEvent()
    longitude, latitude, radius = (float(n) for n in numbers if n is not None)
    low, high = _RADIUS_KM
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90 and low <= radius <= high):
        return MapEvent()
    return MapEvent("drawn", longitude, latitude, radius, int(sequence))


def carte(view: MapView, *, key: str = "carte", height: int = 600) -> MapEvent:
    """Mount the map, or give new data to the map mounted under this key.

    Parameters
    ----------
    view
        What it shows.
    key
        Identity of the map; keep it constant.
    height
        Height of the drawing in pixels; on a low screen it takes at most 82 % of the window.

    Returns
    -------
    MapEvent
        The same as :func:`gesture`.
    """
    event = gesture(key=key)
    _component()(
        key=key,
        data={
            **view.to_data(),
            "base": scripts_url(),
            "hauteur": height,
            # Tells the map which gesture this view answers: an older answer is not drawn.
            "accuse": event.sequence,
        },
        on_geste_change=_nothing,
    )
    return event


def _nothing() -> None:
    """Declare the state ``geste`` to Streamlit; it is read by :func:`gesture`."""
