"""Reads a command as the CLI reads `nemotron steps run …`.

The CLI reads its words twice. First click takes its options, anywhere before `--`, and leaves what it does not know. Of
that, the first word is the step; in the rest the CLI looks for its options once more, as exact words, and so finds
those after `--`. All of this was measured on the real CLI.
"""

from __future__ import annotations

from itertools import groupby

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.invocation import Misplaced, Misuse, Option, Override, StepRun, Value, is_option, is_override, key_length
from nemolint.run_role import METAVARIABLE, role_of, usage_groups
from nemolint.shell.cli_options import LONG, OPTIONS, ROOT_LONG, SHORT
from nemolint.shell.command import Command, Piece, Word
from nemolint.shell.launchers import PYTHON
from nemolint.shell.programs import base, head, may_get_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nemolint.invocation import Outcome
    from nemolint.shell.cli_options import OptionName

# A shell that expands no braces.
_DASH = lazily(r"#![^\n]*\bdash\b")
# The exact words that are looked for in what is left over.
_EXACT: dict[str, OptionName] = {
    "--stage": "stage",
    **{f"-{letter}": name for letter, name in SHORT.items() if name != "help"},
    **{long: name for long, name in LONG.items() if name != "help"},
}


def parse_run(command: Command, index: int) -> StepRun:
    """Read `command.words[index:]` (`nemotron steps run …`, or `-m nemotron …`) as the CLI does."""
    words = command.words[index:]
    place = head(words, 0)
    assert place is not None
    steps, at = place
    grammar = usage_groups(words[at + 1 :]) if command.region.surface != "script" else frozenset()
    rest = tuple(word for i, word in enumerate(words[at + 1 :]) if i not in grammar)
    root = _Clicked.of_group(words[1:steps], "nemotron", ROOT_LONG, SHORT)
    group = _Clicked.of_group(words[steps + 1 : at], "nemotron steps", {"--help": "help"}, {"h": "help"})
    clicked = _Clicked()
    end = clicked.read(rest)
    step, left = _step_of(clicked, rest[end:])
    role = role_of(
        command.region, step.word if step is not None else None, rest, bool(grammar), command.start, command.end
    )
    second = _Second(left)
    overrides = second.overrides
    if role == "synopsis":
        overrides = [item for item in overrides if not METAVARIABLE.match(item.word.value)]
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
        unknown=tuple(item.word for item in second.passthrough if is_option(item.word.value)),
        separator=clicked.separator,
        misplaced=(*_before_steps(root), *second.misplaced),
        misused=misused,
        stop=_stop(root, group, clicked, both=bool(modes.get("run") and modes.get("batch"))),
        undecided=second.undecided or _has_expansion(words[1:at]) or may_get_words(command.words, index),
        wholes=clicked.wholes,
    )


def as_passed(run: StepRun) -> StepRun:
    """The run with the words that bash makes of braces in it, each at the place of the word that has them.

    A run has its words as they are written, which is what rules judge. Where there are too many, they stay so.
    """
    if run.role != "command" or not any(word.has_braces for word in run.words):
        return run
    if _DASH.match(run.document.text) is not None:
        return run
    from nemolint.shell.braces import expanded

    before = len(run.command.words) - len(run.words)
    words: list[Word] = []
    for word in run.words:
        several = expanded(word) if word.has_braces and not word.derived else None
        words += [word] if several is None else [_passed(word, pieces) for pieces in several]
    return parse_run(run.command._replace(words=(*run.command.words[:before], *words)), before)


def _passed(word: Word, pieces: Sequence[Piece]) -> Word:
    """One of the words that bash makes of a word."""
    here = tuple(piece._replace(start=word.start, end=word.end) for piece in pieces)
    value = "".join(piece.text for piece in pieces)
    return word._replace(value=value, pieces=here, derived=True, origin=word.span)


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
            if not is_option(word.value):
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
                self.options.append(Option(name, word))
            else:
                if at + 1 < len(letters):
                    self.options.append(Option(name, word, Value(word, at + 1)))
                elif after is not None:
                    self.options.append(Option(name, word, Value(after)))
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
            elif is_override(word):
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
            if not item.behind or not is_option(item.word.value):
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


def launcher_of(command: Command, index: int) -> str:
    """The launcher before `nemotron` as written: `uv run`, `python -m`, or an empty string."""
    words = [word.value for word in command.words[:index]]
    for start, word in enumerate(words):
        name = base(word)
        if name in ("uv", "uvx", "poetry", "pdm", "hatch", "pixi", "rye", "pipx") or PYTHON.fullmatch(name):
            return " ".join(words[start:])
    return ""
