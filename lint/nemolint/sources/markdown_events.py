"""What the Markdown parser finds in a text: events, with offsets in code points, and the front matter before them."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder, TextMap
from nemolint.sources.myst import mdx_comments, plain_fences, without_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FRONT_MATTER = lazily(r"(---|\+\+\+)[ \t]*\n((?:.*\n)*?)(?:\1|\.\.\.)[ \t]*(?:\n|\Z)")
_SURROGATE = lazily("[\ud800-\udfff]")


def front_matter(text: str) -> re.Match[str] | None:
    """The front matter that a text with LF line ends begins with, and in group 2 what it holds."""
    return _FRONT_MATTER.match(text)


def parse(map: TextMap, *, is_mdx: bool) -> tuple[TextMap, Events]:
    """The parser's events for a text, and the map of the text that their ranges are in."""
    if is_mdx and "/*" in map.text:
        map = mdx_comments(map)
    # Of equal length, so that ranges stay the same.
    text = plain_fences(map.text)
    return map, Events(without_tags(text) if is_mdx else text)


class Events:
    """The parser's events for a text, each with its range, which `offsets` converts to code points."""

    def __init__(self, text: str) -> None:
        import pyromark

        self._code_points: _CodePoints | None = None
        if not text.isascii():
            text = _SURROGATE.sub("\ufffd", text)
            self._code_points = _CodePoints(text)
        options = pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_FOOTNOTES
        self._events: Iterator[tuple[Any, Any]] = iter(pyromark.events_with_range(text, options=options))

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return self._events

    def offsets(self, span: Any) -> tuple[int, int]:
        """Start and end of a range in code points."""
        start, end = span["start"], span["end"]
        known = self._code_points
        return (start, end) if known is None else (known.of_byte(start), known.of_byte(end))

    def code(self, text: str, start: int) -> TextMap:
        """The text of the code block that began at `start`, mapped to `text`. Takes its events, the end included."""
        builder = MapBuilder()
        end = start
        for event, part in self._events:
            begin, end = self.offsets(part)
            if "Text" not in event:
                break
            added(builder, text, event["Text"], begin, end)
        return builder.build(end)


class _CodePoints:
    """Offsets in code points for offsets in UTF-8 bytes."""

    def __init__(self, text: str) -> None:
        runs = [match.span() for match in re.finditer(rb"[\x80-\xbf]+", text.encode())]
        self._starts = [start for start, _ in runs]
        self._counts = [0, *accumulate(end - start for start, end in runs)]

    def of_byte(self, offset: int) -> int:
        return offset - self._counts[bisect_left(self._starts, offset)]


def added(builder: MapBuilder, text: str, written: str, start: int, end: int) -> None:
    """Add `written`, the parser's form of `text[start:end]`."""
    if len(written) == end - start:
        builder.verbatim(text, start, end)
    elif start == end:
        builder.synthetic(written, start)
    else:
        builder.escape(written, start, end - start)
