"""Territories side by side on screen: their choice, the gaps, the table, the maps, the files."""

from __future__ import annotations

import functools
import json
from collections.abc import Hashable
from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from layers.export import FORMATS
from layers.export.metadata import ExportContext
from layers.portrait.document import Table
from layers.portrait.html import STYLE, side_by_side_html, table_html
from layers.portrait.maps import SmallMap, maps
from territory import catalog, communes, comparaison, semblables, territoires
from territory.comparaison import MOST, Comparison
from territory.errors import InvalidInputError
from territory.portrait import THEMES, Portrait
from territory.semblables import Alike
from territory.territoires import Kind, Territoire
from territory.text import NBSP, excerpt, fold, plural, unbreakable
from ui import ecriture, portrait, territoire
from ui.markdown import literal

#: Name of the tab, and key of the tabs it is one of.
TAB: Final = "Comparer"
TABS: Final = "portrait_onglets"

_LEVEL: Final = "comparer_niveau"
_TEXT: Final = "comparer_commune"
_HOMONYM: Final = "comparer_homonyme"
_UNIT: Final = "comparer_unite"
FIELDS: Final = (_LEVEL, _TEXT, _HOMONYM, _UNIT)
_FOUND: Final = "comparer_homonymes"
#: Addresses of the territories beside the chosen one.
_OTHERS: Final = "comparer_avec"
_MESSAGE: Final = "comparer_message"
_PARAMETER: Final = "avec"

_LEVELS: Final[tuple[Kind, ...]] = ("commune", "epci", "departement", "region", "france")
#: Levels that have a rule of likeness.
_ALIKE: Final = ("commune", "epci", "departement")
_PROPOSED: Final = 5
#: Codes of a link that are read: it is untrusted.
_READ: Final = 20

_ABSENT: Final = ' class="absent"'
_STYLE: Final = f"""<style>{STYLE}
.portrait-ensemble {{ grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr));
  max-width: none; gap: 1rem; align-items: end; }}
.comparaison table {{ table-layout: fixed; min-width: 44rem; }}
.comparaison th:first-child {{ width: 24%; }}
.comparaison td {{ white-space: normal; }}
.comparaison td:nth-child(2) {{ font-weight: 400; }}
.comparaison td.absent {{ color: #45555b; font-size: .85rem; }}
.comparaison thead th {{ overflow-wrap: anywhere; }}
.comparaison tbody th[scope="rowgroup"] {{ font-weight: 650; color: #0b4f5c; max-width: none;
  padding-top: .9rem; position: static; }}
@media (max-width: 640px) {{
  .comparaison table {{ min-width: 0; }}
  .comparaison thead {{ position: absolute; clip-path: inset(50%); }}
  .comparaison table, .comparaison tbody, .comparaison tr, .comparaison tbody th,
  .comparaison td {{ display: block; width: auto !important; max-width: none !important;
    border: 0 !important; }}
  .comparaison tr + tr {{ border-top: 1px solid #e6e8e3 !important; }}
  .comparaison tbody th[scope="row"] {{ font-weight: 600; padding-bottom: .1rem; }}
  .comparaison td {{ display: flex; justify-content: space-between; gap: .75rem;
    padding: .05rem .75rem; }}
  .comparaison td::before {{ content: attr(data-label); color: #45555b; text-align: left;
    font-size: .85rem; }}
  .comparaison td:last-child {{ padding-bottom: .5rem; }}
}}
</style>"""


def start() -> None:
    """Read the link once; what it cannot mean is said, and the rest kept."""
    state = st.session_state
    if _OTHERS in state:
        return
    state[_OTHERS], state[_MESSAGE] = [], None
    asked = [text.strip() for text in st.query_params.get(_PARAMETER, "").split(",")]
    asked = [text for text in asked if text][:_READ]
    if not asked:
        return
    state[TABS] = TAB
    kept: list[str] = []
    refused: list[str] = []
    home = st.query_params.get(territoire.PARAMETER, "").strip().upper()
    for text in asked:
        try:
            address = territoires.of_code(text).address
        except InvalidInputError:
            refused.append(text)
            continue
        if address in {home, *kept} or len(kept) == MOST - 1:
            refused.append(text)
        else:
            kept.append(address)
    state[_OTHERS] = kept
    if refused:
        named = ", ".join(f"« {excerpt(text, 20)} »" for text in refused)
        state[_MESSAGE] = (
            f"Lien : laissé de côté, car inconnu, répété ou au-delà de cinq territoires : {named}."
        )


def write_url() -> None:
    """Write the territories beside the chosen one in the address of the page."""
    others = ",".join(st.session_state[_OTHERS])
    if not others:
        st.query_params.pop(_PARAMETER, None)
    elif st.query_params.get(_PARAMETER) != others:
        st.query_params[_PARAMETER] = others


