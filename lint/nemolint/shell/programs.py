"""What commands are, by their name: shells, wrappers that start another command, and those that only carry text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nemolint.base.patterns import lazily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.shell.command import Word

# Commands that list the whole environment when they get no operand.
LISTINGS = ("declare", "env", "export", "printenv", "set", "typeset")

SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh", "mksh", "ash", "rbash"})

# Commands whose arguments are text, patterns or names, never a command to run.
_DATA_NAMES = """
    : [ [[ ack ag alias apropos awk basename cat compgen complete curl cut declare diff die dirname echo egrep error
    export expr false fgrep fmt fold gawk gh git glab grep head help info jq kill less local log logger ls mail man
    more notify-send pgrep pkill print printf read readonly rg sed set tail tee test tldr touch tr true type typeset
    unalias unset usage wall warn wget whatis whence whereis which write yq
"""
DATA = frozenset(_DATA_NAMES.split())

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
    "taskset": frozenset({"-c", "--cpu-list"}),
    "time": frozenset({"-f", "-o"}),
    "timeout": frozenset({"-k", "-s", "--signal", "--kill-after"}),
    "unbuffer": frozenset(),
    "uv": frozenset(
        {"--extra", "--with", "--group", "--python", "-p", "--directory", "--project", "--package", "--env-file"}
    ),
    "xargs": frozenset({"-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"}),
}
# Words that a wrapper takes before the command it starts: `uv run`, `timeout 5m`, `taskset 0x3`.
_WRAPPER_WORD = lazily(r"\d[\d.,:x-]*[a-z]?|run|[A-Za-z_]\w*\+?=.*", re.DOTALL)


def base(value: str) -> str:
    """The last path part of a command's name."""
    return value.rpartition("/")[2] if "/" in value else value


def effective(words: Sequence[Word]) -> int:
    """Index of the word that names the command that runs, behind `sudo`, `env A=1`, `timeout 5` and the like.

    `len(words)` if there is none.
    """
    i = 0
    while i < len(words):
        valued = WRAPPERS.get(base(words[i].value))
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


def carries_text(words: Sequence[Word]) -> bool:
    """True if the command takes its words as text and runs none of them."""
    index = effective(words)
    if index >= len(words):
        return False
    return base(words[index].value) in DATA


def find_nemotron(words: Sequence[Word]) -> int | None:
    """Index of the word `nemotron` that `steps run` follows, or None; text that is only carried does not count."""
    for index in range(len(words) - 2):
        if (
            words[index + 1].value == "steps"
            and words[index + 2].value == "run"
            and base(words[index].value) == "nemotron"
        ):
            if index and base(words[index - 1].value) in ("echo", "printf"):
                continue
            return None if carries_text(words) else index
    return None
