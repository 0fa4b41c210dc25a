"""The few rules of style that the theme cannot say, and the foot of every page."""

from __future__ import annotations

import streamlit as st

# Streamlit's hint under a field repeats what Enter does; its table toolbar has a CSV button whose
# cells are not made safe for spreadsheets: ours replaces it. Streamlit makes every element paler
# while it answers, which repaints the whole page twice a gesture; a thin bar at the top says it
# instead, for an answer that takes half a second or more (attente.js).
_CSS = """
<style>
[data-testid="InputInstructions"],
[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]),
[data-testid="stElementToolbarButton"]:has([aria-label^="Télécharger en CSV"]) { display: none; }
[data-testid="stElementContainer"], [data-testid="stTabs"] > div > div,
[data-testid="stExpander"] :is(details, summary) {
  opacity: 1 !important; transition: none !important; }
.perimetre-attente { position: fixed; inset: 0 0 auto; z-index: 999999; height: 3px;
  background: #c4622d; transform: scaleX(.9); transform-origin: left; pointer-events: none;
  animation: perimetre-attente 8s cubic-bezier(.1, .7, .3, 1); }
@keyframes perimetre-attente { from { transform: scaleX(0); } }
.stMainBlockContainer { padding: 4rem 2rem 1.5rem; max-width: 100rem; }
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] * {
  color: #45555b !important; opacity: 1 !important; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding-left: .75rem; padding-right: .75rem; }
}
h1 { text-wrap: balance; }
.perimetre-accroche { color: #45555b; margin: -.75rem 0 .25rem; max-width: 60rem; }
.perimetre-compte { font-size: 1.5rem; font-weight: 650; line-height: 1.2; margin: 0; }
.perimetre-phrase { color: #45555b; margin: .15rem 0 .5rem; }
.perimetre-pied { color: #55646a; font-size: .875rem; border-top: 1px solid #cfd3cf;
  padding-top: .75rem; margin-top: 1.5rem; }
.perimetre-tableau { overflow-x: auto; border: 1px solid #dcdfd9; border-radius: 8px; }
.perimetre-tableau table { border-collapse: collapse; width: 100%; font-size: .9rem; }
.perimetre-tableau th, .perimetre-tableau td { padding: .4rem .75rem; text-align: right;
  border-top: 1px solid #e6e8e3; vertical-align: baseline; font-variant-numeric: tabular-nums; }
.perimetre-tableau thead th { border-top: 0; background: #f0eee7; font-weight: 600;
  vertical-align: bottom; min-width: 5.5rem; }
.perimetre-tableau th:first-child { text-align: left; font-weight: 400; min-width: 11rem;
  max-width: 20rem; position: sticky; left: 0; background: #fdfcf8; }
.perimetre-tableau thead th:first-child { font-weight: 600; background: #f0eee7; }
.perimetre-tableau td { white-space: nowrap; }
.perimetre-tableau td:nth-child(2) { font-weight: 650; }
@media (max-width: 640px) { .perimetre-tableau th:first-child { min-width: 8.5rem; } }
.perimetre-textes th, .perimetre-textes td, .perimetre-textes td:nth-child(2) {
  text-align: left; white-space: normal; overflow-wrap: anywhere; }
.perimetre-textes td:nth-child(2) { min-width: 8rem; }
.perimetre-textes td:nth-child(3), .perimetre-textes td.inconnu { color: #45555b; }
.perimetre-textes td.inconnu { font-weight: 400; }
@media (max-width: 640px) {
  .perimetre-textes thead { position: absolute; clip-path: inset(50%); }
  .perimetre-textes table, .perimetre-textes tbody, .perimetre-textes tr,
  .perimetre-textes tbody th, .perimetre-textes td { display: block; max-width: none; border: 0; }
  .perimetre-textes tr + tr { border-top: 1px solid #e6e8e3; }
  .perimetre-textes tbody th { padding-bottom: 0; color: #45555b; }
  .perimetre-textes td { padding-top: 0; padding-bottom: .1rem; }
  .perimetre-textes td:last-child { padding-bottom: .5rem; }
}
a:focus-visible, button:focus-visible, [role="tab"]:focus-visible, summary:focus-visible,
.perimetre-tableau:focus-visible {
  outline: 3px solid #c4622d !important; outline-offset: 2px; }
@media (max-width: 640px) { h1 { font-size: 1.45rem !important; } }
@media (prefers-reduced-motion: reduce) { * { transition: none !important;
  animation: none !important; } }
</style>
"""

_FOOTER = """
<footer class="perimetre-pied">Périmètre, logiciel libre (licence MIT), projet indépendant et non
officiel. Il aide à connaître l’offre avant un achat (<em>sourcing</em>, art. R. 2111-1 du code de
la commande publique) ; la localisation n’est pas un critère d’attribution.</footer>
"""


def apply() -> None:
    """Write the style rules; call once a run."""
    st.html(_CSS)


def footer() -> None:
    """Write the foot of the page."""
    st.html(_FOOTER)
