"""Where the commands of a text run, and which files they run."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

from nemolint.base.named_tuple import NamedTuple
from nemolint.base.patterns import lazily
from nemolint.guard.glance import names_run
from nemolint.shell.carriers import runs_input
from nemolint.shell.programs import DATA, SHELLS, names_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nemolint.document import Document, Region
    from nemolint.invocation import StepRun
    from nemolint.shell.command import Command, Word

_SHELLS = frozenset({"bash", "dash", "ksh", "sh", "zsh"})
# Programs that run a file, or a program, which is the first of their words that is one.
_RUNNERS = _SHELLS | frozenset(
    {".", "at", "bsub", "chrt", "command", "doas", "env", "exec", "flock", "ionice", "nice", "nohup", "numactl", "qsub"}
    | {"sbatch", "screen", "setsid", "source", "srun", "stdbuf", "strace", "sudo", "taskset", "time", "timeout", "uv"}
    | {"watch", "xargs"}
)
_MAKES = frozenset({"gmake", "make"})
_SCRIPTS = (".bash", ".sbatch", ".sh", ".slurm")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_NO_EXECUTION = lazily(r"-[a-bd-mo-z]*n[a-bd-z]*")
_VARIABLE = lazily(r"\$\{(\w+)\}|\$(\w+)")
_MOST_FILES = 8
# Of commands that are looked at on both sides of one.
_MOST_STAGES = 64


class RunPlace(NamedTuple):
    """A command and the folder that it runs in, None if that is not known."""

    command: Command
    folder: str | None


class StartedFile(NamedTuple):
    """A file that a command runs: its absolute path, and of a Makefile the targets (empty: the first one)."""

    path: str
    targets: tuple[str, ...] | None = None


def places(document: Document, folder: str, looked_at: set[str]) -> list[RunPlace]:
    """The commands of a text in order, each with the folder that `cd` before it leads to.

    What is looked at on disk is added to `looked_at`.
    """
    walks: dict[int, _Walk] = {}
    found: list[RunPlace] = []
    starts: list[int] = []
    for command in sorted(document.commands, key=_start):
        region = command.region
        if id(region) not in walks:
            # None of the commands so far is in this region.
            above = bisect_right(starts, region.map.to_outer(0, len(region.text))[0])
            walks[id(region)] = _Walk(region, found[above - 1].folder if above else folder, looked_at)
        found.append(RunPlace(command, walks[id(region)].passed(command)))
        starts.append(_start(command))
    return found


def _start(command: Command) -> int:
    return command.region.map.to_outer(command.start, command.end)[0]


def runs_text(command: Command) -> bool:
    """Whether a command runs a text that it gets, on its input or in its words."""
    return names_shell(command.name) or command.name in (".", "eval", "source") or runs_input(command.words)


def is_syntax_check(command: Command) -> bool:
    """Whether a command is a shell that reads a script, but runs nothing: `bash -n x.sh`."""
    if command.name not in SHELLS:
        return False
    options = takewhile(lambda word: word.value.startswith("-"), command.words[1:])
    return any(_NO_EXECUTION.fullmatch(word.value) for word in options)


class _Walk:
    """Follows `cd` through the commands of one region. A subshell ends what was changed in it."""

    def __init__(self, region: Region, folder: str | None, looked_at: set[str]) -> None:
        self._region = region
        self._folder = folder
        self._looked_at = looked_at
        self._outer: list[str | None] = []
        self._end = 0

    def passed(self, command: Command) -> str | None:
        """The folder of a command, which comes after those before."""
        if command.start < self._end:  # a substitution within a word of another
            return self._folder
        between = self._region.text[self._end : command.start]
        self._outer += [self._folder] * between.count("(")
        for _ in range(between.count(")")):
            self._leave()
        here = self._folder
        if command.name in ("cd", "pushd", "popd", "chdir"):
            self._folder = _changed(command, here, self._looked_at)
        if command.separator == ")":
            self._leave()
            # The parenthesis is not passed a second time.
            self._end = self._region.text.find(")", command.end) + 1 or command.end
        else:
            self._end = command.end
        return here

    def _leave(self) -> None:
        if self._outer:
            self._folder = self._outer.pop()


def _changed(command: Command, folder: str | None, looked_at: set[str]) -> str | None:
    """The folder after a `cd`."""
    words = [word for word in command.words[1:] if not (word.value.startswith("-") and len(word.value) > 1)]
    if command.name == "popd" or len(words) > 1 or folder is None:
        return None
    if not words:
        return os.path.expanduser("~")
    path = resolved(words[0], folder)
    if path is None:
        return None
    looked_at.add(path)
    return path if os.path.isdir(path) else None


def resolved(word: Word, folder: str | None) -> str | None:
    """The path that a word names, None if it is not known."""
    value = word.value
    if value.startswith("~") and not word.quoted:
        value = os.path.expanduser(value)
    for name in ("$PWD", "${PWD}", "$(pwd)"):
        if value.startswith(name) and folder is not None:
            value = folder + value[len(name) :]
    if (word.expansion and "$" in value) or "`" in value or "\0" in value or value == "-":
        return None
    if not os.path.isabs(value) and folder is None:
        return None
    return os.path.normpath(os.path.join(folder or os.sep, value))


def started_files(found: Sequence[RunPlace], workspace: str, looked_at: set[str]) -> Iterator[StartedFile]:
    """The files inside the workspace that commands run, and that name the command.

    What is looked at on disk is added to `looked_at`.
    """
    seen: set[str] = set()
    known: dict[str, str] = {}
    for number, place in enumerate(found):
        if not place.command.words:
            known.update((item.name, item.value) for item in place.command.assignments)
        elif known:
            words = tuple(_filled_in(word, known) for word in place.command.words)
            place = place._replace(command=place.command._replace(words=words))
        shown = place.command.name == "cat" and _is_read_by_shell(found, number)
        for item in _shown_by(place, looked_at) if shown else _started_by(place, looked_at):
            real = os.path.realpath(item.path)
            if real in seen or not _is_inside(real, workspace) or not names_run(item.path):
                continue
            seen.add(real)
            yield item
            if len(seen) == _MOST_FILES:
                return


def _filled_in(word: Word, known: Mapping[str, str]) -> Word:
    """A word with the values of the variables in it, as far as they are known."""
    if not word.expansion:
        return word
    return word._replace(value=_VARIABLE.sub(lambda match: known.get(match[1] or match[2], match[0]), word.value))


def _is_read_by_shell(found: Sequence[RunPlace], number: int) -> bool:
    """Whether a shell runs what a command prints: through a pipe, or as `eval "$(cat x.sh)"`."""
    command = found[number].command
    stage = command
    for following, _ in found[number + 1 : number + 1 + _MOST_STAGES] if command.piped_to else ():
        if following.piped_from == stage.name and following.name == stage.piped_to:
            if runs_input(following.words):
                return True
            stage = following
    start = _start(command)
    for outer, _ in reversed(found[max(number - _MOST_STAGES, 0) : number]):
        around = outer.region.map.to_outer(outer.start, outer.end)[1] > start
        if around and not (outer.words and outer.words[0].value.startswith(("$(", "`"))):  # the substitution itself
            return outer.name in _SHELLS or outer.name in (".", "eval", "source")
    return False


def _shown_by(place: RunPlace, looked_at: set[str]) -> Iterator[StartedFile]:
    """The files that `cat` prints."""
    for word in place.command.words[1:]:
        if not word.value.startswith("-") and (path := resolved(word, place.folder)) is not None:
            looked_at.add(path)
            yield StartedFile(path)


def _started_by(place: RunPlace, looked_at: set[str]) -> Iterator[StartedFile]:
    command, folder = place
    if not command.words or command.comment:
        return
    if command.name in _MAKES:
        yield from _makefiles(command, folder, looked_at)
        return
    if is_syntax_check(command):
        return
    # `poetry run bash x.sh`
    shell = next((at for at, word in enumerate(command.words) if at and names_shell(word.value)), 0)
    if shell and command.name not in DATA and command.name not in _RUNNERS:
        command = command._replace(words=command.words[shell:])
    first = command.words[0]
    if "/" in first.value or command.name in _RUNNERS:
        words = command.words if command.name in _RUNNERS else command.words[:1]
        for word in words:
            if word is first and command.name in _RUNNERS:
                continue
            value = word.value
            is_script = value.endswith(_SCRIPTS) or (word is first and "/" in value)
            is_script = is_script or (command.name in _SHELLS and not value.startswith("-"))
            path = resolved(word, folder) if is_script else None
            if path is None:
                continue
            looked_at.add(path)
            if os.path.isfile(path):
                yield StartedFile(path)
                return
    for item in command.redirects:
        if item.operator == "<" and item.target is not None and runs_input(command.words):
            if (path := resolved(item.target, folder)) is not None:
                looked_at.add(path)
                yield StartedFile(path)


def _makefiles(command: Command, folder: str | None, looked_at: set[str]) -> Iterator[StartedFile]:
    """The Makefile of a `make`, with its targets."""
    targets: list[str] = []
    file: Word | None = None
    words = iter(command.words[1:])
    for word in words:
        if word.value in ("-f", "--file", "--makefile"):
            file = next(words, None)
        elif word.value in ("-C", "--directory"):
            directory = next(words, None)
            folder = resolved(directory, folder) if directory is not None else None
        elif word.value in ("-j", "-o", "-W", "-I"):
            continue
        elif word.value in ("-n", "--dry-run", "--just-print", "-q", "--question"):
            return
        elif not word.value.startswith("-") and "=" not in word.value:
            targets.append(word.value)
    if file is not None:
        if (named := resolved(file, folder)) is not None:
            looked_at.add(named)
            yield StartedFile(named, tuple(targets))
        return
    if folder is None:
        return
    for name in _MAKEFILES:
        looked_at.add(path := os.path.join(folder, name))
        if os.path.isfile(path):
            yield StartedFile(path, tuple(targets))
            return


def _is_inside(path: str, workspace: str) -> bool:
    return path.startswith(os.path.join(os.path.realpath(workspace), ""))


_TARGETS = lazily(r"^(?P<names>[^\s#:=][^#:=\n]*?)[ \t]*::?(?!=)(?P<needs>[^#;=\n]*)", re.MULTILINE)


def recipe_lines(text: str, targets: Sequence[str]) -> set[int]:
    """The numbers of the lines of the recipes that `make` runs for some targets, from 1. Patterns are not followed."""
    needs: dict[str, list[str]] = {}
    lines: dict[str, set[int]] = {}
    current: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("\t"):
            for name in current:
                lines.setdefault(name, set()).add(number)
        elif (match := _TARGETS.match(line)) is not None:
            current = match["names"].split()
            for name in current:
                needs.setdefault(name, []).extend(match["needs"].replace("|", " ").split())
                lines.setdefault(name, set()).add(number)
        elif line.strip() and not line.lstrip().startswith("#"):
            current = []
    pending = list(targets) or [name for name in needs if not name.startswith(".")][:1]
    seen: set[str] = set()
    found: set[int] = set()
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            found |= lines.get(name, set())
            pending += needs.get(name, [])
    return found


def folder_of(run: StepRun, found: Sequence[RunPlace], folder: str) -> str | None:
    """The folder that a run starts in."""
    start = run.command.start
    for place in found:
        if place.command is run.command or (place.command.region is run.region and place.command.start == start):
            return place.folder
    return folder
