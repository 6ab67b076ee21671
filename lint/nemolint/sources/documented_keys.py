"""The keys that a page documents: option directives and headings, tables with a column of keys, definition lists.

None of this is a run. `analysis.documented_runs` decides which step a page is about, and which of the names are keys
of it.
"""

from __future__ import annotations

from nemolint.document import Document, Documentation


def read(document: Document) -> Documentation:
    """The keys that a page in Markdown or reStructuredText documents. Other kinds of documents have none."""
    if document.kind == "markdown":
        from nemolint.sources import markdown_keys

        return markdown_keys.read(document)
    if document.kind == "rst":
        from nemolint.sources import rst_keys

        return rst_keys.read(document)
    return Documentation()
