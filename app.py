"""Entry point: ``streamlit run app.py`` serves the pages of ``ui/`` and our own routes."""

from __future__ import annotations

from pathlib import Path

import pyarrow  # noqa: F401  # first imported here: a first import in a short-lived thread crashes
import streamlit as st
from starlette.middleware import Middleware
from streamlit import net_util

from ui import preload
from ui.carte.adresses import base_path, head_html
from ui.carte.tables import EmbeddedTables
from ui.langue import FrenchPage
from ui.routes import routes
from ui.scripts import CompressedScripts

# Streamlit asks an outside site for this machine's public address, at start and when it meets an
# unknown origin. Nothing is asked outside: name other origins in server.corsAllowedOrigins.
net_util.get_external_ip = lambda: None

preload.start()

app = st.App(
    Path(__file__).parent / "ui" / "main.py",
    routes=routes(EmbeddedTables()),
    middleware=[
        Middleware(CompressedScripts, base=base_path()), Middleware(FrenchPage, head=head_html()),
    ],
)
