"""Serves the trial page: ``streamlit run tests/carte_essai/app.py`` from the root."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # the folder of the project

import streamlit as st
from starlette.middleware import Middleware

from tests.carte_essai.tables import ToyTables
from ui.carte.adresses import head_html
from ui.langue import FrenchPage
from ui.routes import routes

app = st.App(
    Path(__file__).parent / "page.py",
    routes=routes(ToyTables(int(os.environ.get("ESSAI_POINTS", "0")))),
    middleware=[Middleware(FrenchPage, head=head_html())],
)
