"""Positions as editors count them: lines and columns from 0, columns in the units of an encoding.

Everywhere else in nemolint an offset is a number of code points.
"""

from __future__ import annotations

import zlib
from functools import cached_property

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.positions import LineIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Encoding = Literal["utf-8", "utf-16", "utf-32"]


class ClientPosition(NamedTuple):
    """A place in a text: line and column, both from 0, the column in units of the negotiated encoding."""

    line: int
    character: int


class ClientRange(NamedTuple):
    """A part of a text; the end is exclusive."""

    start: ClientPosition
    end: ClientPosition


class ClientText:
    """A text whose positions are those of an editor. Lines end at LF, CRLF or CR alone."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self.encoding = encoding

    @cached_property
    def lines(self) -> LineIndex:
        return LineIndex(self.text)

    @cached_property
    def digest(self) -> int:
        """A number that another text hardly has, the same in each process."""
        return zlib.crc32(self.text.encode("utf-8", "surrogatepass"))

    def position(self, offset: int) -> ClientPosition:
        """The position of an offset in code points; one behind the text is its end."""
        line, column = self.lines.position(min(max(offset, 0), len(self.text)))
        start = self.lines.starts[line - 1]
        return ClientPosition(line - 1, _units(self.text[start : start + column - 1], self.encoding))

    def range(self, start: int, end: int) -> ClientRange:
        """The range between two offsets in code points."""
        return ClientRange(self.position(start), self.position(max(start, end)))

    def offset(self, position: ClientPosition) -> int:
        """The offset in code points of a position.

        One behind the end of its line is the end of that line, one behind the last line the end of the text, and one
        inside of a character the beginning of that.
        """
        line, units = position
        if line >= len(self.lines.starts):
            return len(self.text)
        start, end = self.lines.line_span(line + 1)
        return start + _characters(self.text[start:end], units, self.encoding)

    def at(self, line: int, column: int) -> int:
        """The offset of a line and column that count from 1 in code points, or the nearest that the text has."""
        if line > len(self.lines.starts):
            return len(self.text)
        return min(self.lines.offset(max(line, 1), max(column, 1)), len(self.text))

    def edited(self, range: ClientRange | None, text: str) -> ClientText:
        """The text with a part replaced, or all of it if `range` is None."""
        if range is not None:
            start, end = self.offset(range.start), self.offset(range.end)
            text = self.text[:start] + text + self.text[max(start, end) :]
        return ClientText(text, self.encoding)


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-32" or text.isascii():
        return len(text)
    data = text.encode("utf-8" if encoding == "utf-8" else "utf-16-le", "surrogatepass")
    return len(data) if encoding == "utf-8" else len(data) // 2


def _characters(text: str, units: int, encoding: Encoding) -> int:
    """How many whole characters of a line there are in its first `units` units."""
    if encoding == "utf-32" or text.isascii():
        return min(max(units, 0), len(text))
    # A character has one unit at least, so that more of them need not be looked at.
    text = text[: max(units, 0)]
    left = units
    for index, char in enumerate(text):
        left -= _units(char, encoding)
        if left < 0:
            return index
    return len(text)
