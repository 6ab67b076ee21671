"""Plain text files, read like Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.sources.markdown import read_document

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.sources import Reading


def read(document: Document) -> Reading:
    """Read a text file."""
    return read_document(document, "txt:md")
