"""Positions in texts: where each character came from, and its line and column.

All offsets are code points.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    SegmentKind = Literal["verbatim", "escape", "synthetic"]


class Segment(NamedTuple):
    """A stretch of a map: `length` characters of the text that came from `outer_length` characters outside.

    `verbatim`: the same characters, one to one. `escape`: written differently outside (`\\"`, `&lt;`, a removed
    prefix); the whole segment represents the whole outer stretch. `synthetic`: not written outside at all; it points to
    the place where it would be.
    """

    start: int
    length: int
    outer_start: int
    outer_length: int
    kind: SegmentKind


class TextMap(NamedTuple):
    """A text with segments that cover it from first to last character, in order, without gaps or overlaps."""

    text: str
    segments: tuple[Segment, ...]

    @staticmethod
    def identity(text: str, start: int = 0) -> TextMap:
        """The map of a text that is outside, at `start`, exactly as it is."""
        if not text:
            return TextMap("", (Segment(0, 0, start, 0, "synthetic"),))
        return TextMap(text, (Segment(0, len(text), start, len(text), "verbatim"),))

    def _index(self, offset: int) -> int:
        """Index of the segment that holds the character at `offset`."""
        low, high = 0, len(self.segments)
        while low < high:
            middle = (low + high) // 2
            if self.segments[middle].start <= offset:
                low = middle + 1
            else:
                high = middle
        index = max(low - 1, 0)
        # Empty segments have no characters in the text; step back to the one that holds the character.
        while index > 0 and self.segments[index].length == 0:
            index -= 1
        return index

    def outer_start(self, offset: int) -> int:
        """Outer offset where the character at `offset` begins (for the end of the text: where it ends)."""
        if offset >= len(self.text):
            return self.outer_end(len(self.text)) if self.text else self._empty_at()
        segment = self.segments[self._index(offset)]
        if segment.kind == "verbatim":
            return segment.outer_start + (offset - segment.start)
        return segment.outer_start

    def outer_end(self, offset: int) -> int:
        """Outer offset just past the character before `offset`."""
        if offset <= 0:
            return self.outer_start(0) if self.text else self._empty_at()
        segment = self.segments[self._index(offset - 1)]
        if segment.kind == "verbatim":
            return segment.outer_start + (offset - segment.start)
        return segment.outer_start + segment.outer_length

    def inner_start(self, outer: int) -> int:
        """Offset in the text of the character at `outer` (of the whole segment, if it is written differently)."""
        segments = self.segments
        if segments and segments[0].outer_start > segments[-1].outer_start:
            segments = tuple(sorted(segments, key=lambda segment: segment.outer_start))
        index = bisect_right(segments, outer, key=lambda segment: segment.outer_start) - 1
        if index < 0:
            return 0
        segment = segments[index]
        inside = outer - segment.outer_start
        if inside >= segment.outer_length:
            return segment.start + segment.length
        return segment.start + (inside if segment.kind == "verbatim" else 0)

    def _empty_at(self) -> int:
        return self.segments[0].outer_start if self.segments else 0

    def to_outer(self, start: int, end: int) -> tuple[int, int]:
        """The outer span of `start:end`. An empty span gives an empty outer span.

        Where the outside has the parts in another order, it is the span that holds them all.
        """
        begin = self.outer_start(start)
        if end <= start:
            return begin, begin
        stop = self.outer_end(end)
        if stop < begin:
            held = self.segments[self._index(start) : self._index(end - 1) + 1]
            begin = min(stop, *(segment.outer_start for segment in held))
            stop = max(segment.outer_start + segment.outer_length for segment in held)
        return begin, stop

    def editable(self, start: int, end: int) -> tuple[int, int] | None:
        """The outer span of `start:end` if replacing it outside replaces just these characters, else None.

        That is so inside verbatim segments that touch each other outside. An insertion (`start == end`) needs a
        verbatim neighbour: it stays after the character before it, or, at the start of a line, before the one that
        follows.
        """
        if start == end:
            line_start = self.text[start - 1 : start] in ("", "\n")
            before, after = (start - 1, True), (start, False)
            for probe, at_end in (after, before) if line_start else (before, after):
                if 0 <= probe < len(self.text):
                    segment = self.segments[self._index(probe)]
                    if segment.kind == "verbatim":
                        place = segment.outer_start + (probe - segment.start) + (1 if at_end else 0)
                        return place, place
            return None
        if not 0 <= start < end <= len(self.text):
            return None
        index = self._index(start)
        first = self.outer_start(start)
        expected = first
        position = start
        while position < end:
            segment = self.segments[index]
            if segment.length:
                if segment.kind != "verbatim":
                    return None
                if segment.outer_start + (position - segment.start) != expected:
                    return None
                step = min(end, segment.start + segment.length) - position
                position += step
                expected += step
            index += 1
        return first, expected

    def slice(self, start: int, end: int) -> TextMap:
        """The map of `text[start:end]`."""
        if end <= start:
            at = self.outer_start(start)
            return TextMap("", (Segment(0, 0, at, 0, "synthetic"),))
        return self.compose(TextMap.identity(self.text[start:end], start))

    def compose(self, inner: TextMap) -> TextMap:
        """The map of `inner.text`, whose outer text is this text, directly to this map's own outer text."""
        if len(self.segments) == 1 and self.segments[0].kind == "verbatim" and inner.segments:
            # One verbatim segment: everything inside it moves by the same distance.
            shift = self.segments[0].outer_start
            if shift == 0:
                return inner
            moved = (segment._replace(outer_start=segment.outer_start + shift) for segment in inner.segments)
            return TextMap(inner.text, tuple(moved))
        result: list[Segment] = []
        for segment in inner.segments:
            outer_start, outer_length = segment.outer_start, segment.outer_length
            if segment.kind != "verbatim":
                begin, end = self.to_outer(outer_start, outer_start + outer_length)
                result.append(Segment(segment.start, segment.length, begin, end - begin, segment.kind))
                continue
            position, stop, index = outer_start, outer_start + outer_length, self._index(outer_start)
            while position < stop and index < len(self.segments):
                mine = self.segments[index]
                step = min(stop, mine.start + mine.length) - position
                if step > 0:
                    at = segment.start + (position - outer_start)
                    if mine.kind == "verbatim":
                        result.append(Segment(at, step, mine.outer_start + (position - mine.start), step, "verbatim"))
                    else:
                        result.append(Segment(at, step, mine.outer_start, mine.outer_length, mine.kind))
                    position += step
                index += 1
        if not result:
            at = self.outer_start(inner.segments[0].outer_start) if inner.segments else self._empty_at()
            result.append(Segment(0, 0, at, 0, "synthetic"))
        return TextMap(inner.text, tuple(_merge(result)))


