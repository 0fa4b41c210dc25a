"""The page of a standalone map: title, map, legends, lists, and where the figures come from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from layers.base import Layer
from layers.legend import legend, to_html
from layers.reading import rows_as_text
from layers.style import ABSENT_COLOUR, SEA, Categories
from territory.text import NBSP, number, plural

#: Rows written in each list; beyond, the exported file is the place to look.
MAX_LISTED: Final = 300

#: No request of any kind may leave the page, whatever its texts contain.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
)

#: Pattern of a missing value, referred to by ``url(#hachures)``.
HATCHING: Final = (
    '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="hachures" width="6" height="6" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{ABSENT_COLOUR}"/>'
    '<path d="M0 0V6" stroke="#8a979c" stroke-width="2"/></pattern></defs></svg>'
)

STYLE: Final = f"""
.leaflet-container {{ background: {SEA}; font: inherit; }}
.leaflet-control-layers, .leaflet-control-attribution, .leaflet-control-scale {{
  font-size: .8rem; }}
.leaflet-control-layers-expanded {{ max-width: 17rem; }}
.leaflet-tooltip table {{ border-collapse: collapse; }}
.leaflet-tooltip th {{ text-align: left; font-weight: 400; color: #4b5f66; padding-right: .8em; }}
.leaflet-tooltip td {{ white-space: normal; max-width: 18rem; }}
.leaflet-tooltip {{ white-space: normal; min-width: 12rem; font-size: .85rem; }}
.signe svg {{ display: block; filter: drop-shadow(0 1px 1px rgba(0, 0, 0, .35)); }}
.legende h3 {{ font-size: .95rem; margin: 0 0 .4rem; line-height: 1.3; }}
.legende ul {{ list-style: none; margin: 0; padding: 0; }}
.legende li {{ display: grid; grid-template-columns: 16px 1fr auto; gap: .6rem;
  align-items: center; padding: .14rem 0; }}
.legende .origine {{ margin-top: .45rem; font-size: .8rem; color: #4b5f66; }}
.legende .origine summary {{ cursor: pointer; padding: 0; font-weight: 400; }}
.legende .origine p {{ font-size: inherit; }}
.legende small {{ color: #4b5f66; font-variant-numeric: tabular-nums; }}
.legende p {{ margin: .4rem 0 0; font-size: .82rem; color: #4b5f66; }}
.cache {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }}
.croisement {{ border-collapse: collapse; margin: 0 0 .5rem; font-size: .78rem; line-height: 1.2; }}
.croisement th {{ font-weight: 400; padding: .1rem .2rem; max-width: 4.4rem; }}
.croisement th[scope=col] {{ vertical-align: bottom; }}
.croisement th[scope=row] {{ text-align: right; }}
.croisement th[scope=colgroup], .croisement .montant {{ max-width: none; font-weight: 600; }}
.croisement .montant > span {{ writing-mode: vertical-rl; transform: rotate(180deg); }}
.croisement td {{ position: relative; padding: .1rem; text-align: center; }}
.croisement td svg {{ display: block; margin: 0 auto; }}
.volante {{ position: absolute; z-index: 1000; bottom: 24px; left: 10px; width: 17rem;
  max-height: 70%; overflow: auto; padding: .7rem .9rem; background: #fffe; border-radius: 6px;
  font: .8rem/1.4 system-ui, sans-serif; color: #1e2b30; }}
.volante .legende + .legende {{ margin-top: .9rem; }}
"""

_PAGE_STYLE: Final = """
* { box-sizing: border-box; }
body { margin: 0; background: #f4f2ed; color: #1e2b30;
  font: 1rem/1.5 "Source Sans 3", system-ui, "Segoe UI", sans-serif; }
header, main, footer { max-width: 84rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.6rem; }
h1 { margin: 0; font-size: 1.65rem; line-height: 1.2; color: #0b4f5c; text-wrap: balance; }
header p { margin: .4rem 0 1.1rem; max-width: 60rem; }
.vue { display: grid; grid-template-columns: minmax(0, 1fr) 19rem; gap: 1.2rem; }
.carte { min-height: max(72vh, 26rem); border: 1px solid #cfd6d8;
  border-radius: 8px; overflow: hidden; }
.carte { position: relative; }
.folium-map { position: absolute; inset: 0; }
.legendes { display: grid; gap: 1rem; align-content: start; }
.legendes .legende { padding: .9rem 1rem; background: #fff; border: 1px solid #dfe3e3;
  border-radius: 8px; font-size: .9rem; }
main > details { margin-top: 1.2rem; background: #fff; border: 1px solid #dfe3e3;
  border-radius: 8px; }
summary { padding: .8rem 1rem; font-weight: 600; cursor: pointer; }
.lu { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
summary:focus-visible, .liste:focus-visible { outline: 3px solid #0b4f5c; outline-offset: 2px; }
.liste { overflow-x: auto; }
table.rangees { width: 100%; border-collapse: collapse; font-size: .9rem; }
.rangees th, .rangees td { padding: .45rem 1rem; text-align: left; vertical-align: top;
  border-top: 1px solid #e6e9e9; }
.rangees th { background: #eef2f2; white-space: nowrap; }
.reste { margin: 0; padding: .8rem 1rem; color: #4b5f66; }
footer { margin-top: 1.4rem; padding-bottom: 2rem; font-size: .85rem; color: #4b5f66; }
@media (max-width: 60rem) {
  header, main, footer { padding-left: .9rem; padding-right: .9rem; }
  .vue { grid-template-columns: minmax(0, 1fr); }
  .carte { height: 62vh; min-height: 20rem; }
}
@media print { .carte { min-height: 16cm; } details { break-inside: avoid; } }
"""


def page(
    layers: Sequence[Layer],
    *,
    title: str,
    sentence: str,
    map_html: str,
    styles: str,
    scripts: Sequence[str],
) -> str:
    """Write the page.

    Parameters
    ----------
    layers : sequence of Layer
        Those with labels get a legend and a list.
    title, sentence : str
        Raw text.
    map_html, styles, scripts : str, str, sequence of str
        The map's element, style sheet and scripts, already safe.
    """
    described = [layer for layer in layers if layer.labels]
    legends = "".join(to_html(legend(layer)) for layer in reversed(described))
    lists = "".join(_list(layer) for layer in reversed(described))
    elements = "".join(f"<script>{script}</script>" for script in scripts)
    # Layers share sources: each is named once.
    origins = dict.fromkeys(part for layer in layers for part in layer.attribution.split(" · "))
    return f"""<!DOCTYPE html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{styles}{STYLE}{_PAGE_STYLE}</style>
</head>
<body>
{HATCHING}
<header><h1>{escape(title)}</h1><p>{escape(sentence)}</p></header>
<main>
<div class="vue">
<div class="carte" role="region" aria-label="Carte : {escape(title)}">{map_html}</div>
<div class="legendes"><h2 class="lu">Légende</h2>{legends}</div>
</div>
<h2 class="lu">Listes</h2>
{lists}
</main>
<footer><p>{escape(" · ".join(origins))}.</p>
<p>Document produit par Périmètre, projet indépendant, non officiel. Distances à vol d’oiseau.</p>
</footer>
{elements}
</body>
</html>
"""


def _list(layer: Layer) -> str:
    """One foldable table; the points, which are what one looks for, come unfolded."""
    texts = rows_as_text(layer)
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in texts.columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>"
        for row in texts.head(MAX_LISTED).itertuples(index=False, name=None)
    )
    rest = len(texts) - MAX_LISTED
    more = ""
    if rest > 0:
        more = (
            f'<p class="reste">… et {plural(rest, "autre ligne", "autres lignes")} : '
            "le tableau complet s’obtient par les exports.</p>"
        )
    opened = " open" if isinstance(layer.style, Categories) else ""
    title = escape(layer.title)
    return (
        f"<details{opened}><summary>{title}{NBSP}: {number(len(texts))}</summary>"
        f'<div class="liste" tabindex="0" role="region" aria-label="{title}">'
        f'<table class="rangees"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{more}</details>"
    )
