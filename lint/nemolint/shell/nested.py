"""Scripts inside commands: `bash -c '…'`, `ssh host '…'`, `sbatch --wrap=…`, here-documents that a shell will read."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from nemolint.base.patterns import lazily
from nemolint.base.positions import MapBuilder
from nemolint.shell.programs import DATA, SHELLS, base, effective, find_nemotron
from nemolint.shell.raw import RawCommand

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nemolint.base.positions import TextMap
    from nemolint.shell.command import Piece, Word
    from nemolint.shell.raw import HereDoc

_COMMAND_OPTION = lazily(r"-[A-Zabd-z]*c[A-Za-z]*")
_SHELL_COMMAND_OPTION = lazily(r"-[a-z]*c")
_SCRIPT_FILE = lazily(r"\.(?:sh|bash|zsh|ksh|sbatch|slurm|slrm|pbs|lsf|job|sub)$")
_SCRIPT_START = lazily(r"\s*#!.*\b(?:ba|z|da|k|a)?sh\b|\s*#(?:SBATCH|PBS|BSUB)\b")
_OTHER_INTERPRETER = lazily(r"\s*#!(?!.*\b(?:ba|z|da|k|a)?sh\b)")
# Commands that take a script as the value of an option.
_OPTION_SCRIPTS = {
    "su": ("-c", "--command"),
    "runuser": ("-c", "--command"),
    "script": ("-c", "--command"),
    "flock": ("-c", "--command"),
    "sg": ("-c",),
    "sbatch": ("--wrap",),
    "salloc": ("--wrap",),
    "srun": ("--wrap",),
    "env": ("-S", "--split-string"),
}
# Commands that pass a quoted argument to a shell.
_ARGUMENT_SCRIPTS = frozenset(
    {"bsub", "concurrently", "eval", "hyperfine", "parallel", "pdsh", "qsub", "screen", "ssh", "tmux", "watch"}
)
_CARRIERS = frozenset({*SHELLS, *_OPTION_SCRIPTS, *_ARGUMENT_SCRIPTS, "trap", "docker", "podman", "find"})
_SSH_VALUED = frozenset(f"-{letter}" for letter in "bcDEeFIiJLlmOopQRSWw")
_SUBMITTERS = frozenset({"at", "batch", "bsub", "qsub", "sbatch"})
_BLANK = lazily(r"\s")
# Options of `sudo` that start a shell; of `su` and `runuser` that start something else.
_LOGIN = frozenset({"-i", "-s", "--login", "--shell"})
_USER_COMMAND = frozenset({"--command", "--session-command", "-u"})
_SUBSTITUTES = lazily(r"[$<>]\(|`")
_PARALLEL_SOURCE = lazily(r":{3,4}\+?")
# The options of `echo` and `printf`, and a format that only prints its arguments.
_PRINT_OPTION = lazily(r"-[neE]+|--|(?:%s|%b|\\n|\s)+")


class Script(NamedTuple):
    """A script inside a region: its text mapped to the region, and how an edit must be encoded.

    `place` is the offset of its carrier in the region, for the order. `body` marks a here-document.
    """

    map: TextMap
    place: int
    encoder: str | None
    body: bool = False
    # Ends, by their starts, of substitutions in the text that the outer shell performs.
    opaque: Mapping[int, int] = {}


def may_carry(words: Sequence[Word]) -> bool:
    """False if no word names a command that runs scripts or commands: a cheap test before the others."""
    return any((value if "/" not in (value := word.value) else base(value)) in _CARRIERS for word in words)


def exec_parts(raw: RawCommand) -> list[RawCommand]:
    """`find … -exec CMD … \\;` as `find` without, and each CMD as a command of its own; else the command alone.

    The arguments of `parallel` after `:::` are omitted if its command precedes them.
    """
    words = raw.words
    start = effective(words)
    name = base(words[start].value) if start < len(words) else ""
    if name == "parallel":
        stop = next((i for i, word in enumerate(words) if _PARALLEL_SOURCE.fullmatch(word.value)), len(words))
        return [raw.with_words(words[:stop])] if find_nemotron(words[:stop]) is not None else [raw]
    if name != "find":
        return [raw]
    kept: list[Word] = []
    parts: list[RawCommand] = []
    current: list[Word] | None = None
    for word in words:
        if current is None:
            kept.append(word)
            if word.value in ("-exec", "-execdir", "-ok", "-okdir"):
                current = []
        elif word.value == ";" or (word.value == "+" and current and current[-1].value == "{}"):
            kept.append(word)
            parts.append(_part(raw, current))
            current = None
        else:
            current.append(word)
    if current:
        parts.append(_part(raw, current))
    parts = [part for part in parts if part.words]
    return [raw.with_words(kept), *parts] if parts else [raw]


def _part(raw: RawCommand, words: list[Word]) -> RawCommand:
    """The command of `words` inside `raw`."""
    if not words:
        return RawCommand()
    part = RawCommand()
    part.start, part.end, part.words, part.unclosed = words[0].start, words[-1].end, list(words), raw.unclosed
    return part


def in_words(words: Sequence[Word], text: str) -> Iterator[Script]:
    """The scripts that the command of `words` passes to a shell. `text` is that of the region."""
    start = effective(words)
    if start < len(words) and base(words[start].value) in DATA:
        return
    taken: set[int] = set()
    for index in _shell_scripts(words):
        taken.add(index)
        yield _script((words[index],), text)
    options: tuple[str, ...] = ()
    for index, word in enumerate(words):
        value = word.value
        if options and value.startswith("-") and index not in taken:
            clustered = "-c" in options and _SHELL_COMMAND_OPTION.fullmatch(value)
            if (value in options or clustered) and index + 1 < len(words) and index + 1 not in taken:
                taken.add(index + 1)
                yield _script((words[index + 1],), text)
            elif any(option.startswith("--") and value.startswith(option + "=") for option in options):
                taken.add(index)
                yield _script((word,), text, skip=value.index("=") + 1)
        options = _OPTION_SCRIPTS.get(base(value), options)
    if not taken and find_nemotron(words) is None:
        yield from _argument_scripts(words, start, text)


def _shell_scripts(words: Sequence[Word]) -> Iterator[int]:
    """Indexes of the words after the `-c` of a shell."""
    shell = False
    for index, word in enumerate(words):
        if base(word.value) in SHELLS or (
            word.value.startswith("--entrypoint=") and base(word.value.partition("=")[2]) in SHELLS
        ):
            shell = True
        elif shell and _COMMAND_OPTION.fullmatch(word.value) and _SHELL_COMMAND_OPTION.match(word.value):
            at = index + 1
            while at < len(words) and words[at].value.startswith("-"):
                at += 1
            if at < len(words):
                yield at
            shell = False


def _argument_scripts(words: Sequence[Word], start: int, text: str) -> Iterator[Script]:
    """Scripts of `ssh`, `eval`, `trap`, `tmux`, `watch` and the like: quoted arguments."""
    name = base(words[start].value) if start < len(words) else ""
    if name == "trap" and start + 1 < len(words):
        index = start + 2 if words[start + 1].value == "--" else start + 1
        if index < len(words) and not words[index].value.startswith("-"):
            yield _script((words[index],), text)
        return
    for index in range(start, len(words)):
        if base(words[index].value) in _ARGUMENT_SCRIPTS:
            name, start = base(words[index].value), index
            break
    else:
        return
    arguments = list(words[start + 1 :])
    if name == "ssh":
        arguments = _after_host(arguments)
    if name in ("ssh", "eval"):
        if arguments and any(_is_text(word) for word in arguments):
            yield _script(arguments, text)
        return
    for word in arguments:
        if _is_text(word):
            yield _script((word,), text)


def _is_text(word: Word) -> bool:
    """True for a word that a second shell would split: quoted blanks, or a lone expansion."""
    return bool(_BLANK.search(word.value)) or (word.expansion and len(word.pieces) == 1)


def _after_host(arguments: list[Word]) -> list[Word]:
    """The words after the options and host of `ssh`."""
    i = 0
    while i < len(arguments) and arguments[i].value.startswith("-"):
        i += 2 if arguments[i].value in _SSH_VALUED else 1
    i += 1
    while i < len(arguments) and arguments[i].value in ("-t", "-tt", "-T", "-q", "-n", "--"):
        i += 1
    return arguments[i:]


def fed(command: RawCommand, text: str) -> Iterator[Script]:
    """The strings that a shell reads after `<<<`, and what `echo` or `printf` pipes to a shell."""
    words = command.words
    strings = [redirect.target for redirect in command.redirects if redirect.operator == "<<<"]
    if strings and strings[-1] is not None and _runs_input(command):
        yield _script((strings[-1],), text)
    stage = command.piped_to
    name = base(words[0].value) if words and stage is not None else ""
    if name not in ("echo", "printf"):
        return
    while stage is not None and not _runs_input(stage):
        stage = stage.piped_to
    if stage is None:
        return
    arguments = list(itertools.dropwhile(lambda word: _PRINT_OPTION.fullmatch(word.value), words[1:]))
    if name == "echo" and arguments:
        yield _script(arguments, text)
    elif name == "printf":
        for word in arguments:
            yield _script((word,), text)


def _script(words: Sequence[Word], text: str, skip: int = 0) -> Script:
    """The script in `words`, joined by single spaces, without the first `skip` characters."""
    builder = MapBuilder()
    kinds = {"single" if p.kind == "single" else "double" if p.quoted else "bare" for w in words for p in w.pieces}
    if skip and len(words) == 1:
        kinds = {
            "single" if p.kind == "single" else "double" if p.quoted else "bare"
            for p in words[0].pieces
            if p.start >= words[0].start + skip and p.text
        }
    encoder = None
    if kinds == {"single"} and not text.startswith("$'", words[0].start + skip):
        encoder = "shell-sq"
    elif kinds == {"double"}:
        encoder = "shell-dq"
    opaque: dict[int, int] = {}
    for number, word in enumerate(words):
        if number:
            builder.escape(" ", words[number - 1].end, word.start - words[number - 1].end)
        if word.derived:
            builder.escape(word.value, word.start, word.end - word.start)
            continue
        position = 0
        for piece in word.pieces:
            begin = max(skip - position, 0) if not number else 0
            position += len(piece.text)
            if begin < len(piece.text):
                if piece.kind == "expansion" and _SUBSTITUTES.search(piece.text):
                    opaque[len(builder)] = len(builder) + len(piece.text)
                _add(builder, piece, begin, text, editable=encoder is not None)
    return Script(builder.build(words[0].start), words[0].start, encoder, opaque=opaque)


def _add(builder: MapBuilder, piece: Piece, begin: int, text: str, *, editable: bool) -> None:
    if piece.end - piece.start != len(piece.text):
        builder.escape(piece.text[begin:], piece.start, piece.end - piece.start)
    elif editable:
        builder.verbatim(text, piece.start + begin, piece.end)
    else:
        # No single encoder fits bare or mixed quoting, so nothing may be edited; positions stay exact.
        for offset in range(begin, len(piece.text)):
            builder.escape(piece.text[offset], piece.start + offset, 1)


def heredoc_script(command: RawCommand, heredoc: HereDoc, text: str) -> bool:
    """True if a shell will run the body of `heredoc`, which is input of `command`."""
    body_start = text[heredoc.start : min(heredoc.end, heredoc.start + 200)].lstrip("\0")
    if _OTHER_INTERPRETER.match(body_start):
        return False
    if _SCRIPT_START.match(body_start):
        return True
    stage: RawCommand | None = command
    while stage is not None:
        if _consumes_script(stage):
            return True
        stage = stage.piped_to
    return False


def _consumes_script(command: RawCommand) -> bool:
    """True if the command runs what it reads, or writes it to a script."""
    words = command.words
    for redirect in command.redirects:
        if redirect.target is not None and ">" in redirect.operator and _SCRIPT_FILE.search(redirect.target.value):
            return True
    start = effective(words)
    if start < len(words) and base(words[start].value) == "tee":
        return any(_SCRIPT_FILE.search(word.value) for word in words[start + 1 :])
    return _runs_input(command)


def _runs_input(command: RawCommand) -> bool:
    """True if the command runs its standard input as a script."""
    words = command.words
    start = effective(words)
    if start >= len(words):
        return any(base(word.value) == "sudo" for word in words) and any(word.value in _LOGIN for word in words)
    name = base(words[start].value)
    if name in DATA:
        return False
    if name in ("su", "runuser"):
        return not any(_SHELL_COMMAND_OPTION.fullmatch(word.value) or word.value in _USER_COMMAND for word in words)
    if name in _SUBMITTERS:
        return not any(_SCRIPT_FILE.search(word.value) for word in words[start + 1 :])
    if name in ("source", "."):
        return any(word.value in ("/dev/stdin", "-") for word in words[start + 1 :])
    values = [word.value for word in words[start:]]
    if name == "ssh":
        values = " ".join(word.value for word in _after_host(list(words[start + 1 :]))).split()
        if not values:
            return True
    for index, value in enumerate(values):
        if base(value) in SHELLS:
            return _reads_stdin(values[index + 1 :])
    return False


def _reads_stdin(arguments: Sequence[str]) -> bool:
    """True if a shell with these arguments takes its script from standard input."""
    for value in arguments:
        if value in ("-", "--", "/dev/stdin") or re.fullmatch(r"-[a-rt-z]*s[a-z]*", value):
            return True
        if _SHELL_COMMAND_OPTION.fullmatch(value):
            return False
        if not value.startswith(("-", "+")):
            return False
    return True


def heredoc_map(heredoc: HereDoc, text: str) -> Script:
    """The body of a here-document as the shell that reads it would see it."""
    builder = MapBuilder()
    at = heredoc.start
    pattern = r"\0+|\r(?=\n)"
    if not heredoc.quoted:
        pattern += r"|\\[$`\\]|\\\r?\n"
    if heredoc.tabs:
        pattern += r"|(?m:^)\t+"
    for match in re.compile(pattern).finditer(text, heredoc.start, heredoc.end):
        builder.verbatim(text, at, match.start())
        found = match.group()
        if found[0] == "\\" and len(found) == 2 and found[1] in "$`\\":
            builder.escape(found[1], match.start(), 2)
        at = match.end()
    builder.verbatim(text, at, heredoc.end)
    return Script(builder.build(heredoc.start), heredoc.start, None if heredoc.quoted else "shell-heredoc", body=True)
