"""What is at an offset of a document: which run, and which part of it."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from nemolint.analysis.profile_in_force import ENV_VARIABLE
from nemolint.base.named_tuple import NamedTuple
from nemolint.invocation import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Literal

    from nemolint.document import Document
    from nemolint.invocation import Option, Override, StepRun
    from nemolint.shell.command import Command, Word

    PartKind = Literal[
        "launcher",
        "command",
        "env-file",
        "step",
        "option",
        "config",
        "profile",
        "key",
        "value",
        "passthrough",
        "separator",
    ]

_ENV_FILE_OPTION = "--env-file"


class RunPart(NamedTuple):
    """A part of a run at `start:end` of its document's text, in code points.

    `command` is `nemotron steps run` itself, `launcher` what starts it, `config` and `profile` are the values of
    options, `key` and `value` those of an override; `env-file` is a path that the environment or the launcher reads.
    `value` is set for what has one. A word that comes from a variable is at its place of use.
    """

    run: StepRun
    kind: PartKind
    word: Word
    start: int
    end: int
    option: Option | None = None
    override: Override | None = None
    value: Value | None = None


class _Index(NamedTuple):
    """The parts of all runs of a document by their start; `reach` is the greatest end so far."""

    parts: Sequence[RunPart]
    starts: Sequence[int]
    reach: Sequence[int]


def parts_at(document: Document, offset: int) -> tuple[RunPart, ...]:
    """The parts of runs that are at `offset`, a code point of the document's text; several if a variable holds them.

    A part also counts if the offset is just behind it and nothing else is there. What is only mentioned in running
    text or data has no parts.
    """
    index = _index_of(document)
    found: list[RunPart] = []
    at = bisect_right(index.starts, offset) - 1
    while at >= 0 and index.reach[at] >= offset:
        if index.parts[at].end >= offset:
            found.append(index.parts[at])
        at -= 1
    found.reverse()
    return tuple([part for part in found if part.end > offset] or found)


def parts(document: Document) -> Sequence[RunPart]:
    """The parts of all runs of a document, in the order of the file."""
    return _index_of(document).parts


def _index_of(document: Document) -> _Index:
    if _Index not in document.memo:
        runs = (run for run in document.runs if run.region.kind != "mention")
        found = sorted((part for run in runs for part in _parts_of(run)), key=lambda part: (part.start, part.end))
        document.memo[_Index] = _Index(
            found, [part.start for part in found], [*accumulate((part.end for part in found), max)]
        )
    index: _Index = document.memo[_Index]
    return index


def _parts_of(run: StepRun) -> Iterator[RunPart]:
    named = {id(word) for word in run.words[: run.head]}
    for word, value in env_file_values(run.command):
        yield RunPart(run, "env-file", word, *value.span.file_span(), value=value)
    for word in run.command.words:
        if word is run.words[0]:
            break
        yield RunPart(run, "launcher", word, *word.span.file_span())
    values = {id(option.value.word): option for option in run.options if option.value is not None}
    overrides = {id(override.word): override for override in run.overrides}
    for word in run.words:
        if id(word) in named:
            yield RunPart(run, "command", word, *word.span.file_span())
        elif word is run.separator:
            yield RunPart(run, "separator", word, *word.span.file_span())
        elif id(word) in values:
            yield from _with_value(run, word, values[id(word)])
        elif id(word) in overrides:
            yield from _of_override(run, word, overrides[id(word)])
        elif options := run.options_in(word):
            yield RunPart(run, "option", word, *word.span.file_span(), option=options[0])
        elif run.help and word.value in ("-h", "--help") and not run.is_behind(word):
            yield RunPart(run, "option", word, *word.span.file_span())
        elif run.is_step(word):
            yield RunPart(run, "step", word, *word.span.file_span(), value=Value(word))
        else:
            yield RunPart(run, "passthrough", word, *word.span.file_span())


def _with_value(run: StepRun, word: Word, option: Option) -> Iterator[RunPart]:
    """A word that is the value of an option, alone or behind the option itself (`-ctiny`, `--config=tiny`)."""
    value = option.value
    assert value is not None
    kind: PartKind = "config" if option.name == "config" else "profile"
    if not value.offset:
        yield RunPart(run, kind, word, *word.span.file_span(), option=option, value=value)
        return
    start, end = value.span.file_span()
    if not word.derived:
        yield RunPart(run, "option", word, *word.value_span(0, value.offset).file_span(), option=option)
    yield RunPart(run, kind, word, start, end, option=option, value=value)


def _of_override(run: StepRun, word: Word, override: Override) -> Iterator[RunPart]:
    start, end = override.key_span.file_span()
    if override.key:
        yield RunPart(run, "key", word, start, end, override=override, value=Value(word))
    if not word.derived:
        start, end = override.value.span.file_span()
        yield RunPart(run, "value", word, start, end, override=override, value=override.value)


def env_file_values(command: Command) -> Iterator[tuple[Word, Value]]:
    """The paths that a command gives to NEMOTRON_ENV_FILE, or to `--env-file` of what starts it, with their words."""
    for assignment in command.assignments:
        if assignment.name == ENV_VARIABLE:
            yield assignment.word, Value(assignment.word, len(ENV_VARIABLE) + 1)
    after_option = False
    for word in command.words:
        if after_option:
            yield word, Value(word)
        for name in (ENV_VARIABLE, _ENV_FILE_OPTION):
            if word.value.startswith(f"{name}="):
                yield word, Value(word, len(name) + 1)
        after_option = word.value == _ENV_FILE_OPTION
