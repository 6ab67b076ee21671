"""Lines of a text, and normalised line ends, for all readers."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

    from nemolint.document import Document

Line = tuple[int, int]

# Templates whose tags are neither those of Jinja nor of Go.
_TAGGED = (".ejs", ".erb", ".tftpl")
_FOREIGN_END = lazily(r"\r\n?")


def normal_lines(map: TextMap) -> TextMap:
    """The same text with LF line ends; a CRLF or CR is mapped as an escape."""
    return map.compose(_with_lf(map.text, 0)) if "\r" in map.text else map


def body(document: Document) -> TextMap:
    """A document's text without its BOM, with LF line ends; the tags of ERB and Terraform as those of Jinja."""
    map = _with_lf(document.text, 1 if document.text.startswith("\ufeff") else 0)
    if document.path.lower().endswith(_TAGGED):
        from nemolint.sources.templates import as_jinja

        return as_jinja(map, is_ejs=document.path.lower().endswith(".ejs"))
    return map


def _with_lf(text: str, start: int) -> TextMap:
    if "\r" in text:
        return replaced(text, start, len(text), _FOREIGN_END, "\n")
    return TextMap.identity(text[start:], start)


def replaced(text: str, start: int, end: int, pattern: re.Pattern[str], written: str) -> TextMap:
    """The map of `text[start:end]` to `text`, with matches replaced by `written`."""
    builder = MapBuilder()
    for match in pattern.finditer(text, start, end):
        builder.verbatim(text, start, match.start())
        builder.escape(written, match.start(), match.end() - match.start())
        start = match.end()
    builder.verbatim(text, start, end)
    return builder.build(start)


def unmarked(map: TextMap, pattern: re.Pattern[str]) -> TextMap:
    """The text with each match of `pattern` as its group `text`: markup without its signs."""
    text, start = map.text, 0
    builder = MapBuilder()
    for match in pattern.finditer(text):
        builder.verbatim(text, start, match.start())
        builder.verbatim(text, *match.span("text"))
        start = match.end()
    if not start:
        return map
    builder.verbatim(text, start, len(text))
    return map.compose(builder.build())


def line_spans(text: str) -> list[Line]:
    """The lines of a text with LF line ends, as offsets without the line end."""
    spans: list[Line] = []
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        if end < 0:
            end = len(text)
        spans.append((start, end))
        start = end + 1
    return spans
