"""What variables hold: known text with the places where it is written, or stretches that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Region
    from nemolint.shell.command import Piece, PieceKind, Word

# A value may not grow without end, and only a few are kept apart where branches meet.
MAX_SIZE = 65_536
MAX_PIECES = 2_000
MAX_CHOICES = 6
_BLANKS = " \t\n"
# An unknown rest of a value, and one that begins with a blank if it is not empty.
REST, SPACED = "$…", "$ …"
# What ends a command, or begins or ends a quotation, in text for a shell.
_CUTS = lazily(r"[\n;#|&<>()'\"\\`]")


class Absent(Enum):
    """What stands for a value where there is none to tell.

    `UNSET`: no value at all. `UNKNOWN`: nobody knows. `OPEN`, in an array: no item, or one, or several.
    """

    UNSET = 0
    UNKNOWN = 1
    OPEN = 2


UNSET, UNKNOWN, OPEN = Absent.UNSET, Absent.UNKNOWN, Absent.OPEN


class Fragment(NamedTuple):
    """A stretch of a value: `text`, as `start:end` of `region` writes it.

    Where it is not `known`, `text` is the expansion as written, and stands for anything. `quoted`: the word where it
    was last put in keeps it whole. `use` is where in a command it was put in, None where it is written there itself.
    `call` is the call of a function that it is an argument of. Of one that is not known, `cuts`: it may be something
    that ends a command where it is put into text for a shell; `names`: it may hold the name of the command.
    """

    text: str
    region: Region
    start: int
    end: int
    known: bool = True
    quoted: bool = False
    kind: PieceKind = "literal"
    use: tuple[int, int] | None = None
    call: object | None = None
    cuts: bool = False
    names: bool = False

    def cut(self, start: int, end: int) -> Fragment:
        """Characters `start:end`, at their own place where they are written one to one."""
        text = self.text[start:end]
        if self.known and self.end - self.start == len(self.text):
            return self._replace(text=text, start=self.start + start, end=self.start + end)
        return self._replace(text=text)


Value = tuple[Fragment, ...]


class Items:
    """The items of an array in order, each with its index or key (None behind an open item)."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[tuple[int | str | None, Value | Absent], ...]) -> None:
        if sum(value is OPEN for _, value in entries) > 1:
            # Two open items in a row say no more than one.
            following = (*entries[1:], (None, UNSET))
            pairs = zip(entries, following, strict=True)
            entries = tuple(entry for entry, after in pairs if entry[1] is not OPEN or after[1] is not OPEN)
        self.entries = entries

    @staticmethod
    def of(values: Iterable[Value | Absent]) -> Items:
        """An array of these values, counted from 0."""
        entries: list[tuple[int | str | None, Value | Absent]] = []
        at: int | None = 0
        for value in values:
            at = None if value is OPEN or at is None else at
            entries.append((at, value))
            at = None if at is None else at + 1
        return Items(tuple(entries))

    def counted(self, index: int) -> int | None:
        """The index that a negative one means, which counts from the last; None if nobody knows, or there is none."""
        last = self.entries[-1][0] if self.entries else None
        return last + 1 + index if isinstance(last, int) and last + 1 + index >= 0 and self.complete else None

    @property
    def values(self) -> list[Value | Absent]:
        return [value for _, value in self.entries]

    @property
    def complete(self) -> bool:
        return all(value is not OPEN for _, value in self.entries)


Content = Value | Items | Absent


def text_of(value: Value) -> str:
    """The text, unknown stretches as written."""
    return value[0].text if len(value) == 1 else "".join(fragment.text for fragment in value)


def known(value: Value) -> bool:
    return all(fragment.known for fragment in value)


def only(choices: Sequence[Content] | None) -> Value | None:
    """The text that a variable or a file surely holds, None where there is none."""
    content = choices[0] if choices is not None and len(choices) == 1 else None
    return content if isinstance(content, tuple) else None


def is_open(value: Value) -> bool:
    """True if a field of this value may be no field or several when it runs."""
    return any(
        not f.known and (not f.quoted or f.text in ("$@", "${@}") or "[@]" in f.text or f.text[:4] == "${(@")
        for f in value
    )


def cost(content: Content) -> int:
    """What it takes to handle a value once."""
    if isinstance(content, Items):
        return 1 + sum(cost(value) for value in content.values)
    if isinstance(content, tuple):
        return 1 + len(content) + sum(len(fragment.text) for fragment in content) // 40
    return 1


