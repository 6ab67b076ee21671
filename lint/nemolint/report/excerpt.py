"""Lines of a file with a span marked under them, secrets masked before anything is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nemolint.report.visible import cut, cut_left, visible, width

if TYPE_CHECKING:
    from nemolint.document import Document
    from nemolint.secrets.redact import MaskedText

ELLIPSIS = "…"
MAX_LINES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One row of an excerpt: a numbered line of the file, or (number None) marks under the line above."""

    number: int | None
    text: str


class Excerpts:
    """Excerpts of one document. `mask` gives the text of a file span without its secrets."""

    def __init__(self, document: Document, mask: Callable[[int, int], MaskedText]) -> None:
        self._document = document
        self._mask = mask
        # A line may be long and hold many findings.
        self._lines: dict[int, MaskedText] = {}

    def rows(self, start: int, end: int, columns: int) -> Iterator[Row]:
        """The rows that show the file span `start:end` in a terminal with `columns` left for text."""
        lines = self._document.lines
        first = lines.position(start).line
        last = lines.position(max(end - 1, start)).line
        if first == last:
            yield from self._single(first, start, end, columns)
        else:
            yield from self._multiple(first, last, start, end, columns)

    def _line(self, number: int) -> MaskedText:
        known = self._lines.get(number)
        if known is None:
            known = self._lines[number] = self._mask(*self._document.lines.line_span(number))
        return known

    def _single(self, number: int, start: int, end: int, columns: int) -> Iterator[Row]:
        line = self._line(number)
        begin = line.offset(start)
        stop = max(line.offset(end, end=True), begin) if end > start else begin
        before, marked, after = window(line.text, begin, stop, columns)
        yield Row(number, before + marked + after)
        yield Row(None, " " * width(before) + "^" * max(width(marked), 1))

    def _multiple(self, first: int, last: int, start: int, end: int, columns: int) -> Iterator[Row]:
        room = columns - 2
        line = self._line(first)
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
            yield Row(number, ("| " + "".join(window(self._line(number).text, 0, 0, room))).rstrip())
        line = self._line(last)
        stop = line.offset(end, end=True)
        before, marked, after = window(line.text, 0, stop, room, keep_end=True)
        yield Row(last, "| " + before + marked + after)
        yield Row(None, "|" + "_" * max(width(before + marked), 1) + "^")


def window(text: str, start: int, end: int, columns: int, *, keep_end: bool = False) -> tuple[str, str, str]:
    """What is left of `start`, between and right of `end`, made visible and cut to `columns`, `…` where it was cut.

    The span's beginning is kept, or its end with `keep_end`; what room is left shows the text around it. The time does
    not depend on the length of the text.
    """
    columns = max(columns, 20)
    # No character takes less than a column but combining ones, so twice the room is more than enough to look at.
    reach = 2 * columns
    before = visible(text[max(start - reach, 0) : start])
    after = visible(text[end : end + reach])
    long = end - start > reach
    span = text[end - reach : end] if long and keep_end else text[start : start + reach] if long else text[start:end]
    marked = visible(span)
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
    # Two thirds of the room for what stands before, unless the text after is short.
    left = max(room * 2 // 3, room - width(after)) if not cut_after else room * 2 // 3
    if width(before) <= left and not cut_before:
        left = width(before)
    else:
        before = ELLIPSIS + cut_left(before, left - 1) if left > 1 else ""
    rest = room - width(before)
    if width(after) > rest or cut_after:
        after = cut(after, rest - 1) + ELLIPSIS if rest > 1 else ""
    return before, marked, after
