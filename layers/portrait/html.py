"""The portrait as one page of HTML that prints, and asks nothing outside."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from layers.portrait.document import Bars, Document, Section, Table, definitions, document
from layers.portrait.maps import HEIGHT, WIDTH, SmallMap
from territory.portrait import Portrait

#: Rules of the parts, shared with the screen; every class begins with « portrait- ».
STYLE: Final = """
.portrait-cles { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr));
  gap: .8rem; margin: 1.1rem 0 !important; padding: 0 !important; }
.portrait-cles > div { border: 1px solid #dcdfd9; border-radius: 8px; padding: .7rem .9rem; }
.portrait-cles dt, .portrait-cles dd { margin: 0; font-size: .85rem; color: #45555b; }
.portrait-cles dd.valeur { font-size: 1.55rem; font-weight: 650; color: #0b4f5c; line-height: 1.25;
  overflow-wrap: anywhere; }
.portrait-cartes { display: grid; gap: 1.4rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); max-width: 62rem; }
.portrait-cartes figure { margin: 0; break-inside: avoid; max-width: 40rem; }
.portrait-cartes img { display: block; width: 100%; height: auto; border-radius: 6px; }
.portrait-cartes .titre { font-weight: 600; margin: 0 0 .4rem; }
.portrait-legende { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem .9rem;
  margin: .5rem 0 .3rem !important; padding: 0 !important; font-size: .82rem; }
.portrait-legende li { display: flex; align-items: center; gap: .35rem; margin: 0 !important;
  font-size: inherit !important; }
.portrait-legende i { width: .8rem; height: .8rem; border: 1px solid #8a979c; flex: none; }
.portrait-petit, .portrait-cartes figcaption { font-size: .82rem; color: #45555b; }
.portrait-duo { display: grid; gap: .4rem 2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.portrait-barres { width: 100%; border-collapse: collapse; font-size: .9rem; }
.portrait-barres th { text-align: left; font-weight: 400; padding: .15rem .6rem .15rem 0;
  max-width: 14rem; }
.portrait-barres td { padding: .15rem 0; }
.portrait-barres td:nth-child(2) { width: 45%; }
.portrait-barres td:last-child { text-align: right; padding-left: .6rem;
  font-variant-numeric: tabular-nums; }
.portrait-barres i { display: block; height: .85rem; min-width: 2px; border-radius: 0 2px 2px 0;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.portrait-partie { break-inside: avoid; }
.portrait-partie.large { grid-column: 1 / -1; }
.portrait-defile { overflow-x: auto; border: 1px solid #dcdfd9; border-radius: 8px; }
.portrait-defile table { width: 100%; border-collapse: collapse; font-size: .9rem; }
.portrait-defile th, .portrait-defile td { padding: .4rem .7rem; text-align: left;
  border-top: 1px solid #e6e8e3; vertical-align: baseline; }
.portrait-defile thead th { border-top: 0; background: #f0eee7; font-weight: 600;
  vertical-align: bottom; }
.portrait-defile tbody th { font-weight: 400; min-width: 9rem; }
.portrait-defile .n { text-align: right; font-variant-numeric: tabular-nums; }
.portrait-defile td.n { white-space: nowrap; }
.portrait-defile tr { break-inside: avoid; }
@media (max-width: 640px) {
  .portrait-cles { grid-template-columns: 1fr 1fr; }
  .portrait-cles dd.valeur { font-size: 1.25rem; }
  .portrait-defile table, .portrait-barres { font-size: .85rem; }
  .portrait-defile th, .portrait-defile td { padding: .35rem .45rem; }
  .portrait-defile tbody th { min-width: 6.5rem; }
  .portrait-defile td:not(.n) { min-width: 7rem; }
}
"""
_PAGE: Final = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem; max-width: 62rem; color: #1e2b30; background: #fff;
  font: 1rem/1.5 "Source Sans 3", system-ui, "Segoe UI", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; color: #0b4f5c; margin: 0 0 .2rem; text-wrap: balance; }
h2 { font-size: 1.2rem; color: #0b4f5c; margin: 2rem 0 .5rem; break-after: avoid; }
h3 { font-size: 1rem; margin: 1.1rem 0 .4rem; break-after: avoid; }
.essentiel { font-size: 1.12rem; }
.essentiel p { margin: .4rem 0; }
li { margin: .2rem 0; }
summary { cursor: pointer; font-weight: 600; color: #0b4f5c; margin-top: 1.6rem; }
footer { font-size: .85rem; color: #45555b; margin-top: 2rem; }
:focus-visible { outline: 3px solid #c4622d; outline-offset: 2px; }
@media print { body { padding: 0; max-width: none; font-size: 10pt; }
  .portrait-defile { overflow: visible; border: 0; } .portrait-defile table { font-size: 8.5pt; }
  .portrait-defile td.n { white-space: normal; }
  .portrait-cartes { grid-template-columns: 1fr 1fr; }
  .portrait-cles { grid-template-columns: repeat(4, 1fr); } }
@page { size: A4; margin: 16mm 14mm; }
"""


def portrait_html(portrait: Portrait) -> str:
    """Write the page; every text is escaped."""
    made = document(portrait)
    parts = "".join(
        f'<section id="{one.id}"><h2>{escape(one.title)}</h2>{section_html(one)}</section>'
        for one in made.sections
    )
    said = "".join(f"<p>{escape(one)}</p>" for one in made.sentences)
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'; img-src data:\">"
        f"<title>{escape(made.title)}</title><style>{STYLE}{_PAGE}</style></head><body><main>"
        f'<h1>{escape(made.title)}</h1><p class="portrait-petit">{escape(made.date)}.</p>'
        f'<div class="essentiel">{said}</div>{keys_html(made)}{parts}'
        "<details><summary>Tous les chiffres, leur définition et leur source</summary>"
        f"{table_html(definitions(portrait), 3)}</details></main>"
        "<footer>Document produit par Périmètre, logiciel libre, projet indépendant et non "
        "officiel.</footer></body></html>"
    )


def keys_html(made: Document) -> str:
    """Write the figures in large."""
    return '<dl class="portrait-cles">' + "".join(
        f'<div><dt>{escape(one.label)}</dt><dd class="valeur">{escape(one.value)}</dd>'
        f"<dd>{escape(one.under)}</dd></div>" for one in made.keys
    ) + "</dl>"


def section_html(one: Section, level: int = 3) -> str:
    """Write what is under the heading of a section; ``level`` is that of its own headings."""
    texts = "".join(f"<p>{escape(text)}</p>" for text in one.texts)
    if one.items:
        items = "".join(f"<li>{escape(text)}</li>" for text in one.items)
        small = "".join(f'<p class="portrait-petit">{escape(text)}</p>' for text in one.texts)
        return f"<ul>{items}</ul>{small}"
    drawn = "".join(map(_map, one.maps))
    bars = "".join(_bars(chart, level) for chart in one.bars)
    return (
        texts
        + (f'<div class="portrait-cartes">{drawn}</div>' if drawn else "")
        + (f'<div class="portrait-duo">{bars}</div>' if bars else "")
        + "".join(table_html(table, level) for table in one.tables)
    )


def side_by_side_html(maps: Sequence[tuple[str, SmallMap]]) -> str:
    """Write maps of the same classes under the name of their territory, with one legend."""
    pictures = "".join(
        f'<figure><p class="titre">{escape(name)}</p>{_picture(one)}</figure>' for name, one in maps
    )
    # A missing value is in the legend of the maps that have one.
    legend = max((one.legend for _, one in maps), key=len)
    return (
        f'<div class="portrait-cartes portrait-ensemble">{pictures}</div>{_legend(legend)}'
        f'<p class="portrait-petit">{escape(maps[0][1].note)}</p>'
    )


def _picture(one: SmallMap) -> str:
    # As a picture of its own: neither its parts nor its rules meet those of the page.
    drawn = base64.b64encode(one.svg.encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{drawn}" alt="{escape(one.text)}" '
        f'width="{WIDTH:.0f}" height="{HEIGHT:.0f}">'
    )


def _legend(classes: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f'<li><i style="background:{colour}"></i>{escape(label)}</li>' for colour, label in classes
    )
    return f'<ul class="portrait-legende">{items}</ul>'


def _map(one: SmallMap) -> str:
    return (
        f'<figure><p class="titre">{escape(one.title)}</p>{_picture(one)}{_legend(one.legend)}'
        f"<figcaption>{escape(one.note)}</figcaption></figure>"
    )


def _bars(one: Bars, level: int) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td aria-hidden="true">'
        f'<i style="width:{100 * share:.1f}%;background:{colour}"></i></td>'
        f"<td>{escape(value)}</td></tr>"
        for label, share, value, colour in one.rows
    )
    wide = " large" if one.wide else ""
    return (
        f'<div class="portrait-partie{wide}"><h{level}>{escape(one.title)}</h{level}>'
        f'<table class="portrait-barres"><tbody>{rows}</tbody></table></div>'
    )


def table_html(one: Table, level: int) -> str:
    """Write a table under a heading of some level, every text escaped."""
    head = "".join(
        f'<th scope="col"{_side(one, rank)}>{escape(text)}</th>'
        for rank, text in enumerate(one.heads)
    )
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(
            f"<td{_side(one, rank)}>{escape(text)}</td>" for rank, text in enumerate(row) if rank
        ) + "</tr>"
        for row in one.rows
    )
    after = f'<p class="portrait-petit">{escape(one.after)}</p>' if one.after else ""
    return (
        f"<h{level}>{escape(one.title)}</h{level}>"
        f'<div class="portrait-defile" tabindex="0" role="region" aria-label="{escape(one.title)}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{after}"
    )


def _side(one: Table, rank: int) -> str:
    return ' class="n"' if rank in one.numbers else ""
