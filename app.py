"""Entry point: ``streamlit run app.py`` serves the pages of ``ui/`` and our own routes."""

from __future__ import annotations

from pathlib import Path

import pyarrow  # noqa: F401  # first imported here: a first import in a short-lived thread crashes
import streamlit as st
from starlette.middleware import Middleware

from layers.web import classify
from ui.carte.adresses import head_html
from ui.carte.tables import EmbeddedTables
from ui.langue import FrenchPage
from ui.routes import routes

app = st.App(
    Path(__file__).parent / "ui" / "main.py",
    routes=routes(EmbeddedTables(classify)),
    middleware=[Middleware(FrenchPage, head=head_html())],
)
