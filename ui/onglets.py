"""Tabs of which only the open one is computed, and fields that outlive their tab or page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Tab:
    """One tab.

    Attributes
    ----------
    name
        Constant: Streamlit forgets which tab is open when a name changes.
    draw
        Draws the content.
    fields
        Keys of its fields whose value must outlive it.
    """

    name: str
    draw: Callable[[], None]
    fields: tuple[str, ...] = ()


def draw(tabs: list[Tab], key: str) -> None:
    """Draw tabs; the content of a closed one is not computed, and its fields keep their values."""
    shown = st.tabs([tab.name for tab in tabs], key=key, on_change="rerun")
    for tab, container in zip(tabs, shown, strict=True):
        if container.open:
            with container:
                tab.draw()
        else:
            keep(*tab.fields)


def keep(*fields: str) -> None:
    """Keep the values of fields that this run does not draw: Streamlit would forget them."""
    for key in fields:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
