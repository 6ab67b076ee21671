"""One `nemotron steps run` command, read as the CLI itself would read it.

Facts about the option table and its traps were measured on the real CLI: click with unknown options ignored and extra
arguments allowed.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.document import Document, Region, Role, Span, Surface
from nemolint.shell.command import Assignment, Command, Piece, Word

if TYPE_CHECKING:
    from nemolint.base.yaml_values import Tree

OptionName = Literal["config", "run", "batch", "dry_run", "force_squash", "task", "help"]

# name -> takes a value
OPTIONS: dict[OptionName, bool] = {
    "config": True,
    "run": True,
    "batch": True,
    "dry_run": False,
    "force_squash": False,
    "task": True,
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
# `eval/model_eval` alone also takes -t/--task.
TASK_STEPS = frozenset({"eval/model_eval", "model_eval"})

_PLACEHOLDER_STEP = lazily(
    r"<[^<>]+>|\{\{?[^{}]*\}?\}|\[[A-Z_]+\]|^(?:STEP|STEP_ID|STEP_NAME|step_id|YOUR[-_]\w+)$|^(?:\.\.\.|…)$"
)
# What a usage line writes where an override goes.
_METAVARIABLE = lazily(r"^(?:key=value|[A-Z][A-Z_]*=[A-Z][A-Z_]*)$")


class Value(NamedTuple):
    """The value of an option or an override: text after quote removal and its characters' place inside `word`.

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
        # Past the character before the value, so that a quote which opens there is in.
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
        """Where characters `start:end` of the value stand."""
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
    def open(self) -> bool:
        return self.word.open


class Option(NamedTuple):
    """One occurrence of an option that the CLI knows. `span` covers the option and its value.

    `flag` is where the option itself stands (in a cluster `-dc`, the whole cluster).
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
        """The value as YAML, as the CLI's dotlist reads it; UNKNOWN for one that is not looked at.

        Raises ValueError where the CLI refuses it.
        """
        from nemolint.base.yaml_values import parse_value

        return parse_value(self.value.text)


class StepRun:
    """One run: the command that holds it, and its words from `nemotron` on, sorted as the CLI sorts them."""

    command: Final[Command]
    words: Final[tuple[Word, ...]]
    launcher: Final[str]
    role: Final[Role]
    step: Final[Word | None]
    options: Final[tuple[Option, ...]]
    overrides: Final[tuple[Override, ...]]
    passthrough: Final[tuple[Word, ...]]
    unknown: Final[tuple[Word, ...]]
    misused: Final[tuple[Word, ...]]
    usage_error: Final[str]

    def __init__(
        self,
        command: Command,
        words: tuple[Word, ...],
        *,
        launcher: str,
        role: Role,
        step: Word | None,
        options: tuple[Option, ...],
        overrides: tuple[Override, ...],
        passthrough: tuple[Word, ...],
        unknown: tuple[Word, ...],
        misused: tuple[Word, ...] = (),
        usage_error: str = "",
    ) -> None:
        self.command = command
        self.words = words
        self.launcher = launcher
        self.role = role
        self.step = step
        self.options = options
        self.overrides = overrides
        self.passthrough = passthrough
        self.unknown = unknown
        self.misused = misused
        self.usage_error = usage_error

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

    @property
    def span(self) -> Span:
        """From `nemotron` to the end of the last word."""
        return Span(self.region, self.words[0].start, self.words[-1].end)

    @cached_property
    def memo(self) -> dict[Any, Any]:
        """What judging found out about the run, so that it is found out once (see `judging.context.once_per_run`)."""
        return {}

    @cached_property
    def open(self) -> bool:
        """True if a word may become other words, so that nothing can be said to be missing."""
        return any(word.open and not _is_override(word) for word in self.words)

    def option(self, name: OptionName) -> Option | None:
        """The occurrence that counts (the last), or None."""
        found = None
        for option in self.options:
            if option.name == name:
                found = option
        return found

    def _value(self, name: OptionName) -> Value | None:
        option = self.option(name)
        return option.value if option is not None else None

    @cached_property
    def config(self) -> Value | None:
        return self._value("config")

    @property
    def run(self) -> Value | None:
        return self._value("run")

    @property
    def batch(self) -> Value | None:
        return self._value("batch")

    @cached_property
    def profile(self) -> Value | None:
        """The profile in force: `--run` wins over `--batch`, silently. `--batch=` (empty) means local."""
        for value in (self.run, self.batch):
            if value is not None and value.text:
                return value
        return None

    @property
    def dry_run(self) -> bool | None:
        """Whether the run only compiles; None where an expansion may hold the option."""
        if self.option("dry_run") is not None:
            return True
        return None if self.open else False

    @property
    def help(self) -> bool:
        return self.option("help") is not None

    def override(self, key: str) -> Override | None:
        """The last override of `key`, or None."""
        found = None
        for override in self.overrides:
            if override.key == key:
                found = override
        return found


def _is_override(word: Word) -> bool:
    return "=" in word.value and not word.value.startswith("-")


def key_length(value: str) -> int:
    """Length of an override's key: up to the first `=` that stands outside `<…>`, `${…}` and `{{ … }}`."""
    depth = 0
    for index, char in enumerate(value):
        if char in "<{":
            depth += 1
        elif char in ">}" and depth:
            depth -= 1
        elif char == "=" and not depth:
            return index
    return value.find("=")


