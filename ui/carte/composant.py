"""Mounting of the map component and reading of its gestures."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from ui.carte.adresses import scripts_url
from ui.carte.vue import MapView

_RADIUS_KM = (0.1, 300.0)
_VERTICES = (3, 200)  # zone.js holds the same bounds


@dataclass(frozen=True)
class MapEvent:
    """The last completed gesture.

    Attributes
    ----------
    kind
        "none" when nothing was ever drawn, "drawn" for a disc (also moved or resized), "shape" for
        a zone drawn by hand, "deleted".
    longitude, latitude
        Centre, degrees, of a disc.
    radius_km
        Radius, kilometres, between 0.1 and 300, of a disc.
    sequence
        Grows with each gesture, also after the map is mounted again; the same event comes back
        at every run until the next one, so compare it with the last one dealt with.
    ring
        Outline of a zone: 3 to 200 vertices (longitude, latitude), degrees, the first one not
        repeated. The map refuses one that crosses itself, a browser that lies does not: check its
        geometry before use.
    """

    kind: Literal["none", "drawn", "shape", "deleted"] = "none"
    longitude: float | None = None
    latitude: float | None = None
    radius_km: float | None = None
    sequence: int = 0
    ring: tuple[tuple[float, float], ...] = ()


@functools.cache
def _component() -> Callable[..., Any]:
    """Register the component on first use, so that importing this module starts no runtime.

    Its style is in the head of the page (:func:`.adresses.head_html`): given here, it would be sent
    again with each view.
    """
    return st.components.v2.component(
        "perimetre_carte",
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
    sequence = _number(message.get("sequence"))
    if sequence is None or sequence <= 0:
        return MapEvent()
    match message.get("type"):
        case "supprime":
            return MapEvent("deleted", sequence=int(sequence))
        case "trace":
            return _disc(message, int(sequence))
        case "zone":
            return _zone(message, int(sequence))
    return MapEvent()


def _disc(message: Mapping[str, object], sequence: int) -> MapEvent:
    centre = _position([message.get("lon"), message.get("lat")])
    radius = _number(message.get("rayon_km"))
    low, high = _RADIUS_KM
    if centre is None or radius is None or not low <= radius <= high:
        return MapEvent()
    return MapEvent("drawn", *centre, radius, sequence)


def _zone(message: Mapping[str, object], sequence: int) -> MapEvent:
    vertices = message.get("anneau")
    low, high = _VERTICES
    if not isinstance(vertices, list | tuple) or not low <= len(vertices) <= high:
        return MapEvent()
    ring = tuple(p for p in map(_position, vertices) if p is not None)
    if len(ring) < len(vertices):
        return MapEvent()
    return MapEvent("shape", sequence=sequence, ring=ring)


def _position(pair: object) -> tuple[float, float] | None:
    """Return (longitude, latitude) when that is what was sent."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        return None
    longitude, latitude = map(_number, pair)
    if longitude is None or latitude is None or abs(longitude) > 180 or abs(latitude) > 90:
        return None
    return longitude, latitude


def _number(value: object) -> float | None:
    """Return a finite number, else None; an integer beyond every float is no number either."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


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
