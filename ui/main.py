"""Script that Streamlit runs: page settings, navigation, then the chosen page.

The folder of the pages is not called ``pages``: Streamlit would then serve each of them by itself,
without this script, to whoever opens its address first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from territory.errors import TerritoryError
from ui import onglets
from ui.markdown import literal

_FOOTER: Final = """
<footer class="perimetre-pied">Périmètre, logiciel libre (licence MIT), projet indépendant et non
officiel. Il aide à connaître l’offre avant un achat (<em>sourcing</em>, art. R. 2111-1 du code de
la commande publique) ; la localisation n’est pas un critère d’attribution.</footer>
"""

st.set_page_config(
    page_title="Périmètre",
    page_icon=str(Path(__file__).with_name("icone.svg")),
    layout="wide",
    menu_items={"Get help": None, "Report a bug": None, "About": None},
)

chosen = st.navigation(
    [
        st.Page("screens/explorer.py", title="Explorer", icon=":material/explore:", default=True),
        st.Page("screens/portrait.py", title="Portrait", icon=":material/badge:",
                url_path="portrait"),
        st.Page("screens/circuit.py", title="Circuit court", icon=":material/handshake:",
                url_path="circuit"),
        st.Page("screens/ptce.py", title="Pôles (PTCE)", icon=":material/hub:", url_path="ptce"),
        st.Page("screens/banques.py", title="Accès aux banques", icon=":material/account_balance:",
                url_path="banques"),
        st.Page(
            "screens/evolution.py",
            title="Dans le temps",
            icon=":material/timeline:",
            url_path="evolution",
        ),
        st.Page(
            "screens/epargne.py",
            title="Épargne et crédit",
            icon=":material/savings:",
            url_path="epargne",
        ),
        st.Page(
            "screens/donnees.py",
            title="Données et méthodes",
            icon=":material/database:",
            url_path="donnees",
        ),
        st.Page("screens/guide.py", title="Mode d’emploi", icon=":material/help:",
                url_path="guide"),
    ],
    position="top",
)
onglets.enter(chosen.url_path)
try:
    chosen.run()
except TerritoryError as error:
    # A damaged or missing table: say which, say how to rebuild it, keep the pages reachable.
    st.error(literal(error.user_message), icon=":material/error:")
st.html(_FOOTER)
