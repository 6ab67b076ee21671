"""Standard output and standard error, made so that printing never fails."""

from __future__ import annotations

import os
import sys

from nemolint.exitcode import FAILED, INTERRUPTED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def guarded(action: Callable[[list[str]], int], arguments: list[str]) -> int:
    """The exit code of `action(arguments)`, whatever becomes of the streams meanwhile."""
    for stream in (sys.stdout, sys.stderr):
        # No character can make output fail.
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        code = action(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        import signal

        # The reader has seen enough. Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE if hasattr(signal, "SIGPIPE") else FAILED
    except KeyboardInterrupt:
        sys.stderr.write("nemolint: interrupted\n")
        return INTERRUPTED