def draw(place: Territoire) -> None:
    """Draw the choice of the others, those that look alike, then the comparison."""
    state = st.session_state
    # The chosen one may since have become one of the others.
    state[_OTHERS] = [one for one in state[_OTHERS] if one != place.address][: MOST - 1]
    others = [territoires.of_code(one) for one in state[_OTHERS]]
    st.html(_STYLE)
    st.markdown(
        f"**{literal(place.label)}** et, à côté, de un à quatre territoires de tout échelon."
    )
    _beside(others)
    if len(others) < MOST - 1:
        _adder()
    else:
        st.caption("Cinq territoires au plus : retirez-en un pour en ajouter un autre.")
    if state.get(_MESSAGE):
        st.warning(literal(state[_MESSAGE]), icon=":material/info:")
    _proposed(place, full=len(others) == MOST - 1)
    if not others:
        return
    try:
        comparaison.check([place, *others])
    except InvalidInputError as error:
        st.warning(literal(error.user_message), icon=":material/info:")
        return
    with st.spinner("Préparation de la comparaison…", show_time=False):
        keys = {one: portrait.key(one) for one in (place, *others)}
        found = comparaison.compare([portrait.made(one, key) for one, key in keys.items()])
        drawn = [_maps(keys[one.territoire], one) for one in found.portraits]
    _result(found, drawn)


def _beside(others: list[Territoire]) -> None:
    if not others:
        return
    with st.container(horizontal=True):
        for one in others:
            st.button(
                literal(one.label), key=f"comparer_retirer_{one.address}",
                icon=":material/close:", help="Retirer de la comparaison.",
                on_click=_leave, args=(one.address,),
            )


def _leave(address: str) -> None:
    state = st.session_state
    state[_MESSAGE] = None
    state[_OTHERS] = [one for one in state[_OTHERS] if one != address]


def _join(address: str) -> None:
    """Put a territory beside the others, once, while there is room."""
    state = st.session_state
    state[_MESSAGE] = None
    current: Territoire | None = state.get(territoire.CURRENT)
    home = "" if current is None else current.address
    if address in {home, *state[_OTHERS]}:
        state[_MESSAGE] = f"{territoires.of_code(address).label} est déjà dans la comparaison."
    elif len(state[_OTHERS]) < MOST - 1:
        state[_OTHERS] = [*state[_OTHERS], address]


def _adder() -> None:
    """Draw the choice of one more: a level, then a name."""
    state = st.session_state
    state.setdefault(_LEVEL, "commune")
    level, name = st.columns([1.6, 1], vertical_alignment="bottom")
    kind: Kind = level.segmented_control(
        "Ajouter", list(_LEVELS), key=_LEVEL, default=state[_LEVEL], required=True,
        format_func=lambda k: territoire.NAMES[k], on_change=_level_changed, wrap=True,
    ) or "commune"
    if kind == "commune":
        state.setdefault(_TEXT, "")
        name.text_input(
            "Commune à ajouter", state[_TEXT], key=_TEXT, on_change=_commune_typed,
            autocomplete="off", placeholder="Nom, code postal ou code Insee",
            icon=":material/search:", max_chars=100,
        )
        if found := state.get(_FOUND):
            st.selectbox(
                f"{len(found)} communes répondent : laquelle ajouter ?", found, index=None,
                key=_HOMONYM, format_func=lambda code: communes.get(code).label,
                on_change=_homonym_chosen, placeholder="Choisir la commune…",
            )
    elif kind == "france":
        name.button("Ajouter la France", icon=":material/add:", on_click=_join, args=("FR",))
    else:
        names = territoire.unit_names(kind)  # type: ignore[arg-type]
        name.selectbox(
            f"{territoire.NAMES[kind]} à ajouter", list(names), key=_UNIT, index=None,
            on_change=_unit_chosen, args=(kind,), format_func=lambda code: names[code],
            placeholder="Choisir…",
        )


def _level_changed() -> None:
    state = st.session_state
    state[_MESSAGE] = state[_FOUND] = None
    state.pop(_UNIT, None)


def _commune_typed() -> None:
    state = st.session_state
    text = (state[_TEXT] or "").strip()
    state[_MESSAGE] = state[_FOUND] = state[_HOMONYM] = None
    if not text:
        return
    found = communes.candidates_for(text)
    if len(found) > 1:
        state[_FOUND] = [commune.code_insee for commune in found[:50]]
        return
    try:
        address = territoires.unit("commune", communes.resolve(text).code_insee).address
    except InvalidInputError as error:
        state[_MESSAGE] = error.user_message
        return
    state[_TEXT] = ""
    _join(address)


def _homonym_chosen() -> None:
    state = st.session_state
    code = state[_HOMONYM]
    if code is not None:
        state[_FOUND], state[_TEXT] = None, ""
        _join(territoires.unit("commune", code).address)


def _unit_chosen(kind: Kind) -> None:
    state = st.session_state
    code = state[_UNIT]
    if code is not None:
        state[_UNIT] = None
        _join(territoires.unit(kind, code).address)


@st.cache_resource(show_spinner=False, max_entries=64)
def _alike(kind: str, code: str) -> Alike:
    return semblables.like(code, kind, _PROPOSED)  # type: ignore[arg-type]


