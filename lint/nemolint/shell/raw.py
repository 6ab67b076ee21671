"""The results of the slicer, before words become a `Command`, and the budget that keeps it linear."""

from __future__ import annotations

from nemolint.base.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.shell.command import Assignment, Piece, Redirect, Word

# What following scripts may cost in a short file, and in any.
_LEAST_FOLLOWED, _MOST_FOLLOWED = 30_000, 200_000


class HereDoc:
    """A here-document: its delimiter word and, once read, its body's span (-1 while it has none).

    `pieces` are the expansions in a body that is not quoted, once they are read.
    """

    __slots__ = ("delimiter", "end", "pieces", "quoted", "start", "tabs")

    def __init__(self, delimiter: str, quoted: bool, tabs: bool) -> None:
        self.delimiter, self.quoted, self.tabs = delimiter, quoted, tabs
        self.start = self.end = -1
        self.pieces: list[Piece] | None = None


class Array(NamedTuple):
    """`NAME=(…)` or `NAME+=(…)`."""

    name: str
    words: tuple[Word, ...]
    append: bool


class RawCommand:
    """A simple command as sliced. `header` names the construct that it is the head of (`for`, `select`, `case`).

    `unclosed` is the offset of an unclosed quote in it, so that its words are a guess; else -1.
    """

    __slots__ = (
        "arrays", "assignments", "brackets", "end", "header", "heredocs", "parens", "piped_from", "piped_to",
        "redirects", "separator", "start", "unclosed", "words",
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
    def only_redirects(self) -> bool:
        return not (self.words or self.assignments or self.arrays or self.header)

    @property
    def doubtful(self) -> bool:
        """True if its words are a guess."""
        return self.unclosed >= 0

    def cover(self, start: int, end: int) -> None:
        """Widen the command over `start:end`."""
        if self.start < 0:
            self.start = start
        self.end = max(self.end, end)


class ListItem(NamedTuple):
    """One command of a list, simple or compound, with the operator behind it; `negated` where `!` stands before it."""

    node: RawCommand | Block
    operator: str
    negated: bool = False


class Clause(NamedTuple):
    """A list inside a compound command: what begins it (`then`, `do`, …), and its steps.

    `patterns` are those of a `case`.
    """

    keyword: str
    steps: list[ListItem]
    patterns: tuple[Word, ...] = ()


class Block:
    """A compound command, or the function `name` whose body it is.

    `kind` is the word that opens it: `if`, `while`, `until`, `for`, `select`, `case`, `{`, `(`, or `((`, which has no
    clauses and whose text stands at `start:end`. `head` holds the words of `for`, `select` and `case`, `tail` the
    redirections behind the block.
    """

    __slots__ = ("clauses", "end", "head", "kind", "name", "start", "tail")

    def __init__(self, kind: str, name: str, start: int) -> None:
        self.kind, self.name, self.start, self.end = kind, name, start, start
        self.head: RawCommand | None = None
        self.tail: RawCommand | None = None
        self.clauses: list[Clause] = [Clause(kind, [])]


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


class Allowance:
    """What following the scripts of one file may cost: values put in, commands that run once more."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    @staticmethod
    def of(length: int) -> Allowance:
        """The allowance of a file of `length` characters."""
        return Allowance(min(_LEAST_FOLLOWED + length // 2, _MOST_FOLLOWED))
