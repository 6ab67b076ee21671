"""The keys that a page documents: option directives and headings, tables with a column of keys, definition lists.

None of this is a run. `analysis.documented_runs` decides which step a page is about, and which of the names are keys
of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.document import Documentation, DocumentedKey, Region
from nemolint.sources.lines import body, line_spans, replaced

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nemolint.document import Document

# What a column of keys is called: `Key`, `YAML key`, `Config Key`, `Dotlist override`.
_NOUN = r"(?:keys?|options?|overrides?|arguments?|args?|parameters?|params?|fields?|settings?)"
_QUALIFIER = r"(?:cli|common|config|configuration|dotlist|frequent|hydra|main|omegaconf|optional|required|step|yaml)"
_COLUMN = lazily(
    rf"(?:{_QUALIFIER}[ \t-]+){{0,3}}(?P<noun>{_NOUN})(?:[ \t]+(?:keys?|names?|paths?))?(?:\(s\))?", re.IGNORECASE
)
_OVERRIDES = lazily(r"overrid|dotlist|hydra", re.IGNORECASE)
# Sections whose names belong to something else: profiles, the environment, errors, what the step had once.
_ELSEWHERE = lazily(
    r"\b(?:profiles?|environment|env\.toml|toml|errors?|exit[ \t]+codes?|flags?|removed|renamed|deprecated|obsolete"
    r"|legacy|unsupported|migrat\w+|mistakes?|pitfalls?|gotchas?|avoid|wrong|invalid|unknown|ignored|not|never)\b",
    re.IGNORECASE,
)
# What a description says of a key that has no effect, or not always.
_DISOWNED = lazily(
    r"\b(?:deprecated|obsolete|removed|renamed|ignore[ds]|unsupported|unused|invalid|wrong|mistake|misspell\w*|typo"
    r"|instead|no[ \t]+effect|does[ \t]+nothing|do[ \t]+nothing|nothing[ \t]+reads|no[ \t]+longer|never[ \t]+reads?"
    r"|not[ \t]+(?:(?:an?|yet)[ \t]+)?(?:read|used|supported|available|key|override|option|parameter))\b",
    re.IGNORECASE,
)
# The heading of a column beside keys that says what is wrong with them.
_CORRECTED = lazily(r"\b(?:instead|replace\w*|new|correct\w*|right|old|wrong|problem|mistake)\b", re.IGNORECASE)
# The words of a signature; a placeholder, a list or a quoted text may have blanks. A comma before a blank ends a word.
_WORD = lazily(r"""(?:<[^<>\n]*+>|\[[^][\n]*+\]|\{[^{}\n]*+\}|"[^"\n]*+"|'[^'\n]*+'|[^\s,]|,(?=\S))++""")
_KEY = lazily(r"(?P<sign>[+~]?)(?P<key>[A-Za-z_][\w-]*+(?:\.[\w-]++)*+)(?P<value>=.*)?", re.DOTALL)
# What stands between the keys of a cell.
_BETWEEN = lazily(r"(?:[\s,/;|&+]|\band\b|\bor\b)*")
_NO_KEYS = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off"})
_FILES = frozenset(
    {"bin", "cfg", "csv", "gz", "idx", "ini", "ipynb", "json", "jsonl", "log", "md", "mdx", "npy", "parquet"}
    | {"pt", "py", "rst", "safetensors", "sh", "sqsh", "tar", "toml", "txt", "yaml", "yml", "zip"}
)
# A word that only a key is, where a table does not mark it as code.
_PLAIN_WORD = r"(?=[a-z])(?=[\w-][\w.-]*?[_.=][^\s|<>&\\])[^\s|<>&\\]++"
_PLAIN = lazily(_PLAIN_WORD)
_CELL_ESCAPE = lazily(r"\\\|")
_CODE_TAG = lazily(r"<(/?)code\b[^<>]*>", re.IGNORECASE)
_OPTION = lazily(r"\{option\}[ \t]*")
_SUBJECT = lazily(r"^(?:title|description|sidebar[-_]?(?:title|label))[ \t]*[:=](.*)$", re.MULTILINE | re.IGNORECASE)
_PLAIN_TERM = lazily(rf"^[ \t>]*(?P<term>{_PLAIN_WORD})[ \t]*\n(?:[ \t>]*\n)?[ \t>]*:[ \t]+", re.MULTILINE)
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
_LIST_ITEM = lazily(r"^(?P<row>[ \t]*[*-][ \t]+)?(?P<cell>[ \t]*[*-][ \t]+)(?P<text>\S.*)?$", re.MULTILINE)
_HEADER_ROWS = lazily(r":header-rows:[ \t]*[1-9]")
_CODE_SPAN = lazily(r"(`{1,2})([^`\n]+)\1")
_MAX_DEPTH = 5
_MOST_ABOUT = 2_000
_MOST_GAP = 100
# Of a page with more keys than any has, only the first are read: each is as much work as some runs.
_MOST_KEYS = 500


