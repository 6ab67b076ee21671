"""The log of decisions: one JSON line for each payload that may hold a run, in a file that only its owner reads.

Payloads that hold none are not logged: they are nearly all, and a line for each would cost as much as the look at them,
and put every command of the user into a file.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES = 5_000_000
"""The size at which a log is renamed to `FILE.1`, in place of the one before it."""
_LONGEST = 16_000  # bytes of a line
_MOST_CUT = 300  # code points of a text in a line that would be longer
# A file with anything else is not a log.
_BEGIN = b'{"time": "'
_REGULAR = 0o100000
_FORMAT = 0o170000
_OPTIONAL = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT")
_FLAGS = sum((getattr(os, name, 0) for name in _OPTIONAL), os.O_RDWR | os.O_APPEND | os.O_CREAT)


def add(file: str, entry: Mapping[str, object]) -> str:
    """Append a line with the time and what `entry` has; why that could not be done, "" if it was.

    Lines of several processes are never mixed: each is written in one piece to the end of the file. An entry must hold
    no secret.
    """
    import json
    from datetime import UTC, datetime

    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = _line(json.dumps({"time": time, **entry}), entry)
    try:
        handle = _opened(file)
    except (OSError, ValueError) as error:
        return f"{file}: {getattr(error, 'strerror', None) or error}"
    try:
        written = os.write(handle, line)
    except OSError as error:
        return f"{file}: {error.strerror or error}"
    finally:
        os.close(handle)
    return "" if written == len(line) else f"{file}: the disk is full"


def _line(text: str, entry: Mapping[str, object]) -> bytes:
    """A line of limited length: what is long in an entry are its texts."""
    import json

    data = text.encode("ascii") + b"\n"
    if len(data) <= _LONGEST:
        return data
    cut = {key: _cut(value) for key, value in entry.items()}
    return json.dumps({"time": json.loads(text)["time"], **cut}).encode("ascii") + b"\n"


def _cut(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= _MOST_CUT else f"{value[:_MOST_CUT]}…"
    return value[: _MOST_CUT // 10] if isinstance(value, list) else value


def _opened(file: str) -> int:
    """The log, made if there is none and renamed if it is large. Raises OSError, and ValueError for another file."""
    handle = os.open(file, _FLAGS, 0o600)
    try:
        status = os.fstat(handle)
        if status.st_mode & _FORMAT != _REGULAR:
            raise ValueError("is not a regular file")
        if status.st_size and os.read(handle, len(_BEGIN)) != _BEGIN:
            raise ValueError("has something else than this log: name another file")
        if status.st_size < MOST_BYTES or not _renamed(file, handle):
            return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return os.open(file, _FLAGS, 0o600)


def _renamed(file: str, handle: int) -> bool:
    """Rename a large log, unless another process does that now or has done it. Raises OSError."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that is open cannot be renamed
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found, status = os.stat(file), os.fstat(handle)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        return True
    if (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino):
        os.replace(file, f"{file}.1")
    return True
