"""The portrait of a territory as a page of HTML and as a PDF, from one document."""

from layers.portrait.document import Document, document
from layers.portrait.html import portrait_html
from layers.portrait.pdf import portrait_pdf

__all__ = ["Document", "document", "portrait_html", "portrait_pdf"]
