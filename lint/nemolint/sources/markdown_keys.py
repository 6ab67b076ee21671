"""The keys that a page in Markdown documents: headings, option directives, tables, definition lists."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.key_collector import (
    BETWEEN,
    MOST_ABOUT,
    PLAIN_WORD,
    KeyCollector,
    key_columns,
    list_table,
    plain_key,
)
from nemolint.sources.lines import body, replaced
from nemolint.sources.markdown_events import added, front_matter, parse
from nemolint.sources.myst import body_start, parse_info

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nemolint.document import Document, Documentation

_CELL_ESCAPE = lazily(r"\\\|")
_CODE_TAG = lazily(r"<(/?)code\b[^<>]*>", re.IGNORECASE)
_OPTION = lazily(r"\{option\}[ \t]*")
_SUBJECT = lazily(r"^(?:title|description|sidebar[-_]?(?:title|label))[ \t]*[:=](.*)$", re.MULTILINE | re.IGNORECASE)
_PLAIN_TERM = lazily(rf"^[ \t>]*(?P<term>{PLAIN_WORD})[ \t]*\n(?:[ \t>]*\n)?[ \t>]*:[ \t]+", re.MULTILINE)
# What may stand before a term: marks of quotes and lists.
_LEAD = lazily(r"[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?")
# The rest of a term's line and what begins its definition.
_DEFINITION = lazily(r"[ \t]*\n(?:[ \t>]*\n)?[ \t>]*:[ \t]+")
_SECTION_END = lazily(r"\n[ \t>]*(?:#{1,6}[ \t]|---[ \t]*\n)")
_DEFINITION_LINE = lazily(r"^[ \t>]*:[ \t]", re.MULTILINE)
# The end of a definition: that of the paragraph, or the next term.
_PARAGRAPH_END = lazily(r"\n[ \t>]*(?:\n|\Z)|\n[^\n]*\n[ \t>]*:[ \t]")
_HTML_TABLE = lazily(r"<!--.*?(?:-->|\Z)|(?P<table><table\b.*?(?:</table\s*>|\Z))", re.IGNORECASE | re.DOTALL)
_HTML_ROW = lazily(r"<tr\b[^<>]*>(.*?)(?=<tr\b|</tr\s*>|</table\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HTML_CELL = lazily(r"<t[hd]\b[^<>]*>(.*?)(?=<t[hd]\b|</t[hd]\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_HTML_CODE = lazily(r"<code\b[^<>]*>([^<>]*)</code\s*>", re.IGNORECASE)
_HTML_TAG = lazily(r"<[^<>]*>")
_MAX_DEPTH = 5
_MOST_GAP = 100


def read(document: Document) -> Documentation:
    """The keys that a page in Markdown documents."""
    collector = KeyCollector(document)
    map = body(document)
    front = front_matter(map.text)
    if front is not None:
        collector.subjects += (match[1] for match in _SUBJECT.finditer(front[2]))
        map = map.slice(front.end(), len(map.text))
    try:
        _MarkdownPage(map, collector, is_mdx=document.path.lower().endswith(".mdx")).read()
    except BaseException as error:
        # A panic of the parser is not an Exception. Who reads the page for its runs reports it.
        if type(error).__name__ != "PanicException":
            raise
    return collector.result()


class _MarkdownPage:
    """Goes through a Markdown text."""

    def __init__(self, map: TextMap, collector: KeyCollector, *, is_mdx: bool, depth: int = 0) -> None:
        self._map = map
        self._text = map.text
        self._collector = collector
        self._is_mdx = is_mdx
        self._depth = depth
        # The code that the last heading consists of, up to the next block.
        self._titles: list[tuple[str, tuple[int, int]]] = []

    def read(self) -> None:
        self._map, events = parse(self._map, is_mdx=self._is_mdx)
        self._text = self._map.text
        self._events = events
        for event, span in events:
            # Most events are of no interest: skip these first.
            if isinstance(event, str):
                continue
            name, value = next(iter(event.items()))
            if name == "Text" or name == "End":
                continue
            tag = value if value.__class__ is str else next(iter(value))
            if self._titles and tag != "CodeBlock":
                self._key_heading(None)
            if name == "Code":
                self._term(*events.offsets(span))
            elif tag == "Paragraph":
                self._paragraph(*events.offsets(span))
            elif tag == "Heading":
                self._heading(events.offsets(span)[0])
            elif tag == "Table":
                self._table()
            elif tag == "CodeBlock":
                self._block(value["CodeBlock"], events.offsets(span)[0])
            elif tag == "HtmlBlock":
                self._html(events.offsets(span))
        if self._titles:
            self._key_heading(None)

    def _paragraph(self, start: int, end: int) -> None:
        # What a definition says is about its term alone.
        defines = _DEFINITION_LINE.search(self._text, start, end) is not None
        self._collector.paragraph("" if defines else self._text[start:end])
        # The definition may be the next paragraph.
        for found in _PLAIN_TERM.finditer(self._text, start, min(end + _MOST_GAP, len(self._text))):
            if found.start() < end:
                self._define(self._map.slice(*found.span("term")), found.end())

    def _heading(self, start: int) -> None:
        parts: list[tuple[str, tuple[int, int]]] = []
        is_code = True
        for event, span in self._events:
            if isinstance(event, str):
                continue
            name, value = next(iter(event.items()))
            if name == "End" and "Heading" in value:
                break
            if name in ("Text", "Code"):
                parts.append((value, self._events.offsets(span)))
                is_code = is_code and name == "Code"
        if is_code and len(parts) == 1 and self._text.startswith("#", start):
            self._titles = parts
        else:
            self._collector.heading("".join(text for text, _ in parts))

    def _key_heading(self, signature: TextMap | None) -> None:
        """Read a heading that is one code span. `signature` is the text of a block of code right below it.

        Some converters shorten a dotted key to its last part in the heading, and write it in full in such a block.
        """
        ((title, span),) = self._titles
        self._titles = []
        about = self._up_to(_SECTION_END, span[1])
        code = self._code(*span)
        self._collector.paragraph("")
        if signature is not None and signature.text.rstrip().endswith(f".{title}"):
            code = signature.slice(0, len(signature.text.rstrip()))
        if not self._collector.add(code, "md:heading", override=False, about=about):
            self._collector.heading(title)

    def _table(self) -> None:
        self._collector.table()
        columns: dict[int, bool] = {}
        titles: list[str] = []
        codes: dict[int, list[TextMap]] = {}
        in_head = True
        at = begin = 0
        for event, span in self._events:
            if isinstance(event, str):
                continue
            name, value = next(iter(event.items()))
            if name == "Start":
                if value == "TableCell":
                    if in_head or at in columns:
                        title, found = self._cell()
                        titles.append(title)
                        codes[at] = found or plain_key(self._map, *self._events.offsets(span))
                    at += 1
                elif value == "TableHead" or value == "TableRow":
                    at, codes, begin = 0, {}, self._events.offsets(span)[0] if columns else 0
            elif name == "End":
                if value == "TableHead":
                    columns, in_head = key_columns(titles), False
                elif value == "TableRow" and columns:
                    about = self._text[begin : self._events.offsets(span)[1]]
                    for column, override in columns.items():
                        self._collector.cell(codes.get(column, []), "md:table-key", override=override, about=about)
                elif value == "Table":
                    break
        self._collector.table()

    def _cell(self) -> tuple[str, list[TextMap]]:
        """The text of a cell, and the code that it begins with."""
        title: list[str] = []
        codes: list[TextMap] = []
        shown: MapBuilder | None = None
        leading = True
        for event, span in self._events:
            if isinstance(event, str):
                continue
            name, value = next(iter(event.items()))
            if name == "End" and value == "TableCell":
                break
            start, end = self._events.offsets(span)
            if name == "Code":
                title.append(value)
                if leading:
                    codes.append(self._code(start, end))
            elif name == "Text":
                title.append(value)
                if shown is not None:
                    added(shown, self._text, value, start, end)
                elif BETWEEN.fullmatch(value) is None:
                    leading = False
            elif name == "InlineHtml" and (tag := _CODE_TAG.fullmatch(value)):
                if not tag[1]:
                    shown = MapBuilder()
                elif shown is not None:
                    if leading:
                        codes.append(self._map.compose(shown.build(start)))
                    shown = None
        return "".join(title), codes

    def _code(self, start: int, end: int) -> TextMap:
        """The content of a code span."""
        while start < end and self._text[start] == "`" == self._text[end - 1]:
            start, end = start + 1, end - 1
        return self._map.compose(replaced(self._text, start, end, _CELL_ESCAPE, "|"))

    def _block(self, kind: Any, start: int) -> None:
        content = self._events.code(self._text, start)
        if self._titles:
            self._key_heading(self._map.compose(content))
        info = parse_info(kind["Fenced"] if isinstance(kind, dict) else "")
        if not info.directive:
            return
        if info.directive == "option":
            line_end = self._text.find("\n", start)
            signature = _OPTION.search(self._text, start, line_end if line_end >= 0 else len(self._text))
            if signature is not None:
                stop = line_end if line_end >= 0 else len(self._text)
                self._collector.add(
                    self._map.slice(signature.end(), stop), "md:option", override=True, about=content.text
                )
        elif info.directive == "list-table":
            list_table(self._map.compose(content), self._collector, "md:table-key")
        elif info.markdown and self._depth < _MAX_DEPTH:
            inner = content.slice(body_start(content.text), len(content.text))
            _MarkdownPage(self._map.compose(inner), self._collector, is_mdx=self._is_mdx, depth=self._depth + 1).read()

    def _term(self, start: int, end: int) -> None:
        """Read inline code that is the whole term of a definition list."""
        line = self._text.rfind("\n", 0, start) + 1
        found = _DEFINITION.match(self._text, end)
        if found is None or _LEAD.fullmatch(self._text, line, start) is None:
            return
        self._define(self._code(start, end), found.end())

    def _define(self, term: TextMap, start: int) -> None:
        about = self._up_to(_PARAGRAPH_END, start)
        self._collector.add(term, "md:definition", override=False, about=about)

    def _up_to(self, end: re.Pattern[str], start: int) -> str:
        """The text from `start` to the first match of `end`, or as much of it as says what it is about."""
        match = end.search(self._text, start, start + MOST_ABOUT)
        return self._text[start : match.start() if match is not None else start + MOST_ABOUT]

    def _html(self, span: tuple[int, int]) -> None:
        start, end = span
        for event, part in self._events:
            if "End" in event:
                break
            begin, stop = self._events.offsets(part)
            start, end = min(start, begin), max(end, stop)
        for match in _HTML_TABLE.finditer(self._text, start, end):
            if match["table"] is not None:
                self._html_table(*match.span())

    def _html_table(self, start: int, end: int) -> None:
        self._collector.table()
        columns: dict[int, bool] | None = None
        for row in _HTML_ROW.finditer(self._text, start, end):
            cells = [match.span(1) for match in _HTML_CELL.finditer(self._text, *row.span(1))]
            if columns is None:
                titles = [_HTML_TAG.sub("", self._text[slice(*cell)]) for cell in cells]
                columns = key_columns(titles)
                continue
            for at, override in columns.items():
                if at < len(cells):
                    codes = [self._map.slice(*match.span(1)) for match in _HTML_CODE.finditer(self._text, *cells[at])]
                    codes = codes or plain_key(self._map, *cells[at])
                    self._collector.cell(codes, "md:table-key", override=override, about=row[1])
        self._collector.table()