def parse_run(command: Command, index: int) -> StepRun:
    """Read `command.words[index:]` (`nemotron steps run …`, or `-m nemotron …`) as the CLI does."""
    words = command.words[index:]
    at = next(i for i, word in enumerate(words) if word.value == "run")
    grammar = _usage_groups(words[at + 1 :]) if command.region.surface != "script" else frozenset()
    rest = tuple(word for i, word in enumerate(words[at + 1 :]) if i not in grammar)
    step: Word | None = None
    options: list[Option] = []
    overrides: list[Override] = []
    passthrough: list[Word] = []
    unknown: list[Word] = []
    misused: list[Word] = []
    usage_error = ""
    literal_task = any(word.value in TASK_STEPS for word in rest)
    i = 0
    while i < len(rest):
        word = rest[i]
        value = word.value
        i += 1
        dashed = value.startswith("-") and len(value) > 1 and not (word.pieces and word.pieces[0].kind == "expansion")
        if dashed and value == "--":  # options behind it still count
            continue
        if dashed and value.startswith("--"):
            name, equals, _ = value.partition("=")
            known = LONG.get(name) or ("task" if name == "--task" and literal_task else None)
            if known is None:
                unknown.append(word)
            elif OPTIONS[known]:
                if equals:
                    options.append(Option(known, word, Value(word, len(name) + 1)))
                elif i < len(rest):
                    options.append(Option(known, word, Value(rest[i])))
                    i += 1
                else:
                    usage_error = f"{name} needs a value"
                    misused.append(word)
            elif equals:
                usage_error = f"{name} takes no value"
                misused.append(word)
            else:
                options.append(Option(known, word))
        elif dashed:
            i, problem = _short(word, rest, i, literal_task, options, unknown)
            if problem:
                usage_error = problem
                misused.append(word)
        elif ("=" in value and step is not None) or (step is None and "=" in value and _looks_like_override(value)):
            overrides.append(Override(word, value[: key_length(value)], Value(word, key_length(value) + 1)))
        elif step is None:
            step = word
        else:
            passthrough.append(word)
    role = _role(command.region, step, rest, bool(grammar))
    if role == "synopsis":
        overrides = [item for item in overrides if not _METAVARIABLE.match(item.word.value)]
    return StepRun(
        command,
        words,
        launcher=launcher_of(command, index),
        role=role,
        step=step,
        options=tuple(options),
        overrides=tuple(overrides),
        passthrough=tuple(passthrough),
        unknown=tuple(unknown),
        misused=tuple(misused),
        usage_error=usage_error,
    )


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


def _looks_like_override(value: str) -> bool:
    return not value.startswith(("<", "{{", "$"))


def _short(
    word: Word, rest: tuple[Word, ...], i: int, task: bool, options: list[Option], unknown: list[Word]
) -> tuple[int, str]:
    """Read a cluster of short options. Unknown letters are passed through by click, the rest of the cluster counts."""
    value = word.value
    letters = value[1:]
    seen_unknown = False
    position = 0
    while position < len(letters):
        letter = letters[position]
        position += 1
        name = SHORT.get(letter) or ("task" if letter == "t" and task else None)
        if name is None:
            seen_unknown = True
            continue
        cluster = len(letters) > 1
        if not OPTIONS[name]:
            options.append(Option(name, word, cluster=cluster))
            continue
        if position < len(letters):
            options.append(Option(name, word, Value(word, position + 1), cluster=cluster))
        elif i < len(rest):
            options.append(Option(name, word, Value(rest[i]), cluster=cluster))
            i += 1
        else:
            if seen_unknown:
                unknown.append(word)
            return i, f"-{letter} needs a value"
        break
    if seen_unknown:
        unknown.append(word)
    return i, ""


def launcher_of(command: Command, index: int) -> str:
    """What stands before `nemotron` and starts it, as written: `uv run`, `python -m`, an empty string for nothing."""
    words = [word.value for word in command.words[:index]]
    for start, word in enumerate(words):
        name = word.rpartition("/")[2]
        if name in ("uv", "uvx", "poetry", "pdm", "hatch", "pixi", "rye", "pipx") or re.fullmatch(
            r"python[\d.]*", name
        ):
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
        # off, and one that the sentence warns against.
        if not (grammar or placeholder) and (step is None or len(rest) < 2 or rest[-1].value in ("...", "…")):
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
