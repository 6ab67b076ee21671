"""One `nemotron steps run` command, read as the CLI itself would read it.

The CLI reads its words twice. First click takes its options, anywhere before `--`, and leaves it does not know. Of that
the first word is the step; in the rest the CLI looks for its options once more, as exact words, and so finds those
after `--`. All of this was measured on the real CLI.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.document import Document, Region, Role, Span, Surface
from nemolint.shell.command import Assignment, Command, Piece, Word
from nemolint.shell.launchers import PYTHON
from nemolint.shell.programs import base, head, may_get_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nemolint.base.yaml_values import Tree

OptionName = Literal["config", "run", "batch", "dry_run", "force_squash", "stage", "help"]
Outcome = Literal["runs", "usage error", "help"]

# name -> takes a value. `stage` is taken from what is left over, and has no effect.
OPTIONS: dict[OptionName, bool] = {
    "config": True,
    "run": True,
    "batch": True,
    "dry_run": False,
    "force_squash": False,
    "stage": False,
    "help": False,
}
LONG: dict[str, OptionName] = {
    "--config": "config",
    "--run": "run",
    "--batch": "batch",
    "--dry-run": "dry_run",
    "--force-squash": "force_squash",
    "--help": "help",
}
SHORT: dict[str, OptionName] = {"c": "config", "r": "run", "b": "batch", "d": "dry_run", "h": "help"}
# Words between `nemotron` and `steps` are options of `nemotron`, for its other commands.
_ROOT_LONG: dict[str, OptionName] = {
    **LONG,
    "--stage": "stage",
    "--install-completion": "help",
    "--show-completion": "help",
}
# The exact words that are looked for in what is left over.
_EXACT: dict[str, OptionName] = {
    "--stage": "stage",
    **{f"-{letter}": name for letter, name in SHORT.items() if name != "help"},
    **{long: name for long, name in LONG.items() if name != "help"},
}

_PLACEHOLDER_STEP = lazily(
    r"<[^<>]+>|\{\{?[^{}]*\}?\}|\[[A-Z_]+\]|^(?:STEP|STEP_ID|STEP_NAME|step_id|YOUR[-_]\w+)$|^(?:\.\.\.|…)$"
)
# A metavariable for an override in a usage line.
_METAVARIABLE = lazily(r"^(?:key=value|[A-Z][A-Z_]*=[A-Z][A-Z_]*)$")


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
    cluster: bool = False

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
            self.undecided
            or self.region.chosen
            or any(word.may_split and not _is_override(word) for word in self.words)
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
        found = None
        for override in self.overrides:
            if override.key == key:
                found = override
        return found

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


def _is_override(word: Word) -> bool:
    return not word.value.startswith("-") and key_length(word) >= 0


def parse_run(command: Command, index: int) -> StepRun:
    """Read `command.words[index:]` (`nemotron steps run …`, or `-m nemotron …`) as the CLI does."""
    words = command.words[index:]
    place = head(words, 0)
    assert place is not None
    steps, at = place
    grammar = _usage_groups(words[at + 1 :]) if command.region.surface != "script" else frozenset()
    rest = tuple(word for i, word in enumerate(words[at + 1 :]) if i not in grammar)
    root = _Clicked.of_group(words[1:steps], "nemotron", _ROOT_LONG, SHORT)
    group = _Clicked.of_group(words[steps + 1 : at], "nemotron steps", {"--help": "help"}, {"h": "help"})
    clicked = _Clicked()
    end = clicked.read(rest)
    step, left = _step_of(clicked, rest[end:])
    role = _role(command.region, step.word if step is not None else None, rest, bool(grammar))
    second = _Second(left)
    overrides = second.overrides
    if role == "synopsis":
        overrides = [item for item in overrides if not _METAVARIABLE.match(item.word.value)]
    modes = {option.name: option.value.text for option in root.options if option.value is not None}
    misused = (*root.misused, *group.misused, *clicked.misused, *second.misused)
    return StepRun(
        command,
        words,
        head=at + 1,
        launcher=launcher_of(command, index),
        role=role,
        step=step.word if step is not None else None,
        options=(*(option for option in clicked.options if option.name != "help"), *second.options),
        overrides=tuple(overrides),
        passthrough=tuple(item.word for item in second.passthrough),
        unknown=tuple(item.word for item in second.passthrough if _is_option(item.word.value)),
        separator=clicked.separator,
        misplaced=(*_before_steps(root), *second.misplaced),
        misused=misused,
        stop=_stop(root, group, clicked, both=bool(modes.get("run") and modes.get("batch"))),
        undecided=second.undecided or _has_expansion(words[1:at]) or may_get_words(command.words, index),
        wholes=clicked.wholes,
    )


class _Left(NamedTuple):
    """A word that click leaves. `behind`: it is after `--`."""

    word: Word
    behind: bool = False


def _step_of(clicked: _Clicked, behind: Sequence[Word]) -> tuple[_Left | None, list[_Left]]:
    """The first word that is left over, and the others."""
    left = [*(_Left(word) for word in clicked.left), *(_Left(word, True) for word in behind)]
    return (left[0], left[1:]) if left else (None, [])


def _stop(root: _Clicked, group: _Clicked, clicked: _Clicked, *, both: bool) -> Outcome | None:
    """What ends the CLI before it runs anything, None where nothing does. Each group is read before the next one."""
    for reading in (root, group, clicked):
        if reading.misused:
            return "usage error"
        if any(option.name == "help" for option in reading.options):
            return "help"
        if reading is root and both:
            return "usage error"
    return None


def _is_option(value: str) -> bool:
    return value.startswith("-") and value not in ("-", "--")


def _has_expansion(words: Sequence[Word]) -> bool:
    return any(word.expansion for word in words)


class _Clicked:
    """What click makes of words: it takes its options and leaves over the rest, of a cluster the letters unknown to it.

    `strict`: a group has no place for what it does not know.
    """

    def __init__(
        self,
        owner: str = "nemotron steps run",
        long: Mapping[str, OptionName] = LONG,
        short: Mapping[str, OptionName] = SHORT,
        *,
        strict: bool = False,
    ) -> None:
        self._owner, self._long, self._short, self._strict = owner, long, short, strict
        self.options: list[Option] = []
        self.left: list[Word] = []
        self.misused: list[Misuse] = []
        self.separator: Word | None = None
        # By the id of what is left of a cluster: the word.
        self.wholes: dict[int, Word] = {}

    @classmethod
    def of_group(
        cls, words: Sequence[Word], owner: str, long: Mapping[str, OptionName], short: Mapping[str, OptionName]
    ) -> _Clicked:
        """Reads the words between the name of a group and that of its command."""
        result = cls(owner, long, short, strict=True)
        result.read(words)
        return result

    def read(self, words: Sequence[Word]) -> int:
        """Read the words up to `--`; returns the index after it, or that of the end."""
        i = 0
        while i < len(words):
            word = words[i]
            i += 1
            if word.value == "--":
                self.separator = word
                break
            if not _is_option(word.value):
                self.left.append(word)
                continue
            after = words[i] if i < len(words) else None
            i += self._long_option(word, after) if word.value.startswith("--") else self._cluster(word, after)
        return i

    def _long_option(self, word: Word, after: Word | None) -> int:
        """How many words after it the option takes."""
        name, equals, _ = word.value.partition("=")
        known = self._long.get(name)
        if known is None:
            self._unknown(word, name)
        elif not OPTIONS[known]:
            if equals:
                self.misused.append(Misuse(word, f"`{name}` takes no value"))
            else:
                self.options.append(Option(known, word))
        elif equals:
            self.options.append(Option(known, word, Value(word, len(name) + 1)))
        elif after is not None:
            self.options.append(Option(known, word, Value(after)))
            return 1
        else:
            self.misused.append(Misuse(word, f"`{name}` needs a value"))
        return 0

    def _cluster(self, word: Word, after: Word | None) -> int:
        """How many words after it the cluster of short options takes."""
        letters = word.value
        hidden = _in_expansions(word)
        unknown: list[int] = []
        taken = 0
        for at in range(1, len(letters)):
            name = None if at in hidden else self._short.get(letters[at])
            if name is None:
                unknown.append(at)
                if self._strict:
                    break
            elif not OPTIONS[name]:
                self.options.append(Option(name, word, cluster=len(letters) > 2))
            else:
                if at + 1 < len(letters):
                    self.options.append(Option(name, word, Value(word, at + 1), cluster=True))
                elif after is not None:
                    self.options.append(Option(name, word, Value(after), cluster=len(letters) > 2))
                    taken = 1
                else:
                    self.misused.append(Misuse(word, f"`-{letters[at]}` needs a value"))
                break
        if unknown:
            part = _part(word, unknown)
            if part is not word:
                self.wholes[id(part)] = word
            self._unknown(part, f"-{letters[unknown[0]]}")
        return taken

    def _unknown(self, word: Word, name: str) -> None:
        if self._strict:
            self.misused.append(Misuse(word, f"`{name}` is not an option of `{self._owner}`"))
        else:
            self.left.append(word)


def _in_expansions(word: Word) -> set[int]:
    """The characters of the word's value that represent others."""
    found: set[int] = set()
    position = 0
    for piece in word.pieces:
        if piece.kind == "expansion":
            found.update(range(position, position + len(piece.text)))
        position += len(piece.text)
    return found


