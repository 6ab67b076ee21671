"""Line ends: what every reader of text does before it looks at lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nemolint.document import MapBuilder, TextMap
from nemolint.pattern import lazily

if TYPE_CHECKING:
    from nemolint.document import Document

_FOREIGN_END = lazily(r"\r\n?")


def normal_lines(map: TextMap) -> TextMap:
    """The same text with lines that end in LF; a CRLF or a CR is an escape of it."""
    return map.compose(_with_lf(map.text, 0)) if "\r" in map.text else map


def body(document: Document) -> TextMap:
    """A document's text without its BOM, with lines that end in LF."""
    return _with_lf(document.text, 1 if document.text.startswith("\ufeff") else 0)


def _with_lf(text: str, start: int) -> TextMap:
    builder = MapBuilder()
    if "\r" in text:
        for match in _FOREIGN_END.finditer(text, start):
            builder.verbatim(text, start, match.start())
            builder.escape("\n", match.start(), len(match.group()))
            start = match.end()
    builder.verbatim(text, start, len(text))
    return builder.build(start)
