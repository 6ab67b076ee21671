"""Standard input, output and error, made so that what becomes of them is told and never ends in a traceback."""

from __future__ import annotations

import os
import sys

from nemolint.base.exitcode import FAILED, INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class OutputError(Exception):
    """Standard output or standard error cannot be written to. The message is the system's."""


def guarded(action: Callable[[list[str]], int], arguments: list[str], masking: Callable[[TextIO], object]) -> int:
    """The exit code of `action(arguments)`, whatever becomes of the streams meanwhile.

    Standard output and error are what `masking` makes of them until then.
    """
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        from nemolint.base.closed import stand_in

        stand_in()
    for stream in (sys.stdout, sys.stderr):
        # No character can make output fail.
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    out, err = sys.stdout, sys.stderr
    masked_out, masked_err = masking(out), masking(err)
    sys.stdout, sys.stderr = masked_out, masked_err
    try:
        return _guarded(action, arguments)
    finally:
        sys.stderr = err
        if sys.stdout is masked_out:  # else it was given up
            sys.stdout = out


def _guarded(action: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        code = action(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        import signal

        # The reader has seen enough.
        _give_up()
        return 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else FAILED
    except KeyboardInterrupt:
        _tell("interrupted")
        return INTERRUPTED
    except (OSError, OutputError) as error:
        _give_up()
        # Nothing but the working directory is missing without a name.
        unnamed = "working directory" if isinstance(error, FileNotFoundError) else "standard output"
        name = getattr(error, "filename", None) or unnamed
        _tell(f"{name}: {getattr(error, 'strerror', None) or error}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - Python would print the message, which may quote any file
        import traceback

        frames = "".join(traceback.format_tb(error.__traceback__))
        _tell(f"internal error: {type(error).__name__}\n{frames}".rstrip())
        return FAILED


def _give_up() -> None:
    """Let nothing more be written to standard output: Python would complain once more while it closes it."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):  # it has no file of its own
        sys.stdout = open(null, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process


def _tell(message: str) -> None:
    # A name may hold what a terminal acts on. The module that knows widths is not asked here: the start loads this one.
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    try:
        sys.stderr.write(f"nemolint: {shown}\n")
        sys.stderr.flush()
    except OSError:  # then there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
