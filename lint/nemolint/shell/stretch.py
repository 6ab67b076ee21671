"""A stretch of shell text being read: the position in it, lookups ahead, and the results so far.

Lookups may be repeated; all of them together take linear time.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.shell.raw import Backtick, Budget, HereDoc, ListItem, RawCommand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nemolint.document import Region
    from nemolint.shell.command import Piece

NEWLINE = lazily(r"\r\n|\n|\r")
_EOL = lazily(r"[\r\n]")


class _Frame(NamedTuple):
    """The state to restore after a failed attempt."""

    out: int
    comments: int
    backticks: int
    recovered: int
    spans: int
    multiline: int
    pending: int


class Stretch:
    """Reads one region's text, a stretch at a time: the one from `i` to `end`.

    `text` may differ from the region's own at equal length: a NUL is dropped, as in bash (prompts are masked that way).
    `doc`: the text is documentation, where `<a|b>` and `[x | y]` are usage grammar. `literal` are the offsets of quotes
    that an earlier attempt found to be plain characters. `opaque` gives the ends, by their starts, of expansions that
    the outer shell has already performed.
    """

    def __init__(
        self,
        region: Region,
        text: str,
        *,
        doc: bool,
        budget: Budget,
        literal: frozenset[int] = frozenset(),
        opaque: Mapping[int, int] | None = None,
    ) -> None:
        self.region = region
        self.text = text
        self.doc = doc
        self.budget = budget
        self.literal = literal
        self.opaque = opaque or {}
        self.i = 0
        self.end = len(text)
        self.out: list[RawCommand] = []
        self.comments: list[tuple[int, int]] = []
        self.backticks: list[Backtick] = []
        self.recovered: list[int] = []
        self.spans: list[tuple[int, int]] = []
        # Quotations over several lines: offset of the opening quote, of its line's end, of the closing quote.
        self.multiline: list[tuple[int, int, int]] = []
        # Places where the nesting was too deep.
        self.flat: list[int] = []
        self.heredoc_spans: list[tuple[int, int]] = []
        # The scripts of the text, and the lists of commands in its substitutions by where those begin.
        self.roots: list[list[ListItem]] = []
        self.lists: dict[int, list[ListItem]] = {}
        self._operands: dict[tuple[int, bool], list[Piece]] = {}
        self.pending: list[HereDoc] = []
        self._found: dict[str, tuple[int, int]] = {}
        self._lines: dict[str, list[int]] | None = None

    def find(self, token: str, start: int) -> int:
        """Offset of the next `token` from `start` on inside the stretch, else -1."""
        since, at = self._found.get(token, (1, 0))
        if not since <= start <= at:
            at = self.text.find(token, start)
            if at < 0:
                at = len(self.text)
            self._found[token] = (start, at)
        return at if at + len(token) <= self.end else -1

    def _eol(self, start: int) -> int:
        """Offset of the line's end."""
        since, at = self._found.get("\n\r", (1, 0))
        if not since <= start <= at:
            match = _EOL.search(self.text, start)
            at = match.start() if match else len(self.text)
            self._found["\n\r"] = (start, at)
        return min(at, self.end)

    def same_line(self, token: str, start: int) -> bool:
        return 0 <= self.find(token, start) < self._eol(start)

    def mark(self) -> _Frame:
        return _Frame(
            len(self.out),
            len(self.comments),
            len(self.backticks),
            len(self.recovered),
            len(self.spans),
            len(self.multiline),
            len(self.pending),
        )

    def forget(self, frame: _Frame) -> None:
        del self.out[frame.out :]
        del self.comments[frame.comments :]
        del self.backticks[frame.backticks :]
        del self.recovered[frame.recovered :]
        del self.spans[frame.spans :]
        del self.multiline[frame.multiline :]
        del self.pending[frame.pending :]

    def comment(self) -> None:
        stop = self._eol(self.i)
        self.comments.append((self.i, stop))
        self.i = stop

    def heredocs(self) -> None:
        """At the start of a line: read the bodies of the here-documents of the line before."""
        pending, self.pending = self.pending, []
        for heredoc in pending:
            at, after = self._delimiter(heredoc, self.i)
            if at < 0:
                continue
            heredoc.start, heredoc.end = self.i, at
            self.heredoc_spans.append((self.i, after))
            self.i = after

    def _delimiter(self, heredoc: HereDoc, start: int) -> tuple[int, int]:
        """Start of the delimiter's line and of the line after it; (-1, -1) if there is none."""
        if self._lines is None:
            self._lines = {}
            at = 0
            for line in re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.text):
                key = line.rstrip("\r\n").replace("\0", "")
                self._lines.setdefault(key, []).append(at)
                if key.startswith("\t"):
                    self._lines.setdefault("\t" + key.lstrip("\t"), []).append(at)
                at += len(line)
        keys = [heredoc.delimiter]
        if heredoc.tabs:
            keys.append("\t" + heredoc.delimiter)
        best = -1
        for key in keys:
            places = self._lines.get(key, [])
            index = bisect_left(places, start)
            if index < len(places) and (best < 0 or places[index] < best):
                best = places[index]
        if best < 0 or best >= self.end:
            return -1, -1
        stop = self._eol(best)
        newline = NEWLINE.match(self.text, stop, self.end)
        return best, newline.end() if newline else stop
