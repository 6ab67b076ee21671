"""One region as it was sliced, and what running it showed about its commands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Span
from nemolint.shell.command import Fault, Piece, Word
from nemolint.shell.values import REST, SPACED, Fragment, Value, same, text_of, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.base.positions import TextMap
    from nemolint.document import Region
    from nemolint.shell.raw import HereDoc, RawCommand
    from nemolint.shell.slicer import Slicer

# How many different commands are kept apart at one place.
_MAX_AT_ONE_PLACE = 40


class Argument(NamedTuple):
    """A word that a command gets: its text, unknown parts as written, and what that is made of."""

    value: str
    parts: Value

    @staticmethod
    def of(parts: Value) -> Argument:
        return Argument(text_of(parts), parts)

    @property
    def pieces(self) -> Value:
        return self.parts


class Runs:
    """What a command of the text became each time it ran: for each of its words, those that the shell made of it.

    `calls`: what the functions that it calls ran with its words.
    """

    __slots__ = ("calls", "fields")

    def __init__(self) -> None:
        self.fields: list[list[list[Value]]] = []
        self.calls: list[list[Value]] = []

    def add(self, fields: list[list[Value]]) -> None:
        if len(self.fields) < _MAX_AT_ONE_PLACE and not any(_alike(fields, other) for other in self.fields):
            self.fields.append(fields)

    def add_call(self, words: list[Value]) -> None:
        if len(self.calls) < _MAX_AT_ONE_PLACE and not any(_equal(words, other) for other in self.calls):
            self.calls.append(words)


def _alike(one: list[list[Value]], other: list[list[Value]]) -> bool:
    return len(one) == len(other) and all(_equal(a, b) for a, b in zip(one, other, strict=True))


def _equal(one: list[Value], other: list[Value]) -> bool:
    return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))


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

    def runs_of(self, raw: RawCommand) -> Runs:
        return self.runs.setdefault(id(raw), Runs())

    def put_in(self, raw: RawCommand, fields: list[list[Value]]) -> list[Word]:
        """The words of a command with what was put into them."""
        words: list[Word] = []
        for word, values in zip(raw.words, fields, strict=True):
            if self._stays(word, words) or (len(values) == 1 and (values[0] == value_of(word) or _is_known_key(word))):
                words.append(word)
            else:
                inside = [(piece.start, piece.end) for piece in word.pieces if piece.kind == "expansion"]
                words += [self._word(_put_in(value, self.region, inside), word.start, word.end) for value in values]
        return [self._traced(word) for word in words]

    def _stays(self, word: Word, before: list[Word]) -> bool:
        """Whether a word with braces is shown as written, which rules check: any but those that spell the command."""
        return word.has_braces and (self.region.surface != "script" or any(other.value == "run" for other in before))

    def called_with(self, raw: RawCommand, values: list[Value]) -> list[Word]:
        """The words of a command that a function ran for this call of it."""
        name = raw.words[0] if raw.words else None
        start, end = (name.start, name.end) if name is not None else (raw.start, raw.end)
        written = {word.pieces[0].start: word for word in raw.words if word.pieces}
        words: list[Word] = []
        for value in values:
            here = [f for f in value if f.region is self.region and raw.start <= f.start <= f.end <= raw.end]
            word = written.get(here[0].start) if here and len(here) == len(value) else None
            if word is not None and [f[:4] for f in value] == [f[:4] for f in value_of(word)]:
                words.append(word)
                continue
            moved = tuple(
                f._replace(use=None if f in here else f.use if f.call is not None and f.use else (start, end))
                for f in value
            )
            words.append(self._word(moved, *((here[0].start, here[-1].end) if here else (start, end))))
        return [self._traced(word) for word in words]

    def _word(self, value: Value, start: int, end: int) -> Word:
        """A word made of a value, which stands at `start:end`."""
        pieces = tuple(_piece(fragment, start, end) for fragment in value)
        derived = all(fragment.use is not None for fragment in value)
        origin = _origin(value) if derived and value else None
        if not derived and any(a.end > b.start for a, b in pairwise(pieces)):
            derived = True
        if derived:
            pieces = tuple(piece._replace(start=start, end=end) for piece in pieces)
        return Word(self.region, "".join(piece.text for piece in pieces), start, end, pieces, derived, origin)

    def traced(self, words: Sequence[Word]) -> list[Word]:
        """The words, each with the place where it is written."""
        return [self._traced(word) for word in words] if self.written else list(words)

    def _traced(self, word: Word) -> Word:
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


def _is_known_key(word: Word) -> bool:
    """True for `key=…$X…`: the key is known, and what the value becomes is left as written."""
    first = word.pieces[0] if word.pieces else None
    if first is None or not word.expansion:
        return False
    return first.kind != "expansion" and "=" in first.text and first.text[:1] != "-"


def _put_in(value: Value, region: Region, expansions: Sequence[tuple[int, int]]) -> Value:
    """The value, of which nothing can be edited that is written inside an expansion, as in `$(echo …)`."""
    found: list[Fragment] = []
    for fragment in value:
        if fragment.use is None and fragment.known and fragment.region is region:
            within = (place for place in expansions if place[0] < fragment.start and fragment.end < place[1])
            fragment = fragment._replace(use=next(within, None))
        found.append(fragment)
    return tuple(found)


def _piece(fragment: Fragment, start: int, end: int) -> Piece:
    kind = fragment.kind if fragment.known else "expansion"
    begin, stop = fragment.use or (fragment.start, fragment.end)
    if not start <= begin <= stop <= end:
        begin, stop = start, end
    text = REST if fragment.text == SPACED and not fragment.known else fragment.text
    return Piece(kind, text, begin, stop, fragment.quoted)


def _origin(value: Value) -> Span | None:
    """Where a value is written, if in one place."""
    first, last = value[0], value[-1]
    if any(fragment.region is not first.region for fragment in value) or first.start > last.end:
        return None
    return Span(first.region, first.start, last.end)
