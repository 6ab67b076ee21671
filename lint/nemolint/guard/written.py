"""Which text of a command is only written to a file, and run by nothing in the same command."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from nemolint.base.patterns import lazily
from nemolint.guard.started import is_syntax_check
from nemolint.shell.carriers import runs_input
from nemolint.shell.programs import DATA, SHELLS

TYPE_CHECKING = False
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
_INTERACTIVE = lazily(r"-[a-hjkm-zA-Z]*[il][a-zA-Z]*|--login")
_SEPARATOR = lazily(r"[^\w./~*?\[\]{}$+@%-]+")
_EXPANSION = lazily(r"\$\{(\w+)[^{}]*\}|\$(\w+)")
_GLOB = lazily(r"[*?\[]")
# Of commands in one pipe, of files that a pattern is compared with, and of `*` in one: more are not needed, and slow.
_MOST_STAGES = 64
_MOST_MATCHED = 64
_MOST_STARS = 8


def written(document: Document) -> list[tuple[int, int]]:
    """Where the text stands that a command writes to a file and nothing runs, as offsets in the document, in order."""
    commands = sorted(document.commands, key=_start)
    starts = [_start(command) for command in commands]
    texts: dict[int, list[tuple[int, int]]] = {}  # by the number of the command that they are given to
    regions: dict[int, Region] = {id(run.region): run.region for run in document.runs}
    for region in regions.values():
        start, end = region.map.to_outer(0, len(region.text))
        number = _carrier(commands, bisect_right(starts, start), region, start)
        if number is not None and commands[number].name in _WRITERS:
            texts.setdefault(number, []).append((start, end))
    files = _WrittenFiles()
    within, stop = -1, 0  # the last text that was written, and where it ends
    for number, command in enumerate(commands):
        if files.names:
            later = commands[number + 1 : number + 1 + _MOST_STAGES]
            files.take(command, later, within if starts[number] < stop else None)
        if number in texts and (names := _files(commands, number)):
            files.add(names, number)
            within, stop = number, max(end for _, end in texts[number])
    return sorted(place for number in files.idle() for place in texts[number])


def _start(command: Command) -> int:
    return command.region.map.to_outer(command.start, command.end)[0]


def _carrier(commands: Sequence[Command], stop: int, region: Region, start: int) -> int | None:
    """The number of the command that the text of a region is a word or a here-document of, one before `stop`."""
    for number in range(stop - 1, -1, -1):
        command = commands[number]
        if command.region is region:
            continue
        first, last = command.region.map.to_outer(command.start, command.end)
        if first <= start < last or any(item.operator.startswith("<<") for item in command.redirects):
            return number
    return None


class _WrittenFiles:
    """The files that commands have written so far, and which of these commands wrote what nothing has run."""

    def __init__(self) -> None:
        self.names: dict[str, set[int]] = {}
        self._written: set[int] = set()
        self._run: dict[int | None, set[int]] = {}  # by the text that runs them, None: the command itself
        self._unknown: list[str] = []  # names with expansions

    def add(self, files: set[str], number: int) -> None:
        """The command with this number has written some files."""
        self._written.add(number)
        for file in files:
            self._name(_normal(file), {number})

    def take(self, command: Command, later: Sequence[Command], within: int | None) -> None:
        """Look at what a command does with the files.

        `later` are the next ones; `within` is the number of the command that wrote the text in which this one stands.
        """
        if is_syntax_check(command):
            return
        run = self._run.setdefault(within, set())
        if _runs_any(command):
            run |= self._written
            return
        named = set().union(*map(self._named, _words(command)))
        if command.name in _COPIERS:
            if named:
                self._name(_normal(command.words[-1].value), named)
            return
        for name in _unnamed(command):
            run |= self.names.get(name, set())
        if named and not _only_looks(command, later):
            run |= named

    def idle(self) -> set[int]:
        """The commands that wrote what nothing runs."""
        idle, pending = set(self._written), self._run.get(None, set())
        while pending := pending & idle:
            idle -= pending
            pending = set().union(*(self._run.get(number, set()) for number in pending))
        return idle

    def _name(self, name: str, numbers: set[int]) -> None:
        if name not in self.names and _EXPANSION.search(name):
            self._unknown.append(name)
        self.names.setdefault(name, set()).update(numbers)

    def _named(self, word: str) -> set[int]:
        """Which of the commands wrote the files that a word names.

        It may do so as a whole, as a part (`--wrap=./x.sh`), or by a pattern (`*.sh`).
        """
        found: set[int] = set()
        for part in _SEPARATOR.split(word):
            last = _normal(part)
            found |= self.names.get(last, set())
            if _GLOB.search(last):
                if len(self.names) > _MOST_MATCHED or last.count("*") > _MOST_STARS:
                    return set().union(*self.names.values())
                pattern = _EXPANSION.sub("*", last)
                matched = [name for name in self.names if fnmatchcase(_EXPANSION.sub("*", name), pattern)]
                found.update(*(self.names[name] for name in matched))
            for name in self._unknown[:_MOST_MATCHED]:
                known = _EXPANSION.sub("*", name)
                if known.strip("*") and known.count("*") <= _MOST_STARS and fnmatchcase(last, known):
                    found |= self.names[name]
        return found


def _files(commands: Sequence[Command], number: int) -> set[str]:
    """The names of the files that a command writes to, itself or through `tee`."""
    carrier = commands[number]
    files = {item.target.value for item in carrier.redirects if item.operator in _INTO_FILE and item.target is not None}
    tees = [carrier] if carrier.name == "tee" else []
    if carrier.piped_to:
        if carrier.piped_to != "tee":
            return set()
        after = commands[number + 1 : number + 1 + _MOST_STAGES]
        tees += [item for item in after if item.name == "tee" and item.piped_from == carrier.name][:1]
        if not tees:
            return set()
    for tee in tees:
        if tee.piped_to:
            return set()
        files |= {word.value for word in tee.words[1:] if not word.value.startswith("-")}
    if any(name.startswith(("/dev/", "&", ">(")) for name in files):
        return set()
    return files


def _words(command: Command) -> Iterator[str]:
    """What a command is given: its words, and the files that it reads."""
    yield from (word.value for word in command.words)
    yield from (item.target.value for item in command.redirects if item.target is not None and item.operator == "<")


def _runs_any(command: Command) -> bool:
    """Whether a command may run any file, whatever its name."""
    program = command.words[0] if command.words else None
    if program is not None and program.expansion:
        return not _SHOWING_VARIABLES.intersection(_normal(program.value).split())
    if command.name in SHELLS and any(_EXPANSION.fullmatch(word.value) for word in command.words[1:]):
        return True
    return command.name in _MAKES


def _unnamed(command: Command) -> frozenset[str]:
    """The files that a command runs without being given their names."""
    if command.name in SHELLS and any(_INTERACTIVE.fullmatch(word.value) for word in command.words[1:]):
        return _STARTUP
    return _UNNAMED.get(command.name, frozenset())


def _only_looks(command: Command, later: Sequence[Command]) -> bool:
    """Whether a command that names a file neither runs it nor passes it to a shell."""
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


def _normal(path: str) -> str:
    """The last part of a path, as it is compared: `${F}` is `$F`."""
    return _EXPANSION.sub(lambda match: f"${match[1] or match[2]}", path).rstrip("/").rpartition("/")[2]