def read(document: Document) -> Documentation:
    """The keys that a page in Markdown or reStructuredText documents. Other kinds of documents have none."""
    if document.kind == "markdown":
        return _read_markdown(document)
    if document.kind == "rst":
        return _read_rst(document)
    return Documentation()


class _Collector:
    """The keys found so far. Spans are those of maps that lead to the file."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.keys: list[DocumentedKey] = []
        self.subjects: list[str] = []
        self._group = 0
        self._elsewhere = False
        self._paragraph = ""

    def heading(self, text: str) -> None:
        """A new section: what stands in it belongs together."""
        self.subjects.append(text)
        self._elsewhere = _ELSEWHERE.search(text) is not None
        self._group += 1
        self._paragraph = ""

    def paragraph(self, text: str) -> None:
        """A paragraph, which may say that what follows it has no effect."""
        self._paragraph = text[:_MOST_ABOUT]

    def table(self) -> None:
        """The keys that follow are those of a table, or of what stands after it."""
        self._group += 1

    def add(self, map: TextMap, container: str, *, override: bool, about: str = "") -> bool:
        """Add the keys of a code span or a signature; False if it holds something else.

        `override`: what has a value there is an override, and no name of anything else. `about` describes it.
        """
        if len(self.keys) >= _MOST_KEYS:
            return True
        found = [(word.start(), word.end(), _KEY.fullmatch(word[0])) for word in _WORD.finditer(map.text)]
        keys = [(start, end, match) for start, end, match in found if match is not None and _may_be_key(match)]
        if not keys or len(keys) < len(found) or (len(keys) > 1 and not all(match["value"] for _, _, match in keys)):
            return False
        if not self._elsewhere and not any(_DISOWNED.search(said) for said in (about, self._paragraph)):
            for start, end, match in keys:
                region = Region(self._document, map.slice(start, end), "mention", "doc", container)
                sure = override and match["value"] is not None
                self.keys.append(DocumentedKey(region, self._group, sure))
        return True

    def cell(self, codes: list[TextMap], container: str, *, override: bool, about: str) -> None:
        """Add the keys of a table's cell."""
        if not any(map.text.lstrip().startswith("-") for map in codes):
            for map in codes:
                self.add(map, container, override=override, about=about)

    def result(self) -> Documentation:
        return Documentation(tuple(self.keys), tuple(self.subjects))


def _may_be_key(match: re.Match[str]) -> bool:
    """False for signs without a value, names of variables and files, plain values, and `key=value` itself."""
    key = match["key"]
    if match["value"] is None and (match["sign"] or key in _NO_KEYS or key.rpartition(".")[2] in _FILES):
        return False
    parts = key.split(".")
    return not parts[0].isupper() and "key" not in parts


def _columns(titles: Iterable[str]) -> dict[int, bool]:
    """The columns of a table that hold keys, by their headings; True for those that hold overrides as they are given.

    None in a table that says what to write in place of them.
    """
    titles = list(titles)
    if any(_CORRECTED.search(title) for title in titles):
        return {}
    bare = (title.strip(" \t\r\n*_`:") for title in titles)
    return {at: bool(_OVERRIDES.search(title)) for at, title in enumerate(bare) if _COLUMN.fullmatch(title)}


# Markdown


def _read_markdown(document: Document) -> Documentation:
    from nemolint.sources.markdown import front_matter

    collector = _Collector(document)
    map = body(document)
    front = front_matter(map.text)
    if front is not None:
        collector.subjects += (match[1] for match in _SUBJECT.finditer(front[2]))
        map = map.slice(front.end(), len(map.text))
    try:
        _Page(map, collector, is_mdx=document.path.lower().endswith(".mdx")).read()
    except BaseException as error:
        # A panic of the parser is not an Exception. Who reads the page for its runs reports it.
        if type(error).__name__ != "PanicException":
            raise
    return collector.result()