def too_large(content: Content) -> bool:
    if isinstance(content, Items):
        return len(content.entries) > MAX_PIECES or sum(map(_size, content.values)) > MAX_SIZE
    return isinstance(content, tuple) and (len(content) > MAX_PIECES or _size(content) > MAX_SIZE)


def _size(value: Value | Absent) -> int:
    return sum(len(fragment.text) for fragment in value) if isinstance(value, tuple) else 0


def names_command(content: Content) -> bool:
    """True if the value may be, or hold, the name of the command."""
    if isinstance(content, Items):
        return any(names_command(value) for value in content.values)
    return isinstance(content, tuple) and any("nemotron" in f.text or f.names for f in content)


def spells_subcommand(content: Content) -> bool:
    """True if the value is, or holds, `steps` or `run`, which make `nemotron` a run."""
    return isinstance(content, tuple) and not {"steps", "run"}.isdisjoint(text_of(content).split())


def _spells_run(content: Content) -> bool:
    return names_command(content) or spells_subcommand(content)


def may_cut(content: Content) -> bool:
    """True if the value may end a command, or a quotation, where it is put into text for a shell."""
    if not isinstance(content, tuple):
        return False
    return any(_CUTS.search(fragment.text) if fragment.known else fragment.cuts for fragment in content)


def protected(piece: Piece) -> bool:
    """True if the shell does not split the piece or look for patterns in it."""
    return piece.quoted or piece.kind in ("single", "double", "escaped", "placeholder")


def fragment_of(piece: Piece, region: Region) -> Fragment:
    """A piece of a word as a fragment of a value."""
    return Fragment(piece.text, region, piece.start, piece.end, piece.kind != "expansion", protected(piece), piece.kind)


def value_of(word: Word) -> Value:
    """The word as written."""
    return tuple(fragment_of(piece, word.region) for piece in word.pieces)


def cut(value: Value, start: int, end: int) -> Value:
    """Characters `start:end` of a value."""
    found: list[Fragment] = []
    at = 0
    for fragment in value:
        begin, stop = max(start - at, 0), min(end - at, len(fragment.text))
        at += len(fragment.text)
        if begin < stop:
            found.append(fragment if begin == 0 and stop == len(fragment.text) else fragment.cut(begin, stop))
    return tuple(found)


def without_last_lines(value: Value) -> Value:
    """The value without the newlines at its end, as `$(…)` gives it."""
    while value and value[-1].known:
        text = value[-1].text.rstrip("\n")
        if text:
            return (*value[:-1], value[-1].cut(0, len(text))) if len(text) < len(value[-1].text) else value
        value = value[:-1]
    return value


def lines(value: Value, end: str = "\n") -> list[Value]:
    """The lines of a value, without the character that ends each; an empty last one does not count."""
    found: list[Value] = []
    current: list[Fragment] = []
    for fragment in value:
        if not fragment.known:
            current.append(fragment)
            continue
        at, text = 0, fragment.text
        while (stop := text.find(end, at)) >= 0:
            if stop > at:
                current.append(fragment.cut(at, stop))
            found.append(tuple(current))
            current = []
            at = stop + 1
        if at < len(text):
            current.append(fragment.cut(at, len(text)) if at else fragment)
    if current:
        found.append(tuple(current))
    return found


class Fields:
    """Builds the fields that the shell makes of a word, splitting what is not quoted at the characters of `ifs`."""

    def __init__(self, ifs: str) -> None:
        self.found: list[Value] = []
        self._current: list[Fragment] | None = None
        self._blanks = "".join(char for char in ifs if char in _BLANKS)
        self._marks = "".join(char for char in ifs if char not in _BLANKS)
        self._after_blank = False
        # A rest that begins a field of its own, if a blank or nothing follows.
        self._spaced: Fragment | None = None

    @property
    def begun(self) -> bool:
        """True if the field that is open has more than one part."""
        return self._current is not None and len(self._current) > 1

    def put(self, fragment: Fragment) -> None:
        """Add a fragment to the field that is open."""
        self.hold()
        assert self._current is not None
        self._current.append(fragment)

    def hold(self) -> None:
        """There is a field, even if nothing comes into it: it has quotes."""
        if self._current is None:
            self._current = []
        if self._spaced is not None:
            self._current.append(self._spaced)
            self._spaced = None

    def close(self) -> None:
        """End the field that is open."""
        if self._current is not None:
            self.found.append(tuple(self._current))
            self._current = None
        if self._spaced is not None:
            self.found.append((self._spaced,))
            self._spaced = None

    def split(self, value: Value) -> None:
        """Add a value that stands outside quotes."""
        for fragment in value:
            if fragment.known:
                self._split(fragment)
            elif fragment.text == SPACED and " " in self._blanks:
                if self._spaced is None:
                    self._spaced = fragment._replace(text=REST)
            else:
                self.put(fragment)

    def _split(self, fragment: Fragment) -> None:
        text, start = fragment.text, 0
        if not any(char in self._blanks or char in self._marks for char in text):
            if text:
                self.put(fragment)
            return
        for at, char in enumerate(text):
            blank = char in self._blanks
            if not blank and char not in self._marks:
                continue
            if start < at:
                self.put(fragment.cut(start, at))
            elif not blank and self._spaced is not None:
                self.hold()
            start = at + 1
            if blank:
                self._after_blank = self._after_blank or self._current is not None
                self.close()
                continue
            if self._current is None and not self._after_blank:
                self.found.append(())
            self._after_blank = False
            self.close()
        if start < len(text):
            self._after_blank = False
            self.put(fragment.cut(start, len(text)))


