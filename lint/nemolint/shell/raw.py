"""The results of the slicer, before words become a `Command`, and the budget that keeps it linear."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nemolint.shell.command import Assignment, Redirect, Word


class HereDoc:
    """A here-document: its delimiter word and, once read, its body's span (-1 while it has none)."""

    __slots__ = ("delimiter", "end", "quoted", "start", "tabs")

    def __init__(self, delimiter: str, quoted: bool, tabs: bool) -> None:
        self.delimiter, self.quoted, self.tabs = delimiter, quoted, tabs
        self.start = self.end = -1


class Array(NamedTuple):
    """`NAME=(…)` or `NAME+=(…)`."""

    name: str
    words: tuple[Word, ...]
    append: bool


class RawCommand:
    """A simple command as sliced. `header` names the construct that it is the head of (`for`, `select`, `case`).

    `top`: it always runs, once, in the shell that reads the script. `function` is the body of the function that
    contains it, compared by identity, and `straight`: each call of that function runs it once. `unclosed` is the offset
    of an unclosed quote in it, so that its words are a guess; else -1.
    """

    __slots__ = (
        "arrays", "assignments", "brackets", "end", "function", "header", "heredocs", "parens", "piped_from",
        "piped_to", "redirects", "separator", "start", "straight", "top", "unclosed", "words",
    )  # fmt: skip

    def __init__(self) -> None:
        self.start = self.end = -1
        self.words: list[Word] = []
        self.assignments: list[Assignment] = []
        self.arrays: list[Array] = []
        self.redirects: list[Redirect] = []
        self.heredocs: list[HereDoc] = []
        self.separator = ""
        self.piped_to: RawCommand | None = None
        self.piped_from: RawCommand | None = None
        self.header = ""
        self.top = False
        self.function: object | None = None
        self.straight = False
        self.unclosed = -1
        self.brackets = self.parens = 0

    def with_words(self, words: list[Word]) -> RawCommand:
        """The same command with other words."""
        other = RawCommand.__new__(RawCommand)
        for name in RawCommand.__slots__:
            setattr(other, name, getattr(self, name))
        other.words = words
        return other

    @property
    def empty(self) -> bool:
        return self.start < 0

    @property
    def doubtful(self) -> bool:
        """True if its words are a guess."""
        return self.unclosed >= 0

    def cover(self, start: int, end: int) -> None:
        """Widen the command over `start:end`."""
        if self.start < 0:
            self.start = start
        self.end = max(self.end, end)


class Backtick(NamedTuple):
    """Content `start:end` of a backtick substitution with escapes, to be read after they are removed."""

    start: int
    end: int
    quoted: bool


class Budget:
    """The number of characters that may be read more than once, which keeps the slicer linear.

    Failed attempts to read a quotation are charged to `left`, lookahead to `ahead`. `steps` counts all the words and
    commands that were read, those of failed attempts too.
    """

    __slots__ = ("ahead", "left", "steps")

    def __init__(self, left: int, ahead: int) -> None:
        self.left, self.ahead, self.steps = left, ahead, 0

    @staticmethod
    def of(length: int) -> Budget:
        """The budget of a text of `length` characters."""
        return Budget(length + 65_536, 8 * length + 65_536)

    def spend(self, amount: int) -> bool:
        """Charge a failed attempt; False if that was the last."""
        self.left -= amount
        return self.left > 0

    def look(self, amount: int) -> None:
        """Charge lookahead."""
        self.ahead -= amount
