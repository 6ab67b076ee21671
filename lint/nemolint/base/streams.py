"""Standard input, output and error with error handling that never ends in a traceback."""

from __future__ import annotations

import os
import sys

from nemolint.base.exitcode import FAILED, INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class OutputError(Exception):
    """Standard output or standard error cannot be written. The message is the system's."""


def guarded(action: Callable[[list[str]], int], arguments: list[str], masking: Callable[[TextIO], object]) -> int:
    """The exit code of `action(arguments)`, whatever happens to the streams.

    Until then standard output and error are wrapped by `masking`.
    """
    if sys.stdin is None or sys.stdout is None or sys.stderr is None:
        from nemolint.base.closed import stand_in

        stand_in()
    for stream in (sys.stdout, sys.stderr):
        # No character makes output fail.
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
        if sys.stdout is masked_out:  # else it was closed
            sys.stdout = out


def as_utf8(stream: TextIO) -> None:
    """Write UTF-8 from now on, for output that programs read: the locale's encoding is for people.

    Lines end as they are written, on Windows, too: a patch with other line ends cannot be applied.
    """
    reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def _guarded(action: Callable[[list[str]], int], arguments: list[str]) -> int:
    try:
        code = action(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        import signal

        # The reader closed the pipe.
        _give_up()
        return 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else FAILED
    except KeyboardInterrupt:
        _tell("interrupted")
        return INTERRUPTED
    except (OSError, OutputError) as error:
        _give_up()
        # Only the working directory can be missing without a file name.
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
    """Discard further standard output, about which Python would complain again when closing it."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, sys.stdout.fileno())
    except (OSError, ValueError):  # it has no file descriptor
        sys.stdout = open(null, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as long as the process


def _tell(message: str) -> None:
    # A name may contain control characters. `visible` is not used here, since every start imports this module.
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in message)
    try:
        sys.stderr.write(f"nemolint: {shown}\n")
        sys.stderr.flush()
    except OSError:  # nowhere to report it
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