def _part(word: Word, places: list[int]) -> Word:
    """A cluster of short options without the letters that click took: the word itself where it took none."""
    if len(places) == len(word.value) - 1:
        return word
    wanted = {0, *places}
    pieces: list[Piece] = []
    position = 0
    for piece in word.pieces:
        if piece.end - piece.start == len(piece.text):
            starts = (at for at in range(len(piece.text)) if position + at in wanted)
            pieces.extend(
                piece._replace(text=piece.text[at], start=piece.start + at, end=piece.start + at + 1) for at in starts
            )
        else:
            text = "".join(char for at, char in enumerate(piece.text, position) if at in wanted)
            pieces.append(piece._replace(text=text))
        position += len(piece.text)
    value = "".join(char for at, char in enumerate(word.value) if at in wanted)
    return word._replace(value=value, pieces=tuple(pieces))


def _before_steps(root: _Clicked) -> Iterator[Misplaced]:
    """The options between `nemotron` and `steps`, those of one word together."""
    for _, options in groupby((item for item in root.options if item.name != "help"), key=lambda item: id(item.word)):
        yield Misplaced(tuple(options), False)


class _Second:
    """The second reading: what the CLI makes of the words that click left over, the step aside."""

    def __init__(self, left: Sequence[_Left]) -> None:
        self.options: list[Option] = []
        self.overrides: list[Override] = []
        self.passthrough: list[_Left] = []
        self.misplaced: list[Misplaced] = []
        self.misused: list[Misuse] = []
        self.undecided = False
        i = 0
        while i < len(left):
            word = left[i].word
            i += 1
            name = _EXACT.get(word.value)
            if name is not None:
                after = left[i].word if i < len(left) else None
                if not OPTIONS[name]:
                    self.options.append(Option(name, word))
                elif after is not None:
                    self.options.append(Option(name, word, Value(after)))
                    i += 1
                else:
                    self.misused.append(Misuse(word, f"`{word.value}` needs a value", stops=False))
            elif _is_override(word):
                length = key_length(word)
                self.overrides.append(Override(word, word.value[:length], Value(word, length + 1)))
            else:
                self.passthrough.append(left[i - 1])
                self.undecided |= _may_be_option(word)
        self._find_misplaced()

    def _find_misplaced(self) -> None:
        """Find the words after `--` that click would know before it."""
        words = [item.word for item in self.passthrough]
        for index, item in enumerate(self.passthrough):
            if not item.behind or not _is_option(item.word.value):
                continue
            after = words[index + 1] if index + 1 < len(words) else None
            options = _would_be(item.word, after)
            if options:
                self.misplaced.append(Misplaced(options, True))


