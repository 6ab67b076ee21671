"""Lines of a file with a span marked under them, secrets masked before anything is cut."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.visible import cut, cut_left, inert, visible, width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from nemolint.document import Document
    from nemolint.secrets.redact import MaskedText, Redactor

    class Text(Protocol):
        """The text that excerpts are taken from, secrets masked."""

        def number(self, offset: int) -> int:
            """The line of a file offset, counted from 1."""

        def line(self, number: int) -> MaskedText:
            """A line without its line break."""

        def offset(self, line: int, column: int) -> int:
            """The file offset of a line and column."""


ELLIPSIS = "…"
MAX_LINES = 8


class Row(NamedTuple):
    """One row of an excerpt: a numbered line of the file, or (number None) marks under the line above."""

    number: int | None
    text: str


class LiveText:
    """The text of a document."""

    def __init__(self, document: Document, redactor: Callable[[Document], Redactor]) -> None:
        self._document = document
        self._redactor = redactor
        # A line may be long and hold many findings.
        self._known: dict[int, MaskedText] = {}

    def number(self, offset: int) -> int:
        return self._document.lines.position(offset).line

    def line(self, number: int) -> MaskedText:
        if number not in self._known:
            start, end = self._document.lines.line_span(number)
            if start == 0 and self._document.text.startswith("\ufeff"):
                start = 1  # a byte order mark is not shown
            self._known[number] = self._redactor(self._document).mask(start, end)
        return self._known[number]

    def offset(self, line: int, column: int) -> int:
        return min(self._document.lines.offset(line, column), len(self._document.text))


class StoredText:
    """Lines of a document as the cache stores them: text, start, end and masks of each, by number."""

    def __init__(self, rows: Mapping[int, Any]) -> None:
        self._rows = rows
        self._numbers = sorted(rows)
        self._starts = [rows[number][1] for number in self._numbers]
        self._known: dict[int, MaskedText] = {}

    def number(self, offset: int) -> int:
        return self._numbers[max(bisect_right(self._starts, offset) - 1, 0)]

    def line(self, number: int) -> MaskedText:
        if number not in self._known:
            from nemolint.secrets.redact import MaskedText

            text, start, end, rows = self._rows[number]
            masks = tuple((first, last, label) for first, last, label in rows)
            self._known[number] = MaskedText(text, start, end, masks)
        return self._known[number]

    def offset(self, line: int, column: int) -> int:
        start: int = self._rows[line][1] if line in self._rows else 0
        return start + column - 1


class Excerpts:
    """Excerpts of one text."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def rows(self, start: int, end: int, columns: int) -> Iterator[Row]:
        """The rows that show the file span `start:end` in a terminal with `columns` left for text."""
        first = self._text.number(start)
        last = self._text.number(max(end - 1, start))
        if first == last:
            yield from self._single(first, start, end, columns)
        else:
            yield from self._multiple(first, last, start, end, columns)

    def _single(self, number: int, start: int, end: int, columns: int) -> Iterator[Row]:
        line = self._text.line(number)
        begin = line.offset(start)
        stop = max(line.offset(end, end=True), begin) if end > start else begin
        before, marked, after = window(line.text, begin, stop, columns)
        yield Row(number, before + marked + after)
        yield Row(None, " " * width(before) + "^" * max(width(marked), 1))

    def _multiple(self, first: int, last: int, start: int, end: int, columns: int) -> Iterator[Row]:
        room = columns - 2
        line = self._text.line(first)
        begin = line.offset(start)
        before, marked, after = window(line.text, begin, len(line.text), room)
        # Marks of a span that begins with its line would only repeat the bar.
        whole = not before.strip()
        yield Row(first, ("/ " if whole else "  ") + before + marked + after)
        if not whole:
            yield Row(None, " " + "_" * (width(before) + 1) + "^")
        for number in range(first + 1, last):
            if last - first + 1 > MAX_LINES and first + MAX_LINES // 2 <= number < last - 1:
                if number == first + MAX_LINES // 2:
                    yield Row(None, "| " + ELLIPSIS)
                continue
            yield Row(number, ("| " + "".join(window(self._text.line(number).text, 0, 0, room))).rstrip())
        line = self._text.line(last)
        stop = line.offset(end, end=True)
        before, marked, after = window(line.text, 0, stop, room, keep_end=True)
        yield Row(last, "| " + before + marked + after)
        yield Row(None, "|" + "_" * max(width(before + marked), 1) + "^")


def window(text: str, start: int, end: int, columns: int, *, keep_end: bool = False) -> tuple[str, str, str]:
    """The text before `start`, up to `end`, and after it, made visible and cut to `columns`, with `…` at each cut.

    The span's beginning is kept, or its end with `keep_end`; the remaining room shows the text around it. The time does
    not depend on the length of the text.
    """
    columns = max(columns, 20)
    # Only combining characters take less than a column, so twice the room is more than enough.
    reach = 2 * columns
    long = end - start > reach
    span = text[end - reach : end] if long and keep_end else text[start : start + reach] if long else text[start:end]
    first = text[max(start - reach, 0) : start]
    # A command to a CI runner may begin in one part and end in the next.
    near = inert(f"{first}{span}{text[end : end + reach]}")
    before, marked, after = (
        visible(part)
        for part in (near[: len(first)], near[len(first) : len(first) + len(span)], near[len(first) + len(span) :])
    )
    if long or width(marked) > columns - 2:
        if keep_end:
            marked = ELLIPSIS + cut_left(marked, columns - 2)
            return "", marked, ELLIPSIS if after else ""
        marked = cut(marked, columns - 2) + ELLIPSIS
        return (ELLIPSIS if before else ""), marked, ""
    room = columns - width(marked)
    cut_before, cut_after = start > reach, len(text) - end > reach
    total = width(before) + width(after)
    if total <= room and not (cut_before or cut_after):
        return before, marked, after
    # Two thirds of the room for the text before, unless the text after is short.
    left = max(room * 2 // 3, room - width(after)) if not cut_after else room * 2 // 3
    if width(before) <= left and not cut_before:
        left = width(before)
    else:
        before = ELLIPSIS + cut_left(before, left - 1) if left > 1 else ""
    rest = room - width(before)
    if width(after) > rest or cut_after:
        after = cut(after, rest - 1) + ELLIPSIS if rest > 1 else ""
    return before, marked, after
