"""Tabs, folds and menus, computed when they are open; fields outlive their panel and page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_expander_container import ExpanderContainer
    from streamlit.elements.lib.mutable_popover_container import PopoverContainer
    from streamlit.elements.lib.mutable_tab_container import TabContainer

_PAGE = "page_ouverte"
#: Page → fields of its panels.
_FIELDS = "champs_des_pages"


@dataclass(frozen=True)
class Panel:
    """A tab, a fold or a menu.

    Attributes
    ----------
    name
        Constant: Streamlit forgets which panel is open when a name changes.
    draw
        Draws the content.
    fields
        Keys of its fields whose value must outlive it.
    """

    name: str
    draw: Callable[[], None]
    fields: tuple[str, ...] = ()


def enter(page: str) -> None:
    """Open a page: the fields of the panels of the others keep their values."""
    st.session_state[_PAGE] = page
    for other, fields in st.session_state.get(_FIELDS, {}).items():
        if other != page:
            keep(*fields)


def draw(tabs: list[Panel], key: str) -> None:
    """Draw tabs; the content of a closed one is not computed, and its fields keep their values."""
    for tab, container in zip(
        tabs, st.tabs([tab.name for tab in tabs], key=key, on_change="rerun"), strict=True
    ):
        _draw(tab, container)


def fold(panel: Panel, key: str, icon: str, *, always: bool = False) -> None:
    """Draw a fold; while it is closed its content is not computed, its fields keep their values.

    Parameters
    ----------
    always
        Compute it all the same: something goes on inside.
    """
    _draw(panel, st.expander(panel.name, key=key, icon=icon, on_change="rerun"), always=always)


def menu(panel: Panel, key: str, icon: str) -> None:
    """Draw a button that opens a panel over the page; closed, as :func:`fold`."""
    _draw(panel, st.popover(panel.name, key=key, icon=icon, on_change="rerun"))


def _draw(
    panel: Panel, container: ExpanderContainer | PopoverContainer | TabContainer, *,
    always: bool = False,
) -> None:
    here = st.session_state.get(_PAGE, "")
    st.session_state.setdefault(_FIELDS, {}).setdefault(here, set()).update(panel.fields)
    if container.open or always:
        with container:
            panel.draw()
    else:
        keep(*panel.fields)


def keep(*fields: str) -> None:
    """Keep the values of fields that this run does not draw: Streamlit would forget them."""
    for key in fields:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