def _would_be(word: Word, after: Word | None) -> tuple[Option, ...]:
    """The options that click would take a word, and maybe the next one, for; empty if it knows not all of it."""
    name, equals, _ = word.value.partition("=")
    if f"-{name}" in LONG:
        return ()  # a dash is missing
    known = LONG.get(name) if name.startswith("--") else SHORT.get(name[1:])
    if known is not None and equals:
        return (Option(known, word, Value(word, len(name) + 1)),)
    if after is not None and (after.value.startswith("-") or after.derived != word.derived):
        after = None
    reading = _Clicked()
    reading.read([word] if after is None else [word, after])
    if reading.misused or any(left is not after for left in reading.left):
        return ()
    return tuple(reading.options)


def _may_be_option(word: Word) -> bool:
    """True if what an expansion gives may make an option of the word, or add one to its cluster."""
    if not word.expansion:
        return False
    begin = word.pieces[0].text if word.pieces[0].kind != "expansion" else ""
    if begin.startswith("--") and len(begin) > 2:
        return "=" not in begin and any(long.startswith(begin) for long in LONG)
    return not begin or begin.startswith("-")


def _usage_groups(words: tuple[Word, ...]) -> frozenset[int]:
    """Indexes of the words in bare brackets (`[-c CONFIG]`, `[KEY=VALUE ...]`): usage grammar, not arguments."""
    found: set[int] = set()
    group: list[int] = []
    depth = 0
    for i, word in enumerate(words):
        bare = "".join(piece.text for piece in word.pieces if piece.kind == "literal")
        if not group and not (bare.startswith("[") and word.value.startswith("[")):
            continue
        group.append(i)
        depth += bare.count("[") - bare.count("]")
        if depth <= 0:
            found.update(group)
            group, depth = [], 0
    return frozenset(found)


