"""Files that are replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path

from nemolint.pattern import lazily

_TEMPORARY = lazily(r"\.nemolint-[0-9a-f]{16}")
_STALE = 3600  # seconds; a younger one may be that of another check


def replace_file(target: Path, data: bytes, *, just_before: Callable[[], None] = lambda: None) -> None:
    """Make `data` the content of `target`, keeping its mode and owner if it exists. Raises OSError.

    `just_before` is called when all is written but the old content still stands; what it raises leaves that as it is.

    A reader sees the old content or the new, never a part. `target` must be no symbolic link: the link would be lost.
    What a killed check left half written in the folder is removed. A device or a pipe is written to, never replaced.
    """
    try:
        status = target.stat()
    except FileNotFoundError:
        status = None
    if status is not None and not stat.S_ISREG(status.st_mode):
        target.write_bytes(data)
        return
    temporary = target.parent / f".nemolint-{secrets.token_hex(8)}"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if status is not None:
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # only root can give files away
                    os.chown(temporary, status.st_uid, status.st_gid)
            temporary.chmod(stat.S_IMODE(status.st_mode))
        just_before()
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    _sweep(target.parent)


def _sweep(folder: Path) -> None:
    """Remove the temporary files in a folder that no check writes any more."""
    with contextlib.suppress(OSError):  # gone meanwhile, or somebody else's: nothing depends on it
        for entry in list(os.scandir(folder)):
            if _TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                if entry.stat(follow_symlinks=False).st_mtime < time.time() - _STALE:
                    Path(entry.path).unlink()
