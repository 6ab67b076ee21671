"""One `nemotron steps run` command as the CLI reads it: `StepRun`, and its parts.

`run_parser.py` reads one from a command.
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType

from nemolint.base.named_tuple import NamedTuple
from nemolint.document import Document, Region, Span
from nemolint.shell.cli_options import LONG
from nemolint.shell.command import Assignment, Command, Piece, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final, Literal

    from nemolint.base.choices import Surface
    from nemolint.base.yaml_values import Tree
    from nemolint.document import Role
    from nemolint.shell.cli_options import OptionName

    Outcome = Literal["runs", "usage error", "help"]

# Characters that mean nothing to any shell inside a word, and operators that end one.
_ORDINARY = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+~"
_OPERATORS = frozenset("&|;<>")


class Value(NamedTuple):
    """The value of an option or an override: text after quote removal, and its place inside `word`.

    `offset` is where the value begins in `word.value`.
    """

    word: Word
    offset: int = 0

    @property
    def text(self) -> str:
        return self.word.value[self.offset :]

    @property
    def span(self) -> Span:
        """The value as written, with its own quotes; those around key and value together stay outside."""
        if self.offset == 0 or self.word.derived:
            return self.word.span
        # Past the character before the value, so that a quote that opens there is included.
        start = self.word.value_span(self.offset - 1, self.offset).end
        return Span(self.word.region, start, self._end())

    def _end(self) -> int:
        """The end of the word, or of its last piece if one pair of quotes is around key and value."""
        position = 0
        within: Piece | None = None
        for piece in self.word.pieces:
            position += len(piece.text)
            if within is not None:
                if piece.start != within.end:
                    return self.word.end
                within = piece
            elif position >= self.offset:
                if piece.kind != "single" and not piece.quoted:
                    return self.word.end
                within = piece
        return within.end if within is not None else self.word.end

    def sub(self, start: int, end: int) -> Span:
        """The place of characters `start:end` of the value."""
        return self.word.value_span(self.offset + start, self.offset + end)

    @property
    def known(self) -> bool:
        """True if no part of the value depends on an expansion."""
        position = 0
        for piece in self.word.pieces:
            position += len(piece.text)
            if piece.kind == "expansion" and position > self.offset:
                return False
        return True

    @property
    def is_text(self) -> bool:
        """False for a number, a boolean or null in its usual form, which is no name and no path."""
        from nemolint.base.yaml_values import is_text

        return is_text(self.text)

    @property
    def may_split(self) -> bool:
        """As for its word (see `Word.may_split`)."""
        return self.word.may_split


class Option(NamedTuple):
    """One occurrence of an option that the CLI knows. `span` covers the option and its value.

    `flag` is the place of the option itself (in a cluster `-dc`, the whole cluster).
    """

    name: OptionName
    word: Word
    value: Value | None = None

    @property
    def span(self) -> Span:
        last = self.value.word if self.value is not None else self.word
        if last.region is not self.word.region:
            return self.word.span
        return Span(self.word.region, self.word.start, max(self.word.end, last.end))


class Override(NamedTuple):
    """A `key=value` token. `key` keeps a leading `+` or `~`."""

    word: Word
    key: str
    value: Value

    @property
    def key_span(self) -> Span:
        return self.word.value_span(0, len(self.key))

    @property
    def span(self) -> Span:
        return self.word.span

    def parsed(self) -> Tree:
        """The value as YAML, as the CLI's dotlist reads it; UNKNOWN if it is too large to parse.

        Raises ValueError if the CLI refuses it.
        """
        from nemolint.base.yaml_values import parse_value

        return parse_value(self.value.text)


class Misuse(NamedTuple):
    """An option that is used wrongly. `problem` says how; `stops`: the CLI ends there with a usage error."""

    word: Word
    problem: str
    stops: bool = True


class Misplaced(NamedTuple):
    """Options of one word that the CLI does not read at this place, though it would elsewhere.

    `behind`: they are after `--`, so they are passed to the step's own program; else between `nemotron` and `steps`.
    """

    options: tuple[Option, ...]
    behind: bool

    @property
    def span(self) -> Span:
        return self.options[-1].span


class StepRun:
    """One run: the command that holds it, and its words from `nemotron` on, sorted as the CLI sorts them.

    `head` is the number of words up to `run`, `separator` the `--` up to which click looks for its options. `step` is
    the first word that is left over once the options are taken, whatever it is. `passthrough` is what the step's own
    program gets, the `unknown` options among it; of a cluster such as `-xd` it is a word without the letters that the
    CLI knows. `stop` says what ends the CLI before it runs anything, `undecided` that an expansion or a program such as
    xargs may add an option.
    """

    command: Final[Command]
    words: Final[tuple[Word, ...]]
    head: Final[int]
    launcher: Final[str]
    role: Final[Role]
    step: Final[Word | None]
    options: Final[tuple[Option, ...]]
    overrides: Final[tuple[Override, ...]]
    passthrough: Final[tuple[Word, ...]]
    unknown: Final[tuple[Word, ...]]
    separator: Final[Word | None]
    misplaced: Final[tuple[Misplaced, ...]]
    misused: Final[tuple[Misuse, ...]]
    stop: Final[Outcome | None]
    undecided: Final[bool]
    wholes: Final[Mapping[int, Word]]

    def __init__(
        self,
        command: Command,
        words: tuple[Word, ...],
        *,
        head: int,
        launcher: str,
        role: Role,
        step: Word | None,
        options: tuple[Option, ...],
        overrides: tuple[Override, ...],
        passthrough: tuple[Word, ...],
        unknown: tuple[Word, ...],
        separator: Word | None = None,
        misplaced: tuple[Misplaced, ...] = (),
        misused: tuple[Misuse, ...] = (),
        stop: Outcome | None = None,
        undecided: bool = False,
        wholes: Mapping[int, Word] = MappingProxyType({}),
    ) -> None:
        self.command = command
        self.words = words
        self.head = head
        self.launcher = launcher
        self.role = role
        self.step = step
        self.options = options
        self.overrides = overrides
        self.passthrough = passthrough
        self.unknown = unknown
        self.separator = separator
        self.misplaced = misplaced
        self.misused = misused
        self.stop = stop
        self.undecided = undecided
        self.wholes = wholes

    @property
    def region(self) -> Region:
        return self.command.region

    @property
    def document(self) -> Document:
        return self.command.region.document

    @property
    def surface(self) -> Surface:
        return self.command.region.surface

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """`KEY=value` words before the command."""
        return self.command.assignments

    @cached_property
    def span(self) -> Span:
        """From `nemotron` to the end of the last word."""
        # Words that a function adds are where its name is.
        return Span(self.region, self.words[0].start, max(word.end for word in self.words))

    @property
    def file_start(self) -> int:
        """Where it begins, as an offset in the document's text."""
        return self.region.map.outer_start(self.words[0].start)

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """Cached facts about the run (see `analysis.caching.once_per_run`)."""
        return {}

    @cached_property
    def may_gain_words(self) -> bool:
        """True if a word may become other words or an option, so that nothing can be said to be missing."""
        return (
            self.undecided or self.region.chosen or any(word.may_split and not is_override(word) for word in self.words)
        )

    def option(self, name: OptionName) -> Option | None:
        """The occurrence that counts (the last), or None."""
        return self._last.get(name)

    @cached_property
    def _last(self) -> Mapping[OptionName, Option]:
        return {option.name: option for option in self.options}

    def _value(self, name: OptionName) -> Value | None:
        option = self.option(name)
        return option.value if option is not None else None

    @cached_property
    def config(self) -> Value | None:
        return self._value("config")

    @property
    def run_profile(self) -> Value | None:
        """The profile that `--run` names."""
        return self._value("run")

    @property
    def batch_profile(self) -> Value | None:
        """The profile that `--batch` names."""
        return self._value("batch")

    @cached_property
    def profile(self) -> Value | None:
        """The effective profile: `--run` silently wins over `--batch`. `--batch=` (empty) means local."""
        for value in (self.run_profile, self.batch_profile):
            if value is not None and value.text:
                return value
        return None

    def has(self, subject: str) -> bool:
        """False if the run does not have what a rule is about (see `nemolint.prefilter.may_hold`)."""
        if subject == "launch":
            return self.option("dry_run") is None
        if subject in ("override", "overrides"):
            return len(self.overrides) >= (1 if subject == "override" else 2)
        if subject == "text":
            return bool(self.passthrough) or any(item.value.is_text for item in self.overrides)
        if subject == "runs":
            return len(self.document.runs) > 1
        if subject == "profile":
            return self.option("run") is not None or self.option("batch") is not None
        if subject == "odd-word":
            return self._has_odd_word
        if subject == "special-character":
            return any(
                word.value.strip(_ORDINARY) or word.region.text[word.end : word.end + 1] in _OPERATORS
                for word in self.words
            )
        return True

    @cached_property
    def _has_odd_word(self) -> bool:
        """True if a word is not the step, an option as documented, the value of one, or an override."""
        if self.passthrough or self.misplaced or self.misused:
            return True
        known = [self.step, self.separator, *(item.word for item in self.overrides)]
        for option in self.options:
            word = option.word.value
            if len(word) != 2 and word.partition("=")[0] not in LONG:  # a cluster, or `--stage`
                return True
            known += (option.word, option.value.word if option.value is not None else None)
        kept = {id(word) for word in known}
        return any(id(word) not in kept for word in self.words[self.head :])

    @property
    def dry_run(self) -> bool | None:
        """Whether the run only compiles; None if an expansion may contain the option."""
        if self.option("dry_run") is not None:
            return True
        return None if self.may_gain_words else False

    @property
    def help(self) -> bool:
        """True if the CLI only prints its usage."""
        return self.stop == "help"

    @property
    def usage_error(self) -> bool:
        """True if the CLI ends with a usage error: an option that it cannot take, or none of the words is the step."""
        return self.stop == "usage error"

    @property
    def step_known(self) -> bool:
        """False where an expansion, or what fills in a `{}`, decides what the CLI takes for the step.

        What has a `=` of its own is never a step.
        """
        step = self.step
        return step is None or not (step.expansion or "{}" in step.value) or key_length(step) >= 0

    @property
    def outcome(self) -> Outcome | None:
        """What the CLI does with the line, before anything of it is looked up; None where an expansion decides."""
        if self.may_gain_words:
            return None
        return self.stop or ("runs" if self.step is not None else "usage error")

    def whole(self, word: Word) -> Word:
        """The one of `words` that a word is, or is what the CLI left over of."""
        return self.wholes.get(id(word), word)

    def is_step(self, word: Word) -> bool:
        """True if the CLI takes one of `words`, or what is left of it, for the step."""
        return self.step is not None and self.whole(self.step) is word

    def is_behind(self, word: Word) -> bool:
        """True if the word is after `--`."""
        return self.separator is not None and self.place_of(word) > self.place_of(self.separator)

    def place_of(self, word: Word) -> int:
        """The index of a word in `words`."""
        return self._places[id(self.whole(word))]

    @cached_property
    def _places(self) -> Mapping[int, int]:
        return {id(word): at for at, word in enumerate(self.words)}

    def is_passed(self, word: Word) -> bool:
        """True if the whole word is passed through."""
        return id(word) in self._passed

    @cached_property
    def _passed(self) -> frozenset[int]:
        return frozenset(id(word) for word in self.passthrough)

    def options_in(self, word: Word) -> Sequence[Option]:
        """The options that the CLI takes a word, one of `words`, for: several in a cluster."""
        return self._options_in.get(id(word), ())

    @cached_property
    def _options_in(self) -> Mapping[int, list[Option]]:
        found: dict[int, list[Option]] = {}
        for option in self.options:
            found.setdefault(id(option.word), []).append(option)
        return found

    def override(self, key: str) -> Override | None:
        """The last override of `key`, or None."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> Mapping[str, Override]:
        return {override.key: override for override in self.overrides}

    def interpolates(self, key: str) -> bool:
        """True if the value of one of its overrides mentions `${key`."""
        return any(f"${{{key}" in text for text in self._interpolating)

    @cached_property
    def _interpolating(self) -> tuple[str, ...]:
        return tuple(override.value.text for override in self.overrides if "${" in override.value.text)


def key_length(word: Word) -> int:
    """Length of an override's key: up to the first `=` that no expansion or placeholder holds; -1 without one."""
    position = 0
    for piece in word.pieces:
        if piece.kind not in ("expansion", "placeholder"):
            at = piece.text.find("=")
            if at >= 0:
                return position + at
        position += len(piece.text)
    return -1 if word.pieces else word.value.find("=")


def is_override(word: Word) -> bool:
    """True for a word of the form `key=value`."""
    return not word.value.startswith("-") and key_length(word) >= 0


def is_option(value: str) -> bool:
    """True if click takes a word for an option, or for a cluster of them."""
    return value.startswith("-") and value not in ("-", "--")
