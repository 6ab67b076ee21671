"""The text that a suppression applies to.

In a comment it applies to the logical command on its line or, on a line of its own, to the one below. In a comment of
HTML, MDX or reStructuredText it applies to the block, table or paragraph below, or to its line if other text precedes
it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate

from nemolint.base.patterns import lazily
from nemolint.base.positions import LineIndex
from nemolint.linter.directives import BLOCK_COMMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document, Region
    from nemolint.linter.directives import Suppression

# What may precede a comment on a line of its own: quote and list markers, prompts, a notebook's quotes.
_LEAD = lazily(r"[\s\"'>|*+-]*+(?:\d++[.)]\s++)?(?:[$%#]\s++)?\s*+")
_COMMENT_LINE = lazily(r"[\s\">|*+-]*(?:#|//|<!--|\{/\*)")
# A line after which a statement or a value continues.
_OPEN_END = lazily(r"(?:[(\[{,\\:]|[|>][+-]?\d?)[ \t\"]*+(?:\\n\",?)?[ \t]*+$")
_MOST_OPEN_LINES = 64
# Lines before the text of a block in AsciiDoc and Org.
_MARKED = ("asciidoc", "org")
_BLOCK_MARK = lazily(r"[ \t]*(?:\[[^\]\n]+\][ \t]*$|\.[^\s.]|-{2,}$|\.{4}$|={4}$|```|\#\+\w)")
_RECIPES = ("just", "make")
_BLANK_LINE = lazily(r"\n[ \t>]*\r?(?=\n)|\r[ \t>]*(?=\r)")
_BLANK_LINE_IN_NOTEBOOK = lazily(r"\\n(?:\",\s*\")?[ \t>]*(?=\\n)")
_END_IN_NOTEBOOK = lazily(r"\\n|\"")
_GAP = lazily(r"[\s>]*")
_GAP_IN_NOTEBOOK = lazily(r"(?:[\s>]|\\n|\\r|\",\s*\"|\"(?=\s*,)|,(?=\s*\"))*")


class _Lines:
    """Lines of a text, with the commands on them joined to logical lines."""

    def __init__(self, text: str, commands: Iterable[tuple[int, int]]) -> None:
        self.text = text
        self.index = LineIndex(text)
        self._below: dict[int, int | None] = {}
        joined: list[list[int]] = []
        for start, end in sorted(commands):
            first, last = self.of(start), self.of(max(end - 1, start))
            if joined and first <= joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], last)
            else:
                joined.append([first, last])
        self._logical = joined
        self._starts = [first for first, _ in joined]

    def of(self, offset: int) -> int:
        return self.index.position(min(offset, len(self.text))).line

    def line(self, number: int) -> str:
        start, end = self.index.line_span(number)
        return self.text[start:end]

    def rest(self, number: int) -> str:
        """The text from a line on."""
        return self.text[self.index.line_span(number)[0] :]

    def logical(self, first: int, last: int) -> tuple[int, int]:
        """The lines `first` to `last`, widened to whole logical lines."""
        index = bisect_right(self._starts, first) - 1
        if index >= 0 and self._logical[index][1] >= first:
            first = self._logical[index][0]
            last = max(last, self._logical[index][1])
        index = bisect_right(self._starts, last) - 1
        if index >= 0 and self._starts[index] >= first:
            last = max(last, self._logical[index][1])
        return first, last

    def below(self, number: int) -> int | None:
        """The first line below that is not only a comment; None at the end of the text."""
        walked = []
        found: int | None = None
        while number < len(self.index.starts):
            if number in self._below:
                found = self._below[number]
                break
            walked.append(number)
            number += 1
            if not _COMMENT_LINE.match(self.line(number)) or self._has_command(number):
                found = number
                break
        self._below.update(dict.fromkeys(walked, found))
        return found

    def _has_command(self, number: int) -> bool:
        index = bisect_right(self._starts, number) - 1
        return index >= 0 and self._logical[index][1] >= number

    def span(self, first: int, last: int) -> tuple[int, int]:
        return self.index.line_span(first)[0], self.index.line_span(last)[1]


def _open_string(line: str, quotes: str) -> str:
    """The quotes of the string over several lines that is open after a line, if `quotes` was before it."""
    for mark in ('"' * 3, "'" * 3):
        if (not quotes or quotes == mark) and line.count(mark) % 2:
            return "" if quotes else mark
    return quotes


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


class Scopes:
    """Finds the part of a document that a suppression applies to, as a file span."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._notebook = document.kind == "notebook"
        regions = [region for region in document.regions if region.kind != "mention" and region.text]
        spans = [(*region.map.to_outer(0, len(region.text)), region) for region in regions]
        spans.sort(key=lambda item: (item[0], -item[1]))
        self._regions = spans
        self._region_starts = [start for start, _, _ in spans]
        self._furthest = list(accumulate((end for _, end, _ in spans), max))
        self._of_region: dict[int, _Lines] = {}
        self._of_file: _Lines | None = None
        self._blank: list[tuple[int, int]] | None = None

    def of(self, suppressions: Iterable[Suppression]) -> Iterator[tuple[int, int]]:
        """The scope of each suppression, in the order given, which is that of the file."""
        open_regions: list[tuple[int, Region]] = []
        upcoming = 0
        for item in suppressions:
            start, end = item.comment
            while upcoming < len(self._regions) and self._regions[upcoming][0] <= start:
                _, last, region = self._regions[upcoming]
                upcoming += 1
                if last > start:
                    open_regions.append((last, region))
            while open_regions and open_regions[-1][0] <= start:
                open_regions.pop()
            if item.whole_file:
                yield 0, len(self._document.text) + 1
            elif open_regions and open_regions[-1][0] >= end:
                yield self._in_region(open_regions[-1][1], item)
            elif BLOCK_COMMENT.match(self._document.text, start) or (
                self._document.kind == "markdown" and self._document.text.startswith("%", start)
            ):
                yield self._block(item)
            elif self._document.text.startswith("..", start):
                yield self._indented_block(item)
            else:
                yield self._in_file(item)

    def _in_region(self, region: Region, item: Suppression) -> tuple[int, int]:
        lines = self._of_region.get(id(region))
        if lines is None:
            lines = self._of_region[id(region)] = _Lines(region.text, self._commands.get(id(region), ()))
        begin = region.map.inner_start(item.comment[0])
        number = lines.of(begin)
        before = region.text[lines.index.line_span(number)[0] : begin]
        if _LEAD.fullmatch(before):
            below = lines.below(number)
            if self._document.kind in _RECIPES and (below is None or not lines.rest(below).strip()):
                return self._in_file(item)  # each line of a recipe is a script
            if below is None:
                return item.comment
            number = below
        first, last = region.map.to_outer(*lines.span(*lines.logical(number, number)))
        return first, self._with_heredocs(region, last)

    def _with_heredocs(self, region: Region, end: int) -> int:
        """The end of the here-documents whose bodies begin behind `end`, which is that of a line of the region."""
        text = self._document.text
        while (stop := self._bodies.get((id(region), self._content(end)))) is not None and stop > end:
            line = text.find("\n", stop)
            end = line if line >= 0 else len(text)  # with the word that closes it
        return end

    def _content(self, offset: int) -> int:
        """The offset of what is next in the file: no blank, line end or mark of a quote."""
        match = _GAP.match(self._document.text, offset)
        return match.end() if match is not None else offset

    @cached_property
    def _bodies(self) -> Mapping[tuple[int, int], int]:
        """The ends of scripts inside other regions, by the region around them and where their text begins."""
        found: dict[tuple[int, int], int] = {}
        for command in self._document.commands:
            inner = command.region
            while inner.parent is not None:
                start, end = inner.map.to_outer(0, len(inner.text))
                found[id(inner.parent), self._content(start)] = end
                inner = inner.parent
        return found

    @cached_property
    def _commands(self) -> Mapping[int, list[tuple[int, int]]]:
        """The spans of commands by the region that holds them."""
        by_region: dict[int, list[tuple[int, int]]] = {}
        for command in self._document.commands:
            by_region.setdefault(id(command.region), []).append((command.start, command.end))
        return by_region

    def _in_file(self, item: Suppression) -> tuple[int, int]:
        lines = self._of_file
        if lines is None:
            spans = (command.span.file_span() for command in self._document.commands)
            lines = self._of_file = _Lines(self._document.text, spans)
        number = lines.of(item.comment[0])
        start = lines.index.line_span(number)[0]
        if not _LEAD.fullmatch(lines.text[start : item.comment[0]]):
            return lines.span(*lines.logical(number, number))
        below = lines.below(number)
        if below is None:
            return item.comment
        last, quotes = below, ""
        while last - below < _MOST_OPEN_LINES and last < len(lines.index.starts):
            line = lines.line(last)
            quotes = _open_string(line, quotes)
            marked = self._document.kind in _MARKED and _BLOCK_MARK.match(line) is not None
            if not (quotes or marked or _OPEN_END.search(line)):
                break
            last += 1
        begin, end = lines.span(*lines.logical(below, last))
        # A script that begins in these lines (`run: |`, a string over several lines) belongs to them completely.
        return begin, self._with_regions(begin, end)

    def _block(self, item: Suppression) -> tuple[int, int]:
        """The next block after a comment of HTML or MDX; its line if there is text before the comment."""
        text = self._document.text
        start, end = item.comment
        lines = self._document.lines
        first, last = lines.line_span(lines.position(start).line)
        if self._notebook:
            # A line of a cell ends at an escape, or with the JSON string that holds it.
            first = max(first, text.rfind('"', first, start) + 1, text.rfind("\\n", first, start) + 2)
            match = _END_IN_NOTEBOOK.search(text, end, last)
            last = match.start() if match is not None else last
        if not _LEAD.fullmatch(text[first:start]):
            return first, last
        gap = _GAP_IN_NOTEBOOK if self._notebook else _GAP
        begin = end
        match = gap.match(text, begin)
        begin = match.end() if match is not None else begin
        if self._blank is None:
            blank = _BLANK_LINE_IN_NOTEBOOK if self._notebook else _BLANK_LINE
            self._blank = [match.span() for match in blank.finditer(text)]
        index = bisect_left(self._blank, (begin, begin))
        stop, blank_end = self._blank[index] if index < len(self._blank) else (len(text), len(text))
        # A fence may begin with a blank line.
        return begin, max(stop, self._with_regions(begin, blank_end))

    def _indented_block(self, item: Suppression) -> tuple[int, int]:
        """The next paragraph after a comment of reStructuredText, and what is indented below it."""
        text = self._document.text
        index = self._document.lines
        last = len(index.starts)
        number = index.position(item.comment[1]).line + 1
        while number < last and not text[slice(*index.line_span(number))].strip():
            number += 1
        if number > last:
            return item.comment
        begin, stop = index.line_span(number)
        indent, ended = _indent(text[begin:stop]), False
        for following in range(number + 1, last + 1):
            start, end = index.line_span(following)
            line = text[start:end]
            if not line.strip():
                ended = True
                continue
            deeper = _indent(line) - indent
            if deeper < 0 or (deeper == 0 and (ended or line.lstrip().startswith(".. "))):
                break
            stop = end
            ended = ended or deeper > 0
        return begin, stop

    def _with_regions(self, begin: int, end: int) -> int:
        """The end of the last region that begins in the span, its end included, or `end` if that is further."""
        index = bisect_right(self._region_starts, end) - 1
        if index >= 0 and self._region_starts[index] >= begin:
            return max(end, self._furthest[index])
        return end
