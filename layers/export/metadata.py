"""What every exported file says of itself: title, perimeter, criteria, sources, licences, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from territory import __version__
from territory.catalog import Source
from territory.schemas import Column, columns_of
from territory.text import date


@dataclass(frozen=True)
class ExportContext:
    """Where a table comes from.

    Attributes
    ----------
    title
        One French sentence: what the table is.
    sources
        Sources of its rows.
    perimeter_sentence, criteria_sentence
        What was asked, in French; empty when it does not apply.
    generated
        Day of the export.
    notes
        Further French sentences (limits, what an extract is).
    declared
        Declarations of columns that no schema knows (indicators).
    """

    title: str
    sources: tuple[Source, ...] = ()
    perimeter_sentence: str = ""
    criteria_sentence: str = ""
    generated: dt.date = field(default_factory=dt.date.today)
    notes: tuple[str, ...] = ()
    declared: tuple[Column, ...] = ()

    def columns(self, names: Iterable[str]) -> list[Column]:
        """Return the declarations of columns, in order: this context's, else the schemas'."""
        own = {column.name: column for column in self.declared}
        return [own.get(column.name, column) for column in columns_of(names)]

    def lines(self) -> list[tuple[str, str]]:
        """Label and text, in reading order; no empty text."""
        rows = [
            ("Contenu", self.title),
            ("Périmètre", self.perimeter_sentence),
            ("Filtres", self.criteria_sentence or ("aucun" if self.perimeter_sentence else "")),
            ("Exporté le", date(self.generated)),
            ("Logiciel", f"Périmètre {__version__}"),
            *(("Remarque", note) for note in self.notes),
        ]
        for source in self.sources:
            rows += [
                ("Source", f"{source.producer} : {source.title}"),
                ("Millésime", source.vintage),
                ("Licence", source.licence),
                ("Mention à reprendre", source.attribution),
                ("Ce qui manque", source.missing),
            ]
        return [(label, text) for label, text in rows if text]

    def description(self) -> str:
        """Everything as one text, for formats that have a description field."""
        return "\n".join(f"{label} : {text}" for label, text in self.lines())