def _merge(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Join verbatim neighbours that also touch outside."""
    last: Segment | None = None
    for segment in segments:
        if (
            last is not None
            and last.kind == segment.kind == "verbatim"
            and last.start + last.length == segment.start
            and last.outer_start + last.outer_length == segment.outer_start
        ):
            last = last._replace(
                length=last.length + segment.length, outer_length=last.outer_length + segment.outer_length
            )
            continue
        if last is not None:
            yield last
        last = segment
    if last is not None:
        yield last


class MapBuilder:
    """Builds a `TextMap` from left to right."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._segments: list[Segment] = []
        self._length = 0

    def _add(self, text: str, outer_start: int, outer_length: int, kind: SegmentKind) -> None:
        if text:
            self._parts.append(text)
            self._segments.append(Segment(self._length, len(text), outer_start, outer_length, kind))
            self._length += len(text)

    def verbatim(self, outer: str, start: int, end: int) -> None:
        """Take `outer[start:end]` as it is."""
        self._add(outer[start:end], start, end - start, "verbatim")

    def escape(self, text: str, outer_start: int, outer_length: int) -> None:
        """Add `text`, which the outside writes as `outer_length` other characters at `outer_start`."""
        self._add(text, outer_start, outer_length, "escape")

    def synthetic(self, text: str, outer_start: int) -> None:
        """Add `text` that is not in the outer text."""
        self._add(text, outer_start, 0, "synthetic")

    def extend(self, part: TextMap) -> None:
        """Add an already mapped text."""
        for segment in part.segments:
            text = part.text[segment.start : segment.start + segment.length]
            self._add(text, segment.outer_start, segment.outer_length, segment.kind)

    def __len__(self) -> int:
        return self._length

    def build(self, outer_start: int = 0) -> TextMap:
        """The finished map; `outer_start` is where an empty text points."""
        if not self._segments:
            return TextMap("", (Segment(0, 0, outer_start, 0, "synthetic"),))
        return TextMap("".join(self._parts), tuple(_merge(self._segments)))


_LINE_END = lazily(r"\r\n|\n|\r")


class Position(NamedTuple):
    """A place in a file: line and column, both counted from 1, columns in code points."""

    line: int
    column: int


class LineIndex:
    """Line starts of a text. Lines end at LF, CRLF or CR alone."""

    def __init__(self, text: str) -> None:
        self.text = text
        if "\r" in text:
            self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        else:
            starts = [0]
            at = text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find("\n", at + 1)
            self.starts = starts

    def position(self, offset: int) -> Position:
        """Line and column of `offset` (0 to the text's length)."""
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a line and column."""
        return self.starts[line - 1] + column - 1

    def line_span(self, line: int) -> tuple[int, int]:
        """Offsets of a line's first character and of its end, line break excluded."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return start, end