def split(value: Value, ifs: str) -> list[Value]:
    """The fields of a value that stands outside quotes."""
    fields = Fields(ifs)
    fields.split(value)
    fields.close()
    return fields.found


def join(values: Sequence[Value], separator: str, at: Fragment) -> Value:
    """Values in a row; the separator stands nowhere, and counts as written at the place of `at`."""
    found: list[Fragment] = []
    for number, value in enumerate(values):
        if number and separator:
            found.append(at._replace(text=separator, known=True))
        found.extend(value)
    return tuple(found)


def same(one: Content, other: Content) -> bool:
    """True if both are the same text, wherever it is written."""
    if one is other:
        return True
    if isinstance(one, Items) and isinstance(other, Items):
        return len(one.entries) == len(other.entries) and all(
            a[0] == b[0] and same(a[1], b[1]) for a, b in zip(one.entries, other.entries, strict=True)
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        if text_of(one) != text_of(other):
            return False
        return [(f.text, f[-2:]) for f in one if not f.known] == [(f.text, f[-2:]) for f in other if not f.known]
    return False


def merged(one: Content, other: Content) -> Content | None:
    """What is certain where it is one or the other: the same beginning (and end), open between; None if too little."""
    if isinstance(one, Items) and isinstance(other, Items):
        return _merged_items(one, other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return _merged_values(one, other)
    return None


def _merged_items(one: Items, other: Items) -> Items | None:
    first, second = one.values, other.values
    begin, least = 0, min(len(first), len(second))
    while begin < least and same(first[begin], second[begin]):
        begin += 1
    end = 0
    while end < least - begin and same(first[-1 - end], second[-1 - end]):
        end += 1
    lost = (*first[begin : len(first) - end], *second[begin : len(second) - end])
    if begin == end == 0 or any(map(_spells_run, lost)):
        return None
    tail = first[len(first) - end :]
    between = [] if begin + end == len(first) == len(second) else [OPEN]
    return Items.of((*first[:begin], *between, *tail))


def _merged_values(one: Value, other: Value) -> Value | None:
    """The common beginning of two values of which one was made from the other, and an unknown rest."""
    if len(one) > len(other):
        one, other = other, one
    begin = 0
    while begin < len(one) and one[begin][:4] == other[begin][:4] and one[begin][-2:] == other[begin][-2:]:
        begin += 1
    if not begin:
        return None
    rests = (one[begin:], other[begin:])
    if any(map(_spells_run, rests)):
        return None
    certain = begin
    while certain and not one[certain - 1].known and one[certain - 1].text in (REST, SPACED):
        certain -= 1
    known_before, before = one[:certain], one[certain:begin]
    spaced = all(not rest or (rest[0].known and rest[0].text[:1] in (" ", "\t")) for rest in rests)
    spaced = spaced and all(fragment.text == SPACED for fragment in before)
    blank = any(fragment.text == SPACED or " " in fragment.text for value in (before, *rests) for fragment in value)
    if not before and not known_before[-1].known:  # it may be anything, the rest with it
        texts = [SPACED] if blank else []
    else:
        texts = [SPACED] if spaced else [REST, SPACED] if blank else [REST]
    cuts = any(map(may_cut, (one[:begin], *rests)))
    last = one[begin - 1]._replace(known=False, quoted=False, kind="expansion", cuts=cuts)
    return (*known_before, *(last._replace(text=text) for text in texts))
