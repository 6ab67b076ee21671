"""Which commands hand text on to a shell, by a look at their words; `nested.py` finds out what they hand on."""

from __future__ import annotations

import re

from nemolint.base.patterns import lazily
from nemolint.shell.launchers import LAUNCHERS, SUBMITTERS, TEXT_OPTIONS
from nemolint.shell.programs import DATA, SHELLS, base, effective, names_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from nemolint.shell.programs import Valued

SHELL_COMMAND_OPTION = lazily(r"-[a-z]*c")
SCRIPT_FILE = lazily(r"\.(?:sh|bash|zsh|ksh|sbatch|slurm|slrm|pbs|lsf|job|sub)$")
# Launchers of several programs, with `:` between them.
SEVERAL_PROGRAMS = frozenset({"mpiexec", "mpirun", "orterun", "prterun", "prun"})
_CARRIERS = frozenset({*SHELLS, *LAUNCHERS, *SEVERAL_PROGRAMS, "trap", "find", "xargs"})
# Options of `sudo` that start a shell; of `su` and `runuser` that start something else.
_LOGIN = frozenset({"-i", "-s", "--login", "--shell"})
_USER_COMMAND = frozenset({"--command", "--session-command", "-u"})
# What `ssh` also takes behind the host.
_LATE_OPTIONS = frozenset({"-t", "-tt", "-T", "-q", "-n", "--"})
# The program with what package runners write around its name: `dev:nemotron`, `nemotron@latest`, `.#nemotron`.
PACKAGED = lazily(r"(?:[\w.-]+:|\S*#)?(nemotron)(?:\[[\w,-]*\])?(?:@\S*|==\S*)?")
PARALLEL_VALUED = frozenset(
    {"-j", "--jobs", "-P", "--max-procs", "--joblog", "--delay", "--timeout", "--retries", "-S", "--sshlogin"}
    | {"-a", "--arg-file", "-C", "--colsep", "-I", "-N", "-n", "-L", "--env"}
    | {"--results", "--tmpdir", "--halt", "--load", "--memfree", "--shuf-input", "--wd", "--workdir"}
)


def may_carry(words: Sequence[Valued]) -> bool:
    """False if no word names a command that hands scripts or commands on: the cheap test before the others."""
    for word in words:
        value = word.value
        if (value if "/" not in value else base(value)) in _CARRIERS or (
            value[:1] in ("$", "`") and names_shell(value)
        ):
            return True
        if value.startswith("--") and value.partition("=")[0] in TEXT_OPTIONS:
            return True
        if "nemotron" in value and value != "nemotron" and PACKAGED.fullmatch(value) is not None:
            return True
    return False


def command_option(words: Sequence[Valued]) -> int | None:
    """Index of the shell, or of `su`, whose option `-c` is the last of these words, None if it is none."""
    if not words or not SHELL_COMMAND_OPTION.fullmatch(words[-1].value):
        return None
    index = len(words) - 2
    while index >= 0 and (words[index].value[:1] in ("-", "+") or words[index - 1].value in ("-o", "+o", "-O", "+O")):
        index -= 1
    if index >= 0 and names_shell(words[index].value):
        return index
    return next((at for at in range(index, max(index - 3, -1), -1) if base(words[at].value) in ("su", "runuser")), None)


def runs_input(words: Sequence[Valued]) -> bool:
    """True if the command runs its standard input as a script."""
    start = effective(words)
    if start >= len(words):
        return any(base(word.value) == "sudo" for word in words) and any(word.value in _LOGIN for word in words)
    name = base(words[start].value)
    if name in DATA:
        return False
    if name in ("su", "runuser"):
        return not any(SHELL_COMMAND_OPTION.fullmatch(word.value) or word.value in _USER_COMMAND for word in words)
    if name in SUBMITTERS:
        return not any(SCRIPT_FILE.search(word.value) for word in words[start + 1 :])
    if name in ("source", "."):
        return any(word.value in ("/dev/stdin", "-") for word in words[start + 1 :])
    if name == "newgrp":
        return True
    if name == "crontab":  # what precedes the command on a line is read as words of it
        return words[-1].value == "-" or start == len(words) - 1
    if name == "parallel":  # without a command, each line is one
        return operands(words, start + 1, PARALLEL_VALUED, 0) >= len(words)
    names = [word.value for word in words[start:]]
    if name == "ssh":
        ssh = LAUNCHERS["ssh"]
        rest = words[operands(words, start + 1, ssh.valued, ssh.skip) :]
        names = " ".join(word.value for word in rest).split()
        if not names:
            return True
    for index, value in enumerate(names):
        if names_shell(value):
            return _reads_stdin(names[index + 1 :])
    return False


def _reads_stdin(arguments: Sequence[str]) -> bool:
    """True if a shell with these arguments takes its script from standard input."""
    for value in arguments:
        if value in ("-", "--", "/dev/stdin") or re.fullmatch(r"-[a-rt-z]*s[a-z]*", value):
            return True
        if SHELL_COMMAND_OPTION.fullmatch(value):
            return False
        if not value.startswith(("-", "+")):
            return False
    return True


def operands(words: Sequence[Valued], index: int, valued: frozenset[str], skip: int) -> int:
    """Index of the first operand behind options and `skip` operands."""
    while True:
        while index < len(words) and words[index].value.startswith("-"):
            index += 2 if words[index].value in valued else 1
        if not skip:
            return index
        skip -= 1
        index += 1
        while index < len(words) and words[index].value in _LATE_OPTIONS:
            index += 1
        if not skip:
            return index
