"""Expands constants: variables, arrays and aliases that are set once before they are used.

They are set at top level, or are local to the function that uses them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.document import Span
from nemolint.shell.command import Piece, Word
from nemolint.shell.raw import Budget
from nemolint.shell.slicer import DECLARATIONS, Slicer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nemolint.document import Region
    from nemolint.shell.raw import RawCommand

_REFERENCE = lazily(r"\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}|\{([A-Za-z_]\w*)\[([@*0])\]\})")
_NAME = lazily(r"[A-Za-z_]\w*")
_ASSIGNMENT = lazily(r"([A-Za-z_]\w*)(\+?)=")
_ALIAS = lazily(r"([\w.-]+)=")
# Declarations that make a variable local inside a function, and their options for other kinds of variables (a
# reference, a number, one of a fixed case).
_LOCAL = frozenset({"local", "declare", "typeset"})
_OTHER_KIND = lazily(r"-\w*[niulcg]")
# Commands that set the variables that they name.
_SETTERS = frozenset({"read", "mapfile", "readarray", "getopts", "unset", "let", "printf", "wait", "unalias"})
# Limits for a value built by `+=` or from other constants, and for all expansions of a file. Costs are those of
# `_cost`: a real file takes some hundreds, and a tenth of its length at most.
_MAX_WORDS = 2000
_MAX_VALUE = 5_000
_LEAST_PUT_IN, _MOST_PUT_IN = 30_000, 200_000


class Allowance:
    """The budget for expanding the constants of all scripts of a file, as costs of words."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    @staticmethod
    def of(length: int) -> Allowance:
        """The allowance of a file of `length` characters."""
        return Allowance(min(_LEAST_PUT_IN + length // 2, _MOST_PUT_IN))


class _Event(NamedTuple):
    """One assignment: its position in the order of commands, and the assigned words (None: unknown)."""

    order: int
    words: tuple[Word, ...] | None
    append: bool = False
    array: bool = False


class _History:
    """All assignments of one name, in order. `constant`: the first sets it, and the others only append.

    `costs` are cumulative. `named`: one of the assignments contains the name of the command.
    """

    __slots__ = ("constant", "costs", "events", "named")

    def __init__(self) -> None:
        self.events: list[_Event] = []
        self.costs: list[int] = []
        self.constant = True
        self.named = False

    def add(self, event: _Event) -> None:
        self.constant = self.constant and event.words is not None and event.append == bool(self.events)
        self.events.append(event)
        words = event.words or ()
        self.costs.append(sum(map(_cost, words)) + (self.costs[-1] if self.costs else 0))
        self.named = self.named or any("nemotron" in word.value for word in words)

    def count(self, order: int) -> int:
        """How many assignments come before `order`."""
        return bisect_left(self.events, order, key=lambda event: event.order)


class Constants:
    """The assignments of one script. Pass every command to `note`, in order, then call `expand`."""

    __slots__ = ("_alias_words", "_aliases", "_allowance", "_events", "_locals", "_shared", "_too_long")

    def __init__(self, allowance: Allowance) -> None:
        self._events: dict[str, _History] = {}
        self._aliases: dict[str, _History] = {}
        # Local variables by function and name, and the global names that some function sets.
        self._locals: dict[tuple[object, str], _History] = {}
        self._shared: set[str] = set()
        self._allowance = allowance
        self._too_long = False
        # The words of used aliases, by the order of their definition and by name.
        self._alias_words: dict[tuple[int, str], list[Word]] = {}

    def note(self, order: int, raw: RawCommand) -> None:
        """Record the assignments of a command."""
        name = raw.words[0].value if raw.words else ""
        if raw.header in ("for", "select"):
            self._unknown(name, order, raw)
            return
        if name in _SETTERS:
            for word in raw.words[1:]:
                self._unknown(word.value, order, raw)
            return
        if name == "alias":
            for word in raw.words[1:]:
                first = word.pieces[0] if word.pieces else None
                match = _ALIAS.match(first.text) if first is not None and first.kind == "literal" else None
                if match:
                    history = self._aliases.setdefault(match[1], _History())
                    history.add(_Event(order, (_behind(word, match.end()),) if raw.top else None))
            return
        if not raw.words or name in DECLARATIONS:
            plain = not any(_OTHER_KIND.match(word.value) for word in raw.words[1:])
            local = plain and name in _LOCAL and raw.function is not None
            known = plain and (local or name != "local")
            arrays = {array.name for array in raw.arrays}
            for word in (*(assignment.word for assignment in raw.assignments), *raw.words[1:]):
                match = _ASSIGNMENT.match(word.value)
                target = match[1] if match else word.value
                if local and _NAME.fullmatch(target):
                    self._locals.setdefault((raw.function, target), _History())
                if match and target not in arrays and word.pieces[0].kind == "literal":
                    self._assign(order, word, raw, known=known)
            for array in raw.arrays:
                if local:
                    self._locals.setdefault((raw.function, array.name), _History())
                for history, certain in self._histories(array.name, raw, known=known):
                    words, append = array.words, array.append
                    if not append and history.events and words and _refers(words[0].pieces, array.name):
                        words, append = words[1:], True
                    history.add(_Event(order, words if certain else None, append, array=True))

    def _unknown(self, name: str, order: int, raw: RawCommand) -> None:
        if _NAME.fullmatch(name):
            for history, _ in self._histories(name, raw, known=False):
                history.add(_Event(order, None))
            if name in self._aliases:
                self._aliases[name].add(_Event(order, None))

    def _histories(self, name: str, raw: RawCommand, *, known: bool) -> list[tuple[_History, bool]]:
        """The histories that an assignment by the command belongs to, and whether its value is known there."""
        histories = [(self._events.setdefault(name, _History()), known and raw.top)]
        own = self._locals.get((raw.function, name)) if raw.function is not None else None
        if own is not None:
            histories.append((own, known and raw.straight))
        elif not raw.top:
            self._shared.add(name)
        return histories

    def _assign(self, order: int, word: Word, raw: RawCommand, *, known: bool) -> None:
        match = _ASSIGNMENT.match(word.pieces[0].text)
        if match is None:
            return
        for history, certain in self._histories(match[1], raw, known=known):
            value, append = _behind(word, match.end()), bool(match[2])
            if not append and history.events and _refers(value.pieces[:1], match[1]):
                # `X="$X more"` appends to X like `X+=" more"`.
                append = True
                value = value._replace(value=value.value[len(value.pieces[0].text) :], pieces=value.pieces[1:])
            history.add(_Event(order, (value,) if certain else None, append))

    @property
    def exhausted(self) -> bool:
        """True if something was not expanded, since the file uses its constants too often, or one that names the
        command is too long.
        """
        return self._allowance.left < 0 or self._too_long

    @property
    def empty(self) -> bool:
        return not self._events and not self._aliases

    def expand(self, order: int, words: Sequence[Word], function: object | None = None) -> list[Word] | None:
        """The words of a command in `function` with constants and aliases expanded, or None if there are none."""
        result: list[Word] = []
        changed = False
        for index, word in enumerate(words):
            found = self._alias(order, word) if index == 0 else None
            if found is None:
                found = self._value(order, word, function, depth=0)
            if found is None:
                result.append(word)
                continue
            changed = True
            result.extend(found)
            if len(result) > _MAX_WORDS:
                return None
        return result if changed else None

    def _constant(self, history: _History | None, order: int) -> list[_Event] | None:
        """The assignments before `order` if no others set the name."""
        if history is None or not history.constant or self._allowance.left < 0:
            return None
        count = history.count(order)
        if not count:
            return None
        cost = history.costs[count - 1]
        if cost > _MAX_VALUE:
            self._too_long = self._too_long or history.named
            return None
        self._allowance.left -= cost
        return history.events[:count] if self._allowance.left >= 0 else None

    def _in_force(self, name: str, order: int, function: object | None) -> list[_Event] | None:
        """The assignments of a variable before `order`, if its value is known there."""
        own = self._locals.get((function, name)) if function is not None else None
        if own is None:
            return self._constant(self._events.get(name), order)
        events = self._constant(own, order)
        if events is None or name in self._shared:
            return None  # a function that is called here could set it
        # An argument (`local x=$1`) is as unknown as the variable itself.
        scalars = (value for event in events if not event.array for value in event.words or ())
        return None if any(value.expansion for value in scalars) else events

    def _value(self, order: int, word: Word, function: object | None, depth: int) -> list[Word] | None:
        if len(word.pieces) != 1 or word.pieces[0].kind != "expansion" or word.derived or depth > 4:
            return None
        piece = word.pieces[0]
        match = _REFERENCE.fullmatch(piece.text)
        if match is None:
            return None
        name = match[1] or match[2] or match[3]
        events = self._in_force(name, order, function)
        if events is None:
            return None
        if any(event.array for event in events):
            if not all(event.array for event in events):
                return None
            items = [(item, event.order) for event in events for item in event.words or ()]
            if match[4] not in ("@", "*"):
                items = items[:1]
            elif match[4] == "*" and piece.quoted:
                return None
            return self._items(items, word, function, depth)
        if match[4] in ("@", "*") and len(events) > 1:
            return None
        values = [value for event in events for value in event.words or ()]
        pieces = tuple(piece for value in values for piece in value.pieces)
        home = values[0].region if all(value.region is values[0].region for value in values) else None
        if piece.quoted:
            return [_derived(pieces, word, home)]
        return [_derived(part, word, home) for part in _split(pieces)]

    def _items(
        self, items: Iterable[tuple[Word, int]], word: Word, function: object | None, depth: int
    ) -> list[Word] | None:
        """The items of an array, each with the constants at the place of its assignment.

        None if they are too many for a command.
        """
        result: list[Word] = []
        for item, order in items:
            inner = self._value(order, item, function, depth + 1)
            if inner is None:
                result.append(_derived(item.pieces, word, item.region))
            else:
                result.extend(part._replace(region=word.region, start=word.start, end=word.end) for part in inner)
            if len(result) > _MAX_WORDS:
                return None
        return result

    def _alias(self, order: int, word: Word) -> list[Word] | None:
        if len(word.pieces) != 1 or word.pieces[0].kind != "literal":
            return None
        events = self._constant(self._aliases.get(word.value), order)
        if events is None:
            return None
        value = (events[0].words or ())[0]
        if value.expansion:
            return None
        at = (events[0].order, word.value)
        if at not in self._alias_words:
            self._alias_words[at] = words_of(value.region, value.value)
        return [_derived(found.pieces, word) for found in self._alias_words[at]]


def _behind(word: Word, length: int) -> Word:
    """The rest of a word after its first `length` characters, which are in a literal piece."""
    first = word.pieces[0]
    rest = first._replace(text=first.text[length:], start=first.start + length)
    return Word(
        word.region, word.value[length:], rest.start, word.end, (*([rest] if rest.text else []), *word.pieces[1:])
    )


def _refers(pieces: Sequence[Piece], name: str) -> bool:
    """True if `pieces` are a single reference to the whole variable or array `name`."""
    match = _REFERENCE.fullmatch(pieces[0].text) if len(pieces) == 1 and pieces[0].kind == "expansion" else None
    return match is not None and name in (match[1], match[2], match[3]) and match[4] != "0"


def _cost(word: Word) -> int:
    """The cost of inserting a word."""
    return 1 + len(word.pieces) + word.value.count(" ") + len(word.value) // 20


def words_of(region: Region, text: str) -> list[Word]:
    """The words of `text` if it is a single simple command, else none. Their offsets are in `text`."""
    slicer = Slicer(region, text, doc=False, budget=Budget.of(len(text)))
    slicer.run(0, len(text))
    if len(slicer.out) != 1 or slicer.out[0].redirects:
        return []
    return slicer.out[0].words


def _derived(pieces: Sequence[Piece], use: Word, home: Region | None = None) -> Word:
    """A word made of `pieces` from elsewhere (from the region `home`, if from one), at the place of `use`."""
    origin = Span(home, pieces[0].start, pieces[-1].end) if home is not None and pieces else None
    moved = tuple(piece._replace(start=use.start, end=use.end) for piece in pieces)
    return Word(use.region, "".join(p.text for p in moved), use.start, use.end, moved, derived=True, origin=origin)


def _split(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Split an unquoted value at its blanks, as the shell does; quotes inside it have no meaning."""
    words: list[list[Piece]] = []
    glued = False
    for piece in pieces:
        if piece.kind == "expansion":
            loose = piece._replace(quoted=False)  # quotes around it were those of the assignment
            if glued and words:
                words[-1].append(loose)
            else:
                words.append([loose])
            glued = True
            continue
        exact = len(piece.text) == piece.end - piece.start
        for match in re.finditer(r"[ \t\n]+|[^ \t\n]+", piece.text):
            part = match.group()
            if part[0] in " \t\n":
                glued = False
                continue
            place = (piece.start + match.start(), piece.start + match.end()) if exact else (piece.start, piece.end)
            found = Piece("literal", part, *place)
            if glued and words:
                words[-1].append(found)
            else:
                words.append([found])
            glued = True
    return words
