"""Commands by name: shells, wrappers that start another command, and those that only carry text."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.shell.cli_options import is_flag, takes_next

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from nemolint.document import Document
    from nemolint.shell.command import Piece
    from nemolint.shell.values import Fragment

    class Valued(Protocol):
        """A word, whatever it is made of."""

        @property
        def value(self) -> str: ...

        @property
        def pieces(self) -> Sequence[Piece | Fragment]: ...


# Commands that list the whole environment without an operand.
LISTINGS = ("declare", "env", "export", "printenv", "set", "typeset")

SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "mksh", "ash", "rbash", "csh", "fish", "tcsh"})
# A shell that the shell itself knows, or looks up.
_SHELL_EXPANSION = lazily(
    r"\$(?:SHELL|BASH)|\$\{(?:SHELL|BASH)\b[^{}]*\}|(?:\$\(|`)(?:command\s+-v|which|type\s+-[pP])\s+[\w/]*sh(?:\)|`)"
)

# Commands whose arguments are text, patterns or names, never a command to run.
_DATA_NAMES = """
    : [ [[ ack ag alias apropos awk basename cat compgen complete curl cut declare diff die dirname echo egrep error
    export expr false fgrep fmt fold gawk gh git glab grep head help info jq kill less local log logger ls mail man
    more notify-send pgrep pkill print printf read readonly rg sed set tail tee test tldr touch tr true type typeset
    unalias unset usage wall warn wget whatis whence whereis which write yq
"""
DATA = frozenset(_DATA_NAMES.split())

_OF_IMAGES = frozenset({"build", "buildx", "commit", "image", "images", "inspect", "pull", "push", "search", "tag"})
# Programs that start commands, and their subcommands that start none.
_SHOWN_BY = {
    **dict.fromkeys(("docker", "nerdctl", "podman"), _OF_IMAGES),
    "docker-compose": frozenset({"build", "config", "pull", "push"}),
    **dict.fromkeys(
        ("kubectl", "oc"), frozenset({"annotate", "delete", "describe", "explain", "get", "label", "logs", "rollout"})
    ),
}

# Wrapper -> its options that take a value in the next word.
WRAPPERS: dict[str, frozenset[str]] = {
    "builtin": frozenset(),
    "busybox": frozenset(),
    "caffeinate": frozenset({"-t", "-w"}),
    "chronic": frozenset(),
    "chrt": frozenset(),
    "command": frozenset(),
    "doas": frozenset({"-u", "-C"}),
    "env": frozenset({"-u", "--unset", "-C", "--chdir", "-S", "--split-string"}),
    "exec": frozenset({"-a"}),
    "ionice": frozenset({"-c", "-n", "-p"}),
    "mpirun": frozenset({"-n", "-np", "-x", "-H", "--host", "--hostfile", "-hostfile"}),
    "nice": frozenset({"-n", "--adjustment"}),
    "nohup": frozenset(),
    "numactl": frozenset({"-C", "-m", "-N", "-i", "-p"}),
    "setsid": frozenset(),
    "srun": frozenset({"-N", "-n", "-A", "-p", "-t", "-J", "-o", "-e", "-w", "-c", "-G", "-D", "-x"}),
    "stdbuf": frozenset({"-i", "-o", "-e"}),
    "sudo": frozenset({"-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group"}),
    "systemd-cat": frozenset({"-t", "-p", "--identifier", "--priority", "--stderr-priority"}),
    "taskset": frozenset({"-c", "--cpu-list"}),
    "time": frozenset({"-f", "-o"}),
    "timeout": frozenset({"-k", "-s", "--signal", "--kill-after"}),
    "unbuffer": frozenset(),
    "uv": frozenset(
        {"--extra", "--with", "--group", "--python", "-p", "--directory", "--project", "--package", "--env-file"}
    ),
    "xargs": frozenset({"-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"}),
}
_ZSH = (".zsh", ".zshrc", ".zshenv", ".zprofile")
# The name of a step: `sft/automodel`.
_STEP = lazily(r"[a-z]\w*(?:/[a-z]\w*)+")
_QUOTES = frozenset("\"'`")
# A file or a module of the program: `nemotron.sif`, `tools/run_nemotron.py`, `nemotron.cli`.
_OF_NEMOTRON = lazily(r"(?:\S*/)?[\w-]*nemotron[\w-]*(?:\.[A-Za-z_]\w*)+")
# Options that are looked at between `nemotron`, `steps` and `run`.
_MOST_OPTIONS = 16
# Words that a wrapper takes before the command it starts: `uv run`, `timeout 5m`, `taskset 0x3`.
_WRAPPER_WORD = lazily(r"\d[\d.,:x-]*[a-z]?|run|[A-Za-z_]\w*\+?=.*", re.DOTALL)


def is_zsh(document: Document) -> bool:
    """True for a script of zsh, by its name or its first line."""
    first = document.text[:200].partition("\n")[0]
    return document.path.endswith(_ZSH) or (first.startswith("#!") and first.rstrip().endswith("zsh"))


def base(value: str) -> str:
    """The last path part of a command's name."""
    return value.rpartition("/")[2] if "/" in value else value


def names_shell(value: str) -> bool:
    """True for the name of a shell, or a path to one, or an expansion that stands for one."""
    return base(value) in SHELLS or (value[:1] in ("$", "`") and _SHELL_EXPANSION.fullmatch(value) is not None)


def effective(words: Sequence[Valued]) -> int:
    """Index of the word that names the command that runs, after `sudo`, `env A=1`, `timeout 5` and the like.

    `len(words)` if there is none.
    """
    i = 0
    while i < len(words):
        valued = WRAPPERS.get(base(words[i].value))
        if valued is None and [word.value for word in words[i : i + 3]] == ["git", "bisect", "run"]:
            i += 3
            continue
        if valued is None:
            return i
        i += 1
        while i < len(words):
            value = words[i].value
            if value in valued:
                i += 2
            elif value.startswith("-") or _WRAPPER_WORD.fullmatch(value):
                i += 1
            else:
                break
    return min(i, len(words))


def carries_text(words: Sequence[Valued]) -> bool:
    """True if the command treats its words as text and runs none of them."""
    index = effective(words)
    if index >= len(words):
        return False
    return base(words[index].value) in DATA or only_names(words, index)


def only_names(words: Sequence[Valued], index: int) -> bool:
    """True if the command at `index` runs none of its words, as its subcommand shows, or the entrypoint it sets."""
    shown = _SHOWN_BY.get(base(words[index].value)) if index < len(words) else None
    if shown is None:
        return False
    behind = [word.value for word in words[index + 1 :]]
    if next((value for value in behind if not value.startswith("-")), "") in shown:
        return True
    for at, value in enumerate(behind):
        name, equals, given = value.partition("=")
        if name == "--entrypoint":
            program = given if equals else (behind[at + 1] if at + 1 < len(behind) else "")
            return base(program) in DATA - {"", "test"}
    return False


def find_nemotron(words: Sequence[Valued]) -> int | None:
    """Index of the word `nemotron` that `steps run` follows, or None; text that is only carried does not count."""
    for index, word in enumerate(words):
        if word.value.endswith("nemotron") and is_nemotron(word) and head(words, index) is not None:
            if index and base(words[index - 1].value) in ("echo", "printf"):
                continue
            return None if carries_text(words) else index
    return None


def find_unnamed(words: Sequence[Valued]) -> int | None:
    """Index of a word that `steps run` follows and that may be `nemotron`, or start it, None if there is none.

    It is an expansion, or a program of another name, if what follows looks like a step.
    """
    if not any(word.value == "steps" for word in words) or carries_text(words):
        return None
    for index in range(len(words) - 2):
        if words[index + 1].value != "steps" and not words[index + 1].value.startswith("-"):
            continue
        place = head(words, index)
        if place is None or place[1] > place[0] + 1:
            continue
        if _may_be_nemotron(words[index]):
            return index
        name = words[index].value
        step = words[place[1] + 1].value if place[1] + 1 < len(words) else ""
        # A quote in a name is one that nothing closes, of which more is said elsewhere.
        if place[0] == index + 1 and not _QUOTES.intersection(name):
            if _OF_NEMOTRON.fullmatch(name) is not None or _STEP.fullmatch(step) is not None:
                return index
    return None


def _may_be_nemotron(word: Valued) -> bool:
    """True for an expansion, if what stands around it in the last part of a path may be in `nemotron`."""
    pieces = word.pieces
    at = next((at for at in reversed(range(len(pieces))) if pieces[at].kind == "expansion"), -1)
    behind = "".join(piece.text for piece in pieces[at + 1 :])
    before = pieces[at - 1].text.rpartition("/")[2] if at > 0 and pieces[at - 1].kind != "expansion" else ""
    return at >= 0 and "nemotron".endswith(behind) and "nemotron".startswith(before)


def is_nemotron(word: Valued) -> bool:
    """True for the name of the program, also behind a path or an expansion, as in `${VENV:+$VENV/}nemotron`."""
    if base(word.value) == "nemotron" or word.value == "=nemotron":  # zsh looks it up
        return True
    pieces = word.pieces
    if len(pieces) < 2 or pieces[-1].text != "nemotron" or pieces[-2].kind != "expansion":
        return False
    return pieces[-2].text.endswith(("}", ")", "`"))


def may_get_words(words: Sequence[Valued], index: int) -> bool:
    """True if a program in front of the command at `index` adds words to it: `xargs`, `parallel`."""
    return any(base(word.value) in ("xargs", "parallel") for word in words[:index])


def head(words: Sequence[Valued], index: int) -> tuple[int, int] | None:
    """Indexes of `steps` and of `run` after the `nemotron` at `index`, None if they do not follow.

    Only options may come between them, each of the three with its own.
    """
    steps = _behind_options(words, index + 1, "steps")
    run = _behind_options(words, steps + 1, "run") if steps is not None else None
    return (steps, run) if steps is not None and run is not None else None


def _behind_options(words: Sequence[Valued], index: int, name: str) -> int | None:
    """Index of the word `name` after the options from `index` on; an unknown option may have a value, too."""
    for _ in range(_MOST_OPTIONS):
        word = words[index] if index < len(words) else None
        if word is None or word.value == name:
            return index if word is not None else None
        index += 1
        if word.value == "--":
            return index if index < len(words) and words[index].value == name else None
        if word.pieces and word.pieces[0].kind == "expansion":
            continue
        if len(word.value) < 2 or not word.value.startswith("-"):
            return None
        lone = "=" not in word.value and not is_flag(word.value)
        if takes_next(word.value) or (lone and _is_value(words, index, name)):
            index += 1
    return None


def _is_value(words: Sequence[Valued], index: int, name: str) -> bool:
    """True if the word at `index` is neither option nor `name`, which follows it."""
    if index + 1 >= len(words) or words[index + 1].value != name:
        return False
    return words[index].value != name and not words[index].value.startswith("-")