def _proposed(place: Territoire, *, full: bool) -> None:
    """Propose the places most like the chosen one, and say the rule."""
    if place.kind not in _ALIKE:
        return
    try:
        found = _alike(place.kind, place.code)
    except InvalidInputError as error:
        st.caption(literal(error.user_message))
        return
    held = set(st.session_state[_OTHERS])
    with st.expander("Territoires semblables", expanded=not held, icon=":material/join_inner:"):
        with st.container(horizontal=True):
            for row in found.table.to_dict("records"):
                code = str(row["code"])
                label = territoires.unit(place.kind, code).label
                st.button(
                    literal(label), key=f"comparer_semblable_{code}", icon=":material/add:",
                    on_click=_join, args=(code,), disabled=full or code in held,
                )
        for said in (found.sentence(), *found.notes()):
            st.caption(literal(said))


@st.cache_resource(show_spinner=False, max_entries=32)
def _maps(key: Hashable, _found: Portrait) -> tuple[SmallMap, ...]:
    """Draw with the class limits of the communes, whatever is drawn: the same for all."""
    return maps(_found, "commune")


def _result(found: Comparison, drawn: list[tuple[SmallMap, ...]]) -> None:
    for sentence in found.sentences():
        st.markdown(f"**{literal(sentence)}**")
    _files(found)
    st.html(_table(found))
    for note in found.notes():
        st.caption(literal(note))
    for same in zip(*drawn, strict=True):
        st.subheader(literal(same[0].title), anchor=False)
        labels = [place.label for place in found.places]
        st.html(side_by_side_html(list(zip(labels, same, strict=True))))
    if found.unknown:
        with st.expander(f"Inconnu partout : {plural(len(found.unknown), 'chiffre')}",
                         icon=":material/question_mark:"):
            st.markdown(literal(f"{' ; '.join(found.unknown)}."))
    with st.expander("Définition et source de chaque chiffre", icon=":material/menu_book:"):
        st.html(table_html(Table(
            "Chiffres comparés", ("Indicateur", "Définition", "Source", "Millésime", "Licence"),
            tuple((one.label, one.definition, one.source, one.vintage, one.licence)
                  for one in (row.figure for row in found.rows)),
        ), 4))


def _table(found: Comparison) -> str:
    labels = [escape(place.label) for place in found.places]
    head = "".join(f'<th scope="col" role="columnheader">{label}</th>' for label in labels)
    lines, theme = [], ""
    for row in found.rows:
        if not row.known:
            continue
        if row.figure.theme != theme:
            theme = row.figure.theme
            lines.append(
                f'<tr role="row"><th scope="rowgroup" role="rowheader" colspan="{1 + len(labels)}">'
                f"{escape(THEMES[row.figure.theme])}</th></tr>"
            )
        cells = "".join(
            f'<td role="cell" data-label="{label}"{"" if cell.known else _ABSENT}>'
            # A value stays on its line; a reason may be longer than the screen is wide.
            f"{escape(cell.written.replace(' ', NBSP) if cell.known else cell.written)}</td>"
            for label, cell in zip(labels, row.cells, strict=True)
        )
        lines.append(f'<tr role="row"><th scope="row" role="rowheader">{escape(row.figure.label)}'
                     f"</th>{cells}</tr>")
    return (
        '<div class="perimetre-tableau comparaison" tabindex="0" role="region" '
        f'aria-label="{escape(found.title)}"><table role="table"><thead><tr role="row">'
        f'<th scope="col" role="columnheader">Indicateur</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _files(found: Comparison) -> None:
    """Draw the buttons; a file is written when one is pressed."""
    name = f"comparaison-{fold(' '.join(found.names())).replace(' ', '-')}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for form in (FORMATS["xlsx"], FORMATS["csv_excel"], FORMATS["csv"]):
            st.download_button(
                form.label, functools.partial(_content, form.id, found),
                f"{name}.{form.extension}", form.media_type, key=f"comparer_{form.id}",
                icon=":material/download:", on_click="ignore",
                type="primary" if form.id == "xlsx" else "secondary",
            )
        st.download_button(
            "Données (JSON)", functools.partial(_json, found), f"{name}.json", "application/json",
            key="comparer_json", icon=":material/data_object:", on_click="ignore",
        )
        with st.popover("Partager", icon=":material/link:"):
            _link(found)


def _content(form: str, found: Comparison) -> bytes:
    context = ExportContext(
        title=found.title, sources=tuple(catalog.SOURCES[one] for one in found.source_ids),
        notes=(*found.sentences(), *found.notes()), declared=found.columns(),
    )
    return ecriture.write(form, found.table(), context)


def _json(found: Comparison) -> bytes:
    return json.dumps(found.to_json(), ensure_ascii=False, indent=1, allow_nan=False).encode()


def _link(found: Comparison) -> None:
    first, *others = (place.address for place in found.places)
    if not first:
        st.caption(unbreakable("Un périmètre ne tient pas dans ce lien : choisissez un autre "
                               "premier territoire pour partager la comparaison."))
        return
    st.caption("Ce lien rouvre cette comparaison.")
    address = (st.context.url or "").split("?")[0]
    asked = urlencode({territoire.PARAMETER: first, _PARAMETER: ",".join(others)}, safe=",")
    st.code(f"{address}?{asked}", language=None, wrap_lines=True)
