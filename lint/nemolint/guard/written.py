"""Which text of a command is only written to a file, and run by nothing in the same command."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily
from nemolint.shell.nested import runs_input
from nemolint.shell.programs import DATA, SHELLS

if TYPE_CHECKING:
    from nemolint.document import Document, Region
    from nemolint.shell.command import Command

# Commands that write their input or their words.
_WRITERS = frozenset({"cat", "echo", "envsubst", "printf", "sed", "tee"})
# Commands that look at the files that they name, or change them, but run none of them.
_HARMLESS = DATA | frozenset(
    {"bat", "chgrp", "chmod", "chown", "cksum", "code", "codium", "comm", "cursor", "delta", "dos2unix", "du", "emacs"}
    | {"file", "gzip", "md5sum", "mdformat", "mypy", "nano", "nemolint", "nl", "nvim", "open", "pandoc", "paste"}
    | {"patch", "pre-commit", "prettier", "prek", "pyright", "rm", "ruff", "sha256sum", "shellcheck", "shfmt", "sort"}
    | {"stat", "tar", "tree", "uniq", "vi", "view", "vim", "wc", "xclip", "xdg-open", "zip"}
)
_SHOWING_VARIABLES = frozenset({"$BROWSER", "$EDITOR", "$PAGER", "$VISUAL"})
# Commands that give a file another name, or a copy one: their last word.
_COPIERS = frozenset({"cp", "install", "ln", "mv", "rsync", "scp"})
_INTO_FILE = frozenset({">", ">>", ">|", "&>", "&>>", "1>"})
_MAKES = frozenset({"gmake", "make"})
# Programs that run a file without being given its name.
_UNNAMED = {
    **dict.fromkeys(("bun", "npm", "pnpm", "yarn"), frozenset({"package.json"})),
    "direnv": frozenset({".envrc"}),
    "just": frozenset({".justfile", "Justfile", "justfile"}),
    "task": frozenset({"Taskfile.yaml", "Taskfile.yml"}),
}
_STARTUP = frozenset({".bash_profile", ".bashrc", ".profile", ".zprofile", ".zshenv", ".zshrc"})
_INTERACTIVE = lazily(r"-[a-zA-Z]*[il][a-zA-Z]*|--login")
_NO_EXECUTION = lazily(r"-[a-bd-z]*n[a-bd-z]*")
_SEPARATOR = lazily(r"[^\w./~*?\[\]{}$+@%-]+")
_EXPANSION = lazily(r"\$\{(\w+)[^{}]*\}|\$(\w+)")
_GLOB = lazily(r"[*?\[]")


def written(document: Document) -> list[tuple[int, int]]:
    """Where the text stands that a command writes to a file and nothing runs, as offsets in the document."""
    commands = sorted(document.commands, key=_start)
    found: list[tuple[int, int]] = []
    regions: dict[int, Region] = {id(run.region): run.region for run in document.runs}
    for region in regions.values():
        start, end = region.map.to_outer(0, len(region.text))
        carrier = _carrier(commands, region, start)
        if carrier is None or carrier.name not in _WRITERS:
            continue
        files = _files(carrier, commands)
        after = [later for later in commands if _start(later) > _start(carrier)]
        if files and not _run_by(after, {_normal(file) for file in files}):
            found.append((start, end))
    return found


def _start(command: Command) -> int:
    return command.region.map.to_outer(command.start, command.end)[0]


def _carrier(commands: Sequence[Command], region: Region, start: int) -> Command | None:
    """The command that the text of a region is a word or a here-document of."""
    before = [item for item in commands if item.region is not region and _start(item) <= start]
    for command in reversed(before):
        first, last = command.region.map.to_outer(command.start, command.end)
        if first <= start < last or any(item.operator.startswith("<<") for item in command.redirects):
            return command
    return None


def _files(carrier: Command, commands: Sequence[Command]) -> set[str]:
    """The names of the files that a command writes to, itself or through `tee`."""
    files = {item.target.value for item in carrier.redirects if item.operator in _INTO_FILE and item.target is not None}
    tees = [carrier] if carrier.name == "tee" else []
    if carrier.piped_to:
        if carrier.piped_to != "tee":
            return set()
        at = commands.index(carrier)
        tees += [item for item in commands[at + 1 :] if item.name == "tee" and item.piped_from == carrier.name][:1]
        if not tees:
            return set()
    for tee in tees:
        if tee.piped_to:
            return set()
        files |= {word.value for word in tee.words[1:] if not word.value.startswith("-")}
    if any(name.startswith(("/dev/", "&", ">(")) for name in files):
        return set()
    return files


def _run_by(commands: Sequence[Command], names: set[str]) -> bool:
    """Whether one of some commands may run a file with one of these names, or with one that a command gives it."""
    for at, command in enumerate(commands):
        named = any(_has(word, names) for word in _words(command))
        if _is_syntax_check(command):
            continue
        if command.name in _COPIERS and named:
            names = {*names, _normal(command.words[-1].value)}
        elif _runs_unnamed(command, names) or (named and not _only_looks(command, commands[at + 1 :])):
            return True
    return False


def _words(command: Command) -> Iterator[str]:
    """What a command is given: its words, and the files that it reads."""
    yield from (word.value for word in command.words)
    yield from (item.target.value for item in command.redirects if item.target is not None and item.operator == "<")


def _runs_unnamed(command: Command, names: set[str]) -> bool:
    """Whether a command may run one of some files without naming it."""
    program = command.words[0] if command.words else None
    if program is not None and program.expansion:
        return not _SHOWING_VARIABLES.intersection(_normal(program.value).split())
    if command.name in SHELLS:
        words = [word.value for word in command.words[1:]]
        if any(_EXPANSION.fullmatch(word) for word in words):
            return True
        return not names.isdisjoint(_STARTUP) and any(_INTERACTIVE.fullmatch(word) for word in words)
    return command.name in _MAKES or not names.isdisjoint(_UNNAMED.get(command.name, ()))


def _is_syntax_check(command: Command) -> bool:
    """Whether a command is a shell that reads a script, but runs nothing: `bash -n x.sh`."""
    if command.name not in SHELLS:
        return False
    options = takewhile(lambda word: word.value.startswith("-"), command.words[1:])
    return any(_NO_EXECUTION.fullmatch(word.value) for word in options)


def _only_looks(command: Command, later: Sequence[Command]) -> bool:
    """Whether a command that names a file does not run it, nor passes it to a shell."""
    words = [word.value for word in command.words[1:]]
    if command.name == "find":
        return not any(word.startswith(("-exec", "-ok")) for word in words)
    if command.name not in _HARMLESS:
        return False
    stage = command
    for following in later:
        if not stage.piped_to:
            break
        if following.piped_from == stage.name and following.name == stage.piped_to:
            if runs_input(following.words):
                return False
            stage = following
    return True


def _has(word: str, names: set[str]) -> bool:
    """Whether a word names one of some files: as a whole, as a part (`--wrap=./x.sh`), or by a pattern (`*.sh`)."""
    for part in _SEPARATOR.split(word):
        last = _normal(part)
        if last in names:
            return True
        pattern = _EXPANSION.sub("*", last)
        for name in names:
            known = _EXPANSION.sub("*", name)
            if (_GLOB.search(last) and fnmatchcase(known, pattern)) or (known.strip("*") and fnmatchcase(last, known)):
                return True
    return False


def _normal(path: str) -> str:
    """The last part of a path, as it is compared: `${F}` is `$F`."""
    return _EXPANSION.sub(lambda match: f"${match[1] or match[2]}", path).rstrip("/").rpartition("/")[2]
