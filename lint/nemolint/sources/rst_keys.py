"""The keys that a page in reStructuredText documents: option directives, tables, definition lists."""

from __future__ import annotations

from nemolint.base.patterns import lazily
from nemolint.base.positions import TextMap
from nemolint.sources.key_collector import PLAIN_WORD, KeyCollector, key_columns, leading_code, list_table
from nemolint.sources.lines import body, line_spans

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document, Documentation

_UNDERLINE = lazily(r"""([=\-~^"'`#*+.:_])\1{2,}[ \t]*""")
_OPTION = lazily(r"[ \t]*\.\.[ \t]+option::[ \t]+(?P<signature>\S.*)")
_LIST_TABLE = lazily(r"[ \t]*\.\.[ \t]+list-table::")
_TERM = lazily(rf"[ \t]*(?:``(?P<code>[^`\n]+)``|(?P<plain>{PLAIN_WORD}))[ \t]*")
# What begins a block of text that is shown as it is.
_LITERAL = lazily(r"[ \t]*\.\.[ \t]+(?:code|code-block|sourcecode|parsed-literal|highlight|raw)::.*|.*::[ \t]*")
_BORDER = lazily(r"[ \t]*(?:\+(?:[-=]+\+)+|=+(?:[ ]+=+)+)[ \t]*")
_COLUMN = lazily(r"[-=]+")


def read(document: Document) -> Documentation:
    """The keys that a page in reStructuredText documents."""
    collector = KeyCollector(document)
    _RstPage(body(document), collector).read()
    return collector.result()


class _RstPage:
    """Goes through a reStructuredText page line by line."""

    def __init__(self, map: TextMap, collector: KeyCollector) -> None:
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
            elif option := _OPTION.fullmatch(line):
                stop = self._block_end(index + 1, indent)
                self._add(
                    start + option.start("signature"), end, "rst:option", self._about(index + 1, stop), override=True
                )
                index = stop
            elif _LIST_TABLE.match(line):
                stop = self._block_end(index + 1, indent)
                list_table(self._map.slice(end, self._lines[stop - 1][1]), self._collector, "rst:table-key")
                index = stop
            elif _BORDER.fullmatch(line):
                index = self._table(index)
            elif indent == 0 and line.rstrip().endswith(":") and not line.rstrip().endswith("::"):
                self._collector.paragraph(line)
                index += 1
            elif _LITERAL.fullmatch(line):
                index = self._block_end(index + 1, indent)
            elif (term := _TERM.fullmatch(line)) and (stop := self._block_end(index + 1, indent)) > index + 1:
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
        return _UNDERLINE.fullmatch(line) is not None and _BORDER.fullmatch(line) is None

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
        columns = [match.span() for match in _COLUMN.finditer(self._text, *self._lines[index])]
        offsets = [(start - border, end - border) for start, end in columns]
        grid = "+" in self._text[slice(*self._lines[index])]
        rows: list[list[tuple[int, int]]] = []
        kinds: dict[int, bool] = {}
        borders = 1
        index += 1
        while index < len(self._lines):
            start, end = self._lines[index]
            line = self._text[start:end]
            if _BORDER.fullmatch(line):
                borders += 1
                if "=" in line and rows and not kinds:
                    titles = (
                        " ".join(self._text[slice(*row[at])].strip() for row in rows) for at in range(len(offsets))
                    )
                    kinds = key_columns(titles) or {-1: False}
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
                codes = leading_code(self._map, *row[at])
                self._collector.cell(codes, "rst:table-key", override=override, about=line)