class _Page:
    """Goes through a Markdown text."""

    def __init__(self, map: TextMap, collector: _Collector, *, is_mdx: bool, depth: int = 0) -> None:
        self._map = map
        self._text = map.text
        self._collector = collector
        self._is_mdx = is_mdx
        self._depth = depth
        # The code that the last heading consists of, up to the next block.
        self._titles: list[tuple[str, tuple[int, int]]] = []

    def read(self) -> None:
        from nemolint.sources.markdown import parse

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
                        codes[at] = found or _plain(self._map, *self._events.offsets(span))
                    at += 1
                elif value == "TableHead" or value == "TableRow":
                    at, codes, begin = 0, {}, self._events.offsets(span)[0] if columns else 0
            elif name == "End":
                if value == "TableHead":
                    columns, in_head = _columns(titles), False
                elif value == "TableRow" and columns:
                    about = self._text[begin : self._events.offsets(span)[1]]
                    for column, override in columns.items():
                        self._collector.cell(codes.get(column, []), "md:table-key", override=override, about=about)
                elif value == "Table":
                    break
        self._collector.table()

    def _cell(self) -> tuple[str, list[TextMap]]:
        """The text of a cell, and the code that it begins with."""
        from nemolint.sources.markdown import added

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
                elif _BETWEEN.fullmatch(value) is None:
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
        from nemolint.sources.markdown import added
        from nemolint.sources.myst import body_start, parse_info

        builder = MapBuilder()
        for event, span in self._events:
            if "Text" not in event:
                break
            added(builder, self._text, event["Text"], *self._events.offsets(span))
        content = builder.build(start)
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
            _list_table(self._map.compose(content), self._collector, "md:table-key")
        elif info.markdown and self._depth < _MAX_DEPTH:
            inner = content.slice(body_start(content.text), len(content.text))
            _Page(self._map.compose(inner), self._collector, is_mdx=self._is_mdx, depth=self._depth + 1).read()

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
        match = end.search(self._text, start, start + _MOST_ABOUT)
        return self._text[start : match.start() if match is not None else start + _MOST_ABOUT]

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
                columns = _columns(titles)
                continue
            for at, override in columns.items():
                if at < len(cells):
                    codes = [self._map.slice(*match.span(1)) for match in _HTML_CODE.finditer(self._text, *cells[at])]
                    codes = codes or _plain(self._map, *cells[at])
                    self._collector.cell(codes, "md:table-key", override=override, about=row[1])
        self._collector.table()


def _plain(map: TextMap, start: int, end: int) -> list[TextMap]:
    """The text of a cell without code, if it is a single word that is no word of a language."""
    while start < end and map.text[start].isspace():
        start += 1
    while start < end and map.text[end - 1].isspace():
        end -= 1
    return [map.slice(start, end)] if _PLAIN.fullmatch(map.text, start, end) else []


def _list_table(map: TextMap, collector: _Collector, container: str) -> None:
    """Read the body of a `list-table`: a list of rows, each of which is a list of cells."""
    if not _HEADER_ROWS.search(map.text):
        return
    rows: list[list[re.Match[str]]] = []
    for item in _LIST_ITEM.finditer(map.text):
        if item["row"]:
            rows.append([])
        if rows:
            rows[-1].append(item)
    if not rows:
        return
    collector.table()
    columns = _columns([item["text"] or "" for item in rows[0]])
    for number, row in enumerate(rows[1:], 1):
        end = rows[number + 1][0].start() if number + 1 < len(rows) else len(map.text)
        for at, override in columns.items():
            if at < len(row) and row[at]["text"]:
                codes = _code_spans(map, *row[at].span("text"))
                collector.cell(codes, container, override=override, about=map.text[row[0].start() : end])
    collector.table()


def _code_spans(map: TextMap, start: int, end: int) -> list[TextMap]:
    """The code that a text begins with, as lines of lists and of reStructuredText write it."""
    found: list[TextMap] = []
    first = start
    for code in _CODE_SPAN.finditer(map.text, start, end):
        if _BETWEEN.fullmatch(map.text, start, code.start()) is None:
            break
        found.append(map.slice(*code.span(2)))
        start = code.end()
    return found or _plain(map, first, end)


# reStructuredText

_RST_UNDERLINE = lazily(r"""([=\-~^"'`#*+.:_])\1{2,}[ \t]*""")
_RST_OPTION = lazily(r"[ \t]*\.\.[ \t]+option::[ \t]+(?P<signature>\S.*)")
_RST_LIST_TABLE = lazily(r"[ \t]*\.\.[ \t]+list-table::")
_RST_TERM = lazily(rf"[ \t]*(?:``(?P<code>[^`\n]+)``|(?P<plain>{_PLAIN_WORD}))[ \t]*")
# What begins a block of text that is shown as it is.
_RST_LITERAL = lazily(r"[ \t]*\.\.[ \t]+(?:code|code-block|sourcecode|parsed-literal|highlight|raw)::.*|.*::[ \t]*")
_RST_BORDER = lazily(r"[ \t]*(?:\+(?:[-=]+\+)+|=+(?:[ ]+=+)+)[ \t]*")
_RST_COLUMN = lazily(r"[-=]+")


