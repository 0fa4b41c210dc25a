"""Tabs of which only the open one is computed, and fields that outlive their tab or page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

_PAGE = "page_ouverte"
#: Page → fields of its tabs.
_FIELDS = "champs_des_pages"


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


def enter(page: str) -> None:
    """Open a page: the fields of the tabs of the others keep their values."""
    st.session_state[_PAGE] = page
    for other, fields in st.session_state.get(_FIELDS, {}).items():
        if other != page:
            keep(*fields)


def draw(tabs: list[Tab], key: str) -> None:
    """Draw tabs; the content of a closed one is not computed, and its fields keep their values."""
    here = st.session_state.get(_PAGE, "")
    pages = st.session_state.setdefault(_FIELDS, {})
    pages[here] = pages.get(here, set()).union(*(tab.fields for tab in tabs))
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
