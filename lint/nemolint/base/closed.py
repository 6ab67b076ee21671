"""Replacements for standard streams that the caller closed (`nemolint >&-`)."""

from __future__ import annotations

import errno
import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Closed(io.RawIOBase):
    """A file that was closed before the start. It raises once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._told = False

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        raise OSError(errno.EBADF, "is closed", self.name)

    def write(self, data: Any) -> int:
        if self._told:  # Python flushes again at exit, and 3.13 and later would complain
            return memoryview(data).nbytes
        self._told = True
        raise OSError(errno.EBADF, "is closed", self.name)


def stand_in() -> None:
    """Replace each closed stream with one that fails on use; standard error, which is for notes, with a silent one.

    This keeps files that are opened later from getting the number of a standard stream, which something might write to.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(number)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_Closed("standard input")), encoding="utf-8")
    if sys.stdout is None:
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(_Closed("standard output")), encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - as long as the process
