"""A deadline that holds whatever the work does: it is done in a process of its own."""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

# A regular expression is matched in C, where no thread and no signal handler of Python gets a turn. So whoever holds
# the deadline only waits for a pipe.
INSIDE = "--inside"
"""The option of the process that does the work where there is no `fork`."""
_KILL = 9


class NoResult(Exception):
    """The work was not done. The message says why."""


Work: TypeAlias = "Callable[[], tuple[tuple[str, ...], Callable[[], None] | None]]"
"""Returns a result, and what is still to be done once nobody waits for it any more."""


def forked(work: Work, seconds: float) -> tuple[str, ...]:
    """The result of `work`, which a fork of this process does.

    The caller has set a timer that raises TimeoutError; `seconds` bounds the life of the fork if the caller is killed.
    Raises NoResult if it ends without a result.
    """
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _work(work, into, seconds)
    os.close(into)
    pieces = []
    try:
        while piece := os.read(out, 1 << 16):
            pieces.append(piece)
    except BaseException:  # the deadline comes as an exception
        os.kill(child, _KILL)
        os.waitpid(child, 0)
        raise
    finally:
        os.close(out)
    if not pieces:
        _, status = os.waitpid(child, 0)
        raise NoResult(f"the check ended with status {os.waitstatus_to_exitcode(status)}")
    result: tuple[str, ...] = marshal.loads(b"".join(pieces))
    return result


def dumped(result: tuple[str, ...]) -> bytes:
    """A result as it goes through a pipe."""
    return marshal.dumps(result)


def _work(work: Work, into: int, seconds: float) -> None:
    """The fork: do the work, write the result, and end without whatever Python does at its end."""
    import _signal
    import gc

    gc.disable()  # the process ends before it could help
    code = 1
    try:
        # Without a handler the signal ends the process, in whatever it is.
        _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
        _signal.setitimer(_signal.ITIMER_REAL, seconds + 1)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        result, after = work()
        data = dumped(result)
        while data:
            data = data[os.write(into, data) :]
        os.close(into)
        code = 0
        if after is not None:
            os.nice(10)  # the command starts now
            after()
    finally:
        os._exit(code)


def spawned(arguments: list[str], data: bytes, seconds: float) -> tuple[str, ...]:
    """The same without `fork`: another Python reads `data` and does the work. Raises NoResult."""
    import subprocess

    command = [sys.executable, "-I", os.path.join(os.path.dirname(__file__), "start.py"), INSIDE, *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if not done.stdout:
        raise NoResult(f"the check ended with status {done.returncode}")
    result: tuple[str, ...] = marshal.loads(done.stdout)
    return result
