"""The progress of a long check: a line on a terminal that disappears when the check is done."""

from __future__ import annotations

import time
from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_PATIENCE = 1.0
_PAUSE = 0.1
_ERASE = "\r\x1b[K"


def progress_on(stream: TextIO, environ: Mapping[str, str]) -> Progress | None:
    """A progress display on `stream`; None for pipes, CI and dumb terminals."""
    if not stream.isatty() or environ.get("CI") or environ.get("TERM", "dumb") == "dumb":
        return None
    return Progress(stream)


class Progress:
    """Counts files, and shows the count after one second, at most ten times a second."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._done = 0
        self._total: int | None = 0
        self._next = time.monotonic() + _PATIENCE
        self._shown = False

    def expect(self, count: int | None) -> None:
        """Announce more files; None if their number is unknown."""
        self._total = None if count is None or self._total is None else self._total + count

    def step(self) -> None:
        """Count the next file."""
        self._done += 1
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PAUSE
            of = "" if self._total is None else f"/{self._total}"
            self._stream.write(f"{_ERASE}checking {self._done}{of} …")
            self._stream.flush()
            self._shown = True

    def erase(self) -> None:
        """Clear the line for other output."""
        if self._shown:
            self._shown = False
            self._stream.write(_ERASE)
            self._stream.flush()
