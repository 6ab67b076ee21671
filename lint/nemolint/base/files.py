"""Reading of untrusted files within limits, without waiting. A pipe may never end, a device has no end.

Only built-in modules are imported here: the cache is read through this module.
"""

from __future__ import annotations

import errno
import os

MOST_BYTES = 50_000_000
_MOST_SEARCHED = 2_000_000_000
_PART = 1 << 20
# Seconds that a pipe given by the user may be silent.
_PATIENCE = 10.0
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_FORMAT = 0o170000
_REGULAR = 0o100000
_FOLDER = 0o040000
_PIPE = 0o010000


class NotRegular(OSError):
    """The path is not a regular file but a pipe, a device, a socket or a folder."""


def read_regular(path: str | os.PathLike[str], most: int = MOST_BYTES, *, whole: bool = True) -> bytes:
    """The bytes of a regular file. Raises NotRegular, and OSError (EFBIG if there are more than `most`).

    With `whole` False the first `most + 1` bytes of a larger file are returned.
    """
    return _read(path, most, pipes=False, whole=whole)


def read_given(path: str | os.PathLike[str], most: int = MOST_BYTES) -> bytes:
    """The bytes of a file that the user names, which may be a pipe (`<(command)`). Raises as `read_regular` does.

    A pipe without a writer is empty; raises TimeoutError for one that stays silent.
    """
    return _read(path, most, pipes=True, whole=True)


def may_contain(path: str | os.PathLike[str], words: tuple[bytes, ...]) -> bool:
    """Whether a regular file of any size contains all the words, NUL bytes aside (UTF-16 has them between letters).

    True for a file that is too large to search completely. Raises as `read_regular` does.
    """
    _kind(path, os.stat(path).st_mode, pipes=False)
    descriptor = os.open(path, _FLAGS)
    try:
        _kind(path, os.fstat(descriptor).st_mode, pipes=False)
        missing = set(words)
        overlap = max(map(len, words)) - 1
        tail = b""
        for _ in range(_MOST_SEARCHED // _PART):
            part = os.read(descriptor, _PART)
            text = tail + part.replace(b"\0", b"")
            missing = {word for word in missing if word not in text}
            if not missing or not part:
                return not missing
            tail = text[-overlap:]
        return True
    finally:
        os.close(descriptor)


def _read(path: str | os.PathLike[str], most: int, *, pipes: bool, whole: bool) -> bytes:
    _kind(path, os.stat(path).st_mode, pipes)  # opening a device may have effects
    # Opening a pipe would wait for a writer.
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        pipe = _kind(path, status.st_mode, pipes) == _PIPE
        parts: list[bytes] = []
        left = most + 1 if pipe or not whole or status.st_size <= most else 0
        while left:
            if pipe:
                _await(descriptor, path)
            wanted = min(left, max(status.st_size + 1, 1 << 16))
            part = os.read(descriptor, wanted)
            parts.append(part)
            left -= len(part)
            # A reported size of 0 may be wrong: a pipe, a file of the kernel.
            if not part or (status.st_size and len(part) < wanted):
                return b"".join(parts)
    finally:
        os.close(descriptor)
    if not whole:
        return b"".join(parts)
    raise OSError(errno.EFBIG, f"is larger than {most // 1_000_000} MB", str(path))


def _kind(path: str | os.PathLike[str], mode: int, pipes: bool) -> int:
    """The file type of a mode. Raises NotRegular if it must not be read."""
    kind = mode & _FORMAT
    if kind == _REGULAR or (pipes and kind == _PIPE):
        return kind
    said = "is a folder" if kind == _FOLDER else "is not a regular file"
    raise NotRegular(errno.EISDIR if kind == _FOLDER else errno.EINVAL, said, str(path))


def _await(descriptor: int, path: str | os.PathLike[str]) -> None:
    """Wait until a pipe has something to read, or its end."""
    import select

    if not select.select([descriptor], [], [], _PATIENCE)[0]:
        raise TimeoutError(errno.ETIMEDOUT, f"is a pipe that was silent for {_PATIENCE:.0f} seconds", str(path))
