"""Files that the user names, or that settings name: read within limits, since a device has no end."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_MOST_BYTES = 50_000_000


def read_given(path: Path) -> bytes:
    """The bytes of a file, pipe or device. Raises OSError, also where there are too many."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data
