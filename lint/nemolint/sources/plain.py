"""Plain text files, read like Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.sources.markdown import read_document
from nemolint.sources.place import Place

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.sources import Reading


def read(document: Document) -> Reading:
    """Read a text file."""
    return read_document(Place(document, "doc", "txt:md"))
