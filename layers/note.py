"""The questions to put to the banks as one page of HTML that prints, and asks nothing outside."""

from __future__ import annotations

import datetime as dt
from html import escape

from territory import atlas, fiche
from territory.fiche import Fiche
from territory.questions import SPIRIT, Question
from territory.text import date, unbreakable

_STYLE = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem; max-width: 48rem; color: #1e2b30;
  font: 1rem/1.5 "Source Sans 3", system-ui, "Segoe UI", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.2; color: #0b4f5c; margin: 0 0 .5rem; text-wrap: balance; }
h2 { font-size: 1.15rem; color: #0b4f5c; margin: 1.6rem 0 .4rem; break-after: avoid; }
ol > li { margin: 0 0 .9rem; break-inside: avoid; }
ol > li p { margin: .15rem 0 0; color: #45555b; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .6rem; text-align: right; border-top: 1px solid #cfd6d8;
  vertical-align: top; }
th:first-child { text-align: left; font-weight: 400; }
thead th { font-weight: 600; border: 0; vertical-align: bottom; }
tr { break-inside: avoid; }
footer, .petit { font-size: .85rem; color: #45555b; }
.defile { overflow-x: auto; }
@media print { body { padding: 0; max-width: none; font-size: 10.5pt; } }
@page { size: A4; margin: 18mm 16mm; }
"""


def note_html(sheet: Fiche, questions: list[Question], day: dt.date) -> str:
    """Write the page; every text is escaped."""
    title = f"Questions à poser aux banques : {sheet.territoire.label}"
    asked = "".join(
        f"<li><strong>{_text(one.ask)}</strong><p>{_text(one.because)}</p></li>"
        for one in questions
    )
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{escape(title)}</h1><p>{_text(fiche.headline(sheet))}</p>"
        f'<p class="petit">{_text(SPIRIT)}</p><h2>Questions</h2><ol>{asked}</ol>'
        f"<h2>Les chiffres</h2>{_table(sheet)}"
        f"<h2>Ce que l’on ne sait pas</h2>{_items(sheet.unknown)}"
        f"<h2>Sur quoi reposent ces chiffres</h2>{_items(sheet.notes)}"
        f"</main><footer>Établi le {date(day)} avec Périmètre, logiciel libre, projet indépendant "
        "et non officiel.</footer></body></html>"
    )


def _text(text: str) -> str:
    return escape(unbreakable(text))


def _items(texts: tuple[str, ...]) -> str:
    return f'<ul class="petit">{"".join(f"<li>{_text(text)}</li>" for text in texts)}</ul>'


def _table(sheet: Fiche) -> str:
    heads = "".join(f'<th scope="col">{escape(str(name))}</th>' for name in sheet.beside.columns)
    rows = []
    for figure in sheet.figures:
        cells = "".join(f"<td>{escape(figure.written(value))}</td>"
                        for value in sheet.of(figure).values())
        rows.append(f'<tr><th scope="row">{escape(figure.label)}</th>{cells}</tr>')
    themes = ", ".join(atlas.THEMES.values()).lower()
    return (
        f'<div class="defile"><table><caption class="petit">{escape(themes.capitalize())}'
        f'</caption><thead><tr><th scope="col">Indicateur</th>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
