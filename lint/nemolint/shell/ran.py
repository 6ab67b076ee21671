"""What the commands of a layer became each time that they were run on paper, and the words that they have for it."""

from __future__ import annotations

from itertools import pairwise

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Span
from nemolint.shell.command import Piece, Word
from nemolint.shell.values import REST, SPACED, Fragment, Value, same, text_of, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.document import Region
    from nemolint.shell.layer import Layer
    from nemolint.shell.raw import RawCommand

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


def runs_of(layer: Layer, raw: RawCommand) -> Runs:
    """What a command of a layer became, to be added to."""
    return layer.runs.setdefault(id(raw), Runs())


def put_in(layer: Layer, raw: RawCommand, fields: list[list[Value]]) -> list[Word]:
    """The words of a command with what was put into them."""
    words: list[Word] = []
    for word, values in zip(raw.words, fields, strict=True):
        if _stays(layer, word, words) or (len(values) == 1 and (values[0] == value_of(word) or _is_known_key(word))):
            words.append(word)
        else:
            inside = [(piece.start, piece.end) for piece in word.pieces if piece.kind == "expansion"]
            words += [
                _word(layer.region, _put_in(value, layer.region, inside), word.start, word.end) for value in values
            ]
    return [layer.traced_word(word) for word in words]


def _stays(layer: Layer, word: Word, before: list[Word]) -> bool:
    """Whether a word with braces is shown as written, which rules check: any but those that spell the command."""
    return word.has_braces and (layer.region.surface != "script" or any(other.value == "run" for other in before))


def called_with(layer: Layer, raw: RawCommand, values: list[Value]) -> list[Word]:
    """The words of a command that a function ran for this call of it."""
    name = raw.words[0] if raw.words else None
    start, end = (name.start, name.end) if name is not None else (raw.start, raw.end)
    written = {word.pieces[0].start: word for word in raw.words if word.pieces}
    words: list[Word] = []
    for value in values:
        here = [f for f in value if f.region is layer.region and raw.start <= f.start <= f.end <= raw.end]
        word = written.get(here[0].start) if here and len(here) == len(value) else None
        if word is not None and [f[:4] for f in value] == [f[:4] for f in value_of(word)]:
            words.append(word)
            continue
        moved = tuple(
            f._replace(use=None if f in here else f.use if f.call is not None and f.use else (start, end))
            for f in value
        )
        words.append(_word(layer.region, moved, *((here[0].start, here[-1].end) if here else (start, end))))
    return [layer.traced_word(word) for word in words]


def _word(region: Region, value: Value, start: int, end: int) -> Word:
    """A word made of a value, which stands at `start:end`."""
    pieces = tuple(_piece(fragment, start, end) for fragment in value)
    derived = all(fragment.use is not None for fragment in value)
    origin = _origin(value) if derived and value else None
    if not derived and any(a.end > b.start for a, b in pairwise(pieces)):
        derived = True
    if derived:
        pieces = tuple(piece._replace(start=start, end=end) for piece in pieces)
    return Word(region, "".join(piece.text for piece in pieces), start, end, pieces, derived, origin)


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
