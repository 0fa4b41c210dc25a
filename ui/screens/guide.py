"""Page « Mode d’emploi »: the user guide of ``docs/``, as it is."""

from pathlib import Path

import streamlit as st

st.markdown((Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8"))
