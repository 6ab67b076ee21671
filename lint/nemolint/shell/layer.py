"""One region as it was sliced, and the notes of what running it showed; `ran.py` makes words of these."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.base.positions import TextMap
    from nemolint.document import Region, Span
    from nemolint.shell.command import Fault, Word
    from nemolint.shell.ran import Runs
    from nemolint.shell.raw import HereDoc, RawCommand
    from nemolint.shell.slicer import Slicer


class Layer:
    """A region as sliced. `text` is what was sliced (prompts masked), `entries` its commands and the layers inside it.

    `written` holds the stretches of the text that are written elsewhere, `cutting` the starts of expansions that may be
    something that ends a command. By the identity of their raw commands: `done`: those that were run on paper, `runs`:
    what became of them, `refused`: those that bash refuses, `called`: those that only call a function of the script,
    `replaced`: those of them that a function ran in place of a program, `faults`: what is wrong with them.
    """

    def __init__(
        self,
        region: Region,
        text: str,
        slicer: Slicer,
        written: tuple[tuple[int, int, Span], ...] = (),
        cutting: tuple[int, ...] = (),
    ) -> None:
        self.region, self.text, self.slicer, self.written, self.cutting = region, text, slicer, written, cutting
        self.entries: list[tuple[int, int, RawCommand | Layer]] = []
        self.comments: list[tuple[int, int]] = []
        self.accounted: list[tuple[int, int]] = []
        self.done: set[int] = set()
        self.runs: dict[int, Runs] = {}
        self.refused: set[int] = set()
        self.called: set[int] = set()
        self.replaced: set[int] = set()
        self.faults: dict[int, dict[Fault, None]] = {}
        self._in_order: list[RawCommand] | None = None
        self._tops: list[int] | None = None
        self._heredocs: list[HereDoc] | None = None
        # How a script inside another layer is written there.
        self.map: TextMap | None = None

    def add(self, place: int, entry: RawCommand | Layer) -> None:
        self.entries.append((place, len(self.entries), entry))

    def heredoc_at(self, offset: int) -> HereDoc | None:
        """The here-document whose body holds the character at `offset`."""
        if self._heredocs is None:
            found = [heredoc for raw in self.slicer.out for heredoc in raw.heredocs if heredoc.start >= 0]
            self._heredocs = sorted(found, key=lambda heredoc: heredoc.start)
        index = bisect_right(self._heredocs, offset, key=lambda heredoc: heredoc.start) - 1
        return self._heredocs[index] if index >= 0 and offset < self._heredocs[index].end else None

    def top(self, offset: int) -> int:
        """Where the outermost command begins that holds the character at `offset`."""
        if self._tops is None:
            self._tops = sorted(max(step.node.start, 0) for steps in self.slicer.roots for step in steps)
        index = bisect_right(self._tops, offset) - 1
        return self._tops[index] if index >= 0 else 0

    def blame(self, raw: RawCommand, fault: Fault) -> None:
        """Note what is wrong with a command."""
        self.faults.setdefault(id(raw), {})[fault] = None

    def following(self, raw: RawCommand) -> RawCommand | None:
        """The next command behind another, as the text goes."""
        if self._in_order is None:
            self._in_order = sorted(self.slicer.out, key=lambda other: other.start)
        index = bisect_left(self._in_order, raw.end, key=lambda other: other.start)
        return self._in_order[index] if index < len(self._in_order) else None

    def cutting_in(self, start: int, end: int) -> int:
        """The first start in `cutting` that is in `start:end`, else -1."""
        index = bisect_left(self.cutting, start)
        return self.cutting[index] if index < len(self.cutting) and self.cutting[index] < end else -1

    def stretch_at(self, offset: int) -> tuple[int, int, Span] | None:
        """The stretch written elsewhere that holds the character at `offset`."""
        index = bisect_right(self.written, offset, key=lambda stretch: stretch[0]) - 1
        return self.written[index] if index >= 0 and offset < self.written[index][1] else None

    def traced(self, words: Sequence[Word]) -> list[Word]:
        """The words, each with the place where it is written."""
        return [self.traced_word(word) for word in words] if self.written else list(words)

    def traced_word(self, word: Word) -> Word:
        """The word, with the place where it is written if the text holds it only because it was put in."""
        if not self.written or word.derived:
            return word
        # The stretches are in order and apart, so that the first which ends behind the word is the only one to hold it.
        index = bisect_left(self.written, word.end, key=lambda stretch: stretch[1])
        if index == len(self.written) or self.written[index][0] > word.start:
            return word
        start, end, span = self.written[index]
        if end - start == span.end - span.start:
            span = span.sub(word.start - start, word.end - start)
        return word._replace(derived=True, origin=span)
