"""Where what a command writes goes: to a screen, a file, another command, or into a word of one."""

from __future__ import annotations

from bisect import bisect_right

from nemolint.base.patterns import lazily
from nemolint.shell.programs import base, effective

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence, Set

    from nemolint.document import Document
    from nemolint.shell.command import Command, Word

_SCREEN = lazily(r"/dev/(?:stdout|stderr|tty|fd/[12])|&?[12]|-|\$\{?GITHUB_(?:STEP_SUMMARY|OUTPUT)\b.*")
_PRINTERS = frozenset({"echo", "printf", "print", "logger"})


# What starts a program inside of something else: by these words, at some place behind its own.
_STARTERS = {
    **dict.fromkeys(("docker", "docker-compose", "nerdctl", "podman"), frozenset({"exec", "run"})),
    **dict.fromkeys(("kubectl", "oc"), frozenset({"debug", "exec", "run"})),
    **dict.fromkeys(("apptainer", "singularity"), frozenset({"exec", "run"})),
    **dict.fromkeys(("conda", "hatch", "mamba", "pdm", "pixi", "poetry"), frozenset({"run"})),
    "enroot": frozenset({"exec", "start"}),
}
_RUN = frozenset({"exec", "run", "ssh"})
_OF_THEIR_OWN = frozenset({"conda", "hatch", "mamba", "pdm", "pixi", "poetry"})


def starts_program(words: Sequence[Word]) -> bool:
    """True for words that start the program behind them: `srun -N 1`, `sudo`, `uv run`, `ssh h`, `docker run i`."""
    rest = words[effective(words) :]
    if not rest:
        return True
    name, values = base(rest[0].value), [word.value for word in rest[1:]]
    if not _NO_PYTHON.isdisjoint(values) and (not values[-1].startswith("-") or values[-1] in _NO_PYTHON):
        return True
    if name == "nsenter" and values and values[-1] not in _OF_NSENTER:
        return True
    if not values or (values[-1].startswith("-") and values[-1] != "--"):
        return False
    if name in _REMOTE or name in _ENTER:
        return True
    if values[-1] == "--" and not _RUN.isdisjoint(values):
        return True
    starters = _STARTERS.get(name, frozenset())
    at = next((index for index, value in enumerate(values) if value in starters), None)
    # An image, a container or a pod stands between.
    return at is not None and (name in _OF_THEIR_OWN or at + 1 < len(values))


# Programs that run what stands behind them in a shell elsewhere.
_REMOTE = frozenset({"autossh", "clush", "dsh", "parallel-ssh", "pdsh", "pssh", "ssh"})
_ENTER = frozenset({"chroot", "nsenter"})
# The options of nsenter whose value may be the next word.
_OF_NSENTER = frozenset({"-t", "-S", "-G", "--target", "--setuid", "--setgid"})
# With this a launcher of Python scripts starts any program.
_NO_PYTHON = frozenset({"--no-python", "--no_python"})


def starts_shell(words: Sequence[Word]) -> bool:
    """True for words behind which a shell elsewhere reads the rest: `ssh h`."""
    rest = words[effective(words) :]
    return len(rest) > 1 and base(rest[0].value) in _REMOTE


def program(command: Command, names: Set[str]) -> int:
    """Index of the word that names the program which runs, if it is one of `names`, else -1. Others may start it."""
    for index, word in enumerate(command.words[:_MOST_WORDS]):
        if base(word.value) in names and (not index or starts_program(command.words[:index])):
            return index
    return -1


_MOST_WORDS = 40


def python_code(command: Command) -> Iterator[Word]:
    """The code that a command gives to Python: `python -c '…'`."""
    words = command.words
    for index in range(2, len(words)):
        if words[index - 1].value == "-c" and any(base(word.value).startswith("python") for word in words[: index - 1]):
            yield words[index]


_MOST_STAGES = 20


def is_screen(target: str) -> bool:
    """True for a file that somebody watches, or that a CI system shows: `/dev/stderr`, `$GITHUB_STEP_SUMMARY`."""
    return target != "-" and _SCREEN.fullmatch(target) is not None


def into_file(command: Command) -> bool:
    """True if a redirection sends what a command writes into a file."""
    return any(
        redirect.operator.lstrip("1&") in (">", ">>", ">|")
        and redirect.target is not None
        and _SCREEN.fullmatch(redirect.target.value) is None
        for redirect in command.redirects
    )


def is_discarded(command: Command) -> bool:
    """True if nobody sees what a command writes."""
    return any(
        redirect.target is not None and redirect.target.value == "/dev/null" and redirect.operator.lstrip("1&") == ">"
        for redirect in command.redirects
    )


def stages(commands: Sequence[Command], index: int) -> Iterator[Command]:
    """The commands of a pipeline behind the one at `index`, as many as somebody writes."""
    for at in range(index, min(index + _MOST_STAGES, len(commands) - 1)):
        if not (commands[at].piped_to and commands[at + 1].piped_from):
            return
        yield commands[at + 1]


def is_captured(command: Command) -> bool:
    """True for a command in `$(…)` whose output becomes part of a word that no command prints."""
    document = command.region.document
    kept: dict[int, tuple[list[int], list[tuple[int, int, bool]]]] | None = document.memo.get(is_captured)
    if kept is None:
        kept = document.memo[is_captured] = _captures(document)
    starts, spans = kept.get(id(command.region), ([], []))
    at = bisect_right(starts, command.start) - 1
    while at >= 0:
        start, end, printed = spans[at]
        if start < command.start < end:
            return not printed
        if command.start - start > _FARTHEST:
            break
        at -= 1
    return False


_FARTHEST = 20_000


def _captures(document: Document) -> dict[int, tuple[list[int], list[tuple[int, int, bool]]]]:
    """For each region the substitutions in it, by their starts, and whether what they give is printed."""
    found: dict[int, list[tuple[int, int, bool]]] = {}
    for command in document.commands:
        printed = command.name in _PRINTERS and not command.piped_to and not into_file(command)
        words: list[Word] = [*command.words, *(item.word for item in command.assignments)]
        words += [redirect.target for redirect in command.redirects if redirect.target is not None]
        for word in words:
            if word.derived:
                continue
            for piece in word.pieces:
                if piece.kind == "expansion" and piece.text.startswith(("$(", "`")):
                    found.setdefault(id(command.region), []).append((piece.start, piece.end, printed))
    result = {}
    for region, spans in found.items():
        spans.sort()
        result[region] = ([start for start, _, _ in spans], spans)
    return result