def _read_rst(document: Document) -> Documentation:
    collector = _Collector(document)
    _RstPage(body(document), collector).read()
    return collector.result()


class _RstPage:
    """Goes through a reStructuredText page line by line."""

    def __init__(self, map: TextMap, collector: _Collector) -> None:
        self._map = map
        self._text = map.text
        self._lines = line_spans(map.text)
        self._collector = collector

    def read(self) -> None:
        index = 0
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            indent = len(line) - len(line.lstrip())
            if not line.strip():
                index += 1
            elif index + 1 < len(self._lines) and not indent and self._is_title(index):
                self._collector.heading(line)
                index += 2
            elif option := _RST_OPTION.fullmatch(line):
                stop = self._block_end(index + 1, indent)
                self._add(
                    start + option.start("signature"), end, "rst:option", self._about(index + 1, stop), override=True
                )
                index = stop
            elif _RST_LIST_TABLE.match(line):
                stop = self._block_end(index + 1, indent)
                _list_table(self._map.slice(end, self._lines[stop - 1][1]), self._collector, "rst:table-key")
                index = stop
            elif _RST_BORDER.fullmatch(line):
                index = self._table(index)
            elif indent == 0 and line.rstrip().endswith(":") and not line.rstrip().endswith("::"):
                self._collector.paragraph(line)
                index += 1
            elif _RST_LITERAL.fullmatch(line):
                index = self._block_end(index + 1, indent)
            elif (term := _RST_TERM.fullmatch(line)) and (stop := self._block_end(index + 1, indent)) > index + 1:
                if self._text[slice(*self._lines[index + 1])].strip():
                    first, last = term.span("code" if term["code"] else "plain")
                    about = self._about(index + 1, stop)
                    self._add(start + first, start + last, "rst:definition", about, override=False)
                index += 1
            else:
                index += 1

    def _add(self, start: int, end: int, container: str, about: str, *, override: bool) -> None:
        self._collector.add(self._map.slice(start, end), container, override=override, about=about)

    def _is_title(self, index: int) -> bool:
        line = self._text[slice(*self._lines[index + 1])]
        return _RST_UNDERLINE.fullmatch(line) is not None and _RST_BORDER.fullmatch(line) is None

    def _block_end(self, index: int, indent: int) -> int:
        """The line after a block whose lines are blank or indented by more than `indent`."""
        while index < len(self._lines):
            line = self._text[slice(*self._lines[index])]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            index += 1
        return index

    def _about(self, index: int, stop: int) -> str:
        return self._text[self._lines[index][0] : self._lines[stop - 1][1]] if index < stop else ""

    def _table(self, index: int) -> int:
        """Read a grid table or a simple table; returns the line after it."""
        border = self._lines[index][0]
        columns = [match.span() for match in _RST_COLUMN.finditer(self._text, *self._lines[index])]
        offsets = [(start - border, end - border) for start, end in columns]
        grid = "+" in self._text[slice(*self._lines[index])]
        rows: list[list[tuple[int, int]]] = []
        kinds: dict[int, bool] = {}
        borders = 1
        index += 1
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            if _RST_BORDER.fullmatch(line):
                borders += 1
                if "=" in line and rows and not kinds:
                    titles = (
                        " ".join(self._text[slice(*row[at])].strip() for row in rows) for at in range(len(offsets))
                    )
                    kinds = _columns(titles) or {-1: False}
                if not grid and borders == 3:
                    index += 1
                    break
            elif not line.strip() or (grid and not line.lstrip().startswith(("|", "+"))):
                if grid:
                    break
            else:
                # The last column of a simple table has no end.
                last = len(offsets) - 1
                row = [
                    (min(start + left, end), end if at == last and not grid else min(start + right, end))
                    for at, (left, right) in enumerate(offsets)
                ]
                if kinds:
                    self._row(row, kinds, line)
                else:
                    rows.append(row)
            index += 1
        self._collector.table()
        return index

    def _row(self, row: list[tuple[int, int]], kinds: dict[int, bool], line: str) -> None:
        for at, override in kinds.items():
            if 0 <= at < len(row):
                codes = _code_spans(self._map, *row[at])
                self._collector.cell(codes, "rst:table-key", override=override, about=line)