def launcher_of(command: Command, index: int) -> str:
    """The launcher before `nemotron` as written: `uv run`, `python -m`, or an empty string."""
    words = [word.value for word in command.words[:index]]
    for start, word in enumerate(words):
        name = base(word)
        if name in ("uv", "uvx", "poetry", "pdm", "hatch", "pixi", "rye", "pipx") or PYTHON.fullmatch(name):
            return " ".join(words[start:])
    return ""


# "Do not run", "never use", "instead of": what follows in the sentence is a counter-example.
_WARNING = lazily(
    r"\b(?:do|must|should|can|will|does)(?:\s|[*_])+not\b|n['’]t\b|\b(?:never|avoid|instead\s+of|rather\s+than)\b",
    re.IGNORECASE,
)
_SENTENCE_END = lazily(r"[.!?:;](?:\s|$)|\n\s*\n|\|")


def _warned_against(region: Region) -> bool:
    """True if the words before a snippet, in the same sentence, say not to run it."""
    start = region.map.outer_start(0)
    before = region.document.text[max(0, start - 120) : start]
    sentence = _SENTENCE_END.split(before)[-1]
    return _WARNING.search(sentence) is not None


def _role(region: Region, step: Word | None, rest: tuple[Word, ...], grammar: bool) -> Role:
    """What the text is: something to run, a template, a usage line, or words about the command."""
    if region.kind == "mention":
        return "mention"
    if region.surface == "script":
        return "command"
    placeholder = step is not None and (
        _PLACEHOLDER_STEP.search(step.value) is not None or any(piece.kind == "placeholder" for piece in step.pieces)
    )
    if region.kind == "snippet":
        # In running text a bare command with its step is a name for it, not something to paste; so is one that trails
        # off, one without a step, and one that the sentence warns against.
        named = step is not None and "=" not in step.value and not _is_option(step.value)
        if not (grammar or placeholder) and (not named or len(rest) < 2 or rest[-1].value in ("...", "…")):
            return "mention"
        if _warned_against(region):
            return "mention"
    if grammar:
        return "synopsis"
    if placeholder or region.template:
        return "template"
    if any(_METAVARIABLE.match(word.value) for word in rest):
        return "synopsis"
    return "command"
